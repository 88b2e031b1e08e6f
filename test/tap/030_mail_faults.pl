# Mail meets an SMTP server that refuses, delays, hangs up and hangs, and each message ends as it should.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Digest::MD5 qw(md5_hex);
use MIME::Base64 ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp stop_smtp mail_of header_of send_to write_messages send_mail outbox due_now);
use VeroWait qw(at_most);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', 'Hello')});

my $clear = sub { $node->safe_psql('postgres', 'TRUNCATE vero.trigger_jobs, vero.messages RESTART IDENTITY') };
my $jobs = sub { $node->safe_psql('postgres', q{SELECT state, error FROM vero.trigger_jobs ORDER BY message_id}) };

# ---- no server yet: stored, and not sent by setting one later -----------------------------------------------------------

write_messages($node, 'early');
my $server = start_smtp();
send_to($node, smtp_url => $server->{url}, smtp_tls => 'disable', mail_from => 'The Shop <shop@example.com>', smtp_timeout => '100s',
	max_delivery_attempts => 3);
is(send_mail($node), '0|0|0', 'what was written before there was a server is not sent');
is(outbox($node), 'early|stored|not sent: vero_events.smtp_url was not set', 'it stays stored');
$node->safe_psql('postgres', 'SELECT vero.resend(1)');
is(send_mail($node), '1|0|0', 'resend() sends it');
is(outbox($node), 'early|sent|250 2.0.0 Ok: queued as T1', 'it is sent, as the server says');
is($jobs->(), 'sent|', 'and so is its job');

# ---- a message as it arrives --------------------------------------------------------------------------------------------

my ($mail) = mail_of($server);
is($mail->{from}, 'shop@example.com', 'MAIL FROM');
is("@{ $mail->{to} }", 'early@example.com', 'RCPT TO');
is(header_of($mail, 'From'), '"The Shop" <shop@example.com>', 'From');
is(header_of($mail, 'To'), 'early@example.com', 'To');
is(header_of($mail, 'Subject'), 'Hello', 'Subject');
is(header_of($mail, 'Message-ID'), $node->safe_psql('postgres', 'SELECT message_id_header FROM vero.messages'), 'Message-ID is the row\'s');
is(header_of($mail, 'List-Unsubscribe'), undef, 'List-Unsubscribe only where somebody takes it');
like(header_of($mail, 'Date'), qr/^\w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/, 'Date');

# ---- one server, many fates ---------------------------------------------------------------------------------------------

$clear->();
send_to($node, unsubscribe_address => 'stop@example.com');
write_messages($node, qw(ann gone grey bob spam full never cut cid));
is(send_mail($node), '3|2|4', 'good ones are sent, whatever becomes of those between them');
my $never = '451 4.3.0 Never today';
my $fates = sub { outbox($node) =~ s/queued as T\d+/queued/gr };
is($fates->(), join("\n",
		'ann|sent|250 2.0.0 Ok: queued', 'gone|failed|550 5.1.1 No such user here: gone', 'grey|queued|450 4.7.1 Greylisted, come back later',
		'bob|sent|250 2.0.0 Ok: queued', 'spam|failed|554 5.7.1 This is spam', 'full|queued|452 4.2.2 Mailbox full', "never|queued|$never",
		'cut|queued|the server closed the connection', 'cid|sent|250 2.0.0 Ok: queued'),
	'each with the server\'s words');
like($node->safe_psql('postgres', q{SELECT why FROM vero.why('grey@example.com', 'mail')}),
	qr/^Its mail, message \d+, was written at \S+ \S+, and is tried again at \S+ \S+: 450 4\.7\.1 Greylisted, come back later\.$/, 'why() says when it is tried again');
is($node->safe_psql('postgres', q{SELECT bool_and(next_attempt_at > now() + interval '10 s') FROM vero.messages WHERE state = 'queued'}), 't',
	'another attempt is made after a while');
