# SMTP servers for tests, the mail that they took, and databases that send to them.
package VeroMail;
use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter 'import';
use IPC::Run;
use JSON::PP;
use MIME::Base64;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use VeroWait qw(patience start_program);

our @EXPORT_OK = qw(make_certificate start_smtp start_exim stop_smtp wait_for_smtp mail_of header_of send_to write_messages send_mail outbox due_now);

my $directory = abs_path(PostgreSQL::Test::Utils::tempdir());
my $library = __FILE__ =~ s{[^/]*$}{}r;
my $number = 0;
my @started;

# They end with the test, however it ends.
END
{
	my $status = $?;
	stop_smtp($_) for @started;
	$? = $status;
}

# A self-signed certificate for these names, with its key in the same file.
sub make_certificate
{
	my (@names) = @_;
	my $file = "$directory/certificate" . ++$number . '.pem';
	my $out = '';
	my $names = join ',', map { /^[\d.]+$/ ? "IP:$_" : "DNS:$_" } @names;
	IPC::Run::run([ 'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', "$file.key", '-out', $file, '-days', '2',
		'-subj', '/CN=test', '-addext', "subjectAltName=$names" ], '>&', \$out) or die "openssl: $out";
	append_to_file($file, slurp_file("$file.key"));
	return $file;
}

# smtp_server.py with these options; {url} leads to it. It is gone when the test is.
sub start_smtp
{
	my (@options) = @_;
	my $mailbox = "$directory/mailbox" . ++$number;
	append_to_file($mailbox, '');
	my $server = start_program('/usr/bin/python3', "$library/smtp_server.py", $mailbox, @options);
	$server->{mailbox} = $mailbox;
	push @started, $server;
	wait_for_smtp($server, qr/port (\d+)/);
	($server->{port}) = $server->{out} =~ /port (\d+)/;
	$server->{url} = (grep { $_ eq '--smtps' } @options) ? "smtps://localhost:$server->{port}" : "smtp://localhost:$server->{port}";
	return $server;
}

# Until it has said that.
sub wait_for_smtp
{
	my ($server, $pattern) = @_;
	$server->{timer}->start;
	$server->{run}->pump until $server->{out} =~ $pattern || !$server->{run}->pumpable;
	die "the SMTP server ended: $server->{err}" unless $server->{out} =~ $pattern;
	return;
}

# Exim, of the packages that tests unpack: STARTTLS and AUTH, unprivileged. What it takes stays in its spool.
sub start_exim
{
	my ($certificate) = @_;
	my $packages = $ENV{VERO_PACKAGES} or die 'exim4-daemon-light is not unpacked';
	my $home = "$directory/exim";
	mkdir $home;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my ($user, $group) = ((getpwuid $>)[0], (getgrgid((split ' ', $))[0]))[0]);
	# Debian's looks for a user of its own before it reads its configuration.
	append_to_file("$home/passwd", slurp_file('/etc/passwd') . "Debian-exim:x:$>:" . (split ' ', $))[0] . "::/:/bin/false\n");
	append_to_file("$home/group", slurp_file('/etc/group') . 'Debian-exim:x:' . (split ' ', $))[0] . ":\n");
	append_to_file("$home/configuration", <<"END");
exim_user = $user
exim_group = $group
never_users =
primary_hostname = mail.test
spool_directory = $home/spool
log_file_path = $home/%s.log
local_interfaces = 127.0.0.1
daemon_smtp_ports = $port
queue_only = true
keep_environment =
acl_smtp_rcpt = check_recipient
tls_advertise_hosts = *
tls_certificate = $certificate
auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
begin acl
check_recipient:
  deny    ! authenticated = *
          message = authenticate first
  deny    local_parts = gone
          message = no such user
  accept
begin routers
none:
  driver = redirect
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{shop}}{eq{\$auth3}{secret}}}}
  server_set_id = \$auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{\$auth1}{shop}}{eq{\$auth2}{secret}}}}
  server_set_id = \$auth1
