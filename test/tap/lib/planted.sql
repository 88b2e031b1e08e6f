-- Schema evil gets everything of pg_catalog that a statement can name, and a table for each of the extension's: functions and
-- operators with the same signatures, domains of the types' names, views of the relations' names. Whatever is used of it says so in
-- the server's log and fails.
SET client_min_messages = warning;
SET check_function_bodies = off;
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
CREATE FUNCTION evil.caught(what text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RAISE LOG 'planted: % ran as %', what, session_user;
	RAISE EXCEPTION 'planted: % ran as %', what, session_user;
END $$;
DO $$
DECLARE
	impossible regtype[] := '{internal, cstring, trigger, event_trigger, language_handler, fdw_handler, index_am_handler, tsm_handler, table_am_handler, pg_ddl_command, unknown}';
	types text;
	one record;
	kind text;
	declared text;
	result text;
BEGIN
	FOR one IN SELECT p.oid, p.proname, p.proargtypes::regtype[] AS arguments, p.provariadic <> 0 AS is_variadic, p.proretset, p.prorettype::regtype AS result
		FROM pg_proc AS p
		WHERE p.pronamespace = 'pg_catalog'::regnamespace AND NOT p.proargtypes::regtype[] && impossible AND p.prorettype <> ALL (impossible::oid[])
			AND p.proname <> 'void_send'
	LOOP
		-- what takes anything takes every type: only C can, but one of the caller's can take each of them
		types := array_to_string(ARRAY(SELECT CASE WHEN one.is_variadic AND i = cardinality(one.arguments) THEN 'VARIADIC ' ELSE '' END
			|| CASE WHEN a = '"any"'::regtype THEN CASE WHEN one.is_variadic AND i = cardinality(one.arguments) THEN 'text[]' ELSE 'anyelement' END ELSE a::text END
			FROM unnest(one.arguments) WITH ORDINALITY AS t (a, i) ORDER BY i), ', ');
		result := CASE WHEN one.result::text ~ '^any' AND types !~ 'any' THEN 'text' WHEN one.result = 'record'::regtype AND NOT one.proretset THEN 'text' ELSE one.result::text END;
		EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.caught(%L); END $f$',
			one.proname, types, CASE WHEN one.proretset THEN 'SETOF' ELSE '' END, result, 'function ' || one.proname);
	END LOOP;
	FOR one IN SELECT oid, oprname, oprleft::regtype AS l, oprright::regtype AS r, oprresult::regtype AS result FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace
	LOOP
		kind := 'op' || one.oid;
		declared := CASE WHEN one.l = 0::regtype THEN one.r::text ELSE one.l || ', ' || one.r END;
		EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.caught(%L); END $f$', kind, declared, one.result, 'operator ' || one.oprname);
		EXECUTE format('CREATE OPERATOR evil.%s (%s RIGHTARG = %s, FUNCTION = evil.%I)', one.oprname, CASE WHEN one.l = 0::regtype THEN '' ELSE 'LEFTARG = ' || one.l || ', ' END, one.r, kind);
	END LOOP;
	FOR one IN SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typelem = 0
	LOOP
		EXECUTE format('CREATE DOMAIN evil.%I AS pg_catalog.%1$I CHECK (evil.caught(%L))', one.typname, 'type ' || one.typname);
	END LOOP;
	FOR one IN SELECT DISTINCT relname FROM pg_class WHERE relnamespace IN ('pg_catalog'::regnamespace, 'vero'::regnamespace) AND relkind IN ('r', 'v', 'p')
		AND relname NOT IN (SELECT typname FROM pg_type WHERE typnamespace = 'evil'::regnamespace)
	LOOP
		EXECUTE format('CREATE VIEW evil.%I AS SELECT evil.caught(%L)', one.relname, 'relation ' || one.relname);
	END LOOP;
END
$$;
