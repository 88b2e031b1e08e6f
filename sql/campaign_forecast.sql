-- A dry run that triggers says what would become of its events: by campaign, as the import and the worker would decide.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY terse
-- Records of 'email,name,age,item', and the import's options; ages count from a whole second of now.
CREATE FUNCTION pg_temp.forecast(records text[], on_duplicate text DEFAULT 'insert') RETURNS SETOF vero.import_forecast LANGUAGE plpgsql AS $$
DECLARE
	base timestamptz := date_trunc('second', clock_timestamp());
	this_import bigint;
BEGIN
	SELECT import_id INTO this_import FROM import_events_csv(dry_run => true, trigger_campaigns => true, on_duplicate => forecast.on_duplicate, content => convert_to(E'email,name,time,item\n' ||
		(SELECT string_agg(format(E'%s,%s,%s,%s\n', f[1], f[2], to_char((base - f[3]::interval) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), f[4]), '' ORDER BY n)
		 FROM unnest(records) WITH ORDINALITY AS u (record, n), LATERAL string_to_array(record, ',') AS f), 'UTF8'));
	RETURN QUERY SELECT * FROM vero.import_forecast WHERE import_id = this_import;
END
$$;
CREATE FUNCTION pg_temp.shown(records text[], on_duplicate text DEFAULT 'insert')
RETURNS TABLE (campaign text, now bigint, later bigint, first_hours numeric, last_hours numeric, discarded bigint, by_reason jsonb, failed bigint, contacts bigint, per_contact text, busiest text) LANGUAGE sql AS $$
	SELECT campaign, sent_now, sent_later, round(extract(epoch FROM first_due - now()) / 3600, 1), round(extract(epoch FROM last_due - now()) / 3600, 1), discarded, discarded_by_reason, failed, contacts, mails_per_contact, busiest
	FROM pg_temp.forecast(records, on_duplicate) ORDER BY campaign COLLATE "C"
$$;
-- the rule of the import: now, later, overdue, of the future; each line item is one mail more
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('ten days', 'order', '10 days', '1 day', 'Hi', 'Hi'), ('other', 'other', '10 days', '0', 'Hi', 'Hi');
SELECT * FROM pg_temp.shown('{"ann@b.co,order,9 days,hat","ann@b.co,order,9 days,tie","ann@b.co,Order,8 days,hat","bob@b.co,order,241 hours,hat","bob@b.co,order,12 days,hat","bob@b.co,order,-1 day,hat","cem@b.co,visit,1 day,"}');
SELECT (SELECT count(*) FROM vero.contacts) AS contacts, (SELECT count(*) FROM vero.events) AS events, (SELECT count(*) FROM vero.trigger_jobs) AS jobs;
SELECT jsonb_path_query_array(forecast, '$[*].keyvalue().key') FROM vero.imports;
-- no event triggers anything: no row; a passive dry run has no forecast
SELECT * FROM pg_temp.shown('{"ann@b.co,visit,9 days,hat"}');
SELECT rows_imported FROM import_events_csv(E'email,name,time\nann@b.co,order,2022-01-01\n'::bytea, dry_run => true);
SELECT forecast FROM vero.imports ORDER BY id DESC LIMIT 2;
-- conditions over events and contacts, those that are not there yet among them; what cannot be judged fails
DELETE FROM vero.campaigns;
INSERT INTO vero.contacts (email, properties, unsubscribed_at) VALUES ('ann@b.co', '{"plan": "pro"}', NULL), ('bob@b.co', '{"plan": "free"}', NULL), ('uma@b.co', '{"plan": "pro"}', now());
INSERT INTO vero.campaigns (name, event_name, delay, condition, subject, body_text, transactional) VALUES
	('1 pro', 'order', '10 days', '$.contact.plan == "pro"', 'Hi', 'Hi', false),
	('2 pro, transactional', 'order', '10 days', '$.contact.plan == "pro"', 'Hi', 'Hi', true),
	('3 dear', 'order', '10 days', '$.event.item.double() >= 100', 'Hi', 'Hi', false),
	('4 who', 'order', '10 days', '$.contact.email starts with "new" && $.event.name == "order"', 'Hi', 'Hi', false),
	('5 when', 'order', '10 days', '$.event.occurred_at starts with "20"', 'Hi', 'Hi', false);
