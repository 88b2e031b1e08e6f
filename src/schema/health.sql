-- What an operator watches: numbers and times, nothing that was imported.

CREATE VIEW vero.import_counts AS
	SELECT (i.started_at AT TIME ZONE 'UTC')::date AS day, i.state, count(*) AS imports, sum(i.rows_read)::bigint AS rows_read,
		sum(i.rows_imported)::bigint AS rows_imported, sum(i.rows_rejected)::bigint AS rows_rejected, sum(i.rows_duplicate)::bigint AS rows_duplicate,
		sum(i.contacts_created)::bigint AS contacts_created, sum(i.jobs_scheduled)::bigint AS jobs_scheduled, sum(i.jobs_discarded)::bigint AS jobs_discarded,
		sum(i.bytes)::bigint AS bytes, max(i.finished_at - i.started_at) AS longest
	FROM vero.imports AS i
	GROUP BY 1, 2
	ORDER BY 1 DESC, 2;
COMMENT ON VIEW vero.import_counts IS 'All imports, by day and state: how many there were, and what they read, without saying whose they are';
COMMENT ON COLUMN vero.import_counts.day IS 'The day, in UTC, on which they began';
COMMENT ON COLUMN vero.import_counts.state IS 'What became of them: completed, completed_with_rejects, failed, dry_run or undone';
COMMENT ON COLUMN vero.import_counts.imports IS 'How many there were';
COMMENT ON COLUMN vero.import_counts.rows_read IS 'Data records of their files';
COMMENT ON COLUMN vero.import_counts.rows_imported IS 'Records that became events; of imports that kept none, those that would have';
COMMENT ON COLUMN vero.import_counts.rows_rejected IS 'Records that were rejected';
COMMENT ON COLUMN vero.import_counts.rows_duplicate IS 'Records that were skipped as duplicates of stored events';
COMMENT ON COLUMN vero.import_counts.contacts_created IS 'Contacts that they created';
COMMENT ON COLUMN vero.import_counts.jobs_scheduled IS 'Campaign jobs that they scheduled';
COMMENT ON COLUMN vero.import_counts.jobs_discarded IS 'Campaign jobs that were discarded at once';
COMMENT ON COLUMN vero.import_counts.bytes IS 'How many bytes were read, as they came';
COMMENT ON COLUMN vero.import_counts.longest IS 'How long the longest of them took';
GRANT SELECT ON vero.import_counts TO pg_monitor;

CREATE VIEW vero.health AS
	SELECT h.problem, h.found, h.since, h.look_at
	FROM (
		SELECT 1 AS position, 'jobs are late' AS problem, count(*) AS found, min(j.due_at) AS since, 'vero.worker_status' AS look_at
		FROM vero.trigger_jobs AS j
		WHERE j.state = 'scheduled' AND j.message_id IS NULL AND j.due_at < now() - interval '5 minutes'
	UNION ALL
		SELECT 2, 'jobs failed', count(*), min(j.decided_at), 'vero.trigger_jobs.error'
		FROM vero.trigger_jobs AS j
		WHERE j.state = 'failed' AND j.message_id IS NULL AND j.decided_at > now() - interval '1 day'
	UNION ALL
		SELECT 3, 'mail is stuck', count(*), min(m.created_at), 'vero.outbox.why'
		FROM vero.messages AS m
		WHERE m.next_attempt_at IS NOT NULL AND m.kind <> 'test' AND m.created_at < now() - interval '30 minutes'
	UNION ALL
		SELECT 4, 'mail failed', count(*), min(f.since), 'vero.outbox.why'
		FROM (
			SELECT j.decided_at AS since FROM vero.trigger_jobs AS j
			WHERE j.state = 'failed' AND j.message_id IS NOT NULL AND j.decided_at > now() - interval '1 day'
			UNION ALL
			SELECT m.created_at FROM vero.messages AS m
			WHERE m.kind = 'confirmation' AND m.state = 'failed' AND m.created_at > now() - interval '1 day') AS f
	UNION ALL
		SELECT 5, 'mail is stopped', count(*), min(s.stopped_at), 'vero.mail_stops'
		FROM vero.mail_stops AS s
		WHERE s.campaign_id IS NULL OR EXISTS (SELECT FROM vero.campaigns AS k WHERE k.id = s.campaign_id) -- one that is deleted has no mail
	UNION ALL
		SELECT 6, 'imports failed', count(*), min(coalesce(i.finished_at, i.started_at)), 'vero.imports.error'
		FROM vero.imports AS i
		WHERE i.state = 'failed' AND coalesce(i.finished_at, i.started_at) > now() - interval '1 day'
			AND i.error NOT LIKE 'the same content was imported before: %' -- nothing is missing, and it is so each night where old files stay
	UNION ALL
		SELECT 7, 'journal files are damaged', vero.damaged_journals(), NULL, 'the server''s log'
	UNION ALL
		SELECT 8, 'partitions are not complete', count(*), NULL, 'vero.partitions.missing'
		FROM vero.partitions AS p
		WHERE p.missing <> '{}'
	UNION ALL
		SELECT 9, 'the worker fails', count(*), min(w.failed_at), 'vero.worker_status.last_error'
		FROM vero.workers() AS w
		WHERE w.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()) AND w.failed_at > now() - interval '1 hour'
	UNION ALL
		SELECT 10, 'delivery is off', CASE WHEN vero.is_delivery_enabled() OR pg_is_in_recovery() THEN 0 ELSE 1 END, NULL, 'vero.why_delivery_is_off()'
	) AS h
	ORDER BY h.position;
COMMENT ON VIEW vero.health IS 'What somebody should look at in this database: a row for each problem that there may be, and how often it is found; 0 where all is well';
COMMENT ON COLUMN vero.health.problem IS 'What may be wrong. Jobs are late that are due for 5 minutes, mail is stuck that was written 30 minutes ago; failures are those of the last day, the worker''s of the last hour';
COMMENT ON COLUMN vero.health.found IS 'How many jobs, messages, imports, files or partitions have it';
COMMENT ON COLUMN vero.health.since IS 'Since when the first of them has; null where that is not known';
COMMENT ON COLUMN vero.health.look_at IS 'What says more';
GRANT SELECT ON vero.health TO pg_monitor;
