# Whatever call into PostgreSQL fails, and however: what the session writes afterwards is there for everybody, and nothing is lost or
# done twice. The extension is the one of test/inject.
#
# Where each failure takes a session or a worker of its own, VERO_INJECT_STEP says how many calls lie between two that fail (1: all).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use VeroMail qw(start_smtp mail_of header_of);
use VeroWait qw(has_no_journal);

my $step = $ENV{VERO_INJECT_STEP} // 25;
my $worker_step = $ENV{VERO_INJECT_STEP} // 59; # each takes a second and more
my $node = PostgreSQL::Test::Cluster->new('injected');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
vero_events.mail_from = 'shop@example.com'
vero_events.smtp_tls = 'disable'
autovacuum = off
EOC
$node->start;
my $directory = tempdir(CLEANUP => 1);
my $journals = $node->data_dir . '/pg_vero_events';
my $good = "$directory/good.csv";
append_to_file($good, "email,event,time,n\n" . join '', map { "p$_\@example.com,order,2022-01-01,$_\n" } 1 .. 5);
my $many = "$directory/many-[12].csv";
append_to_file("$directory/many-$_.csv", "email,event,time,n\nm$_\@example.com,order,2022-01-01,$_\nnobody,order,,\n") for 1 .. 2;
my $bad = "$directory/bad.csv";
append_to_file($bad, "a,b\n1,2\n");

$node->safe_psql('postgres', q{
	CREATE EXTENSION vero_events;
	CREATE TABLE written (what text, kind text, n int);
	INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text, body_html, condition, cooldown) VALUES
		('plain', 'order', '0', '36500 days', 'Hi {{ event.n }}', 'Hi', '<p>Hi</p>', NULL, NULL),
		('rare', 'order', '0', '36500 days', 'Hi', 'Hi', NULL, NULL, '1 day'),
		('conditional', 'order', '0', '36500 days', 'Hi', 'Hi', NULL, '$.event.n != "1"', NULL),
		('wrong', 'order', '0', '36500 days', 'Hi', 'Hi', NULL, '1 / $.event.n.double() > 0', NULL),
		('mail', 'mail', '0', '0', 'Hi', 'Hi', NULL, NULL, NULL);
	-- each call of a statement fails once, and each time it is undone
	CREATE PROCEDURE fail_everywhere(what text, kind text, statement text) LANGUAGE plpgsql AS $$
	DECLARE
		before text := concat_ws(' ', current_user, current_setting('search_path'), current_setting('TimeZone'), current_setting('enable_sort'));
		n int := 0;
		is_reached boolean := true;
	BEGIN
		WHILE is_reached LOOP
			n := n + 1;
			PERFORM set_config('inject.at', n || ' ' || kind, false);
			BEGIN
				EXECUTE statement;
				RAISE 'undone';
			EXCEPTION WHEN query_canceled OR OTHERS THEN
				is_reached := current_setting('inject.calls')::int >= n;
			END;
			PERFORM set_config('inject.at', '', false);
			IF before <> concat_ws(' ', current_user, current_setting('search_path'), current_setting('TimeZone'), current_setting('enable_sort')) THEN
				RAISE '% after % % differs from %', current_user, n, kind, before;
			END IF;
			INSERT INTO written VALUES (what, kind, n);
			COMMIT;
		END LOOP;
	END
	$$});
$node->safe_psql('postgres', q{SELECT jobs_scheduled FROM import_events_csv(trigger_campaigns => true, time_zone => 'UTC',
	content => E'email,event,time,n\na@example.com,order,2022-01-01,0\na@example.com,order,2022-01-02,1\nb@example.com,order,2022-01-01,2\nnobody,order,,3\n')});

# ---- statements that somebody catches -----------------------------------------------------------------------------------

my @kinds = qw(error resource exception cancel timeout late_error late_cancel);
my $import = q{SELECT * FROM import_events_csv(allow_repeat => true, trigger_campaigns => %s, dry_run => %s, content => convert_to(E'email,event,time,n\nnobody,order,,\n' ||
	(SELECT string_agg('p' || i || E'@example.com,order,2022-01-01,1\n', '') FROM generate_series(1, %d) AS i), 'UTF8'))};
my $look = q{SELECT count(*) FROM vero.inspect_csv(convert_to(E'email,event,time,n\n' ||
	(SELECT string_agg('p' || i || E'@example.com,order,2022-01-01,1\n', '') FROM generate_series(1, %d) AS i), 'UTF8'))};
