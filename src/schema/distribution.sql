-- Events on the nodes of a Citus cluster.

CREATE FUNCTION vero.is_distributed() RETURNS boolean
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_is_distributed';
COMMENT ON FUNCTION vero.is_distributed() IS 'True where Citus distributes vero.events; an error on a node of a Citus cluster that is not its coordinator';

CREATE FUNCTION vero.put_events(contact_id bigint, batch bytea) RETURNS bigint
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_put_events';
COMMENT ON FUNCTION vero.put_events(bigint, bytea)
	IS 'Called by imports on the coordinator of a Citus cluster: writes events into the shard with this contact on the node that has it. How many; null where the shard does not take them in bulk';
REVOKE ALL ON FUNCTION vero.put_events(bigint, bytea) FROM PUBLIC;

CREATE FUNCTION vero.distribute_events(shard_count integer DEFAULT 32) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = 'warning' AS $$
DECLARE
	own record;
BEGIN
	IF NOT EXISTS (SELECT FROM pg_extension AS x WHERE x.extname = 'citus') THEN
		RAISE undefined_object USING MESSAGE = 'extension "citus" is not installed in this database',
			HINT = 'Install it with CREATE EXTENSION citus on each node, and add the nodes with citus_add_node().';
	END IF;
	IF NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) THEN
		RAISE insufficient_privilege USING MESSAGE = 'only superusers distribute events or bring them back', HINT = 'It is done with the tables of all nodes.';
	END IF;
	IF vero.is_distributed() THEN
		-- by a version that did not have the function
		PERFORM create_distributed_function('vero.put_events(bigint, bytea)', 'contact_id', 'vero.events', force_delegation => true);
		RETURN false;
	END IF;
	-- every node holds the contacts; the coordinator looks each import's up in its own copy
	IF NOT EXISTS (SELECT FROM pg_dist_node AS n WHERE n.groupid = 0) THEN
		RAISE object_not_in_prerequisite_state USING MESSAGE = 'the coordinator is not one of the cluster''s nodes, so that it would hold no contacts',
			HINT = 'SELECT citus_set_coordinator_host() makes it one: give it the name by which the other nodes reach this server.';
	END IF;
	PERFORM vero.lock_events('ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
	PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	-- Citus takes the partitions' keys for those of local tables, and no triggers
	FOR own IN SELECT k.conrelid::regclass AS of_table, k.conname FROM pg_constraint AS k
			WHERE k.contype = 'f' AND k.confrelid = 'vero.contacts'::regclass AND k.conrelid IN (SELECT p.partition FROM vero.partitions AS p) LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', own.of_table, own.conname);
	END LOOP;
	DROP TRIGGER IF EXISTS events_default_keys ON vero.events_default;
	PERFORM create_reference_table('vero.contacts');
	PERFORM create_distributed_table('vero.events', 'contact_id', colocate_with => 'none', shard_count => distribute_events.shard_count);
	ALTER TABLE vero.events ADD CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id);
	-- what was copied from here to the nodes
	FOR own IN SELECT p.partition FROM vero.partitions AS p LOOP
		PERFORM truncate_local_data_after_distributing_table(own.partition);
	END LOOP;
	PERFORM truncate_local_data_after_distributing_table('vero.contacts');
	PERFORM create_distributed_function('vero.put_events(bigint, bytea)', 'contact_id', 'vero.events', force_delegation => true);
	RETURN true;
END
$$;
COMMENT ON FUNCTION vero.distribute_events(integer)
	IS 'Distributes vero.events by contact over the nodes of a Citus cluster, in so many shards, and has each node hold vero.contacts; called on the coordinator. False where they are distributed already';
REVOKE ALL ON FUNCTION vero.distribute_events(integer) FROM PUBLIC;

CREATE FUNCTION vero.undistribute_events() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = 'warning' AS $$
DECLARE
	own record;
