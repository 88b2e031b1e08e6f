-- Events go to the partition that takes their time, as fast as into one table, and in no other way than INSERT would bring them there.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
CREATE EXTENSION amcheck;
CREATE EXTENSION pg_walinspect;

-- Times from -1 day to +99 days, in no order, a tenth of the records bad.
SELECT convert_to(E'email,name,time,number\n' || string_agg(format(CASE WHEN n % 10 = 0 THEN 'bad%s,x,%s,%s' ELSE 'c%s@b.co,x,%s,%s' END,
	n % 500, to_char(timestamp '2021-12-31' + n * 7919 % 2400 * interval '1 hour', 'YYYY-MM-DD HH24:MI'), n), E'\n' ORDER BY n), 'UTF8') AS content FROM generate_series(1, 5000) AS n \gset

-- What an import has brought, and how: one row at a time is INSERT. Nothing of it stays.
CREATE FUNCTION pg_temp.imports(content bytea, change text DEFAULT '') RETURNS TABLE (imported bigint, rejected bigint, rows text, by_insert text)
LANGUAGE plpgsql AS $$
DECLARE
	start pg_lsn;
	summary record;
	told text;
BEGIN
	EXECUTE change;
	start := pg_current_wal_insert_lsn();
	SELECT * INTO summary FROM import_events_csv(content, allow_repeat => true);
	IF summary.error IS NOT NULL THEN
		RAISE '%', summary.error;
	END IF;
	CHECKPOINT;
	imported := summary.rows_imported;
	rejected := summary.rows_rejected;
	SELECT md5(string_agg(concat_ws('|', c.email, e.name, e.occurred_at, e.properties), ',' ORDER BY e.id)) INTO rows
	FROM vero.events AS e JOIN vero.contacts AS c ON c.id = e.contact_id WHERE e.import_id = summary.import_id;
	SELECT string_agg(DISTINCT relname, ', ') INTO by_insert
	FROM pg_get_wal_records_info(start, pg_current_wal_flush_lsn()) AS w
	JOIN pg_class AS c ON w.block_ref ~ format('rel \d+/\d+/%s fork main', pg_relation_filenode(c.oid))
	WHERE c.relkind = 'r' AND c.relispartition AND record_type ~ '^INSERT';
	PERFORM bt_index_check(i.indexrelid, true) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
	WHERE c.relkind = 'i' AND a.amname = 'btree' AND i.indrelid IN (SELECT relid FROM pg_partition_tree('vero.events'));
	RAISE EXCEPTION USING errcode = 'VERO1';
EXCEPTION WHEN sqlstate 'VERO1' THEN
	RETURN NEXT;
WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;
	rows := concat_ws(' ', sqlstate, sqlerrm, told);
	RETURN NEXT;
END
$$;
SELECT * FROM pg_temp.imports(:'content');

