-- The tables, views and functions of vero_events.
\echo Use "CREATE EXTENSION vero_events" to load this file. \quit

-- What others have put into the extension's schema is not to be found: what is without a schema here is pg_catalog's.
-- (Strings with a backslash are E'', for the session may have standard_conforming_strings off.)
SET LOCAL search_path = pg_catalog, pg_temp;

-- A schema that was made beforehand is welcome only where it belongs to whoever creates the extension.
DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_roles AS r ON r.oid = n.nspowner
				   WHERE n.nspname = 'vero' AND r.rolname = current_user) THEN
		CREATE SCHEMA vero;
	END IF;
END
$$;
COMMENT ON SCHEMA vero IS 'vero_events: contacts, their events, and the imports that brought them';
GRANT USAGE ON SCHEMA vero TO PUBLIC;

-- Imports, and the functions that import.

CREATE TABLE vero.imports (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	source text NOT NULL,
	state text NOT NULL CHECK (state IN ('running', 'completed', 'completed_with_rejects', 'failed', 'dry_run', 'undone')),
	options jsonb NOT NULL DEFAULT '{}',
	header text,
	dialect jsonb,
	reading jsonb,
	forecast jsonb,
	sha256 bytea CHECK (pg_catalog.length(sha256) = 32),
	content_sha256 bytea CHECK (pg_catalog.length(content_sha256) = 32),
	bytes bigint CHECK (bytes >= 0),
	uncompressed_bytes bigint CHECK (uncompressed_bytes >= 0),
	rows_read bigint NOT NULL DEFAULT 0,
	rows_imported bigint NOT NULL DEFAULT 0,
	rows_rejected bigint NOT NULL DEFAULT 0,
	rows_duplicate bigint NOT NULL DEFAULT 0,
	contacts_created bigint NOT NULL DEFAULT 0,
	jobs_scheduled bigint NOT NULL DEFAULT 0,
	jobs_discarded bigint NOT NULL DEFAULT 0,
	error text,
	notify text[],
	parent_import_id bigint,
	corrected_by bigint[] NOT NULL DEFAULT '{}',
	events_dropped bigint NOT NULL DEFAULT 0,
	imported_by name NOT NULL,
	imported_by_oid oid,
	imported_in bigint,
	started_at timestamptz NOT NULL,
	finished_at timestamptz,
	undone_at timestamptz,
	undone_by name,
	run_id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() CONSTRAINT imports_run_id UNIQUE,
	CONSTRAINT imports_accounting CHECK (rows_read = rows_imported + rows_rejected + rows_duplicate),
	CONSTRAINT imports_error CHECK ((state = 'failed') = (error IS NOT NULL)),
	CONSTRAINT imports_undone CHECK ((state = 'undone') = (undone_at IS NOT NULL) AND (state = 'undone') = (undone_by IS NOT NULL))
);
-- who imports looks for earlier imports of the same
CREATE INDEX imports_content ON vero.imports (content_sha256);
COMMENT ON TABLE vero.imports IS 'One row for each import: what was read, by whom, and what became of it';
COMMENT ON COLUMN vero.imports.id IS 'The imports number';
COMMENT ON COLUMN vero.imports.source IS 'The file''s path; of a file that has no name its label, else STDIN, or "content" for bytes that were passed';
COMMENT ON COLUMN vero.imports.state IS 'completed, completed_with_rejects, failed, dry_run, which imported nothing, or undone: what it imported was taken back; running only inside the import''s own transaction';
COMMENT ON COLUMN vero.imports.options IS 'The options that were given, or taken over from the parent';
COMMENT ON COLUMN vero.imports.header IS 'The file''s header record, verbatim';
COMMENT ON COLUMN vero.imports.dialect IS 'How the file was read: delimiter, quote, escape, null_string, encoding, byte order mark, compression, time zone; only the zone of a file that could not be opened';
COMMENT ON COLUMN vero.imports.reading IS 'What was taken for what: the columns of email, event name and time, delimiter, encoding, time zone, compression; how many times each layout read, the most frequent names of events; what was passed over, filled up, trimmed and left out';
COMMENT ON COLUMN vero.imports.forecast IS 'Of a dry run that triggers: what would become of its events, campaign by campaign, as vero.import_forecast shows it; null of others';
COMMENT ON COLUMN vero.imports.sha256 IS 'SHA-256 of the bytes that were read, as they came';
COMMENT ON COLUMN vero.imports.content_sha256 IS 'SHA-256 of the content: of what the bytes are when they are decompressed; null where that was not read to its end. What was imported is not imported again without allow_repeat';
COMMENT ON COLUMN vero.imports.bytes IS 'How many bytes were read, as they came';
COMMENT ON COLUMN vero.imports.uncompressed_bytes IS 'How many bytes the file has when it is decompressed; null where it was not compressed, or not read to its end';
COMMENT ON COLUMN vero.imports.rows_read IS 'Data records of the file: imported + rejected + duplicate; of an import that failed, as far as it came, and none of its events was kept';
COMMENT ON COLUMN vero.imports.rows_imported IS 'Records that became events; of a dry run, and of an import that failed, those that would have; of one that was undone, those that had';
COMMENT ON COLUMN vero.imports.rows_rejected IS 'Records that are kept in vero.rejected_rows';
COMMENT ON COLUMN vero.imports.rows_duplicate IS 'Records that were skipped as duplicates of stored events, or of earlier records of the file';
COMMENT ON COLUMN vero.imports.contacts_created IS 'Contacts that the import created';
COMMENT ON COLUMN vero.imports.jobs_scheduled IS 'Campaign jobs that wait for their time, or did';
COMMENT ON COLUMN vero.imports.jobs_discarded IS 'Campaign jobs that were discarded at once: overdue, or of events in the future';
COMMENT ON COLUMN vero.imports.error IS 'Why the file failed as a whole';
COMMENT ON COLUMN vero.imports.notify IS 'Who is told of the import''s end';
COMMENT ON COLUMN vero.imports.parent_import_id IS 'The import whose corrected rejects, or whole file, this one imported';
COMMENT ON COLUMN vero.imports.events_dropped IS 'How many of its events vero.drop_partitions() has removed since';
COMMENT ON COLUMN vero.imports.corrected_by IS 'The imports that brought corrected rejects of this one, or its whole file; some may be undone';
COMMENT ON COLUMN vero.imports.imported_by IS 'The role that imported; it sees the row while all three columns are its own';
COMMENT ON COLUMN vero.imports.imported_by_oid IS 'The role''s OID, in the cluster where it imported';
COMMENT ON COLUMN vero.imports.imported_in IS 'That cluster''s system identifier, as in pg_control_system()';
COMMENT ON COLUMN vero.imports.started_at IS 'When the import began';
COMMENT ON COLUMN vero.imports.finished_at IS 'When the import ended; null where nobody was left to see it';
COMMENT ON COLUMN vero.imports.undone_at IS 'When it was undone';
COMMENT ON COLUMN vero.imports.undone_by IS 'The role that undid it';
COMMENT ON COLUMN vero.imports.run_id IS 'Tells the import from all others; ids may be given again after a crash of the server';

CREATE FUNCTION vero.record_failed_imports() RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_record_failed_imports';
COMMENT ON FUNCTION vero.record_failed_imports()
	IS 'Records the imports of this database that an error, a lost connection or a crash has ended, with their confirmations, as the worker does; says how many';
REVOKE ALL ON FUNCTION vero.record_failed_imports() FROM PUBLIC;

CREATE FUNCTION vero.damaged_journals() RETURNS bigint
LANGUAGE C VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_damaged_journals';
COMMENT ON FUNCTION vero.damaged_journals()
	IS 'How many files in pg_vero_events, with failed imports of this database, could not be recorded and are set aside: their names end in .damaged';
REVOKE ALL ON FUNCTION vero.damaged_journals() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vero.damaged_journals() TO pg_monitor;

CREATE FUNCTION vero.last_import_id() RETURNS bigint
LANGUAGE C VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_last_import_id';
COMMENT ON FUNCTION vero.last_import_id()
	IS 'The last import that this session began, by COPY or by function, whatever became of it; null where there was none';

CREATE FUNCTION vero.is_own_import(imported_by name, imported_by_oid oid, imported_in bigint) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_own_import';
COMMENT ON FUNCTION vero.is_own_import(name, oid, bigint) IS 'True where they name the current role, by OID and name, in this cluster';
GRANT EXECUTE ON FUNCTION vero.is_own_import(name, oid, bigint) TO PUBLIC;

CREATE FUNCTION vero.assign_imports(old_name name, role regrole) RETURNS bigint
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
	WITH assigned AS (
		UPDATE vero.imports AS i
		SET imported_by = r.rolname, imported_by_oid = r.oid, imported_in = c.system_identifier
		FROM pg_catalog.pg_roles AS r, pg_catalog.pg_control_system() AS c
		WHERE r.oid = assign_imports.role AND i.imported_by = assign_imports.old_name
		RETURNING 1)
	SELECT pg_catalog.count(*) FROM assigned
$$;
COMMENT ON FUNCTION vero.assign_imports(name, regrole)
	IS 'Gives the imports that a role of that name made, here or in another cluster, to a role of this one; says how many. Takes UPDATE on vero.imports, too';
REVOKE ALL ON FUNCTION vero.assign_imports(name, regrole) FROM PUBLIC;

CREATE TYPE vero.import_summary AS (
	import_id bigint,
	state text,
	rows_read bigint,
	rows_imported bigint,
	rows_rejected bigint,
	rows_duplicate bigint,
	contacts_created bigint,
	jobs_scheduled bigint,
	jobs_discarded bigint,
	error text,
	elapsed interval
);
COMMENT ON TYPE vero.import_summary IS 'What became of an import: rows_read = rows_imported + rows_rejected + rows_duplicate';
COMMENT ON COLUMN vero.import_summary.import_id IS 'The import, by its id in vero.imports';
COMMENT ON COLUMN vero.import_summary.state IS 'completed, completed_with_rejects, failed or dry_run';
COMMENT ON COLUMN vero.import_summary.rows_read IS 'Data records of the file: imported + rejected + duplicate';
COMMENT ON COLUMN vero.import_summary.rows_imported IS 'Records that became events; of a dry run those that would have';
COMMENT ON COLUMN vero.import_summary.rows_rejected IS 'Records that are kept in vero.rejected_rows';
COMMENT ON COLUMN vero.import_summary.rows_duplicate IS 'Records that were skipped as duplicates of stored events';
COMMENT ON COLUMN vero.import_summary.contacts_created IS 'Contacts that the import created';
COMMENT ON COLUMN vero.import_summary.jobs_scheduled IS 'Campaign jobs that wait for their time';
COMMENT ON COLUMN vero.import_summary.jobs_discarded IS 'Campaign jobs that were discarded at once';
COMMENT ON COLUMN vero.import_summary.error IS 'Why the file failed as a whole';
COMMENT ON COLUMN vero.import_summary.elapsed IS 'How long it took';

CREATE FUNCTION @extschema@.import_events_csv(
	path text,
	trigger_campaigns boolean DEFAULT NULL,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	on_duplicate text DEFAULT NULL,
	on_suppressed text DEFAULT NULL,
	reject_limit text DEFAULT NULL,
	allow_repeat boolean DEFAULT NULL,
	max_jobs bigint DEFAULT NULL,
	dry_run boolean DEFAULT NULL,
	profile text DEFAULT NULL,
	label text DEFAULT NULL,
	notify text[] DEFAULT NULL,
	parent_import bigint DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL)
RETURNS SETOF vero.import_summary
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1
AS 'MODULE_PATHNAME', 'vero_import_file';
COMMENT ON FUNCTION @extschema@.import_events_csv(text, boolean, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, boolean, bigint, boolean, text, text, text[], bigint, text, text, text, text, text)
	IS 'Imports the events of a CSV file on the server, or of all files that a pattern with *, ? or [...] matches, in one transaction: a row for each, in the bytewise order of their names';

CREATE FUNCTION @extschema@.import_events_csv(
	paths text[],
	trigger_campaigns boolean DEFAULT NULL,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	on_duplicate text DEFAULT NULL,
	on_suppressed text DEFAULT NULL,
	reject_limit text DEFAULT NULL,
	allow_repeat boolean DEFAULT NULL,
	max_jobs bigint DEFAULT NULL,
	dry_run boolean DEFAULT NULL,
	profile text DEFAULT NULL,
	label text DEFAULT NULL,
	notify text[] DEFAULT NULL,
	parent_import bigint DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL)
RETURNS SETOF vero.import_summary
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10
AS 'MODULE_PATHNAME', 'vero_import_paths';
COMMENT ON FUNCTION @extschema@.import_events_csv(text[], boolean, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, boolean, bigint, boolean, text, text, text[], bigint, text, text, text, text, text)
	IS 'Does so with the files and patterns of a list, each file once';

CREATE FUNCTION @extschema@.import_events_csv(
	content bytea,
	trigger_campaigns boolean DEFAULT NULL,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	on_duplicate text DEFAULT NULL,
	on_suppressed text DEFAULT NULL,
	reject_limit text DEFAULT NULL,
	allow_repeat boolean DEFAULT NULL,
	max_jobs bigint DEFAULT NULL,
	dry_run boolean DEFAULT NULL,
	profile text DEFAULT NULL,
	label text DEFAULT NULL,
	notify text[] DEFAULT NULL,
	parent_import bigint DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL)
RETURNS vero.import_summary
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_import_content';
COMMENT ON FUNCTION @extschema@.import_events_csv(bytea, boolean, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, boolean, bigint, boolean, text, text, text[], bigint, text, text, text, text, text)
	IS 'Imports the events of a CSV that is passed as bytes';

CREATE PROCEDURE vero.import_files(
	path text,
	trigger_campaigns boolean DEFAULT NULL,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	on_duplicate text DEFAULT NULL,
	on_suppressed text DEFAULT NULL,
	reject_limit text DEFAULT NULL,
	allow_repeat boolean DEFAULT NULL,
	max_jobs bigint DEFAULT NULL,
	dry_run boolean DEFAULT NULL,
	profile text DEFAULT NULL,
	label text DEFAULT NULL,
	notify text[] DEFAULT NULL,
	parent_import bigint DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL,
	INOUT import_ids bigint[] DEFAULT NULL)
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_import_files_of_path';
COMMENT ON PROCEDURE vero.import_files(text, boolean, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, boolean, bigint, boolean, text, text, text[], bigint, text, text, text, text, text, bigint[])
	IS 'Imports the events of CSV files on the server, each in a transaction of its own, and goes on after one that fails: tells of each file, and returns the imports, null where none began. What was imported before is passed over';

