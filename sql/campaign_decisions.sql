-- What becomes of jobs that are due: mail in the outbox, or a reason, or an error.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'SQL, DMY';
\set VERBOSITY terse

-- All their jobs are due at once.
CREATE FUNCTION pg_temp.add_campaign(name text, given jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	INSERT INTO vero.campaigns (name, event_name, delay, grace, condition, cooldown, subject, body_text, body_html, from_address, transactional, active)
		SELECT c.name, event_name, '0', '36500 days', condition, cooldown, subject, body_text, body_html, from_address, coalesce(transactional, false), coalesce(active, true)
		FROM jsonb_populate_record(NULL::vero.campaigns,
			jsonb_build_object('name', name, 'event_name', 'order', 'subject', 'Thanks', 'body_text', 'Hi') || given) AS c
$$;
CREATE FUNCTION pg_temp.import(content text) RETURNS text LANGUAGE sql AS $$
	SELECT jobs_scheduled || ' scheduled' FROM import_events_csv(convert_to(content, 'UTF8'), trigger_campaigns => true, time_zone => 'UTC')
$$;
CREATE VIEW decisions AS
	SELECT c.name AS campaign, coalesce(k.email, 'contact ' || j.contact_id) AS email, j.state, j.reason, j.error, j.attempts, j.decided_at IS NOT NULL AS decided,
		j.message_id IS NOT NULL AS has_message
	FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id LEFT JOIN vero.contacts AS k ON k.id = j.contact_id
	ORDER BY c.id, j.event_id;
CREATE PROCEDURE pg_temp.clear() LANGUAGE sql AS $$
	TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY
$$;

-- one job: its message, exactly
SELECT pg_temp.add_campaign('thanks', '{"subject": "Your {{ event.item_type }}, {{ contact.first_name | default: \"friend\" }}",
	"body_text": "{{ event.name }} on {{ event.occurred_at | date: \"%d %B %Y\" }}: {{ event.item_type | upcase }}\n", "body_html": "<p>{{ event[\"Item type\"] }}{{ event.item_type }}</p>",
	"from_address": "The Shop <shop@example.com>"}');
SELECT pg_temp.import(E'email,name,time,item_type\nTyrion@casterlyrock.com,Order,2022-01-14 23:59:59.999999Z,green_shirt\n');
SELECT * FROM vero.run_jobs();
SELECT id, kind, recipients, from_address, subject, body_text, body_html, attachment, event_id, campaign_id, contact_id, import_id, attempts, last_error, sent_at FROM vero.messages WHERE kind = 'campaign';
SELECT message_id_header LIKE '<event.1.campaign.1.%@%>' AS names_the_job FROM vero.messages WHERE kind = 'campaign';
SELECT * FROM decisions;
SELECT m.created_at = j.decided_at AS same_time, j.message_id = m.id AS linked FROM vero.messages AS m JOIN vero.trigger_jobs AS j USING (event_id, campaign_id);
-- decided once
SELECT * FROM vero.run_jobs();
SHOW TimeZone;
CALL pg_temp.clear();

-- every reason
SELECT pg_temp.add_campaign('active'), pg_temp.add_campaign('inactive'), pg_temp.add_campaign('transactional', '{"transactional": true}'),
	pg_temp.add_campaign('conditional', '{"condition": "$.event.n == \"1\" && $.contact.vip == true"}'), pg_temp.add_campaign('rare', '{"cooldown": "1 day"}');
SELECT pg_temp.import(E'email,name,time,n\na@b.co,order,2022-01-01,1\na@b.co,order,2022-01-02,2\nunsubscribed@b.co,order,2022-01-01,1\ngone@b.co,order,2022-01-01,1\nforgets@b.co,order,2022-01-01,1\n');
UPDATE vero.campaigns SET active = false WHERE name = 'inactive';
UPDATE vero.contacts SET properties = '{"vip": true}' WHERE email = 'a@b.co';
UPDATE vero.contacts SET unsubscribed_at = now() WHERE email = 'unsubscribed@b.co';
DELETE FROM vero.events USING vero.contacts AS c WHERE c.id = contact_id AND email IN ('gone@b.co', 'forgets@b.co');
DELETE FROM vero.contacts WHERE email = 'gone@b.co';
SELECT * FROM vero.run_jobs();
SELECT * FROM decisions;
SELECT campaign_id, recipients, body_text FROM vero.messages WHERE kind = 'campaign' ORDER BY campaign_id, event_id;
SELECT * FROM vero.campaign_report ORDER BY id;
CALL pg_temp.clear();

-- mail in which nothing is seen fails; a subject is cut, and says so; times are written as conditions see them
SELECT pg_temp.add_campaign('subject', '{"subject": "{{ event.item }} {{ contact.nick }}"}'), pg_temp.add_campaign('text', '{"body_text": "{{ event.item }}\n"}'),
	pg_temp.add_campaign('html', '{"body_html": "\n{{ event.item }}"}'), pg_temp.add_campaign('tags', '{"body_text": null, "body_html": "<p>{{ event.item }}&nbsp;</p>"}'),
	pg_temp.add_campaign('image', '{"body_text": null, "body_html": "<p>{{ event.item }}</p><img src=\"https://b.co/a.png\">"}'), pg_temp.add_campaign('unseen', '{"body_text": "\u200b{{ event.n }}"}'),
	pg_temp.add_campaign('long', '{"subject": "{{ event.n }}{{ event.long }}", "body_text": "{{ event.occurred_at }}",
		"condition": "$.event.occurred_at == \"2022-01-01T00:00:00.25+00:00\""}');
SELECT pg_temp.import(E'email,name,time,n,long\na@b.co,order,2022-01-01 00:00:00.25,\u200b,' || repeat('ü', 600));
SELECT * FROM vero.run_jobs();
SELECT * FROM decisions;
SELECT length(subject), right(subject, 4) AS rest, body_text FROM vero.messages WHERE kind = 'campaign';
CALL pg_temp.clear();

-- events that were corrected: their time, their contact, both, one that was tracked, and one whose contact is gone since; others were deleted
SELECT pg_temp.add_campaign('moved', '{"body_text": "{{ contact.email }} {{ event.occurred_at }} {{ event.n }}", "condition": "$.event.occurred_at.datetime() > \"2021-01-01T00:00:00+00:00\".datetime()"}');
SELECT pg_temp.import(E'email,name,time,n\na@b.co,order,2022-01-01,1\na@b.co,order,2022-01-02,2\na@b.co,order,2022-01-03,3\ngone@b.co,order,2022-01-04,4\na@b.co,order,2022-01-05,5\n');
SELECT vero.track_event('a@b.co', 'order', '{"n": 6}', '2022-01-06');
INSERT INTO vero.contacts (email) VALUES ('right@b.co');
UPDATE vero.events SET occurred_at = '2023-01-01 00:00Z' WHERE properties->>'n' IN ('1', '3');
UPDATE vero.events SET contact_id = (SELECT id FROM vero.contacts WHERE email = 'right@b.co') WHERE properties->>'n' IN ('2', '3', '4', '6');
DELETE FROM vero.contacts WHERE email = 'gone@b.co';
DELETE FROM vero.events WHERE properties->>'n' = '5';
SELECT * FROM vero.run_jobs();
SELECT m.recipients, m.body_text, c.email = m.recipients[1] AS is_contact FROM vero.messages AS m JOIN vero.contacts AS c ON c.id = m.contact_id ORDER BY m.event_id;
SELECT state, reason, count(*) FROM vero.trigger_jobs GROUP BY 1, 2 ORDER BY 1, 2;
CALL pg_temp.clear();

-- conditions: what they see, and what counts as yes
SELECT pg_temp.add_campaign(n || ' ' || c, jsonb_build_object('condition', c)) IS NULL AS added FROM unnest(ARRAY[
	'$.event.name == "Order" && $.contact.email == "a@b.co"', '$.event.amount.double() > 9.5', '$.event.n ? (@ == "7")', '$.event.missing', '$.contact.missing == null',
	'$.contact.flag', '$.contact.off', '$.contact.nothing', '$.contact.zero', '$.contact.list[*] ? (@ > 2)', '$.contact.list[*] ? (@ > 5)', '$.contact.empty[*]', '$.contact.empty',
	'$.event.occurred_at.datetime() < "2022-01-02".datetime()', '$.event.occurred_at.datetime() >= "2022-01-01T00:00:00+00:00".datetime()', '$.event.properties.name == "inner"', 'exists($.event.n)',
	'$.contact.properties.email == "other"', '$.event.n like_regex "^[0-9]+$"', 'strict $.event.n == "7"', '$.event.n == 7', '$', 'true', 'false', '$.contact.first_name starts with "A"'])
	WITH ORDINALITY AS u (c, n) ORDER BY n;
INSERT INTO vero.contacts (email, properties) VALUES ('a@b.co', '{"flag": true, "off": false, "nothing": null, "zero": 0, "list": [1, 2, 3], "empty": [], "email": "other", "first_name": "Ann"}');
INSERT INTO vero.events (contact_id, name, occurred_at, properties) VALUES (1, 'Order', '2022-01-01 00:00Z', '{"amount": "10.25", "n": "7", "name": "inner"}');
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) SELECT 1, id, 1, '2022-01-01 00:00Z', '2022-01-01 00:00Z' FROM vero.campaigns;
SELECT * FROM vero.run_jobs();
SELECT campaign, has_message, reason, error FROM decisions;
CALL pg_temp.clear();

