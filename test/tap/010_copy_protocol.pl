# COPY FROM STDIN as the protocol has it: whatever a client sends, and however it ends, the tables hold what they should and the
# connection, where it is still open, goes on.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroProtocol;
use VeroWait qw(at_most);

my $node = PostgreSQL::Test::Cluster->new('copy_protocol');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\nautovacuum = off\ntimezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');

my $copy = 'COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat)';
my @protocols = ('simple', 'sync', 'flush');
my $header = "email,event_name,time,number,note\n";

# Records with all that a cut may hit: quotes, line breaks in them, letters of several bytes, rejects.
sub records
{
	my ($from, $to) = @_;
	return join '', map {
		  $_ % 10 == 3 ? "nobody,Buys,2022-01-01,$_,\"re\"\"ject\nof two lines\"\n"
		: $_ % 10 == 6 ? "person$_\@example.com,K\xc3\xa4uft,2022-01-01 00:00:00.5+02,$_,\"a, \"\"b\"\"\r\nc\"\r\n"
		: $_ % 10 == 9 ? "bad\xff\@example.com,Buys,2022-01-01,$_,\n"
		: "person$_\@example.com,Buys,2022-01-01T00:00:00Z,$_,\xe2\x82\xac\n"
	} $from .. $to;
}
my $file = $header . records(1, 100);
my $large = $header . records(1, 40_000);

my $contents = q{SELECT state, rows_read, rows_imported, rows_rejected, bytes, encode(sha256, 'hex'),
		(SELECT md5(string_agg(concat_ws('|', email, name, occurred_at, properties), E'\n' ORDER BY email COLLATE "C", properties)) FROM vero.timeline WHERE import_id = i.id),
		(SELECT md5(string_agg(replace((to_jsonb(r) - 'import_id')::text, ' => ', ' '), E'\n' ORDER BY record_number)) -- options as COPY has them
			 FROM vero.rejected_rows AS r WHERE import_id = i.id)
	FROM vero.imports AS i WHERE id = (SELECT max(id) FROM vero.imports)};

# What the function makes of the same bytes.
sub expected_of
{
	my ($bytes) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . '/reference.csv';
	open(my $out, '>:raw', $path) or die "$path: $!";
	print {$out} $bytes;
	close $out;
	return $node->safe_psql('postgres', "SELECT state FROM import_events_csv('$path') \\g /dev/null\n$contents");
}
my %expected = (file => expected_of($file), large => expected_of($large));
like($expected{file}, qr/^completed_with_rejects\|100\|80\|20\|/, 'the file by the function');

my $everything = q{SELECT (SELECT md5(string_agg(i::text, '' ORDER BY id)) FROM vero.imports AS i),
	(SELECT md5(string_agg(r::text, '' ORDER BY import_id, record_number)) FROM vero.rejected_rows AS r),
	(SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM vero.contacts AS c),
	(SELECT md5(string_agg(e::text, '' ORDER BY id)) FROM vero.events AS e),
	(SELECT count(*) FROM pg_stat_progress_copy), (SELECT count(*) FROM pg_locks WHERE relation = 'vero.events'::regclass)};
my $before;

# A fresh start: one small import is there, and must stay as it is.
sub remember
{
	$node->safe_psql('postgres', 'TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages');
	expected_of($file);
	$before = $node->safe_psql('postgres', $everything);
	return;
}

my $client = VeroProtocol->connect($node);
my $alive = 'T D:1 C:SELECT 1 Z:I';

# The connection answers, and what it has done is what was expected.
sub check_imported
{
	my ($what, $expected) = @_;
	is($client->query('SELECT 1'), $alive, "$what: the connection goes on");
	is($node->safe_psql('postgres', $contents), $expected, "$what: the same as by the function");
	return;
}

sub check_nothing
{
	my ($what) = @_;
	is($client->query('SELECT 1'), $alive, "$what: the connection goes on");
	is($node->safe_psql('postgres', $everything), $before, "$what: nothing is left");
	return;
}

# ---- messages of every size ------------------------------------------------------------------------------------------

