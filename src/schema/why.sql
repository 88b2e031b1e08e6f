-- Who got what, and why not.

CREATE VIEW vero.decisions AS
	WITH known AS (
		SELECT c.email, k.name AS campaign, e.id AS event_id, e.name AS event_name, e.occurred_at, e.import_id, k AS rule, j, m, true AS is_there
		FROM vero.contacts AS c
		JOIN vero.events AS e ON e.contact_id = c.id
		JOIN vero.campaigns AS k ON vero.folded_name(k.event_name) = vero.folded_name(e.name)
		LEFT JOIN vero.trigger_jobs AS j ON j.event_id = e.id AND j.campaign_id = k.id
		LEFT JOIN vero.messages AS m ON m.event_id = e.id AND m.campaign_id = k.id
	UNION ALL -- what it had jobs for when it waited for something else
		SELECT c.email, k.name, e.id, e.name, e.occurred_at, e.import_id, k, j, m, true
		FROM vero.contacts AS c
		JOIN vero.events AS e ON e.contact_id = c.id
		JOIN vero.trigger_jobs AS j ON j.event_id = e.id
		JOIN vero.campaigns AS k ON k.id = j.campaign_id AND vero.folded_name(k.event_name) <> vero.folded_name(e.name)
		LEFT JOIN vero.messages AS m ON m.event_id = e.id AND m.campaign_id = k.id
	UNION ALL
		SELECT c.email, k.name, m.event_id, k.event_name, j.occurred_at, j.import_id, k, j, m, false
		FROM vero.contacts AS c
		CROSS JOIN vero.campaigns AS k
		JOIN vero.messages AS m ON m.campaign_id = k.id AND m.contact_id = c.id
		JOIN vero.trigger_jobs AS j ON j.event_id = m.event_id AND j.campaign_id = m.campaign_id
		WHERE NOT EXISTS (SELECT FROM vero.events AS e WHERE e.contact_id = c.id AND e.occurred_at = j.occurred_at AND e.id = j.event_id))
	SELECT d.email, d.campaign, d.event_id, d.event_name, d.occurred_at, d.import_id, (d.j).state, (d.m).id AS message_id,
		CASE
			WHEN (d.j).event_id IS NULL AND i.id IS NULL THEN 'It was tracked while the campaign was not active or not yet written, or inserted by hand: that triggers nothing.'
			WHEN (d.j).event_id IS NULL AND coalesce((i.options ->> 'trigger_campaigns')::boolean, false)
				THEN format('Import %s came before the campaign was written or active, or under another event_name of it.', i.id)
			WHEN (d.j).event_id IS NULL THEN format('Import %s did not trigger campaigns.', i.id)
			WHEN (d.j).state = 'sent' THEN format('Its mail, message %s, was sent at %s.', (d.m).id, (d.m).sent_at)
			WHEN (d.j).state = 'failed' AND (d.m).id IS NOT NULL THEN format('Its mail, message %s of %s, could not be sent: %s', (d.m).id, (d.m).created_at, (d.m).last_error)
			WHEN (d.j).state = 'failed' THEN format('It could not be decided at %s: %s', (d.j).decided_at, (d.j).error)
			WHEN (d.j).state = 'scheduled' AND (d.m).id IS NOT NULL
				THEN format('Its mail, message %s, was written at %s, and %s.', (d.m).id, (d.m).created_at, rtrim(coalesce(o.why, 'waits'), '.'))
			WHEN (d.j).state = 'scheduled' AND NOT (d.rule).active
				THEN format('It is due at %s. The campaign is not active: if it is not by then, it is discarded.', (d.j).due_at)
			WHEN (d.j).state = 'scheduled' AND (d.j).due_at <= now() THEN format('It has been due since %s, and waits for the worker.', (d.j).due_at)
			WHEN (d.j).state = 'scheduled' THEN format('It is due at %s.', (d.j).due_at)
			WHEN (d.j).state = 'cancelled' AND (d.j).reason = 'import_undone' THEN format('Its import was undone at %s, and its mail cancelled.', i.undone_at)
			WHEN (d.j).state = 'cancelled' THEN format('It was cancelled at %s.', (d.j).decided_at)
			WHEN (d.j).state = 'discarded' AND (d.m).id IS NOT NULL
				THEN format('Its mail, message %s, was written at %s, and cancelled at %s, when it was to be sent: %s.', (d.m).id, (d.m).created_at, (d.j).decided_at,
					CASE WHEN (d.j).reason = 'unsubscribed' THEN 'the contact had unsubscribed meanwhile' ELSE 'its contact was gone by then' END)
			WHEN (d.j).reason = 'future_event' AND (d.j).decided_at = i.started_at THEN 'When it was imported it had not happened yet: such events trigger nothing.'
			WHEN (d.j).reason = 'future_event' THEN format('When its job was registered, at %s, it had not happened yet: such events trigger nothing.', (d.j).decided_at)
			WHEN (d.j).reason = 'overdue' AND (d.j).decided_at = i.started_at
				THEN format('When it was imported, at %s, its mail had been due since %s, which is longer than the campaign''s grace.', (d.j).decided_at, (d.j).due_at)
			WHEN (d.j).reason = 'overdue'
				THEN format('When its job was registered, at %s, its mail had been due since %s, which is longer than the campaign''s grace, or than mail is kept.', (d.j).decided_at, (d.j).due_at)
			WHEN (d.j).reason = 'campaign_inactive' THEN format('When it was due, at %s, the campaign was not active.', (d.j).decided_at)
			WHEN (d.j).reason = 'contact_deleted' THEN format('When it was decided, at %s, its contact was gone.', (d.j).decided_at)
			WHEN (d.j).reason = 'event_deleted' THEN format('When it was decided, at %s, the event was gone.', (d.j).decided_at)
			WHEN (d.j).reason = 'unsubscribed' THEN format('When it was decided, at %s, the contact had unsubscribed.', (d.j).decided_at)
			WHEN (d.j).reason = 'condition_false' THEN format('At %s the campaign''s condition was not met.', (d.j).decided_at)
			WHEN (d.j).reason = 'suppressed' THEN format('At %s the address was one that had been forgotten.', (d.j).decided_at)
			WHEN (d.j).reason = 'cooldown' THEN format('At %s the contact had got the campaign within its cooldown: %s.', (d.j).decided_at,
				coalesce((
					SELECT format('message %s of %s', l.id, l.created_at)
					FROM vero.messages AS l
					JOIN vero.trigger_jobs AS t ON t.event_id = l.event_id AND t.campaign_id = l.campaign_id
					WHERE l.campaign_id = (d.j).campaign_id AND l.contact_id = (d.j).contact_id AND l.created_at <= (d.j).decided_at
					ORDER BY greatest(t.due_at, t.registered_at) DESC
					LIMIT 1), 'its mail was removed since'))
			END || CASE WHEN d.is_there THEN '' ELSE ' The event was removed since.' END AS why
	FROM known AS d
	LEFT JOIN vero.imports AS i ON i.id = d.import_id
	LEFT JOIN LATERAL (SELECT x.why FROM vero.outbox AS x WHERE x.id = (d.m).id AND (d.j).state = 'scheduled' OFFSET 0) AS o ON true;
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
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT d.event_id, d.event_name, d.occurred_at, d.import_id, d.state, d.message_id, d.why
	FROM vero.decisions AS d
	WHERE d.email = vero.normal_email($1) AND d.campaign = $2
	ORDER BY d.occurred_at, d.event_id;
