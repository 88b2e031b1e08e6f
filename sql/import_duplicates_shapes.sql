-- on_duplicate finds duplicates whatever is on vero.events, and wherever its partitions have their rows.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

-- Events of 100 days, a third of them once more, which may have contact and time of others, too.
CREATE FUNCTION pg_temp.csv(first int) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time,item\n' || string_agg(format('c%s@b.co,x,%s,%s', n % 100, to_char(timestamp '2021-12-31' + n * 7919 % 2400 * interval '1 hour', 'YYYY-MM-DD HH24:MI'), n % 7), E'\n' ORDER BY o), 'UTF8')
	FROM (SELECT n, n AS o FROM generate_series(first, first + 2999) AS n UNION ALL SELECT n, n + 5000 FROM generate_series(first, first + 999) AS n) AS g
$$;
-- Nothing of it stays.
CREATE FUNCTION pg_temp.imports(change text) RETURNS TABLE (first text, again text, later text, tried text, rejected text, events bigint, different bigint, named bigint, rows text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE change;
	SELECT concat_ws('/', error, rows_imported, rows_duplicate) INTO first FROM import_events_csv(pg_temp.csv(1), on_duplicate => 'skip');
	SELECT concat_ws('/', error, rows_imported, rows_duplicate) INTO again FROM import_events_csv(pg_temp.csv(1), on_duplicate => 'skip', allow_repeat => true);
	SELECT concat_ws('/', error, rows_imported, rows_duplicate) INTO tried FROM import_events_csv(pg_temp.csv(1501), on_duplicate => 'skip', dry_run => true);
	SELECT concat_ws('/', error, rows_imported, rows_duplicate) INTO later FROM import_events_csv(pg_temp.csv(1501), on_duplicate => 'skip');
	SELECT concat_ws('/', error, rows_imported, rows_rejected) INTO rejected FROM import_events_csv(pg_temp.csv(3001), on_duplicate => 'reject');
	SELECT count(*) INTO named FROM vero.rejected_rows AS r JOIN vero.events AS e ON e.id = (regexp_match(r.reason, 'event (\d+) of import'))[1]::bigint AND e.import_id = (regexp_match(r.reason, 'of import (\d+)'))[1]::bigint;
	SELECT count(*), count(DISTINCT (e.contact_id, e.name, e.occurred_at, e.properties)), md5(string_agg(concat_ws('|', c.email, e.name, e.occurred_at, e.properties), ',' ORDER BY c.email, e.occurred_at, e.properties))
	INTO events, different, rows FROM vero.events AS e JOIN vero.contacts AS c ON c.id = e.contact_id;
	RAISE EXCEPTION USING errcode = 'VERO1';
EXCEPTION WHEN sqlstate 'VERO1' THEN
	RETURN NEXT;
WHEN OTHERS THEN
	rows := concat_ws(' ', sqlstate, sqlerrm);
	RETURN NEXT;
END
$$;
CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
\pset format unaligned
SELECT * FROM pg_temp.imports('');
-- partitions, of which some are read by SELECT
CREATE TABLE january PARTITION OF vero.events FOR VALUES FROM ('2022-01-01') TO ('2022-02-01');
CREATE TABLE february PARTITION OF vero.events (PRIMARY KEY (contact_id, occurred_at, id)) FOR VALUES FROM ('2022-02-01') TO ('2022-03-01');
CREATE TABLE later PARTITION OF vero.events (PRIMARY KEY (contact_id, occurred_at, id)) FOR VALUES FROM ('2022-03-20') TO (MAXVALUE);
SELECT n, i.* FROM (VALUES
	(1, ''),
	(2, 'CREATE INDEX ON january (name)'),
	(3, 'CREATE TRIGGER t BEFORE INSERT ON february FOR EACH ROW EXECUTE FUNCTION pass()'),
	(4, 'CREATE TRIGGER t AFTER INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION pass()'),
	(5, 'ALTER TABLE february DROP CONSTRAINT february_pkey; CREATE INDEX ON february (contact_id, occurred_at) WHERE id > 10; CREATE INDEX ON february (contact_id DESC, occurred_at)'),
	(6, 'ALTER TABLE vero.events_default DROP CONSTRAINT events_default_pkey; CREATE INDEX ON vero.events_default (occurred_at, contact_id)'),
	(7, 'DROP TABLE january; CREATE TABLE january PARTITION OF vero.events FOR VALUES FROM (''2022-01-01'') TO (''2022-02-01'') PARTITION BY HASH (contact_id);
		CREATE TABLE january_0 PARTITION OF january FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE january_1 PARTITION OF january FOR VALUES WITH (MODULUS 2, REMAINDER 1)'),
	(8, 'ALTER TABLE vero.events DETACH PARTITION january; ALTER TABLE january ADD a int, DROP name; ALTER TABLE january DROP a, ADD name text NOT NULL,
		ADD CONSTRAINT events_name CHECK (name <> '''' AND char_length(name) <= 255); ALTER TABLE vero.events ATTACH PARTITION january FOR VALUES FROM (''2022-01-01'') TO (''2022-02-01'')'),
	(9, 'ALTER TABLE vero.events ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON vero.events FOR INSERT WITH CHECK (true)'),
	(10, 'CREATE TRIGGER t BEFORE INSERT ON vero.contacts FOR EACH ROW EXECUTE FUNCTION pass()'),
	(11, 'SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off; ALTER TABLE february DROP CONSTRAINT february_pkey')
) AS changes (n, change), pg_temp.imports(change) AS i ORDER BY n;

-- what happens to an event on its way into the table is no matter to those of the same file
CREATE FUNCTION other_name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'other ' || NEW.name; RETURN NEW; END $$;
SELECT * FROM pg_temp.imports('CREATE TRIGGER t BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION other_name()');
\pset format aligned

-- who may import needs no other right, and is not told more of others' events than that they are there
CREATE ROLE vero_importer;
GRANT INSERT ON vero.events TO vero_importer;
SELECT rows_imported FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-05\n'::bytea);
SELECT rows_imported FROM import_events_csv(E'email,name,time\na@b.co,x,2021-01-05\na@b.co,x,2022-02-05\n'::bytea);
SET ROLE vero_importer;
SELECT rows_imported, rows_rejected FROM import_events_csv(E'email,name,time\na@b.co,x,2021-01-05\na@b.co,x,2022-01-05\na@b.co,x,2022-02-05\n'::bytea, on_duplicate => 'reject');
SELECT count(*) FROM vero.events;
RESET ROLE;
-- nothing of somebody else's is run to find them
CREATE FUNCTION planted() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'ran as %', current_user; END $$;
ALTER FUNCTION planted() OWNER TO vero_importer;
BEGIN;
ALTER TABLE vero.events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON vero.events USING (planted());
SELECT rows_imported, rows_rejected FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-05\na@b.co,x,2022-01-06\n'::bytea, on_duplicate => 'reject');
ROLLBACK;
DROP FUNCTION planted;
DROP TABLE january, february, later;
REVOKE ALL ON vero.events FROM vero_importer;
DROP ROLE vero_importer;
DROP FUNCTION pass, other_name;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
