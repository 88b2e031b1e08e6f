# Makes the script of a fresh next version of the one of the current version: as it would stand had that version's source been written so.
/^CREATE TABLE vero.import_profiles (/,/^);/ {
	s/^\tcomment text$/\tcomment text CONSTRAINT import_profiles_comment CHECK (comment <> ''),\n\twritten_at timestamptz NOT NULL DEFAULT pg_catalog.now()/
}
s/^COMMENT ON TABLE vero.import_profiles IS .*/COMMENT ON TABLE vero.import_profiles IS 'Options of imports, and since when they are kept';\nCOMMENT ON COLUMN vero.import_profiles.written_at IS 'When it was written';/
/^CREATE FUNCTION vero.is_email(/,/^COMMENT ON FUNCTION vero.is_email(/d
s/^\tSELECT c.email, e.name, e.occurred_at, e.properties, e.import_id$/&, e.id/
s/^COMMENT ON COLUMN vero.timeline.import_id IS .*/&\nCOMMENT ON COLUMN vero.timeline.id IS 'The event''s number';/
$ {
	a\
CREATE TABLE vero.notes (\
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\
	note text NOT NULL\
);\
COMMENT ON TABLE vero.notes IS 'What people should know';\
COMMENT ON COLUMN vero.notes.id IS 'Its number';\
COMMENT ON COLUMN vero.notes.note IS 'What it says';\
CREATE INDEX notes_note ON vero.notes (note);\
COMMENT ON INDEX vero.notes_note IS 'Finds notes';\
ALTER TABLE vero.notes ENABLE ROW LEVEL SECURITY;\
CREATE POLICY all_notes ON vero.notes FOR SELECT USING (true);\
GRANT SELECT ON vero.notes TO PUBLIC;\
CREATE FUNCTION vero.count_notes() RETURNS bigint\
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS 'SELECT count(*) FROM vero.notes';\
COMMENT ON FUNCTION vero.count_notes() IS 'How many notes there are';\
REVOKE ALL ON FUNCTION vero.count_notes() FROM PUBLIC;\
GRANT EXECUTE ON FUNCTION vero.count_notes() TO pg_monitor;\
SELECT pg_catalog.pg_extension_config_dump('vero.notes', '');\
SELECT pg_catalog.pg_extension_config_dump('vero.notes_id_seq', '');
}