-- a condition that fails, fails its job alone, with the error
SELECT pg_temp.add_campaign('strict', '{"condition": "strict $.event.coupon == \"x\""}'),
	pg_temp.add_campaign('strict path', '{"condition": "strict $.event.coupon"}'), pg_temp.add_campaign('division', '{"condition": "(10 / $.event.n.double()) ? (@ > 0)"}'),
	pg_temp.add_campaign('number', '{"condition": "$.event.n.double() ? (@ >= 0)"}'), pg_temp.add_campaign('filter', '{"condition": "$.event ? (@.n.double() > 1)"}'), pg_temp.add_campaign('none');
SELECT pg_temp.import(E'email,name,time,n,coupon\na@b.co,order,2022-01-01,1,x\nb@b.co,order,2022-01-02,0,\nc@b.co,order,2022-01-03,many,y\nd@b.co,order,2022-01-04,many,\n');
UPDATE vero.contacts SET unsubscribed_at = now() WHERE email = 'd@b.co';
SELECT * FROM vero.run_jobs();
SELECT campaign, email, state, reason, regexp_replace(error, ': (string )?argument .*', ': .double() cannot read it') AS error, attempts, decided FROM decisions;
SELECT count(*) FROM vero.messages WHERE kind = 'campaign';
SELECT name, in_outbox, discarded_by_reason, failed FROM vero.campaign_report ORDER BY id;
CALL pg_temp.clear();

