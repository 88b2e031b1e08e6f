-- The outbox without an SMTP server: messages are stored, read, queued again, and removed when they are old.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, from_address) VALUES
	('thanks', 'order', '0', 'Thanks, {{ contact.email }}', E'Hello,\nyour {{ event.item }} is on its way.', 'The Shop <shop@bücher.example>');
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_html) VALUES
	('html', 'visit', '0', 'Hello', '<html><style>p { color: red }</style><p>Hello <b>{{ contact.email }}</b></p>');
SELECT count(vero.track_event(n || '@example.com', 'order', '{"item": "hat"}')) FROM unnest('{ann,bob,cid}'::text[]) AS n;
SELECT count(vero.track_event('dora@example.com', 'visit'));
SELECT * FROM vero.run_jobs();

-- with no server they are stored, and their jobs wait
SELECT state, next_attempt_at, attempts FROM vero.messages;
SELECT state, message_id IS NOT NULL AS has_message, error FROM vero.trigger_jobs;
SELECT id, kind, "to", "from", subject, text, attachment, state, why, sent_at FROM vero.outbox;
-- a Message-ID is of the sender's domain
SELECT id, regexp_replace(message_id_header, '\d{5,}', 'N', 'g') FROM vero.messages ORDER BY id;

-- nothing can be sent, and that is said
CALL vero.send_mail();
BEGIN;
CALL vero.send_mail();
ROLLBACK;
CREATE FUNCTION pg_temp.send() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE sent bigint; failed bigint; retried bigint;
BEGIN CALL vero.send_mail(10, sent, failed, retried); RETURN sent; END $$;
SELECT pg_temp.send();
CALL vero.send_mail(-1);
CALL vero.send_mail(NULL);

-- resend() queues one, under the Message-ID that it has
SELECT message_id_header AS before FROM vero.messages WHERE id = 1 \gset
SELECT vero.resend(1);
SELECT id, state, next_attempt_at <= clock_timestamp() AS is_due, message_id_header = :'before' AS same FROM vero.messages WHERE id = 1;
SELECT state, why FROM vero.outbox WHERE id = 1;
-- what it waits for, each as it is now
BEGIN;
UPDATE vero.campaigns SET active = false;
SELECT state, why FROM vero.outbox WHERE id = 1;
UPDATE vero.campaigns SET active = true;
UPDATE vero.contacts SET unsubscribed_at = now();
SELECT state, why FROM vero.outbox WHERE id = 1;
UPDATE vero.campaigns SET transactional = true;
UPDATE vero.delivery SET database_oid = 1;
SELECT state, why FROM vero.outbox WHERE id = 1;
UPDATE vero.messages SET state = 'sending', attempts = 1, claims = 1, next_attempt_at = clock_timestamp() + interval '1 min' WHERE id = 1;
SELECT state, why FROM vero.outbox WHERE id = 1;
UPDATE vero.messages SET next_attempt_at = now() - interval '1 min' WHERE id = 1;
SELECT vero.enable_delivery();
SELECT state, why FROM vero.outbox WHERE id = 1;
UPDATE vero.messages SET state = 'cancelled', next_attempt_at = NULL, last_error = 'the contact was deleted' WHERE id = 1;
SELECT state, why FROM vero.outbox WHERE id = 1;
SELECT vero.resend(1);
ROLLBACK;
SELECT vero.resend(1);
SELECT vero.resend(99);
SELECT vero.resend(NULL) IS NULL;
-- and so it does with one that failed, whose job waits again
UPDATE vero.messages SET state = 'failed', last_error = '550 no such user', attempts = 12 WHERE id = 2;
UPDATE vero.trigger_jobs SET state = 'failed', error = '550 no such user' WHERE message_id = 2;
SELECT state, why FROM vero.outbox WHERE id = 2;
SELECT vero.resend(2);
SELECT m.state, m.attempts, m.last_error, j.state, j.error FROM vero.messages AS m JOIN vero.trigger_jobs AS j ON j.message_id = m.id WHERE m.id = 2;
-- a message that is sent is sent
UPDATE vero.messages SET state = 'sent', sent_at = now(), next_attempt_at = NULL, server_reply = '250 2.0.0 Ok: queued as 4F2' WHERE id = 1;
UPDATE vero.trigger_jobs SET state = 'sent' WHERE message_id = 1;
SELECT vero.resend(1);
SELECT state, why FROM vero.outbox WHERE id = 1;
-- nor is one sent to nobody
BEGIN;
WITH i AS (INSERT INTO vero.imports (id, source, state, imported_by, started_at) OVERRIDING SYSTEM VALUE
	VALUES (100, 'content', 'completed', 'somebody', now()) RETURNING id)
INSERT INTO vero.messages (kind, state, recipients, subject, body_html, message_id_header, import_id, created_at)
	SELECT 'confirmation', 'stored', '{}', 'Imported', '<style>a</style><p>All<br>of <b>it</b></p><style>b</style><p>now</p>', '<x@example.com>', id, now() FROM i
	RETURNING id AS message \gset
