# A confirmation that a mail server finds too large goes without its attachment, to each of its recipients once.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use MIME::Base64 ();
use MIME::QuotedPrint ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp stop_smtp mail_of send_to write_messages send_mail outbox due_now);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', repeat('Hello ', 10000))});
my $server = start_smtp();
send_to($node, smtp_url => $server->{url}, smtp_tls => 'disable', mail_from => 'shop@example.com', max_delivery_attempts => 2);

# Imports a file all of whose records are rejected, and returns its id. These local parts are told.
sub import_rejects
{
	my ($rejects, @to) = @_;
	$node->safe_psql('postgres', 'TRUNCATE vero.trigger_jobs, vero.messages');
	send_to($node, notify_email => join ', ', map { "$_\@example.com" } @to);
	return $node->safe_psql('postgres', qq{SELECT import_id FROM import_events_csv(content =>
		convert_to(E'email,event,time\n' || repeat('nobody,' || repeat('x', 93) || E'\n', $rejects), 'UTF8'))});
}

# Another server: who got what from it is seen alone.
sub change_server
{
	stop_smtp($server);
	$server = start_smtp(@_);
	return send_to($node, smtp_url => $server->{url});
}

sub taken
{
	return join '; ', map { join(' ', map { s/@.*//r } @{ $_->{to} }) . ($_->{data} =~ /filename="rejects-\d/ ? ' with it' : ' without it') } mail_of($server);
}

# state, attempts, recipients; is it attached; which words are in the text and the HTML; is there another text
sub message
{
	return $node->safe_psql('postgres', q{SELECT state, attempts, accepted, refused, attachment IS NOT NULL, body_text LIKE '%too many to be attached%',
		body_html LIKE '%too many to be attached%', coalesce(text_without_attachment, html_without_attachment) IS NOT NULL, last_error FROM vero.messages});
}

# ---- the ways to say so --------------------------------------------------------------------------------------------------

my $id = import_rejects(1000, 'small');
is(message(), 'queued|0|{}|{}|t|f|f|t|', 'a confirmation with its attachment');
is(send_mail($node), '1|0|0', 'a server that says so after the last byte');
is(taken(), 'small without it', 'gets it without');
is(message(), 'sent|1|{}|{}|f|t|t|f|', 'in other words');
my ($text) = (mail_of($server))[0]{data} =~ /\r\n\r\n.*?\r\n\r\n(.*?)\r\n--/s;
like(MIME::QuotedPrint::decode_qp($text), qr/The rejected records are too many to be attached\..*\\copy vero\.rejected_rows TO 'rejects-$id\.csv'/s, 'that say how to get the records');

change_server('--size', 100_000);
import_rejects(1000, 'ann');
is(send_mail($node), '1|0|0', 'a server that said so before');
is(taken(), 'ann without it', 'gets it without');
is(message(), 'sent|1|{}|{}|f|t|t|f|', 'in other words');

import_rejects(100, 'ann');
send_mail($node);
is(taken(), 'ann without it; ann with it', 'what it takes has its attachment');
is(message(), 'sent|1|{}|{}|t|f|f|t|', 'and its words');

change_server();
import_rejects(1000, qw(ann narrow gone bob));
is(send_mail($node), '1|0|0', 'a server that says so of one recipient');
is(taken(), 'ann bob with it; narrow without it', 'each gets what he can take, once');
is(message(), 'sent|1|{ann@example.com,bob@example.com,narrow@example.com}|{gone@example.com}|f|t|t|f|not to gone@example.com', 'and is recorded once');

change_server();
import_rejects(1000, qw(narrow never));
is(send_mail($node), '0|0|1', 'of one while another is put off');
due_now($node);
is(send_mail($node), '1|0|0', '... until there were enough attempts');
is(taken(), 'narrow without it', 'the one gets it once');
like(message(), qr/^sent\|2\|\{narrow\@example.com\}\|\{\}\|f\|t\|t\|f\|given up after 2 attempts: /, 'and the other is told');

# ---- what cannot be made smaller -------------------------------------------------------------------------------------------

change_server('--size', 5000);
import_rejects(1000, 'ann');
is(send_mail($node), '0|1|0', 'one that is too large without it, too');
like(message(), qr/^failed\|1\|\{\}\|\{\}\|f\|t\|t\|f\|the message is too large: it has \d+ bytes, and the server takes 5000 at most \(SIZE\)$/, 'fails, and says why');
$node->safe_psql('postgres', 'TRUNCATE vero.messages, vero.trigger_jobs');
write_messages($node, 'ann');
is(send_mail($node), '0|1|0', 'a campaign\'s mail');
like(outbox($node), qr/^ann\|failed\|the message is too large: it has 6\d{4} bytes, and the server takes 5000 at most \(SIZE\)$/, 'fails, and says why');
is(taken(), '', 'nothing of it was said to the server');

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|jumped over/, 'nothing broke');
done_testing();