CREATE PROCEDURE vero.import_files(
	paths text[],
	trigger_campaigns boolean DEFAULT NULL,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	on_duplicate text DEFAULT NULL,
	on_suppressed text DEFAULT NULL,
	reject_limit text DEFAULT NULL,
	allow_repeat boolean DEFAULT NULL,
	max_jobs bigint DEFAULT NULL,
	dry_run boolean DEFAULT NULL,
	profile text DEFAULT NULL,
	label text DEFAULT NULL,
	notify text[] DEFAULT NULL,
	parent_import bigint DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL,
	INOUT import_ids bigint[] DEFAULT NULL)
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_import_files_of_paths';
COMMENT ON PROCEDURE vero.import_files(text[], boolean, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, boolean, bigint, boolean, text, text, text[], bigint, text, text, text, text, text, bigint[])
	IS 'Does so with the files and patterns of a list, each file once';

CREATE FUNCTION vero.undo_import(import bigint, cascade boolean DEFAULT false,
	OUT imports bigint[], OUT events_removed bigint, OUT contacts_removed bigint, OUT jobs_cancelled bigint, OUT messages_cancelled bigint,
	OUT contacts_kept bigint, OUT messages_kept bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_undo_import';
COMMENT ON FUNCTION vero.undo_import(bigint, boolean)
	IS 'Takes back what an import has brought, with "cascade" its corrections too: says what was removed, which of its contacts are kept, and how much mail went out';

-- People see their own imports.
ALTER TABLE vero.imports ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_imports ON vero.imports FOR SELECT
	USING (vero.is_own_import(imported_by, imported_by_oid, imported_in));
GRANT SELECT ON vero.imports TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.imports', '');
SELECT pg_catalog.pg_extension_config_dump('vero.imports_id_seq', '');

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

-- A look at a file before it is imported.

CREATE TYPE vero.inspected_column AS (
	number int,
	name text,
	taken_for text,
	filled bigint,
	different text,
	longest bigint,
	type text,
	time_formats text,
	examples text
);
COMMENT ON TYPE vero.inspected_column IS 'What stands in one column of a file';
COMMENT ON COLUMN vero.inspected_column.number IS 'Which column of the file it is; the first one is 1';
COMMENT ON COLUMN vero.inspected_column.name IS 'What the header calls it';
COMMENT ON COLUMN vero.inspected_column.taken_for IS 'email, event name, time, property or ignored; null where the file is not understood';
COMMENT ON COLUMN vero.inspected_column.filled IS 'Records that have a value';
COMMENT ON COLUMN vero.inspected_column.different IS 'How many different values there are: a number, or "about 130000" where they are too many to be counted one by one';
COMMENT ON COLUMN vero.inspected_column.longest IS 'Characters of the longest value';
COMMENT ON COLUMN vero.inspected_column.type IS 'What all values are: email, time, integer, number, boolean, json, text; empty';
COMMENT ON COLUMN vero.inspected_column.time_formats IS 'The layouts that all values fit, and those that some fit, with how many';
COMMENT ON COLUMN vero.inspected_column.examples IS 'The first three different values, a line each, and no more than 24 characters of each';

CREATE TYPE vero.inspected_file AS (
	delimiter text,
	delimiter_why text,
	quote text,
	quote_why text,
	encoding text,
	encoding_why text,
	compression text,
	compression_why text,
	time_zone text,
	header_line bigint,
	records bigint,
	blank_records bigint,
	rejects bigint,
	rejects_by_code jsonb,
	warnings text,
	questions text,
	error text,
	call text
);
COMMENT ON TYPE vero.inspected_file IS 'What there is to say of a file as a whole, read with the options in "call"';
COMMENT ON COLUMN vero.inspected_file.delimiter IS 'What separates cells';
COMMENT ON COLUMN vero.inspected_file.delimiter_why IS 'Why that is taken for the delimiter';
COMMENT ON COLUMN vero.inspected_file.quote IS 'What encloses cells';
COMMENT ON COLUMN vero.inspected_file.quote_why IS 'Why that is taken for the quote';
COMMENT ON COLUMN vero.inspected_file.encoding IS 'How characters are encoded';
COMMENT ON COLUMN vero.inspected_file.encoding_why IS 'Why that is taken for the encoding';
COMMENT ON COLUMN vero.inspected_file.compression IS 'How the file is compressed: gzip, zstd or none';
COMMENT ON COLUMN vero.inspected_file.compression_why IS 'Why that is taken for the compression';
COMMENT ON COLUMN vero.inspected_file.time_zone IS 'Of times without an offset';
COMMENT ON COLUMN vero.inspected_file.header_line IS 'Which line of the file the header begins on; the first one is 1';
COMMENT ON COLUMN vero.inspected_file.records IS 'Records that were looked at';
COMMENT ON COLUMN vero.inspected_file.blank_records IS 'Records that are passed over, as all of their cells are empty';
COMMENT ON COLUMN vero.inspected_file.rejects IS 'Records that an import would reject';
COMMENT ON COLUMN vero.inspected_file.rejects_by_code IS 'How many records have an error of each code';
COMMENT ON COLUMN vero.inspected_file.warnings IS 'What the call takes for granted, and what looks wrong';
COMMENT ON COLUMN vero.inspected_file.questions IS 'What no value tells, so that somebody has to say it';
COMMENT ON COLUMN vero.inspected_file.error IS 'Why an import would fail as a whole';
COMMENT ON COLUMN vero.inspected_file.call IS 'The statement that imports the file, with all options that are certain; $1 stands for bytes that were passed';

CREATE FUNCTION vero.inspect_csv(
	path text,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	profile text DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL,
	max_records bigint DEFAULT 100000)
RETURNS SETOF vero.inspected_column
LANGUAGE C VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_inspect_file_columns';
COMMENT ON FUNCTION vero.inspect_csv(text, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, text, text, text, bigint)
	IS 'Looks at a CSV file on the server without importing it: a row for each column';

CREATE FUNCTION vero.inspect_csv(
	content bytea,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	profile text DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL,
	max_records bigint DEFAULT 100000)
RETURNS SETOF vero.inspected_column
LANGUAGE C VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_inspect_content_columns';
COMMENT ON FUNCTION vero.inspect_csv(bytea, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, text, text, text, bigint)
	IS 'Looks at a CSV file that is passed as bytes without importing it: a row for each column';

CREATE FUNCTION vero.inspect_csv_file(
	path text,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	profile text DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL,
	max_records bigint DEFAULT 100000)
RETURNS vero.inspected_file
LANGUAGE C VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_inspect_file';
COMMENT ON FUNCTION vero.inspect_csv_file(text, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, text, text, text, bigint)
	IS 'Looks at a CSV file on the server without importing it: how it is read, what would be rejected, and the call that imports it';

CREATE FUNCTION vero.inspect_csv_file(
	content bytea,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	time_formats text[] DEFAULT NULL,
	property_types jsonb DEFAULT NULL,
	decimal_mark text DEFAULT NULL,
	skip_lines int DEFAULT NULL,
	null_padding boolean DEFAULT NULL,
	compression text DEFAULT NULL,
	profile text DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL,
	max_records bigint DEFAULT 100000)
RETURNS vero.inspected_file
LANGUAGE C VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_inspect_content';
COMMENT ON FUNCTION vero.inspect_csv_file(bytea, jsonb, text, text, text[], jsonb, text, int, boolean, text, text, text, text, text, text, text, bigint)
	IS 'Looks at a CSV file that is passed as bytes without importing it: how it is read, what would be rejected, and the call that imports it';

-- Contacts, and what their addresses may be.

CREATE FUNCTION vero.normal_email(address text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_normal_email';
COMMENT ON FUNCTION vero.normal_email(text)
	IS 'The form of an email address by which a contact is known, for imports and vero.contacts alike: trimmed, in lower case, in Normalization Form C';

CREATE FUNCTION vero.is_email(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_email';
COMMENT ON FUNCTION vero.is_email(text) IS 'True for what vero.normal_email() has a normal form of';

CREATE FUNCTION vero.is_normal_email(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_normal_email';
COMMENT ON FUNCTION vero.is_normal_email(text)
	IS 'True for an email address in its normal form; an error says what is wrong with another one';

CREATE TABLE vero.contacts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text COLLATE "C" NOT NULL UNIQUE CONSTRAINT contacts_email CHECK (vero.is_normal_email(email)),
	properties jsonb NOT NULL DEFAULT '{}' CONSTRAINT contacts_properties CHECK (pg_catalog.jsonb_typeof(properties) = 'object'),
	unsubscribed_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	created_by_import bigint
);
ALTER SEQUENCE vero.contacts_id_seq CACHE 100;
COMMENT ON TABLE vero.contacts IS 'People, each known by an email address';
COMMENT ON COLUMN vero.contacts.id IS 'The contact''s number, by which events and jobs name it';
COMMENT ON COLUMN vero.contacts.email IS 'The address, as vero.normal_email() gives it';
COMMENT ON COLUMN vero.contacts.properties IS 'What is known of the contact; imports never change it';
COMMENT ON COLUMN vero.contacts.unsubscribed_at IS 'Since when the contact wants no campaign mail; imports never change it';
COMMENT ON COLUMN vero.contacts.created_at IS 'When the contact became known';
COMMENT ON COLUMN vero.contacts.created_by_import IS 'The import that created the contact, if one did';

SELECT pg_catalog.pg_extension_config_dump('vero.contacts', '');
SELECT pg_catalog.pg_extension_config_dump('vero.contacts_id_seq', '');

-- Events, their partitions, and track_event().

-- Not an identity, which partitions would not have. Whoever may INSERT needs no other privilege.
CREATE SEQUENCE vero.events_id_seq CACHE 1000;
GRANT USAGE ON SEQUENCE vero.events_id_seq TO PUBLIC;
COMMENT ON SEQUENCE vero.events_id_seq IS 'Gives events their ids';

-- Keys and indexes are the partitions' own: a dump would attach a partition before it makes the key that the table wants it to have.
CREATE TABLE vero.events (
	id bigint NOT NULL DEFAULT pg_catalog.nextval('vero.events_id_seq'),
	contact_id bigint NOT NULL,
	name text NOT NULL CONSTRAINT events_name CHECK (name <> '' AND pg_catalog.char_length(name) <= 255),
	occurred_at timestamptz NOT NULL,
	properties jsonb NOT NULL DEFAULT '{}' CONSTRAINT events_properties CHECK (pg_catalog.jsonb_typeof(properties) = 'object'),
	import_id bigint
) PARTITION BY RANGE (occurred_at);
ALTER SEQUENCE vero.events_id_seq OWNED BY vero.events.id;
COMMENT ON TABLE vero.events IS 'What contacts did, and when';
COMMENT ON COLUMN vero.events.id IS 'The event''s number; the key is (contact_id, occurred_at, id)';
COMMENT ON COLUMN vero.events.contact_id IS 'Who did it';
COMMENT ON COLUMN vero.events.name IS 'What was done';
COMMENT ON COLUMN vero.events.occurred_at IS 'When it was done';
COMMENT ON COLUMN vero.events.properties IS 'The other columns of the record, by name; cells without a value are left out';
COMMENT ON COLUMN vero.events.import_id IS 'The import that brought the event, by its id, which is no foreign key; null for others';

CREATE TABLE vero.events_default PARTITION OF vero.events (
	PRIMARY KEY (contact_id, occurred_at, id),
	CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id)
) DEFAULT;
CREATE INDEX events_default_import_id ON vero.events_default USING brin (import_id);
COMMENT ON TABLE vero.events_default IS 'The events that no other partition of vero.events holds: all, until there is one';
-- As those of vero.events, which later partitions take over.
DO $$
DECLARE
	own record;
BEGIN
	FOR own IN SELECT a.attname, pg_catalog.col_description(a.attrelid, a.attnum) AS comment FROM pg_catalog.pg_attribute AS a
			WHERE a.attrelid = 'vero.events'::regclass AND a.attnum > 0 LOOP
		EXECUTE pg_catalog.format('COMMENT ON COLUMN vero.events_default.%I IS %L', own.attname, own.comment);
	END LOOP;
END
$$;
COMMENT ON INDEX vero.events_default_import_id IS 'Finds the events of an import at next to no cost';

CREATE FUNCTION vero.track_event(email text, name text, properties jsonb DEFAULT '{}', occurred_at timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_track_event';
COMMENT ON FUNCTION vero.track_event(text, text, jsonb, timestamptz)
	IS 'Records an event as it happens, triggers its campaigns, and returns its id';

SELECT pg_catalog.pg_extension_config_dump('vero.events_default', '');
SELECT pg_catalog.pg_extension_config_dump('vero.events_id_seq', '');

-- Records that were not imported.

CREATE TABLE vero.rejected_rows (
	import_id bigint NOT NULL,
	record_number bigint NOT NULL,
	line_number bigint NOT NULL,
	byte_offset bigint NOT NULL,
	raw_record text,
	raw_bytes bytea,
	reason text NOT NULL,
	errors jsonb NOT NULL,
	corrected_record text CONSTRAINT rejected_rows_corrected CHECK (pg_catalog.octet_length(corrected_record) <= 4194304),
	resolved_by bigint,
	PRIMARY KEY (import_id, record_number),
	CONSTRAINT rejected_rows_import FOREIGN KEY (import_id) REFERENCES vero.imports (id) ON DELETE CASCADE,
	CONSTRAINT rejected_rows_raw CHECK ((raw_record IS NULL) <> (raw_bytes IS NULL))
);
COMMENT ON TABLE vero.rejected_rows IS 'Records that were not imported, with every reason';
COMMENT ON COLUMN vero.rejected_rows.import_id IS 'The import that rejected it';
COMMENT ON COLUMN vero.rejected_rows.record_number IS 'Which data record of the file it is; the first one is 1';
COMMENT ON COLUMN vero.rejected_rows.line_number IS 'Its first line in the file; the header''s is 1';
COMMENT ON COLUMN vero.rejected_rows.byte_offset IS 'Where it begins in the file, in bytes';
COMMENT ON COLUMN vero.rejected_rows.raw_record IS 'The record as it stands in the file, without its line end';
COMMENT ON COLUMN vero.rejected_rows.raw_bytes IS 'The same as bytes, where they are no valid text';
COMMENT ON COLUMN vero.rejected_rows.reason IS 'Every error in words';
COMMENT ON COLUMN vero.rejected_rows.errors IS 'Every error: an array of {code, column, value, message}';
COMMENT ON COLUMN vero.rejected_rows.corrected_record IS 'What vero.retry_rejects() imports in its place: one record, as it would stand in the file';
COMMENT ON COLUMN vero.rejected_rows.resolved_by IS 'The import that has brought it, corrected, or that has rejected it again; null while there is none, or it was undone';

CREATE FUNCTION vero.rejected_csv(import bigint) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_rejected_csv';
COMMENT ON FUNCTION vero.rejected_csv(bigint)
	IS 'The rejected records of an import as CSV: the file''s header and the records, byte for byte, without those that are resolved';

CREATE FUNCTION vero.retry_rejects(
	import bigint,
	trigger_campaigns boolean DEFAULT false,
	dry_run boolean DEFAULT false,
	max_jobs bigint DEFAULT NULL,
	on_duplicate text DEFAULT NULL)
RETURNS vero.import_summary
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_retry_rejects';
COMMENT ON FUNCTION vero.retry_rejects(bigint, boolean, boolean, bigint, text)
	IS 'Imports the rejected records of an import that have a corrected_record and are not resolved, with its options, as a correction of it';

CREATE FUNCTION vero.remove_old_rejects("limit" integer DEFAULT 10000, kept interval DEFAULT NULL) RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_remove_old_rejects';
COMMENT ON FUNCTION vero.remove_old_rejects(integer, interval)
	IS 'Removes up to that many rejected records of imports that ended longer ago than "kept", by default vero_events.keep_rejects; says how many. The imports stay, with their counts';
REVOKE ALL ON FUNCTION vero.remove_old_rejects(integer, interval) FROM PUBLIC;

ALTER TABLE vero.rejected_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rejected_rows ON vero.rejected_rows FOR SELECT
	USING (EXISTS (SELECT FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) rejected_rows.import_id));
GRANT SELECT ON vero.rejected_rows TO PUBLIC;
CREATE POLICY own_corrections ON vero.rejected_rows FOR UPDATE
	USING (EXISTS (SELECT FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) rejected_rows.import_id
		AND vero.is_own_import(i.imported_by, i.imported_by_oid, i.imported_in)));
GRANT UPDATE (corrected_record) ON vero.rejected_rows TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.rejected_rows', '');

-- Campaigns, and what may stand in them.

CREATE FUNCTION vero.folded_name(name text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_folded_name';
COMMENT ON FUNCTION vero.folded_name(text)
	IS 'A name for comparing: events trigger the campaigns whose event_name has the same folded name';

CREATE FUNCTION vero.is_template(part text, template text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_template';
COMMENT ON FUNCTION vero.is_template(text, text)
	IS 'True for a template of that part of a mail (subject, text, html); an error says where another one is wrong';

CREATE FUNCTION vero.is_mailbox(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_mailbox';
COMMENT ON FUNCTION vero.is_mailbox(text) IS 'True for an address that mail can come from: a@b.example, or Name <a@b.example>';

CREATE FUNCTION vero.is_condition(condition jsonpath) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_condition';
COMMENT ON FUNCTION vero.is_condition(jsonpath)
	IS 'True for a jsonpath that speaks of $.event and $.contact only; an error says what another one speaks of';

CREATE FUNCTION vero.is_campaign(name text, event_name text, delay interval, grace interval, cooldown interval, subject text,
	body_text text, body_html text) RETURNS boolean
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_campaign';
COMMENT ON FUNCTION vero.is_campaign(text, text, interval, interval, interval, text, text, text)
	IS 'True where a campaign has all that it takes, in bounds; an error says what another one lacks';

CREATE TABLE vero.campaigns (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE,
	event_name text NOT NULL,
	delay interval NOT NULL,
	grace interval NOT NULL DEFAULT '0',
	condition jsonpath CONSTRAINT campaigns_condition CHECK (vero.is_condition(condition)),
	cooldown interval,
	subject text NOT NULL CONSTRAINT campaigns_subject CHECK (vero.is_template('subject', subject)),
	body_text text CONSTRAINT campaigns_body_text CHECK (vero.is_template('text', body_text)),
	body_html text CONSTRAINT campaigns_body_html CHECK (vero.is_template('html', body_html)),
	from_address text CONSTRAINT campaigns_from_address CHECK (vero.is_mailbox(from_address)),
	transactional boolean NOT NULL DEFAULT false,
	active boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	CONSTRAINT campaigns_are_whole CHECK (vero.is_campaign(name, event_name, delay, grace, cooldown, subject, body_text, body_html))
);
CREATE FUNCTION vero.check_campaign() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_check_campaign';
COMMENT ON FUNCTION vero.check_campaign() IS 'Refuses in words a campaign in which a column is null that must not be';
REVOKE ALL ON FUNCTION vero.check_campaign() FROM PUBLIC;
CREATE TRIGGER campaigns_not_null BEFORE INSERT OR UPDATE ON vero.campaigns FOR EACH ROW EXECUTE FUNCTION vero.check_campaign();
COMMENT ON TRIGGER campaigns_not_null ON vero.campaigns IS 'Says what is missing';
CREATE FUNCTION vero.warn_of_campaign() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_warn_of_campaign';
COMMENT ON FUNCTION vero.warn_of_campaign() IS 'Warns of a campaign that is not transactional while vero_events.unsubscribe_address is not set';
REVOKE ALL ON FUNCTION vero.warn_of_campaign() FROM PUBLIC;
CREATE TRIGGER campaigns_unsubscribe AFTER INSERT OR UPDATE ON vero.campaigns FOR EACH ROW EXECUTE FUNCTION vero.warn_of_campaign();
COMMENT ON TRIGGER campaigns_unsubscribe ON vero.campaigns IS 'Says where people could not unsubscribe';

COMMENT ON TABLE vero.campaigns IS 'Automated mail that an event triggers after a delay';
COMMENT ON COLUMN vero.campaigns.id IS 'The campaign''s number, by which jobs and messages name it';
COMMENT ON COLUMN vero.campaigns.name IS 'How people call it';
COMMENT ON COLUMN vero.campaigns.event_name IS 'The events that trigger it, compared without regard to case, white space, underscores and dashes (vero.folded_name)';
COMMENT ON COLUMN vero.campaigns.delay IS 'From the event to the mail: 0 to 365 days of 24 hours each';
COMMENT ON COLUMN vero.campaigns.grace IS 'How long after its time an import may still schedule the mail, which then goes out at once';
COMMENT ON COLUMN vero.campaigns.condition IS 'A jsonpath over {"event": {...}, "contact": {...}}: no mail where it yields nothing, false or null';
COMMENT ON COLUMN vero.campaigns.cooldown IS 'A contact who got this campaign within this time does not get it again';
COMMENT ON COLUMN vero.campaigns.subject IS 'The mail''s subject, a template';
COMMENT ON COLUMN vero.campaigns.body_text IS 'The mail''s plain text, a template';
COMMENT ON COLUMN vero.campaigns.body_html IS 'The mail''s HTML, a template; values are escaped';
COMMENT ON COLUMN vero.campaigns.from_address IS 'Who the mail comes from; null: vero_events.mail_from';
COMMENT ON COLUMN vero.campaigns.transactional IS 'Also goes to contacts who unsubscribed';
COMMENT ON COLUMN vero.campaigns.active IS 'An inactive campaign gets no jobs, those that wait are discarded when they are due, and its mail in the outbox waits';
COMMENT ON COLUMN vero.campaigns.created_at IS 'When it was written';

SELECT pg_catalog.pg_extension_config_dump('vero.campaigns', '');
SELECT pg_catalog.pg_extension_config_dump('vero.campaigns_id_seq', '');

-- The jobs of campaigns.

CREATE TABLE vero.trigger_jobs (
	event_id bigint NOT NULL,
	campaign_id bigint NOT NULL CONSTRAINT trigger_jobs_campaign REFERENCES vero.campaigns (id),
	contact_id bigint NOT NULL,
	occurred_at timestamptz NOT NULL,
	import_id bigint CONSTRAINT trigger_jobs_import REFERENCES vero.imports (id),
	due_at timestamptz NOT NULL,
	state text NOT NULL DEFAULT 'scheduled',
	reason text CONSTRAINT trigger_jobs_reason CHECK (reason IN ('future_event', 'overdue', 'campaign_inactive', 'contact_deleted',
		'event_deleted', 'unsubscribed', 'condition_false', 'cooldown', 'suppressed', 'import_undone', 'cancelled')),
	attempts integer NOT NULL DEFAULT 0 CONSTRAINT trigger_jobs_attempts CHECK (attempts >= 0),
	error text,
	decided_at timestamptz,
	message_id bigint,
	registered_at timestamptz,
	PRIMARY KEY (event_id, campaign_id),
	CONSTRAINT trigger_jobs_due_at CHECK (due_at >= occurred_at),
	CONSTRAINT trigger_jobs_state CHECK (CASE state
		WHEN 'scheduled' THEN (reason IS NULL OR reason = 'cancelled' AND message_id IS NOT NULL) AND error IS NULL AND (message_id IS NULL) = (decided_at IS NULL)
		WHEN 'sent' THEN reason IS NULL AND error IS NULL AND message_id IS NOT NULL AND decided_at IS NOT NULL
		WHEN 'discarded' THEN reason IS NOT NULL AND error IS NULL AND message_id IS NULL AND decided_at IS NOT NULL
		WHEN 'failed' THEN reason IS NULL AND error IS NOT NULL AND decided_at IS NOT NULL
		WHEN 'cancelled' THEN (reason IS NULL OR reason IN ('import_undone', 'cancelled')) AND message_id IS NULL
		ELSE false END)
);
CREATE INDEX trigger_jobs_due ON vero.trigger_jobs (due_at, event_id) WHERE state = 'scheduled' AND message_id IS NULL;
CREATE INDEX trigger_jobs_decided ON vero.trigger_jobs (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX trigger_jobs_import_id ON vero.trigger_jobs USING brin (import_id);
ALTER TABLE vero.trigger_jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE vero.trigger_jobs IS 'One row for each event and campaign that it triggers: what is to be decided when, and what was';
COMMENT ON COLUMN vero.trigger_jobs.event_id IS 'The event, with contact_id and occurred_at its key in vero.events; it may be deleted before the job is';
COMMENT ON COLUMN vero.trigger_jobs.campaign_id IS 'The campaign that the event triggers';
COMMENT ON COLUMN vero.trigger_jobs.contact_id IS 'The event''s contact, who may be deleted before the job is';
COMMENT ON COLUMN vero.trigger_jobs.occurred_at IS 'When the event happened';
COMMENT ON COLUMN vero.trigger_jobs.import_id IS 'The import that brought the event; null for events that were tracked';
COMMENT ON COLUMN vero.trigger_jobs.due_at IS 'When the campaign''s delay has passed, in days of 24 hours';
COMMENT ON COLUMN vero.trigger_jobs.state IS 'scheduled (with a message_id: its mail waits in the outbox), sent, discarded, failed or cancelled';
COMMENT ON COLUMN vero.trigger_jobs.reason IS 'Why it was discarded, or cancelled; of a scheduled one cancelled: its mail is just being sent, and not tried again';
COMMENT ON COLUMN vero.trigger_jobs.attempts IS 'How often its evaluation was begun';
COMMENT ON COLUMN vero.trigger_jobs.error IS 'Why it failed';
COMMENT ON COLUMN vero.trigger_jobs.decided_at IS 'When it was discarded, failed, cancelled with its import, or its mail written';
COMMENT ON COLUMN vero.trigger_jobs.message_id IS 'Its mail in vero.messages';
COMMENT ON COLUMN vero.trigger_jobs.registered_at IS 'When it was registered, if it had been due before: cooldowns count from there; null of all others';
COMMENT ON INDEX vero.trigger_jobs_due IS 'The jobs that wait, in the order of their time';
COMMENT ON INDEX vero.trigger_jobs_import_id IS 'Finds the jobs of an import at next to no cost';
COMMENT ON INDEX vero.trigger_jobs_decided IS 'The jobs that were decided, the oldest first: finds those that were kept long enough';

CREATE FUNCTION vero.run_jobs("limit" integer DEFAULT 1000, OUT queued bigint, OUT discarded bigint, OUT failed bigint)
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_run_jobs';
COMMENT ON FUNCTION vero.run_jobs(integer) IS 'Decides up to that many jobs that are due, as the worker does: writes their mail, or discards them';
REVOKE ALL ON FUNCTION vero.run_jobs(integer) FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.trigger_jobs', '');

-- The outbox.

CREATE TABLE vero.messages (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	state text NOT NULL,
	recipients text[] NOT NULL,
	from_address text,
	subject text NOT NULL,
	body_text text,
	body_html text,
	attachment bytea,
	text_without_attachment text,
	html_without_attachment text,
	message_id_header text NOT NULL CONSTRAINT messages_message_id_header CHECK (message_id_header ~ '^<[!-;=?-~]+@[!-;=?-~]+>$'),
	event_id bigint,
	campaign_id bigint,
	contact_id bigint,
	import_id bigint CONSTRAINT messages_import REFERENCES vero.imports (id) ON DELETE CASCADE,
	attempts integer NOT NULL DEFAULT 0 CONSTRAINT messages_attempts CHECK (attempts >= 0),
	claims bigint NOT NULL DEFAULT 0,
	next_attempt_at timestamptz,
	accepted text[] NOT NULL DEFAULT '{}',
	refused text[] NOT NULL DEFAULT '{}',
	last_error text,
	server_reply text,
	created_at timestamptz NOT NULL,
	dated_at timestamptz,
	sent_at timestamptz,
	CONSTRAINT messages_job FOREIGN KEY (event_id, campaign_id) REFERENCES vero.trigger_jobs (event_id, campaign_id),
	CONSTRAINT messages_body CHECK (body_text IS NOT NULL OR body_html IS NOT NULL),
	CONSTRAINT messages_attachment CHECK (attachment IS NOT NULL OR (text_without_attachment IS NULL AND html_without_attachment IS NULL)),
	CONSTRAINT messages_kind CHECK (CASE kind
		WHEN 'campaign' THEN pg_catalog.cardinality(recipients) = 1 AND event_id IS NOT NULL AND campaign_id IS NOT NULL
			AND contact_id IS NOT NULL AND import_id IS NULL AND attachment IS NULL
		WHEN 'confirmation' THEN import_id IS NOT NULL AND event_id IS NULL AND campaign_id IS NULL AND contact_id IS NULL
		WHEN 'test' THEN contact_id IS NOT NULL AND event_id IS NULL AND campaign_id IS NULL AND import_id IS NULL AND attachment IS NULL
		ELSE false END),
	CONSTRAINT messages_state CHECK (CASE state
		WHEN 'queued' THEN sent_at IS NULL AND recipients <> '{}'
		WHEN 'sending' THEN next_attempt_at IS NOT NULL AND sent_at IS NULL AND attempts > 0 AND claims > 0
		WHEN 'sent' THEN next_attempt_at IS NULL AND sent_at IS NOT NULL
		WHEN 'failed' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL
		WHEN 'stored' THEN next_attempt_at IS NULL AND sent_at IS NULL
		WHEN 'cancelled' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL
		ELSE false END)
);
ALTER TABLE vero.messages ALTER COLUMN attachment SET STORAGE EXTERNAL; -- to compress it takes longer than to write it
-- Of what an import of one record costs, PostgreSQL's own compression of its confirmation was half.
DO $$
BEGIN
	IF 'lz4' OPERATOR(pg_catalog.=) ANY ((SELECT enumvals FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression')::pg_catalog.text[]) THEN
		ALTER TABLE vero.messages ALTER COLUMN body_text SET COMPRESSION lz4, ALTER COLUMN body_html SET COMPRESSION lz4,
			ALTER COLUMN text_without_attachment SET COMPRESSION lz4, ALTER COLUMN html_without_attachment SET COMPRESSION lz4;
	END IF;
END
$$;
CREATE UNIQUE INDEX messages_one_per_job ON vero.messages (event_id, campaign_id) WHERE event_id IS NOT NULL;
CREATE INDEX messages_due ON vero.messages (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
ALTER TABLE vero.messages SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05, toast_tuple_target = 4080); -- a confirmation is kept whole, two of them on a page
CREATE INDEX messages_campaign_contact ON vero.messages (campaign_id, contact_id, created_at) WHERE campaign_id IS NOT NULL;
CREATE INDEX messages_confirmations ON vero.messages (created_at) WHERE kind <> 'campaign';
CREATE INDEX messages_waiting ON vero.messages (campaign_id) WHERE state = 'queued' AND next_attempt_at IS NULL;
CREATE UNIQUE INDEX messages_one_per_import ON vero.messages (import_id) WHERE kind = 'confirmation';
COMMENT ON TABLE vero.messages IS 'The outbox: confirmations of imports, campaign mail and tests of it, rendered';
COMMENT ON COLUMN vero.messages.id IS 'The message''s number, which vero.resend() takes';
COMMENT ON COLUMN vero.messages.kind IS 'campaign, confirmation or test';
COMMENT ON COLUMN vero.messages.state IS 'queued, sending, sent, failed, cancelled, or stored: to be read here, not sent';
COMMENT ON COLUMN vero.messages.recipients IS 'Who it goes to';
COMMENT ON COLUMN vero.messages.from_address IS 'Who it comes from; null: vero_events.mail_from';
COMMENT ON COLUMN vero.messages.subject IS 'Its subject, rendered';
COMMENT ON COLUMN vero.messages.body_text IS 'Its plain text, rendered; null where it is HTML only';
COMMENT ON COLUMN vero.messages.body_html IS 'Its HTML, rendered; null where it is plain text only';
COMMENT ON COLUMN vero.messages.attachment IS 'The rejected records of an import, as CSV';
COMMENT ON COLUMN vero.messages.text_without_attachment IS 'What body_text becomes where the mail server finds the message too large, and it goes without its attachment';
COMMENT ON COLUMN vero.messages.html_without_attachment IS 'What body_html becomes then';
COMMENT ON COLUMN vero.messages.message_id_header IS 'Its Message-ID, the same at every attempt; of one that no sender was set for it gets its domain when it first goes out';
COMMENT ON COLUMN vero.messages.event_id IS 'With campaign_id the job that it is for';
COMMENT ON COLUMN vero.messages.campaign_id IS 'The campaign that it is mail of; null for confirmations and tests';
COMMENT ON COLUMN vero.messages.contact_id IS 'The contact whom it is for, or, of a test, whose event it shows; null for confirmations';
COMMENT ON COLUMN vero.messages.import_id IS 'The import that it confirms';
COMMENT ON COLUMN vero.messages.attempts IS 'How often its delivery was begun';
COMMENT ON COLUMN vero.messages.next_attempt_at IS 'When delivery is tried, null while its campaign is not active, or mail is stopped; while sending, when another attempt may begin';
COMMENT ON COLUMN vero.messages.claims IS 'How often it was taken up; only who took it up last records what became of it';
COMMENT ON COLUMN vero.messages.accepted IS 'Of several recipients: those for whom the server took it';
COMMENT ON COLUMN vero.messages.refused IS 'Of several recipients: those whom the server will not send it to, or nobody can';
COMMENT ON COLUMN vero.messages.last_error IS 'What the last attempt failed of, whom the server refused, or why it is stored or cancelled';
COMMENT ON COLUMN vero.messages.server_reply IS 'What the server said when it took it: often its own name for it';
COMMENT ON COLUMN vero.messages.created_at IS 'When it was written';
COMMENT ON COLUMN vero.messages.dated_at IS 'What its Date says: when it first went out, as far as that may have been; null while the server has got nothing of it';
COMMENT ON COLUMN vero.messages.sent_at IS 'When a server took it';
COMMENT ON INDEX vero.messages_one_per_job IS 'A job has one mail';
COMMENT ON INDEX vero.messages_due IS 'The messages that wait, in the order of their time';
COMMENT ON INDEX vero.messages_waiting IS 'The messages that wait for their campaign to be active, or for mail to be started';
COMMENT ON INDEX vero.messages_confirmations IS 'Confirmations and tests, the oldest first';
COMMENT ON INDEX vero.messages_campaign_contact IS 'When a contact got a campaign last, for cooldowns';

CREATE PROCEDURE vero.send_mail("limit" integer DEFAULT 1000, INOUT sent bigint DEFAULT NULL, INOUT failed bigint DEFAULT NULL,
	INOUT retried bigint DEFAULT NULL)
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_send_mail';
COMMENT ON PROCEDURE vero.send_mail(integer, bigint, bigint, bigint)
	IS 'Sends up to that many messages that are due, as the worker does, and waits for it; retried ones are queued again';
REVOKE ALL ON PROCEDURE vero.send_mail(integer, bigint, bigint, bigint) FROM PUBLIC;

CREATE FUNCTION vero.resend(message bigint) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_resend';
COMMENT ON FUNCTION vero.resend(bigint) IS 'Queues a stored or failed message, with the Message-ID that it has';
REVOKE ALL ON FUNCTION vero.resend(bigint) FROM PUBLIC;

CREATE FUNCTION vero.remove_old("limit" integer DEFAULT 1000, kept interval DEFAULT NULL, OUT jobs bigint, OUT confirmations bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_remove_old';
COMMENT ON FUNCTION vero.remove_old(integer, interval)
	IS 'Removes up to that many decided jobs with their mail, and confirmations and tests, which it counts together, that are older than "kept", by default vero_events.keep_messages';
REVOKE ALL ON FUNCTION vero.remove_old(integer, interval) FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.messages', '');
SELECT pg_catalog.pg_extension_config_dump('vero.messages_id_seq', '');

-- Foreign keys, in such a way that a dump restores.

-- pg_restore with several jobs loads all of these tables at once, whatever refers to what: keys come with the extension, before all data. So PostgreSQL's own triggers for new rows
-- are off, and one of ours does the same, but in a restore. Those for rows that are referred to, which look when one is deleted, are on.
CREATE FUNCTION vero.check_foreign_keys() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_check_foreign_keys';
COMMENT ON FUNCTION vero.check_foreign_keys()
	IS 'Checks those foreign keys of a new row whose own triggers are disabled, but for the rows of a dump that the table''s owner restores';
REVOKE ALL ON FUNCTION vero.check_foreign_keys() FROM PUBLIC;

CREATE FUNCTION vero.replace_key_triggers(of_table regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	own name;
BEGIN
	FOR own IN SELECT t.tgname FROM pg_trigger AS t JOIN pg_constraint AS c ON c.oid = t.tgconstraint
			WHERE t.tgrelid = of_table AND c.contype = 'f' AND c.conrelid = t.tgrelid AND t.tgfoid = ANY (ARRAY['"RI_FKey_check_ins"', '"RI_FKey_check_upd"']::regproc[]) LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', of_table, own);
	END LOOP;
END
$$;
COMMENT ON FUNCTION vero.replace_key_triggers(regclass) IS 'Disables the triggers by which PostgreSQL checks the foreign keys of a table''s new rows, as one of the extension''s does that; for superusers';
REVOKE ALL ON FUNCTION vero.replace_key_triggers(regclass) FROM PUBLIC;

SELECT vero.replace_key_triggers(own) FROM pg_catalog.unnest('{vero.events_default,vero.rejected_rows,vero.trigger_jobs,vero.messages}'::pg_catalog.regclass[]) AS own;
CREATE TRIGGER events_default_keys AFTER INSERT OR UPDATE OF contact_id ON vero.events_default FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
CREATE TRIGGER rejected_rows_keys AFTER INSERT OR UPDATE OF import_id ON vero.rejected_rows FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
CREATE TRIGGER trigger_jobs_keys AFTER INSERT OR UPDATE OF campaign_id, import_id ON vero.trigger_jobs FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
CREATE TRIGGER messages_keys AFTER INSERT OR UPDATE OF event_id, campaign_id, import_id ON vero.messages FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
COMMENT ON TRIGGER events_default_keys ON vero.events_default IS 'Sees to it that the contacts of new events are there';
COMMENT ON TRIGGER rejected_rows_keys ON vero.rejected_rows IS 'Sees to it that the imports of new rejects are there';
COMMENT ON TRIGGER trigger_jobs_keys ON vero.trigger_jobs IS 'Sees to it that the campaigns and imports of new jobs are there';
COMMENT ON TRIGGER messages_keys ON vero.messages IS 'Sees to it that the jobs and imports of new messages are there';

-- People who were forgotten.

CREATE TABLE vero.suppressions (
	key_id bytea NOT NULL CHECK (pg_catalog.length(key_id) = 8),
	address_hash bytea NOT NULL CHECK (pg_catalog.length(address_hash) = 32),
	suppressed_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	suppressed_by name NOT NULL,
	PRIMARY KEY (key_id, address_hash)
);
COMMENT ON TABLE vero.suppressions IS 'Addresses that get no campaign mail, as they were forgotten';
COMMENT ON COLUMN vero.suppressions.key_id IS 'Which key the address was hashed with: that of the file vero_events_suppressions.key in the data directory, which is in no dump';
COMMENT ON COLUMN vero.suppressions.address_hash IS 'HMAC-SHA-256 of the address in its normal form';
COMMENT ON COLUMN vero.suppressions.suppressed_at IS 'When it was forgotten';
COMMENT ON COLUMN vero.suppressions.suppressed_by IS 'By which role';

CREATE FUNCTION vero.forget(email text, OUT contacts bigint, OUT events bigint, OUT jobs bigint, OUT messages bigint,
	OUT rejected_records bigint, OUT confirmations bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_forget';
COMMENT ON FUNCTION vero.forget(text)
	IS 'Erases what is stored of a person, known by an email address, and keeps the address from getting campaign mail again: says how many of each were removed, and of how many confirmations the text was erased';

SELECT pg_catalog.pg_extension_config_dump('vero.suppressions', '');

-- Campaign mail that is stopped, and that is cancelled.

CREATE TABLE vero.mail_stops (
	campaign_id bigint UNIQUE NULLS NOT DISTINCT,
	stopped_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	stopped_by name NOT NULL
);
COMMENT ON TABLE vero.mail_stops IS 'What vero.stop_mail() has stopped: its messages wait in the outbox';
COMMENT ON COLUMN vero.mail_stops.campaign_id IS 'The campaign whose mail is stopped, by its id in vero.campaigns; null: all mail is, confirmations too';
COMMENT ON COLUMN vero.mail_stops.stopped_at IS 'Since when';
COMMENT ON COLUMN vero.mail_stops.stopped_by IS 'By which role';

CREATE FUNCTION vero.stop_mail(campaign text DEFAULT NULL) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_stop_mail';
COMMENT ON FUNCTION vero.stop_mail(text)
	IS 'Has the messages of a campaign wait, or without one all messages: from the commit on none of them is begun';
REVOKE ALL ON FUNCTION vero.stop_mail(text) FROM PUBLIC;

CREATE FUNCTION vero.start_mail(campaign text DEFAULT NULL) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_start_mail';
COMMENT ON FUNCTION vero.start_mail(text) IS 'Takes back what vero.stop_mail() with the same argument has said';
REVOKE ALL ON FUNCTION vero.start_mail(text) FROM PUBLIC;

CREATE FUNCTION vero.cancel_mail(campaign text DEFAULT NULL, import bigint DEFAULT NULL, OUT jobs bigint, OUT messages bigint,
	OUT in_flight bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_cancel_mail';
COMMENT ON FUNCTION vero.cancel_mail(text, bigint)
	IS 'Cancels scheduled jobs and unsent messages of a campaign, of an import, or of both; in flight are those that are just being sent, and not tried again';
REVOKE ALL ON FUNCTION vero.cancel_mail(text, bigint) FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.mail_stops', '');

-- Jobs for events that are stored already.

CREATE FUNCTION vero.backfill_campaign(INOUT campaign text, since timestamptz, dry_run boolean DEFAULT true,
	OUT sent_now bigint, OUT sent_later bigint, OUT first_due timestamptz, OUT last_due timestamptz, OUT discarded bigint, OUT discarded_by_reason jsonb,
	OUT failed bigint, OUT contacts bigint, OUT mails_per_contact text, OUT busiest text)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_backfill_campaign';
COMMENT ON FUNCTION vero.backfill_campaign(text, timestamptz, boolean)
	IS 'What would become of the events since that time that have no job for a campaign, known by its name, if they got one, as vero.import_forecast has it; with dry_run => false they get it, and it says which jobs were registered. Takes INSERT on vero.trigger_jobs, too';
REVOKE ALL ON FUNCTION vero.backfill_campaign(text, timestamptz, boolean) FROM PUBLIC;

-- Whether this database decides jobs and sends mail.

CREATE TABLE vero.delivery (
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	instance uuid NOT NULL,
	enabled_at timestamptz,
	off_reason text,
	PRIMARY KEY (instance, database_oid)
);
COMMENT ON TABLE vero.delivery IS 'The database whose mail this is: a copy of it decides no job and sends nothing';
COMMENT ON COLUMN vero.delivery.system_identifier IS 'The cluster''s, as in pg_control_system()';
COMMENT ON COLUMN vero.delivery.database_oid IS 'The database''s in that cluster';
COMMENT ON COLUMN vero.delivery.instance IS 'The data directory''s, as the file pgsql_tmp_vero_events_instance in it has it';
COMMENT ON COLUMN vero.delivery.enabled_at IS 'When enable_delivery() was called';
COMMENT ON COLUMN vero.delivery.off_reason IS 'Why nothing is decided and sent, where that was found out since';

CREATE FUNCTION vero.disown_delivery() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_disown_delivery';
COMMENT ON FUNCTION vero.disown_delivery() IS 'Keeps a row that a restore brings back from speaking for this database';
REVOKE ALL ON FUNCTION vero.disown_delivery() FROM PUBLIC;
CREATE TRIGGER delivery_disown BEFORE INSERT ON vero.delivery FOR EACH ROW EXECUTE FUNCTION vero.disown_delivery();
ALTER TABLE vero.delivery ENABLE ALWAYS TRIGGER delivery_disown;
COMMENT ON TRIGGER delivery_disown ON vero.delivery IS 'Only enable_delivery() says whose jobs and messages these are';

CREATE FUNCTION vero.enable_delivery() RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_enable_delivery';
COMMENT ON FUNCTION vero.enable_delivery() IS 'Says that this database, a copy until now, decides jobs and sends mail. The caller has to own vero.trigger_jobs, vero.messages and vero.delivery';
REVOKE ALL ON FUNCTION vero.enable_delivery() FROM PUBLIC;
SELECT vero.enable_delivery();

CREATE FUNCTION vero.note_replicated() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_note_replicated';
COMMENT ON FUNCTION vero.note_replicated() IS 'Turns delivery off: what replication or a restore writes is not this database''s to decide and send';
REVOKE ALL ON FUNCTION vero.note_replicated() FROM PUBLIC;
CREATE TRIGGER trigger_jobs_replicated AFTER INSERT OR UPDATE ON vero.trigger_jobs FOR EACH ROW EXECUTE FUNCTION vero.note_replicated();
CREATE TRIGGER messages_replicated AFTER INSERT OR UPDATE ON vero.messages FOR EACH ROW EXECUTE FUNCTION vero.note_replicated();
ALTER TABLE vero.trigger_jobs ENABLE REPLICA TRIGGER trigger_jobs_replicated;
ALTER TABLE vero.messages ENABLE REPLICA TRIGGER messages_replicated;
COMMENT ON TRIGGER trigger_jobs_replicated ON vero.trigger_jobs IS 'Jobs that are written by replication are another database''s';
COMMENT ON TRIGGER messages_replicated ON vero.messages IS 'Messages that are written by replication are another database''s';

CREATE FUNCTION vero.is_delivery_enabled() RETURNS boolean
LANGUAGE C STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_delivery_enabled';
COMMENT ON FUNCTION vero.is_delivery_enabled() IS 'False in a copy of a database, until enable_delivery() is called in it';

CREATE FUNCTION vero.why_delivery_is_off() RETURNS text
LANGUAGE C STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_why_delivery_is_off';
COMMENT ON FUNCTION vero.why_delivery_is_off() IS 'Why this database decides no job and sends nothing; null where it does';

SELECT pg_catalog.pg_extension_config_dump('vero.delivery', '');

-- What wakes the background worker, and what it says of itself.

CREATE FUNCTION vero.wake_worker() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_wake_worker';
COMMENT ON FUNCTION vero.wake_worker() IS 'Has the worker look for work when the transaction commits';
REVOKE ALL ON FUNCTION vero.wake_worker() FROM PUBLIC;
CREATE TRIGGER trigger_jobs_wake AFTER INSERT OR UPDATE ON vero.trigger_jobs
	FOR EACH STATEMENT EXECUTE FUNCTION vero.wake_worker();
CREATE TRIGGER messages_wake AFTER INSERT OR UPDATE ON vero.messages
	FOR EACH ROW WHEN (NEW.next_attempt_at IS NOT NULL) EXECUTE FUNCTION vero.wake_worker();
COMMENT ON TRIGGER trigger_jobs_wake ON vero.trigger_jobs IS 'Jobs that are written by hand are found at once, too';
CREATE TRIGGER campaigns_wake AFTER UPDATE OF active ON vero.campaigns FOR EACH STATEMENT EXECUTE FUNCTION vero.wake_worker();
COMMENT ON TRIGGER campaigns_wake ON vero.campaigns IS 'Mail that waits for its campaign to be active goes out as soon as it is';
COMMENT ON TRIGGER messages_wake ON vero.messages IS 'Messages that are queued by hand are found at once, too';

CREATE FUNCTION vero.workers(OUT database oid, OUT pid integer, OUT started_at timestamptz, OUT next_due timestamptz,
	OUT jobs_decided bigint, OUT messages_sent bigint, OUT last_error text, OUT failed_at timestamptz)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_workers';
COMMENT ON FUNCTION vero.workers() IS 'What the server''s workers say of themselves, for each database that was looked into since the start';
REVOKE ALL ON FUNCTION vero.workers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vero.workers() TO pg_monitor;

CREATE VIEW vero.worker_status AS
	SELECT d.datname AS database, w.pid IS NOT NULL AS running, w.pid, w.started_at, w.next_due, b.backlog, b.oldest_due,
		w.jobs_decided, w.messages_sent, w.last_error, w.failed_at,
		CASE WHEN d.datname = current_database() THEN vero.why_delivery_is_off() END AS delivery_off
	FROM vero.workers() AS w
	JOIN pg_catalog.pg_database AS d ON d.oid = w.database
	LEFT JOIN LATERAL (
		SELECT count(*) AS backlog, min(j.due_at) AS oldest_due
		FROM vero.trigger_jobs AS j
		WHERE d.datname = current_database() AND j.state = 'scheduled' AND j.message_id IS NULL AND j.due_at <= now()
	) AS b ON d.datname = current_database();
COMMENT ON VIEW vero.worker_status
	IS 'The worker of each database of the server: whether it runs, when it has work next, its last error; the backlog of this database, and why it sends nothing, if so';
COMMENT ON COLUMN vero.worker_status.database IS 'The database that it works in';
COMMENT ON COLUMN vero.worker_status.running IS 'False while it has no work';
COMMENT ON COLUMN vero.worker_status.pid IS 'Its process, while it runs';
COMMENT ON COLUMN vero.worker_status.started_at IS 'When it was started, while it runs';
COMMENT ON COLUMN vero.worker_status.next_due IS 'When it has work next; null where it knows of none';
COMMENT ON COLUMN vero.worker_status.backlog IS 'Jobs that are due, of this database; null for others';
COMMENT ON COLUMN vero.worker_status.oldest_due IS 'Since when the first of these is';
COMMENT ON COLUMN vero.worker_status.jobs_decided IS 'Jobs that it has decided since the server was started';
COMMENT ON COLUMN vero.worker_status.messages_sent IS 'Messages that it has sent since then';
COMMENT ON COLUMN vero.worker_status.last_error IS 'Its last error since then';
COMMENT ON COLUMN vero.worker_status.failed_at IS 'When it had it';
COMMENT ON COLUMN vero.worker_status.delivery_off IS 'Why this database decides no jobs and sends nothing, if so; null for others';
GRANT SELECT ON vero.worker_status TO pg_monitor;

-- Partitions of vero.events by time.

CREATE VIEW vero.partitions AS
	SELECT p.partition, p.is_default, p.bounds[1]::timestamptz AS holds_from, p.bounds[2]::timestamptz AS holds_until, p.bytes, m.missing
	FROM (SELECT c.oid::regclass AS partition, i.inhrelid, pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' AS is_default,
			regexp_match(pg_get_expr(c.relpartbound, c.oid), E'^FOR VALUES FROM \\((?:MINVALUE|\'(.*)\')\\) TO \\((?:MAXVALUE|\'(.*)\')\\)$') AS bounds,
			CASE c.relkind WHEN 'r' THEN pg_total_relation_size(c.oid) END AS bytes
		FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
		WHERE i.inhparent = (SELECT r.oid FROM pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace WHERE n.nspname = 'vero' AND r.relname = 'events')) AS p
	CROSS JOIN LATERAL (SELECT array_remove(array[
		CASE WHEN NOT EXISTS (SELECT FROM pg_index AS x WHERE x.indrelid = p.inhrelid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
			AND (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
				JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.attnum) = '{contact_id,occurred_at,id}') THEN 'key' END,
		CASE WHEN NOT EXISTS (SELECT FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_am AS m ON m.oid = c.relam
			WHERE x.indrelid = p.inhrelid AND x.indisvalid AND m.amname = 'brin'
				AND x.indkey::text = (SELECT a.attnum::text FROM pg_attribute AS a WHERE a.attrelid = x.indrelid AND a.attname = 'import_id')) THEN 'index' END,
		CASE WHEN NOT EXISTS (SELECT FROM pg_constraint AS x WHERE x.conrelid = p.inhrelid AND x.contype = 'f' AND x.conkey = (SELECT array[a.attnum] FROM pg_attribute AS a
			WHERE a.attrelid = x.conrelid AND a.attname = 'contact_id')) THEN 'foreign key' END], NULL) AS missing) AS m
	ORDER BY p.is_default, 3 NULLS FIRST;
COMMENT ON VIEW vero.partitions IS 'The partitions of vero.events: which times each holds, and what vero.adopt_partition() would give it';
COMMENT ON COLUMN vero.partitions.partition IS 'The partition, a table';
COMMENT ON COLUMN vero.partitions.is_default IS 'It holds what no other does';
COMMENT ON COLUMN vero.partitions.holds_from IS 'The first time that it holds; null where there is none';
COMMENT ON COLUMN vero.partitions.holds_until IS 'The first time after those that it holds; null where there is none';
COMMENT ON COLUMN vero.partitions.bytes IS 'Its size, with its indexes; null where it has partitions of its own';
COMMENT ON COLUMN vero.partitions.missing IS 'Which of key, index and foreign key it does not have: vero.adopt_partition() gives them';
GRANT SELECT ON vero.partitions TO PUBLIC;

-- Whoever waits for a lock has others wait behind him: so it is tried for a moment, again and again. The locks are those of the functions below, taken in one go and given
-- back where one of them is not to be had.
CREATE FUNCTION vero.lock_events(contacts_mode text, events_mode text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	given CONSTANT text := current_setting('lock_timeout');
	patience CONSTANT interval := coalesce(nullif(given, '0')::interval, '10 min');
	until CONSTANT timestamptz := clock_timestamp() + patience;
	default_partition regclass;
	blockers text;
BEGIN
	LOOP
		BEGIN
			PERFORM set_config('lock_timeout', '100ms', true);
			EXECUTE format('LOCK TABLE ONLY vero.events IN %s MODE', events_mode);
			EXECUTE format('LOCK TABLE ONLY vero.contacts IN %s MODE', contacts_mode);
			SELECT p.partition INTO default_partition FROM vero.partitions AS p WHERE p.is_default;
			IF FOUND THEN
				EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', default_partition);
			END IF;
			PERFORM set_config('lock_timeout', given, true);
			RETURN;
		EXCEPTION WHEN lock_not_available THEN
			IF clock_timestamp() >= until THEN
				SELECT string_agg(DISTINCT format('process %s (%s, in transaction since %s)', l.pid, a.usename, a.xact_start), ', ') INTO blockers
				FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
				WHERE l.granted AND l.locktype = 'relation' AND l.pid <> pg_backend_pid()
					AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
					AND l.relation IN ('vero.events'::regclass, 'vero.contacts'::regclass, default_partition);
				RAISE lock_not_available USING
					MESSAGE = format('could not lock the events within %s', patience),
					DETAIL = coalesce('They are in use by ' || blockers || '.', ''),
					HINT = 'Try again when these transactions have ended, or with a longer lock_timeout.';
			END IF;
			PERFORM pg_sleep(0.05 + random() * 0.1);
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION vero.lock_events(text, text) IS 'Locks vero.events, vero.contacts and the default partition without having others wait behind it; for lock_timeout, or ten minutes, at most';
REVOKE ALL ON FUNCTION vero.lock_events(text, text) FROM PUBLIC;

CREATE FUNCTION vero.complete_partition(partition regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	missing text[] := (SELECT p.missing FROM vero.partitions AS p WHERE p.partition = complete_partition.partition);
BEGIN
	IF missing IS NULL OR 'key' = ANY (missing) THEN
		EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (contact_id, occurred_at, id)', partition);
	END IF;
	IF missing IS NULL OR 'index' = ANY (missing) THEN
		EXECUTE format('CREATE INDEX ON %s USING brin (import_id)', partition);
	END IF;
	IF missing IS NULL OR 'foreign key' = ANY (missing) THEN
		EXECUTE format('ALTER TABLE %s ADD CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id)', partition);
	END IF;
END
$$;
COMMENT ON FUNCTION vero.complete_partition(regclass) IS 'Gives a table that is, or is to become, a partition of vero.events the key, the index and the foreign key that it does not have';
REVOKE ALL ON FUNCTION vero.complete_partition(regclass) FROM PUBLIC;

CREATE FUNCTION vero.create_partitions("from" date, until date, step interval DEFAULT '1 month',
	OUT partition regclass, OUT holds_from timestamptz, OUT holds_until timestamptz, OUT events_moved bigint)
RETURNS SETOF record
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO' SET IntervalStyle = 'postgres' AS $$
DECLARE
	most CONSTANT int := 10000;
	owner regrole := (SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'vero.events'::regclass);
	columns text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
		WHERE a.attrelid = 'vero.events'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '');
	is_distributed boolean := vero.is_distributed();
	default_partition regclass;
	is_emptied boolean;
	names text[] := '{}';
	bounds text[] := '{}';
	moved jsonb := '{}';
BEGIN
	IF "from" IS NULL OR until IS NULL OR step IS NULL OR NOT isfinite("from") OR NOT isfinite(until) OR "from" >= until THEN
		RAISE invalid_parameter_value USING MESSAGE = 'partitions are made from a day until a later one',
			HINT = $h$For example: SELECT * FROM vero.create_partitions('2022-01-01', '2023-01-01').$h$;
	END IF;
	IF "from"::timestamp + step <= "from"::timestamp OR "from"::timestamp + most * step < until::timestamp THEN
		RAISE invalid_parameter_value USING MESSAGE = format('steps of "%s" do not lead from %s to %s in %s partitions or fewer', step, "from", until, most);
	END IF;
	-- ATTACH needs less; but who has looked up the partitions, and then waits for the default one, would miss what is moved out of it meanwhile.
	PERFORM vero.lock_events('SHARE ROW EXCLUSIVE', 'ACCESS EXCLUSIVE');
	FOR n IN 0 .. most LOOP
		EXIT WHEN "from"::timestamp + n * step >= until::timestamp;
		holds_from := "from"::timestamp + n * step;
		holds_until := least("from"::timestamp + (n + 1) * step, until::timestamp);
		CONTINUE WHEN EXISTS (SELECT FROM vero.partitions AS p WHERE p.holds_from = create_partitions.holds_from AND p.holds_until = create_partitions.holds_until);
		names := names || format('vero.%I', 'events_' || to_char(holds_from, CASE WHEN holds_from::time = '0:00' THEN 'YYYY_MM_DD' ELSE 'YYYY_MM_DD_HH24MI' END));
		bounds := bounds || format('FOR VALUES FROM (%L) TO (%L)', holds_from, holds_until);
	END LOOP;
	IF names = '{}' THEN
		RETURN;
	END IF;

	IF is_distributed THEN
		moved := vero.make_distributed_partitions(names, bounds, "from", until);
	ELSE
		-- Filled, and given all that a partition has, before they are attached.
		CREATE TABLE vero.events_moving (LIKE vero.events) PARTITION BY RANGE (occurred_at);
		FOR n IN 1 .. cardinality(names) LOOP
			EXECUTE format('CREATE TABLE %s (LIKE vero.events INCLUDING ALL EXCLUDING INDEXES)', names[n]);
			EXECUTE format('ALTER TABLE vero.events_moving ATTACH PARTITION %s %s', names[n], bounds[n]);
		END LOOP;
		SELECT p.partition INTO default_partition FROM vero.partitions AS p WHERE p.is_default;
		is_emptied := coalesce(pg_relation_size(default_partition) > 0, false);
		IF is_emptied THEN
			EXECUTE format('WITH taken AS (DELETE FROM ONLY %1$s WHERE occurred_at >= $1 AND occurred_at < $2 RETURNING %2$s),
					put AS (INSERT INTO vero.events_moving (%2$s) SELECT %2$s FROM taken RETURNING tableoid),
					counted AS (SELECT tableoid, count(*) AS events FROM put GROUP BY tableoid)
				SELECT coalesce(jsonb_object_agg(tableoid, events), ''{}'') FROM counted', default_partition, columns)
				INTO moved USING "from"::timestamptz, until::timestamptz;
			-- proves to each ATTACH that nothing of it is left
			EXECUTE format('ALTER TABLE %s ADD CONSTRAINT events_moved CHECK (occurred_at < %L OR occurred_at >= %L)', default_partition, "from"::timestamptz, until::timestamptz);
		END IF;
		FOR n IN 1 .. cardinality(names) LOOP
			EXECUTE format('ALTER TABLE vero.events_moving DETACH PARTITION %s', names[n]);
			PERFORM vero.complete_partition(names[n]);
			EXECUTE format('ALTER TABLE %s OWNER TO %s', names[n], owner);
			EXECUTE format('ALTER TABLE vero.events ATTACH PARTITION %s %s', names[n], bounds[n]);
		END LOOP;
		IF is_emptied THEN
			EXECUTE format('ALTER TABLE %s DROP CONSTRAINT events_moved', default_partition);
		END IF;
		DROP TABLE vero.events_moving;
	END IF;
	RETURN QUERY SELECT p.partition, p.holds_from, p.holds_until, coalesce((moved ->> p.partition::oid::text)::bigint, 0)
		FROM vero.partitions AS p WHERE p.partition = ANY (names::regclass[]) ORDER BY p.holds_from;
END
$$;
COMMENT ON FUNCTION vero.create_partitions(date, date, interval)
	IS 'Makes partitions of vero.events for the days (in UTC) from the first to before the second, and moves there what the default partition holds of them; those that there are already stay';
REVOKE ALL ON FUNCTION vero.create_partitions(date, date, interval) FROM PUBLIC;

CREATE FUNCTION vero.drop_partitions(before date,
	OUT partition text, OUT holds_from timestamptz, OUT holds_until timestamptz, OUT was_dropped boolean, OUT events_removed bigint)
RETURNS SETOF record
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO' AS $$
DECLARE
	one record;
	of_imports jsonb;
	dropped_at timestamptz;
BEGIN
	IF before IS NULL OR NOT isfinite(before) THEN
		RAISE invalid_parameter_value USING MESSAGE = 'events are dropped from before a day', HINT = $h$For example: SELECT * FROM vero.drop_partitions('2020-01-01').$h$;
	END IF;
	IF vero.is_distributed() THEN
		PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	END IF;
	PERFORM vero.lock_events('ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
	FOR one IN SELECT p.* FROM vero.partitions AS p WHERE p.is_default OR p.holds_from IS NULL OR p.holds_from < before::timestamptz LOOP
		partition := one.partition;
		holds_from := one.holds_from;
		holds_until := one.holds_until;
		was_dropped := NOT one.is_default AND one.holds_until <= before::timestamptz;
		EXECUTE format(CASE WHEN was_dropped
			THEN 'WITH counted AS (SELECT import_id, count(*) AS events FROM %1$s GROUP BY 1)'
			WHEN one.is_default THEN 'WITH gone AS (DELETE FROM %1$s WHERE occurred_at < $1 RETURNING import_id), counted AS (SELECT import_id, count(*) AS events FROM gone GROUP BY 1)'
			ELSE 'WITH counted AS (SELECT import_id, 0 AS events FROM %1$s LIMIT 0)' END
			|| ' SELECT coalesce(jsonb_object_agg(coalesce(import_id, 0), events), ''{}''), coalesce(sum(events), 0) FROM counted', partition)
			INTO of_imports, events_removed USING before::timestamptz;
		UPDATE vero.imports AS i SET events_dropped = i.events_dropped + e.value::bigint FROM jsonb_each_text(of_imports) AS e WHERE i.id = e.key::bigint;
		RETURN NEXT;
		IF was_dropped THEN
			EXECUTE format('DROP TABLE %s', partition);
		END IF;
	END LOOP;
	dropped_at := clock_timestamp();
	-- joined, as Citus plans no NOT EXISTS of events that it distributes
	UPDATE vero.trigger_jobs AS j SET state = 'discarded', reason = 'event_deleted', decided_at = dropped_at
	FROM (
		SELECT t.event_id, t.campaign_id
		FROM vero.trigger_jobs AS t
		LEFT JOIN vero.events AS e ON e.contact_id = t.contact_id AND e.occurred_at = t.occurred_at AND e.id = t.event_id AND e.occurred_at < before::timestamptz
		WHERE t.state = 'scheduled' AND t.message_id IS NULL AND t.occurred_at < before::timestamptz AND e.id IS NULL) AS gone
	WHERE j.event_id = gone.event_id AND j.campaign_id = gone.campaign_id;
END
$$;
COMMENT ON FUNCTION vero.drop_partitions(date)
	IS 'Drops the partitions of vero.events that hold only events from before the day (in UTC), deletes those of the default one, and says what it left';
REVOKE ALL ON FUNCTION vero.drop_partitions(date) FROM PUBLIC;

CREATE FUNCTION vero.adopt_partition(partition regclass) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	missing text[] := (SELECT p.missing FROM vero.partitions AS p WHERE p.partition = adopt_partition.partition);
BEGIN
	IF missing IS NULL THEN
		RAISE wrong_object_type USING MESSAGE = format('%s is not a partition of vero.events', coalesce(partition::text, 'null')),
			HINT = 'ALTER TABLE vero.events ATTACH PARTITION makes it one.';
	END IF;
	PERFORM vero.is_distributed(); -- not on another node than the coordinator
	PERFORM vero.lock_events('SHARE ROW EXCLUSIVE', 'ACCESS SHARE');
	PERFORM vero.complete_partition(partition);
	RETURN missing;
END
$$;
COMMENT ON FUNCTION vero.adopt_partition(regclass) IS 'Gives a partition of vero.events that was made by hand the key, the index and the foreign key that the others have; says what it did not have';
REVOKE ALL ON FUNCTION vero.adopt_partition(regclass) FROM PUBLIC;

-- Events on the nodes of a Citus cluster.

CREATE FUNCTION vero.is_distributed() RETURNS boolean
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_is_distributed';
COMMENT ON FUNCTION vero.is_distributed() IS 'True where Citus distributes vero.events; an error on a node of a Citus cluster that is not its coordinator';

CREATE FUNCTION vero.distribute_events(shard_count integer DEFAULT 32) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = 'warning' AS $$
DECLARE
	own record;
BEGIN
	IF NOT EXISTS (SELECT FROM pg_extension AS x WHERE x.extname = 'citus') THEN
		RAISE undefined_object USING MESSAGE = 'extension "citus" is not installed in this database',
			HINT = 'Install it with CREATE EXTENSION citus on each node, and add the nodes with citus_add_node().';
	END IF;
	IF vero.is_distributed() THEN
		RETURN false;
	END IF;
	IF NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) THEN
		RAISE insufficient_privilege USING MESSAGE = 'only superusers distribute events or bring them back', HINT = 'It is done with the tables of all nodes.';
	END IF;
	-- every node holds the contacts; the coordinator looks each import's up in its own copy
	IF NOT EXISTS (SELECT FROM pg_dist_node AS n WHERE n.groupid = 0) THEN
		RAISE object_not_in_prerequisite_state USING MESSAGE = 'the coordinator is not one of the cluster''s nodes, so that it would hold no contacts',
			HINT = 'SELECT citus_set_coordinator_host() makes it one: give it the name by which the other nodes reach this server.';
	END IF;
	PERFORM vero.lock_events('ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
	PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	-- Citus takes the partitions' keys for those of local tables, and no triggers
	FOR own IN SELECT k.conrelid::regclass AS of_table, k.conname FROM pg_constraint AS k
			WHERE k.contype = 'f' AND k.confrelid = 'vero.contacts'::regclass AND k.conrelid IN (SELECT p.partition FROM vero.partitions AS p) LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', own.of_table, own.conname);
	END LOOP;
	DROP TRIGGER IF EXISTS events_default_keys ON vero.events_default;
	PERFORM create_reference_table('vero.contacts');
	PERFORM create_distributed_table('vero.events', 'contact_id', colocate_with => 'none', shard_count => distribute_events.shard_count);
	ALTER TABLE vero.events ADD CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id);
	-- what was copied from here to the nodes
	FOR own IN SELECT p.partition FROM vero.partitions AS p LOOP
		PERFORM truncate_local_data_after_distributing_table(own.partition);
	END LOOP;
	PERFORM truncate_local_data_after_distributing_table('vero.contacts');
	RETURN true;
END
$$;
COMMENT ON FUNCTION vero.distribute_events(integer)
	IS 'Distributes vero.events by contact over the nodes of a Citus cluster, in so many shards, and has each node hold vero.contacts; called on the coordinator. False where they are distributed already';
REVOKE ALL ON FUNCTION vero.distribute_events(integer) FROM PUBLIC;

CREATE FUNCTION vero.undistribute_events() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = 'warning' AS $$
DECLARE
	own record;
BEGIN
	IF NOT vero.is_distributed() THEN
		RETURN false;
	END IF;
	IF NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) THEN
		RAISE insufficient_privilege USING MESSAGE = 'only superusers distribute events or bring them back', HINT = 'It is done with the tables of all nodes.';
	END IF;
	PERFORM vero.lock_events('ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
	PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	CREATE UNLOGGED TABLE vero.events_gathered AS SELECT e.* FROM vero.events AS e;
	CREATE UNLOGGED TABLE vero.contacts_gathered AS SELECT c.* FROM vero.contacts AS c;
	ALTER TABLE vero.events DROP CONSTRAINT IF EXISTS events_contact;
	-- Citus makes new tables when it undistributes: these are to stay the extension's. So it forgets them as it does when they are dropped.
	FOR own IN SELECT c.oid, c.relname, p.partition IS NOT NULL AS is_partition
			FROM pg_class AS c LEFT JOIN vero.partitions AS p ON p.partition = c.oid
			WHERE p.partition IS NOT NULL OR c.oid IN ('vero.events'::regclass, 'vero.contacts'::regclass) ORDER BY p.partition IS NULL LOOP
		PERFORM master_remove_distributed_table_metadata_from_workers(own.oid, 'vero', own.relname);
		PERFORM citus_drop_all_shards(own.oid, 'vero', own.relname, drop_shards_metadata_only => own.is_partition);
		PERFORM master_remove_partition_metadata(own.oid, 'vero', own.relname);
	END LOOP;
	FOR own IN SELECT t.tgrelid::regclass AS of_table, t.tgname FROM pg_trigger AS t
			WHERE t.tgfoid = 'citus_truncate_trigger'::regproc AND NOT EXISTS (SELECT FROM pg_dist_partition AS d WHERE d.logicalrelid = t.tgrelid) LOOP
		EXECUTE format('DROP TRIGGER %I ON %s', own.tgname, own.of_table);
	END LOOP;
	INSERT INTO vero.contacts OVERRIDING SYSTEM VALUE SELECT c.* FROM vero.contacts_gathered AS c;
	INSERT INTO vero.events SELECT e.* FROM vero.events_gathered AS e;
	DROP TABLE vero.events_gathered, vero.contacts_gathered;
	PERFORM vero.complete_partition(p.partition) FROM vero.partitions AS p;
	-- as the extension makes it
	PERFORM vero.replace_key_triggers('vero.events_default');
	CREATE TRIGGER events_default_keys AFTER INSERT OR UPDATE OF contact_id ON vero.events_default FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
	COMMENT ON TRIGGER events_default_keys ON vero.events_default IS 'Sees to it that the contacts of new events are there';
	RETURN true;
END
$$;
COMMENT ON FUNCTION vero.undistribute_events() IS 'Brings what vero.distribute_events() has distributed back to the coordinator. False where nothing is distributed';
REVOKE ALL ON FUNCTION vero.undistribute_events() FROM PUBLIC;

CREATE FUNCTION vero.make_distributed_partitions(names text[], bounds text[], "from" date, until date) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET client_min_messages = 'warning' AS $$
DECLARE
	owner regrole := (SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'vero.events'::regclass);
	columns text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
		WHERE a.attrelid = 'vero.events'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '');
	default_partition regclass := (SELECT p.partition FROM vero.partitions AS p WHERE p.is_default);
	events bigint;
	moved jsonb := '{}';
BEGIN
	PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	EXECUTE format('CREATE UNLOGGED TABLE vero.events_moving AS SELECT %s FROM vero.events LIMIT 0', columns);
	IF default_partition IS NOT NULL THEN
		EXECUTE format('INSERT INTO vero.events_moving SELECT %s FROM %s WHERE occurred_at >= $1 AND occurred_at < $2', columns, default_partition)
			USING "from"::timestamptz, until::timestamptz;
		EXECUTE format('DELETE FROM %s WHERE occurred_at >= $1 AND occurred_at < $2', default_partition) USING "from"::timestamptz, until::timestamptz;
	END IF;
	FOR n IN 1 .. cardinality(names) LOOP
		EXECUTE format('CREATE TABLE %s PARTITION OF vero.events %s', names[n], bounds[n]);
		PERFORM vero.complete_partition(names[n]);
		EXECUTE format('ALTER TABLE %s OWNER TO %s', names[n], owner);
	END LOOP;
	EXECUTE format('INSERT INTO vero.events (%1$s) SELECT %1$s FROM vero.events_moving', columns);
	DROP TABLE vero.events_moving;
	FOR n IN 1 .. cardinality(names) LOOP
		EXECUTE format('SELECT count(*) FROM %s', names[n]) INTO events;
		moved := moved || jsonb_build_object(names[n]::regclass::oid, events);
	END LOOP;
	RETURN moved;
END
$$;
COMMENT ON FUNCTION vero.make_distributed_partitions(text[], text[], date, date)
	IS 'Makes partitions of these names and bounds on all nodes of a Citus cluster, moves there what the default partition holds of them, by way of the coordinator, and says how many events that were';
REVOKE ALL ON FUNCTION vero.make_distributed_partitions(text[], text[], date, date) FROM PUBLIC;

-- What people read.

CREATE VIEW vero.campaign_report AS
	WITH counted AS (
		SELECT campaign_id, CASE WHEN state = 'scheduled' AND message_id IS NOT NULL THEN 'in_outbox' ELSE state END AS state, reason,
			count(*) AS jobs, min(due_at) AS first_due
		FROM vero.trigger_jobs
		GROUP BY 1, 2, 3)
	SELECT c.id, c.name, c.active,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'scheduled'), 0)::bigint AS scheduled,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'in_outbox'), 0)::bigint AS in_outbox,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'sent'), 0)::bigint AS sent,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'discarded'), 0)::bigint AS discarded,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'failed'), 0)::bigint AS failed,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'cancelled'), 0)::bigint AS cancelled,
		jsonb_object_agg(j.reason, j.jobs) FILTER (WHERE j.state = 'discarded') AS discarded_by_reason,
		min(j.first_due) FILTER (WHERE j.state = 'scheduled') AS next_due
	FROM vero.campaigns AS c
	LEFT JOIN counted AS j ON j.campaign_id = c.id
	GROUP BY c.id;
