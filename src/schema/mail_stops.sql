-- Campaign mail that is stopped, and that is cancelled.

CREATE TABLE vero.mail_stops (
	campaign_id bigint UNIQUE NULLS NOT DISTINCT,
	stopped_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	stopped_by name NOT NULL
);
COMMENT ON TABLE vero.mail_stops IS 'What vero.stop_mail() has stopped: its messages wait in the outbox';
COMMENT ON COLUMN vero.mail_stops.campaign_id IS 'The campaign whose mail is stopped, by its id in vero.campaigns; null: all mail is, confirmations too';
COMMENT ON COLUMN vero.mail_stops.stopped_at IS 'Since when';
COMMENT ON COLUMN vero.mail_stops.stopped_by IS 'By which role';

CREATE FUNCTION vero.stop_mail(campaign text DEFAULT NULL) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_stop_mail';
COMMENT ON FUNCTION vero.stop_mail(text)
	IS 'Has the messages of a campaign wait, or without one all messages: from the commit on none of them is begun';
REVOKE ALL ON FUNCTION vero.stop_mail(text) FROM PUBLIC;

CREATE FUNCTION vero.start_mail(campaign text DEFAULT NULL) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_start_mail';
COMMENT ON FUNCTION vero.start_mail(text) IS 'Takes back what vero.stop_mail() with the same argument has said';
REVOKE ALL ON FUNCTION vero.start_mail(text) FROM PUBLIC;

CREATE FUNCTION vero.cancel_mail(campaign text DEFAULT NULL, import bigint DEFAULT NULL, OUT jobs bigint, OUT messages bigint,
	OUT in_flight bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_cancel_mail';
COMMENT ON FUNCTION vero.cancel_mail(text, bigint)
	IS 'Cancels scheduled jobs and unsent messages of a campaign, of an import, or of both; in flight are those that are just being sent, and not tried again';
REVOKE ALL ON FUNCTION vero.cancel_mail(text, bigint) FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('vero.mail_stops', '');
