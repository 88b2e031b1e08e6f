-- Rows go straight into tables that are as the extension's script made them; what was changed or put on a table has its say, whatever
-- its name.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
CREATE EXTENSION pg_walinspect;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'x', '1 day', '36500 days', 's', 't');

-- How an import writes after a change, by the records in the write-ahead log: one row at a time is INSERT. An error says what it is.
-- Nothing stays.
CREATE FUNCTION pg_temp.ways(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	start pg_lsn;
	import record;
	ways text;
BEGIN
	-- what of the extension keeps its columns from being given other types
	ALTER EXTENSION vero_events DROP FUNCTION vero.why(text, text);
	ALTER EXTENSION vero_events DROP VIEW vero.decisions;
	DROP FUNCTION vero.why(text, text);
	DROP VIEW vero.decisions;
	EXECUTE change;
	start := pg_current_wal_insert_lsn();
	SELECT * INTO import FROM import_events_csv(E'email,name,time,p\na@b.co,x,2022-01-01 12:00:00.4,1\nb@b.co,x,2022-01-02,2\nb@b.co,x,2022-01-03,3\nbad,x,2022-01-01,4\nworse,x,2022-01-01,5\n'::bytea,
		trigger_campaigns => true);
	CHECKPOINT;
	SELECT string_agg(table_name || ' ' || way, ', ' ORDER BY table_name) INTO ways FROM (
		SELECT replace(relname, '_default', '') AS table_name, CASE WHEN bool_or(record_type ~ '^MULTI') THEN 'bulk' ELSE 'INSERT' END AS way
		FROM pg_get_wal_records_info(start, pg_current_wal_flush_lsn()) AS w
		JOIN pg_class AS c ON w.block_ref ~ format('rel \d+/\d+/%s fork main', pg_relation_filenode(c.oid))
		WHERE c.relnamespace = 'vero'::regnamespace AND relname IN ('contacts', 'events_default', 'rejected_rows', 'trigger_jobs') AND record_type ~ 'INSERT'
		GROUP BY 1) AS t;
	RAISE EXCEPTION USING errcode = 'VERO1', message = CASE import.rows_imported WHEN 3 THEN ways ELSE import.state END;
EXCEPTION WHEN sqlstate 'VERO1' THEN RETURN sqlerrm;
WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END
$$;
CREATE TABLE others (id bigint PRIMARY KEY);
CREATE FUNCTION is_fine(bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '% of % refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE DOMAIN short AS text CHECK (length(value) < 5);

\pset format unaligned
\pset tuples_only on
SELECT pg_temp.ways('');
-- events
SELECT pg_temp.ways(change), change FROM (VALUES
	(1, 'ALTER TABLE vero.events RENAME CONSTRAINT events_name TO e'),
	(2, 'ALTER TABLE vero.events DROP CONSTRAINT events_name'),
	(3, 'ALTER TABLE vero.events_default DROP CONSTRAINT events_contact, ADD CONSTRAINT c FOREIGN KEY (contact_id) REFERENCES vero.contacts (id) ON DELETE CASCADE'),
	(4, 'ALTER TABLE vero.events ADD note text'),
	(5, 'CREATE INDEX ON vero.events (id) WHERE import_id IS NOT NULL AND name > ''a'''),
	(6, 'CREATE TRIGGER events_properties BEFORE UPDATE ON vero.events FOR EACH ROW EXECUTE FUNCTION refuse()'),
	(7, 'CREATE TRIGGER events_properties BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION pass()'),
	(8, 'CREATE TRIGGER events_properties BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION refuse()'),
	(9, 'ALTER TABLE vero.events DROP CONSTRAINT events_name, ADD CONSTRAINT events_name CHECK (name <> ''y'' AND char_length(name) <= 255)'),
	(10, 'ALTER TABLE vero.events DROP CONSTRAINT events_name, ADD CONSTRAINT events_name CHECK (name <> ''x'')'),
	(11, 'ALTER TABLE vero.events ADD CONSTRAINT events_import FOREIGN KEY (import_id) REFERENCES others (id)'),
	(12, 'ALTER TABLE vero.events_default ADD CONSTRAINT events_import FOREIGN KEY (contact_id) REFERENCES vero.imports (id) NOT VALID'),
	(13, 'ALTER TABLE vero.events ALTER import_id SET NOT NULL'),
	(14, 'ALTER TABLE vero.events ALTER id SET DEFAULT 7'),
	(15, 'ALTER EXTENSION vero_events DROP SEQUENCE vero.events_id_seq'),
	(16, 'ALTER TABLE vero.events ADD note text DEFAULT ''n'''),
	(17, 'ALTER TABLE vero.events ADD note short'),
	(18, 'CREATE INDEX ON vero.events (lower(name))'),
	(19, 'CREATE INDEX ON vero.events (id) WHERE is_fine(import_id)'),
	(20, 'ALTER TABLE vero.events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'),
	(21, 'CREATE INDEX ON vero.events (name DESC, id) INCLUDE (occurred_at)'),
	(22, 'CREATE INDEX ON vero.events USING gin (properties)'),
	(23, 'CREATE INDEX ON vero.events USING hash (name) WHERE name > ''a'''),
	(24, 'CREATE INDEX ON vero.events ((is_fine(id)))'),
	(25, 'CREATE UNIQUE INDEX own_name ON vero.events_default (name)'),
	(26, 'ALTER TABLE vero.events_default ADD UNIQUE (id) DEFERRABLE'),
	(27, 'ALTER TABLE vero.events_default ADD CONSTRAINT one_name EXCLUDE USING hash (name WITH =)'),
	(28, 'SET LOCAL allow_system_table_mods = on; ALTER TABLE vero.events ALTER name SET STATISTICS 99; CREATE TABLE pg_catalog.pg_dist_partition AS SELECT CAST(''vero.contacts'' AS regclass) AS logicalrelid'),
	(29, 'SET LOCAL allow_system_table_mods = on; ALTER TABLE vero.events ALTER name SET STATISTICS 99; CREATE TABLE pg_catalog.pg_dist_partition AS SELECT CAST(''vero.events'' AS regclass) AS logicalrelid'),
	(30, 'SET LOCAL allow_system_table_mods = on; ALTER TABLE vero.events ALTER name SET STATISTICS 99; CREATE TABLE pg_catalog.pg_dist_partition (relation regclass)')
) AS changes (n, change) ORDER BY n;
BEGIN;
ALTER EXTENSION vero_events DROP VIEW vero.timeline;
DROP VIEW vero.timeline;
SELECT pg_temp.ways(change), change FROM (VALUES
	(1, 'ALTER TABLE vero.events DROP CONSTRAINT events_properties, ALTER properties DROP DEFAULT, ALTER properties TYPE text'),
	(2, 'ALTER TABLE vero.events ALTER name TYPE varchar(5)'),
	(3, 'ALTER TABLE vero.events DROP CONSTRAINT events_name, ALTER name TYPE bigint USING 1'),
	(4, 'ALTER TABLE vero.events DROP CONSTRAINT events_name, ALTER name TYPE short'),
	(5, 'ALTER TABLE vero.events ALTER occurred_at TYPE timestamptz(0)'),
	(6, 'ALTER TABLE vero.events ALTER import_id TYPE text'),
	(7, 'ALTER TABLE vero.contacts ALTER email TYPE text COLLATE "POSIX"'),
	(8, 'ALTER TABLE vero.contacts ALTER email TYPE varchar(4)')
) AS changes (n, change) ORDER BY n;
ROLLBACK;
-- contacts: with their defaults
SELECT pg_temp.ways(change), change FROM (VALUES
	(1, 'ALTER TABLE vero.contacts ALTER created_at SET DEFAULT CURRENT_TIMESTAMP'),
	(2, 'ALTER TABLE vero.contacts ALTER created_at SET DEFAULT ''2000-01-01'''),
	(3, 'ALTER TABLE vero.contacts ALTER created_at DROP DEFAULT'),
	(4, 'ALTER TABLE vero.contacts ALTER created_at TYPE timestamp'),
	(5, 'ALTER TABLE vero.contacts ALTER properties SET DEFAULT ''{"vip": true}'''),
	(6, 'ALTER TABLE vero.contacts ALTER properties DROP DEFAULT, DROP CONSTRAINT contacts_properties, ALTER properties TYPE text'),
	(7, 'ALTER TABLE vero.contacts ALTER unsubscribed_at SET DEFAULT now()'),
	(8, 'ALTER TABLE vero.contacts ALTER unsubscribed_at SET NOT NULL'),
	(9, 'ALTER TABLE vero.contacts DROP CONSTRAINT contacts_email, ADD CONSTRAINT contacts_email CHECK (email <> ''a@b.co'')'),
	(10, 'CREATE TRIGGER contacts_email BEFORE INSERT ON vero.contacts FOR EACH ROW EXECUTE FUNCTION pass()'),
	(11, 'ALTER TABLE vero.contacts ALTER id SET GENERATED BY DEFAULT'),
	(12, 'ALTER EXTENSION vero_events DROP SEQUENCE vero.contacts_id_seq'),
	(13, 'ALTER TABLE vero.contacts ADD note text')
) AS changes (n, change) ORDER BY n;
-- rejects
SELECT pg_temp.ways(change), change FROM (VALUES
	(1, 'ALTER TABLE vero.rejected_rows DROP CONSTRAINT rejected_rows_raw, ADD CONSTRAINT rejected_rows_raw CHECK (raw_record IS NULL)'),
	(2, 'ALTER TABLE vero.rejected_rows ALTER raw_bytes SET NOT NULL'),
	(3, 'ALTER TABLE vero.rejected_rows ALTER raw_record TYPE varchar(5)'),
	(4, 'ALTER TABLE vero.rejected_rows ALTER reason TYPE varchar(500)'),
	(5, 'CREATE TRIGGER rejected_rows_raw BEFORE INSERT ON vero.rejected_rows FOR EACH ROW EXECUTE FUNCTION refuse()')
) AS changes (n, change) ORDER BY n;
-- jobs
SELECT pg_temp.ways(change), change FROM (VALUES
	(1, 'ALTER TABLE vero.trigger_jobs DROP CONSTRAINT trigger_jobs_state, ADD CONSTRAINT trigger_jobs_state CHECK (state <> ''scheduled'')'),
	(2, 'ALTER TABLE vero.trigger_jobs DROP CONSTRAINT trigger_jobs_campaign, ADD CONSTRAINT trigger_jobs_campaign FOREIGN KEY (campaign_id) REFERENCES others'),
	(3, 'ALTER TABLE vero.trigger_jobs ALTER error SET DEFAULT ''none'''),
	(4, 'ALTER TABLE vero.trigger_jobs ALTER error TYPE varchar(100)'),
	(5, 'DROP TRIGGER trigger_jobs_wake ON vero.trigger_jobs'),
	(6, 'DROP TRIGGER trigger_jobs_wake ON vero.trigger_jobs; CREATE TRIGGER trigger_jobs_wake BEFORE INSERT ON vero.trigger_jobs FOR EACH ROW EXECUTE FUNCTION pass()'),
	(7, 'DROP TRIGGER trigger_jobs_wake ON vero.trigger_jobs; CREATE TRIGGER wake AFTER INSERT ON vero.trigger_jobs EXECUTE FUNCTION vero.wake_worker()'),
	(8, 'DROP TRIGGER trigger_jobs_wake ON vero.trigger_jobs; CREATE FUNCTION wake_worker() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NULL; END''; CREATE TRIGGER wake AFTER INSERT ON vero.trigger_jobs EXECUTE FUNCTION wake_worker()'),
	(9, 'CREATE INDEX ON vero.trigger_jobs (due_at) WHERE is_fine(event_id)'),
	(10, 'ALTER TABLE vero.campaigns DROP CONSTRAINT campaigns_are_whole; UPDATE vero.campaigns SET delay = ''-1 day''')
) AS changes (n, change) ORDER BY n;
-- policies hold for an owner whose tables force them
CREATE ROLE vero_owner;
BEGIN;
DO $$ DECLARE name text; BEGIN
	FOREACH name IN ARRAY '{imports,contacts,events,rejected_rows,campaigns,trigger_jobs,messages,delivery,import_profiles,suppressions,mail_stops}'::text[] LOOP
		EXECUTE format('ALTER TABLE vero.%s OWNER TO vero_owner', name);
	END LOOP;
	GRANT USAGE ON SCHEMA vero TO vero_owner;
END $$;
SELECT pg_temp.ways(change), change FROM (VALUES
	(1, ''),
	(2, 'ALTER TABLE vero.rejected_rows FORCE ROW LEVEL SECURITY; CREATE POLICY p ON vero.rejected_rows FOR INSERT WITH CHECK (true)'),
	(3, 'ALTER TABLE vero.rejected_rows FORCE ROW LEVEL SECURITY'),
	(4, 'ALTER TABLE vero.contacts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON vero.contacts USING (true)')
) AS changes (n, change) ORDER BY n;
ROLLBACK;
DROP ROLE vero_owner;
\pset format aligned
\pset tuples_only off

-- what is written is what the table's columns take
BEGIN;
ALTER TABLE vero.contacts ALTER created_at DROP DEFAULT, ALTER created_at TYPE timestamp, ALTER created_at SET DEFAULT now(),
	DROP CONSTRAINT contacts_properties, ALTER properties DROP DEFAULT, ALTER properties TYPE text, ALTER properties SET DEFAULT 'none';
SET LOCAL TimeZone = 'Asia/Tokyo';
SELECT state FROM import_events_csv(E'email,name,time\nt@b.co,x,2022-01-01'::bytea);
SELECT created_at = now()::timestamp AS is_now, properties FROM vero.contacts WHERE email = 't@b.co';
ROLLBACK;
-- a single event too
\set VERBOSITY terse
BEGIN;
ALTER TABLE vero.events ALTER import_id SET NOT NULL;
SELECT vero.track_event('a@b.co', 'x');
ROLLBACK;
BEGIN;
ALTER TABLE vero.events ALTER id SET DEFAULT 7;
SELECT vero.track_event('a@b.co', 'x');
ROLLBACK;

DROP TABLE others;
DROP FUNCTION is_fine, refuse, pass;
DROP DOMAIN short;
DROP EXTENSION pg_walinspect;

-- what was rolled back by errors is not for the tests that follow
SELECT vero.record_failed_imports() > 0 AS recorded;