SELECT campaign, now, later, by_reason, failed, contacts, busiest FROM pg_temp.shown('{"ann@b.co,order,9 days,120","bob@b.co,order,9 days,99","uma@b.co,order,9 days,100","new@b.co,order,9 days,x1","newer@b.co,order,9 days,"}');
-- people who were forgotten
SELECT contacts FROM vero.forget('gone@b.co');
SELECT campaign, later, by_reason, contacts FROM pg_temp.shown('{"gone@b.co,order,9 days,120","ann@b.co,order,9 days,120"}') WHERE campaign ~ '^[25]';
-- and who is forgotten afterwards is in no forecast any more
SELECT contacts FROM vero.forget('ann@b.co');
SELECT busiest FROM vero.import_forecast WHERE busiest IS NOT NULL ORDER BY import_id, campaign COLLATE "C";
TRUNCATE vero.suppressions;
-- cooldowns: exactly as long is long enough; mail that was sent counts, failed mail does not, and jobs that are scheduled count at their time
DELETE FROM vero.campaigns;
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text) VALUES ('cool', 'order', '10 days', '2 days', '1 day', 'Hi', 'Hi');
SELECT now, later, first_hours, last_hours, by_reason, contacts FROM pg_temp.shown('{"new@b.co,order,9 days,","new@b.co,order,8 days,","new@b.co,order,8 days,","new@b.co,order,7 days 00:00:01,","new@b.co,order,6 days 23:59:59,"}');
SELECT now, later, first_hours, last_hours, by_reason, contacts FROM pg_temp.shown('{"new@b.co,order,11 days,","new@b.co,order,10 days 00:00:05,","new@b.co,order,9 days 12:00,","new@b.co,order,8 days 23:59,"}');
SELECT jobs_scheduled FROM import_events_csv(convert_to(format(E'email,name,time\nann@b.co,order,%s\nbob@b.co,order,%s\n', to_char(now() - interval '10 days 1 hour', 'YYYY-MM-DD HH24:MI:SSOF'), to_char(now() - interval '8 days 12 hours', 'YYYY-MM-DD HH24:MI:SSOF')), 'UTF8'), trigger_campaigns => true);
SELECT * FROM vero.run_jobs();
-- ann got it just now, bob is to get it in a day and a half
SELECT now, later, first_hours, last_hours, by_reason, contacts, busiest FROM pg_temp.shown('{"ann@b.co,order,10 days 00:30,","ann@b.co,order,9 days 01:00,","ann@b.co,order,8 days 23:00,","bob@b.co,order,10 days 00:30,","bob@b.co,order,9 days 06:00,","bob@b.co,order,8 days,","bob@b.co,order,7 days 11:00,"}');
UPDATE vero.messages SET state = 'failed', last_error = 'x', next_attempt_at = NULL WHERE kind = 'campaign';
UPDATE vero.contacts SET unsubscribed_at = now() WHERE email = 'bob@b.co';
SELECT now, later, by_reason, contacts, busiest FROM pg_temp.shown('{"ann@b.co,order,10 days 00:30,","bob@b.co,order,7 days 11:00,"}');
-- the other's condition: a job that will be discarded makes nobody wait
UPDATE vero.contacts SET unsubscribed_at = NULL;
UPDATE vero.campaigns SET condition = '$.event.item == "hat"';
SELECT now, later, by_reason, contacts FROM pg_temp.shown('{"bob@b.co,order,8 days,hat"}');
-- duplicates trigger nothing
TRUNCATE vero.trigger_jobs, vero.messages; DELETE FROM vero.campaigns;
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('once', 'order', '10 days', 'Hi', 'Hi');
SELECT later, discarded, contacts, busiest FROM pg_temp.shown('{"eve@b.co,order,9 days,a","eve@b.co,order,9 days,a","eve@b.co,order,9 days,b","ann@b.co,order,8 days,","ann@b.co,order,11 days,"}', 'skip');
SELECT later, discarded, contacts, busiest FROM pg_temp.shown('{"eve@b.co,order,9 days,a","eve@b.co,order,9 days,a","eve@b.co,order,9 days,b","ann@b.co,order,8 days,","ann@b.co,order,11 days,"}', 'insert');
-- many records: conditions over values that repeat, and over properties of contacts that are met again and again, say of each what they say by themselves
TRUNCATE vero.contacts, vero.events, vero.trigger_jobs, vero.messages; DELETE FROM vero.campaigns;
INSERT INTO vero.contacts (email, properties) SELECT format('c%s@b.co', i), CASE WHEN i % 3 > 0 THEN jsonb_build_object('plan', (ARRAY['pro', 'free'])[i % 2 + 1], 'n', i % 7, 'note', repeat('n', i % 20 * 100)) ELSE '{}' END FROM generate_series(1, 3000) AS i;
INSERT INTO vero.campaigns (name, event_name, delay, condition, subject, body_text) VALUES
	('1 event', 'order', '10 days', '$.event.item.double() >= 20', 'Hi', 'Hi'),
	('2 type', 'order', '10 days', '$.event.item == "7" || $.event.item.double() == 8', 'Hi', 'Hi'),
	('3 contact', 'order', '10 days', '$.contact.plan == "pro"', 'Hi', 'Hi {{ contact.note }}'),
	('4 both', 'order', '10 days', '$.contact.n < 3 && $.event.item.double() < 10', 'Hi', 'Hi'),
	('5 anything', 'order', '10 days', 'exists ($.contact ? (@.n == 5)) && $.contact.email starts with "c1"', 'Hi', 'Hi'),
	('6 blank', 'order', '10 days', NULL, 'Hi', '{{ contact.note }}'),
	('7 null', 'order', '10 days', '$.event.item > 5', 'Hi', 'Hi');