is(send_mail($node), '0|0|0', 'and not before');
due_now($node);
is(send_mail($node), '3|0|1', 'then what was put off is taken');
due_now($node);
is(send_mail($node), '0|1|0', 'until there were enough attempts');
is($fates->(), join("\n",
		'ann|sent|250 2.0.0 Ok: queued', 'gone|failed|550 5.1.1 No such user here: gone', 'grey|sent|250 2.0.0 Ok: queued',
		'bob|sent|250 2.0.0 Ok: queued', 'spam|failed|554 5.7.1 This is spam', 'full|sent|250 2.0.0 Ok: queued',
		"never|failed|given up after 3 attempts: $never", 'cut|sent|250 2.0.0 Ok: queued', 'cid|sent|250 2.0.0 Ok: queued'),
	'all have ended');
is($jobs->(), join("\n", 'sent|', 'failed|550 5.1.1 No such user here: gone', 'sent|', 'sent|', 'failed|554 5.7.1 This is spam', 'sent|',
		"failed|given up after 3 attempts: $never", 'sent|', 'sent|'), 'and so have their jobs');
is(header_of((mail_of($server))[1], 'List-Unsubscribe'), '<mailto:stop@example.com?subject=unsubscribe>', 'List-Unsubscribe');

# ---- a reply that is lost: at least once, under one Message-ID ----------------------------------------------------------

$clear->();
write_messages($node, 'lost');
is(send_mail($node), '0|0|1', 'a message whose reply is lost');
is(outbox($node), 'lost|queued|the server closed the connection', 'is tried again');
due_now($node);
is(send_mail($node), '1|0|0', 'and sent');
my @twice = grep { $_->{to}[0] =~ /^lost/ } mail_of($server);
is(scalar @twice, 2, 'it is there twice');
is(header_of($twice[0], 'Message-ID'), header_of($twice[1], 'Message-ID'), 'under one Message-ID');
is($twice[0]{data}, $twice[1]{data}, 'to the last byte');

# ---- a clock that was ahead -----------------------------------------------------------------------------------------------

$clear->();
write_messages($node, 'soon', 'again');
$node->safe_psql('postgres', q{UPDATE vero.messages SET next_attempt_at = now() + CASE WHEN recipients[1] LIKE 'soon%' THEN interval '90 min' ELSE '1 year' END});
is(send_mail($node), '1|0|0', 'what was put off longer than anything is, is due');
is($node->safe_psql('postgres', q{SELECT split_part(recipients[1], '@', 1), state FROM vero.messages ORDER BY id}), "soon|queued\nagain|sent", 'and nothing else');

# ---- recipients beyond ASCII, several recipients -------------------------------------------------------------------------

$clear->();
my $confirm = sub {
	my ($to) = @_;
	$node->safe_psql('postgres', qq{
		WITH i AS (INSERT INTO vero.imports (source, state, imported_by, started_at) VALUES ('x', 'completed', 'x', now()) RETURNING id)
		INSERT INTO vero.messages (kind, state, recipients, subject, body_text, body_html, attachment, message_id_header, import_id, created_at, next_attempt_at)
		SELECT 'confirmation', 'queued', '$to', 'Imported', 'All', '<p>All</p>', E'email\\nbad', '<import.' || id || '\@example.com>', id, now(), now() FROM i});
};
$confirm->('{a@example.com,gone@example.com,grey2@example.com,jörg@example.com,no address,NULL}');
is(send_mail($node), '0|0|1', 'of several recipients some are put off, and null is nobody');
due_now($node);
send_mail($node);
due_now($node);
send_mail($node);
is($node->safe_psql('postgres', 'SELECT state, accepted, refused, last_error FROM vero.messages'),
	'sent|{a@example.com,grey2@example.com,jörg@example.com}|{"no address",gone@example.com}|not to no address, gone@example.com', 'all get it who can, and the others are told');
