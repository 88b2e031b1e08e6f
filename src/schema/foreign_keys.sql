-- Foreign keys, in such a way that a dump restores.

-- pg_restore with several jobs loads all of these tables at once, whatever refers to what: keys come with the extension, before all data. So PostgreSQL's own triggers for new rows
-- are off, and one of ours does the same, but in a restore. Those for rows that are referred to, which look when one is deleted, are on.
CREATE FUNCTION vero.check_foreign_keys() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'vero_check_foreign_keys';
COMMENT ON FUNCTION vero.check_foreign_keys()
	IS 'Checks those foreign keys of a new row whose own triggers are disabled, but for the rows of a dump that the table''s owner restores';
REVOKE ALL ON FUNCTION vero.check_foreign_keys() FROM PUBLIC;

CREATE FUNCTION vero.replace_key_triggers(of_table regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	own name;
BEGIN
	FOR own IN SELECT t.tgname FROM pg_trigger AS t JOIN pg_constraint AS c ON c.oid = t.tgconstraint
			WHERE t.tgrelid = of_table AND c.contype = 'f' AND c.conrelid = t.tgrelid AND t.tgfoid = ANY (ARRAY['"RI_FKey_check_ins"', '"RI_FKey_check_upd"']::regproc[]) LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', of_table, own);
	END LOOP;
END
$$;
COMMENT ON FUNCTION vero.replace_key_triggers(regclass) IS 'Disables the triggers by which PostgreSQL checks the foreign keys of a table''s new rows, as one of the extension''s does that; for superusers';
REVOKE ALL ON FUNCTION vero.replace_key_triggers(regclass) FROM PUBLIC;

SELECT vero.replace_key_triggers(own) FROM pg_catalog.unnest('{vero.events_default,vero.rejected_rows,vero.trigger_jobs,vero.messages}'::pg_catalog.regclass[]) AS own;
CREATE TRIGGER events_default_keys AFTER INSERT OR UPDATE OF contact_id ON vero.events_default FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
CREATE TRIGGER rejected_rows_keys AFTER INSERT OR UPDATE OF import_id ON vero.rejected_rows FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
CREATE TRIGGER trigger_jobs_keys AFTER INSERT OR UPDATE OF campaign_id, import_id ON vero.trigger_jobs FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
CREATE TRIGGER messages_keys AFTER INSERT OR UPDATE OF event_id, campaign_id, import_id ON vero.messages FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
COMMENT ON TRIGGER events_default_keys ON vero.events_default IS 'Sees to it that the contacts of new events are there';
COMMENT ON TRIGGER rejected_rows_keys ON vero.rejected_rows IS 'Sees to it that the imports of new rejects are there';
COMMENT ON TRIGGER trigger_jobs_keys ON vero.trigger_jobs IS 'Sees to it that the campaigns and imports of new jobs are there';
COMMENT ON TRIGGER messages_keys ON vero.messages IS 'Sees to it that the jobs and imports of new messages are there';
