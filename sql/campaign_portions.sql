-- What is done in portions is the same at their borders: one less, as many, one more.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE EXTENSION amcheck;

-- How many of the extension's B-trees are not as they should be.
CREATE FUNCTION pg_temp.broken_indexes() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	which regclass;
	broken bigint := 0;
BEGIN
	FOR which IN SELECT i.indexrelid FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
			WHERE c.relnamespace = 'vero'::regnamespace AND amname = 'btree' AND c.relkind = 'i' LOOP
		BEGIN
			PERFORM bt_index_parent_check(which, true);
		EXCEPTION WHEN OTHERS THEN
			broken := broken + 1;
			RAISE WARNING '%: %', which, sqlerrm;
		END;
	END LOOP;
	RETURN broken;
END
$$;
CREATE FUNCTION pg_temp.events(count int, prefix text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(prefix || n || '@b.co,x,2022-01-01' || E'\n', '' ORDER BY n) FROM generate_series(1, count) AS n $$;
CREATE FUNCTION pg_temp.rejects(count int) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(',' || n || E',2022-01-01\n', '' ORDER BY n) FROM generate_series(1, count) AS n $$;

-- events, contacts and rejects: rows are written 1,000 at a time, batches hold 10,000 records
SELECT n, i.state, rows_read, rows_imported, rows_rejected, contacts_created
FROM unnest(ARRAY[999, 1000, 1001, 9999, 10000, 10001]) WITH ORDINALITY AS t (n, i_n),
	LATERAL import_events_csv(convert_to(E'email,name,time\n' || pg_temp.events(n, 'c' || i_n || '.') || pg_temp.rejects(n), 'UTF8')) AS i ORDER BY n;
SELECT rows_rejected, vero.rejected_csv(id) = convert_to(E'email,name,time\n' || pg_temp.rejects(rows_rejected::int), 'UTF8') AS is_export_whole FROM vero.imports ORDER BY id;
SELECT count(*), count(DISTINCT email) FROM vero.timeline;
SELECT import_id, min(record_number), max(record_number), count(DISTINCT record_number) FROM vero.rejected_rows GROUP BY 1 ORDER BY 1;
SELECT pg_temp.broken_indexes();

-- jobs: 10,000 are written at a time, 200,000 index entries are sorted at a time
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) SELECT 'c' || n, 'x', '0', '36500 days', 's', 't' FROM generate_series(1, 20) AS n;
SELECT n, rows_imported, jobs_scheduled
FROM unnest(ARRAY[9999, 10000, 10001]) AS n, LATERAL import_events_csv(convert_to(E'email,name,time\n' || pg_temp.events(n, 'c'), 'UTF8'), trigger_campaigns => true) AS i ORDER BY n;
SELECT import_id, count(*), count(DISTINCT (event_id, campaign_id)) FROM vero.trigger_jobs GROUP BY 1 ORDER BY 1;
SELECT pg_temp.broken_indexes();
TRUNCATE vero.imports, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- deciding: 1,000 at a time
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'x', '0', '36500 days', 's', 't');
SELECT n, jobs_scheduled, r.*
FROM unnest(ARRAY[999, 1000, 1001]) AS n, LATERAL import_events_csv(convert_to(E'email,name,time\n' || pg_temp.events(n, 'c'), 'UTF8'), trigger_campaigns => true) AS i, LATERAL vero.run_jobs(i.jobs_scheduled::int) AS r;
SELECT count(*) FROM vero.trigger_jobs WHERE message_id IS NULL;
-- removing: 500 at a time where the worker does it
UPDATE vero.messages SET created_at = '2022-01-01', sent_at = '2022-01-01', state = 'sent', next_attempt_at = NULL;
UPDATE vero.trigger_jobs SET state = 'sent', decided_at = '2022-01-01';
SELECT vero.remove_old(499, '1 day'), vero.remove_old(500, '1 day'), vero.remove_old(501, '1 day');
TRUNCATE vero.imports, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- what is large is decided in smaller portions: those behind see what was decided before, within the limit and beyond it
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text, condition) VALUES
	('large events', 'x', '0', '36500 days', 's', '{{ event.n }}', '$.event.note starts with "n"'), ('large mails', 'y', '0', '36500 days', 's', repeat('t', 200000) || '{{ event.n }}', NULL);
SELECT rows_imported, jobs_scheduled FROM import_events_csv(convert_to((SELECT E'email,name,time,n,note\n'
	|| string_agg('c' || n || '@b.co,x,2022-01-01,' || n || ',' || repeat(CASE WHEN n % 3 = 0 THEN 'm' ELSE 'n' END, 700000) || E'\n', '')
	|| (SELECT string_agg('c' || n || '@b.co,y,2022-01-01,' || n || E',\n', '') FROM generate_series(1, 50) AS n) FROM generate_series(1, 12) AS n), 'UTF8'), trigger_campaigns => true);
SELECT * FROM vero.run_jobs(7);
SELECT * FROM vero.run_jobs(1000);
SELECT c.name, count(*), count(DISTINCT right(m.body_text, 2)) AS different, sum(length(m.body_text)) FROM vero.messages AS m JOIN vero.campaigns AS c ON c.id = m.campaign_id GROUP BY 1 ORDER BY 1;
SELECT state, reason, count(*) FROM vero.trigger_jobs GROUP BY 1, 2 ORDER BY 1, 2;
-- one contact gets one of them, however many portions there are
UPDATE vero.campaigns SET cooldown = '1 day';
SELECT jobs_scheduled, r.* FROM import_events_csv(convert_to((SELECT E'email,name,time,n,note\n'
	|| string_agg('one@b.co,x,2022-01-01,' || n || ',' || repeat('n', 700000) || E'\n', '')
	|| (SELECT string_agg('one@b.co,y,2022-01-01,' || n || E',\n', '') FROM generate_series(1, 50) AS n) FROM generate_series(1, 12) AS n), 'UTF8'), trigger_campaigns => true) AS i, LATERAL vero.run_jobs(i.jobs_scheduled::int) AS r;
-- the event of one was given to another contact meanwhile, that of another is gone
SELECT jobs_scheduled FROM import_events_csv(convert_to((SELECT E'email,name,time,n,note\n'
	|| string_agg('d' || n || '@b.co,x,2022-01-01,' || n || ',' || repeat('n', 700000) || E'\n', '') FROM generate_series(1, 12) AS n), 'UTF8'), trigger_campaigns => true);
UPDATE vero.events SET contact_id = (SELECT id FROM vero.contacts WHERE email = 'c1@b.co') WHERE contact_id IN (SELECT id FROM vero.contacts WHERE email ~ '^d[2358]@');
DELETE FROM vero.events WHERE contact_id IN (SELECT id FROM vero.contacts WHERE email ~ '^d(7|9)@');
UPDATE vero.campaigns SET cooldown = NULL;
SELECT * FROM vero.run_jobs(1000);
SELECT recipients, count(*) FROM vero.messages WHERE import_id IS NULL AND event_id > (SELECT max(id) - 12 FROM vero.events) GROUP BY 1 ORDER BY 1;
SELECT state, reason, count(*) FROM vero.trigger_jobs WHERE import_id = (SELECT max(id) FROM vero.imports) GROUP BY 1, 2 ORDER BY 1, 2;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages;
DROP EXTENSION amcheck;
