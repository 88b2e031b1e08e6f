-- Who got what, and why not.

-- Where Citus distributes the events, it asks all nodes for each part of the union, with what that takes of the other tables, and does the rest on the coordinator.
CREATE VIEW vero.decisions AS
	WITH known AS (
		SELECT c.email, k.id AS campaign_id, e.id AS event_id, e.name AS event_name, e.occurred_at, e.import_id, true AS is_there
		FROM vero.contacts AS c
		JOIN vero.events AS e ON e.contact_id = c.id
		JOIN vero.campaigns AS k ON vero.folded_name(k.event_name) = vero.folded_name(e.name)
	UNION ALL -- what it had jobs for when it waited for something else
		SELECT c.email, k.id, e.id, e.name, e.occurred_at, e.import_id, true
		FROM vero.contacts AS c
		JOIN vero.events AS e ON e.contact_id = c.id
		JOIN vero.trigger_jobs AS j ON j.event_id = e.id
		JOIN vero.campaigns AS k ON k.id = j.campaign_id AND vero.folded_name(k.event_name) <> vero.folded_name(e.name)
	UNION ALL
		SELECT c.email, k.id, j.event_id, k.event_name, j.occurred_at, j.import_id, false
		FROM vero.contacts AS c
		CROSS JOIN vero.campaigns AS k
		JOIN vero.messages AS m ON m.campaign_id = k.id AND m.contact_id = c.id
		JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id
		LEFT JOIN vero.events AS e ON e.contact_id = c.id AND e.occurred_at = j.occurred_at AND e.id = j.event_id
		WHERE e.id IS NULL)
	SELECT d.email, k.name AS campaign, d.event_id, d.event_name, d.occurred_at, d.import_id, j.state, m.id AS message_id,
		CASE
			WHEN j.event_id IS NULL AND i.id IS NULL THEN 'It has no job: it was tracked while the campaign was not active or not yet written, or inserted by hand, which triggers nothing, or its job was removed since.'
			WHEN j.event_id IS NULL AND coalesce((i.options ->> 'trigger_campaigns')::boolean, false)
				THEN format('It has no job: import %s came before the campaign was written or active, or under another event_name of it, or its job was removed since.', i.id)
			WHEN j.event_id IS NULL THEN format('Import %s did not trigger campaigns, and no backfill has given it a job that is still there.', i.id)
			WHEN j.state = 'sent' THEN format('Its mail, message %s, was sent at %s.', m.id, m.sent_at)
			WHEN j.state = 'failed' AND m.id IS NOT NULL THEN format('Its mail, message %s of %s, could not be sent: %s', m.id, m.created_at, m.last_error)
			WHEN j.state = 'failed' THEN format('It could not be decided at %s: %s', j.decided_at, j.error)
			WHEN j.state = 'scheduled' AND m.id IS NOT NULL
				THEN format('Its mail, message %s, was written at %s, and %s.', m.id, m.created_at, rtrim(coalesce((
					SELECT CASE WHEN m.state = 'queued' AND o.why = m.last_error THEN format('is tried again at %s: %s', m.next_attempt_at, o.why) ELSE o.why END
					FROM vero.outbox AS o
					WHERE o.id = m.id), 'waits'), '.'))
			WHEN j.state = 'scheduled' AND NOT k.active AND j.due_at <= now()
				THEN format('It has been due since %s. The campaign is not active: if it is not when this is decided, it is discarded.', j.due_at)
			WHEN j.state = 'scheduled' AND NOT k.active
				THEN format('It is due at %s. The campaign is not active: if it is not by then, it is discarded.', j.due_at)
			WHEN j.state = 'scheduled' AND j.due_at <= now()
				THEN format('It has been due since %s, and %s', j.due_at, coalesce(
					'waits: delivery is off in this database. ' || (SELECT vero.why_delivery_is_off()),
					CASE WHEN current_setting('vero_events.max_workers', true) = '0' THEN 'waits for vero.run_jobs(): vero_events.max_workers is 0.' END,
					'waits for the worker.'))
			WHEN j.state = 'scheduled' THEN format('It is due at %s.', j.due_at)
			WHEN j.state = 'cancelled' AND j.reason = 'import_undone' THEN format('Its import was undone at %s, and its mail cancelled.', i.undone_at)
			WHEN j.state = 'cancelled' THEN format('It was cancelled at %s.', j.decided_at)
			WHEN j.state = 'discarded' AND m.id IS NOT NULL
				THEN format('Its mail, message %s, was written at %s, and cancelled at %s, when it was to be sent: %s.', m.id, m.created_at, j.decided_at,
					CASE WHEN j.reason = 'unsubscribed' THEN 'the contact had unsubscribed meanwhile' ELSE 'its contact was gone by then' END)
			WHEN j.reason = 'future_event' AND j.decided_at = i.started_at THEN 'When it was imported it had not happened yet: such events trigger nothing.'
			WHEN j.reason = 'future_event' THEN format('When its job was registered, at %s, it had not happened yet: such events trigger nothing.', j.decided_at)
			WHEN j.reason = 'overdue' AND j.decided_at = i.started_at
				THEN format('When it was imported, at %s, its mail had been due since %s, which is longer than the campaign''s grace.', j.decided_at, j.due_at)
			WHEN j.reason = 'overdue'
				THEN format('When its job was registered, at %s, its mail had been due since %s, which is longer than the campaign''s grace, or than mail is kept.', j.decided_at, j.due_at)
			WHEN j.reason = 'campaign_inactive' THEN format('When it was decided, at %s, the campaign was not active.', j.decided_at)
			WHEN j.reason = 'contact_deleted' THEN format('When it was decided, at %s, its contact was gone.', j.decided_at)
			WHEN j.reason = 'event_deleted' THEN format('When it was decided, at %s, the event was gone.', j.decided_at)
			WHEN j.reason = 'unsubscribed' THEN format('When it was decided, at %s, the contact had unsubscribed.', j.decided_at)
			WHEN j.reason = 'condition_false' THEN format('At %s the campaign''s condition was not met.', j.decided_at)
			WHEN j.reason = 'suppressed' THEN format('At %s the address was one that had been forgotten.', j.decided_at)
			WHEN j.reason = 'cooldown' THEN format('At %s the contact had got the campaign within its cooldown: %s.', j.decided_at,
				coalesce((
					SELECT format('message %s of %s', l.id, l.created_at)
					FROM vero.messages AS l
					JOIN vero.trigger_jobs AS t ON t.event_id = l.event_id AND t.campaign_id = l.campaign_id
					CROSS JOIN LATERAL (
						SELECT extract(epoch FROM greatest(j.due_at, j.registered_at)) - extract(epoch FROM greatest(t.due_at, t.registered_at)) AS later,
							extract(epoch FROM k.cooldown) AS cooldown) AS g
					WHERE l.campaign_id = j.campaign_id AND l.contact_id = j.contact_id AND l.created_at <= j.decided_at
					-- those of one moment were decided in the order of what they count from; the campaign may have another cooldown by now
					ORDER BY l.created_at < j.decided_at OR g.later >= 0 DESC,
						abs(g.later) < g.cooldown AND extract(epoch FROM j.decided_at - l.created_at) < g.cooldown DESC NULLS LAST,
						l.state IN ('failed', 'cancelled'), abs(g.later), l.id
					LIMIT 1), 'its mail was removed since'))
			END || CASE WHEN d.is_there THEN '' ELSE ' The event was removed or changed since: it is not found under this time and contact.' END AS why
	FROM known AS d
	JOIN vero.campaigns AS k ON k.id = d.campaign_id
	LEFT JOIN vero.trigger_jobs AS j ON j.event_id = d.event_id AND j.campaign_id = d.campaign_id
	LEFT JOIN vero.messages AS m ON m.event_id = d.event_id AND m.campaign_id = d.campaign_id
	LEFT JOIN vero.imports AS i ON i.id = d.import_id;
