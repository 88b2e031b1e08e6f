-- Stored events get the jobs of a campaign afterwards, under the import's rule; a dry run, which is the default, says what would become of them.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
\set SHOW_CONTEXT never
-- Records of 'email,name,age,item'; ages count from a whole second of now.
CREATE FUNCTION pg_temp.import(records text[], trigger boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
	SELECT format('import %s: %s events, %s + %s jobs', import_id, rows_imported, jobs_scheduled, jobs_discarded) FROM import_events_csv(allow_repeat => true, trigger_campaigns => trigger, content => convert_to(E'email,name,time,item\n' ||
		(SELECT string_agg(format(E'%s,%s,%s,%s\n', f[1], f[2], to_char((date_trunc('second', now()) - f[3]::interval) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), f[4]), '' ORDER BY n)
		 FROM unnest(records) WITH ORDINALITY AS u (record, n), LATERAL string_to_array(record, ',') AS f), 'UTF8'))
$$;
CREATE FUNCTION pg_temp.backfill(campaign text, since timestamptz DEFAULT '-infinity', dry_run boolean DEFAULT true)
RETURNS TABLE (campaign text, now bigint, later bigint, first_hours numeric, last_hours numeric, discarded bigint, by_reason jsonb, failed bigint, contacts bigint, per_contact text, busiest text) LANGUAGE sql AS $$
	SELECT b.campaign, sent_now, sent_later, round(extract(epoch FROM first_due - now()) / 3600, 1), round(extract(epoch FROM last_due - now()) / 3600, 1), b.discarded, discarded_by_reason, failed, contacts, mails_per_contact, busiest
	FROM vero.backfill_campaign($1, $2, $3) AS b
$$;
CREATE FUNCTION pg_temp.jobs() RETURNS TABLE (event bigint, campaign text, email text, import bigint, due_after text, state text, reason text, is_decided boolean) LANGUAGE sql AS $$
	SELECT event_id, k.name, c.email, import_id, j.due_at - j.occurred_at, j.state, j.reason, j.decided_at IS NOT NULL
	FROM vero.trigger_jobs AS j JOIN vero.campaigns AS k ON k.id = campaign_id LEFT JOIN vero.contacts AS c ON c.id = contact_id ORDER BY event_id, campaign_id
$$;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('early', 'order', '20 days', '0', 'Hi', 'Hi');
SELECT pg_temp.import('{"ann@b.co,Order,9 days,hat","ann@b.co,order,9 days,tie","bob@b.co,o_r-der,241 hours,hat","bob@b.co,order,12 days,hat","bob@b.co,order,-1 day,hat","cem@b.co,visit,1 day,"}');
SELECT pg_temp.import('{"dan@b.co,order,9 days,hat"}', true);
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('late', 'order', '10 days', '1 day', 'Hi', 'Hi {{ event.item }}'), ('idle', 'order', '10 days', '0', 'Hi', 'Hi');
UPDATE vero.campaigns SET active = false WHERE name = 'idle';
SELECT vero.track_event('eve@b.co', 'visit') IS NOT NULL AS tracked;

-- a dry run: the rule of an import, and nothing is written; what has a job for another campaign counts too
SELECT * FROM pg_temp.backfill('late');
SELECT count(*) FROM vero.trigger_jobs;
-- of the events since then; the end is open
SELECT campaign, now, later, discarded, by_reason, contacts FROM pg_temp.backfill('late', now() - interval '9 days 12 hours');
SELECT campaign, now, later, discarded, by_reason, contacts FROM pg_temp.backfill('late', 'infinity');
-- it needs nothing that is written
BEGIN READ ONLY;
SELECT later FROM pg_temp.backfill('late');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT later FROM pg_temp.backfill('late');
COMMIT;
-- the jobs, each once, with the import that brought the event
SELECT * FROM pg_temp.backfill('late', now() - interval '9 days 12 hours', false);
SELECT * FROM pg_temp.backfill('late', '-infinity', false);
SELECT * FROM pg_temp.jobs();
SELECT * FROM pg_temp.backfill('late', '-infinity', false);
SELECT * FROM pg_temp.backfill('late');
-- what has a job for this campaign already gets no second one, be it discarded or cancelled
SELECT * FROM pg_temp.backfill('early', '-infinity', false);
SELECT jobs, messages FROM vero.cancel_mail('early');
SELECT now, later, discarded FROM pg_temp.backfill('early', '-infinity', false);

-- the worker decides them as any others, and why speaks of them
SELECT * FROM vero.run_jobs();
SELECT recipients, body_text FROM vero.messages WHERE kind = 'campaign';
CREATE FUNCTION pg_temp.why(email text) RETURNS TABLE (event_name text, import bigint, state text, why text) LANGUAGE sql AS $$
	SELECT event_name, import_id, state, regexp_replace(why, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00', '(time)', 'g') FROM vero.why(email, 'late')
$$;
SELECT * FROM pg_temp.why('ann@b.co') UNION ALL SELECT * FROM pg_temp.why('bob@b.co');
-- undone with the import, and cancelled with it or with the campaign
SELECT jobs, messages FROM vero.cancel_mail(import => 2);
SELECT events_removed, jobs_cancelled, messages_cancelled FROM vero.undo_import(1);
SELECT event, campaign, import, state, reason FROM pg_temp.jobs();
-- an import that was undone has nothing left; events without an import have jobs without one
SELECT now, later, discarded FROM pg_temp.backfill('late', '-infinity', false);
INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'order', now() - interval '1 day' FROM vero.contacts WHERE email = 'dan@b.co';
INSERT INTO vero.events (contact_id, name, occurred_at, import_id) SELECT id, 'order', now() - interval '2 days', 4711 FROM vero.contacts WHERE email = 'dan@b.co';
INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'order', t FROM vero.contacts, unnest('{infinity,-infinity,294276-12-31,0001-01-01 BC}'::timestamptz[]) AS t WHERE email = 'dan@b.co';
SELECT now, later, discarded FROM pg_temp.backfill('late', '-infinity', false);
SELECT import, due_after, state FROM pg_temp.jobs() WHERE campaign = 'late' AND email = 'dan@b.co' ORDER BY event;

-- conditions, cooldowns, unsubscribed and forgotten people in the forecast
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
INSERT INTO vero.campaigns (name, event_name, delay, cooldown, condition, subject, body_text) VALUES ('judged', 'order', '10 days', '1 day', '$.contact.plan == "pro" && $.event.item != "tie"', 'Hi', 'Hi'),
	('dear', 'order', '10 days', NULL, '$.event.item.double() >= 100', 'Hi', 'Hi');
INSERT INTO vero.contacts (email, properties, unsubscribed_at) VALUES ('ann@b.co', '{"plan": "pro"}', NULL), ('bob@b.co', '{"plan": "free"}', NULL), ('uma@b.co', '{"plan": "pro"}', now()), ('old@b.co', '{"plan": "pro"}', NULL),
	('big@b.co', jsonb_build_object('plan', 'pro', 'notes', repeat('x', 100000)), NULL);
SELECT pg_temp.import('{"ann@b.co,order,9 days,120","ann@b.co,order,8 days 12 hours,80","ann@b.co,order,8 days,100","ann@b.co,order,7 days,tie","bob@b.co,order,9 days,99","uma@b.co,order,9 days,100","new@b.co,order,9 days,","old@b.co,order,9 days,x1","big@b.co,order,3 days,1e2"}');
SELECT events FROM vero.forget('old@b.co');
SELECT rows_imported FROM import_events_csv(convert_to(format(E'email,name,time,item\nold@b.co,order,%s,x\n', now() - interval '1 day'), 'UTF8'));
UPDATE vero.contacts SET properties = '{"plan": "pro"}' WHERE email = 'old@b.co';
SELECT * FROM pg_temp.backfill('judged') UNION ALL SELECT * FROM pg_temp.backfill('dear');
-- the same as an import of the same file: forecast and jobs
CREATE FUNCTION pg_temp.file() RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time,item\n' || string_agg(format(E'%s,%s,%s,%s\n', (ARRAY['ann','bob','uma','new','newer','big'])[1 + n % 6] || '@b.co', (ARRAY['order','Order','visit'])[1 + n % 3],
		to_char(date_trunc('second', now()) + interval '1 day' - n * interval '97 minutes', 'YYYY-MM-DD HH24:MI:SSOF'), (ARRAY['120','80','x','','tie'])[1 + n % 5]), '' ORDER BY n), 'UTF8') FROM generate_series(1, 400) AS n
