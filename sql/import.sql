-- The published example gives the same three events in every guise in which people have it.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\getenv data_dir VERO_TEST_DATA
SET TimeZone = 'UTC';
\set example :data_dir '/example.csv'

CREATE FUNCTION pg_temp.outcome(content bytea, time_zone text DEFAULT NULL, delimiter text DEFAULT NULL, encoding text DEFAULT NULL)
RETURNS TABLE (state text, rows_read bigint, rows_imported bigint, rows_rejected bigint, error text, events text)
LANGUAGE plpgsql AS $$
DECLARE
	summary record;
BEGIN
	SELECT * INTO summary FROM import_events_csv(content, time_zone => time_zone, delimiter => delimiter, encoding => encoding, allow_repeat => true);
	RETURN QUERY SELECT summary.state, summary.rows_read, summary.rows_imported, summary.rows_rejected, summary.error,
		(SELECT md5(string_agg(concat_ws('|', email, name, occurred_at, properties), ',' ORDER BY occurred_at))
		 FROM vero.timeline AS t WHERE t.import_id = summary.import_id);
END
$$;

SELECT import_id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created, jobs_scheduled, jobs_discarded,
	error, elapsed > '0' AS took_time
FROM import_events_csv(:'example');
SELECT * FROM vero.timeline ORDER BY occurred_at;
SELECT id, email, properties, unsubscribed_at, created_by_import FROM vero.contacts;
SELECT id, state, options, header, dialect, encode(sha256, 'hex') AS sha256, bytes, rows_read, rows_imported, rows_rejected,
	rows_duplicate, contacts_created, error, notify, imported_by = current_user AS by_me, started_at <= finished_at AS in_order
FROM vero.imports;
SELECT sha256 = sha256(pg_read_binary_file(:'example')) AS same_hash, bytes = length(pg_read_binary_file(:'example')) AS same_size
FROM vero.imports;

-- by content, and in every other guise: one and the same hash of events
SELECT pg_read_file(:'example') AS text \gset
SELECT guise, o.*
FROM (VALUES
	(1, 'content', convert_to(:'text', 'UTF8')),
	(2, 'byte order mark', '\xEFBBBF' || convert_to(:'text', 'UTF8')),
	(3, 'CRLF', convert_to(replace(:'text', E'\n', E'\r\n'), 'UTF8')),
	(4, 'CR', convert_to(replace(:'text', E'\n', E'\r'), 'UTF8')),
	(5, 'mixed line ends', convert_to(replace(replace(:'text', E'green_shirt\n', E'green_shirt\r'), E'yellow_shirt\n', E'yellow_shirt\r\n'), 'UTF8')),
	(6, 'no line end at the end', convert_to(rtrim(:'text', E'\n'), 'UTF8')),
	(7, 'blank lines', convert_to(E'\n \n' || replace(:'text', E'\n', E'\n\n\t\n'), 'UTF8')),
	(8, 'semicolons', convert_to(replace(:'text', ',', ';'), 'UTF8')),
	(9, 'tabs', convert_to(replace(:'text', ', ', E'\t'), 'UTF8')),
	(10, 'bars', convert_to(replace(:'text', ',', '|'), 'UTF8')),
	(11, 'UTF-16, little endian', '\xFFFE' || (SELECT string_agg(convert_to(c, 'UTF8') || '\x00', ''::bytea) FROM regexp_split_to_table(:'text', '') AS c)),
	(12, 'UTF-16, big endian', '\xFEFF' || (SELECT string_agg('\x00'::bytea || convert_to(c, 'UTF8'), ''::bytea) FROM regexp_split_to_table(:'text', '') AS c)),
	(13, 'everything quoted', convert_to(regexp_replace(:'text', '([^,\s][^,\n]*)(?=[,\n])', ' "\1" ', 'g'), 'UTF8')),
	(14, 'name, date and time', convert_to(replace(replace(:'text', 'event_name', 'name'), 'time,', 'date and time,'), 'UTF8')),
	(15, 'Email Address, EVENT, Occurred-At', convert_to(replace(replace(replace(:'text', 'email', 'Email Address'), 'event_name', 'EVENT'), 'time,', 'Occurred-At,'), 'UTF8')),
	(16, 'capitals in the address', convert_to(replace(:'text', 'tyrion.lannister', 'Tyrion.Lannister'), 'UTF8'))
) AS guises (n, guise, bytes), pg_temp.outcome(bytes) AS o
ORDER BY n;
SELECT count(*) AS contacts FROM vero.contacts;

-- any zone: the offsets in the file decide
SELECT count(DISTINCT o.events)
FROM (VALUES ('UTC'), ('Europe/Berlin'), ('America/New_York'), ('Asia/Kathmandu')) AS zones (zone),
	pg_temp.outcome(convert_to(:'text', 'UTF8'), time_zone => zone) AS o;