COMMENT ON VIEW vero.campaign_report IS 'For each campaign: its jobs by what became of them, and when the next one is due';
COMMENT ON COLUMN vero.campaign_report.id IS 'The campaign, by its id in vero.campaigns';
COMMENT ON COLUMN vero.campaign_report.name IS 'What people call it';
COMMENT ON COLUMN vero.campaign_report.active IS 'An inactive one gets no jobs, and its mail waits';
COMMENT ON COLUMN vero.campaign_report.scheduled IS 'Jobs that wait for their time';
COMMENT ON COLUMN vero.campaign_report.in_outbox IS 'Jobs whose mail is written, and waits in the outbox';
COMMENT ON COLUMN vero.campaign_report.sent IS 'Jobs whose mail a server took';
COMMENT ON COLUMN vero.campaign_report.discarded IS 'Jobs that were decided against';
COMMENT ON COLUMN vero.campaign_report.failed IS 'Jobs that could not be decided, or whose mail could not be sent';
COMMENT ON COLUMN vero.campaign_report.cancelled IS 'Jobs that were taken back';
COMMENT ON COLUMN vero.campaign_report.discarded_by_reason IS 'How many were discarded for which reason';
COMMENT ON COLUMN vero.campaign_report.next_due IS 'When the next scheduled job is due';