$$;
CREATE TEMP TABLE jobs_of (LIKE vero.trigger_jobs);
TRUNCATE vero.events, vero.trigger_jobs, vero.messages;
UPDATE vero.campaigns SET grace = '3 days';
BEGIN;
SELECT rows_imported FROM import_events_csv(pg_temp.file(), trigger_campaigns => true, dry_run => true, allow_repeat => true);
CREATE TEMP TABLE forecasts AS SELECT campaign, sent_now, sent_later, first_due, last_due, discarded, discarded_by_reason, failed, contacts, mails_per_contact, busiest FROM vero.import_forecast WHERE import_id = vero.last_import_id();
SELECT jobs_scheduled > 200 AS many, jobs_discarded > 100 AS many_discarded FROM import_events_csv(pg_temp.file(), trigger_campaigns => true, allow_repeat => true);
INSERT INTO jobs_of SELECT * FROM vero.trigger_jobs;
TRUNCATE vero.events, vero.trigger_jobs, vero.messages;
SELECT rows_imported FROM import_events_csv(pg_temp.file(), allow_repeat => true);
SELECT count(*), count(DISTINCT (f.campaign, f.sent_now > 0, f.sent_later > 0, f.failed > 0)) FROM forecasts AS f JOIN vero.campaigns AS k ON k.name = f.campaign, vero.backfill_campaign(k.name, '-infinity') AS b WHERE b = f;
SELECT sent_now + sent_later > 100 AS many, discarded > 50 AS many_discarded FROM vero.campaigns AS k, vero.backfill_campaign(k.name, '-infinity', false);
SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY campaign_id ORDER BY event_id), campaign_id, contact_id, occurred_at, due_at, state, reason FROM vero.trigger_jobs
	EXCEPT SELECT row_number() OVER (PARTITION BY campaign_id ORDER BY event_id), campaign_id, contact_id, occurred_at, due_at, state, reason FROM jobs_of) AS differ;
