-- Which jobs an import's events get: the rule, by the import's clock.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY terse

-- Imports events of these ages, as seen from now on the clock, of a name each.
CREATE FUNCTION pg_temp.import_aged(ages interval[], name text DEFAULT 'order', triggers boolean DEFAULT true)
RETURNS TABLE (this_import bigint, base timestamptz) LANGUAGE plpgsql AS $$
BEGIN
	base := clock_timestamp();
	SELECT import_id INTO this_import FROM import_events_csv(trigger_campaigns => triggers, content => convert_to(E'email,name,time,age\n' ||
		(SELECT string_agg(format(E'a@b.co,%s,%s,%s\n', name, to_char((base - make_interval(secs => extract(epoch FROM age)::float8)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), age), '' ORDER BY n)
		 FROM unnest(ages) WITH ORDINALITY AS u (age, n)), 'UTF8'), allow_repeat => true);
	RETURN NEXT;
END
$$;
CREATE VIEW job_list AS
	SELECT j.import_id, e.properties->>'age' AS age, c.name AS campaign, j.state, j.reason, j.due_at, j.occurred_at, j.decided_at, j.attempts, j.message_id, j.event_id
	FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id
		JOIN vero.events AS e ON e.contact_id = j.contact_id AND e.occurred_at = j.occurred_at AND e.id = j.event_id;

-- ten days' delay: nine days old waits for a day; ten days old is overdue; what is to come never triggers
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('ten days', 'order', '10 days', 'Hi', 'Hi');
SELECT * FROM pg_temp.import_aged('{9 days, 9 days 23:00, 10 days, 11 days, 0, -1 days, 365 days}') \gset
SELECT age, j.state, reason, due_at - :'base' AS due_in, decided_at = started_at AS decided_at_start, attempts, message_id
FROM job_list AS j JOIN vero.imports AS i ON i.id = j.import_id ORDER BY due_at DESC;
SELECT rows_imported, jobs_scheduled, jobs_discarded FROM vero.imports ORDER BY id DESC LIMIT 1;

-- to the microsecond: events that become due while the import starts, on either side of its start
CREATE FUNCTION pg_temp.at_the_border(this_import bigint)
RETURNS TABLE (jobs bigint, some_on_either_side boolean, wrong bigint, due_wrong bigint) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE due_at > started_at) > 100 AND count(*) FILTER (WHERE due_at <= started_at) > 100,
		count(*) FILTER (WHERE concat_ws(' ', j.state, j.reason) IS DISTINCT FROM CASE WHEN occurred_at > started_at THEN 'discarded future_event'
			WHEN due_at > started_at - grace THEN 'scheduled' ELSE 'discarded overdue' END),
		count(*) FILTER (WHERE due_at <> occurred_at + make_interval(secs => extract(epoch FROM delay)::float8))
	FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id JOIN vero.imports AS i ON i.id = j.import_id
	WHERE j.import_id = $1
$$;
SELECT array_agg(make_interval(secs => 0.05 - n * 0.0000971)) AS border FROM generate_series(1, 100000) AS n \gset
SELECT * FROM pg_temp.import_aged((SELECT array_agg(interval '10 days' + b) FROM unnest(:'border'::interval[]) AS b)) \gset
SELECT * FROM pg_temp.at_the_border(:this_import);
-- the same round the event's own time
SELECT * FROM pg_temp.import_aged(:'border') \gset
SELECT b.jobs, b.wrong, b.due_wrong, future > 100 AND other > 100 AS some_on_either_side
FROM pg_temp.at_the_border(:this_import) AS b,
	LATERAL (SELECT count(*) FILTER (WHERE reason = 'future_event') AS future, count(*) FILTER (WHERE reason IS NULL) AS other
			 FROM vero.trigger_jobs WHERE import_id = :this_import) AS c;
-- and round the end of the grace
UPDATE vero.campaigns SET grace = '5 days';
SELECT * FROM pg_temp.import_aged((SELECT array_agg(interval '15 days' + b) FROM unnest(:'border'::interval[]) AS b)) \gset
SELECT b.jobs, b.wrong, b.due_wrong, late > 100 AND in_time > 100 AS some_on_either_side
FROM pg_temp.at_the_border(:this_import) AS b,
	LATERAL (SELECT count(*) FILTER (WHERE reason = 'overdue') AS late, count(*) FILTER (WHERE reason IS NULL) AS in_time
			 FROM vero.trigger_jobs WHERE import_id = :this_import) AS c;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- no delay: overdue at once, but for grace; the longest and the finest intervals are exact
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES
	('at once', 'order', '0', '0', 'Hi', 'Hi'), ('at once, with grace', 'order', '0', '1 hour', 'Hi', 'Hi'),
	('a microsecond', 'order', '1 us', '0', 'Hi', 'Hi'), ('a year less a microsecond', 'order', '364 days 23:59:59.999999', '0', 'Hi', 'Hi'),
	('a long grace', 'order', '0', '36499 days 23:59:59.999999', 'Hi', 'Hi'), ('hours', 'order', '-1 days +48 hours', '0', 'Hi', 'Hi');
