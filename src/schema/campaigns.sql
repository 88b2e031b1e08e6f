-- Campaigns, and what may stand in them.

CREATE FUNCTION vero.folded_name(name text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_folded_name';
COMMENT ON FUNCTION vero.folded_name(text)
	IS 'A name for comparing: events trigger the campaigns whose event_name has the same folded name';

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

CREATE FUNCTION vero.is_campaign(name text, event_name text, delay interval, grace interval, cooldown interval, subject text,
	body_text text, body_html text) RETURNS boolean
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_campaign';
COMMENT ON FUNCTION vero.is_campaign(text, text, interval, interval, interval, text, text, text)
	IS 'True where a campaign has all that it takes, in bounds; an error says what another one lacks';

CREATE TABLE vero.campaigns (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE,
	event_name text NOT NULL,
	delay interval NOT NULL,
	grace interval NOT NULL DEFAULT '0',
	condition jsonpath CONSTRAINT campaigns_condition CHECK (vero.is_condition(condition)),
	cooldown interval,
	subject text NOT NULL CONSTRAINT campaigns_subject CHECK (vero.is_template('subject', subject)),
	body_text text CONSTRAINT campaigns_body_text CHECK (vero.is_template('text', body_text)),
	body_html text CONSTRAINT campaigns_body_html CHECK (vero.is_template('html', body_html)),
	from_address text CONSTRAINT campaigns_from_address CHECK (vero.is_mailbox(from_address)),
	transactional boolean NOT NULL DEFAULT false,
	active boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	CONSTRAINT campaigns_are_whole CHECK (vero.is_campaign(name, event_name, delay, grace, cooldown, subject, body_text, body_html))
);
CREATE FUNCTION vero.check_campaign() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_check_campaign';
COMMENT ON FUNCTION vero.check_campaign() IS 'Refuses in words a campaign in which a column is null that must not be';
REVOKE ALL ON FUNCTION vero.check_campaign() FROM PUBLIC;
CREATE TRIGGER campaigns_not_null BEFORE INSERT OR UPDATE ON vero.campaigns FOR EACH ROW EXECUTE FUNCTION vero.check_campaign();
COMMENT ON TRIGGER campaigns_not_null ON vero.campaigns IS 'Says what is missing';
CREATE FUNCTION vero.warn_of_campaign() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_warn_of_campaign';
COMMENT ON FUNCTION vero.warn_of_campaign() IS 'Warns of a campaign that is not transactional while vero_events.unsubscribe_address is not set';
REVOKE ALL ON FUNCTION vero.warn_of_campaign() FROM PUBLIC;
CREATE TRIGGER campaigns_unsubscribe AFTER INSERT OR UPDATE ON vero.campaigns FOR EACH ROW EXECUTE FUNCTION vero.warn_of_campaign();
COMMENT ON TRIGGER campaigns_unsubscribe ON vero.campaigns IS 'Says where people could not unsubscribe';

COMMENT ON TABLE vero.campaigns IS 'Automated mail that an event triggers after a delay';
COMMENT ON COLUMN vero.campaigns.id IS 'The campaign''s number, by which jobs and messages name it';
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
COMMENT ON COLUMN vero.campaigns.created_at IS 'When it was written';

SELECT pg_catalog.pg_extension_config_dump('vero.campaigns', '');
SELECT pg_catalog.pg_extension_config_dump('vero.campaigns_id_seq', '');
