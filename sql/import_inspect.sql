-- A look at files before they are imported: what it says of them, and that the call which it gives imports them.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\getenv data_dir VERO_TEST_DATA
\set orders :data_dir '/orders.csv'
SELECT * FROM vero.inspect_csv(:'orders');
-- read with the options in the call, it says what is left to be told
SELECT delimiter, delimiter_why, quote, quote_why, encoding, encoding_why, compression, compression_why FROM vero.inspect_csv_file(:'orders') \gx
SELECT time_zone, header_line, records, blank_records, rejects, rejects_by_code, warnings, questions, error FROM vero.inspect_csv_file(:'orders') \gx
SELECT replace(call, :'data_dir', '/data') AS call FROM vero.inspect_csv_file(:'orders');
SELECT replace(call, 'SELECT *', 'SELECT state, rows_read, rows_imported') AS call FROM vero.inspect_csv_file(:'orders') \gset
:call

\pset format unaligned
\pset tuples_only on
\set told :data_dir '/files/told.sql'
\set ECHO none
\i :told
\set ECHO all
-- nothing of it is stored
SELECT count(*) FROM vero.imports;

-- what a look says, without the paths of this machine, and what its call makes of the file
CREATE FUNCTION pg_temp.looked(found vero.inspected_file, data_dir text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT t FROM unnest(ARRAY[nullif(concat_ws(', ', nullif('delimiter ' || found.delimiter, 'delimiter ,'), nullif('encoding ' || found.encoding, 'encoding UTF8'),
			nullif('line ' || found.header_line, 'line 1'), nullif('rejects ' || found.rejects_by_code::text, 'rejects {}'), nullif('blank ' || found.blank_records, 'blank 0')), ''),
		'warning: ' || replace(found.warnings, E'\n', E'\nwarning: '), 'question: ' || replace(found.questions, E'\n', E'\nquestion: '), 'error: ' || replace(found.error, data_dir, '/data'),
		replace(found.call, data_dir, '/data')]) AS t WHERE t IS NOT NULL
$$;
CREATE FUNCTION pg_temp.file(file text, data_dir text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	found vero.inspected_file := vero.inspect_csv_file(data_dir || file);
	imported vero.import_summary;
BEGIN
	RETURN QUERY SELECT pg_temp.looked(found, data_dir);
	IF found.call IS NOT NULL THEN
		EXECUTE replace(found.call, ');', ', allow_repeat => true);') INTO imported;
		RETURN QUERY SELECT pg_temp.told(imported.import_id);
		IF (imported.rows_read, imported.rows_rejected) IS DISTINCT FROM (found.records, found.rejects) THEN
			RETURN NEXT format('the look told of %s records and %s rejects', found.records, found.rejects);
		END IF;
	END IF;
END
$$;
SELECT pg_temp.file('/files/blanks.csv', :'data_dir');
SELECT pg_temp.file('/files/cp1252.csv', :'data_dir');
SELECT pg_temp.file('/files/date_and_clock.csv', :'data_dir');
SELECT pg_temp.file('/files/double_header.csv', :'data_dir');
SELECT pg_temp.file('/files/epoch.csv', :'data_dir');
SELECT pg_temp.file('/files/event_name_nbsp.csv', :'data_dir');
SELECT pg_temp.file('/files/excel_sep.csv', :'data_dir');
SELECT pg_temp.file('/files/form_answers.csv', :'data_dir');
SELECT pg_temp.file('/files/joined_files.csv', :'data_dir');
SELECT pg_temp.file('/files/jsonl.csv', :'data_dir');
SELECT pg_temp.file('/files/nbsp.csv', :'data_dir');
SELECT pg_temp.file('/files/nbsp_header.csv', :'data_dir');
SELECT pg_temp.file('/files/near_names.csv', :'data_dir');
SELECT pg_temp.file('/files/no_event_name.csv', :'data_dir');
SELECT pg_temp.file('/files/no_such_day.csv', :'data_dir');
SELECT pg_temp.file('/files/order_name.csv', :'data_dir');
SELECT pg_temp.file('/files/short_rows.csv', :'data_dir');
SELECT pg_temp.file('/files/title_lines.csv', :'data_dir');
SELECT pg_temp.file('/files/trail_rows.csv', :'data_dir');
SELECT pg_temp.file('/files/trail_short.csv', :'data_dir');
SELECT pg_temp.file('/files/two_marks.csv', :'data_dir');
SELECT pg_temp.file('/files/unnamed_index.csv', :'data_dir');
SELECT pg_temp.file('/files/utc_suffix.csv', :'data_dir');
SELECT pg_temp.file('/files/utf16le_nobom.csv', :'data_dir');
SELECT pg_temp.file('/files/whole_lines_quoted.csv', :'data_dir');
SELECT pg_temp.file('/compressed/orders.csv.gz', :'data_dir');
SELECT pg_temp.file('/example.csv', :'data_dir');
SELECT pg_temp.file('/none.csv', '/no/such/directory');
SELECT pg_temp.file('/files/told.sql', :'data_dir');

-- bytes: the call has a parameter for them
CREATE FUNCTION pg_temp.content(content bytea) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	found vero.inspected_file := vero.inspect_csv_file(content);
	imported vero.import_summary;
BEGIN
	RETURN QUERY SELECT pg_temp.looked(found, '/none');
	IF found.call IS NOT NULL THEN
		EXECUTE replace(found.call, ');', ', allow_repeat => true);') INTO imported USING content;
		RETURN QUERY SELECT pg_temp.told(imported.import_id);
		IF (imported.rows_read, imported.rows_rejected) IS DISTINCT FROM (found.records, found.rejects) THEN
			RETURN NEXT format('the look told of %s records and %s rejects', found.records, found.rejects);
		END IF;
	END IF;
END
$$;
CREATE FUNCTION pg_temp.content(content text) RETURNS SETOF text LANGUAGE sql AS $$ SELECT pg_temp.content(convert_to(content, 'UTF8')) $$;

-- which layout, where no value tells, where one does, and where they tell otherwise
SELECT pg_temp.content(E'email,event,time\na@b.co,x,01/02/2022\na@b.co,x,03/04/2022 \n');
SELECT pg_temp.content(E'email,event,time\na@b.co,x,01/02/2022\na@b.co,x,13/04/2022 \n');
SELECT pg_temp.content(E'email,event,time\na@b.co,x,01/02/2022 3:04 PM\na@b.co,x,12/31/2022 11:59 AM\n');
SELECT pg_temp.content(E'email,event,time\na@b.co,x,01/02/2022\na@b.co,x,13/04/2022\na@b.co,x,04/13/2022\n');
SELECT pg_temp.content(E'email,event,time\na@b.co,x,02/02/2022\na@b.co,x,2022-03-03\n');
SELECT name, time_formats FROM vero.inspect_csv(E'email,event,time,other\na@b.co,x,01/02/2022,2022-01-01\na@b.co,x,13/04/2022,\na@b.co,x,2022-03-03,5 Mar 2022\n'::bytea);
-- what is told is settled
SELECT pg_temp.looked(vero.inspect_csv_file(E'email,event,time\na@b.co,x,01/02/2022\n'::bytea, time_formats => '{%m/%d/%Y}', time_zone => 'Europe/Berlin'), '/none');
-- a German export: numbers, booleans and JSON, each where all values are such and no other reading is possible
SELECT pg_temp.content(E'E-Mail;Ereignis;Wann;Preis;Menge;PLZ;Neu;Mehr;Gewicht\nann@b.co;Kauf;03.01.2024 14:05;1.234,50;2;01234;true;"{""a"": 1}";1.234\nbob@b.co;Kauf;13.01.2024 9:00;7,5;3;50667;No;[];2.345\n');
SELECT name, type FROM vero.inspect_csv(E'E-Mail;Ereignis;Wann;Preis;Menge;PLZ;Neu;Mehr;Gewicht\nann@b.co;Kauf;03.01.2024 14:05;1.234,50;2;01234;true;"{""a"": 1}";1.234\nbob@b.co;Kauf;13.01.2024 9:00;7,5;3;50667;No;[];2.345\n'::bytea);
-- marks that contradict each other, and none that tells
SELECT pg_temp.content(E'email,event,time,a,b\na@b.co,x,2022-01-01,"1,5",1.5\n');
SELECT pg_temp.content(E'email,event,time,a,b\na@b.co,x,2022-01-01,"1,234.5",1.50\n');
SELECT pg_temp.content(E'email,event,time,a,b\na@b.co,x,2022-01-01,"1,234",1.234\n');
-- a date and the time of day beside it, whatever they are called; not where the time is told, or stands elsewhere
SELECT pg_temp.content(E'email;event;Datum;Uhrzeit\na@b.co;x;03.01.2024;14:05\na@b.co;x;31.01.2024;9:05\n');
SELECT pg_temp.content(E'email;event;Datum;Uhrzeit\na@b.co;x;03.01.2024;14:05 Uhr\na@b.co;x;31.01.2024;9:05 Uhr\n');
SELECT pg_temp.content(E'email,event,Clock,Date\na@b.co,x,2:05 PM,2024-01-31\na@b.co,x,,2024-01-31\n');
SELECT pg_temp.looked(vero.inspect_csv_file(E'email,event,day,clock\na@b.co,x,2024-01-31,14:05\n'::bytea, columns => '{"time": "day"}'), '/none');
SELECT pg_temp.looked(vero.inspect_csv_file(E'email,event,day,item,clock\na@b.co,x,2024-01-31,y,14:05\n'::bytea), '/none');
SELECT pg_temp.looked(vero.inspect_csv_file(E'email,event,day,clock\na@b.co,x,2024-01-31 10:00,14:05\n'::bytea), '/none');
-- several columns that may be it
SELECT pg_temp.content(E'who,boss,event,time\na@b.co,c@d.ee,x,2022-01-01\n');
SELECT pg_temp.content(E'who,event,made,changed\na@b.co,x,2022-01-01,2022-01-02\n');
SELECT pg_temp.content(E'email,contact,event,time\nyes,a@b.co,x,2022-01-01\nno,c@d.ee,x,2022-01-01\n');
-- no header; nothing in it; no records
SELECT pg_temp.content(E'a@b.co,x,2022-01-01\nc@d.ee,x,2022-01-01\n');
SELECT pg_temp.content(E'');
SELECT pg_temp.content(E'email,event,time\n');
-- a title, a delimiter, columns of other names, all at once
SELECT pg_temp.content(E'Report of sales\n\nCustomer|Action|Date of it|Café\nann@b.co|Buy|13/01/2022|x\nbob@b.co|Sell|14/01/2022|y\n');
SELECT pg_temp.content(convert_to(E'Adresse;Größe;Wann\nann@b.co;groß;13.01.2022\n', 'WIN1252'));
-- an event's name that is another for each record
SELECT pg_temp.looked(vero.inspect_csv_file(convert_to('email,event,time' || string_agg(format(E'\na@b.co,order %s,2022-01-01', i), ''), 'UTF8')), '/none') FROM generate_series(1, 30) AS i;
-- options that are given stay as they are
SELECT pg_temp.looked(vero.inspect_csv_file(E'#email,event,time,x\nx,y,z,é\n'::bytea, columns => '{"email": "#email"}', event_name => 'a', property_types => '{}', quote => '~', escape => '\',
	null_string => '-', delimiter => ',', encoding => 'UTF8', compression => 'none', null_padding => true, skip_lines => 0), '/none');

-- names and paths that mean something to SQL, to JSON and to psql
SELECT pg_temp.content(E'"it''s ""the"" \\ mail",:a\tb,"time\n--"\na@b.co,x,2022-01-01\n');
SELECT format('COPY (SELECT unnest(ARRAY[''who,event,time'', ''a@b.co,x,2022-01-01''])) TO %L', path), path FROM (VALUES (current_setting('data_directory') || E'/it''s \\ :a "b"\t$$ -- *.csv')) AS t (path) \gset hostile_
:hostile_format;
SELECT replace(call, current_setting('data_directory'), '/data') FROM vero.inspect_csv_file(:'hostile_path');
\set ECHO none
SELECT replace(call, 'SELECT *', 'SELECT state, rows_imported') FROM vero.inspect_csv_file(:'hostile_path') \gexec
\set ECHO all
SET standard_conforming_strings = off;
SELECT replace(call, 'SELECT *', 'SELECT state, rows_imported') AS call FROM vero.inspect_csv_file(:'hostile_path') \gset hostile_
SET escape_string_warning = off;
UPDATE vero.imports SET content_sha256 = NULL;
:hostile_call
RESET standard_conforming_strings;
-- the function's schema, where it is not on the path
SET search_path = pg_catalog;
SELECT call FROM vero.inspect_csv_file(E'email,event,time\na@b.co,x,2022-01-01\n'::bytea);
RESET search_path;

-- more records than are looked at
SELECT records, warnings FROM vero.inspect_csv_file(convert_to('email,event,time' || repeat(E'\na@b.co,x,2022-01-01', 11), 'UTF8'), max_records => 10);
SELECT records, warnings FROM vero.inspect_csv_file(convert_to('email,event,time' || repeat(E'\na@b.co,x,2022-01-01', 11), 'UTF8'), max_records => 11);
SELECT vero.inspect_csv_file('x'::bytea, max_records => 0);
SELECT vero.inspect_csv_file('x'::bytea, max_records => NULL);
SELECT vero.inspect_csv(path => NULL);
SELECT vero.inspect_csv('x'::bytea, skip_lines => -1);
-- more different values than are counted one by one
SELECT name, filled, CASE WHEN different ~ '^about \d+$' THEN abs(split_part(different, ' ', 2)::int - 200000) <= 20000 ELSE different = '1' END AS right
FROM vero.inspect_csv((SELECT convert_to('email,event,time' || string_agg(format(E'\na%s@b.co,x,2022-01-01', i), ''), 'UTF8') FROM generate_series(1, 200000) AS i), max_records => 1000000);
-- as many columns as there may be
SELECT count(*), sum(filled), min(different), max(type) FROM vero.inspect_csv((SELECT convert_to('email,event,time' || string_agg(',c' || i, '') || repeat(E'\na@b.co,x,2022-01-01' || repeat(',v', 9997), 20), 'UTF8') FROM generate_series(4, 10000) AS i));
SELECT error FROM vero.inspect_csv_file((SELECT convert_to('email,event,time' || repeat(',c', 9998), 'UTF8')));

-- who may import may look, in a transaction that only reads, too
CREATE ROLE vero_looker;
SET ROLE vero_looker;
SELECT records FROM vero.inspect_csv_file(E'email,event,time\na@b.co,x,2022-01-01\n'::bytea);
RESET ROLE;
GRANT INSERT ON vero.events TO vero_looker;
SET ROLE vero_looker;
BEGIN READ ONLY;
SELECT records FROM vero.inspect_csv_file(E'email,event,time\na@b.co,x,2022-01-01\n'::bytea);
COMMIT;
SELECT records FROM vero.inspect_csv_file(:'orders');
RESET ROLE;
GRANT pg_read_server_files TO vero_looker;
SET ROLE vero_looker;
SELECT records FROM vero.inspect_csv_file(:'orders');
RESET ROLE;
DROP OWNED BY vero_looker;
DROP ROLE vero_looker;
-- a type that somebody has altered is not written to
ALTER TYPE vero.inspected_column ADD ATTRIBUTE more text;
SELECT count(*) FROM vero.inspect_csv(E'email,event,time\na@b.co,x,2022-01-01\n'::bytea);
ALTER TYPE vero.inspected_column DROP ATTRIBUTE more;
