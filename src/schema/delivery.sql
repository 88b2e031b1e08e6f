-- Whether this database decides jobs and sends mail.

CREATE TABLE vero.delivery (
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	instance uuid NOT NULL,
	enabled_at timestamptz,
	off_reason text,
	PRIMARY KEY (instance, database_oid)
);
COMMENT ON TABLE vero.delivery IS 'The database whose mail this is: a copy of it decides no job and sends nothing';
COMMENT ON COLUMN vero.delivery.system_identifier IS 'The cluster''s, as in pg_control_system()';
COMMENT ON COLUMN vero.delivery.database_oid IS 'The database''s in that cluster';
COMMENT ON COLUMN vero.delivery.instance IS 'The data directory''s, as the file pgsql_tmp_vero_events_instance in it has it';
COMMENT ON COLUMN vero.delivery.enabled_at IS 'When enable_delivery() was called';
COMMENT ON COLUMN vero.delivery.off_reason IS 'Why nothing is decided and sent, where that was found out since';

CREATE FUNCTION vero.disown_delivery() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_disown_delivery';
COMMENT ON FUNCTION vero.disown_delivery() IS 'Keeps a row that a restore brings back from speaking for this database';
REVOKE ALL ON FUNCTION vero.disown_delivery() FROM PUBLIC;
CREATE TRIGGER delivery_disown BEFORE INSERT ON vero.delivery FOR EACH ROW EXECUTE FUNCTION vero.disown_delivery();
ALTER TABLE vero.delivery ENABLE ALWAYS TRIGGER delivery_disown;
COMMENT ON TRIGGER delivery_disown ON vero.delivery IS 'Only enable_delivery() says whose jobs and messages these are';

CREATE FUNCTION vero.enable_delivery() RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_enable_delivery';
COMMENT ON FUNCTION vero.enable_delivery() IS 'Says that this database, a copy until now, decides jobs and sends mail. The caller has to own vero.trigger_jobs, vero.messages and vero.delivery';
REVOKE ALL ON FUNCTION vero.enable_delivery() FROM PUBLIC;
SELECT vero.enable_delivery();

CREATE FUNCTION vero.note_replicated() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_note_replicated';
COMMENT ON FUNCTION vero.note_replicated() IS 'Turns delivery off: what replication or a restore writes is not this database''s to decide and send';
REVOKE ALL ON FUNCTION vero.note_replicated() FROM PUBLIC;
CREATE TRIGGER trigger_jobs_replicated AFTER INSERT OR UPDATE ON vero.trigger_jobs FOR EACH ROW EXECUTE FUNCTION vero.note_replicated();
CREATE TRIGGER messages_replicated AFTER INSERT OR UPDATE ON vero.messages FOR EACH ROW EXECUTE FUNCTION vero.note_replicated();
ALTER TABLE vero.trigger_jobs ENABLE REPLICA TRIGGER trigger_jobs_replicated;
ALTER TABLE vero.messages ENABLE REPLICA TRIGGER messages_replicated;
COMMENT ON TRIGGER trigger_jobs_replicated ON vero.trigger_jobs IS 'Jobs that are written by replication are another database''s';
COMMENT ON TRIGGER messages_replicated ON vero.messages IS 'Messages that are written by replication are another database''s';

CREATE FUNCTION vero.is_delivery_enabled() RETURNS boolean
LANGUAGE C STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_is_delivery_enabled';
COMMENT ON FUNCTION vero.is_delivery_enabled() IS 'False in a copy of a database, until enable_delivery() is called in it';

CREATE FUNCTION vero.why_delivery_is_off() RETURNS text
LANGUAGE C STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'vero_why_delivery_is_off';
COMMENT ON FUNCTION vero.why_delivery_is_off() IS 'Why this database decides no job and sends nothing; null where it does';

SELECT pg_catalog.pg_extension_config_dump('vero.delivery', '');
