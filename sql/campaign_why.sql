-- What became of each event of a person for a campaign, and why.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.mail_stops, vero.suppressions RESTART IDENTITY;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
CREATE FUNCTION pg_temp.fixed(words text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(words, '202[6-9]-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00', '<when>', 'g') $$;
CREATE FUNCTION pg_temp.import(VARIADIC records text[]) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', import_id, state, jobs_scheduled, jobs_discarded) FROM import_events_csv(convert_to(E'email,name,time,size\n' || array_to_string(records, E'\n'), 'UTF8'), trigger_campaigns => true) $$;
\set why 'SELECT w.event_id AS event, w.import_id AS import, w.state, w.message_id AS message, pg_temp.fixed(w.why) AS why FROM vero.why'
INSERT INTO vero.contacts (email) SELECT unnest('{ann@b.co,bob@b.co,cem@b.co}'::text[]);

-- before the campaign was there, without triggering, by hand
SELECT pg_temp.import('ann@b.co,Order,2022-01-01,l');
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, condition, subject, body_text)
VALUES ('thanks', 'order', '0', '36500 days', '1 day', '$.event.size == "l"', 'Hi', 'Hi'), ('late', 'order', '1 day', '0', NULL, NULL, 'Hi', 'Hi');
SELECT state FROM import_events_csv(E'email,name,time\nann@b.co,order,2022-01-02'::bytea);
INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (1, 'ORDER', '2022-01-03');
:why('ANN@b.co ', 'thanks') AS w;

-- what the import decides, and what is decided later
SELECT pg_temp.import('bob@b.co,order,2022-01-01,l', 'bob@b.co,order,2022-01-02,l', 'bob@b.co,order,2022-01-03,s', 'bob@b.co,order,2222-01-01,l', 'bob@b.co,other,2022-01-01,l');
:why('bob@b.co', 'late') AS w;
:why('bob@b.co', 'thanks') AS w;
UPDATE vero.campaigns SET active = false WHERE name = 'thanks';
UPDATE vero.trigger_jobs SET due_at = '2222-01-01' WHERE event_id = 4;
:why('bob@b.co', 'thanks') AS w;
UPDATE vero.trigger_jobs SET due_at = '2022-01-02' WHERE event_id = 4;
UPDATE vero.campaigns SET active = true;
:why('bob@b.co', 'thanks') AS w;
SELECT * FROM vero.run_jobs();
:why('bob@b.co', 'thanks') AS w;
UPDATE vero.messages SET state = 'queued', next_attempt_at = now() WHERE kind = 'campaign';
SELECT vero.stop_mail('thanks');
:why('bob@b.co', 'thanks') AS w;
SELECT vero.start_mail('thanks');
UPDATE vero.messages SET state = 'sent', sent_at = now(), next_attempt_at = NULL, attempts = 1 WHERE kind = 'campaign';
UPDATE vero.trigger_jobs SET state = 'sent' WHERE message_id IS NOT NULL;
:why('bob@b.co', 'thanks') AS w;
SELECT "to", campaign, import_id, event_id FROM vero.outbox ORDER BY id;
-- mail of events that are gone
SELECT events_removed, messages_kept FROM vero.undo_import(3);
:why('bob@b.co', 'thanks') AS w;

-- all other reasons
SELECT pg_temp.import(VARIADIC array_agg(format('cem@b.co,order,2022-01-0%s,l', n) ORDER BY n)) FROM generate_series(1, 9) AS n;
UPDATE vero.trigger_jobs AS j SET state = r.state, reason = r.reason, error = r.error, decided_at = now(), message_id = NULL
FROM (VALUES (1, 'discarded', 'campaign_inactive', NULL), (2, 'discarded', 'contact_deleted', NULL), (3, 'discarded', 'event_deleted', NULL), (4, 'discarded', 'unsubscribed', NULL),
	(5, 'discarded', 'suppressed', NULL), (6, 'failed', NULL, 'no such path'), (7, 'cancelled', 'cancelled', NULL), (8, 'discarded', 'cooldown', NULL)) AS r (n, state, reason, error)
