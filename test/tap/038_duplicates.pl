# Imports that look for duplicates: in memory that stays flat, side by side without a deadlock and without an event twice, and whatever ends one
# while it waits or compares, nothing of it stays.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use List::Util qw(shuffle);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroWait qw(start_psql has_no_journal await_server);

my $node = PostgreSQL::Test::Cluster->new('duplicates');
$node->init;
# Pages of shared buffers are no memory of the backend's own; few of them leave little to be mistaken for it.
$node->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
shared_buffers = 4MB
wal_buffers = 256kB
max_wal_size = 4GB
autovacuum = off
restart_after_crash = on
deadlock_timeout = 50ms
EOC
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
my $tables = 'vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages';

# A file with a record for each of these numbers, as `$record` prints it.
my $files = 0;
sub write_file
{
	my ($record, @numbers) = @_;
	my $path = sprintf '%s/%d.csv', $directory, ++$files;
	open(my $file, '>', $path) or die "$path: $!";
	print {$file} "email,name,time,n\n";
	print {$file} $record->($_), "\n" for @numbers;
	close($file) or die "$path: $!";
	return $path;
}

# ---- memory ------------------------------------------------------------------------------------------------------------

my $allowed_kb = 64 * 1024;
my $status = q{SELECT pg_read_file('/proc/self/status')};
sub kb { return $_[0] =~ /^$_[1]:\s+(\d+) kB$/m ? $1 : die "no $_[1]" }
my $idle_kb = kb($node->safe_psql('postgres', "SELECT count(*) FROM vero.imports; $status"), 'RssAnon');

sub check_memory
{
	my ($what, $path, $options, $expected) = @_;
	my $started = time;
	my $told = $node->safe_psql('postgres', "SELECT rows_imported, rows_rejected, rows_duplicate FROM import_events_csv('$path', allow_repeat => true, $options); $status");
	my ($result) = split /\n/, $told;
	my $own_kb = kb($told, 'VmHWM') - kb($told, 'RssShmem') - kb($told, 'RssFile') - $idle_kb;
	note("$what: $result, $own_kb kB, ", time - $started, ' s');
	is($result, $expected, $what);
	cmp_ok($own_kb, '<', $allowed_kb, "$what: memory");
	return;
}

my $many = 700_000;
# so many contacts that their ids are not all kept, each record twice
my $path = write_file(sub { "c$_[0]\@example.com,n,2022-01-01,$_[0]" }, 1 .. $many, reverse 1 .. $many);
check_memory('a file of as many contacts as records, all of them twice', $path, "on_duplicate => 'skip'", "$many|0|$many");
check_memory('the same again', $path, "on_duplicate => 'skip'", '0|0|' . 2 * $many);
check_memory('the same again, tried', $path, "on_duplicate => 'skip', dry_run => true", '0|0|' . 2 * $many);
check_memory('the same again, rejected', $path, "on_duplicate => 'reject'", '0|' . 2 * $many . '|0');
$node->safe_psql('postgres', "TRUNCATE $tables");
# the worst that can be: all at one place of the index
$path = write_file(sub { "one\@example.com,n,2022-01-01,$_[0]" }, 1 .. $many, reverse 1 .. $many);
check_memory('a file of one contact and one time, all of it twice', $path, "on_duplicate => 'skip'", "$many|0|$many");
check_memory('the same of them again', $path, "on_duplicate => 'skip'", '0|0|' . 2 * $many);
$node->safe_psql('postgres', "TRUNCATE $tables");
check_memory('the same of them, without an index', $path, "on_duplicate => 'skip'", "$many|0|$many")
	if $node->safe_psql('postgres', q{ALTER TABLE vero.events_default DROP CONSTRAINT events_default_pkey; SELECT true});
check_memory('... and again', $path, "on_duplicate => 'skip'", '0|0|' . 2 * $many);
$node->safe_psql('postgres', "TRUNCATE $tables; ALTER TABLE vero.events_default ADD PRIMARY KEY (contact_id, occurred_at, id)");

# where temporary files may not have that much
$path = write_file(sub { "c$_[0]\@example.com,n,2022-01-01,$_[0]" }, 1 .. 100_000);
my ($result, $out, $err) = $node->psql('postgres', "SET temp_file_limit = '10MB'; SELECT import_events_csv('$path', on_duplicate => 'reject')");
like($err, qr/ERROR:  the events of the import take more than a quarter of temp_file_limit\nHINT:  With on_duplicate they wait/, 'temp_file_limit is named where it is in the way');
is($node->safe_psql('postgres', "SET temp_file_limit = '10MB'; SELECT rows_imported FROM import_events_csv('$path', on_duplicate => 'skip')"), '100000', '... which it is not for contacts that are new');
$node->safe_psql('postgres', "TRUNCATE $tables");

# ---- ended while it waits ------------------------------------------------------------------------------------------------

my $one = write_file(sub { "c$_[0]\@example.com,n,2022-01-01,$_[0]" }, 1 .. 100);
my $other = write_file(sub { "c$_[0]\@example.com,n,2022-01-01,$_[0]" }, 51 .. 150);
$node->safe_psql('postgres', "INSERT INTO vero.contacts (email) SELECT 'c' || n || '\@example.com' FROM generate_series(1, 150) AS n");
my $holder = $node->background_psql('postgres', on_error_stop => 0);
$holder->query_safe('BEGIN');
is($holder->query_safe("SELECT rows_imported FROM import_events_csv('$one', on_duplicate => 'skip')"), '100', 'an import whose transaction goes on');