CREATE VIEW vero.import_forecast WITH (security_invoker = true) AS
	SELECT i.id AS import_id, f.campaign, f.sent_now, f.sent_later, f.first_due, f.last_due,
		(SELECT coalesce(pg_catalog.sum(d.value::pg_catalog.int8), 0)::pg_catalog.int8 FROM pg_catalog.jsonb_each_text(f.discarded) AS d) AS discarded,
		CASE WHEN f.discarded OPERATOR(pg_catalog.<>) '{}'::pg_catalog.jsonb THEN f.discarded END AS discarded_by_reason,
		f.failed, f.contacts,
		CASE WHEN f.contacts OPERATOR(pg_catalog.>) 0
			THEN pg_catalog.round((f.sent_now OPERATOR(pg_catalog.+) f.sent_later) OPERATOR(pg_catalog./) f.contacts::pg_catalog.numeric, 1) OPERATOR(pg_catalog.||) ' mails a contact'
			END AS mails_per_contact,
		(SELECT pg_catalog.string_agg(pg_catalog.format('%s: %s', coalesce(b.email, '(forgotten)'), b.mails), ', ' ORDER BY b.place)
			FROM ROWS FROM (pg_catalog.jsonb_to_recordset(f.busiest) AS (email pg_catalog.text, mails pg_catalog.int8)) WITH ORDINALITY AS b (email, mails, place)) AS busiest
	FROM vero.imports AS i
	CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(i.forecast) AS f (campaign_id pg_catalog.int8, campaign pg_catalog.text, sent_now pg_catalog.int8,
		sent_later pg_catalog.int8, first_due pg_catalog.timestamptz, last_due pg_catalog.timestamptz, discarded pg_catalog.jsonb, failed pg_catalog.int8,
		contacts pg_catalog.int8, busiest pg_catalog.jsonb);