# name, statement, and how many calls it has at least
my @statements = (
	[ 'run_jobs', 'SELECT * FROM vero.run_jobs()', 40 ],
	[ 'import', sprintf($import, 'true', 'false', 5), 40 ],
	[ 'dry run', sprintf($import, 'true', 'true', 5), 30 ],
	[ 'import that is taken back', sprintf($import, 'true', 'false', 5) =~ s/dry_run/reject_limit => '0', dry_run/r, 45 ],
	[ 'repeat', sprintf($import, 'true', 'false', 5) =~ s/allow_repeat => true/allow_repeat => false/r, 30 ],
	[ 'many files', "SELECT * FROM import_events_csv('$many', allow_repeat => true, trigger_campaigns => true)", 70 ],
	[ 'copy', "COPY vero.events FROM '$good' WITH (FORMAT vero_csv, trigger_campaigns true, allow_repeat)", 40 ],
	[ 'copy of a bad file', "COPY vero.events FROM '$bad' WITH (FORMAT vero_csv)", 10 ],
	[ 'look', sprintf($look, 5), 5 ],
	[ 'track_event', q{SELECT vero.track_event('new@example.com', 'order', '{"n": 7}')}, 15 ],
	[ 'rejects', "COPY vero.rejected_rows TO '$directory/rejects.csv' WITH (FORMAT vero_csv, import 1)", 10 ],
	[ 'rejected_csv', 'SELECT vero.rejected_csv(1)', 5 ],
	[ 'enable_delivery', 'SELECT vero.enable_delivery()', 2 ],
	[ 'remove_old', q{SELECT vero.remove_old(10, '0')}, 2 ],
	[ 'remove_old_rejects', q{SELECT vero.remove_old_rejects(10, '10 days')}, 1 ]);

# In one session, one after the other; what it wrote is counted in another one.
sub fail_everywhere
{
	my ($kinds, @statements) = @_;
	my $script = "SELECT count(*) FROM vero.workers();\n"; # so that the settings are there
	for my $kind (@$kinds)
	{
		$script .= "CALL fail_everywhere('$_->[0]', '$kind', \$call\$$_->[1]\$call\$);\n" for @statements;
	}
	$script .= "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid');\n";
	my ($status, $out, $err) = $node->psql('postgres', $script, on_error_stop => 1);
	is("$status " . (split /\n/, $out)[-1], '0 0', 'the session goes on, and holds no lock') or diag($err);
	for my $statement (@statements)
	{
		for my $kind (@$kinds)
		{
			my ($rows, $last) = split /\|/, $node->safe_psql('postgres',
				"SELECT count(*), max(n) FROM written WHERE what = '$statement->[0]' AND kind = '$kind'");
			ok($rows == $last && $last > $statement->[2], "$statement->[0], $kind: $rows rows of $last are there");
		}
	}
	unlike($err, qr/jumped over C\+\+ frames/, 'no error jumps over C++ frames');
	return;
}

# Failed imports that were not recorded yet are the journal's; each is told once.
sub check_imports
{
	my ($what) = @_;
	$node->safe_psql('postgres', 'SELECT vero.record_failed_imports()');
	ok(has_no_journal($node), "$what: the journal is empty");
	is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE n <> 1), count(*) > 0 FROM (SELECT i.id, count(m.id) AS n FROM vero.imports AS i
		LEFT JOIN vero.messages AS m ON m.import_id = i.id AND m.kind = 'confirmation' GROUP BY 1) AS s}), '0|t', "$what: each import has one confirmation");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.imports WHERE state = 'running'}), '0', "$what: none runs on");
	return;
}

# two to be recorded: this must not find those of the statements below
$node->psql('postgres', "COPY vero.events FROM '$bad' WITH (FORMAT vero_csv)") for 1 .. 2;
fail_everywhere(\@kinds, [ 'record_failed_imports', 'SELECT vero.record_failed_imports()', 10 ]);
check_imports('record_failed_imports');
fail_everywhere(\@kinds, @statements);
# with their second threads
my $large_look = [ 'large look', sprintf($look, 100_000), 10 ];
fail_everywhere([ 'cancel', 'exception' ], [ 'large import', sprintf($import, 'false', 'false', 8000), 60 ], $large_look);
# and one that is known as a repeat by its bytes, or only at its end, as an archive is
my $large_repeat = sprintf($import, 'false', 'false', 20_000) =~ s/'p'/'large'/r =~ s/allow_repeat => true/allow_repeat => false/r;
$node->safe_psql('postgres', $large_repeat);
fail_everywhere([ 'cancel', 'late_error' ], [ 'large repeat', $large_repeat, 15 ]);
$node->safe_psql('postgres', 'UPDATE vero.imports SET sha256 = NULL');
fail_everywhere([ 'cancel', 'late_error' ], [ 'large repeat at its end', $large_repeat, 60 ]);
# beside one that creates contacts
my $holder = $node->background_psql('postgres', on_error_die => 1);
$holder->query_safe('BEGIN; ' . sprintf($import, 'false', 'false', 1) =~ s/'p'/'holder'/r);
fail_everywhere(\@kinds, [ 'deferred import', sprintf($import, 'true', 'false', 5) =~ s/'p'/'deferred'/r, 50 ]);
fail_everywhere([ 'cancel', 'exception', 'late_error' ], [ 'large deferred import', sprintf($import, 'false', 'false', 8000) =~ s/'p'/'deferred'/r, 60 ]);
$holder->query_safe('ROLLBACK');
$holder->quit;
is_deeply([ glob($node->data_dir . '/base/pgsql_tmp/*') ], [], 'deferred imports leave no file');
check_imports('statements');

