-- A person is erased, and gets no mail again.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
SET TimeZone = 'UTC';
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('now', 'order', '0', '36500 days', 'Hi', 'Hi {{ contact.email }}'), ('later', 'order', '365 days', '36500 days', 'Hi', 'Hi');
SELECT import_id, rows_imported, rows_rejected, jobs_scheduled FROM import_events_csv(E'email,name,time,note\nörn@shop.example,order,2022-01-01,x\nann@shop.example,order,2022-01-01,x
ÖRN@SHOP.example,order,01/02/2022,x\nann@shop.example,order,01/02/2022,ask O\u0308rn@shop.example\nann@shop.example,order,01/02/2022,xörn@shop.example\nan.örn@shop.example,order,01/02/2022,x\n'::bytea, trigger_campaigns => true);
SELECT import_id, rows_rejected FROM import_events_csv(E'email,name,time,note\nann@shop.example,order,01/02/2022,x\n'::bytea);
UPDATE vero.rejected_rows SET corrected_record = 'Örn@Shop.Example,order,2022-01-01,x' WHERE import_id = 2;
SELECT vero.track_event('ÖRN@shop.example', 'visit') > 0 AS is_tracked;
UPDATE vero.trigger_jobs SET due_at = now() + interval '1 day' WHERE campaign_id = 2;
SELECT queued FROM vero.run_jobs();
SELECT count(*) FROM vero.messages WHERE concat(body_text, body_html, convert_from(attachment, 'UTF8')) ILIKE '%örn@shop%';

SELECT * FROM vero.forget(E' O\u0308RN@shop.example');
SELECT email FROM vero.contacts;
SELECT email, name FROM vero.timeline;
SELECT import_id, record_number, raw_record FROM vero.rejected_rows ORDER BY 1, 2;
SELECT kind, recipients, left(body_text, 42) AS text, attachment IS NULL AS has_none FROM vero.messages ORDER BY id;
SELECT count(*) FROM vero.trigger_jobs;
SELECT id, rows_imported, rows_rejected FROM vero.imports ORDER BY id;
SELECT length(key_id), length(address_hash), suppressed_by = current_user AS by_me FROM vero.suppressions;
-- again there is nothing left
SELECT * FROM vero.forget('örn@shop.example');
SELECT count(*) FROM vero.suppressions;
-- neither an import nor an event as it happens mails it again, in whatever spelling; others it does
SELECT rows_imported, jobs_scheduled FROM import_events_csv(E'email,name,time\nÖrn@shop.example,order,2022-02-01\nbob@shop.example,order,2022-02-01\n'::bytea, trigger_campaigns => true);
SELECT vero.track_event('örn@shop.example', 'order') > 0 AS is_tracked;
UPDATE vero.trigger_jobs SET due_at = now() + interval '1 day' WHERE campaign_id = 2 AND state = 'scheduled';
SELECT queued, discarded FROM vero.run_jobs();
SELECT c.email, j.state, j.reason FROM vero.trigger_jobs AS j JOIN vero.contacts AS c ON c.id = j.contact_id WHERE j.campaign_id = 1 AND j.event_id > 2 ORDER BY j.event_id;
-- where the key is not the one that it was hashed with, nobody can tell, and nothing is decided
SELECT vero.track_event('bob@shop.example', 'order') > 0 AS is_tracked;
BEGIN;
UPDATE vero.suppressions SET key_id = '\x0000000000000000';
SELECT vero.run_jobs();
ROLLBACK;
BEGIN;
DELETE FROM vero.suppressions;
SELECT queued, discarded FROM vero.run_jobs();
ROLLBACK;
SELECT size FROM pg_stat_file('vero_events_suppressions.key');
-- the rejects of a file in UTF-16 are kept as they were in its confirmation, and so are bytes that are no text
SELECT import_id, rows_rejected FROM import_events_csv((SELECT '\xfffe'::bytea || string_agg(set_byte('\x0000', 0, ascii(sign)), '' ORDER BY n) || '\x00d8'::bytea || '\x0a00'::bytea
	FROM regexp_split_to_table(E'email,name,time\ncarl@shop.example,order,no time\ncarl@shop.example,order,', '') WITH ORDINALITY AS t (sign, n))) \gset
SELECT record_number, raw_record, length(raw_bytes) FROM vero.rejected_rows WHERE import_id = :import_id ORDER BY 1;
SELECT length(attachment) FROM vero.messages WHERE import_id = :import_id;
UPDATE vero.messages SET body_text = '', body_html = NULL, text_without_attachment = NULL, html_without_attachment = NULL WHERE import_id = :import_id;
SELECT rejected_records, confirmations FROM vero.forget('carl@shop.example');
SELECT count(*) FROM vero.rejected_rows WHERE import_id = :import_id;

-- short ones, too, and addresses beside which something stands that is not seen
SELECT rows_rejected FROM import_events_csv((SELECT '\xfffe'::bytea || string_agg(CASE sign WHEN '#' THEN '\x00d8'::bytea ELSE set_byte('\x0000', 0, ascii(sign)) END, '' ORDER BY n)
	FROM regexp_split_to_table(E'email,name,time\ndora@b.co,#,2022\n', '') WITH ORDINALITY AS t (sign, n)));
SELECT rows_rejected FROM import_events_csv(convert_to(E'email,name,time\n\u200Bdora@b.co\u00A0,order,no time\nx\u200Bdora@b.co,,\nx.dora@b.co,,\n', 'UTF8'), notify => '{ops@b.co}');
SELECT rejected_records, confirmations FROM vero.forget('dora@b.co');
SELECT record_number, raw_record FROM vero.rejected_rows WHERE import_id = vero.last_import_id();
SELECT count(*) FROM vero.messages WHERE concat(body_text, body_html, attachment) LIKE '%dora@b.co%';

-- in partitions, where his events are looked for through the indexes, and what others have on the tables
SELECT count(*) FROM vero.create_partitions('2022-01-01', '2022-07-01');
SELECT rows_imported FROM import_events_csv(convert_to('email,name,time' || (SELECT string_agg(format(E'\n%s@many.example,x,2022-0%s-02', c, m), '') FROM unnest('{eve,fay,gil,hal}'::text[]) AS c, generate_series(1, 9, 2) AS m), 'UTF8'));
SELECT contacts, events FROM vero.forget('eve@many.example');
CREATE FUNCTION pg_temp.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE vero.contacts SET properties = '{"touched": true}' WHERE id = OLD.contact_id; RETURN NULL; END $$;
CREATE TRIGGER touch AFTER DELETE ON vero.events FOR EACH ROW EXECUTE FUNCTION pg_temp.touch();
SELECT contacts, events FROM vero.forget('fay@many.example');
DROP TRIGGER touch ON vero.events;
CREATE FUNCTION pg_temp.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep BEFORE DELETE ON vero.events_2022_03_01 FOR EACH ROW EXECUTE FUNCTION pg_temp.keep();
SELECT contacts, events FROM vero.forget('gil@many.example');
DROP TRIGGER keep ON vero.events_2022_03_01;
ALTER TABLE vero.events_2022_03_01 DROP CONSTRAINT events_2022_03_01_pkey;
SELECT contacts, events FROM vero.forget('gil@many.example');
SELECT count(*), count(c.id) FROM vero.events AS e LEFT JOIN vero.contacts AS c ON c.id = e.contact_id WHERE e.name = 'x';

SELECT vero.forget('nobody');
SELECT vero.forget(NULL);
SELECT * FROM vero.forget('stranger@shop.example');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT vero.forget('bob@shop.example');
ROLLBACK;
BEGIN;
SELECT contacts, events FROM vero.forget('bob@shop.example');
ROLLBACK;
SELECT email FROM vero.contacts ORDER BY 1;
-- who may
CREATE ROLE vero_importer;
CREATE ROLE vero_steward;
GRANT INSERT ON vero.events TO vero_importer;
GRANT DELETE ON vero.events TO vero_steward;
SET ROLE vero_importer;
SELECT vero.forget('bob@shop.example');
SELECT * FROM vero.suppressions;
SET ROLE vero_steward;
SELECT contacts, events FROM vero.forget('bob@shop.example');
SELECT * FROM vero.suppressions;
RESET ROLE;
SELECT email FROM vero.contacts ORDER BY 1;
DROP OWNED BY vero_importer, vero_steward;
DROP ROLE vero_importer, vero_steward;
-- mail to others that names him loses its text, and is not sent any more; its row stays, and what another address is of stays whole
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_html) VALUES ('friends', 'refers', '0', '36500 days', '1 day', 'From {{ event.friend }}', '<p>{{ event.note }}</p>');
SELECT rows_imported FROM import_events_csv(E'email,name,time,friend,note\nsent@b.co,refers,2022-01-01,Finn@b.co,x\nsending@b.co,refers,2022-01-01,x,by finn@b.co\nqueued@b.co,refers,2022-01-01,finn@b.co,x\nstored@b.co,refers,2022-01-01,x,finn@b.co\nfailed@b.co,refers,2022-01-01,finn@b.co,x\nother@b.co,refers,2022-01-01,x,xfinn@b.co\n'::bytea, trigger_campaigns => true);
SELECT queued FROM vero.run_jobs();
UPDATE vero.messages SET state = 'sent', next_attempt_at = NULL, sent_at = now(), attempts = 1 WHERE recipients = '{sent@b.co}';
UPDATE vero.trigger_jobs AS j SET state = 'sent' FROM vero.messages AS m WHERE m.id = j.message_id AND m.state = 'sent';
UPDATE vero.messages SET state = 'sending', attempts = 1, claims = 1, next_attempt_at = now() + interval '1 hour' WHERE recipients = '{sending@b.co}';
UPDATE vero.messages SET state = 'queued', next_attempt_at = now() WHERE recipients = '{queued@b.co}';
UPDATE vero.messages SET state = 'failed', next_attempt_at = NULL, last_error = 'nobody there' WHERE recipients = '{failed@b.co}';
UPDATE vero.trigger_jobs AS j SET state = 'failed', error = 'nobody there' FROM vero.messages AS m WHERE m.id = j.message_id AND m.state = 'failed';
CREATE VIEW pg_temp.friends AS SELECT m.recipients, m.state, m.subject, m.body_text, m.body_html, m.last_error, m.next_attempt_at IS NOT NULL AS waits, j.state AS job, j.reason, j.error
	FROM vero.messages AS m JOIN vero.campaigns AS k ON k.id = m.campaign_id LEFT JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id
	WHERE k.name = 'friends' ORDER BY m.id;
