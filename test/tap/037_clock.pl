# A clock that jumps ahead and back again: what was put off in between is done all the same, soon and once.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp mail_of send_to);

my $directory = PostgreSQL::Test::Utils::tempdir();
my $shim = "$directory/clock_shim.so";
IPC::Run::run([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim, "$FindBin::Bin/lib/clock_shim.c" ]) or BAIL_OUT('the clock cannot be compiled');

# Moves the server's clock by so many seconds from the right time.
sub set_clock
{
	my ($offset) = @_;
	open(my $file, '+<', "$directory/offset") or die "open: $!";
	syswrite($file, pack 'q', $offset);
	close($file);
	return;
}

append_to_file("$directory/offset", pack 'q', 0);
my $smtp = start_smtp();
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nautovacuum = off\n");
{
	local @ENV{qw(LD_PRELOAD CLOCK_SHIM)} = ($shim, "$directory/offset");
	$node->start;
}
send_to($node, smtp_url => $smtp->{url}, smtp_tls => 'disable', mail_from => 'shop@example.com');
$node->safe_psql('postgres', q{CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'mail', '0', 'Hello', 'Hello')});

my $year = 365 * 86400;
my $right_year = $node->safe_psql('postgres', 'SELECT extract(year FROM now())');
set_clock($year);
is($node->safe_psql('postgres', 'SELECT extract(year FROM now())'), $right_year + 1, 'the clock is a year ahead');
$node->safe_psql('postgres', q{SELECT vero.track_event('grey@example.com', 'mail')});
$node->poll_query_until('postgres', q{SELECT state = 'queued' AND attempts = 1 FROM vero.messages}) or die 'the first attempt is not made';
is($node->safe_psql('postgres', q{SELECT next_attempt_at > now() FROM vero.messages}), 't', 'a message is put off');
set_clock(0);
is($node->safe_psql('postgres', q{SELECT next_attempt_at > now() + interval '300 days' FROM vero.messages}), 't', 'till next year, when the clock is right again');
ok($node->poll_query_until('postgres', q{SELECT state = 'sent' AND attempts = 2 FROM vero.messages}), 'the worker sends it');
is(scalar(mail_of($smtp)), 1, 'once');
is($node->safe_psql('postgres', q{SELECT state FROM vero.trigger_jobs}), 'sent', 'and its job is sent');
ok($node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'vero_events worker')}), 'then the worker ends');
$node->safe_psql('postgres', q{SELECT vero.track_event('ann@example.com', 'mail')});
ok($node->poll_query_until('postgres', q{SELECT bool_and(state = 'sent') FROM vero.messages}), 'and what comes then is sent');

# a worker that was at work when the clock was put back has no reason to stay till then
set_clock($year);
$node->safe_psql('postgres', q{SELECT vero.track_event('bob@example.com', 'mail')});
$node->poll_query_until('postgres', q{SELECT bool_and(state = 'sent') FROM vero.messages}) or die 'it is not sent';
set_clock(0);
ok($node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'vero_events worker')}), 'a worker that was busy next year ends');

# the other way: what is due later by the clock that was behind is due when it is right
set_clock(-$year);
$node->safe_psql('postgres', q{SELECT vero.track_event('grey2@example.com', 'mail')});
$node->poll_query_until('postgres', q{SELECT state = 'queued' AND attempts = 1 FROM vero.messages ORDER BY id DESC LIMIT 1}) or die 'the first attempt is not made';
set_clock(0);
ok($node->poll_query_until('postgres', q{SELECT bool_and(state = 'sent') FROM vero.messages}), 'behind, too');
is(scalar(mail_of($smtp)), 4, 'all of them once');

# a lease that ends as the clock is put forward is of a message on its way, which is not begun once more
my $slow = start_smtp('--pace', 3);
send_to($node, smtp_url => $slow->{url});
$node->safe_psql('postgres', q{SELECT vero.track_event('slow@example.com', 'mail')});
$node->poll_query_until('postgres', q{SELECT state = 'sending' FROM vero.messages ORDER BY id DESC LIMIT 1}) or die 'it is not begun';
set_clock($year);
$node->safe_psql('postgres', q{SELECT vero.track_event('next@example.com', 'mail')});
ok($node->poll_query_until('postgres', q{SELECT bool_and(state = 'sent') FROM vero.messages}), 'what was on its way is sent');
is(scalar(grep { $_->{to}[0] eq 'slow@example.com' } mail_of($slow)), 1, 'once');

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|jumped over/, 'nothing broke');
done_testing();
