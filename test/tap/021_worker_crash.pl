# A worker or a server that is killed in the middle loses no job and decides none twice.
#
# VERO_KILL_ROUNDS and VERO_CRASH_ROUNDS say how often (3 and 2).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use VeroWait qw(await_server);

my $jobs = 10_000;
my $kill_rounds = $ENV{VERO_KILL_ROUNDS} // 3;
my $crash_rounds = $ENV{VERO_CRASH_ROUNDS} // 2;
srand($ENV{VERO_SEED} // time);

my $node = PostgreSQL::Test::Cluster->new('crash');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nrestart_after_crash = on\nlog_statement = none\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, condition, cooldown, subject, body_text) VALUES
		('plain', 'plain', '0', NULL, NULL, 'Hi', 'Hi {{ contact.email }}'),
		('conditional', 'conditional', '0', '$.event.n % 2 == 0', NULL, 'Hi', 'Hi {{ event.n }}'),
		('rare', 'rare', '0', NULL, '1 day', 'Hi', 'Hi');
	INSERT INTO vero.contacts (email) SELECT format('c%s@example.com', n) FROM generate_series(1, 5000) AS n});

# A third of the jobs for each campaign; of those of "rare", two for each contact.
sub add_jobs
{
	$node->safe_psql('postgres', qq{TRUNCATE vero.events, vero.trigger_jobs, vero.messages;
		WITH event AS (INSERT INTO vero.events (contact_id, name, occurred_at, properties)
			SELECT n % (CASE n % 3 WHEN 2 THEN $jobs / 6 ELSE 5000 END) + 1, (ARRAY['plain', 'conditional', 'rare'])[n % 3 + 1], now() - interval '1 h',
				jsonb_build_object('n', n) FROM generate_series(1, $jobs) AS n RETURNING id, contact_id, name, occurred_at)
		INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
		SELECT e.id, c.id, e.contact_id, e.occurred_at, e.occurred_at FROM event AS e JOIN vero.campaigns AS c ON c.name = e.name});
	return;
}

sub is_decided
{
	my ($what) = @_;
	$node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL)})
	  or BAIL_OUT("$what: the jobs are not decided");
	is($node->safe_psql('postgres', qq{SELECT count(*) = $jobs,
			count(*) FILTER (WHERE j.attempts <> 1),
			count(*) FILTER (WHERE (j.message_id IS NOT NULL) <> (m.id IS NOT NULL)),
			count(*) FILTER (WHERE c.name = 'plain' AND m.id IS NULL),
			count(*) FILTER (WHERE c.name = 'conditional' AND (m.id IS NOT NULL) <> ((e.properties->>'n')::integer % 2 = 0)),
			(SELECT count(*) FROM vero.messages) - count(m.id),
			(SELECT count(*) FROM (SELECT r.contact_id, count(k.id) AS mails FROM vero.trigger_jobs AS r LEFT JOIN vero.messages AS k ON k.id = r.message_id
				WHERE r.campaign_id = (SELECT id FROM vero.campaigns WHERE name = 'rare') GROUP BY r.contact_id) AS s WHERE mails <> 1)
		FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id JOIN vero.events AS e ON e.id = j.event_id
		LEFT JOIN vero.messages AS m ON m.event_id = j.event_id AND m.campaign_id = j.campaign_id}), 't|0|0|0|0|0|0', $what);
	return;
}

# Where the worker is when it is hit, nobody knows.
sub after_a_moment { usleep(int rand 400_000); return }

for my $round (1 .. $kill_rounds)
{
	add_jobs();
	after_a_moment();
	my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events worker'});
	if ($pid ne '')
	{
		kill 'KILL', $pid;
		await_server($node, $pid) or BAIL_OUT('the server does not come back');
	}
	is_decided("round $round: the worker is killed");
}
for my $round (1 .. $crash_rounds)
{
	add_jobs();
	after_a_moment();
	$node->stop('immediate');
	$node->start;
	is_decided("round $round: the server crashes");
}

# ---- a job that ends its worker -----------------------------------------------------------------------------------------

# Of fifty jobs that are due together, one never comes to its end, or fails in a way that takes the others with it.
sub add_poison
{
	my ($condition, $subject) = @_;
	$node->safe_psql('postgres', qq{TRUNCATE vero.events, vero.trigger_jobs, vero.messages, vero.campaigns RESTART IDENTITY;
		INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, condition) VALUES ('plain', 'plain', '0', 'Hi', 'Hi', NULL),
			('poison', 'poison', '0', '$subject', 'Hi', $condition);
		SELECT vero.track_event(format('c%s\@example.com', n), CASE n WHEN 20 THEN 'poison' ELSE 'plain' END,
			jsonb_build_object('a', (SELECT jsonb_agg(i) FROM generate_series(1, 200) AS i))) FROM generate_series(1, 50) AS n});
	return;
}

# It alone is given up, after three times.
sub only_poison_failed
{
	my ($what, $words) = @_;
	$node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM vero.trigger_jobs WHERE state = 'scheduled' AND message_id IS NULL)})
	  or BAIL_OUT("$what: the jobs are not decided");
	is($node->safe_psql('postgres', q{SELECT c.name, j.state, j.attempts, j.error, count(*) FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id
		GROUP BY 1, 2, 3, 4 ORDER BY 1}), "plain|scheduled|1||49\npoison|failed|3|it was begun 3 times and never decided$words|1", $what);
	return;
}

$node->safe_psql('postgres', q{
	CREATE FUNCTION take_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_catalog.pg_sleep(3600); RETURN new; END$$;
	CREATE TRIGGER for_ever BEFORE INSERT ON vero.messages FOR EACH ROW WHEN (new.subject = 'for ever') EXECUTE FUNCTION take_for_ever()});
add_poison('NULL', 'for ever');
for my $round (1 .. 3)
{
	my $pid = '';
	my $is_busy = q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'vero_events worker' AND xact_start < clock_timestamp() - interval '0.5 s'};
	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		last if ($pid = $node->safe_psql('postgres', $is_busy)) ne '';
		usleep(100_000);
	}
	isnt($pid, '', "round $round: the worker is at the job that takes for ever");
	if ($round == 2)
	{
		$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
		$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)") or die 'it does not end';
		next;
	}
	kill 'KILL', $pid;
	await_server($node, $pid) or BAIL_OUT('the server does not come back');
}
only_poison_failed('a job that ends its worker three times', '');

$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE '%', repeat('ä', 128); END$$;
	CREATE TRIGGER refuse BEFORE INSERT ON vero.messages FOR EACH ROW WHEN (new.subject = 'refused') EXECUTE FUNCTION refuse()});
add_poison('NULL', 'refused');
only_poison_failed('a job whose mail cannot be stored', ': ' . 'ä' x 60 . '...');
is($node->safe_psql('postgres', q{SELECT length(last_error), octet_length(last_error) FROM vero.worker_status WHERE database = 'postgres'}), '127|254',
	'as much of the error as there is room for, in whole characters');
done_testing();
