# Importers do not wait for one another, but for those with whom they share a new contact; and whatever becomes of them, each event has its
# contact, each address one, and nobody runs into a deadlock.
#
# VERO_ROUNDS says how many random rounds there are (40), VERO_SEED what they begin with.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use List::Util qw(shuffle);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use VeroProtocol;
use VeroWait qw(await_server start_psql);

my $node = PostgreSQL::Test::Cluster->new('side_by_side');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
max_prepared_transactions = 20
wal_level = logical
deadlock_timeout = 50ms
shared_buffers = 256MB
max_wal_size = 4GB
autovacuum = off
restart_after_crash = on
EOC
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events; CREATE EXTENSION amcheck');
my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;

# ---- what must hold ------------------------------------------------------------------------------------------------------

# A file of these addresses, one record each; an event knows its address.
my $files = 0;
sub write_file
{
	my (@names) = @_;
	my $path = sprintf '%s/%d.csv', $directory, ++$files;
	append_to_file($path, "email,name,time,address\n" . join '', map { "$_\@example.com,n,2022-01-01 00:00Z,$_\@example.com\n" } @names);
	return $path;
}

sub check_all
{
	my ($what) = @_;
	is($node->safe_psql('postgres', q{
			SELECT count(bt_index_parent_check(indexrelid, true, true)::text) FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_am AS a ON a.oid = i.relam
			WHERE amname = 'btree' AND indrelid IN ('vero.contacts'::regclass, 'vero.events_default'::regclass)}), 3, "$what: the indexes are sound");
	is($node->safe_psql('postgres', q{
			SELECT count(*) FROM vero.events AS e LEFT JOIN vero.contacts AS c ON c.id = e.contact_id WHERE c.email IS DISTINCT FROM e.properties->>'address'}),
		0, "$what: each event has the contact that it belongs to");
	is($node->safe_psql('postgres', q{SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;
			SELECT count(*) - count(DISTINCT email COLLATE "C"), count(*) - count(DISTINCT id) FROM vero.contacts}), '0|0', "$what: no address and no id is there twice");
	is($node->safe_psql('postgres', q{
			SELECT count(*) FROM vero.imports AS i
				LEFT JOIN (SELECT import_id, count(*) AS events FROM vero.events GROUP BY 1) AS e ON e.import_id = i.id
				LEFT JOIN (SELECT created_by_import, count(*) AS contacts FROM vero.contacts GROUP BY 1) AS c ON c.created_by_import = i.id
			WHERE state <> 'failed' AND (rows_imported <> coalesce(events, 0) OR contacts_created <> coalesce(contacts, 0))}), 0, "$what: imports have what they say");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), 0, "$what: no file is left");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND pid <> pg_backend_pid()}), 0, "$what: nor a lock");
	return;
}

sub is_waiting
{
	my ($name) = @_;
	return $node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = '$name' AND NOT granted AND locktype = 'transactionid'");
}

# ---- one that stalls amid a COPY ---------------------------------------------------------------------------------------

my $stalled = VeroProtocol->connect($node, name => 'stalls');
is($stalled->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv)'), 'G', 'a client begins a COPY');
$stalled->copy_data("email,name,time,address\n" . join('', map { "s$_\@example.com,n,2022-01-01 00:00Z,s$_\@example.com\n" } 1 .. 30_000), 65536);
$stalled->wait_until_read;
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND granted AND objid = 'vero.contacts'::regclass}), 1, 'creates contacts, and stalls');
my $sharing = start_psql($node, 'shares', "SELECT state, contacts_created FROM import_events_csv('${\write_file('a1', 's7', 'a2')}')");
ok(is_waiting('shares'), 'who shares a new contact with it waits');
is($node->safe_psql('postgres', q{SELECT pg_blocking_pids(pid) FROM pg_stat_activity WHERE application_name = 'shares'}), "{$stalled->{pid}}", 'for it alone');
my $other = write_file(map { "o$_" } shuffle 1 .. 25_000);
is($node->safe_psql('postgres', "SET statement_timeout = '180s'; SELECT state, rows_imported, contacts_created FROM import_events_csv('$other')"), 'completed|25000|25000',
	'who shares none does not');
