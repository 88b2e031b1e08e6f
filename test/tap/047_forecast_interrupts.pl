# A forecast can be cancelled while its file is read and while its jobs are walked through, and leaves no temporary file; where temp_file_limit has no room for it, it
# says so.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use POSIX qw(mkfifo);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroWait qw(start_psql);

my $node = PostgreSQL::Test::Cluster->new('forecast_interrupts');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\n");
$node->start;
# contacts that are there come behind those that are not, and their last mail is looked for then
$node->safe_psql('postgres', q{CREATE EXTENSION vero_events;
	INSERT INTO vero.contacts (email) SELECT format('person%s@example.com', i) FROM generate_series(1, 50000) AS i;
	INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text, transactional) VALUES ('campaign', 'order', '0', '36500 days', '1 day', 's', 'b', true)});

# More jobs than are kept in memory.
my $directory = tempdir(CLEANUP => 1);
my $header = "email,event_name,time\n";
my $file = "$directory/orders.csv";
append_to_file($file, join '', $header, map { "person$_\@example.com,order,2022-01-01\n" } 1 .. 150_000);
sub forecast { return "SELECT state, rows_read FROM import_events_csv('$_[0]', dry_run => true, trigger_campaigns => true)" }
my $files = q{SELECT count(*) FROM pg_ls_tmpdir()};
my $state = q{SELECT (SELECT count(*) FROM vero.imports), (SELECT count(*) FROM vero.contacts), (SELECT count(*) FROM vero.events), (SELECT count(*) FROM vero.trigger_jobs)};
is($node->safe_psql('postgres', forecast($file)), 'dry_run|150000', 'a forecast');
my $before = $node->safe_psql('postgres', $state);

sub check_cancelled
{
	my ($what, $forecast, $go_on) = @_;
	is($node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = '$forecast->{name}'"), 't', "$what: a cancel is sent");
	$go_on->() if $go_on;
	$forecast->{run}->finish;
	like($forecast->{err}, qr/ERROR:  57014: canceling statement due to user request/, "$what: it ends the forecast");
	is($node->safe_psql('postgres', $files), '0', "$what: no temporary file is left");
	is($node->safe_psql('postgres', $state), $before, "$what: nor anything else");
	is($node->safe_psql('postgres', forecast($file) =~ s{state, }{}r), '150000', "$what: the next forecast works");
	$node->safe_psql('postgres', 'DELETE FROM vero.imports WHERE id > 1');
	return;
}

# ---- while the file is read ------------------------------------------------------------------------------------------------

my $pipe = "$directory/pipe.csv";
mkfifo($pipe, 0600) or die "mkfifo: $!";
local $SIG{PIPE} = 'IGNORE';
my $reading = start_psql($node, 'reading', '\set VERBOSITY verbose', "LOAD 'vero_events'", "COPY vero.events FROM PROGRAM 'cat $pipe' WITH (FORMAT vero_csv, dry_run, trigger_campaigns)");
open(my $handle, '>', $pipe) or die "open: $!";
$handle->autoflush(1);
my @some = map { "person$_\@example.com,order,2022-01-01\n" } 1 .. 400_000; # of which those of some batches wait
print {$handle} $header, @some;
ok($node->poll_query_until('postgres', 'SELECT count(*) > 1 FROM pg_ls_tmpdir()'), 'a forecast that reads has temporary files');
check_cancelled('reading', $reading, sub { print {$handle} @some; close $handle });

# ---- while its jobs are walked through ---------------------------------------------------------------------------------------

my $locker = $node->background_psql('postgres', on_error_die => 1);
$locker->query_safe('BEGIN; LOCK TABLE vero.messages IN ACCESS EXCLUSIVE MODE');
my $walking = start_psql($node, 'walking', '\set VERBOSITY verbose', forecast($file));
ok( $node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE application_name = 'walking' AND NOT granted AND relation = 'vero.messages'::regclass}),
	'a forecast has come to the last mail of a contact');
is($node->safe_psql('postgres', 'SELECT count(*) > 1 FROM pg_ls_tmpdir()'), 't', 'it has temporary files');
check_cancelled('walking', $walking, sub { $locker->query_safe('ROLLBACK'); $locker->quit });

# ---- where there is no room --------------------------------------------------------------------------------------------------

my ($result, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET temp_file_limit = '6MB'; " . forecast($file));
like($err, qr/ERROR:  53400: what is known of the forecast's jobs takes more than half of temp_file_limit.*HINT:  Raise temp_file_limit, or leave trigger_campaigns out of the dry run/s,
	'temp_file_limit has no room for it');
is($node->safe_psql('postgres', $files), '0', 'no temporary file is left');
is($node->safe_psql('postgres', "SET temp_file_limit = '40MB'; " . forecast($file)), 'dry_run|150000', 'with more it works');

$node->stop;
unlike(slurp_file($node->logfile), qr/WARNING:|PANIC|TRAP|terminated by signal/, 'no warnings: no leaks, no errors that jumped over C++ frames');
done_testing();
