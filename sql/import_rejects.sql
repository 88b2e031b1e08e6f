-- Every reason for which a record is rejected, all of them at once, and the record as it stands in the file.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

CREATE FUNCTION pg_temp.import(content text)
RETURNS TABLE (read bigint, imported bigint, rejected bigint)
LANGUAGE sql AS $$ SELECT rows_read, rows_imported, rows_rejected FROM import_events_csv(convert_to(content, 'UTF8')) $$;
CREATE TEMP VIEW last_rejects AS
	SELECT record_number AS n, line_number AS line, byte_offset AS offset, raw_record, raw_bytes,
		jsonb_path_query_array(errors, '$[*].code') AS codes, reason
	FROM vero.rejected_rows WHERE import_id = (SELECT max(id) FROM vero.imports) ORDER BY record_number;

-- each code
SELECT * FROM pg_temp.import(E'email,event_name,time,item\n'
	',x,2022-01-01,1\n'
	'n/a,x,2022-01-01,1\n'
	'"NULL",x,2022-01-01,1\n'
	'0,x,2022-01-01,1\n'
	'tyrion,x,2022-01-01,1\n'
	'tyrion@localhost,x,2022-01-01,1\n'
	'a@b.co, ,2022-01-01,1\n'
	'a@b.co," ",2022-01-01,1\n'
	'a@b.co,' || repeat('ä', 255) || E',2022-01-01,1\n'
	'a@b.co,' || repeat('ä', 256) || E',2022-01-01,1\n'
	'a@b.co,x,,1\n'
	'a@b.co,x,01/02/2022,1\n'
	'a@b.co,x,2022-02-30,1\n'
	'a@b.co,x,2022-01-01\n'
	'a@b.co,x,2022-01-01,1,2\n'
	'a@b.co,x,2022-01-01,"1"2\n'
	'a@b.co,x,2022-01-02,good\n');
SELECT line, codes, reason FROM last_rejects;

-- all errors of a record, with the column, the value and a sentence for each
SELECT * FROM pg_temp.import(E'email,event_name,time,item\nnobody,,yesterday,"x"y\nnone,z\n');
SELECT line, reason FROM last_rejects;
SELECT line_number, e->>'code' AS code, e->>'column' AS column, e->>'value' AS value, e->>'message' AS message
FROM vero.rejected_rows, jsonb_array_elements(errors) AS e
WHERE import_id = (SELECT max(id) FROM vero.imports) ORDER BY 1;
-- a long value is shown in part, the record is kept whole
SELECT * FROM pg_temp.import(E'email,event_name,time\n' || repeat('ü', 150) || E',x,2022-01-01\n');
SELECT length(raw_record), reason FROM last_rejects;

-- an unclosed quote costs one line
SELECT * FROM pg_temp.import(E'email,event_name,time,note\n'
	'a@b.co,x,2022-01-01,"never closed\n'
	'a@b.co,x,2022-01-02,good\n'
	'a@b.co,x,2022-01-03,good\n');
SELECT line, "offset", raw_record, codes, reason FROM last_rejects;
-- also if a later record's quote closes it
SELECT * FROM pg_temp.import(E'email,event_name,time,note\n'
	'a@b.co,x,2022-01-01,"not closed\n'
	'a@b.co,x,2022-01-02,"good, quoted"\n'
	'a@b.co,x,2022-01-03,good\n');
SELECT line, "offset", raw_record, codes, reason FROM last_rejects;
-- while a record that spans lines is one record, and the line numbers after it are right
SELECT * FROM pg_temp.import(E'email,event_name,time,note\n'
	'a@b.co,x,2022-01-01,"one\n\ntwo\r\nthree"\n'
	'\n'
	'bad,x,2022-01-02,"four\nfive"\r\n'
	'bad,x,2022-01-03,six\n');
SELECT n, line, "offset", to_json(raw_record) AS raw_record, codes FROM last_rejects;

-- bytes that are no text: one reject, the bytes kept
SELECT rows_read, rows_imported, rows_rejected FROM import_events_csv(
	E'email,event_name,time,note\na@b.co,x,2022-01-01,'::bytea || '\xC3280A'::bytea ||
	E'a@b.co,x,2022-01-02,'::bytea || '\x00610A'::bytea ||
	E'\nbad,x,2022-01-02,'::bytea || '\xED00A00A'::bytea ||
	E'a@b.co,x,2022-01-03,ok\n'::bytea);
SELECT line, raw_record, raw_bytes, codes, reason FROM last_rejects;

-- a line that is too long, and a quote that is not closed within the limit
SET vero_events.max_record_size = '1kB';
SELECT * FROM pg_temp.import(E'email,event_name,time,note\n'
	'a@b.co,x,2022-01-01,' || repeat('0123456789', 200) || E'\n'
	'a@b.co,x,2022-01-02,' || repeat('0', 1004) || E'\n'
	'a@b.co,x,2022-01-03,' || repeat('0', 1005) || E'\n'
	'a@b.co,x,2022-01-04,"open\n' || repeat(E'a@b.co,x,2022-01-05,good\n', 100));
SELECT line, "offset", length(raw_record), codes, reason FROM last_rejects;
RESET vero_events.max_record_size;

-- the raw record is where the offset says, for every reject so far that came from the last import
SELECT convert_to(E'\uFEFFemail;event_name;time\r\n\r\nä;ß;"x\ny"\rbad;;\n\n"last";;2022-01-01', 'UTF8') AS content \gset
SELECT rows_read, rows_rejected FROM import_events_csv(:'content'::bytea);
SELECT line, substr(:'content'::bytea, "offset"::int + 1, octet_length(raw_record)) = convert_to(raw_record, 'UTF8') AS in_place
FROM last_rejects;

-- nothing is lost: whatever the file, the numbers add up and each record is somewhere
SELECT id FROM vero.imports
WHERE rows_read <> rows_imported + rows_rejected + rows_duplicate
	OR rows_imported <> (SELECT count(*) FROM vero.events WHERE import_id = imports.id)
	OR rows_rejected <> (SELECT count(*) FROM vero.rejected_rows WHERE import_id = imports.id)
	OR state <> CASE WHEN rows_rejected > 0 THEN 'completed_with_rejects' ELSE 'completed' END;

-- a long line of another encoding is text like any other
SET vero_events.max_record_size = '1kB';
SELECT state FROM import_events_csv(convert_to(E'email,event_name,time,note\na@b.co,x,2022-01-01,' || repeat('é', 2000), 'LATIN1'), encoding => 'LATIN1');
SELECT line, length(raw_record), right(raw_record, 3), raw_bytes, codes FROM last_rejects;
