-- Files that are compressed: gzip and zstd, whole, in parts, damaged, and grown beyond measure.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set SHOW_CONTEXT never
\getenv data_dir VERO_TEST_DATA
\set orders_gz :data_dir '/compressed/orders.csv.gz'
\set orders_zst :data_dir '/compressed/orders.csv.zst'
\set orders_csv :data_dir '/orders.csv'
\set how '\'{"email": "Customer Email", "time": "Ordered at"}\''
CREATE TEMP VIEW last_import AS
	SELECT state, rows_read, rows_imported, rows_rejected, bytes, uncompressed_bytes, dialect->>'compression' AS compression
	FROM vero.imports ORDER BY id DESC LIMIT 1;
CREATE TEMP VIEW last_events AS
	SELECT email, name, occurred_at, properties FROM vero.timeline WHERE import_id = (SELECT max(id) FROM vero.imports) ORDER BY 3, 1;

-- the same file as it is, and compressed, by path and as bytes: the same events, and the same places of its rejects
SELECT import_id AS plain FROM import_events_csv(:'orders_csv', columns => :how, event_name => 'Places order') \gset
SELECT * FROM last_import;
SELECT import_id AS gz FROM import_events_csv(:'orders_gz', columns => :how, event_name => 'Places order', allow_repeat => true) \gset
SELECT * FROM last_import;
SELECT import_id AS zst FROM import_events_csv(content => pg_read_binary_file(:'orders_zst'), columns => :how, event_name => 'Places order', allow_repeat => true) \gset
SELECT * FROM last_import;
SELECT count(*), count(DISTINCT (email, name, occurred_at, properties)) FROM vero.timeline;
SELECT count(*), count(DISTINCT (record_number, line_number, byte_offset, raw_record, reason)) FROM vero.rejected_rows;
-- what came is what its row tells of
SELECT sha256 = sha256(pg_read_binary_file(:'orders_gz')) AS same_hash, bytes = length(pg_read_binary_file(:'orders_gz')) AS same_size,
	uncompressed_bytes = length(pg_read_binary_file(:'orders_csv')) AS same_text
FROM vero.imports WHERE id = :gz;

-- COPY: a file, a program, and the client, which sends bytes as they are where the option says what they are
COPY vero.events FROM :'orders_zst' WITH (FORMAT vero_csv, allow_repeat, columns :how, event_name 'Places order');
SELECT * FROM last_import;
SELECT 'cat ' || quote_literal(:'orders_gz') AS command \gset
COPY vero.events FROM PROGRAM :'command' WITH (FORMAT vero_csv, columns :how, event_name 'Places order', compression gzip, allow_repeat);
SELECT * FROM last_import;
\copy vero.events FROM PROGRAM 'cat "$VERO_TEST_DATA/compressed/orders.csv.gz"' WITH (FORMAT vero_csv, columns '{"email": "Customer Email", "time": "Ordered at"}', event_name 'Places order', compression 'gzip', allow_repeat)
SELECT * FROM last_import;
\copy vero.events FROM PROGRAM 'cat "$VERO_TEST_DATA/compressed/orders.csv.zst"' WITH (FORMAT vero_csv, columns '{"email": "Customer Email", "time": "Ordered at"}', event_name 'Places order', compression zstd, allow_repeat)
SELECT * FROM last_import;
-- without it psql sends lines of text, which an archive is not
\copy vero.events FROM PROGRAM 'cat "$VERO_TEST_DATA/compressed/orders.csv.gz"' WITH (FORMAT vero_csv, columns '{"email": "Customer Email", "time": "Ordered at"}', event_name 'Places order')

-- corrected rejects are a file of their own, which is not compressed: all options of their parent hold but that one
SELECT import_id AS parent FROM import_events_csv(:'orders_gz', columns => :how, event_name => 'Places order', compression => 'gzip', allow_repeat => true) \gset
SELECT options FROM vero.imports WHERE id = :parent;
SELECT state, rows_read, rows_rejected, error FROM import_events_csv(content => vero.rejected_csv(:parent), parent_import => :parent);
SELECT options FROM vero.imports WHERE parent_import_id = :parent;

-- the first bytes say what a file is, whatever its name, and an option that says something else is an error
\set gz_head 1f8b08000000000002034bcd4dccccd1c94bcc4dd529c9041279f925a95c890e497ac9f93a153a46064646ba068640a4939659545cc20500f6bb2bff2f000000
\set gz_more 1f8b08000000000002034b7648d24bced7a9d031323032d23530d43530d2294e4dcecf4be10200b3cb5c101b000000
\set zst_head 28b52ffd0468790100656d61696c2c6e616d652c74696d652c6e6f74650a6140622e636f2c782c323032322d30312d30312c66697273740a97b3861d
\set zst_more 28b52ffd0468d900006340622e636f2c782c323032322d30312d30322c7365636f6e640abe5e7613
SELECT decode(:'gz_head', 'hex') AS gz_head, decode(:'gz_more', 'hex') AS gz_more, decode(:'zst_head', 'hex') AS zst_head, decode(:'zst_more', 'hex') AS zst_more \gset
CREATE FUNCTION try_import(content bytea, compression text DEFAULT NULL)
RETURNS TABLE (state text, imported bigint, uncompressed bigint, error text)
LANGUAGE plpgsql AS $$
DECLARE
	words text;
	advice text;
	code text;
