-- on_duplicate: events that are stored already, or stand earlier in the file, are skipped or rejected.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
CREATE FUNCTION pg_temp.csv(VARIADIC records text[]) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time,item,price\n' || array_to_string(records, E'\n') || E'\n', 'UTF8')
$$;
CREATE VIEW pg_temp.counts AS
	SELECT id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created, jobs_scheduled + jobs_discarded AS jobs FROM vero.imports ORDER BY id;
CREATE VIEW pg_temp.rejects AS
	SELECT import_id, record_number AS record, line_number AS line, byte_offset, raw_record, reason, errors FROM vero.rejected_rows ORDER BY import_id, record_number;

-- what was imported before, in other words: an address, an offset, zeros; and what is not the same
SELECT rows_imported FROM import_events_csv(pg_temp.csv('a@b.co,Order,2022-01-14 16:00:00Z,hat,1.0', 'b@b.co,Order,2022-01-14 16:00:00Z,,7'), property_types => '{"price": "number"}');
SELECT rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created
FROM import_events_csv(pg_temp.csv(' A@B.CO ,Order,2022-01-14T17:00:00+01:00,hat,1', 'b@b.co,Order,2022-01-14 16:00,,7.00', 'a@b.co,order,2022-01-14 16:00:00Z,hat,1',
	'a@b.co,Order,2022-01-14 16:00:00.000001Z,hat,1', 'a@b.co,Order,2022-01-14 16:00:00Z,hat,1.01', 'a@b.co,Order,2022-01-14 16:00:00Z,"hat ",1',
	'b@b.co,Order,2022-01-14 16:00:00Z,"",7', 'c@b.co,Order,2022-01-14 16:00:00Z,hat,1', 'a@b.co,Order,2022-01-14 16:00:00Z,hat,'),
	property_types => '{"price": "number"}', on_duplicate => 'skip');
SELECT email, name, occurred_at, properties, import_id FROM vero.timeline ORDER BY email, occurred_at, name, properties;
-- a number is no text, and texts are the same to the byte only
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('a@b.co,Order,2022-01-14 16:00:00Z,hat,1.0', 'a@b.co,Order,2022-01-14 16:00:00Z,hat,1'), on_duplicate => 'skip');
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('a@b.co,Order,2022-01-14 16:00:00Z,hat,1.0', 'a@b.co,Order,2022-01-14 16:00:00Z,hat,1.00'), on_duplicate => 'skip');
-- without the option they are events like any other
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('c@b.co,Order,2022-01-14 16:00:00Z,hat,1', 'c@b.co,Order,2022-01-14 16:00:00Z,hat,1'), on_duplicate => 'insert');

-- of those in one file the first one stays: known contacts, new ones, one that is rejected between them
SELECT rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created
FROM import_events_csv(pg_temp.csv('d@b.co,Twice,2022-02-01,x,1', 'a@b.co,Twice,2022-02-01,x,1', 'd@b.co,Twice,2022-02-01,x,2', 'bad', 'D@b.co,Twice,2022-02-01,x,1', 'a@b.co,Twice,2022-02-01 00:00,x,1',
	'd@b.co,Twice,2022-02-01,x,1'), on_duplicate => 'skip');
SELECT email, properties FROM vero.timeline WHERE name = 'Twice' ORDER BY email, properties;

-- rejected: the reason names the event and its import, or the line
SELECT vero.track_event('t@b.co', 'Tracked', '{"item": "x", "price": "1"}', '2022-02-02') > 0 AS tracked;
SELECT import_id, state, rows_read, rows_imported, rows_rejected, rows_duplicate
FROM import_events_csv(pg_temp.csv('e@b.co,Once,2022-02-02,x,1', 'a@b.co,Twice,2022-02-01,x,1', '"e@b.co" , Once,2022-02-02 01:00+01,"x",1', 'x,Once,2022-02-02,x,1', 't@b.co,Tracked,2022-02-02,x,1',
	'e@b.co,Once,2022-02-02,x,1', 'f@b.co,Once,2022-02-02,x,1'), on_duplicate => 'reject');