SELECT "to", text FROM vero.outbox WHERE id = :message;
SELECT vero.resend(:message);
ROLLBACK;
-- a copy of the database queues nothing
BEGIN;
UPDATE vero.delivery SET database_oid = 1;
SAVEPOINT s;
SELECT vero.resend(3);
ROLLBACK TO s;
SELECT vero.enable_delivery();
SELECT vero.resend(3);
ROLLBACK;

-- old ones go, what is still to be sent and what is young stays
SHOW vero_events.keep_messages;
SELECT * FROM vero.remove_old();
UPDATE vero.trigger_jobs SET decided_at = now() - interval '40 days';
UPDATE vero.messages SET created_at = now() - interval '40 days', sent_at = sent_at - interval '40 days';
INSERT INTO vero.imports (source, state, imported_by, started_at) SELECT 'content', 'completed', 'somebody', now() FROM generate_series(1, 4);
INSERT INTO vero.messages (kind, state, recipients, subject, body_text, message_id_header, import_id, created_at, sent_at, next_attempt_at)
	SELECT 'confirmation', CASE i WHEN 1 THEN 'sent' WHEN 2 THEN 'queued' ELSE 'stored' END, '{ops@example.com}', 'Imported', 'All of it', '<' || i || '@example.com>',
		i, now() - make_interval(days => CASE i WHEN 4 THEN 20 ELSE 40 END), CASE i WHEN 1 THEN now() - interval '40 days' END,
		CASE i WHEN 2 THEN now() END
	FROM generate_series(1, 4) AS i;
SELECT * FROM vero.remove_old(-1, '30 days');
-- nor what waits for its campaign
BEGIN;
UPDATE vero.messages SET state = 'queued', next_attempt_at = NULL WHERE id = 3;
UPDATE vero.trigger_jobs SET state = 'scheduled' WHERE message_id = 3;
SELECT * FROM vero.remove_old(kept => '30 days');
SELECT state FROM vero.messages WHERE id = 3;
ROLLBACK;
-- not while a cooldown needs them
UPDATE vero.campaigns SET cooldown = '60 days' WHERE name = 'thanks';
SELECT * FROM vero.remove_old(kept => '30 days');
UPDATE vero.campaigns SET cooldown = '10 days' WHERE name = 'thanks';
SELECT * FROM vero.remove_old(1, '30 days');
SELECT * FROM vero.remove_old(kept => '30 days');
SELECT * FROM vero.remove_old(kept => '30 days');
SELECT id, kind, state FROM vero.messages ORDER BY id;
SELECT message_id, state FROM vero.trigger_jobs ORDER BY 1;

-- a job whose mail was written is not deleted without it: cooldowns count the mail
DELETE FROM vero.trigger_jobs WHERE message_id IS NOT NULL;

-- settings that make no sense
ALTER SYSTEM SET vero_events.smtp_url = 'mail.example.com';
ALTER SYSTEM SET vero_events.smtp_url = 'smtp://shop:secret@mail.example.com';
ALTER SYSTEM SET vero_events.smtp_url = 'http://mail.example.com';
ALTER SYSTEM SET vero_events.mail_from = 'shop';
\set VERBOSITY default
ALTER SYSTEM SET vero_events.mail_from = '<a@b>';
ALTER SYSTEM SET vero_events.mail_from = 'Shop (Sales) <a@b.example>';
ALTER SYSTEM SET vero_events.mail_from = 'Shop, Inc. <a@b>';
\set VERBOSITY terse
ALTER SYSTEM SET vero_events.mail_from = E'shop@example.com\nBcc: x@example.com';
ALTER SYSTEM SET vero_events.unsubscribe_address = 'nobody';
ALTER SYSTEM SET vero_events.smtp_tls = 'maybe';
SET vero_events.notify_email = 'a@example.com, b';
SET vero_events.notify_email = 'a@example.com, b@example.com';
SET vero_events.smtp_url = 'smtp://localhost';

-- who may see and do what
CREATE ROLE vero_nobody;
SET ROLE vero_nobody;
\set VERBOSITY sqlstate
SHOW vero_events.smtp_password;
SHOW vero_events.smtp_user;
SELECT name, setting FROM pg_settings WHERE name IN ('vero_events.smtp_password', 'vero_events.smtp_user');
SELECT current_setting('vero_events.smtp_password');
\set VERBOSITY default
SELECT * FROM vero.outbox;
SELECT * FROM vero.messages;
CALL vero.send_mail();
SELECT vero.resend(1);
SELECT vero.remove_old();
RESET ROLE;
DROP ROLE vero_nobody;
-- the password is shown to nobody
SHOW vero_events.smtp_password;
SELECT name, setting, boot_val, reset_val FROM pg_settings WHERE name = 'vero_events.smtp_password';