BEGIN
	SELECT o.state, o.rows_imported, o.error FROM import_events_csv(content, compression => compression, allow_repeat => true) AS o INTO state, imported, error;
	uncompressed := (SELECT i.uncompressed_bytes FROM vero.imports AS i WHERE i.id = vero.last_import_id());
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS words = MESSAGE_TEXT, advice = PG_EXCEPTION_HINT, code = RETURNED_SQLSTATE;
	RETURN QUERY SELECT code, NULL::bigint, NULL::bigint, concat_ws('. ', words, nullif(advice, ''));
END
$$;
CREATE TEMP TABLE csv AS SELECT convert_to(E'email,name,time,note\na@b.co,x,2022-01-01,first\n', 'UTF8') AS plain;
SELECT t.* FROM csv, try_import(:'gz_head') AS t;
SELECT t.* FROM csv, try_import(:'zst_head', 'zstd') AS t;
SELECT t.* FROM csv, try_import(plain, 'none') AS t;
\x on
SELECT t.* FROM csv, try_import(plain, 'gzip') AS t;
SELECT t.* FROM csv, try_import(:'gz_head', 'none') AS t;
SELECT t.* FROM csv, try_import(:'gz_head', 'ZSTD') AS t;
SELECT t.* FROM csv, try_import(plain, 'bzip2') AS t;
SELECT t.* FROM csv, try_import('', 'gzip') AS t;
-- what is no CSV is told, archived or not; nor is an archive within one read
SELECT t.* FROM try_import('\x504B030414000600', 'gzip') AS t;
SELECT t.* FROM try_import('\x425A6839314159265359') AS t;
SELECT t.* FROM try_import('\xFD377A585A00') AS t;
SELECT t.* FROM try_import('\x377ABCAF271C') AS t;
SELECT t.* FROM try_import('\x1f8b08000000000002030bf06666a9c00200b25c198a18000000') AS t; -- a workbook
SELECT t.* FROM try_import('\x1f8b080000000000020393efe66000012666efb3be67ce303294d44c7ace0a140000973c731d19000000') AS t; -- gzip
SELECT t.* FROM try_import('\x1f8b080000000000020303000000000000000000') AS t; -- nothing
\x off
-- marks and encodings are those of what is in the archive
SELECT t.* FROM try_import('\x1f8b0800000000000203fbff2f9521972191219321874187210fc8ca654805b24a802210561e433e9097cac0c550c1e0c050c9a0c75005843a0c662c3a0c460c06406cc4a00ba40da1a40ec34ba05a002dd64d8958000000') AS t;
SELECT * FROM last_events;
SELECT dialect->>'encoding' AS encoding, dialect->>'byte_order_mark' AS mark FROM vero.imports ORDER BY id DESC LIMIT 1;
SELECT t.* FROM try_import('\x1f8b08000000000002037bbf7b7f6a6e62668e4e5e626eaa4e49666e2a578543a55e55954e9e8e91819191ae81211071010017feeef227000000') AS t;
\set cdnow :data_dir '/cdnow.csv.gz'
SELECT state, rows_read, rows_imported, rows_rejected, contacts_created FROM import_events_csv(:'cdnow');
SELECT state, rows_read, rows_imported, rows_rejected FROM import_events_csv(:'cdnow', encoding => 'LATIN1', dry_run => true, allow_repeat => true);
SELECT * FROM last_import;

-- several members and frames, frames that are to be skipped, and zeros behind gzip's last member
SELECT t.* FROM try_import(:'gz_head'::bytea || :'gz_more') AS t;
SELECT * FROM last_events;
SELECT t.* FROM try_import(:'gz_head'::bytea || :'gz_more' || decode(repeat('00', 1000), 'hex')) AS t;
SELECT t.* FROM try_import('\x502A4D18030000006162635D2A4D1800000000'::bytea || :'zst_head' || '\x512A4D180100000078' || :'zst_more') AS t;
SELECT * FROM last_events;
\x on
-- what else follows is an error, and where it begins
SELECT length(:'gz_head'::bytea) AS gz, length(:'zst_head'::bytea) AS zst;
SELECT t.* FROM try_import(:'gz_head'::bytea || 'x') AS t;
SELECT t.* FROM try_import(:'gz_head'::bytea || '\x1F') AS t;
SELECT t.* FROM try_import(:'gz_head'::bytea || '\x1F00') AS t;
SELECT t.* FROM try_import(:'gz_head'::bytea || '\x0000' || :'gz_more') AS t;
SELECT t.* FROM try_import(:'gz_head'::bytea || :'zst_more') AS t;
SELECT t.* FROM try_import(:'zst_head'::bytea || '\x00') AS t;
SELECT t.* FROM try_import(:'zst_head'::bytea || '\x00000000') AS t;
SELECT t.* FROM try_import(:'zst_head'::bytea || '\x27B52FFD') AS t; -- of another version
-- cut off, damaged
SELECT t.* FROM try_import(substr(:'gz_head'::bytea, 1, 50)) AS t;
SELECT t.* FROM try_import(substr(:'zst_head'::bytea, 1, 50)) AS t;
SELECT t.* FROM try_import(set_byte(:'gz_head'::bytea, 30, 0)) AS t;
SELECT t.* FROM try_import(set_byte(:'zst_head'::bytea, 30, 0)) AS t;
SELECT t.* FROM try_import('\x1F8B0900000000000003') AS t;
\x off
-- wherever they are cut, they fail, unless too little is left to tell what they were, or there is a file's end
SELECT t.state, count(*) FROM generate_series(1, length(:'gz_head'::bytea || :'gz_more')) AS size,
	try_import(substr(:'gz_head'::bytea || :'gz_more', 1, size)) AS t GROUP BY 1 ORDER BY 1;
