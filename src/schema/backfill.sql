-- Jobs for events that are stored already.

CREATE FUNCTION vero.backfill_campaign(INOUT campaign text, since timestamptz, dry_run boolean DEFAULT true,
	OUT sent_now bigint, OUT sent_later bigint, OUT first_due timestamptz, OUT last_due timestamptz, OUT discarded bigint, OUT discarded_by_reason jsonb,
	OUT failed bigint, OUT contacts bigint, OUT mails_per_contact text, OUT busiest text)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_backfill_campaign';
COMMENT ON FUNCTION vero.backfill_campaign(text, timestamptz, boolean)
	IS 'What would become of the events since that time that have no job for a campaign, known by its name, if they got one, as vero.import_forecast has it; with dry_run => false they get it, and it says which jobs were registered. Takes INSERT on vero.trigger_jobs, too';
REVOKE ALL ON FUNCTION vero.backfill_campaign(text, timestamptz, boolean) FROM PUBLIC;