for my $protocol (@protocols)
{
	is($client->copy($copy, $file, $_, $protocol), 'C:COPY 80 Z:I', "$protocol, messages of $_ bytes") for 1, 2, 7, 1000;
	check_imported("$protocol, small messages", $expected{file});
	is($client->copy($copy, $large, length $large, $protocol), 'C:COPY 32000 Z:I', "$protocol, one message of " . length $large);
	check_imported("$protocol, one huge message", $expected{large});
	is($client->copy($copy, $large, 131_072, $protocol), 'C:COPY 32000 Z:I', "$protocol, messages as large as a chunk");
	check_imported("$protocol, messages as large as a chunk", $expected{large});

	# empty ones, Flush and Sync between, before and after the parts
	is($client->start_copy($copy, $protocol), 'G', "$protocol: starts");
	my @between = ([ d => '' ], ['H'], ['S'], [ d => '' ]);
	$client->send(@between, map { ([ d => $_ ], @between) } unpack '(a17)*', $file);
	is($client->end_copy, 'C:COPY 80 Z:I', "$protocol: empty messages, Flush and Sync are nothing");
	check_imported("$protocol, with Flush and Sync", $expected{file});

	# all in one write, behind the statement
	if ($protocol eq 'simple')
	{
		$client->send([ Q => "$copy\0" ], [ d => $file ], ['c'], [ Q => "SELECT 1\0" ]);
		is(VeroProtocol::text_of($client->until_ready, $client->until_ready), "G C:COPY 80 Z:I $alive", 'data that come before they are asked for');
		check_imported('data before CopyInResponse', $expected{file});
	}
}

$client->send([ Q => "$copy\0" ]);
my $response = $client->receive;
$client->{protocol} = 'simple';
is(unpack('H*', $response->[1]), '000000', 'CopyInResponse: text, no columns');
is($client->end_copy([ d => $file ], ['c']), 'C:COPY 80 Z:I', 'CopyDone in the same write');

# ---- statements ------------------------------------------------------------------------------------------------------

$client->send([ Q => "$copy; SELECT 1; $copy\0" ]);
is(VeroProtocol::text_of($client->until('G')), 'G', 'the first COPY of three statements');
$client->send([ d => $file ], ['c']);
is(VeroProtocol::text_of($client->until('G')), 'C:COPY 80 T D:1 C:SELECT 1 G', 'the second');
is($client->end_copy([ d => $file ], ['c']), 'C:COPY 80 Z:I', 'both work');
check_imported('two in one query', $expected{file});

$client->send([ P => "twice\0$copy\0" . pack('n', 0) ], ['S']);
is(VeroProtocol::text_of($client->until_ready), '1 Z:I', 'prepared');
for my $time ('first', 'second')
{
	$client->send([ B => "\0twice\0" . pack('nnn', 0, 0, 0) ], [ E => "\0" . pack('N', 0) ], ['H']);
	is(VeroProtocol::text_of($client->until('GE')), '2 G', "executed for the $time time");
	$client->{protocol} = 'flush';
	is($client->end_copy([ d => $file ], ['c']), 'C:COPY 80 Z:I', 'COPY n');
	check_imported("prepared, $time time", $expected{file});
}

# two in a pipeline with one Sync
remember();
$client->send((map { ([ P => "\0$copy\0" . pack('n', 0) ], [ B => "\0\0" . pack('nnn', 0, 0, 0) ], [ E => "\0" . pack('N', 0) ], [ d => $_ ], ['c']) }
			$file, $header), ['S']);
is(VeroProtocol::text_of($client->until_ready), '1 2 G C:COPY 80 1 2 G E:22P04 the file has a header but no data records Z:I',
	'a pipeline whose second COPY fails');
check_nothing('a pipeline whose second COPY fails');

# ---- the line that ends inline data ----------------------------------------------------------------------------------

sub without_bytes { my ($contents) = @_; my @parts = split /\|/, $contents; return join '|', @parts[ 0 .. 3, 6, 7 ] }

