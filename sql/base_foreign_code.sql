-- What a third party has put on the extension's tables is not run with the rights of their owner.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'x', '0', '36500 days', 's', 't');
CREATE ROLE vero_guest;
GRANT TRIGGER ON ALL TABLES IN SCHEMA vero TO vero_guest;
CREATE SCHEMA vero_guests AUTHORIZATION vero_guest;
GRANT USAGE ON SCHEMA vero_guests TO PUBLIC;
SET ROLE vero_guest;
CREATE FUNCTION vero_guests.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'run as %', current_user; END $$;
CREATE FUNCTION vero_guests.is_fine(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'run as %', current_user; END $$;
CREATE FUNCTION vero_guests.value() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'run as %', current_user; END $$;
CREATE DOMAIN vero_guests.some AS text CHECK (vero_guests.is_fine(value));
RESET ROLE;
CREATE FUNCTION own_fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;

-- What becomes of an import, and of its job, after a change that does not stay.
CREATE FUNCTION pg_temp.try(role name, change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	import record;
	jobs record;
	detail text;
BEGIN
	PERFORM set_config('role', role, true);
	EXECUTE change;
	RESET ROLE;
	SELECT * INTO import FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\nbad,x,2022-01-01\n'::bytea, trigger_campaigns => true);
	SELECT * INTO jobs FROM vero.run_jobs();
	PERFORM vero.remove_old(kept => '0');
	RAISE EXCEPTION USING errcode = 'VERO1', message = format('%s, %s queued', import.state, jobs.queued);
EXCEPTION WHEN sqlstate 'VERO1' THEN RETURN sqlerrm;
WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', sqlstate, sqlerrm, detail);
END
$$;
\pset format unaligned
\pset tuples_only on
SELECT pg_temp.try(current_user, '');
SELECT pg_temp.try('vero_guest', format('CREATE TRIGGER guests %s ON vero.%s FOR EACH ROW EXECUTE FUNCTION vero_guests.fire()', event, name))
FROM (VALUES (1, 'imports', 'BEFORE INSERT'), (2, 'imports', 'AFTER UPDATE'), (3, 'contacts', 'BEFORE INSERT'), (4, 'rejected_rows', 'BEFORE INSERT'),
	(5, 'trigger_jobs', 'BEFORE INSERT'), (6, 'trigger_jobs', 'AFTER UPDATE'), (7, 'trigger_jobs', 'BEFORE DELETE'), (8, 'messages', 'AFTER INSERT'),
	(9, 'messages', 'BEFORE DELETE'), (10, 'imports', 'BEFORE DELETE')) AS triggers (n, name, event) ORDER BY n;
SELECT pg_temp.try('vero_guest', 'CREATE TRIGGER guests BEFORE UPDATE ON vero.imports FOR EACH ROW WHEN (vero_guests.is_fine(OLD.state)) EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()');
-- nor does a condition reach the third party's code, or the server, by a function of PostgreSQL's own
SET ROLE vero_guest;
CREATE VIEW vero_guests.rows AS SELECT vero_guests.value() AS value;
CREATE TYPE vero_guests.pair AS (a vero_guests.some);
RESET ROLE;
SELECT pg_temp.try('vero_guest', format('CREATE TRIGGER guests BEFORE INSERT ON vero.messages FOR EACH ROW WHEN (%s) EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()', condition))
FROM (VALUES (1, 'query_to_xml(''SELECT vero_guests.value()'', true, true, '''') IS NULL'), (2, 'table_to_xml(''vero_guests.rows'', true, true, '''') IS NULL'),
	(3, '(''{'' || NEW.subject || ''}'')::vero_guests.some[] IS NULL'), (4, '(''('' || NEW.id || '')'')::vero_guests.pair IS NULL'),
	(5, 'jsonb_populate_record(NULL::vero_guests.pair, jsonb_build_object(''a'', NEW.subject)) IS NULL'), (6, 'lo_import(''/etc/passwd'') IS NULL'),
	(7, 'NEW.subject::vero_guests.some IS NULL')) AS conditions (n, condition) ORDER BY n;
-- conditions that only compare values are evaluated
SELECT pg_temp.try('vero_guest', 'CREATE TRIGGER guests BEFORE INSERT ON vero.messages FOR EACH ROW WHEN (NEW.subject = ''x'' OR length(NEW.body_text) < 0) EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()');
-- nor is a function of the owner's told anything
SELECT pg_temp.try('vero_guest', 'CREATE TRIGGER guests BEFORE INSERT ON vero.messages FOR EACH ROW EXECUTE FUNCTION own_fire(''vero_guests.log'')');
SELECT pg_temp.try('vero_guest', 'CREATE TRIGGER guests BEFORE INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION pg_catalog.tsvector_update_trigger(source, ''vero_guests.words'', source)');
-- the owner's own are run as always
SELECT pg_temp.try(current_user, 'CREATE TRIGGER own BEFORE INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION own_fire()');
SELECT pg_temp.try(current_user, 'ALTER TABLE vero.imports ADD CHECK (length(source) > 0), ADD note text DEFAULT upper(''x''); CREATE INDEX ON vero.imports (lower(source))');
-- of the third party's functions no use is made, whoever uses them
SELECT pg_temp.try(current_user, change) FROM (VALUES
	(1, 'ALTER TABLE vero.imports ADD CONSTRAINT guests CHECK (vero_guests.is_fine(source))'),
	(2, 'ALTER TABLE vero.imports ADD note text; ALTER TABLE vero.imports ALTER note SET DEFAULT vero_guests.value()'),
	(3, 'ALTER TABLE vero.imports ADD note boolean GENERATED ALWAYS AS (vero_guests.is_fine(source)) STORED'),
	(4, 'ALTER TABLE vero.imports ADD note vero_guests.some'),
	(5, 'CREATE INDEX guests ON vero.imports (vero_guests.is_fine(source))'),
	(6, 'CREATE INDEX guests ON vero.messages (id) WHERE vero_guests.is_fine(subject)'),
	(7, 'CREATE RULE guests AS ON UPDATE TO vero.imports WHERE vero_guests.is_fine(OLD.state) DO ALSO NOTHING'),
	(8, 'CREATE TABLE vero_guests.log (a text); ALTER TABLE vero_guests.log OWNER TO vero_guest; CREATE TRIGGER guests BEFORE INSERT ON vero_guests.log FOR EACH ROW EXECUTE FUNCTION vero_guests.fire(); CREATE RULE guests AS ON INSERT TO vero.imports DO ALSO INSERT INTO vero_guests.log VALUES (''x'')'),
	(9, 'CREATE TABLE vero_guests.child () INHERITS (vero.imports); ALTER TABLE vero_guests.child OWNER TO vero_guest; CREATE TRIGGER guests BEFORE UPDATE ON vero_guests.child FOR EACH ROW EXECUTE FUNCTION vero_guests.fire()')
) AS changes (n, change) ORDER BY n;
\pset format aligned
\pset tuples_only off
-- what the caller writes as himself is his own matter
\set VERBOSITY terse
CREATE TRIGGER guests BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION vero_guests.fire();
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea);
DROP TRIGGER guests ON vero.events;

DROP OWNED BY vero_guest CASCADE;
DROP ROLE vero_guest;
DROP FUNCTION own_fire;
-- what was rolled back by errors is not for the tests that follow
SELECT vero.record_failed_imports() > 0 AS recorded;
