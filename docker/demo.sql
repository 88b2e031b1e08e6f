-- What the example of compose.yaml begins with: a campaign, and files that are imported, one of them with rejects.
CREATE EXTENSION vero_events;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text)
VALUES ('Thanks', 'Completes checkout', '1 day', '36500 days', 'Your {{ event.item_type }}', 'Thank you for your {{ event.item_type }}!');
SELECT * FROM import_events_csv('/demo/example.csv', trigger_campaigns => true);
SELECT * FROM import_events_csv('/demo/orders.csv', columns => '{"email": "Customer Email", "time": "Ordered at"}', event_name => 'Places order');
