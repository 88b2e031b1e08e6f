# Campaign mail whose worker is killed again and again reaches each recipient under one Message-ID, and nobody is left out.
#
# VERO_MESSAGES says how many there are (1000), VERO_KILL_EVERY how often the worker is killed, in seconds (1).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use VeroMail qw(start_smtp mail_of header_of send_to);

my $messages = $ENV{VERO_MESSAGES} // 1000;
my $kill_every_us = 1_000_000 * ($ENV{VERO_KILL_EVERY} // 1);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nlog_statement = none\nshared_preload_libraries = 'vero_events'\n");
$node->start;
my $smtp = start_smtp();
send_to($node, smtp_url => $smtp->{url}, smtp_tls => 'disable', mail_from => 'shop@example.com');
$node->safe_psql('postgres', qq{CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', 'Hello {{ contact.email }}');
	WITH contact AS (INSERT INTO vero.contacts (email) SELECT format('c%s\@example.com', n) FROM generate_series(1, $messages) AS n RETURNING id),
		event AS (INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'mail', now() FROM contact RETURNING id, contact_id, occurred_at)
	INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
		SELECT e.id, c.id, e.contact_id, e.occurred_at, e.occurred_at FROM event AS e, vero.campaigns AS c});

my $is_over = q{SELECT NOT EXISTS (SELECT FROM vero.trigger_jobs WHERE state <> 'sent')};
my ($kills, $rounds) = (0, 0);
while ($rounds++ < 600)
{
	usleep($kill_every_us);
	my ($result, $out) = $node->psql('postgres', "$is_over; SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events worker'");
	next if !defined $out || $out !~ /^[tf]/; # the server is coming back
	last if $out =~ /^t/;
	$kills += kill 'KILL', $1 if $out =~ /^f\n(\d+)/;
}
ok($node->poll_query_until('postgres', $is_over), 'all jobs are sent');
my @mail = mail_of($smtp);
my (%ids, %recipients);
for my $mail (@mail)
{
	my $id = header_of($mail, 'Message-ID');
	$ids{$id} = $mail->{to}[0];
	$recipients{ $mail->{to}[0] }{$id} = 1;
}
is(scalar(keys %recipients), $messages, 'each recipient got it');
is(scalar(grep { keys %$_ != 1 } values %recipients), 0, 'each under one Message-ID');
is(scalar(keys %ids), $messages, 'none shared');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.messages WHERE state <> 'sent'}), '0', 'all are recorded as sent');
my $twice = @mail - $messages;
note("$kills kills; $twice of " . scalar(@mail) . ' mails came twice, under the same Message-ID');
cmp_ok($twice, '<=', ($kills + 1) * 200, 'what was in doubt is bounded');
done_testing();
