-- The tables, views and functions of vero_events.
\echo Use "CREATE EXTENSION vero_events" to load this file. \quit

-- What others have put into the extension's schema is not to be found: what is without a schema here is pg_catalog's.
-- (Strings with a backslash are E'', for the session may have standard_conforming_strings off.)
SET LOCAL search_path = pg_catalog, pg_temp;

-- A schema that was made beforehand is welcome only where it belongs to whoever creates the extension.
DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_roles AS r ON r.oid = n.nspowner
				   WHERE n.nspname = 'vero' AND r.rolname = current_user) THEN
		CREATE SCHEMA vero;
	END IF;
END
$$;
COMMENT ON SCHEMA vero IS 'vero_events: contacts, their events, and the imports that brought them';

CREATE TABLE vero.imports (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	source text NOT NULL,
	state text NOT NULL CHECK (state IN ('running', 'completed', 'completed_with_rejects', 'failed', 'dry_run')),
	options jsonb NOT NULL DEFAULT '{}',
	header text,
	dialect jsonb,
	sha256 bytea CHECK (pg_catalog.length(sha256) = 32),
	bytes bigint CHECK (bytes >= 0),
	rows_read bigint NOT NULL DEFAULT 0,
	rows_imported bigint NOT NULL DEFAULT 0,
	rows_rejected bigint NOT NULL DEFAULT 0,
	rows_duplicate bigint NOT NULL DEFAULT 0,
	contacts_created bigint NOT NULL DEFAULT 0,
	jobs_scheduled bigint NOT NULL DEFAULT 0,
	jobs_discarded bigint NOT NULL DEFAULT 0,
	error text,
	notify text[],
	parent_import_id bigint CONSTRAINT imports_parent REFERENCES vero.imports (id),
	corrected_by bigint[] NOT NULL DEFAULT '{}',
	imported_by name NOT NULL,
	imported_by_oid oid,
	imported_in bigint,
	started_at timestamptz NOT NULL,
	finished_at timestamptz,
	run_id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() CONSTRAINT imports_run_id UNIQUE,
	CONSTRAINT imports_accounting CHECK (rows_read = rows_imported + rows_rejected + rows_duplicate),
	CONSTRAINT imports_error CHECK ((state = 'failed') = (error IS NOT NULL))
);
COMMENT ON TABLE vero.imports IS 'One row for each import: what was read, by whom, and what became of it';
COMMENT ON COLUMN vero.imports.source IS 'The file''s path, or "content" for bytes that were passed';
COMMENT ON COLUMN vero.imports.state IS 'completed, completed_with_rejects, failed, or dry_run, which imported nothing; running only inside the import''s own transaction';
COMMENT ON COLUMN vero.imports.options IS 'The options that were given, or taken over from the parent';
COMMENT ON COLUMN vero.imports.header IS 'The file''s header record, verbatim';
COMMENT ON COLUMN vero.imports.dialect IS 'How the file was read: delimiter, quote, escape, null_string, encoding, byte order mark, time zone';
COMMENT ON COLUMN vero.imports.sha256 IS 'SHA-256 of the bytes that were read';
COMMENT ON COLUMN vero.imports.bytes IS 'How many bytes were read';
COMMENT ON COLUMN vero.imports.rows_read IS 'Data records of the file: imported + rejected + duplicate; of an import that failed, as far as it came, and nothing of it was kept';
COMMENT ON COLUMN vero.imports.rows_imported IS 'Records that became events';
COMMENT ON COLUMN vero.imports.rows_rejected IS 'Records that are kept in vero.rejected_rows';
COMMENT ON COLUMN vero.imports.rows_duplicate IS 'Records that were skipped as duplicates of stored events';
COMMENT ON COLUMN vero.imports.contacts_created IS 'Contacts that the import created';
COMMENT ON COLUMN vero.imports.jobs_scheduled IS 'Campaign jobs that wait for their time, or did';
COMMENT ON COLUMN vero.imports.jobs_discarded IS 'Campaign jobs that were discarded at once: overdue, or of events in the future';
COMMENT ON COLUMN vero.imports.error IS 'Why the file failed as a whole';
COMMENT ON COLUMN vero.imports.notify IS 'Who is told of the import''s end';
COMMENT ON COLUMN vero.imports.parent_import_id IS 'The import whose corrected rejects, or whole file, this one imported';
COMMENT ON COLUMN vero.imports.corrected_by IS 'The imports that brought corrected rejects of this one, or its whole file';
COMMENT ON COLUMN vero.imports.imported_by IS 'The role that imported; it sees the row while all three columns are its own';
COMMENT ON COLUMN vero.imports.imported_by_oid IS 'The role''s OID, in the cluster where it imported';
COMMENT ON COLUMN vero.imports.imported_in IS 'That cluster''s system identifier, as in pg_control_system()';
COMMENT ON COLUMN vero.imports.started_at IS 'When the import began';
COMMENT ON COLUMN vero.imports.finished_at IS 'When the import ended; null where nobody was left to see it';
COMMENT ON COLUMN vero.imports.run_id IS 'Tells the import from all others; ids may be given again after a crash of the server';

