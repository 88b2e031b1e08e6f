-- The same content is imported once, unless it is said that it may be repeated.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\getenv data_dir VERO_TEST_DATA
\set example :data_dir '/example.csv'
\set orders :data_dir '/orders.csv'
\set orders_gz :data_dir '/compressed/orders.csv.gz'
\set orders_zst :data_dir '/compressed/orders.csv.zst'
SELECT current_setting('data_directory') || '/copy.csv' AS copy \gset
\set how 'columns => \'{"email": "Customer Email", "time": "Ordered at"}\', event_name => \'Places order\''
CREATE FUNCTION pg_temp.fixed(words text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(words, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC', '<when>', 'g')
$$;
-- 40,000 records, which are more than one batch
CREATE FUNCTION pg_temp.large(prefix text, bad int DEFAULT 0) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time\n' || (SELECT string_agg(CASE WHEN n <= bad THEN 'bad' ELSE prefix || n % 500 || '@example.com' END || ',Order,2022-01-01 00:00:' || n % 50 + 10 || E'\n', '')
		FROM generate_series(1, 40000) AS n), 'UTF8')
$$;
CREATE VIEW pg_temp.stored AS
	SELECT (SELECT count(*) FROM vero.contacts) AS contacts, (SELECT count(*) FROM vero.events) AS events,
		(SELECT count(*) FROM vero.trigger_jobs) AS jobs, (SELECT count(*) FROM vero.rejected_rows) AS rejects;

-- a file, and then its bytes, and a program that prints it, and the client that sends it
SELECT state, rows_imported FROM import_events_csv(:'example');
SELECT import_id, state, rows_read, rows_imported, rows_rejected, contacts_created, pg_temp.fixed(error) AS error FROM import_events_csv(:'example', label => 'again');
SELECT state FROM import_events_csv(pg_read_binary_file(:'example'), event_name => 'Other', columns => '{"event_name": null}');
DO $$
BEGIN
	EXECUTE format('COPY vero.events FROM PROGRAM %L WITH (FORMAT vero_csv)', 'printf ''email,name,time\nc@b.co,x,2022-01-01\n''');
	EXECUTE format('COPY vero.events FROM PROGRAM %L WITH (FORMAT vero_csv)', 'printf ''email,name,time\nc@b.co,x,2022-01-01\n''');
EXCEPTION WHEN bad_copy_file_format THEN
	DECLARE
		hint text;
	BEGIN
		GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
		RAISE NOTICE '% / %', pg_temp.fixed(SQLERRM), hint;
	END;
END $$;
SELECT * FROM pg_temp.stored;
SELECT id, state, rows_read, sha256 = content_sha256 AS is_plain, content_sha256 = sha256(pg_read_binary_file(:'example')) AS is_examples FROM vero.imports ORDER BY id;
SELECT pg_temp.fixed(subject) AS subject FROM vero.messages WHERE import_id = 2;
SELECT pg_temp.fixed(regexp_replace(body_text, '\nSource: .*', '')) AS told FROM vero.messages WHERE import_id = 2 \g (tuples_only=on format=unaligned)
-- of an error COPY's row tells as well
SELECT vero.record_failed_imports() > 0 AS is_recorded;
SELECT state, pg_temp.fixed(error) AS error FROM vero.imports ORDER BY id DESC LIMIT 1;

-- the wish
SELECT state, rows_imported FROM import_events_csv(:'example', allow_repeat => true);
COPY vero.events FROM :'example' WITH (FORMAT vero_csv, allow_repeat);
SELECT options FROM vero.imports WHERE id = vero.last_import_id();
-- which holds for one import, and tells of the first
SELECT state, error ~ 'import 1,' AS names_first FROM import_events_csv(:'example', allow_repeat => false);

-- an archive is what it holds
SELECT state, rows_imported, rows_rejected FROM import_events_csv(:'orders_gz', :how);
SELECT state, rows_imported, rows_rejected FROM import_events_csv(:'orders', :how);
SELECT state, rows_imported, rows_rejected FROM import_events_csv(:'orders_zst', :how);
SELECT source ~ 'gz$' AS is_archive, sha256 = sha256(pg_read_binary_file(:'orders_gz')) AS is_of_archive, content_sha256 = sha256(pg_read_binary_file(:'orders')) AS is_of_content
FROM vero.imports ORDER BY id DESC OFFSET 2 LIMIT 1;

-- failed and dry runs do not count, nor does an import that stored no event; a dry run says that it would fail
SELECT state FROM import_events_csv(E'email,name,time\nd@b.co,x,01/02/2022\n'::bytea);
SELECT state FROM import_events_csv(E'email,name,time\nd@b.co,x,01/02/2022\n'::bytea, reject_limit => '0');
SELECT state FROM import_events_csv(E'email,name,time\nd@b.co,x,01/02/2022\n'::bytea, dry_run => true, time_formats => '{%d/%m/%Y}');
SELECT state FROM import_events_csv(E'email,name,time\nd@b.co,x,01/02/2022\n'::bytea, time_formats => '{%d/%m/%Y}');
SELECT state, pg_temp.fixed(error) AS error FROM import_events_csv(E'email,name,time\nd@b.co,x,01/02/2022\n'::bytea, dry_run => true, time_formats => '{%d/%m/%Y}');
-- nor one that was rolled back, but one of the same transaction does
BEGIN;
SELECT state FROM import_events_csv(E'email,name,time\ne@b.co,x,2022-01-01\n'::bytea);
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT state FROM import_events_csv(E'email,name,time\ne@b.co,x,2022-01-01\n'::bytea);
ROLLBACK TO s;
SELECT state FROM import_events_csv(E'email,name,time\ne@b.co,x,2022-01-01\n'::bytea);
SELECT state FROM import_events_csv(E'email,name,time\ne@b.co,x,2022-01-01\n'::bytea);
COMMIT;
-- within one statement
SELECT i.state FROM (VALUES (1, 'f'), (2, 'f'), (3, 'g')) AS f (n, name), import_events_csv(convert_to(format(E'email,name,time\n%s@b.co,x,2022-01-01\n', name), 'UTF8')) AS i;

