-- The corrected rejects of an import are read as its file was: its options hold where they are not given anew.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\pset null '(null)'
CREATE TEMP VIEW last_events AS
	SELECT email, name, occurred_at, properties FROM vero.timeline WHERE import_id = vero.last_import_id() ORDER BY 3, 1;
CREATE TEMP VIEW last_import AS
	SELECT state, parent_import_id AS parent, options, notify, dialect->>'time_zone' AS time_zone FROM vero.imports WHERE id = vero.last_import_id();
-- The commands of a confirmation, in order.
CREATE FUNCTION pg_temp.commands(import bigint) RETURNS TABLE (command text) LANGUAGE sql AS $$
	SELECT c[1] FROM vero.messages, regexp_matches(body_text, '^ +(\\.*|SELECT \* FROM import_events_csv.*)$', 'gn') AS c WHERE import_id = import
$$;

-- the time zone, given or the session's
SELECT import_id AS i FROM import_events_csv(E'email,event,time\na@b.example,Buys,2022-01-02 10:00\nbad,Buys,2022-01-02 10:00\n'::bytea, time_zone => 'Europe/Berlin') \gset
SELECT state FROM import_events_csv(E'email,event,time\nfixed@b.example,Buys,2022-01-02 10:00\n'::bytea, parent_import => :i, allow_repeat => true);
SELECT email, occurred_at FROM vero.timeline ORDER BY 1;
SET TimeZone = 'America/New_York';
SELECT import_id AS i FROM import_events_csv(E'email,event,time\na@b.example,Buys,2022-01-02 10:00\nbad,Buys,2022-01-02 10:00\n'::bytea, allow_repeat => true) \gset
SET TimeZone = 'UTC';
SELECT state FROM import_events_csv(E'email,event,time\nfixed@b.example,Buys,2022-01-02 10:00\n'::bytea, parent_import => :i, allow_repeat => true);
SELECT email, occurred_at FROM last_events;
SELECT * FROM last_import;
-- and where it is given anew
SELECT state FROM import_events_csv(E'email,event,time\nfixed@b.example,Buys,2022-01-02 10:00\n'::bytea, parent_import => :i, time_zone => 'Asia/Tokyo', allow_repeat => true);
SELECT email, occurred_at FROM last_events;

