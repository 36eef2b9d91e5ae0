DROP TABLE incident_watch;
DROP TABLE incident;
