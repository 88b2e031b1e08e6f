-- What people read.

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
COMMENT ON COLUMN vero.campaign_report.id IS 'The campaign, by its id in vero.campaigns';
COMMENT ON COLUMN vero.campaign_report.name IS 'What people call it';
COMMENT ON COLUMN vero.campaign_report.active IS 'An inactive one gets no jobs, and its mail waits';
COMMENT ON COLUMN vero.campaign_report.scheduled IS 'Jobs that wait for their time';
COMMENT ON COLUMN vero.campaign_report.in_outbox IS 'Jobs whose mail is written, and waits in the outbox';
COMMENT ON COLUMN vero.campaign_report.sent IS 'Jobs whose mail a server took';
COMMENT ON COLUMN vero.campaign_report.discarded IS 'Jobs that were decided against';
COMMENT ON COLUMN vero.campaign_report.failed IS 'Jobs that could not be decided, or whose mail could not be sent';
COMMENT ON COLUMN vero.campaign_report.cancelled IS 'Jobs that were taken back';
COMMENT ON COLUMN vero.campaign_report.discarded_by_reason IS 'How many were discarded for which reason';
COMMENT ON COLUMN vero.campaign_report.next_due IS 'When the next scheduled job is due';

CREATE VIEW vero.import_forecast WITH (security_invoker = true) AS
	SELECT i.id AS import_id, f.campaign, f.sent_now, f.sent_later, f.first_due, f.last_due,
		(SELECT coalesce(pg_catalog.sum(d.value::pg_catalog.int8), 0)::pg_catalog.int8 FROM pg_catalog.jsonb_each_text(f.discarded) AS d) AS discarded,
		CASE WHEN f.discarded OPERATOR(pg_catalog.<>) '{}'::pg_catalog.jsonb THEN f.discarded END AS discarded_by_reason,
		f.failed, f.contacts,
		CASE WHEN f.contacts OPERATOR(pg_catalog.>) 0
			THEN pg_catalog.round((f.sent_now OPERATOR(pg_catalog.+) f.sent_later) OPERATOR(pg_catalog./) f.contacts::pg_catalog.numeric, 1) OPERATOR(pg_catalog.||) ' mails a contact'
			END AS mails_per_contact,
		(SELECT pg_catalog.string_agg(pg_catalog.format('%s: %s', coalesce(b.email, '(forgotten)'), b.mails), ', ' ORDER BY b.place)
			FROM ROWS FROM (pg_catalog.jsonb_to_recordset(f.busiest) AS (email pg_catalog.text, mails pg_catalog.int8)) WITH ORDINALITY AS b (email, mails, place)) AS busiest
	FROM vero.imports AS i
	CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(i.forecast) AS f (campaign_id pg_catalog.int8, campaign pg_catalog.text, sent_now pg_catalog.int8,
		sent_later pg_catalog.int8, first_due pg_catalog.timestamptz, last_due pg_catalog.timestamptz, discarded pg_catalog.jsonb, failed pg_catalog.int8,
		contacts pg_catalog.int8, busiest pg_catalog.jsonb);
COMMENT ON VIEW vero.import_forecast IS 'What dry runs say would become of their events: a row for each campaign that they trigger';
COMMENT ON COLUMN vero.import_forecast.import_id IS 'The dry run, by its id in vero.imports';
COMMENT ON COLUMN vero.import_forecast.campaign IS 'The campaign, as it was called then';
COMMENT ON COLUMN vero.import_forecast.sent_now IS 'Mails that would be sent at once';
COMMENT ON COLUMN vero.import_forecast.sent_later IS 'Mails that would be sent when they are due';
COMMENT ON COLUMN vero.import_forecast.first_due IS 'When the first of those would be sent';
COMMENT ON COLUMN vero.import_forecast.last_due IS 'When the last of them would be';
COMMENT ON COLUMN vero.import_forecast.discarded IS 'Jobs that would be discarded, at once or when they are due';
COMMENT ON COLUMN vero.import_forecast.discarded_by_reason IS 'How many for which reason; null where there is none';
COMMENT ON COLUMN vero.import_forecast.failed IS 'Jobs that would fail, as their condition or their mail is an error';
COMMENT ON COLUMN vero.import_forecast.contacts IS 'How many contacts would get mail';
COMMENT ON COLUMN vero.import_forecast.mails_per_contact IS 'How much of it each of them would get';
COMMENT ON COLUMN vero.import_forecast.busiest IS 'The five contacts who would get most, and how many mails';
GRANT SELECT ON vero.import_forecast TO PUBLIC;

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
			WHEN m.state = 'queued' AND j.reason = 'cancelled'
				THEN 'is about to be cancelled, not tried again: vero.cancel_mail() was called while it was being sent' || coalesce(' (' || m.last_error || ')', '')
			WHEN m.state = 'queued' AND s.of_all THEN 'waits: vero.stop_mail() has stopped all mail'
			WHEN m.state = 'queued' AND m.campaign_id = ANY (s.campaigns) THEN 'waits: vero.stop_mail() has stopped its campaign''s mail'
			WHEN NOT k.active THEN 'waits: its campaign is not active'
			WHEN m.campaign_id IS NOT NULL AND c.id IS NULL THEN 'is about to be cancelled: the contact was deleted'
			WHEN c.unsubscribed_at IS NOT NULL AND NOT k.transactional THEN 'is about to be cancelled: the contact has unsubscribed'
			WHEN d.off IS NOT NULL THEN 'waits: delivery is off in this database. ' || d.off
			WHEN nullif(current_setting('vero_events.smtp_url', true), '') IS NULL THEN 'waits: vero_events.smtp_url is not set'
			WHEN m.state = 'sending' THEN 'its sender is gone: it is sent again'
			WHEN m.last_error IS NOT NULL THEN m.last_error
			WHEN current_setting('vero_events.max_workers', true) = '0' THEN 'waits for vero.send_mail(): vero_events.max_workers is 0'
			ELSE 'waits for its turn' END AS why,
		m.attempts, m.created_at AS written_at, m.next_attempt_at, m.sent_at,
		k.name AS campaign, coalesce(m.import_id, j.import_id) AS import_id, m.event_id
	FROM vero.messages AS m
	LEFT JOIN vero.campaigns AS k ON k.id = m.campaign_id
	LEFT JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id
	LEFT JOIN vero.contacts AS c ON c.id = m.contact_id
	CROSS JOIN (SELECT vero.why_delivery_is_off() AS off OFFSET 0) AS d
	CROSS JOIN (SELECT coalesce(bool_or(campaign_id IS NULL), false) AS of_all, array_agg(campaign_id) AS campaigns FROM vero.mail_stops) AS s
	ORDER BY m.id DESC;
