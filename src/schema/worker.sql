-- What wakes the background worker, and what it says of itself.

CREATE FUNCTION vero.wake_worker() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_wake_worker';
COMMENT ON FUNCTION vero.wake_worker() IS 'Has the worker look for work when the transaction commits';
REVOKE ALL ON FUNCTION vero.wake_worker() FROM PUBLIC;
CREATE TRIGGER trigger_jobs_wake AFTER INSERT OR UPDATE ON vero.trigger_jobs
	FOR EACH STATEMENT EXECUTE FUNCTION vero.wake_worker();
CREATE TRIGGER messages_wake AFTER INSERT OR UPDATE ON vero.messages
	FOR EACH ROW WHEN (NEW.next_attempt_at IS NOT NULL) EXECUTE FUNCTION vero.wake_worker();
COMMENT ON TRIGGER trigger_jobs_wake ON vero.trigger_jobs IS 'Jobs that are written by hand are found at once, too';
CREATE TRIGGER campaigns_wake AFTER UPDATE OF active ON vero.campaigns FOR EACH STATEMENT EXECUTE FUNCTION vero.wake_worker();
COMMENT ON TRIGGER campaigns_wake ON vero.campaigns IS 'Mail that waits for its campaign to be active goes out as soon as it is';
COMMENT ON TRIGGER messages_wake ON vero.messages IS 'Messages that are queued by hand are found at once, too';

CREATE FUNCTION vero.workers(OUT database oid, OUT pid integer, OUT started_at timestamptz, OUT next_due timestamptz,
	OUT jobs_decided bigint, OUT messages_sent bigint, OUT last_error text, OUT failed_at timestamptz)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'vero_workers';
COMMENT ON FUNCTION vero.workers() IS 'What the server''s workers say of themselves, for each database that was looked into since the start';
REVOKE ALL ON FUNCTION vero.workers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vero.workers() TO pg_monitor;

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
COMMENT ON COLUMN vero.worker_status.database IS 'The database that it works in';
COMMENT ON COLUMN vero.worker_status.running IS 'False while it has no work';
COMMENT ON COLUMN vero.worker_status.pid IS 'Its process, while it runs';
COMMENT ON COLUMN vero.worker_status.started_at IS 'When it was started, while it runs';
COMMENT ON COLUMN vero.worker_status.next_due IS 'When it has work next; null where it knows of none';
COMMENT ON COLUMN vero.worker_status.backlog IS 'Jobs that are due, of this database; null for others';
COMMENT ON COLUMN vero.worker_status.oldest_due IS 'Since when the first of these is';
COMMENT ON COLUMN vero.worker_status.jobs_decided IS 'Jobs that it has decided since the server was started';
COMMENT ON COLUMN vero.worker_status.messages_sent IS 'Messages that it has sent since then';
COMMENT ON COLUMN vero.worker_status.last_error IS 'Its last error since then';
COMMENT ON COLUMN vero.worker_status.failed_at IS 'When it had it';
COMMENT ON COLUMN vero.worker_status.delivery_off IS 'Why this database decides no jobs and sends nothing, if so; null for others';
GRANT SELECT ON vero.worker_status TO pg_monitor;