# ---- statements that nobody catches ------------------------------------------------------------------------------------

# Each in a transaction of its own; those that succeed are few.
my $most = $node->safe_psql('postgres', 'SELECT max(n) FROM written');
my $script = '';
for my $kind ('cancel', 'exception')
{
	for my $n (1 .. 60)
	{
		$script .= "SET inject.at = '$n $kind';\nSELECT count(*) FROM vero.run_jobs();\nSET inject.at = '';\nINSERT INTO written VALUES ('alone', '$kind', $n);\n"
			. "BEGIN;\nSAVEPOINT s;\nSET LOCAL inject.at = '$n $kind';\nSELECT count(*) FROM vero.run_jobs();\nROLLBACK TO s;\nINSERT INTO written VALUES ('alone', '$kind', $n);\nCOMMIT;\n"
			. "UPDATE vero.trigger_jobs SET state = 'scheduled', decided_at = NULL, message_id = NULL, error = NULL, reason = NULL;\nDELETE FROM vero.messages WHERE kind = 'campaign';\n";
	}
}
$node->psql('postgres', $script, on_error_stop => 0);
is($node->safe_psql('postgres', q{SELECT count(*) FROM written WHERE what = 'alone'}), 2 * 2 * 60, 'run_jobs, caught by nobody: all rows are there');

# Two files that have a transaction each: one of them fails, or all that is left of the call.
$script = "SELECT count(*) FROM vero.workers();\n";
for my $kind (@kinds)
{
	for my $n (1 .. 260)
	{
		$script .= "SET inject.at = '$n $kind';\nCALL vero.import_files('$many', allow_repeat => true);\nSET inject.at = '';\nINSERT INTO written VALUES ('files', '$kind', $n);\n";
	}
}
$script .= "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid');\n";
my (undef, $files_out, $files_err) = $node->psql('postgres', $script, on_error_stop => 0);
is((split /\n/, $files_out)[-1], '0', 'import_files: the session goes on, and holds no lock');
unlike($files_err, qr/jumped over C\+\+ frames/, 'import_files: no error jumps over C++ frames');
like($files_err, qr/was not imported: /, 'import_files: of some files an error is told');
is($node->safe_psql('postgres', q{SELECT count(*) FROM written WHERE what = 'files'}), 260 * @kinds, 'import_files: all rows are there');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.imports AS i LEFT JOIN (SELECT import_id, count(*) AS n FROM vero.events GROUP BY 1) AS e ON e.import_id = i.id
	WHERE source LIKE '%/many-_.csv' AND coalesce(e.n, 0) <> (state <> 'failed')::int}), '0', 'import_files: each import that has not failed has its event');
check_imports('import_files');

# ---- sessions that are terminated --------------------------------------------------------------------------------------

for my $statement ($large_look, grep { $_->[0] =~ /^(run_jobs|import|copy)$/ } @statements)
{
	for (my $n = 1; $n <= $statement->[2]; $n += $step)
	{
		$node->psql('postgres', "SET inject.at = '$n terminate';\n$statement->[1];\n");
	}
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype IN ('object', 'advisory')}), '0', 'who is terminated leaves no lock');
check_imports('terminated');

# ---- mail ---------------------------------------------------------------------------------------------------------------

my $smtp = start_smtp();
$node->append_conf('postgresql.conf', "vero_events.smtp_url = '$smtp->{url}'\n");
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('vero_events.smtp_url') <> ''}) or die 'no SMTP server is set';
$node->safe_psql('postgres', 'TRUNCATE vero.messages, vero.trigger_jobs, written');

