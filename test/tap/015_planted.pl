# Whatever somebody has planted in his search_path, and set, nothing of it is run by the extension's statements, and they do the same.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp send_to);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events, pg_stat_statements'
pg_stat_statements.track = all
pg_stat_statements.max = 10000
vero_events.max_workers = 0
vero_events.notify_email = 'ops@example.com'
vero_events.unsubscribe_address = 'out@example.com'
autovacuum = off
EOC
$node->start;
my $smtp = start_smtp();
send_to($node, smtp_url => $smtp->{url}, smtp_tls => 'disable', mail_from => 'shop@example.com');
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events; CREATE EXTENSION pg_stat_statements');

# ---- the statements in the sources -----------------------------------------------------------------------------------

# What is left of a statement without its constants, which pg_stat_statements replaces, and its spaces.
sub skeleton
{
	my ($sql) = @_;
	$sql =~ s{/\*, \.\.\. \*/}{}g; # which from 18 on stands for further constants of a list
	$sql =~ s/'(?:[^']|'')*'//g;
	$sql =~ s/\$\d+|\b\d+\b|\b(?:NULL|true|false|epoch)\b//gi;
	$sql =~ s/[\s\[\],]+//g;
	return $sql;
}

my %statements;
for my $file (glob "$FindBin::Bin/../../src/pg/*/*.cpp")
{
	my $source = slurp_file($file);
	while ($source =~ /constexpr Statement (k\w+)\{\s*R"\((.*?)\)"/gs)
	{
		my ($name, $sql) = ($1, $2);
		next if $sql =~ /\bpg_dist_|\block_shard_|\bvero\.put_events\(/; # what is Citus' is run where Citus is
		$statements{ $file =~ s/.*\///r . " $name" } = skeleton($sql) if $sql =~ /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\s/;
	}
}
cmp_ok(scalar(keys %statements), '>=', 52, 'the statements are found in the sources');

# ---- what is planted ---------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{CREATE ROLE planter LOGIN CREATEROLE;
	GRANT INSERT ON vero.events, vero.trigger_jobs, vero.messages, vero.campaigns TO planter;
	GRANT SELECT ON vero.events, vero.contacts, vero.outbox, vero.campaign_report, vero.worker_status, vero.health, vero.import_counts TO planter;
	GRANT SELECT, INSERT, DELETE ON vero.delivery TO planter;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA vero TO planter;
	GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA vero TO planter;
	GRANT TEMP ON DATABASE postgres TO planter;
	GRANT SELECT ON ALL TABLES IN SCHEMA vero TO planter;
	INSERT INTO vero.import_profiles VALUES ('planted', '{"time_zone": "UTC"}');
	INSERT INTO vero.campaigns (name, event_name, delay, cooldown, condition, subject, body_text)
		VALUES ('mail', 'order', '0', '1 day', '$.event.paid ? (@ == true)', 'Hello', 'Hello {{ contact.email }}');
	INSERT INTO vero.campaigns (name, event_name, delay, condition, subject, body_text) VALUES ('broken', 'broken', '0', 'strict $.event.nothing.at.all', 'a', 'b');
	INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, condition, subject, body_text) VALUES ('foreseen', 'foreseen', '0', '36500 days', '1 day', '$.contact.plan == "pro"', 'Hello', 'Hello')});
$node->safe_psql('postgres', slurp_file("$FindBin::Bin/lib/planted.sql"));

