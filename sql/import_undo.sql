-- An import that is taken back: its events, jobs and unsent mail, and the contacts that nothing else has touched.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY default
CREATE FUNCTION pg_temp.csv(VARIADIC records text[]) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time\n' || string_agg(r || E'\n', ''), 'UTF8') FROM unnest(records) AS r
$$;
CREATE VIEW pg_temp.stored AS
	SELECT (SELECT count(*) FROM vero.events) AS events, (SELECT string_agg(split_part(email, '@', 1), ' ' ORDER BY email) FROM vero.contacts) AS contacts,
		(SELECT string_agg(state, ' ' ORDER BY id) FROM vero.imports) AS imports;

-- twice the same by mistake
SELECT import_id, rows_imported, contacts_created FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01', 'b@b.co,x,2022-01-01', 'bad,x,2022-01-01'));
SELECT import_id, rows_imported, contacts_created FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01', 'b@b.co,x,2022-01-01', 'bad,x,2022-01-01'), allow_repeat => true);
SELECT * FROM vero.undo_import(2);
SELECT * FROM pg_temp.stored;
SELECT id, rows_read, rows_imported, rows_rejected, undone_at <= now() AS is_undone, undone_by = current_user AS by_me FROM vero.imports ORDER BY id;
SELECT import_id, raw_record FROM vero.rejected_rows ORDER BY 1;
-- twice is an error, as is what is not there or brought nothing
SELECT vero.undo_import(2);
SELECT vero.undo_import(3);
SELECT vero.undo_import(NULL);
SELECT vero.undo_import(1, NULL);
SELECT state FROM import_events_csv(E'x\n'::bytea);
SELECT vero.undo_import(3);
SELECT state FROM import_events_csv(pg_temp.csv('z@b.co,x,2022-01-01'), dry_run => true);
SELECT vero.undo_import(4);
-- and what was undone can be imported again, also with its options
SELECT vero.undo_import(1);
SELECT * FROM pg_temp.stored;
SELECT import_id, state, rows_imported, contacts_created, error FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01', 'b@b.co,x,2022-01-01', 'bad,x,2022-01-01'));
SELECT state, left(error, 47) AS error FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01', 'b@b.co,x,2022-01-01', 'bad,x,2022-01-01'));
SELECT import_id, state FROM import_events_csv(E'title\nemail,time\nq@b.co,2022-01-01\n'::bytea, skip_lines => 1, event_name => 'seen');
SELECT events_removed FROM vero.undo_import(7);
SELECT import_id, state, rows_imported FROM import_events_csv(E'title\nemail,time\nq@b.co,2022-01-01\n'::bytea, parent_import => 7);
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- contacts that were touched stay: by another import, by an event as it happened, by hand
SELECT contacts_created FROM import_events_csv(pg_temp.csv('alone@b.co,x,2022-01-01', 'imported@b.co,x,2022-01-01', 'tracked@b.co,x,2022-01-01', 'left@b.co,x,2022-01-01', 'known@b.co,x,2022-01-01', 'alone2@b.co,x,2022-01-01'));
SELECT contacts_created FROM import_events_csv(pg_temp.csv('imported@b.co,x,2022-02-01', 'new@b.co,x,2022-01-01'));
SELECT vero.track_event('tracked@b.co', 'y') > 0 AS is_tracked;
UPDATE vero.contacts SET unsubscribed_at = now() WHERE email = 'left@b.co';
UPDATE vero.contacts SET properties = '{"first_name": "Ann"}' WHERE email = 'known@b.co';
SELECT * FROM vero.undo_import(1);
SELECT * FROM pg_temp.stored;
SELECT email, name, import_id FROM vero.timeline ORDER BY 1, 2;
SELECT * FROM vero.undo_import(2);
SELECT * FROM pg_temp.stored;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- jobs and mail: what went out stays, so that nobody gets it again
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text) VALUES ('thanks', 'order', '0', '36500 days', '1 day', 'Hi', 'Hi'),
	('later', 'order', '365 days', '36500 days', NULL, 'Hi', 'Hi'), ('past', 'order', '1 day', '0', NULL, 'Hi', 'Hi');
SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(pg_temp.csv('sent@b.co,order,2022-01-01', 'sending@b.co,order,2022-01-01', 'queued@b.co,order,2022-01-01', 'stored@b.co,order,2022-01-01', 'failed@b.co,order,2022-01-01'), trigger_campaigns => true);
UPDATE vero.trigger_jobs SET due_at = now() + interval '1 hour' WHERE campaign_id = 2;
SELECT * FROM vero.run_jobs();
UPDATE vero.messages SET state = 'sent', next_attempt_at = NULL, sent_at = now(), attempts = 1 WHERE recipients = '{sent@b.co}';
UPDATE vero.trigger_jobs AS j SET state = 'sent' FROM vero.messages AS m WHERE m.id = j.message_id AND m.state = 'sent';
UPDATE vero.messages SET state = 'sending', attempts = 1, claims = 1, next_attempt_at = now() + interval '1 hour' WHERE recipients = '{sending@b.co}';
UPDATE vero.messages SET state = 'queued', next_attempt_at = now() WHERE recipients = '{queued@b.co}';
UPDATE vero.messages SET state = 'failed', next_attempt_at = NULL, last_error = 'nobody there' WHERE recipients = '{failed@b.co}';
UPDATE vero.trigger_jobs AS j SET state = 'failed', error = 'nobody there' FROM vero.messages AS m WHERE m.id = j.message_id AND m.state = 'failed';
SELECT * FROM vero.undo_import(1);
SELECT * FROM pg_temp.stored;
SELECT c.name, j.state, j.reason, j.error, j.message_id IS NOT NULL AS has_mail, j.decided_at IS NOT NULL AS is_decided, count(*)
FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4;
SELECT recipients, state, next_attempt_at IS NOT NULL AS waits, last_error FROM vero.messages WHERE kind = 'campaign' ORDER BY recipients;
SELECT name, scheduled, in_outbox, sent, discarded, failed, cancelled FROM vero.campaign_report ORDER BY name;
SELECT vero.resend(id) FROM vero.messages WHERE recipients = '{stored@b.co}';
-- imported again: who has got the mail does not get it, the others do
SELECT jobs_scheduled FROM import_events_csv(pg_temp.csv('sent@b.co,order,2022-01-01', 'queued@b.co,order,2022-01-01'), trigger_campaigns => true);
SELECT queued, discarded FROM vero.run_jobs();
SELECT m.recipients, j.reason FROM vero.trigger_jobs AS j LEFT JOIN vero.messages AS m ON m.id = j.message_id WHERE j.import_id = 2 AND j.campaign_id = 1 ORDER BY 1;
UPDATE vero.campaigns SET cooldown = NULL;
-- what is undone goes when it was kept long enough
SELECT jobs > 0 AS are_removed FROM vero.remove_old(1000, '0');
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- corrections of it come first
SELECT import_id FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01', 'bad1,x,2022-01-01', 'bad2,x,2022-01-01'));
SELECT import_id FROM import_events_csv(pg_temp.csv('c1@b.co,x,2022-01-01', 'bad3,x,2022-01-01'), parent_import => 1);
SELECT import_id FROM import_events_csv(pg_temp.csv('c2@b.co,x,2022-01-01'), parent_import => 1);
SELECT import_id FROM import_events_csv(pg_temp.csv('c3@b.co,x,2022-01-01'), parent_import => 2);
SELECT vero.undo_import(1);
SELECT vero.undo_import(2);
SELECT vero.undo_import(4);
SELECT * FROM vero.undo_import(1, cascade => true);
SELECT * FROM pg_temp.stored;

-- in one transaction with the import, and taken back itself
BEGIN;
SELECT import_id FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01'));
SELECT imports, events_removed, contacts_removed FROM vero.undo_import(5);
SELECT * FROM pg_temp.stored;
COMMIT;
SELECT import_id FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01'));
BEGIN;
SELECT imports, events_removed, contacts_removed FROM vero.undo_import(6);
ROLLBACK;
SELECT * FROM pg_temp.stored;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT vero.undo_import(6);
ROLLBACK;
BEGIN READ ONLY;
SELECT vero.undo_import(6);
ROLLBACK;

