-- One event by SQL into the tables of SCHEMA: the contact is found or made, and the event stored.
\set who random(1, 100000)
\set dice random(1, 10)
\set second random(0, 59)
\set amount random(1, 1000000000000)
WITH person AS (
	INSERT INTO SCHEMA.contacts (email)
	VALUES (CASE WHEN :dice = '1' THEN 'new' || nextval('bench.new_contact') ELSE 'contact' || :who END || '@shop.example')
	ON CONFLICT (email) DO UPDATE SET email = EXCLUDED.email
	RETURNING id)
INSERT INTO SCHEMA.events (contact_id, name, occurred_at, properties)
SELECT person.id, 'Completes checkout', CAST('2024-03-05 10:20:' || :second || 'Z' AS timestamptz),
	CAST('{"item_type": "yellow_shirt", "amount": "' || :amount || '"}' AS jsonb)
FROM person;
