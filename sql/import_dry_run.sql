-- A dry run judges every record and says what would happen, but for rejects it leaves nothing.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('thanks', 'order', '10 days', 'Hi', 'Hi');
SELECT format(E'email,name,time\nann@example.com,Order,%s\nann@example.com,Order,2022-01-01\nbob,Order,2022-01-01\n', to_char(now() - interval '9 days', 'YYYY-MM-DD HH24:MI:SS')) AS content \gset
SELECT import_id, state, rows_read, rows_imported, rows_rejected, contacts_created, jobs_scheduled, jobs_discarded
FROM import_events_csv(convert_to(:'content', 'UTF8'), dry_run => true, trigger_campaigns => true);
SELECT (SELECT count(*) FROM vero.contacts) AS contacts, (SELECT count(*) FROM vero.events) AS events, (SELECT count(*) FROM vero.trigger_jobs) AS jobs;
SELECT id, state, options, rows_imported, rows_rejected FROM vero.imports;
SELECT line_number, raw_record, reason FROM vero.rejected_rows WHERE import_id = 1;
SELECT subject, substring(body_text from 'Campaigns: [^\n]*') AS campaigns FROM vero.messages WHERE import_id = 1;

-- without trigger_campaigns it counts no job; with a parent it does not count as its correction
SELECT rows_imported, jobs_scheduled, jobs_discarded FROM import_events_csv(E'email,name,time\nbob@example.com,Order,2022-01-01'::bytea, dry_run => true, parent_import => 1);
SELECT id, parent_import_id, corrected_by FROM vero.imports ORDER BY id;

-- COPY says how many rows came in: none
\set QUIET off
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, dry_run);
email,name,time
ann@example.com,Order,2022-01-01
\.
\set QUIET on
SELECT state, rows_imported FROM vero.imports WHERE id = 3;
SELECT count(*) FROM vero.events;

-- the import itself
SELECT state, rows_imported, contacts_created, jobs_scheduled, jobs_discarded
FROM import_events_csv(convert_to(:'content', 'UTF8'), trigger_campaigns => true);
