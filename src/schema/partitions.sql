-- Partitions of vero.events by time.

CREATE VIEW vero.partitions AS
	SELECT p.partition, p.is_default, p.bounds[1]::timestamptz AS holds_from, p.bounds[2]::timestamptz AS holds_until, p.bytes, m.missing
	FROM (SELECT c.oid::regclass AS partition, i.inhrelid, pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' AS is_default,
			regexp_match(pg_get_expr(c.relpartbound, c.oid), E'^FOR VALUES FROM \\((?:MINVALUE|\'(.*)\')\\) TO \\((?:MAXVALUE|\'(.*)\')\\)$') AS bounds,
			CASE c.relkind WHEN 'r' THEN pg_total_relation_size(c.oid) END AS bytes
		FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
		WHERE i.inhparent = (SELECT r.oid FROM pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace WHERE n.nspname = 'vero' AND r.relname = 'events')) AS p
	CROSS JOIN LATERAL (SELECT array_remove(array[
		CASE WHEN NOT EXISTS (SELECT FROM pg_index AS x WHERE x.indrelid = p.inhrelid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
			AND (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
				JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.attnum) = '{contact_id,occurred_at,id}') THEN 'key' END,
		CASE WHEN NOT EXISTS (SELECT FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_am AS m ON m.oid = c.relam
			WHERE x.indrelid = p.inhrelid AND x.indisvalid AND m.amname = 'brin'
				AND x.indkey::text = (SELECT a.attnum::text FROM pg_attribute AS a WHERE a.attrelid = x.indrelid AND a.attname = 'import_id')) THEN 'index' END,
		CASE WHEN NOT EXISTS (SELECT FROM pg_constraint AS x WHERE x.conrelid = p.inhrelid AND x.contype = 'f' AND x.conkey = (SELECT array[a.attnum] FROM pg_attribute AS a
			WHERE a.attrelid = x.conrelid AND a.attname = 'contact_id')) THEN 'foreign key' END], NULL) AS missing) AS m
	ORDER BY p.is_default, 3 NULLS FIRST;
COMMENT ON VIEW vero.partitions IS 'The partitions of vero.events: which times each holds, and what vero.adopt_partition() would give it';
COMMENT ON COLUMN vero.partitions.partition IS 'The partition, a table';
COMMENT ON COLUMN vero.partitions.is_default IS 'It holds what no other does';
COMMENT ON COLUMN vero.partitions.holds_from IS 'The first time that it holds; null where there is none';
COMMENT ON COLUMN vero.partitions.holds_until IS 'The first time after those that it holds; null where there is none';
COMMENT ON COLUMN vero.partitions.bytes IS 'Its size, with its indexes; null where it has partitions of its own';
COMMENT ON COLUMN vero.partitions.missing IS 'Which of key, index and foreign key it does not have: vero.adopt_partition() gives them';
GRANT SELECT ON vero.partitions TO PUBLIC;