-- by who imported, or by who may DELETE from vero.events
CREATE ROLE vero_importer;
CREATE ROLE vero_remover;
GRANT INSERT ON vero.events TO vero_importer;
GRANT DELETE ON vero.events TO vero_remover;
SET ROLE vero_importer;
SELECT vero.undo_import(6);
SELECT vero.undo_import(77);
SELECT import_id FROM import_events_csv(pg_temp.csv('own@b.co,x,2022-01-01'));
SELECT imports, events_removed, contacts_removed FROM vero.undo_import(7);
SELECT state, undone_by FROM vero.imports;
SELECT import_id FROM import_events_csv(pg_temp.csv('own@b.co,x,2022-01-01'));
RESET ROLE;
-- who corrects it keeps it
SELECT import_id FROM import_events_csv(pg_temp.csv('other@b.co,x,2022-01-01'), parent_import => 8);
SET ROLE vero_importer;
SELECT vero.undo_import(8);
SELECT imports, events_removed FROM vero.undo_import(8, cascade => true);
SET ROLE vero_remover;
SELECT imports, events_removed, contacts_removed FROM vero.undo_import(8, cascade => true);
SELECT imports, events_removed, contacts_removed FROM vero.undo_import(6);
RESET ROLE;
SELECT * FROM pg_temp.stored;

-- a trigger of somebody else's is not run with the owner's rights
CREATE SCHEMA vero_trap AUTHORIZATION vero_importer;
GRANT TRIGGER ON vero.events, vero.events_default, vero.contacts TO vero_importer;
SELECT import_id FROM import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01'), allow_repeat => true);
SET ROLE vero_importer;
CREATE FUNCTION vero_trap.caught() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran as %', current_user; END $$;
CREATE TRIGGER trap BEFORE DELETE ON vero.events_default FOR EACH ROW EXECUTE FUNCTION vero_trap.caught();
RESET ROLE;
SELECT vero.undo_import(10);
DROP TRIGGER trap ON vero.events_default;
SET ROLE vero_importer;
CREATE TRIGGER trap AFTER DELETE ON vero.contacts FOR EACH STATEMENT EXECUTE FUNCTION vero_trap.caught();
RESET ROLE;
SELECT vero.undo_import(10);
DROP TRIGGER trap ON vero.contacts;
SELECT imports, events_removed, contacts_removed FROM vero.undo_import(10);
DROP SCHEMA vero_trap CASCADE;

