-- Contacts, and what their addresses may be.

CREATE FUNCTION vero.normal_email(address text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_normal_email';
COMMENT ON FUNCTION vero.normal_email(text)
	IS 'The form of an email address by which a contact is known, for imports and vero.contacts alike: trimmed, in lower case, in Normalization Form C';

CREATE FUNCTION vero.is_email(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_email';
COMMENT ON FUNCTION vero.is_email(text) IS 'True for what vero.normal_email() has a normal form of';

CREATE FUNCTION vero.is_normal_email(address text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_normal_email';
COMMENT ON FUNCTION vero.is_normal_email(text)
	IS 'True for an email address in its normal form; an error says what is wrong with another one';

CREATE TABLE vero.contacts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text COLLATE "C" NOT NULL UNIQUE CONSTRAINT contacts_email CHECK (vero.is_normal_email(email)),
	properties jsonb NOT NULL DEFAULT '{}' CONSTRAINT contacts_properties CHECK (pg_catalog.jsonb_typeof(properties) = 'object'),
	unsubscribed_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	created_by_import bigint
);
ALTER SEQUENCE vero.contacts_id_seq CACHE 100;
COMMENT ON TABLE vero.contacts IS 'People, each known by an email address';
COMMENT ON COLUMN vero.contacts.id IS 'The contact''s number, by which events and jobs name it';
COMMENT ON COLUMN vero.contacts.email IS 'The address, as vero.normal_email() gives it';
COMMENT ON COLUMN vero.contacts.properties IS 'What is known of the contact; imports never change it';
COMMENT ON COLUMN vero.contacts.unsubscribed_at IS 'Since when the contact wants no campaign mail; imports never change it';
COMMENT ON COLUMN vero.contacts.created_at IS 'When the contact became known';
COMMENT ON COLUMN vero.contacts.created_by_import IS 'The import that created the contact, if one did';

SELECT pg_catalog.pg_extension_config_dump('vero.contacts', '');
SELECT pg_catalog.pg_extension_config_dump('vero.contacts_id_seq', '');
