# However an import ends, it is confirmed exactly once.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Copy qw(copy);
use File::Temp qw(tempdir);
use POSIX qw(mkfifo);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use VeroWait qw(await_server at_most start_psql has_no_journal);

my $node = PostgreSQL::Test::Cluster->new('confirmations');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
restart_after_crash = on
autovacuum = off
max_prepared_transactions = 5
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
vero_events.notify_email = 'ops@example.com'
EOC
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
my $directory = tempdir(CLEANUP => 1);
my $journals = $node->data_dir . '/pg_vero_events';
my $header = "email,event_name,time,number\n";

# One that stops at its last batch while the test holds the contact, and rejects every 50th record.
my $records = join '', map { ($_ % 50 ? "person$_\@example.com" : 'nobody') . ",Signs up,2022-01-01 00:00Z,$_\n" } 1 .. 25_000;
my $held = "$directory/held.csv";
append_to_file($held, "$header${records}locked\@example.com,Signs up,2022-01-01 00:00Z,0\n");
my $good = "$directory/good.csv";
append_to_file($good, "${header}locked\@example.com,Signs up,2022-01-01 00:00Z,0\n");
my $pipe = "$directory/pipe.csv";
mkfifo($pipe, 0600) or die "mkfifo: $!";
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { die 'the import does not read the pipe' };

my $told = 0; # confirmations so far

# The import that ended just now has one confirmation, which says this; nobody can make it two.
sub check_told
{
	my ($what, $recorded, $state, $error) = @_;
	is($node->safe_psql('postgres', 'SELECT vero.record_failed_imports()'), $recorded, "$what: found $recorded");
	is($node->safe_psql('postgres', 'SELECT vero.record_failed_imports()'), '0', "$what: found once");
	$told++;
	is( $node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT import_id), count(DISTINCT message_id_header) FROM vero.messages WHERE kind = 'confirmation'}),
		"$told|$told|$told", "$what: one confirmation");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.imports'), $told, "$what: of one import");
	my ($is_state, $is_error, $message, $recipients, $finished) = split /\|/,
		$node->safe_psql('postgres', q{SELECT i.state, i.error, m.state, m.recipients, i.finished_at IS NOT NULL FROM vero.imports AS i
			JOIN vero.messages AS m ON m.import_id = i.id ORDER BY m.id DESC LIMIT 1});
	is("$is_state $message $recipients", "$state stored {ops\@example.com}", "$what: $state");
	like($is_error, $error, "$what: says why") if $error;
	ok(has_no_journal($node), "$what: the journal is empty");
	return;
}

my $import_number = 0;

# A psql of its own. What it prints is in {out} and {err} once end_of() has seen it off.
sub start_session
{
	my (@commands) = @_;
	return start_psql($node, 'import ' . ++$import_number, '\set VERBOSITY verbose', @commands);
}

