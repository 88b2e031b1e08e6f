-- People who were forgotten.

CREATE TABLE vero.suppressions (
	key_id bytea NOT NULL CHECK (pg_catalog.length(key_id) = 8),
	address_hash bytea NOT NULL CHECK (pg_catalog.length(address_hash) = 32),
	suppressed_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	suppressed_by name NOT NULL,
	PRIMARY KEY (key_id, address_hash)
);
COMMENT ON TABLE vero.suppressions IS 'Addresses that get no campaign mail, as they were forgotten';
COMMENT ON COLUMN vero.suppressions.key_id IS 'Which key the address was hashed with: that of the file vero_events_suppressions.key in the data directory, which is in no dump';
COMMENT ON COLUMN vero.suppressions.address_hash IS 'HMAC-SHA-256 of the address in its normal form';
COMMENT ON COLUMN vero.suppressions.suppressed_at IS 'When it was forgotten';
COMMENT ON COLUMN vero.suppressions.suppressed_by IS 'By which role';

CREATE FUNCTION vero.forget(email text, OUT contacts bigint, OUT events bigint, OUT jobs bigint, OUT messages bigint,
	OUT rejected_records bigint, OUT confirmations bigint)
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_forget';
COMMENT ON FUNCTION vero.forget(text)
	IS 'Erases what is stored of a person, known by an email address, and keeps the address from getting campaign mail again: says how many of each were removed, and of how many confirmations the text was erased';

SELECT pg_catalog.pg_extension_config_dump('vero.suppressions', '');
