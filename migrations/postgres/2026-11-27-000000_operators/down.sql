DROP TABLE audit_head;
DROP TABLE audit;
DROP FUNCTION audit_is_final;
DROP TABLE login_link;
DROP TABLE login_failure;
DROP TABLE admin_session;
DROP TABLE operator;
