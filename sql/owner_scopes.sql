-- What the extension does as the owner of its tables finds nothing of the caller's, and leaves nothing behind.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
CREATE ROLE vero_caller;
GRANT INSERT ON vero.events TO vero_caller;
\set file 'convert_to(E''email,name,time\\na@b.example,x,2022-01-01\\n'', ''UTF8'')'

-- a trigger of the tables' owner sees under what it runs
CREATE SCHEMA vero_seen;
GRANT USAGE ON SCHEMA vero_seen TO PUBLIC;
CREATE FUNCTION vero_seen.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE '% as % under %', TG_TABLE_NAME, current_user, current_setting('search_path');
	SET LOCAL search_path = vero_seen;
	SET LOCAL statement_timeout = '1h';
	RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION vero_seen.tell();
CREATE TRIGGER tell AFTER INSERT ON vero.messages FOR EACH ROW EXECUTE FUNCTION vero_seen.tell();
SET ROLE vero_caller;
SET search_path = vero_seen, public;
BEGIN;
SELECT state FROM import_events_csv(:file);
-- neither the role nor the settings
SELECT current_user, current_setting('search_path') AS search_path, current_setting('statement_timeout') AS statement_timeout;
SET search_path = pg_catalog, pg_temp;
SELECT state FROM public.import_events_csv(:file);
SELECT current_setting('search_path') AS search_path, current_setting('statement_timeout') AS statement_timeout;
COMMIT;
-- also where an error ends it
CREATE TEMP TABLE imports ();
RESET ROLE;
CREATE OR REPLACE FUNCTION vero_seen.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 / 0;
END $$;
SET ROLE vero_caller;
SET search_path = vero_seen, public;
\set VERBOSITY terse
BEGIN;
SAVEPOINT s;
SELECT state FROM import_events_csv(:file);
ROLLBACK TO s;
SELECT current_user, current_setting('search_path') AS search_path;
COMMIT;
RESET ROLE;

-- it cannot leave anything behind either
CREATE OR REPLACE FUNCTION vero_seen.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMP TABLE left_behind ();
	RETURN NULL;
END $$;
SET ROLE vero_caller;
SELECT state FROM import_events_csv(:file);
RESET ROLE;
CREATE OR REPLACE FUNCTION vero_seen.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE vero_caller;
	RETURN NULL;
END $$;
SET ROLE vero_caller;
SELECT state FROM import_events_csv(:file);
RESET ROLE;
DROP TRIGGER tell ON vero.imports;
DROP TRIGGER tell ON vero.messages;
CREATE CONSTRAINT TRIGGER tell AFTER INSERT ON vero.imports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION vero_seen.tell();
SET ROLE vero_caller;
SELECT state FROM import_events_csv(:file);
RESET ROLE;
\set VERBOSITY default

DROP TRIGGER tell ON vero.imports;
DROP SCHEMA vero_seen CASCADE;
DROP OWNED BY vero_caller;
DROP ROLE vero_caller;
