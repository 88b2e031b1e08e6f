-- What the extension does as the owner of its tables finds nothing of the caller's, and leaves nothing behind.
SELECT vero.record_failed_imports() >= 0 AS others_are_recorded;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
CREATE ROLE vero_caller;
GRANT INSERT ON vero.events TO vero_caller;
\set file 'convert_to(E''email,name,time\\na@b.example,x,2022-01-01\\n'', ''UTF8'')'

-- a trigger of the tables' owner sees under what it runs
CREATE SCHEMA vero_seen;
GRANT USAGE ON SCHEMA vero_seen TO PUBLIC;
CREATE FUNCTION vero_seen.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE '% as the owner: %, under %', TG_TABLE_NAME,
		current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID), current_setting('search_path');
	SET LOCAL search_path = vero_seen;
	SET LOCAL statement_timeout = '1h';
	RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION vero_seen.tell();
CREATE TRIGGER tell AFTER INSERT ON vero.messages FOR EACH ROW EXECUTE FUNCTION vero_seen.tell();
SET ROLE vero_caller;
SET search_path = vero_seen, public;
BEGIN;
SELECT state FROM import_events_csv(:file, allow_repeat => true);
-- neither the role nor the settings
SELECT current_user, current_setting('search_path') AS search_path, current_setting('statement_timeout') AS statement_timeout;
SET search_path = pg_catalog, pg_temp;
SELECT state FROM public.import_events_csv(:file, allow_repeat => true);
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
SELECT state FROM import_events_csv(:file, allow_repeat => true);
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
SELECT state FROM import_events_csv(:file, allow_repeat => true);
RESET ROLE;
CREATE OR REPLACE FUNCTION vero_seen.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE vero_caller;
	RETURN NULL;
END $$;
SET ROLE vero_caller;
SELECT state FROM import_events_csv(:file, allow_repeat => true);
RESET ROLE;
DROP TRIGGER tell ON vero.imports;
DROP TRIGGER tell ON vero.messages;
CREATE CONSTRAINT TRIGGER tell AFTER INSERT ON vero.imports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION vero_seen.tell();
SET ROLE vero_caller;
SELECT state FROM import_events_csv(:file, allow_repeat => true);
RESET ROLE;
\set VERBOSITY default

DROP TRIGGER tell ON vero.imports;

-- what the caller has queued and deferred waits for his own commit, and is done as himself
CREATE FUNCTION vero_seen.tell_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE '% of % as %', TG_NAME, NEW.a, current_user;
	RETURN NULL;
END $$;
GRANT CREATE ON SCHEMA vero_seen TO vero_caller;
GRANT EXECUTE ON FUNCTION vero.run_jobs(integer), vero.resend(bigint), vero.remove_old(integer, interval), vero.record_failed_imports() TO vero_caller;
GRANT INSERT ON vero.trigger_jobs TO vero_caller;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('now', 'x', '0', '36500 days', 'subject', 'text');
SET ROLE vero_caller;
CREATE TABLE vero_seen.parents (a int PRIMARY KEY);
CREATE TABLE vero_seen.own (a int REFERENCES vero_seen.parents DEFERRABLE INITIALLY DEFERRED);
CREATE CONSTRAINT TRIGGER immediate AFTER INSERT ON vero_seen.own DEFERRABLE FOR EACH ROW EXECUTE FUNCTION vero_seen.tell_late();
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON vero_seen.own DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION vero_seen.tell_late();
\set everything 'SELECT (SELECT state FROM import_events_csv(:file, trigger_campaigns => true, allow_repeat => true)), (SELECT queued > 0 FROM vero.run_jobs()), vero.track_event(''a@b.example'', ''y'') > 0, (SELECT jobs FROM vero.remove_old(10, ''1 day'')), vero.record_failed_imports()'
BEGIN;
INSERT INTO vero_seen.own VALUES (1);
:everything;
\echo now its immediate triggers are deferred
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO vero_seen.own VALUES (2);
:everything;
INSERT INTO vero_seen.parents VALUES (1), (2);
\echo commit
COMMIT;
-- in the midst of his statement, whose triggers wait for its end
WITH written AS (INSERT INTO vero_seen.parents SELECT g FROM generate_series(3, 4) AS g RETURNING a)
INSERT INTO vero_seen.own SELECT a FROM written WHERE (SELECT state FROM import_events_csv(:file, allow_repeat => true)) = 'completed';
-- events are written as himself, under his own search_path, and so what is deferred on them is his as well
RESET ROLE;
CREATE FUNCTION vero_seen.tell_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE '% as % under %', TG_NAME, current_user, current_setting('search_path');
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON vero.events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION vero_seen.tell_of_event();
SET ROLE vero_caller;
BEGIN;
SELECT state FROM import_events_csv(:file, allow_repeat => true);
\echo commit
COMMIT;
RESET ROLE;
DROP TRIGGER late ON vero.events;
SET ROLE vero_caller;
-- where it is too late for the import, it fails as his transaction does
BEGIN;
INSERT INTO vero_seen.own VALUES (5);
:everything;
COMMIT;
RESET ROLE;
SELECT vero.record_failed_imports();
SELECT error FROM vero.imports WHERE state = 'failed';

-- the tables have one owner
CREATE ROLE vero_marketing;
DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY '{imports,contacts,events,rejected_rows,campaigns,trigger_jobs,delivery,import_profiles,suppressions,mail_stops,messages}'::text[] LOOP EXECUTE 'ALTER TABLE vero.' || t || ' OWNER TO vero_marketing'; END LOOP; END $$;
ALTER TABLE vero.messages OWNER TO vero_caller;
SET ROLE vero_caller;
SELECT state FROM import_events_csv(:file, allow_repeat => true);
RESET ROLE;
ALTER TABLE vero.messages OWNER TO vero_marketing;
CREATE FUNCTION vero_seen.tell_who() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE '% as %', TG_TABLE_NAME, current_user;
	RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION vero_seen.tell_who();
SELECT state FROM import_events_csv(:file, allow_repeat => true);
DROP TRIGGER tell ON vero.imports;
REASSIGN OWNED BY vero_marketing TO CURRENT_USER;
DROP ROLE vero_marketing;

DROP SCHEMA vero_seen CASCADE;
DROP OWNED BY vero_caller;
DROP ROLE vero_caller;
