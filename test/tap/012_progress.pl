# A running import shows in pg_stat_progress_copy and vero.import_progress, whichever way it came, and is gone from them afterwards. What it
# writes goes to disk meanwhile.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroProtocol;
use VeroWait qw(at_most);

my $node = PostgreSQL::Test::Cluster->new('progress');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nautovacuum = off\nwal_writer_delay = 10s\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events; CREATE ROLE importer LOGIN; GRANT INSERT ON vero.events TO importer');

# Eight batches: the last one has a contact whom the test locks. Contacts of up to four are looked for at once, so at least four are written then. Every 50th record is a reject.
my $directory = tempdir(CLEANUP => 1);
my $file = "$directory/held.csv";
my $records = join '', map { ($_ % 50 ? "person$_\@example.com" : 'nobody') . ",Signs up,2022-01-01 00:00Z,$_\n" } 1 .. 75_000;
my $bytes = "email,event_name,time,number\n${records}locked\@example.com,Signs up,2022-01-01 00:00Z,0\n";
append_to_file($file, $bytes);
my $size = length $bytes;
$node->safe_psql('postgres', q{INSERT INTO vero.contacts (email) VALUES ('locked@example.com')});
my $locker = $node->background_psql('postgres', on_error_die => 1);

my $client = VeroProtocol->connect($node);
my $importer = VeroProtocol->connect($node, user => 'importer');

my $views = q{SELECT p.datname, p.relid::regclass, p.command, p.type, p.bytes_processed, p.bytes_total, p.tuples_processed, p.tuples_excluded,
		v.import_id, v.imported_by, v.bytes_done, v.bytes_total, v.percent, v.rows_imported, v.rows_rejected, v.rows_per_second,
		v.elapsed > '0' AND v.elapsed < clock_timestamp() - a.query_start + '1s', v.time_left
	FROM pg_stat_progress_copy AS p JOIN vero.import_progress AS v USING (pid) JOIN pg_stat_activity AS a USING (pid) WHERE pid = };
my @columns = qw(datname relid command type bytes_processed bytes_total tuples_processed tuples_excluded import_id imported_by bytes_done
	view_bytes_total percent rows_imported rows_rejected rows_per_second elapsed_is_right time_left);

sub progress_of
{
	my ($connection) = @_;
	my %progress;
	@progress{@columns} = split /\|/, $node->safe_psql('postgres', $views . $connection->{pid}), -1;
	return \%progress;
}

# What an import that has written at least so many of its batches looks like from outside.
sub check
{
	my ($what, $connection, $type, $total, $least) = @_;
	my $progress = progress_of($connection);
	my $last_id = $node->safe_psql('postgres', 'SELECT last_value FROM vero.imports_id_seq');
	is("@$progress{qw(datname relid command type)}", "postgres vero.events COPY FROM $type", "$what: it shows in pg_stat_progress_copy");
	my ($rows, $rejects) = @$progress{qw(tuples_processed tuples_excluded)};
	my $batches = ($rows + $rejects) / 10_000;
	ok($batches == int $batches && $batches >= $least && $batches < 8 && $rejects == 200 * $batches, "$what: rows and rejects ($rows and $rejects)");
	is("@$progress{qw(rows_imported rows_rejected)}", "@$progress{qw(tuples_processed tuples_excluded)}", "$what: in vero.import_progress, too");
	is($progress->{import_id}, $last_id, "$what: with the import's id");
	is($progress->{imported_by}, $connection == $importer ? 'importer' : getpwuid($<), "$what: and who it is");
	my $done = $progress->{bytes_processed};
	ok($done > $size * 0.75 && $done <= $size, "$what: bytes done ($done of $size)");
	is($progress->{bytes_done}, $done, "$what: the same bytes");
	is($progress->{bytes_total}, $total, "$what: bytes in all");
	is($progress->{elapsed_is_right}, 't', "$what: time since the statement began");
	cmp_ok($progress->{rows_per_second}, '>', 0, "$what: rows a second");
	if ($total)
	{
		is($progress->{view_bytes_total}, $total, "$what: bytes in all, in the view");
		is($progress->{percent}, sprintf('%.1f', 100 * $done / $total), "$what: percent");
		like($progress->{time_left}, qr/^\d\d:\d\d:\d\d$/, "$what: time left");
	}
	else { is("@$progress{qw(view_bytes_total percent time_left)}", '  ', "$what: no total, no percent, no time left") }
	return;
}

my $nothing = 'SELECT (SELECT count(*) FROM pg_stat_progress_copy), (SELECT count(*) FROM vero.import_progress)';

# Without waiting for the commit, which has not come, nor for wal_writer_delay.
sub check_on_disk
{
	my ($what, $begin) = @_;
	local $PostgreSQL::Test::Utils::timeout_default = at_most(2);
	ok($node->poll_query_until('postgres', "SELECT pg_current_wal_flush_lsn() - '$begin' > 1000000"), "$what: its WAL goes to disk");
	return;
}

