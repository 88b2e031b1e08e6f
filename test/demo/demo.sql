-- What `make demo` shows. psql starts in the directory of the CSV files, and :data is that directory as the server reads it. No line is
-- wider than 100 columns.
\set QUIET on
\set ON_ERROR_STOP on
\pset footer off
\pset linestyle ascii
SET timezone = 'UTC';
CREATE EXTENSION vero_events;

\echo
\echo '== 1. The published example: SELECT * FROM import_events_csv(\'.../example.csv\')'
\echo
SELECT import_id, state, rows_read, rows_imported, rows_rejected, contacts_created
FROM import_events_csv(:'data' || '/example.csv');
SELECT email FROM vero.contacts;
SELECT name, occurred_at, properties FROM vero.timeline ORDER BY occurred_at;

\echo '== 2. A shop\'s file, with columns of its own and three mistakes'
\echo '   \\copy vero.events FROM \'orders.csv\' WITH (FORMAT vero_csv, columns ..., event_name ...)'
\echo
\copy vero.events FROM 'orders.csv' WITH (FORMAT vero_csv, columns '{"email": "Customer Email", "time": "Ordered at"}', event_name 'Places order')
\echo
\pset format wrapped
\pset columns 100
SELECT line_number AS line, reason, raw_record FROM vero.rejected_rows WHERE import_id = 2 ORDER BY record_number;
\pset format aligned

\echo '== 3. The confirmation of that import, stored as no SMTP server is set: SELECT text FROM vero.outbox'
\echo
\pset tuples_only on
\pset format unaligned
SELECT body_text FROM vero.messages WHERE import_id = 2 \g | fold -s -w 96 | sed 's/^/    /; s/ *$//'
\pset tuples_only off
\pset format aligned

\echo '== 4. The rejected records, written to a file, corrected there, and imported'
\echo
\copy vero.rejected_rows TO 'rejects.csv' WITH (FORMAT vero_csv, import 2)
\! sed -e 's/^cersei/&@casterlyrock.com/; s,14/01/2022,2022-01-14,; s/"golden/golden/' rejects.csv > corrected.csv
\! diff rejects.csv corrected.csv
\copy vero.events FROM 'corrected.csv' WITH (FORMAT vero_csv, parent_import 2)
\echo
SELECT id, state, rows_imported, rows_rejected, parent_import_id, corrected_by FROM vero.imports WHERE id IN (2, 3) ORDER BY id;

\echo '== 5. A large file with every kind of mistake: COPY vero.events FROM \'.../messy.csv\''
\echo
COPY vero.events FROM :'messy' WITH (FORMAT vero_csv);
\echo
SELECT rows_read, rows_imported, rows_rejected, contacts_created, round(extract(epoch FROM finished_at - started_at), 2) AS seconds,
    to_char(rows_read / extract(epoch FROM finished_at - started_at), 'FM999,999,999') AS records_per_second
FROM vero.imports WHERE id = 4;
SELECT error ->> 'code' AS code, count(*) AS rows, min(line_number) AS first_line
FROM vero.rejected_rows, jsonb_array_elements(errors) AS error WHERE import_id = 4 GROUP BY 1 ORDER BY 1;

\echo '== 6. A campaign ten days after an order, and orders that are nine and ten days old:'
\echo '   SELECT * FROM import_events_csv(..., trigger_campaigns => true)'
\echo
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('How do you like it?', 'places order', '10 days',
    'How do you like your {{ event.item_type }}?', 'Dear {{ contact.first_name | default: "customer" }}, you ordered on {{ event.occurred_at | date: "%d %B %Y" }}.');
SELECT format(E'email,event_name,time,item_type\narya@winterfell.com,Places order,%s,needle\nsansa@winterfell.com,Places order,%s,dress\n',
    to_char(now() - interval '9 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(now() - interval '10 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS orders \gset
SELECT import_id, rows_imported, jobs_scheduled, jobs_discarded
FROM import_events_csv(convert_to(:'orders', 'UTF8'), trigger_campaigns => true);
SELECT c.email, j.state, j.reason, date_trunc('minute', j.due_at - now() + interval '30 s') AS due_in
FROM vero.trigger_jobs AS j JOIN vero.contacts AS c ON c.id = j.contact_id ORDER BY j.event_id;
