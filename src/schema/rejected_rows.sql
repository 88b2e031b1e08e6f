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

-- PostgreSQL's own compression of large rejects took a tenth of what an import takes whose records are all bad.
DO $$
BEGIN
	IF 'lz4' OPERATOR(pg_catalog.=) ANY ((SELECT enumvals FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression')::pg_catalog.text[]) THEN
		ALTER TABLE vero.rejected_rows ALTER COLUMN raw_record SET COMPRESSION lz4, ALTER COLUMN raw_bytes SET COMPRESSION lz4, ALTER COLUMN reason SET COMPRESSION lz4, ALTER COLUMN errors SET COMPRESSION lz4;
	END IF;
END
$$;
ALTER TABLE vero.rejected_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rejected_rows ON vero.rejected_rows FOR SELECT
	USING (EXISTS (SELECT FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) rejected_rows.import_id));
GRANT SELECT ON vero.rejected_rows TO PUBLIC;
CREATE POLICY own_corrections ON vero.rejected_rows FOR UPDATE
	USING (EXISTS (SELECT FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) rejected_rows.import_id
		AND vero.is_own_import(i.imported_by, i.imported_by_oid, i.imported_in)));
GRANT UPDATE (corrected_record) ON vero.rejected_rows TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.rejected_rows', '');
