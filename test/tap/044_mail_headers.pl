# What mail says of itself arrives: its date and Message-ID are of its first sending, a campaign is a list, nothing is to answer it, and what is
# attached is called what it is.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use MIME::Base64 ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::Local qw(timegm);
use VeroMail qw(start_smtp stop_smtp mail_of header_of send_to write_messages send_mail due_now);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');

sub warnings_of { my ($sql) = @_; my ($result, $out, $err) = $node->psql('postgres', $sql); return $err =~ s/^psql:<stdin>:\d+: //mgr }

# ---- a way to unsubscribe -----------------------------------------------------------------------------------------------

my $insert = q{INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, transactional) VALUES};
my $warning = qr/^WARNING:  the mail of campaign "mail" offers no way to unsubscribe\nHINT:  Set vero_events.unsubscribe_address, or /;
like(warnings_of("$insert ('mail', 'mail', '0', 'Hello', 'Hello', false)"), $warning, 'a campaign without a way to unsubscribe warns when it is written');
is(warnings_of("$insert ('receipt', 'pays', '0', 'Hello', 'Hello', true)"), '', 'a transactional one does not');
is(warnings_of(q{UPDATE vero.campaigns SET transactional = true, active = false WHERE name = 'mail'}), '', 'nor one that becomes transactional');
is(warnings_of(q{UPDATE vero.campaigns SET transactional = false WHERE name = 'mail'}), '', 'nor one that is not active');
like(warnings_of(q{UPDATE vero.campaigns SET active = true WHERE name = 'mail'}), $warning, 'until it is');
is(warnings_of(q{UPDATE vero.campaigns SET subject = 'Hello!' WHERE name = 'mail'}), '', 'what has nothing to do with it does not warn');
send_to($node, unsubscribe_address => 'stop@example.com');
is(warnings_of(q{UPDATE vero.campaigns SET active = true WHERE name = 'mail'}), '', 'nor where there is a way');

# ---- the first sending --------------------------------------------------------------------------------------------------

