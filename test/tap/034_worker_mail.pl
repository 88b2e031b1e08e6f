# With a worker everything ends in the mailbox: one confirmation for each import, however it ended, and campaign mail; a server that
# hangs holds up nobody.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use POSIX qw(mkfifo);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use VeroMail qw(start_smtp stop_smtp wait_for_smtp mail_of header_of send_to);
use VeroWait qw(await_server at_most start_psql);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
restart_after_crash = on
autovacuum = off
shared_preload_libraries = 'vero_events'
vero_events.notify_email = 'ops@example.com'
EOC
$node->start;
my $smtp = start_smtp();
send_to($node, smtp_url => $smtp->{url}, smtp_tls => 'disable', mail_from => 'shop@example.com', smtp_timeout => '100s');
$node->safe_psql('postgres', q{CREATE EXTENSION vero_events;
	INSERT INTO vero.contacts (email) VALUES ('locked@example.com');
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', 'Hello {{ contact.email }}')});

my $directory = PostgreSQL::Test::Utils::tempdir();
my $header = "email,event_name,time,number\n";
my $records = join '', map { ($_ % 50 ? "person$_\@example.com" : 'nobody') . ",Signs up,2022-01-01 00:00Z,$_\n" } 1 .. 25_000;
my $good = "$directory/good.csv";
append_to_file($good, "${header}locked\@example.com,Signs up,2022-01-01 00:00Z,0\n");
my $held = "$directory/held.csv";
append_to_file($held, "$header${records}locked\@example.com,Signs up,2022-01-01 00:00Z,0\n");

# ---- confirmations -------------------------------------------------------------------------------------------------------

my $told = 0;

# The next mail that comes in is the confirmation of what just ended, and nothing else comes.
sub check_mail
{
	my ($what, $subject, $text) = @_;
	$told++;
	$node->poll_query_until('postgres', qq{SELECT count(*) = $told AND bool_and(state = 'sent') FROM vero.messages}) or die "$what: it is not sent";
	my @mail = mail_of($smtp);
	is(scalar(@mail), $told, "$what: one mail");
	my %ids = map { scalar(header_of($_, 'Message-ID')) => 1 } @mail;
	is(scalar(keys %ids), $told, "$what: of its own");
	is_deeply($mail[-1]{to}, ['ops@example.com'], "$what: to whom the setting says");
	like(scalar(header_of($mail[-1], 'Subject')), $subject, "$what: what happened");
	like($mail[-1]{data}, $text, "$what: and why") if $text;
	return;
}

my $import_number = 0;

sub start_import
{
	my ($file, @settings) = @_;
	return start_psql($node, 'import ' . ++$import_number, @settings, "SELECT import_events_csv('$file', allow_repeat => true)");
}

# An import that waits for the locked contact; its process.
sub process_of_waiting
{
	my ($import) = @_;
	$node->poll_query_until('postgres', qq{SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE application_name = '$import->{name}' AND NOT granted AND locktype IN ('tuple', 'transactionid')}) or die 'it does not come to the lock';
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = '$import->{name}'");
}

$node->safe_psql('postgres', "SELECT import_events_csv('$good', allow_repeat => true)");
check_mail('completed', qr/^Import 1: 1 record imported \(.*\)$/);
$node->safe_psql('postgres', q{SELECT import_events_csv(content => E'email,name,time\nnobody,x,2022-01-01')});
check_mail('with rejects', qr/rejected/, qr/filename="rejects-2\.csv"/);
$node->safe_psql('postgres', q{SELECT import_events_csv(content => 'no such header')});
check_mail('failed as a file', qr/failed/, qr/no email column/);
$node->psql('postgres', q{COPY vero.events FROM PROGRAM 'echo no such header' WITH (FORMAT vero_csv)});
check_mail('failed as a file, by COPY', qr/failed/, qr/no email column/);
$node->safe_psql('postgres', "SELECT import_events_csv('$good', allow_repeat => true, dry_run => true)");
check_mail('a dry run', qr/^Dry run .* would be imported \(.*\)$/);
$node->psql('postgres', "SELECT import_events_csv('$good', allow_repeat => true), 1/(random()::integer - random()::integer * 0 - random()::integer * 0) / 0");
check_mail('an error behind it', qr/failed/, qr/division by zero/);

my $locker = $node->background_psql('postgres', on_error_die => 1);
my %blows = (
	'pg_cancel_backend' => [ 'SELECT pg_cancel_backend(%d)', qr/canceling statement due to user request/ ],
	'pg_terminate_backend' => [ 'SELECT pg_terminate_backend(%d)', qr/terminating connection due to administrator command/ ],
	'statement timeout' => [ undef, qr/statement timeout/, "SET statement_timeout = '" . at_most(3) . "s'" ],
	'client gone' => [ 'client', qr/connection to client lost/, "SET client_connection_check_interval = '10ms'" ]);
for my $what (sort keys %blows)
{
	my ($blow, $text, @settings) = @{ $blows{$what} };
	$locker->query_safe(q{BEGIN; SELECT id FROM vero.contacts WHERE email = 'locked@example.com' FOR UPDATE});
	my $import = start_import($held, @settings);
	my $pid = $blow ? process_of_waiting($import) : undef;
	$blow eq 'client' ? $import->{run}->kill_kill : $node->safe_psql('postgres', sprintf $blow, $pid) if $blow;
	check_mail($what, qr/failed/, $text);
	$import->{run}->finish;
	$locker->query_safe('ROLLBACK');
}

for my $crash ('kill -9 of its process', 'a crash of the server')
{
	$locker->query_safe(q{BEGIN; SELECT id FROM vero.contacts WHERE email = 'locked@example.com' FOR UPDATE});
	my $import = start_import($held);
	my $pid = process_of_waiting($import);
	if ($crash =~ /kill/)
	{
		kill 'KILL', $pid;
		await_server($node, $pid) or die 'the server does not come back';
	}
	else
	{
		$node->stop('immediate');
		$node->start;
	}
	check_mail($crash, qr/failed/, qr/ended unexpectedly/);
	$import->{run}->finish;
	eval { $locker->quit };
	$locker = $node->background_psql('postgres', on_error_die => 1);
}
# what is recorded later, for want of resources, is sent then
$node->safe_psql('postgres', q{
	CREATE FUNCTION lack() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF (SELECT backend_type FROM pg_stat_activity WHERE pid = pg_backend_pid()) = 'vero_events worker' THEN
			RAISE 'nothing is left' USING ERRCODE = 'insufficient_resources';
		END IF;
		RETURN new;
	END $$;
	CREATE TRIGGER lack BEFORE INSERT ON vero.imports FOR EACH ROW EXECUTE FUNCTION lack()});
$node->psql('postgres', "BEGIN; SELECT import_events_csv('$good', allow_repeat => true); SELECT 1 / 0");
$node->poll_query_until('postgres', q{SELECT last_error = 'nothing is left' FROM vero.worker_status WHERE database = 'postgres'}) or die 'it is recorded';
$node->safe_psql('postgres', 'DROP TRIGGER lack ON vero.imports');
check_mail('recorded later', qr/failed/, qr/division by zero/);
$node->safe_psql('postgres', "BEGIN; SELECT import_events_csv('$good', allow_repeat => true); ROLLBACK");
$node->safe_psql('postgres', q{SELECT vero.track_event('ann@example.com', 'mail')});
$told++;
$node->poll_query_until('postgres', qq{SELECT count(*) = $told AND bool_and(state = 'sent') FROM vero.messages}) or die 'campaign mail is not sent';
my @mail = mail_of($smtp);
is(scalar(@mail), $told, 'rolled back on purpose: no mail');
is_deeply($mail[-1]{to}, ['ann@example.com'], 'campaign mail comes to the contact');
is($node->safe_psql('postgres', 'SELECT state FROM vero.trigger_jobs'), 'sent', 'and its job is sent');

# ---- a server that hangs -------------------------------------------------------------------------------------------------

$locker->quit;

my $slow = start_smtp();
send_to($node, smtp_url => $slow->{url});
$node->safe_psql('postgres', q{SELECT vero.track_event('hang' || n || '@example.com', 'mail') FROM generate_series(1, 4) AS n});
wait_for_smtp($slow, qr/(hanging.*){4}/s);
my $start = time;
$node->safe_psql('postgres', "SELECT import_events_csv('$good', allow_repeat => true)");
$node->safe_psql('postgres', q{SELECT vero.track_event('bob@example.com', 'mail')});
ok($node->poll_query_until('postgres', q{SELECT count(*) = 6 FROM vero.trigger_jobs WHERE message_id IS NOT NULL}), 'jobs are decided all the same');
$node->safe_psql('postgres', 'CREATE DATABASE another');
$node->safe_psql('postgres', 'DROP DATABASE another');
cmp_ok(time - $start, '<', at_most(4), 'neither imports, nor jobs, nor DDL wait for a server that hangs');
$start = time;
$node->safe_psql('template1', 'CREATE DATABASE copy TEMPLATE postgres');
cmp_ok(time - $start, '<', at_most(5), 'nor does what needs the database to itself');
is($node->safe_psql('copy', q{SELECT vero.is_delivery_enabled()}), 'f', 'the copy sends nothing');
$start = time;
$node->restart;
cmp_ok(time - $start, '<', at_most(7), 'nor does a shutdown');

# other settings take effect without a restart
stop_smtp($slow);
my $last = start_smtp();
send_to($node, smtp_url => $last->{url});
$node->safe_psql('postgres', q{UPDATE vero.messages SET recipients = ARRAY['late' || id || '@example.com'], next_attempt_at = now() WHERE state IN ('queued', 'sending')});
ok($node->poll_query_until('postgres', q{SELECT bool_and(state = 'sent') FROM vero.messages}), 'another server takes what is left');
is(mail_of($slow) + mail_of($last), 6, 'all of it, with what the slow one took');
is($node->safe_psql('copy', q{SELECT count(*) FROM vero.messages WHERE state = 'sent' AND id > (SELECT max(id) - 6 FROM vero.messages)}), '0', 'the copy sent none of it');

# ---- a server that goes away: while mail waits for it, so does the worker --------------------------------------------------

$node->safe_psql('postgres', q{SELECT vero.track_event(n || '@example.com', 'mail') FROM unnest('{leave,stay}'::text[]) AS n});
$node->poll_query_until('postgres', q{SELECT array_agg(state ORDER BY id) = '{queued,sent}' AND min(last_error) LIKE '421%' FROM vero.messages WHERE recipients[1] IN ('leave@example.com', 'stay@example.com')})
	or die 'the server does not leave';
my $worker = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events worker'});
stop_smtp($last); # closes the connection that is open still
my $busy_ms = sub { my @stat = split / /, slurp_file("/proc/$worker/stat"); return 10 * ($stat[13] + $stat[14]) };
my $before = $busy_ms->();
sleep 2; # what is measured
cmp_ok($busy_ms->() - $before, '<', 400, 'the worker sleeps while no server takes mail');
$last = start_smtp();
send_to($node, smtp_url => $last->{url});
ok($node->poll_query_until('postgres', q{SELECT bool_and(state = 'sent') FROM vero.messages}), 'and goes on with another');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'vero_events worker'}), 'then the worker ends');