COMMIT;
SELECT (SELECT count(*) FROM jobs_of) = (SELECT count(*) FROM vero.trigger_jobs) AS as_many;
UPDATE vero.campaigns SET grace = '0';
TRUNCATE vero.events, vero.trigger_jobs, vero.messages;

-- large events, a portion at a time
INSERT INTO vero.events (contact_id, name, occurred_at, properties) SELECT c.id, 'order', now() - interval '1 day', jsonb_build_object('item', '200', 'text', repeat(n::text, 300000)) FROM vero.contacts AS c, generate_series(1, 20) AS n WHERE email = 'bob@b.co';
SELECT later, by_reason, failed, contacts, busiest FROM pg_temp.backfill('dear');
-- more than is read at once
INSERT INTO vero.events (contact_id, name, occurred_at, properties) SELECT c.id, 'order', now() - interval '2 days' + n * interval '1 s', '{"item": "101"}' FROM vero.contacts AS c, generate_series(1, 2480) AS n WHERE email = 'ann@b.co';
SELECT later, by_reason, failed, contacts, per_contact FROM pg_temp.backfill('dear');
-- a cancel ends it, and nothing stays
SET statement_timeout = '1ms';
SELECT later FROM pg_temp.backfill('dear', dry_run => false);
SELECT later FROM pg_temp.backfill('dear');
RESET statement_timeout;
SELECT count(*) FROM vero.trigger_jobs;
SELECT later FROM pg_temp.backfill('dear', now() - interval '3 days', false);
SELECT later FROM pg_temp.backfill('dear', dry_run => false);
SELECT count(*) FROM vero.trigger_jobs;

-- a job that was removed is not known any more (test/tap/043_forecasts.pl has what vero_events.keep_messages has to do with it)
TRUNCATE vero.events, vero.trigger_jobs, vero.messages;
UPDATE vero.campaigns SET grace = '365 days' WHERE name = 'dear';
SELECT pg_temp.import('{"ann@b.co,order,14 days,120","big@b.co,order,11 days,120"}', true);
SELECT queued FROM vero.run_jobs();
UPDATE vero.messages SET state = 'sent', sent_at = now() - interval '3 days', next_attempt_at = NULL WHERE kind = 'campaign';
UPDATE vero.trigger_jobs SET state = 'sent', decided_at = now() - interval '3 days' WHERE message_id IS NOT NULL;
SELECT jobs > 0 AS removed FROM vero.remove_old(100, '2 days');
SELECT now, discarded FROM pg_temp.backfill('dear');

