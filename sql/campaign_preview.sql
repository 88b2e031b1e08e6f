-- The mail that a campaign would write, before it does.
SELECT vero.record_failed_imports() >= 0 AS of_others;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY default
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, body_html, from_address) VALUES
	('both', 'places order', '1 day', 'Your {{ event.item }}', E'Dear {{ contact.first_name | default: "customer" }},\n{{ event.item | upcase }} of {{ event.occurred_at | date: "%d %B %Y" }}, {{ event.size }}{{ event["gift wrap"] }}',
		'<p title="{{ event.item }}">{{ event.name }}: {{ event.items[0].sku }} {{ event.size }}</p>', '"Shop, Inc." <shop@example.com>'),
	('html', 'Places Order', '1 day', 'Hi', NULL, '<p>{{ contact.email }}</p>', NULL);
SELECT rows_imported FROM import_events_csv(E'email,event,time,item\nann@example.com,Places order,2022-01-02,hat & tie\nann@example.com,places_order,2022-01-03 10:00,red <hat>\nann@example.com,visit,2022-01-04,\n'::bytea);
-- of the latest event that it is for, and of any
SELECT "from", "to", subject, body_text, body_html, empty_tags FROM vero.preview('both', 'ANN@example.com') \gx
SELECT regexp_replace(headers, 'Date: [^\n]*', 'Date: <when>') AS headers FROM vero.preview('both', 'ann@example.com') \g (format=unaligned tuples_only=on)
SELECT subject, body_text, body_html, empty_tags FROM vero.preview('both', 1) \gx
SELECT subject, empty_tags FROM vero.preview('both', 3);
SELECT * FROM vero.preview('html', 2) \gx
-- nothing is stored, and it is seen in a transaction that could not
SELECT (SELECT count(*) FROM vero.messages WHERE kind = 'campaign') AS messages, (SELECT count(*) FROM vero.trigger_jobs) AS jobs;
BEGIN READ ONLY;
SELECT subject FROM vero.preview('both', 1);
ROLLBACK;
UPDATE vero.campaigns SET active = false;
SELECT subject FROM vero.preview('both', 1);
-- what cannot be shown
SELECT vero.preview('unknown', 1);
SELECT vero.preview('both', 77);
SELECT vero.preview('both', 'ann');
SELECT vero.preview('both', 'stranger@example.com');
SELECT vero.preview(NULL, 1);
SELECT vero.preview('both', NULL::bigint);
SELECT vero.preview('both', NULL::text);
UPDATE vero.events SET properties = jsonb_build_object('item', repeat('x', 1200000));
SELECT vero.preview('both', 1);
-- a value in which nothing is seen comes out empty, too
UPDATE vero.events SET properties = '{"item": "hat", "size": " \u200b", "gift wrap": "-"}';
SELECT empty_tags FROM vero.preview('both', 1);
UPDATE vero.events SET properties = '{"item": ["a", {"b": null}]}';
SELECT subject, empty_tags FROM vero.preview('both', 1);
-- nothing would be seen
UPDATE vero.campaigns SET subject = '{{ event.nothing }}' WHERE name = 'html';
SELECT vero.preview('html', 1);
-- who may
CREATE ROLE vero_reader;
SET ROLE vero_reader;
SELECT vero.preview('both', 1);
SELECT vero.preview('both', 'ann@example.com');
RESET ROLE;
GRANT EXECUTE ON FUNCTION vero.preview(text, bigint), vero.preview(text, text) TO vero_reader;
SET ROLE vero_reader;
SELECT subject FROM vero.preview('both', 1);
SELECT subject FROM vero.preview('both', 'ann@example.com');
RESET ROLE;
DROP OWNED BY vero_reader;
DROP ROLE vero_reader;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
