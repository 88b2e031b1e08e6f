# What is told of imports that wait, and of those that fail, whatever the server's settings and however full its disk.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);
use VeroWait qw(at_most start_psql has_no_journal);

my $node = PostgreSQL::Test::Cluster->new('told');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
max_prepared_transactions = 5
deadlock_timeout = 10ms
autovacuum = off
log_lock_waits = off
EOC
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
my $directory = tempdir(CLEANUP => 1);
my $journals = $node->data_dir . '/pg_vero_events';

# ---- imports that wait --------------------------------------------------------------------------------------------------

sub import_of { my ($name) = @_; return qq{SELECT state FROM import_events_csv(E'email,event,time\\n$name\@example.com,n,2022-01-01\\n'::bytea, allow_repeat => true)} }

# An import in a session of its own, which waits. What it was told is in {err} when it has ended.
sub start_waiting
{
	my ($statement) = @_;
	return start_psql($node, 'waits', $statement);
}

sub is_told
{
	my ($what, $import, $holder, $end, $who, $for) = @_;
	$who //= 'the import';
	$for //= 'contacts that are';
	my $place = $import->{place};
	ok($node->wait_for_log(qr/LOG:  \Q$who\E waits for $for in use by $holder\n/, $place), "$what: the log is told");
	is($node->safe_psql('postgres', q{SELECT wait_event_type FROM pg_stat_activity WHERE application_name = 'waits'}), 'Lock', "$what: pg_stat_activity shows it");
	$end->();
	$import->{run}->finish;
	is($import->{out}, "completed\n", "$what: it goes on");
	like($import->{err}, qr/NOTICE:  \Q$who\E waits for $for in use by $holder\n/, "$what: and its user was told");
	return;
}

sub wait_for
{
	my ($statement) = @_;
	my $place = -s $node->logfile;
	my $import = start_waiting($statement);
	$import->{place} = $place;
	return $import;
}

my $session = $node->background_psql('postgres', on_error_die => 1);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
$session->query_safe('BEGIN; ' . import_of('new1'));
is_told('a session that creates contacts', wait_for(import_of('new1')), "the session with process ID $pid", sub { $session->query_safe('COMMIT') });
$session->query_safe(q{BEGIN; SELECT email FROM vero.contacts WHERE email = 'new1@example.com' FOR UPDATE});
is_told('a session that changes a contact', wait_for(import_of('new1')), "the session with process ID $pid", sub { $session->query_safe('COMMIT') });
$session->query_safe(q{BEGIN; INSERT INTO vero.contacts (email) VALUES ('new3@example.com')});
is_told('a session that inserts the same contact', wait_for(import_of('new3')), "the session with process ID $pid", sub { $session->query_safe('ROLLBACK') });
$session->query_safe('BEGIN; ' . import_of('new8'));
is_told('an event that is tracked', wait_for(q{SELECT CASE WHEN vero.track_event('new8@example.com', 'n') IS NOT NULL THEN 'completed' END}), "the session with process ID $pid",
	sub { $session->query_safe('COMMIT') }, 'track_event()');
my $parent = $node->safe_psql('postgres', q{SELECT import_id FROM import_events_csv(E'email,event,time\\nnew9@example.com,n,2022-01-01\\nnobody,n,2022-01-01\\n'::bytea)});
$session->query_safe("BEGIN; SELECT vero.undo_import($parent)");
is_told('a session that undoes the import that is corrected', wait_for(import_of('new10') =~ s/allow_repeat/parent_import => $parent, allow_repeat/r), "the session with process ID $pid",
	sub { $session->query_safe('ROLLBACK') }, undef, 'the import that it corrects, which is');
$session->quit;

$node->safe_psql('postgres', 'BEGIN; ' . import_of('new4') . q{; PREPARE TRANSACTION 'the other'});
is_told('a prepared transaction', wait_for(import_of('new4')), 'prepared transaction "the other"', sub { $node->safe_psql('postgres', "ROLLBACK PREPARED 'the other'") });
$node->safe_psql('postgres', 'BEGIN; ' . import_of('new7') . q{; PREPARE TRANSACTION 'the other'});
$node->safe_psql('postgres', q{BEGIN; CREATE TABLE elsewhere (); PREPARE TRANSACTION 'not this'});
$node->restart;
is_told('one that was there before the server was started', wait_for(import_of('new7')), 'prepared transaction "the other"', sub { $node->safe_psql('postgres', "COMMIT PREPARED 'the other'") });
$node->safe_psql('postgres', "ROLLBACK PREPARED 'not this'");
is($node->safe_psql('postgres', 'SHOW log_lock_waits'), 'off', 'the session has its own settings again');

