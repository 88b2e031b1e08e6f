# An import that ends in the middle, however it ends, leaves nothing behind, and the server goes on.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use POSIX qw(mkfifo);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroWait qw(await_server at_most start_psql);

my $node = PostgreSQL::Test::Cluster->new('interrupts');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');

my $directory = tempdir(CLEANUP => 1);
my $header = "email,event_name,time,number\n";
my $good = "$directory/good.csv";
append_to_file($good, $header . "locked\@example.com,Signs up,2022-01-01 00:00Z,0\nnobody,Signs up,2022-01-01 00:00Z,0\n");
is($node->safe_psql('postgres', "SELECT state, rows_imported, rows_rejected FROM import_events_csv('$good')"),
	'completed_with_rejects|1|1', 'an import before');

# Several batches: the others are written when the import comes to the last one, which has a contact that the test locks. Every
# 50th record is a reject, every good one has a contact of its own.
my $records = join '', map { ($_ % 50 ? "person$_\@example.com" : 'nobody') . ",Signs up,2022-01-01 00:00Z,$_\n" } 1 .. 25_000;
my $held = "$directory/held.csv";
append_to_file($held, "$header${records}locked\@example.com,Signs up,2022-01-01 00:00Z,0\n");

my $fingerprint = q{SELECT (SELECT md5(string_agg(i::text, '' ORDER BY id)) FROM vero.imports AS i),
	(SELECT md5(string_agg(r::text, '' ORDER BY import_id, record_number)) FROM vero.rejected_rows AS r),
	(SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM vero.contacts AS c),
	(SELECT md5(string_agg(e::text, '' ORDER BY id)) FROM vero.events AS e)};
my $before = $node->safe_psql('postgres', $fingerprint);
my $postmaster_started = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');
my $import_number = 0;

# An import in a psql of its own. What it prints is in {out} and {err} once end_of() has seen it off.
sub start_import
{
	my ($file, @settings) = @_;
	return start_psql($node, 'import ' . ++$import_number, '\set VERBOSITY verbose', @settings, "SELECT state, rows_read FROM import_events_csv('$file')");
}

sub start_import_of_pipe
{
	my ($pipe) = @_;
	return start_psql($node, 'import ' . ++$import_number, '\set VERBOSITY verbose', "LOAD 'vero_events'", "COPY vero.events FROM PROGRAM 'cat $pipe' WITH (FORMAT vero_csv)");
}

sub end_of
{
	my ($import) = @_;
	$import->{run}->finish;
	return $import->{err};
}

sub pid_of
{
	my ($import) = @_;
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = '$import->{name}'");
}

# Rows that nobody sees yet take up space all the same: that shows that the import is in the middle.
my $written = q{SELECT min(pg_relation_size(t)) FROM unnest('{vero.events_default, vero.contacts, vero.rejected_rows}'::regclass[]) AS t};
my $written_before;

sub wait_until_written
{
	ok($node->poll_query_until('postgres', "SELECT ($written) > $written_before"), 'an import is in the middle');
	return;
}

sub wait_for_row_lock
{
	my ($import) = @_;
	$node->poll_query_until('postgres', qq{SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE application_name = '$import->{name}' AND NOT granted AND locktype IN ('tuple', 'transactionid')})
		or die "the import does not come to the lock: $import->{err}";
}

# Nothing is left, and an import works. What rolled back imports have written is dropped, so that what the next one writes shows.
sub check_after
{
	my ($what) = @_;
	is($node->safe_psql('postgres', $fingerprint), $before, "$what: nothing is left");
	is( $node->safe_psql('postgres', "BEGIN; SELECT state, rows_imported, contacts_created FROM import_events_csv('$held'); ROLLBACK"),
		'completed_with_rejects|24501|24500', "$what: the next import works");
	$node->safe_psql('postgres', 'VACUUM vero.events, vero.contacts, vero.rejected_rows');
	return;
}

my $locker = $node->background_psql('postgres', on_error_die => 1);
my $lock = q{BEGIN; SELECT id FROM vero.contacts WHERE email = 'locked@example.com' FOR UPDATE};

