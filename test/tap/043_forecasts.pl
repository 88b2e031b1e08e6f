# What a dry run says would become of a file's events is what then becomes of them: random files, campaigns and contacts, imported and decided. A backfill of the same
# events, imported without jobs, foretells the same; and so is what it foretells of events that came before those which have jobs already.
#
# The clock cannot be stopped, so time is moved: all times of a round are whole hours and a half from its beginning, so that the seconds that a round takes decide
# nothing. When the jobs of the next hour are decided, these are made due now, and the mail that was written before, and its jobs, are made older by as much as would have
# passed. Cooldowns are whole hours, so that many jobs are due just a cooldown apart; a worker that is some minutes late with one of them, and not with the other, changes nothing.
#
# VERO_FORECASTS says how many rounds there are (40), VERO_SEED what they begin with.
use strict;
use warnings;

use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rounds = $ENV{VERO_FORECASTS} // 40;
my $seed = srand($ENV{VERO_SEED} // int(rand(1_000_000)));

my $node = PostgreSQL::Test::Cluster->new('forecasts');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
timezone = 'UTC'
autovacuum = off
fsync = off
EOC
$node->start;
$node->safe_psql('postgres', <<'EOC');
CREATE EXTENSION vero_events;
-- when a job would have been due
CREATE TABLE due (event_id bigint, campaign_id bigint, due_at timestamptz, PRIMARY KEY (event_id, campaign_id));
CREATE PROCEDURE decide_all(base timestamptz) LANGUAGE plpgsql AS $$
DECLARE
	reached timestamptz := base;
	next_due timestamptz;
BEGIN
	INSERT INTO due SELECT event_id, campaign_id, due_at FROM vero.trigger_jobs ON CONFLICT DO NOTHING;
	LOOP
		PERFORM vero.run_jobs(100000);
		UPDATE vero.messages SET created_at = created_at + random() * interval '10 minutes' WHERE kind = 'campaign' AND created_at > statement_timestamp();
		SELECT min(d.due_at) INTO next_due FROM vero.trigger_jobs AS j JOIN due AS d USING (event_id, campaign_id) WHERE j.state = 'scheduled' AND j.message_id IS NULL;
		EXIT WHEN next_due IS NULL;
		UPDATE vero.messages SET created_at = created_at - (next_due - reached) WHERE kind = 'campaign';
		UPDATE vero.trigger_jobs SET occurred_at = occurred_at - (next_due - reached), due_at = due_at - (next_due - reached), registered_at = registered_at - (next_due - reached)
		WHERE message_id IS NOT NULL;
		UPDATE vero.trigger_jobs AS j SET due_at = statement_timestamp() FROM due AS d
		WHERE d.event_id = j.event_id AND d.campaign_id = j.campaign_id AND d.due_at = next_due AND j.state = 'scheduled' AND j.message_id IS NULL;
		reached := next_due;
	END LOOP;
END
$$;
-- the file of records whose ages are in hours
CREATE FUNCTION content_of(base timestamptz, records text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(E'email,name,time,item,n\n' || string_agg(format(E'%s,%s,%s,%s,%s\n', f[1], f[2], to_char(base - make_interval(hours => f[3]::int, mins => 30), 'YYYY-MM-DD HH24:MI:SSOF'), f[4], f[5]), '' ORDER BY n), 'UTF8')
	FROM string_to_table(records, E'\n') WITH ORDINALITY AS r (record, n), LATERAL string_to_array(record, ',') AS f
$$;
-- what a forecast says, and what became of an import's events, in the same words
CREATE FUNCTION foretold(import bigint) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws('|', campaign, sent_now, sent_later, first_due, last_due, coalesce(discarded_by_reason, '{}'), failed, contacts,
		(SELECT string_agg(split_part(b, ': ', 2), ',' ORDER BY split_part(b, ': ', 2) DESC) FROM unnest(string_to_array(busiest, ', ')) AS b))
	FROM vero.import_forecast WHERE import_id = import ORDER BY 1
$$;
CREATE FUNCTION foretold_afterwards() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws('|', b.campaign, sent_now, sent_later, first_due, last_due, coalesce(discarded_by_reason, '{}'), failed, contacts,
		(SELECT string_agg(split_part(p, ': ', 2), ',' ORDER BY split_part(p, ': ', 2) DESC) FROM unnest(string_to_array(busiest, ', ')) AS p))
	FROM vero.campaigns AS k CROSS JOIN LATERAL vero.backfill_campaign(k.name, '-infinity') AS b
	WHERE k.active AND sent_now + sent_later + discarded + failed > 0 ORDER BY 1
$$;
CREATE FUNCTION become(import bigint) RETURNS SETOF text LANGUAGE sql AS $$
	WITH j AS (
		SELECT c.name, t.*, d.due_at AS due, t.message_id IS NOT NULL AND d.due_at <= i.started_at AS is_now, t.message_id IS NOT NULL AND d.due_at > i.started_at AS is_later
		FROM vero.trigger_jobs AS t JOIN vero.campaigns AS c ON c.id = t.campaign_id JOIN vero.imports AS i ON i.id = t.import_id LEFT JOIN due AS d USING (event_id, campaign_id)
		WHERE t.import_id = import),
	r AS (SELECT name, jsonb_object_agg(reason, n) AS reasons FROM (SELECT name, reason, count(*) AS n FROM j WHERE state = 'discarded' GROUP BY 1, 2) AS s GROUP BY 1),
	m AS (SELECT name, contact_id, count(*) AS mails, row_number() OVER (PARTITION BY name ORDER BY count(*) DESC) AS place FROM j WHERE message_id IS NOT NULL GROUP BY 1, 2)
	SELECT concat_ws('|', j.name, count(*) FILTER (WHERE is_now), count(*) FILTER (WHERE is_later), min(due) FILTER (WHERE is_later), max(due) FILTER (WHERE is_later),
		coalesce((SELECT reasons FROM r WHERE r.name = j.name), '{}'), count(*) FILTER (WHERE state = 'failed'), count(DISTINCT contact_id) FILTER (WHERE message_id IS NOT NULL),
		(SELECT string_agg(mails::text, ',' ORDER BY mails::text DESC) FROM m WHERE m.name = j.name AND place <= 5))
	FROM j GROUP BY j.name ORDER BY 1
$$;
EOC

sub any { return $_[ rand @_ ]; }

sub quoted { return defined $_[0] ? "'$_[0]'" : 'NULL'; }

my @emails = map { "person$_\@example.com" } 1 .. 12;
my @conditions = (undef, undef, '$.event.item == "hat"', '$.event.n.double() > 2', '$.contact.plan == "pro"', '$.contact.plan == "pro" || $.event.item == "tie"',
	'$.contact.email starts with "person1"', '$.event.n > 1', '$.event.occurred_at.datetime() < "2100-01-01T00:00:00+00:00".datetime() && $.event.item != "tie"');

sub campaign
{
	my ($number) = @_;
	my $cooldown = any(undef, 2, 20, 50, 130);
	return sprintf q{INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, condition, subject, body_text, transactional, active) VALUES ('%s', '%s', '%d hours', '%d hours', %s, %s, 's', '%s', %s, %s);},
		"campaign $number", any('order', 'Order', 'visit'), any(0, 24, 72, 240), any(0, 30, 300, 300), quoted($cooldown && "$cooldown hours"), quoted(any(@conditions)),
		any('Hi', 'Hi {{ contact.email }}', '{{ event.item | upcase }} {{ contact.plan | default: "?" }}'), any(qw(true false false)), rand() < 0.1 ? 'false' : 'true';
}

# Ages are whole hours from a half hour after the round's beginning: nothing is due just then.
sub records
{
	my ($count, @people) = @_;
	return map {
		my ($age, $item) = (any(-1, 0, int(rand(30)), 24 * int(rand(12)), 24 * int(rand(4)), int(rand(100)), int(rand(300))), any('hat', 'tie', ''));
		{ email => any(@people), name => any('order', 'order', 'order', 'visit', 'nothing'), age => $age, item => $item, n => any(1 .. 4, 1 .. 4, 'x', '') };
	} 1 .. $count;
}

sub content
{
	return "content_of(:'base', '" . join("\n", map { join ',', @$_{qw(email name age item n)} } @_) . "')";
}

# Campaigns, and who is known.
sub beginning
{
	my $script = "SET client_min_messages = error;\nTRUNCATE due, vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;\n"
		. "SELECT date_trunc('second', now()) AS base \\gset\n";
	$script .= campaign($_) . "\n" for 1 .. 1 + rand(4);
	my @forgotten = grep { rand() < 0.1 } @emails;
	$script .= "SELECT vero.forget('$_') \\g /dev/null\n" for @forgotten;
	my @known = grep { rand() < 0.5 } @emails;
	$script .= sprintf "INSERT INTO vero.contacts (email, properties, unsubscribed_at) VALUES ('%s', '%s', %s);\n", $_, any('{}', '{"plan": "pro"}', '{"plan": "free", "n": 1}'), rand() < 0.2 ? 'now()' : 'NULL' for @known;
	return $script;
}

# Mail that was sent before, and jobs that wait.
sub earlier
{
	my $script = rand() < 0.8 ? 'SELECT jobs_scheduled FROM import_events_csv(' . content(records(5 + rand(40), @emails)) . ", trigger_campaigns => true) \\g /dev/null\n" : '';
	$script .= "INSERT INTO due SELECT event_id, campaign_id, due_at FROM vero.trigger_jobs;\nSELECT vero.run_jobs() \\g /dev/null\n" if rand() < 0.5;
	return $script;
}

sub script_of_round
{
	my $script = beginning() . earlier();
	my $people = 1 + rand(@emails);
	# now and then so many that values are met again after a portion was judged
	my @records = records(1 + rand(any(5, 60, 60, 60, 60, 60, 60, 3000)), @emails[ 0 .. $people - 1 ]);
	push @records, map { any(@records) } 1 .. rand(4);
	my $options = sprintf "on_duplicate => '%s', on_suppressed => '%s'", any(qw(insert insert skip reject)), any(qw(insert insert reject));
	my $passive = 'SELECT import_id FROM import_events_csv(' . content(@records) . ", allow_repeat => true, $options";
	my $import = "$passive, trigger_campaigns => true";
	$script .= "$import, dry_run => true) \\gset\nSELECT foretold(:import_id);\n\\echo =\n";
	$script .= "BEGIN;\n$passive) \\gset\nSELECT foretold_afterwards();\nROLLBACK;\n\\echo =\n";
	# A late worker decides a thousand jobs together, and the thousands in the order in which they are due, not in that of what they count from: it is not late where there are so many.
	$script .= "SELECT vero.run_jobs() \\g /dev/null\n" if @records > 100;
	return $script . "$import) \\gset\nCALL decide_all(:'base');\nSELECT become(:import_id);\n";
}

# The events without jobs are stored first.
sub script_of_backfill
{
	my $people = 1 + rand(@emails);
	my $script = beginning() . 'SELECT import_id FROM import_events_csv(' . content(records(1 + rand(60), @emails[ 0 .. $people - 1 ])) . ") \\gset\n";
	$script .= earlier() . "SELECT foretold_afterwards();\n\\echo =\n";
	$script .= "SELECT vero.backfill_campaign(name, '-infinity', false) FROM vero.campaigns WHERE active \\g /dev/null\n";
	return $script . "CALL decide_all(:'base');\nSELECT become(:import_id);\n";
}

sub run_script
{
	my ($script) = @_;
	my $printed;
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ], '<', \$script, '>&', \$printed) or die "psql: $printed\n$script";
	return split /^=\n/m, $printed;
}

