-- The function for events as they happen.
\set who random(1, 100000)
\set dice random(1, 10)
\set second random(0, 59)
SELECT vero.track_event(
	CASE WHEN :dice = '1' THEN 'new' || nextval('bench.new_contact') ELSE 'contact' || :who END || '@shop.example',
	'Completes checkout', CAST('{"item_type": "yellow_shirt", "amount": "' || :dice || '"}' AS jsonb),
	CAST('2024-03-05 10:20:' || :second || 'Z' AS timestamptz));
