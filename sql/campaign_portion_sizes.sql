-- Jobs are decided in portions of four megabytes, to the byte, and a thousand at a time.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
-- what is stored at once
CREATE TABLE portions (n int GENERATED ALWAYS AS IDENTITY, jobs bigint);
CREATE FUNCTION note_portion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.portions (jobs) SELECT count(*) FROM changed HAVING count(*) > 0;
	RETURN NULL;
END
$$;
CREATE TRIGGER note_portion AFTER UPDATE ON vero.trigger_jobs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_portion();
-- Events each of which has a property n of so many characters, and what is stored of them.
CREATE FUNCTION pg_temp.portions(event text, lengths int[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	found bigint[];
BEGIN
	PERFORM vero.track_event('a@b.co', event, jsonb_build_object('n', repeat('n', length))) FROM unnest(lengths) WITH ORDINALITY AS u (length, place) ORDER BY place;
	PERFORM vero.run_jobs(2000);
	SELECT array_agg(jobs ORDER BY n) INTO found FROM portions;
	DELETE FROM portions;
	RETURN found;
END
$$;

-- mails of 256 kB, subject and text together, sixteen of which are 4 MB
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mails', 'mails', '0', 's', repeat('t', 262000) || '{{ event.n }}');
SELECT pg_temp.portions('mails', array_fill(143, ARRAY[17])), pg_temp.portions('mails', 142 || array_fill(143, ARRAY[16]));
-- properties of 1 MB, beside the contact's, which are 8 bytes, and 17 bytes round the text
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('properties', 'properties', '0', 's', 't');
SELECT pg_temp.portions('properties', array_fill(1048576 - 8 - 17, ARRAY[5])), pg_temp.portions('properties', (1048576 - 8 - 17 - 1) || array_fill(1048576 - 8 - 17, ARRAY[4]));
-- many
SELECT pg_temp.portions('properties', array_fill(1, ARRAY[1000])), pg_temp.portions('properties', array_fill(1, ARRAY[1001]));

DROP TRIGGER note_portion ON vero.trigger_jobs;
DROP FUNCTION note_portion;
DROP TABLE portions;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
