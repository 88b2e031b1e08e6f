-- What makes a file fail as a whole, what its dialect may be, and what happens to its encoding.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

CREATE FUNCTION files_import(content bytea, VARIADIC options text[] DEFAULT '{}')
RETURNS TABLE (state text, rows_read bigint, imported bigint, rejected bigint, error text)
LANGUAGE plpgsql AS $$
DECLARE
	given text := '';
BEGIN
	FOR i IN 1 .. coalesce(array_length(options, 1), 0) BY 2 LOOP
		given := given || format(', %I => %L', options[i], options[i + 1]);
	END LOOP;
	RETURN QUERY EXECUTE format('SELECT state, rows_read, rows_imported, rows_rejected, error FROM import_events_csv($1%s)', given)
		USING content;
END
$$;
CREATE FUNCTION files_import(content text, VARIADIC options text[] DEFAULT '{}')
RETURNS TABLE (state text, rows_read bigint, imported bigint, rejected bigint, error text)
LANGUAGE sql AS $$ SELECT * FROM files_import(convert_to(content, 'UTF8'), VARIADIC options) $$;

-- not CSV
\x on
SELECT * FROM files_import('\x504B030414000600'::bytea);
SELECT * FROM files_import('\xD0CF11E0A1B11AE1'::bytea);
SELECT * FROM files_import('\x425A6839'::bytea);
SELECT * FROM files_import('%PDF-1.7');
SELECT * FROM files_import(E'\n <!DOCTYPE html><table>');
\getenv data_dir VERO_TEST_DATA
\set no_csv :data_dir '/README.md'
SELECT state, rows_read, regexp_replace(error, '".*/', '"') AS error FROM import_events_csv(:'no_csv');
-- content where a path belongs, as an untyped parameter puts it there, is not told again
SELECT import_events_csv(E'email,event,time\na@b.co,x,2022-01-01\n');
\echo :LAST_ERROR_SQLSTATE
SELECT import_events_csv(E'email,event,time\ra@b.co,x,2022-01-01');
SELECT import_events_csv('/' || repeat('x', 1023));
COPY vero.events FROM E'email,event,time\na@b.co,x,2022-01-01' WITH (FORMAT vero_csv);
-- no header, no columns, no records
SELECT * FROM files_import('');
SELECT * FROM files_import(E' \n\n');
SELECT * FROM files_import(E'email,name,time\n');
SELECT * FROM files_import(E'email,name,time\n\n  \n');
SELECT * FROM files_import(E'mail,name,time\na@b.co,x,2022-01-01\n');
SELECT * FROM files_import(E'email,what,time\na@b.co,x,2022-01-01\n');
SELECT * FROM files_import(E'email,name,when\na@b.co,x,2022-01-01\n');
SELECT * FROM files_import(E'email,name,time,item_type,item_type\na@b.co,x,2022-01-01,1,2\n');
SELECT * FROM files_import(E'email,name,time,"item\na@b.co,x,2022-01-01,1\n');
SELECT * FROM files_import(E'email,name,time,item'::bytea || '\xFF0A'::bytea || 'a@b.co,x,2022-01-01,1'::bytea);
-- a delimiter that is told is not guessed
SELECT * FROM files_import(E'email;name;time\na@b.co;x;2022-01-01\n', 'delimiter', ',');
\x off
-- the failed ones are on record, with what was read of them
SELECT state, rows_read, error IS NOT NULL AS has_error, bytes, sha256 IS NOT NULL AS has_hash, finished_at >= started_at AS is_over
FROM vero.imports ORDER BY id LIMIT 3;
SELECT count(*) FROM vero.events;

-- dialects
CREATE TEMP VIEW last_events AS
	SELECT email, name, occurred_at, properties FROM vero.timeline WHERE import_id = (SELECT max(id) FROM vero.imports) ORDER BY 3, 1;