SELECT * FROM pg_temp.import_aged('{1 minute, 59 minutes, 1 hour, 364 days}') \gset
SELECT age, campaign, state, reason, due_at - occurred_at AS delay FROM job_list ORDER BY event_id, campaign COLLATE "C";
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- days have 24 hours across a change of the clocks, in whichever zone the session is
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('ten days', 'order', '10 days', '36500 days', 'Hi', 'Hi');
CREATE FUNCTION pg_temp.due_in_zone(zone text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	this_import bigint;
BEGIN
	PERFORM set_config('TimeZone', zone, true);
	SELECT import_id INTO this_import FROM import_events_csv(trigger_campaigns => true,
		content => E'email,name,time\na@b.co,order,2022-03-10T12:00:00Z\na@b.co,order,2022-03-25T00:30:00Z\na@b.co,order,2022-10-29T23:59:59.999999Z\n', allow_repeat => true);
	PERFORM set_config('TimeZone', 'UTC', true);
	RETURN string_agg(due_at::text, ', ' ORDER BY due_at) FROM vero.trigger_jobs WHERE import_id = this_import;
END
$$;
SELECT z, pg_temp.due_in_zone(z) FROM unnest('{UTC,Europe/Berlin,America/New_York,Australia/Lord_Howe,Asia/Kathmandu}'::text[]) AS z;
-- nine days old, in a zone whose clocks change within any year
SET TimeZone = 'America/New_York';
UPDATE vero.campaigns SET delay = '360 days', grace = '0';
SELECT * FROM pg_temp.import_aged((SELECT array_agg(make_interval(hours => n * 24)) FROM generate_series(0, 360, 30) AS n)) \gset
SELECT age, state, extract(epoch FROM due_at - :'base') / 3600 / 24 AS due_in_days FROM job_list WHERE import_id = :this_import ORDER BY due_at;
SET TimeZone = 'UTC';
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;

-- names: without regard to case, spaces, underscores and dashes; letters of any language
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('checkout', 'Completes checkout', '1 day', 'Hi', 'Hi'),
	('also', 'COMPLETES_checkout', '2 days', 'Hi', 'Hi'), ('kauf', 'Kauft ÄPFEL', '1 day', 'Hi', 'Hi'), ('off', 'Completes checkout', '1 day', 'Hi', 'Hi');
UPDATE vero.campaigns SET active = false WHERE name = 'off';
CREATE TEMP TABLE names AS SELECT name, this_import FROM unnest('{Completes checkout,completes-checkout,completescheckout, Completes  Checkout_,complete checkout,"Completes checkout!",kauft äpfel,Kauft Apfel}'::text[]) AS name,
	LATERAL pg_temp.import_aged('{0}', name);
SELECT name, (SELECT string_agg(campaign, ', ' ORDER BY campaign COLLATE "C") FROM job_list AS j WHERE j.import_id = this_import) AS campaigns FROM names ORDER BY this_import;
-- jobs belong to their events and contacts
SELECT count(*), bool_and(j.occurred_at = e.occurred_at AND j.contact_id = e.contact_id AND j.import_id = e.import_id) AS same
FROM vero.trigger_jobs AS j LEFT JOIN vero.events AS e ON e.id = j.event_id;

-- a passive import leaves no job, by function and by COPY; rejects and no campaigns neither
SELECT count(*) AS jobs FROM vero.trigger_jobs \gset
SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,Completes checkout,2022-01-01'::bytea);
SELECT count(*) FROM pg_temp.import_aged('{0, 1 day}', 'Completes checkout', false);
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
email,name,time
a@b.co,Completes checkout,2022-01-01
\.
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, trigger_campaigns false);
email,name,time
a@b.co,Completes checkout,2022-01-02
\.
SELECT state, jobs_scheduled, jobs_discarded FROM import_events_csv(E'email,name,time\na,Completes checkout,2022-01-01'::bytea, trigger_campaigns => true);
SELECT state, jobs_scheduled, jobs_discarded FROM import_events_csv(E'email,name\na,Completes checkout'::bytea, trigger_campaigns => true);
SELECT count(*) - :jobs AS new_jobs FROM vero.trigger_jobs;

