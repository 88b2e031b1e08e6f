-- Makes of 1.0 what a fresh 1.1 is.
\echo Use "ALTER EXTENSION vero_events UPDATE" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

-- Nodes of a Citus cluster write the events of imports in bulk.
CREATE FUNCTION vero.put_events(contact_id bigint, batch bytea) RETURNS bigint
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'vero_put_events';
COMMENT ON FUNCTION vero.put_events(bigint, bytea)
	IS 'Called by imports on the coordinator of a Citus cluster: writes events into the shard with this contact on the node that has it. How many; null where the shard does not take them in bulk';
REVOKE ALL ON FUNCTION vero.put_events(bigint, bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION vero.distribute_events(shard_count integer DEFAULT 32) RETURNS boolean
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

-- Foreign keys of partitions are not valid, so that pg_restore's jobs, which may make them before they have brought the contacts, do not check what they have brought.
CREATE OR REPLACE FUNCTION vero.complete_partition(partition regclass) RETURNS void
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
DO $$
DECLARE
	own regclass[] := ARRAY(SELECT p.partition FROM vero.partitions AS p JOIN pg_constraint AS k ON k.conrelid = p.partition
		WHERE NOT p.is_default AND k.conname = 'events_contact' AND k.contype = 'f' AND k.conparentid = 0
			AND pg_get_constraintdef(k.oid) = 'FOREIGN KEY (contact_id) REFERENCES vero.contacts(id)');
BEGIN
	IF own <> '{}' THEN
		PERFORM vero.lock_events('ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
	END IF;
	FOR n IN 1 .. cardinality(own) LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT events_contact, ADD CONSTRAINT events_contact FOREIGN KEY (contact_id) REFERENCES vero.contacts (id) NOT VALID', own[n]);
	END LOOP;
END
$$;

-- Large rejects are compressed by lz4 from now on.
DO $$
BEGIN
	IF 'lz4' OPERATOR(pg_catalog.=) ANY ((SELECT enumvals FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression')::pg_catalog.text[]) THEN
		ALTER TABLE vero.rejected_rows ALTER COLUMN raw_record SET COMPRESSION lz4, ALTER COLUMN raw_bytes SET COMPRESSION lz4, ALTER COLUMN reason SET COMPRESSION lz4, ALTER COLUMN errors SET COMPRESSION lz4;
	END IF;
END
$$;
