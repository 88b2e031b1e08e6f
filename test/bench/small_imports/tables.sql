-- Tables for the SQL that is measured beside imports: made like the extension's own, with the same indexes, and without their checks and foreign keys.
-- `tens` and `thousands` say how many files of 10 and of 1,000 records are needed in a round.
CREATE EXTENSION vero_events;
CREATE SCHEMA bench;
CREATE TABLE bench.contacts (LIKE vero.contacts INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
CREATE TABLE bench.events (LIKE vero.events_default INCLUDING DEFAULTS INCLUDING INDEXES);
ALTER SEQUENCE bench.contacts_id_seq CACHE 100;
CREATE SEQUENCE bench.new_contact CACHE 100;

-- Each file as a CSV, and as the arrays that a client would pass to a statement. One record in ten is of a new contact, the others are of one of
-- 100,000 that are known.
CREATE TABLE bench.files (records int, number bigint, csv bytea, emails text, names text, times text, properties text, PRIMARY KEY (records, number));
ALTER TABLE bench.files ALTER csv SET STORAGE EXTERNAL, ALTER emails SET STORAGE EXTERNAL, ALTER names SET STORAGE EXTERNAL, ALTER times SET STORAGE EXTERNAL,
	ALTER properties SET STORAGE EXTERNAL;
CREATE SEQUENCE bench.sql_10;
CREATE SEQUENCE bench.sql_1000;
CREATE SEQUENCE bench.import_10;
CREATE SEQUENCE bench.import_1000;

SELECT setseed(0.5);
WITH records AS MATERIALIZED (
	SELECT f.records, f.number, r AS place,
		CASE WHEN r % 10 = 0 THEN format('new%s.%s.%s@shop.example', f.records, f.number, r)
			ELSE format('contact%s@shop.example', 1 + floor(random() * 100000)) END AS email,
		(ARRAY['Completes checkout', 'Opens page', 'Adds to cart'])[1 + r % 3] AS name,
		to_char(timestamptz '2024-01-01 00:00Z' + floor(random() * 31536000) * interval '1 second', 'YYYY-MM-DD HH24:MI:SS') || 'Z' AS "time",
		(ARRAY['yellow_shirt', 'green_shirt', 'red_hat'])[1 + r % 3] AS item_type, floor(random() * 10000) AS amount
	FROM (SELECT 10 AS records, generate_series(1, :tens) AS number UNION ALL SELECT 1000, generate_series(1, :thousands)) AS f,
		generate_series(1, f.records) AS r)
INSERT INTO bench.files
SELECT records, number,
	convert_to(E'email,event_name,time,item_type,amount\n' || string_agg(format(E'%s,%s,%s,%s,%s\n', email, name, "time", item_type, amount), '' ORDER BY place), 'UTF8'),
	CAST(array_agg(email ORDER BY place) AS text), CAST(array_agg(name ORDER BY place) AS text), CAST(array_agg("time" ORDER BY place) AS text),
	CAST(array_agg(jsonb_build_object('item_type', item_type, 'amount', CAST(amount AS text)) ORDER BY place) AS text)
FROM records
GROUP BY records, number;

-- The same for every round: 100,000 contacts and nothing else.
CREATE PROCEDURE bench.begin_round() LANGUAGE sql AS $$
	TRUNCATE vero.events, vero.rejected_rows, vero.messages, vero.trigger_jobs, vero.imports, vero.contacts, bench.events, bench.contacts RESTART IDENTITY;
	INSERT INTO vero.contacts (email) SELECT format('contact%s@shop.example', n) FROM generate_series(1, 100000) AS n;
	INSERT INTO bench.contacts (email) SELECT format('contact%s@shop.example', n) FROM generate_series(1, 100000) AS n;
	SELECT setval(s, 1, false) FROM unnest(ARRAY['bench.sql_10', 'bench.sql_1000', 'bench.import_10', 'bench.import_1000']) AS s;
$$;
VACUUM ANALYZE bench.files;
