//! A process of the built binary that never outlives its test.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// A running `aisha`. Dropped: killed.
pub(super) struct Program {
    child: Child,
}

impl Program {
    pub(super) fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn().expect("the built binary starts");
        Self { child }
    }

    /// Starts it and reads the first line that it prints.
    pub(super) fn start_and_listen(command: &mut Command) -> (Self, String) {
        let mut program = Self::start(command.stdout(Stdio::piped()));
        let stdout = program.child.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line of text");
        (program, line)
    }

    /// `kill -9`.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("it still ran");
        self.child.wait().expect("it can be waited for");
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it can be asked")
    }

    /// SIGTERM, and only that.
    pub(super) fn ask_to_stop(&self) {
        self.signal("TERM");
    }

    /// Any signal, by its name.
    pub(super) fn signal(&self, name: &str) {
        let (signal, id) = (format!("-{name}"), self.child.id().to_string());
        let told = Command::new("kill").args([signal, id]).status();
        assert!(told.expect("kill(1) is there").success(), "SIG{name} could not be sent");
    }

    /// SIGTERM; how it ended, and how long that took.
    pub(super) async fn stop(mut self, patience: Duration) -> (ExitStatus, Duration) {
        self.ask_to_stop();
        let asked = Instant::now();
        let status = self.wait(patience).await;
        (status, asked.elapsed())
    }

    pub(super) async fn wait(&mut self, patience: Duration) -> ExitStatus {
        let until = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(Instant::now() < until, "it still runs after {patience:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails where it ended already, which is what is wanted.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
