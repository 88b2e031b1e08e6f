-- Conditions that take too long, or too much memory: their jobs fail, and nothing else does.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
CREATE VIEW decisions AS
	SELECT c.name, e.properties ->> 'n' AS n, j.state, j.reason, j.error, j.message_id IS NOT NULL AS has_message
	FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id JOIN vero.events AS e ON e.id = j.event_id ORDER BY c.id, e.id;

SHOW vero_events.condition_timeout;
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES
	('slow', 'order', '0', 'Hi', 'Hi', '$.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (exists($.event.a[*] ? (@ == -1)))))))))'),
	('wrong', 'order', '0', 'Hi', 'Hi', '(10 / $.event.n.double()) ? (@ > 0)'),
	('quick', 'order', '0', 'Hi', 'Hi', '$.event.n > 0'),
	('unconditional', 'order', '0', 'Hi', 'Hi', NULL);
SELECT count(vero.track_event('a@b.co', 'order', jsonb_build_object('n', n, 'a', (SELECT jsonb_agg(i) FROM generate_series(1, 200) AS i))))
FROM generate_series(0, 4) AS n;

SET vero_events.condition_timeout = '50ms';
-- three of them are enough for a portion: what was decided until then is stored
CREATE TABLE stored (n int GENERATED ALWAYS AS IDENTITY, took_longer bigint);
CREATE FUNCTION note_stored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.stored (took_longer) SELECT count(*) FROM changed WHERE error ~ 'took longer' HAVING count(*) > 0;
	RETURN NULL;
END
$$;
CREATE TRIGGER note_stored AFTER UPDATE ON vero.trigger_jobs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_stored();
SELECT * FROM vero.run_jobs();
SELECT took_longer FROM stored ORDER BY n;
DROP TRIGGER note_stored ON vero.trigger_jobs;
DROP FUNCTION note_stored;
DROP TABLE stored;
SELECT * FROM decisions;
SELECT count(*) FROM vero.run_jobs();

-- a value in ten million copies
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES
	('big', 'order', '0', 'Hi', 'Hi', ('$.event.n' || repeat('[0,0,0,0,0,0,0,0,0,0]', 7))::jsonpath);
SELECT vero.track_event('b@b.co', 'order', '{"n": 5}') IS NOT NULL AS tracked;
UPDATE vero.trigger_jobs SET state = 'discarded', reason = 'overdue', decided_at = now() WHERE state = 'scheduled' AND campaign_id = 1;
SET vero_events.condition_timeout = '60s';
SELECT * FROM vero.run_jobs();
SELECT * FROM decisions WHERE n = '5';
-- 64 MB to some kB: a regular expression is matched to characters of four bytes
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES ('long', 'text', '0', 'Hi', 'Hi', '$.event.text like_regex "(y|z)w"');
SELECT count(vero.track_event('b@b.co', 'text', jsonb_build_object('text', repeat('x', length)))) FROM unnest(ARRAY[16 * 1024 * 1024 - 16384, 16 * 1024 * 1024]) AS length;
SELECT * FROM vero.run_jobs();
SELECT length(e.properties ->> 'text'), j.state, j.reason, j.error FROM vero.trigger_jobs AS j JOIN vero.events AS e ON e.id = j.event_id WHERE e.name = 'text' ORDER BY 1;
DELETE FROM vero.trigger_jobs WHERE event_id IN (SELECT id FROM vero.events WHERE name = 'text');
SET vero_events.condition_timeout = '50ms';

-- the statement's own timeout is no condition's
UPDATE vero.trigger_jobs SET state = 'scheduled', reason = NULL, error = NULL, decided_at = NULL, message_id = NULL;
SET statement_timeout = '30ms';
SELECT * FROM vero.run_jobs();
RESET statement_timeout;
SELECT DISTINCT state FROM vero.trigger_jobs;

-- set by whoever may
CREATE ROLE regress_vero_limits;
SET ROLE regress_vero_limits;
SET vero_events.condition_timeout = '1h';
RESET ROLE;
DROP ROLE regress_vero_limits;
\set VERBOSITY sqlstate
SET vero_events.condition_timeout = 0;
\set VERBOSITY default
SELECT min_val, max_val, unit FROM pg_settings WHERE name = 'vero_events.condition_timeout';

DROP VIEW decisions;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
