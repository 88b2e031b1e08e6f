-- The next file with 1000 records.
SELECT i.*
FROM bench.files AS f, import_events_csv(f.csv) AS i
WHERE f.records = 1000 AND f.number = (SELECT nextval('bench.import_1000'));
