-- A dummy: what an update to a next version may have to do, a statement of each kind. next.sed makes a fresh script of that version.
\echo Use "ALTER EXTENSION vero_events UPDATE" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

ALTER TABLE vero.import_profiles ADD COLUMN written_at timestamptz NOT NULL DEFAULT pg_catalog.now();
COMMENT ON COLUMN vero.import_profiles.written_at IS 'When it was written';
ALTER TABLE vero.import_profiles ADD CONSTRAINT import_profiles_comment CHECK (comment <> '');
COMMENT ON TABLE vero.import_profiles IS 'Options of imports, and since when they are kept';

CREATE TABLE vero.notes (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	note text NOT NULL
);
COMMENT ON TABLE vero.notes IS 'What people should know';
COMMENT ON COLUMN vero.notes.id IS 'Its number';
COMMENT ON COLUMN vero.notes.note IS 'What it says';
CREATE INDEX notes_note ON vero.notes (note);
COMMENT ON INDEX vero.notes_note IS 'Finds notes';
ALTER TABLE vero.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_notes ON vero.notes FOR SELECT USING (true);
GRANT SELECT ON vero.notes TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('vero.notes', '');
SELECT pg_catalog.pg_extension_config_dump('vero.notes_id_seq', '');

CREATE FUNCTION vero.count_notes() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS 'SELECT count(*) FROM vero.notes';
COMMENT ON FUNCTION vero.count_notes() IS 'How many notes there are';
REVOKE ALL ON FUNCTION vero.count_notes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vero.count_notes() TO pg_monitor;

CREATE OR REPLACE VIEW vero.timeline WITH (security_invoker = true) AS
	SELECT c.email, e.name, e.occurred_at, e.properties, e.import_id, e.id
	FROM vero.events AS e
	JOIN vero.contacts AS c ON c.id OPERATOR(pg_catalog.=) e.contact_id;
COMMENT ON COLUMN vero.timeline.id IS 'The event''s number';
DROP FUNCTION vero.is_email(text);