for (
	[ 'a cancel', q{SELECT pg_cancel_backend(%d)}, qr/ERROR:  57014: canceling statement due to user request/ ],
	[ 'pg_terminate_backend', q{SELECT pg_terminate_backend(%d)}, qr/FATAL:  57P01: terminating connection/ ])
{
	my ($what, $blow, $message) = @$_;
	my $import = start_psql($node, "import ended by $what", '\set VERBOSITY verbose', "SELECT rows_imported FROM import_events_csv('$other', on_duplicate => 'skip')");
	my $waits = "FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid) WHERE a.application_name = 'import ended by $what' AND NOT l.granted AND l.locktype = 'object'";
	$node->poll_query_until('postgres', "SELECT count(*) = 1 $waits") or die "it does not wait: $import->{err}";
	my $pid = $node->safe_psql('postgres', "SELECT pid $waits");
	$import->{run}->pump until $import->{err} =~ /NOTICE/;
	like($import->{err}, qr/NOTICE:  00000: the import waits for contacts that are in use by the session with process ID \d+\n/, "$what: the import says whom it waits for");
	is($node->safe_psql('postgres', sprintf $blow, $pid), 't', "$what is sent");
	$import->{run}->finish;
	like($import->{err}, $message, "$what ends an import that waits");
}
is($holder->query_safe('COMMIT; SELECT 1'), '1', 'the other transaction ends');
$holder->quit;
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT import_id) FROM vero.events'), '100|1', 'nothing of the others is left');
ok(has_no_journal($node), '... and no journal, once they are told') if $node->safe_psql('postgres', 'SELECT vero.record_failed_imports()') >= 0;
is($node->safe_psql('postgres', "SELECT rows_imported, rows_duplicate FROM import_events_csv('$other', on_duplicate => 'skip')"), '50|50', 'the next one');

# ---- ended while it writes what has waited -------------------------------------------------------------------------------

$node->safe_psql('postgres', "TRUNCATE $tables");
$path = write_file(sub { "c@{[ $_[0] % 500 ]}\@example.com,n,2022-01-01,$_[0]" }, 1 .. 60_000);
my $later = write_file(sub { "c@{[ $_[0] % 500 ]}\@example.com,n,2022-01-01,$_[0]" }, 30_001 .. 90_000);
is($node->safe_psql('postgres', "SELECT rows_imported FROM import_events_csv('$path', on_duplicate => 'skip')"), '60000', 'an import before');
$node->safe_psql('postgres', q{CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
	CREATE TRIGGER t AFTER INSERT ON vero.events_default FOR EACH ROW EXECUTE FUNCTION wait()});
for (
	[ 'a cancel', sub { $node->safe_psql('postgres', "SELECT pg_cancel_backend($_[0])") }, qr/ERROR:  57014/ ],
	[ 'a crash', sub { kill('KILL', $_[0]) or die "no process $_[0]" }, qr/server closed the connection unexpectedly/ ])
{
	my ($what, $blow, $message) = @$_;
	my $locker = $node->background_psql('postgres', on_error_die => 0);
	$locker->query_safe('BEGIN; SELECT pg_advisory_xact_lock(1)');
	my $import = start_psql($node, "import ended by $what", '\set VERBOSITY verbose', "SELECT rows_imported FROM import_events_csv('$later', on_duplicate => 'skip')");
	my $waits = "FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid) WHERE a.application_name = 'import ended by $what' AND NOT l.granted AND l.locktype = 'advisory'";
	$node->poll_query_until('postgres', "SELECT count(*) = 1 $waits") or die "it does not come to the lock: $import->{err}";
	my $pid = $node->safe_psql('postgres', "SELECT pid $waits");
	$blow->($pid);
	$import->{run}->finish;
	like($import->{err}, $message, "$what ends an import that writes what has waited");
	await_server($node, $pid) or die 'the server does not come back' if $what eq 'a crash';
	eval { $locker->quit };
}
is($node->safe_psql('postgres', 'SELECT vero.record_failed_imports()'), '2', 'both are told');
ok(has_no_journal($node), '... and have left no journal');
is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.events'), '60000', 'nothing of them is left');
$node->safe_psql('postgres', 'DROP TRIGGER t ON vero.events_default');
is($node->safe_psql('postgres', "SELECT rows_imported, rows_duplicate FROM import_events_csv('$later', on_duplicate => 'skip')"), '30000|30000', 'the next one');

# ---- side by side ----------------------------------------------------------------------------------------------------------

# Files that share contacts, new ones too, and events, in crossing orders: each event is stored once, and nobody runs into a deadlock.
my $rounds = $ENV{VERO_ROUNDS} || 10;
srand($ENV{VERO_SEED} || 1);
for my $round (1 .. $rounds)
{
	$node->safe_psql('postgres', "TRUNCATE $tables") if $round % 3 == 1;
	my (%events, @imports);
	for my $n (1 .. 4)
	{
		my @numbers = map { $round * 300 + int rand 600 } 1 .. 20 + rand 15_000;
		$events{$_} = 1 for @numbers;
		my $option = (qw(skip reject))[ $n % 2 ];
		my $file = write_file(sub { "c@{[ $_[0] % 200 ]}\@example.com,n,2022-01-01,$_[0]" }, shuffle @numbers);
		push @imports, start_psql($node, "import $n", "SELECT rows_imported FROM import_events_csv('$file', on_duplicate => '$option')");
	}
	$_->{run}->finish for @imports;
	is(join('', map { $_->{err} =~ s/^(?:NOTICE|DETAIL): .*\n//mgr } @imports), '', "round $round: nobody has an error");
	my $known = join ',', keys %events;
	is($node->safe_psql('postgres', "SELECT count(*) - count(DISTINCT properties), count(*) FILTER (WHERE (properties->>'n')::int = ANY ('{$known}')) FROM vero.events"), '0|' . keys %events, "round $round: each event is stored once");
}

done_testing();
