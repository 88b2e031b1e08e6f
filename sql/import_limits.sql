-- What a hostile file or option can make grow has a limit, and says so.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

CREATE FUNCTION pg_temp.import(content text, columns jsonb DEFAULT NULL)
RETURNS TABLE (read bigint, imported bigint, rejected bigint, error text)
LANGUAGE sql AS $$ SELECT rows_read, rows_imported, rows_rejected, error FROM import_events_csv(convert_to(content, 'UTF8'), columns => columns, allow_repeat => true) $$;
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE, message, nullif(hint, ''));
END
$$;

-- a name in the header is shown as values are, however long it is: 200 bad records of a file of 900 kB
SELECT * FROM pg_temp.import('email,event,time,' || repeat('Näme', 200000) || E'\n' || repeat(E'a@b.co,x,2022-01-01,"b"c\n', 200),
	jsonb_build_object('note', repeat('Näme', 200000)));
SELECT pg_total_relation_size('vero.rejected_rows') < 500000 AS is_small, count(*), max(length(reason)) AS reason,
	max(length(errors->0->>'column')) AS "column", max(length(errors->0->>'message')) AS message
FROM vero.rejected_rows;
SELECT errors->0->>'column' AS "column" FROM vero.rejected_rows LIMIT 1;
-- and is no property's, which every event would repeat
SELECT imported, error FROM pg_temp.import('email,event,time,' || repeat('n', 1000) || E'\na@b.co,x,2022-01-01,v\n');
SELECT imported, error FROM pg_temp.import('email,event,time,' || repeat('n', 1001) || E'\na@b.co,x,2022-01-01,v\n');
SELECT imported, error FROM pg_temp.import('email,event,time,' || repeat('n', 1001) || E'\na@b.co,x,2022-01-01,v\n', jsonb_build_object(repeat('n', 1001), NULL));
SELECT imported, error FROM pg_temp.import(E'email,event,time,a\na@b.co,x,2022-01-01,v\n', jsonb_build_object(repeat('n', 1000), 'a'));
SELECT pg_temp.error_of($$SELECT import_events_csv('email,event,time,a'::bytea, columns => jsonb_build_object(repeat('n', 1001), 'a'))$$);

-- a hundred errors of a record are told, the others counted
SELECT * FROM pg_temp.import('email,event,time' || repeat(',', 101) || E'\n'
	'a@b.co,x,2022-01-01' || repeat(',y', 100) || E',\n'
	'a@b.co,x,2022-01-01' || repeat(',y', 101) || E'\n'
	',x,' || repeat(',y', 101) || E',1\n');
SELECT record_number, jsonb_array_length(errors), right(reason, 75) AS reason, errors->-1 AS last_error
FROM vero.rejected_rows WHERE import_id = (SELECT max(id) FROM vero.imports) ORDER BY 1;

-- a file has ten thousand columns at most, of those in the header as of those that are told
SELECT string_agg('c' || g, ',') AS names FROM generate_series(4, 10000) AS g \gset
SELECT read, imported, rejected, error FROM pg_temp.import('email,event,time,' || :'names' || E'\na@b.co,x,2022-01-01' || repeat(',', 9996) || E',v\n');
SELECT error FROM pg_temp.import('email,event,time,' || :'names' || E',c10001\na@b.co,x,2022-01-01\n');
SELECT error FROM pg_temp.import('email,event,time' || repeat(',', 999000) || E'\na@b.co,x,2022-01-01\n');
CREATE FUNCTION pg_temp.list(names text) RETURNS text LANGUAGE sql AS $$ SELECT format('COPY vero.events (email, event, time, %s) FROM PROGRAM ''echo a@b.co,x,2022-01-01'' WITH (FORMAT vero_csv, allow_repeat)', names) $$;
SELECT pg_temp.error_of(pg_temp.list(:'names'));
SELECT record_number, left(reason, 100) FROM vero.rejected_rows WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT pg_temp.error_of(pg_temp.list(:'names' || ',c10001'));
SELECT members, pg_temp.error_of(format('SELECT import_events_csv(%L::bytea, columns => (SELECT jsonb_object_agg(''c'' || g, NULL) FROM generate_series(1, %s) AS g))', E'email,name,time\n', members))
FROM (VALUES (10000), (10001)) AS v (members);