my @confirmations = grep { header_of($_, 'Subject') eq 'Imported' } mail_of($server);
is(join(' ', map { @{ $_->{to} } } @confirmations), 'a@example.com grey2@example.com jörg@example.com', 'each of them once');
is(header_of($confirmations[0], 'Auto-Submitted'), 'auto-generated', 'a confirmation is nobody\'s letter');
is(header_of($confirmations[0], 'List-Unsubscribe'), undef, 'and nothing to unsubscribe from');
like($confirmations[0]{data}, qr/filename="rejects-\d+\.csv"/, 'with its attachment');

# large ones: they are not all in memory at a time, and arrive whole
$clear->();
$node->safe_psql('postgres', q{
	WITH i AS (INSERT INTO vero.imports (source, state, imported_by, started_at) SELECT 'x', 'completed', 'x', now() FROM generate_series(1, 6) RETURNING id)
	INSERT INTO vero.messages (kind, state, recipients, subject, body_text, attachment, message_id_header, import_id, created_at, next_attempt_at)
	SELECT 'confirmation', 'queued', '{big@example.com}', 'Big', 'All', convert_to(repeat('0123456789' || id, 400000), 'UTF8'), '<big.' || id || '@example.com>', id, now(), now() FROM i});
is(send_mail($node), '6|0|0', 'large messages');
my @big = map { ($_->{data} =~ /filename="rejects-\d+\.csv".*?\r\n\r\n(.*?)\r\n--/s)[0] } grep { header_of($_, 'Subject') eq 'Big' } mail_of($server);
is(join('|', sort map { md5_hex(MIME::Base64::decode_base64($_)) } @big),
	$node->safe_psql('postgres', q{SELECT string_agg(md5(attachment), '|' ORDER BY md5(attachment) COLLATE "C") FROM vero.messages}), 'arrive as they are');

$clear->();
stop_smtp($server);
$server = start_smtp('--ascii');
send_to($node, smtp_url => $server->{url});
write_messages($node, 'ann', 'jörg', 'bob');
is(send_mail($node), '2|1|0', 'a server without SMTPUTF8');
like(outbox($node), qr/^jörg\|failed\|the server takes no addresses beyond ASCII \(SMTPUTF8\)$/m, 'does not get what it cannot take');

$clear->();
send_to($node, smtp_connections => 1);
write_messages($node, 'ann', 'jörg');
is(send_mail($node), '1|1|0', 'nor does it on a connection that is open, as the last one');

# ---- hostile values -----------------------------------------------------------------------------------------------------

$clear->();
$node->safe_psql('postgres', q{
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, body_html) VALUES
		('hostile', 'hostile', '0', 'Hi {{ event.x }}', E'.\n{{ event.x }}\n.\nQUIT\n..', '<p>{{ event.x }}</p>');
	SELECT vero.track_event('victim@example.com', 'hostile', jsonb_build_object('x', x)) FROM unnest(ARRAY[
		E'a\r\nBcc: evil@example.com', E'b\r\n.\r\nMAIL FROM:<evil@example.com>', E'c\n.\nRCPT TO:<evil@example.com>', E'd\r.\rDATA', '<evil@example.com>',
		E'--=_boundary', 'ü ✓ 😀', repeat('long ', 4000), '=?utf-8?q?x?=', '{{ event.x }}', E'f\u0001\u2028\u0085']) AS t (x);
	SELECT vero.run_jobs()});
