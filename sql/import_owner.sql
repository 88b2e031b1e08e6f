-- Whose an import is: the role's that made it, by OID and name, in the cluster where it was made.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
CREATE ROLE vero_anna;
GRANT INSERT ON vero.events TO vero_anna;
SET ROLE vero_anna;
SELECT import_id AS i FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\nanna''s secret,x,2022-01-01\n'::bytea) \gset
SELECT count(*) AS imports FROM vero.imports;
RESET ROLE;
SELECT imported_by, imported_by_oid = 'vero_anna'::regrole AS by_oid, imported_in = (SELECT system_identifier FROM pg_control_system()) AS here
FROM vero.imports;

CREATE FUNCTION pg_temp.seen_by(role name) RETURNS TABLE (imports bigint, rejects bigint, csv text, export text, parent text)
LANGUAGE plpgsql AS $$
DECLARE
	i bigint := current_setting('test.import');
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	imports := (SELECT count(*) FROM vero.imports);
	rejects := (SELECT count(*) FROM vero.rejected_rows);
	BEGIN
		csv := convert_from(vero.rejected_csv(i), 'UTF8');
	EXCEPTION WHEN invalid_parameter_value THEN csv := SQLERRM;
	END;
	BEGIN
		COPY vero.rejected_rows TO PROGRAM 'cat > /dev/null' WITH (FORMAT vero_csv, import 1);
		export := 'written';
	EXCEPTION WHEN invalid_parameter_value OR insufficient_privilege THEN export := SQLERRM;
	END;
	BEGIN
		SELECT state INTO parent FROM import_events_csv(E'email,name,time\nb@b.co,x,2022-01-01'::bytea, parent_import => i, dry_run => true);
		RAISE EXCEPTION USING ERRCODE = 'VE001', MESSAGE = parent;
	EXCEPTION WHEN invalid_parameter_value OR sqlstate 'VE001' THEN parent := SQLERRM;
	END;
	RESET ROLE;
	RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION pg_temp.seen_by(name) TO PUBLIC;
SELECT set_config('test.import', :'i', false) AS import;
GRANT pg_execute_server_program TO vero_anna;
\x on
SELECT * FROM pg_temp.seen_by('vero_anna');

-- an import that failed, too, once that is on record
\x off
SET ROLE vero_anna;
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
no header
\.
RESET ROLE;
SELECT vero.record_failed_imports();
SET ROLE vero_anna;
SELECT state, imported_by FROM vero.imports ORDER BY id;
RESET ROLE;
\x on

-- a later role of the same name sees nothing
DROP OWNED BY vero_anna;
DROP ROLE vero_anna;
CREATE ROLE vero_anna;
GRANT INSERT ON vero.events TO vero_anna;
GRANT pg_execute_server_program TO vero_anna;
SELECT * FROM pg_temp.seen_by('vero_anna');
-- and it is not the old one where someone says that it is
SELECT vero.assign_imports('vero_anna', 'vero_anna');
SELECT imports, rejects FROM pg_temp.seen_by('vero_anna');

-- a role that is renamed keeps its imports; who gets its name does not get them
ALTER ROLE vero_anna RENAME TO vero_bella;
CREATE ROLE vero_anna;
GRANT INSERT ON vero.events TO vero_anna;
SELECT DISTINCT imported_by FROM vero.imports;
SELECT imports, rejects FROM pg_temp.seen_by('vero_bella');
SELECT imports, rejects FROM pg_temp.seen_by('vero_anna');
-- in a transaction, too, and back
BEGIN;
ALTER ROLE vero_anna RENAME TO vero_carla;
ALTER ROLE vero_bella RENAME TO vero_anna;
SELECT imports, rejects FROM pg_temp.seen_by('vero_carla');
SELECT imports, rejects FROM pg_temp.seen_by('vero_anna');
ROLLBACK;
SELECT imports, rejects FROM pg_temp.seen_by('vero_bella');
SELECT imports, rejects FROM pg_temp.seen_by('vero_anna');
-- an OID that was given again, under another name
UPDATE vero.imports SET imported_by = 'somebody';
SELECT imports, rejects FROM pg_temp.seen_by('vero_bella');
SELECT vero.assign_imports('somebody', 'vero_bella');
SELECT imports, rejects FROM pg_temp.seen_by('vero_bella');
-- another cluster, as after a restore or pg_upgrade: there the same OID and name are somebody else
UPDATE vero.imports SET imported_in = imported_in + 1;
SELECT imports, rejects FROM pg_temp.seen_by('vero_bella');
SELECT DISTINCT imported_by FROM vero.imports;
ALTER ROLE vero_bella RENAME TO vero_dora;
SELECT DISTINCT imported_by FROM vero.imports;
-- nobody's
UPDATE vero.imports SET imported_by_oid = NULL, imported_in = NULL;
SELECT imports, rejects FROM pg_temp.seen_by('vero_dora');
\x off

-- only the tables' owner says whose they are
SELECT vero.assign_imports('vero_bella', 'vero_dora');
SET ROLE vero_dora;
SELECT vero.assign_imports('vero_bella', 'vero_dora');
UPDATE vero.imports SET imported_by = 'vero_dora';
RESET ROLE;
SELECT vero.assign_imports('nobody', 'vero_dora');
SELECT vero.assign_imports('vero_dora', 0);

-- nothing of the reader's making is called in the policies
CREATE SCHEMA vero_trap AUTHORIZATION vero_dora;
SET ROLE vero_dora;
CREATE FUNCTION vero_trap.equals(name, name) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
CREATE OPERATOR vero_trap.= (LEFTARG = name, RIGHTARG = name, FUNCTION = vero_trap.equals);
CREATE FUNCTION vero_trap.big_equals(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
CREATE OPERATOR vero_trap.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = vero_trap.big_equals);
SET search_path = vero_trap, pg_catalog;
SELECT count(*) FROM vero.imports;
SELECT count(*) FROM vero.rejected_rows;
-- a reader's function does not see the rows of others
CREATE FUNCTION vero_trap.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE 'saw %', $1; RETURN true; END $$;
RESET search_path;
RESET ROLE;
UPDATE vero.imports SET imported_by = 'postgres' WHERE id = :i;
SET ROLE vero_dora;
SELECT count(*) FROM vero.imports WHERE vero_trap.tell(source);
SELECT count(*) FROM vero.rejected_rows WHERE vero_trap.tell(raw_record);
RESET ROLE;

DROP SCHEMA vero_trap CASCADE;
DROP OWNED BY vero_anna, vero_dora;
DROP ROLE vero_anna, vero_dora;