CREATE FUNCTION vero.normal_email(address text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_normal_email';
COMMENT ON FUNCTION vero.normal_email(text)
	IS 'The form of an email address by which a contact is known, for imports and vero.contacts alike: trimmed, in lower case, in Normalization Form C';

CREATE FUNCTION vero.is_email(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_email';
COMMENT ON FUNCTION vero.is_email(text) IS 'True for what vero.normal_email() has a normal form of';

CREATE FUNCTION vero.is_normal_email(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_normal_email';
COMMENT ON FUNCTION vero.is_normal_email(text)
	IS 'True for an email address in its normal form; an error says what is wrong with another one';

CREATE FUNCTION vero.folded_name(name text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_folded_name';
COMMENT ON FUNCTION vero.folded_name(text)
	IS 'A name for comparing: events trigger the campaigns whose event_name has the same folded name';

CREATE TABLE vero.contacts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text COLLATE "C" NOT NULL UNIQUE CONSTRAINT contacts_email CHECK (vero.is_normal_email(email)),
	properties jsonb NOT NULL DEFAULT '{}' CONSTRAINT contacts_properties CHECK (pg_catalog.jsonb_typeof(properties) = 'object'),
	unsubscribed_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	created_by_import bigint
);
ALTER SEQUENCE vero.contacts_id_seq CACHE 100;
COMMENT ON TABLE vero.contacts IS 'People, each known by an email address';
COMMENT ON COLUMN vero.contacts.email IS 'The address, as vero.normal_email() gives it';
COMMENT ON COLUMN vero.contacts.properties IS 'What is known of the contact; imports never change it';
COMMENT ON COLUMN vero.contacts.unsubscribed_at IS 'Since when the contact wants no campaign mail; imports never change it';
COMMENT ON COLUMN vero.contacts.created_at IS 'When the contact became known';
COMMENT ON COLUMN vero.contacts.created_by_import IS 'The import that created the contact, if one did';

CREATE TABLE vero.events (
	id bigint GENERATED BY DEFAULT AS IDENTITY,
	contact_id bigint NOT NULL,
	name text NOT NULL CONSTRAINT events_name CHECK (name <> '' AND pg_catalog.char_length(name) <= 255),
	occurred_at timestamptz NOT NULL,
	properties jsonb NOT NULL DEFAULT '{}' CONSTRAINT events_properties CHECK (pg_catalog.jsonb_typeof(properties) = 'object'),
	import_id bigint,
	PRIMARY KEY (contact_id, occurred_at, id),
	CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id),
	CONSTRAINT events_import FOREIGN KEY (import_id) REFERENCES vero.imports (id)
);
ALTER SEQUENCE vero.events_id_seq CACHE 1000;
CREATE INDEX events_import_id ON vero.events USING brin (import_id);
COMMENT ON TABLE vero.events IS 'What contacts did, and when';
COMMENT ON COLUMN vero.events.contact_id IS 'Who did it';
COMMENT ON COLUMN vero.events.name IS 'What was done';
COMMENT ON COLUMN vero.events.occurred_at IS 'When it was done';
COMMENT ON COLUMN vero.events.properties IS 'The other columns of the record, by name; cells without a value are left out';
COMMENT ON COLUMN vero.events.import_id IS 'The import that brought the event; null for others';
COMMENT ON INDEX vero.events_import_id IS 'Finds the events of an import at next to no cost';

CREATE TABLE vero.rejected_rows (
	import_id bigint NOT NULL,
	record_number bigint NOT NULL,
	line_number bigint NOT NULL,
	byte_offset bigint NOT NULL,
	raw_record text,
	raw_bytes bytea,
	reason text NOT NULL,
	errors jsonb NOT NULL,
	PRIMARY KEY (import_id, record_number),
	CONSTRAINT rejected_rows_import FOREIGN KEY (import_id) REFERENCES vero.imports (id) ON DELETE CASCADE,
	CONSTRAINT rejected_rows_raw CHECK ((raw_record IS NULL) <> (raw_bytes IS NULL))
);
COMMENT ON TABLE vero.rejected_rows IS 'Records that were not imported, with every reason';
COMMENT ON COLUMN vero.rejected_rows.import_id IS 'The import that rejected it';
COMMENT ON COLUMN vero.rejected_rows.record_number IS 'Which data record of the file it is; the first one is 1';
COMMENT ON COLUMN vero.rejected_rows.line_number IS 'Its first line in the file; the header''s is 1';
COMMENT ON COLUMN vero.rejected_rows.byte_offset IS 'Where it begins in the file, in bytes';
COMMENT ON COLUMN vero.rejected_rows.raw_record IS 'The record as it stands in the file, without its line end';
COMMENT ON COLUMN vero.rejected_rows.raw_bytes IS 'The same as bytes, where they are no valid text';
COMMENT ON COLUMN vero.rejected_rows.reason IS 'Every error in words';
COMMENT ON COLUMN vero.rejected_rows.errors IS 'Every error: an array of {code, column, value, message}';

CREATE FUNCTION vero.is_template(part text, template text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_template';
COMMENT ON FUNCTION vero.is_template(text, text)
	IS 'True for a template of that part of a mail (subject, text, html); an error says where another one is wrong';

CREATE FUNCTION vero.is_mailbox(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_mailbox';
COMMENT ON FUNCTION vero.is_mailbox(text) IS 'True for an address that mail can come from: a@b.example, or Name <a@b.example>';

CREATE FUNCTION vero.is_condition(condition jsonpath) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_condition';
COMMENT ON FUNCTION vero.is_condition(jsonpath)
	IS 'True for a jsonpath that speaks of $.event and $.contact only; an error says what another one speaks of';

CREATE TABLE vero.campaigns (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE CONSTRAINT campaigns_name CHECK (pg_catalog.btrim(name) <> ''),
	event_name text NOT NULL CONSTRAINT campaigns_event_name
		CHECK (vero.folded_name(event_name) OPERATOR(pg_catalog.<>) '' AND pg_catalog.char_length(event_name) OPERATOR(pg_catalog.<=) 255),
	delay interval NOT NULL CONSTRAINT campaigns_delay CHECK (delay BETWEEN '0' AND '365 days'),
	grace interval NOT NULL DEFAULT '0' CONSTRAINT campaigns_grace CHECK (grace BETWEEN '0' AND '36500 days'),
	condition jsonpath CONSTRAINT campaigns_condition CHECK (vero.is_condition(condition)),
	cooldown interval CONSTRAINT campaigns_cooldown CHECK (cooldown > '0' AND cooldown <= '36500 days'),
	subject text NOT NULL CONSTRAINT campaigns_subject
		CHECK (pg_catalog.btrim(subject) <> '' AND vero.is_template('subject', subject)),
	body_text text CONSTRAINT campaigns_body_text
		CHECK (pg_catalog.btrim(body_text) <> '' AND vero.is_template('text', body_text)),
	body_html text CONSTRAINT campaigns_body_html
		CHECK (pg_catalog.btrim(body_html) <> '' AND vero.is_template('html', body_html)),
	from_address text CONSTRAINT campaigns_from_address CHECK (vero.is_mailbox(from_address)),
	transactional boolean NOT NULL DEFAULT false,
	active boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	CONSTRAINT campaigns_body CHECK (body_text IS NOT NULL OR body_html IS NOT NULL),
	CONSTRAINT campaigns_no_months CHECK (
		pg_catalog.date_part('year', delay) = 0 AND pg_catalog.date_part('month', delay) = 0
		AND pg_catalog.date_part('year', grace) = 0 AND pg_catalog.date_part('month', grace) = 0
		AND (cooldown IS NULL OR pg_catalog.date_part('year', cooldown) = 0 AND pg_catalog.date_part('month', cooldown) = 0))
);
COMMENT ON TABLE vero.campaigns IS 'Automated mail that an event triggers after a delay';
COMMENT ON COLUMN vero.campaigns.name IS 'How people call it';
COMMENT ON COLUMN vero.campaigns.event_name IS 'The events that trigger it, compared without regard to case, white space, underscores and dashes (vero.folded_name)';
COMMENT ON COLUMN vero.campaigns.delay IS 'From the event to the mail: 0 to 365 days of 24 hours each';
COMMENT ON COLUMN vero.campaigns.grace IS 'How long after its time an import may still schedule the mail, which then goes out at once';
COMMENT ON COLUMN vero.campaigns.condition IS 'A jsonpath over {"event": {...}, "contact": {...}}: no mail where it yields nothing, false or null';
COMMENT ON COLUMN vero.campaigns.cooldown IS 'A contact who got this campaign within this time does not get it again';
COMMENT ON COLUMN vero.campaigns.subject IS 'The mail''s subject, a template';
COMMENT ON COLUMN vero.campaigns.body_text IS 'The mail''s plain text, a template';
COMMENT ON COLUMN vero.campaigns.body_html IS 'The mail''s HTML, a template; values are escaped';
COMMENT ON COLUMN vero.campaigns.from_address IS 'Who the mail comes from; null: vero_events.mail_from';
COMMENT ON COLUMN vero.campaigns.transactional IS 'Also goes to contacts who unsubscribed';
COMMENT ON COLUMN vero.campaigns.active IS 'An inactive campaign gets no jobs, those that wait are discarded when they are due, and its mail in the outbox waits';

CREATE TABLE vero.trigger_jobs (
	event_id bigint NOT NULL,
	campaign_id bigint NOT NULL CONSTRAINT trigger_jobs_campaign REFERENCES vero.campaigns (id),
	contact_id bigint NOT NULL,
	occurred_at timestamptz NOT NULL,
	import_id bigint CONSTRAINT trigger_jobs_import REFERENCES vero.imports (id),
	due_at timestamptz NOT NULL,
	state text NOT NULL DEFAULT 'scheduled',
	reason text CONSTRAINT trigger_jobs_reason CHECK (reason IN ('future_event', 'overdue', 'campaign_inactive', 'contact_deleted',
		'event_deleted', 'unsubscribed', 'condition_false', 'cooldown')),
	attempts integer NOT NULL DEFAULT 0 CONSTRAINT trigger_jobs_attempts CHECK (attempts >= 0),
	error text,
	decided_at timestamptz,
	message_id bigint,
	PRIMARY KEY (event_id, campaign_id),
	CONSTRAINT trigger_jobs_due_at CHECK (due_at >= occurred_at),
	CONSTRAINT trigger_jobs_state CHECK (CASE state
		WHEN 'scheduled' THEN reason IS NULL AND error IS NULL AND (message_id IS NULL) = (decided_at IS NULL)
		WHEN 'sent' THEN reason IS NULL AND error IS NULL AND message_id IS NOT NULL AND decided_at IS NOT NULL
		WHEN 'discarded' THEN reason IS NOT NULL AND error IS NULL AND message_id IS NULL AND decided_at IS NOT NULL
		WHEN 'failed' THEN reason IS NULL AND error IS NOT NULL AND decided_at IS NOT NULL
		WHEN 'cancelled' THEN reason IS NULL AND message_id IS NULL
		ELSE false END)
);
CREATE INDEX trigger_jobs_due ON vero.trigger_jobs (due_at, event_id) WHERE state = 'scheduled' AND message_id IS NULL;
CREATE INDEX trigger_jobs_decided ON vero.trigger_jobs (decided_at) WHERE decided_at IS NOT NULL;
ALTER TABLE vero.trigger_jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE vero.trigger_jobs IS 'One row for each event and campaign that it triggers: what is to be decided when, and what was';
COMMENT ON COLUMN vero.trigger_jobs.event_id IS 'The event, with contact_id and occurred_at its key in vero.events; it may be deleted before the job is';
COMMENT ON COLUMN vero.trigger_jobs.contact_id IS 'The event''s contact, who may be deleted before the job is';
COMMENT ON COLUMN vero.trigger_jobs.occurred_at IS 'When the event happened';
COMMENT ON COLUMN vero.trigger_jobs.import_id IS 'The import that brought the event; null for events that were tracked';
COMMENT ON COLUMN vero.trigger_jobs.due_at IS 'When the campaign''s delay has passed, in days of 24 hours';
COMMENT ON COLUMN vero.trigger_jobs.state IS 'scheduled (with a message_id: its mail waits in the outbox), sent, discarded, failed or cancelled';
COMMENT ON COLUMN vero.trigger_jobs.reason IS 'Why it was discarded';
COMMENT ON COLUMN vero.trigger_jobs.attempts IS 'How often its evaluation was begun';
COMMENT ON COLUMN vero.trigger_jobs.error IS 'Why it failed';
COMMENT ON COLUMN vero.trigger_jobs.decided_at IS 'When it was discarded, failed, or its mail written';
COMMENT ON COLUMN vero.trigger_jobs.message_id IS 'Its mail in vero.messages';
COMMENT ON INDEX vero.trigger_jobs_due IS 'The jobs that wait, in the order of their time';
COMMENT ON INDEX vero.trigger_jobs_decided IS 'The jobs that were decided, the oldest first: finds those that were kept long enough';

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
	sent_at timestamptz,
	CONSTRAINT messages_job FOREIGN KEY (event_id, campaign_id) REFERENCES vero.trigger_jobs (event_id, campaign_id) ON DELETE CASCADE,
	CONSTRAINT messages_one_per_job UNIQUE (event_id, campaign_id),
	CONSTRAINT messages_body CHECK (body_text IS NOT NULL OR body_html IS NOT NULL),
	CONSTRAINT messages_attachment CHECK (attachment IS NOT NULL OR (text_without_attachment IS NULL AND html_without_attachment IS NULL)),
	CONSTRAINT messages_kind CHECK (CASE kind
		WHEN 'campaign' THEN pg_catalog.cardinality(recipients) = 1 AND event_id IS NOT NULL AND campaign_id IS NOT NULL
			AND contact_id IS NOT NULL AND import_id IS NULL AND attachment IS NULL
		WHEN 'confirmation' THEN import_id IS NOT NULL AND event_id IS NULL AND campaign_id IS NULL AND contact_id IS NULL
		ELSE false END),
	CONSTRAINT messages_state CHECK (CASE state
		WHEN 'queued' THEN (next_attempt_at IS NOT NULL OR campaign_id IS NOT NULL) AND sent_at IS NULL AND recipients <> '{}'
		WHEN 'sending' THEN next_attempt_at IS NOT NULL AND sent_at IS NULL AND attempts > 0 AND claims > 0
		WHEN 'sent' THEN next_attempt_at IS NULL AND sent_at IS NOT NULL
		WHEN 'failed' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL
		WHEN 'stored' THEN next_attempt_at IS NULL AND sent_at IS NULL
		WHEN 'cancelled' THEN next_attempt_at IS NULL AND sent_at IS NULL AND last_error IS NOT NULL
		ELSE false END)
);
ALTER TABLE vero.messages ALTER COLUMN attachment SET STORAGE EXTERNAL; -- to compress it takes longer than to write it
CREATE INDEX messages_due ON vero.messages (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
ALTER TABLE vero.messages SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX messages_campaign_contact ON vero.messages (campaign_id, contact_id, created_at) WHERE campaign_id IS NOT NULL;
CREATE INDEX messages_confirmations ON vero.messages (created_at) WHERE kind = 'confirmation';
CREATE INDEX messages_waiting ON vero.messages (campaign_id) WHERE state = 'queued' AND next_attempt_at IS NULL;
CREATE UNIQUE INDEX messages_one_per_import ON vero.messages (import_id) WHERE kind = 'confirmation';
COMMENT ON TABLE vero.messages IS 'The outbox: confirmations of imports and campaign mail, rendered';
COMMENT ON COLUMN vero.messages.kind IS 'campaign or confirmation';
COMMENT ON COLUMN vero.messages.state IS 'queued, sending, sent, failed, cancelled, or stored: to be read here, not sent';
COMMENT ON COLUMN vero.messages.recipients IS 'Who it goes to';
COMMENT ON COLUMN vero.messages.from_address IS 'Who it comes from; null: vero_events.mail_from';
COMMENT ON COLUMN vero.messages.attachment IS 'The rejected records of an import, as CSV';
COMMENT ON COLUMN vero.messages.text_without_attachment IS 'What body_text becomes where the mail server finds the message too large, and it goes without its attachment';
COMMENT ON COLUMN vero.messages.html_without_attachment IS 'What body_html becomes then';
COMMENT ON COLUMN vero.messages.message_id_header IS 'Its Message-ID, the same at every attempt';
COMMENT ON COLUMN vero.messages.event_id IS 'With campaign_id the job that it is for';
COMMENT ON COLUMN vero.messages.import_id IS 'The import that it confirms';
COMMENT ON COLUMN vero.messages.attempts IS 'How often its delivery was begun';
COMMENT ON COLUMN vero.messages.next_attempt_at IS 'When delivery is tried, null while its campaign is not active; while sending, when another attempt may begin';
COMMENT ON COLUMN vero.messages.claims IS 'How often it was taken up; only who took it up last records what became of it';
COMMENT ON COLUMN vero.messages.accepted IS 'Of several recipients: those for whom the server took it';
COMMENT ON COLUMN vero.messages.refused IS 'Of several recipients: those whom the server will not send it to, or nobody can';
COMMENT ON COLUMN vero.messages.last_error IS 'What the last attempt failed of, whom the server refused, or why it is stored or cancelled';
COMMENT ON COLUMN vero.messages.server_reply IS 'What the server said when it took it: often its own name for it';
COMMENT ON INDEX vero.messages_due IS 'The messages that wait, in the order of their time';
COMMENT ON INDEX vero.messages_waiting IS 'The messages that wait for their campaign to be active';
COMMENT ON INDEX vero.messages_confirmations IS 'Confirmations, the oldest first';
COMMENT ON INDEX vero.messages_campaign_contact IS 'When a contact got a campaign last, for cooldowns';

CREATE TABLE vero.delivery (
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	instance uuid NOT NULL,
	enabled_at timestamptz,
	off_reason text,
	PRIMARY KEY (instance, database_oid)
);
COMMENT ON TABLE vero.delivery IS 'The database whose mail this is: a copy of it decides no job and sends nothing';
COMMENT ON COLUMN vero.delivery.system_identifier IS 'The cluster''s, as in pg_control_system()';
COMMENT ON COLUMN vero.delivery.database_oid IS 'The database''s in that cluster';
COMMENT ON COLUMN vero.delivery.instance IS 'The data directory''s, as the file pgsql_tmp_vero_events_instance in it has it';
COMMENT ON COLUMN vero.delivery.enabled_at IS 'When enable_delivery() was called';
COMMENT ON COLUMN vero.delivery.off_reason IS 'Why nothing is decided and sent, where that was found out since';

CREATE FUNCTION vero.disown_delivery() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_disown_delivery';
COMMENT ON FUNCTION vero.disown_delivery() IS 'Keeps a row that a restore brings back from speaking for this database';
REVOKE ALL ON FUNCTION vero.disown_delivery() FROM PUBLIC;
CREATE TRIGGER delivery_disown BEFORE INSERT ON vero.delivery FOR EACH ROW EXECUTE FUNCTION vero.disown_delivery();
ALTER TABLE vero.delivery ENABLE ALWAYS TRIGGER delivery_disown;
COMMENT ON TRIGGER delivery_disown ON vero.delivery IS 'Only enable_delivery() says whose jobs and messages these are';

CREATE FUNCTION vero.enable_delivery() RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_enable_delivery';
COMMENT ON FUNCTION vero.enable_delivery() IS 'Says that this database, a copy until now, decides jobs and sends mail';
REVOKE ALL ON FUNCTION vero.enable_delivery() FROM PUBLIC;
SELECT vero.enable_delivery();

CREATE FUNCTION vero.wake_worker() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_wake_worker';
COMMENT ON FUNCTION vero.wake_worker() IS 'Has the worker look for work when the transaction commits';
REVOKE ALL ON FUNCTION vero.wake_worker() FROM PUBLIC;
CREATE TRIGGER trigger_jobs_wake AFTER INSERT OR UPDATE ON vero.trigger_jobs
	FOR EACH STATEMENT EXECUTE FUNCTION vero.wake_worker();
CREATE TRIGGER messages_wake AFTER INSERT OR UPDATE ON vero.messages
	FOR EACH STATEMENT EXECUTE FUNCTION vero.wake_worker();
COMMENT ON TRIGGER trigger_jobs_wake ON vero.trigger_jobs IS 'Jobs that are written by hand are found at once, too';
CREATE TRIGGER campaigns_wake AFTER UPDATE OF active ON vero.campaigns FOR EACH STATEMENT EXECUTE FUNCTION vero.wake_worker();
COMMENT ON TRIGGER campaigns_wake ON vero.campaigns IS 'Mail that waits for its campaign to be active goes out as soon as it is';
COMMENT ON TRIGGER messages_wake ON vero.messages IS 'Messages that are written by hand are found at once, too';

CREATE FUNCTION vero.note_replicated() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_note_replicated';
COMMENT ON FUNCTION vero.note_replicated() IS 'Turns delivery off: what replication or a restore writes is not this database''s to decide and send';
REVOKE ALL ON FUNCTION vero.note_replicated() FROM PUBLIC;
CREATE TRIGGER trigger_jobs_replicated AFTER INSERT OR UPDATE ON vero.trigger_jobs FOR EACH ROW EXECUTE FUNCTION vero.note_replicated();
CREATE TRIGGER messages_replicated AFTER INSERT OR UPDATE ON vero.messages FOR EACH ROW EXECUTE FUNCTION vero.note_replicated();
ALTER TABLE vero.trigger_jobs ENABLE REPLICA TRIGGER trigger_jobs_replicated;
ALTER TABLE vero.messages ENABLE REPLICA TRIGGER messages_replicated;
COMMENT ON TRIGGER trigger_jobs_replicated ON vero.trigger_jobs IS 'Jobs that are written by replication are another database''s';
COMMENT ON TRIGGER messages_replicated ON vero.messages IS 'Messages that are written by replication are another database''s';

CREATE FUNCTION vero.workers(OUT database oid, OUT pid integer, OUT started_at timestamptz, OUT next_due timestamptz,
	OUT jobs_decided bigint, OUT messages_sent bigint, OUT last_error text, OUT failed_at timestamptz)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_workers';
COMMENT ON FUNCTION vero.workers() IS 'What the server''s workers say of themselves, for each database that was looked into since the start';
REVOKE ALL ON FUNCTION vero.workers() FROM PUBLIC;

CREATE FUNCTION vero.is_delivery_enabled() RETURNS boolean
LANGUAGE C STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_delivery_enabled';
COMMENT ON FUNCTION vero.is_delivery_enabled() IS 'False in a copy of a database, until enable_delivery() is called in it';

CREATE FUNCTION vero.why_delivery_is_off() RETURNS text
LANGUAGE C STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_why_delivery_is_off';
COMMENT ON FUNCTION vero.why_delivery_is_off() IS 'Why this database decides no job and sends nothing; null where it does';

CREATE FUNCTION vero.run_jobs("limit" integer DEFAULT 1000, OUT queued bigint, OUT discarded bigint, OUT failed bigint)
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_run_jobs';
COMMENT ON FUNCTION vero.run_jobs(integer) IS 'Decides up to that many jobs that are due, as the worker does: writes their mail, or discards them';
REVOKE ALL ON FUNCTION vero.run_jobs(integer) FROM PUBLIC;

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
	IS 'Removes up to that many decided jobs with their mail, and confirmations, that are older than "kept", by default vero_events.keep_messages';
REVOKE ALL ON FUNCTION vero.remove_old(integer, interval) FROM PUBLIC;

CREATE FUNCTION vero.record_failed_imports() RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_record_failed_imports';
COMMENT ON FUNCTION vero.record_failed_imports()
	IS 'Records the imports of this database that an error, a lost connection or a crash has ended, with their confirmations, as the worker does; says how many';
REVOKE ALL ON FUNCTION vero.record_failed_imports() FROM PUBLIC;

CREATE FUNCTION vero.track_event(email text, name text, properties jsonb DEFAULT '{}', occurred_at timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_track_event';
COMMENT ON FUNCTION vero.track_event(text, text, jsonb, timestamptz)
	IS 'Records an event as it happens, triggers its campaigns, and returns its id';

CREATE VIEW vero.campaign_report AS
	WITH counted AS (
		SELECT campaign_id, CASE WHEN state = 'scheduled' AND message_id IS NOT NULL THEN 'in_outbox' ELSE state END AS state, reason,
			count(*) AS jobs, min(due_at) AS first_due
		FROM vero.trigger_jobs
		GROUP BY 1, 2, 3)
	SELECT c.id, c.name, c.active,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'scheduled'), 0)::bigint AS scheduled,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'in_outbox'), 0)::bigint AS in_outbox,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'sent'), 0)::bigint AS sent,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'discarded'), 0)::bigint AS discarded,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'failed'), 0)::bigint AS failed,
		coalesce(sum(j.jobs) FILTER (WHERE j.state = 'cancelled'), 0)::bigint AS cancelled,
		jsonb_object_agg(j.reason, j.jobs) FILTER (WHERE j.state = 'discarded') AS discarded_by_reason,
		min(j.first_due) FILTER (WHERE j.state = 'scheduled') AS next_due
	FROM vero.campaigns AS c
	LEFT JOIN counted AS j ON j.campaign_id = c.id
	GROUP BY c.id;
