# A server with more databases than can be served, and a transaction that renames more than it can hold.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
my $served = 'SELECT count(*) FROM vero.workers()';
ok($node->poll_query_until('postgres', "SELECT ($served) = 1"), 'one database is served');

# Rows of pg_database, numbers $first to $last, whose files nobody needs.
sub add_databases
{
	my ($first, $last) = @_;
	$node->safe_psql('postgres', qq{SET allow_system_table_mods = on;
		INSERT INTO pg_database SELECT (jsonb_populate_record(d, jsonb_build_object('oid', 100000 + n, 'datname', 'd' || n))).*
		FROM pg_database AS d, generate_series($first, $last) AS n WHERE d.datname = 'postgres'});
	return;
}

# The launcher looks for databases when it begins. Returns what it has logged since.
sub look_for_databases
{
	my $log_end = -s $node->logfile;
	my $launcher = q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events launcher'};
	my $before = $node->safe_psql('postgres', $launcher);
	$node->safe_psql('postgres', "SELECT pg_terminate_backend($before)");
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'vero_events launcher' AND pid <> $before AND wait_event = 'Extension'")
		or die 'the launcher does not come back';
	return slurp_file($node->logfile, $log_end);
}

add_databases(2, 10);
my $renames = sub { join '; ', map { "ALTER DATABASE d$_ RENAME TO e$_" } @_ };
is($node->safe_psql('postgres', 'BEGIN; ' . $renames->(2 .. 9) . "; $served; ROLLBACK"), '9', 'a transaction keeps workers out of eight databases that it renames');
is($node->safe_psql('postgres', 'BEGIN; ' . $renames->(2 .. 10) . "; $served; ROLLBACK"), '9', 'and renames a ninth as it can');
is($node->safe_psql('postgres', $served), '1', 'all are let go');

my $told = qr/LOG:  vero_events serves 1000 databases: there are more/;
add_databases(11, 1000);
unlike(look_for_databases(), $told, 'a thousand databases');
is($node->safe_psql('postgres', $served), '1000', 'are served');
add_databases(1001, 1001);
like(look_for_databases(), $told, 'one more is told');
is($node->safe_psql('postgres', $served), '1000', 'and not served');
is($node->safe_psql('postgres', 'BEGIN; ' . $renames->(1001) . "; $served; COMMIT"), '1000', 'it is renamed all the same');

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|jumped over/, 'nothing broke');
done_testing();
