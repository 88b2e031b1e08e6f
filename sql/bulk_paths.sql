-- The bulk path and the SQL path give the same rows, and every table gets the path that is right for it.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

SELECT convert_to(E'email,name,time,a,long name,"quo""ted",c\n' || string_agg(CASE
	WHEN n % 10 = 0 THEN format('bad%s,x,2022-01-01,1,2,3,4', n)
	ELSE format('c%s@b.co,event %s,2022-01-%s 12:00:%s.%s,%s,"text, with ""%s""",ü%s,%s', n % 50, n % 3, 1 + n % 28, n % 60, n, n, n, n, CASE WHEN n % 2 = 0 THEN 'x' ELSE '' END)
END, E'\n' ORDER BY n), 'UTF8') AS content FROM generate_series(1, 2500) AS n \gset

CREATE FUNCTION paths_import(content bytea) RETURNS TABLE (imported bigint, rejected bigint, rows text, bytes bigint, rejects text)
LANGUAGE plpgsql AS $$
DECLARE
	summary record;
BEGIN
	SELECT * INTO summary FROM import_events_csv(content, allow_repeat => true);
	RETURN QUERY SELECT summary.rows_imported, summary.rows_rejected,
		md5(string_agg(concat_ws('|', c.email, e.name, e.occurred_at, e.properties), ',' ORDER BY e.id)),
		sum(pg_column_size(e.properties)),
		(SELECT md5(string_agg(concat_ws('|', record_number, line_number, byte_offset, raw_record, reason, errors), ',' ORDER BY record_number))
		 FROM vero.rejected_rows WHERE import_id = summary.import_id)
	FROM vero.events AS e JOIN vero.contacts AS c ON c.id = e.contact_id WHERE e.import_id = summary.import_id;
END
$$;
-- INSERT calls triggers, the bulk path would not: this says which way the rows came
CREATE TABLE seen (relation text, path text, rows bigint);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.seen VALUES (TG_TABLE_NAME, 'SQL', (SELECT count(*) FROM new_rows));
	RETURN NULL;
END
$$;

SELECT * FROM paths_import(:'content'::bytea);
SELECT count(*) AS stored_as_jsonb_in_would FROM vero.events WHERE properties = properties::text::jsonb;
SELECT count(*) AS by_index FROM vero.events WHERE contact_id IN (SELECT id FROM vero.contacts WHERE email LIKE 'c1%') AND occurred_at < '2022-01-15';
SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
SELECT count(*) AS by_table FROM vero.events WHERE contact_id IN (SELECT id FROM vero.contacts WHERE email LIKE 'c1%') AND occurred_at < '2022-01-15';
RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan;

-- a trigger for the statement, on both tables
CREATE TRIGGER note AFTER INSERT ON vero.events REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER INSERT ON vero.rejected_rows REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note();
SELECT * FROM paths_import(:'content'::bytea);
SELECT * FROM seen;
DROP TRIGGER note ON vero.rejected_rows;
-- disabled, it is as if it were not there
ALTER TABLE vero.events DISABLE TRIGGER note;
TRUNCATE seen;
SELECT * FROM paths_import(:'content'::bytea);
SELECT * FROM seen;
DROP TRIGGER note ON vero.events;

-- contacts: in bulk, and through INSERT
CREATE FUNCTION pg_temp.new_contacts(prefix text) RETURNS TABLE (created bigint, found bigint, plain bigint)
LANGUAGE plpgsql AS $$
DECLARE
	summary record;
BEGIN
	SELECT * INTO summary FROM import_events_csv(convert_to(E'email,name,time\n' ||
		(SELECT string_agg(format('%s%s@b.co,x,2022-01-01', prefix, n % 700), E'\n') FROM generate_series(1, 2000) AS n), 'UTF8'), allow_repeat => true);
	RETURN QUERY SELECT summary.contacts_created, count(*),
		count(*) FILTER (WHERE properties = '{}' AND unsubscribed_at IS NULL AND created_at = now() AND created_by_import = summary.import_id)
	FROM vero.contacts WHERE email IN (SELECT prefix || n || '@b.co' FROM generate_series(0, 699) AS n);
