-- The rows of an import and of its confirmation are stored without a statement where their tables are as the extension's script made them; what was
-- changed or put on a table has its say.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET vero_events.notify_email = 'ops@shop.example';
\set file 'E\'email,name,time,p\\na@b.co,x,2022-01-01 12:00,1\\nb@b.co,x,2022-01-02,2\\nbad,x,2022-01-01,4\\n\'::bytea'
\set import 'SELECT import_id, state, rows_imported, rows_rejected FROM import_events_csv(:file, allow_repeat => true)'

-- every column, by one way and by the other, which a trigger asks for
CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
:import;
CREATE TRIGGER pass BEFORE INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION pass();
CREATE TRIGGER pass BEFORE INSERT ON vero.messages FOR EACH ROW EXECUTE FUNCTION pass();
:import;
DROP TRIGGER pass ON vero.imports;
DROP TRIGGER pass ON vero.messages;
CREATE FUNCTION unlike(rows jsonb[]) RETURNS TABLE (key text, one jsonb, other jsonb) LANGUAGE sql AS $$
	SELECT key, a.value, b.value
	FROM jsonb_each(rows[1]) AS a
	FULL JOIN jsonb_each(rows[2]) AS b USING (key)
	WHERE a.value IS DISTINCT FROM b.value
	ORDER BY key COLLATE "C"
$$;
SELECT key FROM unlike((SELECT array_agg(to_jsonb(i) ORDER BY id) FROM vero.imports AS i));
SELECT key FROM unlike((SELECT array_agg(to_jsonb(m) ORDER BY id) FROM vero.messages AS m));
SELECT finished_at >= started_at AS is_in_order, length(sha256), run_id IS NOT NULL AS has_run, imported_by = current_user AS is_mine FROM vero.imports;

-- whoever looks while it runs finds it, and so do triggers of its own
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_TABLE_NAME = 'imports' THEN
		RAISE NOTICE '% of imports: %', TG_OP, NEW.state;
	ELSE
		RAISE NOTICE '% of %: the import is %', TG_OP, TG_TABLE_NAME, (SELECT state FROM vero.imports ORDER BY id DESC LIMIT 1);
	END IF;
	RETURN NULL;
END $$;
BEGIN;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON vero.imports FOR EACH ROW EXECUTE FUNCTION tell();
:import;
ROLLBACK;
BEGIN;
CREATE TRIGGER tell AFTER INSERT ON vero.events FOR EACH STATEMENT EXECUTE FUNCTION tell();
:import;
ROLLBACK;
BEGIN;
CREATE TRIGGER tell AFTER INSERT ON vero.rejected_rows FOR EACH STATEMENT EXECUTE FUNCTION tell();
:import;
ROLLBACK;
BEGIN;
CREATE TRIGGER tell AFTER INSERT ON vero.contacts FOR EACH STATEMENT EXECUTE FUNCTION tell();
DELETE FROM vero.events;
DELETE FROM vero.contacts;
:import;
ROLLBACK;
BEGIN;
CREATE TRIGGER tell AFTER INSERT ON vero.messages FOR EACH ROW EXECUTE FUNCTION tell();
:import;
ROLLBACK;

-- defaults and checks
BEGIN;
ALTER TABLE vero.messages ALTER attempts SET DEFAULT 7;
:import;
SELECT attempts FROM vero.messages ORDER BY id DESC LIMIT 1;
ROLLBACK;
BEGIN;
ALTER TABLE vero.imports ALTER corrected_by SET DEFAULT '{7}';
:import;
SELECT corrected_by FROM vero.imports ORDER BY id DESC LIMIT 1;
ROLLBACK;
BEGIN;
ALTER TABLE vero.imports ADD note text DEFAULT 'noted', ADD number int;
:import;
SELECT note, number FROM vero.imports ORDER BY id DESC LIMIT 1;
ROLLBACK;
\set VERBOSITY terse
BEGIN;
ALTER TABLE vero.messages ADD CONSTRAINT no_confirmations CHECK (kind <> 'confirmation') NOT VALID;
:import;
ROLLBACK;
BEGIN;
ALTER TABLE vero.imports ADD CONSTRAINT one_row CHECK (rows_imported < 2) NOT VALID;
:import;
ROLLBACK;
BEGIN;
CREATE UNIQUE INDEX one_of_a_source ON vero.imports (source, (rows_read)) WHERE id > 2;
:import;
:import;
ROLLBACK;
-- an import has one confirmation
BEGIN;
INSERT INTO vero.messages (kind, state, recipients, subject, body_text, message_id_header, import_id, created_at)
SELECT 'confirmation', 'stored', '{}', 's', 't', '<a@b>', 1, now();
ROLLBACK;

-- a file that fails as a whole, a dry run and an import that corrects another one
SELECT state, error FROM import_events_csv('a,b'::bytea);
SELECT state FROM import_events_csv(:file, dry_run => true, allow_repeat => true);
SELECT state FROM import_events_csv(:file, parent_import => 1, allow_repeat => true);
SELECT id, state, source, error, parent_import_id, corrected_by, rows_read FROM vero.imports ORDER BY id;
SELECT import_id, kind, state, subject FROM vero.messages ORDER BY id;

-- what a session keeps of the indexes is what there is: one that comes gets entries, of the rows that its predicate takes, and one that goes none
CREATE EXTENSION amcheck;
CREATE INDEX stored_messages ON vero.messages (import_id, subject) WHERE state = 'stored';
CREATE INDEX queued_messages ON vero.messages (import_id) WHERE state = 'queued';
:import;
REINDEX TABLE CONCURRENTLY vero.messages;
:import;
DROP INDEX vero.queued_messages;
:import;
SELECT bt_index_check(indexrelid, true) FROM pg_index WHERE indrelid IN ('vero.messages'::regclass, 'vero.imports'::regclass) \g /dev/null
DROP INDEX vero.stored_messages;
DROP EXTENSION amcheck;

DROP FUNCTION pass, tell, unlike;
SELECT vero.record_failed_imports() > 0 AS recorded;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
