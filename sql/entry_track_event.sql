-- One event as it happens: the rules of records, and its campaigns.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY terse
\set SHOW_CONTEXT never
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('at once', 'Completes checkout', '0', '0', 'Hi', 'Hi'),
	('later', 'Completes checkout', '10 days', '0', 'Hi', 'Hi'), ('patient', 'Completes checkout', '0', '1 hour', 'Hi', 'Hi');
CREATE VIEW job_list AS SELECT c.name AS campaign, j.state, j.reason, j.due_at - j.occurred_at AS delay, j.import_id, j.event_id
	FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id ORDER BY j.event_id, c.id;

-- what happens now is never late
SELECT vero.track_event(' Tyrion@CasterlyRock.com ', ' completes_checkout ', '{"item_type": "red_hat", "n": 1, "gift": null}') AS id;
SELECT email, name, properties, import_id, now() - occurred_at < '1 hour' AS is_recent FROM vero.timeline;
SELECT * FROM job_list;
SELECT created_by_import, properties, unsubscribed_at FROM vero.contacts;
SELECT * FROM vero.run_jobs();
SELECT recipients, subject FROM vero.messages ORDER BY id;

-- a time that is given is judged as an import's is
SELECT vero.track_event('tyrion@casterlyrock.com', 'Completes checkout', occurred_at => now() - interval '9 days'),
	vero.track_event('tyrion@casterlyrock.com', 'Completes checkout', '{}', now() - interval '10 days'),
	vero.track_event('tyrion@casterlyrock.com', 'Completes checkout', NULL, now() + interval '1 hour'),
	vero.track_event('tyrion@casterlyrock.com', 'Completes checkout', '{}', now() - interval '1 minute'),
	vero.track_event('tyrion@casterlyrock.com', 'Other', '{}', NULL);
SELECT * FROM job_list WHERE event_id > 1;
SELECT count(*) AS contacts FROM vero.contacts;

-- what a record would be rejected for is an error
CREATE FUNCTION pg_temp.track(email text, name text, properties jsonb DEFAULT '{}', occurred_at timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN 'event ' || vero.track_event(email, name, properties, occurred_at);
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END
$$;
SELECT e AS email, pg_temp.track(e, 'x') FROM unnest(ARRAY[NULL, '', '  ', 'null', 'N/A', 'someone', 'a b@c.co', '"a"@b.co', 'a@b.co, c@d.co', E'a@b.co\nBcc: c@d.co', repeat('x', 65) || '@b.co',
	'a@b.co', 'ä@bücher.example']) AS e;
SELECT left(n, 10) AS name, pg_temp.track('a@b.co', n) FROM unnest(ARRAY[NULL, '', E' \t', repeat('ä', 255), repeat('ä', 256)]) AS n;
SELECT p AS properties, pg_temp.track('a@b.co', 'x', p) FROM unnest(ARRAY[NULL, '{}', '[]', '"a"', '1', 'null', '{"a": {"b": [1]}}']::jsonb[]) AS p;
SELECT t AS occurred_at, pg_temp.track('a@b.co', 'x', '{}', t) FROM unnest(ARRAY['infinity', '-infinity', '0001-01-01 00:00', '0001-12-31 23:59:59.999999 BC', '9999-12-31 23:59:59.999999',
	'10000-01-01 00:00', '294276-12-31 23:59:59']::timestamptz[]) AS t;
SELECT count(*) FILTER (WHERE import_id IS NOT NULL) AS of_imports FROM vero.events;

-- in the caller's transaction
BEGIN;
SELECT vero.track_event('nobody@b.co', 'Completes checkout') IS NOT NULL;
ROLLBACK;
SELECT count(*) FROM vero.contacts WHERE email = 'nobody@b.co';
BEGIN READ ONLY;
SELECT vero.track_event('nobody@b.co', 'x');
ROLLBACK;

-- rights: those of an import that triggers; nothing need be readable
CREATE ROLE vero_tracker;
SET ROLE vero_tracker;
SELECT vero.track_event('a@b.co', 'x');
RESET ROLE;
GRANT INSERT ON vero.events TO vero_tracker;
SET ROLE vero_tracker;
SELECT vero.track_event('a@b.co', 'x');
RESET ROLE;
GRANT INSERT ON vero.trigger_jobs TO vero_tracker;
SET ROLE vero_tracker;
SELECT vero.track_event('tracked@b.co', 'Completes checkout') IS NOT NULL;
SELECT count(*) FROM vero.events;
SELECT count(*) FROM vero.contacts;
RESET ROLE;
-- triggers and policies have their say
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN new.name <> 'unwanted' THEN new END; END $$;
CREATE TRIGGER keep_out BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION keep_out();
SELECT vero.track_event('tracked@b.co', 'Completes checkout') IS NOT NULL;
SELECT vero.track_event('tracked@b.co', 'unwanted');
DROP TRIGGER keep_out ON vero.events;
DROP FUNCTION keep_out;
SELECT e.name, count(DISTINCT e.id) AS events, count(j.event_id) AS jobs FROM vero.events AS e JOIN vero.contacts AS c ON c.id = e.contact_id
	LEFT JOIN vero.trigger_jobs AS j ON j.event_id = e.id WHERE email = 'tracked@b.co' GROUP BY 1;
DROP OWNED BY vero_tracker;
DROP ROLE vero_tracker;
DROP VIEW job_list;