# A message for each failure, which may be the one that it hits.
my $add_message = q{SELECT vero.track_event('a@example.com', 'mail'); SELECT vero.run_jobs();};
$script = '';
for my $kind (@kinds)
{
	for my $n (1 .. 60)
	{
		$script .= "$add_message\nSET inject.at = '$n $kind';\nCALL vero.send_mail();\nSET inject.at = '';\nINSERT INTO written VALUES ('mail', '$kind', $n);\n"
			. "INSERT INTO written SELECT 'lock', '$kind', $n FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory';\n";
	}
}
my ($status, $out, $err) = $node->psql('postgres', $script, on_error_stop => 0);
is($node->safe_psql('postgres', q{SELECT count(*) FROM written WHERE what = 'mail'}), 60 * @kinds, 'send_mail: all rows are there') or diag($err);
is($node->safe_psql('postgres', q{SELECT string_agg(kind || ' ' || n, ', ') FROM written WHERE what = 'lock'}), '', 'send_mail: no lock stays');
for (my $n = 1; $n <= 40; $n += $step)
{
	$node->psql('postgres', "$add_message\nSET inject.at = '$n terminate';\nCALL vero.send_mail();\n");
}
$node->safe_psql('postgres', 'CALL vero.send_mail()');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.messages WHERE state <> 'sent'}), '0', 'send_mail: in the end all messages are sent');

sub all_were_received
{
	my ($what) = @_;
	my %received = map { (header_of($_, 'Message-ID') => 1) } mail_of($smtp);
	my @missing = grep { !$received{$_} } split /\n/, $node->safe_psql('postgres', 'SELECT message_id_header FROM vero.messages');
	is_deeply(\@missing, [], "$what: and received");
	return;
}
all_were_received('send_mail');

# ---- the worker ---------------------------------------------------------------------------------------------------------

# Fails at that call, and goes on where it was.
sub fail_in_worker
{
	my ($n, $kind) = @_;
	my $place = -s $node->logfile;
	$node->append_conf('postgresql.conf', "inject.worker_at = '$n $kind'\n");
	$node->reload;
	# the worker, which is still at it where it was hit last, locks the one table and then the other, in either order
	$node->safe_psql('postgres', q{
		DO 'BEGIN LOOP BEGIN SET LOCAL lock_timeout = ''100ms''; TRUNCATE vero.trigger_jobs, vero.messages; RETURN; EXCEPTION WHEN lock_not_available THEN END; END LOOP; END';
		INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
			SELECT e.id, c.id, e.contact_id, e.occurred_at, e.occurred_at FROM vero.events AS e, vero.campaigns AS c WHERE c.name IN ('plain', 'wrong')});
	$node->psql('postgres', "COPY vero.events FROM '$bad' WITH (FORMAT vero_csv, notify 'ops\@example.com')");
	my $is_done = q{SELECT NOT EXISTS (SELECT FROM vero.trigger_jobs WHERE state = 'scheduled') AND NOT EXISTS (SELECT FROM vero.messages WHERE state <> 'sent')
		AND EXISTS (SELECT FROM vero.messages WHERE kind = 'confirmation')};
	my $is_hit = 0;
	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		$is_hit = slurp_file($node->logfile, $place) =~ /injected: $kind at call $n/;
		last if $is_hit || $node->safe_psql('postgres', $is_done) eq 't';
		usleep(100_000);
	}
	$node->append_conf('postgresql.conf', "inject.worker_at = ''\n");
	$node->reload;
	# a record that fails of an error of its own is set aside, for somebody to look at and to rename
	if ($kind eq 'error' && $is_hit)
	{
		$node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM vero.trigger_jobs WHERE state = 'scheduled')}) or die 'the worker does not go on';
		rename($_, s/\.damaged$//r) for glob("$journals/*.damaged");
		$node->safe_psql('postgres', 'SELECT vero.record_failed_imports()');
	}
	ok($node->poll_query_until('postgres', $is_done), "worker, $kind at call $n: all is done in the end");
	is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE (message_id IS NULL) <> (state IN ('failed', 'discarded'))), count(*) > 0 FROM vero.trigger_jobs}), '0|t',
		"worker, $kind at call $n: nothing is decided twice");
	all_were_received("worker, $kind at call $n");
	ok(has_no_journal($node), "worker, $kind at call $n: the journal is empty");
	return $is_hit;
}

$node->safe_psql('postgres', 'TRUNCATE vero.events');
$node->safe_psql('postgres', q{SELECT vero.track_event('w@example.com', 'order', jsonb_build_object('n', n)) FROM generate_series(0, 2) AS n});
$node->append_conf('postgresql.conf', "vero_events.max_workers = 1\n");
for my $kind (qw(error exception cancel terminate))
{
	my $n = 1;
	while (fail_in_worker($n, $kind)) { $n += $worker_step }
	cmp_ok($n, '>', 60, "worker, $kind: calls up to $n failed");
}

done_testing();
