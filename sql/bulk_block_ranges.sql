-- Imports find their own events by import_id, undone right away or not: the BRIN indexes know each range of blocks from when the table grows into it.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
CREATE FUNCTION pg_temp.events(count int, day text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT convert_to(E'email,name,time\n' || repeat(format(E'a@b.co,x,%s\n', day), count), 'UTF8') $$;
-- How many ranges of blocks in which rows stand an index does not know. Newer servers make tables longer than their rows need.
CREATE FUNCTION pg_temp.unknown_ranges(index regclass, pages int DEFAULT 128) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE unknown bigint;
BEGIN
	EXECUTE format('SELECT sum(brin_summarize_range(%L, block)) FROM (SELECT DISTINCT (ctid::text::point)[0]::bigint / %s * %2$s AS block FROM %s) AS ranges',
		index, pages, (SELECT indrelid::regclass FROM pg_index WHERE indexrelid = index)) INTO unknown;
	RETURN unknown;
END
$$;
-- No vacuum comes in between, which would summarise too, or keep the import from it.
BEGIN;
LOCK vero.events_default, vero.trigger_jobs IN SHARE UPDATE EXCLUSIVE MODE;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('x', 'x', '1 day', '36500 days', 's', 'b');
SELECT rows_imported, jobs_scheduled FROM import_events_csv(pg_temp.events(40000, '2022-01-10'), trigger_campaigns => true);
SELECT pg_relation_size('vero.events_default') / 8192 > 2 * 128 AS has_three_ranges, pg_relation_size('vero.trigger_jobs') / 8192 > 2 * 128 AS has_jobs;
SELECT pg_temp.unknown_ranges('vero.events_default_import_id') AS events, pg_temp.unknown_ranges('vero.trigger_jobs_import_id') AS jobs;
ROLLBACK;
-- what was rolled back leaves the ranges known
BEGIN;
LOCK vero.events_default IN SHARE UPDATE EXCLUSIVE MODE;
SELECT sum(brin_summarize_range('vero.events_default_import_id', first * 128)) AS unknown FROM generate_series(0, 2) AS first;
COMMIT;

-- By somebody who does not own the tables, too; and small imports after one another, of which one begins a range.
CREATE ROLE vero_small;
GRANT USAGE ON SCHEMA vero TO vero_small;
GRANT INSERT ON vero.events TO vero_small;
GRANT SELECT ON vero.imports TO vero_small;
TRUNCATE vero.events;
BEGIN;
LOCK vero.events_default IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL ROLE vero_small;
SELECT sum(rows_imported) FROM generate_series(1, 100) AS n, import_events_csv(pg_temp.events(150 + n % 7, '2022-01-1' || n % 7), allow_repeat => true);
RESET ROLE;
SELECT pg_relation_size('vero.events_default') / 8192 > 128 AS has_two_ranges, pg_temp.unknown_ranges('vero.events_default_import_id') AS unknown;
COMMIT;
SET enable_seqscan = off;
SELECT min(import_id) AS first, max(import_id) AS last FROM vero.events \gset
SELECT (SELECT count(*) FROM vero.events WHERE import_id = :first) AS of_first, (SELECT count(*) FROM vero.events WHERE import_id = :last) AS of_last;
RESET enable_seqscan;

-- Each partition, with ranges of another length; but short ones are left to the vacuum, as there are many.
TRUNCATE vero.events;
CREATE TABLE january PARTITION OF vero.events (PRIMARY KEY (contact_id, occurred_at, id)) FOR VALUES FROM ('2022-01-01') TO ('2022-02-01');
CREATE INDEX january_longer ON january USING brin (import_id) WITH (pages_per_range = 64);
CREATE INDEX january_short ON january USING brin (import_id) WITH (pages_per_range = 4);
BEGIN;
LOCK january IN SHARE UPDATE EXCLUSIVE MODE;
SELECT rows_imported FROM import_events_csv(pg_temp.events(10000, '2022-01-20'), allow_repeat => true);
SELECT pg_temp.unknown_ranges('january_longer', 64) AS longer, brin_summarize_new_values('january_short') > 10 AS are_short_left;
COMMIT;
-- Room in ranges that are summarised; and what the index says of itself holds only from its next REINDEX on.
ALTER INDEX january_longer SET (pages_per_range = 1024);
DROP INDEX january_short;
DELETE FROM january WHERE ctid < (SELECT max(ctid) FROM january);
VACUUM january;
SELECT rows_imported FROM import_events_csv(pg_temp.events(10000, '2022-01-20'), allow_repeat => true);
SET enable_seqscan = off;
SELECT import_id = max(import_id) OVER () AS is_last, count(*), (SELECT count(*) FROM january WHERE import_id = e.import_id) AS found
FROM vero.events AS e WHERE occurred_at = '2022-01-20' GROUP BY import_id ORDER BY import_id;
RESET enable_seqscan;
DROP TABLE january;
DROP OWNED BY vero_small;
DROP ROLE vero_small;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
