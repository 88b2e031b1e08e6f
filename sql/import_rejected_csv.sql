-- Rejects come out as the CSV that they were; corrected and imported again, the whole is what a clean file gives.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

COPY vero.events FROM STDIN WITH (FORMAT vero_csv);
"email" , event_name,time, "note, or so"
a@b.co,x,2022-01-01,fine
nobody ,x, "2022-01-02","kept, ""as"" it
 is"  
b@b.co,x,01/03/2022,	tab
c@b.co,x,2022-01-04,"open
d@b.co,x,2022-01-05,fine
\.
SELECT id, state, rows_read, rows_imported, rows_rejected FROM vero.imports;
COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 1);
SELECT vero.rejected_csv(1) = convert_to(E'"email" , event_name,time, "note, or so"\n' ||
	E'nobody ,x, "2022-01-02","kept, ""as"" it\n is"  \nb@b.co,x,01/03/2022,\ttab\nc@b.co,x,2022-01-04,"open\n', 'UTF8') AS byte_for_byte;

-- corrected, and imported as what they are
SELECT convert_from(vero.rejected_csv(1), 'UTF8') AS rejects \gset
SELECT replace(replace(replace(:'rejects', 'nobody', 'n@b.co'), '01/03/2022', '2022-01-03'), '"open', 'open') AS corrected \gset
SELECT import_id, state, rows_read, rows_imported FROM import_events_csv(convert_to(:'corrected', 'UTF8'), parent_import => 1);
SELECT id, state, parent_import_id, corrected_by FROM vero.imports ORDER BY id;
-- then they are not written once more, unless they are open again
SELECT convert_from(vero.rejected_csv(1), 'UTF8');
UPDATE vero.rejected_rows SET resolved_by = NULL;
SELECT state, rows_imported FROM import_events_csv(E'email,event_name,time,"note, or so"\n'
	'a@b.co,x,2022-01-01,fine\nn@b.co,x,2022-01-02,"kept, ""as"" it\n is"\nb@b.co,x,2022-01-03,tab\nc@b.co,x,2022-01-04,open\nd@b.co,x,2022-01-05,fine'::bytea);
SELECT email, name, occurred_at, properties FROM vero.timeline WHERE import_id IN (1, 2)
EXCEPT ALL SELECT email, name, occurred_at, properties FROM vero.timeline WHERE import_id = 3;
SELECT count(*) FROM vero.timeline WHERE import_id IN (1, 2);

-- every encoding comes out as it went in, bytes that are no text included
CREATE FUNCTION pg_temp.out_as_in(content bytea, encoding text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	this_import bigint := (SELECT import_id FROM import_events_csv(content, encoding => encoding));
BEGIN
	RETURN vero.rejected_csv(this_import) = content;
END
$$;
SELECT pg_temp.out_as_in(convert_to(E'email;name;time;größe\nä;b;c;"d""e"\n', 'UTF8')) AS utf8,
	pg_temp.out_as_in(convert_to(E'\uFEFFemail,name,time\nä,b,c\n', 'UTF8')) AS with_mark,
	pg_temp.out_as_in(E'email,name,time\nx,b,\\377\\000\\200\n'::bytea) AS no_text,
	pg_temp.out_as_in(convert_to(E'email,name,time,größe\nä,b,ß,c\n', 'LATIN1'), 'LATIN1') AS latin1,
	pg_temp.out_as_in(convert_to(E'email,name,time,価格\n十,購入,ソ,1\n', 'SJIS'), 'SJIS') AS sjis,
	pg_temp.out_as_in('\xFFFE65006d00610069006c002c006e0061006d0065002c00740069006d0065000a00e4003dd800de2c0062002c0063000a00'::bytea) AS utf16le,
	pg_temp.out_as_in('\xFEFF0065006d00610069006c002c006e0061006d0065002c00740069006d0065000a00e4d83d002c0062002c0063000a'::bytea) AS cut_utf16be;

-- nothing was rejected, the file failed, there is no such import
SELECT convert_from(vero.rejected_csv(3), 'UTF8');
SELECT import_id FROM import_events_csv('no csv'::bytea) \gset
SELECT vero.rejected_csv(:import_id);
SELECT vero.rejected_csv(999999);
SELECT vero.rejected_csv(NULL) IS NULL AS strict;
COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv);
COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 1, import 2);
COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 1, header);
COPY vero.rejected_rows (raw_record) TO STDOUT WITH (FORMAT vero_csv, import 1);
COPY vero.rejected_rows TO 'relative.csv' WITH (FORMAT vero_csv, import 1);
COPY vero.rejected_rows TO PROGRAM 'exit 3' WITH (FORMAT vero_csv, import 1);
COPY vero.rejected_rows TO PROGRAM 'cat >/dev/null' WITH (FORMAT vero_csv, import 1);
\echo :ROW_COUNT
-- an ordinary COPY of the table is an ordinary COPY
COPY (SELECT import_id, record_number, reason FROM vero.rejected_rows WHERE import_id = 1 ORDER BY 2) TO STDOUT WITH (FORMAT csv);

-- nothing is running: nothing to be seen
SELECT * FROM vero.import_progress;