my ($failed, $mails, $discarded) = (0, 0, 0);
for my $round (1 .. $rounds)
{
	my $script = script_of_round();
	my ($foretold, $afterwards, $become) = run_script($script);
	$mails += () = ($become // '') =~ /^campaign \d\|(?!0\|0\|)/mg;
	$discarded += () = ($become // '') =~ /"(?:cooldown|condition_false|unsubscribed|suppressed)"/g;
	next if $foretold eq $afterwards && $foretold eq ($become // '');
	is($become, $foretold, "round $round of VERO_SEED=$seed");
	is($afterwards, $foretold, "round $round: a backfill");
	diag($script);
	last if ++$failed == 3;
}
is($failed, 0, "$rounds forecasts come true (VERO_SEED=$seed)");
cmp_ok($mails, '>', $rounds / 4, 'some foretell mail');
cmp_ok($discarded, '>', $rounds / 4, 'and some that it is discarded when it is due');

($failed, $mails, $discarded) = (0, 0, 0);
for my $round (1 .. $rounds)
{
	my $script = script_of_backfill();
	my ($foretold, $become) = run_script($script);
	$mails += () = ($become // '') =~ /^campaign \d\|(?!0\|0\|)/mg;
	$discarded += () = ($become // '') =~ /"cooldown"/g;
	next if $foretold eq ($become // '');
	is($become, $foretold, "round $round of VERO_SEED=$seed: a backfill of what came before");
	diag($script);
	last if ++$failed == 3;
}
is($failed, 0, "$rounds forecasts of backfills come true (VERO_SEED=$seed)");
cmp_ok($mails, '>', $rounds / 4, 'some of them foretell mail');
cmp_ok($discarded, '>', $rounds / 10, 'and some that a cooldown discards it');

# What is removed by and by is not known any more: a backfill does not have the mail go out once more that was due before.
$node->safe_psql('postgres', <<'EOC');
SET client_min_messages = error;
TRUNCATE due, vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('mail', 'order', '1 day', '365 days', 's', 't');
SELECT vero.track_event('a@example.com', 'order', '{}', now() - interval '5 days'), vero.track_event('b@example.com', 'order', '{}', now() - interval '2 days');
SELECT vero.run_jobs();
UPDATE vero.messages SET state = 'sent', sent_at = now() - interval '4 days', next_attempt_at = NULL WHERE kind = 'campaign';
UPDATE vero.trigger_jobs SET state = 'sent', decided_at = now() - interval '4 days';
EOC
my $backfill = q{SELECT sent_now, discarded_by_reason FROM vero.backfill_campaign('mail', '-infinity')};
is($node->safe_psql('postgres', "SELECT jobs FROM vero.remove_old(100, '3 days'); $backfill"), "2\n2|", 'by itself a backfill knows nothing of jobs that were removed');
$node->append_conf('postgresql.conf', "vero_events.keep_messages = '3d'\n");
$node->restart;
is($node->safe_psql('postgres', $backfill), '1|{"overdue": 1}', '... but from how long ago on they are');
$node->stop;
done_testing();
