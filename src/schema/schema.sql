-- The tables, views and functions of vero_events.
\echo Use "CREATE EXTENSION vero_events" to load this file. \quit

-- What others have put into the extension's schema is not to be found: what is without a schema here is pg_catalog's.
-- (Strings with a backslash are E'', for the session may have standard_conforming_strings off.)
SET LOCAL search_path = pg_catalog, pg_temp;

-- A schema that was made beforehand is welcome only where it belongs to whoever creates the extension.
DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_roles AS r ON r.oid = n.nspowner
				   WHERE n.nspname = 'vero' AND r.rolname = current_user) THEN
		CREATE SCHEMA vero;
	END IF;
END
$$;
COMMENT ON SCHEMA vero IS 'vero_events: contacts, their events, and the imports that brought them';
GRANT USAGE ON SCHEMA vero TO PUBLIC;
