-- A condition that is neither true nor false fails its job, with the value and the path; one that speaks of nothing there is, is refused.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
SET TimeZone = 'UTC';
\set VERBOSITY terse

CREATE FUNCTION pg_temp.write(condition jsonpath) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES ('c', 'order', '0', 'Hi', 'Hi', condition);
	DELETE FROM vero.campaigns;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END
$$;

-- roots
SELECT c AS condition, pg_temp.write(c) FROM unnest(ARRAY[
	'$.event.n == 1', '$.contact.properties.n == 1', '$."event" == 1', 'strict $.event.n == 1', '$.event', '$.event[*].n', '$.event.* == 1', '$ ? (@.event.n == 1)',
	'$ ? (@.event.n == 1) ? (@.contact.m == 2).event', '$ ? (@.event.list[*] ? (@.foo == 1).bar == 2)', 'exists ($.event.n ? (@ > $.contact.n))', '1 == 1', 'true',
	'$.event.list[$.contact.n to last]', '$.event.name like_regex "^A"', '$.event.name starts with "A"', '!($.event.n == 1)', '($.event.n == 1) is unknown',
	'-$.event.n == $.contact.n + 1', '$.event.at.datetime() < $.event.occurred_at.datetime("YYYY")',
	'$.foo == 1', '$.EVENT.n == 1', '$.Event.n == 1', '$."event " == 1', '$.events.n == 1', '$', '$ == 1', '$[*].event.n == 1', '$[0].event.n == 1', '$.*.n == 1', '$.**.n == 1',
	'$.keyvalue().key == "event"', '$.type() == "object"', '$ ? (@.foo == 1)', '$ ? (@.event.n == 1).foo', '$ ? (@ == 1)', '$ ? (exists (@.foo))', '$.event ? (@.n == $.foo)', '$x == 1', '$.event.n == $x',
	'$.event.n == 1 && $.foo == 1', '$.event.n == 1 || !($.foo == 1)', '($.event.n == 1 && $.foo == 1) is unknown', '$.event.list[$.foo]', '$.event.list[0 to $.foo]', '$.event.n + $.foo == 2', '-$.foo == 1',
	'$.foo like_regex "a"', '$.foo starts with "a"', 'exists ($.foo)', 'strict $.foo == 1', '$.event.list[*] ? (@.n[$.foo] == 1)']::jsonpath[]) AS c;
-- what every value would meet
SELECT c AS condition, pg_temp.write(c) FROM unnest(ARRAY[
	'$.event.n.double()', '$.event.n + 1', '1 - $.event.n', '$.event.n * 2', '$.event.n / 2', '$.event.n % 2', '+$.event.n', '-$.event.n', '$.event.list.size()', '$.event.n.abs()', '$.event.n.floor()', '$.event.n.ceiling()',
	'$.event.at.datetime()', '$.event.at.datetime("YYYY")', '$.event.n.type()', '$.event.keyvalue()', '1', '"yes"', 'strict $.event.n.double()', '$.event.n ? (@ > 1).double()', '($.event.n + 1).double()',
	'$.event.n.double() ? (@ > 1)', '($.event.n + 1) ? (@ > 1)', '$.event.keyvalue().value', 'false', 'null', '$.event.list[0]', '$.event.*', '$.event.**.n', '($.event.n.double() > 1) is unknown']::jsonpath[]) AS c;
