-- Writes docs/reference.md from the catalog of a database with the extension: every object that somebody may name, with its COMMENT.
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;

CREATE TEMPORARY TABLE members AS
	SELECT d.classid, d.objid
	FROM pg_depend AS d
	WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
		AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'vero_events');
-- A text in a cell of a table.
CREATE FUNCTION pg_temp.cell(text) RETURNS text LANGUAGE sql RETURN replace(replace(coalesce($1, ''), '|', '\|'), E'\n', ' ');
-- Who may do what with an object, beside its owner.
CREATE FUNCTION pg_temp.granted(acl aclitem[]) RETURNS text LANGUAGE sql RETURN (
	SELECT string_agg(DISTINCT CASE grantee WHEN 0 THEN 'everybody' ELSE grantee::regrole::text END || ': ' || privilege_type, ', ')
	FROM aclexplode(acl) WHERE grantee <> grantor);

\echo '# Reference'
\echo
\echo 'Every object of the extension. `make docs` writes this page from the catalog; what it says is what `\\d+`, `\\df+` and `pg_settings` say.'
\echo 'Everything is in the schema `vero`, but for `import_events_csv`, which is in the schema that CREATE EXTENSION was given.'

\echo
\echo '## Tables and views'
SELECT format(E'\n### vero.%s\n\n%s. A %s.%s\n\n', c.relname, obj_description(c.oid, 'pg_class'),
		CASE c.relkind WHEN 'v' THEN 'view' WHEN 'p' THEN 'partitioned table' ELSE 'table' END,
		' ' || initcap(left(pg_temp.granted(c.relacl), 1)) || substr(pg_temp.granted(c.relacl), 2) || '.')
	|| E'| column | type | |\n|---|---|---|\n'
	|| (SELECT string_agg(format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod), pg_temp.cell(col_description(c.oid, a.attnum))),
			E'\n' ORDER BY a.attnum)
		FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
	|| coalesce(E'\n\n' || (
		SELECT string_agg(line, E'\n' ORDER BY line) FROM (
			SELECT format('- Index `%s`: %s.', i.relname, obj_description(i.oid, 'pg_class')) AS line
			FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid
			WHERE x.indrelid = c.oid AND obj_description(i.oid, 'pg_class') IS NOT NULL
			UNION ALL
			SELECT format('- Trigger `%s`: %s.', t.tgname, obj_description(t.oid, 'pg_trigger'))
			FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND obj_description(t.oid, 'pg_trigger') IS NOT NULL
			UNION ALL
			SELECT format('- Policy `%s`: %s.', p.polname, obj_description(p.oid, 'pg_policy'))
			FROM pg_policy AS p WHERE p.polrelid = c.oid AND obj_description(p.oid, 'pg_policy') IS NOT NULL
		) AS lines), '')
FROM members AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
WHERE c.relkind IN ('r', 'p', 'v')
ORDER BY c.relname;

\echo
\echo '## Functions and procedures'
SELECT format(E'\n### %s(%s)\n\n%s. %s.\n\n```\n%s%s(%s)%s\n```',
	CASE n.nspname WHEN 'vero' THEN 'vero.' ELSE '' END || p.proname,
	coalesce((SELECT string_agg(format_type(t, NULL), ', ' ORDER BY i) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, i) WHERE i = 1), '')
		|| CASE WHEN p.pronargs > 1 THEN ', ...' ELSE '' END,
	obj_description(p.oid, 'pg_proc'),
	CASE WHEN EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0)
		THEN 'Everybody may call it' ELSE 'EXECUTE has to be granted' END,
	CASE p.prokind WHEN 'p' THEN 'CALL ' ELSE '' END || CASE n.nspname WHEN 'vero' THEN 'vero.' ELSE '' END, p.proname,
	CASE WHEN length(pg_get_function_arguments(p.oid)) > 90 THEN E'\n    ' || replace(pg_get_function_arguments(p.oid), ', ', E',\n    ')
		ELSE pg_get_function_arguments(p.oid) END,
	E'\nRETURNS ' || pg_get_function_result(p.oid))
FROM members AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.prorettype <> 'trigger'::regtype AND p.prorettype <> 'event_trigger'::regtype
ORDER BY n.nspname, p.proname, p.pronargs, p.oid;

\echo
\echo '## Settings'
\echo
\echo '| setting | default | who may change it | |'
\echo '|---|---|---|---|'
SELECT format('| `%s` | %s | %s | %s |', name,
	CASE WHEN boot_val IS NULL OR boot_val = '' THEN 'none' ELSE '`' || boot_val || coalesce(' ' || unit, '') || '`' END,
	CASE context WHEN 'user' THEN 'everybody' WHEN 'superuser' THEN 'superusers' WHEN 'sighup' THEN 'the configuration, on reload'
		WHEN 'postmaster' THEN 'the configuration, on restart' ELSE context END,
	pg_temp.cell(concat_ws('. ', rtrim(short_desc, '.'), rtrim(extra_desc, '.')) || '.'))
FROM pg_settings WHERE name LIKE 'vero\_events.%' ORDER BY name;
\echo
\echo '`vero_events.smtp_password`, the password for the SMTP server''s AUTH, is set in the configuration too, and is not in `pg_settings`.'