COMMENT ON VIEW vero.campaign_report IS 'For each campaign: its jobs by what became of them, and when the next one is due';

CREATE VIEW vero.worker_status AS
	SELECT d.datname AS database, w.pid IS NOT NULL AS running, w.pid, w.started_at, w.next_due, b.backlog, b.oldest_due,
		w.jobs_decided, w.messages_sent, w.last_error, w.failed_at,
		CASE WHEN d.datname = current_database() THEN vero.why_delivery_is_off() END AS delivery_off
	FROM vero.workers() AS w
	JOIN pg_catalog.pg_database AS d ON d.oid = w.database
	LEFT JOIN LATERAL (
		SELECT count(*) AS backlog, min(j.due_at) AS oldest_due
		FROM vero.trigger_jobs AS j
		WHERE d.datname = current_database() AND j.state = 'scheduled' AND j.message_id IS NULL AND j.due_at <= now()
	) AS b ON d.datname = current_database();
COMMENT ON VIEW vero.worker_status
	IS 'The worker of each database of the server: whether it runs, when it has work next, its last error; the backlog of this database, and why it sends nothing, if so';

CREATE VIEW vero.outbox AS
	SELECT m.id, m.kind, array_to_string(m.recipients, ', ') AS "to",
		coalesce(m.from_address, nullif(current_setting('vero_events.mail_from', true), '')) AS "from",
		m.subject,
		coalesce(m.body_text, btrim(regexp_replace(regexp_replace(regexp_replace(m.body_html,
			'<style.*?</style>', ' ', 'gi'), '<[^>]*>', ' ', 'g'), E'\\s+', ' ', 'g'))) AS text,
		CASE WHEN m.attachment IS NOT NULL THEN 'rejects-' || m.import_id || '.csv, ' || pg_size_pretty(length(m.attachment)::bigint) END AS attachment,
		m.state,
		CASE
			WHEN m.state = 'stored' THEN coalesce(m.last_error, 'is to be read here, and not sent')
			WHEN m.state = 'sent' THEN coalesce(m.last_error, m.server_reply)
			WHEN m.state IN ('failed', 'cancelled') THEN m.last_error
			WHEN m.state = 'sending' AND m.next_attempt_at > now() THEN 'is handed to the SMTP server'
			WHEN NOT k.active THEN 'waits: its campaign is not active'
			WHEN m.campaign_id IS NOT NULL AND c.id IS NULL THEN 'is about to be cancelled: the contact was deleted'
			WHEN c.unsubscribed_at IS NOT NULL AND NOT k.transactional THEN 'is about to be cancelled: the contact has unsubscribed'
			WHEN d.off IS NOT NULL THEN 'waits: delivery is off in this database. ' || d.off
			WHEN nullif(current_setting('vero_events.smtp_url', true), '') IS NULL THEN 'waits: vero_events.smtp_url is not set'
			WHEN m.state = 'sending' THEN 'its sender is gone: it is sent again'
			ELSE coalesce(m.last_error, 'waits for its turn') END AS why,
		m.attempts, m.created_at AS written_at, m.next_attempt_at, m.sent_at
	FROM vero.messages AS m
	LEFT JOIN vero.campaigns AS k ON k.id = m.campaign_id
	LEFT JOIN vero.contacts AS c ON c.id = m.contact_id
	CROSS JOIN (SELECT vero.why_delivery_is_off() AS off OFFSET 0) AS d
	ORDER BY m.id DESC;