WHERE j.event_id = (SELECT min(e.id) FROM vero.events AS e JOIN vero.contacts AS c ON c.id = e.contact_id WHERE c.email = 'cem@b.co') + r.n - 1 AND j.campaign_id = 1;
:why('cem@b.co', 'thanks') AS w;
-- every reason and state of a job has its sentence
SELECT count(*) FROM vero.decisions WHERE why IS NULL;
SELECT count(*) FROM unnest(regexp_split_to_array((SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'trigger_jobs_reason'), '''')) WITH ORDINALITY AS r (reason, n)
WHERE n % 2 = 0 AND position('''' || reason || '''' IN pg_get_viewdef('vero.decisions')) = 0 AND reason <> 'cancelled';
:why('nobody@b.co', 'thanks') AS w;
:why('bob@b.co', 'unknown') AS w;
:why('bob', 'thanks') AS w;

-- mail that was written, and cancelled when it was to be sent
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('bye', 'leave', '0', '36500 days', 'Bye', 'Bye');
SELECT pg_temp.import('ann@b.co,leave,2022-05-01,l', 'ann@b.co,leave,2022-05-02,l');
SELECT queued FROM vero.run_jobs();
UPDATE vero.messages SET state = 'cancelled', last_error = 'the contact has unsubscribed', created_at = '2022-06-01 10:12Z' WHERE campaign_id = 3;
UPDATE vero.trigger_jobs SET state = 'discarded', reason = CASE WHEN occurred_at < '2022-05-02' THEN 'unsubscribed' ELSE 'contact_deleted' END, message_id = NULL, decided_at = '2022-06-01 11:33Z' WHERE campaign_id = 3;
SELECT state, message_id IS NOT NULL AS has_mail, why FROM vero.why('ann@b.co', 'bye');

-- an event that is corrected after its mail was written
UPDATE vero.events SET occurred_at = '2022-05-03' WHERE name = 'leave' AND occurred_at = '2022-05-02';
SELECT occurred_at, why FROM vero.why('ann@b.co', 'bye');

-- an event with a job is told of, and once, whatever the campaign waits for now; one without is of no campaign then
SELECT email, state, count(*) FROM vero.decisions WHERE campaign = 'thanks' GROUP BY 1, 2 ORDER BY 1, 2;
UPDATE vero.campaigns SET event_name = 'Purchase' WHERE name = 'thanks';
SELECT email, state, count(*) FROM vero.decisions WHERE campaign = 'thanks' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT event_name, state, left(why, 20) AS why FROM vero.why('cem@b.co', 'thanks') LIMIT 1;

-- jobs that were removed, of an event that was imported, and of one that was tracked
INSERT INTO vero.contacts (email) VALUES ('dan@b.co');
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('old', 'move', '0', '36500 days', 'Hi', 'Hi');
SELECT state FROM import_events_csv(E'email,name,time\ndan@b.co,move,2022-01-01'::bytea, trigger_campaigns => true);
SELECT vero.track_event('dan@b.co', 'move', '{}', '2022-01-02') > 0 AS tracked;
SELECT queued FROM vero.run_jobs();
UPDATE vero.trigger_jobs SET state = 'sent', decided_at = '2022-01-03' WHERE campaign_id = (SELECT id FROM vero.campaigns WHERE name = 'old');
UPDATE vero.messages SET state = 'sent', sent_at = '2022-01-03', next_attempt_at = NULL WHERE kind = 'campaign' AND subject = 'Hi' AND contact_id = (SELECT id FROM vero.contacts WHERE email = 'dan@b.co');
SELECT jobs FROM vero.remove_old(1000, '1000 days');
SELECT state, regexp_replace(why, 'import \d+', 'import N') AS why FROM vero.why('dan@b.co', 'old');

-- who may
CREATE ROLE vero_reader;
\set VERBOSITY terse
SET ROLE vero_reader;
SELECT * FROM vero.why('bob@b.co', 'thanks');
SELECT * FROM vero.decisions;
RESET ROLE;
GRANT SELECT ON vero.decisions TO vero_reader;
SET ROLE vero_reader;
SELECT count(*) FROM vero.why('bob@b.co', 'thanks');
RESET ROLE;
DROP OWNED BY vero_reader;
DROP ROLE vero_reader;
-- what nobody can be told of
:why('stranger@b.co', 'thanks') AS w;
:why(NULL, 'thanks') AS w;
:why('ann@b.co', NULL) AS w;
CREATE ROLE sees_nothing;
GRANT USAGE ON SCHEMA vero TO sees_nothing;
SET ROLE sees_nothing;
SELECT * FROM vero.why('ann@b.co', 'thank');
RESET ROLE;
REVOKE USAGE ON SCHEMA vero FROM sees_nothing;
DROP ROLE sees_nothing;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.mail_stops RESTART IDENTITY;