-- no more than an import may schedule
SET vero_events.max_jobs_per_import = 1;
CREATE FUNCTION pg_temp.failure(dry_run boolean) RETURNS TABLE (state text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM vero.backfill_campaign('dear', '-infinity', dry_run);
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS state := RETURNED_SQLSTATE, message := MESSAGE_TEXT, detail := PG_EXCEPTION_DETAIL, hint := PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;
SELECT * FROM pg_temp.failure(true) \gx
SELECT * FROM pg_temp.failure(false) \gx
SELECT count(*) FROM vero.trigger_jobs WHERE campaign_id = 2;
INSERT INTO vero.events (contact_id, name, occurred_at, properties) SELECT c.id, 'order', now() - interval '2 days' + n * interval '1 s', '{"item": "101"}' FROM vero.contacts AS c, generate_series(1, 2480) AS n WHERE email = 'ann@b.co';
SELECT message FROM pg_temp.failure(true) UNION ALL SELECT message FROM pg_temp.failure(false);
SET vero_events.max_jobs_per_import = 2482;
SELECT sent_now, sent_later FROM vero.backfill_campaign('dear', '-infinity', false);
RESET vero_events.max_jobs_per_import;

-- partitions: those before that time are not read
TRUNCATE vero.events, vero.trigger_jobs, vero.messages;
SELECT count(*) FROM vero.create_partitions('2022-01-01', '2022-03-01');
SELECT rows_imported FROM import_events_csv(E'email,name,time,item\nann@b.co,order,2022-01-02,200\nann@b.co,order,2022-02-02,200\nann@b.co,order,2022-03-02,200\n'::bytea, allow_repeat => true);
SELECT discarded FROM vero.backfill_campaign('dear', '2022-02-01', false);
SELECT state, reason, occurred_at FROM vero.trigger_jobs ORDER BY occurred_at;
SELECT discarded FROM vero.backfill_campaign('dear', '-infinity', false);
SELECT count(*) FROM vero.drop_partitions('2100-01-01');

-- refused, in words
\set VERBOSITY default
SELECT vero.backfill_campaign(NULL, '-infinity');
SELECT vero.backfill_campaign('dear', NULL);
SELECT vero.backfill_campaign('dear', '-infinity', NULL);
SELECT vero.backfill_campaign('no such', '-infinity');
UPDATE vero.campaigns SET active = false WHERE name = 'dear';
SELECT vero.backfill_campaign('dear', '-infinity');
SELECT vero.backfill_campaign('dear', '-infinity', false);
UPDATE vero.campaigns SET active = true WHERE name = 'dear';
BEGIN READ ONLY;
SELECT vero.backfill_campaign('dear', '-infinity', false);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT vero.backfill_campaign('dear', '-infinity', false);
ROLLBACK;
-- who may call it needs the right to make mail go out
CREATE ROLE backfill_caller;
GRANT USAGE ON SCHEMA vero TO backfill_caller;
SET ROLE backfill_caller;
SELECT vero.backfill_campaign('dear', '-infinity');
RESET ROLE;
GRANT EXECUTE ON FUNCTION vero.backfill_campaign(text, timestamptz, boolean) TO backfill_caller;
SET ROLE backfill_caller;
SELECT vero.backfill_campaign('dear', '-infinity');
RESET ROLE;
GRANT INSERT ON vero.trigger_jobs TO backfill_caller;
SET ROLE backfill_caller;
SELECT sent_later FROM vero.backfill_campaign('dear', '-infinity', false);
RESET ROLE;
REVOKE ALL ON FUNCTION vero.backfill_campaign(text, timestamptz, boolean) FROM backfill_caller;
REVOKE ALL ON vero.trigger_jobs FROM backfill_caller;
REVOKE ALL ON SCHEMA vero FROM backfill_caller;
DROP ROLE backfill_caller;

-- jobs that are due at the same time come in the order of their events, whichever was registered first
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
INSERT INTO vero.campaigns (name, event_name, delay, cooldown, condition, subject, body_text) VALUES ('once', 'order', '10 days', '3 days', '$.event.item != "tie"', 'Hi', 'Hi');
BEGIN;
SELECT pg_temp.import('{"ann@b.co,order,9 days,hat","bob@b.co,order,9 days,tie","cem@b.co,order,9 days,hat","cem@b.co,order,9 days,hat"}');
SELECT pg_temp.import('{"ann@b.co,order,9 days,hat","ann@b.co,order,9 days,hat","bob@b.co,order,9 days,hat","dan@b.co,order,9 days,tie","dan@b.co,order,9 days,hat"}', true);
SELECT pg_temp.import('{"ann@b.co,order,9 days,hat","bob@b.co,order,9 days,hat","dan@b.co,order,9 days,hat"}');
COMMIT;
SELECT later, discarded, by_reason, contacts, busiest FROM pg_temp.backfill('once');
SELECT later FROM pg_temp.backfill('once', dry_run => false);
UPDATE vero.trigger_jobs SET due_at = now();
SELECT * FROM vero.run_jobs();
SELECT event, email, import, state, reason FROM pg_temp.jobs();
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