COMMENT ON VIEW vero.import_forecast IS 'What dry runs say would become of their events: a row for each campaign that they trigger';
COMMENT ON COLUMN vero.import_forecast.import_id IS 'The dry run, by its id in vero.imports';
COMMENT ON COLUMN vero.import_forecast.campaign IS 'The campaign, as it was called then';
COMMENT ON COLUMN vero.import_forecast.sent_now IS 'Mails that would be sent at once';
COMMENT ON COLUMN vero.import_forecast.sent_later IS 'Mails that would be sent when they are due';
COMMENT ON COLUMN vero.import_forecast.first_due IS 'When the first of those would be sent';
COMMENT ON COLUMN vero.import_forecast.last_due IS 'When the last of them would be';
COMMENT ON COLUMN vero.import_forecast.discarded IS 'Jobs that would be discarded, at once or when they are due';
COMMENT ON COLUMN vero.import_forecast.discarded_by_reason IS 'How many for which reason; null where there is none';
COMMENT ON COLUMN vero.import_forecast.failed IS 'Jobs that would fail, as their condition or their mail is an error';
COMMENT ON COLUMN vero.import_forecast.contacts IS 'How many contacts would get mail';
COMMENT ON COLUMN vero.import_forecast.mails_per_contact IS 'How much of it each of them would get';
COMMENT ON COLUMN vero.import_forecast.busiest IS 'The five contacts who would get most, and how many mails';
GRANT SELECT ON vero.import_forecast TO PUBLIC;