-- Whoever waits for a lock has others wait behind him: so it is tried for a moment, again and again. The locks are those of the functions below, taken in one go and given
-- back where one of them is not to be had.
CREATE FUNCTION vero.lock_events(contacts_mode text, events_mode text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	given CONSTANT text := current_setting('lock_timeout');
	patience CONSTANT interval := coalesce(nullif(given, '0')::interval, '10 min');
	until CONSTANT timestamptz := clock_timestamp() + patience;
	default_partition regclass;
	blockers text;
BEGIN
	LOOP
		BEGIN
			PERFORM set_config('lock_timeout', '100ms', true);
			EXECUTE format('LOCK TABLE ONLY vero.events IN %s MODE', events_mode);
			EXECUTE format('LOCK TABLE ONLY vero.contacts IN %s MODE', contacts_mode);
			SELECT p.partition INTO default_partition FROM vero.partitions AS p WHERE p.is_default;
			IF FOUND THEN
				EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', default_partition);
			END IF;
			PERFORM set_config('lock_timeout', given, true);
			RETURN;
		EXCEPTION WHEN lock_not_available THEN
			IF clock_timestamp() >= until THEN
				SELECT string_agg(DISTINCT format('process %s (%s, in transaction since %s)', l.pid, a.usename, a.xact_start), ', ') INTO blockers
				FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
				WHERE l.granted AND l.locktype = 'relation' AND l.pid <> pg_backend_pid()
					AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
					AND l.relation IN ('vero.events'::regclass, 'vero.contacts'::regclass, default_partition);
				RAISE lock_not_available USING
					MESSAGE = format('could not lock the events within %s', patience),
					DETAIL = coalesce('They are in use by ' || blockers || '.', ''),
					HINT = 'Try again when these transactions have ended, or with a longer lock_timeout.';
			END IF;
			PERFORM pg_sleep(0.05 + random() * 0.1);
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION vero.lock_events(text, text) IS 'Locks vero.events, vero.contacts and the default partition without having others wait behind it; for lock_timeout, or ten minutes, at most';
REVOKE ALL ON FUNCTION vero.lock_events(text, text) FROM PUBLIC;

CREATE FUNCTION vero.complete_partition(partition regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	missing text[];
	is_default boolean;
	stranger bigint;
BEGIN
	SELECT p.missing, p.is_default INTO missing, is_default FROM vero.partitions AS p WHERE p.partition = complete_partition.partition;
	IF missing IS NULL OR 'key' = ANY (missing) THEN
		EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (contact_id, occurred_at, id)', partition);
	END IF;
	IF missing IS NULL OR 'index' = ANY (missing) THEN
		EXECUTE format('CREATE INDEX ON %s USING brin (import_id)', partition);
	END IF;
	IF missing IS NULL OR 'foreign key' = ANY (missing) THEN
		-- Dumped as it is: pg_restore's jobs, which may make the key before they have brought the contacts, are not to check what they have brought. The default partition is the extension's.
		EXECUTE format('ALTER TABLE %s ADD CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id) %s', partition,
			CASE WHEN is_default IS NOT TRUE THEN 'NOT VALID' END);
		IF NOT is_default THEN -- what others have put in
			EXECUTE format('SELECT e.contact_id FROM %s AS e LEFT JOIN vero.contacts AS c ON c.id = e.contact_id WHERE c.id IS NULL LIMIT 1', partition) INTO stranger;
			IF stranger IS NOT NULL THEN
				RAISE foreign_key_violation USING MESSAGE = format('%s has events of contact %s, whom vero.contacts does not have', partition, stranger);
			END IF;
		END IF;
	END IF;
END
$$;
COMMENT ON FUNCTION vero.complete_partition(regclass) IS 'Gives a table that is, or is to become, a partition of vero.events the key, the index and the foreign key that it does not have';
REVOKE ALL ON FUNCTION vero.complete_partition(regclass) FROM PUBLIC;

CREATE FUNCTION vero.create_partitions("from" date, until date, step interval DEFAULT '1 month',
	OUT partition regclass, OUT holds_from timestamptz, OUT holds_until timestamptz, OUT events_moved bigint)
RETURNS SETOF record
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO' SET IntervalStyle = 'postgres' AS $$
DECLARE
	most CONSTANT int := 10000;
	owner regrole := (SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'vero.events'::regclass);
	columns text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
		WHERE a.attrelid = 'vero.events'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '');
	is_distributed boolean := vero.is_distributed();
	default_partition regclass;
	is_emptied boolean;
	names text[] := '{}';
	bounds text[] := '{}';
	moved jsonb := '{}';
BEGIN
	IF "from" IS NULL OR until IS NULL OR step IS NULL OR NOT isfinite("from") OR NOT isfinite(until) OR "from" >= until THEN
		RAISE invalid_parameter_value USING MESSAGE = 'partitions are made from a day until a later one',
			HINT = $h$For example: SELECT * FROM vero.create_partitions('2022-01-01', '2023-01-01').$h$;
	END IF;
	IF "from"::timestamp + step <= "from"::timestamp OR "from"::timestamp + most * step < until::timestamp THEN
		RAISE invalid_parameter_value USING MESSAGE = format('steps of "%s" do not lead from %s to %s in %s partitions or fewer', step, "from", until, most);
	END IF;
	-- ATTACH needs less; but who has looked up the partitions, and then waits for the default one, would miss what is moved out of it meanwhile.
	PERFORM vero.lock_events('SHARE ROW EXCLUSIVE', 'ACCESS EXCLUSIVE');
	FOR n IN 0 .. most LOOP
		EXIT WHEN "from"::timestamp + n * step >= until::timestamp;
		holds_from := "from"::timestamp + n * step;
		holds_until := least("from"::timestamp + (n + 1) * step, until::timestamp);
		CONTINUE WHEN EXISTS (SELECT FROM vero.partitions AS p WHERE p.holds_from = create_partitions.holds_from AND p.holds_until = create_partitions.holds_until);
		names := names || format('vero.%I', 'events_' || to_char(holds_from, CASE WHEN holds_from::time = '0:00' THEN 'YYYY_MM_DD' ELSE 'YYYY_MM_DD_HH24MI' END));
		bounds := bounds || format('FOR VALUES FROM (%L) TO (%L)', holds_from, holds_until);
	END LOOP;
	IF names = '{}' THEN
		RETURN;
	END IF;

	IF is_distributed THEN
		moved := vero.make_distributed_partitions(names, bounds, "from", until);
	ELSE
		-- Filled, and given all that a partition has, before they are attached.
		CREATE TABLE vero.events_moving (LIKE vero.events) PARTITION BY RANGE (occurred_at);
		FOR n IN 1 .. cardinality(names) LOOP
			EXECUTE format('CREATE TABLE %s (LIKE vero.events INCLUDING ALL EXCLUDING INDEXES)', names[n]);
			EXECUTE format('ALTER TABLE vero.events_moving ATTACH PARTITION %s %s', names[n], bounds[n]);
		END LOOP;
		SELECT p.partition INTO default_partition FROM vero.partitions AS p WHERE p.is_default;
		is_emptied := coalesce(pg_relation_size(default_partition) > 0, false);
		IF is_emptied THEN
			EXECUTE format('WITH taken AS (DELETE FROM ONLY %1$s WHERE occurred_at >= $1 AND occurred_at < $2 RETURNING %2$s),
					put AS (INSERT INTO vero.events_moving (%2$s) SELECT %2$s FROM taken RETURNING tableoid),
					counted AS (SELECT tableoid, count(*) AS events FROM put GROUP BY tableoid)
				SELECT coalesce(jsonb_object_agg(tableoid, events), ''{}'') FROM counted', default_partition, columns)
				INTO moved USING "from"::timestamptz, until::timestamptz;
			-- proves to each ATTACH that nothing of it is left
			EXECUTE format('ALTER TABLE %s ADD CONSTRAINT events_moved CHECK (occurred_at < %L OR occurred_at >= %L)', default_partition, "from"::timestamptz, until::timestamptz);
		END IF;
		FOR n IN 1 .. cardinality(names) LOOP
			EXECUTE format('ALTER TABLE vero.events_moving DETACH PARTITION %s', names[n]);
			PERFORM vero.complete_partition(names[n]);
			EXECUTE format('ALTER TABLE %s OWNER TO %s', names[n], owner);
			EXECUTE format('ALTER TABLE vero.events ATTACH PARTITION %s %s', names[n], bounds[n]);
		END LOOP;
		IF is_emptied THEN
			EXECUTE format('ALTER TABLE %s DROP CONSTRAINT events_moved', default_partition);
		END IF;
		DROP TABLE vero.events_moving;
	END IF;
	RETURN QUERY SELECT p.partition, p.holds_from, p.holds_until, coalesce((moved ->> p.partition::oid::text)::bigint, 0)
		FROM vero.partitions AS p WHERE p.partition = ANY (names::regclass[]) ORDER BY p.holds_from;
END
$$;
COMMENT ON FUNCTION vero.create_partitions(date, date, interval)
	IS 'Makes partitions of vero.events for the days (in UTC) from the first to before the second, and moves there what the default partition holds of them; those that there are already stay';
REVOKE ALL ON FUNCTION vero.create_partitions(date, date, interval) FROM PUBLIC;

CREATE FUNCTION vero.drop_partitions(before date,
	OUT partition text, OUT holds_from timestamptz, OUT holds_until timestamptz, OUT was_dropped boolean, OUT events_removed bigint)
RETURNS SETOF record
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO' AS $$
DECLARE
	one record;
	of_imports jsonb;
	dropped_at timestamptz;
BEGIN
	IF before IS NULL OR NOT isfinite(before) THEN
		RAISE invalid_parameter_value USING MESSAGE = 'events are dropped from before a day', HINT = $h$For example: SELECT * FROM vero.drop_partitions('2020-01-01').$h$;
	END IF;
	IF vero.is_distributed() THEN
		PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	END IF;
	PERFORM vero.lock_events('ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
	FOR one IN SELECT p.* FROM vero.partitions AS p WHERE p.is_default OR p.holds_from IS NULL OR p.holds_from < before::timestamptz LOOP
		partition := one.partition;
		holds_from := one.holds_from;
		holds_until := one.holds_until;
		was_dropped := NOT one.is_default AND one.holds_until <= before::timestamptz;
		EXECUTE format(CASE WHEN was_dropped
			THEN 'WITH counted AS (SELECT import_id, count(*) AS events FROM %1$s GROUP BY 1)'
			WHEN one.is_default THEN 'WITH gone AS (DELETE FROM %1$s WHERE occurred_at < $1 RETURNING import_id), counted AS (SELECT import_id, count(*) AS events FROM gone GROUP BY 1)'
			ELSE 'WITH counted AS (SELECT import_id, 0 AS events FROM %1$s LIMIT 0)' END
			|| ' SELECT coalesce(jsonb_object_agg(coalesce(import_id, 0), events), ''{}''), coalesce(sum(events), 0) FROM counted', partition)
			INTO of_imports, events_removed USING before::timestamptz;
		UPDATE vero.imports AS i SET events_dropped = i.events_dropped + e.value::bigint FROM jsonb_each_text(of_imports) AS e WHERE i.id = e.key::bigint;
		RETURN NEXT;
		IF was_dropped THEN
			EXECUTE format('DROP TABLE %s', partition);
		END IF;
	END LOOP;
	dropped_at := clock_timestamp();
	-- joined, as Citus plans no NOT EXISTS of events that it distributes
	UPDATE vero.trigger_jobs AS j SET state = 'discarded', reason = 'event_deleted', decided_at = dropped_at
	FROM (
		SELECT t.event_id, t.campaign_id
		FROM vero.trigger_jobs AS t
		LEFT JOIN vero.events AS e ON e.contact_id = t.contact_id AND e.occurred_at = t.occurred_at AND e.id = t.event_id AND e.occurred_at < before::timestamptz
		WHERE t.state = 'scheduled' AND t.message_id IS NULL AND t.occurred_at < before::timestamptz AND e.id IS NULL) AS gone
	WHERE j.event_id = gone.event_id AND j.campaign_id = gone.campaign_id;
END
$$;
COMMENT ON FUNCTION vero.drop_partitions(date)
	IS 'Drops the partitions of vero.events that hold only events from before the day (in UTC), deletes those of the default one, and says what it left';
REVOKE ALL ON FUNCTION vero.drop_partitions(date) FROM PUBLIC;

CREATE FUNCTION vero.adopt_partition(partition regclass) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	missing text[] := (SELECT p.missing FROM vero.partitions AS p WHERE p.partition = adopt_partition.partition);
BEGIN
	IF missing IS NULL THEN
		RAISE wrong_object_type USING MESSAGE = format('%s is not a partition of vero.events', coalesce(partition::text, 'null')),
			HINT = 'ALTER TABLE vero.events ATTACH PARTITION makes it one.';
	END IF;
	PERFORM vero.is_distributed(); -- not on another node than the coordinator
	PERFORM vero.lock_events('SHARE ROW EXCLUSIVE', 'ACCESS SHARE');
	PERFORM vero.complete_partition(partition);
	RETURN missing;
END
$$;
COMMENT ON FUNCTION vero.adopt_partition(regclass) IS 'Gives a partition of vero.events that was made by hand the key, the index and the foreign key that the others have; says what it did not have';
REVOKE ALL ON FUNCTION vero.adopt_partition(regclass) FROM PUBLIC;
