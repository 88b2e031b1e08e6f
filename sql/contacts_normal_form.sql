-- Contacts have one normal form, whoever writes them, and what has none says why.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';

CREATE FUNCTION pg_temp.words(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
	result text;
BEGIN
	EXECUTE statement INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', sqlstate, sqlerrm, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- the normal form
CREATE TABLE addresses (n int GENERATED ALWAYS AS IDENTITY, address text);
INSERT INTO addresses (address) VALUES ('ann@b.example'), (' Ann@B.example'), (E'\tann@b.example '), ('Örn@B.example'), ('örn@b.example'),
	(E'O\u0308rn@b.example'), (E'o\u0308rn@B.EXAMPLE'), ('İ@b.example'), ('straße@b.example'), (E'\u212Aim@b.example'),
	(E'\u00A0ann@b.example'), (E'ann@b.example\u200B'), (E'\u1680@b.example'), (E'a\u061C@b.example'), (E'a\u037E@b.example'),
	(E'\u3164@b.example'), (E'a\uFE0F@b.example'), (E'a\uE000@b.example'), (E'a\u0378@b.example'), (E'a@b\u2024example'),
	('ann'), (''), ('null'), ('a@b@c.example'), ('a..b@c.example'), ('a@b'), (repeat('ä', 32) || '@b.example'), (repeat('Ⱥ', 32) || '@b.example'),
	(repeat('x', 65) || '@b.example'), ('a@' || repeat('b.', 130) || 'example'), (E'ann@b.example\nBcc: x@b.example'), ('=?utf-8?q?ann=40b.example=3E?=@c.example');
\pset format unaligned
SELECT n, to_json(left(address, 20)) AS address, pg_temp.words(format('SELECT vero.normal_email(%L)', address)) AS normal FROM addresses ORDER BY n;
\pset format aligned
-- it is its own normal form
SELECT count(*), count(*) FILTER (WHERE vero.normal_email(vero.normal_email(address)) = vero.normal_email(address)) AS own
FROM addresses WHERE vero.is_email(address);
SELECT vero.normal_email(NULL), vero.is_email(NULL), vero.is_email('ann');

-- the table takes what has that form, and nothing else
SELECT n, pg_temp.words(format('INSERT INTO vero.contacts (email) VALUES (%L) RETURNING email', address)) AS stored FROM addresses ORDER BY n;
SELECT pg_temp.words('UPDATE vero.contacts SET email = ''ANN@b.example''');
SELECT pg_temp.words('INSERT INTO vero.contacts (email, created_at) VALUES (NULL, ''-infinity'')');
COPY vero.contacts (email, unsubscribed_at) FROM STDIN (FORMAT csv);
"Örn@example.com",2024-01-01
\.

-- a list of people who want no mail, loaded as it came: nobody on it is mailed
TRUNCATE vero.contacts CASCADE;
CREATE TABLE suppressed (address text);
COPY suppressed FROM STDIN;
 Ann@Shop.example
Örn@shop.example
Jose\u0301@shop.example
none
\.
UPDATE suppressed SET address = replace(address, 'u0301', U&'\0301');
INSERT INTO vero.contacts (email, unsubscribed_at) SELECT vero.normal_email(address), now() FROM suppressed WHERE vero.is_email(address);
SELECT address FROM suppressed WHERE NOT vero.is_email(address);
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('thanks', 'order', '0', '1 day', 'Hi', 'Hi');
SELECT rows_imported, contacts_created, jobs_scheduled FROM import_events_csv(convert_to(format(E'email,event,time\n%2$s,order,%1$s\n%3$s,order,%1$s\n%4$s,order,%1$s\n%5$s,order,%1$s\n',
	now() - interval '1 hour', 'ANN@shop.example', 'ÖRN@SHOP.example', 'josé@shop.example', 'new@shop.example'), 'UTF8'), trigger_campaigns => true);
SELECT vero.track_event('örn@Shop.example', 'order', '{}', now() - interval '1 hour') IS NOT NULL AS tracked;
SELECT c.email, c.unsubscribed_at IS NOT NULL AS unsubscribed, count(*) AS jobs FROM vero.trigger_jobs AS j JOIN vero.contacts AS c ON c.id = j.contact_id GROUP BY 1, 2 ORDER BY 1;
SELECT * FROM vero.run_jobs();
SELECT recipients FROM vero.messages WHERE kind = 'campaign';

-- an import rejects what the table would
SELECT rows_imported, rows_rejected FROM import_events_csv(convert_to((SELECT E'email,event,time,n\n' || string_agg(format('"%s",other,2024-01-01,%s', address, n), E'\n' ORDER BY n)
	FROM addresses), 'UTF8'));
SELECT count(*) FILTER (WHERE vero.is_email(a.address)) AS addresses, count(e.id) FILTER (WHERE vero.is_email(a.address)) AS events, count(*) FILTER (WHERE NOT vero.is_email(a.address)) AS others,
	count(e.id) FILTER (WHERE NOT vero.is_email(a.address)) AS events_of_others
FROM addresses AS a LEFT JOIN vero.events AS e ON e.properties->>'n' = a.n::text;
SELECT count(*), count(*) FILTER (WHERE vero.normal_email(email) = email) AS normal FROM vero.contacts;

-- an upgrade that changes the normal form makes the constraint anew, which looks at the rows that are there
BEGIN;
ALTER TABLE vero.contacts DROP CONSTRAINT contacts_email;
INSERT INTO vero.contacts (email) VALUES ('Old@b.example');
SAVEPOINT upgrade;
ALTER TABLE vero.contacts ADD CONSTRAINT contacts_email CHECK (vero.is_normal_email(email));
ROLLBACK TO upgrade;
UPDATE vero.contacts SET email = vero.normal_email(email) WHERE email = 'Old@b.example';
ALTER TABLE vero.contacts ADD CONSTRAINT contacts_email CHECK (vero.is_normal_email(email));
ROLLBACK;
DROP TABLE addresses, suppressed;