COMMENT ON VIEW vero.outbox IS 'The messages as people read them, the newest first, each with what became of it and why';

CREATE VIEW vero.timeline WITH (security_invoker = true) AS
	SELECT c.email, e.name, e.occurred_at, e.properties, e.import_id
	FROM vero.events AS e
	JOIN vero.contacts AS c ON c.id OPERATOR(pg_catalog.=) e.contact_id;
COMMENT ON VIEW vero.timeline IS 'Events with the email of their contact';

CREATE VIEW vero.import_progress AS
	SELECT p.param20 AS import_id, p.pid, a.usename AS imported_by, p.param1 AS bytes_done, nullif(p.param2, 0) AS bytes_total,
		round(100.0 * p.param1 / nullif(p.param2, 0), 1) AS percent,
		p.param3 AS rows_imported, p.param4 AS rows_rejected,
		round((p.param3 + p.param4) / t.seconds) AS rows_per_second,
		make_interval(secs => t.seconds) AS elapsed,
		make_interval(secs => round(t.seconds * (nullif(p.param2, 0) - p.param1) / nullif(p.param1, 0))::double precision) AS time_left
	FROM pg_catalog.pg_stat_get_progress_info('COPY') AS p
	JOIN pg_catalog.pg_stat_activity AS a ON a.pid = p.pid
	CROSS JOIN LATERAL (SELECT greatest(0.001, extract(epoch FROM clock_timestamp() - a.query_start)) AS seconds) AS t
	WHERE p.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND p.param20 > 0;