SELECT import_id, record, line, byte_offset, raw_record, reason FROM pg_temp.rejects WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT errors FROM pg_temp.rejects WHERE record = 2 AND import_id = (SELECT max(id) FROM vero.imports);
SELECT e.id = regexp_replace(r.reason, '\D*(\d+) of import \d+$', '\1')::bigint AS is_it FROM pg_temp.rejects AS r, vero.events AS e, vero.contacts AS c
WHERE r.record = 2 AND r.import_id = (SELECT max(id) FROM vero.imports) AND c.id = e.contact_id AND (c.email, e.name) = ('a@b.co', 'Twice');
-- rejects as they came, to be imported after all
SELECT convert_from(vero.rejected_csv((SELECT max(id) FROM vero.imports)), 'UTF8');
SELECT rows_imported, rows_rejected FROM import_events_csv(vero.rejected_csv((SELECT max(id) FROM vero.imports)), parent_import => (SELECT max(id) FROM vero.imports));
SELECT rows_imported, rows_rejected FROM import_events_csv(vero.rejected_csv((SELECT max(id) FROM vero.imports)), parent_import => (SELECT max(id) FROM vero.imports), on_duplicate => 'insert');
SELECT options FROM vero.imports ORDER BY id DESC LIMIT 2;

-- COPY
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, on_duplicate skip);
email,name,time,item,price
a@b.co,Twice,2022-02-01,x,1
g@b.co,Copied,2022-02-03,x,1
g@b.co,Copied,2022-02-03,x,1
\.
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, on_duplicate 'reject');
email,name,time,item,price
g@b.co,Copied,2022-02-03,x,1
g@b.co,Copied,2022-02-04,x,1
\.
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, on_duplicate reject, reject_limit 0);
email,name,time,item,price
g@b.co,Copied,2022-02-05,x,1
g@b.co,Copied,2022-02-04,x,1
\.
SELECT * FROM pg_temp.counts ORDER BY id DESC LIMIT 2;
COPY vero.events FROM '/none.csv' WITH (FORMAT vero_csv, on_duplicate 'update');
SELECT import_events_csv(pg_temp.csv('a@b.co,x,2022-01-01,,'), on_duplicate => '');
INSERT INTO vero.import_profiles VALUES ('daily', '{"on_duplicate": "skip"}');
INSERT INTO vero.import_profiles VALUES ('wrong', '{"on_duplicate": "skipp"}');
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('g@b.co,Copied,2022-02-04,x,1', 'g@b.co,Copied,2022-02-06,x,1'), profile => 'daily');
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('g@b.co,Copied,2022-02-06,x,1'), profile => 'daily', on_duplicate => 'insert');
DELETE FROM vero.import_profiles;

-- a limit of rejects counts them, and then nothing of the file stays
SELECT state, rows_read, rows_imported, rows_rejected, rows_duplicate, error
FROM import_events_csv(pg_temp.csv('h@b.co,Limit,2022-02-03,x,1', 'h@b.co,Limit,2022-02-03,x,1', 'bad', 'h@b.co,Limit,2022-02-03,x,1'), on_duplicate => 'reject', reject_limit => '2');
SELECT line, reason FROM pg_temp.rejects WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT state, rows_read, rows_imported, rows_rejected, rows_duplicate
FROM import_events_csv(pg_temp.csv('h@b.co,Limit,2022-02-03,x,1', 'h@b.co,Limit,2022-02-03,x,1', 'bad', 'h@b.co,Limit,2022-02-03,x,1'), on_duplicate => 'reject', reject_limit => '3');
SELECT line, reason FROM pg_temp.rejects WHERE import_id = (SELECT max(id) FROM vero.imports);

-- a dry run counts them: stored ones, and those of contacts that are not there
SELECT state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created
FROM import_events_csv(pg_temp.csv('h@b.co,Limit,2022-02-03,x,1', 'new@b.co,Limit,2022-02-03,x,1', 'new@b.co,Limit,2022-02-03,x,1', 'newer@b.co,Limit,2022-02-03,x,1', 'bad'), on_duplicate => 'skip', dry_run => true);
SELECT state, rows_read, rows_imported, rows_rejected, rows_duplicate
FROM import_events_csv(pg_temp.csv('h@b.co,Limit,2022-02-03,x,1', 'new@b.co,Limit,2022-02-03,x,1', 'new@b.co,Limit,2022-02-03,x,1', 'newer@b.co,Limit,2022-02-03,x,1', 'bad'), on_duplicate => 'reject', dry_run => true);
SELECT line, reason FROM pg_temp.rejects WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT count(*) FROM vero.contacts WHERE email LIKE 'new%';

