-- The jobs of campaigns.

CREATE TABLE vero.trigger_jobs (
	event_id bigint NOT NULL,
	campaign_id bigint NOT NULL CONSTRAINT trigger_jobs_campaign REFERENCES vero.campaigns (id),
	contact_id bigint NOT NULL,
	occurred_at timestamptz NOT NULL,
	import_id bigint CONSTRAINT trigger_jobs_import REFERENCES vero.imports (id),
	due_at timestamptz NOT NULL,
	state text NOT NULL DEFAULT 'scheduled',
	reason text CONSTRAINT trigger_jobs_reason CHECK (reason IN ('future_event', 'overdue', 'campaign_inactive', 'contact_deleted',
		'event_deleted', 'unsubscribed', 'condition_false', 'cooldown', 'suppressed', 'import_undone', 'cancelled')),
	attempts integer NOT NULL DEFAULT 0 CONSTRAINT trigger_jobs_attempts CHECK (attempts >= 0),
	error text,
	decided_at timestamptz,
	message_id bigint,
	registered_at timestamptz,
	PRIMARY KEY (event_id, campaign_id),
	CONSTRAINT trigger_jobs_due_at CHECK (due_at >= occurred_at),
	CONSTRAINT trigger_jobs_state CHECK (CASE state
		WHEN 'scheduled' THEN (reason IS NULL OR reason = 'cancelled' AND message_id IS NOT NULL) AND error IS NULL AND (message_id IS NULL) = (decided_at IS NULL)
		WHEN 'sent' THEN reason IS NULL AND error IS NULL AND message_id IS NOT NULL AND decided_at IS NOT NULL
		WHEN 'discarded' THEN reason IS NOT NULL AND error IS NULL AND message_id IS NULL AND decided_at IS NOT NULL
		WHEN 'failed' THEN reason IS NULL AND error IS NOT NULL AND decided_at IS NOT NULL
		WHEN 'cancelled' THEN (reason IS NULL OR reason IN ('import_undone', 'cancelled')) AND message_id IS NULL
		ELSE false END)
);
CREATE INDEX trigger_jobs_due ON vero.trigger_jobs (due_at, event_id) WHERE state = 'scheduled' AND message_id IS NULL;
CREATE INDEX trigger_jobs_decided ON vero.trigger_jobs (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX trigger_jobs_import_id ON vero.trigger_jobs USING brin (import_id);
ALTER TABLE vero.trigger_jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE vero.trigger_jobs IS 'One row for each event and campaign that it triggers: what is to be decided when, and what was';
COMMENT ON COLUMN vero.trigger_jobs.event_id IS 'The event, with contact_id and occurred_at its key in vero.events; it may be deleted before the job is';
COMMENT ON COLUMN vero.trigger_jobs.campaign_id IS 'The campaign that the event triggers';
COMMENT ON COLUMN vero.trigger_jobs.contact_id IS 'The event''s contact, who may be deleted before the job is';
COMMENT ON COLUMN vero.trigger_jobs.occurred_at IS 'When the event happened';
COMMENT ON COLUMN vero.trigger_jobs.import_id IS 'The import that brought the event; null for events that were tracked';
COMMENT ON COLUMN vero.trigger_jobs.due_at IS 'When the campaign''s delay has passed, in days of 24 hours';
COMMENT ON COLUMN vero.trigger_jobs.state IS 'scheduled (with a message_id: its mail waits in the outbox), sent, discarded, failed or cancelled';
COMMENT ON COLUMN vero.trigger_jobs.reason IS 'Why it was discarded, or cancelled; of a scheduled one cancelled: its mail is just being sent, and not tried again';
COMMENT ON COLUMN vero.trigger_jobs.attempts IS 'How often its evaluation was begun';
COMMENT ON COLUMN vero.trigger_jobs.error IS 'Why it failed';
COMMENT ON COLUMN vero.trigger_jobs.decided_at IS 'When it was discarded, failed, cancelled with its import, or its mail written';
COMMENT ON COLUMN vero.trigger_jobs.message_id IS 'Its mail in vero.messages';
COMMENT ON COLUMN vero.trigger_jobs.registered_at IS 'When it was registered, if it had been due before: cooldowns count from there; null of all others';
COMMENT ON INDEX vero.trigger_jobs_due IS 'The jobs that wait, in the order of their time';
COMMENT ON INDEX vero.trigger_jobs_import_id IS 'Finds the jobs of an import at next to no cost';
COMMENT ON INDEX vero.trigger_jobs_decided IS 'The jobs that were decided, the oldest first: finds those that were kept long enough';

CREATE FUNCTION vero.run_jobs("limit" integer DEFAULT 1000, OUT queued bigint, OUT discarded bigint, OUT failed bigint)
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_run_jobs';
COMMENT ON FUNCTION vero.run_jobs(integer) IS 'Decides up to that many jobs that are due, as the worker does: writes their mail, or discards them';
REVOKE ALL ON FUNCTION vero.run_jobs(integer) FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.trigger_jobs', '');
