-- Rows of vero.rejected_rows and vero.trigger_jobs may lie in tables below them, as those of a hypertable do, two at one place: no row is taken for another.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
CREATE TABLE rejects_below () INHERITS (vero.rejected_rows);
CREATE TABLE jobs_below () INHERITS (vero.trigger_jobs);
-- rejects that are kept long enough
SELECT rows_rejected FROM import_events_csv(E'email,name,time\nold1,x,2022-01-01\nold2,x,2022-01-01\n'::bytea);
SELECT rows_rejected FROM import_events_csv(E'email,name,time\nnew1,x,2022-01-01\nnew2,x,2022-01-01\nnew3,x,2022-01-01\n'::bytea);
WITH moved AS (DELETE FROM vero.rejected_rows WHERE import_id = 2 RETURNING *) INSERT INTO rejects_below SELECT * FROM moved;
UPDATE vero.imports SET started_at = now() - interval '41 days', finished_at = now() - interval '40 days' WHERE id = 1;
SELECT count(DISTINCT ctid) AS places, count(*) AS rejects FROM vero.rejected_rows;
SELECT vero.remove_old_rejects(kept => '30 days');
SELECT raw_record FROM vero.rejected_rows ORDER BY record_number;
-- jobs that are kept long enough, and those that are not even decided
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'x', '0', '1 day', 's', 't');
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at, state, reason, decided_at)
	SELECT n, 1, n, '2022-01-01', '2022-01-01', 'discarded', 'overdue', '2022-01-02' FROM generate_series(1, 2) AS n;
INSERT INTO jobs_below (event_id, campaign_id, contact_id, occurred_at, due_at) SELECT n, 1, n, '2022-01-01', '2022-01-01' FROM generate_series(11, 13) AS n;
SELECT count(DISTINCT ctid) AS places, count(*) AS jobs FROM vero.trigger_jobs;
SELECT jobs FROM vero.remove_old(kept => '30 days');
SELECT event_id, state FROM vero.trigger_jobs ORDER BY event_id;
-- decisions are for one table only
TRUNCATE vero.trigger_jobs, vero.messages;
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) VALUES (1, 1, 1, '2022-01-01', '2022-01-01');
INSERT INTO jobs_below (event_id, campaign_id, contact_id, occurred_at, due_at) VALUES (11, 1, 1, '2022-01-01', '2022-01-01');
SELECT * FROM vero.run_jobs(1);
DROP TABLE jobs_below, rejects_below;
SELECT * FROM vero.run_jobs(1);
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