CREATE VIEW vero.outbox AS
	SELECT m.id, m.kind, array_to_string(m.recipients, ', ') AS "to",
		coalesce(m.from_address, nullif(current_setting('vero_events.mail_from', true), '')) AS "from",
		m.subject,
		coalesce(m.body_text, btrim(regexp_replace(regexp_replace(regexp_replace(m.body_html,
			'<style.*?</style>', ' ', 'gi'), '<[^>]*>', ' ', 'g'), E'\\s+', ' ', 'g'))) AS text,
		CASE WHEN m.attachment IS NOT NULL THEN 'rejects-' || m.import_id || '.csv, ' || pg_size_pretty(length(m.attachment)::bigint) END AS attachment,
		m.state,
		CASE
			WHEN m.state = 'stored' THEN coalesce(m.last_error, 'is to be read here, and not sent')
			WHEN m.state = 'sent' THEN coalesce(m.last_error, m.server_reply)
			WHEN m.state IN ('failed', 'cancelled') THEN m.last_error
			WHEN m.state = 'sending' AND m.next_attempt_at > now() THEN 'is handed to the SMTP server'
			WHEN m.state = 'queued' AND j.reason = 'cancelled'
				THEN 'is about to be cancelled, not tried again: vero.cancel_mail() was called while it was being sent' || coalesce(' (' || m.last_error || ')', '')
			WHEN m.state = 'queued' AND s.of_all THEN 'waits: vero.stop_mail() has stopped all mail'
			WHEN m.state = 'queued' AND m.campaign_id = ANY (s.campaigns) THEN 'waits: vero.stop_mail() has stopped its campaign''s mail'
			WHEN NOT k.active THEN 'waits: its campaign is not active'
			WHEN m.campaign_id IS NOT NULL AND c.id IS NULL THEN 'is about to be cancelled: the contact was deleted'
			WHEN c.unsubscribed_at IS NOT NULL AND NOT k.transactional THEN 'is about to be cancelled: the contact has unsubscribed'
			WHEN d.off IS NOT NULL THEN 'waits: delivery is off in this database. ' || d.off
			WHEN nullif(current_setting('vero_events.smtp_url', true), '') IS NULL THEN 'waits: vero_events.smtp_url is not set'
			WHEN m.state = 'sending' THEN 'its sender is gone: it is sent again'
			WHEN m.last_error IS NOT NULL THEN m.last_error
			WHEN current_setting('vero_events.max_workers', true) = '0' THEN 'waits for vero.send_mail(): vero_events.max_workers is 0'
			ELSE 'waits for its turn' END AS why,
		m.attempts, m.created_at AS written_at, m.next_attempt_at, m.sent_at,
		k.name AS campaign, coalesce(m.import_id, j.import_id) AS import_id, m.event_id
	FROM vero.messages AS m
	LEFT JOIN vero.campaigns AS k ON k.id = m.campaign_id
	LEFT JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id
	LEFT JOIN vero.contacts AS c ON c.id = m.contact_id
	CROSS JOIN (SELECT vero.why_delivery_is_off() AS off OFFSET 0) AS d
	CROSS JOIN (SELECT coalesce(bool_or(campaign_id IS NULL), false) AS of_all, array_agg(campaign_id) AS campaigns FROM vero.mail_stops) AS s
	ORDER BY m.id DESC;