-- a larger file is known at its end: what it brought is taken back, and so are its rejects
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('thanks', 'order', '365 days', 'Hi', 'Hi');
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT state, rows_imported, rows_rejected, contacts_created FROM import_events_csv(pg_temp.large('h', 100), reject_limit => '5%', trigger_campaigns => true);
SELECT * FROM pg_temp.stored;
-- where its bytes are known, before anything is written
SELECT pg_relation_size('vero.events_default') AS size \gset
SELECT state, rows_read, pg_temp.fixed(error) AS error FROM import_events_csv(pg_temp.large('h', 100));
COPY (SELECT line FROM regexp_split_to_table(convert_from(pg_temp.large('h', 100), 'UTF8'), E'\n') WITH ORDINALITY AS l (line, n) WHERE line <> '' ORDER BY n) TO :'copy';
SELECT state, rows_read, pg_temp.fixed(error) AS error FROM import_events_csv(:'copy');
SELECT sha256 = sha256(pg_read_binary_file(:'copy')) AS is_hashed, bytes = (pg_stat_file(:'copy')).size AS is_counted FROM vero.imports ORDER BY id DESC LIMIT 1;
\set VERBOSITY sqlstate
COPY vero.events FROM :'copy' WITH (FORMAT vero_csv);
\set VERBOSITY default
SELECT pg_relation_size('vero.events_default') - :size AS grown;
-- where they are others, as those of an archive would be
UPDATE vero.imports SET sha256 = NULL WHERE state LIKE 'completed%';
UPDATE vero.contacts SET email = 'was' || email WHERE email LIKE 'h%';
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created, jobs_scheduled, jobs_discarded, pg_temp.fixed(error) AS error
FROM import_events_csv(pg_temp.large('h', 100), trigger_campaigns => true);
SELECT state, rows_read, rows_rejected FROM import_events_csv(pg_temp.large('h', 100), reject_limit => '5%');
SELECT state, rows_read, rows_rejected FROM import_events_csv(pg_temp.large('h', 100), dry_run => true);
SELECT * FROM pg_temp.stored;
SELECT pg_relation_size('vero.events_default') > :size AS grown;
SELECT id, state, rows_read, rows_imported, rows_rejected, contacts_created, reading IS NULL AS tells_nothing FROM vero.imports ORDER BY id;
SELECT count(*), bool_or(attachment IS NOT NULL) AS has_rejects, bool_or(body_text LIKE '%What is wrong%') AS tells_rejects FROM vero.messages WHERE import_id > 1;
SELECT state, rows_imported, contacts_created FROM import_events_csv(pg_temp.large('h', 100), allow_repeat => true);
-- and so by COPY, which raises it
\set program 'echo email,name,time; seq 30000 | sed "s/.*/i@b.example,x&,2022-01-01/"'
COPY vero.events FROM PROGRAM :'program' WITH (FORMAT vero_csv);
\set VERBOSITY sqlstate
COPY vero.events FROM PROGRAM :'program' WITH (FORMAT vero_csv);
\set VERBOSITY default
SELECT * FROM pg_temp.stored;
SELECT vero.record_failed_imports() > 0 AS is_recorded;
SELECT state, rows_read, rows_rejected, pg_temp.fixed(error) AS error FROM vero.imports ORDER BY id DESC LIMIT 1;

-- where the table has no index for it, or more than it was made with
DROP INDEX vero.imports_content;
SELECT state FROM import_events_csv(E'email,name,time\nj@b.co,x,2022-01-01\n'::bytea);
SELECT state FROM import_events_csv(E'email,name,time\nj@b.co,x,2022-01-01\n'::bytea);
CREATE INDEX imports_content ON vero.imports (content_sha256);
SELECT state FROM import_events_csv(E'email,name,time\nj@b.co,x,2022-01-01\n'::bytea);
CREATE FUNCTION pg_temp.pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER pass BEFORE INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION pg_temp.pass();
SELECT state FROM import_events_csv(E'email,name,time\nj@b.co,x,2022-01-01\n'::bytea);
SELECT state FROM import_events_csv(E'email,name,time\nk@b.co,x,2022-01-01\n'::bytea);
SELECT state FROM import_events_csv(E'email,name,time\nk@b.co,x,2022-01-01\n'::bytea);
DROP TRIGGER pass ON vero.imports;
-- many files in one transaction hold no more locks than one
BEGIN;
SELECT count(*) FROM generate_series(1, 200) AS n, import_events_csv(convert_to(format(E'email,name,time\nl@b.co,x%s,2022-01-01\n', n), 'UTF8'));
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
ROLLBACK;
-- the line that ends what stands in a script is no part of it, whether psql sends it or not
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
email,event_name,time
inline@example.com,B,2022-01-01
\.
SELECT bytes, content_sha256 = sha256(E'email,event_name,time\ninline@example.com,B,2022-01-01\n') AS is_without FROM vero.imports WHERE id = vero.last_import_id();
SELECT state FROM import_events_csv(E'email,event_name,time\ninline@example.com,B,2022-01-01\n'::bytea);

TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
