-- What is accepted as a time is the instant that timestamptz input gives for it, in every zone and year.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

CREATE FUNCTION pg_temp.read_as_event(texts text[], zone text) RETURNS TABLE (n bigint, occurred_at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
	this_import bigint;
BEGIN
	SELECT import_id INTO this_import FROM import_events_csv(convert_to(E'email,name,time,n\n' ||
		(SELECT string_agg(format('a@b.co,x,"%s",%s', t, o), E'\n') FROM unnest(texts) WITH ORDINALITY AS u (t, o)), 'UTF8'), time_zone => zone, allow_repeat => true);
	RETURN QUERY SELECT (e.properties->>'n')::bigint, e.occurred_at FROM vero.events AS e WHERE e.import_id = this_import;
END
$$;
CREATE FUNCTION pg_temp.read_as_timestamptz(text, zone text) RETURNS timestamptz
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('TimeZone', zone, true);
	RETURN $1::timestamptz;
EXCEPTION WHEN OTHERS THEN
	RETURN NULL;
END
$$;

-- one by one
CREATE TABLE time_texts AS SELECT n, t FROM unnest(ARRAY[
	'2022-01-02 13:05+10', '2022-01-02T13:05:00Z', '2022-01-02t13:05:00z', '2022-01-02', '2022-01-02 13:05', '2022-01-02 13:05:06.7',
	'2022-01-02 13:05:06.123456789 -0530', '2022-01-02 13:05:06.9999999', '20220102', '20220102T130506Z', '2022-01-02   13:05 +10:30',
	'2022-01-02 13:05 UTC', '2022-01-02 13:05:06.5gmt', '20220102T1305UTC', '20220102T130506 Utc', '20220102 13:05   GMT',
	'2022-12-31 24:00:00', '2016-12-31 23:59:60Z', '2022-01-02 13:05:60.5', '0001-01-01', '9999-12-31 23:59:59.999999', '2040-07-01 12:00',
	'2024-02-29', '1582-10-10', '2022-01-02 13:05 -15:59', '0044-03-15 12:00',
	'01/02/2022', '2022-02-30', '2023-02-29', '2022-1-2', '22-01-02', '2022-W01-1', '2022-002', '2022-01-02 1:05', '2022-01-02 13', '2022-01-02 13:05:06,7',
	'2022-01-02 25:00', '2022-01-02 24:00:01', '2022-01-02 13:60', '2022-01-02 13:05:61', '2022-01-02 13:05 +16', '2022-01-02 13:05 +10:60',
	'2022-01-02 13:05 CET', '2022-01-02 UTC', '2022-01-02 13:05 UTC+3', '2022-01-02 13:05 UT', '2022-01-02 13:05 Europe/Berlin', '2022-01-02Z', '2022-01-02 13:05 PM', '0000-01-01', '10000-01-01', '-0044-03-15', '2022-01-02 BC',
	'now', 'today', 'infinity', '1641128700', '2022-01-02 13:05 + 10', '2022-01-02 13:05:', '2022-01-02T', 'T13:05', '2022-13-01', '2022-00-01', '2022-01-02 13:05:06.'
]) WITH ORDINALITY AS u (t, n);
SELECT t, e.occurred_at, CASE WHEN e.occurred_at IS NOT NULL THEN e.occurred_at = pg_temp.read_as_timestamptz(t, 'Europe/Berlin') END AS as_postgres
FROM time_texts LEFT JOIN pg_temp.read_as_event((SELECT array_agg(t ORDER BY n) FROM time_texts), 'Europe/Berlin') AS e USING (n) ORDER BY n;

-- zones of every kind, round the changes of the clock, in years near and far
CREATE TABLE zones AS SELECT row_number() OVER () AS z, name FROM (
	SELECT unnest(ARRAY['UTC', 'Europe/Berlin', 'Europe/London', 'Europe/Dublin', 'Europe/Moscow', 'America/New_York', 'America/Sao_Paulo', 'America/St_Johns',
		'Australia/Lord_Howe', 'Australia/Sydney', 'Pacific/Apia', 'Pacific/Kwajalein', 'Asia/Kathmandu', 'Asia/Tehran', 'Asia/Gaza', 'Africa/Casablanca',
		'Africa/Monrovia', 'Antarctica/Troll', 'America/Juneau', 'EST5EDT', 'CET-1CEST,M3.5.0,M10.5.0/3', '<+0330>-3:30', 'UTC+3', 'asia/tokyo']) AS name
) AS names;
CREATE TABLE local_texts AS
SELECT row_number() OVER () AS n, to_char(t, 'YYYY-MM-DD HH24:MI:SS') AS t
FROM (
	SELECT day + make_interval(mins => minute) AS t
	FROM unnest('{1890,1916,1940,1945,1974,1986,1996,2011,2014,2016,2019,2022,2037,2038,2040,2099,2400,9998}'::int[]) AS year,
		generate_series(make_date(year, 1, 1), make_date(year, 12, 31), '1 day') AS day, unnest('{0,30,60,90,119,120,150,180,1410}'::int[]) AS minute
	WHERE extract(month FROM day) IN (3, 4, 10, 11) OR extract(day FROM day) IN (1, 2, 30, 31)
) AS times;
CREATE FUNCTION pg_temp.count_of_differences(zone text) RETURNS TABLE (compared bigint, different bigint)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('TimeZone', zone, true);
	RETURN QUERY SELECT count(*), count(*) FILTER (WHERE e.occurred_at IS DISTINCT FROM l.t::timestamptz)
	FROM local_texts AS l LEFT JOIN pg_temp.read_as_event((SELECT array_agg(t ORDER BY n) FROM local_texts), zone) AS e USING (n);
END
$$;
SELECT count(*) AS zones, sum(d.compared) AS times, sum(d.different) AS different
FROM zones, pg_temp.count_of_differences(name) AS d;

-- without the option, the session's zone decides
SET TimeZone = 'America/New_York';
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,2022-07-01 12:00\n'::bytea) \gset
SELECT occurred_at AT TIME ZONE 'UTC' AS utc FROM vero.events WHERE import_id = :import_id;
SET TimeZone = 'CST6CDT';
SELECT import_id FROM import_events_csv(E'email,name,time\na@b.co,x,2022-07-01 12:00\n'::bytea, allow_repeat => true) \gset
SELECT occurred_at AT TIME ZONE 'UTC' AS utc FROM vero.events WHERE import_id = :import_id;
-- in the future is fine
SELECT state FROM import_events_csv(E'email,name,time\na@b.co,x,2999-01-01\n'::bytea);
DROP TABLE time_texts, zones, local_texts;

SET DateStyle = 'ISO';
-- the option takes what SET TimeZone takes, with the meaning that it has there, and nothing else
CREATE TABLE zone_texts AS SELECT n, z FROM unnest(ARRAY['+10', '10', '05', '-8', '-7.5', '5.5', '0', ' +05', '0x10', '100', '1000', 'nan', '1e300', '-7.5x',
	'INTERVAL ''+02:00''', 'interval ''-3 hours''', 'interval ''1 month''', '+05:30', '-03:00', 'UTC+3', 'utc-3', 'UTC3', 'GMT+0', 'Etc/GMT+3', 'A5', '<+0330>-3:30', 'EST5EDT',
	'CET-1CEST,M3.5.0,M10.5.0/3', 'europe/berlin', 'UTC', ' UTC', 'UTC ', 'Z', 'PST', 'right/UTC', 'default', '', ' ', repeat('x', 300)]) WITH ORDINALITY AS u (z, n);
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	detail text;
BEGIN
	EXECUTE statement INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	-- which is said of right/UTC where it is installed
	detail := replace(detail, 'PostgreSQL does not support leap seconds.', '');
	RETURN concat_ws(' / ', sqlstate, left(sqlerrm, 50), nullif(detail, ''));
END
$$;
CREATE FUNCTION pg_temp.read_in_zone(zone text) RETURNS timestamp LANGUAGE sql AS $$
	SELECT occurred_at AT TIME ZONE 'UTC' FROM pg_temp.read_as_event('{2022-01-02 00:00}', zone)
$$;
CREATE FUNCTION pg_temp.set_and_read(zone text) RETURNS timestamp LANGUAGE plpgsql SET TimeZone = 'UTC' AS $$
DECLARE
	local text := '2022-01-02 00:00';
BEGIN
	PERFORM set_config('TimeZone', zone, true);
	RETURN local::timestamptz AT TIME ZONE 'Etc/UTC'; -- UTC is from 18 on what the session's zone calls so
END
$$;
SELECT left(z, 30) AS zone, as_option, regexp_replace(as_option, ' / .*', '') IS NOT DISTINCT FROM regexp_replace(as_set, ' / .*', '') AS same
FROM zone_texts CROSS JOIN LATERAL (SELECT pg_temp.try(format('SELECT pg_temp.read_in_zone(%L)', z)) AS as_option, pg_temp.try(format('SELECT pg_temp.set_and_read(%L)', z)) AS as_set OFFSET 0) AS t
ORDER BY n;
DROP TABLE zone_texts;
