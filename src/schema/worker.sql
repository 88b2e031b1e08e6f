-- What wakes the background worker, and what it says of itself.

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

CREATE FUNCTION vero.workers(OUT database oid, OUT pid integer, OUT started_at timestamptz, OUT next_due timestamptz,
	OUT jobs_decided bigint, OUT messages_sent bigint, OUT last_error text, OUT failed_at timestamptz)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_workers';
COMMENT ON FUNCTION vero.workers() IS 'What the server''s workers say of themselves, for each database that was looked into since the start';
REVOKE ALL ON FUNCTION vero.workers() FROM PUBLIC;