is($node->safe_psql('postgres', "SET statement_timeout = '180s'; SELECT state, rows_imported, contacts_created FROM import_events_csv('$other', allow_repeat => true)"), 'completed|25000|0',
	'nor does who creates none');
is($node->safe_psql('postgres', "SET statement_timeout = '180s'; SELECT state, contacts_created FROM import_events_csv('${\write_file('a2', 'a3')}')"), 'completed|2',
	'nor who shares one with him who waits');
is($node->safe_psql('postgres', q{SET statement_timeout = '180s'; SELECT vero.track_event('a1@example.com', 'n', '{"address": "a1@example.com"}') IS NOT NULL}), 't',
	'nor an event that is tracked');
is($stalled->end_copy, 'C:COPY 30000 Z:I', 'the first one goes on');
$sharing->{run}->finish;
is($sharing->{out}, "completed|0\n", 'and so does who waited, and creates what is left');
like($sharing->{err}, qr/NOTICE:  the import waits for contacts that are in use by the session with process ID $stalled->{pid}\n/, 'who was told whom for');
check_all('stalled');

# A session that creates contacts, and does not end; a new one each time, for each has a time limit.
my $holder;
sub hold
{
	my ($name) = @_;
	$holder = $node->background_psql('postgres', on_error_die => 1);
	$holder->query_safe("BEGIN; SELECT state FROM import_events_csv('${\write_file($name)}')");
	return;
}
sub end_hold
{
	my ($how) = @_;
	$holder->query_safe($how);
	$holder->quit;
	return;
}

# ---- contacts that come and go by hand while a file is read ------------------------------------------------------------

# not of the first batch, which is looked up at once: who is there is locked
$node->safe_psql('postgres', q{INSERT INTO vero.contacts (email) VALUES ('h15002@example.com'), ('h15003@example.com')});
hold('by_hand');
my $slow = VeroProtocol->connect($node, name => 'slow');
is($slow->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv)'), 'G', 'a client begins a COPY while somebody else creates contacts');
my @seen = map { "h$_\@example.com" } 1 .. 30_000;
$slow->copy_data("email,name,time,address\n" . join('', map { "$_,n,2022-01-01 00:00Z,$_\n" } @seen), 65536);
$slow->wait_until_read;
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM pg_ls_tmpdir()'), 't', 'and is deferred');
$node->safe_psql('postgres', q{INSERT INTO vero.contacts (email) VALUES ('h15001@example.com'), ('h15004@example.com'), ('h30001@example.com');
	DELETE FROM vero.contacts WHERE email IN ('h15002@example.com', 'h15004@example.com')});
$slow->copy_data(join('', map { "$_,n,2022-01-01 00:00Z,$_\n" } 'h30001@example.com', @seen[ 15_000 .. 15_003 ]), 65536);
is($slow->end_copy, 'C:COPY 30005 Z:I', 'what was inserted by hand meanwhile is found, what was deleted is created');
end_hold('COMMIT');
is($node->safe_psql('postgres', q{SELECT string_agg(split_part(email, '@', 1) || CASE WHEN created_by_import IS NULL THEN ' by hand' ELSE '' END, ', ' ORDER BY email)
	FROM vero.contacts WHERE email IN ('h15001@example.com', 'h15002@example.com', 'h15003@example.com', 'h15004@example.com', 'h30001@example.com')}),
	'h15001 by hand, h15002, h15003 by hand, h15004, h30001 by hand', 'each by whom it should be');
check_all('by hand');

# ---- a client that is gone amid a COPY that is deferred ----------------------------------------------------------------

