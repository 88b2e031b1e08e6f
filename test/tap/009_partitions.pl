# Partitions beside imports: who waits for whom, many at once within PostgreSQL's default limits, and what survives a crash.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroProtocol;
use VeroWait qw(await_server start_psql);

my $node = PostgreSQL::Test::Cluster->new('partitions');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\nrestart_after_crash = on\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events; CREATE EXTENSION amcheck');
my $directory = tempdir(CLEANUP => 1);

# Records of a time each, some days after 2020-01-01, in no order.
sub write_file
{
	my ($name, $records, $days) = @_;
	open(my $file, '>', "$directory/$name.csv") or die;
	print {$file} "email,name,time,number\n";
	printf {$file} "c%d\@example.com,n,%s,%d\n", $_ % 1000, day($_ * 7919 % $days), $_ for 1 .. $records;
	close($file);
	return "$directory/$name.csv";
}

sub day
{
	my ($number) = @_;
	my @time = gmtime(1_577_836_800 + $number * 86_400);
	return sprintf '%04d-%02d-%02d 12:00Z', $time[5] + 1900, $time[4] + 1, $time[3];
}

# ---- who waits ---------------------------------------------------------------------------------------------------------

my $stalled = VeroProtocol->connect($node, name => 'stalls');
$stalled->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv)');
$stalled->copy_data("email,name,time\n" . "a\@example.com,n,2022-01-01\n" x 30_000, 65536);
$stalled->wait_until_read;
my ($status, $out, $error) = $node->psql('postgres', q{SET lock_timeout = '400ms'; SELECT * FROM vero.create_partitions('2022-01-01', '2022-03-01')});
like($error, qr/ERROR:  could not lock the events within 00:00:00\.4$/m, 'who has no patience is told that there are none yet');
like($error, qr/DETAIL:  They are in use by process $stalled->{pid} \(\w+, in transaction since /, 'and whose transaction has to end');
is($node->safe_psql('postgres', 'SHOW lock_timeout; SELECT count(*) FROM vero.partitions'), "0\n1", 'nothing has changed');
my $waiting = start_psql($node, 'waits', q{SELECT partition FROM vero.create_partitions('2022-01-01', '2022-03-01')});
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = 'waits' AND NOT granted}) or die;
my $import = "SELECT rows_imported FROM import_events_csv(E'email,name,time\\nb\@example.com,n,2022-01-02\\n'::bytea, allow_repeat => true)";
is($node->safe_psql('postgres', "SET statement_timeout = '60s'; $import"), 1, 'nobody waits behind who waits: imports go on') for 1 .. 5;
is($node->safe_psql('postgres', q{SET statement_timeout = '60s'; SELECT count(*) FROM vero.events}), 5, 'and so do readers');
is($stalled->end_copy, 'C:COPY 30000 Z:I', 'the one that stalled ends');
$waiting->{run}->finish;
is($waiting->{out}, "vero.events_2022_01_01\nvero.events_2022_02_01\n", 'and who waited makes them');
is($node->safe_psql('postgres', 'SELECT tableoid::regclass, count(*) FROM vero.events GROUP BY 1'), 'vero.events_2022_01_01|30005', 'all events are there, once');

# ---- 500 partitions, eight importers, and the default number of locks --------------------------------------------------------

$node->safe_psql('postgres', q{TRUNCATE vero.events; SELECT vero.drop_partitions('2100-01-01'); SELECT vero.create_partitions('2020-01-01', '2021-05-15', '1 day')});
is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.partitions; SHOW max_locks_per_transaction; SHOW max_connections'), "501\n64\n100",
	'500 partitions and the default one, and the default number of locks');
my $file = write_file('many', 20_000, 520);
$node->pgbench(
	'-n -c 8 -t 1', 0, [qr/number of transactions actually processed: 8\/8/], [qr/^$/], 'eight imports at once',
	{ 'import@1' => "BEGIN;\nSELECT rows_imported FROM import_events_csv('$file', allow_repeat => true);\nCOMMIT;\n" });
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT id), count(DISTINCT tableoid), count(DISTINCT contact_id) FROM vero.events'), '160000|160000|501|1000',
	'have brought all of their events, into all partitions');
is($node->safe_psql('postgres', q{SELECT count(bt_index_check(indexrelid, true)::text) FROM pg_index JOIN vero.partitions ON indrelid = partition WHERE indisprimary}), 501,
	'whose keys are sound');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.events WHERE occurred_at <> to_timestamp(1577836800 + 43200 + (properties->>'number')::bigint * 7919 % 520 * 86400)}), 0,
	'and each has its time');

# ---- memory --------------------------------------------------------------------------------------------------------------

my $big = write_file('big', 1_000_000, 500);
my $status_file = q{SELECT pg_read_file('/proc/self/status')};
sub kb { return $_[0] =~ /^$_[1]:\s+(\d+) kB$/m ? $1 : die "no $_[1]" }
my $idle_kb = kb($node->safe_psql('postgres', "SELECT count(*) FROM vero.imports; $status_file"), 'RssAnon');
my $told = $node->safe_psql('postgres', "SELECT rows_imported FROM import_events_csv('$big'); $status_file");
like($told, qr/^1000000\n/, 'an import into 500 partitions in turns');
my $own_kb = kb($told, 'VmHWM') - kb($told, 'RssShmem') - kb($told, 'RssFile') - $idle_kb;
note "$own_kb kB over an idle backend";
cmp_ok($own_kb, '<', 64 * 1024, 'takes no more memory than one into one table may');

# ---- kill -9 -------------------------------------------------------------------------------------------------------------

$stalled = VeroProtocol->connect($node, name => 'dies');
$stalled->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv)');
$stalled->copy_data("email,name,time\n" . join('', map { "c\@example.com,killed," . day($_ % 500) . "\n" } 1 .. 30_000), 65536);
$stalled->wait_until_read;
kill 'KILL', $stalled->{pid};
await_server($node, $stalled->{pid}) or die 'no recovery';
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.events WHERE name = 'killed'}), 0, 'nothing is left of an import that was killed');
is($node->safe_psql('postgres', $import), 1, 'and the next one goes on');

$node->stop;
done_testing();