END
	mkdir "$home/spool";
	my $server;
	my ($libraries) = glob "$packages/usr/lib/*-linux-gnu";
	{
		local @ENV{qw(LD_LIBRARY_PATH LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP)} =
			($libraries, 'libnss_wrapper.so', "$home/passwd", "$home/group");
		$server = start_program("$packages/usr/sbin/exim4", '-C', "$home/configuration", '-bdf');
	}
	push @started, $server;
	@$server{qw(spool log url)} = ("$home/spool/input", "$home/main.log", "smtp://localhost:$port");
	for (1 .. 10 * patience())
	{
		return $server if -e "$home/main.log" && slurp_file("$home/main.log") =~ /daemon started/;
		$server->{run}->pump_nb;
		select undef, undef, undef, 0.1;
	}
	die "exim does not start: $server->{err}";
}

sub stop_smtp
{
	my ($server) = @_;
	my $run = delete $server->{run};
	$run->kill_kill if $run;
	return;
}

# What a server took, in order: from, to, data ...
sub mail_of
{
	my ($server) = @_;
	my @mail;
	for my $line (split /\n/, slurp_file($server->{mailbox}))
	{
		# the data, which may be large, goes past JSON::PP, which is slow
		my ($data) = $line =~ s/(?<="data": ")([^"]*)// ? $1 : die "no data: $line";
		my $mail = decode_json($line);
		$mail->{data} = decode_base64($data);
		utf8::encode($_) for @{ $mail->{to} };
		push @mail, $mail;
	}
	return @mail;
}

# A header of a message, unfolded; in a list, all of that name.
sub header_of
{
	my ($mail, $name) = @_;
	my ($head) = split /\r\n\r\n/, $mail->{data}, 2;
	$head =~ s/\r\n(?=[ \t])//g;
	my @values = map { /^\Q$name\E: *(.*)/i ? $1 : () } split /\r\n/, $head;
	return wantarray ? @values : $values[0];
}

# Settings, of the whole server; all of them hold when it returns.
sub send_to
{
	my ($node, %settings) = @_;
	my $configuration = join '', map { "vero_events.$_ = '$settings{$_}'\n" } sort keys %settings;
	$node->append_conf('postgresql.conf', $configuration);
	$node->reload;
	for my $name (grep { $_ ne 'smtp_password' } sort keys %settings)
	{
		$node->poll_query_until('postgres', "SELECT current_setting('vero_events.$name')", $settings{$name})
			or die "$name is not $settings{$name}";
	}
	return;
}

# One message of the campaign "mail" for each of these local parts, at example.com.
sub write_messages
{
	my ($node, @names) = @_;
	my $list = join ',', map { "'$_'" } @names;
	$node->safe_psql('postgres', qq{
		SELECT vero.track_event(n || '\@example.com', 'mail') FROM unnest(ARRAY[$list]) WITH ORDINALITY AS t (n, i) ORDER BY i;
		SELECT vero.run_jobs()});
	return;
}

# "sent|failed|retried" of CALL vero.send_mail(); what else was said is kept for the caller who gives a reference.
sub send_mail
{
	my ($node, $notices) = @_;
	my ($result, $out, $err) = $node->psql('postgres', 'CALL vero.send_mail()');
	$$notices = $err if $notices;
	return $result == 0 ? $out : "error: $err";
}

# "to state why" of all messages, in the order in which they were written.
sub outbox
{
	my ($node) = @_;
	return $node->safe_psql('postgres', q{SELECT split_part("to", '@', 1), state, why FROM vero.outbox ORDER BY id});
}

# What waits for another attempt is due.
sub due_now
{
	my ($node) = @_;
	$node->safe_psql('postgres', q{UPDATE vero.messages SET next_attempt_at = now() WHERE state = 'queued'});
	return;
}

1;
