# Dump and restore where the library is preloaded: the COPYs of a dump are ordinary ones and are not taken over.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('restore_preloaded');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\n");
$node->start;
my $directory = tempdir(CLEANUP => 1);

$node->safe_psql('postgres', 'CREATE DATABASE source');
my $script = "$directory/script.sql";
append_to_file($script, q{
CREATE EXTENSION vero_events;
COPY vero.events FROM STDIN WITH (FORMAT vero_csv, notify 'a@example.com');
email,event_name,time,item
a@example.com,Buys,2022-01-01 10:00+10,"hat, ""red"""
b@example.com,Buys,infinity,
b@example.com,"K\.
auft \.
",2022-01-01 10:00,tab	and \N
\.
COPY vero.events (email, event_name, time, item) FROM STDIN WITH (FORMAT vero_csv);
c@example.com,Buys,0001-01-01,
nobody,,,
\.
} . "COPY vero.events FROM '$FindBin::Bin/../data/example.csv' WITH (FORMAT vero_csv);\n"
		. "COPY vero.events FROM PROGRAM 'printf \"email,name,time\\na\@example.com,x,2022-01-01\\nb\@example.com,\\377\\\\000,2022-01-01\\n\"' WITH (FORMAT vero_csv);\n"
		. q{SELECT import_events_csv(content => 'no csv');
COPY vero.events (contact_id, name, occurred_at) FROM STDIN WITH (FORMAT csv);
1,by an ordinary COPY,-infinity
\.
});
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'source', '-f', $script ], 'a database with imports of all ways');

# Every column of every row, as ordinary COPY writes it, and the sequences.
sub contents
{
	my ($database) = @_;
	return { (map { ($_ => $node->safe_psql($database, "COPY (SELECT * FROM $_ AS t ORDER BY t::text) TO STDOUT")) }
				qw(vero.imports vero.contacts vero.events vero.rejected_rows)),
		(map { ($_ => $node->safe_psql($database, "SELECT last_value, is_called FROM $_")) } qw(vero.imports_id_seq vero.contacts_id_seq vero.events_id_seq)) };
}
my $expected = contents('source');
is(scalar(split /\n/, $expected->{'vero.events'}), 8, 'its events');
is(scalar(split /\n/, $expected->{'vero.rejected_rows'}), 3, 'its rejects') or diag($expected->{'vero.rejected_rows'});

sub check_restored
{
	my ($database, $what) = @_;
	is_deeply(contents($database), $expected, "$what: all rows and sequences are the same");
	is( $node->safe_psql($database, "COPY vero.events FROM '$FindBin::Bin/../data/example.csv' WITH (FORMAT vero_csv, allow_repeat); SELECT id, rows_imported, contacts_created FROM vero.imports ORDER BY id DESC LIMIT 1"),
		'6|3|0', "$what: the next COPY goes on where they ended");
	is( $node->safe_psql($database, 'COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 1)'),
		$node->safe_psql('source', 'COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 1)'), "$what: the rejects come out the same");
	return;
}

my %formats = (c => 'custom', d => 'directory', t => 'tar');
for my $format (sort keys %formats)
{
	my $dump = "$directory/dump.$format";
	$node->command_ok([ 'pg_dump', '--no-sync', "-F$format", '-f', $dump, 'source' ], "pg_dump, $formats{$format}");
	$node->safe_psql('postgres', "CREATE DATABASE restored_$format");
	$node->command_ok([ 'pg_restore', '--exit-on-error', '--single-transaction', '-d', "restored_$format", $dump ], "pg_restore, $formats{$format}");
	check_restored("restored_$format", $formats{$format});
}

for my $way ([], ['--inserts'], ['--data-only'], [ '--data-only', '--column-inserts' ])
{
	my $name = join('_', 'plain', map { s/\W//gr } @$way);
	$node->command_ok([ 'pg_dump', '--no-sync', @$way, '-f', "$directory/$name.sql", 'source' ], "pg_dump @$way");
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION vero_events') if grep { $_ eq '--data-only' } @$way;
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $name, '-f', "$directory/$name.sql" ], 'psql restores it');
	check_restored($name, "pg_dump @$way");
}

done_testing();