SELECT pg_temp.write(('$.' || repeat('ä', 200) || ' == 1')::jsonpath);
-- a hundred bytes of a path are shown, with the $."" that is 96 of the key
SELECT pg_temp.write(('$.' || repeat('a', n))::jsonpath) FROM unnest(ARRAY[96, 97]) AS n;
\set VERBOSITY default
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES ('c', 'order', '0', 'Hi', 'Hi', '$.EVENT.amount == 1');
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES ('c', 'order', '0', 'Hi', 'Hi', '$.event.amount.double()');
\set VERBOSITY terse
SELECT vero.is_condition('$.event.n == 1'), vero.is_condition(NULL);
-- PostgreSQL says in its own words, which are others from 17 on, that .double() cannot read a value
CREATE FUNCTION pg_temp.without_words(error text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(error, ': (string )?argument .*', ': .double() cannot read it') $$;

-- outcomes
INSERT INTO vero.contacts (email, properties) VALUES ('a@b.example', '{"limit": 100, "name": "Ann"}');
CREATE TABLE conditions (n int GENERATED ALWAYS AS IDENTITY, condition jsonpath);
INSERT INTO conditions (condition) VALUES
	-- decided
	('$.event.count == 2'), ('$.event.count == 3'), ('$.event.amount == "120,50"'), ('$.event.nothing == 1'), ('$.event.nothing != 1'), ('$.event.flag'), ('$.event.off'), ('$.event.nothing'),
	-- a property that is missing is false
	('$.event.nope == 1'), ('$.event.nope.double() >= 100'), ('$.event.nope + 1 == 2'), ('1 + $.event.nope == 2'), ('-$.event.nope == 2'), ('$.event.nope starts with "a"'), ('$.event.nope like_regex "a"'),
	('strict $.event.nope == 1'), ('strict $.event.nope.double() >= 100'), ('strict $.event.nested.nope == 1'), ('strict $.event.nope + 1 == 2'), ('strict exists ($.event.nope)'), ('!($.event.nope + 1 == 2)'),
	('$.event.nope + 1 == 2 && $.event.count == 2'), ('$.event.count - $.event.nope > 1 || $.event.count == 3'), ('strict $.event.nope == 1 && $.contact.nope == 1'),
	-- what cannot be read or computed
	('$.event.amount.double() >= 100'), ('100 <= $.event.amount.double()'), ('$.event.nothing.double() >= 100'), ('$.event.nested.double() >= 100'), ('$.event.list[*].double() > 100'), ('$.event.amount + 1 > 100'),
	('$.event.count + $.event.amount > 100'), ('$.event.count / 0 > 100'), ('$.event.count % ($.event.count - 2) > 100'), ('-$.event.amount > 100'), ('$.event.list + 1 > 100'),
	('$.event.amount.datetime() > "2020-01-01".datetime()'), ('$.event.long.datetime() > "2020-01-01".datetime()'), ('$.event.count.datetime() > "2020-01-01".datetime()'), ('($.event.amount.double() + 1) * 2 > 5'), ('($.event.amount.double() + 1).abs() > 5'),
	('(-$.event.amount).abs() > 5'), ('$.event.amount.double() starts with "a"'), ('exists ($.event.amount.double())'), ('strict $.event.list.nope == 1'), ('strict $.event.amount.nope == 1'), ('strict $.event.list[7] == 1'),
	('$.event.list[$.event.amount] == 1'), ('$.event.amount.double() > 1 && $.event.count == 2'), ('$.event.count == 2 && $.event.amount.double() > 1'), ('$.event.count == 3 || $.event.amount.double() > 1'),
	('!($.event.amount.double() > 1)'), ('$.event.nope + 1 == 2 && $.event.amount.double() > 1'), ('$.event.nope + 1 == 2 || $.event.amount.double() > 1'), ('$.event.long.double() > 1'), ('$.event."a \"b\"".double() > 1'),
	-- what cannot be compared
	('$.event.amount > 100'), ('$.event.digits == 100'), ('100 == $.event.digits'), ('$.event.count > $.event.amount'), ('$.event.count == true'), ('$.event.nested == 1'), ('$.event.nested == $.event.list'), ('$.event.list[*] == true'),
	('$.event.count starts with "a"'), ('$.event.count like_regex "a"'), ('$.event.nothing like_regex "a"'), ('$.event.digits > $.contact.limit'),
	-- decided all the same
	('$.event.amount.double() > 1 && $.event.count == 3'), ('$.event.count == 3 && $.event.amount.double() > 1'), ('$.event.count == 2 || $.event.amount.double() > 1'), ('$.event.amount.double() > 1 || $.event.count == 2'),
	('($.event.amount.double() > 1) is unknown'), ('$.event.list[*] == 2'), ('$.event.mixed[*] == 2'),
	-- what a filter swallows cannot be told
	('$.event ? (@.amount.double() > 100)'), ('exists ($.event ? (@.amount > 100))'), ('$.event.list[*] ? (@ > "a")'),
	-- errors that jsonpath does not suppress
	('$.event.amount.double() ? (@ > 1)'), ('($.event.count + $.event.amount) ? (@ > 1)'), ('(1 / ($.event.count - 2)) ? (@ > 1)'), ('strict $.event.list.nope'), ('strict $.event.nope');
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) SELECT n, 'order', '0', 'Hi', 'Hi', condition FROM conditions;
SELECT vero.track_event('a@b.example', 'order', jsonb_build_object('amount', '120,50', 'count', 2, 'digits', '100', 'flag', true, 'off', false, 'nothing', NULL, 'list', '[1, 2, 3]'::jsonb,
	'mixed', '["a", 2]'::jsonb, 'nested', '{"a": 1}'::jsonb, 'long', repeat('ä', 200), 'a "b"', E'x\n\u202Ey')) IS NOT NULL AS tracked;
SELECT * FROM vero.run_jobs();
SELECT c.condition, CASE j.state WHEN 'scheduled' THEN 'sent' ELSE coalesce(j.reason, j.state) END AS outcome, pg_temp.without_words(j.error) AS error
FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id ORDER BY c.id;

-- a hundred characters of a value and of a path are shown, with the quotes that is 98 of the value, with the $."event"."" 88 of the key
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES ('v', 'value', '0', 'Hi', 'Hi', '$.event.v.double() > 1'),
	('p', 'path', '0', 'Hi', 'Hi', ('$.event.' || repeat('ä', 88) || '.double() > 1')::jsonpath), ('q', 'path', '0', 'Hi', 'Hi', ('$.event.' || repeat('ä', 89) || '.double() > 1')::jsonpath);
SELECT count(vero.track_event('a@b.example', 'value', jsonb_build_object('v', repeat('ä', n)))) FROM unnest(ARRAY[98, 99]) AS n;
SELECT vero.track_event('a@b.example', 'path', jsonb_build_object(repeat('ä', 88), 'x', repeat('ä', 89), 'y')) IS NOT NULL AS tracked;
SELECT * FROM vero.run_jobs();
SELECT pg_temp.without_words(j.error) AS error FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id WHERE c.event_name <> 'order' ORDER BY c.id, j.event_id;

-- deep ones, and ones of many parts, are decided as well, or fail with words
DELETE FROM vero.messages;
DELETE FROM vero.trigger_jobs;
DELETE FROM vero.campaigns;
INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES
	('many', 'order', '0', 'Hi', 'Hi', (SELECT string_agg(format('$.event.amount.double() > %s', n), ' && ') FROM generate_series(1, 200) AS n)::jsonpath),
	('deep', 'order', '0', 'Hi', 'Hi', (repeat('!(', 500) || '$.event.amount.double() > 1' || repeat(')', 500))::jsonpath);
SELECT vero.track_event('a@b.example', 'order', '{"amount": "120,50"}') IS NOT NULL AS tracked;
SELECT * FROM vero.run_jobs();
SELECT c.name, j.state, pg_temp.without_words(j.error) AS error FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id ORDER BY c.id;
DROP TABLE conditions;