-- all others that say how the file is read; each holds alone
SELECT import_id AS i FROM import_events_csv(convert_to(E'Kunde;Wann;Preis;Größe;Notiz\na@b.example;2022-01-01;''it~''s'';"XL";nix\nbad;2022-01-01;''1'';2;3\n', 'LATIN1'),
	columns => '{"email": "Kunde", "time": "Wann", "Notiz": null}', event_name => 'Kauft', delimiter => ';', quote => '''', escape => '~', null_string => 'nix',
	encoding => 'LATIN1', notify => '{a@example.com,b@example.com}', trigger_campaigns => true) \gset
SELECT state FROM import_events_csv(convert_to(E'Kunde;Wann;Preis;Größe;Notiz\nb@b.example;2022-01-01;''it~''s'';"XL";nix\n', 'LATIN1'), parent_import => :i);
SELECT * FROM last_events;
SELECT * FROM last_import;
SELECT recipients FROM vero.messages WHERE import_id = vero.last_import_id();
SELECT state FROM import_events_csv(E'Kunde,Wann,Preis,Notiz\nc@b.example,2022-01-01,~''1~'',so\n'::bytea, parent_import => :i, delimiter => ',', encoding => 'UTF8',
	notify => '{}', event_name => 'Tauscht', null_string => '');
SELECT * FROM last_events;
SELECT * FROM last_import;
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, parent_import :i, columns '{"email": "Kunde", "time": "Wann"}', encoding 'UTF8', quote '"', escape '"');
Kunde;Wann;Notiz
d@b.example;2022-01-03;"it's"
\.
SELECT * FROM last_events;
-- what a grandchild has from its parent's parent
SELECT state FROM import_events_csv(E'Kunde;Wann;Notiz\ne@b.example;2022-01-01;so\n'::bytea, parent_import => vero.last_import_id());
SELECT * FROM last_import;
SELECT state FROM import_events_csv(E'x'::bytea, parent_import => :i, columns => '{"email": "x", "event_name": "y"}');

-- a column list, for a file with a header and for one without
COPY vero.events (email, event_name, time, "Item Type") FROM STDIN WITH (FORMAT vero_csv);
bad,n,2022-01-01,hat
\.
SELECT options FROM last_import;
SELECT vero.last_import_id() AS i \gset
SELECT convert_from(vero.rejected_csv(:i), 'UTF8') AS rejects;
SELECT state FROM import_events_csv(E'f@b.example,n,2022-01-01,hat\n'::bytea, parent_import => :i);
SELECT * FROM last_events;
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, HEADER, parent_import :i);
mail,event,when,what
f@b.example,n,2022-01-01,hat
\.
SELECT * FROM last_events;
COPY vero.events (email, event_name, time, other) FROM STDIN WITH (FORMAT vero_csv, parent_import :i, allow_repeat);
f@b.example,n,2022-01-01,hat
\.
SELECT * FROM last_events;
COPY vero.events (email, event_name, time, renamed) FROM STDIN WITH (FORMAT vero_csv, HEADER);
email,event_name,time,original
bad,n,2022-01-01,hat
\.
SELECT vero.last_import_id() AS i \gset
SELECT replace(convert_from(vero.rejected_csv(:i), 'UTF8'), 'bad', 'g@b.example') AS corrected \gset
SELECT state, rows_imported FROM import_events_csv(convert_to(:'corrected', 'UTF8'), parent_import => :i);
SELECT * FROM last_events;

-- the commands of a confirmation, as they are written
SELECT import_id AS i FROM import_events_csv(E'Kunde|Wann\na@b.example|2022-07-01 12:00\nbad|2022-07-01 13:00\n'::bytea, time_zone => 'Europe/Berlin',
	columns => '{"email": "Kunde", "time": "Wann"}', event_name => 'Kauft', trigger_campaigns => true) \gset
SELECT * FROM pg_temp.commands(:i);
SELECT max(command) FILTER (WHERE command LIKE '%rejected_rows TO%') AS export, max(command) FILTER (WHERE command LIKE '%events FROM%') AS import
FROM pg_temp.commands(:i) \gset
:export
\! sed -i 's/bad/h@b.example/' rejects-*.csv
:import
\! rm rejects-*.csv
SELECT * FROM last_events;
SELECT parent, options FROM last_import;
-- of a dry run and of a file that failed: all of it, with the same options
SELECT import_id AS i FROM import_events_csv(E'Kunde,event,time\na@b.example,x,2022-01-01\n'::bytea, columns => '{"email": "Kunde"}', dry_run => true) \gset
SELECT * FROM pg_temp.commands(:i);
SELECT state FROM import_events_csv(E'Kunde,event,time\na@b.example,x,2022-01-01\n'::bytea, parent_import => :i);
SELECT import_id AS i FROM import_events_csv(E'Kunde,event,time\n'::bytea, columns => '{"email": "Kunde"}') \gset
SELECT * FROM pg_temp.commands(:i);
SELECT state FROM import_events_csv(E'Kunde,event,time\na@b.example,x,2022-01-01\n'::bytea, parent_import => :i, allow_repeat => true);
SELECT corrected_by = ARRAY[vero.last_import_id()] AS is_told FROM vero.imports WHERE id = :i;
SELECT import_id AS i FROM import_events_csv(E'email,event,time\n'::bytea) \gset
SELECT * FROM pg_temp.commands(:i);

-- UTF-16, which psql's \copy cannot send
SELECT '\xFFFE'::bytea || string_agg(convert_to(c, 'UTF8') || '\x00', '' ORDER BY n) AS utf16
FROM regexp_split_to_table(E'email,event,time\nbad,x,2022-01-01\n', '') WITH ORDINALITY AS t(c, n) \gset
SELECT import_id AS i, rows_rejected FROM import_events_csv(:'utf16'::bytea) \gset
SELECT * FROM pg_temp.commands(:i);
SELECT max(command) FILTER (WHERE command LIKE '%rejected_rows TO%') AS export, max(command) FILTER (WHERE command LIKE '\\set%') AS read,
	max(command) FILTER (WHERE command LIKE '%decode%') AS import
FROM pg_temp.commands(:i) \gset
:export
\! sed -i 's/b\x00a\x00d\x00/k\x00@\x00b\x00.\x00d\x00e\x00/' rejects-*.csv
:read
\o /dev/null
:import
\o
\! rm rejects-*.csv
SELECT * FROM last_events;

-- a parent that is not there, or not one's own
SELECT import_events_csv(E'email,event,time\na@b.example,x,2022-01-01\n'::bytea, parent_import => 999999);
CREATE ROLE vero_stranger;
GRANT INSERT ON vero.events TO vero_stranger;
SET ROLE vero_stranger;
SELECT import_events_csv(E'email,event,time\na@b.example,x,2022-01-01\n'::bytea, parent_import => :i);
RESET ROLE;
DROP OWNED BY vero_stranger;
DROP ROLE vero_stranger;

-- corrected rejects that a dry run has tried, that failed as a whole, or that were undone: when they come, they correct the import that has the rejects
SELECT import_id AS first FROM import_events_csv(E'email,event,time\na@b.example,x,2022-08-01\nbad,x,2022-08-02\n'::bytea, time_zone => 'Europe/Berlin') \gset
\set corrected 'E''email,event,time\\nl@b.example,x,2022-08-02\\n''::bytea'
CREATE VIEW pg_temp.correction AS SELECT i.state, c.state AS parent, c.corrected_by = ARRAY[i.id] AS is_told, (SELECT count(*) FROM vero.rejected_rows WHERE resolved_by = i.id) AS resolved
	FROM vero.imports AS i LEFT JOIN vero.imports AS c ON c.id = i.parent_import_id WHERE i.id = vero.last_import_id();
SELECT import_id AS tried, state FROM import_events_csv(:corrected, parent_import => :first, dry_run => true) \gset
SELECT state FROM import_events_csv(:corrected, parent_import => :tried);
SELECT * FROM pg_temp.correction;
SELECT vero.undo_import(:first);
SELECT cardinality(imports) FROM vero.undo_import(:first, cascade => true);
SELECT import_id AS first FROM import_events_csv(E'email,event,time\na@b.example,x,2022-08-01\nbad,x,2022-08-02\n'::bytea, time_zone => 'Europe/Berlin') \gset
SELECT import_id AS failed FROM import_events_csv(E'email,event,time\nl,x,2022-08-02\n'::bytea, parent_import => :first, reject_limit => '0') \gset
SELECT state FROM import_events_csv(:corrected, parent_import => :failed);
SELECT * FROM pg_temp.correction;
SELECT vero.last_import_id() AS undone, cardinality(imports) AS imports FROM vero.undo_import(vero.last_import_id()) \gset
SELECT state FROM import_events_csv(:corrected, parent_import => :undone);
SELECT i.state, i.parent_import_id = :first AS is_of_first, i.options - 'reject_limit' AS options FROM vero.imports AS i WHERE i.id = vero.last_import_id();
SELECT cardinality(imports) FROM vero.undo_import(:first, cascade => true);
-- not of one that is undone itself
SELECT state FROM import_events_csv(:corrected, parent_import => :undone);
SELECT parent_import_id = :undone AS is_of_undone FROM vero.imports WHERE id = vero.last_import_id();
