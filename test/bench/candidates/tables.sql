-- The tables that the candidates fill: made like the extension's own, with the same indexes and checks.
CREATE EXTENSION vero_events;

-- Ready-typed rows, and the contacts that they refer to.
CREATE SCHEMA ready;
CREATE TABLE ready.contacts (LIKE vero.contacts INCLUDING ALL);
CREATE TABLE ready.rows (LIKE vero.events);
CREATE TABLE ready.events (LIKE vero.events_default INCLUDING ALL);
CREATE TABLE ready.events_with_foreign_key (LIKE vero.events_default INCLUDING ALL, FOREIGN KEY (contact_id) REFERENCES ready.contacts (id));

-- The floor has the primary key and nothing else.
CREATE TABLE ready.events_of_floor (LIKE vero.events, PRIMARY KEY (contact_id, occurred_at, id));

-- Staging and SQL, and pgloader with SQL after it.
CREATE SCHEMA staging;
CREATE TABLE staging.contacts (LIKE vero.contacts INCLUDING ALL);
CREATE TABLE staging.events (LIKE vero.events_default INCLUDING ALL, FOREIGN KEY (contact_id) REFERENCES staging.contacts (id));
CREATE TABLE staging.rejects (record_number bigint PRIMARY KEY, email text, event_name text, "time" text, number text, item_type text, amount text,
	reason text NOT NULL);
CREATE UNLOGGED TABLE staging.records (
	record_number bigint GENERATED ALWAYS AS IDENTITY,
	email text, event_name text, "time" text, number text, item_type text, amount text);
CREATE FUNCTION staging.safe_timestamptz(value text) RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
	RETURN value::timestamptz;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END
$$;

CREATE UNLOGGED TABLE staging.typed (
	email text NOT NULL CHECK (btrim(email, E' \t') ~ '^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$'),
	event_name text NOT NULL CHECK (btrim(event_name, E' \t') <> '' AND char_length(event_name) <= 255),
	occurred_at timestamptz NOT NULL,
	number text, item_type text, amount text);
