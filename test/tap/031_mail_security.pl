# TLS, certificates and AUTH, against two SMTP servers: aiosmtpd and Exim.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(make_certificate start_smtp start_exim stop_smtp mail_of send_to write_messages send_mail outbox due_now);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', 'Hello')});
my $certificate = make_certificate('localhost');
my $other = make_certificate('elsewhere.example.com');
send_to($node, mail_from => 'shop@example.com', smtp_timeout => '65s', smtp_ca_file => $certificate, smtp_url => 'smtp://localhost:1');

# One message is sent, or is not, for the reason given; returns the server's mail.
sub try_one
{
	my ($what, $sent, $words) = @_;
	$node->safe_psql('postgres', 'TRUNCATE vero.trigger_jobs, vero.messages RESTART IDENTITY');
	write_messages($node, 'ann');
	my $notices = '';
	is(send_mail($node, \$notices), $sent ? '1|0|0' : '0|0|0', $what);
	like($notices, $words, "$what: in words") if $words;
	is($node->safe_psql('postgres', 'SELECT state, attempts FROM vero.messages'), $sent ? 'sent|1' : 'queued|0', "$what: the message");
	return;
}

# ---- aiosmtpd: every mode against every offer -----------------------------------------------------------------------------

is($node->safe_psql('postgres', 'SHOW vero_events.smtp_tls'), 'verify-full', 'certificates are checked unless one says otherwise');
my %offers = (
	'no TLS' => [],
	'a good certificate' => [ '--certificate', $certificate ],
	'another name\'s certificate' => [ '--certificate', $other ],
	'smtps, a good certificate' => [ '--certificate', $certificate, '--smtps' ],
	'smtps, another name\'s certificate' => [ '--certificate', $other, '--smtps' ],
);
my %sent = ( # mode: which of the offers are good enough, and whether that is then used
	'verify-full' => { 'a good certificate' => 1, 'smtps, a good certificate' => 1 },
	'require' => { map { $_ => 1 } grep { $_ ne 'no TLS' } keys %offers },
	'prefer' => { 'no TLS' => 0, map { $_ => 1 } grep { $_ ne 'no TLS' } keys %offers },
	'disable' => { map { $_ => /smtps/ ? 1 : 0 } keys %offers },
);
for my $offer (sort keys %offers)
{
	my $server = start_smtp(@{ $offers{$offer} });
	for my $mode (sort keys %sent)
	{
		send_to($node, smtp_url => $server->{url}, smtp_tls => $mode);
		my $is_tls = $sent{$mode}{$offer};
		my $before = () = mail_of($server);
		try_one("$mode, $offer", defined $is_tls, defined $is_tls ? undef : $offer eq 'no TLS' ? qr/STARTTLS|SSL/ : qr/certificate/);
		my @mail = mail_of($server);
		is(scalar(@mail), $before + (defined $is_tls ? 1 : 0), "$mode, $offer: what arrived");
		is($mail[-1]{tls} ? 1 : 0, $is_tls, "$mode, $offer: TLS") if defined $is_tls;
	}
	stop_smtp($server);
}

# ---- AUTH -----------------------------------------------------------------------------------------------------------------

my $log_start = -s $node->logfile;
my $server = start_smtp('--certificate', $certificate, '--user', 'shop:s3cret "pass"');
send_to($node, smtp_url => $server->{url}, smtp_tls => 'verify-full');
try_one('no user', 0, qr/530 5\.7\.0 Authentication required/);
send_to($node, smtp_user => 'shop', smtp_password => 'wrong');
try_one('a wrong password', 0, qr/535 5\.7\.8/);
send_to($node, smtp_password => 's3cret "pass"', smtp_timeout => '66s');
try_one('the right password', 1);
is((mail_of($server))[-1]{user}, 'shop', 'AUTH');