-- no job for what is skipped
BEGIN;
CREATE FUNCTION pg_temp.ago(interval) RETURNS text LANGUAGE sql AS $$ SELECT to_char(now() - $1, 'YYYY-MM-DD HH24:MI:SS') $$;
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, from_address) VALUES ('c', 'Triggers', '365 days', 's', 'b', 'x@shop.example');
SELECT rows_imported, rows_duplicate, jobs_scheduled FROM import_events_csv(pg_temp.csv('i@b.co,Triggers,' || pg_temp.ago('1 hour') || ',x,1', 'i@b.co,Triggers,' || pg_temp.ago('1 hour') || ',x,1',
	'a@b.co,Triggers,' || pg_temp.ago('1 hour') || ',x,1'), on_duplicate => 'skip', trigger_campaigns => true);
SELECT rows_imported, rows_duplicate, jobs_scheduled FROM import_events_csv(pg_temp.csv('i@b.co,Triggers,' || pg_temp.ago('1 hour') || ',x,1', 'i@b.co,Triggers,' || pg_temp.ago('2 hours') || ',x,1'),
	on_duplicate => 'skip', trigger_campaigns => true, dry_run => true);
SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM vero.events AS e WHERE e.id = j.event_id AND e.contact_id = j.contact_id)) AS of_events FROM vero.trigger_jobs AS j;
DELETE FROM vero.campaigns;
COMMIT;

-- nested values, keys in another order, numbers in them; what SQL has stored
INSERT INTO vero.events (contact_id, name, occurred_at, properties)
SELECT id, 'Nested', '2022-03-01', '{"item": {"a": [1.50, null, true, "x"], "b": {}}, "price": 1e2}' FROM vero.contacts WHERE email = 'a@b.co';
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('a@b.co,Nested,2022-03-01,"{""b"":{},""a"":[1.5,null,true,""x""]}",100.0', 'a@b.co,Nested,2022-03-01,"{""b"":{},""a"":[1.5,null,false,""x""]}",100.0',
	'a@b.co,Nested,2022-03-01,"{""b"":[],""a"":[1.5,null,true,""x""]}",100.0', 'a@b.co,Nested,2022-03-01,"{""b"":{},""a"":[[1.5],null,true,""x""]}",100.0', 'a@b.co,Nested,2022-03-01,"{""b"":{},""a"":[15e-1,null,true,""x""]}",100.00'),
	property_types => '{"item": "json", "price": "number"}', on_duplicate => 'skip');
-- values that are stored out of line
INSERT INTO vero.events (contact_id, name, occurred_at, properties)
SELECT id, 'Long', '2022-03-01', jsonb_build_object('item', (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 2000) AS n)) FROM vero.contacts WHERE email = 'a@b.co';
SELECT rows_imported, rows_duplicate FROM import_events_csv(convert_to(E'email,name,time,item\n' || (SELECT string_agg('a@b.co,Long,2022-03-01,' || long || ending || E'\n', '')
	FROM (SELECT string_agg(md5(n::text), '') AS long FROM generate_series(1, 2000) AS n) AS l, (VALUES (''), ('.')) AS e (ending)), 'UTF8'), on_duplicate => 'skip');

-- what was undone is no duplicate, and what was only tried
SELECT import_id AS undone, rows_imported FROM import_events_csv(pg_temp.csv('j@b.co,Undone,2022-03-02,x,1', 'a@b.co,Undone,2022-03-02,x,1'), on_duplicate => 'skip') \gset
SELECT events_removed FROM vero.undo_import(:undone);
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('j@b.co,Undone,2022-03-02,x,1', 'a@b.co,Undone,2022-03-02,x,1'), on_duplicate => 'skip');

