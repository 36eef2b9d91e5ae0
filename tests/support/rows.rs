//! All that a database says, read from whatever tables and columns its schema has. Mounted by the tests of real
//! processes too.

use std::path::Path;

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(query).load(connection).unwrap();
    lines.into_iter().map(|one| one.line).collect()
}

pub(super) fn of_file(path: &Path) -> Vec<(String, String)> {
    let mut connection = SqliteConnection::establish(&path.display().to_string()).unwrap();
    sql_query("PRAGMA busy_timeout = 10000").execute(&mut connection).unwrap();
    let tables = "SELECT name AS line FROM sqlite_master WHERE type = 'table'";
    let mut all = Vec::new();
    for table in lines(&mut connection, tables) {
        let names = format!("SELECT name AS line FROM pragma_table_info('{table}')");
        let columns: Vec<String> = lines(&mut connection, &names)
            .into_iter()
            .map(|name| format!("quote(\"{name}\")"))
            .collect();
        let rows = format!("SELECT {} AS line FROM \"{table}\"", columns.join(" || ' ' || "));
        let rows = lines(&mut connection, &rows);
        all.extend(rows.into_iter().map(|row| (table.clone(), row)));
    }
    all
}

pub(super) async fn of_server(client: &tokio_postgres::Client) -> Vec<(String, String)> {
    let tables = "SELECT table_name::text FROM information_schema.tables \
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
    let mut all = Vec::new();
    for table in client.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        let rows = format!("SELECT one::text FROM \"{table}\" AS one");
        let rows = client.query(&rows, &[]).await.unwrap();
        all.extend(rows.iter().map(|row| (table.clone(), row.get(0))));
    }
    all
}