SELECT t.state, count(*) FROM generate_series(1, length(:'zst_head'::bytea || :'zst_more')) AS size,
	try_import(substr(:'zst_head'::bytea || :'zst_more', 1, size)) AS t GROUP BY 1 ORDER BY 1;
-- whichever bit is turned, they fail, or nothing is changed
SELECT count(*) FROM vero.events WHERE properties NOT IN ('{"note": "first"}', '{"note": "second"}') AND import_id > :parent + 1 AND import_id
	NOT IN (SELECT id FROM vero.imports WHERE rows_read > 100 OR dialect->>'encoding' = 'UTF-16') \gset before_
SELECT count(*) AS tried, count(*) FILTER (WHERE t.state IN ('failed', 'completed')) AS told
FROM generate_series(0, 8 * length(:'gz_head'::bytea) - 1, 3) AS place, try_import(set_bit(:'gz_head'::bytea, place, 1 - get_bit(:'gz_head'::bytea, place))) AS t;
SELECT count(*) AS tried, count(*) FILTER (WHERE t.state IN ('failed', 'completed')) AS told
FROM generate_series(0, 8 * length(:'zst_head'::bytea) - 1, 3) AS place, try_import(set_bit(:'zst_head'::bytea, place, 1 - get_bit(:'zst_head'::bytea, place))) AS t;
SELECT count(*) - :before_count AS changed FROM vero.events WHERE properties NOT IN ('{"note": "first"}', '{"note": "second"}') AND import_id > :parent + 1 AND import_id
	NOT IN (SELECT id FROM vero.imports WHERE rows_read > 100 OR dialect->>'encoding' = 'UTF-16');

-- an archive that is lost in the middle takes all of its import along, whatever was read of it before
SELECT count(*) AS events FROM vero.events \gset before_
SELECT t.* FROM try_import(substr(pg_read_binary_file(:'cdnow'), 1, 400000)) AS t;
SELECT count(*) - :before_events AS left_behind FROM vero.events;

\x on
-- COPY raises it
SELECT 'head -c 100 ' || quote_literal(:'orders_gz') AS command \gset
COPY vero.events FROM PROGRAM :'command' WITH (FORMAT vero_csv);
-- one that grows beyond measure: a frame of zstd that says 9,000 times that 128 kB are the same letter
SELECT t.* FROM try_import('\x28b52ffd0038'::bytea || '\xa80000' || E'email,name,time,note\n'::bytea || decode(repeat('02001078', 9000), 'hex')) AS t;
-- what wants a larger window than 8 MB; one of 8 MB is read
SELECT t.* FROM try_import('\x28b52ffd0068'::bytea || '\xa90000' || E'email,name,time,note\n'::bytea) AS t;
SELECT t.* FROM try_import('\x28b52ffd0069'::bytea || '\xa90000' || E'email,name,time,note\n'::bytea) AS t;
-- a gigabyte of blank lines, which is not yet beyond measure, can be cancelled
\x off
SELECT 'email,name,time' || E'\n' AS header, clock_timestamp() AS began \gset
SELECT t.* FROM try_import('\x28b52ffd0058'::bytea || '\x800000' || convert_to(:'header', 'UTF8') || decode(repeat('0200100a', 8000), 'hex') || '\x0900000a') AS t;
SELECT clock_timestamp() - :'began' AS whole, clock_timestamp() AS began \gset
SET statement_timeout = '20ms';
SELECT t.* FROM import_events_csv('\x28b52ffd0058'::bytea || '\x800000' || convert_to(:'header', 'UTF8') || decode(repeat('0200100a', 8000), 'hex') || '\x0900000a') AS t;
RESET statement_timeout;
SELECT clock_timestamp() - :'began' < interval :'whole' / 2 AS is_prompt;
\x on
-- one that was made with a dictionary
SELECT t.* FROM try_import('\x28b52ffd0168'::bytea || '\x07a90000' || E'email,name,time,note\n'::bytea) AS t;
\x off
-- a name that ends otherwise is no CSV's
SELECT state, regexp_replace(error, '".*/', '"') AS error FROM import_events_csv(:'data_dir' || '/README.md');
DROP FUNCTION try_import;
