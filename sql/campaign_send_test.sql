-- The mail that a campaign would write, sent to somebody who tries it out.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.mail_stops, vero.suppressions RESTART IDENTITY;
SET TimeZone = 'UTC';
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text, body_html, from_address, active) VALUES
	('both', 'places order', '0', '36500 days', '1 day', 'Your {{ event.item }}', 'Dear {{ contact.first_name | default: "customer" }}, {{ event.item | upcase }}',
		'<p>{{ event.item }}</p>', 'Shop <shop@example.com>', true),
	('blank', 'places order', '1 day', '0', NULL, '{{ event.nothing }}', 'Hi', NULL, NULL, false);
SELECT rows_imported FROM import_events_csv(E'email,event,time,item\nann@example.com,Places order,2022-01-02,hat & tie\nann@example.com,places_order,2022-01-03 10:00,red <hat>\nbob@example.com,visit,2022-01-04,cap\n'::bytea);
CREATE VIEW pg_temp.tests AS
	SELECT m.id, m.recipients, m.state, m.subject, m.last_error, m.next_attempt_at IS NOT NULL AS is_due, c.email AS shows FROM vero.messages AS m LEFT JOIN vero.contacts AS c ON c.id = m.contact_id WHERE m.kind = 'test' ORDER BY m.id;
