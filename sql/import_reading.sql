-- What was taken for what stands in vero.imports.reading, and in the confirmation, with sums of what is wrong.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET client_min_messages = warning;
LOAD 'vero_events';
\getenv data_dir VERO_TEST_DATA
-- What the last confirmation tells above its commands, without the counts, the rejects and the facts that are the same for all imports.
CREATE FUNCTION pg_temp.told(import bigint DEFAULT vero.last_import_id()) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(line, 'Due \d{4}.* UTC', 'Due then') FROM vero.messages, regexp_split_to_table(split_part(body_text, E'\nCommands:', 1), '\n') WITH ORDINALITY AS lines(line, n)
	WHERE import_id = import AND line !~ '^(|(Read|Imported|Importable|Rejected|Duplicates|Source|Import|Database|Imported by|Started|Took|New contacts|What to do next):.*|-- |You get .*|  Line .*|      .*|.*rejected records:|Rejected records:)$'
	ORDER BY n
$$;
CREATE FUNCTION pg_temp.csv(VARIADIC lines text[]) RETURNS bytea LANGUAGE sql AS $$ SELECT convert_to(array_to_string(lines, E'\n'), 'UTF8') $$;
\pset format unaligned
\pset tuples_only on

-- a file with columns of its own, by function and COPY alike
\set path :data_dir '/orders.csv'
SELECT state FROM import_events_csv(:'path', columns => '{"email": "Customer Email", "time": "Ordered at", "Price": null}', event_name => 'Places order');
SELECT jsonb_pretty(reading) FROM vero.imports WHERE id = vero.last_import_id();
SELECT pg_temp.told();
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat, columns '{"email": "Customer Email", "time": "Ordered at", "Price": null}', event_name 'Places order');
SELECT count(DISTINCT reading) FROM vero.imports;
-- two columns for the time, in a zone; names out of the file
SELECT state FROM import_events_csv(pg_temp.csv('email,event,date,time,', 'a@b.co,Buys,2022-01-02,13:05,', 'a@b.co,Sells,2022-01-02,13:05,', 'a@b.co,Buys,2022-01-03,,'),
	columns => '{"time": ["date", "time"], "": null}', time_zone => 'Europe/Berlin');
SELECT pg_temp.told();
SELECT reading->'columns', reading->'time_zone', reading->'event_names' FROM vero.imports WHERE id = vero.last_import_id();
-- times in several layouts, a gzip archive
\set path :data_dir '/files/epoch.csv'
SELECT 'gzip -c ' || quote_literal(:'path') AS command \gset
COPY vero.events FROM PROGRAM :'command' WITH (FORMAT vero_csv, columns '{"email": "$email"}', time_formats '{unix_s,unix_ms}');
SELECT pg_temp.told();
SELECT reading->'times', reading->'compression' FROM vero.imports WHERE id = vero.last_import_id();
-- what is in no event, and no reject
SELECT state FROM import_events_csv(pg_temp.csv('email,event,time,a,b', ',,,', E'\u00A0a@b.co,Buys,2022-01-02', 'a@b.co,Buys,2022-01-03,1,2,,', E'a@b.co,Bu\u200Bys,2022-01-03,1,2'), null_padding => true);
SELECT pg_temp.told();
SELECT reading - 'columns' - 'event_names' FROM vero.imports WHERE id = vero.last_import_id();
-- of a file that could not be opened there is nothing to tell but the zone; of one without records nothing was counted
SELECT state FROM import_events_csv('a,b'::bytea);
SELECT reading, dialect FROM vero.imports WHERE id = vero.last_import_id();
SELECT state FROM import_events_csv(E'email,event,time\n,,\n'::bytea);
SELECT error, reading->'blank_records', reading->'event_names' FROM vero.imports WHERE id = vero.last_import_id();
SELECT pg_temp.told();

-- names that nearly all differ: of people, of orders
\set path :data_dir '/files/form_answers.csv'
SELECT state FROM import_events_csv(:'path', time_formats => '{"%Y/%m/%d %I:%M:%S %p GMT%z"}');
SELECT pg_temp.told();
-- the names of rejects count
SELECT state FROM import_events_csv(:'path', allow_repeat => true);
SELECT pg_temp.told();
\set path :data_dir '/files/order_name.csv'
SELECT state FROM import_events_csv(:'path', columns => '{"time": "Created at"}');
SELECT pg_temp.told();
-- there are more than are told apart
SELECT state FROM import_events_csv(pg_temp.csv(VARIADIC ARRAY['email,event,time'] || ARRAY(SELECT format('a@b.co,#%s,2022-01-02', n % 1500) FROM generate_series(1, 4500) AS n)));
SELECT pg_temp.told();
SELECT reading->'event_names' FROM vero.imports WHERE id = vero.last_import_id();
-- that is not so
SELECT state FROM import_events_csv(pg_temp.csv('email,name,time', 'a@b.co,Buys,2022-01-02'));
SELECT pg_temp.told();

