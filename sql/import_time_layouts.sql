-- Random instants that to_char() has written in 40 layouts are read back as what they were: 500 of them, or VERO_INSTANTS.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set instants 500
\getenv instants VERO_INSTANTS
SET TimeZone = 'America/New_York';
SET client_min_messages = warning;

-- years: far goes from 1400 to 9999, near is what two digits can say, modern has whole hours as offsets and is what the unix layouts read
CREATE TABLE layouts (layout text, pattern text, unit text, years text);
INSERT INTO layouts VALUES
	('%d/%m/%Y', 'DD/MM/YYYY', 'day', 'far'), ('%m/%d/%Y', 'MM/DD/YYYY', 'day', 'far'), ('%d-%m-%Y', 'FMDD-FMMM-YYYY', 'day', 'far'), ('%d %b %Y', 'DD Mon YYYY', 'day', 'far'),
	('%d %B %Y', 'FMDD FMMonth YYYY', 'day', 'far'), ('%B %d, %Y', 'FMMONTH FMDD, YYYY', 'day', 'far'), ('%A %d %B %Y', 'FMDay FMDD FMMonth YYYY', 'day', 'far'), ('%Y/%j', 'YYYY/DDD', 'day', 'far'),
	('%d%m%Y', 'DDMMYYYY', 'day', 'far'), ('%Y年%m月%d日', 'YYYY"年"MM"月"DD"日"', 'day', 'far'), ('%d/%m/%y', 'DD/MM/YY', 'day', 'near'), ('%y%m%d', 'YYMMDD', 'day', 'near'),
	('%d.%m.%Y %H:%M', 'DD.MM.YYYY HH24:MI', 'minute', 'far'), ('%m/%d/%Y %I:%M %p', 'MM/DD/YYYY HH12:MI AM', 'minute', 'far'), ('%j-%Y %R', 'DDD-YYYY HH24:MI', 'minute', 'far'),
	('%H:%M %d.%m.%Y', 'HH24:MI DD.MM.YYYY', 'minute', 'far'), ('%e %b %Y %l:%M %P', 'FMDD Mon YYYY FMHH12:MI am', 'minute', 'far'), ('%b %d %Y %I:%M%p', 'mon DD YYYY HH12:MIam', 'minute', 'far'),
	('%m%d%Y%H%M', 'MMDDYYYYHH24MI', 'minute', 'far'), ('%d. %B %Y %H:%M', 'DD. FMmonth YYYY HH24:MI', 'minute', 'far'), ('%m-%d-%Y %R', 'MM-DD-YYYY HH24:MI', 'minute', 'far'),
	('on %d/%m/%Y at %H:%M', '"on" DD/MM/YYYY "at" HH24:MI', 'minute', 'far'), ('%m/%d/%y %I:%M%p', 'MM/DD/YY HH12:MIAM', 'minute', 'near'), ('%d.%m.%Y %H:%M %Z', 'DD.MM.YYYY HH24:MI TZ', 'minute', 'modern'),
	('%d.%m.%Y %H:%M:%S', 'DD.MM.YYYY HH24:MI:SS', 'second', 'far'), ('%m/%d/%Y %I:%M:%S %p', 'MM/DD/YYYY HH12:MI:SS PM', 'second', 'far'), ('%Y%m%d%H%M%S', 'YYYYMMDDHH24MISS', 'second', 'far'),
	('%Y.%m.%d %H.%M.%S', 'YYYY.MM.DD HH24.MI.SS', 'second', 'far'), ('%F %I:%M:%S %p', 'YYYY-MM-DD HH12:MI:SS AM', 'second', 'far'), ('%T %D', 'HH24:MI:SS MM/DD/YY', 'second', 'near'),
	('%a, %d %b %Y %T %z', 'Dy, DD Mon YYYY HH24:MI:SS TZHTZM', 'second', 'modern'), ('%d/%b/%Y:%H:%M:%S %z', 'DD/Mon/YYYY:HH24:MI:SS TZHTZM', 'second', 'modern'),
	('%d/%m/%Y %H:%M:%S%z', 'DD/MM/YYYY HH24:MI:SSTZH:TZM', 'second', 'modern'), ('%Y/%m/%d %I:%M:%S %p GMT%z', 'YYYY/MM/DD HH12:MI:SS AM "GMT"TZH', 'second', 'modern'), ('unix_s', 'epoch', 'second', 'modern'),
	('%Y-%m-%d %H:%M:%S,%f', 'YYYY-MM-DD HH24:MI:SS,MS', 'milliseconds', 'far'), ('unix_ms', 'epoch', 'milliseconds', 'modern'), ('%Y/%m/%d %H:%M:%S', 'YYYY/MM/DD HH24:MI:SS.US', 'microseconds', 'far'),
	('%d %b %y %H:%M:%S.%f', 'DD Mon YY HH24:MI:SS.US', 'microseconds', 'near'), ('unix_us', 'epoch', 'microseconds', 'modern');
CREATE TABLE written (n bigint, cell text, instant timestamptz);

CREATE FUNCTION pg_temp.write(layout layouts, instants bigint) RETURNS void LANGUAGE sql AS $$
	TRUNCATE written;
	INSERT INTO written
	SELECT n, CASE WHEN layout.pattern = 'epoch' THEN trunc(extract(epoch FROM t) * factor)::text ELSE to_char(t, layout.pattern) END,
		-- what names no offset is local, also where that is twice or never
		CASE WHEN layout.pattern = 'epoch' OR layout.pattern ~ 'TZ' THEN date_trunc(layout.unit, t) ELSE date_trunc(layout.unit, t::timestamp)::timestamptz END
	FROM (SELECT n, CASE layout.years WHEN 'far' THEN '1400-01-01Z'::timestamptz WHEN 'near' THEN '1969-01-01 12:00Z' ELSE '1973-03-04Z' END
			+ random() * CASE layout.years WHEN 'far' THEN '3141000 days'::interval WHEN 'near' THEN '36520 days' ELSE '114000 days' END AS t
		FROM generate_series(1, instants) AS n) AS instants,
		(SELECT CASE layout.unit WHEN 'second' THEN 1 WHEN 'milliseconds' THEN 1000 ELSE 1000000 END AS factor) AS units
$$;
CREATE FUNCTION pg_temp.read_back(layout layouts, instants bigint) RETURNS TABLE (compared bigint, different bigint, example text) LANGUAGE plpgsql AS $$
DECLARE
	this_import bigint;
BEGIN
	PERFORM pg_temp.write(layout, instants);
	SELECT import_id INTO this_import FROM import_events_csv(convert_to(E'email,name,n,time\n' || (SELECT string_agg(format('a@b.co,x,%s,"%s"', n, cell), E'\n') FROM written), 'UTF8'),
		time_formats => ARRAY[layout.layout]);
	RETURN QUERY SELECT count(*), count(*) FILTER (WHERE e.occurred_at IS DISTINCT FROM w.instant), min(w.cell) FILTER (WHERE e.occurred_at IS DISTINCT FROM w.instant)
	FROM written AS w LEFT JOIN vero.events AS e ON e.import_id = this_import AND (e.properties->>'n')::bigint = w.n;
	TRUNCATE vero.events;
END
$$;
SELECT count(*) AS layouts, bool_and(compared = :instants) AS all_of_them, sum(different) AS different, min(layout || ': ' || example) AS example FROM layouts, pg_temp.read_back(layouts, :instants);
DROP FUNCTION pg_temp.read_back(layouts, bigint), pg_temp.write(layouts, bigint);
DROP TABLE layouts, written;