# ---- held by a lock, the import can be interrupted right there ---------------------------------------------------------

my %ends = (
	'pg_cancel_backend' => [ undef, 'SELECT pg_cancel_backend(%d)', qr/ERROR:  57014: canceling statement due to user request/ ],
	'pg_terminate_backend' =>
		[ undef, 'SELECT pg_terminate_backend(%d)', qr/FATAL:  57P01: terminating connection due to administrator command/ ],
	'lock_timeout' => [ "SET lock_timeout = '10ms'", undef, qr/ERROR:  55P03: canceling statement due to lock timeout/ ],
	'statement_timeout' => [ "SET statement_timeout = '" . at_most(3) . "s'", undef, qr/ERROR:  57014: canceling statement due to statement timeout/ ],
);
for my $what (sort keys %ends)
{
	my ($setting, $blow, $message) = @{ $ends{$what} };
	$written_before = $node->safe_psql('postgres', $written);
	$locker->query_safe($lock);
	my $import = start_import($held, $setting // ());
	if ($blow)
	{
		wait_for_row_lock($import);
		is($node->safe_psql('postgres', sprintf $blow, pid_of($import)), 't', "$what is sent");
	}
	like(end_of($import), $message, "$what ends the import");
	is($import->{out}, '', "$what: it has no result");
	cmp_ok($node->safe_psql('postgres', $written), '>', $written_before, "$what: it was in the middle");
	$locker->query_safe('ROLLBACK');
	check_after($what);
}

# ---- so can what takes an import back, corrects it, or forgets somebody ------------------------------------------------

$node->safe_psql('postgres', q{UPDATE vero.rejected_rows SET corrected_record = replace(raw_record, 'nobody', 'locked@example.com')});
$before = $node->safe_psql('postgres', $fingerprint);
$locker->query_safe(q{BEGIN; SELECT id FROM vero.events FOR UPDATE; SELECT id FROM vero.contacts FOR UPDATE});
for my $call ('vero.undo_import(1)', 'vero.retry_rejects(1)', q{vero.forget('locked@example.com')})
{
	my $held = start_psql($node, $call =~ s/\(.*//r, '\set VERBOSITY verbose', "SELECT $call");
	wait_for_row_lock($held);
	is($node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . pid_of($held) . ')'), 't', "$call is cancelled");
	like(end_of($held), qr/ERROR:  57014: canceling statement due to user request/, "$call ends");
	is($node->safe_psql('postgres', $fingerprint), $before, "$call: nothing has changed");
}
$locker->query_safe('ROLLBACK');
$node->safe_psql('postgres', q{UPDATE vero.rejected_rows SET corrected_record = NULL});
$before = $node->safe_psql('postgres', $fingerprint);

# ---- held by what it reads ------------------------------------------------------------------------------------------------

# A pipe takes 64 kB: when more is written than that, the import has read the rest.
my $pipe = "$directory/pipe.csv";
mkfifo($pipe, 0600) or die "mkfifo: $!";
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { die 'the import does not read the pipe' };

sub open_pipe
{
	alarm($PostgreSQL::Test::Utils::timeout_default);
	open(my $handle, '>', $pipe) or die "open: $!";
	alarm(0);
	$handle->autoflush(1);
	return $handle;
}

sub write_pipe
{
	my ($handle, $text) = @_;
	alarm($PostgreSQL::Test::Utils::timeout_default);
	my $done = print {$handle} $text;
	alarm(0);
	return $done;
}

# as a path nothing waits for its writer
my @opening = ("SELECT import_events_csv('$pipe')", "SELECT import_events_csv(paths => '{$pipe}')", "SELECT * FROM vero.inspect_csv('$pipe')",
	"SELECT * FROM vero.inspect_csv_file('$pipe')", "COPY vero.events FROM '$pipe' WITH (FORMAT vero_csv)");
for my $statement (@opening)
{
	my ($result, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nLOAD 'vero_events';\n$statement", timeout => $PostgreSQL::Test::Utils::timeout_default, timed_out => \my $is_stuck);
	ok(!$is_stuck, "$statement ends");
	like($err, qr/ERROR:  42809: "\Q$pipe\E" is a named pipe\nHINT:  COPY vero\.events FROM PROGRAM 'cat \.\.\.' reads one, as does psql's \\copy\./, 'it says what does read one');
}
my ($called, $ids, $told) = $node->psql('postgres', "SET log_min_messages = error; CALL vero.import_files('$pipe')", timeout => $PostgreSQL::Test::Utils::timeout_default, timed_out => \my $is_stuck);
ok(!$is_stuck, 'vero.import_files() ends');
like($told, qr/WARNING:  "\Q$pipe\E" was not imported: "\Q$pipe\E" is a named pipe/, 'which says so of the file');
check_after('a named pipe');

$written_before = $node->safe_psql('postgres', $written);
my $import = start_import_of_pipe($pipe);
my $handle = open_pipe();
ok(write_pipe($handle, $header . $records), 'the import reads the pipe');
wait_until_written();
my $pid = pid_of($import);
is($node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)"), 't', 'a cancel reaches an import that waits for a program');
write_pipe($handle, $records x 4);
like(end_of($import), qr/ERROR:  57014: canceling statement due to user request/, 'which ends when the program goes on');
close $handle;
check_after('cancel while the file is read');

$written_before = $node->safe_psql('postgres', $written);
$import = start_import_of_pipe($pipe);
$handle = open_pipe();
write_pipe($handle, $header . $records);
wait_until_written();
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . pid_of($import) . ')');
close $handle;
like(end_of($import), qr/FATAL:  57P01: terminating connection/, 'an import whose file ends after pg_terminate_backend ends');
check_after('terminated while the file is read');

# a look at a file stores nothing, and ends as an import does
my $long = "$directory/long.csv";
append_to_file($long, $header . $records x 40);
my ($result, $out, $err) = $node->psql('postgres', <<"SQL", on_error_stop => 0);
\\set VERBOSITY verbose
SELECT pg_backend_pid() AS pid \\gset
\\setenv BACKEND :pid
SET statement_timeout = '10ms';
SELECT * FROM vero.inspect_csv_file('$long', max_records => 1000000);
\\! sed -n 's/^rchar: //p' /proc/\$BACKEND/io
SQL
like($err, qr/ERROR:  57014: canceling statement due to statement timeout/, 'a look at a file can be cancelled');
cmp_ok($out, '<', -s $long, 'which then reads no more of it');
cmp_ok($out, '>', 0, 'than it had');
check_after('cancel of a look');

# at the end of the file, where the last batch is written
$locker->query_safe($lock);
$import = start_import_of_pipe($pipe);
$handle = open_pipe();
write_pipe($handle, "$header${records}locked\@example.com,Signs up,2022-01-01 00:00Z,0\n");
close $handle;
wait_for_row_lock($import);
is($node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . pid_of($import) . ')'), 't', 'a cancel in the last batch');
like(end_of($import), qr/ERROR:  57014/, 'ends the import');
$locker->query_safe('ROLLBACK');
check_after('cancel in the last batch');

is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $postmaster_started, 'the server has not restarted so far');
$locker->quit;

# ---- killed ----------------------------------------------------------------------------------------------------------

$written_before = $node->safe_psql('postgres', $written);
$import = start_import_of_pipe($pipe);
$handle = open_pipe();
write_pipe($handle, $header . $records);
wait_until_written();
$pid = pid_of($import);
my $log_end = -s $node->logfile;
is(kill('KILL', $pid), 1, 'when its backend is killed');
close $handle; # the program has the connection, too
like(end_of($import), qr/server closed the connection unexpectedly|terminating connection|connection to server was lost/,
	'the import ends');
$node->wait_for_log(qr/database system is ready to accept connections/, $log_end);
await_server($node, $pid) or die 'the server does not come back';
check_after('kill -9');

# ---- the server stops --------------------------------------------------------------------------------------------------

for my $mode ('fast', 'immediate')
{
	$written_before = $node->safe_psql('postgres', $written);
	$import = start_import_of_pipe($pipe);
	$handle = open_pipe();
	write_pipe($handle, $header . $records);
	wait_until_written();
	system_or_bail('pg_ctl', '-D', $node->data_dir, '-m', $mode, '-W', 'stop');
	1 while write_pipe($handle, $records);
	close $handle;
	like(end_of($import), qr/terminating connection|server closed the connection/, "the server stops ($mode), and so does the import");
	$node->stop($mode, fail_ok => 1);
	$node->start;
	check_after("$mode shutdown");
}

# ---- rolled back on purpose ------------------------------------------------------------------------------------------

sub content
{
	my ($name, $number) = @_;
	return qq{content => 'email,event_name,time,number\n$name\@example.com,Signs up,2022-01-01 00:00Z,$number\nnobody,,,\n'};
}

$node->safe_psql('postgres', join ";\n", 'BEGIN', map { /^import/ ? "SELECT $_" : $_ }
		"import_events_csv(${\content('one', 1)})", 'SAVEPOINT s',
		"import_events_csv(${\content('two', 2)})", 'ROLLBACK TO s',
		"import_events_csv(${\content('three', 3)})",
		"import_events_csv(${\content('three', 4)})", 'COMMIT');
is( $node->safe_psql('postgres', q{SELECT source, state, rows_imported, contacts_created,
			(SELECT count(*) FROM vero.rejected_rows WHERE import_id = i.id),
			(SELECT string_agg(email || ' ' || (e.properties->>'number'), ' ') FROM vero.timeline AS e WHERE import_id = i.id)
		FROM vero.imports AS i WHERE source = 'content' ORDER BY id}),
	join("\n", map { "content|completed_with_rejects|1|$_" } '1|1|one@example.com 1', '1|1|three@example.com 3', '0|1|three@example.com 4'),
	'ROLLBACK TO SAVEPOINT takes away one import, not those before and after it');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.contacts WHERE email = 'two@example.com'}), '0', 'nor its contact');

