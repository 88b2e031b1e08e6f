-- What others planted in the extension's schema beforehand, of exactly fitting types, is none that the extension's objects use.
SELECT current_database() AS own_database \gset
CREATE DATABASE vero_planted_before;
\c vero_planted_before
CREATE FUNCTION public.caught() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was planted runs as %', current_user; END $$;
SET client_min_messages = warning;
DO $$
DECLARE
	types regtype[] := '{boolean, smallint, integer, bigint, real, double precision, numeric, text, name, varchar, "char", bytea, oid, timestamptz, date, interval, jsonb, text[], bigint[]}';
	operators text[] := '{=, <>, <, >, <=, >=, +, -, *, /, ||, ~, ->, ->>}';
	one regtype;
	other regtype;
	operator text;
	name text;
BEGIN
	FOREACH one IN ARRAY types LOOP
		FOREACH name IN ARRAY ARRAY['count', 'min', 'max', 'sum', 'round', 'length', 'btrim', 'lower', 'cardinality', 'pg_size_pretty',
			'current_setting', 'date_part', 'extract', 'make_interval', 'jsonb_typeof', 'char_length', 'is_template', 'is_mailbox'] LOOP
			EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE sql AS $f$ SELECT public.caught(); SELECT ''1''::text $f$', name, one);
		END LOOP;
		FOREACH other IN ARRAY types LOOP
			FOREACH name IN ARRAY ARRAY['array_to_string', 'date_part', 'extract', 'btrim', 'round', 'is_template'] LOOP
				EXECUTE format('CREATE FUNCTION public.%I(%s, %s) RETURNS text LANGUAGE sql AS $f$ SELECT public.caught(); SELECT ''1''::text $f$', name, one, other);
			END LOOP;
			EXECUTE format('CREATE FUNCTION public.planted(%s, %s) RETURNS boolean LANGUAGE sql AS $f$ SELECT public.caught(); SELECT true $f$', one, other);
			FOREACH operator IN ARRAY operators LOOP
				EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.planted)', operator, one, other);
			END LOOP;
		END LOOP;
	END LOOP;
END
$$;
-- types and tables of the names that the script uses
CREATE TYPE public.interval AS (a int);
CREATE TYPE public.jsonb AS (a int);
CREATE TYPE public.timestamptz AS (a int);
CREATE TYPE public.bytea AS (a int);
CREATE TYPE public.uuid AS (a int);
CREATE TYPE public.jsonpath AS (a int);
CREATE VIEW public.pg_stat_activity AS SELECT public.caught();
CREATE VIEW public.pg_database AS SELECT public.caught();
-- as a setting of the session that would change how the script is read
SET standard_conforming_strings = off;
SET backslash_quote = on;
CREATE EXTENSION vero_events;
RESET standard_conforming_strings;
RESET client_min_messages;

-- all that depends on the extension's objects or is part of them, and of that all that lies neither there nor in pg_catalog
CREATE TEMP VIEW foreign_objects AS
WITH RECURSIVE own AS (
	SELECT classid, objid FROM pg_catalog.pg_depend
	WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'vero_events')
	UNION
	SELECT d.classid, d.objid FROM own AS o JOIN pg_catalog.pg_depend AS d ON d.refclassid = o.classid AND d.refobjid = o.objid
	WHERE d.deptype IN ('a', 'i', 'P', 'S')
)
SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS object, pg_catalog.pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS uses
FROM own AS o JOIN pg_catalog.pg_depend AS d USING (classid, objid)
WHERE d.refobjid >= '16384'::oid AND (d.refclassid, d.refobjid) NOT IN (SELECT classid, objid FROM own) -- below: pg_catalog's
	AND NOT (d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'vero_events'))
	AND NOT (d.refclassid = 'pg_namespace'::regclass AND d.refobjid IN ('vero'::regnamespace, 'public'::regnamespace));
SELECT pg_catalog.count(*) > 30 AS are_many FROM pg_catalog.pg_depend WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'vero_events');
SELECT * FROM foreign_objects ORDER BY object, uses;
-- and it works
SELECT state, rows_imported, rows_rejected FROM import_events_csv(convert_to(E'email,name,time\na@b.example,x,2022-01-01\nb,x,2022-01-01\n', 'UTF8'), notify => '{x@y.example}');
SELECT id, kind, "to", text IS NOT NULL AS has_text, attachment, why FROM vero.outbox;
UPDATE vero.messages SET body_text = NULL, body_html = '<style>p { }</style><p>one   word</p>';
SELECT text FROM vero.outbox;
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('a', 'b', '1 day', 'c', 'd');
SELECT name, scheduled FROM vero.campaign_report;
SELECT * FROM vero.import_progress;
SELECT FROM vero.worker_status LIMIT 0;
SELECT problem, found FROM vero.health WHERE found > 0;
SELECT state, imports FROM vero.import_counts;
SELECT count(*) FROM vero.timeline;
\c :own_database
DROP DATABASE vero_planted_before;
