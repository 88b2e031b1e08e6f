-- Partitions by time are made, completed and dropped, with all events in one place at each time.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'America/New_York';
SET DateStyle = 'ISO';
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'Buys', '0', '36500 days', 's', 't');
SELECT convert_to(E'email,name,time,number\n' || string_agg(format('c%s@b.co,%s,2022-0%s-%s 23:30Z,%s', n % 7, CASE WHEN n % 9 = 0 THEN 'Buys' ELSE 'Looks' END,
	1 + n % 5, lpad((1 + n % 28)::text, 2, '0'), n), E'\n' ORDER BY n), 'UTF8') AS content FROM generate_series(1, 3000) AS n \gset
CREATE FUNCTION pg_temp.digest() RETURNS text LANGUAGE sql AS $$
	SELECT md5(string_agg(concat_ws('|', id, contact_id, name, occurred_at, properties, import_id), ',' ORDER BY id)) FROM vero.events $$;
SELECT rows_imported FROM import_events_csv(:'content'::bytea);
SELECT digest FROM pg_temp.digest() \gset
SELECT partition, is_default, holds_from, holds_until, bytes > 0 AS has_bytes, missing FROM vero.partitions \gx

-- what the default one holds of them is moved, and only that
SELECT * FROM vero.create_partitions('2022-02-01', '2022-05-01');
SELECT tableoid::regclass, count(*), min(occurred_at AT TIME ZONE 'UTC'), max(occurred_at AT TIME ZONE 'UTC') FROM vero.events GROUP BY 1 ORDER BY 1;
SELECT pg_temp.digest() = :'digest' AS all_are_there;
\d vero.events_2022_02_01
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'vero.events_default'::regclass AND contype <> 'n' ORDER BY 1;
-- those that are there stay; ones that nothing is to be moved to
SELECT * FROM vero.create_partitions('2022-02-01', '2022-06-01');
SELECT * FROM vero.create_partitions('2022-02-01', '2022-06-01');
SELECT * FROM vero.create_partitions('2030-01-01', '2030-01-02', step => '8 hours');
SELECT * FROM vero.create_partitions('2021-11-15', '2022-01-20', step => '1 month');
SELECT pg_temp.digest() = :'digest' AS all_are_there;
-- an import finds its way
SELECT rows_imported, jobs_scheduled FROM import_events_csv(:'content'::bytea, allow_repeat => true, trigger_campaigns => true);
SELECT tableoid::regclass, count(*) FROM vero.events GROUP BY 1 ORDER BY 1;
-- they belong to whom the table belongs, and have its columns
CREATE ROLE vero_owner;
CREATE FUNCTION pg_temp.give_all_to(owner name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	one regclass;
BEGIN
	FOR one IN SELECT oid FROM pg_class WHERE relnamespace = 'vero'::regnamespace AND relkind IN ('r', 'p') LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO %I', one, owner);
	END LOOP;
END
$$;
SELECT pg_temp.give_all_to('vero_owner');
ALTER TABLE vero.events ADD COLUMN note text;
SELECT partition FROM vero.create_partitions('2023-01-01', '2023-02-01');
SELECT relowner::regrole FROM pg_class WHERE relname = 'events_2023_01_01';
SET ROLE vero_owner;
SELECT partition FROM vero.create_partitions('2023-02-01', '2023-03-01');
RESET ROLE;
GRANT USAGE, CREATE ON SCHEMA vero TO vero_owner;
GRANT EXECUTE ON FUNCTION vero.create_partitions, vero.lock_events, vero.complete_partition, vero.adopt_partition, vero.drop_partitions TO vero_owner;
SET ROLE vero_owner;
SELECT partition FROM vero.create_partitions('2023-02-01', '2023-03-01');
RESET ROLE;
SELECT pg_temp.give_all_to(current_user);
DROP OWNED BY vero_owner;
DROP ROLE vero_owner;
ALTER TABLE vero.events DROP COLUMN note;

-- what makes no sense
\set VERBOSITY terse
SELECT * FROM vero.create_partitions('2022-02-01', '2022-02-01');
SELECT * FROM vero.create_partitions('2022-02-01', 'infinity');
SELECT * FROM vero.create_partitions(NULL, '2022-02-01');
SELECT * FROM vero.create_partitions('2022-02-01', '2023-02-01', '-1 month');
SELECT * FROM vero.create_partitions('2022-02-01', '2023-02-01', '1 minute');
SELECT * FROM vero.create_partitions('2022-01-25', '2022-02-25');
SELECT vero.adopt_partition('vero.imports');
SELECT vero.adopt_partition(NULL);
SELECT * FROM vero.drop_partitions('-infinity');
\set VERBOSITY default

-- one that somebody has made
CREATE TABLE by_hand PARTITION OF vero.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
SELECT partition, missing FROM vero.partitions WHERE missing <> '{}';
SELECT rows_imported FROM import_events_csv(E'email,name,time\na@b.co,Looks,2024-02-02'::bytea);
INSERT INTO by_hand (contact_id, name, occurred_at) VALUES (-1, 'Looks', '2024-02-02');
SELECT vero.adopt_partition('by_hand');
DELETE FROM by_hand WHERE contact_id = -1;
SELECT vero.adopt_partition('by_hand');
SELECT vero.adopt_partition('by_hand');
SELECT partition, missing FROM vero.partitions WHERE missing <> '{}';
SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'by_hand'::regclass AND contype IN ('p', 'f') ORDER BY 1;
SELECT rows_imported FROM import_events_csv(E'email,name,time\na@b.co,Looks,2024-02-03'::bytea);
SELECT count(*) FROM by_hand;
DROP TABLE by_hand;

-- whole partitions are dropped, what the default one holds is deleted, and the rest is left
SELECT count(*), count(*) FILTER (WHERE occurred_at < '2022-03-10Z') AS before FROM vero.events;
SELECT state, reason, count(*) FROM vero.trigger_jobs GROUP BY 1, 2;
SELECT * FROM vero.drop_partitions('2022-03-10');
SELECT tableoid::regclass, count(*) FROM vero.events GROUP BY 1 ORDER BY 1;
SELECT id, rows_imported, events_dropped FROM vero.imports ORDER BY id;
SELECT state, reason, count(*), max(occurred_at) < '2022-03-01Z' AS long_ago FROM vero.trigger_jobs GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) = 0 AS no_job_without_event FROM vero.trigger_jobs AS j WHERE state = 'scheduled' AND NOT EXISTS (SELECT FROM vero.events AS e WHERE e.id = j.event_id);
SELECT * FROM vero.drop_partitions('2022-03-10');

-- deleting a contact looks in all of them
DELETE FROM vero.contacts WHERE id = (SELECT min(contact_id) FROM vero.events_2022_04_01);
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT count(*) FROM vero.drop_partitions('2100-01-01');
SELECT partition, missing FROM vero.partitions;