END;
COMMENT ON FUNCTION vero.why(text, text)
	IS 'What became of each event of a contact, known by an email address, for a campaign, known by its name, and why; as who may SELECT from vero.decisions';

CREATE FUNCTION vero.preview(campaign text, event bigint, OUT "from" text, OUT "to" text, OUT subject text, OUT body_text text, OUT body_html text,
	OUT headers text, OUT empty_tags text[])
LANGUAGE C STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_preview_event';
COMMENT ON FUNCTION vero.preview(text, bigint)
	IS 'The mail that a campaign, known by its name, would write for an event, known by its id, and which merge tags come out empty; nothing is stored or sent';
REVOKE ALL ON FUNCTION vero.preview(text, bigint) FROM PUBLIC;

CREATE FUNCTION vero.preview(campaign text, email text, OUT "from" text, OUT "to" text, OUT subject text, OUT body_text text, OUT body_html text,
	OUT headers text, OUT empty_tags text[])
LANGUAGE C STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_preview_contact';
COMMENT ON FUNCTION vero.preview(text, text) IS 'The same for the latest event of a contact that the campaign is for';
REVOKE ALL ON FUNCTION vero.preview(text, text) FROM PUBLIC;

CREATE FUNCTION vero.send_test(campaign text, event bigint, address text) RETURNS bigint
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_send_test_event';
COMMENT ON FUNCTION vero.send_test(text, bigint, text)
	IS 'Sends the mail that vero.preview() shows to an address, or to up to 20, separated by commas, as a test: marked, and counted nowhere. Says which message it is. Takes INSERT on vero.messages';
REVOKE ALL ON FUNCTION vero.send_test(text, bigint, text) FROM PUBLIC;

CREATE FUNCTION vero.send_test(campaign text, email text, address text) RETURNS bigint
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_send_test_contact';
COMMENT ON FUNCTION vero.send_test(text, text, text) IS 'The same for the latest event of a contact that the campaign is for';
REVOKE ALL ON FUNCTION vero.send_test(text, text, text) FROM PUBLIC;
