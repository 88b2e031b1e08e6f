-- Numbers, booleans and JSON are stored byte for byte as PostgreSQL itself stores them: random values, with its own functions beside.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SELECT setseed(0.25);

CREATE TEMPORARY TABLE cells (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text, cell text, expected jsonb);

-- what jsonb_in makes of a text; null where it makes nothing of it
CREATE FUNCTION pg_temp.as_jsonb(cell text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RETURN cell::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	RETURN NULL;
END
$$;
CREATE FUNCTION pg_temp.digits(most int) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce(string_agg((CASE WHEN random() < 0.3 THEN 0 WHEN random() < 0.2 THEN 9 ELSE floor(random() * 10) END)::int::text, ''), '')
	FROM generate_series(1, floor(random() * random() * (most + 1))::int)
$$;
CREATE FUNCTION pg_temp.number() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT (CASE WHEN random() < 0.3 THEN '-' ELSE '' END)
		|| coalesce(nullif(ltrim(pg_temp.digits(90), '0'), ''), '0')
		|| (CASE WHEN random() < 0.6 THEN '.' || floor(random() * 10)::int || pg_temp.digits(120) ELSE '' END)
		|| (CASE WHEN random() < 0.1 THEN 'e-' || floor(random() * 300)::int ELSE '' END)
$$;
CREATE FUNCTION pg_temp.json(depth int) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	kind int := floor(random() * CASE WHEN depth = 0 THEN 6 ELSE 10 END);
	space text := (ARRAY['', '', ' ', E'\n'])[1 + floor(random() * 4)::int];
	count int := floor(random() * random() * random() * 40);
BEGIN
	RETURN space || CASE
		WHEN kind = 0 THEN pg_temp.number()
		WHEN kind = 1 THEN floor(random() * 100)::int || (ARRAY['', 'e3', 'E+12', 'e-4', '.0', '.10e5'])[1 + floor(random() * 6)::int]
		WHEN kind = 2 THEN (ARRAY['true', 'false', 'null'])[1 + floor(random() * 3)::int]
		WHEN kind < 6 THEN to_json(left(md5(random()::text), floor(random() * 8)::int) || (ARRAY['', 'ä', '"', '\', E'\n', '😀'])[1 + floor(random() * 6)::int])::text
		WHEN kind < 8 THEN '[' || coalesce((SELECT string_agg(pg_temp.json(depth - 1), ',') FROM generate_series(1, count)), '') || ']'
		ELSE '{' || coalesce((SELECT string_agg(format('"%s"%s:%s', left(md5((random() * 30)::int::text), (i % 4)), space, pg_temp.json(depth - 1)), ',')
			FROM generate_series(1, count) AS i), '') || '}'
	END || space;
END
$$;

INSERT INTO cells (type, cell) SELECT 'number', pg_temp.number() FROM generate_series(1, 1000);
-- where the form changes from short to long, and at the limits of its groups of four digits
INSERT INTO cells (type, cell) SELECT 'number', sign || whole || fraction
	FROM unnest('{"",-}'::text[]) AS sign, unnest(ARRAY['0', '1', '9999', '10000', '1' || repeat('0', 255), '1' || repeat('0', 256), repeat('9', 256), repeat('9', 257),
		'5' || repeat('0', 131071)]) AS whole,
		unnest(ARRAY['', '.0', '.' || repeat('0', 62) || '1', '.' || repeat('0', 63) || '1', '.' || repeat('0', 63), '.' || repeat('0', 64),
		'.' || repeat('0', 255) || '1', '.' || repeat('0', 256) || '1', '.' || repeat('0', 16382) || '7']) AS fraction;
UPDATE cells SET expected = to_jsonb(cell::numeric) WHERE type = 'number';
INSERT INTO cells (type, cell) SELECT 'json', pg_temp.json(2) FROM generate_series(1, 400);
-- the same with a character changed: what jsonb_in refuses is a reject
INSERT INTO cells (type, cell) SELECT 'json', overlay(cell PLACING substr(E'{}[]:,"\\0-1e. tu\n', 1 + floor(random() * 17)::int, 1) FROM 1 + floor(random() * length(cell))::int FOR (random() * 2)::int)
	FROM cells WHERE type = 'json' AND length(cell) < 2000;
UPDATE cells SET expected = pg_temp.as_jsonb(cell) WHERE type = 'json';
-- what PostgreSQL writes is what stood there, or it stays a text
INSERT INTO cells (type, cell) SELECT 'auto', CASE WHEN random() < 0.8 THEN pg_temp.number() ELSE (ARRAY['true', 'false', 'True', '', 'null', '+1', '01', '1.', '.1'])[1 + floor(random() * 9)::int] END
	FROM generate_series(1, 600);
UPDATE cells SET expected = CASE WHEN cell IN ('true', 'false') THEN to_jsonb(cell::boolean)
		WHEN cell ~ '^-?[0-9.]*[0-9]$' THEN CASE WHEN cell::numeric::text = cell THEN to_jsonb(cell::numeric) ELSE to_jsonb(cell) END
		ELSE to_jsonb(cell) END
	WHERE type = 'auto';
INSERT INTO cells (type, cell, expected) SELECT 'boolean', cell, to_jsonb(cell::boolean) FROM unnest('{true,false,yes,no,t,f,1,0}'::text[]) AS cell;



-- each alone in its object
CREATE FUNCTION pg_temp.import(wanted text) RETURNS bigint LANGUAGE sql VOLATILE AS $$
	SELECT (import_events_csv(convert_to(E'email,name,time,v\n' || string_agg(format('a@b.co,%s,2022-01-01,"%s"', n, replace(cell, '"', '""')), E'\n' ORDER BY n), 'UTF8'),
		property_types => jsonb_build_object('v', wanted))).import_id
	FROM cells WHERE type = wanted
$$;
SELECT pg_temp.import(type) > 0 AS imported FROM unnest('{number,json,auto,boolean}'::text[]) AS type;
SELECT type, count(*) > 7 AS some, count(*) FILTER (WHERE expected IS NULL) > 50 AS some_refused,
	count(*) FILTER (WHERE (expected IS NULL) <> (e.id IS NULL)) AS wrongly_judged,
	count(*) FILTER (WHERE e.properties <> jsonb_build_object('v', expected)) AS not_equal,
	count(*) FILTER (WHERE jsonb_send(e.properties) <> jsonb_send(jsonb_build_object('v', expected))) AS sent_otherwise,
	count(*) FILTER (WHERE jsonb_hash_extended(e.properties, 1) <> jsonb_hash_extended(jsonb_build_object('v', expected), 1)) AS hashed_otherwise,
	count(*) FILTER (WHERE e.id IS NOT NULL AND NOT record_image_eq(ROW(e.properties), ROW(jsonb_build_object('v', expected)))) AS stored_otherwise
FROM cells LEFT JOIN vero.events AS e ON e.name = n::text GROUP BY type ORDER BY type;
SELECT type, left(cell, 60) AS cell, left(expected::text, 60) AS expected, left(e.properties::text, 60) AS properties
FROM cells LEFT JOIN vero.events AS e ON e.name = n::text
WHERE (expected IS NULL) <> (e.id IS NULL) OR e.id IS NOT NULL AND NOT record_image_eq(ROW(e.properties), ROW(jsonb_build_object('v', expected))) LIMIT 5;

-- many side by side, in all places of alignment
CREATE TEMPORARY TABLE picked AS SELECT type, cell, expected, row_number() OVER (PARTITION BY type ORDER BY random()) - 1 AS place, count(*) OVER (PARTITION BY type) AS count
	FROM cells WHERE length(cell) < 300 AND expected IS NOT NULL;
CREATE TEMPORARY TABLE wide AS SELECT r AS row, c AS column, left('key', c % 4) || c AS key, p.type, p.cell, p.expected
	FROM generate_series(1, 40) AS r, generate_series(1, 70) AS c JOIN picked AS p ON p.type = (ARRAY['number', 'json', 'auto', 'boolean'])[1 + (c % 7) % 4]
	WHERE p.place = (r * 70 + c) % p.count;
SELECT import_id FROM import_events_csv((SELECT convert_to('email,name,time,' || (SELECT string_agg(key, ',' ORDER BY w.column) FROM wide AS w WHERE row = 1) || E'\n'
		|| (SELECT string_agg(line, E'\n') FROM (SELECT format('a@b.co,%s,2022-01-01,', row) || string_agg('"' || replace(cell, '"', '""') || '"', ',' ORDER BY w.column) AS line
			FROM wide AS w GROUP BY row) AS lines), 'UTF8')),
	property_types => (SELECT jsonb_object_agg(key, type) FROM wide WHERE row = 1)) \gset
SELECT count(*), count(*) FILTER (WHERE record_image_eq(ROW(e.properties), ROW(x.expected))) AS same, count(DISTINCT pg_column_size(x.expected)) > 30 AS many_sizes
FROM (SELECT row, jsonb_object_agg(key, expected) AS expected FROM wide GROUP BY row) AS x JOIN vero.events AS e ON e.name = row::text AND e.import_id = :import_id;
-- a copy of it, made by PostgreSQL from what it shows, is the same again
SELECT count(*) FILTER (WHERE NOT record_image_eq(ROW(properties), ROW(properties::text::jsonb))) AS otherwise FROM vero.events;
