-- A file with one record, which no other is equal to: that would be a repeat.
\set who random(1, 100000)
\set dice random(1, 10)
\set second random(0, 59)
\set amount random(1, 1000000000000)
SELECT *
FROM import_events_csv(convert_to(E'email,event_name,time,item_type,amount\n'
	|| CASE WHEN :dice = '1' THEN 'new' || nextval('bench.new_contact') ELSE 'contact' || :who END || '@shop.example'
	|| ',Completes checkout,2024-03-05 10:20:' || lpad(:second, 2, '0') || 'Z,yellow_shirt,' || :amount || E'\n', 'UTF8'));
