-- reject_limit: a file with too many rejects fails as a whole, and leaves its row and its rejects.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
CREATE FUNCTION pg_temp.file(good int, bad int, first int DEFAULT 1) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time\n' || coalesce((SELECT string_agg('p' || n || E'@example.com,Order,2022-01-01\n', '') FROM generate_series(first, first + good - 1) AS n), '') ||
		coalesce((SELECT string_agg('bad' || n || E',Order,2022-01-01\n', '') FROM generate_series(1, bad) AS n), ''), 'UTF8')
$$;
CREATE VIEW pg_temp.stored AS
	SELECT (SELECT count(*) FROM vero.contacts) AS contacts, (SELECT count(*) FROM vero.events) AS events,
		(SELECT count(*) FROM vero.trigger_jobs) AS jobs, (SELECT count(*) FROM vero.rejected_rows) AS rejects;
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('thanks', 'order', '365 days', 'Hi', 'Hi');

-- as many as the limit are none too many
SELECT state, rows_read, rows_imported, rows_rejected, error FROM import_events_csv(pg_temp.file(2, 2), reject_limit => '2');
SELECT state, rows_read, rows_imported, rows_rejected, error FROM import_events_csv(pg_temp.file(3, 1), reject_limit => '25%');
SELECT * FROM pg_temp.stored;

-- one more is: no event, contact or job stays
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created, jobs_scheduled, jobs_discarded, error
FROM import_events_csv(pg_temp.file(5, 3, 10), reject_limit => '2', trigger_campaigns => true);
SELECT state, rows_read, rows_imported, rows_rejected, error FROM import_events_csv(pg_temp.file(5, 3, 10), reject_limit => '37.499 %');
SELECT state, error FROM import_events_csv(pg_temp.file(5, 1, 10), reject_limit => '0');
SELECT * FROM pg_temp.stored;
SELECT record_number, line_number, byte_offset, raw_record, reason, errors FROM vero.rejected_rows WHERE import_id = 3 ORDER BY record_number;
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created, jobs_scheduled, error, options, header, length(sha256) AS sha256, bytes, reading -> 'times' AS times,
	finished_at >= started_at AS has_ended FROM vero.imports WHERE id = 3;
SELECT convert_from(vero.rejected_csv(3), 'UTF8');
SELECT subject, convert_from(attachment, 'UTF8') AS attachment FROM vero.messages WHERE import_id = 3;
SELECT regexp_replace(body_text, '\nSource: .*', '') AS told FROM vero.messages WHERE import_id = 3 \g (tuples_only=on format=unaligned)

-- the limit holds when all of the file is imported again, and is no business of its corrected rejects
SELECT state, error FROM import_events_csv(pg_temp.file(1, 3, 20), parent_import => 3);
SELECT state, rows_rejected FROM import_events_csv(pg_temp.file(1, 3, 20), parent_import => 3, reject_limit => '100%');
SELECT state, rows_rejected FROM import_events_csv(pg_temp.file(0, 1), parent_import => 1);

-- a dry run judges it, too
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created, jobs_scheduled, error
FROM import_events_csv(pg_temp.file(5, 3, 30), reject_limit => '2', dry_run => true, trigger_campaigns => true);
SELECT count(*) FROM vero.rejected_rows WHERE import_id = vero.last_import_id();
SELECT state, rows_rejected FROM import_events_csv(pg_temp.file(5, 3, 30), reject_limit => '3', dry_run => true);

-- on the way: once 1,000 records are read, the rest is not
SELECT state, rows_read < 40000 AS is_on_the_way, rows_read = rows_imported + rows_rejected AS adds_up, rows_rejected > 100 AS is_passed, contacts_created,
	error ~ '^too many records were rejected: [0-9,]+ of the first [0-9,]+, and reject_limit is 1 %\. ' AS says_so
FROM (SELECT convert_to(E'email,name,time\n' || string_agg(CASE WHEN n % 50 = 0 THEN '' ELSE 'q' || n || '@example.com' END || E',Order,2022-01-01\n', ''), 'UTF8') AS csv
	FROM generate_series(1, 200000) AS n) AS f, import_events_csv(csv, reject_limit => '1%');
SELECT i.rows_rejected = (SELECT count(*) FROM vero.rejected_rows AS r WHERE r.import_id = i.id) AS has_all, i.rows_rejected > 0 AS has_any, reading
FROM vero.imports AS i WHERE id = vero.last_import_id();
SELECT count(*) FROM vero.contacts WHERE email LIKE 'q%';
-- fewer than that are read to the end: the first ones may be unlike the others
SELECT state, rows_read, rows_rejected
FROM (SELECT convert_to(E'email,name,time\n' || string_agg(CASE WHEN n <= 90 THEN '' ELSE 'r' || n || '@example.com' END || E',Order,2022-01-01\n', ''), 'UTF8') AS csv
	FROM generate_series(1, 900) AS n) AS f, import_events_csv(csv, reject_limit => '10%');