# Seconds since its Date.
my %months = map { (split ' ', 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec')[$_] => $_ } 0 .. 11;
sub age_of
{
	my ($mail) = @_;
	my ($day, $month, $year, $hour, $minute, $second) = header_of($mail, 'Date') =~ /, (\d+) (\w+) (\d+) (\d+):(\d+):(\d+) \+0000$/ or die;
	return time - timegm($second, $minute, $hour, $day, $months{$month}, $year);
}
# All messages grow older by some days, their dates too.
sub age { my ($days) = @_; return $node->safe_psql('postgres', "UPDATE vero.messages SET created_at = created_at - interval '$days days', dated_at = dated_at - interval '$days days'") }
my $day = 24 * 3600;

write_messages($node, 'old');
my $written = $node->safe_psql('postgres', 'SELECT message_id_header FROM vero.messages');
like($written, qr/\@vero-events\.invalid>$/, 'a message that no sender is set for');
age(40);
my $dead = PostgreSQL::Test::Cluster::get_free_port();
send_to($node, smtp_url => "smtp://localhost:$dead", smtp_tls => 'disable', mail_from => 'The Shop <shop@example.com>');
$node->safe_psql('postgres', 'SELECT vero.resend(1)');
send_mail($node);
is($node->safe_psql('postgres', 'SELECT state, dated_at IS NULL FROM vero.messages'), 'queued|t', 'no server is there: it has no date yet');
age(40);
my $server = start_smtp();
send_to($node, smtp_url => $server->{url});
due_now($node);
is(send_mail($node), '1|0|0', 'it goes out at last');
my ($old) = mail_of($server);
cmp_ok(age_of($old), '<', $day, 'with the date of its first sending');
is(header_of($old, 'Message-ID'), $written =~ s/vero-events\.invalid/example.com/r, 'and the Message-ID of its sender\'s domain');
is($node->safe_psql('postgres', 'SELECT message_id_header, dated_at > created_at FROM vero.messages'), header_of($old, 'Message-ID') . '|t', 'which the row has too');

write_messages($node, qw(grey spam lost));
is(send_mail($node), '0|1|2', 'one is put off, one refused, and one perhaps taken');
is($node->safe_psql('postgres', q{SELECT split_part(recipients[1], '@', 1), dated_at IS NULL FROM vero.messages WHERE id > 1 ORDER BY id}), "grey|t\nspam|f\nlost|f",
	'what the server has got nothing of has no date yet');
age(40);
due_now($node);
is(send_mail($node), '2|0|0', 'another attempt');
my ($grey) = grep { $_->{to}[0] =~ /^grey/ } mail_of($server);
cmp_ok(age_of($grey), '<', $day, 'what was put off gets its date then');
my @lost = grep { $_->{to}[0] =~ /^lost/ } mail_of($server);
is(header_of($lost[0], 'Message-ID'), header_of($lost[1], 'Message-ID'), 'what may be there already goes under the Message-ID that it had');
cmp_ok(age_of($lost[1]), '>', 39 * $day, 'and the date');

# ---- what it is -----------------------------------------------------------------------------------------------------------

my $campaign = $node->safe_psql('postgres', q{SELECT id FROM vero.campaigns WHERE name = 'mail'});
is(header_of($grey, 'List-Id'), "<campaign-$campaign.example.com>", 'List-Id is the campaign\'s');
is(header_of($grey, 'List-Unsubscribe'), '<mailto:stop@example.com?subject=unsubscribe>', 'List-Unsubscribe');
is(header_of($grey, 'Auto-Submitted'), 'auto-generated', 'Auto-Submitted');
is(header_of($grey, 'X-Auto-Response-Suppress'), 'DR, RN, NRN, OOF, AutoReply', 'X-Auto-Response-Suppress');

# ---- tests ----------------------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{UPDATE vero.campaigns SET body_html = '<p>{{ contact.email }}</p>' WHERE name = 'mail'});
my ($preview, $list) = map { $node->safe_psql('postgres', "SELECT $_ FROM vero.preview('mail', 'grey\@example.com')") } 'headers', q{substring(headers FROM 'List-Unsubscribe: (.*?)\n')};
is($list, '<mailto:stop@example.com?subject=unsubscribe>', 'the mail that would be written offers to unsubscribe');
my $sent = $node->safe_psql('postgres', q{SELECT count(*) FROM vero.messages WHERE campaign_id IS NOT NULL});
my $test = $node->safe_psql('postgres', q{SELECT vero.send_test('mail', 'grey@example.com', 'one@example.org, Two@example.org')});
is($node->safe_psql('postgres', "SELECT kind, state, why FROM vero.outbox WHERE id = $test"), 'test|queued|waits for vero.send_mail(): vero_events.max_workers is 0', 'a test is queued');
is(send_mail($node), '1|0|0', 'and sent');
my $tested = (mail_of($server))[-1];
is(join(' ', @{ $tested->{to} }), 'one@example.org two@example.org', 'to those who are named');
is(header_of($tested, 'To'), 'one@example.org, two@example.org', 'and to nobody else');
is(header_of($tested, 'Subject'), '[Test] Hello!', 'its subject says what it is');
is(header_of($tested, 'X-Vero-Events-Test'), 'yes', 'a header does, too');
is(header_of($tested, $_), undef, "it has no $_, by which somebody would be unsubscribed") for 'List-Unsubscribe', 'List-Id';
like(header_of($tested, 'Message-ID'), qr/^<test\.[-0-9a-f]{36}\@example\.com>$/, 'its Message-ID is no job\'s');
is(header_of($tested, 'From'), header_of($grey, 'From'), 'it comes from whom the mail would come from');
like($tested->{data}, qr{\r\n\r\nHello\r\n.*<p>grey\@example\.com</p>}s, 'both bodies are those of the contact\'s event');
unlike(header_of($grey, 'Subject') . (header_of($grey, 'X-Vero-Events-Test') // ''), qr/test|yes/i, 'the contact\'s own mail is not marked');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.messages WHERE campaign_id IS NOT NULL}), $sent, 'it is none of the campaign\'s messages');
is($node->safe_psql('postgres', "SELECT state FROM vero.messages WHERE id = $test"), 'sent', 'what became of it is recorded');

# ---- confirmations --------------------------------------------------------------------------------------------------------

# The confirmation of an import of these bytes, which are all rejected, and its attachment's bytes.
sub confirmation_of
{
	my ($content, $notify) = @_;
	$node->safe_psql('postgres', qq{SELECT FROM import_events_csv(decode('@{[unpack 'H*', $content]}', 'hex'), notify => '$notify')});
	send_mail($node);
	my $mail = (mail_of($server))[-1];
	my ($body) = $mail->{data} =~ /Content-Type: application\/octet-stream\r\n.*?\r\n\r\n(.*?)\r\n--=_/s or die $mail->{data};
	return ($mail, MIME::Base64::decode($body));
}
my $rejects = "email,name,time\nbad,order,2022-01-01\n";
my ($mail, $bytes) = confirmation_of($rejects, '{ops@example.com,Ops@Example.com,other@example.com,ops@example.com}');
is(header_of($mail, 'To'), 'ops@example.com, other@example.com', 'equal addresses get it once');
is(header_of($mail, $_->[0]), $_->[1], "$_->[0] of a confirmation") for [ 'List-Id', undef ], [ 'Auto-Submitted', 'auto-generated' ], [ 'X-Auto-Response-Suppress', 'DR, RN, NRN, OOF, AutoReply' ];
is($bytes, $rejects, 'rejects are bytes');
is((confirmation_of($_, '{ops@example.com}'))[1], $_, 'in any encoding') for "email,name,time\nb\xE4d,order,2022-01-03\n", "\xFF\xFE" . join '', map { "$_\0" } split //, "email,name,time\nbad,order,2022-01-04\n";

stop_smtp($server);
$node->stop;
done_testing();
