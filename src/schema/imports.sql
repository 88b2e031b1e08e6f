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
