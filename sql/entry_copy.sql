-- COPY with FORMAT vero_csv: the same import as import_events_csv(), with COPY's manners.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\getenv data_dir VERO_TEST_DATA
\set example :data_dir '/example.csv'
\set program 'cat ' :example

SELECT vero.last_import_id();
COPY vero.events FROM :'example' WITH (FORMAT vero_csv);
\echo :ROW_COUNT
COPY vero.events FROM PROGRAM :'program' WITH (FORMAT vero_csv, allow_repeat);
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat);
email, event_name, time, item_type
    tyrion.lannister@casterlyrock.com, Completes checkout, 2022-01-02 13:05+10, yellow_shirt
    tyrion.lannister@casterlyrock.com, Completes checkout, 2022-01-15 02:00+10, green_shirt
    tyrion.lannister@casterlyrock.com, Completes checkout, 2022-01-25 04:20+10, red_hat
\.
\set copy '\\copy vero.events FROM ' :'example' ' WITH (FORMAT vero_csv, allow_repeat)'
:copy
SELECT import_id, count(*), min(occurred_at), max(properties->>'item_type') FROM vero.timeline GROUP BY 1 ORDER BY 1;
-- psql ends STDIN with the line \. as a part of it, from 18 on without
SELECT id, state, rows_imported, bytes - CASE WHEN id = 3 AND sha256 <> lead(sha256) OVER numbered THEN 3 ELSE 0 END AS bytes,
	id = 3 OR sha256 = first_value(sha256) OVER numbered AS same FROM vero.imports WINDOW numbered AS (ORDER BY id) ORDER BY id;

