-- on_suppressed => 'reject': records of people who were forgotten are left out.
LOAD 'vero_events';
\set VERBOSITY terse
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT rows_imported FROM import_events_csv(E'email,name,time\narya@example.com,Signs up,2022-01-01 00:00Z\n'::bytea);
SELECT contacts, events FROM vero.forget('Arya@example.com');

-- told nothing, an import brings their events
SELECT rows_imported, contacts_created FROM import_events_csv(E'email,name,time\narya@example.com,Signs up,2022-01-02 00:00Z\n'::bytea);
SELECT contacts, events FROM vero.forget('arya@example.com');

-- told so, it rejects them, and keeps nothing of theirs
\set file 'E\'email,name,time\\nbran@example.com,Signs up,2022-01-03 00:00Z\\n" ARYA@example.com ",Signs up,2022-01-03 00:00Z\\nnobody,Signs up,2022-01-03 00:00Z\\narya@example.com,Orders,2022-01-03 01:00Z\\nsansa@example.com,Signs up,2022-01-03 00:00Z\\n\'::bytea'
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created FROM import_events_csv(:file, on_suppressed => 'reject', dry_run => true);
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created FROM import_events_csv(:file, on_suppressed => 'reject');
SELECT vero.last_import_id() AS import \gset
SELECT record_number, line_number, byte_offset, raw_record, reason, errors FROM vero.rejected_rows WHERE import_id = :import ORDER BY record_number;
SELECT email, name, occurred_at FROM vero.timeline WHERE import_id = :import ORDER BY email;
SELECT count(*) FROM vero.contacts WHERE email LIKE 'arya%';
SELECT options FROM vero.imports WHERE id = :import;
-- what can be corrected is the other one
SELECT convert_from(vero.rejected_csv(:import), 'UTF8');
SELECT rows_imported FROM import_events_csv(E'email,name,time\nnobody@example.com,Signs up,2022-01-03 00:00Z\n'::bytea, parent_import => :import);
SELECT record_number, resolved_by = vero.last_import_id() AS is_resolved FROM vero.rejected_rows WHERE import_id = :import ORDER BY record_number;
-- the correction goes by its parent's options
SELECT rows_imported, rows_rejected FROM import_events_csv(E'email,name,time\narya@example.com,Signs up,2022-01-03 02:00Z\n'::bytea, parent_import => :import);
SELECT substring(body_text FROM 'an address that was forgotten[^\n]*') FROM vero.messages WHERE import_id = :import;

-- COPY alike
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, on_suppressed reject);
email,name,time
bran@example.com,Signs up,2022-01-04 00:00Z
arya@example.com,Signs up,2022-01-04 00:00Z
\.
-- with on_duplicate: it is no duplicate
SELECT rows_imported, rows_rejected, rows_duplicate FROM import_events_csv(E'email,name,time\nbran@example.com,Signs up,2022-01-04 00:00Z\narya@example.com,Signs up,2022-01-04 00:00Z\narya@example.com,Signs up,2022-01-04 00:00Z\nrobb@example.com,Signs up,2022-01-04 00:00Z\n'::bytea,
	on_suppressed => 'reject', on_duplicate => 'reject');
SELECT line_number, raw_record, errors -> 0 ->> 'code' AS code FROM vero.rejected_rows WHERE import_id = vero.last_import_id() ORDER BY line_number;
-- reject_limit counts them
SELECT state, error FROM import_events_csv(E'email,name,time\nbran@example.com,Signs up,2022-01-05 00:00Z\narya@example.com,Signs up,2022-01-04 00:00Z\n'::bytea, on_suppressed => 'reject', reject_limit => '0');
SELECT count(*) FROM vero.contacts WHERE email LIKE 'arya%';
-- no job
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, from_address) VALUES ('welcome', 'Signs up', '365 days', 's', 'b', 'shop@example.com');
SELECT rows_imported, rows_rejected, jobs_scheduled + jobs_discarded AS jobs FROM import_events_csv(E'email,name,time\nbran@example.com,Signs up,2026-01-06 00:00Z\narya@example.com,Signs up,2026-01-06 00:00Z\n'::bytea, on_suppressed => 'reject', trigger_campaigns => true);

-- over many batches, of which only the first one brings the address
SELECT rows_imported, rows_rejected, contacts_created FROM import_events_csv(convert_to(E'email,name,time\n' || (
	SELECT string_agg(CASE WHEN i % 9000 = 1 THEN 'arya' ELSE 'house' || i % 500 END || E'@example.com,Pays,2022-01-07 00:00Z\n', '' ORDER BY i) FROM generate_series(1, 45000) AS i), 'UTF8'), on_suppressed => 'reject');
SELECT line_number FROM vero.rejected_rows WHERE import_id = vero.last_import_id() ORDER BY line_number;
SELECT count(*), count(DISTINCT contact_id) FROM vero.events WHERE import_id = vero.last_import_id();

-- what it is told must be a word that it knows
SELECT import_events_csv(:file, on_suppressed => 'skip');
INSERT INTO vero.import_profiles (name, options) VALUES ('nightly', '{"on_suppressed": "skip"}');
INSERT INTO vero.import_profiles (name, options) VALUES ('nightly', '{"on_suppressed": "reject"}');
SELECT rows_rejected FROM import_events_csv(E'email,name,time\narya@example.com,Signs up,2022-01-08 00:00Z\n'::bytea, profile => 'nightly');
-- whose confirmation asks for no correction, and has no file of them
SELECT attachment, body_text ~ 'nothing is left to do for them' AS is_told, body_text ~* 'correct' AS asks FROM vero.messages WHERE import_id = vero.last_import_id();
DELETE FROM vero.import_profiles;
DELETE FROM vero.suppressions;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