my %marked = ('in the last line' => "$file\\.\n", 'with CRLF' => "$file\\.\r\n", 'without line end' => "$file\\.",
	'with data behind it' => "$file\\.\nperson1\@example.com,Buys,2022-01-01,x,y\n" . ('x' x 300_000) . "\"\n");
for my $what (sort keys %marked)
{
	for my $size (1, 300_000)
	{
		is($client->copy($copy, $marked{$what}, $size), 'C:COPY 80 Z:I', "\\. $what, messages of $size") if $size > 1 || length $marked{$what} < 100_000;
	}
	# bytes and hash are those of all that came
	is(without_bytes($node->safe_psql('postgres', $contents)), without_bytes($expected{file}), "\\. $what: the same as by the function");
}
my $quoted = $header . "a\@example.com,x,2022-01-01,1,\"one\n\\.\ntwo\"\nb\@example.com,x,2022-01-01,2,\n";
my $expected_quoted = expected_of($quoted);
is($client->copy($copy, $quoted), 'C:COPY 2 Z:I', '\. between quotes is text');
check_imported('\. between quotes', $expected_quoted);
remember();
is($client->copy($copy, "\\.\n$file"), 'E:22P04 the file is empty Z:I', '\. in the first line');
is($client->copy($copy, "$header\\.\n"), 'E:22P04 the file has a header but no data records Z:I', '\. in the second line');
check_nothing('nothing before \.');

# ---- a file that fails as a whole ------------------------------------------------------------------------------------

my $refused = "mail,event_name,time\n" . records(1, 50_000);
for my $protocol (@protocols)
{
	is($client->copy($copy, '', 1, $protocol), 'E:22P04 the file is empty Z:I', "$protocol: an empty file");
	is($client->copy($copy, $header, 3, $protocol), 'E:22P04 the file has a header but no data records Z:I', "$protocol: a header alone");
	is($client->copy($copy, "PK\3\4" . ("\0" x 100), 9, $protocol) =~ s/but .* Z/but ... Z/r, 'E:22P04 the file is not CSV but ... Z:I', "$protocol: no CSV");

	# what the client still sends is thrown away
	my $answer = $client->start_copy($copy, $protocol);
	is($answer, 'G', "$protocol: a large file that fails");
	$client->send([ d => substr($refused, 0, 300_000) ]);
	my @said = $client->until('E');
	is(VeroProtocol::error_of($said[-1])->{C}, '22P04', "$protocol: the error comes at once, in the middle of the file");
	$client->copy_data(substr($refused, 300_000), 10_000) for 1 .. 10;
	is($client->end_copy, 'Z:I', "$protocol: what the client sends then is thrown away") if $protocol ne 'simple';
	$client->send(['c']) if $protocol eq 'simple';
	is(VeroProtocol::text_of($client->until_ready), 'Z:I', 'and the server is ready') if $protocol eq 'simple';
	check_nothing("$protocol: a large file that fails");
}

# ---- CopyFail --------------------------------------------------------------------------------------------------------

my $import = $node->safe_psql('postgres', 'SELECT max(id) FROM vero.imports');
for my $protocol (@protocols)
{
	my %parts = ('at once' => '', 'in the header' => substr($header, 0, 10), 'in a record' => substr($file, 0, 1000), 'after all of it' => $large);
	for my $where (sort keys %parts)
	{
		is($client->start_copy($copy, $protocol), 'G', "$protocol, CopyFail $where: starts");
		$client->copy_data($parts{$where}, 50_000);
		is($client->end_copy([ f => "no more\0" ]), 'E:57014 COPY from stdin failed: no more Z:I', "$protocol: CopyFail $where");
		check_nothing("$protocol, CopyFail $where");
	}

	is($client->query('BEGIN'), 'C:BEGIN Z:T', 'in a transaction');
	is($client->copy($copy, $file, 1000, $protocol), 'C:COPY 80 Z:T', "$protocol: a COPY");
	is($client->query('SAVEPOINT s'), 'C:SAVEPOINT Z:T', 'a savepoint');
	is($client->start_copy($copy, $protocol), 'G', 'another COPY');
	$client->copy_data($large, 100_000);
	is($client->end_copy([ f => "no\0" ]), 'E:57014 COPY from stdin failed: no Z:E', 'CopyFail aborts the transaction');
	is($client->refused_copy($copy, $protocol), 'E:25P02 current transaction is aborted, commands ignored until end of transaction block Z:E', 'where a COPY asks for nothing');
	is($client->query('ROLLBACK TO s'), 'C:ROLLBACK Z:T', 'back to the savepoint');
	is($client->copy($copy, $file, 1000, $protocol), 'C:COPY 80 Z:T', 'where a COPY works');
	is($client->query("SELECT count(*) FROM vero.timeline WHERE import_id > $import"), 'T D:160 C:SELECT 1 Z:T', 'two are there');
	is($client->query('ROLLBACK'), 'C:ROLLBACK Z:I', 'and all of it rolled back');
	check_nothing("$protocol, CopyFail in a transaction");
}

