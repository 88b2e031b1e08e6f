-- A row that is written in bulk is stored byte for byte as INSERT stores it.
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE EXTENSION pageinspect;
-- Compares the rows of a table with what PostgreSQL makes of them as it updates them; nothing stays.
CREATE FUNCTION pg_temp.compare(which regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	counts text;
BEGIN
	EXECUTE format('UPDATE %s SET import_id = import_id', which);
	EXECUTE format($f$
		WITH rows AS (
			SELECT t_xmax = '0' AS is_new, t_data, t_bits, t_hoff, t_infomask & 7 AS kind, t_infomask2 & 2047 AS columns
			FROM generate_series(0, pg_relation_size('%1$s') / current_setting('block_size')::int - 1) AS page, heap_page_items(get_raw_page('%1$s', page::int))
			WHERE lp_len > 0),
			others AS (SELECT t_data, t_bits, t_hoff, kind, columns FROM rows WHERE NOT is_new
				EXCEPT ALL SELECT t_data, t_bits, t_hoff, kind, columns FROM rows WHERE is_new)
		SELECT format('%%s rows, %%s updated, %%s of other bytes', (SELECT count(*) FROM rows WHERE NOT is_new), (SELECT count(*) FROM rows WHERE is_new), (SELECT count(*) FROM others))$f$, which) INTO counts;
	RAISE EXCEPTION USING errcode = 'VERO1', message = counts;
EXCEPTION WHEN sqlstate 'VERO1' THEN RETURN sqlerrm;
END
$$;

INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES
	('soon', 'a', '1 day', '36500 days', 's', 'b'), ('late', 'b', '1 day', '1 day', 's', 'b'), ('other', 'b', '365 days', '36500 days', 's', 'b');
-- texts of all lengths, short headers and long ones, numbers at all places; ends that are no text; times that are late, and those of the future
SELECT rows_imported, rows_rejected FROM import_events_csv(convert_to(E'email,name,time,one,two\n' || (
	SELECT string_agg(format(CASE n % 7 WHEN 0 THEN '%s@b.co,%s,%s,%s' WHEN 1 THEN 'nobody%s,%s,%s,%s,%s' ELSE '%s@b.co,%s,%s,%s,%s' END,
		n % 50, CASE WHEN n % 3 = 0 THEN 'a' WHEN n % 3 = 1 THEN 'b' ELSE repeat('c', 1 + n % 255) END,
		CASE WHEN n % 11 = 0 THEN '2999-01-01' WHEN n % 13 = 0 THEN '' ELSE '2022-01-01' END, repeat('x', n % 300), repeat('y', n / 5)), E'\n')
	FROM generate_series(1, 2500) AS n), 'UTF8') || '\x0aff402c612c323032322d30312d30312c00ff2c'::bytea, trigger_campaigns => true);
SELECT which, pg_temp.compare(which) FROM (VALUES ('vero.events_default'::regclass), ('vero.rejected_rows'), ('vero.trigger_jobs')) AS tables (which);

DROP EXTENSION pageinspect;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY;
