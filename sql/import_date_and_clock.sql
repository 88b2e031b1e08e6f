-- A time that stands in two columns, a date and a time of day: by function and COPY alike.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\getenv data_dir VERO_TEST_DATA
SET TimeZone = 'Europe/Berlin';
SET DateStyle = 'ISO';
SET client_min_messages = warning;
LOAD 'vero_events';

\set path :data_dir '/files/date_and_clock.csv'
SELECT state FROM import_events_csv(:'path', columns => '{"time": ["date", "time"]}');
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat, columns '{"time": ["date", "time"]}');
SELECT import_id, occurred_at, properties FROM vero.events ORDER BY 1;
-- in layouts; a blank time of day, a blank date, and errors that name both columns
SELECT state FROM import_events_csv(E'email,event,day,clock\na@b.co,x,03.01.2024,14:05\na@b.co,x,03.01.2024,\na@b.co,x,,14:05\na@b.co,x,31.02.2024,14:05\na@b.co,x,"3.1.2024","2 pm"\na@b.co,x,03.01.2024\n'::bytea,
	columns => '{"time": ["day", "clock"]}', time_formats => '{%d.%m.%Y %H:%M,%d.%m.%Y}');
SELECT occurred_at, properties FROM vero.events WHERE import_id = vero.last_import_id() ORDER BY 1;
SELECT line_number, errors->0->>'column' AS "column", reason FROM vero.rejected_rows WHERE import_id = vero.last_import_id() ORDER BY 1;

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
-- what is no pair of columns for the time
SELECT columns, pg_temp.try(format('SELECT state FROM import_events_csv(E''email,event,date,time\na@b.co,x,2022-01-02,13:05''::bytea, columns => %L)', columns)) AS refused FROM (VALUES
	('{"email": ["email", "time"]}'), ('{"time": ["date", "time", "event"]}'), ('{"time": ["date", "date"]}'), ('{"time": ["date", null]}'), ('{"time": [["date"]]}'), ('{"time": {"date": "time"}}'),
	('{"time": ["date", "hour"]}'), ('{"time": ["date", ""]}'), ('{"time": ["date"]}'), ('{"time": []}')
) AS v (columns);
