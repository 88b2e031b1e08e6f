# The worker comes when there is work, does it, and is in nobody's way: not in that of DDL, of other databases, of a shutdown.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroWait qw(at_most);

my $node = PostgreSQL::Test::Cluster->new('worker');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nmax_prepared_transactions = 5\nautovacuum = off\n");
$node->start;

my $campaign = q{INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text)
	VALUES ('thanks', 'order', '0', '1 day', 'Thanks', 'Hi {{ contact.email }}')};

sub prepare_database
{
	my ($name) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name") unless $name eq 'postgres';
	$node->safe_psql($name, "CREATE EXTENSION vero_events; $campaign");
	return;
}

sub wait_for
{
	my ($database, $query, $what) = @_;
	ok($node->poll_query_until($database, $query), $what);
	return;
}

my $all_decided = q{SELECT count(*) > 0 AND bool_and(message_id IS NOT NULL OR state <> 'scheduled') FROM vero.trigger_jobs};
my $workers = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'vero_events worker'};
my $has_no_worker = "SELECT ($workers) = 0";

# So many jobs that a worker is at work for long.
sub add_jobs
{
	my ($database, $jobs) = @_;
	$node->safe_psql($database, qq{WITH contact AS (
			INSERT INTO vero.contacts (email) SELECT format('c%s.%s\@example.com', n, txid_current()) FROM generate_series(1, $jobs) AS n RETURNING id),
		event AS (INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'order', now() FROM contact RETURNING id, contact_id, occurred_at)
		INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
		SELECT e.id, c.id, e.contact_id, e.occurred_at, e.occurred_at FROM event AS e, vero.campaigns AS c});
	return;
}

my $exactly_once = q{SELECT (SELECT count(*) FROM vero.trigger_jobs AS j LEFT JOIN vero.messages AS m ON m.id = j.message_id
			AND (m.event_id, m.campaign_id) = (j.event_id, j.campaign_id) WHERE m.id IS NULL),
		(SELECT count(*) FROM vero.messages) - (SELECT count(*) FROM vero.trigger_jobs)};

prepare_database('postgres');
is($node->safe_psql('postgres', q{SELECT backend_type, application_name, coalesce(datname, '-') FROM pg_stat_activity
	WHERE backend_type = 'vero_events launcher'}), 'vero_events launcher|vero_events launcher|-', 'the launcher is there');

# woken at commit, and not by a rollback
$node->safe_psql('postgres', q{SELECT vero.track_event('ann@example.com', 'order')});
wait_for('postgres', $all_decided, 'a job is decided when its transaction commits');
is($node->safe_psql('postgres', q{SELECT bool_and(decided_at - due_at < '10 s') FROM vero.trigger_jobs}), 't', '... at once');
wait_for('postgres', $has_no_worker, 'the worker ends when there is nothing more');
is($node->safe_psql('postgres', q{SELECT running, backlog, jobs_decided, last_error IS NULL, next_due IS NULL FROM vero.worker_status
	WHERE database = 'postgres'}), 'f|0|1|t|t', 'vero.worker_status says so');
$node->safe_psql('postgres', q{BEGIN; SELECT vero.track_event('bob@example.com', 'order'); ROLLBACK});
is($node->safe_psql('postgres', $workers), '0', 'a rollback wakes nobody');

# a statement that writes jobs by hand wakes it too, and so does a transaction that was prepared
add_jobs('postgres', 10);
wait_for('postgres', $all_decided, 'jobs that are written by hand are found');
wait_for('postgres', $has_no_worker, 'and the worker ends');
$node->safe_psql('postgres', q{BEGIN; SELECT vero.track_event('cleo@example.com', 'order'); PREPARE TRANSACTION 'p'});
is($node->safe_psql('postgres', $workers), '0', 'PREPARE TRANSACTION wakes nobody');
$node->safe_psql('postgres', q{COMMIT PREPARED 'p'});
wait_for('postgres', q{SELECT count(*) = 12 AND bool_and(message_id IS NOT NULL) FROM vero.trigger_jobs}, 'COMMIT PREPARED does');

# a job in the future is decided when it is due, by a worker that comes for it
wait_for('postgres', $has_no_worker, 'the worker ends');
$node->safe_psql('postgres', q{UPDATE vero.campaigns SET delay = '7 s'; SELECT vero.track_event('dora@example.com', 'order')});
wait_for('postgres', $has_no_worker, 'nothing waits with a connection for a job in the future');
is($node->safe_psql('postgres', q{SELECT next_due - (SELECT max(due_at) FROM vero.trigger_jobs) FROM vero.worker_status WHERE database = 'postgres'}),
	'00:00:00', 'the next job is known');
