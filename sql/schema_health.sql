-- What a member of pg_monitor sees: counts of everybody's imports, what somebody should look at, and no data.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
CREATE ROLE vero_monitor IN ROLE pg_monitor;
CREATE ROLE vero_nobody;
CREATE ROLE vero_importer;
GRANT INSERT ON vero.events TO vero_importer;

-- nothing is wrong
SET ROLE vero_monitor;
SELECT * FROM vero.health;
RESET ROLE;

-- all that may be wrong
SET ROLE vero_importer;
SELECT state FROM import_events_csv(E'email,name,time\nsecret@b.example,x,2022-01-01\nsecret,x,2022-01-01\n'::bytea);
SELECT state FROM import_events_csv('secret'::bytea);
-- but not that a file was not imported twice
SELECT state FROM import_events_csv(E'email,name,time\nsecret@b.example,x,2022-01-01\nsecret,x,2022-01-01\n'::bytea);
RESET ROLE;
INSERT INTO vero.imports (source, state, error, imported_by, started_at) VALUES ('secret', 'failed', 'secret', 'secret', now() - interval '25 hours');
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('c', 'x', '0', 's', 't');
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at, state, error, decided_at) VALUES
	(1, 1, 1, '2022-01-01', now() - interval '4 minutes', 'scheduled', NULL, NULL),
	(2, 1, 1, '2022-01-01', now() - interval '6 minutes', 'scheduled', NULL, NULL),
	(3, 1, 1, '2022-01-01', now() - interval '7 minutes', 'scheduled', NULL, NULL),
	(4, 1, 1, '2022-01-01', now(), 'failed', 'secret', now() - interval '23 hours'),
	(5, 1, 1, '2022-01-01', now(), 'failed', 'secret', now() - interval '25 hours'),
	(6, 1, 1, '2022-01-01', now(), 'failed', 'secret', now() - interval '1 hour'),
	(7, 1, 1, '2022-01-01', now(), 'scheduled', NULL, NULL),
	(8, 1, 1, '2022-01-01', now(), 'scheduled', NULL, NULL);
INSERT INTO vero.messages (kind, state, recipients, subject, body_text, message_id_header, event_id, campaign_id, contact_id, last_error, next_attempt_at, created_at)
SELECT 'campaign', state, '{secret@b.example}', 'secret', 'secret', '<a@b>', event_id, 1, 1, error, due_at, written_at
FROM (VALUES (6, 'failed', 'secret', NULL, now() - interval '1 hour'), (7, 'queued', NULL, now(), now() - interval '31 minutes'), (8, 'queued', NULL, now(), now() - interval '29 minutes'))
	AS m (event_id, state, error, due_at, written_at);
UPDATE vero.trigger_jobs AS j SET message_id = m.id, decided_at = m.created_at FROM vero.messages AS m WHERE m.event_id = j.event_id;
UPDATE vero.messages SET state = 'failed', last_error = 'secret', next_attempt_at = NULL WHERE import_id = 2;
SELECT vero.stop_mail('c');
CREATE TABLE vero_by_hand PARTITION OF vero.events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
SELECT oid AS own_database FROM pg_database WHERE datname = current_database() \gset
\set damaged 'mkdir -p pg_vero_events && cat >pg_vero_events/pgsql_tmp.' :own_database '.1.1.damaged && cat >pg_vero_events/pgsql_tmp.1.1.1.damaged </dev/null'
COPY (SELECT) TO PROGRAM :'damaged';
BEGIN;
DELETE FROM vero.delivery;
SET LOCAL ROLE vero_monitor;
SELECT problem, found, round(extract(epoch FROM now() - since) / 60) AS minutes, look_at FROM vero.health;
ROLLBACK;
\set damaged 'rm pg_vero_events/pgsql_tmp.*.1.1.damaged'
COPY (SELECT) TO PROGRAM :'damaged';

-- counts of all imports, and nothing of what they brought
SET ROLE vero_monitor;
SELECT day = (now() AT TIME ZONE 'UTC')::date AS is_today, state, imports, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created, jobs_scheduled, jobs_discarded, bytes,
	longest >= '0' AS is_measured
FROM vero.import_counts ORDER BY day DESC, state;
SELECT count(*) FROM vero.imports;
SELECT count(*) FROM vero.rejected_rows;
SELECT FROM vero.worker_status LIMIT 0;
SELECT count(*) FROM vero.contacts;
SELECT count(*) FROM vero.events;
SELECT count(*) FROM vero.timeline;
SELECT count(*) FROM vero.messages;
SELECT count(*) FROM vero.outbox;
SELECT count(*) FROM vero.trigger_jobs;
SELECT count(*) FROM vero.campaign_report;
RESET ROLE;

-- which is for members of pg_monitor only
SET ROLE vero_nobody;
SELECT count(*) FROM vero.health;
SELECT count(*) FROM vero.import_counts;
SELECT count(*) FROM vero.worker_status;
SELECT vero.damaged_journals();
RESET ROLE;

-- a partition that is made has the comments of the table
SELECT count(*) FROM vero.create_partitions('2023-01-01', '2023-02-01');
SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'vero.events_2023_01_01'::regclass AND attnum > 0 ORDER BY attnum;
DROP TABLE vero.events_2023_01_01, vero_by_hand;
SELECT vero.start_mail('c');
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
DROP OWNED BY vero_importer;
DROP ROLE vero_monitor, vero_nobody, vero_importer;
