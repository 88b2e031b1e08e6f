-- Mail that is stopped, started and cancelled.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.mail_stops RESTART IDENTITY;
SET TimeZone = 'UTC';
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text) VALUES ('thanks', 'order', '0', '36500 days', '1 day', 'Hi', 'Hi'), ('review', 'order', '365 days', '36500 days', NULL, 'Hi', 'Hi');
CREATE FUNCTION pg_temp.import(VARIADIC names text[]) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', import_id, state, jobs_scheduled)
	FROM import_events_csv(convert_to(E'email,name,time\n' || (SELECT string_agg(n || E'@b.co,order,2022-01-01\n', '') FROM unnest(names) AS n), 'UTF8'), trigger_campaigns => true)
$$;
CREATE VIEW pg_temp.mail AS
	SELECT split_part(recipients[1], '@', 1) AS who, k.name AS campaign, m.state, o.why, j.state AS job, j.reason
	FROM vero.messages AS m JOIN vero.outbox AS o USING (id) JOIN vero.campaigns AS k ON k.id = m.campaign_id JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id ORDER BY 1, 2;

-- what is stopped is told, who stopped it is kept, and nothing goes out; jobs are decided all the same
SELECT pg_temp.import('ann', 'bob');
SELECT vero.stop_mail('thanks');
SELECT vero.stop_mail('thanks');
SELECT k.name, s.stopped_by = current_user AS by_me, s.stopped_at <= clock_timestamp() AS is_past FROM vero.mail_stops AS s JOIN vero.campaigns AS k ON k.id = s.campaign_id;
UPDATE vero.trigger_jobs SET due_at = now() + interval '1 day' WHERE campaign_id = 2;
SELECT * FROM vero.run_jobs();
UPDATE vero.messages SET state = 'queued', next_attempt_at = now() WHERE kind = 'campaign';
SELECT who, campaign, state, why FROM pg_temp.mail;
SELECT vero.stop_mail();
SELECT who, campaign, state, why FROM pg_temp.mail;
-- one who starts is told of what is still stopped
SELECT vero.start_mail('thanks');
SELECT vero.stop_mail('thanks');
SELECT vero.start_mail();
SELECT vero.start_mail('thanks');
SELECT vero.start_mail();
SELECT count(*) FROM vero.mail_stops;
SELECT vero.stop_mail('unknown');
SELECT vero.start_mail('unknown');
-- one who deletes a campaign takes what stopped its mail with it
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('gone', 'other', '0', '1 day', 'Hi', 'Hi');
SELECT vero.stop_mail('gone');
SELECT found FROM vero.health WHERE problem = 'mail is stopped';
DELETE FROM vero.campaigns WHERE name = 'gone';
SELECT found FROM vero.health WHERE problem = 'mail is stopped';
SELECT vero.start_mail();
SELECT count(*) FROM vero.mail_stops;

-- cancelled: jobs that wait, mail that waits; what is just being sent is left, and not tried again
UPDATE vero.messages SET state = 'sending', attempts = 1, claims = 1, next_attempt_at = now() + interval '1 hour' WHERE recipients = '{bob@b.co}';
SELECT * FROM vero.cancel_mail('thanks');
SELECT who, campaign, state, why, job, reason FROM pg_temp.mail;
SELECT campaign_id, state, reason, decided_at IS NOT NULL AS is_decided FROM vero.trigger_jobs ORDER BY campaign_id, event_id;
SELECT name, scheduled, in_outbox, cancelled FROM vero.campaign_report ORDER BY name;
SELECT * FROM vero.cancel_mail('thanks');
-- the server did not take it: nor is it, as is said until it is looked at again
UPDATE vero.messages SET state = 'queued', last_error = 'the server took too long' WHERE recipients = '{bob@b.co}';
SELECT who, campaign, state, why, job, reason FROM pg_temp.mail WHERE who = 'bob';
SELECT regexp_replace(why, 'at .*, and', 'at <when>, and') AS why FROM vero.why('bob@b.co', 'thanks');
UPDATE vero.messages SET state = 'sending', last_error = NULL WHERE recipients = '{bob@b.co}';
-- a cooldown does not count it
SELECT pg_temp.import('ann');
SELECT queued, discarded FROM vero.run_jobs();
-- by import, and by both
SELECT pg_temp.import('cem', 'dan');
SELECT * FROM vero.cancel_mail(import => 3, campaign => 'review');
SELECT * FROM vero.cancel_mail(import => 3);
SELECT import_id, campaign_id, state, reason FROM vero.trigger_jobs ORDER BY import_id, campaign_id, event_id;
SELECT vero.cancel_mail(import => 77);
SELECT vero.cancel_mail('unknown');
SELECT vero.cancel_mail();
-- what is cancelled is not sent again, and goes when it was kept long enough
SELECT vero.resend(id) FROM vero.messages WHERE recipients = '{ann@b.co}' AND state = 'cancelled';
UPDATE vero.campaigns SET cooldown = NULL;
SELECT jobs FROM vero.remove_old(1000, '0');

-- who may
CREATE ROLE vero_importer;
CREATE ROLE vero_postmaster;
GRANT INSERT ON vero.events, vero.trigger_jobs TO vero_importer;
GRANT EXECUTE ON FUNCTION vero.stop_mail(text), vero.start_mail(text), vero.cancel_mail(text, bigint) TO vero_postmaster;
SET ROLE vero_importer;
SELECT vero.stop_mail();
SELECT vero.start_mail();
SELECT vero.cancel_mail('thanks');
INSERT INTO vero.mail_stops (stopped_by) VALUES ('me');
SET ROLE vero_postmaster;
SELECT vero.stop_mail('thanks');
SELECT vero.stop_mail();
SELECT * FROM vero.cancel_mail('thanks');
SELECT vero.start_mail();
SELECT count(*) FROM vero.mail_stops;
RESET ROLE;
SELECT stopped_by FROM vero.mail_stops;
BEGIN READ ONLY;
SELECT vero.stop_mail();
ROLLBACK;
REVOKE ALL ON FUNCTION vero.stop_mail(text), vero.start_mail(text), vero.cancel_mail(text, bigint) FROM vero_postmaster;
REVOKE ALL ON vero.events, vero.trigger_jobs FROM vero_importer;
DROP ROLE vero_importer, vero_postmaster;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.mail_stops RESTART IDENTITY;
