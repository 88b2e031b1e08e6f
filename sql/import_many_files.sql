-- Several files at once: in one transaction by a pattern or a list, and by a procedure in a transaction for each.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set SHOW_CONTEXT never
-- the server's programs and relative paths begin in its data directory, so that no message here has a path of this machine
CREATE FUNCTION pg_temp.run(command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'cat > /dev/null; ' || command);
END
$$;
CREATE FUNCTION pg_temp.quoted(name text) RETURNS text LANGUAGE sql AS $$ SELECT '''' || replace(name, '''', '''\''''') || '''' $$;
CREATE FUNCTION pg_temp.write(name text, emails text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('COPY (SELECT unnest(%L::text[])) TO PROGRAM %L', ARRAY['email,event,time'] || (SELECT array_agg(e || ',x,2022-01-01') FROM unnest(emails) AS e),
		'cat > ' || pg_temp.quoted('many/' || name));
END
$$;
CREATE FUNCTION pg_temp.fixed(words text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(words, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC', '<when>', 'g')
$$;
SELECT pg_temp.run('rm -rf many; mkdir -p many/sub/deep "many/sub 2" many/dir.csv');
SELECT pg_temp.write(name, ARRAY[format('x%s@example.com', n), 'all@example.com'])
FROM unnest(ARRAY['b.csv', 'a.csv', 'B.csv', 'a10.csv', 'a9.csv', 'é.csv', '.hidden.csv', 'sub/a.csv', 'sub 2/a.csv', 'sub/deep/a.csv']) WITH ORDINALITY AS f (name, n) \g /dev/null

-- a row for each, in the bytewise order of names; directories and hidden files are none of them
SELECT import_id, state, rows_read, rows_imported, rows_rejected, contacts_created, error FROM import_events_csv('many/*.csv');
SELECT id, source, imported_by = current_user AS is_own FROM vero.imports ORDER BY id;
SELECT count(DISTINCT xmin::text) AS transactions, count(*) FROM vero.imports;
-- all again: a failed row for each, of the function's own kind of failure
SELECT import_id, state, rows_read, substr(error, 1, 45) AS error FROM import_events_csv('many/?.csv');
BEGIN;
SELECT count(*), sum(rows_imported) AS events FROM import_events_csv('many/*.csv', allow_repeat => true);
ROLLBACK;
-- what patterns are
CREATE FUNCTION pg_temp.files(path text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	first bigint := coalesce((SELECT max(id) FROM vero.imports), 0);
BEGIN
	PERFORM import_events_csv(path, dry_run => true, allow_repeat => true);
	RETURN (SELECT string_agg(substr(source, 6), ' ' ORDER BY id) FROM vero.imports WHERE id > first);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
SELECT pattern, pg_temp.files('many/' || pattern) FROM unnest(ARRAY['a?.csv', 'a*.csv', '[ab].csv', '[!a].csv', '[[:upper:]].csv', 'a[0-9]*.csv', '.*.csv', '*/*.csv', 's*b/a.csv', 'sub/*/a.csv', '*/*/*.csv', '**/a.csv', '../many/?.csv',
	'{a,b}.csv', '*{a,b}.csv', '~*.csv', 'sub [0-9]/*', '\a?.csv', '\*.csv', '[.csv', '[*.csv', 'a.csv*', '*/', '*', 'none/*.csv', 'a.csv/*.csv', 'd*.csv', '*/../a.csv']) AS pattern;
-- names that are patterns are names first, and a backslash before it makes a sign of a pattern one of a name
SELECT pg_temp.write(name, ARRAY[format('y%s@example.com', n)]) FROM unnest(ARRAY['lit*.csv', 'litter.csv', 'lit[1].csv', 'lit1.csv', 'q "it''s" $HOME.csv', 'back\slash.csv']) WITH ORDINALITY AS f (name, n) \g /dev/null
SELECT pattern, pg_temp.files('many/' || pattern)
FROM unnest(ARRAY['lit*.csv', 'lit?*.csv', 'li[t]\*.csv', 'lit[1].csv', 'lit[1]*', 'q *it''s*', 'q*$HOME.csv', 'back\slash.csv', 'back\\*.csv', 'back\*.csv']) AS pattern;
-- links: to files, to nothing, to a directory and back
SELECT pg_temp.run('cd many && ln -s sub/a.csv link1.csv && ln -s nothing.csv link2.csv && ln -s . link3.csv && mkfifo link4.csv');
SELECT pattern, pg_temp.files('many/' || pattern) FROM unnest(ARRAY['link[134]*', 'link*', 'link3.csv/link1*', 'l*/l*/l*/link1.csv']) AS pattern;
-- names that are no text of the database, or take two lines
SELECT pg_temp.run('cd many && touch "$(printf ''bad\377.csv'')" "$(printf ''two\nlines.csv'')"');
SELECT pattern, pg_temp.files('many/' || pattern) FROM unnest(ARRAY['bad*', 'two*', 'b*.csv', 'b.[c]sv']) AS pattern;
SELECT import_events_csv(E'many/*\n.csv');
SELECT import_events_csv('many/none*.csv');
SELECT import_events_csv('many/' || repeat('*', 1100));

-- a list: each file once, patterns and names mixed, in the order of names
SELECT import_id, state FROM import_events_csv(paths => ARRAY['many/b.csv', 'many/a.csv', 'many/?.csv', 'many/a.csv'], dry_run => true, allow_repeat => true);
SELECT source FROM vero.imports ORDER BY id DESC LIMIT 4;
SELECT count(*) FROM import_events_csv('{many/a.csv}'::text[], dry_run => true, allow_repeat => true);
SELECT import_events_csv(paths => '{}');
SELECT import_events_csv(paths => '{many/a.csv,NULL}');
SELECT import_events_csv(paths => NULL);
SELECT import_events_csv(path => NULL);
SELECT import_events_csv(paths => '{many/a.csv,many/none*.csv}');
-- an error of one takes back all; a file that fails as a whole does not
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT import_events_csv(paths => '{many/a.csv,many/none.csv}');
SELECT count(*) FROM vero.imports;
SELECT count(*) FROM vero.events;
SELECT vero.record_failed_imports();
SELECT pg_temp.run('cd many && echo no header > ab.csv && rm link2.csv link4.csv bad* two*');
SELECT import_id, state, rows_imported, error FROM import_events_csv('many/a*.csv');
SELECT count(*) FROM vero.events;
-- the same content twice in one call
SELECT pg_temp.run('cd many && cp b.csv b2.csv');
SELECT import_id, state, pg_temp.fixed(error) AS error FROM import_events_csv('many/b*.csv');
SELECT pg_temp.run('rm many/b2.csv');
-- in places where a row was before
SELECT (import_events_csv('many/B.csv')).state;
DO $$
DECLARE
	was vero.import_summary;
BEGIN
	SELECT * INTO STRICT was FROM import_events_csv('many/é.csv');
	RAISE NOTICE '% %', was.state, was.rows_imported;
	was := import_events_csv('many/sub/a.csv');
	RAISE NOTICE '% %', was.state, was.rows_imported;
END
$$;

-- the procedure
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT pg_temp.run('cd many && echo "bad,x,2022-01-01" >> a10.csv && ln -s nothing.csv link2.csv');
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.name = 'deferred' THEN
		RAISE EXCEPTION 'not at the end';
	ELSIF NEW.name = 'bad' THEN
		RAISE EXCEPTION 'not in the middle' USING ERRCODE = 'deadlock_detected';
	ELSIF NEW.name = 'stop' THEN
		PERFORM pg_cancel_backend(pg_backend_pid());
		PERFORM pg_sleep(60);
	END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON vero.events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
CREATE TRIGGER refuse_now AFTER INSERT ON vero.events FOR EACH ROW WHEN (NEW.name IN ('bad', 'stop')) EXECUTE FUNCTION pg_temp.refuse();
SELECT pg_temp.run('cd many && sed s/,x,/,deferred,/ sub/a.csv > c.csv && sed s/,x,/,bad,/ sub/a.csv > d.csv');
CALL vero.import_files('many/*.csv');
SELECT id, source, state, rows_imported, rows_rejected FROM vero.imports ORDER BY id;
SELECT count(DISTINCT xmin::text) AS transactions, count(*) FROM vero.imports;
SELECT count(*) FROM vero.events;
-- what an error has ended is recorded, as ever
SELECT vero.record_failed_imports();
SELECT id, source, state, error FROM vero.imports WHERE source ~ '/[cd].csv' ORDER BY id;
-- a cancel ends it, and what was imported before stays
SELECT pg_temp.write(name, ARRAY[format('z%s@example.com', n)]) FROM unnest(ARRAY['s1.csv', 's2.csv', 's3.csv']) WITH ORDINALITY AS f (name, n) \g /dev/null
SELECT pg_temp.run('sed -i s/,x,/,stop,/ many/s2.csv');
CALL vero.import_files('many/s?.csv');
SELECT vero.record_failed_imports();
SELECT source, state, error FROM vero.imports WHERE source ~ '/s.\.csv' ORDER BY id;
SELECT import_events_csv('many/s[23].csv');
SELECT vero.record_failed_imports();
SELECT source, state, error FROM vero.imports WHERE source ~ '/s.\.csv' ORDER BY id;
SELECT pg_temp.run('rm many/s?.csv');
DROP TRIGGER refuse ON vero.events;
DROP TRIGGER refuse_now ON vero.events;
-- again: what is in is passed over, the rest is imported
\set VERBOSITY terse
SELECT pg_temp.run('cd many && rm link2.csv ab.csv lit* q* back*');
-- not in a block with an EXCEPTION clause, which is a subtransaction
DO $$
DECLARE
	ids bigint[];
BEGIN
	CALL vero.import_files('many/[a-d]*.csv', import_ids => ids);
EXCEPTION WHEN active_sql_transaction THEN
	RAISE NOTICE '%', SQLERRM;
END
$$;
SET client_min_messages = warning;
CALL vero.import_files('many/[a-d]*.csv') \gset
RESET client_min_messages;
SELECT source, state, rows_imported, pg_temp.fixed(error) AS error FROM vero.imports WHERE id = ANY (:'import_ids') ORDER BY id;
CALL vero.import_files(paths => ARRAY['many/é.csv', 'many/sub*/*.csv'], dry_run => true, allow_repeat => true, import_ids => NULL);
CALL vero.import_files(paths => ARRAY['many/é.csv', 'many/sub*/*.csv'], event_name => 'y', columns => '{"event": null}', profile => 'none');
CALL vero.import_files(paths => ARRAY['many/none.csv']);
-- in a block that commits itself, with a cursor open
DO $$
DECLARE
	ids bigint[];
	file text;
BEGIN
	FOR file IN SELECT unnest(ARRAY['many/é.csv', 'many/sub*/*.csv']) LOOP
		CALL vero.import_files(file, allow_repeat => true, import_ids => ids);
		RAISE NOTICE '%', ids;
	END LOOP;
END
$$;
\set VERBOSITY default
-- where it may not be called, and how
BEGIN;
CALL vero.import_files('many/*.csv');
ROLLBACK;
CREATE FUNCTION pg_temp.within() RETURNS bigint[] LANGUAGE plpgsql AS $$ DECLARE ids bigint[]; BEGIN CALL vero.import_files('many/*.csv', import_ids => ids); RETURN ids; END $$;
SELECT pg_temp.within();
SELECT 1 \; CALL vero.import_files('many/*.csv');
CALL vero.import_files('many/none*.csv');
CALL vero.import_files(path => NULL);
CALL vero.import_files(paths => NULL);
CALL vero.import_files('many/a.csv', reject_limit => 'few');
SET default_transaction_read_only = on;
CALL vero.import_files('many/a.csv');
RESET default_transaction_read_only;

-- rights: who may not read files of the server is told nothing of their names
CREATE ROLE vero_many;
SET ROLE vero_many;
CALL vero.import_files('many/*.csv');
SELECT import_events_csv('many/*.csv');
RESET ROLE;
GRANT INSERT ON vero.events TO vero_many;
SET ROLE vero_many;
CALL vero.import_files('many/*.csv');
SELECT import_events_csv('many/*.csv');
SELECT import_events_csv('many/none*.csv');
SELECT import_events_csv(paths => '{many/none*.csv}');
SELECT count(*) FROM import_events_csv(E'email,event,time\na@b.co,x,2022-01-01\n'::bytea);
RESET ROLE;
GRANT pg_read_server_files TO vero_many;
SET ROLE vero_many;
SELECT count(*) FROM import_events_csv('many/sub*/*.csv', allow_repeat => true);
CALL vero.import_files('many/sub/*.csv', allow_repeat => true) \g /dev/null
SELECT count(*) FROM vero.imports;
RESET ROLE;
DROP OWNED BY vero_many;
DROP ROLE vero_many;

-- ten thousand
SELECT pg_temp.run('mkdir many/lots; cd many/lots; i=0; while [ $i -lt 10000 ]; do echo "email,event,time
x$i@example.com,x,2022-01-01" > $i.csv; i=$((i + 1)); done');
SELECT count(*), sum(rows_imported) AS events, min(state), max(state) FROM import_events_csv('many/lots/*.csv');
SET client_min_messages = warning;
CALL vero.import_files('many/lots/*9.csv', allow_repeat => true) \gset
RESET client_min_messages;
SELECT count(*), sum(rows_imported) AS events FROM vero.imports WHERE id = ANY (:'import_ids');
SELECT pg_temp.run('rm -r many');
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
