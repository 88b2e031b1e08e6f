-- What `make demo` shows. :data is the directory of the CSV files, as the server reads them.
\set QUIET on
\set ON_ERROR_STOP on
\pset border 1
\pset footer off
\pset linestyle ascii
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION vero_events;

\echo
\echo '== The published example: SELECT * FROM import_events_csv(''.../example.csv'')'
\pset expanded on
SELECT import_id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created, elapsed
FROM import_events_csv(:'data' || '/example.csv');
\pset expanded off

\echo '== Its events: SELECT * FROM vero.timeline'
SELECT email, name, occurred_at, properties FROM vero.timeline ORDER BY email, occurred_at;

\echo '== Its contact: SELECT * FROM vero.contacts'
SELECT id, email, properties, created_by_import FROM vero.contacts ORDER BY id;

\echo '== A larger, messy file: SELECT * FROM import_events_csv(''.../messy.csv''), and its summary row in vero.imports'
SELECT import_id FROM import_events_csv(:'data' || '/messy.csv')
\gset messy_
\pset expanded on
SELECT id, source, state, header, bytes, sha256, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created,
    error, imported_by, started_at, finished_at
FROM vero.imports WHERE id = :messy_import_id;
\pset expanded off

\echo '== What was rejected, by kind of error (a row can have several)'
SELECT error ->> 'code' AS code, count(*) AS rows, min(line_number) AS first_line
FROM vero.rejected_rows, jsonb_array_elements(errors) AS error
WHERE import_id = :messy_import_id
GROUP BY 1 ORDER BY 1;

\pset format wrapped
\pset columns 150
\echo '== The first rejected rows: SELECT line_number, reason, raw_record FROM vero.rejected_rows'
SELECT line_number, reason, coalesce(raw_record, encode(raw_bytes, 'escape')) AS raw_record
FROM vero.rejected_rows WHERE import_id = :messy_import_id
ORDER BY record_number LIMIT 12;
\pset format aligned

\echo '== All contacts and events'
SELECT (SELECT count(*) FROM vero.contacts) AS contacts, (SELECT count(*) FROM vero.events) AS events,
    (SELECT min(occurred_at) FROM vero.events) AS first_event, (SELECT max(occurred_at) FROM vero.events) AS last_event;

\echo '== A campaign ten days after an order, and orders that are nine and ten days old: import_events_csv(..., trigger_campaigns => true)'
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('How do you like it?', 'places order', '10 days',
    'How do you like your {{ event.item_type }}?', 'Dear {{ contact.first_name | default: "customer" }}, you ordered on {{ event.occurred_at | date: "%d %B %Y" }}.');
SELECT format(E'email,event_name,time,item_type\narya@winterfell.com,Places order,%s,needle\nsansa@winterfell.com,Places order,%s,dress\n',
    to_char(now() - interval '9 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(now() - interval '10 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS orders \gset
SELECT import_id, rows_imported, jobs_scheduled, jobs_discarded FROM import_events_csv(convert_to(:'orders', 'UTF8'), trigger_campaigns => true)
\gset orders_
SELECT c.email, j.state, j.reason, date_trunc('minute', j.due_at - now() + interval '30 s') AS due_in
FROM vero.trigger_jobs AS j JOIN vero.contacts AS c ON c.id = j.contact_id ORDER BY j.event_id;

\echo '== Its confirmation, stored as no SMTP server is set: SELECT text FROM vero.outbox'
\pset tuples_only on
\pset format unaligned
SELECT text FROM vero.outbox AS o JOIN vero.messages AS m USING (id) WHERE m.import_id = :orders_import_id;