sub start_import
{
	my ($file, @settings) = @_;
	return start_session(@settings, "SELECT state, rows_read FROM import_events_csv('$file', allow_repeat => true)");
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

sub wait_for_row_lock
{
	my ($import) = @_;
	$node->poll_query_until('postgres', qq{SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE application_name = '$import->{name}' AND NOT granted AND locktype IN ('tuple', 'transactionid')})
		or die "the import does not come to the lock: $import->{err}";
	return;
}

sub wait_until_gone
{
	my ($pid) = @_;
	$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid") or die 'it does not go';
	return;
}

# An import that reads the pipe and has written events, and the pipe.
sub start_in_the_middle
{
	my ($command) = @_;
	my $written = $node->safe_psql('postgres', q{SELECT pg_relation_size('vero.events_default')});
	my $import = start_session($command ? $command : ("LOAD 'vero_events'", "COPY vero.events FROM PROGRAM 'cat $pipe' WITH (FORMAT vero_csv, allow_repeat)"));
	alarm($PostgreSQL::Test::Utils::timeout_default);
	open(my $handle, '>', $pipe) or die "open: $!";
	$handle->autoflush(1);
	print {$handle} $header . $records;
	alarm(0);
	$node->poll_query_until('postgres', "SELECT pg_relation_size('vero.events_default') > $written") or die 'the import writes nothing';
	return ($import, $handle);
}

# ---- it comes to its end -----------------------------------------------------------------------------------------------

$node->safe_psql('postgres', "SELECT import_events_csv('$good', allow_repeat => true)");
check_told('completed', 0, 'completed');
$node->safe_psql('postgres', q{SELECT import_events_csv(content => 'email,name,time
nobody,x,2022-01-01')});
check_told('with rejects', 0, 'completed_with_rejects');
$node->safe_psql('postgres', q{SELECT import_events_csv(content => 'no such header')});
check_told('failed as a file', 0, 'failed', qr/^the file has no email column/);

# ---- an error ----------------------------------------------------------------------------------------------------------

$node->psql('postgres', q{COPY vero.events FROM PROGRAM 'echo no such header' WITH (FORMAT vero_csv)});
check_told('failed as a file, by COPY', 1, 'failed', qr/^the file has no email column/);
$node->psql('postgres', q{COPY vero.events FROM PROGRAM 'echo email,name,time; echo a@b.co,x,2022-01-01; false' WITH (FORMAT vero_csv)});
check_told('a program that fails', 1, 'failed', qr/^program "echo .*" failed/);

my $locker = $node->background_psql('postgres', on_error_die => 1);
my $lock = q{BEGIN; SELECT id FROM vero.contacts WHERE email = 'locked@example.com' FOR UPDATE};
my %ends = (
	'pg_cancel_backend' => [ undef, 'SELECT pg_cancel_backend(%d)', qr/^canceling statement due to user request \(after 25001 records, 500 of them rejected\)$/ ],
	'pg_terminate_backend' => [ undef, 'SELECT pg_terminate_backend(%d)', qr/^terminating connection due to administrator command$/ ],
	'lock_timeout' => [ "SET lock_timeout = '10ms'", undef, qr/^canceling statement due to lock timeout/ ],
	'statement_timeout' => [ "SET statement_timeout = '" . at_most(3) . "s'", undef, qr/^canceling statement due to statement timeout/ ],
	'client gone' => [ "SET client_connection_check_interval = '10ms'", 'client', qr/^connection to client lost$/ ],
);
for my $what (sort keys %ends)
{
	my ($setting, $blow, $error) = @{ $ends{$what} };
	$locker->query_safe($lock);
	my $import = start_import($held, $setting // ());
	if ($blow)
	{
		wait_for_row_lock($import);
		my $pid = pid_of($import);
		is($node->safe_psql('postgres', 'SELECT vero.record_failed_imports()'), '0', "$what: while it runs it has not failed");
		if ($blow eq 'client')
		{
			$import->{run}->kill_kill;
			wait_until_gone($pid);
		}
		else
		{
			$node->safe_psql('postgres', sprintf $blow, $pid);
		}
	}
	end_of($import);
	check_told($what, 1, 'failed', $error);
	$locker->query_safe('ROLLBACK');
}
is($node->safe_psql('postgres', q{SELECT body_text ~ 'Rejected records, as far as the import came:\n\n  Line 51: "nobody" is not an email address'
			FROM vero.messages JOIN vero.imports AS i ON i.id = import_id WHERE error LIKE '%user request%'}),
	't', 'the first rejects are shown');

# ---- the client goes ---------------------------------------------------------------------------------------------------

# in the middle of its data
my ($import, $handle) = start_in_the_middle(qq{\\copy vero.events FROM '$pipe' WITH (FORMAT vero_csv)});
my $pid = pid_of($import);
$import->{run}->kill_kill;
close $handle;
wait_until_gone($pid);
check_told('the client goes while it sends', 1, 'failed', qr/^unexpected EOF on client connection with an open transaction/);

# behind the import, before the transaction's end
my $session = $node->background_psql('postgres', on_error_die => 1);
$session->query_safe("BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true)");
my $session_pid = $session->query_safe('SELECT pg_backend_pid()');
is($node->safe_psql('postgres', 'SELECT vero.record_failed_imports()'), '0', 'an open transaction has not failed');
$session->{run}->kill_kill;
wait_until_gone($session_pid);
check_told('the client goes in a transaction', 1, 'failed', qr/^the file was read to its end, but .* the session ended before its transaction was committed$/);

$session = $node->background_psql('postgres', on_error_die => 1);
$session->query_safe("BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true)");
$session_pid = $session->query_safe('SELECT pg_backend_pid()');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($session_pid, 60000)");
$session->{run}->kill_kill;
check_told('terminated in a transaction', 1, 'failed', qr/^the file was read to its end, but .* terminating connection due to administrator command$/);

# ---- two-phase commit --------------------------------------------------------------------------------------------------

sub check_nothing_told
{
	my ($what) = @_;
	is($node->safe_psql('postgres', 'SELECT vero.record_failed_imports()'), '0', "$what: nothing is found");
	is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM vero.messages), (SELECT count(*) FROM vero.imports)'), "$told|$told", "$what: nothing is told");
	return;
}

$node->safe_psql('postgres', "BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true); PREPARE TRANSACTION 'one'");
check_nothing_told('prepared');
$node->safe_psql('postgres', "COMMIT PREPARED 'one'");
check_told('COMMIT PREPARED', 0, 'completed');
$node->safe_psql('postgres', "BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true); PREPARE TRANSACTION 'one'; ROLLBACK PREPARED 'one'");
check_nothing_told('ROLLBACK PREPARED');
my ($result, $out, $err) = $node->psql('postgres', "BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true); SELECT 1/0; PREPARE TRANSACTION 'one'");
check_told('PREPARE of what had failed', 1, 'failed', qr/division by zero$/);
$node->safe_psql('postgres', "BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true); ROLLBACK");
check_nothing_told('ROLLBACK');

# A crash between the commit and the end of the journal's entry: the entry is found when the import is on record. The same before
# COMMIT PREPARED: it is not yet known.
has_no_journal($node) or die 'a journal stays';
$session = $node->background_psql('postgres', on_error_die => 1);
$session->query_safe("BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true)");
my ($journal) = glob("$journals/*");
copy($journal, "$journal.1") or die "copy: $!";
$session->query_safe("PREPARE TRANSACTION 'one'");
check_nothing_told('left behind by PREPARE');
ok(-e "$journal.1", 'it waits for the transaction');
$session->query_safe("COMMIT PREPARED 'one'");
$session->quit;
check_told('left behind by COMMIT', 0, 'completed');

# ---- what just begins is not taken for lost --------------------------------------------------------------------------------

my $failures = 200;
my $seeker = start_psql($node, 'seeker', q{DO $$ BEGIN LOOP PERFORM vero.record_failed_imports(); COMMIT; EXIT WHEN (SELECT count(*) FROM vero.contacts WHERE email = 'stop@example.com') > 0; END LOOP; END $$});
$node->safe_psql('postgres', qq{DO \$\$ BEGIN FOR i IN 1 .. $failures LOOP
	BEGIN PERFORM import_events_csv(content => 'email,name,time\n'::bytea, time_zone => 'nowhere'); EXCEPTION WHEN OTHERS THEN END;
	BEGIN PERFORM import_events_csv('$good', allow_repeat => true); RAISE 'no'; EXCEPTION WHEN OTHERS THEN END; COMMIT; END LOOP; END \$\$});
$node->safe_psql('postgres', q{INSERT INTO vero.contacts (email) VALUES ('stop@example.com')});
$seeker->{run}->finish;
is($seeker->{err}, '', 'somebody looks for lost imports while others begin');
$node->safe_psql('postgres', 'SELECT vero.record_failed_imports()');
$told += $failures;
is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.imports'), $told, 'each is found once');
ok(has_no_journal($node), 'the journal is empty');

# ---- what is found is not lost -------------------------------------------------------------------------------------------

my $database = $node->safe_psql('postgres', q{SELECT oid FROM pg_database WHERE datname = current_database()});
($result, $out, $err) = $node->psql('postgres', "BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true); SELECT 1/0");
($result, $out, $err) = $node->psql('postgres', q{BEGIN; SELECT vero.record_failed_imports(); PREPARE TRANSACTION 'one'});
like($err, qr/cannot PREPARE a transaction that has recorded failed imports/, 'what is recorded cannot be prepared');
check_told('which loses nothing', 1, 'failed');

# nor by a lock that somebody holds
$node->psql('postgres', "BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true); SELECT 1/0");
$session = $node->background_psql('postgres', on_error_die => 1);
$session->query_safe('BEGIN; LOCK TABLE vero.messages');
($result, $out, $err) = $node->psql('postgres', q{SET lock_timeout = '10ms'; SELECT vero.record_failed_imports()});
like($err, qr/canceling statement due to lock timeout/, 'a lock that somebody holds is an error');
$session->quit;
check_told('which loses nothing either', 1, 'failed');

my $log_end = -s $node->logfile;
append_to_file("$journals/pgsql_tmp.$database.1.1", 'this is no journal');
append_to_file("$journals/pgsql_tmp.$database.1.2", '');
append_to_file("$journals/pgsql_tmp.4294967294.1.1", 'of a database that is gone');
check_nothing_told('damaged files');
ok(has_no_journal($node), 'which go');
my $log = slurp_file($node->logfile, $log_end);
is(scalar(() = $log =~ /ends in the middle of an entry/g), 1, 'and are told once');

$node->safe_psql('postgres', q{CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no such row'; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON vero.imports FOR EACH ROW WHEN (new.state = 'failed') EXECUTE FUNCTION refuse()});
$node->psql('postgres', "BEGIN; SELECT state FROM import_events_csv('$good', allow_repeat => true); SELECT 1/0");
($result, $out, $err) = $node->psql('postgres', 'SELECT vero.record_failed_imports()');
like($err, qr/WARNING:  the failed imports in file "pg_vero_events\/pgsql_tmp.* cannot be recorded: no such row/, 'what cannot be recorded is told');
is($out, '0', 'does not stop the others');
($result, $out, $err) = $node->psql('postgres', 'SELECT vero.record_failed_imports()');
is($err, '', 'and does not come again');
my ($aside) = glob("$journals/*.damaged");
$node->safe_psql('postgres', 'DROP TRIGGER refuse ON vero.imports');
ok($aside && rename($aside, $aside =~ s/\.damaged$//r), 'it is kept');
check_told('by hand it can be recorded later', 1, 'failed');

# ---- killed ------------------------------------------------------------------------------------------------------------

($import, $handle) = start_in_the_middle();
$log_end = -s $node->logfile;
$pid = pid_of($import);
is(kill('KILL', $pid), 1, 'the backend is killed');
close $handle; # the program has the connection, too
end_of($import);
$node->wait_for_log(qr/database system is ready to accept connections/, $log_end);
await_server($node, $pid) or die 'the server does not come back';
check_told('kill -9', 1, 'failed', qr/^the server process that ran it ended unexpectedly/);
is($node->safe_psql('postgres', q{SELECT finished_at IS NULL, (SELECT body_text !~ 'Took' FROM vero.messages WHERE import_id = i.id) FROM vero.imports AS i ORDER BY id DESC LIMIT 1}),
	't|t', 'nobody knows when');

# ---- the server stops ----------------------------------------------------------------------------------------------------

for my $mode ('fast', 'immediate')
{
	($import, $handle) = start_in_the_middle();
	system_or_bail('pg_ctl', '-D', $node->data_dir, '-m', $mode, '-W', 'stop');
	1 while print {$handle} $records;
	close $handle;
	end_of($import);
	$node->stop($mode, fail_ok => 1);
	$node->start;
	check_told("$mode shutdown", 1, 'failed', $mode eq 'fast' ? qr/^terminating connection due to administrator command/ : qr/^the server process/);
}

# with several at once, and one whose commit is safe
$node->safe_psql('postgres', "SELECT import_events_csv('$good', allow_repeat => true)");
$told++;
$locker = $node->background_psql('postgres', on_error_die => 1);
$locker->query_safe($lock);
my @imports = map { start_import($held) } 1 .. 3;

$node->poll_query_until('postgres', q{SELECT count(*) = 3 FROM pg_stat_activity WHERE application_name LIKE 'import %' AND wait_event_type = 'Lock'}) or die 'they do not wait';
my @processes = ($node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()}) =~ /\d+/g,
	slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/);
$node->kill9;
end_of($_) for @imports;
$locker->{run}->kill_kill;
for my $process (@processes)
{
	my $tries = 100 * $PostgreSQL::Test::Utils::timeout_default;
	usleep(10_000) while kill(0, $process) && $tries-- > 0;
	is(kill(0, $process), 0, 'a process of the crashed server goes');
}
$node->start;
is($node->safe_psql('postgres', 'SELECT vero.record_failed_imports()'), '3', 'the server crashes: all of its imports are found');
$told += 2;
check_told('the server crashes', 0, 'failed', qr/^the server has crashed: its main process is gone$/);

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|jumped over/, 'nothing else went wrong');
done_testing();