-- options are kept with the import: they have a size
SELECT option, bytes, left(pg_temp.error_of(format('SELECT import_events_csv(''x''::bytea, %s => repeat(''x'', %s))', option, bytes)), 100) AS error
FROM unnest(ARRAY['event_name', 'time_zone', 'delimiter', 'null_string', 'encoding']) AS option, unnest(ARRAY[10000, 10001]) AS bytes ORDER BY 1, 2;
SELECT left(pg_temp.error_of(format('SELECT import_events_csv(''x''::bytea, columns => jsonb_build_object(''a'', repeat(''x'', %s)))', bytes)), 100) AS error
FROM unnest(ARRAY[1048563, 1048564]) AS bytes;
SELECT left(pg_temp.error_of(format('COPY vero.events FROM PROGRAM ''echo'' WITH (FORMAT vero_csv, columns ''{"a": "%s"}'')', repeat('x', bytes))), 100) AS error
FROM unnest(ARRAY[1048563, 1048567, 1048568]) AS bytes;
SELECT elements, pg_temp.error_of(format('SELECT import_events_csv(''x''::bytea, notify => array_fill(''a@b.co''::text, ARRAY[%s]))', elements)) AS error,
	pg_temp.error_of(format('COPY vero.events FROM PROGRAM ''echo'' WITH (FORMAT vero_csv, notify (%s))', string_agg('''a@b.co''', ','))) AS of_copy
FROM unnest(ARRAY[20, 21, 1000, 1001]) AS elements, generate_series(1, elements) GROUP BY 1 ORDER BY 1;

-- what is taken for a path is shown in part
SELECT pg_temp.error_of(format('SELECT import_events_csv(chr(10) || repeat(''x'', %s))', size)) FROM unnest(ARRAY[59, 60]) AS size;

-- rejects are attached to the confirmation as far as 10 MB
SELECT size, rows_rejected
FROM unnest(ARRAY[10485760, 10485761]) AS size, LATERAL import_events_csv(convert_to(E'email,name,time\n' || repeat(repeat('b', 104851) || E',x,y\n', 99) || repeat('b', size - 16 - 99 * 104856 - 5) || E',x,y\n', 'UTF8')) AS i;
SELECT length(vero.rejected_csv(m.import_id)), length(attachment) FROM vero.messages AS m ORDER BY m.id DESC LIMIT 2;

-- a record that is longer than is usual needs a superuser's word
CREATE ROLE limits_importer;
SET ROLE limits_importer;
SELECT pg_temp.error_of($$SET vero_events.max_record_size = '4MB'$$);
SELECT pg_temp.error_of($$SELECT set_config('vero_events.max_record_size', '1kB', false)$$);
RESET ROLE;
SELECT size, left(pg_temp.error_of(format($$SET vero_events.max_record_size = '%s'$$, size)), 5) AS error FROM (VALUES (1023), (1024), (4194304), (4194305)) AS v (size);
SELECT min_val, max_val, unit FROM pg_settings WHERE name = 'vero_events.max_record_size';
SET vero_events.max_record_size = 1024;
-- to the byte, in a line and over lines
SELECT * FROM pg_temp.import(E'email,event,time,note\na@b.co,x,2022-01-01,' || repeat('n', 1024 - 20) || E'\na@b.co,x,2022-01-01,' || repeat('n', 1025 - 20) || E'\n');
SELECT * FROM pg_temp.import(E'email,event,time,note\na@b.co,x,2022-01-01,"' || repeat(E'\n', 1024 - 22) || E'"\na@b.co,x,2022-01-01,"' || repeat(E'\n', 1025 - 22) || E'"\n');
SELECT error FROM pg_temp.import('email,event,time,' || repeat('n', 1025 - 17) || E'\na@b.co,x,2022-01-01,v\n');
-- and a header has an end, whatever a record may be
SET vero_events.max_record_size = '4MB';
SELECT imported, error FROM pg_temp.import('email,event,time,' || repeat(' ', 2097152 - 19) || E'a\na@b.co,x,2022-01-01,v\n');
SELECT imported, error FROM pg_temp.import('email,event,time,' || repeat(' ', 2097152 - 18) || E'a\na@b.co,x,2022-01-01,v\n');
SELECT imported, error FROM pg_temp.import('email,event,time' || repeat(',', 2300000) || E'\na@b.co,x,2022-01-01,v\n');
SELECT imported, error FROM pg_temp.import('email,event,time,"' || repeat('x', 2300000) || E'\na@b.co,x,2022-01-01,v\n');
RESET vero_events.max_record_size;
DROP ROLE limits_importer;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages;
