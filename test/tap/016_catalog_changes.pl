# Tables are analyzed while imports look at them, as autovacuum does at any time: PostgreSQL then makes anew what it remembers of a table,
# its triggers and foreign keys among that, and whoever looks at the old ones reads memory that was given back.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroWait qw(start_psql);

my $imports = 1000;
my $node = PostgreSQL::Test::Cluster->new('catalog_changes');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nautovacuum = off\nvero_events.max_workers = 0\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');

my $analyzing = start_psql($node, 'analyzing', 'DO $$ BEGIN LOOP ANALYZE vero.messages, vero.imports, vero.events; COMMIT; END LOOP; END $$');
$node->poll_query_until('postgres', q{SELECT last_analyze IS NOT NULL FROM pg_stat_user_tables WHERE relid = 'vero.messages'::regclass})
	or die 'nothing is analyzed';
my ($status, $out, $err) = $node->psql('postgres', join '',
	map { "SELECT state FROM import_events_csv(E'email,event,time\\nperson$_\@example.com,order,2022-01-01\\n'::bytea);\n" } 1 .. $imports);
is($err, '', 'no import fails');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.imports WHERE state = 'completed'}), $imports, 'all of them are completed');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'analyzing'}), 1, 'beside one who analyzed to the end');
$node->stop('immediate');
$analyzing->{run}->finish;

done_testing();
