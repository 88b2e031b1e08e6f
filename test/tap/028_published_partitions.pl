# The whole schema is replicated, vero.events and its partitions too, as partitions and as one table; partitions are made as docs/operations.md says.
use strict;
use warnings;

use FindBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($section) = slurp_file("$FindBin::Bin/../../docs/operations.md") =~ /^### Replicated partitions\n(.*?)^##/ms or die 'the page has no section on replicated partitions';
my ($by_root, $moving, $refresh) = $section =~ /^```(?:sql)?\n(.*?)^```/msg;
my ($identities) = $by_root =~ /^(SELECT .*)$/m;

sub start_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n");
	$node->start;
	return $node;
}
my $publisher = start_node('publisher');
my $subscriber = start_node('subscriber');

for my $is_by_root (0, 1)
{
	my $database = $is_by_root ? 'one_table' : 'partitions';
	my $import = sub { my ($time) = @_; return $publisher->safe_psql($database, "SELECT import_id FROM import_events_csv(convert_to(E'email,name,time\\na\@example.com,order,$time\\nb\@example.com,order,$time\\n', 'UTF8'))") };
	my $contents = q{SELECT string_agg(t::text, E'\n' ORDER BY t.occurred_at, t.email) FROM vero.timeline AS t};
	my $partitions = q{SELECT string_agg(concat_ws(' ', p.partition, holds_from, missing), ', ' ORDER BY 1) FROM vero.partitions AS p};
	my $check = sub {
		my ($what) = @_;
		$publisher->wait_for_catchup("of_$database");
		is($subscriber->safe_psql($database, $contents), $publisher->safe_psql($database, $contents), "$database: $what");
	};
	for my $node ($publisher, $subscriber)
	{
		$node->safe_psql('postgres', "CREATE DATABASE $database");
		$node->safe_psql($database, 'CREATE EXTENSION vero_events');
	}
	$import->("2022-01-0$_ 10:00Z") for 1 .. 3;
	$publisher->safe_psql($database, $is_by_root ? $by_root : 'CREATE PUBLICATION everything FOR TABLES IN SCHEMA vero');
	$subscriber->safe_psql($database, "CREATE SUBSCRIPTION of_$database CONNECTION '" . $publisher->connstr . " dbname=$database' PUBLICATION everything");
	$subscriber->wait_for_subscription_sync($publisher, "of_$database", $database);
	$check->('what was there before');
	$import->('2022-01-04 10:00Z');
	$check->('what comes later');

	# partitions are made, and what the default one holds of them is moved, on both sides
	$subscriber->safe_psql($database, "SELECT FROM vero.create_partitions('2022-01-01', '2022-03-01')");
	$publisher->safe_psql($database, $moving);
	if ($is_by_root)
	{
		$publisher->safe_psql($database, $identities);
	}
	else
	{
		$subscriber->safe_psql($database, $refresh);
		$subscriber->wait_for_subscription_sync($publisher, "of_$database", $database);
	}
	is($subscriber->safe_psql($database, $partitions), $publisher->safe_psql($database, $partitions), "$database: the same partitions");
	$check->('after partitions were made');
	my $last = $import->('2022-02-01 10:00Z');
	$import->('2022-01-05 10:00Z');
	$import->('2023-01-01 10:00Z');
	$check->('into partitions');
	is($publisher->safe_psql($database, 'SELECT count(*) FROM vero.events'), '14', "$database: all of it");
	$publisher->safe_psql($database, "SELECT FROM vero.undo_import($last)");
	$publisher->safe_psql($database, q{UPDATE vero.events SET properties = '{"a": 1}' WHERE occurred_at < '2022-01-02'});
	$publisher->safe_psql($database, q{SELECT FROM vero.forget('b@example.com')});
	$check->('what is taken away and changed');
	is($publisher->safe_psql($database, $contents) =~ tr/\n//, 5, "$database: which is half of it");
	$subscriber->safe_psql($database, "DROP SUBSCRIPTION of_$database");
}

$_->stop for $publisher, $subscriber;
unlike(slurp_file($_->logfile), qr/PANIC|TRAP|terminated by signal|jumped over|duplicate key|replication target relation/, $_->name . ': nothing broke') for $publisher, $subscriber;
done_testing();
