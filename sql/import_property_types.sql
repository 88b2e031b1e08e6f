-- What the cells of properties become: texts, numbers, booleans, JSON, or what survives the way there and back.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

-- each cell as it stands in the file (with its quotes), the property or the reject
CREATE FUNCTION pg_temp.import(cells text[], type text, decimal_mark text DEFAULT NULL, null_string text DEFAULT NULL)
RETURNS TABLE (cell text, value text, error text)
LANGUAGE plpgsql AS $$
DECLARE
	summary record;
BEGIN
	SELECT * INTO summary FROM import_events_csv(convert_to(E'email|name|time|p\n' || (SELECT string_agg(format('a@b.co|%s|2022-01-01|%s', n, c), E'\n')
			FROM unnest(cells) WITH ORDINALITY AS t (c, n)), 'UTF8'), delimiter => '|',
		property_types => jsonb_build_object('p', type), decimal_mark => import.decimal_mark, null_string => import.null_string, allow_repeat => true);
	IF summary.error IS NOT NULL THEN
		RAISE '%', summary.error;
	END IF;
	RETURN QUERY SELECT t.c, coalesce(e.properties::text, ''), regexp_replace(r.reason, '^column "p" holds ', '')
		FROM unnest(cells) WITH ORDINALITY AS t (c, n)
		LEFT JOIN vero.events AS e ON e.import_id = summary.import_id AND e.name = n::text
		LEFT JOIN vero.rejected_rows AS r ON r.import_id = summary.import_id AND r.record_number = n
		ORDER BY n;
END
$$;
\pset format unaligned

SELECT * FROM pg_temp.import('{"",0,-0,1,-12,+5,007,00,0.5,.5,5.,-.25,1.50,1000000,123456789012345678901234567890.123456789012345678901234567890,"\"12\"","\" 12 \"","\"\""}', 'number');
SELECT * FROM pg_temp.import('{1e5,1.2E+15,1.25e2,1.25e+1,1e-5,1.23457E-05,1e,1e+,e5,1e-400,1e-401,1e99999999999999999999,NaN,-Infinity,inf,abc,--5,5-,0x10,1_000,12%,€12,1.2.3,−5,"NULL","1 2"}', 'number');
-- 131,072 digits before the point and 16,383 behind it are what PostgreSQL has
SELECT length(cell), length(value), left(error, 40) AS began, right(error, 60) AS ended FROM pg_temp.import(
	ARRAY[repeat('9', 131072), repeat('9', 131073), '0.' || repeat('9', 16383), '0.' || repeat('9', 16384)], 'number');
-- thousands and decimal marks: never guessed
SELECT * FROM pg_temp.import(ARRAY['12,50', '1,234', '1.234', '1.234,50', '1,234.50', '1,234,567', '0,5', '1,5,0', '1 234', '1e5,0'], 'number');
SELECT * FROM pg_temp.import(ARRAY['12,50', '1,234', '1.234', '1.234,50', '1,234.50', '1.234.567', '12.34', '1234.567,5', '.123,5', '0.123,5', '1.234 567,5',
	'1 234 567,5', E'1\u00A0234,5', E'1\u202F234,5', '1''234', '-1.234,50', '1.234,', ',5', '1,5e-3', '01.234'], 'number', ',');
SELECT * FROM pg_temp.import(ARRAY['12,50', '1,234', '1.234', '1.234,50', '1,234.50', '1,234,567', '1,23,456', E'1\u2019234.5'], 'number', '.');

SELECT * FROM pg_temp.import('{true,TRUE,False,yes,No,Y,1,0,t,F,on,10,"\" true \"","\"\"","",truefalse}', 'boolean');

SELECT * FROM pg_temp.import(ARRAY['{"b": 1, "a": [true, null, "x", 1.50, {}]}', '5', 'null', '[]', '"""x"""', '{"a": 1, "a": 2}', '[1,]', '{"a"}', '[1', 'abc', '01', '1.', '-',
	'["\u0000"]', '["\ud83d\ude00", "\u00e4\n\/"]', '["\ud83d"]', '["\ude00"]', E'["a\tb"]', '["\x"]', '[1e400, -0.0, 1E+2]', '[1e131072]', '""', '', ' ', '"{""a"": ""b""}"', '[] x', E'\u00A0[]'], 'json');
SELECT left(cell, 3), length(cell), length(value), error FROM pg_temp.import(ARRAY[repeat('[', 100) || repeat(']', 100), repeat('[', 101) || repeat(']', 101),
	'[' || repeat('1e131071,', 7) || '0]', '[' || repeat('1e131071,', 8) || '0]'], 'json');

SELECT * FROM pg_temp.import(ARRAY['1', '1.50', '-3', '007', '+5', '1e5', '.5', '5.', '-0', '1,234', '1,5', '123456789012345678901234567890', 'true', 'TRUE', 'false', 'yes', 'NaN', '', '""', '"1"', '" 1"', 'null', '[1]'], 'auto');
SELECT * FROM pg_temp.import(ARRAY['1,5', '1.5', '1.234,5'], 'auto', ',');

SELECT * FROM pg_temp.import(ARRAY['007', '1,5', ' x', '" x "', '', '""'], 'text');
-- an empty cell has no number, whatever else stands for no value
SELECT * FROM pg_temp.import(ARRAY['', '-', '5', '"-"'], 'number', NULL, '-');
SELECT * FROM pg_temp.import(ARRAY['', '-', '5'], 'auto', NULL, '-');