-- COPY triggers as the function does; counts are in the summary and in vero.imports
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, trigger_campaigns true);
email,name,time
a@b.co,Completes checkout,2022-01-01
b@b.co,Completes checkout,2022-01-01
nobody,Completes checkout,2022-01-01
b@b.co,Returns,2022-01-01
\.
SELECT rows_imported, rows_rejected, jobs_scheduled, jobs_discarded, options FROM vero.imports ORDER BY id DESC LIMIT 1;
SELECT count(*), string_agg(DISTINCT state || ' ' || reason, ', ') FROM vero.trigger_jobs WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(trigger_campaigns => true, content => convert_to(E'email,name,time\n'
	|| format(E'a@b.co,Completes checkout,%s\na@b.co,Completes checkout,2022-01-01\n', to_char(now() - interval '36 hours', 'YYYY-MM-DD HH24:MI:SSOF')), 'UTF8'));

-- a large file: each event once with each campaign
SELECT rows_imported, jobs_scheduled, jobs_discarded FROM import_events_csv(trigger_campaigns => true, content => convert_to(E'email,name,time\n' ||
	(SELECT string_agg(format(E'c%s@b.co,%s,%s\n', n % 777, (ARRAY['Completes checkout', 'kauft äpfel', 'Returns'])[n % 3 + 1],
		to_char(now() - make_interval(secs => n * 60 - 50), 'YYYY-MM-DD HH24:MI:SSOF')), '') FROM generate_series(1, 30000) AS n), 'UTF8'));
SELECT c.name, state, reason, count(*), count(DISTINCT event_id) FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = campaign_id
WHERE import_id = (SELECT max(id) FROM vero.imports) GROUP BY 1, 2, 3 ORDER BY 1, 2;
SET enable_seqscan = off;
SELECT count(*) AS by_index FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL AND due_at > '-infinity';
RESET enable_seqscan;
SELECT count(*) AS by_table FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL;

-- jobs come and go with the transaction
SELECT count(*) AS jobs FROM vero.trigger_jobs \gset
BEGIN;
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,Completes checkout,2022-01-01'::bytea, trigger_campaigns => true, allow_repeat => true);
SAVEPOINT s;
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,Completes checkout,2022-01-02'::bytea, trigger_campaigns => true);
ROLLBACK TO s;
SELECT count(*) - :jobs AS new_jobs FROM vero.trigger_jobs;
ROLLBACK;
SELECT count(*) - :jobs AS new_jobs FROM vero.trigger_jobs;

-- a campaign may change while it has jobs: they keep their time
UPDATE vero.campaigns SET delay = '5 days', event_name = 'other';
SELECT count(*) FILTER (WHERE due_at - occurred_at = interval '5 days') FROM vero.trigger_jobs;

-- rights: to trigger takes INSERT on the jobs
CREATE ROLE vero_importer;
GRANT INSERT ON vero.events TO vero_importer;
SET ROLE vero_importer;
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,other,2022-01-01'::bytea, trigger_campaigns => true);
\copy vero.events FROM '/dev/null' WITH (FORMAT vero_csv, trigger_campaigns true)
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,other,2022-01-01'::bytea);
RESET ROLE;
GRANT INSERT ON vero.trigger_jobs TO vero_importer;
SET ROLE vero_importer;
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,other,2022-01-01'::bytea, trigger_campaigns => true, allow_repeat => true);
SELECT count(*) FROM vero.trigger_jobs;
SELECT count(*) FROM vero.campaigns;
RESET ROLE;
DROP OWNED BY vero_importer;
DROP ROLE vero_importer;

-- where events are kept out, or go into partitions or through triggers
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN new.name <> 'unwanted' THEN new END; END $$;
CREATE TRIGGER keep_out BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION keep_out();
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,other,2022-01-01'::bytea, trigger_campaigns => true, allow_repeat => true);
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,other,2022-01-01\na@b.co,unwanted,2022-01-01'::bytea, trigger_campaigns => true);
DROP TRIGGER keep_out ON vero.events;
CREATE TRIGGER keep_out BEFORE INSERT ON vero.trigger_jobs FOR EACH ROW WHEN (new.contact_id IS NULL) EXECUTE FUNCTION keep_out();
SELECT jobs_discarded FROM import_events_csv(E'email,name,time\na@b.co,other,2022-01-01'::bytea, trigger_campaigns => true, allow_repeat => true);
SELECT count(*), count(DISTINCT (event_id, campaign_id)) FROM vero.trigger_jobs WHERE import_id = (SELECT max(id) FROM vero.imports);
DROP TRIGGER keep_out ON vero.trigger_jobs;
DROP FUNCTION keep_out;
DROP VIEW job_list;