-- partitions, and many contacts
CREATE TABLE january PARTITION OF vero.events (PRIMARY KEY (contact_id, occurred_at, id)) FOR VALUES FROM ('2022-01-01') TO ('2022-02-01');
CREATE INDEX ON january USING brin (import_id);
SELECT import_id, contacts_created FROM import_events_csv(convert_to((SELECT E'email,name,time\n' || string_agg('p' || n || '@b.co,x,2022-0' || 1 + n % 2 || E'-10\n', '') FROM generate_series(1, 25000) AS n), 'UTF8'));
SELECT vero.track_event(email, 'y') > 0 AS is_tracked FROM vero.contacts WHERE email IN ('p1@b.co', 'p25000@b.co');
SELECT * FROM vero.undo_import(11);
SELECT * FROM pg_temp.stored;
DROP TABLE january;
-- what hangs on contacts goes with them, or keeps them
CREATE TABLE newsletter (contact_id bigint REFERENCES vero.contacts (id) ON DELETE CASCADE);
SELECT import_id, contacts_created FROM import_events_csv(pg_temp.csv('r1@b.co,x,2022-01-01', 'r2@b.co,x,2022-01-01', 'r3@b.co,x,2022-01-01'));
SELECT vero.track_event('r3@b.co', 'y') > 0 AS is_tracked;
INSERT INTO newsletter SELECT id FROM vero.contacts WHERE email LIKE 'r%';
SELECT contacts_removed, contacts_kept FROM vero.undo_import(12);
SELECT email FROM newsletter AS n JOIN vero.contacts AS c ON c.id = n.contact_id;
DROP TABLE newsletter;
CREATE TABLE newsletter (contact_id bigint REFERENCES vero.contacts (id));
SELECT import_id, contacts_created FROM import_events_csv(pg_temp.csv('r1@b.co,x,2022-01-01', 'r2@b.co,x,2022-01-01', 'r3@b.co,x,2022-01-01'));
INSERT INTO newsletter SELECT id FROM vero.contacts WHERE email = 'r1@b.co';
SELECT vero.undo_import(13);
DROP TABLE newsletter;
SELECT contacts_removed, contacts_kept FROM vero.undo_import(13);
SELECT string_agg(split_part(email, '@', 1), ' ' ORDER BY email) FROM vero.contacts;
-- the table is not read for one import of it
SELECT import_id FROM generate_series(1, 3) AS n, import_events_csv(convert_to(E'email,name,time\n' || repeat('same@b.co,x' || n || E',2022-01-10\n', 20000), 'UTF8'));
SELECT brin_summarize_new_values('vero.events_default_import_id') >= 0 AS is_summarised;
BEGIN;
SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relid = 'vero.events_default'::regclass \gset
SET LOCAL enable_bitmapscan = off;
SELECT events_removed FROM vero.undo_import(15);
SELECT seq_scan - :seq_scan AS seq_scan, idx_scan - :idx_scan AS idx_scan FROM pg_stat_xact_user_tables WHERE relid = 'vero.events_default'::regclass;
COMMIT;
-- what keeps its events keeps the import
SELECT import_id FROM import_events_csv(pg_temp.csv('keep@b.co,x,2022-01-01', 'go@b.co,x,2022-01-01'));
CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN (SELECT email LIKE 'go%' FROM vero.contacts WHERE id = OLD.contact_id) THEN OLD END; END $$;
CREATE TRIGGER kept BEFORE DELETE ON vero.events_default FOR EACH ROW EXECUTE FUNCTION kept();
SELECT vero.undo_import(17);
ALTER TABLE vero.events_default DISABLE TRIGGER kept;
CREATE RULE kept AS ON DELETE TO vero.events WHERE OLD.name = 'x' DO INSTEAD NOTHING;
SELECT vero.undo_import(17);
DROP RULE kept ON vero.events;
SELECT events_removed, contacts_removed FROM vero.undo_import(17);
DROP FUNCTION kept CASCADE;
-- a trigger that lets all go
SELECT import_id FROM import_events_csv(pg_temp.csv('go@b.co,x,2022-01-01'));
CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;
CREATE TRIGGER gone BEFORE DELETE ON vero.events_default FOR EACH ROW EXECUTE FUNCTION gone();
SELECT events_removed, contacts_removed FROM vero.undo_import(18);
DROP FUNCTION gone CASCADE;
DROP OWNED BY vero_importer, vero_remover;
DROP ROLE vero_importer, vero_remover;
-- the jobs and the mail of other imports are not read for it, whatever is known of their tables
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('many', 'order', '365 days', '36500 days', 'Hi', 'Hi');
SELECT import_id AS first FROM import_events_csv(pg_temp.csv('first@b.co,x,2022-01-01')) \gset
SELECT import_id AS second FROM import_events_csv(pg_temp.csv('second@b.co,x,2022-01-01')) \gset
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, import_id, due_at)
	SELECT -n, k.id, 1, now(), CASE WHEN n > 1000 THEN :first ELSE :second END, now() + n * interval '1 s' FROM vero.campaigns AS k, generate_series(150000, 1, -1) AS n;
UPDATE vero.trigger_jobs SET message_id = -event_id, decided_at = now() WHERE event_id % 3 = 0;
INSERT INTO vero.messages (kind, state, recipients, subject, body_text, message_id_header, event_id, campaign_id, contact_id, created_at)
	SELECT 'campaign', 'stored', '{x@b.co}', 's', 'b', '<a' || -event_id || '@b.co>', event_id, campaign_id, 1, now() FROM vero.trigger_jobs WHERE message_id IS NOT NULL;
SELECT brin_summarize_new_values('vero.trigger_jobs_import_id') >= 0 AS is_summarised;
CREATE VIEW pg_temp.reads AS SELECT pg_stat_get_xact_numscans('vero.trigger_jobs_due'::regclass) AS due_scans, pg_stat_get_xact_numscans('vero.trigger_jobs_import_id'::regclass) AS import_scans,
	pg_stat_get_xact_tuples_fetched('vero.messages'::regclass) AS mail_fetched;
BEGIN;
SELECT * FROM pg_temp.reads \gset before_
SELECT events_removed, jobs_cancelled, messages_cancelled FROM vero.undo_import(:second);
SELECT due_scans - :before_due_scans AS due_scans, import_scans - :before_import_scans > 0 AS by_import, mail_fetched - :before_mail_fetched < 2000 AS is_little_mail FROM pg_temp.reads;
COMMIT;
SELECT i.id = :second AS is_second, j.state, j.reason, count(*) FROM vero.trigger_jobs AS j JOIN vero.imports AS i ON i.id = j.import_id GROUP BY 1, 2, 3 ORDER BY 1;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
