-- A cancel, a timeout or another wish to stop while jobs are decided: what the session writes afterwards is there for everybody.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
CREATE TABLE written (i int);

-- a condition that takes for ever
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES ('slow', 'order', '0', 'Hi', 'Hi',
	'$.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (@ == -1)))))))))');
SELECT vero.track_event('a@b.co', 'order', jsonb_build_object('a', (SELECT jsonb_agg(i) FROM generate_series(1, 200) AS i))) IS NOT NULL AS tracked;

-- caught
SET statement_timeout = '100ms';
DO $$
BEGIN
	PERFORM vero.run_jobs();
EXCEPTION WHEN query_canceled THEN
	RAISE NOTICE 'caught: %', sqlerrm;
END
$$;
RESET statement_timeout;
INSERT INTO written SELECT generate_series(1, 5);
-- not caught
SET statement_timeout = '100ms';
SELECT * FROM vero.run_jobs();
RESET statement_timeout;
INSERT INTO written VALUES (6);
-- in a block, behind a savepoint
BEGIN;
SAVEPOINT before;
SET LOCAL statement_timeout = '100ms';
SELECT * FROM vero.run_jobs();
ROLLBACK TO before;
INSERT INTO written VALUES (7);
COMMIT;
BEGIN;
SET LOCAL statement_timeout = '100ms';
SELECT * FROM vero.run_jobs();
INSERT INTO written VALUES (8);
ROLLBACK;
INSERT INTO written VALUES (9);
-- another session
\c -
SELECT * FROM written ORDER BY i;
SELECT state, attempts FROM vero.trigger_jobs;

UPDATE vero.campaigns SET condition = NULL;
SELECT * FROM vero.run_jobs();
DROP TABLE written;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
