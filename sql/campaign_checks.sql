-- What a campaign may be: bad ones are refused when they are written.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse

CREATE FUNCTION pg_temp.campaign(given jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	words text;
BEGIN
	INSERT INTO vero.campaigns (name, event_name, delay, grace, condition, cooldown, subject, body_text, body_html, from_address)
		SELECT name, event_name, delay, coalesce(grace, '0'), condition, cooldown, subject, body_text, body_html, from_address
		FROM jsonb_populate_record(NULL::vero.campaigns,
			'{"name": "thanks", "event_name": "order", "delay": "1 day", "subject": "Thanks", "body_text": "Hi"}' || given);
	DELETE FROM vero.campaigns;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS words = PG_EXCEPTION_DETAIL;
	RETURN sqlstate || ' ' || sqlerrm || CASE WHEN words LIKE 'Line%' THEN ' / ' || words ELSE '' END;
END
$$;

-- delays
SELECT d AS delay, pg_temp.campaign(jsonb_build_object('delay', d))
FROM unnest(ARRAY['0', '10 days', '365 days', '8760 hours', '365 days 00:00:00.000001', '366 days', '-1 us', '2 days -49 hours', '1 month', '1 year']) AS d;
SELECT pg_temp.campaign('{"delay": null}');

-- grace, cooldown
SELECT pg_temp.campaign('{"grace": "-1 s"}'), pg_temp.campaign('{"grace": "1 month"}'), pg_temp.campaign('{"grace": "2 days"}');
SELECT pg_temp.campaign('{"cooldown": "0"}'), pg_temp.campaign('{"cooldown": "1 month"}'), pg_temp.campaign('{"cooldown": "30 days"}');

-- names
SELECT pg_temp.campaign('{"name": " "}'), pg_temp.campaign('{"name": null}');
SELECT pg_temp.campaign('{"event_name": " _- "}'), pg_temp.campaign(jsonb_build_object('event_name', repeat('x', 256)));
-- and what helps
\set VERBOSITY default
\set campaign 'INSERT INTO vero.campaigns (name, event_name, delay, cooldown, subject, body_text, body_html, from_address) VALUES'
:campaign ('hint', 'order', '1 month', NULL, 's', 't', NULL, NULL);
:campaign ('hint', '_', '0', NULL, 's', 't', NULL, NULL);
:campaign ('hint', 'order', '0', '0', 's', 't', NULL, NULL);
:campaign ('hint', 'order', '0', NULL, 's', NULL, NULL, NULL);
:campaign ('hint', 'order', '0', NULL, 's', 't', ' ', NULL);
:campaign ('hint', 'order', '0', NULL, 's', 't', NULL, 'Shop (Sales) <a@b.example>');
:campaign ('hint', 'order', '0', NULL, 's', 't', NULL, 'Shop <a@b.example');
:campaign ('hint', 'order', '0', NULL, 's', 't', NULL, '<a@b>');
:campaign ('hint', 'order', '-1 day', NULL, 's', 't', NULL, NULL);
:campaign (' ', 'order', '0', NULL, 's', 't', NULL, NULL);
:campaign ('hint', 'order', '0', NULL, ' ', 't', NULL, NULL);
:campaign (NULL, 'order', '0', NULL, 's', 't', NULL, NULL);
:campaign ('hint', NULL, '0', NULL, 's', 't', NULL, NULL);
:campaign ('hint', 'order', NULL, NULL, 's', 't', NULL, NULL);
:campaign ('hint', 'order', '0', NULL, NULL, 't', NULL, NULL);
INSERT INTO vero.campaigns (name, event_name, subject, body_text) VALUES ('hint', 'order', 's', 't');
:campaign ('hint', 'order', '0', NULL, 's', 't', NULL, NULL);
UPDATE vero.campaigns SET grace = '100000 days';
UPDATE vero.campaigns SET grace = NULL;
UPDATE vero.campaigns SET transactional = NULL;
UPDATE vero.campaigns SET active = NULL;
UPDATE vero.campaigns SET delay = NULL;
DELETE FROM vero.campaigns;
-- the words are a trigger's, and the table's constraints hold without it
\set VERBOSITY terse
ALTER TABLE vero.campaigns DISABLE TRIGGER campaigns_not_null;
:campaign ('hint', 'order', NULL, NULL, 's', 't', NULL, NULL);
ALTER TABLE vero.campaigns ENABLE TRIGGER campaigns_not_null;
\set VERBOSITY default
:campaign ('hint', 'order', '-178000000 years', NULL, 's', 't', NULL, NULL);
:campaign ('hint', 'order', '2147483647 days', NULL, 's', 't', NULL, NULL);
\set VERBOSITY terse
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('once', 'order', '0', 'Hi', 'Hi');
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('once', 'order', '0', 'Hi', 'Hi');
DELETE FROM vero.campaigns;

-- conditions
SELECT pg_temp.campaign('{"condition": "$.event.item_type == \"red_hat\""}'), pg_temp.campaign('{"condition": "$.event.("}');

-- subject and bodies
SELECT pg_temp.campaign('{"subject": null}');
SELECT pg_temp.campaign('{"subject": " "}');
SELECT pg_temp.campaign('{"body_text": " "}');
-- nothing in them that is seen
SELECT encode(convert_to(t, 'UTF8'), 'escape') AS text, pg_temp.campaign(jsonb_build_object('name', t)) AS name, pg_temp.campaign(jsonb_build_object('subject', t)) AS subject,
	pg_temp.campaign(jsonb_build_object('body_text', t)) AS body_text, pg_temp.campaign(jsonb_build_object('body_html', t)) AS body_html
FROM unnest(ARRAY['', E' \u00A0', E'\u200B', E' \u200B.']) AS t;
SELECT t AS body_html, pg_temp.campaign(jsonb_build_object('body_html', t)) FROM unnest(ARRAY['<p></p>', '<p>&nbsp;</p><!-- {{ event.x }} -->', '<p>{{ event.x }}</p>', '<img src="https://b.co/a.png">', '&nbsp;']) AS t;
SELECT pg_temp.campaign(jsonb_build_object('body_text', E'\n\t \r\n')), pg_temp.campaign(jsonb_build_object('body_html', E'\n\t'));
\set VERBOSITY default
:campaign ('hint', 'order', '0', NULL, 's', NULL, '<p>&nbsp;</p>', NULL);
:campaign ('hint', 'order', '0', NULL, 's', ' ', NULL, NULL);
:campaign ('hint', 'order', '0', NULL, 's', ' ', '<p></p>', NULL);
:campaign ('hint', 'order', '0', NULL, 's', 'Hi', '<p></p>', NULL);
\set VERBOSITY terse
SELECT pg_temp.campaign('{"body_text": null}');
SELECT pg_temp.campaign('{"body_text": null, "body_html": "<p>Hi</p>"}');
SELECT t AS subject, pg_temp.campaign(jsonb_build_object('subject', t)) FROM unnest(ARRAY[
	'{{ event.item_type }}', '{{ event["Item Type"] | upcase }}', '{{ contact.first_name | default: "there" }}',
	'{{ contact.first_name | fallback: "there" }}', '{{ event.occurred_at | date: "%d %B %Y" }}', '{{ order.id }}', '{{ event }}',
	'{{ event.item_type | shout }}', '{{ event.item_type', '{% if event.item_type %}', E'two\nlines', E'tab\there']) AS t;
SELECT pg_temp.campaign(jsonb_build_object('body_text', E'Hi {{ contact.first_name }}\n\n  {{ event.item_type | upcase: 1 }}'));
SELECT pg_temp.campaign(jsonb_build_object('body_html', '<a href="{{ event.link }}">{{ event.occurred_at | date }}</a>'));
SELECT pg_temp.campaign(jsonb_build_object('body_html', E'<p>\n<a href={{ event.link }}>here</a>'));
SELECT pg_temp.campaign(jsonb_build_object('body_html', '<style>p { color: {{ event.color }} }</style>'));
SELECT pg_temp.campaign(jsonb_build_object('body_html', '<a href="javascript:x({{ event.link }})">'));
SELECT pg_temp.campaign(jsonb_build_object('body_html', repeat('x', 300000)));

-- senders
SELECT a AS from_address, pg_temp.campaign(jsonb_build_object('from_address', a)) FROM unnest(ARRAY[
	'shop@example.com', 'The Shop <shop@example.com>', '"Shop, Inc." <shop@example.com>', 'shop', 'a@example.com, b@example.com',
	E'shop@example.com\nBcc: x@example.com', '']) AS a;

-- what they are asked of on their own
SELECT vero.is_template('text', '{{ event.name }}'), vero.is_template('text', NULL), vero.is_mailbox('a@example.com');
SELECT vero.is_template('footer', 'x');

-- a campaign with jobs stays
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('thanks', 'order', '1 day', 'Hi', 'Hi');
SELECT vero.track_event('ann@example.com', 'order') IS NOT NULL;
DELETE FROM vero.campaigns;

-- events trigger the campaigns of their name, whoever writes it how
CREATE TABLE names (n int GENERATED ALWAYS AS IDENTITY, campaign text, event text);
INSERT INTO names (campaign, event) VALUES ('Places order', 'PLACES_ORDER'), ('ΟΔΟΣ', 'οδος'), ('straße', 'STRASSE'), ('Ünal', 'üNAL'), (E'Cafe\u0301', 'CAFÉ'), ('a b', E'a\u00A0b'),
	('a-b', E'a\u2013b'), ('a b', E'a \u2014 b'), ('a b', E'a\u2212b'), ('a_b', E'a\uFF3Fb'), ('ab', E'ab\u200B'), ('ab', E'\uFEFFab'), ('ﬁnal', 'FINAL'), ('заказ', 'ЗАКАЗ'),
	('order', 'orders'), ('e', 'é'), ('ı', 'i'), ('a.b', 'ab'), ('a+b', 'ab');
\pset format unaligned
SELECT campaign, to_json(event) AS event, vero.folded_name(campaign) = vero.folded_name(event) AS same FROM names ORDER BY n;
\pset format aligned
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) SELECT 'name ' || n, n || campaign, '1 day', 'Hi', 'Hi' FROM names;
SELECT jobs_scheduled FROM import_events_csv(convert_to((SELECT E'email,event,time\n' || string_agg(format('"a@b.example","%s%s",%s', n, event, to_char(now() - interval '1 hour', 'YYYY-MM-DD HH24:MI:SSOF')), E'\n')
	FROM names), 'UTF8'), trigger_campaigns => true);