COMMENT ON VIEW vero.decisions IS 'What became of each event for each campaign of its name, or that it has a job of, and why; of events that are gone, those that have mail';
COMMENT ON COLUMN vero.decisions.email IS 'The contact''s address';
COMMENT ON COLUMN vero.decisions.campaign IS 'The campaign, by its name';
COMMENT ON COLUMN vero.decisions.event_id IS 'The event, by its id in vero.events';
COMMENT ON COLUMN vero.decisions.event_name IS 'What was done; of an event that is gone, what the campaign waits for';
COMMENT ON COLUMN vero.decisions.occurred_at IS 'When it was done';
COMMENT ON COLUMN vero.decisions.import_id IS 'The import that brought it; null for others';
COMMENT ON COLUMN vero.decisions.state IS 'The state of its job; null where it has none';
COMMENT ON COLUMN vero.decisions.message_id IS 'Its mail, by its id in vero.messages';
COMMENT ON COLUMN vero.decisions.why IS 'What became of it and why, as a sentence';

CREATE FUNCTION vero.why(email text, campaign text)
RETURNS TABLE (event_id bigint, event_name text, occurred_at timestamptz, import_id bigint, state text, message_id bigint, why text)
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_why';
COMMENT ON FUNCTION vero.why(text, text)
	IS 'What became of each event of a contact, known by an email address, for a campaign, known by its name, and why; as who may SELECT from vero.decisions';

CREATE FUNCTION vero.preview(campaign text, event bigint, OUT "from" text, OUT "to" text, OUT subject text, OUT body_text text, OUT body_html text,
	OUT headers text, OUT empty_tags text[])
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_preview_event';
COMMENT ON FUNCTION vero.preview(text, bigint)
	IS 'The mail that a campaign, known by its name, would write for an event, known by its id, and which merge tags come out empty; nothing is stored or sent';
REVOKE ALL ON FUNCTION vero.preview(text, bigint) FROM PUBLIC;

CREATE FUNCTION vero.preview(campaign text, email text, OUT "from" text, OUT "to" text, OUT subject text, OUT body_text text, OUT body_html text,
	OUT headers text, OUT empty_tags text[])
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_preview_contact';
COMMENT ON FUNCTION vero.preview(text, text) IS 'The same for the latest event of a contact that the campaign is for';
REVOKE ALL ON FUNCTION vero.preview(text, text) FROM PUBLIC;

CREATE FUNCTION vero.send_test(campaign text, event bigint, address text) RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_send_test_event';
COMMENT ON FUNCTION vero.send_test(text, bigint, text)
	IS 'Sends the mail that vero.preview() shows to an address, or to up to 20, separated by commas, as a test: marked, and counted nowhere. Says which message it is. Takes INSERT on vero.messages';
REVOKE ALL ON FUNCTION vero.send_test(text, bigint, text) FROM PUBLIC;

CREATE FUNCTION vero.send_test(campaign text, email text, address text) RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_send_test_contact';
COMMENT ON FUNCTION vero.send_test(text, text, text) IS 'The same for the latest event of a contact that the campaign is for';
REVOKE ALL ON FUNCTION vero.send_test(text, text, text) FROM PUBLIC;
