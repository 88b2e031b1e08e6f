-- Rejected records that are corrected in their table, and imported again.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
CREATE VIEW pg_temp.rejects AS SELECT import_id, record_number AS record, raw_record, corrected_record, resolved_by FROM vero.rejected_rows ORDER BY 1, 2;
\set retry 'SELECT import_id, state, rows_read, rows_imported, rows_rejected, jobs_scheduled FROM vero.retry_rejects'

SELECT import_id, rows_imported, rows_rejected FROM import_events_csv(E'Customer;When;Note\na@b.co;02.01.2022;x\nb;02.01.2022;"two\nlines"\nc@b.co;13.13.2022;x\nd;02.01.2022;x\n;;x\n'::bytea,
	columns => '{"email": "customer", "time": "when"}', event_name => 'Order', time_formats => '{%d.%m.%Y}', time_zone => 'Europe/Berlin', notify => '{ops@example.com}');
:retry(1);
UPDATE vero.rejected_rows SET corrected_record = E'b@b.co;02.01.2022;"two\nlines"' WHERE record_number = 2;
UPDATE vero.rejected_rows SET corrected_record = 'c@b.co;13.12.2022;"quoted ; """' WHERE record_number = 3;
UPDATE vero.rejected_rows SET corrected_record = 'd@still;02.01.2022;x' WHERE record_number = 4;
:retry(1);
SELECT * FROM pg_temp.rejects;
SELECT email, name, occurred_at, properties, import_id FROM vero.timeline ORDER BY email;
SELECT source, parent_import_id, notify, options FROM vero.imports WHERE id = 2;
SELECT corrected_by FROM vero.imports WHERE id = 1;
-- they have moved on: they are not imported again, nor are they among the rejects as CSV; one that was rejected again is the other import's
:retry(1);
SELECT convert_from(vero.rejected_csv(1), 'UTF8');
SELECT convert_from(vero.rejected_csv(2), 'UTF8');
UPDATE vero.rejected_rows SET corrected_record = 'd@b.co;02.01.2022;x' WHERE import_id = 2;
:retry(2);
:retry(2);
-- a correction that is undone can be imported once more
SELECT imports, events_removed, contacts_removed FROM vero.undo_import(2, cascade => true);
SELECT import_id, record, resolved_by FROM pg_temp.rejects WHERE import_id = 1;
:retry(1);
SELECT import_id, record, resolved_by FROM pg_temp.rejects WHERE import_id = 1;
SELECT email, name, import_id FROM vero.timeline ORDER BY email;

