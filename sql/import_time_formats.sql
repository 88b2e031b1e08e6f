-- Times in other layouts than ISO 8601, as time_formats tells them: by function and COPY alike.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\getenv data_dir VERO_TEST_DATA
SET TimeZone = 'Europe/Berlin';
SET DateStyle = 'ISO';
SET client_min_messages = warning;
LOAD 'vero_events';
-- what the last two imports made of the same file
CREATE VIEW last_two AS
SELECT i.id = vero.last_import_id() AS by_copy, 'event' AS kind, occurred_at AT TIME ZONE 'UTC' AS utc, name AS words FROM vero.events JOIN vero.imports AS i ON i.id = import_id
WHERE import_id > vero.last_import_id() - 2
UNION ALL
SELECT import_id = vero.last_import_id(), errors->0->>'code', NULL, concat_ws(': ', errors->0->>'column', reason) FROM vero.rejected_rows
WHERE import_id > vero.last_import_id() - 2;

-- UTC and GMT behind the time
\set path :data_dir '/files/utc_suffix.csv'
SELECT state FROM import_events_csv(:'path', allow_repeat => true);
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat);
SELECT * FROM last_two ORDER BY 1, 2, 3, 4;
-- the days and hours that do not exist
\set path :data_dir '/files/no_such_day.csv'
SELECT state FROM import_events_csv(:'path', allow_repeat => true);
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat);
SELECT * FROM last_two ORDER BY 1, 2, 3, 4;
-- seconds, seconds with a fraction, milliseconds
\set path :data_dir '/files/epoch.csv'
SELECT state FROM import_events_csv(:'path', columns => '{"email": "$email"}', time_formats => '{unix_s,unix_ms}');
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat, columns '{"email": "$email"}', time_formats '{unix_s,unix_ms}');
SELECT * FROM last_two ORDER BY 1, 2, 3, 4;
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat, columns '{"email": "$email"}', time_formats ('unix_s', 'unix_ms'));
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat, columns '{"email": "$email"}', time_formats unix_s);
SELECT reason FROM vero.rejected_rows WHERE import_id = vero.last_import_id();
-- a clock of 12 hours, and an offset that is counted to the east
\set path :data_dir '/files/form_answers.csv'
SELECT state FROM import_events_csv(:'path', event_name => 'Answers form', time_formats => '{"%Y/%m/%d %I:%M:%S %p GMT%z"}');
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat, event_name 'Answers form', time_formats '{"%Y/%m/%d %I:%M:%S %p GMT%z"}');
SELECT * FROM last_two ORDER BY 1, 2, 3, 4;
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	hint text;
BEGIN
	EXECUTE statement INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', sqlstate, sqlerrm, nullif(hint, ''));