hold('gone');
$slow = VeroProtocol->connect($node, name => 'gone');
$slow->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv)');
$slow->copy_data("email,name,time\n" . join('', map { "g$_\@example.com,n,2022-01-01\n" } 1 .. 30_000), 65536);
$slow->wait_until_read;
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM pg_ls_tmpdir()'), 't', 'a COPY that is deferred has files');
close($slow->{socket});
ok($node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'gone')}), 'and its client is gone');
end_hold('ROLLBACK');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.contacts WHERE email LIKE 'g%'}), 0, 'nothing of it stays');
check_all('gone');

# ---- what others decode -------------------------------------------------------------------------------------------------

# What logical decoding has to give since it was asked last: how many contacts, and the events, without ids, each with the address of its
# contact, which has come before it.
$node->safe_psql('postgres', q{SELECT pg_create_logical_replication_slot('decoded', 'test_decoding')});
sub decoded_changes
{
	my (%email_of, @events);
	for my $change (split /\n/, $node->safe_psql('postgres', q{SELECT data FROM pg_logical_slot_get_changes('decoded', NULL, NULL, 'skip-empty-xacts', '1', 'include-xids', '0')
			WHERE data ~ '^table vero.(contacts|events_default):'}))
	{
		if ($change =~ /^table vero\.contacts: INSERT: id\[bigint\]:(\d+) email\[text\]:'([^']+)'/) { $email_of{$1} = $2 }
		elsif ($change =~ /^table vero\.events_default: INSERT: /)
		{
			my ($contact) = $change =~ /contact_id\[bigint\]:(\d+)/;
			push @events, join ' ', $email_of{$contact} // 'nobody', $change =~ /(name\[text\]:.*properties\[jsonb\]:'[^']*')/;
		}
		else { push @events, "unexpected: $change" }
	}
	return [ scalar keys %email_of, sort @events ];
}
my @decoded = map { ("l$_") x 2 } 1 .. 400;
my $decoded_path = write_file(shuffle(@decoded));
sub forget_all { return $node->safe_psql('postgres', q{TRUNCATE vero.imports, vero.contacts, vero.events, vero.messages, vero.rejected_rows, vero.trigger_jobs}) }
forget_all();
decoded_changes();
my $import_twice = "SELECT state, contacts_created FROM import_events_csv('$decoded_path', allow_repeat => true)";
is($node->safe_psql('postgres', $import_twice), 'completed|400', 'an import that creates contacts as they come');
my $eager = decoded_changes();
is(scalar(@$eager), 801, 'its events are decoded');
is($eager->[0], 400, 'and its contacts');
forget_all();
hold('l200');
my $deferred = start_psql($node, 'decoded', $import_twice);
ok(is_waiting('decoded'), 'one that is deferred, and takes back what it has created');
end_hold('ROLLBACK');
$deferred->{run}->finish;
is($deferred->{out}, "completed|400\n", 'goes on');
is_deeply(decoded_changes(), $eager, 'decoding gives the same rows');

# where triggers and foreign keys are switched off, as where a replica is written
forget_all();
hold('replica');
my $replica = $node->safe_psql('postgres', "SET session_replication_role = replica; $import_twice");
end_hold('COMMIT');
is($replica, 'completed|400', 'session_replication_role = replica: an import that is deferred');
check_all('replica');
is_deeply([ grep { /^l/ } @{ decoded_changes() } ], [ grep { /^l/ } @$eager ], 'and the same rows');
$node->safe_psql('postgres', q{SELECT pg_drop_replication_slot('decoded')});

# ---- more contacts than are remembered at a time ---------------------------------------------------------------------

my $status = q{SELECT pg_read_file('/proc/self/status')};
sub kb { return $_[0] =~ /^$_[1]:\s+(\d+) kB$/m ? $1 : die "no $_[1]" }
my $idle_kb = kb($node->safe_psql('postgres', "SELECT count(*) FROM vero.imports; $status"), 'RssAnon');