END
$$;
SELECT * FROM pg_temp.new_contacts('bulk');
SELECT * FROM pg_temp.new_contacts('bulk');
CREATE TRIGGER note AFTER INSERT ON vero.contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note();
SELECT * FROM pg_temp.new_contacts('insert');
SELECT * FROM seen;
DROP TRIGGER note ON vero.contacts;

-- a trigger that changes rows, and one that keeps some out
CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.name := upper(NEW.name);
	RETURN CASE WHEN NEW.properties ? 'c' THEN NEW END;
END
$$;
CREATE TRIGGER change BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION change();
SELECT imported, rejected FROM paths_import(:'content'::bytea);
SELECT name, count(*) FROM vero.events WHERE import_id = (SELECT max(id) FROM vero.imports) GROUP BY 1 ORDER BY 1;
DROP TRIGGER change ON vero.events;

-- checks, foreign keys, indexes and columns of the user's
ALTER TABLE vero.events ADD CONSTRAINT no_event_3 CHECK (name <> 'event 3');
SELECT imported, rejected FROM paths_import(:'content'::bytea);
ALTER TABLE vero.events DROP CONSTRAINT no_event_3, ADD CONSTRAINT no_event_2 CHECK (name <> 'event 2') NOT VALID;
SELECT imported, rejected FROM paths_import(:'content'::bytea);
ALTER TABLE vero.events DROP CONSTRAINT no_event_2;
CREATE INDEX events_name ON vero.events (name);
SELECT imported, rejected FROM paths_import(:'content'::bytea);
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(*) AS indexed FROM vero.events WHERE name IN ('event 0', 'event 1', 'event 2') AND import_id = (SELECT max(id) FROM vero.imports);
RESET enable_seqscan; RESET enable_bitmapscan;
DROP INDEX vero.events_name;
CREATE INDEX events_item ON vero.events ((properties ->> 'a'));
CREATE INDEX events_keys ON vero.events USING gin (properties);
CREATE INDEX events_hash ON vero.events USING hash (name) WHERE import_id > 0;
SELECT imported, rejected FROM paths_import(:'content'::bytea);
CREATE FUNCTION pg_temp.last_by(condition text) RETURNS TABLE (by_table bigint, by_index bigint) LANGUAGE plpgsql AS $$
DECLARE
	counted text := format('SELECT count(*) FROM vero.events WHERE import_id = (SELECT max(id) FROM vero.imports) AND import_id > 0 AND %s', condition);
BEGIN
	SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off;
	EXECUTE counted INTO by_table;
	SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on; SET LOCAL enable_bitmapscan = on;
	DROP INDEX vero.events_default_import_id;
	EXECUTE counted INTO by_index;
	RETURN NEXT;
END
$$;
BEGIN;
SELECT * FROM pg_temp.last_by($$properties ->> 'a' < '2'$$);
ROLLBACK;
BEGIN;
SELECT * FROM pg_temp.last_by($$properties ? 'c'$$);
ROLLBACK;
BEGIN;
SELECT * FROM pg_temp.last_by($$name = 'event 1'$$);
ROLLBACK;
DROP INDEX vero.events_item, vero.events_keys, vero.events_hash;
CREATE INDEX events_time ON vero.events (occurred_at);
SELECT imported, rejected FROM paths_import(:'content'::bytea);
SET enable_seqscan = off;
SELECT count(*) FROM vero.events WHERE occurred_at >= '2022-01-01' AND import_id = (SELECT max(id) FROM vero.imports);
RESET enable_seqscan;
DROP INDEX vero.events_time;
ALTER TABLE vero.events ADD COLUMN shop text DEFAULT 'main', ADD COLUMN day int GENERATED ALWAYS AS (extract(day FROM occurred_at AT TIME ZONE 'UTC')) STORED;
SELECT imported, rejected FROM paths_import(:'content'::bytea);
SELECT shop, count(*), sum(day) FROM vero.events WHERE import_id = (SELECT max(id) FROM vero.imports) GROUP BY 1;
ALTER TABLE vero.events DROP COLUMN shop, DROP COLUMN day;
-- dropped columns do not disturb the bulk path
SELECT * FROM paths_import(:'content'::bytea);

