-- What a competent user writes: COPY into unlogged staging, then SQL: all checks with a safe cast, contacts, events, rejects.
-- The time's shape is looked at with LIKE because a regular expression that knows all the formats takes longer than the cast.
-- The events go in in the order of the primary key, which is faster than in the file's.
BEGIN;
COPY staging.records (email, event_name, "time", number, item_type, amount) FROM :'file' WITH (FORMAT csv, HEADER);

CREATE TEMPORARY TABLE checked ON COMMIT DROP AS
SELECT r.*, nullif(concat_ws('; ',
		CASE WHEN r.email = '' THEN 'no email'
			WHEN r.email !~ '^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$' THEN 'not an email: ' || r.email END,
		CASE WHEN r.event_name = '' THEN 'no event name'
			WHEN char_length(r.event_name) > 255 THEN 'event name too long' END,
		CASE WHEN r.occurred_at IS NULL THEN 'not a time: ' || coalesce(r."time", 'none') END), '') AS reason
FROM (
	SELECT record_number, lower(btrim(coalesce(email, ''), E' \t')) AS email, btrim(coalesce(event_name, ''), E' \t') AS event_name,
		"time", CASE WHEN "time" LIKE '____-__-__%' THEN staging.safe_timestamptz("time") END AS occurred_at, number, item_type, amount
	FROM staging.records OFFSET 0) AS r;
ANALYZE checked;

INSERT INTO staging.contacts (email)
SELECT DISTINCT email FROM checked WHERE reason IS NULL
ON CONFLICT (email) DO NOTHING;

INSERT INTO staging.events (contact_id, name, occurred_at, properties, import_id)
SELECT c.id, k.event_name, k.occurred_at,
	jsonb_strip_nulls(jsonb_build_object('number', k.number, 'item_type', k.item_type, 'amount', k.amount)), 1
FROM checked AS k JOIN staging.contacts AS c USING (email)
WHERE k.reason IS NULL
ORDER BY c.id, k.occurred_at;

INSERT INTO staging.rejects
SELECT r.*, k.reason FROM checked AS k JOIN staging.records AS r USING (record_number)
WHERE k.reason IS NOT NULL;

TRUNCATE staging.records;
COMMIT;
