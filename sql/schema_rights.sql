-- Who may do what.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
CREATE ROLE vero_importer;
CREATE ROLE vero_reader;
CREATE ROLE vero_column_importer;
GRANT INSERT ON vero.events TO vero_importer;
GRANT INSERT (contact_id, name, occurred_at, properties, import_id) ON vero.events TO vero_column_importer;
\getenv data_dir VERO_TEST_DATA
\set example :data_dir '/example.csv'

SELECT state FROM import_events_csv(E'email,name,time\nsuperuser@b.co,x,2022-01-01\nbad,x,2022-01-01'::bytea);

-- INSERT on vero.events is the right to import, by content
SET ROLE vero_importer;
SELECT state, rows_imported, rows_rejected, contacts_created FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\nbad,x,2022-01-01'::bytea);
-- not from the server's files
SELECT state FROM import_events_csv(:'example', allow_repeat => true);
SELECT state FROM import_events_csv('/no/such/file.csv');
-- it shows one's own imports and rejects, nothing else
SELECT source, rows_imported, imported_by FROM vero.imports;
SELECT raw_record, reason FROM vero.rejected_rows;
SELECT * FROM vero.events;
SELECT * FROM vero.contacts;
SELECT * FROM vero.timeline;
INSERT INTO vero.imports (source, state, imported_by, started_at) VALUES ('x', 'running', 'vero_importer', now());
UPDATE vero.rejected_rows SET reason = 'none';
DELETE FROM vero.imports;
INSERT INTO vero.contacts (email) VALUES ('x@y.zz');
RESET ROLE;

GRANT pg_read_server_files TO vero_importer;
SET ROLE vero_importer;
SELECT state FROM import_events_csv(:'example', allow_repeat => true);
RESET ROLE;
REVOKE pg_read_server_files FROM vero_importer;

SET ROLE vero_column_importer;
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea);
SELECT count(*) FROM vero.imports;
RESET ROLE;

-- everybody else may look at what they did: nothing
SET ROLE vero_reader;
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea);
SELECT count(*) FROM vero.imports;
SELECT count(*) FROM vero.rejected_rows;
RESET ROLE;
SELECT count(*) FROM vero.imports;

-- operators, functions and casts of the importer's making are not run with the owner's rights
CREATE SCHEMA vero_trap AUTHORIZATION vero_importer;
SET ROLE vero_importer;
CREATE FUNCTION vero_trap.equals(text, text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE OPERATOR vero_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = vero_trap.equals);
CREATE FUNCTION vero_trap.big_equals(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE OPERATOR vero_trap.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = vero_trap.big_equals);
CREATE FUNCTION vero_trap.unnest(text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE FUNCTION vero_trap.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
SET search_path = vero_trap, pg_catalog, public;
SELECT state, contacts_created FROM import_events_csv(E'email,name,time\ntrap@b.co,x,2022-01-01'::bytea);
RESET search_path;
RESET ROLE;

-- a read-only transaction
BEGIN READ ONLY;
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea);
ROLLBACK;
-- rolled back on purpose: nothing stays
SELECT count(*) AS before FROM vero.imports \gset
BEGIN;
SAVEPOINT s;
SELECT state FROM import_events_csv(E'email,name,time\nnobody-else@b.co,x,2022-01-01\nbad,,'::bytea);
ROLLBACK TO s;
SELECT count(*) = :before AS unchanged FROM vero.imports;
COMMIT;
SELECT count(*) FROM vero.contacts WHERE email = 'nobody-else@b.co';

-- nobody is notified of an import before there is mail, but who is to be is on record
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea, notify => '{growth@example.com,data@example.com}');
SELECT notify, options FROM vero.imports ORDER BY id DESC LIMIT 1;

-- whom mail may go to: those whom the setting names, which is not the importer's; others take INSERT on vero.messages
SET vero_events.notify_email = 'ops@example.com, Jörg@bücher.example';
SET ROLE vero_importer;
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea, notify => '{OPS@example.com,jörg@xn--bcher-kva.example}', allow_repeat => true);
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea, notify => '{ops@example.com,victim@example.com}');
\copy vero.events FROM '/dev/null' WITH (FORMAT vero_csv, notify 'victim@example.com')
SET vero_events.notify_email = 'victim@example.com';
RESET ROLE;
GRANT INSERT ON vero.messages TO vero_importer;
SET ROLE vero_importer;
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea, notify => '{ops@example.com,victim@example.com}', allow_repeat => true);
RESET ROLE;
SELECT DISTINCT recipients FROM vero.messages WHERE recipients <> '{}' ORDER BY 1;
RESET vero_events.notify_email;

DROP SCHEMA vero_trap CASCADE;
DROP OWNED BY vero_importer, vero_column_importer;
DROP ROLE vero_importer, vero_reader, vero_column_importer;