SELECT string_agg(n::text, ' ' ORDER BY n) AS triggered FROM names JOIN vero.campaigns AS c ON c.name = 'name ' || n JOIN vero.trigger_jobs AS j ON j.campaign_id = c.id;
SELECT pg_temp.campaign(jsonb_build_object('event_name', E'\u2014\u00A0')), vero.folded_name(NULL), vero.folded_name(E'\u2014 _-') = '' AS nothing_left;
DELETE FROM vero.trigger_jobs WHERE campaign_id IN (SELECT id FROM vero.campaigns WHERE name LIKE 'name %');
DROP TABLE names;

-- states that make no sense
CREATE FUNCTION pg_temp.job(assignments text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'UPDATE vero.trigger_jobs SET ' || assignments;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END
$$;
SELECT a AS assignments, pg_temp.job(a) FROM unnest(ARRAY['state = ''done''', 'state = ''sent''', 'state = ''discarded''',
	'state = ''discarded'', reason = ''mood'', decided_at = now()', 'state = ''failed''', 'message_id = 1',
	'due_at = occurred_at - interval ''1 us''', 'campaign_id = 9999', 'state = ''cancelled''']) AS a;
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
	SELECT event_id, campaign_id, contact_id, occurred_at, due_at FROM vero.trigger_jobs;
CREATE FUNCTION pg_temp.message(kind text, state text, more jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO vero.messages OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::vero.messages,
		jsonb_build_object('id', 1, 'kind', kind, 'state', state, 'recipients', ARRAY['a@example.com'], 'subject', 's', 'body_text', 't',
			'message_id_header', '<1@example.com>', 'attempts', 0, 'claims', 0, 'accepted', '[]'::jsonb, 'refused', '[]'::jsonb,
			'created_at', now()) || more);
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END
$$;
SELECT kind, state, more, pg_temp.message(kind, state, more::jsonb) FROM (VALUES
	('letter', 'stored', '{}'), ('campaign', 'stored', '{}'), ('confirmation', 'stored', '{}'),
	('confirmation', 'queued', '{"import_id": 1, "sent_at": "2022-01-01"}'), ('confirmation', 'sent', '{"import_id": 1}'),
	('confirmation', 'failed', '{"import_id": 1}'), ('confirmation', 'lost', '{"import_id": 1}'),
	('confirmation', 'stored', '{"import_id": 1, "body_text": null}'),
	('confirmation', 'stored', '{"import_id": 1, "message_id_header": "<1@example.com>\r\nBcc: <x@example.com>"}')) AS t (kind, state, more);