wait_for('postgres', $all_decided, 'it is decided when it is due');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.trigger_jobs WHERE decided_at < due_at OR decided_at > due_at + '10 s'}), '0', '... not before');
$node->safe_psql('postgres', q{UPDATE vero.campaigns SET delay = '0'});

# found again after a restart, although nobody tells
for my $mode (qw(smart fast immediate))
{
	$node->safe_psql('postgres', q{ALTER SYSTEM SET vero_events.max_workers = 0; SELECT pg_reload_conf()});
	add_jobs('postgres', 2500);
	$node->safe_psql('postgres', q{ALTER SYSTEM RESET vero_events.max_workers});
	$node->stop($mode);
	$node->start;
	wait_for('postgres', $all_decided, "after a $mode shutdown the jobs are found");
}
is($node->safe_psql('postgres', $exactly_once), '0|0', 'each has one message');

# in transactions of a thousand jobs; what is old goes in those of five hundred, without a pause between them
$node->safe_psql('postgres', q{
	CREATE TABLE portions (n int GENERATED ALWAYS AS IDENTITY, what text, jobs bigint);
	CREATE FUNCTION note_portion() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.portions (what, jobs) SELECT TG_OP, count(*) FROM jobs HAVING count(*) > 0;
		RETURN NULL;
	END
	$$;
	CREATE TRIGGER note_decided AFTER UPDATE ON vero.trigger_jobs REFERENCING NEW TABLE AS jobs FOR EACH STATEMENT EXECUTE FUNCTION note_portion();
	CREATE TRIGGER note_removed AFTER DELETE ON vero.trigger_jobs REFERENCING OLD TABLE AS jobs FOR EACH STATEMENT EXECUTE FUNCTION note_portion();
	TRUNCATE vero.trigger_jobs, vero.messages});
my $portions = q{SELECT string_agg(jobs::text, ' ' ORDER BY n) FROM portions WHERE what = };
add_jobs('postgres', 1001);
wait_for('postgres', $all_decided, '1,001 jobs are decided');
is($node->safe_psql('postgres', "$portions 'UPDATE'"), '1000 1', '... a thousand at a time');
$node->safe_psql('postgres', q{UPDATE vero.messages SET state = 'sent', sent_at = '2022-01-01', next_attempt_at = NULL;
	UPDATE vero.trigger_jobs SET state = 'sent', decided_at = '2022-01-01'});
$node->safe_psql('postgres', q{SELECT import_events_csv(E'email,name,time\nnobody,old,2022-01-01\n'::bytea);
	UPDATE vero.imports SET finished_at = '2022-01-01' WHERE id = (SELECT max(import_id) FROM vero.rejected_rows);
	DELETE FROM vero.messages WHERE kind = 'confirmation'});
$node->safe_psql('postgres', q{ALTER SYSTEM SET vero_events.keep_messages = '1h'; SELECT pg_reload_conf()});
$node->safe_psql('postgres', q{ALTER SYSTEM SET vero_events.keep_rejects = '1h'; SELECT pg_reload_conf()});
wait_for('postgres', $has_no_worker, 'the worker ends');
add_jobs('postgres', 1);
wait_for('postgres', q{SELECT count(*) = 1 FROM vero.trigger_jobs}, 'what is old is removed');
is($node->safe_psql('postgres', "$portions 'DELETE'"), '500 500 1', '... five hundred at a time');
wait_for('postgres', q{SELECT NOT EXISTS (SELECT FROM vero.rejected_rows WHERE raw_record LIKE 'nobody,old,%')}, 'and so are rejects');
$node->safe_psql('postgres', q{ALTER SYSTEM RESET vero_events.keep_rejects; SELECT pg_reload_conf()});
$node->safe_psql('postgres', q{ALTER SYSTEM RESET vero_events.keep_messages; SELECT pg_reload_conf();
	DROP TRIGGER note_decided ON vero.trigger_jobs; DROP TRIGGER note_removed ON vero.trigger_jobs; DROP FUNCTION note_portion; DROP TABLE portions});

# databases: one without the extension, several at once, one that comes and goes
$node->safe_psql('postgres', 'CREATE DATABASE bare');
prepare_database($_) for qw(first second);
add_jobs($_, 6000) for qw(first second);
$node->safe_psql('postgres', 'CREATE DATABASE third');
$node->safe_psql('third', "CREATE EXTENSION vero_events; $campaign; SELECT vero.track_event('x\@example.com', 'order')");
$node->safe_psql('postgres', 'DROP DATABASE third');
$node->safe_psql('postgres', 'DROP DATABASE bare');
wait_for($_, $all_decided, "the jobs of $_ are decided") for qw(first second);
is($node->safe_psql($_, $exactly_once), '0|0', "$_: each has one message") for qw(first second);

