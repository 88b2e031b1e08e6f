-- Each import ends in exactly one confirmation, whatever happens; one that is rolled back on purpose leaves nothing.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
SET TimeZone = 'UTC';

-- What varies is written as <...>.
CREATE FUNCTION pg_temp.fixed(words text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(words, '(Started:\s+)\S+ \S+ UTC', '\1<when>'),
		'(Took:\s+)[0-9.]+ seconds', '\1<some> seconds'), '(Imported by:\s+)\S+', '\1<me>'), '(Database:\s+)\S+', '\1<here>')
$$;
CREATE FUNCTION pg_temp.content(name text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time\n' || name || E'@b.co,x,2022-01-01\n', 'UTF8')
$$;
CREATE VIEW pg_temp.told AS
	SELECT m.import_id, i.state AS import_state, m.state, m.recipients, m.subject
	FROM vero.messages AS m LEFT JOIN vero.imports AS i ON i.id = m.import_id WHERE m.kind = 'confirmation' ORDER BY m.id;

-- ---- what it says -----------------------------------------------------------------------------------------------------

SELECT state FROM import_events_csv(E'email;name;time\na@b.co;x;2022-01-01\nbad;x;2022-01-01\n"<b>\t";x;never'::bytea, delimiter => ';');
SELECT kind, state, recipients, from_address, subject, event_id, campaign_id, contact_id, import_id, attempts, next_attempt_at,
	last_error, sent_at, created_at > now() - interval '1 minute' AS is_new FROM vero.messages;
SELECT pg_temp.fixed(body_text) FROM vero.messages \g (tuples_only=on format=unaligned)
SELECT body_html, text_without_attachment, html_without_attachment FROM vero.messages; -- nobody gets it
SELECT attachment = vero.rejected_csv(1) AS has_rejects, convert_from(attachment, 'UTF8') AS rejects FROM vero.messages;
SELECT message_id_header = '<import.1.' || run_id || '@vero-events.invalid>' AS is_of_run FROM vero.messages, vero.imports;

SELECT state FROM import_events_csv(E'email;name;time\n"<b>\t";x;never'::bytea, delimiter => ';', notify => '{ops@shop.example}');
SELECT body_html LIKE '<!DOCTYPE html>%' AS is_html, body_html LIKE '%&lt;b&gt;%' AS is_escaped, body_html NOT LIKE '%<b>%' AS is_harmless,
	html_without_attachment LIKE '<!DOCTYPE html>%' AS is_html_without_attachment FROM vero.messages WHERE import_id = 2;

TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SELECT state FROM import_events_csv(pg_temp.content('a'));
SELECT pg_temp.fixed(body_text), attachment FROM vero.messages \g (tuples_only=on format=unaligned)
-- a file that fails as a whole
SELECT state FROM import_events_csv(E'a,b\n1,2\n'::bytea);
SELECT pg_temp.fixed(body_text), attachment FROM vero.messages WHERE import_id = 2 \g (tuples_only=on format=unaligned)
-- of rejects that are alike the first are shown, long ones clipped
SELECT state, rows_rejected
FROM (SELECT convert_to(E'email,name,time\n' || repeat(repeat('bad', 1000) || E',x,y\n', 30), 'UTF8') AS csv) AS f, import_events_csv(csv);
SELECT count(*), max(length(line)) FROM vero.messages, regexp_split_to_table(body_text, '\n') AS line WHERE import_id = 3 AND line LIKE '      bad%';
SELECT substring(body_text FROM '\d+ of \d+ rejected records:'), length(attachment) FROM vero.messages WHERE import_id = 3;
-- too many to be attached: more than 10 MB
SELECT state, rows_rejected
FROM (SELECT convert_to(E'email,name,time\n' || repeat(repeat('b', 100000) || E',x,y\n', 110), 'UTF8') AS csv) AS f, import_events_csv(csv);
SELECT attachment, substring(body_text FROM 'The rejected records are [^\n]*') FROM vero.messages WHERE import_id = 4;
SELECT * FROM pg_temp.told;

-- ---- whom it tells ----------------------------------------------------------------------------------------------------

TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET vero_events.notify_email = 'ops@b.co, Data@B.co';
SELECT state FROM import_events_csv(pg_temp.content('a'));
SELECT state FROM import_events_csv(pg_temp.content('b'), notify => '{one@b.co,two@b.co}');
SELECT state FROM import_events_csv(pg_temp.content('c'), notify => '{}');
RESET vero_events.notify_email;
SELECT state FROM import_events_csv(pg_temp.content('d'));
-- said before anything is read
SELECT state FROM import_events_csv(pg_temp.content('e'), notify => '{nobody}');
SELECT state FROM import_events_csv(pg_temp.content('e'), notify => ARRAY[E'a@b.co\nBcc: c@d.co']);
SELECT state FROM import_events_csv(pg_temp.content('e'), notify => '{a@b.co,NULL}');
SELECT state FROM import_events_csv(pg_temp.content('e'), notify => ARRAY(SELECT n || '@b.co' FROM generate_series(1, 20) AS n));
SELECT state FROM import_events_csv(pg_temp.content('e'), notify => ARRAY(SELECT n || '@b.co' FROM generate_series(1, 21) AS n));
SELECT * FROM pg_temp.told;

-- ---- rolled back on purpose: nothing ----------------------------------------------------------------------------------

TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('a'));
ROLLBACK;
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('kept'));
SAVEPOINT s;
SELECT state FROM import_events_csv(pg_temp.content('b'));
SAVEPOINT inner_s;
SELECT state FROM import_events_csv(pg_temp.content('c'));
RELEASE inner_s;
ROLLBACK TO s;
SELECT state FROM import_events_csv(pg_temp.content('kept_too'));
COMMIT;
CREATE PROCEDURE pg_temp.import_and_roll_back() LANGUAGE plpgsql AS $$
BEGIN
	PERFORM import_events_csv(pg_temp.content('d'), allow_repeat => true);
	ROLLBACK;