BEGIN
	IF NOT vero.is_distributed() THEN
		RETURN false;
	END IF;
	IF NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) THEN
		RAISE insufficient_privilege USING MESSAGE = 'only superusers distribute events or bring them back', HINT = 'It is done with the tables of all nodes.';
	END IF;
	PERFORM vero.lock_events('ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
	PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	CREATE UNLOGGED TABLE vero.events_gathered AS SELECT e.* FROM vero.events AS e;
	CREATE UNLOGGED TABLE vero.contacts_gathered AS SELECT c.* FROM vero.contacts AS c;
	ALTER TABLE vero.events DROP CONSTRAINT IF EXISTS events_contact;
	-- Citus makes new tables when it undistributes: these are to stay the extension's. So it forgets them as it does when they are dropped.
	FOR own IN SELECT c.oid, c.relname, p.partition IS NOT NULL AS is_partition
			FROM pg_class AS c LEFT JOIN vero.partitions AS p ON p.partition = c.oid
			WHERE p.partition IS NOT NULL OR c.oid IN ('vero.events'::regclass, 'vero.contacts'::regclass) ORDER BY p.partition IS NULL LOOP
		PERFORM master_remove_distributed_table_metadata_from_workers(own.oid, 'vero', own.relname);
		PERFORM citus_drop_all_shards(own.oid, 'vero', own.relname, drop_shards_metadata_only => own.is_partition);
		PERFORM master_remove_partition_metadata(own.oid, 'vero', own.relname);
	END LOOP;
	FOR own IN SELECT t.tgrelid::regclass AS of_table, t.tgname FROM pg_trigger AS t
			WHERE t.tgfoid = 'citus_truncate_trigger'::regproc AND NOT EXISTS (SELECT FROM pg_dist_partition AS d WHERE d.logicalrelid = t.tgrelid) LOOP
		EXECUTE format('DROP TRIGGER %I ON %s', own.tgname, own.of_table);
	END LOOP;
	INSERT INTO vero.contacts OVERRIDING SYSTEM VALUE SELECT c.* FROM vero.contacts_gathered AS c;
	INSERT INTO vero.events SELECT e.* FROM vero.events_gathered AS e;
	DROP TABLE vero.events_gathered, vero.contacts_gathered;
	PERFORM vero.complete_partition(p.partition) FROM vero.partitions AS p;
	-- as the extension makes it
	PERFORM vero.replace_key_triggers('vero.events_default');
	CREATE TRIGGER events_default_keys AFTER INSERT OR UPDATE OF contact_id ON vero.events_default FOR EACH ROW EXECUTE FUNCTION vero.check_foreign_keys();
	COMMENT ON TRIGGER events_default_keys ON vero.events_default IS 'Sees to it that the contacts of new events are there';
	RETURN true;
END
$$;
COMMENT ON FUNCTION vero.undistribute_events() IS 'Brings what vero.distribute_events() has distributed back to the coordinator. False where nothing is distributed';
REVOKE ALL ON FUNCTION vero.undistribute_events() FROM PUBLIC;

CREATE FUNCTION vero.make_distributed_partitions(names text[], bounds text[], "from" date, until date) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET client_min_messages = 'warning' AS $$
DECLARE
	owner regrole := (SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'vero.events'::regclass);
	columns text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
		WHERE a.attrelid = 'vero.events'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '');
	default_partition regclass := (SELECT p.partition FROM vero.partitions AS p WHERE p.is_default);
	events bigint;
	moved jsonb := '{}';
BEGIN
	PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
	EXECUTE format('CREATE UNLOGGED TABLE vero.events_moving AS SELECT %s FROM vero.events LIMIT 0', columns);
	IF default_partition IS NOT NULL THEN
		EXECUTE format('INSERT INTO vero.events_moving SELECT %s FROM %s WHERE occurred_at >= $1 AND occurred_at < $2', columns, default_partition)
			USING "from"::timestamptz, until::timestamptz;
		EXECUTE format('DELETE FROM %s WHERE occurred_at >= $1 AND occurred_at < $2', default_partition) USING "from"::timestamptz, until::timestamptz;
	END IF;
	FOR n IN 1 .. cardinality(names) LOOP
		EXECUTE format('CREATE TABLE %s PARTITION OF vero.events %s', names[n], bounds[n]);
		PERFORM vero.complete_partition(names[n]);
		EXECUTE format('ALTER TABLE %s OWNER TO %s', names[n], owner);
	END LOOP;
	EXECUTE format('INSERT INTO vero.events (%1$s) SELECT %1$s FROM vero.events_moving', columns);
	DROP TABLE vero.events_moving;
	FOR n IN 1 .. cardinality(names) LOOP
		EXECUTE format('SELECT count(*) FROM %s', names[n]) INTO events;
		moved := moved || jsonb_build_object(names[n]::regclass::oid, events);
	END LOOP;
	RETURN moved;
END
$$;
COMMENT ON FUNCTION vero.make_distributed_partitions(text[], text[], date, date)
	IS 'Makes partitions of these names and bounds on all nodes of a Citus cluster, moves there what the default partition holds of them, by way of the coordinator, and says how many events that were';
REVOKE ALL ON FUNCTION vero.make_distributed_partitions(text[], text[], date, date) FROM PUBLIC;