# ---- cancel ----------------------------------------------------------------------------------------------------------

my $cancelled = qr/^E:57014 canceling statement due to user request Z:I$/;
for my $protocol (@protocols)
{
	my %parts = ('before any data' => '', 'in the header' => substr($header, 0, 10), 'in a record' => substr($file, 0, 1000), 'in a later batch' => $large);
	for my $where (sort keys %parts)
	{
		for my $last ([ d => 'more' ], ['c'], ['H'])
		{
			is($client->start_copy($copy, $protocol), 'G', "$protocol, cancel $where: starts");
			$client->copy_data($parts{$where}, 50_000);
			$client->wait_until_read;
			$client->cancel;
			like($client->end_copy($last, $last->[0] eq 'c' ? () : ['c']), $cancelled, "$protocol: cancel $where, then " . $last->[0]);
		}
		check_nothing("$protocol, cancel $where");
	}
}
# as psql does it: the cancel, and CopyFail behind it
is($client->start_copy($copy), 'G', 'cancel and CopyFail');
$client->copy_data($large, 50_000);
$client->wait_until_read;
$client->cancel;
like($client->end_copy([ f => "canceled by user\0" ]), qr/^E:57014 .* Z:I$/, 'one error');
check_nothing('cancel and CopyFail');

my $timeout_ms = at_most(200);
is($client->query("SET statement_timeout = $timeout_ms"), 'C:SET Z:I', 'statement_timeout');
is($client->start_copy($copy), 'G', 'a client that is too slow');
ok($node->poll_query_until('postgres', "SELECT clock_timestamp() > query_start + '${timeout_ms}ms'::interval * 2 FROM pg_stat_activity WHERE pid = $client->{pid}"), 'its time is over');
is($client->end_copy([ d => $file ], ['c']), 'E:57014 canceling statement due to statement timeout Z:I', 'ends in a timeout');
is($client->query('RESET statement_timeout'), 'C:RESET Z:I', 'no timeout');
check_nothing('statement_timeout');

# ---- errors before CopyInResponse ------------------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE ROLE nobody LOGIN; CREATE ROLE importer LOGIN; GRANT INSERT ON vero.events TO importer');
remember();
my %wrong = (
	"COPY vero.events FROM STDIN WITH (FORMAT vero_csv, no_such_option 1)" => 'E:42601 option "no_such_option" not recognized',
	"COPY vero.events FROM STDIN WITH (FORMAT vero_csv, delimiter ',,')" => 'E:0A000 "delimiter" must be a single one-byte character',
	"COPY vero.events FROM STDIN WITH (FORMAT vero_csv, time_zone 'Nowhere')" => 'E:22023 ',
	"COPY vero.events FROM STDIN WITH (FORMAT vero_csv, columns 'no json')" => 'E:22P02 ',
	"COPY vero.events FROM STDIN WITH (FORMAT vero_csv, parent_import 999999)" => 'E:',
	"COPY vero.events FROM STDIN WITH (FORMAT vero_csv, header false)" => 'E:22023 a file without a header needs a column list',
	"COPY vero.events FROM STDIN WITH (FORMAT vero_csv) WHERE name = 'x'" => 'E:',
	'COPY vero.no_such_table FROM STDIN WITH (FORMAT vero_csv)' => 'E:',
	'COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 999999)' => 'E:22023 import 999999 does not exist',
);
for my $sql (sort keys %wrong)
{
	for my $protocol (@protocols)
	{
		like($client->refused_copy($sql, $protocol), qr/^\Q$wrong{$sql}\E.* Z:I$/, "$protocol: $sql");
		is($client->query('SELECT 1'), $alive, 'the connection goes on');
	}
}
is($client->query('BEGIN READ ONLY'), 'C:BEGIN Z:T', 'a read-only transaction');
is($client->refused_copy($copy), 'E:25006 cannot execute COPY FROM in a read-only transaction Z:E', 'asks for nothing');
is($client->query('ROLLBACK'), 'C:ROLLBACK Z:I', 'ROLLBACK');
check_nothing('errors before CopyInResponse');