-- a campaign that cannot be read, as a later version may have written it, fails alone; mail that grows too large as well
SELECT pg_temp.add_campaign('broken'), pg_temp.add_campaign('broken html', '{"body_html": "<p>Hi</p>"}'), pg_temp.add_campaign('broken, inactive', '{"active": false}'), pg_temp.add_campaign('large'), pg_temp.add_campaign('fine');
ALTER TABLE vero.campaigns DROP CONSTRAINT campaigns_body_text, DROP CONSTRAINT campaigns_body_html;
UPDATE vero.campaigns SET body_text = '{% if x %}' WHERE name IN ('broken', 'broken, inactive');
UPDATE vero.campaigns SET body_html = '{{ event.x | shout }}' WHERE name = 'broken html';
UPDATE vero.campaigns SET body_text = repeat('{{ event.x }}', 20) WHERE name = 'large';
SELECT pg_temp.import(E'email,name,time,x\na@b.co,order,2022-01-01,1\n' || 'b@b.co,order,2022-01-01,' || repeat('x', 100000) || E'\n');
SELECT * FROM vero.run_jobs();
SELECT campaign, email, state, error FROM decisions;
CALL pg_temp.clear();
ALTER TABLE vero.campaigns
	ADD CONSTRAINT campaigns_body_text CHECK (vero.is_template('text', body_text)),
	ADD CONSTRAINT campaigns_body_html CHECK (vero.is_template('html', body_html));

