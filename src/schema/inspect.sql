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
