-- The commands in a confirmation work as they are pasted: each is taken out of one, and run.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET client_min_messages = warning;
LOAD 'vero_events';
\getenv data_dir VERO_TEST_DATA
CREATE FUNCTION pg_temp.commands(import bigint) RETURNS TABLE (command text) LANGUAGE sql AS $$
	SELECT c[1] FROM vero.messages, regexp_matches(body_text, '^ +(\\.*|SELECT \* FROM import_events_csv.*)$', 'gn') AS c WHERE import_id = import
$$;
-- What is to be typed, by its beginning; the server's path is that of psql's directory.
\set here `pwd`
CREATE FUNCTION pg_temp.command(import bigint, beginning text, here text) RETURNS text LANGUAGE sql AS $$
	SELECT replace(command, '/path/to', here) FROM pg_temp.commands(import) WHERE starts_with(command, beginning)
$$;
CREATE TEMP VIEW last_import AS
	SELECT state, rows_imported, parent_import_id AS parent, email, name, occurred_at, properties
	FROM vero.imports AS i LEFT JOIN vero.timeline AS t ON t.import_id = i.id WHERE i.id = vero.last_import_id() ORDER BY occurred_at;
-- Either of two commands is to be pasted: the other one would bring the same content again.
\set forget 'UPDATE vero.imports SET content_sha256 = NULL;'
\pset format unaligned
\pset tuples_only on

-- a file with semicolons and columns of its own
\set path :data_dir '/orders.csv'
SELECT import_id AS i FROM import_events_csv(:'path', columns => '{"email": "Customer Email", "time": "Ordered at"}', event_name => 'Places order') \gset
SELECT * FROM pg_temp.commands(:i);
SELECT pg_temp.command(:i, '\copy vero.rejected', :'here') AS export, pg_temp.command(:i, '\copy vero.events', :'here') AS import, pg_temp.command(:i, 'SELECT', :'here') AS call \gset
:export
\! sed -i -e 's/^cersei/&@casterlyrock.com/; s,14/01/2022,2022-01-14,; s/"golden/golden/' rejects-1.csv
:forget
:import
SELECT * FROM last_import;
\o /dev/null
:forget
:call
\o
SELECT * FROM last_import;
\! rm rejects-1.csv

-- a zone that nobody named: the session's, who pastes it in another one
SET TimeZone = 'America/New_York';
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
email,event,time
bad,Buys,2022-07-01 10:00
\.
SELECT vero.last_import_id() AS i \gset
SET TimeZone = 'UTC';
SELECT pg_temp.command(:i, '\copy vero.rejected', :'here') AS export, pg_temp.command(:i, '\copy vero.events', :'here') AS import \gset
:export
\! sed -i 's/bad/a@b.example/' rejects-*.csv
:forget
:import
\! rm rejects-*.csv
SELECT * FROM last_import;
-- and of a file that failed as a whole, and of an import that an error took away
SET TimeZone = 'America/New_York';
SELECT import_id AS i FROM import_events_csv('email,event'::bytea) \gset
SET TimeZone = 'UTC';
SELECT pg_temp.command(:i, '\copy vero.events', :'here') AS import \gset
\! printf 'email,event,time\na@b.example,Buys,2022-07-01 10:00\n' > file.csv
:forget
:import
SELECT * FROM last_import;
SET TimeZone = 'America/New_York';
BEGIN;
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, event_name 'Sells');
email,time
a@b.example,2022-07-01 10:00
\.
SELECT 1 / 0;
ROLLBACK;
SET TimeZone = 'UTC';
SELECT vero.last_import_id() AS i, vero.record_failed_imports() AS recorded \gset
SELECT id = :i, state, dialect FROM vero.imports ORDER BY id DESC LIMIT 1;
SELECT pg_temp.command(:i, '\copy vero.events', :'here') AS import \gset
\! printf 'email,time\na@b.example,2022-07-01 10:00\n' > file.csv
:forget
:import
SELECT * FROM last_import;
\! rm file.csv

-- UTF-16 without a mark
\set path :data_dir '/files/utf16le_nobom.csv'
SELECT import_id AS i FROM import_events_csv(:'path', encoding => 'UTF-16LE', dry_run => true) \gset
SELECT * FROM pg_temp.commands(:i);
SELECT pg_temp.command(:i, '\set', :'here') AS read, pg_temp.command(:i, 'SELECT * FROM import_events_csv(content', :'here') AS import,
	pg_temp.command(:i, 'SELECT * FROM import_events_csv(''', :'here') AS call \gset
\! cp "$VERO_TEST_DATA/files/utf16le_nobom.csv" file.csv
:read
\o /dev/null
:forget
:import
\o
SELECT * FROM last_import;
\o /dev/null
:forget
:call
\o
SELECT * FROM last_import;
\! rm file.csv
-- one that fails by COPY, as its header is not understood
\set path :data_dir '/files/utf16le_nobom.csv'
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, encoding 'UTF-16LE', columns '{"email": "nowhere"}');
SELECT vero.last_import_id() AS i, vero.record_failed_imports() AS recorded \gset
SELECT * FROM pg_temp.commands(:i);

-- a gzip archive: all of it, and then the corrected rejects, which are none
\set path :data_dir '/compressed/orders.csv.gz'
:forget
SELECT import_id AS i FROM import_events_csv(:'path', columns => '{"email": "Customer Email", "time": "Ordered at"}', event_name => 'Places order', dry_run => true) \gset
SELECT * FROM pg_temp.commands(:i);
SELECT pg_temp.command(:i, '\copy vero.events', :'here') AS import, pg_temp.command(:i, 'SELECT', :'here') AS call \gset
\! cp "$VERO_TEST_DATA/compressed/orders.csv.gz" file.csv.gz
:forget
:import
SELECT * FROM last_import;
SELECT vero.last_import_id() AS j \gset
\o /dev/null
:forget
:call
\o
SELECT * FROM last_import;
\! rm file.csv.gz
SELECT pg_temp.command(:j, '\copy vero.rejected', :'here') AS export, pg_temp.command(:j, '\copy vero.events', :'here') AS import \gset
:export
\! sed -i -e 's/^cersei/&@casterlyrock.com/; s,14/01/2022,2022-01-14,; s/"golden/golden/' rejects-*.csv
:forget
:import
SELECT * FROM last_import;
\! rm rejects-*.csv
-- one that fails as no column of it is the email
SELECT import_id AS i FROM import_events_csv(:'path') \gset
SELECT * FROM pg_temp.commands(:i);
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