is(send_mail($node), '11|0|0', 'hostile values');
my @hostile = mail_of($server);
@hostile = @hostile[ @hostile - 11 .. $#hostile ];
is(scalar(grep { "@{ $_->{to} }" ne 'victim@example.com' || $_->{from} ne 'shop@example.com' } @hostile), 0, 'change no recipient and no sender');
is(scalar(grep { scalar(header_of($_, 'Bcc')) || (() = header_of($_, 'Subject')) != 1 || (() = header_of($_, 'To')) != 1 } @hostile), 0, 'add no header');
is(scalar(grep { $_->{data} =~ /[^\r]\n|\r[^\n]|\0|[\x80-\xFF]/ } @hostile), 0, 'all lines end in CRLF, all bytes are ASCII');
is(scalar(grep { $_->{data} =~ /[^\r\n]{999}/ } @hostile), 0, 'no line is too long');
is_deeply([ map { scalar(() = $_->{data} =~ /^Content-Type: text\/(?:plain|html)/mg) } @hostile ], [ (2) x 11 ], 'and add no part');
like($hostile[0]{data}, qr/^Subject: =\?UTF-8\?Q\?Hi_a__Bcc=3A_evil=40example=2Ecom\?=\r$/m, 'line breaks in a subject are spaces');

# ---- connections: reused, closed by the server, limited -------------------------------------------------------------------

for my $case ([ 'kept', [], 1 ], [ 'closed after each message', ['--close-idle'], undef ], [ 'closed after two messages', [ '--messages', 2 ], 5 ])
{
	my ($what, $options, $connections) = @$case;
	$clear->();
	stop_smtp($server);
	$server = start_smtp(@$options);
	send_to($node, smtp_url => $server->{url}, smtp_connections => 1);
	write_messages($node, map { "n$_" } 1 .. 10);
	is(send_mail($node), '10|0|0', "ten messages, the connection is $what");
	my %used = map { $_->{connection} => 1 } mail_of($server);
	is(scalar(keys %used), $connections // 10, "$what: connections");
	is($node->safe_psql('postgres', 'SELECT max(attempts) FROM vero.messages'), '1', "$what: one attempt each");
}

# ---- a server that does not take mail: no attempt is lost ----------------------------------------------------------------

$clear->();
stop_smtp($server);
write_messages($node, 'ann', 'bob');
for my $case ([ 'is down', undef, qr/Could(?:n't| not) connect|Connection refused/ ], [ 'is busy', '421 4.3.2 Busy', qr/421 4\.3\.2 Busy/ ],
	[ 'refuses us', '554 No service for you', qr/554 No service for you/ ], [ 'is none', 'SSH-2.0-OpenSSH', qr/SMTP server .* takes no mail/ ],
	[ 'hangs', 'hang', qr/[Tt]imed out|timeout|took too long/ ])
{
	my ($what, $greeting, $words) = @$case;
	if ($greeting)
	{
		$server = start_smtp('--greeting', $greeting);
		send_to($node, smtp_url => $server->{url}, smtp_timeout => $what eq 'hangs' ? '2s' : '100s');
	}
	my $notices;
	my $start = time;
	is(send_mail($node, \$notices), '0|0|0', "a server that $what");
	cmp_ok(time - $start, '<', at_most(4), "$what: it does not take long");
	like($notices, $words, "$what: that is said");
	unlike($notices, qr/WARNING.*WARNING/s, "$what: once");
	is($node->safe_psql('postgres', 'SELECT DISTINCT state, attempts FROM vero.messages'), 'queued|0', "$what: no attempt is counted");
	like($node->safe_psql('postgres', 'SELECT min(last_error) FROM vero.messages'), $words =~ /takes no mail/ ? qr/./ : $words, "$what: the outbox says why");
	stop_smtp($server) if $greeting;
	due_now($node);
}

# one that leaves in the middle is not asked again in vain, but no message can hold up the others for ever
$server = start_smtp();
send_to($node, smtp_url => $server->{url}, smtp_connections => 1, smtp_timeout => '100s');
write_messages($node, 'leave');
is(send_mail($node), '2|0|1', 'a server that leaves at a recipient');
due_now($node);
is(send_mail($node), '1|0|0', 'gets the message the next time');

# ---- a hang in the middle: bounded, and only its own ----------------------------------------------------------------------

$clear->();
send_to($node, smtp_connections => 2, smtp_timeout => '5s');
write_messages($node, 'hang', map { "n$_" } 1 .. 20);
my $start = time;
is(send_mail($node), '20|0|1', 'a message at which the server hangs holds up no other');
cmp_ok(time - $start, '<', at_most(7), 'and ends');
like(outbox($node), qr/^hang\|queued\|the server took too long$/m, 'in words');

$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/PANIC|TRAP|terminated by signal|jumped over/, 'nothing broke');
done_testing();