CREATE TEMPORARY TABLE records AS SELECT i, format('c%s@b.co', i * 7919 % 3600) AS email, (i % 30)::text AS item FROM generate_series(1, 25000) AS i;
SELECT import_id FROM import_events_csv(dry_run => true, trigger_campaigns => true, content => convert_to(E'email,name,time,item\n' ||
	(SELECT string_agg(format(E'%s,order,%s,%s\n', email, to_char(now() - interval '9 days', 'YYYY-MM-DD HH24:MI:SSOF'), item), '' ORDER BY i) FROM records), 'UTF8')) \gset
SELECT campaign, sent_later, discarded_by_reason, failed, sent_later = c.mails AND failed = c.failures AS are_right
FROM vero.import_forecast JOIN LATERAL (
	SELECT count(*) FILTER (WHERE judged AND note IS DISTINCT FROM '') AS mails, count(*) FILTER (WHERE judged IS NULL OR judged AND note = '') AS failures
	FROM records AS r LEFT JOIN vero.contacts AS k USING (email),
		LATERAL (SELECT CASE campaign
				WHEN '1 event' THEN item::int >= 20 WHEN '2 type' THEN item IN ('7', '8') WHEN '3 contact' THEN coalesce(k.properties ->> 'plan' = 'pro', false)
				WHEN '4 both' THEN coalesce((k.properties ->> 'n')::int < 3, false) AND item::int < 10 WHEN '5 anything' THEN coalesce(k.properties ->> 'n' = '5', false) AND email LIKE 'c1%'
				WHEN '6 blank' THEN true END AS judged,
			CASE WHEN campaign = '6 blank' THEN coalesce(k.properties ->> 'note', '') END AS note) AS j) AS c ON true
WHERE import_id = :import_id ORDER BY campaign COLLATE "C";
DROP TABLE records;
TRUNCATE vero.contacts, vero.events, vero.trigger_jobs, vero.messages; DELETE FROM vero.campaigns;
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('once', 'order', '10 days', 'Hi', 'Hi');
-- a condition that takes too long fails its jobs, and after some of them all others, unjudged
UPDATE vero.campaigns SET condition = '$.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (@ == -1))))))))) == 1';
SET vero_events.condition_timeout = '20ms';
SELECT clock_timestamp() AS began \gset
SELECT rows_imported FROM import_events_csv(convert_to(E'email,name,time,a\n' || (SELECT string_agg(format(E'ann@b.co,order,%s,"[%s]"\n', to_char(now() - interval '9 days', 'YYYY-MM-DD HH24:MI:SSOF'), (SELECT string_agg(i::text, ',') FROM generate_series(1, 200) AS i)), '') FROM generate_series(1, 2000)), 'UTF8'),
	dry_run => true, trigger_campaigns => true, property_types => '{"a": "json"}');
SELECT clock_timestamp() - :'began' < '10 s' AS in_time, sent_later, failed FROM vero.import_forecast ORDER BY import_id DESC LIMIT 1;
RESET vero_events.condition_timeout;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