-- types by column, and of all others
SELECT import_id, state FROM import_events_csv(E'email,name,time,Zip Code,price,paid,raw\na@b.co,x,2022-01-01,00501,12.50,yes,"{""a"": 1}"\nc@d.ee,x,2022-01-01,00501,"12,50",maybe,{\nnobody,,2022-01-01,1,a,b,"c"x'::bytea,
	property_types => '{"*": "number", "zip_code": "text", "paid": "boolean", "raw": "json"}') \gset
SELECT properties, jsonb_typeof(properties -> 'price') AS price, jsonb_typeof(properties -> 'paid') AS paid FROM vero.events WHERE import_id = :import_id;
SELECT line_number, reason FROM vero.rejected_rows WHERE import_id = :import_id ORDER BY 1;
SELECT jsonb_pretty(errors) FROM vero.rejected_rows WHERE import_id = :import_id AND line_number = 3;
-- the options are kept, and hold for the corrected rejects, by COPY too
SELECT options FROM vero.imports WHERE id = :import_id;
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, property_types '{"price": "number", "*": "auto"}', decimal_mark ',');
email;name;time;price;n
a@b.co;y;2022-01-01;1.234,50;7
a@b.co;y;2022-01-01;12.50;8
\.
SELECT vero.last_import_id() AS i \gset
SELECT properties FROM vero.events WHERE import_id = :i;
SELECT reason FROM vero.rejected_rows WHERE import_id = :i;
SELECT import_id FROM import_events_csv(E'email;name;time;price;n\na@b.co;y;2022-01-01;12,50;8\n'::bytea, parent_import => :i) \gset
SELECT properties FROM vero.events WHERE import_id = :import_id;
SELECT options FROM vero.imports WHERE id = :import_id;
SELECT substring(body_text, 'The same options hold: [a-z_, ]+') FROM vero.messages WHERE import_id = :i;

-- a column that is renamed is named as in the file
SELECT import_id FROM import_events_csv(E'email,name,time,SKU\na@b.co,x,2022-01-01,5'::bytea, columns => '{"article": "SKU"}', property_types => '{"sku": "number"}') \gset
SELECT properties FROM vero.events WHERE import_id = :import_id;
-- what is wrong with the option itself, and with the file under it
CREATE FUNCTION pg_temp.error_of(arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	hint text;
BEGIN
	EXECUTE format('SELECT (import_events_csv(%L::bytea, %s, allow_repeat => true)).error', E'email,name,time,a_b,A B,sku,gone\na@b.co,x,2022-01-01,1,2,3,4\n', arguments) INTO message;
	RETURN coalesce(message, 'none');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE, message, nullif(hint, ''));
END
$$;
SELECT options, pg_temp.error_of(options) AS error
FROM (VALUES
	($option$property_types => '{}'$option$),
	($option$property_types => '[]'$option$),
	($option$property_types => '{"sku": 1}'$option$),
	($option$property_types => '{"sku": null}'$option$),
	($option$property_types => '{"sku": "decimal"}'$option$),
	($option$property_types => '{"": "text"}'$option$),
	($option$property_types => '{"price": "number"}'$option$),
	($option$property_types => '{"E-Mail": "text"}'$option$),
	($option$property_types => '{"Name": "text"}'$option$),
	($option$property_types => '{"time": "text"}'$option$),
	($option$property_types => '{"gone": "number"}', columns => '{"gone": null}'$option$),
	($option$property_types => '{"article": "number"}', columns => '{"article": "sku"}'$option$),
	($option$property_types => '{"ab": "number"}'$option$),
	($option$property_types => '{"a_b": "number", "A B": "text"}'$option$),
	($option$property_types => '{"sku": "number", "SKU": "text"}'$option$),
	($option$property_types => '{"*": "number"}', decimal_mark => ';'$option$),
	($option$property_types => '{"*": "number"}', decimal_mark => ''$option$),
	($option$decimal_mark => ','$option$)
) AS given (options);
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, property_types '{"price": "number"}');
email,name,time
a@b.co,y,2022-01-01
\.
COPY vero.events FROM 'x.csv' WITH (FORMAT vero_csv, property_types 'number');
-- the advice can be followed, whatever the column is called, and is written as the import was
SELECT import_id FROM import_events_csv($$email,name,time,it's "5",when
a@b.co,x,2022-01-01,007,a
$$::bytea, property_types => '{"*": "number"}') \gset
SELECT reason FROM vero.rejected_rows WHERE import_id = :import_id;
SELECT rows_imported FROM import_events_csv($$email,name,time,it's "5",when
a@b.co,x,2022-01-01,007,1
$$::bytea, property_types => '{"*": "number", "it''s \"5\"": "text"}');
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, property_types '{"*": "number"}');
email,name,time,it's "5",when
a@b.co,x,01/02/2022,007,"1,234"
\.
SELECT reason FROM vero.rejected_rows WHERE import_id = vero.last_import_id();
-- numbers in conditions and mail
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text, condition) VALUES
	('big', 'order', '0', '36500 days', '{{ event.price }} {{ event.paid }} {{ event.raw.a }}', 'Hi', '$.event.price > 10 && $.event.paid == true');
SELECT import_id FROM import_events_csv(E'email,name,time,price,paid,raw\na@b.co,order,2022-01-01,12.50,yes,"{""a"": [1]}"\nc@d.ee,order,2022-01-01,9.99,yes,{}'::bytea,
	property_types => '{"price": "number", "paid": "boolean", "raw": "json"}', trigger_campaigns => true) \gset
SELECT vero.run_jobs(10);
SELECT state, reason, error FROM vero.trigger_jobs ORDER BY reason NULLS FIRST;
SELECT subject FROM vero.messages WHERE kind <> 'confirmation';