END
$$;
CREATE FUNCTION pg_temp.read(layouts text[], t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	this_import bigint;
BEGIN
	SELECT import_id INTO this_import FROM import_events_csv(convert_to(format(E'email,name,time\na@b.co,x,"%s"', t), 'UTF8'), time_formats => layouts, allow_repeat => true);
	RETURN coalesce((SELECT (occurred_at AT TIME ZONE 'UTC')::text FROM vero.events WHERE import_id = this_import),
		(SELECT reason FROM vero.rejected_rows WHERE import_id = this_import));
END
$$;
-- what is read, in the zone of Berlin where no other is named
SELECT layouts, t, pg_temp.try(format('SELECT pg_temp.read(%L, %L)', layouts, t)) AS read FROM (VALUES
	('{}'::text[], '01/02/2022'), ('{}', '13/02/2022'), ('{}', '1/2/2022, 3:04:05 PM'), ('{}', '1641128700'), ('{}', '2022-13-01'), ('{}', '2022-01-02 13:60'), ('{}', '2022-01-02 13:05 +16'), ('{}', 'soon'),
	('{%d.%m.%Y %H:%M}', '03.01.2024 14:05'), ('{%d.%m.%Y %H:%M}', '3.1.2024 4:05'), ('{%d.%m.%Y %H:%M}', '03.01.24 14:05'), ('{%d.%m.%Y %H:%M}', '31.03.2024 02:30'), ('{%d.%m.%Y %H:%M}', '27.10.2024 02:30'),
	('{%d.%m.%Y %H:%M}', '01.07.2040 12:00'), ('{%d.%m.%Y %H:%M}', '30.02.2024 12:00'), ('{%d.%m.%Y %H:%M}', '03.01.2024 24:00'), ('{%d.%m.%Y %H:%M}', '03.01.2024 24:01'), ('{%d.%m.%Y %H:%M}', '2024-01-03 14:05'),
	('{%m/%d/%Y %I:%M %p}', '01/02/2022 3:04 PM'), ('{%m/%d/%Y %I:%M %p}', E'1/2/2022 12:04\u202Fam'), ('{%m/%d/%Y %I:%M %p}', '01/02/2022 13:04 PM'), ('{%m/%d/%Y}', '13/02/2022'),
	('{%d/%m/%Y,%m/%d/%Y}', '01/02/2022'), ('{%d/%m/%Y,%m/%d/%Y}', '01/13/2022'), ('{%m/%d/%Y,%d/%m/%Y}', '01/02/2022'), ('{%d/%m/%Y,%m/%d/%Y}', '13/13/2022'), ('{%d/%m/%Y,%m/%d/%Y}', 'soon'),
	('{%d/%m/%y}', '01/02/68'), ('{%d/%m/%y}', '01/02/69'), ('{%d %B %Y}', '1 FEB 2022'), ('{%d %b %Y}', '1 february 2022'), ('{"%a, %d %b %Y %T %z"}', 'Tue, 01 Feb 2022 13:05:06 -0800'), ('{"%a, %d %b %Y %T %z"}', 'Wed, 01 Feb 2022 13:05:06 -0800'),
	('{%Y%m%d%H%M%S}', '20220102130506'), ('{"%Y-%m-%d %H:%M:%S,%f"}', '2022-01-02 13:05:06,789'), ('{%d.%m.%Y %T}', '02.01.2022 13:05:06.9999999'), ('{%Y/%j}', '2022/032'), ('{%Y/%j}', '2022/366'),
	('{%d.%m.%Y %R %z}', '02.01.2022 13:05 UTC'), ('{%d.%m.%Y %R %Z}', '02.01.2022 13:05 EST'), ('{%d.%m.%Y %R %Z}', '02.07.2022 13:05 America/New_York'), ('{%d.%m.%Y %R %Z}', '02.07.2022 13:05 Nowhere/Land'), ('{%d.%m.%Y %R %Z}', '02.07.2022 13:05 UTC+3'),
	('{unix_s}', '1641128700.5'), ('{unix_s}', '1641128700123'), ('{unix_ms}', '1641128700123'), ('{unix_ms}', '1641128700'), ('{unix_us}', '1641128700123456'), ('{unix_s}', '01641128700'), ('{unix_s}', '-1641128700')
) AS v (layouts, t);
-- %Z is what timestamptz makes of the name, abbreviations that have moved included
CREATE TABLE zoned AS SELECT row_number() OVER () AS n, day, zone
FROM generate_series('1990-01-01 00:30'::timestamp, '2045-01-01', '117 days 5 hours 13 minutes') AS day,
	unnest('{CET,CEST,EST,EDT,MSK,MSD,IST,UTC,GMT,Z,utc,Europe/Berlin,america/new_york,America/Port-au-Prince,Asia/Kathmandu,Asia/Tokyo}'::text[]) AS zone;
SELECT import_id FROM import_events_csv(convert_to(E'email,name,time,n\n' || (SELECT string_agg(format('a@b.co,x,%s %s,%s', to_char(day, 'DD.MM.YYYY HH24:MI:SS'), zone, n), E'\n') FROM zoned), 'UTF8'),
	time_formats => '{%d.%m.%Y %T %Z}') \gset
SELECT count(*) AS compared, count(*) FILTER (WHERE occurred_at IS DISTINCT FROM (to_char(day, 'YYYY-MM-DD HH24:MI:SS ') || zone)::timestamptz) AS different
FROM zoned LEFT JOIN vero.events ON import_id = :import_id AND (properties->>'n')::bigint = n;
DROP TABLE zoned;

-- what is no layout is refused when the option is read
SELECT left(layouts::text, 40) AS layouts, left(pg_temp.try(format('SELECT state FROM import_events_csv(''''::bytea, time_formats => %L)', layouts)), 150) AS refused FROM (VALUES
	('{%d/%m}'::text[]), ('{%Y}'), ('{%m/%Y}'), ('{%d/%m/%Y %I:%M}'), ('{%d/%m/%Y %H:%M %p}'), ('{%d/%m/%Y %M}'), ('{%d/%m/%Y %Q}'), ('{%d/%m/%Y %}'), ('{%d/%m/%Y %-}'), ('{%d/%m/%Y,%d/%d/%Y}'), ('{DD/MM/YYYY}'),
	('{%Y-%d-%m}'), ('{%Y%d%m}'), ('{%s}'), ('{%d/%m/%Y %z}'), ('{"   "}'), ('{%d%b%Y%Z}'), ('{unix}'), (ARRAY['%Y %m %d ' || repeat('x', 200)]), (array_fill('%d/%m/%Y'::text, ARRAY[51])), (ARRAY[NULL])
) AS v (layouts);

-- the layouts are kept with the import, hold for the corrected rejects, and are told in the confirmation
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,01/02/2022\nb,x,01/02/2022\n'::bytea, time_formats => '{%d/%m/%Y}') \gset
SELECT options FROM vero.imports WHERE id = :import_id;
SELECT state FROM import_events_csv(E'email,name,time\nb@b.co,x,01/02/2022\n'::bytea, parent_import => :import_id, allow_repeat => true);
SELECT options, (SELECT occurred_at FROM vero.events WHERE import_id = i.id) FROM vero.imports AS i WHERE parent_import_id = :import_id;
SELECT state FROM import_events_csv(E'email,name,time\nb@b.co,x,01/02/2022\n'::bytea, parent_import => :import_id, time_formats => '{%m/%d/%Y}', allow_repeat => true);
SELECT options, (SELECT occurred_at FROM vero.events WHERE import_id = i.id) FROM vero.imports AS i WHERE id = vero.last_import_id();

DROP VIEW last_two;
