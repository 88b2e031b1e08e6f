-- Index entries that imports put into whole leaf pages at once are those that PostgreSQL itself would have made.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE EXTENSION amcheck;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('a', 'x', '1 day', '36500 days', 's', 't'),
	('b', 'x', '1 day', '36500 days', 's', 't'), ('c', 'x', '2 days', '0', 's', 't');

-- Every row has its entry and every entry its row, in order, on the right page, and found from the root.
CREATE FUNCTION pg_temp.check_indexes() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	which regclass;
BEGIN
	FOR which IN SELECT i.indexrelid FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
			WHERE c.relnamespace = 'vero'::regnamespace AND amname = 'btree' AND c.relkind = 'i' LOOP
		PERFORM bt_index_parent_check(which, true, true);
	END LOOP;
	RETURN 'fine';
EXCEPTION WHEN OTHERS THEN RETURN which || ': ' || sqlerrm;
END
$$;
-- Events number 1 to `count`, each of a contact and at an hour that these expressions give.
CREATE FUNCTION pg_temp.import(count int, contact text, hour text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	content text;
	scheduled bigint;
BEGIN
	EXECUTE format($f$SELECT E'email,name,time\n' || string_agg('c' || (%s) || '@b.co,x,' || to_char(timestamp '2018-01-01' + interval '1 hour' * (%s), 'YYYY-MM-DD HH24:MI') || E'\n', '' ORDER BY n)
		FROM generate_series(1, %s) AS n$f$, contact, hour, count) INTO content;
	SELECT jobs_scheduled INTO scheduled FROM import_events_csv(convert_to(content, 'UTF8'), trigger_campaigns => true, allow_repeat => true);
	RETURN scheduled;
END
$$;
SELECT what, pg_temp.import(count, contact, hour), pg_temp.check_indexes() FROM (VALUES
	(1, 'one', 1, '1', '1'), (2, 'a few, of one contact', 30, '1', 'n'), (3, 'ascending', 5000, 'n', 'n'), (4, 'descending', 5000, '5001 - n', '5001 - n'),
	(5, 'all at one moment', 2000, 'n % 100', '7'), (6, 'all the same', 2000, '1', '7'), (7, 'in no order', 8000, 'n * 7919::bigint % 8009', 'n * 104729::bigint % 8011'),
	(8, 'between those that are there', 8000, 'n * 7907::bigint % 8009', 'n * 104723::bigint % 8011'), (9, 'few between many', 200, 'n * 39', 'n * 37'),
	(10, 'in knots', 5000, 'n / 1000 * 1000', 'n % 500 + n / 2500 * 2500'), (11, 'one more', 1, '4000', '4000')) AS imports (n, what, count, contact, hour) ORDER BY n;
SELECT count(*), count(DISTINCT (event_id, campaign_id)) FROM vero.trigger_jobs;

-- behind dead entries: of an import that was rolled back, of events that were deleted, before and after VACUUM
BEGIN;
SELECT pg_temp.import(5000, 'n', 'n');
ROLLBACK;
SELECT pg_temp.import(5000, 'n', 'n'), pg_temp.check_indexes();
DELETE FROM vero.trigger_jobs WHERE event_id % 2 = 0;
DELETE FROM vero.events WHERE id % 2 = 0;
SELECT pg_temp.import(1000, 'n * 4', 'n * 4'), pg_temp.check_indexes();
VACUUM vero.trigger_jobs;
VACUUM vero.events;
SELECT pg_temp.import(8000, 'n * 7919::bigint % 8009', 'n'), pg_temp.check_indexes();
DELETE FROM vero.trigger_jobs;
DELETE FROM vero.events;
VACUUM vero.trigger_jobs;
VACUUM vero.events;
SELECT pg_temp.import(8000, 'n', 'n'), pg_temp.check_indexes();
SELECT * FROM vero.run_jobs(12000);
SELECT pg_temp.check_indexes();

-- through the index and without it the same
SET enable_seqscan = off;
SELECT count(*), sum(event_id) FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL AND due_at > '2018-06-01';
SELECT count(*) FROM vero.events WHERE contact_id > 0;
RESET enable_seqscan;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
SELECT count(*), sum(event_id) FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL AND due_at > '2018-06-01';
SELECT count(*) FROM vero.events WHERE contact_id > 0;
RESET enable_indexscan;
RESET enable_bitmapscan;
RESET enable_indexonlyscan;

-- what is unique stays so, wherever in the run the other one stands
CREATE FUNCTION pg_temp.collide(place int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
		SELECT last_value + place, 2, 1, '2018-01-01', '2018-01-02' FROM vero.events_id_seq;
	RETURN pg_temp.import(2000, 'n', 'n');
EXCEPTION WHEN unique_violation THEN RETURN sqlstate || ' ' || sqlerrm;
END
$$;
SELECT place, pg_temp.collide(place), pg_temp.check_indexes() FROM unnest('{1,2,1000,1999,2000,2001}'::int[]) AS place;
-- an index on a column that may be null, and one of another kind of order
CREATE INDEX of_import ON vero.events (import_id, occurred_at);
CREATE INDEX backwards ON vero.trigger_jobs (due_at DESC);
INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'x', '2022-01-01' FROM vero.contacts ORDER BY id LIMIT 1000;
SELECT pg_temp.import(5000, 'n', 'n'), pg_temp.check_indexes();
SELECT vero.track_event('c1@b.co', 'x') IS NOT NULL, pg_temp.check_indexes();
DROP INDEX vero.of_import, vero.backwards;

-- indexes of some of the rows, which come in turns with others: by one column, by more of them than are compared with the row before, by the row
CREATE INDEX of_late ON vero.events (id) WHERE occurred_at >= '2018-03-01';
CREATE INDEX of_odd ON vero.events (id) WHERE id % 2 = 1 AND contact_id > 0 AND occurred_at > '2000-01-01' AND name <> 'y' AND import_id > 0;
CREATE INDEX of_whole ON vero.events_default (id) WHERE events_default IS NOT NULL;
SELECT pg_temp.import(5000, 'n', 'n % 2 * 5000 + n / 10'), pg_temp.check_indexes();
CREATE FUNCTION pg_temp.count_twice(condition text) RETURNS TABLE (by_index bigint, by_table bigint, plan text) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL enable_seqscan = off;
	SET LOCAL enable_bitmapscan = off;
	EXECUTE 'EXPLAIN (COSTS OFF) SELECT id FROM vero.events_default WHERE ' || condition || ' ORDER BY id' INTO plan;
	EXECUTE 'SELECT count(*) FROM (SELECT id FROM vero.events_default WHERE ' || condition || ' ORDER BY id OFFSET 0) AS found' INTO by_index;
	SET LOCAL enable_seqscan = on;
	SET LOCAL enable_indexscan = off;
	SET LOCAL enable_indexonlyscan = off;
	EXECUTE 'SELECT count(*) FROM (SELECT id FROM vero.events_default WHERE ' || condition || ' OFFSET 0) AS found' INTO by_table;
	RESET enable_indexscan;
	RESET enable_indexonlyscan;
	RETURN NEXT;
END
$$;
SELECT by_index = by_table AS are_equal, by_index > 0 AS are_some, plan FROM pg_temp.count_twice($$occurred_at >= '2018-03-01'$$);
SELECT by_index = by_table AS are_equal, by_index > 0 AS are_some, plan
	FROM pg_temp.count_twice($$id % 2 = 1 AND contact_id > 0 AND occurred_at > '2000-01-01' AND name <> 'y' AND import_id > 0$$);
SELECT by_index = by_table AS are_equal, by_index > 0 AS are_some, plan FROM pg_temp.count_twice('events_default IS NOT NULL');
DROP INDEX vero.of_late, vero.of_odd, vero.of_whole;
DROP EXTENSION amcheck;
