# The worker sends the outbox, whatever happens to it meanwhile: each recipient gets the message, under one Message-ID.
# VERO_MAILS (2000) says how many, VERO_MAIL_KILLS (4) how often it is killed, and as often told to stop.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use VeroMail qw(start_smtp stop_smtp mail_of header_of send_to);
use VeroWait qw(await_server);

my $mails = $ENV{VERO_MAILS} // 2000;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nrestart_after_crash = on\n");
$node->start;
my $server = start_smtp();
send_to($node, smtp_url => $server->{url}, smtp_tls => 'disable', mail_from => 'shop@example.com');
$node->safe_psql('postgres', qq{
	CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', 'Hello');
	SELECT count(vero.track_event('n' || i || '\@example.com', 'mail')) FROM generate_series(1, $mails) AS i});

my $worker = q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events worker'};
my $sent = q{SELECT count(*) FROM vero.messages WHERE state = 'sent'};

# Once more is sent than before it is killed, by turns gently and not.
my %killed = (TERM => 0, KILL => 0);
my $before = 0;
for my $signal (('TERM', 'KILL') x ($ENV{VERO_MAIL_KILLS} // 4))
{
	my ($result, $now, $pid) = (0, 0, '');
	for (1 .. 100 * $PostgreSQL::Test::Utils::timeout_default)
	{
		my ($status, $out) = $node->psql('postgres', "$sent; $worker");
		($now, $pid) = $status == 0 ? split(/\n/, $out) : (0, '');
		last if $now >= $mails || ($now > $before && $pid);
		usleep(10_000);
	}
	last if $now >= $mails;
	$before = $now;
	$killed{$signal}++ if kill $signal, $pid;
	await_server($node, $pid) if $signal eq 'KILL';
}
$node->poll_query_until('postgres', "SELECT ($sent) = $mails") or die 'not all are sent';
cmp_ok($killed{KILL}, '>', 1, "the worker was killed in between: $killed{KILL} times, and stopped $killed{TERM} times");

my (%ids, %recipients);
for my $mail (mail_of($server))
{
	$ids{ header_of($mail, 'Message-ID') }{ $mail->{to}[0] }++;
	$recipients{ $mail->{to}[0] }++;
}
is(scalar(keys %recipients), $mails, 'every recipient has it');
is(scalar(keys %ids), $mails, 'under a Message-ID of their own');
is(scalar(grep { keys %$_ != 1 } values %ids), 0, 'each of one recipient');
my $doubles = grep { $_ > 1 } values %recipients;
cmp_ok($doubles, '<=', $killed{KILL} * (64 + 4), "what was sent twice, under the same Message-ID, is what was in doubt: $doubles");
is($node->safe_psql('postgres', 'SELECT state, count(*) FROM vero.trigger_jobs GROUP BY 1'), "sent|$mails", 'all jobs are sent');

$node->stop;
stop_smtp($server);
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|jumped over/, 'nothing broke');
done_testing();
