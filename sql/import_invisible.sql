-- What is not seen: trimmed round names, addresses and times, and shown in every message.
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

SELECT pg_temp.both(:'data_dir' || '/files/nbsp.csv');
SELECT pg_temp.both(:'data_dir' || '/files/nbsp_header.csv');
SELECT pg_temp.both(:'data_dir' || '/files/two_marks.csv');
-- blanks of any kind in an event's name are spaces, what has no width is left out; the record's bytes are kept
SELECT pg_temp.both(:'data_dir' || '/files/event_name_nbsp.csv');
SELECT pg_temp.of(E'email,event,time\na@b.co,"Pla\u200Bced\norder\u00AD",2022-01-01\na@b.co,"\u200B\u00A0",2022-01-01\n');
SELECT convert_to(raw_record, 'UTF8') FROM vero.rejected_rows ORDER BY import_id DESC LIMIT 1;
SELECT pg_temp.of(E'email,time\na@b.co,2022-01-01\n', 'event_name', E'\uFEFFPlaced\u00A0order ');
SELECT vero.track_event('a@b.co', E'Placed\u00A0order\u200B') AS id \gset
SELECT name FROM vero.events WHERE id = :id;
-- but for what shapes the letters of words and emoji
SELECT pg_temp.of(E'email,event,time\na@b.co,\u0645\u06CC\u200C\u062E\u0648 \u2764\uFE0F\u200D\U0001F525,2022-01-01\n');
-- a mark in the middle, before quotes too
SELECT pg_temp.of(E'\uFEFF"email","event","time"\n"a@b.co","x","2022-01-01"\n\uFEFF"email","event","time"\n\uFEFF"b@b.co","x, y","2022-01-01"\n');
-- shown in error, reason, errors and COPY's ERROR
SELECT pg_temp.of(E'e\u200Bmails,event,time\na@b.co,x,2022-01-01\n');
SELECT pg_temp.of(E'email,event,time\n"a\u200B@b.co",x,"2022\u202E-01-01"\n');
SELECT e->>'message', e->>'value' = E'a\u200B@b.co' FROM vero.rejected_rows, jsonb_array_elements(errors) AS e ORDER BY import_id DESC, 1 LIMIT 2;
SELECT pg_temp.of(E'email,event,time,a\u200Bb\na@b.co,x,2022-01-01\n');
SELECT pg_temp.of(E'email,event,time,a\u00A0b\na@b.co,x,2022-01-01,1\n', 'columns', E'{"x": "a\u00A0c"}');
\set file :data_dir '/files/excel_sep.csv'
COPY vero.events FROM :'file' WITH (FORMAT vero_csv, columns E'{"a\\u200Bb": null}');
SELECT vero.normal_email(E'\uFEFF Ann@Shop.example\u00A0'), vero.normal_email(E'ann\u00A0lee@shop.example');