COMMENT ON VIEW vero.outbox IS 'The messages as people read them, the newest first, each with what became of it and why';
COMMENT ON COLUMN vero.outbox.id IS 'The message, by its id in vero.messages';
COMMENT ON COLUMN vero.outbox.kind IS 'campaign, confirmation or test';
COMMENT ON COLUMN vero.outbox."to" IS 'Who it goes to';
COMMENT ON COLUMN vero.outbox."from" IS 'Who it comes from';
COMMENT ON COLUMN vero.outbox.subject IS 'Its subject';
COMMENT ON COLUMN vero.outbox.text IS 'Its plain text, or what is left of its HTML without tags';
COMMENT ON COLUMN vero.outbox.attachment IS 'The name of its attachment, and how large that is';
COMMENT ON COLUMN vero.outbox.state IS 'queued, sending, sent, failed, cancelled, or stored: to be read here, not sent';
COMMENT ON COLUMN vero.outbox.why IS 'What it waits for, what the mail server said, or why it is not sent';
COMMENT ON COLUMN vero.outbox.attempts IS 'How often its delivery was begun';
COMMENT ON COLUMN vero.outbox.written_at IS 'When it was written';
COMMENT ON COLUMN vero.outbox.next_attempt_at IS 'When delivery is tried next';
COMMENT ON COLUMN vero.outbox.sent_at IS 'When a server took it';
COMMENT ON COLUMN vero.outbox.campaign IS 'The campaign that it is mail of, by its name; null for confirmations and tests';
COMMENT ON COLUMN vero.outbox.import_id IS 'The import that it confirms, or that brought its event';
COMMENT ON COLUMN vero.outbox.event_id IS 'The event that it is for, by its id in vero.events';

CREATE VIEW vero.timeline WITH (security_invoker = true) AS
	SELECT c.email, e.name, e.occurred_at, e.properties, e.import_id
	FROM vero.events AS e
	JOIN vero.contacts AS c ON c.id OPERATOR(pg_catalog.=) e.contact_id;
COMMENT ON VIEW vero.timeline IS 'Events with the email of their contact';
COMMENT ON COLUMN vero.timeline.email IS 'The contact''s address';
COMMENT ON COLUMN vero.timeline.name IS 'What was done';
COMMENT ON COLUMN vero.timeline.occurred_at IS 'When it was done';
COMMENT ON COLUMN vero.timeline.properties IS 'What else is known of it, by name';
COMMENT ON COLUMN vero.timeline.import_id IS 'The import that brought it, by its id; null for others';

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
COMMENT ON COLUMN vero.import_progress.import_id IS 'The import, as it will be called in vero.imports when it has ended';
COMMENT ON COLUMN vero.import_progress.pid IS 'The process that imports';
COMMENT ON COLUMN vero.import_progress.imported_by IS 'The role of its session';
COMMENT ON COLUMN vero.import_progress.bytes_done IS 'How many bytes of the file are read';
COMMENT ON COLUMN vero.import_progress.bytes_total IS 'How many it has; null where nobody knows beforehand';
COMMENT ON COLUMN vero.import_progress.percent IS 'How much of the file is read';
COMMENT ON COLUMN vero.import_progress.rows_imported IS 'Records that became events, so far';
COMMENT ON COLUMN vero.import_progress.rows_rejected IS 'Records that were rejected, so far';
COMMENT ON COLUMN vero.import_progress.rows_per_second IS 'Records a second, since it began';
COMMENT ON COLUMN vero.import_progress.elapsed IS 'How long it has taken so far';
COMMENT ON COLUMN vero.import_progress.time_left IS 'How long it may still take, at the same speed';
GRANT SELECT ON vero.import_progress TO PUBLIC;
