-- What the extension consists of, and that it comes and goes whole.
\d vero.events
\d vero.contacts
\d vero.imports
SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'vero.rejected_rows'::regclass AND attnum > 0 ORDER BY attnum;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'vero.rejected_rows'::regclass AND contype <> 'n' ORDER BY 1;
-- foreign keys are checked by a trigger of the extension's, which lets a dump load tables in any order
SELECT tgrelid::regclass, tgfoid::regproc, tgenabled, count(*) FROM pg_trigger
WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'vero'::regnamespace AND relkind = 'r') AND (tgisinternal OR tgfoid = 'vero.check_foreign_keys'::regproc) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
\d+ vero.timeline
\a
SELECT oid::regprocedure, provolatile, proparallel, prosecdef FROM pg_proc
WHERE oid IN (SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'vero_events')) ORDER BY oid::regprocedure::text;
\a
-- what everybody may do
SELECT relname, string_agg(privilege_type, ', ') AS privileges FROM pg_class, aclexplode(relacl)
WHERE relnamespace = 'vero'::regnamespace AND grantee = 0 GROUP BY 1 ORDER BY 1;
SELECT nspname, privilege_type FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'vero' AND grantee = 0;
-- everything has a comment
SELECT pg_describe_object(classid, objid, objsubid) FROM (
	SELECT classid, objid, 0 AS objsubid FROM pg_depend WHERE deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'vero_events')
	UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
	WHERE c.relnamespace = 'vero'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'c') AND a.attnum > 0 AND NOT a.attisdropped
) AS objects
WHERE pg_describe_object(classid, objid, objsubid) !~ '^(type|sequence|index|constraint|toast)'
	AND CASE WHEN objsubid > 0 THEN col_description(objid, objsubid) WHEN classid = 'pg_policy'::regclass THEN '-' ELSE obj_description(objid, classid::regclass::name) END IS NULL
ORDER BY 1;
-- no default of an argument is longer than its type and a null, so that \df+ fits
SELECT p.oid::regprocedure, arguments FROM pg_proc AS p, regexp_split_to_table(pg_get_function_arguments(p.oid), ', ') AS arguments
WHERE p.pronamespace IN ('vero'::regnamespace, (SELECT extnamespace FROM pg_extension WHERE extname = 'vero_events'))
	AND arguments ~ 'DEFAULT' AND arguments !~ 'DEFAULT NULL::' AND length(substring(arguments FROM 'DEFAULT (.*)')) > 20;
-- every table and sequence is dumped
SELECT c.oid::regclass FROM pg_class AS c
WHERE relnamespace = 'vero'::regnamespace AND relkind IN ('r', 'S')
	AND NOT c.oid = ANY ((SELECT extconfig FROM pg_extension WHERE extname = 'vero_events')::oid[]);