-- of any event, and of the latest one that it is for: as vero.preview() renders it
SELECT vero.send_test('both', 1, 'colleague@example.org') AS message;
SELECT kind, "to", "from", subject, text, attachment, state, why, attempts, campaign, import_id, event_id FROM vero.outbox WHERE kind = 'test' \gx
SELECT p.subject = substr(m.subject, 8) AND p.body_text = m.body_text AND p.body_html = m.body_html AND p."from" = m.from_address AS as_previewed
FROM vero.messages AS m, vero.preview('both', 1) AS p WHERE m.kind = 'test';
SELECT message_id_header ~ '^<test\.[0-9a-f-]{36}@example\.com>$' AS own_id, event_id, campaign_id, import_id FROM vero.messages WHERE kind = 'test';
SELECT vero.send_test('both', 'ANN@example.com', ' One@example.org,two@example.org, one@EXAMPLE.org ') AS message;
-- the campaign need not be active, nor the event one that it is for
UPDATE vero.campaigns SET active = false;
SELECT vero.send_test('both', 3, 'colleague@example.org') AS message;
UPDATE vero.campaigns SET active = true WHERE name = 'both';
SELECT recipients, state, subject, shows FROM pg_temp.tests;
-- it counts nowhere: not for cooldowns, nor for what became of whom
INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at, state) SELECT e.id, 1, e.contact_id, e.occurred_at, e.occurred_at, 'scheduled' FROM vero.events AS e WHERE e.id = 2;
SELECT queued, discarded, failed FROM vero.run_jobs();
SELECT state, in_outbox, sent, failed FROM vero.campaign_report AS r, vero.why('ann@example.com', 'both') AS w WHERE r.name = 'both' AND w.event_id = 2;
SELECT event_id, state, message_id, left(why, 31) AS why FROM vero.why('ann@example.com', 'both');
SELECT campaign_id, kind, count(*) FROM vero.messages GROUP BY 1, 2 ORDER BY 1, 2;
UPDATE vero.messages SET state = 'queued', next_attempt_at = now() - interval '1 hour', created_at = now() - interval '1 hour' WHERE kind = 'test';
SELECT problem, found FROM vero.health WHERE problem LIKE 'mail%';
UPDATE vero.messages SET state = 'failed', next_attempt_at = NULL, last_error = 'no' WHERE kind = 'test';
SELECT problem, found FROM vero.health WHERE problem LIKE 'mail%';
-- it is sent again, stopped with all mail and not with its campaign's, and not cancelled with that
SELECT vero.resend(id) FROM pg_temp.tests LIMIT 1;
SELECT vero.stop_mail('both');
SELECT jobs, messages FROM vero.cancel_mail('both');
SELECT state, why FROM vero.outbox WHERE kind = 'test' AND state = 'queued';
SELECT vero.stop_mail();
SELECT state, why FROM vero.outbox WHERE kind = 'test' AND state = 'queued';
SELECT vero.start_mail(), vero.start_mail('both');
-- who it goes to
SELECT vero.send_test('both', 1, 'colleague');
SELECT vero.send_test('both', 1, 'Colleague <colleague@example.org>');
SELECT vero.send_test('both', 1, '');
SELECT vero.send_test('both', 1, 'a@example.org,,b@example.org');
SELECT vero.send_test('both', 1, string_agg('c' || n || '@example.org', ',')) IS NOT NULL AS is_sent FROM generate_series(1, 20) AS n;
SELECT vero.send_test('both', 1, string_agg('c' || n || '@example.org', ',')) FROM generate_series(1, 21) AS n;
SELECT vero.send_test(NULL, 1, 'a@example.org');
SELECT vero.send_test('both', NULL::bigint, 'a@example.org');
SELECT vero.send_test('both', NULL::text, 'a@example.org');
SELECT vero.send_test('both', 1, NULL);
-- what cannot be shown
SELECT vero.send_test('unknown', 1, 'a@example.org');
SELECT vero.send_test('both', 77, 'a@example.org');
SELECT vero.send_test('both', 'bob@example.com', 'a@example.org');
SELECT vero.send_test('both', 'bob', 'a@example.org');
SELECT vero.send_test('blank', 1, 'a@example.org');
BEGIN READ ONLY;
SELECT vero.send_test('both', 1, 'a@example.org');
ROLLBACK;
-- a long subject stays within what a subject may have
UPDATE vero.campaigns SET subject = repeat('x', 495) WHERE name = 'both';
SELECT vero.send_test('both', 1, 'a@example.org') AS long \gset
SELECT length(subject), right(subject, 5) FROM vero.messages WHERE id = :long;
-- who may: it takes EXECUTE, as vero.preview() does, and INSERT on vero.messages
CREATE ROLE vero_tester;
SET ROLE vero_tester;
SELECT vero.send_test('both', 1, 'a@example.org');
RESET ROLE;
GRANT INSERT ON vero.messages TO vero_tester;
SET ROLE vero_tester;
SELECT vero.send_test('both', 1, 'a@example.org');
RESET ROLE;
REVOKE INSERT ON vero.messages FROM vero_tester;
GRANT EXECUTE ON FUNCTION vero.send_test(text, bigint, text), vero.send_test(text, text, text) TO vero_tester;
SET ROLE vero_tester;
SELECT vero.send_test('both', 1, 'a@example.org');
SELECT vero.send_test('both', 'ann@example.com', 'a@example.org');
RESET ROLE;
GRANT INSERT ON vero.messages TO vero_tester;
SET ROLE vero_tester;
SELECT vero.send_test('both', 1, 'a@example.org') IS NOT NULL AS is_sent;
SELECT vero.send_test('both', 'ann@example.com', 'a@example.org') IS NOT NULL AS is_sent;
RESET ROLE;
DROP OWNED BY vero_tester;
DROP ROLE vero_tester;
-- who is forgotten: tests that show somebody's event go, whatever they say, and those that went to somebody; the others stay
UPDATE vero.campaigns SET subject = '{{ contact.email }}' WHERE name = 'both';
DELETE FROM vero.messages WHERE kind = 'test';
SELECT vero.send_test('both', 1, 'colleague@example.org') + vero.send_test('both', 3, 'gone@example.org,colleague@example.org') + vero.send_test('both', 3, 'colleague@example.org') > 0 AS sent;
SELECT contacts, events, jobs, messages, confirmations FROM vero.forget('ann@example.com');
SELECT recipients, shows FROM pg_temp.tests;
SELECT contacts, messages FROM vero.forget('gone@example.org');
SELECT recipients, shows FROM pg_temp.tests;
SELECT vero.send_test('both', 3, 'colleague@example.org, Gone@example.org');
-- a contact who is there no more is found by what the test says
DELETE FROM vero.events;
DELETE FROM vero.contacts;
SELECT subject, shows FROM pg_temp.tests;
SELECT contacts, messages FROM vero.forget('bob@example.com');
SELECT count(*) FROM pg_temp.tests;
-- what was kept long enough goes, as confirmations do
SELECT rows_imported FROM import_events_csv(E'email,event,time,item\ncem@example.com,Places order,2022-01-02,hat\n'::bytea);
SELECT vero.send_test('both', 'cem@example.com', 'old@example.org,a@example.org') + vero.send_test('both', 'cem@example.com', 'new@example.org') > 0 AS sent;
UPDATE vero.messages SET created_at = now() - interval '3 days' WHERE 'old@example.org' = ANY (recipients);
DELETE FROM vero.messages WHERE kind = 'confirmation';
SELECT confirmations FROM vero.remove_old(1000, '2 days');
SELECT recipients FROM pg_temp.tests;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.mail_stops, vero.suppressions RESTART IDENTITY;