-- options, by COPY's names and by the function's
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, HEADER true, DELIMITER '|', QUOTE '''', ESCAPE '\', NULL 'nix', ENCODING 'LATIN1',
	columns '{"email": "who", "time": "when"}', event_name 'Rings', time_zone 'Europe/Berlin', notify ('a@b.co', 'c@d.ee'));
who|when|note|more
x@y.zz|2022-07-01 12:00|'it\'s|so'|nix
\.
SELECT email, name, occurred_at, properties FROM vero.timeline WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT source, options, notify, header, dialect FROM vero.imports ORDER BY id DESC LIMIT 1;
-- a column list names the fields of a file without a header
COPY vero.events (email, event_name, time, "Item Type") FROM STDIN WITH (FORMAT vero_csv);
x@y.zz,n,2022-01-01,hat
nobody,n,2022-01-01,hat
\.
-- the session's last import, which a NOTICE has named where there are rejects
SELECT vero.last_import_id() = (SELECT max(id) FROM vero.imports) AS is_last;
SELECT email, properties FROM vero.timeline WHERE import_id = (SELECT max(id) FROM vero.imports);
SELECT line_number, reason FROM vero.rejected_rows WHERE import_id = (SELECT max(id) FROM vero.imports);
COPY vero.events (email, event_name, time, renamed) FROM STDIN WITH (FORMAT vero_csv, HEADER);
email,event_name,time,original
x@y.zz,n,2022-01-01,hat
\.
SELECT email, properties FROM vero.timeline WHERE import_id = (SELECT max(id) FROM vero.imports);

-- options that are wrong: COPY's errors, with the place
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, no_such_option 1);
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, delimiter ';', event_name 'x', delimiter ',');
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, null 'x', null_string 'y');
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, freeze);
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, force_null (name));
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, delimiter ',,');
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, columns 'x');
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, columns '[]');
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, parent_import 'x');
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, max_jobs 9223372036854775808);
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, parent_import 999999);
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, header maybe);
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, header false);
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv) WHERE name = 'x';
COPY vero.events FROM '/no/such/file.csv' WITH (FORMAT vero_csv);
COPY vero.events FROM PROGRAM 'exit 3' WITH (FORMAT vero_csv);
COPY vero.events FROM PROGRAM 'printf "email,name,time\na@b.co,x,2022-01-01\n"; exit 3' WITH (FORMAT vero_csv);

-- a file that fails as a whole is an error, and nothing stays
SELECT count(*) AS imports FROM vero.imports \gset
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
mail,name,time
a@b.co,x,2022-01-01
\.
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
email,name,time
\.
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
\.
SELECT count(*) = :imports AS unchanged FROM vero.imports;
-- what failed was an import, too
SELECT vero.last_import_id() > max(id) AS is_later FROM vero.imports;
SELECT import_id = vero.last_import_id() AS is_last FROM import_events_csv(E'email,name,time\na@b.co,x,2022-01-01'::bytea, dry_run => true);
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, dry_run true);
email,name,time
nobody,x,2022-01-01
a@b.co,x,2022-01-01
\.
SELECT count(*) AS imports FROM vero.imports \gset

-- what is not ours passes: other formats, other tables, other directions
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_tsv);
CREATE TABLE plain (a text);
COPY plain FROM 'x.csv' WITH (FORMAT vero_csv);
COPY plain FROM STDIN WITH (FORMAT csv);
"ordinary"
\.
SELECT * FROM plain;
COPY (SELECT 1) TO STDOUT WITH (FORMAT vero_csv);
COPY vero.events TO STDOUT WITH (FORMAT vero_csv);
COPY vero.rejected_rows FROM 'x.csv' WITH (FORMAT vero_csv);
SELECT id AS contact FROM vero.contacts LIMIT 1 \gset
BEGIN;
COPY vero.events (contact_id, name, occurred_at) FROM PROGRAM 'echo "1,plain,2022-01-01"' WITH (FORMAT csv);
SELECT name, properties, import_id FROM vero.events WHERE name = 'plain';
ROLLBACK;
DROP TABLE plain;

-- in a transaction, in a savepoint, in a function
BEGIN;
COPY vero.events FROM :'example' WITH (FORMAT vero_csv, allow_repeat);
SAVEPOINT s;
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
mail,name,time
\.
ROLLBACK TO s;
COPY vero.events FROM :'example' WITH (FORMAT vero_csv, allow_repeat);
SAVEPOINT t;
COPY vero.events FROM :'example' WITH (FORMAT vero_csv, allow_repeat);
ROLLBACK TO t;
COMMIT;
SELECT count(*) - :imports AS new FROM vero.imports;
CREATE FUNCTION copy_in_function(path text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('COPY vero.events FROM %L WITH (FORMAT vero_csv, allow_repeat)', path);
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
END
$$;
SELECT copy_in_function(:'example');
DROP FUNCTION copy_in_function;
BEGIN READ ONLY;
COPY vero.events FROM :'example' WITH (FORMAT vero_csv, allow_repeat);
ROLLBACK;

-- rights
CREATE ROLE vero_copier;
GRANT INSERT ON vero.events TO vero_copier;
SET ROLE vero_copier;
COPY vero.events FROM :'example' WITH (FORMAT vero_csv, allow_repeat);
COPY vero.events FROM PROGRAM 'true' WITH (FORMAT vero_csv);
COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
email,name,time
a@b.co,x,2022-01-01
bad,x,2022-01-01
\.
SELECT max(id) AS mine FROM vero.imports \gset
COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import :mine);
SELECT convert_from(vero.rejected_csv(:mine), 'UTF8');
COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 1);
COPY vero.rejected_rows TO '/tmp/rejects.csv' WITH (FORMAT vero_csv, import :mine);
COPY vero.rejected_rows TO PROGRAM 'cat' WITH (FORMAT vero_csv, import :mine);
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv);
RESET ROLE;
REVOKE INSERT ON vero.events FROM vero_copier;
SET ROLE vero_copier;
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv);
RESET ROLE;
DROP ROLE vero_copier;

-- where errors happen: record and line
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON vero.events FOR EACH ROW EXECUTE FUNCTION refuse();
COPY vero.events FROM PROGRAM 'printf "email,name,time\n\na@b.co,x,2022-01-01\na@b.co,x,2022-01-02\n"' WITH (FORMAT vero_csv);
DROP TRIGGER refuse ON vero.events;
DROP FUNCTION refuse;