COMMENT ON VIEW vero.import_progress IS 'Running imports: how far they are, and how long they may still take';

CREATE FUNCTION vero.rejected_csv(import bigint) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_rejected_csv';
COMMENT ON FUNCTION vero.rejected_csv(bigint)
	IS 'The rejected records of an import as CSV: the file''s header and the records, byte for byte';

CREATE FUNCTION vero.last_import_id() RETURNS bigint
LANGUAGE C VOLATILE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_last_import_id';
COMMENT ON FUNCTION vero.last_import_id()
	IS 'The last import that this session began, by COPY or by function, whatever became of it; null where there was none';

CREATE FUNCTION vero.is_own_import(imported_by name, imported_by_oid oid, imported_in bigint) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_own_import';
COMMENT ON FUNCTION vero.is_own_import(name, oid, bigint) IS 'True where they name the current role, by OID and name, in this cluster';
GRANT EXECUTE ON FUNCTION vero.is_own_import(name, oid, bigint) TO PUBLIC;

CREATE FUNCTION vero.assign_imports(old_name name, role regrole) RETURNS bigint
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
	WITH assigned AS (
		UPDATE vero.imports AS i
		SET imported_by = r.rolname, imported_by_oid = r.oid, imported_in = c.system_identifier
		FROM pg_catalog.pg_roles AS r, pg_catalog.pg_control_system() AS c
		WHERE r.oid = assign_imports.role AND i.imported_by = assign_imports.old_name
		RETURNING 1)
	SELECT pg_catalog.count(*) FROM assigned
