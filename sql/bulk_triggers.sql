-- Triggers for statements and after rows are fired as INSERT fires them, and rows are written in bulk all the same.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET client_min_messages = warning;
CREATE TABLE january PARTITION OF vero.events FOR VALUES FROM ('2022-01-01') TO ('2022-02-01');
SELECT vero.adopt_partition('january') \g /dev/null
-- its columns lie otherwise
CREATE TABLE february (unused int, LIKE vero.events INCLUDING ALL EXCLUDING INDEXES);
ALTER TABLE february DROP unused, DROP import_id;
ALTER TABLE february ADD import_id bigint;
ALTER TABLE vero.events ATTACH PARTITION february FOR VALUES FROM ('2022-02-01') TO ('2022-03-01');
SELECT vero.adopt_partition('february') \g /dev/null
\pset format unaligned
\pset tuples_only on
SELECT concat(E'email,name,time,number\n', string_agg(format(E'c%s@b.co,n,%s 12:00,%s\n', n * 7919 % 1000, to_char(date '2022-01-01' + n % 84, 'YYYY-MM-DD'), n), '')) AS content FROM generate_series(1, 12000) AS n \gset

CREATE TABLE seen (what text, rows bigint, is_found boolean);
CREATE FUNCTION see_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_WHEN = 'BEFORE' THEN
		INSERT INTO public.seen VALUES ('before statement', NULL, NULL);
	ELSE
		INSERT INTO public.seen SELECT 'after statement', count(*), bool_and(r.name = 'n' AND r.import_id > 0 AND r.properties ->> 'number' = coalesce(e.properties ->> 'number', ''))
			FROM new_rows AS r LEFT JOIN vero.events AS e USING (contact_id, occurred_at, id);
	END IF;
	RETURN NULL;
END
$$;
-- finds its row by the key
CREATE FUNCTION see_row() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
	INSERT INTO public.seen VALUES (TG_ARGV[0], 1, EXISTS (SELECT FROM vero.events AS e WHERE e.contact_id = NEW.contact_id AND e.occurred_at = NEW.occurred_at AND e.id = NEW.id));
	RETURN NULL;
END
$$;
CREATE FUNCTION pg_temp.imports(change text) RETURNS TABLE (what text, rows bigint, is_found boolean) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE change;
	DELETE FROM public.seen;
	PERFORM import_events_csv(current_setting('test.content')::bytea, allow_repeat => true);
	SET CONSTRAINTS ALL IMMEDIATE;
	RETURN QUERY SELECT s.what, sum(s.rows)::bigint, bool_and(s.is_found) FROM public.seen AS s GROUP BY 1 ORDER BY 1;
	RETURN QUERY SELECT 'stored', count(*), NULL::boolean FROM vero.events;
	RETURN QUERY SELECT 'keys checked', f.calls, NULL::boolean FROM pg_stat_xact_user_functions AS f WHERE f.funcname = 'check_foreign_keys';
	RAISE EXCEPTION USING errcode = 'VERO1';
EXCEPTION WHEN sqlstate 'VERO1' THEN NULL;
END
$$;
SET track_functions = 'all';
SET test.content = :'content';
SELECT n, i.* FROM (VALUES
	(0, ''),
	(1, 'CREATE TRIGGER t AFTER INSERT ON vero.events REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION see_statement()'),
	(2, 'CREATE TRIGGER t BEFORE INSERT ON vero.events FOR EACH STATEMENT EXECUTE FUNCTION see_statement()'),
	(3, 'CREATE TRIGGER t AFTER INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION see_row(''of the table'')'),
	(4, 'CREATE TRIGGER t AFTER INSERT ON february FOR EACH ROW EXECUTE FUNCTION see_row(''of one'')'),
	(5, 'CREATE TRIGGER t AFTER INSERT ON january FOR EACH ROW WHEN (NEW.contact_id % 2 = 0) EXECUTE FUNCTION see_row(''of every second one'')'),
	(6, 'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON vero.events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see_row(''deferred'')'),
	(7, 'CREATE TRIGGER t AFTER INSERT ON vero.events REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION see_statement();
		CREATE TRIGGER u AFTER INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION see_row(''of the table''); CREATE INDEX ON vero.events (name); CREATE INDEX ON february USING gin (properties)'),
	(8, 'CREATE TRIGGER t AFTER INSERT ON january FOR EACH STATEMENT EXECUTE FUNCTION see_statement()'),
	(9, 'CREATE TRIGGER t AFTER INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION see_row(''of the table''); SET LOCAL session_replication_role = replica'),
	-- a partition that takes its rows by INSERT: then all of them go that way, in the same statement
	(10, 'CREATE TRIGGER t AFTER INSERT ON vero.events REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION see_statement(); ALTER TABLE february ADD CHECK (id > 0)')
) AS changes (n, change), pg_temp.imports(change) AS i ORDER BY n;

-- what a trigger refuses fails the import, and what it changes is no matter of the import's contacts
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no % on % %', lower(TG_OP), TG_TABLE_NAME, lower(TG_LEVEL); END $$;
CREATE TRIGGER t AFTER INSERT ON january FOR EACH ROW WHEN (NEW.properties ->> 'number' = '11001') EXECUTE FUNCTION refuse();
SELECT rows_imported FROM import_events_csv(:'content'::bytea);
DROP TRIGGER t ON january;
CREATE TRIGGER t AFTER INSERT ON vero.events FOR EACH STATEMENT EXECUTE FUNCTION refuse();
SELECT rows_imported FROM import_events_csv(:'content'::bytea);
DROP TRIGGER t ON vero.events;
CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.contact_id := -1; RETURN NEW; END $$;
CREATE TRIGGER t BEFORE INSERT ON january FOR EACH ROW EXECUTE FUNCTION change();
SELECT rows_imported FROM import_events_csv(:'content'::bytea);
DROP TRIGGER t ON january;
CREATE TABLE others (id bigint PRIMARY KEY);
ALTER TABLE january ADD FOREIGN KEY (contact_id) REFERENCES others (id);
SELECT rows_imported FROM import_events_csv(:'content'::bytea);
INSERT INTO others SELECT generate_series(1, 100000);
SELECT rows_imported FROM import_events_csv(:'content'::bytea);
SELECT count(*) FROM vero.events;


-- a trigger that removes whom later rows are of
DELETE FROM vero.events;
CREATE FUNCTION remove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM vero.events WHERE contact_id = (SELECT id FROM vero.contacts WHERE email = 'c1@b.co');
	DELETE FROM vero.contacts WHERE email = 'c1@b.co';
	RETURN NULL;
END
$$;
CREATE TRIGGER t AFTER INSERT ON vero.events FOR EACH STATEMENT EXECUTE FUNCTION remove();
SELECT rows_imported FROM import_events_csv(concat(E'email,name,time\n', repeat(E'c1@b.co,n,2022-01-01\n', 12000))::bytea);
-- but not of any other
SELECT rows_imported FROM import_events_csv(concat(E'email,name,time\nc1@b.co,n,2022-01-01\n', repeat(E'c2@b.co,n,2022-01-01\n', 12000))::bytea);
SELECT count(*) FROM vero.events;

DROP TABLE january, february, others, seen;
DROP FUNCTION see_statement(), see_row(), refuse(), change(), remove() CASCADE;
RESET track_functions;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY;
