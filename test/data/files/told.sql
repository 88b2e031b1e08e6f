-- What an import tells of a file: by function and by COPY, or of bytes. Tests of imports include it.

-- what an import tells: its counts, or why it failed, its events and its rejects
CREATE FUNCTION pg_temp.told(import bigint) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(', ', state, rows_read || ' read', rows_imported || ' imported', rows_rejected || ' rejected', error)
	FROM vero.imports WHERE id = import
	UNION ALL
	SELECT * FROM (SELECT concat_ws(' | ', email, name, to_char(occurred_at, 'YYYY-MM-DD HH24:MI:SS'), properties) FROM vero.timeline
		WHERE import_id = import ORDER BY occurred_at, email, name COLLATE "C") AS events
	UNION ALL
	SELECT * FROM (SELECT format('line %s: %s', line_number, reason) FROM vero.rejected_rows
		WHERE import_id = import ORDER BY record_number) AS rejects
$$;
-- the same file by function and by COPY, with the same options
CREATE FUNCTION pg_temp.both(file text, VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	arguments text := '';
	copy_options text := '';
	by_function text[];
	by_copy text[];
	summary record;
	hint text;
BEGIN
	FOR i IN 1 .. coalesce(array_length(options, 1), 0) BY 2 LOOP
		arguments := arguments || format(', %I => %L', options[i], options[i + 1]);
		copy_options := copy_options || format(', %I %L', options[i], options[i + 1]);
	END LOOP;
	EXECUTE format('SELECT * FROM import_events_csv(%L%s, allow_repeat => true)', file, arguments) INTO summary;
	SELECT array_agg(t) INTO by_function FROM pg_temp.told(summary.import_id) AS t;
	BEGIN
		EXECUTE format('COPY vero.events FROM %L WITH (FORMAT vero_csv, allow_repeat%s)', file, copy_options);
		SELECT array_agg(t) INTO by_copy FROM pg_temp.told(vero.last_import_id()) AS t;
	EXCEPTION WHEN bad_copy_file_format THEN
		GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
		by_copy := ARRAY[concat_ws('. ', 'COPY: ' || SQLERRM, nullif(hint, ''))];
	END;
	RETURN QUERY SELECT unnest(by_function);
	IF by_copy IS DISTINCT FROM by_function THEN
		RETURN QUERY SELECT unnest(by_copy);
	END IF;
END
$$;

-- the same of bytes, by function
CREATE FUNCTION pg_temp.of(content bytea, VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	arguments text := '';
	summary record;
BEGIN
	FOR i IN 1 .. coalesce(array_length(options, 1), 0) BY 2 LOOP
		arguments := arguments || format(', %I => %L', options[i], options[i + 1]);
	END LOOP;
	EXECUTE format('SELECT * FROM import_events_csv($1%s)', arguments) INTO summary USING content;
	RETURN QUERY SELECT pg_temp.told(summary.import_id);
END
$$;
CREATE FUNCTION pg_temp.of(content text, VARIADIC options text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql
AS $$ SELECT pg_temp.of(convert_to(content, 'UTF8'), VARIADIC options) $$;