$$;
COMMENT ON FUNCTION vero.assign_imports(name, regrole)
	IS 'Gives the imports that a role of that name made, here or in another cluster, to a role of this one; says how many';
REVOKE ALL ON FUNCTION vero.assign_imports(name, regrole) FROM PUBLIC;

-- What people may see: their own imports and rejects.
ALTER TABLE vero.imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE vero.rejected_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_imports ON vero.imports FOR SELECT
	USING (vero.is_own_import(imported_by, imported_by_oid, imported_in));
CREATE POLICY own_rejected_rows ON vero.rejected_rows FOR SELECT
	USING (EXISTS (SELECT FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) rejected_rows.import_id));
GRANT USAGE ON SCHEMA vero TO PUBLIC;
GRANT SELECT ON vero.imports, vero.rejected_rows, vero.import_progress TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.imports', '');
SELECT pg_catalog.pg_extension_config_dump('vero.imports_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('vero.contacts', '');
SELECT pg_catalog.pg_extension_config_dump('vero.contacts_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('vero.events', '');
SELECT pg_catalog.pg_extension_config_dump('vero.events_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('vero.rejected_rows', '');
SELECT pg_catalog.pg_extension_config_dump('vero.campaigns', '');
SELECT pg_catalog.pg_extension_config_dump('vero.campaigns_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('vero.trigger_jobs', '');
SELECT pg_catalog.pg_extension_config_dump('vero.messages', '');
SELECT pg_catalog.pg_extension_config_dump('vero.messages_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('vero.delivery', '');

CREATE TYPE vero.import_summary AS (
	import_id bigint,
	state text,
	rows_read bigint,
	rows_imported bigint,
	rows_rejected bigint,
	rows_duplicate bigint,
	contacts_created bigint,
	jobs_scheduled bigint,
	jobs_discarded bigint,
	error text,
	elapsed interval
);
COMMENT ON TYPE vero.import_summary IS 'What became of an import: rows_read = rows_imported + rows_rejected + rows_duplicate';

CREATE FUNCTION @extschema@.import_events_csv(
	path text,
	trigger_campaigns boolean DEFAULT false,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	dry_run boolean DEFAULT false,
	notify text[] DEFAULT NULL,
	parent_import bigint DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL)
RETURNS vero.import_summary
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_import_file';
COMMENT ON FUNCTION @extschema@.import_events_csv(text, boolean, jsonb, text, text, boolean, text[], bigint, text, text, text, text, text)
	IS 'Imports the events of a CSV file on the server';

CREATE FUNCTION @extschema@.import_events_csv(
	content bytea,
	trigger_campaigns boolean DEFAULT false,
	columns jsonb DEFAULT NULL,
	event_name text DEFAULT NULL,
	time_zone text DEFAULT NULL,
	dry_run boolean DEFAULT false,
	notify text[] DEFAULT NULL,
	parent_import bigint DEFAULT NULL,
	delimiter text DEFAULT NULL,
	quote text DEFAULT NULL,
	escape text DEFAULT NULL,
	null_string text DEFAULT NULL,
	encoding text DEFAULT NULL)
RETURNS vero.import_summary
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_import_content';
COMMENT ON FUNCTION @extschema@.import_events_csv(bytea, boolean, jsonb, text, text, boolean, text[], bigint, text, text, text, text, text)
	IS 'Imports the events of a CSV that is passed as bytes';
