-- Options of imports that are kept under a name.

CREATE FUNCTION vero.are_import_options(options jsonb) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_are_import_options';
COMMENT ON FUNCTION vero.are_import_options(jsonb)
	IS 'True for the options of an import, by their names, as vero.imports.options has them; an error says what is wrong with others';

CREATE TABLE vero.import_profiles (
	name text PRIMARY KEY CONSTRAINT import_profiles_name CHECK (pg_catalog.btrim(name) <> ''),
	options jsonb NOT NULL CONSTRAINT import_profiles_options CHECK (vero.are_import_options(options)),
	comment text
);
COMMENT ON TABLE vero.import_profiles IS 'Options of imports, kept under a name: profile => ''shopify orders''';
COMMENT ON COLUMN vero.import_profiles.name IS 'What the option profile says';
COMMENT ON COLUMN vero.import_profiles.options IS 'The options by their names, as vero.imports.options has them; those that an import is given besides override them';
COMMENT ON COLUMN vero.import_profiles.comment IS 'What people should know of it';

SELECT pg_catalog.pg_extension_config_dump('vero.import_profiles', '');
