-- Which column is what: by its name, or as the option "columns" says.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';

CREATE FUNCTION pg_temp.import(header text, record text, columns jsonb DEFAULT NULL, event_name text DEFAULT NULL)
RETURNS TABLE (event json, error text)
LANGUAGE plpgsql AS $$
DECLARE
	summary record;
BEGIN
	SELECT * INTO summary FROM import_events_csv(convert_to(header || E'\n' || record, 'UTF8'),
		columns => import.columns, event_name => import.event_name, allow_repeat => true);
	RETURN QUERY SELECT (SELECT to_json(t) FROM (SELECT email, name, occurred_at::date AS day, properties FROM vero.timeline
		WHERE import_id = summary.import_id) AS t), summary.error;
END
$$;

-- the first name of each kind that is there; the others are properties
SELECT * FROM pg_temp.import('Email Address,e-mail,E_Vent,name,DATE,date-time,Item Type', 'a@b.co,c@d.ee,ev,na,2022-01-01,2022-02-02,it');
SELECT * FROM pg_temp.import('timestamp,occurred at,event-name,Event,EMAIL', '2022-01-01,2022-02-02,en,ev,a@b.co');
-- event_name for files without: a column "name" is then what it looks like
SELECT * FROM pg_temp.import('email,name,time', 'a@b.co,Tyrion,2022-01-01', event_name => ' Orders ');

-- columns: roles, renamed properties, columns left out
SELECT * FROM pg_temp.import('Customer Email,Ordered at,Action,notes,sku', 'a@b.co,2022-01-01,buys,secret,42',
	'{"email": "customer_email", "time": "Ordered at", "event_name": "action", "notes": null, "article": "SKU"}');
SELECT * FROM pg_temp.import('email,email address,name,event,time,date', 'a@b.co,c@d.ee,Tyrion,buys,2022-01-01,2022-02-02',
	'{"email": "email address", "event_name": "event", "time": "date"}');
-- "name" is the event's name, unless that is said elsewhere
SELECT * FROM pg_temp.import('email,a,b,time', 'a@b.co,x,y,2022-01-01', '{"name": "a"}');
SELECT * FROM pg_temp.import('email,a,b,time', 'a@b.co,x,y,2022-01-01', '{"name": "a", "event_name": "b"}');
SELECT * FROM pg_temp.import('email,a,time', 'a@b.co,x,2022-01-01', '{"name": "a"}', event_name => 'Orders');
-- a column that is left out is not looked at, not even for a role
SELECT * FROM pg_temp.import('email,event,name,time', 'a@b.co,x,y,2022-01-01', '{"event": null}');

-- a column that is not there, and two properties of one name
SELECT * FROM pg_temp.import('email,name,time', 'a@b.co,x,2022-01-01', '{"item": "Article"}');
SELECT * FROM pg_temp.import('email,name,time', 'a@b.co,x,2022-01-01', '{"item": null}');
SELECT * FROM pg_temp.import('email,name,time,a,b', 'a@b.co,x,2022-01-01,1,2', '{"a": "b"}');

-- names are found whatever their case and dashes, but are the same only to the letter
SELECT * FROM pg_temp.import('email,event_name,time,its_how,IT_show,Q1_1,Q11', 'a@b.co,x,2022-01-01,a,b,c,d');
SELECT * FROM pg_temp.import('E-Mail,email,event,time,Time', 'a@b.co,c@d.ee,x,2022-01-01,2');
SELECT * FROM pg_temp.import('email,event,time,Q1_1,Q11', 'a@b.co,x,2022-01-01,c,d', '{"first": "Q1_1", "Q11": null}');
SELECT * FROM pg_temp.import('email,event,time,Q1_1,Q11', 'a@b.co,x,2022-01-01,c,d', '{"first": "q11"}');
SELECT * FROM pg_temp.import('email,event,time,note,note', 'a@b.co,x,2022-01-01,c,d');
SELECT * FROM pg_temp.import('email,event,time,note,note', 'a@b.co,x,2022-01-01,c,d', '{"note": null}');
SELECT * FROM pg_temp.import('email,event,time', 'a@b.co,x,2022-01-01', '{"email": "email", "copy": "E-Mail"}');

-- options that are wrong in themselves
CREATE FUNCTION pg_temp.error_of(arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	hint text;
BEGIN
	EXECUTE format('SELECT import_events_csv(%s, allow_repeat => true)', arguments);
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE, message, nullif(hint, ''));
END
$$;
SELECT options, pg_temp.error_of($$E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, $$ || options) AS error
FROM (VALUES
	($option$columns => '[]'$option$),
	($option$columns => '"email"'$option$),
	($option$columns => '{"email": 1}'$option$),
	($option$columns => '{"email": {"a": "b"}}'$option$),
	($option$columns => '{"": "email"}'$option$),
	($option$columns => '{"email": " "}'$option$),
	($option$columns => '{"email": "email", "copy": "email"}'$option$),
	($option$columns => '{"event_name": "name"}', event_name => 'x'$option$),
	($option$event_name => ' '$option$),
	($option$event_name => repeat('x', 256)$option$),
	($option$time_zone => 'Middle/Earth'$option$),
	($option$notify => '{a@b.co,nobody}'$option$),
	($option$notify => '{NULL}'$option$),
	($option$notify => ARRAY[E'a@b.co\nBcc: c@d.ee']$option$),
	($option$delimiter => ',,'$option$),
	($option$delimiter => ''$option$),
	($option$delimiter => 'é'$option$),
	($option$delimiter => E'\n'$option$),
	($option$delimiter => '"'$option$),
	($option$quote => ' '$option$),
	($option$escape => ',', delimiter => ','$option$),
	($option$null_string => 'a"b'$option$),
	($option$null_string => E'a\nb'$option$),
	($option$null_string => 'a;b', delimiter => ';'$option$),
	($option$encoding => 'klingon'$option$),
	($option$no_such_option => 1$option$)
) AS wrong (options);
SELECT arguments, pg_temp.error_of(arguments) AS error
FROM (VALUES ('NULL::text'), ('NULL::bytea'), ($$'/no/such/file.csv'$$), ($$'/tmp'$$)) AS wrong (arguments);
-- however long a value is, an error shows its beginning
SELECT options, left(error, 60) AS error, length(error) < 250 AS is_short
FROM (VALUES
	($option$encoding => repeat('k', 9000)$option$),
	($option$time_zone => repeat('z', 9000)$option$),
	($option$time_zone => 'interval ''' || repeat('z', 9000) || ''''$option$),
	($option$time_zone => repeat('9', 9000)$option$),
	($option$notify => ARRAY[repeat('n', 100000)]$option$),
	($option$notify => ARRAY[repeat('n', 100000) || '@b.co']$option$),
	($option$delimiter => repeat('d', 9000)$option$)
) AS long (options), pg_temp.error_of($$E'email,name,time\na@b.co,x,2022-01-01\n'::bytea, $$ || options) AS error;
SELECT count(*) FROM vero.imports WHERE state <> 'failed' AND rows_imported = 0;
