-- An import that would schedule more mails than it may fails as a whole.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text) VALUES
	('later', 'order', '3650 hours', '0', NULL, 'Hi', 'Hi'), ('now', 'order', '0', '36500 days', '1 day', 'Hi', 'Hi'), ('never', 'order', '0', '0', NULL, 'Hi', 'Hi'), ('other', 'visit', '0', '0', NULL, 'Hi', 'Hi');
CREATE FUNCTION pg_temp.content(records int, bad int DEFAULT 1) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time,n\n' || repeat(E'nobody,order,2022-01-01,\n', bad) || (SELECT string_agg(format(E'person%s@b.co,order,%s,%s\n', n % 3, to_char(now() - interval '1 hour', 'YYYY-MM-DD HH24:MI:SSOF'), n), '' ORDER BY n) FROM generate_series(1, records) AS n), 'UTF8')
$$;
CREATE FUNCTION pg_temp.without_times(words text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(words, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC', '(time)', 'g') $$;
-- as many as may be are scheduled; of one more nothing stays but the rejects
SELECT state, rows_imported, jobs_scheduled FROM import_events_csv(pg_temp.content(4), trigger_campaigns => true, max_jobs => 8);
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created, jobs_scheduled, pg_temp.without_times(error) AS error FROM import_events_csv(pg_temp.content(5), trigger_campaigns => true, max_jobs => 9) \gx
SELECT (SELECT count(*) FROM vero.events) AS events, (SELECT count(*) FROM vero.trigger_jobs) AS jobs, (SELECT count(*) FROM vero.rejected_rows WHERE import_id = 2) AS rejects, (SELECT options FROM vero.imports WHERE id = 2) AS options;
SELECT left(subject, 90) AS subject, substring(body_text from 'too many mails[^(]*') AS why FROM vero.messages WHERE import_id = 2;
-- the commands that import it again take over max_jobs, and say so
SELECT substring(body_text from 'What to do next: [^\n]*') AS next FROM vero.messages WHERE import_id = 2;
-- it may be imported again with more; passive imports have no jobs
SELECT state, jobs_scheduled FROM import_events_csv(pg_temp.content(5), trigger_campaigns => true, max_jobs => 10);
SELECT state, jobs_scheduled FROM import_events_csv(pg_temp.content(6), max_jobs => 0);
-- a large file stops on its way
SELECT state, rows_read < 100000 AS stopped, rows_imported, pg_temp.without_times(error) ~ 'by the first \d+,000 records, and max_jobs is 1,000' AS told FROM import_events_csv(pg_temp.content(100000, 2), trigger_campaigns => true, max_jobs => 1000);
SELECT count(*) FROM vero.events;
-- a dry run says it with the forecast, and keeps its rejects
SELECT import_id, state, rows_imported, jobs_scheduled, pg_temp.without_times(error) AS error FROM import_events_csv(pg_temp.content(25000), trigger_campaigns => true, max_jobs => 20, dry_run => true) \gx
SELECT campaign, sent_now, sent_later, discarded_by_reason, mails_per_contact FROM vero.import_forecast ORDER BY 1;
SELECT import_id, count(*) FROM vero.rejected_rows GROUP BY 1 ORDER BY 1;
-- COPY: an ERROR, with the campaigns in its DETAIL, and nothing stays
CREATE FUNCTION pg_temp.copy(options text) RETURNS TABLE (state text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'COPY vero.events FROM PROGRAM ''printf "email,name,time\nann@b.co,order,2022-01-01\nbob@b.co,order,2022-01-02\nbob@b.co,order,2022-01-02\n"'' WITH (FORMAT vero_csv, trigger_campaigns, ' || options || ')';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS state := RETURNED_SQLSTATE, message := MESSAGE_TEXT, detail := PG_EXCEPTION_DETAIL, hint := PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;
SELECT * FROM pg_temp.copy('max_jobs 2') \gx
SELECT * FROM pg_temp.copy('max_jobs 2, dry_run') \gx
SELECT * FROM pg_temp.copy('max_jobs -1') \gx
-- the setting holds for all imports; the smaller number counts
SET vero_events.max_jobs_per_import = 2;
SELECT state, pg_temp.without_times(error) AS error FROM import_events_csv(pg_temp.content(3), trigger_campaigns => true) \gx
SELECT state, left(error, 90) AS error FROM import_events_csv(pg_temp.content(3), trigger_campaigns => true, max_jobs => 100) \gx
SELECT state, left(error, 90) AS error FROM import_events_csv(pg_temp.content(3), trigger_campaigns => true, max_jobs => 1) \gx
SELECT hint FROM pg_temp.copy('max_jobs 100') \gx
SELECT state, right(error, 110) AS error FROM import_events_csv(pg_temp.content(3), trigger_campaigns => true, max_jobs => 2) \gx
SELECT hint FROM pg_temp.copy('max_jobs 1') \gx
SET vero_events.max_jobs_per_import = 6;
SELECT state FROM import_events_csv(pg_temp.content(3), trigger_campaigns => true);
SET vero_events.max_jobs_per_import = 0;
SELECT state, left(error, 90) AS error FROM import_events_csv(pg_temp.content(1), trigger_campaigns => true) \gx
SELECT * FROM pg_temp.copy('max_jobs 3, on_duplicate skip') \gx
RESET vero_events.max_jobs_per_import;
SELECT * FROM pg_temp.copy('max_jobs 1, on_duplicate skip') \gx
SELECT * FROM pg_temp.copy('max_jobs 2, on_duplicate skip') \gx
SET vero_events.max_jobs_per_import = 0;
-- events that are tracked one by one are no import
SELECT vero.track_event('ann@b.co', 'order') IS NOT NULL AS tracked;
-- who imports cannot raise it
CREATE ROLE max_jobs_importer;
SET ROLE max_jobs_importer;
SET vero_events.max_jobs_per_import = -1;
RESET ROLE;
DROP ROLE max_jobs_importer;
RESET vero_events.max_jobs_per_import;
SHOW vero_events.max_jobs_per_import;
-- profiles may say it, and what corrects an import may schedule as many
INSERT INTO vero.import_profiles VALUES ('few', '{"max_jobs": 1, "trigger_campaigns": true}');
INSERT INTO vero.import_profiles VALUES ('wrong', '{"max_jobs": -1}');
SELECT state, left(error, 90) AS error FROM import_events_csv(pg_temp.content(7), profile => 'few') \gx
SELECT state FROM import_events_csv(pg_temp.content(7), profile => 'few', max_jobs => 20);
SELECT max(id) AS parent FROM vero.imports \gset
SELECT state, left(error, 90) AS error FROM import_events_csv(pg_temp.content(11, 0), parent_import => :parent, trigger_campaigns => true) \gx
SELECT state FROM import_events_csv(pg_temp.content(11, 0), parent_import => :parent, trigger_campaigns => true, max_jobs => 22);
DELETE FROM vero.import_profiles;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
