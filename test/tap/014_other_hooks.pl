# Other libraries' hooks keep working: pg_stat_statements sees our COPY and everybody else's, in either order of loading.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "pg_stat_statements.track_utility = on\n");
$node->start;
$node->stop;

for my $order ('vero_events, pg_stat_statements', 'pg_stat_statements, vero_events')
{
	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$order'\n");
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION IF NOT EXISTS vero_events; CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
		CREATE TABLE IF NOT EXISTS plain (a text); SELECT pg_stat_statements_reset();');
	$node->safe_psql('postgres', "COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat);\nemail,name,time\na\@b.co,x,2022-01-01\na\@b.co,y,2022-01-01\n\\.\n"
		. "COPY plain FROM STDIN WITH (FORMAT csv);\n1\n2\n3\n\\.\n");

	my $seen = sub { $node->safe_psql('postgres', "SELECT calls, rows FROM pg_stat_statements WHERE query LIKE 'COPY $_[0] FROM%'") };
	is($seen->('plain'), '1|3', "$order: a COPY that is not ours is seen");
	# a hook that is loaded later wraps those before it: ours does not hand on what it takes over
	is($seen->('vero.events'), $order =~ /^vero/ ? '1|2' : '', "$order: our COPY is seen by what is loaded behind it");
	$node->stop;
}

done_testing();