# what PostgreSQL does only where nobody is connected, while jobs are running
for my $statement ('ALTER DATABASE first RENAME TO renamed', 'ALTER DATABASE renamed RENAME TO first', 'CREATE DATABASE copy TEMPLATE first',
	'ALTER DATABASE first SET TABLESPACE elsewhere', 'ALTER DATABASE first SET TABLESPACE pg_default', 'DROP DATABASE copy')
{
	if ($statement =~ /SET TABLESPACE elsewhere/)
	{
		$node->safe_psql('postgres', q{SET allow_in_place_tablespaces = on; CREATE TABLESPACE elsewhere LOCATION ''});
	}
	my ($database) = $statement =~ /DATABASE (\w+)( SET| RENAME|$)/ ? $1 : 'first';
	$database = 'first' if $database eq 'copy';
	add_jobs($database, 4000);
	$node->safe_psql('postgres', $statement);
	pass($statement);
}
wait_for('first', $all_decided, 'all jobs are decided all the same');
is($node->safe_psql('first', $exactly_once), '0|0', '... once');
$node->safe_psql('postgres', 'BEGIN; ALTER DATABASE first RENAME TO renamed; ROLLBACK');
add_jobs('first', 10);
wait_for('first', $all_decided, 'a rename that is rolled back leaves the worker its database');

# who may not do it, or not in a transaction, ends no worker by trying
my $blocker = $node->background_psql('first', on_error_die => 1);
$blocker->query_safe('BEGIN; LOCK vero.messages');
add_jobs('first', 1);
wait_for('postgres', "SELECT ($workers) = 1", 'a worker waits');
my $waiting = $node->safe_psql('postgres', $workers =~ s/count\(\*\)/pid/r);
$node->safe_psql('postgres', q{CREATE ROLE tenant LOGIN; CREATE ROLE creator LOGIN CREATEDB; CREATE ROLE owner LOGIN;
	ALTER DATABASE first OWNER TO owner});
for (
	[ 'tenant', 'DROP DATABASE first', qr/must be owner/ ],
	[ 'creator', 'DROP DATABASE first', qr/must be owner/ ],
	[ 'creator', 'DROP DATABASE first WITH (FORCE)', qr/must be owner/ ],
	[ 'creator', 'ALTER DATABASE first RENAME TO mine', qr/must be owner/ ],
	[ 'owner', 'ALTER DATABASE first RENAME TO mine', qr/permission denied to rename/ ],
	[ 'creator', 'ALTER DATABASE first SET TABLESPACE elsewhere', qr/must be owner/ ],
	[ 'creator', 'CREATE DATABASE mine TEMPLATE first', qr/permission denied to copy/ ],
	[ 'owner', 'CREATE DATABASE mine TEMPLATE first', qr/permission denied to create/ ],
	[ 'owner', "BEGIN;\nDROP DATABASE first", qr/cannot run inside a transaction block/ ])
{
	my ($role, $statement, $error) = @$_;
	my ($status, $out, $err) = $node->psql('postgres', $statement, extra_params => [ '-U', $role ]);
	like($err, $error, "$role: $statement");
}
is($node->safe_psql('postgres', $workers =~ s/count\(\*\)/pid/r), $waiting, 'the worker is still there');
$blocker->query_safe('COMMIT');
$blocker->quit;
wait_for('first', $all_decided, '... and decides');
$node->safe_psql('postgres', 'ALTER DATABASE first OWNER TO CURRENT_USER; DROP ROLE tenant, creator, owner');

# the extension comes, goes, and is updated
my $version = $node->safe_psql('second', q{SELECT extversion FROM pg_extension WHERE extname = 'vero_events'});
my $update = $node->config_data('--sharedir') . "/extension/vero_events--$version--$version.1.sql";
append_to_file($update, "CREATE FUNCTION vero.is_updated() RETURNS boolean LANGUAGE sql AS 'SELECT true';\n");
add_jobs('second', 5000);
$node->safe_psql('second', "ALTER EXTENSION vero_events UPDATE TO '$version.1'");
unlink $update;
wait_for('second', $all_decided, 'ALTER EXTENSION UPDATE while jobs are running');
add_jobs('second', 5000);
$node->safe_psql('second', 'BEGIN; DROP EXTENSION vero_events; ROLLBACK');
wait_for('second', $all_decided, 'DROP EXTENSION that is rolled back');
add_jobs('second', 5000);
$node->safe_psql('second', 'DROP EXTENSION vero_events CASCADE');
$node->safe_psql('second', "CREATE EXTENSION vero_events; $campaign; SELECT vero.track_event('y\@example.com', 'order')");
wait_for('second', $all_decided, 'DROP EXTENSION while jobs are running, and CREATE EXTENSION again');
$node->safe_psql('postgres', 'DROP DATABASE second');

