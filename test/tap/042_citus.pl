# Events that Citus distributes over two nodes: the same contents, counts and rejects as in one table, whoever imports, and nothing half where a node fails. Runs where
# VERO_CITUS is the directory below which Citus was installed (make install DESTDIR=...).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroProtocol;
use VeroWait qw(await_server patience start_program);

plan skip_all => 'VERO_CITUS does not say where Citus is installed' unless $ENV{VERO_CITUS};

my %nodes;
for my $name (qw(coordinator worker_a worker_b))
{
	my $node = $nodes{$name} = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	my $host = $node->host;
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'citus,vero_events'\ncitus.local_hostname = '$host'\ncitus.enable_statistics_collection = off\ntrack_functions = 'all'\n"
			. "max_prepared_transactions = 50\nmax_connections = 60\nmax_worker_processes = 16\nautovacuum = off\nrestart_after_crash = on\nlog_line_prefix = '%b: '\n" . ($name eq 'coordinator' ? "vero_events.max_workers = 0\n" : ''));
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE shop');
	$node->safe_psql('shop', 'CREATE EXTENSION citus');
}
my ($coordinator, $worker) = @nodes{qw(coordinator worker_a)};
my $directory = tempdir(CLEANUP => 1);

sub query { my ($sql, $database) = @_; return $coordinator->safe_psql($database // 'shop', $sql) }

sub fails
{
	my ($node, $sql, $pattern, $what) = @_;
	my ($status, $out, $error) = $node->psql('shop', $sql);
	like($error, $pattern, $what);
	return;
}

# What is stored, but for numbers and times of the clock.
sub contents
{
	my ($database) = @_;
	return query(q{SELECT md5(string_agg(t::text, E'\n' ORDER BY t::text)) || ' ' || count(*) FROM vero.timeline AS t;
		SELECT md5(string_agg(c.email, ' ' ORDER BY c.email)) FROM vero.contacts AS c;
		SELECT md5(string_agg(to_jsonb(r)::text, E'\n' ORDER BY import_id, record_number)) FROM vero.rejected_rows AS r;
		SELECT id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created FROM vero.imports ORDER BY id}, $database);
}

# Every tenth record is rejected.
sub write_file
{
	my ($name, $records, $contacts) = @_;
	open(my $file, '>', "$directory/$name.csv") or die;
	print {$file} "email,name,time,number\n";
	printf {$file} "%s,n,%s,%d\n", $_ % 10 ? "c@{[$_ * 7919 % $contacts]}\@example.com" : 'nobody', sprintf('2022-%02d-%02d 12:00Z', 1 + $_ % 12, 1 + $_ % 28), $_ % 1000 for 1 .. $records;
	close($file);
	chmod 0755, $directory;
	return "$directory/$name.csv";
}

# ---- from one table to two nodes ---------------------------------------------------------------------------------------

my $first = write_file('first', 2000, 300);
my $second = write_file('second', 25_000, 2000);
for my $database (qw(shop plain))
{
	query("CREATE DATABASE $database", 'postgres') if $database eq 'plain';
	query('CREATE EXTENSION vero_events', $database);
	query("SELECT rows_imported FROM import_events_csv('$first')", $database);
	query(q{SELECT count(*) FROM vero.create_partitions('2022-03-01', '2022-05-01')}, $database);
}
fails($coordinator, 'SELECT vero.distribute_events()', qr/ERROR:  the coordinator is not one of the cluster's nodes.*\nHINT:  SELECT citus_set_coordinator_host\(\)/s, 'the coordinator has to hold contacts');
query(sprintf q{SELECT citus_set_coordinator_host('%s', %d)}, $coordinator->host, $coordinator->port);
query(sprintf q{SELECT citus_add_node('%s', %d)}, $_->host, $_->port) for @nodes{qw(worker_a worker_b)};
my ($status, $out, $error) = $coordinator->psql('plain', 'SELECT vero.distribute_events()');
like($error, qr/ERROR:  extension "citus" is not installed in this database\nHINT:  Install it/, 'a database without Citus says so');
is($coordinator->safe_psql('plain', 'SELECT vero.undistribute_events()'), 'f', 'and has nothing to bring back');

my $one_table = contents('plain');
is(contents('shop'), $one_table, 'the same is in both databases');
is(query('SELECT vero.distribute_events(4)'), 't', 'events are distributed');
is(query('SELECT vero.distribute_events(4)'), 'f', 'once');
is(contents('shop'), $one_table, 'and are what they were');
is(query(q{SELECT logicalrelid, partmethod FROM pg_dist_partition ORDER BY logicalrelid::text}), "vero.contacts|n\nvero.events|h\nvero.events_2022_03_01|h\nvero.events_2022_04_01|h\nvero.events_default|h", 'with their partitions');
is(query(q{SET citus.enable_ddl_propagation = off; SELECT count(*) FROM ONLY vero.events_default; SELECT pg_relation_size('vero.events_default') + pg_relation_size('vero.contacts')}) =~ s/^\d+\n//r, '0',
	'what was copied is gone from here');
fails($coordinator, q{DELETE FROM vero.contacts WHERE email = 'c1@example.com'}, qr/violates foreign key constraint/, 'a contact with events stays');
query('CREATE TABLE vero.events_2030 PARTITION OF vero.events FOR VALUES FROM (\'2030-01-01\') TO (\'2031-01-01\')');
is(query(q{SELECT vero.adopt_partition('vero.events_2030')}), '{key,index}', 'a partition that holds nothing yet is made and completed');

# ---- imports -------------------------------------------------------------------------------------------------------------

# Whoever it is: contacts are the owner's business, and events come to the same connections.
for my $database (qw(shop plain))
{
	query('GRANT INSERT ON vero.events TO importer; GRANT pg_read_server_files TO importer', $database) if $database eq 'plain';
	query('CREATE ROLE importer LOGIN; GRANT INSERT ON vero.events TO importer; GRANT pg_read_server_files TO importer', $database) if $database eq 'shop';
	query("SET ROLE importer; SELECT import_events_csv('$second')", $database);
	query("SET ROLE importer; COPY vero.events FROM '$second' WITH (FORMAT vero_csv, allow_repeat true, on_duplicate skip)", $database);
	query("BEGIN; COPY vero.events FROM '$first' WITH (FORMAT vero_csv, allow_repeat true); SELECT import_events_csv('$second', allow_repeat => true); COMMIT", $database);
	query("BEGIN; SELECT import_events_csv('$second', allow_repeat => true); ROLLBACK", $database);
	query(q{SELECT import_events_csv(E'email,name,time\\nnew@example.com,n,2022-03-04\\nc1@example.com,n,2030-01-02\\nx,n,2022-01-01\\n'::bytea, on_duplicate => 'reject')}, $database);
	query(q{UPDATE vero.rejected_rows SET corrected_record = 'corrected@example.com,n,2022-01-01' WHERE raw_record LIKE 'x,n,%'; SELECT vero.retry_rejects(max(import_id)) FROM vero.rejected_rows}, $database);
}
is(contents('shop'), contents('plain'), 'imports by function and COPY, with rejects and duplicates, in transactions and rolled back: the same in two nodes as in one table');
ok($_->poll_query_until('shop', q{SELECT coalesce(sum(calls), 0) > 0 FROM pg_stat_user_functions WHERE schemaname = 'vero' AND funcname = 'put_events'}), 'a node has written in bulk') for @nodes{qw(worker_a worker_b)};

# Of each partition of each shard: whether its indexes and its heap are whole, and agree.
sub check_shards
{
	my ($what) = @_;
	for my $node (@nodes{qw(worker_a worker_b)})
	{
		$node->safe_psql('shop', q{SET citus.enable_ddl_propagation = off; CREATE EXTENSION IF NOT EXISTS amcheck});
		like($node->safe_psql('shop', q{SET citus.override_table_visibility = off; SELECT count(*), count(bt_index_check(i.indexrelid, true)) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
			JOIN pg_class AS t ON t.oid = i.indrelid AND t.relkind = 'r' JOIN pg_am AS a ON a.oid = c.relam AND a.amname = 'btree'
			WHERE t.relnamespace = 'vero'::regnamespace AND t.relname ~ '^events_.*_\d{6,}$'}), qr/^([1-9]\d*)\|\1$/, "$what: the indexes of the shards are whole");
	}
	return;
}
check_shards('imports');

# ---- what a node may be told ------------------------------------------------------------------------------------------------

query('GRANT EXECUTE ON FUNCTION vero.put_events TO importer');
fails($worker, q{SET ROLE importer; SELECT vero.put_events(1, 'x')}, qr/ERROR:  permission denied for function put_events\nDETAIL:  .*\nHINT:  Import on the coordinator/, 'superusers only');
query('REVOKE EXECUTE ON FUNCTION vero.put_events FROM importer');
fails($worker, q{SELECT vero.put_events(1, 'x')}, qr/ERROR:  vero\.put_events\(\) is called by imports on the coordinator/, 'where keys are checked, nothing is put');
# a contact of the node's own, and frames of zstd that are no batches
my $here = $worker->safe_psql('shop', q{SELECT min(k) FROM generate_series(1, 100) AS k JOIN pg_dist_placement AS p ON p.shardid = get_shard_id_for_distribution_column('vero.events', k)
	WHERE p.groupid = (SELECT groupid FROM pg_dist_local_group)});
fails($worker, "SET session_replication_role = replica; SELECT vero.put_events($here, '$_->[0]')", qr/ERROR:  invalid batch of rows: $_->[1]\n/, "refused: $_->[1]")
	for [ 'x', 'its size is unknown' ], [ '\\x28b52ffd2008ffffff', 'it cannot be decompressed' ], [ '\\x28b52ffd2000010000', 'it ends too early' ], [ '\\x28b52ffd2010450000100000010032c002', 'it does not begin as one' ];

# ---- jobs, mail, undo, forgetting ------------------------------------------------------------------------------------------

my $campaigns = q{INSERT INTO vero.campaigns (name, event_name, delay, grace, condition, subject, body_text)
	VALUES ('thanks', 'order', '0', '100 days', '$.event.number > 1', 'Thanks', 'No {{ event.number }} of {{ contact.email }}')};
my $orders = q{SELECT jobs_scheduled FROM import_events_csv(trigger_campaigns => true, content => convert_to(concat(E'email,name,time,number\n',
	(SELECT string_agg(format('o%s@example.com,order,%s,%s', n % 7, now() - interval '1 day', n), E'\n') FROM generate_series(1, 20) AS n)), 'UTF8'), property_types => '{"number": "number"}')};
for my $database (qw(shop plain))
{
	query($campaigns, $database);
	is(query($orders, $database), 20, "$database: jobs are scheduled");
	query(q{DELETE FROM vero.events WHERE properties @> '{"number": 3}'; UPDATE vero.contacts SET unsubscribed_at = now() WHERE email = 'o5@example.com'}, $database);
	is(query('SELECT * FROM vero.run_jobs()', $database), '15|5|0', "$database: and decided");
	is(query(q{SELECT vero.track_event('tracked@example.com', 'order', '{"number": 7}', '2022-06-01') > 0}, $database), 't', "$database: an event is tracked");
}
# events without a job, of another name, and whose import is undone below
my $more = q{SELECT jobs_scheduled FROM import_events_csv(convert_to(concat(E'email,name,time,number\n', (SELECT string_agg(format('p%s@example.com,Order,%s 12:00Z,%s', n % 7, current_date - 2, n), E'\n') FROM generate_series(21, 30) AS n)), 'UTF8'), property_types => '{"number": "number"}')};
my $reasons = q{SET TimeZone = 'UTC'; SELECT email, campaign, event_name, state, message_id IS NOT NULL, regexp_replace(regexp_replace(why, '\d+-\d+-\d+ \d+:\d+:[\d.]+\+00', '<when>', 'g'), 'message \d+', 'message', 'g') AS why, count(*) FROM vero.decisions GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6};
sub told_alike
{
	my ($when) = @_;
	is(query($reasons), query($reasons, 'plain'), "$when: what became of each event, and why, is told as in one table");
	my $why = q{SELECT p.email, w.event_name, w.state, left(w.why, 12) FROM unnest('{o1,o2,o3,o5,p1,p2,c1,tracked,stranger}'::text[]) AS p (email) CROSS JOIN vero.why(p.email || '@example.com', 'thanks') AS w};
	is(query($why), query($why, 'plain'), "$when: and of one person");
	return;
}
# Whoever may see all of the view is told by one node, which has the person's events, and by the coordinator.
sub told_by_one_node
{
	my ($set) = @_;
	my ($status, $out, $error) = $coordinator->psql('shop', "$set; SET citus.log_remote_commands = on; SELECT count(*) > 0 FROM vero.why('o1\@example.com', 'thanks')");
	my $asked = () = $error =~ /issuing SELECT .* FROM vero\.events/g;
	is("$out|$asked", 't|1', "$set: one node is asked about one person");
	return;
}
for my $database (qw(shop plain))
{
	is(query($more, $database), 0, "$database: events that trigger nothing");
}
told_alike('decided');
query('CREATE ROLE teller; GRANT SELECT ON vero.decisions TO teller');
told_by_one_node($_) for 'RESET ROLE', 'SET ROLE teller';
fails($coordinator, q{SET ROLE importer; SELECT vero.why('o1@example.com', 'thanks')}, qr/ERROR:  permission denied for view decisions/, 'who may not see the view is not told');
query(q{UPDATE vero.campaigns SET event_name = 'purchase'}, $_) for qw(shop plain);
told_alike('of another name');
query(q{UPDATE vero.campaigns SET event_name = 'order'}, $_) for qw(shop plain);
for my $database (qw(shop plain))
{
	is(query(q{SELECT sent_now, discarded, contacts, mails_per_contact FROM vero.backfill_campaign('thanks', '-infinity')}, $database), '10|0|7|1.4 mails a contact', "$database: what a backfill would do");
	is(query(q{SELECT sent_now, discarded FROM vero.backfill_campaign('thanks', '-infinity', false)}, $database), '10|0', "$database: stored events get jobs");
	is(query(q{SELECT sent_now, discarded FROM vero.backfill_campaign('thanks', '-infinity', false)}, $database), '0|0', "$database: once");
	is(query('SELECT * FROM vero.run_jobs()', $database), '10|0|0', "$database: which are decided");
}
# a job each whose event is dropped below, and whose is not
my $late = q{UPDATE vero.campaigns SET grace = '36500 days'; SELECT jobs_scheduled FROM import_events_csv(E'email,name,time\nl@example.com,order,2022-06-01\nl@example.com,order,2022-06-20\n'::bytea, trigger_campaigns => true)};
my $decided = q{SELECT j.state, j.reason, count(*) FROM vero.trigger_jobs AS j GROUP BY 1, 2 ORDER BY 1, 2; SELECT recipients, body_text FROM vero.messages WHERE kind = 'campaign' ORDER BY 2, 1};
is(query($decided), query($decided, 'plain'), 'jobs and mail are the same');
is(query(q{SELECT body_text FROM vero.preview('thanks', 'o1@example.com')}) =~ /^No \d+ of o1\@example.com$/ ? 1 : 0, 1, 'a preview finds event and contact');
for my $database (qw(shop plain))
{
	is(query(q{SELECT events_removed, contacts_removed, contacts_kept FROM vero.undo_import((SELECT min(import_id) FROM vero.trigger_jobs))}, $database), '19|6|1', "$database: an import is undone");
	is(query(q{SELECT contacts, events > 0 FROM vero.forget('c1@example.com')}, $database), '1|t', "$database: somebody is forgotten");
}
is(query($decided), query($decided, 'plain'), 'jobs and mail are the same still');
told_alike('undone and forgotten');
is(contents('shop'), contents('plain'), 'and so is all else');

# ---- partitions ----------------------------------------------------------------------------------------------------------------

for my $database (qw(shop plain))
{
	is(query(q{SELECT partition, holds_from, holds_until, events_moved > 0 FROM vero.create_partitions('2022-05-01', '2022-08-01')}, $database),
		join("\n", map { "vero.events_2022_0${_}_01|2022-0$_-01 00:00:00+00|2022-0@{[$_ + 1]}-01 00:00:00+00|t" } 5 .. 7), "$database: partitions are made, and filled");
	is(query(q{SELECT count(*) FROM vero.create_partitions('2022-05-01', '2022-08-01')}, $database), 0, "$database: once");
	is(query(q{SELECT partition, missing FROM vero.partitions WHERE missing <> '{}'}, $database), '', "$database: they lack nothing");
	query($late, $database);
}
is(contents('shop'), contents('plain'), 'what is moved into partitions is what it was');
my $moved = q{SELECT count(*), sum(e.id) > 0 FROM vero.events_2022_06_01 AS e; SELECT count(*) FROM vero.events_default};
is(query($moved), query($moved, 'plain'), 'and lies where it does in one table');
my $dropped = q{SELECT * FROM vero.drop_partitions('2022-06-15'); SELECT id, events_dropped FROM vero.imports ORDER BY id; SELECT state, reason, count(*) FROM vero.trigger_jobs GROUP BY 1, 2 ORDER BY 1, 2};
is(query($dropped), query($dropped, 'plain'), 'partitions are dropped, events deleted, and jobs discarded as in one table');
is(contents('shop'), contents('plain'), 'which leaves the same');

# ---- contacts that others create ----------------------------------------------------------------------------------------------

# An import waits for who is creating one of its contacts, and takes his where he commits.
for my $end (qw(COMMIT ROLLBACK))
{
	my $others = $coordinator->background_psql('shop', on_error_die => 1);
	$others->query_safe(qq{BEGIN; INSERT INTO vero.contacts (email) VALUES ('new_\L$end\E\@example.com')});
	my $import = start_program('psql', '-XAtq', '-d', $coordinator->connstr('shop'), '-c',
		qq{SELECT rows_imported, contacts_created FROM import_events_csv(convert_to('email,name,time' || (SELECT string_agg(format(E'\n%s_\L$end\E\@example.com,n,2022-01-01', u), '') FROM unnest('{new,newer,c1,newest}'::text[]) AS u), 'UTF8'))});
	$coordinator->poll_query_until('shop', 'SELECT count(*) > 0 FROM citus_lock_waits') or die 'the import does not wait';
	$others->query_safe($end);
	$others->quit;
	$import->{run}->finish;
	is("$import->{out}$import->{err}", $end eq 'COMMIT' ? "4|3\n" : "4|4\n", "an import waits for who creates one of its contacts, and goes on after his $end");
	is(query(qq{SELECT count(*), count(DISTINCT email) FROM vero.contacts WHERE email ~ '_\L${end}\E\@'; SELECT count(*) FROM vero.timeline WHERE email ~ '_\L${end}\E\@'}), "4|4\n4", 'each is there once, and has his event');
	$others = $coordinator->background_psql('shop', on_error_die => 1);
	$others->query_safe(qq{BEGIN; INSERT INTO vero.contacts (email) VALUES ('tracked_\L$end\E\@example.com')});
	my $tracking = start_program('psql', '-XAtq', '-d', $coordinator->connstr('shop'), '-c', qq{SELECT vero.track_event('tracked_\L$end\E\@example.com', 'n') > 0});
	$coordinator->poll_query_until('shop', 'SELECT count(*) > 0 FROM citus_lock_waits') or die 'the event does not wait';
	$others->query_safe($end);
	$others->quit;
	$tracking->{run}->finish;
	is("$tracking->{out}$tracking->{err}", "t\n", 'and so does an event');
}
query(q{DELETE FROM vero.events AS e USING vero.contacts AS c WHERE c.id = e.contact_id AND c.email ~ '_(commit|rollback)@'; DELETE FROM vero.contacts WHERE email ~ '_(commit|rollback)@'});

# ---- foreign keys ----------------------------------------------------------------------------------------------------------------

# The nodes do not check those of many rows of an import, whose contacts it has locked; and check them again for whatever comes behind it.
my $astray = 'INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (-1, $$n$$, $$2022-01-01$$)';
fails($coordinator, "BEGIN; SELECT import_events_csv('$second', allow_repeat => true); $astray", qr/violates foreign key constraint/, 'keys are checked after an import');
fails($coordinator, "BEGIN; DO \$do\$ BEGIN PERFORM import_events_csv('$second', allow_repeat => true); RAISE 'no'; EXCEPTION WHEN raise_exception THEN NULL; END \$do\$; $astray",
	qr/violates foreign key constraint/, 'and after one that was rolled back');
# somebody without events, who is deleted on each of the nodes while an import gives him the first
for my $name (sort keys %nodes)
{
	query(qq{INSERT INTO vero.contacts (email) VALUES ('lone_$name\@example.com')});
	my $import = $coordinator->background_psql('shop', on_error_die => 1);
	$import->query_safe(qq{BEGIN; SELECT import_events_csv(allow_repeat => true, content => convert_to('email,name,time' || repeat(E'\nlone_$name\@example.com,n,2022-01-01', 200), 'UTF8'))});
	my $deletion = start_program('psql', '-XAtq', '-d', $nodes{$name}->connstr('shop'), '-c', qq{DELETE FROM vero.contacts WHERE email = 'lone_$name\@example.com'});
	$worker->poll_query_until('shop', q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) or die 'the deletion does not wait';
	$import->query_safe('COMMIT');
	$import->quit;
	$deletion->{run}->finish;
	like($deletion->{err}, qr/violates foreign key constraint/, "who is being given events is not deleted by $name");
	query(qq{DELETE FROM vero.events AS e USING vero.contacts AS c WHERE c.id = e.contact_id AND c.email ~ '^lone_'; DELETE FROM vero.contacts WHERE email ~ '^lone_'});
}
is(query('SELECT count(*) FROM vero.events AS e LEFT JOIN vero.contacts AS c ON c.id = e.contact_id WHERE c.id IS NULL'), 0, 'no event is without its contact');

# What was put once, for its own shard and for another one.
my ($key, $batch) = slurp_file($worker->logfile) =~ /put_events\('(\d+)'::bigint, '(\\x[0-9a-f]+)'::bytea\)/ or die 'nothing was put';
fails($worker, "SET session_replication_role = replica; SELECT vero.put_events($key, '$batch')", qr/ERROR:  duplicate key value violates unique constraint "events_\w+_pkey_\d+"\n/, 'a batch is written into its shard once');
my $elsewhere = $worker->safe_psql('shop', qq{SELECT min(k) FROM generate_series(1, 100) AS k JOIN pg_dist_placement AS p ON p.shardid = get_shard_id_for_distribution_column('vero.events', k)
	WHERE p.groupid = (SELECT groupid FROM pg_dist_local_group) AND p.shardid <> get_shard_id_for_distribution_column('vero.events', ${key}::bigint)});
fails($worker, "SET session_replication_role = replica; SELECT vero.put_events($elsewhere, '$batch')", qr/ERROR:  could not write events because a shard of vero\.events was split meanwhile\nHINT:  Retry/, 'and into no other');
fails($worker, "SET session_replication_role = replica; SELECT vero.put_events($key, '@{[substr $batch, 0, -2]}')", qr/ERROR:  invalid batch of rows: it cannot be decompressed/, 'nor what is cut off');

# ---- side by side ------------------------------------------------------------------------------------------------------------

# Among people who are all new, some who are not.
sub addresses { my ($from, $until) = @_; return "E'email,name,time\\n' || (SELECT string_agg(format('n%s\@example.com,side by side,2022-01-01', n), E'\\n') FROM generate_series($from, $until) AS n)" }
sub import_of { my ($content) = @_; return "SELECT rows_imported, contacts_created FROM import_events_csv(convert_to($content, 'UTF8'), allow_repeat => true)" }
query(import_of(addresses(15_001, 15_500)));
is(query(import_of(addresses(1, 25_000))), '25000|24500', 'some of the people of a file were there, far behind others who were not');
my $here_alone = $coordinator->background_psql('shop', on_error_die => 1);
$here_alone->query_safe('BEGIN; ' . import_of(addresses(1, 10)));
my @side_by_side = map { start_program('psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $coordinator->connstr('shop'), map { ('-c', $_) } @{$_}) } [ import_of(addresses(10, 30_000)) ], [ import_of(addresses(20_000, 32_000)) ],
	[ import_of(addresses(1, 10)) ], map { [ "SELECT count(vero.track_event('n$_\@example.com', 'side by side'))" ] } 10, 40_000, 40_000;
push @side_by_side, start_program('psql', '-XAtq', '-d', $coordinator->connstr('shop'), '-c', $_) for q{SELECT contacts FROM vero.forget('n1@example.com')}, q{SELECT contacts FROM vero.forget('n2@example.com')};
$coordinator->poll_query_until('shop', "SELECT count(*) = @{[scalar @side_by_side]} FROM pg_locks WHERE locktype = 'object' AND NOT granted") or die 'they do not wait';
$here_alone->query_safe('COMMIT');
$here_alone->quit;
$_->{run}->finish for @side_by_side;
is(join('', map { $_->{err} } @side_by_side), '', 'imports, tracked events and who forgets people take turns');
my $by_hand = $coordinator->background_psql('shop', on_error_die => 1);
$by_hand->query_safe(q{BEGIN; INSERT INTO vero.contacts (email) VALUES ('n50001@example.com')});
my $beside = start_program('psql', '-XAtq', '-d', $coordinator->connstr('shop'), '-c', import_of(addresses(50_000, 50_002)));
$worker->poll_query_until('shop', q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) or die 'the import does not wait';
$by_hand->query_safe('COMMIT');
$by_hand->quit;
$beside->{run}->finish;
is($beside->{out} . $beside->{err}, "3|2\n", 'an import finds whom somebody has created by hand while it waited for him');
my $of_before = $coordinator->background_psql('shop', on_error_stop => 0);
$of_before->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) > 0 FROM vero.contacts');
query(import_of(addresses(60_000, 60_000)));
$of_before->query(import_of(addresses(60_000, 60_001)));
like($of_before->{stderr}, qr/ERROR:  could not serialize access due to concurrent update/, 'whose transaction does not see a contact is told so, as in one table');
$of_before->quit;
query(q{DELETE FROM vero.events WHERE name = 'side by side'});

# ---- shards that are moved, split, and held ------------------------------------------------------------------------------

my $shard_of_one = q{get_shard_id_for_distribution_column('vero.events', (SELECT c.id FROM vero.contacts AS c WHERE c.email = 'c2@example.com'))};
my $placed = "SELECT n.nodename || ' ' || n.nodeport FROM pg_dist_placement AS p JOIN pg_dist_node AS n ON n.groupid = p.groupid WHERE p.shardid = $shard_of_one";
sub other_node { my ($name) = @_; my ($other) = grep { $_->host . ' ' . $_->port ne $name } @nodes{qw(worker_a worker_b)}; return $other }
sub move
{
	my ($from) = @_;
	my $to = other_node($from);
	return sprintf q{SELECT citus_move_shard_placement(%s, '%s', %d, '%s', %d, 'block_writes')}, $shard_of_one, split(/ /, $from), $to->host, $to->port;
}
# An import that has read all, of one person's events or of many people's, and has not ended.
sub begin_of_one
{
	my ($records, $people) = @_;
	my $session = VeroProtocol->connect($coordinator, name => 'of one', database => 'shop');
	$session->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat true)');
	$session->copy_data("email,name,time\n" . join('', map { "c@{[2 + $_ % ($people // 1)]}\@example.com,of one,2022-01-01\n" } 1 .. $records), 65536);
	$session->wait_until_read;
	return $session;
}
my $of_one = q{SELECT count(*) FROM vero.events WHERE name = 'of one'};
my $from = query($placed);
my $session = begin_of_one(200_000); # more than waits on the coordinator
my $moving = start_program('psql', '-XAtq', '-d', $coordinator->connstr('shop'), '-c', 'SET client_min_messages = warning', '-c', move($from));
my ($holder) = grep { $_->host . ' ' . $_->port eq $from } @nodes{qw(worker_a worker_b)};
$holder->poll_query_until('shop', q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) or die 'the move does not wait';
like($session->end_copy, qr/^C:COPY 200000/, 'an import that has written into a shard goes on beside who moves it');
$moving->{run}->finish;
is($moving->{err}, '', 'which waits for its end');
is(query($of_one), 200_000, 'all that was imported has moved');
$from = query($placed);
$session = begin_of_one(12_000);
query(move($from));
like($session->end_copy, qr/^C:COPY 12000/, 'an import whose rows wait on the coordinator writes into the shard where it is by then');
is(query($of_one), 212_000, 'and nothing is lost');
$session = begin_of_one(25_000, 200);
my $splitting = start_program('psql', '-XAtq', '-d', $coordinator->connstr('shop'), '-c', 'SET client_min_messages = error', '-c', "SELECT citus_split_shard_by_split_points($shard_of_one,
	ARRAY[((s.shardminvalue::bigint + s.shardmaxvalue::bigint) / 2)::text], ARRAY[p.nodeid, p.nodeid], 'block_writes')
	FROM pg_dist_shard AS s, (SELECT min(n.nodeid) AS nodeid FROM pg_dist_node AS n WHERE n.groupid <> 0) AS p WHERE s.shardid = $shard_of_one");
$coordinator->poll_query_until('shop', q{SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) or die 'the split does not wait';
like($session->end_copy, qr/^C:COPY 25000/, 'who splits a shard waits for an import that has looked contacts up');
$splitting->{run}->finish;
is($splitting->{err}, '', 'and goes on');
is(query($of_one), 237_000, 'nothing is lost, nor doubled');
$session = begin_of_one(1000, 200);
like($session->end_copy, qr/^C:COPY 1000/, 'the new shards take imports');
is(query($of_one), 238_000, 'all of them');

$from = query($placed);
($holder) = grep { $_->host . ' ' . $_->port eq $from } @nodes{qw(worker_a worker_b)};
my $held = $holder->background_psql('shop', on_error_die => 1);
$held->query_safe(sprintf 'BEGIN; SELECT lock_shard_metadata(7, ARRAY[%d::bigint])', query("SELECT $shard_of_one"));
$session = begin_of_one(1000);
$session->send([ c => '' ]);
$holder->poll_query_until('shop', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query ~ 'put_events' AND wait_event_type = 'Lock'}) or die 'the import does not wait';
query("SELECT pg_cancel_backend($session->{pid})");
like(VeroProtocol::text_of($session->until_ready), qr/^E:57014/, 'an import that waits for a node is cancelled');
$holder->poll_query_until('shop', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE query ~ 'put_events' AND wait_event_type = 'Lock'}) or die 'the node still waits';
$held->quit;
query(q{DELETE FROM vero.events WHERE name = 'of one'});
check_shards('moved');

# ---- the other nodes ---------------------------------------------------------------------------------------------------------

is($worker->safe_psql('shop', 'SELECT count(*) FROM vero.timeline'), query('SELECT count(*) FROM vero.timeline'), 'the other nodes can be asked');
fails($worker, $_, qr/ERROR:  this server is a worker node of a Citus cluster\nDETAIL:  .*\nHINT:  Connect to the coordinator/, "but not: $_")
	for q{SELECT import_events_csv('a'::bytea)}, q{COPY vero.events FROM PROGRAM 'true' WITH (FORMAT vero_csv)}, q{SELECT vero.track_event('a@example.com', 'n')}, q{SELECT vero.why('o1@example.com', 'thanks')}, 'SELECT vero.run_jobs()', 'SELECT vero.enable_delivery()', 'CALL vero.send_mail()',
	q{SELECT vero.create_partitions('2022-01-01', '2023-01-01')}, q{SELECT vero.drop_partitions('2022-01-01')}, q{SELECT vero.adopt_partition('vero.events_default')}, 'SELECT vero.distribute_events()',
	'SELECT vero.undistribute_events()', 'SELECT vero.undo_import(1)', q{SELECT vero.forget('a@example.com')};

# ---- crashes -----------------------------------------------------------------------------------------------------------------

# An import that has written much, and waits for more.
sub begin_import
{
	my $session = VeroProtocol->connect($coordinator, name => 'stalls', database => 'shop');
	$session->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv)');
	$session->copy_data("email,name,time\n" . join('', map { "k$_\@example.com,n,2022-01-01\n" } 1 .. 30_000), 65536);
	$session->wait_until_read;
	return $session;
}

my $before = contents('shop') =~ s/\n\d+\|.*//sr; # but for the imports, one of which fails each time
$session = begin_import();
$worker->stop('immediate');
like($session->end_copy, qr/^E:/, 'an import whose node is gone fails');
$worker->start;
is(contents('shop') =~ s/\n\d+\|.*//sr, $before, 'and leaves nothing');
$session = begin_import();
kill 9, $session->{pid};
await_server($coordinator, $session->{pid}) or die;
is(contents('shop') =~ s/\n\d+\|.*//sr, $before, 'one whose server process was killed, too');
is(query(q{SELECT rows_imported FROM import_events_csv(E'email,name,time\\nk1@example.com,n,2022-01-01\\n'::bytea)}), 1, 'the next one goes on');

# ---- dump, and back ----------------------------------------------------------------------------------------------------------

my $distributed = contents('shop');
my $dump = "$directory/shop.dump";
$coordinator->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $coordinator->connstr('shop') ], 'a dump is made on the coordinator');
query('CREATE DATABASE restored', 'postgres');
$coordinator->command_ok([ 'pg_restore', '--exit-on-error', '-j2', '-d', $coordinator->connstr('restored'), $dump ], 'and restored');
is(contents('restored'), $distributed, 'it brings all back, into tables of one server');
is(query(q{SELECT partition, missing FROM vero.partitions WHERE missing <> '{}'}, 'restored'), "vero.events_2022_06_01|{\"foreign key\"}\nvero.events_2022_07_01|{\"foreign key\"}\nvero.events_2030|{\"foreign key\"}",
	'partitions that a user made have no foreign key of their own');

is(query('SELECT vero.undistribute_events()'), 't', 'the events come back');
is(contents('shop'), $distributed, 'all of them');
is(query(q{SELECT count(*) FROM pg_dist_partition; SELECT count(*) FROM vero.partitions WHERE missing <> '{}'}), "0\n0", 'into the tables that they were in');
is(query(q{SELECT tgname FROM pg_trigger WHERE tgrelid IN (SELECT partition FROM vero.partitions) AND NOT tgisinternal}), 'events_default_keys', 'whose triggers are those that were');
is($worker->safe_psql('shop', q{SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^(events|contacts).*_\d{6,}$'}), 0, 'and nothing is left on the nodes');
is(query(q{SELECT rows_imported FROM import_events_csv(E'email,name,time\\nk2@example.com,n,2022-03-01\\n'::bytea)}), 1, 'they take imports');
is(query('SELECT vero.distribute_events(4)'), 't', 'and are distributed again');
is(query(q{SELECT rows_imported FROM import_events_csv(E'email,name,time\\nk3@example.com,n,2022-03-01\\n'::bytea)}), 1, 'which take imports, too');

unlike(slurp_file($worker->logfile), qr/^vero_events worker: (?:ERROR|FATAL|WARNING)/m, 'background workers have no business there');
$_->stop for values %nodes;
done_testing();