# Settings that change how a statement is read or what it gives, as far as anybody may make them.
my $parallel = $node->safe_psql('postgres', q{SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')});
my $hostile = qq{
	SET search_path = evil, pg_catalog, public;
	SET standard_conforming_strings = off; SET escape_string_warning = off; SET backslash_quote = on; SET transform_null_equals = on; SET array_nulls = off;
	SET datestyle = 'German, DMY'; SET intervalstyle = 'sql_standard'; SET timezone = 'Pacific/Kiritimati';
	SET bytea_output = 'escape'; SET extra_float_digits = -15; SET xmloption = document; SET lc_monetary = 'C'; SET client_encoding = 'UTF8';
	SET plan_cache_mode = force_generic_plan; SET $parallel = on; SET default_toast_compression = 'pglz';
	SET enable_seqscan = off; SET enable_indexscan = off; SET enable_hashjoin = off; SET jit = off;
	CREATE TEMP TABLE IF NOT EXISTS contacts (email text, id int); CREATE TEMP TABLE IF NOT EXISTS events (); CREATE TEMP TABLE IF NOT EXISTS imports (id int);
	CREATE TEMP TABLE IF NOT EXISTS messages (); CREATE TEMP TABLE IF NOT EXISTS trigger_jobs (); CREATE TEMP TABLE IF NOT EXISTS campaigns ();
	CREATE TEMP TABLE IF NOT EXISTS pg_prepared_xact (transaction xid); CREATE TEMP TABLE IF NOT EXISTS delivery ();
};
my ($way, $session, @transcript) = ('hostile', $hostile);

sub run_as_planter
{
	my ($sql, @options) = @_;
	@options = ('-U', 'planter') unless @options;
	my ($result, $out, $err) = $node->psql('postgres', "$session;\n$sql", extra_params => \@options);
	return ($out, $err);
}

# It succeeds; what it gives is compared in the end.
sub call
{
	my ($what, $sql) = @_;
	my ($out, $err) = run_as_planter($sql);
	is($err, '', "$way: $what");
	push @transcript, "$what: $out" unless $what =~ /^look at /;
	return;
}

sub call_in_vain
{
	my ($what, $sql, $pattern) = @_;
	like((run_as_planter($sql))[1], $pattern, "$way: $what");
	return;
}

call_in_vain('what is planted is found by the planter', q{SELECT 1 = 1}, qr/planted: operator = ran as planter/);
call_in_vain('functions too', q{SELECT lower('A'::text)}, qr/planted: /);
my $log_before = -s $node->logfile;

# ---- everything that can be called -------------------------------------------------------------------------------------

sub content
{
	my ($text) = @_;
	return qq{pg_catalog.decode('} . unpack('H*', $text) . qq{', 'hex')};
}

my $stored = q{SET timezone = 'UTC';
	SELECT id, state, rows_read, rows_imported, rows_rejected, contacts_created, jobs_scheduled, jobs_discarded, bytes, error, options, parent_import_id, corrected_by FROM vero.imports ORDER BY id;
	SELECT import_id, record_number, line_number, raw_record, reason, errors FROM vero.rejected_rows ORDER BY 1, 2;
	SELECT email, name, properties, import_id, CASE WHEN import_id IS NOT NULL THEN occurred_at END FROM vero.timeline ORDER BY 4, 1, 5;
	SELECT event_id, campaign_id, state, reason, error, attempts FROM vero.trigger_jobs ORDER BY 1, 2;
	SELECT id, kind, state, recipients, subject, accepted, refused, attempts FROM vero.messages ORDER BY id};

# Stored events get jobs.
sub backfill
{
	my $backfill = q{SELECT sent_now, discarded, contacts FROM vero.backfill_campaign('foreseen', '2021-12-31'};
	call('look at a passive import', 'SELECT * FROM public.import_events_csv(' . content("email,event,time\n" . join '', map { "backfilled$_\@example.com,foreseen,2022-01-01 00:00Z\n" } 1 .. 3) . ')');
	$node->safe_psql('postgres', q{UPDATE vero.contacts SET properties = '{"plan": "pro"}' WHERE email ~ 'backfilled[12]'});
	is(join('', run_as_planter("$backfill)")), '2|1|2', "$way: the forecast of a backfill");
	is(join('', run_as_planter("$backfill, false)")), '3|0|', "$way: a backfill");
	is(join('', run_as_planter("$backfill, false)")), '0|0|', "$way: ... which registers each job once");
	return;
}

# All that was said and stored.
sub walk
{
	($way, $session) = @_;
	$node->safe_psql('postgres', 'TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY');
	@transcript = ();
	my $header = "email,event,time,paid\n";
	my $good = content(join '', $header, map { "person$_\@example.com,order,2022-01-01 0$_:00Z,x\n" } 1 .. 5);
	my $bad = content("${header}person1\@example.com,order,2022-01-03Z,true\nnobody,order,2022-01-01Z,x\n");
	my $import = 'SELECT state, rows_imported, rows_rejected FROM public.import_events_csv(allow_repeat => true, content =>';
	my $rejects = "$bad, trigger_campaigns => true, notify => '{ok\@example.com,gone\@example.com}'::pg_catalog.text[]";
	call('import', "$import $good)");
	call('import with jobs', "$import $good, trigger_campaigns => true)");
	call('import with rejects', "$import $rejects)");
	call('import without duplicates', "$import $good, on_duplicate => 'skip')");
	call('dry run with a profile', "$import $bad, dry_run => true, profile => 'planted')");
	call('a file that fails', "$import " . content('') . ')');
	call('COPY', "COPY vero.events FROM STDIN WITH (FORMAT vero_csv, trigger_campaigns true, allow_repeat);\n${header}copied\@example.com,order,2022-01-04 00:00Z,true\n\\.\n");
	call_in_vain('COPY that fails', "COPY vero.events FROM STDIN WITH (FORMAT vero_csv);\nno header\n\\.\n", qr/no email column/);
	call('rejects by COPY', 'COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import 3)');
	call('rejects', q{SELECT pg_catalog.encode(vero.rejected_csv(3), 'hex')});
	call('corrected rejects', "$import " . content("${header}corrected\@example.com,order,2022-01-01 00:00Z,x\n") . ', parent_import => 3)');
	call('rejects for somebody whose server finds them too large',
		"$import " . content("${header}corrected\@example.com,order,2022-01-01 00:00Z,x\n" . "nobody,order,2022-01-01Z,x\n" x 2000) . ", notify => '{small\@example.com}'::pg_catalog.text[])");
	call('track_event', q{SELECT vero.track_event('live@example.com', 'order', '{"paid": true}'::pg_catalog.jsonb)}) for 1 .. 2;
	call('track_event of a campaign that breaks', q{SELECT vero.track_event('live@example.com', 'broken', '{}'::pg_catalog.jsonb)});
	call('last_import_id', 'SELECT vero.last_import_id()');
	call('record_failed_imports', 'SELECT vero.record_failed_imports()');
	call('a role that is renamed', 'CREATE ROLE one; ALTER ROLE one RENAME TO other; DROP ROLE other');
	call('enable_delivery', 'SELECT vero.enable_delivery()');
	call('is_delivery_enabled', 'SELECT vero.is_delivery_enabled(), vero.why_delivery_is_off()');
	# a forecast, of somebody who waits for a mail already, and of somebody who is not there yet
	my $foreseen = sub { return content("email,event,time,paid\n" . join '', map { "$_\@example.com,foreseen,2022-01-01 00:00Z,x\n" } @_) };
	call('a job that waits', "$import @{[$foreseen->('person1')]}, trigger_campaigns => true)");
	$node->safe_psql('postgres', q{UPDATE vero.contacts SET properties = '{"plan": "pro"}' WHERE email = 'person1@example.com'});
	call('a dry run that triggers', "$import @{[$foreseen->('person1', 'person1', 'unforeseen')]}, trigger_campaigns => true, dry_run => true)");
	call('its forecast', 'SELECT campaign, sent_now, discarded_by_reason, failed, contacts, mails_per_contact, busiest FROM vero.import_forecast');
	call('a dry run without duplicates', "$import @{[$foreseen->('person2', 'person2')]}, trigger_campaigns => true, dry_run => true, on_duplicate => 'skip')");
	call('run_jobs', 'SELECT queued, discarded, failed FROM vero.run_jobs()') for 1 .. 2;
	call('send_mail', 'CALL vero.send_mail()');
	call('resend', q{SELECT vero.resend(id) FROM (SELECT pg_catalog.min(m.id) AS id FROM vero.messages AS m WHERE m.state OPERATOR(pg_catalog.=) 'failed') AS f});
	call_in_vain('resend of what is sent', 'SELECT vero.resend(1)', qr/message 1 is sent already/);
	# events that are corrected while their jobs wait, and mail that is withheld
	call("track_event of $_", qq{SELECT vero.track_event('$_\@example.com', 'order', '{"paid": true}'::pg_catalog.jsonb)}) for qw(late moved idle left);
	$node->safe_psql('postgres', q{UPDATE vero.events AS e SET occurred_at = occurred_at - interval '1 s' FROM vero.contacts AS c WHERE c.id = e.contact_id AND c.email = 'late@example.com';
		UPDATE vero.events AS e SET contact_id = n.id FROM vero.contacts AS c, vero.contacts AS n WHERE c.id = e.contact_id AND c.email = 'moved@example.com' AND n.email = 'person1@example.com'});
	call('run_jobs of corrected events', 'SELECT queued, discarded, failed FROM vero.run_jobs()');
	$node->safe_psql('postgres', q{UPDATE vero.contacts SET unsubscribed_at = now() WHERE email = 'left@example.com'; UPDATE vero.campaigns SET active = false WHERE name = 'mail'});
	call('send_mail that is withheld', 'CALL vero.send_mail()');
	$node->safe_psql('postgres', q{UPDATE vero.campaigns SET active = true WHERE name = 'mail'});
	call('send_mail that is released', 'CALL vero.send_mail()');
	$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION vero.stop_mail(text), vero.start_mail(text), vero.cancel_mail(text, bigint) TO planter');
	$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION vero.preview(text, bigint), vero.preview(text, text) TO planter');
	call('why', q{SELECT event_id, state, pg_catalog.length(why) OPERATOR(pg_catalog.>) 0 FROM vero.why('person1@example.com', 'mail')});
	call_in_vain('why of an unknown campaign', q{SELECT event_id FROM vero.why('person1@example.com', 'mails')}, qr/campaign "mails" does not exist/);
	call('preview', q{SELECT subject, body_text, empty_tags FROM vero.preview('mail', 1)});
	call('preview of the latest event', q{SELECT subject, body_text, empty_tags FROM vero.preview('mail', 'person1@example.com')});
	$node->safe_psql('postgres', 'REVOKE EXECUTE ON FUNCTION vero.preview(text, bigint), vero.preview(text, text) FROM planter');
	call('send_test', q{SELECT vero.send_test('mail', 1, 'colleague@example.com') OPERATOR(pg_catalog.>) 0, vero.send_test('mail', 'person1@example.com', 'colleague@example.com') OPERATOR(pg_catalog.>) 0});
	call('send_test of somebody who is deleted', q{SELECT vero.send_test('mail', vero.track_event('tested@example.com', 'visit'), 'colleague@example.com') OPERATOR(pg_catalog.>) 0});
	$node->safe_psql('postgres', q{DELETE FROM vero.events WHERE contact_id = (SELECT id FROM vero.contacts WHERE email = 'tested@example.com'); DELETE FROM vero.contacts WHERE email = 'tested@example.com'});
	call('mail that is stopped', q{SELECT vero.stop_mail('mail'), vero.stop_mail()});
	call('mail that is cancelled', q{SELECT vero.track_event('cancelled@example.com', 'order', '{"paid": true}'::pg_catalog.jsonb); SELECT jobs, messages FROM vero.cancel_mail('mail', 3)});
	call('mail that is started', q{SET client_min_messages = warning; SELECT vero.start_mail('mail'); SELECT vero.start_mail()});
	$node->safe_psql('postgres', 'REVOKE EXECUTE ON FUNCTION vero.stop_mail(text), vero.start_mail(text), vero.cancel_mail(text, bigint) FROM planter');
	call('rejects that are corrected', q{UPDATE vero.rejected_rows SET corrected_record = pg_catalog.replace(raw_record, 'nobody', 'somebody@example.com') WHERE import_id OPERATOR(pg_catalog.=) 3 AND raw_record OPERATOR(pg_catalog.~~) 'nobody%';
		SELECT state, rows_imported, rows_rejected FROM vero.retry_rejects(3)});
	call('an import that is undone', 'SELECT imports, events_removed, contacts_removed, jobs_cancelled, messages_cancelled, contacts_kept, messages_kept FROM vero.undo_import(3, cascade => true)');
	call('another one', "$import " . content("${header}undone\@example.com,order,2022-01-05 00:00Z,x\n") . ')');
	# more than a batch, which is known by its bytes before it is written
	my $large = q{SELECT state, rows_imported FROM public.import_events_csv(pg_catalog.convert_to(E'email,event,time\n' OPERATOR(pg_catalog.||) pg_catalog.repeat(E'large@example.com,x,2022-01-01\n', 11000), 'UTF8'))};
	call('a large file', $large);
	call('the same again', $large);
	call('its undoing', 'SELECT events_removed, contacts_removed FROM vero.undo_import((SELECT pg_catalog.max(i.id) FROM vero.imports AS i WHERE i.rows_imported OPERATOR(pg_catalog.=) 11000))');
	$node->safe_psql('postgres', q{GRANT DELETE ON vero.events TO planter;
		UPDATE vero.messages SET body_text = 'from live@example.com' WHERE id = (SELECT max(m.id) FROM vero.messages AS m
			WHERE m.kind = 'campaign' AND NOT m.recipients && '{somebody@example.com,live@example.com,tested@example.com}')});
	call('forget', "SELECT contacts, events, jobs, messages, rejected_records, confirmations FROM vero.forget('$_\@example.com')") for qw(somebody live tested);
	$node->safe_psql('postgres', 'REVOKE DELETE ON vero.events FROM planter');
	call('track_event of somebody who was forgotten', q{SELECT vero.track_event('live@example.com', 'order', '{"paid": true}'::pg_catalog.jsonb)});
	call('import that leaves him out', "$import " . content("${header}live\@example.com,order,2022-01-06 00:00Z,x\n") . ", on_suppressed => 'reject')");
	call('run_jobs of somebody who was forgotten', 'SELECT queued, discarded, failed FROM vero.run_jobs()');
	call("look at $_", "SELECT * FROM $_")
		for qw(vero.outbox vero.decisions vero.campaign_report vero.worker_status vero.health vero.import_counts vero.timeline vero.import_progress vero.imports vero.rejected_rows vero.import_forecast);
	call('a campaign', qq{INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text, body_html, from_address)
		VALUES ('$way', 'x', '1 day', '1 hour', '1 day', 'a {{ contact.email }}', 'b', '<p>{{ event.name }}</p>', 'shop\@example.com')});
	push @transcript, $node->safe_psql('postgres', $stored);
	call('remove_old_rejects', q{SELECT vero.remove_old_rejects(100000, '0')});
	call('remove_old', q{SELECT jobs, confirmations FROM vero.remove_old(1000, '0')});
	push @transcript, $node->safe_psql('postgres', $stored);
	backfill();
	return join("\n", @transcript) =~ s/ at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/ at <when>/gr;
}

my $plain = walk('plain', 'SET search_path = public');
is(walk('hostile, in bulk', $hostile), $plain, 'what is planted and set changes nothing');
# as where Citus distributes contacts and events, whose own catalog says so
$node->safe_psql('postgres', q{SET allow_system_table_mods = on; CREATE TABLE pg_catalog.pg_dist_partition AS SELECT c::regclass AS logicalrelid FROM unnest('{vero.contacts,vero.events}'::text[]) AS c});
is($node->safe_psql('postgres', 'SELECT vero.is_distributed()'), 't', 'events are taken for distributed');
is(walk('hostile, distributed', $hostile), $plain, '... where they are distributed, too');
$node->safe_psql('postgres', 'SET allow_system_table_mods = on; DROP TABLE pg_catalog.pg_dist_partition');
# through INSERT, where triggers of the owner's are, and without an index in which duplicates are looked up
$node->safe_psql('postgres', q{CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'});
$node->safe_psql('postgres', "CREATE TRIGGER own AFTER INSERT OR DELETE ON vero.$_ FOR EACH STATEMENT EXECUTE FUNCTION public.nothing()")
	for qw(events contacts rejected_rows trigger_jobs);
$node->safe_psql('postgres', q{CREATE FUNCTION public.same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
	CREATE TRIGGER same BEFORE DELETE ON vero.events_default FOR EACH ROW EXECUTE FUNCTION public.same()});
$node->safe_psql('postgres', 'ALTER TABLE vero.events_default DROP CONSTRAINT events_default_pkey');
is(walk('hostile, by INSERT', $hostile), $plain, '... where rows go through INSERT, too');
like((run_as_planter(q{SELECT vero.assign_imports('planter', 'planter'::pg_catalog.regrole)}, '-X'))[0], qr/^\d+$/, 'assign_imports, by a superuser');
# somebody who replicates, and so may set more
like((run_as_planter(q{SET session_replication_role = replica; INSERT INTO vero.imports (source, state, imported_by, started_at) VALUES ('x', 'completed', 'x', '2022-01-01') RETURNING state;
	INSERT INTO vero.messages (kind, state, recipients, subject, body_text, message_id_header, import_id, created_at)
		SELECT 'confirmation', 'stored', '{}', 'a', 'b', '<a@b>', pg_catalog.max(i.id), '2022-01-01' FROM vero.imports AS i}, '-X'))[0], qr/completed/, 'what is replicated');
is($node->safe_psql('postgres', 'SELECT vero.is_delivery_enabled()'), 'f', '... turns delivery off');
$node->safe_psql('postgres', 'SELECT vero.enable_delivery()');

# ---- the worker, whose sessions begin with the same search_path --------------------------------------------------------

$node->safe_psql('postgres', q{ALTER DATABASE postgres SET search_path = evil, pg_catalog, public; ALTER ROLE ALL SET search_path = evil, pg_catalog;
	ALTER DATABASE postgres SET timezone = 'Pacific/Kiritimati'; ALTER DATABASE postgres SET standard_conforming_strings = off});
$node->append_conf('postgresql.conf', "vero_events.max_workers = 4\nvero_events.keep_messages = '1min'\n");
$node->reload;
call('an event for the worker', q{SELECT vero.track_event('worker@example.com', 'order', '{"paid": true}'::pg_catalog.jsonb)});
$ENV{PGOPTIONS} = '-c search_path=pg_catalog';
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM vero.messages WHERE recipients = '{worker\@example.com}' AND state = 'sent'") or die 'the worker does not send';
is($node->safe_psql('postgres', "SELECT last_error FROM vero.worker_status WHERE database = 'postgres'"), '', 'the worker has no error to tell');

# ---- the worker is what the tables' owner is, and no more -----------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE ROLE marketing LOGIN; CREATE DATABASE owned; GRANT CREATE ON DATABASE owned TO marketing');
# In one transaction: the worker, which comes at its commit, takes the same tables in an order of its own.
$node->safe_psql('owned', q{BEGIN; CREATE EXTENSION vero_events; GRANT INSERT ON vero.events TO planter;
	DO $$ DECLARE t regclass; BEGIN
		FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'vero'::regnamespace AND relkind IN ('r', 'p') ORDER BY oid LOOP EXECUTE format('ALTER TABLE %s OWNER TO marketing', t); END LOOP;
	END $$;
	COMMIT});
$node->safe_psql('owned', q{CREATE SCHEMA own;
	CREATE TABLE own.log (what text, as_whom name);
	CREATE FUNCTION own.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO own.log VALUES (TG_NAME, current_user); RETURN NULL; END $$;
	CREATE TRIGGER at_once AFTER INSERT OR UPDATE ON vero.messages FOR EACH ROW EXECUTE FUNCTION own.note()}, extra_params => [ '-U', 'marketing' ]);
my $confirmed = q{SELECT state FROM import_events_csv(allow_repeat => true, content => convert_to(E'email,event,time\na@example.com,x,2022-01-01\n', 'UTF8'))};
{
	local $ENV{PGOPTIONS} = '-c search_path=pg_catalog,public';
	is($node->safe_psql('owned', $confirmed, extra_params => [ '-U', 'planter' ]), 'completed', 'an import where the tables belong to an ordinary role');
}
$node->poll_query_until('owned', q{SELECT state = 'sent' FROM vero.messages}) or die 'the worker does not send';
is($node->safe_psql('owned', q{SELECT string_agg(DISTINCT what || ' as ' || as_whom, ', ') FROM own.log}), 'at_once as marketing', 'the worker runs its triggers as that role');
# What is deferred would be done at the commit, by the worker.
$node->safe_psql('owned', q{TRUNCATE own.log; DROP TRIGGER at_once ON vero.messages;
	CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON vero.messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION own.note();
	UPDATE vero.messages SET attempts = attempts}, extra_params => [ '-U', 'marketing' ]);
is($node->safe_psql('owned', 'SELECT what, as_whom FROM own.log'), 'late|marketing', 'its own statements run it');
$node->safe_psql('owned', q{INSERT INTO vero.imports (source, state, imported_by, started_at) VALUES ('by hand', 'completed', 'marketing', now());
	INSERT INTO vero.messages (kind, state, recipients, subject, body_text, message_id_header, import_id, next_attempt_at, created_at)
		SELECT 'confirmation', 'queued', '{late@example.com}', 'a', 'b', '<late@example.com>', max(id), now(), now() FROM vero.imports}, extra_params => [ '-U', 'marketing' ]);
$node->poll_query_until('owned', q{SELECT last_error LIKE '%deferred trigger%' FROM vero.worker_status WHERE database = 'owned'}) or die 'the worker does not refuse it';
is($node->safe_psql('owned', q{SELECT count(*) FILTER (WHERE as_whom <> 'marketing') FROM own.log}), '0', 'and the worker refuses it');
$node->safe_psql('owned', 'DROP TRIGGER late ON vero.messages', extra_params => [ '-U', 'marketing' ]);
$node->poll_query_until('owned', q{SELECT bool_and(state = 'sent') FROM vero.messages}) or die 'the worker does not go on';

# A job that ends the worker's transaction again and again is counted, by a statement that nothing else executes.
$node->safe_psql('owned', q{CREATE FUNCTION own.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not decided'; END $$;
	CREATE TRIGGER refuse BEFORE UPDATE OF message_id ON vero.trigger_jobs FOR EACH ROW EXECUTE FUNCTION own.refuse();
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('mail', 'order', '0', 'a', 'b');
	SELECT vero.track_event('a@example.com', 'order')}, extra_params => [ '-U', 'marketing' ]);
$node->poll_query_until('owned', q{SELECT attempts > 0 FROM vero.trigger_jobs}) or die 'it is not counted';

# ---- what came of it ---------------------------------------------------------------------------------------------------

my @caught = grep { /planted: / } split /\n/, slurp_file($node->logfile, $log_before);
is(join("\n", @caught), '', 'nothing that is planted was run');
my %executed = map { skeleton($_) => 1 } split /\x01/, $node->safe_psql('postgres', 'SELECT string_agg(query, chr(1)) FROM public.pg_stat_statements');
is(join("\n", grep { !$executed{ $statements{$_} } } sort keys %statements), '', 'every statement in the sources was executed');

done_testing();