SELECT count(*) FROM pg_temp.friends WHERE concat(subject, body_html) ILIKE '%finn@b.co%';
SELECT messages, jobs FROM vero.forget('finn@b.co');
\x on
SELECT * FROM pg_temp.friends;
\x off
SELECT vero.resend(id) FROM vero.messages WHERE recipients = '{failed@b.co}';
-- in HTML, which escapes what an address can hold
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text, body_html) VALUES ('gifts', 'gives', '0', '36500 days', 'A gift', 'Thanks', '<p>For {{ event.friend }}</p>');
SELECT rows_imported FROM import_events_csv(E'email,name,time,friend\na@b.co,gives,2022-01-01,O''Neil&son@b.co\nb@b.co,gives,2022-01-01,o''neil@b.co\nc@b.co,gives,2022-01-01,xo''neil@b.co\n'::bytea, trigger_campaigns => true);
SELECT queued FROM vero.run_jobs();
SELECT messages FROM vero.forget('o''neil&son@b.co');
SELECT messages FROM vero.forget('o''neil@b.co');
SELECT m.recipients, m.body_html FROM vero.messages AS m JOIN vero.campaigns AS k ON k.id = m.campaign_id WHERE k.name = 'gifts' ORDER BY m.id;
DO $$ DECLARE own regclass; BEGIN FOR own IN SELECT partition FROM vero.partitions WHERE NOT is_default LOOP EXECUTE format('DROP TABLE %s', own); END LOOP; END $$;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
