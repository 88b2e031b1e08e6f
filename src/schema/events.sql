-- Events, their partitions, and track_event().

-- Not an identity, which partitions would not have. Whoever may INSERT needs no other privilege.
CREATE SEQUENCE vero.events_id_seq CACHE 1000;
GRANT USAGE ON SEQUENCE vero.events_id_seq TO PUBLIC;
COMMENT ON SEQUENCE vero.events_id_seq IS 'Gives events their ids';

-- Keys and indexes are the partitions' own: a dump would attach a partition before it makes the key that the table wants it to have.
CREATE TABLE vero.events (
	id bigint NOT NULL DEFAULT pg_catalog.nextval('vero.events_id_seq'),
	contact_id bigint NOT NULL,
	name text NOT NULL CONSTRAINT events_name CHECK (name <> '' AND pg_catalog.char_length(name) <= 255),
	occurred_at timestamptz NOT NULL,
	properties jsonb NOT NULL DEFAULT '{}' CONSTRAINT events_properties CHECK (pg_catalog.jsonb_typeof(properties) = 'object'),
	import_id bigint
) PARTITION BY RANGE (occurred_at);
ALTER SEQUENCE vero.events_id_seq OWNED BY vero.events.id;
COMMENT ON TABLE vero.events IS 'What contacts did, and when';
COMMENT ON COLUMN vero.events.id IS 'The event''s number; the key is (contact_id, occurred_at, id)';
COMMENT ON COLUMN vero.events.contact_id IS 'Who did it';
COMMENT ON COLUMN vero.events.name IS 'What was done';
COMMENT ON COLUMN vero.events.occurred_at IS 'When it was done';
COMMENT ON COLUMN vero.events.properties IS 'The other columns of the record, by name; cells without a value are left out';
COMMENT ON COLUMN vero.events.import_id IS 'The import that brought the event, by its id, which is no foreign key; null for others';

CREATE TABLE vero.events_default PARTITION OF vero.events (
	PRIMARY KEY (contact_id, occurred_at, id),
	CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id)
) DEFAULT;
CREATE INDEX events_default_import_id ON vero.events_default USING brin (import_id);
COMMENT ON TABLE vero.events_default IS 'The events that no other partition of vero.events holds: all, until there is one';
-- As those of vero.events, which later partitions take over.
DO $$
DECLARE
	own record;
BEGIN
	FOR own IN SELECT a.attname, pg_catalog.col_description(a.attrelid, a.attnum) AS comment FROM pg_catalog.pg_attribute AS a
			WHERE a.attrelid = 'vero.events'::regclass AND a.attnum > 0 LOOP
		EXECUTE pg_catalog.format('COMMENT ON COLUMN vero.events_default.%I IS %L', own.attname, own.comment);
	END LOOP;
END
$$;
COMMENT ON INDEX vero.events_default_import_id IS 'Finds the events of an import at next to no cost';

CREATE FUNCTION vero.track_event(email text, name text, properties jsonb DEFAULT '{}', occurred_at timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_track_event';
COMMENT ON FUNCTION vero.track_event(text, text, jsonb, timestamptz)
	IS 'Records an event as it happens, triggers its campaigns, and returns its id';

SELECT pg_catalog.pg_extension_config_dump('vero.events_default', '');
SELECT pg_catalog.pg_extension_config_dump('vero.events_id_seq', '');
