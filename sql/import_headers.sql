-- Headers that are not understood, and encodings that are not told: what a failure says, and that what it says helps.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET client_min_messages = warning;
\getenv data_dir VERO_TEST_DATA
\pset format unaligned
\pset tuples_only on
\set told :data_dir '/files/told.sql'
\set ECHO none
\i :told
\set ECHO all

-- two columns of one name, a column without a name
SELECT pg_temp.both(:'data_dir' || '/files/double_header.csv');
SELECT pg_temp.both(:'data_dir' || '/files/double_header.csv', 'columns', '{"time": "UNSUB_TIME"}', 'event_name', 'Unsubscribed');
SELECT pg_temp.both(:'data_dir' || '/files/double_header.csv', 'columns', '{"time": "UNSUB_TIME", "UNSUB_CAMPAIGN_ID": null, "UNSUB_REASON": null}', 'event_name', 'Unsubscribed');
SELECT pg_temp.both(:'data_dir' || '/files/near_names.csv');
SELECT pg_temp.both(:'data_dir' || '/files/unnamed_index.csv');
SELECT pg_temp.both(:'data_dir' || '/files/unnamed_index.csv', 'columns', '{"": null}');
SELECT pg_temp.of(E'email,event,time\na@b.co,x,2022-01-01\n', 'columns', '{"": null}');
SELECT pg_temp.of(E'email,email,event,time\na@b.co,b@b.co,x,2022-01-01\n');
SELECT pg_temp.of(E'email,event,time,a,b,c,d,e,f,f,e,d,c,b,a\na@b.co,x,2022-01-01\n');
-- columns that are missing: all at once, with those whose values are such
SELECT pg_temp.both(:'data_dir' || '/files/no_event_name.csv');
SELECT pg_temp.both(:'data_dir' || '/files/no_event_name.csv', 'columns', '{"email": "Customer Email", "time": "Created date (UTC)"}');
SELECT pg_temp.both(:'data_dir' || '/files/no_event_name.csv', 'columns', '{"email": "Customer Email", "time": "Created date (UTC)"}', 'event_name', 'Paid');
SELECT pg_temp.of(E'who;when;what\nann@b.co;2022-01-01;x\n', 'event_name', 'It''s');
SELECT pg_temp.of(E'who;"when\u00A0and ""where""";what\nann@b.co;2022-01-01;x\n', 'columns', '{"event_name": "what"}');
SELECT pg_temp.of(E'who;"when\u00A0and ""where""";what\nann@b.co;2022-01-01;x\n', 'columns', '{"event_name": "what", "email": "who", "time": "when\u00A0and \"where\""}');
SELECT pg_temp.of(E'a,b\n');
-- the delimiter under which there are most columns
SELECT pg_temp.of(E'a, b|c|d\n1,2|3|4\n');
-- lines in quotes, JSON
SELECT pg_temp.both(:'data_dir' || '/files/whole_lines_quoted.csv');
SELECT pg_temp.both(:'data_dir' || '/files/jsonl.csv');
SELECT pg_temp.of(E'\uFEFF[\n  {"email" : "a@b.co"}]');
SELECT pg_temp.of(E'{"email},event,time\na@b.co,x,2022-01-01\n');

-- encodings
SELECT pg_temp.both(:'data_dir' || '/files/cp1252.csv');
SELECT pg_temp.both(:'data_dir' || '/files/cp1252.csv', 'encoding', 'WIN1252');
SELECT pg_temp.of(convert_to(E'email,event,time,Größe\na@b.co,x,2022-01-01,\n', 'LATIN1'));
-- not where it is no text in that, or other letters
SELECT pg_temp.of(E'email,event,time,a\na@b.co,x,2022-01-01,'::bytea || '\x81'::bytea);
SELECT pg_temp.of(E'email,event,time,a\na@b.co,x,2022-01-01,'::bytea || convert_to('Привет', 'WIN1251'));
SELECT pg_temp.of(E'email,event,time,a\na@b.co,x,2022-01-01,'::bytea || convert_to('Größe', 'UTF8') || '\xE9'::bytea);
-- UTF-16 without a mark
SELECT pg_temp.both(:'data_dir' || '/files/utf16le_nobom.csv');
SELECT pg_temp.both(:'data_dir' || '/files/utf16le_nobom.csv', 'encoding', 'UTF-16LE');
SELECT pg_temp.both(:'data_dir' || '/files/utf16le_nobom.csv', 'encoding', 'utf16');
SELECT dialect->>'encoding', dialect->>'byte_order_mark', sha256 = sha256(pg_read_binary_file(source)) FROM vero.imports ORDER BY id DESC LIMIT 1;
-- big-endian; rejects are given back as they came, and read as the file was
SELECT string_agg(decode(lpad(to_hex(ascii(c)), 4, '0'), 'hex'), ''::bytea ORDER BY n) AS utf16
FROM regexp_split_to_table(E'email;event;time;a\na@b.co;ж;2022-01-01;1\nnobody;x;2022-01-01;2\n', '') WITH ORDINALITY AS t (c, n) \gset
SELECT pg_temp.of(:'utf16'::bytea);
SELECT pg_temp.of(:'utf16'::bytea, 'encoding', 'UTF16BE');
SELECT max(id) AS parent FROM vero.imports \gset
SELECT vero.rejected_csv(:parent) = substr(:'utf16'::bytea, 1, 38) || substr(:'utf16'::bytea, 83) AS same, byte_offset FROM vero.rejected_rows WHERE import_id = :parent;
SELECT pg_temp.of(vero.rejected_csv(:parent), 'parent_import', :'parent');
SELECT pg_temp.of(E'email,event,time\na@b.co,x,2022-01-01\n', 'encoding', 'UTF-16');
-- what psql's \copy leaves of UTF-16: the mark, the first letter
\! cp "$VERO_TEST_DATA/files/utf16le_nobom.csv" file.csv
\copy vero.events FROM 'file.csv' WITH (FORMAT vero_csv)
\copy vero.events FROM 'file.csv' WITH (FORMAT vero_csv, encoding 'UTF-16LE')
\! (printf '\377\376'; cat "$VERO_TEST_DATA/files/utf16le_nobom.csv") > file.csv
\copy vero.events FROM 'file.csv' WITH (FORMAT vero_csv)
\! printf '\376\377\000a\000\n' > file.csv
\copy vero.events FROM 'file.csv' WITH (FORMAT vero_csv)
\! rm file.csv
-- a mark knows better
SELECT pg_temp.of(E'\uFEFFemail,event,time\na@b.co,x,2022-01-01\n', 'encoding', 'UTF-16BE');