my $many = 1_020_000;
my $path = "$directory/many.csv";
open(my $file, '>', $path) or die "$path: $!";
print {$file} "email,name,time\n";
my $again = 200_000; # of them, in another order
print {$file} map { "m$_\@example.com,n,2022-01-01\n" } $_ * 10_000 .. $_ * 10_000 + 9_999 for 0 .. $many / 10_000 - 1;
print {$file} map { 'm' . $_ * 7919 % $many . "\@example.com,n,2022-01-01\n" } 1 .. $again;
close($file) or die "$path: $!";
hold('holder');
my $told = $node->safe_psql('postgres', "SELECT state, rows_imported, contacts_created FROM import_events_csv('$path'); $status");
end_hold('COMMIT');
like($told, qr/^completed\|${\($many + $again)}\|$many\n/, "$many new contacts while somebody else creates contacts");
my $own_kb = kb($told, 'VmHWM') - kb($told, 'RssShmem') - kb($told, 'RssFile') - $idle_kb;
cmp_ok($own_kb, '<', 64 * 1024, "within 64 MB ($own_kb kB)");
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT contact_id FROM vero.events GROUP BY 1 HAVING count(*) > 2) AS s}), 0, 'each of them once');
unlink $path;
$node->safe_psql('postgres', 'TRUNCATE vero.imports, vero.contacts, vero.events, vero.messages, vero.rejected_rows, vero.trigger_jobs');

# where files may not hold what is deferred, the lock is waited for, as by those who have to
hold('holder');
my $limited = start_psql($node, 'limited', "SET temp_file_limit = '1MB'", "SELECT state, contacts_created FROM import_events_csv('$other', allow_repeat => true)");
ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = 'limited' AND NOT granted AND locktype = 'object'}),
	'temp_file_limit: what is too much for files waits');
end_hold('COMMIT');
$limited->{run}->finish;
is($limited->{out}, "completed|25000\n", 'and is imported');
check_all('temp_file_limit');

# ---- random pairs ------------------------------------------------------------------------------------------------------

my $seed = $ENV{VERO_SEED} // int(rand(1_000_000_000));
srand($seed);
note("VERO_SEED=$seed");
my $log_end = -s $node->logfile;

