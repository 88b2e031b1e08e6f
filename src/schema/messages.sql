-- The outbox.

CREATE TABLE vero.messages (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	state text NOT NULL,
	recipients text[] NOT NULL,
	from_address text,
	subject text NOT NULL,
	body_text text,
	body_html text,
	attachment bytea,
	text_without_attachment text,
	html_without_attachment text,
	message_id_header text NOT NULL CONSTRAINT messages_message_id_header CHECK (message_id_header ~ '^<[!-;=?-~]+@[!-;=?-~]+>$'),
	event_id bigint,
	campaign_id bigint,
	contact_id bigint,
	import_id bigint CONSTRAINT messages_import REFERENCES vero.imports (id) ON DELETE CASCADE,
	attempts integer NOT NULL DEFAULT 0 CONSTRAINT messages_attempts CHECK (attempts >= 0),
	claims bigint NOT NULL DEFAULT 0,
	next_attempt_at timestamptz,
	accepted text[] NOT NULL DEFAULT '{}',
	refused text[] NOT NULL DEFAULT '{}',
	last_error text,
	server_reply text,
	created_at timestamptz NOT NULL,
	dated_at timestamptz,
	sent_at timestamptz,
	CONSTRAINT messages_job FOREIGN KEY (event_id, campaign_id) REFERENCES vero.trigger_jobs (event_id, campaign_id),
	CONSTRAINT messages_body CHECK (body_text IS NOT NULL OR body_html IS NOT NULL),
	CONSTRAINT messages_attachment CHECK (attachment IS NOT NULL OR (text_without_attachment IS NULL AND html_without_attachment IS NULL)),
	CONSTRAINT messages_kind CHECK (CASE kind
		WHEN 'campaign' THEN pg_catalog.cardinality(recipients) = 1 AND event_id IS NOT NULL AND campaign_id IS NOT NULL
			AND contact_id IS NOT NULL AND import_id IS NULL AND attachment IS NULL
		WHEN 'confirmation' THEN import_id IS NOT NULL AND event_id IS NULL AND campaign_id IS NULL AND contact_id IS NULL
		WHEN 'test' THEN contact_id IS NOT NULL AND event_id IS NULL AND campaign_id IS NULL AND import_id IS NULL AND attachment IS NULL
		ELSE false END),
	CONSTRAINT messages_state CHECK (CASE state
		WHEN 'queued' THEN sent_at IS NULL AND recipients <> '{}'
		WHEN 'sending' THEN next_attempt_at IS NOT NULL AND sent_at IS NULL AND attempts > 0 AND claims > 0
		WHEN 'sent' THEN next_attempt_at IS NULL AND sent_at IS NOT NULL
		WHEN 'failed' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL
		WHEN 'stored' THEN next_attempt_at IS NULL AND sent_at IS NULL
		WHEN 'cancelled' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL
		ELSE false END)
);
ALTER TABLE vero.messages ALTER COLUMN attachment SET STORAGE EXTERNAL; -- to compress it takes longer than to write it
-- Of what an import of one record costs, PostgreSQL's own compression of its confirmation was half.
DO $$
BEGIN
	IF 'lz4' OPERATOR(pg_catalog.=) ANY ((SELECT enumvals FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression')::pg_catalog.text[]) THEN
		ALTER TABLE vero.messages ALTER COLUMN body_text SET COMPRESSION lz4, ALTER COLUMN body_html SET COMPRESSION lz4,
			ALTER COLUMN text_without_attachment SET COMPRESSION lz4, ALTER COLUMN html_without_attachment SET COMPRESSION lz4;
	END IF;
END
$$;
CREATE UNIQUE INDEX messages_one_per_job ON vero.messages (event_id, campaign_id) WHERE event_id IS NOT NULL;
CREATE INDEX messages_due ON vero.messages (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
ALTER TABLE vero.messages SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05, toast_tuple_target = 4080); -- a confirmation is kept whole, two of them on a page
CREATE INDEX messages_campaign_contact ON vero.messages (campaign_id, contact_id, created_at) WHERE campaign_id IS NOT NULL;
CREATE INDEX messages_confirmations ON vero.messages (created_at) WHERE kind <> 'campaign';
CREATE INDEX messages_waiting ON vero.messages (campaign_id) WHERE state = 'queued' AND next_attempt_at IS NULL;
CREATE UNIQUE INDEX messages_one_per_import ON vero.messages (import_id) WHERE kind = 'confirmation';
COMMENT ON TABLE vero.messages IS 'The outbox: confirmations of imports, campaign mail and tests of it, rendered';
COMMENT ON COLUMN vero.messages.id IS 'The message''s number, which vero.resend() takes';
COMMENT ON COLUMN vero.messages.kind IS 'campaign, confirmation or test';
COMMENT ON COLUMN vero.messages.state IS 'queued, sending, sent, failed, cancelled, or stored: to be read here, not sent';
COMMENT ON COLUMN vero.messages.recipients IS 'Who it goes to';
COMMENT ON COLUMN vero.messages.from_address IS 'Who it comes from; null: vero_events.mail_from';
COMMENT ON COLUMN vero.messages.subject IS 'Its subject, rendered';
COMMENT ON COLUMN vero.messages.body_text IS 'Its plain text, rendered; null where it is HTML only';
COMMENT ON COLUMN vero.messages.body_html IS 'Its HTML, rendered; null where it is plain text only';
COMMENT ON COLUMN vero.messages.attachment IS 'The rejected records of an import, as CSV';
COMMENT ON COLUMN vero.messages.text_without_attachment IS 'What body_text becomes where the mail server finds the message too large, and it goes without its attachment';
COMMENT ON COLUMN vero.messages.html_without_attachment IS 'What body_html becomes then';
COMMENT ON COLUMN vero.messages.message_id_header IS 'Its Message-ID, the same at every attempt; of one that no sender was set for it gets its domain when it first goes out';
COMMENT ON COLUMN vero.messages.event_id IS 'With campaign_id the job that it is for';
COMMENT ON COLUMN vero.messages.campaign_id IS 'The campaign that it is mail of; null for confirmations and tests';
COMMENT ON COLUMN vero.messages.contact_id IS 'The contact whom it is for, or, of a test, whose event it shows; null for confirmations';
COMMENT ON COLUMN vero.messages.import_id IS 'The import that it confirms';
COMMENT ON COLUMN vero.messages.attempts IS 'How often its delivery was begun';
COMMENT ON COLUMN vero.messages.next_attempt_at IS 'When delivery is tried, null while its campaign is not active, or mail is stopped; while sending, when another attempt may begin';
COMMENT ON COLUMN vero.messages.claims IS 'How often it was taken up; only who took it up last records what became of it';
COMMENT ON COLUMN vero.messages.accepted IS 'Of several recipients: those for whom the server took it';
COMMENT ON COLUMN vero.messages.refused IS 'Of several recipients: those whom the server will not send it to, or nobody can';
COMMENT ON COLUMN vero.messages.last_error IS 'What the last attempt failed of, whom the server refused, or why it is stored or cancelled';
COMMENT ON COLUMN vero.messages.server_reply IS 'What the server said when it took it: often its own name for it';
COMMENT ON COLUMN vero.messages.created_at IS 'When it was written';
COMMENT ON COLUMN vero.messages.dated_at IS 'What its Date says: when it first went out, as far as that may have been; null while the server has got nothing of it';
COMMENT ON COLUMN vero.messages.sent_at IS 'When a server took it';
COMMENT ON INDEX vero.messages_one_per_job IS 'A job has one mail';
COMMENT ON INDEX vero.messages_due IS 'The messages that wait, in the order of their time';
COMMENT ON INDEX vero.messages_waiting IS 'The messages that wait for their campaign to be active, or for mail to be started';
COMMENT ON INDEX vero.messages_confirmations IS 'Confirmations and tests, the oldest first';
COMMENT ON INDEX vero.messages_campaign_contact IS 'When a contact got a campaign last, for cooldowns';

CREATE PROCEDURE vero.send_mail("limit" integer DEFAULT 1000, INOUT sent bigint DEFAULT NULL, INOUT failed bigint DEFAULT NULL,
	INOUT retried bigint DEFAULT NULL)
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_send_mail';
COMMENT ON PROCEDURE vero.send_mail(integer, bigint, bigint, bigint)
	IS 'Sends up to that many messages that are due, as the worker does, and waits for it; retried ones are queued again';
REVOKE ALL ON PROCEDURE vero.send_mail(integer, bigint, bigint, bigint) FROM PUBLIC;

CREATE FUNCTION vero.resend(message bigint) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_resend';
COMMENT ON FUNCTION vero.resend(bigint) IS 'Queues a stored or failed message, with the Message-ID that it has';
REVOKE ALL ON FUNCTION vero.resend(bigint) FROM PUBLIC;

CREATE FUNCTION vero.remove_old("limit" integer DEFAULT 1000, kept interval DEFAULT NULL, OUT jobs bigint, OUT confirmations bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_remove_old';
COMMENT ON FUNCTION vero.remove_old(integer, interval)
	IS 'Removes up to that many decided jobs with their mail, and confirmations and tests, which it counts together, that are older than "kept", by default vero_events.keep_messages';
REVOKE ALL ON FUNCTION vero.remove_old(integer, interval) FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.messages', '');
SELECT pg_catalog.pg_extension_config_dump('vero.messages_id_seq', '');