# Held by the lock in its last batch, then let go.
sub held
{
	my ($what, $connection, $type, $total, $sql, $during, $end) = @_;
	$locker->query_safe(q{BEGIN; SELECT id FROM vero.contacts WHERE email = 'locked@example.com' FOR UPDATE});
	my $begin = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
	$connection->send([ Q => "$sql\0" ]);
	$during->() if $during;
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE pid = $connection->{pid} AND NOT granted") or die "$what does not come to the lock";
	check($what, $connection, $type, $total, 4);
	check_on_disk($what, $begin);
	is($connection == $importer ? $client->query('SELECT count(*) FROM vero.import_progress') : $importer->query('SELECT count(*) FROM vero.import_progress'),
		$connection == $importer ? 'T D:1 C:SELECT 1 Z:I' : 'T D:0 C:SELECT 1 Z:I', "$what: only its own role and a superuser see it");
	if ($end eq 'cancel') { $connection->cancel }
	$locker->query_safe('ROLLBACK');
	my $said = VeroProtocol::text_of($connection->until_ready);
	like($said, $end eq 'cancel' ? qr/^(?:[GT] )?E:57014 / : qr/$end Z:I$/, "$what: ends");
	is($node->safe_psql('postgres', $nothing), '0|0', "$what: nothing is left");
	$node->safe_psql('postgres', 'TRUNCATE vero.events');
	return;
}

my $function = 'SELECT state, rows_imported, rows_rejected FROM import_events_csv';
my $of_function = qr/D:completed_with_rejects\|73501\|1500 C:SELECT 1/;
my $of_copy = qr/C:COPY 73501/;
held('function, path', $client, 'FILE', $size, "$function('$file', allow_repeat => true)", undef, $of_function);
held('function, content', $client, 'CALLBACK', $size, "$function(pg_read_binary_file('$file'), allow_repeat => true)", undef, $of_function);
held('function, cancelled', $client, 'FILE', $size, "$function('$file', allow_repeat => true)", undef, 'cancel');
held('COPY file', $client, 'FILE', $size, "COPY vero.events FROM '$file' WITH (FORMAT vero_csv, allow_repeat)", undef, $of_copy);
held('COPY PROGRAM', $client, 'PROGRAM', 0, "COPY vero.events FROM PROGRAM 'cat $file' WITH (FORMAT vero_csv, allow_repeat)", undef, $of_copy);
my $stdin = 'COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat)';
for my $connection ($client, $importer)
{
	held('COPY STDIN', $connection, 'PIPE', 0, $stdin, sub { $connection->copy_data($bytes, 8192); $connection->send(['c']) }, $of_copy);
}
held('COPY STDIN, cancelled', $client, 'PIPE', 0, $stdin, sub { $client->copy_data($bytes, 8192); $client->send(['c']) }, 'cancel');

# Held by the client: what it has sent is read and shown, but for batches that may wait to be written.
is($client->start_copy($stdin), 'G', 'COPY STDIN from a client that pauses');
$client->copy_data($bytes, 8192);
ok($node->poll_query_until('postgres', "SELECT rows_imported >= 9800 AND bytes_done > 0.75 * $size AND wait_event = 'ClientRead' FROM vero.import_progress JOIN pg_stat_activity USING (pid) WHERE pid = $client->{pid}"), 'shows what is written so far');
check('a client that pauses', $client, 'PIPE', 0, 1);
is($client->end_copy([ f => "enough\0" ]), 'E:57014 COPY from stdin failed: enough Z:I', 'ended by CopyFail');
is($node->safe_psql('postgres', $nothing), '0|0', 'nothing is left');

# A file that fails, an option that is wrong, a client that vanishes
is($client->copy($stdin, "mail,name\n"), 'E:22P04 the file has no email column and no time column Z:I', 'a file that fails');
is($node->safe_psql('postgres', $nothing), '0|0', 'nothing is left');
my $gone = VeroProtocol->connect($node);
is($gone->start_copy($stdin), 'G', 'a client');
$gone->copy_data(substr($bytes, 0, 1000), 100);
is($node->safe_psql('postgres', $nothing), '1|1', 'shows');
$gone->vanish;
ok($gone->wait_until_gone, 'that vanishes');
is($node->safe_psql('postgres', $nothing), '0|0', 'nothing is left');

# An ordinary COPY into the table is no import.
$client->send([ Q => "COPY vero.events (contact_id, name, occurred_at) FROM STDIN\0" ]);
is(VeroProtocol::text_of($client->until('G')), 'G', 'an ordinary COPY');
is($node->safe_psql('postgres', $nothing), '1|0', 'is none of ours');
$client->{protocol} = 'simple';
is($client->end_copy, 'C:COPY 0 Z:I', 'and works');

$locker->quit;
done_testing();