# A transaction with an import of some of these contacts, in any order, and one of many ends; the statements of a session.
sub random_importer
{
	my ($id, @pool) = @_;
	my @names = map { $pool[ rand @pool ] } 1 .. 1 + rand(rand() < 0.1 ? 12_000 : 40);
	my $import = "SELECT state FROM import_events_csv('${\write_file(@names)}', allow_repeat => true)";
	my $again = "SELECT state FROM import_events_csv('${\write_file(shuffle @names)}', allow_repeat => true)";
	my @ends = (
		[$import], [$import], [$import],
		[ 'BEGIN', $import, 'ROLLBACK' ],
		[ 'BEGIN', $import, 'SELECT 1 / 0' ],
		[ 'BEGIN', 'SAVEPOINT s', $import, 'ROLLBACK TO s', $again, 'COMMIT' ],
		[ 'BEGIN', 'SAVEPOINT s', $import, 'ROLLBACK TO s', 'COMMIT' ],
		[ 'BEGIN', 'SAVEPOINT s', $import, 'RELEASE s', $again, 'COMMIT' ],
		[ 'BEGIN', $import, "PREPARE TRANSACTION 'p$id'" ],
		[ sprintf("SET statement_timeout = '%dms'", 1 + rand(60)), $import ],
		[ 'BEGIN ISOLATION LEVEL REPEATABLE READ', $import, 'COMMIT' ],
		[ 'BEGIN ISOLATION LEVEL SERIALIZABLE', $import, 'COMMIT' ],
		[ q{SELECT pg_sleep(random() / 50)}, $import ],
		[ map { "SELECT vero.track_event('$_\@example.com', 'n', '{\"address\": \"$_\@example.com\"}') IS NOT NULL" } @names[ 0 .. ($#names > 5 ? 5 : $#names) ] ],
		[ map { "INSERT INTO vero.contacts (email) VALUES ('$_\@example.com') ON CONFLICT DO NOTHING" } @names[ 0 .. ($#names > 5 ? 5 : $#names) ] ],
		[ q{DELETE FROM vero.contacts AS c WHERE created_by_import IS NULL AND NOT EXISTS (SELECT FROM vero.events WHERE contact_id = c.id)} ]);
	return @{ $ends[ rand @ends ] };
}

# Ends prepared transactions, so that nobody waits for them for ever.
sub end_prepared
{
	for my $name (split /\n/, $node->safe_psql('postgres', 'SELECT gid FROM pg_prepared_xacts'))
	{
		$node->safe_psql('postgres', sprintf q{%s PREPARED '%s'}, rand() < 0.5 ? 'COMMIT' : 'ROLLBACK', $name);
	}
	return;
}

my $is_allowed = qr/division by zero|canceling statement due to statement timeout|terminating connection due to administrator command|could not serialize access|transaction is aborted|violates foreign key constraint|server closed the connection|connection to server was lost/;

sub run_round
{
	my ($round) = @_;
	my @pool = map { "r${round}x$_" } 1 .. 3 + rand(30);
	my $is_held = rand() < 0.6;
	hold("h$round") if $is_held;
	my @running = map { start_psql($node, "importer$_", random_importer("${round}_$_", @pool)) } 1 .. 2 + rand(3);
	if (rand() < 0.3)
	{
		usleep(rand(60_000));
		$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'importer1'});
	}
	if ($is_held)
	{
		usleep(rand(60_000));
		end_hold(rand() < 0.5 ? 'COMMIT' : 'ROLLBACK');
	}
	while (grep { $_->{run}->pumpable } @running)
	{
		$_->{run}->pumpable and $_->{run}->pump_nb for @running;
		end_prepared();
	}
	$_->{run}->finish for @running;
	end_prepared();
	my @wrong = grep { /(ERROR|FATAL):/ && !/$is_allowed/ } map { split /\n/, $_->{err} } @running;
	is_deeply(\@wrong, [], "round $round: nothing but what was asked for") if @wrong;
	return;
}

my $rounds = $ENV{VERO_ROUNDS} // 40;
for my $round (1 .. $rounds)
{
	run_round($round);
	check_all("round $round") if $round % 20 == 0 || $round == $rounds;
}
unlike(slurp_file($node->logfile, $log_end), qr/deadlock detected/, "no deadlock in $rounds rounds (VERO_SEED=$seed)");
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM vero.events'), '>', 0, 'and some of it stays');

# ---- killed --------------------------------------------------------------------------------------------------------------

hold('holder2');
my $killed = start_psql($node, 'killed', 'BEGIN', "SELECT state FROM import_events_csv('${\write_file('k1', 'holder2', map { qq{k$_} } 2 .. 15_000)}')");
ok(is_waiting('killed'), 'one that is deferred, and waits');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM pg_ls_tmpdir()'), 't', 'with files');
my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'killed'});
$log_end = -s $node->logfile;
kill('KILL', $pid);
$killed->{run}->finish;
$node->wait_for_log(qr/database system is ready to accept connections/, $log_end);
await_server($node, $pid) or die 'the server does not come back';
check_all('killed');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.contacts WHERE email LIKE 'k%'}), 0, 'nothing of it stays');

$node->stop;
my $log = slurp_file($node->logfile);
my @signals = $log =~ /was terminated by signal (\d+)/g;
is("@signals", '9', 'no process crashed but the one that was killed');
unlike($log, qr/WARNING:(?!  terminating connection because of crash|  there is)|PANIC|TRAP/, 'no warnings: nothing leaks');
done_testing();