my $nobody = VeroProtocol->connect($node, user => 'nobody');
is($nobody->refused_copy($copy), 'E:42501 permission denied for table events Z:I', 'no right to import: nothing is asked for');
is($nobody->query('SELECT 1'), $alive, 'the connection goes on');
$nobody->vanish;
my $importer = VeroProtocol->connect($node, user => 'importer');
is($importer->copy($copy, $file), 'C:COPY 80 Z:I', 'INSERT is enough');
$importer->vanish;
check_imported('as another role', $expected{file});

# ---- rejects to the client -------------------------------------------------------------------------------------------

$import = $node->safe_psql('postgres', 'SELECT max(id) FROM vero.imports');
my $rejects = "SELECT encode(vero.rejected_csv($import), 'hex')";
for my $protocol (@protocols)
{
	my $sql = "COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import $import)";
	if ($protocol eq 'simple') { $client->send([ Q => "$sql\0" ]) }
	else { $client->send([ P => "\0$sql\0" . pack('n', 0) ], [ B => "\0\0" . pack('nnn', 0, 0, 0) ], [ D => "P\0" ], [ E => "\0" . pack('N', 0) ], ['S']) }
	my @said = grep { $_->[0] !~ /[12n]/ } $client->until_ready;
	is(unpack('H*', join '', map { $_->[1] } grep { $_->[0] eq 'd' } @said), $node->safe_psql('postgres', $rejects), "$protocol: COPY TO STDOUT gives the rejects");
	is(VeroProtocol::text_of(grep { $_->[0] ne 'd' } @said), 'H c C:COPY 20 Z:I', "$protocol: as COPY does");
	is($client->query('SELECT 1'), $alive, 'the connection goes on');
}

# ---- memory ----------------------------------------------------------------------------------------------------------

sub resident_mb
{
	my ($rss) = slurp_file("/proc/$client->{pid}/status") =~ /^RssAnon:\s+(\d+) kB/m or die 'no RssAnon';
	return $rss / 1024;
}

SKIP:
{
	skip 'no /proc', 5 unless -r "/proc/$client->{pid}/status";
	$client->vanish;
	$client = VeroProtocol->connect($node);
	$client->query('SELECT 1');
	my ($idle, $peak) = (resident_mb()) x 2;
	is($client->start_copy($copy), 'G', 'a client that sends as fast as it can');
	my $block = records(1, 20_000);
	$client->send([ d => $header ]);
	for (1 .. 50)
	{
		$client->copy_data($block, 8192);
		my $now = resident_mb();
		$peak = $now if $now > $peak;
	}
	is($client->end_copy, 'C:COPY 800000 Z:I', 'all of it comes');
	note(sprintf 'idle %.1f MB, peak %.1f MB for %.0f MB', $idle, $peak, 50 * length($block) / 1e6);
	cmp_ok($peak - $idle, '<', 64, 'memory stays flat');

	# The server cannot write: it reads no more than a batch, and the client has to wait.
	my $locker = $node->background_psql('postgres', on_error_die => 1);
	$locker->query_safe(q{BEGIN; SELECT id FROM vero.contacts WHERE email = 'person1@example.com' FOR UPDATE});
	is($client->start_copy($copy), 'G', 'a server that cannot write');
	$client->send([ d => $header . $block ]);
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE pid = $client->{pid} AND NOT granted") or die 'the import does not come to the lock';
	my $message = VeroProtocol::message(d => $block);
	my $taken = 0;
	$client->{socket}->blocking(0);
	while ($taken < 50 * length $message)
	{
		my $written = syswrite($client->{socket}, $message, length($message) - $taken % length($message), $taken % length $message) // last;
		$taken += $written;
	}
	$client->{socket}->blocking(1);
	cmp_ok($taken, '<', 4 << 20, "takes no more than the pipe holds ($taken bytes)");
	cmp_ok(resident_mb() - $idle, '<', 64, 'and no memory');
	$locker->query_safe('ROLLBACK');
	$locker->quit;
	$client->write(substr($message, $taken % length $message)) if $taken % length $message;
	like($client->end_copy, qr/^C:COPY \d+ Z:I$/, 'then it goes on');
	is($client->query('SELECT 1'), $alive, 'the connection goes on');
}

