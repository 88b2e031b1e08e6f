-- Many new contacts that are neighbours go into whole pages of their index, and their ids come in blocks: neither is to be noticed.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE EXTENSION amcheck;
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
-- Events of `count` contacts, whose addresses these expressions give; says how many are new.
CREATE FUNCTION pg_temp.import(count int, contact text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	content text;
	created bigint;
BEGIN
	EXECUTE format($f$SELECT E'email,name,time\n' || string_agg((%s) || ',x,2020-01-01', E'\n' ORDER BY n) FROM generate_series(1, %s) AS n$f$, contact, count) INTO content;
	SELECT contacts_created INTO created FROM import_events_csv(convert_to(content, 'UTF8'), allow_repeat => true);
	RETURN created;
END
$$;
SELECT what, pg_temp.import(count, contact), pg_temp.check_indexes() FROM (VALUES
	(1, 'into an empty index', 3000, $$'m' || lpad(n::text, 6, '0') || '@b.co'$$),
	(2, 'behind all', 12000, $$'n' || lpad(n::text, 6, '0') || '@b.co'$$),
	(3, 'before all', 12000, $$'a' || lpad((12000 - n)::text, 6, '0') || '@b.co'$$),
	(4, 'in one gap', 12000, $$'m001234-' || lpad(n::text, 6, '0') || '@b.co'$$),
	(5, 'in many gaps', 12000, $$'n' || lpad((n * 7919::bigint % 12007)::text, 6, '0') || '-@b.co'$$),
	(6, 'ten in each gap', 20000, $$'a' || lpad((n / 10)::text, 6, '0') || '-' || n % 10 || '@b.co'$$),
	(7, 'one in each tenth gap', 1200, $$'a' || lpad((n * 10)::text, 6, '0') || '-x@b.co'$$),
	(8, 'in knots', 9000, $$'n' || lpad((n / 300 * 300)::text, 6, '0') || '.' || lpad(n::text, 6, '0') || '@b.co'$$),
	(9, 'half of them there', 12000, $$'m001234-' || lpad((n + 6000)::text, 6, '0') || '@b.co'$$),
	(10, 'of all lengths', 12000, $$'k' || lpad(n::text, 6, '0') || '@' || repeat('d23456789.', n % 24) || 'b.co'$$),
	(11, 'long ones only', 3000, $$'l' || lpad(n::text, 6, '0') || '@' || repeat('d23456789.', 23) || 'b.co'$$)) AS imports (n, what, count, contact) ORDER BY n;
SELECT count(*), count(DISTINCT id) AS ids, count(DISTINCT email) AS emails FROM vero.contacts;

-- behind dead entries, before and after they are removed, and after a rollback
BEGIN;
SELECT pg_temp.import(12000, $$'r' || lpad(n::text, 6, '0') || '@b.co'$$);
ROLLBACK;
SELECT pg_temp.import(12000, $$'r' || lpad(n::text, 6, '0') || '@b.co'$$), pg_temp.check_indexes();
TRUNCATE vero.events;
DELETE FROM vero.contacts WHERE email < 'b' OR id % 3 = 0;
SELECT pg_temp.import(12000, $$'a' || lpad(n::text, 6, '0') || '@b.co'$$), pg_temp.check_indexes();
VACUUM vero.contacts;
SELECT pg_temp.import(24000, $$'a' || lpad((n / 2)::text, 6, '0') || n % 2 || '@b.co'$$), pg_temp.check_indexes();
TRUNCATE vero.events;
DELETE FROM vero.contacts;
VACUUM vero.contacts;
SELECT pg_temp.import(12000, $$'a' || lpad(n::text, 6, '0') || '@b.co'$$), pg_temp.check_indexes();

-- pages that are to be full, or half full
ALTER INDEX vero.contacts_email_key SET (fillfactor = 100);
ALTER INDEX vero.contacts_pkey SET (fillfactor = 50);
SELECT pg_temp.import(12000, $$'a000123-' || lpad(n::text, 6, '0') || '@b.co'$$), pg_temp.check_indexes();
ALTER INDEX vero.contacts_email_key RESET (fillfactor);
ALTER INDEX vero.contacts_pkey RESET (fillfactor);

-- ids follow those that the session and others have drawn
TRUNCATE vero.contacts, vero.events RESTART IDENTITY;
INSERT INTO vero.contacts (email) VALUES ('by.hand@b.co');
SELECT pg_temp.import(2000, $$'s' || n || '@b.co'$$);
INSERT INTO vero.contacts (email) VALUES ('by.hand.2@b.co');
SELECT pg_temp.import(2000, $$'t' || n || '@b.co'$$);
SELECT min(id), max(id), count(*) FROM vero.contacts WHERE email LIKE 's%' UNION ALL SELECT min(id), max(id), count(*) FROM vero.contacts WHERE email LIKE 't%'
	UNION ALL SELECT min(id), max(id), count(*) FROM vero.contacts WHERE email LIKE 'by%';
-- a sequence of another kind gives them one by one
CREATE FUNCTION pg_temp.ids(settings text) RETURNS TABLE (created bigint, first bigint, last bigint, told text) LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE vero.contacts, vero.events;
	ALTER SEQUENCE vero.contacts_id_seq INCREMENT 1 NO MINVALUE NO MAXVALUE NO CYCLE START 1 RESTART CACHE 100;
	EXECUTE 'ALTER SEQUENCE vero.contacts_id_seq ' || settings;
	created := pg_temp.import(2000, $f$'s' || n || '@b.co'$f$);
	SELECT min(id), max(id) INTO first, last FROM vero.contacts;
	told := pg_temp.check_indexes();
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN told := sqlerrm; RETURN NEXT;
END
$$;
SELECT settings, i.* FROM unnest(ARRAY['RESTART 5000', 'MAXVALUE 2000', 'MAXVALUE 1999', 'INCREMENT 5', 'INCREMENT -1 MAXVALUE 10000 RESTART 9000', 'MAXVALUE 2500 CYCLE',
	'MINVALUE -5000 RESTART -4000', 'MAXVALUE 2500 RESTART 1000 CYCLE', 'RESTART 9223372036854773807', 'RESTART 9223372036854773808', 'RESTART 9223372036854773809']) AS settings, pg_temp.ids(settings) AS i;
ALTER SEQUENCE vero.contacts_id_seq INCREMENT 1 NO MINVALUE NO MAXVALUE NO CYCLE START 1 RESTART CACHE 100;
-- a value that is there already
TRUNCATE vero.contacts, vero.events RESTART IDENTITY;
INSERT INTO vero.contacts (id, email) OVERRIDING SYSTEM VALUE VALUES (1500, 'by.hand@b.co');
SELECT pg_temp.import(2000, $$'s' || n || '@b.co'$$);
SELECT count(*) FROM vero.contacts;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
DROP EXTENSION amcheck;