CREATE TABLE january PARTITION OF vero.events FOR VALUES FROM ('2022-01-01') TO ('2022-02-01');
CREATE TABLE february PARTITION OF vero.events (PRIMARY KEY (contact_id, occurred_at, id)) FOR VALUES FROM ('2022-02-01') TO ('2022-03-01');
CREATE TABLE later PARTITION OF vero.events (FOREIGN KEY (contact_id) REFERENCES vero.contacts (id)) FOR VALUES FROM ('2022-03-20') TO (MAXVALUE);
CREATE INDEX ON later USING brin (import_id);
SELECT * FROM pg_temp.imports(:'content');
SELECT imported, rejected FROM pg_temp.imports(E'email,name,time\na@b.co,x,2022-01-01'::bytea);
SELECT import_id, rows_imported FROM import_events_csv(:'content'::bytea, allow_repeat => true);
SELECT tableoid::regclass, count(*), min(occurred_at), max(occurred_at) FROM vero.events GROUP BY 1 ORDER BY 1;
-- their first and last moments
SELECT rows_imported, rows_rejected FROM import_events_csv(E'email,name,time
a@b.co,y,2021-12-31 23:59:59.999999\na@b.co,y,2022-01-01 00:00\na@b.co,y,2022-01-31 23:59:59.999999\na@b.co,y,2022-02-01\na@b.co,y,2022-03-01\na@b.co,y,9999-12-31\na@b.co,y,0001-01-01'::bytea);
SELECT tableoid::regclass, occurred_at FROM vero.events WHERE name = 'y' ORDER BY occurred_at;
-- one event
SELECT vero.track_event('a@b.co', 'z', occurred_at => '2022-02-10') > 0 AS tracked;
SELECT tableoid::regclass FROM vero.events WHERE name = 'z';
TRUNCATE vero.events;

-- what is on one partition concerns that one only
CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION is_fine(bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';
\pset format unaligned
SELECT n, i.* FROM (VALUES
	(1, 'CREATE INDEX ON january (name)'),
	(2, 'CREATE INDEX ON february USING gin (properties)'),
	(3, 'CREATE INDEX ON january (is_fine(id))'),
	(4, 'CREATE TRIGGER t BEFORE INSERT ON february FOR EACH ROW EXECUTE FUNCTION pass()'),
	(5, 'ALTER TABLE january ADD CHECK (import_id > 0)'),
	(6, 'ALTER TABLE january ALTER import_id SET NOT NULL'),
	(7, 'ALTER TABLE january ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'),
	(8, 'CREATE RULE r AS ON INSERT TO january DO INSTEAD NOTHING'),
	(9, 'ALTER TABLE vero.events DETACH PARTITION january; ALTER TABLE january ADD a int, DROP name; ALTER TABLE january DROP a, ADD name text NOT NULL,
		ADD CONSTRAINT events_name CHECK (name <> '''' AND char_length(name) <= 255); ALTER TABLE vero.events ATTACH PARTITION january FOR VALUES FROM (''2022-01-01'') TO (''2022-02-01'')'),
	(10, 'DROP TABLE january; CREATE TABLE january PARTITION OF vero.events FOR VALUES FROM (''2022-01-01'') TO (''2022-02-01'') PARTITION BY HASH (contact_id);
		CREATE TABLE january_0 PARTITION OF january FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE january_1 PARTITION OF january FOR VALUES WITH (MODULUS 2, REMAINDER 1)'),
	(11, 'CREATE TRIGGER t BEFORE INSERT ON january FOR EACH STATEMENT EXECUTE FUNCTION refuse()'),
	(12, 'CREATE INDEX ON vero.events (name)'),
	(13, 'CREATE UNLOGGED TABLE other (LIKE vero.events INCLUDING ALL); ALTER TABLE vero.events DETACH PARTITION january; ALTER TABLE vero.events ATTACH PARTITION other FOR VALUES FROM (''2022-01-01'') TO (''2022-02-01'')'),
	(14, 'ALTER TABLE january ADD CHECK (contact_id < 100)'),
	-- on the table itself, all of them
	(20, 'CREATE TRIGGER t BEFORE INSERT ON vero.events FOR EACH STATEMENT EXECUTE FUNCTION pass()'),
	(21, 'CREATE TRIGGER t BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION pass()'),
	(22, 'ALTER TABLE vero.events DROP CONSTRAINT events_name, ADD CONSTRAINT events_name CHECK (name <> ''y'')')
) AS changes (n, change), pg_temp.imports(:'content', change) AS i ORDER BY n;
\pset format aligned

-- rows that a trigger keeps out are not counted
CREATE TRIGGER t BEFORE INSERT ON february FOR EACH ROW WHEN (NEW.contact_id % 2 = 0) EXECUTE FUNCTION refuse();
SELECT state, rows_imported FROM import_events_csv(:'content'::bytea, allow_repeat => true);
SELECT count(*) FROM vero.events;
DROP TRIGGER t ON february;
TRUNCATE vero.events;

-- jobs are decided wherever their events are
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'x', '0', '36500 days', 's {{ event.number }}', 't');
SELECT rows_imported, jobs_scheduled FROM import_events_csv(E'email,name,time,number\na@b.co,x,2022-01-05,1\na@b.co,x,2022-02-05,2\na@b.co,x,2020-01-01,3'::bytea, trigger_campaigns => true);
SELECT * FROM vero.run_jobs();
SELECT subject FROM vero.messages WHERE kind = 'campaign' ORDER BY subject;
-- also after they were moved to another one
SELECT rows_imported FROM import_events_csv(E'email,name,time,number\na@b.co,x,2022-01-05,4'::bytea, trigger_campaigns => true);
UPDATE vero.events SET occurred_at = '2022-02-05' WHERE properties ->> 'number' = '4';
SELECT * FROM vero.run_jobs();
SELECT subject FROM vero.messages WHERE kind = 'campaign' AND subject = 's 4';

-- without the default partition, records whose time no partition takes are rejects, and their contacts are not created
BEGIN;
ALTER TABLE vero.events DETACH PARTITION vero.events_default;
SELECT state, rows_imported, rows_rejected, contacts_created FROM import_events_csv(E'email,name,time
new1@b.co,x,2021-12-31 23:59:59\nnew2@b.co,x,2022-01-01\nnew3@b.co,x,2022-03-19\nnew4@b.co,x,2022-03-20\nnew5@b.co,x,9999-01-01\nnew6,x,2022-03-19'::bytea);
SELECT raw_record, reason FROM vero.rejected_rows WHERE import_id = vero.last_import_id() ORDER BY record_number;
SELECT errors -> 0 ->> 'code' FROM vero.rejected_rows WHERE import_id = vero.last_import_id() ORDER BY record_number LIMIT 1;
SELECT state, rows_imported, rows_rejected FROM import_events_csv(E'email,name,time\nnew7@b.co,x,2021-12-31\nnew8@b.co,x,2022-01-01'::bytea, dry_run => true);
SAVEPOINT before;
SELECT vero.track_event('new9@b.co', 'x', occurred_at => '2021-12-31');
ROLLBACK TO before;
SELECT email FROM vero.contacts WHERE email LIKE 'new%' ORDER BY 1;
DROP TABLE january, february, later;
SELECT state, rows_imported, rows_rejected FROM import_events_csv(E'email,name,time\nnew1@b.co,x,2022-01-01'::bytea);
ROLLBACK;

-- INSERT on vero.events is all that it takes, by hand and by import
CREATE ROLE vero_importer;
GRANT INSERT ON vero.events TO vero_importer;
SET ROLE vero_importer;
INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (1, 'by hand', '2022-01-01'), (1, 'by hand', '2022-01-01');
INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (0, 'by hand', '2020-01-01');
SELECT rows_imported FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-05'::bytea);
-- foreign keys are looked after in a session like those that restore a dump, too, but in one of the owner's
SET check_function_bodies = off; SET row_security = off;
SELECT set_config('search_path', '', false);
INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (0, 'by hand', '2020-01-01');
RESET ROLE;
BEGIN;
INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (0, 'restored', '2020-01-01');
UPDATE vero.events SET contact_id = -1 WHERE name = 'restored';
SET LOCAL row_security = on;
INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (0, 'by hand', '2020-01-01');
ROLLBACK;
RESET check_function_bodies; RESET row_security; RESET search_path;
SELECT count(DISTINCT id) FROM vero.events WHERE name = 'by hand';
DROP OWNED BY vero_importer;
DROP ROLE vero_importer;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
DROP TABLE january, february, later;
DROP FUNCTION pass, refuse, is_fine;
DROP EXTENSION amcheck;
DROP EXTENSION pg_walinspect;
