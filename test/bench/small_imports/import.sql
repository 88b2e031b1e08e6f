-- The next file with RECORDS records.
SELECT i.*
FROM bench.files AS f, import_events_csv(f.csv) AS i
WHERE f.records = RECORDS AND f.number = (SELECT nextval('bench.import_RECORDS'));
