DROP INDEX generation_failure;
DROP TABLE proposal;
