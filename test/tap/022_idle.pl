# An idle server has no connection but the launcher's, which wakes up once a minute at most, and runs no statement.
#
# VERO_IDLE_SECONDS says how long it is watched (15).
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seconds = $ENV{VERO_IDLE_SECONDS} // 15;
my $node = PostgreSQL::Test::Cluster->new('idle');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events,pg_stat_statements'\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION vero_events; CREATE EXTENSION pg_stat_statements;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('later', 'order', '30 days', 'Hi', 'Hi');
	SELECT vero.track_event('ann@example.com', 'order')});
ok($node->poll_query_until('postgres', q{SELECT NOT running AND next_due > now() FROM vero.worker_status WHERE database = 'postgres'}),
	'the worker is gone, one job waits for its time');

my $launcher = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events launcher'});

# Each time that the process slept and was woken.
sub wake_ups
{
	my ($count) = slurp_file("/proc/$launcher/status") =~ /^voluntary_ctxt_switches:\s+(\d+)/m;
	return $count;
}
$node->safe_psql('postgres', 'SELECT pg_stat_statements_reset()');
my $before = wake_ups();
sleep $seconds; # the time that is measured
cmp_ok(wake_ups() - $before, '<=', int(($seconds - 1) / 60) + 1, "the launcher woke up once a minute at most, in $seconds s");
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'}), '0', 'no statement ran');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
	OR backend_type = 'vero_events worker'}), '0', 'nobody is connected');
$node->stop;
done_testing();
