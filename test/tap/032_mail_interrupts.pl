# A sender that waits for its server can be interrupted, holds up nobody, and leaves nothing undone or done twice.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp stop_smtp wait_for_smtp mail_of header_of send_to write_messages send_mail outbox due_now);
use VeroWait qw(await_server at_most start_psql);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\nvero_events.unsubscribe_address = 'unsubscribe\@example.com'\nrestart_after_crash = on\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', 'Hello')});
my $good = start_smtp();
my $calls = 0;

# CALL vero.send_mail() that has come to the message at which the server hangs; so many others wait behind that.
sub start_hanging
{
	my ($others) = @_;
	$node->safe_psql('postgres', 'TRUNCATE vero.trigger_jobs, vero.messages RESTART IDENTITY');
	my $server = start_smtp();
	send_to($node, smtp_url => $server->{url}, smtp_tls => 'disable', mail_from => 'shop@example.com', smtp_timeout => '100s');
	write_messages($node, 'hang', map { "n$_" } 1 .. $others // 0);
	my $call = start_psql($node, 'call ' . ++$calls, 'CALL vero.send_mail()');
	$call->{server} = $server;
	wait_for_smtp($server, qr/hanging/);
	$call->{pid} = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = '$call->{name}'");
	return $call;
}

sub end_of
{
	my ($call) = @_;
	$call->{run}->finish;
	stop_smtp($call->{server});
	return $call->{out} . $call->{err};
}

my $row = 'SELECT state, attempts, claims FROM vero.messages';

# ---- while it waits ---------------------------------------------------------------------------------------------------

my $call = start_hanging();
is($node->safe_psql('postgres', $row), 'sending|1|1', 'that it is being sent is on record before it is sent');
is($node->safe_psql('postgres', "SELECT backend_xmin, backend_xid, wait_event FROM pg_stat_activity WHERE pid = $call->{pid}"), '||Extension',
	'no snapshot is held, and no transaction has begun anything');
my $start = time;
$node->safe_psql('postgres', 'CREATE DATABASE another');
$node->safe_psql('postgres', 'DROP DATABASE another');
$node->safe_psql('postgres', 'CHECKPOINT'); # a crash later on would drop it again, with warnings
cmp_ok(time - $start, '<', at_most(7), 'other databases come and go');
is(send_mail($node), '0|0|0', 'another sender has nothing to send');
is($node->safe_psql('postgres', $row), 'sending|1|1', 'and leaves the message to the first one');

# ---- interrupted ------------------------------------------------------------------------------------------------------

for my $blow ('pg_cancel_backend', 'pg_terminate_backend', 'kill -9', 'a crash')
{
	$call //= start_hanging();
	my $log_end = -s $node->logfile;
	if ($blow =~ /^pg/) { $node->safe_psql('postgres', "SELECT $blow($call->{pid})") }
	elsif ($blow eq 'kill -9') { kill 'KILL', $call->{pid} }
	else { $node->stop('immediate') }
	like(end_of($call), qr/canceling statement|terminating connection|server closed the connection|connection to server was lost/, "$blow ends it");
	if ($blow eq 'kill -9')
	{
		$node->wait_for_log(qr/database system is ready to accept connections/, $log_end);
		await_server($node, $call->{pid}) or die 'the server does not come back';
	}
	$node->start if $blow eq 'a crash';
	undef $call;
	is($node->safe_psql('postgres', $row), 'sending|1|1', "$blow: what became of the message is not known");
	send_to($node, smtp_url => $good->{url});
	$node->safe_psql('postgres', q{UPDATE vero.messages SET recipients = '{ann@example.com}'});
	is(send_mail($node), '1|0|0', "$blow: the next sender sends it at once");
	is($node->safe_psql('postgres', $row), 'sent|2|2', "$blow: with its second attempt");
}

# ---- the lease ends, somebody else sends it, and then the first one comes back ------------------------------------------

$call = start_hanging();
send_to($node, smtp_url => $good->{url});
$node->safe_psql('postgres', q{UPDATE vero.messages SET next_attempt_at = now(), recipients = '{ann@example.com}'});
is(send_mail($node), '1|0|0', 'when its lease has ended another sender takes a message');
stop_smtp($call->{server});
is(end_of($call), "0|0|1\n", 'the first one gives it up');
is($node->safe_psql('postgres', "$row WHERE last_error IS NULL"), 'sent|2|2', 'and what it knows counts no more');

# ---- how many a sender takes up -----------------------------------------------------------------------------------------

send_to($node, smtp_connections => 1);
for ([ 64, '64 of 64' ], [ 65, '64 of 65' ])
{
	my ($messages, $taken) = @$_;
	$call = start_hanging($messages - 1);
	is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE state = 'sending') || ' of ' || count(*) FROM vero.messages}), $taken, "taken up at a time: $taken");
	$node->safe_psql('postgres', "SELECT pg_terminate_backend($call->{pid})");
	end_of($call);
}
send_to($node, smtp_connections => 4, smtp_url => $good->{url});

# ---- many senders -----------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', 'TRUNCATE vero.trigger_jobs, vero.messages RESTART IDENTITY');
write_messages($node, map { "n$_" } 1 .. 500);
my $before = () = mail_of($good);
my @senders = map { start_psql($node, "sender $_", 'CALL vero.send_mail(500)') } 1 .. 4;
$_->{run}->finish for @senders;
my @mail = mail_of($good);
splice @mail, 0, $before;
my %recipients = map { $_->{to}[0] => 1 } @mail;
is(scalar(@mail) . '|' . scalar(keys %recipients), '500|500', 'several senders at a time send each message once');
is($node->safe_psql('postgres', 'SELECT DISTINCT m.state, m.attempts, j.state FROM vero.messages AS m JOIN vero.trigger_jobs AS j ON j.message_id = m.id'),
	'sent|1|sent', 'and record it');

# ---- the server stops --------------------------------------------------------------------------------------------------

$call = start_hanging();
$start = time;
$node->stop('fast');
cmp_ok(time - $start, '<', at_most(7), 'a shutdown does not wait for the SMTP server');
end_of($call);
my $log = slurp_file($node->logfile);
my @killed = $log =~ /was terminated by signal (\d+)/g;
is("@killed", '9', 'no process crashed but the one that was killed');
unlike($log, qr/PANIC|TRAP|jumped over|WARNING:(?!  terminating connection because of crash)/, 'nothing broke');
done_testing();