# ---- no workers any more: what is on its way ends, or is given up where the server does not have it yet ---------------------

# Seconds until the worker, which comes to that point with a message to this recipient, is gone once there are to be none.
sub stop_at
{
	my ($server, $recipient, $point) = @_;
	send_to($node, smtp_url => $server->{url}, max_workers => 4);
	$node->safe_psql('postgres', qq{SELECT vero.track_event('$recipient\@example.com', 'mail')});
	wait_for_smtp($server, $point);
	my $begun = time;
	send_to($node, max_workers => 0);
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'vero_events worker'}) or die 'the worker stays';
	return time - $begun;
}

my $of = q{SELECT state, attempts, coalesce(last_error, '') FROM vero.messages WHERE recipients[1] LIKE };
my $muted = stop_at($last, 'mute', qr/mute/);
cmp_ok($muted, '<', at_most(1), 'a worker that waits at RCPT is gone within a second');
is($node->safe_psql('postgres', "${of}'mute%'"), 'queued|1|the sender stops', 'and its message waits');
my $paced = start_smtp('--pace', '1');
cmp_ok(stop_at($paced, 'paced', qr/pacing/), '<', at_most(3), 'one whose message the server has stays for the answer');
is($node->safe_psql('postgres', "${of}'paced%'"), 'sent|1|', 'which is recorded');
is(scalar(mail_of($paced)), 1, 'so that it is not sent again');
my $took = stop_at($last, 'hang', qr/hanging/);
cmp_ok($took, '>=', 3, 'for three seconds');
cmp_ok($took, '<', at_most(4), 'and no longer');
cmp_ok($muted, '<', $took - 1.5, 'which is not the time that the one at RCPT had, however slow the machine is');
is($node->safe_psql('postgres', "${of}'hang%'"), 'queued|1|the sender stops', 'then it is to be sent again');
unlike(slurp_file($node->logfile), qr/takes no mail: the sender stops/, 'which is not put down to the server');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|jumped over|you don't own/, 'nothing broke');
done_testing();
