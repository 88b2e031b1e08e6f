-- What stands round the records: lines before the header, blank records and cells, records that are short, a header in the middle.
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

-- the first line names the delimiter
SELECT pg_temp.both(:'data_dir' || '/files/excel_sep.csv');
SELECT pg_temp.both(:'data_dir' || '/files/excel_sep.csv', 'delimiter', ',');
-- a title above the header
SELECT pg_temp.both(:'data_dir' || '/files/title_lines.csv');
SELECT pg_temp.both(:'data_dir' || '/files/title_lines.csv', 'skip_lines', '2');
SELECT pg_temp.both(:'data_dir' || '/files/title_lines.csv', 'skip_lines', '1');
SELECT pg_temp.both(:'data_dir' || '/files/title_lines.csv', 'skip_lines', '5');
-- rows without values
SELECT pg_temp.both(:'data_dir' || '/files/blanks.csv');
SELECT substring(body_text from 'Blank records:[^\n]*') FROM vero.messages ORDER BY id DESC LIMIT 1;
-- cells too many that are blank, cells too few
SELECT pg_temp.both(:'data_dir' || '/files/trail_rows.csv');
SELECT pg_temp.both(:'data_dir' || '/files/trail_short.csv');
SELECT pg_temp.both(:'data_dir' || '/files/trail_short.csv', 'null_padding', 'true');
SELECT pg_temp.both(:'data_dir' || '/files/short_rows.csv');
SELECT pg_temp.both(:'data_dir' || '/files/short_rows.csv', 'null_padding', 'true');
-- files that were joined
SELECT pg_temp.both(:'data_dir' || '/files/joined_files.csv');

-- the same in more ways
-- sep= in quotes, in any case, behind a mark, with any delimiter that COPY allows; what is none is a line like any other
SELECT pg_temp.of(E'"SEP=~"\nemail~event~time\na@b.co~x~2022-01-01\n');
SELECT pg_temp.of(E'\uFEFFsep=\t\r\nemail\tevent\ttime\r\na@b.co\tx\t2022-01-01\r\n');
SELECT pg_temp.of('\xFFFE7300650070003D003B000A0065006D00610069006C003B006E0061006D0065003B00740069006D0065000A006100400062002E0063006F003B0078003B0032003000320032002D00300031002D00300031000A00'::bytea);
SELECT pg_temp.of(E'sep=;;\nemail;event;time\na@b.co;x;2022-01-01\n');
SELECT pg_temp.of(E'sep="\nemail,event,time\na@b.co,x,2022-01-01\n');
-- an explicit delimiter wins, and the line is dropped all the same; skip_lines counts it
SELECT pg_temp.of(E'sep=;\nemail,event,time\na@b.co,x,2022-01-01\n', 'delimiter', ',');
SELECT pg_temp.of(E'sep=;\nSales, and more\nemail;event;time\na@b.co;x;2022-01-01\n');
SELECT pg_temp.of(E'sep=;\nSales, and more\nemail;event;time\na@b.co;x;2022-01-01\n', 'skip_lines', '2');
SELECT pg_temp.of(E'sep=;\nemail;event;time\na@b.co;x;2022-01-01\n', 'skip_lines', '1');
-- lines are skipped whatever their ends and quotes, and line numbers count them
SELECT pg_temp.of(E'a "title\r\nof\rmany\n\nemail,event,time\r\nnobody,x,2022-01-01\r\n');
SELECT pg_temp.of(E'a "title\r\nof\rmany\n\nemail,event,time\r\nnobody,x,2022-01-01\r\n', 'skip_lines', '3');
SELECT line_number, byte_offset FROM vero.rejected_rows ORDER BY import_id DESC LIMIT 1;
-- the 20 lines behind the first are looked at; a record whose value is "email" is none
SELECT pg_temp.of(repeat(E'title\n', 20) || E'email,event,time\na@b.co,x,2022-01-01\n');
SELECT pg_temp.of(repeat(E'title\n', 21) || E'email,event,time\na@b.co,x,2022-01-01\n');
SELECT pg_temp.of(E'address,channel,time\na@b.co,email,2022-01-01\n');
SELECT pg_temp.of(E'Report\nCustomer Email;Action;Date\na@b.co;x;2022-01-01\n', 'columns', '{"email": "Customer Email", "event_name": "Action"}');
-- options that are wrong in themselves
SELECT import_events_csv('email,event,time'::bytea, skip_lines => -1);
COPY vero.events FROM '/none.csv' WITH (FORMAT vero_csv, skip_lines 1.5);

-- blank: white space of any kind, what is not seen, and empty quotes; they have no record number
SELECT pg_temp.of(E'email,event,time\n, ,\t\n"","",""\n\u00A0,\u200B,\uFEFF\n,,,,,\na@b.co,x,2022-01-01\n,\nnobody,x,2022-01-01\n');
SELECT record_number, line_number FROM vero.rejected_rows ORDER BY import_id DESC LIMIT 1;
SELECT pg_temp.of(E'email,event,time\n,,\n,,\n');
SELECT pg_temp.of(E'email,event,time\n,,-\n');
-- cells beyond the header: blank ones only
SELECT pg_temp.of(E'email,event,time\na@b.co,x,2022-01-01,,"", \nc@d.ee,x,2022-01-02,,1\n');
-- short records: which columns are missing; those without a name are no loss
SELECT pg_temp.of(E'email,event,time,a,b,c,d,e,f,g\nx@b.co\ny@b.co,x,2022-01-01,1,2,3,4,5,6\n');
SELECT pg_temp.of(E'email,event,time,\na@b.co,x,2022-01-01\n');
SELECT pg_temp.of(E'email,event,time,a,b\nx@b.co\ny@b.co,x,2022-01-01\nz@b.co,x,2022-01-02,1,2,3\n', 'null_padding', 'true');
-- no value, even where an empty cell is one
SELECT pg_temp.of(E'email,event,time,a,b\ny@b.co,x,2022-01-01,\n', 'null_padding', 'true', 'null_string', '\N');
-- the header once more: cell by cell, whatever the quotes
SELECT pg_temp.of(E'email,event,time,"a ""b"""\nx@b.co,x,2022-01-01,1\n"email", event ,time,"a ""b""",\nemail,event,time,b\n');

-- corrected rejects begin with the header, and have the file's delimiter; a file that failed has its title still
SELECT pg_temp.of(E'sep=~\nTitle\nemail~event~time~a\nnobody~x~2022-01-01\n', 'skip_lines', '2', 'null_padding', 'true');
SELECT max(id) AS parent FROM vero.imports \gset
SELECT convert_from(vero.rejected_csv(:parent), 'UTF8');
SELECT substring(body_text from 'The same options hold[^.]*') FROM vero.messages ORDER BY id DESC LIMIT 1;
SELECT pg_temp.of(replace(convert_from(vero.rejected_csv(:parent), 'UTF8'), 'nobody', 'a@b.co'), 'parent_import', :'parent');
SELECT pg_temp.of(E'Title\nemail,event,when\na@b.co,x,2022-01-01\n', 'skip_lines', '1');
SELECT max(id) AS parent FROM vero.imports \gset
SELECT pg_temp.of(E'Title\nemail,event,time\na@b.co,x,2022-01-01\n', 'parent_import', :'parent');
SELECT options FROM vero.imports WHERE id = :parent;
