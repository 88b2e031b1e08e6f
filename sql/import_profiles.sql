-- vero.import_profiles: options of imports, kept under a name.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\getenv data_dir VERO_TEST_DATA
\set orders :data_dir '/orders.csv'
INSERT INTO vero.import_profiles VALUES
	('shop orders', '{"columns": {"email": "Customer Email", "time": "Ordered at"}, "event_name": "Places order", "reject_limit": "80%", "time_formats": ["%d/%m/%Y"], "notify": ["ops@shop.example"], "null_padding": true}', 'from the shop');

-- in the function, in a look, and in COPY
SELECT import_id, state, rows_imported, rows_rejected FROM import_events_csv(:'orders', profile => 'shop orders');
SELECT options, notify FROM vero.imports WHERE id = vero.last_import_id();
COPY vero.events FROM :'orders' WITH (FORMAT vero_csv, profile 'shop orders', allow_repeat);
SELECT options, notify FROM vero.imports WHERE id = vero.last_import_id();
SELECT replace(call, :'orders', '...') AS call, rejects FROM vero.inspect_csv_file(:'orders', profile => 'shop orders');
SELECT call ~ 'Places order' AS has_name, rejects FROM vero.inspect_csv_file(pg_read_binary_file(:'orders'), profile => 'shop orders');
-- what is given besides overrides it, false included
SELECT state, rows_imported, rows_rejected
FROM import_events_csv(:'orders', profile => 'shop orders', event_name => 'Orders', time_formats => '{}', null_padding => false, notify => '{}', reject_limit => '3', allow_repeat => true);
SELECT options, notify FROM vero.imports WHERE id = vero.last_import_id();
SELECT DISTINCT name FROM vero.events WHERE import_id = vero.last_import_id();
SELECT state, error FROM import_events_csv(:'orders', profile => 'shop orders', time_formats => '{}', reject_limit => '10%', allow_repeat => true);
-- before a parent's
SELECT state FROM import_events_csv(E'email,time\na@b.example,2022-01-01\n'::bytea, event_name => 'first', time_zone => 'Asia/Tokyo');
INSERT INTO vero.import_profiles VALUES ('second', '{"event_name": "second"}');
SELECT state FROM import_events_csv(E'email,time\nb@b.example,2022-01-01\n'::bytea, profile => 'second', parent_import => vero.last_import_id());
SELECT name, occurred_at FROM vero.events WHERE import_id = vero.last_import_id();
-- what an import was told is a profile
INSERT INTO vero.import_profiles SELECT 'as before', options - 'profile' FROM vero.imports WHERE id = 1;
COPY vero.events (email, event_name, time) FROM PROGRAM 'echo c@b.example,x,01/02/2022' WITH (FORMAT vero_csv, skip_lines 0, time_formats '{%d/%m/%Y}');
INSERT INTO vero.import_profiles SELECT 'without header', options FROM vero.imports WHERE id = vero.last_import_id() RETURNING options;
SELECT state, rows_imported FROM import_events_csv(E'd@b.example,x,01/02/2022\n'::bytea, profile => 'without header');
-- mail goes out by a profile only for who may have it sent
INSERT INTO vero.import_profiles VALUES ('triggers', '{"trigger_campaigns": true, "dry_run": true}');
SELECT state FROM import_events_csv(E'email,event,time\ne@b.example,x,2022-01-01\n'::bytea, profile => 'triggers');
SELECT state FROM import_events_csv(E'email,event,time\ne@b.example,x,2022-01-01\n'::bytea, profile => 'triggers', dry_run => false);
SELECT options FROM vero.imports WHERE id = vero.last_import_id();
SELECT state, jobs_discarded FROM import_events_csv(E'email,event,time\nf@b.example,x,2022-01-01\n'::bytea, profile => 'triggers', dry_run => false, trigger_campaigns => false);
SELECT options FROM vero.imports WHERE id = vero.last_import_id();
CREATE ROLE vero_profile_importer;
GRANT INSERT ON vero.events TO vero_profile_importer;
SET ROLE vero_profile_importer;
SELECT * FROM vero.import_profiles;
INSERT INTO vero.import_profiles VALUES ('mine', '{}');
SELECT state FROM import_events_csv(E'email,time\ng@b.example,2022-01-01\n'::bytea, profile => 'second');
SELECT state FROM import_events_csv(E'email,event,time\nh@b.example,x,2022-01-01\n'::bytea, profile => 'triggers');
SELECT state FROM import_events_csv(E'email,event,time\nh@b.example,x,2022-01-01\n'::bytea, profile => 'triggers', trigger_campaigns => false);
SELECT state FROM import_events_csv(:'orders', profile => 'shop orders');
RESET ROLE;
-- its checks run as who writes it
GRANT SELECT, INSERT ON vero.import_profiles TO vero_profile_importer;
SET ROLE vero_profile_importer;
INSERT INTO vero.import_profiles VALUES ('mine', '{"event_name": "x"}');
INSERT INTO vero.import_profiles VALUES ('mine too', '{"event_nam": "x"}');
RESET ROLE;
DROP OWNED BY vero_profile_importer;
DROP ROLE vero_profile_importer;

-- what is refused when it is written
\set VERBOSITY terse
SELECT import_events_csv('x'::bytea, profile => 'none');
COPY vero.events FROM PROGRAM 'true' WITH (FORMAT vero_csv, profile 'none');
CREATE FUNCTION pg_temp.try(options jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	UPDATE vero.import_profiles AS p SET options = try.options WHERE name = 'second';
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE, SQLERRM, nullif(hint, ''));
END $$;
SELECT o AS options, pg_temp.try(o) FROM unnest(ARRAY['{}', '{"nonsense": 1}', '[]', '"x"', 'null', '{"profile": "second"}', '{"parent_import": 7}', '{"event_name": ["a"]}',
	'{"event_name": ""}', '{"event_name": null}', '{"event_name": "x", "columns": {"event_name": "y"}}', '{"columns": "x"}', '{"columns": {"email": 7}}', '{"delimiter": "\""}',
	'{"delimiter": ";;"}', '{"decimal_mark": ","}', '{"decimal_mark": ",", "property_types": {"*": "number"}}', '{"time_zone": "Nowhere/Land"}', '{"encoding": "x"}', '{"skip_lines": 2}',
	'{"skip_lines": "2"}', '{"skip_lines": -1}', '{"skip_lines": "two"}', '{"skip_lines": 1.5}', '{"max_jobs": "x"}', '{"max_jobs": 1e30}', '{"null_padding": "true"}', '{"reject_limit": 100}', '{"reject_limit": "many"}', '{"time_formats": "%d"}',
	'{"time_formats": [1]}', '{"time_formats": ["%Y"]}', '{"notify": ["nobody"]}', '{"notify": [["a@b.co"]]}', '{"header": false}', '{"column_list": ["email", "event", "time"], "header": false}',
	'{"label": " "}', '{"compression": "lzma"}', '{"Event_name": "x"}']::jsonb[]) AS o;
INSERT INTO vero.import_profiles VALUES (' ', '{}');
SELECT vero.are_import_options('{"event_name": "x"}'), vero.are_import_options(NULL);
DELETE FROM vero.import_profiles;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