-- row security: the policies of the importing role hold
CREATE ROLE vero_tenant;
GRANT INSERT, SELECT ON vero.events TO vero_tenant;
GRANT SELECT ON vero.contacts TO vero_tenant;
ALTER TABLE vero.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY no_event_1 ON vero.events TO vero_tenant USING (true) WITH CHECK (name <> 'event 1');
SET ROLE vero_tenant;
SELECT imported, rejected FROM paths_import(:'content'::bytea);
SELECT imported, rejected FROM paths_import(E'email,name,time\na@b.co,fine,2022-01-01'::bytea);
RESET ROLE;
DROP POLICY no_event_1 ON vero.events;
ALTER TABLE vero.events DISABLE ROW LEVEL SECURITY;
DROP OWNED BY vero_tenant;
DROP ROLE vero_tenant;

-- a rule
CREATE TABLE others (LIKE vero.events);
CREATE RULE elsewhere AS ON INSERT TO vero.events WHERE NEW.name = 'event 1' DO INSTEAD INSERT INTO others VALUES (NEW.*);
SELECT imported, rejected FROM paths_import(:'content'::bytea);
SELECT (SELECT count(*) FROM others) AS elsewhere, count(*) AS here FROM vero.events WHERE import_id = (SELECT max(id) FROM vero.imports);
DROP RULE elsewhere ON vero.events;
-- one that leaves nothing of the statement's kind is refused, in words
CREATE RULE nowhere AS ON INSERT TO vero.events DO INSTEAD NOTHING;
SELECT imported, rejected FROM paths_import(E'email,name,time\na@b.co,fine,2022-01-01'::bytea);
DROP RULE nowhere ON vero.events;
SELECT vero.record_failed_imports() > 0 AS recorded;

-- an inheritance parent, a view
BEGIN;
CREATE TABLE child () INHERITS (vero.rejected_rows);
SELECT imported, rejected FROM paths_import(:'content'::bytea);
ROLLBACK;
BEGIN;
ALTER EXTENSION vero_events DROP TABLE vero.events;
ALTER EXTENSION vero_events DROP VIEW vero.timeline;
ALTER TABLE vero.events RENAME TO all_events;
CREATE VIEW vero.events AS SELECT * FROM vero.all_events;
ALTER EXTENSION vero_events ADD VIEW vero.events;
SELECT * FROM paths_import(:'content'::bytea);
ROLLBACK;

DROP TABLE seen, others;
DROP FUNCTION note, change;

-- an import inside an import: a trigger on the events brings its own, in another zone, while the outer one goes on
CREATE FUNCTION nest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT count(*) FROM new_rows WHERE name = 'outer') > 0 THEN
		PERFORM import_events_csv(E'email,name,time\ninner@b.co,inner,2022-07-01 12:00\n'::bytea, time_zone => 'Asia/Tokyo', allow_repeat => true);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER nest AFTER INSERT ON vero.events REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nest();
SELECT state, rows_imported FROM import_events_csv(convert_to(E'email,name,time\n' ||
	(SELECT string_agg('outer@b.co,outer,2022-07-01 12:00', E'\n') FROM generate_series(1, 30000)), 'UTF8'), time_zone => 'America/New_York', allow_repeat => true);
DROP TRIGGER nest ON vero.events;
DROP FUNCTION nest;
SELECT name, occurred_at, count(*) > 2 AS many FROM vero.timeline WHERE email IN ('outer@b.co', 'inner@b.co') GROUP BY 1, 2 ORDER BY 1;
DROP FUNCTION paths_import;