-- hostile values are values: no tag, no markup, no line in a subject, no other recipient
SELECT pg_temp.add_campaign('hostile', '{"subject": "Re: {{ event.v }}", "body_text": "{{ event.v }}|{{ contact.v }}", "body_html": "<a title=\"{{ event.v }}\">{{ contact.v | default: \"<b>\" }}</a>"}');
INSERT INTO vero.contacts (email, properties) VALUES ('{{event.v}}@b.co', '{"v": "<script>alert(''{{ contact.email }}'')</script> & \"q\""}'), ('o''brien+x%y@b.co', '{}'), ('c@b.co', '{"v": {"a": ["{{x}}", null, 1.50, true]}}');
INSERT INTO vero.events (contact_id, name, occurred_at, properties) VALUES
	(1, 'order', '2022-01-01 00:00Z', jsonb_build_object('v', E'{{ contact.email }} {% raw %} }} {{')),
	(2, 'order', '2022-01-02 00:00Z', jsonb_build_object('v', E'x\r\nBcc: everybody@example.com\r\n\r\n<b>"''&\t\x1b\u2028')),
	(3, 'order', '2022-01-03 00:00Z', '{"v": [1, {"b": "<i>"}]}');
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) SELECT id, 1, contact_id, occurred_at, occurred_at FROM vero.events;
SELECT * FROM vero.run_jobs();
SELECT recipients, to_json(subject) AS subject, to_json(body_text) AS body_text, to_json(body_html) AS body_html FROM vero.messages WHERE kind = 'campaign' ORDER BY id;
CALL pg_temp.clear();

-- a limit takes those that are due first, and only those that are due
SELECT pg_temp.add_campaign('limited');
INSERT INTO vero.contacts (email) VALUES ('a@b.co');
INSERT INTO vero.events (contact_id, name, occurred_at) SELECT 1, 'order', now() - interval '1 hour' * (1001 - n * 8 % 1001) FROM generate_series(0, 1000) AS n;
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) SELECT id, 1, contact_id, occurred_at, occurred_at + interval '500.5 hours' FROM vero.events;
SELECT vero.run_jobs(0), vero.run_jobs(NULL);
SELECT vero.run_jobs(-1);
BEGIN;
SELECT * FROM vero.run_jobs(5);
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT * FROM vero.run_jobs(5);
ROLLBACK TO s;
SELECT * FROM vero.run_jobs(10);
COMMIT;
SELECT count(*), count(*) FILTER (WHERE n <= 10) AS first_ones FROM (
	SELECT message_id, row_number() OVER (ORDER BY due_at) AS n FROM vero.trigger_jobs) AS j WHERE message_id IS NOT NULL;
-- one that comes in before them is not passed over
INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (1, 'order', '2022-01-01');
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) SELECT max(id), 1, 1, '2022-01-01', '2022-01-01' FROM vero.events;
SELECT * FROM vero.run_jobs(400);
SELECT * FROM vero.run_jobs();
SELECT count(*) AS waiting, min(due_at) > now() AS in_future FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL;
SELECT scheduled, in_outbox, next_due = (SELECT min(due_at) FROM vero.trigger_jobs WHERE due_at > now()) AS next_due_right FROM vero.campaign_report;
UPDATE vero.trigger_jobs SET due_at = occurred_at WHERE message_id IS NULL;
SELECT * FROM vero.run_jobs();
CALL pg_temp.clear();

-- more than are decided at once, many of them due at the same moment; a cancelled one is left alone
SELECT pg_temp.add_campaign('many'), pg_temp.add_campaign('also many');
INSERT INTO vero.contacts (email) SELECT 'c' || n || '@b.co' FROM generate_series(1, 100) AS n;
INSERT INTO vero.events (contact_id, name, occurred_at) SELECT n % 100 + 1, 'order', '2022-01-01' FROM generate_series(1, 2345) AS n;
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) SELECT e.id, c.id, contact_id, occurred_at, occurred_at FROM vero.events AS e, vero.campaigns AS c;
UPDATE vero.trigger_jobs SET state = 'cancelled' WHERE event_id = 1;
SELECT * FROM vero.run_jobs(3333);
SELECT * FROM vero.run_jobs(100000);
SELECT count(*), count(DISTINCT (event_id, campaign_id)) FROM vero.messages WHERE kind = 'campaign';
SELECT name, scheduled, in_outbox, sent, discarded, failed, cancelled FROM vero.campaign_report ORDER BY id;
CALL pg_temp.clear();

