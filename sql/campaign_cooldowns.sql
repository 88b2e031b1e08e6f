-- How far apart two mails of a campaign to one contact are: by when their jobs were due, as far as the clock does not say more. To let time pass, what is written down is made older.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
\set VERBOSITY terse
CREATE PROCEDURE pg_temp.clear() LANGUAGE sql AS $$
	TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY
$$;
-- Records of 'email,age'.
CREATE FUNCTION pg_temp.content(records text[]) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time\n' || string_agg(format(E'%s,order,%s\n', split_part(record, ',', 1),
		to_char(date_trunc('second', clock_timestamp()) - split_part(record, ',', 2)::interval, 'YYYY-MM-DD HH24:MI:SS.USOF')), '' ORDER BY n), 'UTF8')
	FROM unnest(records) WITH ORDINALITY AS u (record, n)
$$;
CREATE FUNCTION pg_temp.import(records text[]) RETURNS bigint LANGUAGE sql AS $$
	SELECT jobs_scheduled FROM import_events_csv(pg_temp.content(records), trigger_campaigns => true, allow_repeat => true)
$$;
CREATE FUNCTION pg_temp.forecast(records text[]) RETURNS TABLE (now bigint, later bigint, by_reason jsonb) LANGUAGE plpgsql AS $$
DECLARE
	this_import bigint;
BEGIN
	SELECT import_id INTO this_import FROM import_events_csv(pg_temp.content(records), trigger_campaigns => true, dry_run => true);
	RETURN QUERY SELECT sent_now, sent_later, discarded_by_reason FROM vero.import_forecast WHERE import_id = this_import;
END
$$;
CREATE PROCEDURE pg_temp.pass(passed interval) LANGUAGE sql AS $$
	UPDATE vero.trigger_jobs SET occurred_at = occurred_at - passed, due_at = due_at - passed, registered_at = registered_at - passed, decided_at = decided_at - passed;
	UPDATE vero.events SET occurred_at = occurred_at - passed;
	UPDATE vero.messages SET created_at = created_at - passed
$$;
CREATE VIEW became AS
	SELECT email, string_agg(coalesce(reason, CASE WHEN message_id IS NULL THEN state ELSE 'mail' END), ' ' ORDER BY event_id) AS became
	FROM vero.trigger_jobs AS j JOIN vero.contacts AS c ON c.id = j.contact_id GROUP BY email ORDER BY email;
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text) VALUES ('daily', 'order', '10 days', '3 days', '1 day', 'Hi', 'Hi');
-- a cooldown apart to the microsecond, and one microsecond less: a mail that was written a minute late does not make the next one come too soon
\set records '{"just@b.co,9 days","just@b.co,8 days","less@b.co,9 days","less@b.co,8 days 00:00:00.000001"}'
SELECT * FROM pg_temp.forecast(:'records');
SELECT pg_temp.import(:'records');
CALL pg_temp.pass('1 day 00:01');
SELECT * FROM vero.run_jobs();
CALL pg_temp.pass('23:59');
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
SELECT regexp_replace(why, '\d{4}-\S+ [\d:.+]+\d', '...', 'g') AS why FROM vero.why('less@b.co', 'daily');
CALL pg_temp.clear();
-- a worker that was late decides both at once: as if it were on time
SELECT pg_temp.import(:'records');
CALL pg_temp.pass('5 days');
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
-- the next ones count from when these were due, not from when they were written
SELECT * FROM pg_temp.forecast('{"just@b.co,10 days","less@b.co,10 days"}');
SELECT pg_temp.import('{"just@b.co,10 days","less@b.co,10 days"}');
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
CALL pg_temp.clear();
-- nobody who got nothing within the cooldown by the clock is refused: the second job comes later than it was due
SELECT pg_temp.import('{"ann@b.co,9 days","ann@b.co,8 days 12:00"}');
CALL pg_temp.pass('1 day');
SELECT * FROM vero.run_jobs();
CALL pg_temp.pass('1 day');
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
CALL pg_temp.clear();
-- what was due before it was registered counts from then, whoever registers it: of two old events one is mail, whatever lies between them
\set records '{"ann@b.co,12 days 12:00","ann@b.co,10 days 01:00"}'
SELECT * FROM pg_temp.forecast(:'records');
SELECT pg_temp.import(:'records');
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
SELECT count(registered_at) AS registered, count(*) FILTER (WHERE registered_at = i.started_at) AS at_start FROM vero.trigger_jobs JOIN vero.imports AS i ON i.id = import_id;
CALL pg_temp.clear();
SELECT rows_imported FROM import_events_csv(pg_temp.content(:'records'));
SELECT sent_now, discarded_by_reason FROM vero.backfill_campaign('daily', '-infinity');
SELECT sent_now FROM vero.backfill_campaign('daily', '-infinity', dry_run => false);
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
CALL pg_temp.clear();
SELECT vero.track_event('ann@b.co', 'order', '{}', now() - age) > 0 AS tracked FROM unnest('{12 days 12:00,10 days 01:00}'::interval[]) AS age;
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
CALL pg_temp.clear();
-- a job that waits for a late worker counts from when it was due, in forecasts too; so it does where one that was due before it was registered after it, and each is decided by itself
SELECT pg_temp.import('{"ann@b.co,9 days","bob@b.co,9 days"}');
CALL pg_temp.pass('2 days');
\set records '{"ann@b.co,10 days","bob@b.co,11 days 12:00","bob@b.co,10 days"}'
SELECT * FROM pg_temp.forecast(:'records');
SELECT pg_temp.import(:'records');
SELECT r.* FROM generate_series(1, 6) AS n, LATERAL vero.run_jobs(sign(n)::integer) AS r;
SELECT * FROM became;
CALL pg_temp.clear();
-- a late worker decides in the order of what jobs count from: what was due earlier, and imported later, does not take the place of one that a worker that is on time had decided before
SELECT pg_temp.import('{"ann@b.co,9 days 23:00"}');
CALL pg_temp.pass('11:00');
SELECT * FROM pg_temp.forecast('{"ann@b.co,10 days 11:00"}');
SELECT pg_temp.import('{"ann@b.co,10 days 11:00"}');
SELECT * FROM vero.run_jobs();
SELECT * FROM became;
CALL pg_temp.clear();
-- what vero.why() names is a mail that was near, of several that were decided together one from which it had to keep away
SELECT pg_temp.import('{"ann@b.co,9 days","ann@b.co,8 days 07:00","ann@b.co,8 days","ann@b.co,7 days"}');
CALL pg_temp.pass('4 days');
SELECT * FROM vero.run_jobs();
SELECT state, message_id, substring(why FROM 'message \d+') AS names FROM vero.why('ann@b.co', 'daily');
CALL pg_temp.clear();
DROP VIEW became;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