COMMENT ON VIEW vero.outbox IS 'The messages as people read them, the newest first, each with what became of it and why';
COMMENT ON COLUMN vero.outbox.id IS 'The message, by its id in vero.messages';
COMMENT ON COLUMN vero.outbox.kind IS 'campaign, confirmation or test';
COMMENT ON COLUMN vero.outbox."to" IS 'Who it goes to';
COMMENT ON COLUMN vero.outbox."from" IS 'Who it comes from';
COMMENT ON COLUMN vero.outbox.subject IS 'Its subject';
COMMENT ON COLUMN vero.outbox.text IS 'Its plain text, or what is left of its HTML without tags';
COMMENT ON COLUMN vero.outbox.attachment IS 'The name of its attachment, and how large that is';
COMMENT ON COLUMN vero.outbox.state IS 'queued, sending, sent, failed, cancelled, or stored: to be read here, not sent';
COMMENT ON COLUMN vero.outbox.why IS 'What it waits for, what the mail server said, or why it is not sent';
COMMENT ON COLUMN vero.outbox.attempts IS 'How often its delivery was begun';
COMMENT ON COLUMN vero.outbox.written_at IS 'When it was written';
COMMENT ON COLUMN vero.outbox.next_attempt_at IS 'When delivery is tried next';
COMMENT ON COLUMN vero.outbox.sent_at IS 'When a server took it';
COMMENT ON COLUMN vero.outbox.campaign IS 'The campaign that it is mail of, by its name; null for confirmations and tests';
COMMENT ON COLUMN vero.outbox.import_id IS 'The import that it confirms, or that brought its event';
COMMENT ON COLUMN vero.outbox.event_id IS 'The event that it is for, by its id in vero.events';

CREATE VIEW vero.timeline WITH (security_invoker = true) AS
	SELECT c.email, e.name, e.occurred_at, e.properties, e.import_id
	FROM vero.events AS e
	JOIN vero.contacts AS c ON c.id OPERATOR(pg_catalog.=) e.contact_id;
COMMENT ON VIEW vero.timeline IS 'Events with the email of their contact';
COMMENT ON COLUMN vero.timeline.email IS 'The contact''s address';
COMMENT ON COLUMN vero.timeline.name IS 'What was done';
COMMENT ON COLUMN vero.timeline.occurred_at IS 'When it was done';
COMMENT ON COLUMN vero.timeline.properties IS 'What else is known of it, by name';
COMMENT ON COLUMN vero.timeline.import_id IS 'The import that brought it, by its id; null for others';

CREATE VIEW vero.import_progress AS
	SELECT p.param20 AS import_id, p.pid, a.usename AS imported_by, p.param1 AS bytes_done, nullif(p.param2, 0) AS bytes_total,
		round(100.0 * p.param1 / nullif(p.param2, 0), 1) AS percent,
		p.param3 AS rows_imported, p.param4 AS rows_rejected,
		round((p.param3 + p.param4) / t.seconds) AS rows_per_second,
		make_interval(secs => t.seconds) AS elapsed,
		make_interval(secs => round(t.seconds * (nullif(p.param2, 0) - p.param1) / nullif(p.param1, 0))::double precision) AS time_left
	FROM pg_catalog.pg_stat_get_progress_info('COPY') AS p
	JOIN pg_catalog.pg_stat_activity AS a ON a.pid = p.pid
	CROSS JOIN LATERAL (SELECT greatest(0.001, extract(epoch FROM clock_timestamp() - a.query_start)) AS seconds) AS t
	WHERE p.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND p.param20 > 0;
COMMENT ON VIEW vero.import_progress IS 'Running imports: how far they are, and how long they may still take';
COMMENT ON COLUMN vero.import_progress.import_id IS 'The import, as it will be called in vero.imports when it has ended';
COMMENT ON COLUMN vero.import_progress.pid IS 'The process that imports';
COMMENT ON COLUMN vero.import_progress.imported_by IS 'The role of its session';
COMMENT ON COLUMN vero.import_progress.bytes_done IS 'How many bytes of the file are read';
COMMENT ON COLUMN vero.import_progress.bytes_total IS 'How many it has; null where nobody knows beforehand';
COMMENT ON COLUMN vero.import_progress.percent IS 'How much of the file is read';
COMMENT ON COLUMN vero.import_progress.rows_imported IS 'Records that became events, so far';
COMMENT ON COLUMN vero.import_progress.rows_rejected IS 'Records that were rejected, so far';
COMMENT ON COLUMN vero.import_progress.rows_per_second IS 'Records a second, since it began';
COMMENT ON COLUMN vero.import_progress.elapsed IS 'How long it has taken so far';
COMMENT ON COLUMN vero.import_progress.time_left IS 'How long it may still take, at the same speed';
GRANT SELECT ON vero.import_progress TO PUBLIC;

-- Who got what, and why not.