-- rejects wait in a temporary file until the file has ended; more than a few of them on disk
SELECT state, rows_read, rows_rejected, error
FROM (SELECT convert_to(E'email,name,time\n' || string_agg(CASE WHEN n % 2 = 0 THEN 'bad' || n ELSE 's' || n || '@example.com' END || E',Order,2022-01-01\n', ''), 'UTF8') AS csv
	FROM generate_series(1, 60000) AS n) AS f, import_events_csv(csv, reject_limit => '50%');
SELECT count(*), count(DISTINCT record_number), min(raw_record), max(length(reason)) FROM vero.rejected_rows WHERE import_id = vero.last_import_id();
SELECT state, rows_read, rows_rejected, error
FROM (SELECT convert_to(E'email,name,time\n' || string_agg(CASE WHEN n % 2 = 0 THEN 'bad' || n ELSE 't' || n || '@example.com' END || E',Order,2022-01-01\n', ''), 'UTF8') || decode('ff', 'hex') || E',Order,2022-01-01\n'::bytea AS csv
	FROM generate_series(1, 60000) AS n) AS f, import_events_csv(csv, reject_limit => '30000');
SELECT count(*), count(raw_bytes) FROM vero.rejected_rows WHERE import_id = vero.last_import_id();
SELECT count(*) FROM vero.contacts WHERE email LIKE 't%';

-- the session goes on where it was: what follows belongs to the transaction, before and after an error that is caught
BEGIN;
SELECT state FROM import_events_csv(pg_temp.file(1, 1, 40), reject_limit => '0');
INSERT INTO vero.contacts (email) VALUES ('kept@example.com');
DO $$
BEGIN
	PERFORM import_events_csv(E'email,name,time\nu@example.com,Order,2022-01-01\n'::bytea, reject_limit => '5 percent');
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE NOTICE 'caught: %', SQLERRM;
END $$;
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON vero.events FOR EACH ROW WHEN (NEW.name = 'Refuse') EXECUTE FUNCTION pg_temp.refuse();
DO $$
BEGIN
	INSERT INTO vero.contacts (email) VALUES ('lost@example.com');
	PERFORM import_events_csv(E'email,name,time\nu@example.com,Refuse,2022-01-01\n'::bytea, reject_limit => '5');
EXCEPTION WHEN raise_exception THEN
	RAISE NOTICE 'caught: %', SQLERRM;
END $$;
SELECT state FROM import_events_csv(pg_temp.file(1, 1, 50), reject_limit => '0');
SELECT state FROM import_events_csv(pg_temp.file(1, 1, 60), reject_limit => '1');
DROP TRIGGER refuse ON vero.events;
COMMIT;
SELECT email FROM vero.contacts WHERE email IN ('kept@example.com', 'lost@example.com', 'u@example.com', 'p40@example.com', 'p50@example.com', 'p60@example.com') ORDER BY email;

-- COPY raises it with the first of the rejects
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, reject_limit '50%');
email,name,time
v1@example.com,Order,2022-01-01
bad1,Order,2022-01-01
v2@example.com,Order,01/02/2022
v3@example.com,,
bad4,Order,2022-01-01
v5@example.com,Order,2022-01-01
\.
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, reject_limit 1);
email,name,time
v6@example.com,Order,2022-01-01
bad1,Order,2022-01-01
\.
SELECT count(*) FROM vero.contacts WHERE email LIKE 'v%';
SELECT vero.record_failed_imports() > 0 AS is_recorded;
SELECT id, state, rows_read, rows_imported, rows_rejected, error FROM vero.imports ORDER BY id DESC OFFSET 1 LIMIT 1;
SELECT subject FROM vero.messages ORDER BY import_id DESC OFFSET 1 LIMIT 1;

-- what is no limit
SELECT import_events_csv(pg_temp.file(1, 0), reject_limit => '101%');
SELECT import_events_csv(pg_temp.file(1, 0), reject_limit => '-1');
SELECT import_events_csv(pg_temp.file(1, 0), reject_limit => '');
\copy vero.events FROM '/dev/null' WITH (FORMAT vero_csv, reject_limit 'some')

-- a table on which more is to happen: rows go through INSERT
CREATE FUNCTION pg_temp.pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER pass BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION pg_temp.pass();
SELECT state, rows_rejected FROM import_events_csv(pg_temp.file(3, 2, 70), reject_limit => '1');
SELECT state, rows_rejected FROM import_events_csv(pg_temp.file(3, 2, 70), reject_limit => '2');
SELECT count(*) FROM vero.rejected_rows AS r JOIN vero.imports AS i ON i.id = r.import_id WHERE i.state = 'failed' AND i.id > vero.last_import_id() - 2;
DROP TRIGGER pass ON vero.events;

-- more than temp_file_limit has room for
SET temp_file_limit = '1MB';
\set VERBOSITY terse
SELECT state
FROM (SELECT convert_to(E'email,name,time\n' || string_agg('bad' || n || E',Order,2022-01-01\n', ''), 'UTF8') AS csv FROM generate_series(1, 30000) AS n) AS f, import_events_csv(csv, reject_limit => '100%');
\set VERBOSITY default
RESET temp_file_limit;
SELECT vero.record_failed_imports();
SELECT regexp_replace(error, E' \\(after .*', '') AS error FROM vero.imports ORDER BY id DESC LIMIT 1;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