END
$$;
CALL pg_temp.import_and_roll_back();
SELECT vero.record_failed_imports();
SELECT source, rows_imported FROM vero.imports ORDER BY id;
SELECT import_id = (SELECT id FROM vero.imports AS i ORDER BY i.id OFFSET n LIMIT 1) AS is_of_kept FROM (SELECT *, row_number() OVER () - 1 AS n FROM pg_temp.told) AS t;

-- ---- rolled back by an error: failed ----------------------------------------------------------------------------------

TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
CREATE FUNCTION pg_temp.lost() RETURNS TABLE (recorded bigint, again bigint) LANGUAGE plpgsql AS $$
BEGIN
	recorded := vero.record_failed_imports();
	again := vero.record_failed_imports();
	RETURN NEXT;
END
$$;
CREATE VIEW pg_temp.failed AS
	SELECT i.state, i.error, i.rows_read, i.rows_rejected, i.finished_at >= i.started_at AS in_order, m.state AS message, m.recipients
	FROM vero.imports AS i LEFT JOIN vero.messages AS m ON m.import_id = i.id AND m.kind = 'confirmation' ORDER BY i.id;

-- an error in the transaction, after the import
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('a'), notify => '{me@b.co}');
SELECT 1 / 0;
ROLLBACK;
SELECT * FROM pg_temp.lost();
SELECT pg_temp.fixed(regexp_replace(body_text, 'Import:\s+\d+', 'Import:       <n>')) FROM vero.messages \g (tuples_only=on format=unaligned)
-- at its end
CREATE TABLE pg_temp.checked (id int CONSTRAINT checked_key UNIQUE DEFERRABLE INITIALLY DEFERRED);
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('b'));
INSERT INTO checked VALUES (1), (1);
COMMIT;
SELECT * FROM pg_temp.lost();
-- in a subtransaction: what is before it and behind it stays
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('kept'));
SAVEPOINT s;
SELECT state FROM import_events_csv(pg_temp.content('c'));
SELECT 1 / 0;
ROLLBACK TO s;
SELECT state FROM import_events_csv(pg_temp.content('kept_too'));
SELECT vero.record_failed_imports() AS still_locked;
COMMIT;
SELECT * FROM pg_temp.lost();
-- an error in a subtransaction, then the end of it all
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('d'));
SAVEPOINT s;
SELECT state FROM import_events_csv(pg_temp.content('e'));
SELECT 'x'::int;
COMMIT;
SELECT * FROM pg_temp.lost();
-- an error that is caught: behind the import, and its own
DO $$
BEGIN
	PERFORM import_events_csv(pg_temp.content('kept_as_well'));
	BEGIN
		PERFORM import_events_csv(pg_temp.content('f'));
		RAISE 'given up';
	EXCEPTION WHEN raise_exception THEN NULL;
	END;
	BEGIN
		PERFORM import_events_csv(E'email,name,time\nnobody,x,2022-01-01'::bytea, encoding => 'mule_internal');
	EXCEPTION WHEN undefined_function THEN NULL;
	END;
END
$$;
SELECT * FROM pg_temp.lost();
-- a file that fails as a whole, by COPY
COPY vero.events FROM PROGRAM 'echo a,b' WITH (FORMAT vero_csv, notify 'me@b.co', delimiter ';');
SELECT * FROM pg_temp.lost();
-- an error in a trigger, in the middle
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
SELECT state FROM import_events_csv(E'email,name,time\nf@b.co,x,2022-01-01\nbad,x,2022-01-01\n'::bytea);
SELECT * FROM pg_temp.lost();
DROP TRIGGER refuse ON vero.events;
SELECT pg_temp.fixed(regexp_replace(body_text, 'Import:\s+\d+', 'Import:       <n>')) FROM vero.messages ORDER BY id DESC LIMIT 1 \g (tuples_only=on format=unaligned)
-- it is not words that the server's log is spared
SET log_min_messages = 'panic';
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('g'));
SELECT 1 / 0;
ROLLBACK;
RESET log_min_messages;
SELECT * FROM pg_temp.lost();
SELECT * FROM pg_temp.failed;

-- ---- recording them ---------------------------------------------------------------------------------------------------

TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
-- rolled back, it is done again
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('a'));
SELECT state FROM import_events_csv(pg_temp.content('b'), parent_import => (SELECT max(id) FROM vero.imports));
SELECT 1 / 0;
ROLLBACK;
BEGIN;
SELECT vero.record_failed_imports();
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT vero.record_failed_imports();
ROLLBACK TO s;
SELECT vero.record_failed_imports();
SELECT vero.record_failed_imports();
COMMIT;
SELECT vero.record_failed_imports();
SELECT error, parent_import_id FROM vero.imports ORDER BY id;
SELECT count(*) FROM vero.messages;
-- what keeps it from being recorded now does not do so for ever
BEGIN;
SELECT state FROM import_events_csv(pg_temp.content('c'));
SELECT 1 / 0;
ROLLBACK;
BEGIN READ ONLY;
SELECT vero.record_failed_imports();
ROLLBACK;
SET ROLE pg_monitor;
SELECT vero.record_failed_imports();
RESET ROLE;
SELECT vero.record_failed_imports();
-- only where it can see what others have recorded
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT vero.record_failed_imports();
ROLLBACK;
-- nothing is left in the files of sessions
SELECT count(*) FROM pg_ls_dir('pg_vero_events') AS name WHERE ltrim(pg_read_binary_file('pg_vero_events/' || name, 0, 1000000, true), '\x00') <> '';
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
