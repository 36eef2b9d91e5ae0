DROP TABLE audit_head;
DROP TRIGGER audit_not_deleted;
DROP TRIGGER audit_not_updated;
DROP TABLE audit;
DROP TABLE login_link;
DROP TABLE login_failure;
DROP TABLE admin_session;
DROP TABLE operator;