# ---- a client that vanishes, or speaks nonsense ----------------------------------------------------------------------

remember();
my %cuts = ('before any data' => '', 'in the header' => VeroProtocol::message(d => substr($header, 0, 10)),
	'behind a record' => VeroProtocol::message(d => $file), 'in a later batch' => VeroProtocol::message(d => $large),
	'in a message' => substr(VeroProtocol::message(d => $file), 0, 1000), 'in the head of a message' => 'd' . pack('n', 0));
for my $protocol (@protocols)
{
	for my $where (sort keys %cuts)
	{
		my $gone = VeroProtocol->connect($node);
		is($gone->start_copy($copy, $protocol), 'G', "$protocol, client vanishes $where: starts");
		$gone->write($cuts{$where});
		$gone->wait_until_read;
		$gone->vanish;
		ok($gone->wait_until_gone, "$protocol, client vanishes $where: its backend ends");
		check_nothing("$protocol, client vanishes $where");
	}
}

my %nonsense = ('another query' => [ Q => "SELECT 1\0" ], 'a Terminate' => ['X'], 'a Parse' => [ P => "\0SELECT 1\0\0\0" ], 'no message type' => [ "\0" => '' ]);
for my $what (sort keys %nonsense)
{
	my $odd = VeroProtocol->connect($node);
	is($odd->start_copy($copy), 'G', "$what in the middle");
	$odd->copy_data(substr($file, 0, 1000), 100);
	$odd->send($nonsense{$what});
	my $type = sprintf '0x%02X', ord $nonsense{$what}[0];
	is(VeroProtocol::text_of($odd->until_ready),
		"E:08P01 unexpected message type $type during COPY from stdin E:08P01 terminating connection because protocol synchronization was lost EOF", "$what ends the connection");
	ok($odd->wait_until_gone, 'and its backend');
	check_nothing("$what in the middle");
}
my $long = VeroProtocol->connect($node);
is($long->start_copy($copy), 'G', 'a message that is too long');
$long->write('d' . pack('N', 0x7fffffff));
like(VeroProtocol::text_of($long->until_ready), qr/^E:08P01 invalid message length E:.* EOF$|^E:08006 .* EOF$/, 'ends the connection');
ok($long->wait_until_gone, 'and its backend');
check_nothing('a message that is too long');

my $ended = VeroProtocol->connect($node);
is($ended->start_copy($copy), 'G', 'pg_terminate_backend while the server waits');
$ended->copy_data($large, 100_000);
$ended->wait_until_read;
$node->safe_psql('postgres', "SELECT pg_terminate_backend($ended->{pid})");
is(VeroProtocol::text_of($ended->until_ready), 'E:57P01 terminating connection due to administrator command EOF', 'ends at once');
ok($ended->wait_until_gone, 'its backend ends');
check_nothing('pg_terminate_backend');

is($client->copy($copy, $file), 'C:COPY 80 Z:I', 'after all of this, the first connection imports');
check_imported('at the end', $expected{file});

$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/WARNING:|PANIC|TRAP|terminated by signal/, 'no crash, no warnings: no leaks, no errors that jumped over C++ frames');
done_testing();