-- Where Citus distributes the events, it asks all nodes for each part of the union, with what that takes of the other tables, and does the rest on the coordinator.
CREATE VIEW vero.decisions AS
	WITH known AS (
		SELECT c.email, k.id AS campaign_id, e.id AS event_id, e.name AS event_name, e.occurred_at, e.import_id, true AS is_there
		FROM vero.contacts AS c
		JOIN vero.events AS e ON e.contact_id = c.id
		JOIN vero.campaigns AS k ON vero.folded_name(k.event_name) = vero.folded_name(e.name)
	UNION ALL -- what it had jobs for when it waited for something else
		SELECT c.email, k.id, e.id, e.name, e.occurred_at, e.import_id, true
		FROM vero.contacts AS c
		JOIN vero.events AS e ON e.contact_id = c.id
		JOIN vero.trigger_jobs AS j ON j.event_id = e.id
		JOIN vero.campaigns AS k ON k.id = j.campaign_id AND vero.folded_name(k.event_name) <> vero.folded_name(e.name)
	UNION ALL
		SELECT c.email, k.id, j.event_id, k.event_name, j.occurred_at, j.import_id, false
		FROM vero.contacts AS c
		CROSS JOIN vero.campaigns AS k
		JOIN vero.messages AS m ON m.campaign_id = k.id AND m.contact_id = c.id
		JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id
		LEFT JOIN vero.events AS e ON e.contact_id = c.id AND e.occurred_at = j.occurred_at AND e.id = j.event_id
		WHERE e.id IS NULL)
	SELECT d.email, k.name AS campaign, d.event_id, d.event_name, d.occurred_at, d.import_id, j.state, m.id AS message_id,
		CASE
			WHEN j.event_id IS NULL AND i.id IS NULL THEN 'It has no job: it was tracked while the campaign was not active or not yet written, or inserted by hand, which triggers nothing, or its job was removed since.'
			WHEN j.event_id IS NULL AND coalesce((i.options ->> 'trigger_campaigns')::boolean, false)
				THEN format('It has no job: import %s came before the campaign was written or active, or under another event_name of it, or its job was removed since.', i.id)
			WHEN j.event_id IS NULL THEN format('Import %s did not trigger campaigns, and no backfill has given it a job that is still there.', i.id)
			WHEN j.state = 'sent' THEN format('Its mail, message %s, was sent at %s.', m.id, m.sent_at)
			WHEN j.state = 'failed' AND m.id IS NOT NULL THEN format('Its mail, message %s of %s, could not be sent: %s', m.id, m.created_at, m.last_error)
			WHEN j.state = 'failed' THEN format('It could not be decided at %s: %s', j.decided_at, j.error)
			WHEN j.state = 'scheduled' AND m.id IS NOT NULL
				THEN format('Its mail, message %s, was written at %s, and %s.', m.id, m.created_at, rtrim(coalesce((
					SELECT CASE WHEN m.state = 'queued' AND o.why = m.last_error THEN format('is tried again at %s: %s', m.next_attempt_at, o.why) ELSE o.why END
					FROM vero.outbox AS o
					WHERE o.id = m.id), 'waits'), '.'))
			WHEN j.state = 'scheduled' AND NOT k.active AND j.due_at <= now()
				THEN format('It has been due since %s. The campaign is not active: if it is not when this is decided, it is discarded.', j.due_at)
			WHEN j.state = 'scheduled' AND NOT k.active
				THEN format('It is due at %s. The campaign is not active: if it is not by then, it is discarded.', j.due_at)
			WHEN j.state = 'scheduled' AND j.due_at <= now()
				THEN format('It has been due since %s, and %s', j.due_at, coalesce(
					'waits: delivery is off in this database. ' || (SELECT vero.why_delivery_is_off()),
					CASE WHEN current_setting('vero_events.max_workers', true) = '0' THEN 'waits for vero.run_jobs(): vero_events.max_workers is 0.' END,
					'waits for the worker.'))
			WHEN j.state = 'scheduled' THEN format('It is due at %s.', j.due_at)
			WHEN j.state = 'cancelled' AND j.reason = 'import_undone' THEN format('Its import was undone at %s, and its mail cancelled.', i.undone_at)
			WHEN j.state = 'cancelled' THEN format('It was cancelled at %s.', j.decided_at)
			WHEN j.state = 'discarded' AND m.id IS NOT NULL
				THEN format('Its mail, message %s, was written at %s, and cancelled at %s, when it was to be sent: %s.', m.id, m.created_at, j.decided_at,
					CASE WHEN j.reason = 'unsubscribed' THEN 'the contact had unsubscribed meanwhile' ELSE 'its contact was gone by then' END)
			WHEN j.reason = 'future_event' AND j.decided_at = i.started_at THEN 'When it was imported it had not happened yet: such events trigger nothing.'
			WHEN j.reason = 'future_event' THEN format('When its job was registered, at %s, it had not happened yet: such events trigger nothing.', j.decided_at)
			WHEN j.reason = 'overdue' AND j.decided_at = i.started_at
				THEN format('When it was imported, at %s, its mail had been due since %s, which is longer than the campaign''s grace.', j.decided_at, j.due_at)
			WHEN j.reason = 'overdue'
				THEN format('When its job was registered, at %s, its mail had been due since %s, which is longer than the campaign''s grace, or than mail is kept.', j.decided_at, j.due_at)
			WHEN j.reason = 'campaign_inactive' THEN format('When it was decided, at %s, the campaign was not active.', j.decided_at)
			WHEN j.reason = 'contact_deleted' THEN format('When it was decided, at %s, its contact was gone.', j.decided_at)
			WHEN j.reason = 'event_deleted' THEN format('When it was decided, at %s, the event was gone.', j.decided_at)
			WHEN j.reason = 'unsubscribed' THEN format('When it was decided, at %s, the contact had unsubscribed.', j.decided_at)
			WHEN j.reason = 'condition_false' THEN format('At %s the campaign''s condition was not met.', j.decided_at)
			WHEN j.reason = 'suppressed' THEN format('At %s the address was one that had been forgotten.', j.decided_at)
			WHEN j.reason = 'cooldown' THEN format('At %s the contact had got the campaign within its cooldown: %s.', j.decided_at,
				coalesce((
					SELECT format('message %s of %s', l.id, l.created_at)
					FROM vero.messages AS l
					JOIN vero.trigger_jobs AS t ON t.event_id = l.event_id AND t.campaign_id = l.campaign_id
					CROSS JOIN LATERAL (
						SELECT extract(epoch FROM greatest(j.due_at, j.registered_at)) - extract(epoch FROM greatest(t.due_at, t.registered_at)) AS later,
							extract(epoch FROM k.cooldown) AS cooldown) AS g
					WHERE l.campaign_id = j.campaign_id AND l.contact_id = j.contact_id AND l.created_at <= j.decided_at
					-- those of one moment were decided in the order of what they count from; the campaign may have another cooldown by now
					ORDER BY l.created_at < j.decided_at OR g.later >= 0 DESC,
						abs(g.later) < g.cooldown AND extract(epoch FROM j.decided_at - l.created_at) < g.cooldown DESC NULLS LAST,
						l.state IN ('failed', 'cancelled'), abs(g.later), l.id
					LIMIT 1), 'its mail was removed since'))
			END || CASE WHEN d.is_there THEN '' ELSE ' The event was removed or changed since: it is not found under this time and contact.' END AS why
	FROM known AS d
	JOIN vero.campaigns AS k ON k.id = d.campaign_id
	LEFT JOIN vero.trigger_jobs AS j ON j.event_id = d.event_id AND j.campaign_id = d.campaign_id
	LEFT JOIN vero.messages AS m ON m.event_id = d.event_id AND m.campaign_id = d.campaign_id
	LEFT JOIN vero.imports AS i ON i.id = d.import_id;
COMMENT ON VIEW vero.decisions IS 'What became of each event for each campaign of its name, or that it has a job of, and why; of events that are gone, those that have mail';
COMMENT ON COLUMN vero.decisions.email IS 'The contact''s address';
COMMENT ON COLUMN vero.decisions.campaign IS 'The campaign, by its name';
COMMENT ON COLUMN vero.decisions.event_id IS 'The event, by its id in vero.events';
COMMENT ON COLUMN vero.decisions.event_name IS 'What was done; of an event that is gone, what the campaign waits for';
COMMENT ON COLUMN vero.decisions.occurred_at IS 'When it was done';
COMMENT ON COLUMN vero.decisions.import_id IS 'The import that brought it; null for others';
COMMENT ON COLUMN vero.decisions.state IS 'The state of its job; null where it has none';
COMMENT ON COLUMN vero.decisions.message_id IS 'Its mail, by its id in vero.messages';
COMMENT ON COLUMN vero.decisions.why IS 'What became of it and why, as a sentence';

CREATE FUNCTION vero.why(email text, campaign text)
RETURNS TABLE (event_id bigint, event_name text, occurred_at timestamptz, import_id bigint, state text, message_id bigint, why text)
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_why';
COMMENT ON FUNCTION vero.why(text, text)
	IS 'What became of each event of a contact, known by an email address, for a campaign, known by its name, and why; as who may SELECT from vero.decisions';

CREATE FUNCTION vero.preview(campaign text, event bigint, OUT "from" text, OUT "to" text, OUT subject text, OUT body_text text, OUT body_html text,
	OUT headers text, OUT empty_tags text[])
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_preview_event';
COMMENT ON FUNCTION vero.preview(text, bigint)
	IS 'The mail that a campaign, known by its name, would write for an event, known by its id, and which merge tags come out empty; nothing is stored or sent';
REVOKE ALL ON FUNCTION vero.preview(text, bigint) FROM PUBLIC;

CREATE FUNCTION vero.preview(campaign text, email text, OUT "from" text, OUT "to" text, OUT subject text, OUT body_text text, OUT body_html text,
	OUT headers text, OUT empty_tags text[])
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_preview_contact';
COMMENT ON FUNCTION vero.preview(text, text) IS 'The same for the latest event of a contact that the campaign is for';
REVOKE ALL ON FUNCTION vero.preview(text, text) FROM PUBLIC;

CREATE FUNCTION vero.send_test(campaign text, event bigint, address text) RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_send_test_event';
COMMENT ON FUNCTION vero.send_test(text, bigint, text)
	IS 'Sends the mail that vero.preview() shows to an address, or to up to 20, separated by commas, as a test: marked, and counted nowhere. Says which message it is. Takes INSERT on vero.messages';
REVOKE ALL ON FUNCTION vero.send_test(text, bigint, text) FROM PUBLIC;

CREATE FUNCTION vero.send_test(campaign text, email text, address text) RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_send_test_contact';
COMMENT ON FUNCTION vero.send_test(text, text, text) IS 'The same for the latest event of a contact that the campaign is for';
REVOKE ALL ON FUNCTION vero.send_test(text, text, text) FROM PUBLIC;

-- What an operator watches: numbers and times, nothing that was imported.

CREATE VIEW vero.import_counts AS
	SELECT (i.started_at AT TIME ZONE 'UTC')::date AS day, i.state, count(*) AS imports, sum(i.rows_read)::bigint AS rows_read,
		sum(i.rows_imported)::bigint AS rows_imported, sum(i.rows_rejected)::bigint AS rows_rejected, sum(i.rows_duplicate)::bigint AS rows_duplicate,
		sum(i.contacts_created)::bigint AS contacts_created, sum(i.jobs_scheduled)::bigint AS jobs_scheduled, sum(i.jobs_discarded)::bigint AS jobs_discarded,
		sum(i.bytes)::bigint AS bytes, max(i.finished_at - i.started_at) AS longest
	FROM vero.imports AS i
	GROUP BY 1, 2
	ORDER BY 1 DESC, 2;
COMMENT ON VIEW vero.import_counts IS 'All imports, by day and state: how many there were, and what they read, without saying whose they are';
COMMENT ON COLUMN vero.import_counts.day IS 'The day, in UTC, on which they began';
COMMENT ON COLUMN vero.import_counts.state IS 'What became of them: completed, completed_with_rejects, failed, dry_run or undone';
COMMENT ON COLUMN vero.import_counts.imports IS 'How many there were';
COMMENT ON COLUMN vero.import_counts.rows_read IS 'Data records of their files';
COMMENT ON COLUMN vero.import_counts.rows_imported IS 'Records that became events; of imports that kept none, those that would have';
COMMENT ON COLUMN vero.import_counts.rows_rejected IS 'Records that were rejected';
COMMENT ON COLUMN vero.import_counts.rows_duplicate IS 'Records that were skipped as duplicates of stored events';
COMMENT ON COLUMN vero.import_counts.contacts_created IS 'Contacts that they created';
COMMENT ON COLUMN vero.import_counts.jobs_scheduled IS 'Campaign jobs that they scheduled';
COMMENT ON COLUMN vero.import_counts.jobs_discarded IS 'Campaign jobs that were discarded at once';
COMMENT ON COLUMN vero.import_counts.bytes IS 'How many bytes were read, as they came';
COMMENT ON COLUMN vero.import_counts.longest IS 'How long the longest of them took';
GRANT SELECT ON vero.import_counts TO pg_monitor;

CREATE VIEW vero.health AS
	SELECT h.problem, h.found, h.since, h.look_at
	FROM (
		SELECT 1 AS position, 'jobs are late' AS problem, count(*) AS found, min(j.due_at) AS since, 'vero.worker_status' AS look_at
		FROM vero.trigger_jobs AS j
		WHERE j.state = 'scheduled' AND j.message_id IS NULL AND j.due_at < now() - interval '5 minutes'
	UNION ALL
		SELECT 2, 'jobs failed', count(*), min(j.decided_at), 'vero.trigger_jobs.error'
		FROM vero.trigger_jobs AS j
		WHERE j.state = 'failed' AND j.message_id IS NULL AND j.decided_at > now() - interval '1 day'
	UNION ALL
		SELECT 3, 'mail is stuck', count(*), min(m.created_at), 'vero.outbox.why'
		FROM vero.messages AS m
		WHERE m.next_attempt_at IS NOT NULL AND m.kind <> 'test' AND m.created_at < now() - interval '30 minutes'
	UNION ALL
		SELECT 4, 'mail failed', count(*), min(f.since), 'vero.outbox.why'
		FROM (
			SELECT j.decided_at AS since FROM vero.trigger_jobs AS j
			WHERE j.state = 'failed' AND j.message_id IS NOT NULL AND j.decided_at > now() - interval '1 day'
			UNION ALL
			SELECT m.created_at FROM vero.messages AS m
			WHERE m.kind = 'confirmation' AND m.state = 'failed' AND m.created_at > now() - interval '1 day') AS f
	UNION ALL
		SELECT 5, 'mail is stopped', count(*), min(s.stopped_at), 'vero.mail_stops'
		FROM vero.mail_stops AS s
		WHERE s.campaign_id IS NULL OR EXISTS (SELECT FROM vero.campaigns AS k WHERE k.id = s.campaign_id) -- one that is deleted has no mail
	UNION ALL
		SELECT 6, 'imports failed', count(*), min(coalesce(i.finished_at, i.started_at)), 'vero.imports.error'
		FROM vero.imports AS i
		WHERE i.state = 'failed' AND coalesce(i.finished_at, i.started_at) > now() - interval '1 day'
			AND i.error NOT LIKE 'the same content was imported before: %' -- nothing is missing, and it is so each night where old files stay
	UNION ALL
		SELECT 7, 'journal files are damaged', vero.damaged_journals(), NULL, 'the server''s log'
	UNION ALL
		SELECT 8, 'partitions are not complete', count(*), NULL, 'vero.partitions.missing'
		FROM vero.partitions AS p
		WHERE p.missing <> '{}'
	UNION ALL
		SELECT 9, 'the worker fails', count(*), min(w.failed_at), 'vero.worker_status.last_error'
		FROM vero.workers() AS w
		WHERE w.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()) AND w.failed_at > now() - interval '1 hour'
	UNION ALL
		SELECT 10, 'delivery is off', CASE WHEN vero.is_delivery_enabled() OR pg_is_in_recovery() THEN 0 ELSE 1 END, NULL, 'vero.why_delivery_is_off()'
	) AS h
	ORDER BY h.position;
COMMENT ON VIEW vero.health IS 'What somebody should look at in this database: a row for each problem that there may be, and how often it is found; 0 where all is well';
COMMENT ON COLUMN vero.health.problem IS 'What may be wrong. Jobs are late that are due for 5 minutes, mail is stuck that was written 30 minutes ago; failures are those of the last day, the worker''s of the last hour';
COMMENT ON COLUMN vero.health.found IS 'How many jobs, messages, imports, files or partitions have it';
COMMENT ON COLUMN vero.health.since IS 'Since when the first of them has; null where that is not known';
COMMENT ON COLUMN vero.health.look_at IS 'What says more';
GRANT SELECT ON vero.health TO pg_monitor;