# told to go, it goes in order, and comes back
add_jobs('first', 20_000);
wait_for('postgres', "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE backend_type = 'vero_events worker'", 'pg_terminate_backend of a worker');
wait_for('first', $all_decided, 'its work goes on');
is($node->safe_psql('first', $exactly_once), '0|0', '... where it was');
my $launcher = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events launcher'});
$node->safe_psql('postgres', "SELECT pg_terminate_backend($launcher)");
add_jobs('first', 5000);
wait_for('first', $all_decided, 'the launcher comes back, too');
is($node->safe_psql('first', $exactly_once), '0|0', 'each job has one message');

# an error is kept, and told once; the worker tries again
$node->safe_psql('first', q{ALTER TABLE vero.messages ADD CONSTRAINT nothing CHECK (subject <> 'Thanks') NOT VALID});
my $offset = -s $node->logfile;
add_jobs('first', 3);
wait_for('first', q{SELECT last_error ~ 'nothing' AND backlog = 3 FROM vero.worker_status WHERE database = 'first'}, 'an error is kept');
is($node->safe_psql($_, q{SELECT found, since > now() - interval '1 hour' FROM vero.health WHERE problem = 'the worker fails'}), $_ eq 'first' ? '1|t' : '0|', "vero.health says so in database $_")
	for qw(first postgres);
$node->safe_psql('first', q{ALTER TABLE vero.messages DROP CONSTRAINT nothing});
my $start = time;
wait_for('first', $all_decided, 'the work is tried again');
cmp_ok(time - $start, '<', at_most(5), '... soon');
cmp_ok(scalar(() = slurp_file($node->logfile, $offset) =~ /violates check constraint "nothing"/g), '<', 10, 'the log is not flooded');

# no room for a worker: told once, and no busy loop
$node->append_conf('postgresql.conf', "max_worker_processes = 2\nmax_logical_replication_workers = 0\nvero_events.max_workers = 2\n");
$node->restart;
wait_for('postgres', q{SELECT count(*) = 2 AND NOT bool_or(running OR next_due IS NOT NULL) FROM vero.worker_status
	WHERE database IN ('postgres', 'first')}, 'the databases are looked into, one after the other');
$offset = -s $node->logfile;
$node->safe_psql('postgres', q{UPDATE vero.campaigns SET delay = '0'});
my $holder = $node->background_psql('first', on_error_die => 1);
$holder->query_safe('BEGIN; LOCK vero.messages');
add_jobs('first', 1);
wait_for('postgres', "SELECT ($workers) = 1", 'the only worker that there is room for waits for a lock');
$node->safe_psql('postgres', q{SELECT vero.track_event('late@example.com', 'order')});
ok($node->wait_for_log(qr/cannot start a worker: no background worker slot is free/, $offset), 'it is told that there is no room');
$holder->query_safe('COMMIT');
$holder->quit;
wait_for('postgres', $all_decided, 'when there is room again, the work is done');
my $log = slurp_file($node->logfile, $offset);
is(scalar(() = $log =~ /cannot start a worker/g), 1, '... once');
is(scalar(() = $log =~ /can start workers again/g), 1, 'and that there is room again');
$node->append_conf('postgresql.conf', "max_worker_processes = 8\n");
$node->restart;

# a standby does nothing until it is promoted
wait_for('postgres', $all_decided, 'all is decided');
wait_for('postgres', $has_no_worker, 'and quiet');
$node->safe_psql('postgres', 'DROP TABLESPACE elsewhere');
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', q{ALTER SYSTEM SET vero_events.max_workers = 0; SELECT pg_reload_conf()});
add_jobs('postgres', 2500);
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'vero_events%'}), '0', 'a standby has no launcher');
$node->stop('fast');
$standby->promote;
ok($standby->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'vero_events launcher'}), 'it comes at promotion');
ok($standby->poll_query_until('postgres', $all_decided), 'and with it the work that was left');
is($standby->safe_psql('postgres', $exactly_once), '0|0', 'each job has one message');
$standby->stop;

done_testing();
