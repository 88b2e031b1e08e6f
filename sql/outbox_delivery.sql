-- Whose jobs and mail these are: what replication and restores write is not this database's to decide and send.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT vero.is_delivery_enabled(), vero.why_delivery_is_off();
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('thanks', 'order', '0', 'Thanks', 'Thank you');
SELECT count(vero.track_event(n || '@example.com', 'order')) FROM generate_series(1, 3) AS n;
CREATE TABLE saved AS SELECT * FROM vero.delivery;

-- a row that is written as replicas write it turns delivery off, until somebody says otherwise
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE vero.trigger_jobs SET attempts = 0;
COMMIT;
SELECT vero.is_delivery_enabled(), vero.why_delivery_is_off();
SELECT vero.run_jobs();
SELECT count(*), count(*) FILTER (WHERE off_reason IS NOT NULL) FROM vero.delivery;
SELECT vero.enable_delivery();
SELECT vero.is_delivery_enabled(), (SELECT count(*) FROM vero.delivery);
SELECT * FROM vero.run_jobs();
-- messages likewise; and a savepoint that is rolled back is forgotten
BEGIN;
SET LOCAL session_replication_role = replica;
SAVEPOINT s;
UPDATE vero.messages SET attempts = 0 WHERE id = 1;
SELECT vero.is_delivery_enabled();
ROLLBACK TO s;
SELECT vero.is_delivery_enabled();
UPDATE vero.messages SET attempts = 0;
SELECT vero.is_delivery_enabled(), count(*) FROM vero.delivery;
COMMIT;
SELECT vero.why_delivery_is_off();
SELECT vero.enable_delivery();
-- what ordinary sessions write is this database's, also where a restore has left the triggers as it found them
ALTER TABLE vero.messages DISABLE TRIGGER USER;
ALTER TABLE vero.messages ENABLE TRIGGER USER;
UPDATE vero.messages SET attempts = 0;
SELECT vero.is_delivery_enabled();
SELECT vero.enable_delivery();
SELECT tgname, tgenabled FROM pg_trigger WHERE tgname IN ('messages_replicated', 'trigger_jobs_replicated', 'delivery_disown') ORDER BY 1;

-- an import in a session of that role counts as well
BEGIN;
SET LOCAL session_replication_role = replica;
SELECT jobs_scheduled FROM import_events_csv(convert_to(E'email,name,time\na@b.co,order,' || now()::text || E'\n', 'UTF8'), trigger_campaigns => true);
SELECT vero.why_delivery_is_off();
ROLLBACK;

-- a row of vero.delivery that is brought back where it comes from: off, and nothing is in its way
INSERT INTO vero.delivery SELECT * FROM saved;
SELECT vero.is_delivery_enabled(), vero.why_delivery_is_off(), (SELECT count(*) FROM vero.delivery);
SELECT vero.enable_delivery();
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM vero.delivery;
INSERT INTO vero.delivery SELECT * FROM saved;
SELECT vero.is_delivery_enabled();
ROLLBACK;
-- one of another database
INSERT INTO vero.delivery (system_identifier, database_oid, instance, enabled_at) VALUES (1, 2, gen_random_uuid(), now());
SELECT vero.why_delivery_is_off();
SELECT vero.enable_delivery();
SELECT vero.is_delivery_enabled(), (SELECT count(*) FROM vero.delivery);

-- the functions of triggers are nobody's
SELECT vero.note_replicated();
CREATE ROLE vero_nobody;
SELECT has_function_privilege('vero_nobody', 'vero.note_replicated()', 'EXECUTE'), has_function_privilege('vero_nobody', 'vero.disown_delivery()', 'EXECUTE');
DROP ROLE vero_nobody;
DROP TABLE saved;