-- what is not one record
CREATE FUNCTION pg_temp.try(record text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	told text;
BEGIN
	UPDATE vero.rejected_rows SET corrected_record = record WHERE import_id = 1 AND record_number = 5;
	PERFORM vero.retry_rejects(1);
	RETURN 'imported';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', sqlstate, sqlerrm, told);
END
$$;
SELECT pg_temp.try(r) FROM (VALUES (E'e@b.co;02.01.2022;x\nf@b.co;02.01.2022;x'), (E'e@b.co;02.01.2022;x\n'), (E'e@b.co;02.01.2022;x\rf'), (''), (' ; ;'), ('e@b.co;02.01.2022;"x'), (repeat('x', 4200000))) AS v (r);
SET vero_events.max_record_size = '1kB';
SELECT pg_temp.try(repeat('x', 2000));
RESET vero_events.max_record_size;
SELECT count(*) FROM vero.imports;
-- other fields than the header says, and the header itself, are rejects
UPDATE vero.rejected_rows SET corrected_record = 'Customer;When;Note' WHERE import_id = 1 AND record_number = 5;
:retry(1);
SELECT raw_record, reason FROM vero.rejected_rows WHERE import_id = vero.last_import_id();

-- which imports
:retry(77);
SELECT state FROM import_events_csv(E'email,name,time\na,x,2022-01-01\nb@b.co,x,2022-01-01'::bytea, reject_limit => '0') AS f;
UPDATE vero.rejected_rows SET corrected_record = 'a@b.co,x,2022-01-01' WHERE import_id = vero.last_import_id();
SELECT vero.retry_rejects(vero.last_import_id());
SELECT imports FROM vero.undo_import(1, cascade => true);
:retry(1);
-- as a file: where it has as many records as are open, these have moved on, each into the events or to the new import's rejects
SELECT import_id FROM import_events_csv(E'email,name,time\ng,x,2022-01-01\nh,x,2022-01-01\ni,x,2022-01-01\n'::bytea) \gset
CREATE FUNCTION pg_temp.corrected(import bigint, which text, by text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(regexp_replace(convert_from(vero.rejected_csv(import), 'UTF8'), which, by, 'g'), 'UTF8') $$;
SELECT state, rows_read FROM import_events_csv(pg_temp.corrected(:import_id, '(?n)^([gh]),', '\1@b.co,'), parent_import => :import_id, dry_run => true);
SELECT state, rows_read FROM import_events_csv(pg_temp.corrected(:import_id, 'g,.*?\n', ''), parent_import => :import_id, reject_limit => '0');
SELECT record, resolved_by IS NULL AS is_open FROM pg_temp.rejects WHERE import_id = :import_id;
SELECT state, rows_read FROM import_events_csv(pg_temp.corrected(:import_id, 'g,.*?\n', ''), parent_import => :import_id);
SELECT record, resolved_by IS NULL AS is_open FROM pg_temp.rejects WHERE import_id = :import_id;
SELECT import_id AS child, state, rows_read FROM import_events_csv(pg_temp.corrected(:import_id, '(?n)^([gh]),', '\1@b.co,'), parent_import => :import_id) \gset
SELECT :'state', record, raw_record, resolved_by = :child AS is_resolved FROM pg_temp.rejects WHERE import_id IN (:import_id, :child);
SELECT convert_from(vero.rejected_csv(:import_id), 'UTF8');
UPDATE vero.rejected_rows SET corrected_record = 'i@b.co,x,2022-01-01' WHERE import_id = :child;
:retry(:child);
SELECT imports = ARRAY[vero.last_import_id(), :child] AS both FROM vero.undo_import(:child, cascade => true);
SELECT record, resolved_by IS NULL AS is_open FROM pg_temp.rejects WHERE import_id = :import_id;
-- without a header, from COPY
COPY vero.events (email, name, time) FROM STDIN WITH (FORMAT vero_csv, HEADER false, QUOTE '''');
x,'a,b',2022-01-01
y@b.co,'a,b',2022-01-01
\.
UPDATE vero.rejected_rows SET corrected_record = E'x@b.co,''a,b'',2022-01-01' WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT max(id) AS id FROM vero.imports \gset
:retry(:id);
SELECT email, name FROM vero.timeline ORDER BY 1;

-- by who imported, or may DELETE from vero.events; mail goes out only where that is said, by who may have it so
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('c', 'order', '0', '36500 days', 's', 't');
CREATE ROLE vero_importer;
CREATE ROLE vero_other;
CREATE ROLE vero_steward;
GRANT INSERT ON vero.events TO vero_importer, vero_other, vero_steward;
GRANT DELETE ON vero.events TO vero_steward;
SET ROLE vero_importer;
SELECT rows_rejected FROM import_events_csv(E'email,name,time\nm,order,2022-01-01\nn,order,2022-01-01\no,order,2022-01-01'::bytea);
SELECT vero.last_import_id() AS own \gset
UPDATE vero.rejected_rows SET corrected_record = replace(raw_record, ',order', '@b.co,order');
UPDATE vero.rejected_rows SET resolved_by = 1;
UPDATE vero.rejected_rows SET raw_record = 'x';
SET ROLE vero_other;
UPDATE vero.rejected_rows SET corrected_record = 'x' WHERE import_id = :own;
UPDATE vero.rejected_rows SET corrected_record = 'x';
:retry(:own);
SET ROLE vero_importer;
:retry(:own, trigger_campaigns => true);
RESET ROLE;
UPDATE vero.rejected_rows SET corrected_record = NULL WHERE import_id = :own AND record_number > 1;
SET ROLE vero_steward;
SELECT state, rows_imported FROM vero.retry_rejects(:own);
RESET ROLE;
UPDATE vero.rejected_rows SET corrected_record = 'n@b.co,order,2022-01-01' WHERE import_id = :own AND record_number = 2;
SELECT state, rows_imported, jobs_scheduled FROM vero.retry_rejects(:own, trigger_campaigns => true);
REVOKE INSERT ON vero.events FROM vero_importer;
SET ROLE vero_importer;
:retry(:own);
RESET ROLE;
SELECT record_number, corrected_record, resolved_by - :own AS resolved_by FROM vero.rejected_rows WHERE import_id = :own ORDER BY 1;
DROP OWNED BY vero_importer, vero_other, vero_steward;
DROP ROLE vero_importer, vero_other, vero_steward;
-- tried first, limited, and without those that are stored already
SELECT import_id FROM import_events_csv(E'email,name,time\np@b.co,x,2022-01-01\nq,x,2022-01-01\nr,x,2022-01-01\n'::bytea) \gset
UPDATE vero.rejected_rows SET corrected_record = 'p@b.co,x,2022-01-01' WHERE import_id = :import_id AND record_number = 2;
SELECT state, rows_imported FROM vero.retry_rejects(:import_id, dry_run => true, on_duplicate => 'skip');
SELECT state, rows_imported, rows_rejected FROM vero.retry_rejects(:import_id, dry_run => true, on_duplicate => 'reject');
-- what the confirmation says to do, of this one and of one that fails
CREATE FUNCTION pg_temp.told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT regexp_replace(l, '(import |rejects\()\d+', '\1N', 'g') FROM vero.messages, regexp_split_to_table(body_text, '\n') AS l WHERE import_id = vero.last_import_id() AND l ~ '^What to do|^Commands|retry_rejects|import_events_csv|copy vero.events'
$$;
SELECT * FROM pg_temp.told();
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, from_address, transactional) VALUES ('late', 'x', '365 days', 's', 'b', 'shop@example.com', true);
SELECT state, jobs_scheduled, error FROM vero.retry_rejects(:import_id, true, max_jobs => -1);
SELECT bool_and(resolved_by IS NULL) AS all_open FROM vero.rejected_rows WHERE import_id = :import_id;
UPDATE vero.rejected_rows SET corrected_record = to_char(current_date - 1, '"p@b.co,x,"YYYY-MM-DD') WHERE import_id = :import_id AND record_number = 3;
SELECT state, jobs_scheduled, regexp_replace(error, ' \(.*?\)', '') AS error FROM vero.retry_rejects(:import_id, true, max_jobs => 0);
SELECT * FROM pg_temp.told();
SELECT bool_and(resolved_by IS NULL) AS all_open FROM vero.rejected_rows WHERE import_id = :import_id;
SELECT state, rows_imported, rows_duplicate, jobs_scheduled FROM vero.retry_rejects(:import_id, true, max_jobs => 1, on_duplicate => 'skip');
SELECT bool_or(resolved_by IS NULL) AS some_open FROM vero.rejected_rows WHERE import_id = :import_id;
SELECT vero.retry_rejects(NULL);
-- where there are none any more, or never were
DELETE FROM vero.rejected_rows WHERE import_id = :import_id;
SELECT vero.retry_rejects(:import_id);
SELECT import_id AS clean FROM import_events_csv(E'email,name,time\nclean@b.co,x,2022-01-01\n'::bytea) \gset
SELECT vero.retry_rejects(:clean);
-- a retry that was undone: its records are the first import's again
SELECT import_id AS parent FROM import_events_csv(E'email,name,time\nagain,x,2022-01-01\n'::bytea) \gset
UPDATE vero.rejected_rows SET corrected_record = 'again,y,2022-01-01' WHERE import_id = :parent;
SELECT import_id AS retry, rows_rejected FROM vero.retry_rejects(:parent) \gset
SELECT imports = ARRAY[:retry]::bigint[] AS is_undone FROM vero.undo_import(:retry);
SELECT vero.retry_rejects(:retry);
UPDATE vero.rejected_rows SET corrected_record = 'again@b.co,x,2022-01-01' WHERE import_id = :parent;
SELECT rows_imported FROM vero.retry_rejects(:parent);
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
