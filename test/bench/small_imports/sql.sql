-- The next RECORDS records in one statement, from arrays as a client passes them.
WITH given AS MATERIALIZED (
	SELECT u.*
	FROM bench.files AS f,
		unnest(CAST(f.emails AS text[]), CAST(f.names AS text[]), CAST(f.times AS timestamptz[]), CAST(f.properties AS jsonb[]))
			AS u (email, name, occurred_at, properties)
	WHERE f.records = RECORDS AND f.number = (SELECT nextval('bench.sql_RECORDS'))
), people AS (
	INSERT INTO bench.contacts (email)
	SELECT DISTINCT email FROM given ORDER BY email
	ON CONFLICT (email) DO UPDATE SET email = EXCLUDED.email
	RETURNING id, email
)
INSERT INTO bench.events (contact_id, name, occurred_at, properties)
SELECT people.id, given.name, given.occurred_at, given.properties
FROM given
JOIN people USING (email);