-- a reject that is corrected into one is done with
SELECT import_id AS parent, rows_imported, rows_rejected FROM import_events_csv(pg_temp.csv('a@b.co,Retried,2022-04-01,x,1', 'nobody,Retried,2022-04-01,x,1', 'noone,Retried,2022-04-01,x,1'), on_duplicate => 'skip') \gset
UPDATE vero.rejected_rows SET corrected_record = regexp_replace(raw_record, '^nobody|^noone', CASE WHEN raw_record ~ '^nobody' THEN 'a@b.co' ELSE 'o@b.co' END) WHERE import_id = :parent;
SELECT state, rows_read, rows_imported, rows_duplicate FROM vero.retry_rejects(:parent);
SELECT record_number, resolved_by = vero.last_import_id() AS is_resolved FROM vero.rejected_rows WHERE import_id = :parent ORDER BY 1;

-- in one transaction: what it has imported itself, and what was rolled back to a savepoint
BEGIN;
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('k@b.co,Own,2022-03-03,x,1', 'a@b.co,Own,2022-03-03,x,1'), on_duplicate => 'skip');
SAVEPOINT s;
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('k@b.co,Own,2022-03-03,x,1', 'k@b.co,Own,2022-03-03,x,2', 'a@b.co,Own,2022-03-03,x,1', 'l@b.co,Own,2022-03-03,x,2'), on_duplicate => 'skip');
ROLLBACK TO s;
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('k@b.co,Own,2022-03-03,x,1', 'k@b.co,Own,2022-03-03,x,2', 'a@b.co,Own,2022-03-03,x,1', 'l@b.co,Own,2022-03-03,x,2', 'l@b.co,Own,2022-03-03,x,2'), on_duplicate => 'skip');
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('k@b.co,Own,2022-03-03,x,1', 'm@b.co,Own,2022-03-03,x,1', 'm@b.co,Own,2022-03-03,x,1'), on_duplicate => 'skip');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT rows_imported, rows_duplicate FROM import_events_csv(pg_temp.csv('k@b.co,Own,2022-03-03,x,1', 'm@b.co,Own,2022-03-03,x,1', 'n@b.co,Own,2022-03-03,x,1', 'n@b.co,Own,2022-03-03,x,1'), on_duplicate => 'skip');
COMMIT;

-- more than one batch: a file of which each fifth record is new, twice over
CREATE FUNCTION pg_temp.many(days int) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time,n\n' || string_agg('p' || n % 500 || '@many.example,Many,' || date '2022-01-01' + n % days || ',' || n % 25000 || E'\n', ''), 'UTF8')
	FROM (SELECT generate_series(1, 25000) UNION ALL SELECT generate_series(1, 25000)) AS g (n)
$$;
SELECT rows_read, rows_imported, rows_duplicate, contacts_created FROM import_events_csv(pg_temp.many(40), on_duplicate => 'skip');
SELECT rows_read, rows_imported, rows_duplicate, contacts_created FROM import_events_csv(pg_temp.many(50), on_duplicate => 'skip');
SELECT rows_read, rows_imported, rows_rejected, rows_duplicate FROM import_events_csv(pg_temp.many(50), on_duplicate => 'reject', allow_repeat => true);
SELECT count(*), count(DISTINCT (contact_id, occurred_at, properties)) FROM vero.events WHERE name = 'Many';
SELECT count(*), min(line_number), max(line_number) FROM vero.rejected_rows WHERE reason ~ '^the same event was imported before: event \d+ of import \d+$' AND import_id = (SELECT max(id) FROM vero.imports);
TRUNCATE vero.events, vero.rejected_rows;
SELECT rows_read, rows_imported, rows_rejected, rows_duplicate FROM import_events_csv(pg_temp.many(50), on_duplicate => 'reject', allow_repeat => true);
SELECT count(*), count(*) FILTER (WHERE reason = 'the same event stands in line ' || line_number - 25000) AS named FROM vero.rejected_rows;

-- accounts, and what is told
SELECT count(*) FROM vero.imports WHERE rows_read <> rows_imported + rows_rejected + rows_duplicate;
SELECT subject, body_text ~ 'Duplicates: +2\n' AS tells FROM vero.messages WHERE import_id = (SELECT id FROM vero.imports WHERE rows_duplicate = 2 ORDER BY id LIMIT 1);
SELECT count(*) FILTER (WHERE body_text ~ 'Duplicates') = count(*) FILTER (WHERE i.options ->> 'on_duplicate' <> 'insert') AS only_where_asked
FROM vero.messages AS m, vero.imports AS i WHERE m.import_id = i.id;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