# the password out of a file, which nobody else may read
my $file = $node->data_dir . '/smtp_password';
append_to_file($file, qq{s3cret "pass"\n});
chmod 0644, $file;
send_to($node, smtp_password => '', smtp_password_file => 'smtp_password');
try_one('a password file that others may read', 0, qr/could not read the password from file "smtp_password": others than its owner may read or write it/);
chmod 0600, $file;
try_one('a password file', 1);
send_to($node, smtp_user => '');
try_one('a password file without a user', 0, qr/vero_events\.smtp_user does not say whose/);
unlink $file;
append_to_file($file, qq{shop\r\ns3cret "pass"\r\n});
chmod 0400, $file;
try_one('a password file with the user', 1);
send_to($node, smtp_password_file => 'nowhere', smtp_user => 'shop', smtp_password => 's3cret "pass"');
try_one('a password file that is not there, whatever else is set', 0, qr/file "nowhere": No such file/);
for ([ 4096, qr/file "long": it has more than two lines/ ], [ 4097, qr/file "long": it is larger than 4 kB/ ])
{
	my ($size, $words) = @$_;
	my $long = $node->data_dir . '/long';
	unlink $long;
	append_to_file($long, "shop\nsecret\n" . 'x' x ($size - 12));
	chmod 0600, $long;
	send_to($node, smtp_password_file => 'long');
	try_one("a password file of $size bytes", 0, $words);
}

# without preloading PostgreSQL shows and logs what it does not know: only the file counts
send_to($node, smtp_password_file => '');
unlike(slurp_file($node->logfile, $log_start), qr/s3cret|wrong'?$/m, 'no password is in the server\'s log');
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
try_one('a password that everybody is shown', 0, qr/WARNING:  vero_events\.smtp_user and vero_events\.smtp_password are not used in this session/);
send_to($node, smtp_password_file => 'smtp_password', smtp_user => '', smtp_password => '');
try_one('a password file, without preloading', 1);
is((mail_of($server))[-1]{user}, 'shop', 'AUTH out of the file');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'");
$node->restart;
send_to($node, smtp_password_file => '', smtp_user => 'shop', smtp_password => 's3cret "pass"');
stop_smtp($server);

$server = start_smtp('--certificate', $certificate);
send_to($node, smtp_url => $server->{url});
try_one('a server without AUTH', 0, qr/offers no known way to authenticate/);
stop_smtp($server);
is($node->safe_psql('postgres', 'SHOW vero_events.smtp_password'), '********', 'nor is one shown');

# ---- Exim -----------------------------------------------------------------------------------------------------------------

my $exim = start_exim($certificate);
send_to($node, smtp_url => $exim->{url}, smtp_password => 'wrong', smtp_timeout => '67s');
try_one('Exim: a wrong password', 0, qr/535 Incorrect authentication data/);
send_to($node, smtp_password => 'secret', smtp_timeout => '68s');
$node->safe_psql('postgres', 'TRUNCATE vero.trigger_jobs, vero.messages RESTART IDENTITY');
write_messages($node, 'ann', 'gone', 'jörg', 'bob');
is(send_mail($node), '3|1|0', 'Exim: STARTTLS and AUTH');
is(outbox($node) =~ s/id=\S+/id=/gr, "ann|sent|250 OK id=\ngone|failed|550 no such user\njörg|sent|250 OK id=\nbob|sent|250 OK id=", 'Exim: in its words');
my @headers = map { slurp_file($_) } sort glob "$exim->{spool}/*-H";
is(scalar(@headers), 3, 'Exim has three messages');
is(scalar(grep { /^-+auth_id shop$/m && /^-tls_cipher TLS/m && /^<shop\@example\.com>$/m } @headers), 3, 'each by a user, over TLS');
my $ids = join "\n", sort map { /Message-ID: (<[^>]*>)/ } @headers;
is($ids, $node->safe_psql('postgres', q{SELECT string_agg(message_id_header, E'\n' ORDER BY message_id_header COLLATE "C") FROM vero.messages WHERE state = 'sent'}),
	'each with its Message-ID');
send_to($node, smtp_ca_file => $other);
try_one('Exim: a certificate that nobody vouches for', 0, qr/certificate/);
send_to($node, smtp_ca_file => '', smtp_tls => 'require');
try_one('Exim: which may be enough', 1);
stop_smtp($exim);

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|jumped over|secret/, 'nothing broke');
done_testing();