-- rejects are summed up by kind, and at most three of a kind are shown
SELECT rows_rejected FROM import_events_csv(pg_temp.csv(VARIADIC ARRAY['email,event,time,', 'cersei,Buys,2022-01-02,x', 'a@b.co,Buys,2022-02-29,']
	|| ARRAY(SELECT format('a@b.co,Buys,%s/02/2022,', to_char(1 + n % 9, 'FM00')) FROM generate_series(1, 1000) AS n)));
SELECT pg_temp.told();
SELECT substring(body_text FROM '\n(\d+ of .* records:.*)\n\nEmail from') FROM vero.messages WHERE import_id = vero.last_import_id();
-- one time tells the two layouts apart, and another fits neither
SELECT rows_rejected FROM import_events_csv(pg_temp.csv('email,event,time', 'a@b.co,Buys,01/02/2022', 'a@b.co,Buys,31/01/2022'));
SELECT pg_temp.told();
SELECT rows_imported FROM import_events_csv(vero.rejected_csv(vero.last_import_id()), parent_import => vero.last_import_id(), time_formats => '{%d/%m/%Y}');
SELECT rows_rejected FROM import_events_csv(pg_temp.csv('email,event,time', 'a@b.co,Buys,01/02/2022', 'a@b.co,Buys,31/01/2022', 'a@b.co,Buys,yesterday'));
SELECT pg_temp.told();
-- an encoding
\set path :data_dir '/files/cp1252.csv'
SELECT rows_rejected FROM import_events_csv(:'path');
SELECT pg_temp.told();
COPY vero.events FROM :'path' WITH (FORMAT vero_csv, allow_repeat);
SELECT pg_temp.told();

-- triggering imports: the names that no campaign has, and why there is no mail
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('a', 'buys', '10 days', 's', 't'), ('b', 'sells', '1 day', 's', 't');
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, active) VALUES ('c', 'waits', '10 days', 's', 't', false);
SELECT to_char(now() - interval '9 days', 'YYYY-MM-DD HH24:MI:SS') AS nine, to_char(now() + interval '9 days', 'YYYY-MM-DD HH24:MI:SS') AS future \gset
SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(pg_temp.csv('email,event,time', 'a@b.co,BUYS,' || :'nine', 'a@b.co,Sells,' || :'nine', 'a@b.co,Sells,' || :'future',
	'a@b.co,Waits,' || :'nine', 'a@b.co,Looks,' || :'nine', 'a@b.co,Looks,' || :'nine'), trigger_campaigns => true);
SELECT pg_temp.told();
SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(pg_temp.csv('email,event,time', 'a@b.co,Sells,' || :'nine', 'a@b.co,Looks,' || :'nine'), trigger_campaigns => true);
SELECT pg_temp.told();
SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(pg_temp.csv('email,event,time', 'a@b.co,Looks,' || :'nine'), trigger_campaigns => true, dry_run => true);
SELECT pg_temp.told();
SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(pg_temp.csv('email,event,time', 'nobody,Looks,' || :'nine', 'a@b.co,Looks,' || :'nine'), trigger_campaigns => true);
SELECT pg_temp.told();

-- a label says what a file is called that has no name
SELECT state FROM import_events_csv(pg_temp.csv('email,event,time', 'a@b.co,Buys,2022-01-02'), label => 'orders of January.csv');
SELECT source, options, (SELECT subject FROM vero.messages WHERE import_id = i.id) FROM vero.imports AS i WHERE id = vero.last_import_id();
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, label 'orders of February.csv');
email,event,time
nobody,Buys,2022-01-02
\.
SELECT source, options FROM vero.imports WHERE id = vero.last_import_id();
-- a path is its own name; the corrected rejects have none of it
\set path :data_dir '/orders.csv'
SELECT state FROM import_events_csv(:'path', label => 'orders', columns => '{"email": "Customer Email", "time": "Ordered at"}', event_name => 'Places order', allow_repeat => true);
SELECT source LIKE '%/orders.csv' FROM vero.imports WHERE id = vero.last_import_id();
SELECT state FROM import_events_csv(pg_temp.csv('email,event,time', 'a@b.co,Buys,2022-01-02'), parent_import => vero.last_import_id() - 1, allow_repeat => true);
SELECT source, options FROM vero.imports WHERE id = vero.last_import_id();
SELECT import_events_csv('email,event,time'::bytea, label => E' \u00A0');
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
