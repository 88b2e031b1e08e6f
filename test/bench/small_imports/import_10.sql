-- The next file with 10 records.
SELECT i.*
FROM bench.files AS f, import_events_csv(f.csv) AS i
WHERE f.records = 10 AND f.number = (SELECT nextval('bench.import_10'));
