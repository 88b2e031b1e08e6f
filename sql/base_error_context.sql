-- An error's context tells what the user called and what his own functions did, not what the extension does inside.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set import 'SELECT import_events_csv(E''email,name,time\\na@b.co,x,2022-01-01\\nbad,,\\n''::bytea, allow_repeat => true);'

-- a trigger's own lines are there
CREATE FUNCTION context_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT 1/0 AS mine'; RETURN NULL; END $$;
CREATE FUNCTION context_import() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM public.import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, allow_repeat => true); END $$;
\set trigger 'CREATE TRIGGER context_refuse AFTER INSERT OR UPDATE ON vero.'
:trigger imports EXECUTE FUNCTION context_refuse();
:import
DROP TRIGGER context_refuse ON vero.imports;
:trigger messages EXECUTE FUNCTION context_refuse();
:import
SELECT context_import();
DROP TRIGGER context_refuse ON vero.messages;
:trigger events EXECUTE FUNCTION context_refuse();
:import
SELECT vero.track_event('a@b.co', 'x');
DROP TRIGGER context_refuse ON vero.events;
-- nor is the statement there where a trigger only says something
CREATE FUNCTION context_say() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'said at %', TG_TABLE_NAME; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER context_say AFTER INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION context_say();
CREATE TRIGGER context_say AFTER INSERT ON vero.contacts FOR EACH STATEMENT EXECUTE FUNCTION context_say();
CREATE TRIGGER context_say AFTER INSERT ON vero.events FOR EACH STATEMENT EXECUTE FUNCTION context_say();
CREATE TRIGGER context_say AFTER INSERT ON vero.messages FOR EACH STATEMENT EXECUTE FUNCTION context_say();
\set SHOW_CONTEXT always
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea);
SELECT vero.track_event('c@b.co', 'x') IS NOT NULL AS tracked;
-- where the statement needs nothing to be told, or is none that is planned
CREATE TRIGGER context_say AFTER DELETE ON vero.delivery FOR EACH STATEMENT EXECUTE FUNCTION context_say();
SELECT vero.enable_delivery();
CREATE FUNCTION context_command() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'said at %', TG_TAG; END $$;
ALTER TABLE vero.messages ENABLE TRIGGER messages_replicated;
CREATE EVENT TRIGGER context_command ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION context_command();
SELECT vero.enable_delivery();
DROP EVENT TRIGGER context_command;
-- and while rows are looked for: a policy's function is called when the statement is planned, or when it runs
CREATE FUNCTION context_policy(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE NOTICE 'said by a policy, %', $1; RETURN true; END $$;
CREATE ROLE context_importer;
GRANT INSERT ON vero.events TO context_importer;
CREATE POLICY context_planned ON vero.rejected_rows AS RESTRICTIVE USING (context_policy('planned'));
CREATE POLICY context_run ON vero.rejected_rows AS RESTRICTIVE USING (context_policy(reason));
SET ROLE context_importer;
SELECT import_id AS rejecting FROM import_events_csv(E'email,name,time\nbad,x,2022-01-01\n'::bytea) \gset
SELECT vero.rejected_csv(:rejecting);
RESET ROLE;
DROP POLICY context_planned ON vero.rejected_rows;
DROP POLICY context_run ON vero.rejected_rows;
DROP OWNED BY context_importer;
DROP ROLE context_importer;
\set SHOW_CONTEXT errors
SET client_min_messages = warning;
DROP FUNCTION context_say, context_command, context_policy CASCADE;
RESET client_min_messages;
-- an import that a trigger of another import calls
CREATE FUNCTION context_nested() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.source = 'content' AND pg_trigger_depth() = 1 THEN
		PERFORM public.context_import();
	END IF;
	RAISE 'too deep';
END
$$;
CREATE TRIGGER context_nested BEFORE INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION context_nested();
:import
DROP TRIGGER context_nested ON vero.imports;

-- neither is the statement there where nothing of the user's is inside
ALTER TABLE vero.messages ADD CONSTRAINT context_none CHECK (subject = '') NOT VALID;
DO $$
DECLARE
	context text;
BEGIN
	PERFORM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, allow_repeat => true);
EXCEPTION WHEN check_violation THEN
	GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
	RAISE NOTICE E'%\n%', SQLERRM, context;
END
$$;
ALTER TABLE vero.messages DROP CONSTRAINT context_none;
BEGIN;
ALTER TABLE vero.imports RENAME started_at TO begun_at;
:import
ROLLBACK;
-- nor in what the worker's steps say
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'x', '0', '36500 days', 's', 't');
SELECT jobs_scheduled FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, trigger_campaigns => true, allow_repeat => true);
BEGIN;
ALTER TABLE vero.trigger_jobs RENAME due_at TO late_at;
SELECT * FROM vero.run_jobs();
ROLLBACK;
BEGIN;
:trigger trigger_jobs EXECUTE FUNCTION context_refuse();
SELECT * FROM vero.run_jobs();
ROLLBACK;

DROP FUNCTION context_refuse, context_nested, context_import;