SELECT * FROM files_import(E'email~name~time~a\nx@y.zz~n~2022-01-01~''it''''s~here''\n', 'delimiter', '~', 'quote', '''');
SELECT * FROM last_events;
SELECT * FROM files_import(E'email,name,time,a,b,c\nx@y.zz,n,2022-01-01,"a \\"quoted\\" \\\\ word",back\\slash,"\\n"\n', 'escape', '\');
SELECT * FROM last_events;
-- with a null string of its own, an empty cell is an empty string, as in COPY
SELECT * FROM files_import(E'email,name,time,a,b,c,d\nx@y.zz,n,2022-01-01,,"",\\N,"\\N"\nx@y.zz,n,2022-01-02, ,"",x,y\n');
SELECT * FROM last_events;
SELECT * FROM files_import(E'email,name,time,a,b,c,d\nx@y.zz,n,2022-01-01,,"",\\N,"\\N"\n', 'null_string', '\N');
SELECT * FROM last_events;
-- white space: trimmed outside of quotes, kept inside, but for email, name and time
SELECT * FROM files_import(E' email ,\t"name" , time ," a ", b \n "  X@Y.zz " , " n m " ,\t" 2022-01-01 " , " kept " ,\t trimmed \t\n');
SELECT * FROM last_events;
-- quotes in the middle of an unquoted cell are text; line breaks and delimiters in quotes are text
SELECT * FROM files_import(E'email,name,time,size,note\nx@y.zz,n,2022-01-01,5" pipe,"one\r\ntwo, ""three"""\n');
SELECT email, properties->>'size' AS size, to_json(properties->>'note') AS note FROM last_events;
-- columns without a name: blank cells only
SELECT * FROM files_import(E'email,name,time,,a,\nx@y.zz,n,2022-01-01,,1,\nx@y.zz,n,2022-01-02,oops,1,""\n');
SELECT * FROM last_events;
SELECT line_number, reason FROM vero.rejected_rows ORDER BY import_id DESC LIMIT 1;

-- encodings
SELECT * FROM files_import(convert_to(E'email,name,time,straße\njosé@exämple.de,Größe,2022-01-01,Ærø\n', 'LATIN1'), 'encoding', 'LATIN1');
SELECT * FROM last_events;
SELECT * FROM files_import(convert_to(E'email,name,time,価格\nx@y.zz,購入,2022-01-01,"十,""ソ"""\n', 'SJIS'), 'encoding', 'sjis');
SELECT * FROM last_events;
SELECT * FROM files_import(convert_to(E'email|name|time\nx@y.zz|購入|2022-01-01\n', 'SJIS'), 'encoding', 'sjis', 'delimiter', '|');
-- a byte order mark knows better than the option
SELECT * FROM files_import('\xEFBBBF'::bytea || convert_to(E'email,name,time\nx@y.zz,Größe,2022-01-01\n', 'UTF8'), 'encoding', 'LATIN1');
SELECT * FROM last_events;
-- addresses are in lower case, letters beyond ASCII too
SELECT * FROM files_import(E'email,name,time\nJOSÉ@EXÄMPLE.DE,n,2022-01-01\njosé@exämple.de,n,2022-01-02\n');
SELECT * FROM last_events;

-- UTF-16 with characters beyond the first plane, and one that is cut in half: a reject with its own bytes and place
SELECT '\xFFFE'::bytea || string_agg(decode(unit, 'hex'), ''::bytea ORDER BY n) AS utf16
FROM (SELECT n, to_hex(ascii(c)) AS code, lpad(to_hex(ascii(c) % 256), 2, '0') || lpad(to_hex(ascii(c) / 256), 2, '0') AS unit
	FROM regexp_split_to_table(E'email,name,time,é\nx@y.zz,ж,2022-01-01,1\n', '') WITH ORDINALITY AS t (c, n)) AS units \gset
SELECT :'utf16'::bytea || '\x780040007900'::bytea || '\x2e007a007a002c003dd8'::bytea || '\x00de'::bytea || '\x2c00320030003200320030003100300033002c0032000a00'::bytea
	|| '\x780000d879000a00'::bytea AS utf16 \gset
SELECT * FROM files_import(:'utf16'::bytea);
SELECT email, name, occurred_at, properties FROM last_events;
SELECT record_number, line_number, byte_offset, raw_record, raw_bytes, reason FROM vero.rejected_rows ORDER BY import_id DESC LIMIT 1;
SELECT substr(:'utf16'::bytea, byte_offset::int + 1, length(raw_bytes)) = raw_bytes AS same_bytes
FROM vero.rejected_rows ORDER BY import_id DESC LIMIT 1;
DROP FUNCTION files_import(bytea, text[]), files_import(text, text[]);