# an error that is caught, in the middle of an import; then the same contacts again in the same transaction
$before = $node->safe_psql('postgres', $fingerprint);
$locker = $node->background_psql('postgres', on_error_die => 1);
$locker->query_safe($lock);
is( $node->safe_psql('postgres', qq{
		BEGIN;
		SET LOCAL lock_timeout = '10ms';
		DO \$\$ BEGIN PERFORM import_events_csv('$held'); EXCEPTION WHEN lock_not_available THEN NULL; END \$\$;
		SELECT count(*) FROM vero.timeline WHERE email LIKE 'person%';
		SELECT contacts_created FROM import_events_csv(${\content('person25', 25)});
		SELECT email, properties FROM vero.timeline WHERE email LIKE 'person%';
		ROLLBACK}),
	qq(0\n1\nperson25\@example.com|{"number": "25"}), 'an import that fails inside a block that catches the error leaves its transaction usable');
$locker->query_safe('ROLLBACK');
$locker->quit;
check_after('an error that is caught');

# ---- where an import is not allowed ----------------------------------------------------------------------------------

for my $call ("import_events_csv('$good')", 'import_events_csv(' . content('four', 4) . ')')
{
	my ($result, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nBEGIN READ ONLY; SELECT * FROM $call");
	like($err, qr/ERROR:  25006: cannot execute import_events_csv\(\) in a read-only transaction/, 'a read-only transaction');
}
is($node->safe_psql('postgres', $fingerprint), $before, 'nothing is left of that either');

# ---- in all of this ----------------------------------------------------------------------------------------------------

$node->stop;
my $log = slurp_file($node->logfile);
my @killed = $log =~ /was terminated by signal (\d+)/g;
is("@killed", '9', 'no process crashed but the one that was killed');
unlike($log, qr/WARNING:(?!  terminating connection because of crash)|PANIC|TRAP/, 'no warnings: no leaks, no errors that jumped over C++ frames');

done_testing();