-- cooldown: once within the time, by the outbox and within one batch; each campaign and contact on its own; failed mail does not count
SELECT pg_temp.add_campaign('daily', '{"cooldown": "1 day"}'), pg_temp.add_campaign('always');
SELECT pg_temp.import(E'email,name,time\na@b.co,order,2022-01-01\na@b.co,order,2022-01-02\nb@b.co,order,2022-01-03\na@b.co,order,2022-01-04\n');
SELECT * FROM vero.run_jobs();
SELECT campaign, email, state, reason, has_message FROM decisions;
SELECT pg_temp.import(E'email,name,time\na@b.co,order,2022-02-01\n');
SELECT * FROM vero.run_jobs();
UPDATE vero.messages SET created_at = created_at - interval '1 day' WHERE campaign_id = 1;
SELECT pg_temp.import(E'email,name,time\na@b.co,order,2022-02-02\na@b.co,order,2022-02-03\n');
SELECT * FROM vero.run_jobs();
UPDATE vero.messages SET state = 'failed', last_error = 'no such mailbox', next_attempt_at = NULL, sent_at = NULL WHERE campaign_id = 1;
SELECT pg_temp.import(E'email,name,time\na@b.co,order,2022-02-04\n');
SELECT * FROM vero.run_jobs();
SELECT name, in_outbox, discarded_by_reason FROM vero.campaign_report ORDER BY id;
-- what is not sent for another reason starts no cooldown
CALL pg_temp.clear();
SELECT pg_temp.add_campaign('daily', '{"cooldown": "1 day", "condition": "$.event.n == \"2\""}');
SELECT pg_temp.import(E'email,name,time,n\na@b.co,order,2022-01-01,1\na@b.co,order,2022-01-02,2\na@b.co,order,2022-01-03,2\n');
SELECT * FROM vero.run_jobs();
SELECT campaign, email, reason, has_message FROM decisions;

-- part of a transaction
SELECT pg_temp.add_campaign('in a transaction', '{"event_name": "other"}');
SELECT pg_temp.import(E'email,name,time\nx@b.co,other,2022-01-01\n');
BEGIN;
SAVEPOINT s;
SELECT * FROM vero.run_jobs();
ROLLBACK TO s;
SELECT count(*) FROM vero.messages WHERE campaign_id = 2;
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM vero.run_jobs();
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT * FROM vero.run_jobs();
ROLLBACK;
BEGIN READ ONLY;
SELECT * FROM vero.run_jobs();
ROLLBACK;

-- a copy of a database decides nothing until it is told to
SELECT vero.is_delivery_enabled();
UPDATE vero.delivery SET database_oid = 1;
SELECT vero.is_delivery_enabled();
\set VERBOSITY default
SELECT * FROM vero.run_jobs();
\set VERBOSITY terse
INSERT INTO vero.delivery (system_identifier, database_oid, instance) SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()), gen_random_uuid() FROM pg_control_system();
SELECT vero.is_delivery_enabled();
DELETE FROM vero.delivery;
SELECT vero.is_delivery_enabled();
SELECT count(*) AS messages FROM vero.messages WHERE campaign_id = 2;
SELECT vero.enable_delivery();
SELECT vero.is_delivery_enabled(), (SELECT count(*) FROM vero.delivery);
SELECT * FROM vero.run_jobs();

-- rights
CREATE ROLE vero_nobody;
SET ROLE vero_nobody;
SELECT * FROM vero.run_jobs();
SELECT vero.enable_delivery();
SELECT count(*) FROM vero.campaigns;
SELECT count(*) FROM vero.trigger_jobs;
SELECT count(*) FROM vero.messages WHERE kind = 'campaign';
SELECT count(*) FROM vero.campaign_report;
SELECT count(*) FROM vero.delivery;
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) VALUES (1, 1, 1, now(), now());
RESET ROLE;
-- who may call it needs no right to the tables
GRANT EXECUTE ON FUNCTION vero.run_jobs TO vero_nobody;
SELECT pg_temp.import(E'email,name,time\ny@b.co,other,2022-01-01\n');
CREATE SCHEMA vero_trap AUTHORIZATION vero_nobody;
SET ROLE vero_nobody;
CREATE FUNCTION vero_trap.less(timestamptz, timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE OPERATOR vero_trap.<= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = vero_trap.less);
CREATE FUNCTION vero_trap.texts(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE OPERATOR vero_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = vero_trap.texts);
CREATE FUNCTION vero_trap.bigints(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE OPERATOR vero_trap.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = vero_trap.bigints);
SET search_path = vero_trap, pg_catalog, public;
SELECT * FROM vero.run_jobs();
RESET search_path;
RESET ROLE;
DROP SCHEMA vero_trap CASCADE;
DROP OWNED BY vero_nobody;
DROP ROLE vero_nobody;
DROP VIEW decisions;
