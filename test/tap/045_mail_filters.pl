# Typical mail meets SpamAssassin's local rules: nothing counts against it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp stop_smtp mail_of header_of send_to send_mail);

plan skip_all => 'make check-mail runs it' unless $ENV{VERO_SPAMASSASSIN};

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\ntimezone = 'UTC'\n");
$node->start;
my $server = start_smtp();
send_to($node, smtp_url => $server->{url}, smtp_tls => 'disable', mail_from => 'The Shop <shop@example.com>', unsubscribe_address => 'unsubscribe@example.com', notify_email => 'ops@example.org');
$node->safe_psql('postgres', <<'END');
CREATE EXTENSION vero_events;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text, body_html, transactional) VALUES
	('review', 'Completes checkout', '0', '365 days', 'How do you like your {{ event.item_type }}?',
		E'Dear {{ contact.first_name | default: "customer" }},\n\non {{ event.occurred_at | date: "%d %B %Y" }} you bought this from us: {{ event.item_type }}.\nHow do you like it? Answer in one line, or in many.\n\nYours\nThe Shop\n', NULL, false),
	('rule', 'Registers', '0', '365 days', 'Welcome to the shop',
		E'WELCOME\n============================================================\n\nIt is good to have you here.\n\n============================================================\nThe Shop\n', NULL, false),
	('html', 'Visits', '0', '365 days', 'What is new this week',
		E'Hello,\n\nthere are new shirts, green and red ones. Have a look: https://shop.example.com/new\n\nThe Shop\n',
		'<html><head><title>What is new this week</title></head><body><p>Hello,</p><p>there are new shirts, green and red ones. <a href="https://shop.example.com/new">Have a look</a>.</p><p>The Shop</p></body></html>', false),
	('receipt', 'Pays', '0', '365 days', 'Ihre Rechnung für „{{ event.item_type }}“',
		E'Guten Tag,\n\nhier ist Ihre Rechnung über {{ event.amount }} €. Vielen Dank für Ihren Einkauf!\n\nMit freundlichen Grüßen\nIhr Geschäft\n', NULL, true),
	('japanese', 'Buys', '0', '365 days', 'ご注文ありがとうございます',
		E'お客様\n\nこのたびはご注文をいただき、誠にありがとうございます。商品は明日発送いたします。\n\n株式会社ショップ\n', NULL, true);
END

# A file of these bytes is imported, its mail sent.
sub import_file
{
	my ($content, $options) = @_;
	$node->safe_psql('postgres', "SELECT FROM import_events_csv(decode('@{[unpack 'H*', $content]}', 'hex'), label => 'orders.csv'" . ($options // '') . ')');
	return;
}
my $today = $node->safe_psql('postgres', q{SELECT (now() - interval '1 hour')::timestamp(0)});
import_file("email,name,time,item_type,amount\n" . join('', map { "tyrion.lannister\@example.org,$_,$today,green shirt,\"19,90\"\n" } 'Completes checkout', 'Registers', 'Visits', 'Pays', 'Buys'), ', trigger_campaigns => true');
$node->safe_psql('postgres', 'SELECT vero.run_jobs()');
$node->safe_psql('postgres', q{SELECT vero.send_test('html', 'tyrion.lannister@example.org', 'colleague@example.org')});
import_file("email,name,time\n" . join '', map { "person$_\@example.org,Places order,2022-01-0$_\n" } 1 .. 9);
my $rejects = "email,name,time,city\n" . join '', map { "person$_,Places order,2022-01-0$_,M\x{fc}nchen\n" } 1 .. 9;
import_file(encode('UTF-8', $rejects));
import_file(encode('latin1', $rejects));
import_file("\xFF\xFE" . encode('UTF-16LE', $rejects));
import_file("name,time\nPlaces order,2022-01-01\n");
send_mail($node);

my @mail = mail_of($server);
is(scalar @mail, 12, 'five campaigns, a test and six confirmations are sent');
for my $mail (@mail)
{
	my $subject = header_of($mail, 'Subject');
	my $received = "Received: from mail.example.com (mail.example.com [93.184.216.34])\r\n\tby mx.example.org (Postfix) with ESMTPS id 4XyZ12\r\n\tfor <$mail->{to}[0]>; "
		. header_of($mail, 'Date') . "\r\n";
	my ($report, $err) = ('', '');
	IPC::Run::run([ 'spamassassin', '-L', '-t', '-x' ], '<', \"$received$mail->{data}", '>', \$report, '2>', \$err) or die "spamassassin: $err";
	my ($analysis) = $report =~ /^Content analysis details:.*?\n-{4}[- ]*\n(.*)/ms or die "spamassassin says nothing of $subject: $report";
	my @hits = $analysis =~ /^ *(-?\d+\.\d+ [A-Z]\w+)/mg;
	is(join(', ', grep { (split / /)[0] > 0.1 } @hits), '', "$subject (@hits)");
}

stop_smtp($server);
$node->stop;
done_testing();
