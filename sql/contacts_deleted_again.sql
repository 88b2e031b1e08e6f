-- Contacts that are gone whenever an import has created them: it tries again, twenty times, and says so.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set SHOW_CONTEXT never

-- the first few are as good as deleted: they are not even there
CREATE SEQUENCE tries;
CREATE TABLE kept_from (try bigint);
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE WHEN nextval('public.tries') < (SELECT try FROM public.kept_from) THEN NULL ELSE new END;
END
$$;
CREATE TRIGGER keep_out BEFORE INSERT ON vero.contacts FOR EACH ROW EXECUTE FUNCTION keep_out();
INSERT INTO kept_from VALUES (20);
SELECT rows_imported, contacts_created FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01\n'::bytea);
SELECT last_value FROM tries;
ALTER SEQUENCE tries RESTART;
UPDATE kept_from SET try = 21;
\set VERBOSITY sqlstate
SELECT rows_imported, contacts_created FROM import_events_csv(E'email,name,time\nb@b.co,x,2022-01-01\n'::bytea);
SELECT last_value FROM tries;
SELECT vero.record_failed_imports();
SELECT error FROM vero.imports ORDER BY id;

DROP TRIGGER keep_out ON vero.contacts;
DROP FUNCTION keep_out;
DROP TABLE kept_from;
DROP SEQUENCE tries;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
