DROP INDEX picture_aside;
ALTER TABLE node DROP COLUMN draining;
DROP TABLE node_order;
DROP TABLE node_report;
