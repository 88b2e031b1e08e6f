-- What vero.imports keeps of an import whose transaction was rolled back.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
SELECT vero.record_failed_imports() IS NOT NULL AS nothing_is_left_of_other_tests;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
-- what vero.import_progress shows while it runs
CREATE FUNCTION note_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE 'shown as import %', (SELECT import_id FROM vero.import_progress WHERE pid = pg_backend_pid());
	RAISE 'refused';
END
$$;
CREATE TRIGGER note_id BEFORE INSERT ON vero.events FOR EACH ROW WHEN (new.name = 'refused') EXECUTE FUNCTION note_id();

-- the first one, and one behind others
SELECT import_events_csv(E'email,name,time\na@b.co,refused,2022-01-01\n'::bytea);
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea);
SELECT import_events_csv(E'email,name,time\nnobody,x,2022-01-01\na@b.co,refused,2022-01-01\na@b.co,x,\n'::bytea);
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, allow_repeat => true);
-- read to its end
BEGIN;
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\nnobody,x,2022-01-01\n'::bytea);
SELECT 1 / 0;
COMMIT;
SELECT vero.record_failed_imports();
SELECT id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, error FROM vero.imports ORDER BY id;
SELECT count(*) AS rejects_kept FROM vero.rejected_rows WHERE import_id = 3;
SELECT import_id, subject FROM vero.messages WHERE subject LIKE '%failed%' ORDER BY import_id;

-- a number that was given again, as it may be after a crash
SELECT import_events_csv(E'email,name,time\na@b.co,refused,2022-01-01\n'::bytea);
ALTER SEQUENCE vero.imports_id_seq RESTART WITH 6;
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, allow_repeat => true);
SELECT vero.record_failed_imports();
-- one that was not given again, but would be
SELECT import_events_csv(E'email,name,time\na@b.co,refused,2022-01-01\n'::bytea);
SELECT import_events_csv(E'email,name,time\na@b.co,refused,2022-01-01\n'::bytea);
ALTER SEQUENCE vero.imports_id_seq RESTART WITH 8;
SELECT vero.record_failed_imports();
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, allow_repeat => true);
SELECT id, state, error FROM vero.imports WHERE id > 5 ORDER BY id;
SELECT import_id, subject FROM vero.messages WHERE import_id > 5 AND subject LIKE '%failed%' ORDER BY import_id;
SELECT substring(body_text FROM 'it was import[^\n]*') AS names_both FROM vero.messages WHERE import_id = 7;
-- a thousand numbers are passed over for one, not more
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT setval('vero.imports_id_seq', 999);
SELECT import_events_csv(E'email,name,time\na@b.co,refused,2022-01-01\n'::bytea);
ALTER SEQUENCE vero.imports_id_seq RESTART;
SELECT vero.record_failed_imports();
SELECT setval('vero.imports_id_seq', 2001);
SELECT import_events_csv(E'email,name,time\na@b.co,refused,2022-01-01\n'::bytea);
SELECT setval('vero.imports_id_seq', 1001);
SELECT vero.record_failed_imports();
SELECT id, error FROM vero.imports ORDER BY id;

DROP TRIGGER note_id ON vero.events;
DROP FUNCTION note_id;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