# a wait of somebody else's is nobody's matter here
my $place = -s $node->logfile;
$session = $node->background_psql('postgres', on_error_die => 1);
$session->query_safe('BEGIN; LOCK vero.campaigns');
$node->psql('postgres', q{SET lock_timeout = '200ms'; SELECT count(*) FROM vero.campaigns});
$session->quit;
unlike(slurp_file($node->logfile, $place), qr/the import waits/, 'only imports say so');

# ---- why an import failed ---------------------------------------------------------------------------------------------

# The import of this session that failed last.
sub error_of_last
{
	$node->safe_psql('postgres', 'SELECT vero.record_failed_imports()');
	return $node->safe_psql('postgres', q{SELECT error FROM vero.imports WHERE state = 'failed' ORDER BY id DESC LIMIT 1});
}

for my $level (qw(warning fatal panic))
{
	$node->psql('postgres', "SET log_min_messages = $level; BEGIN; " . import_of('new6') . '; SELECT 1 / 0');
	like(error_of_last(), qr/rolled back: division by zero$/, "log_min_messages = $level: the error is known");
	$node->psql('postgres', "SET log_min_messages = $level; BEGIN; SAVEPOINT s; " . import_of('new6') . '; SELECT 2 / 0; ROLLBACK TO s; COMMIT', on_error_stop => 0);
	like(error_of_last(), qr/rolled back: division by zero$/, "log_min_messages = $level: also behind a savepoint");
	has_no_journal($node) or die 'a journal stays';
	$session = $node->background_psql('postgres', on_error_die => 1);
	$session->query_safe(q{BEGIN; SELECT email FROM vero.contacts WHERE email = 'new1@example.com' FOR UPDATE});
	my $import = wait_for("SET log_min_messages = $level; " . import_of('new1'));
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'waits' AND wait_event_type = 'Lock'}) or die 'it does not wait';
	is(scalar(map { ((stat)[12] * 512 > 64_000) ? 1 : () } glob("$journals/*")), 1, 'the disk has room for its end already');
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'waits'});
	$import->{run}->finish;
	$session->quit;
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'waits'}) or die 'it does not end';
	is(error_of_last(), 'terminating connection due to administrator command', "log_min_messages = $level: who is terminated says so");
}

sub set_max_workers
{
	my ($number) = @_;
	$node->append_conf('postgresql.conf', "vero_events.max_workers = $number\n");
	$node->reload;
	return;
}

# ---- records that fail ------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'too late'; END$$;
	CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON vero.imports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.state = 'failed' AND new.source LIKE '%refused%') EXECUTE FUNCTION refuse()});
for my $name (qw(good1 refused good2))
{
	append_to_file("$directory/$name.csv", "a,b\n1,2\n");
	$node->psql('postgres', "COPY vero.events FROM '$directory/$name.csv' WITH (FORMAT vero_csv)");
}
set_max_workers(4);
ok($node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM vero.imports WHERE source ~ 'good'}), 'one whose record is refused does not hold up the others');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'vero_events worker'}), 'the worker ends');
my @aside = glob("$journals/*.damaged");
is(scalar(@aside), 1, 'its file is set aside');
like(slurp_file($node->logfile), qr/WARNING:  the failed imports in file "pg_vero_events\/pgsql_tmp.* cannot be recorded: cannot fire deferred trigger/, 'and the log says why');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.messages AS m JOIN vero.imports AS i ON i.id = m.import_id WHERE i.source ~ 'good'}), '2', 'the others are confirmed');

# ---- no more workers ----------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{DROP TRIGGER refuse ON vero.imports;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('slow', 'slow', '0', 'Hi', 'Hi')});
set_max_workers(0);
$node->safe_psql('postgres', q{INSERT INTO vero.contacts (email) SELECT format('m%s@example.com', n) FROM generate_series(1, 100000) AS n;
	INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'slow', now() FROM vero.contacts WHERE email LIKE 'm%';
	INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at) SELECT id, 1, contact_id, occurred_at, occurred_at FROM vero.events WHERE name = 'slow'});
my $running = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'vero_events worker'};
set_max_workers(4);
$node->poll_query_until('postgres', q{SELECT jobs_decided > 0 FROM vero.worker_status WHERE database = 'postgres'}) or die 'the worker does not begin';
my $told_at = time;
set_max_workers(0);
ok($node->poll_query_until('postgres', "$running", '0'), 'max_workers = 0 stops a worker in the middle of its work');
my $taken = time - $told_at;
cmp_ok($taken, '<', at_most(1), sprintf 'within a second (%.3f s)', $taken);
my $left = $node->safe_psql('postgres', q{SELECT count(*) FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL});
cmp_ok($left, '>', 1000, "with $left jobs left");
is($node->safe_psql('postgres', q{SELECT running, last_error FROM vero.worker_status WHERE database = 'postgres'}), 'f|', 'which is no error');
set_max_workers(4);
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL}), 'and another one goes on');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.trigger_jobs WHERE attempts <> 1}), '0', 'none is decided twice');

$node->stop;
done_testing();
