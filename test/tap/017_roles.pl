# The roles of docs/operations.md may do what its table says, and nothing else: each call is made by each of them, on imports of their own and on others'.
use strict;
use warnings;

use FindBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $page = slurp_file("$FindBin::Bin/../../docs/operations.md");
my ($section) = $page =~ /^## Roles\n(.*?)^## /ms or die 'the page has no section on roles';
my @recipe = $section =~ /^```sql\n(CREATE ROLE .*?)^```/msg;
my ($header, $table) = $section =~ /^\| call \|(.*)\|\n\|[-|]*\|\n((?:\|.*\n)*)/m or die 'the page has no table of calls';
my @roles = map { s/^\s+|\s+$//gr } split /\|/, $header;
my %documented; # of a call: what each role may
my @calls;
for (split /\n/, $table)
{
	my ($call, @may) = map { s/^\s+|\s+$//gr } split /\|/, s/^\|//r;
	push @calls, $call;
	@{ $documented{$call} }{@roles} = @may;
}

my $node = PostgreSQL::Test::Cluster->new('roles');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n"
		. "vero_events.smtp_url = 'smtp://127.0.0.1:1'\nvero_events.mail_from = 'shop\@example.com'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
$node->safe_psql('postgres', $_) for @recipe;

# A file of its own for each import, with a reject that is corrected; somebody else's come last.
my $number = 0;
my $content = sub { $number++; return "convert_to(E'email,name,time\\nperson$number\@example.com,order,2022-01-01\\nbad$number,order,2022-01-01\\n', 'UTF8')" };
sub import_as
{
	my ($role) = @_;
	return $node->safe_psql('postgres', "GRANT INSERT ON vero.events TO somebody; SET ROLE somebody; SELECT import_id FROM import_events_csv(@{[$content->()]}); RESET ROLE;"
			. " SELECT vero.assign_imports('somebody', '$role') \\g /dev/null\n"
			. qq{UPDATE vero.imports SET forecast = '[{"campaign": "c", "sent_now": 1, "sent_later": 0, "discarded": {}, "failed": 0, "contacts": 1, "busiest": []}]' WHERE forecast IS NULL;\n}
			. "UPDATE vero.rejected_rows SET corrected_record = 'good$number\@example.com,order,2022-01-01' WHERE import_id = (SELECT max(id) FROM vero.imports)");
}
$node->safe_psql('postgres', 'CREATE ROLE somebody; CREATE ROLE somebody_else');
my $file = $node->data_dir . '/example.csv';
append_to_file($file, "email,name,time\nfile\@example.com,order,2022-01-01\n");
$node->safe_psql('postgres', q{INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('c', 'order', '1 day', 's', 't')});
my $others = import_as('somebody_else');
my $message = $node->safe_psql('postgres', q{UPDATE vero.messages SET recipients = '{ops@example.com}' RETURNING id});

# What is called: statements that all succeed for who may call, and all fail for who may not. IMPORT stands for an import, which a call that
# names none does not depend on; "f" is what a statement says that found nothing to do.
my %statements = (
	'`import_events_csv()` of bytes, `COPY vero.events FROM STDIN`' => [ 'SELECT import_id > 0 FROM import_events_csv(CONTENT)', "COPY vero.events FROM STDIN WITH (FORMAT vero_csv)\nROWS" ],
	'`import_events_csv()` and `vero.import_files()` of the server\'s files, programs' => [
		"SELECT import_id > 0 FROM import_events_csv('$file')", "SELECT import_id > 0 FROM import_events_csv('{$file}'::text[])", "CALL vero.import_files('$file')",
		"CALL vero.import_files('{$file}'::text[])", "SELECT count(*) > 0 FROM vero.inspect_csv('$file')", "COPY vero.events FROM PROGRAM 'cat $file' WITH (FORMAT vero_csv)" ],
	'`vero.inspect_csv()`, `vero.inspect_csv_file()` of bytes' => [ 'SELECT count(*) > 0 FROM vero.inspect_csv(CONTENT)', 'SELECT records > 0 FROM vero.inspect_csv_file(CONTENT)' ],
	'`trigger_campaigns`, `vero.track_event()`, `vero.backfill_campaign()`' => [ 'SELECT import_id > 0 FROM import_events_csv(CONTENT, trigger_campaigns => true)', q{SELECT vero.track_event('a@example.com', 'order') > 0},
		q{SELECT discarded >= 0 FROM vero.backfill_campaign('c', '-infinity')}, q{SELECT discarded > 0 FROM vero.backfill_campaign('c', '-infinity', false)} ],
	'`vero.imports`, `vero.import_forecast`, `vero.rejected_rows`, `vero.rejected_csv()`, `COPY vero.rejected_rows TO`' => [
		'SELECT count(*) > 0 FROM vero.imports WHERE id = IMPORT', 'SELECT count(*) > 0 FROM vero.import_forecast WHERE import_id = IMPORT', 'SELECT count(*) > 0 FROM vero.rejected_rows WHERE import_id = IMPORT', 'SELECT length(vero.rejected_csv(IMPORT)) > 0',
		'COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import IMPORT)' ],
	'to correct `vero.rejected_rows`, `vero.retry_rejects()`' => [ 'SELECT rows_imported > 0 FROM vero.retry_rejects(IMPORT)' ],
	'`vero.undo_import()`' => [ 'SELECT events_removed > 0 FROM vero.undo_import(IMPORT)' ],
	'`vero.forget()`' => [ q{SELECT contacts >= 0 FROM vero.forget('nobody@example.com')} ],
	'`vero.timeline`, `vero.contacts`, `vero.events`' => [ 'SELECT count(*) > 0 FROM vero.timeline', 'SELECT count(*) > 0 FROM vero.contacts', 'SELECT count(id) > 0 FROM vero.events JOIN vero.contacts USING (id)' ],
	'to write `vero.campaigns`, `vero.import_profiles`; `vero.campaign_report`, `vero.decisions`, `vero.why()`, `vero.preview()`' => [ q{INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('d', 'order', '1 day', 's', 't')},
		'UPDATE vero.campaigns SET active = false', q{INSERT INTO vero.import_profiles VALUES ('p', '{}')}, q{DELETE FROM vero.import_profiles}, 'SELECT count(*) > 0 FROM vero.campaign_report', 'SELECT count(*) >= 0 FROM vero.decisions',
		q{SELECT count(*) >= 0 FROM vero.why('a@example.com', 'c')}, q{SELECT subject = 's' FROM vero.preview('c', (SELECT vero.track_event('p@example.com', 'order')))} ],
	'`vero.send_test()`' => [ q{SELECT vero.send_test('c', (SELECT vero.track_event('t@example.com', 'order')), 'a@example.com') > 0},
		q{SELECT vero.send_test('c', 'person1@example.com', 'a@example.com') > 0} ],
	'`vero.outbox`, `vero.send_mail()`, `vero.resend()`, `vero.remove_old()`, `vero.remove_old_rejects()`' => [
		'SELECT count(*) > 0 FROM vero.outbox', 'CALL vero.send_mail()', "SELECT vero.resend($message)", q{SELECT jobs >= 0 FROM vero.remove_old(1, '1 day')}, q{SELECT vero.remove_old_rejects(1, '1 day') >= 0} ],
	'`vero.stop_mail()`, `vero.start_mail()`, `vero.cancel_mail()`' => [ q{SELECT vero.stop_mail('c')}, 'SELECT vero.start_mail()', q{SELECT jobs >= 0 FROM vero.cancel_mail('c')} ],
	'`vero.run_jobs()`, `vero.record_failed_imports()`' => [ 'SELECT queued >= 0 FROM vero.run_jobs()', 'SELECT vero.record_failed_imports() >= 0' ],
	'`vero.create_partitions()`, `vero.drop_partitions()`, `vero.adopt_partition()`, and `vero.lock_events()`, `vero.complete_partition()`, `vero.make_distributed_partitions()` in them' => [
		q{SELECT count(*) > 0 FROM vero.create_partitions('2031-01-01', '2031-02-01')}, q{SELECT count(*) >= 0 FROM vero.drop_partitions('1900-01-01')}, q{SELECT vero.adopt_partition('vero.events_default') IS NOT NULL},
		q{SELECT vero.lock_events('ACCESS SHARE', 'ACCESS SHARE')}, q{SELECT vero.complete_partition('vero.events_default')}, q{SELECT vero.make_distributed_partitions('{}', '{}', '2022-01-01', '2022-02-01')} ],
	'`vero.distribute_events()`, `vero.undistribute_events()`, and `vero.replace_key_triggers()` in them; `vero.put_events()`' => [
		'SELECT vero.distribute_events()', 'SELECT vero.undistribute_events()', q{SELECT vero.replace_key_triggers('vero.events_default')}, q{SELECT vero.put_events(1, '')} ],
	'`vero.enable_delivery()`, `vero.assign_imports()`' => [ 'SELECT vero.enable_delivery()', q{SELECT vero.assign_imports('x', 'somebody') >= 0} ],
	'`vero.health`, `vero.import_counts`, `vero.worker_status`, `vero.workers()`, `vero.damaged_journals()`' => [ 'SELECT count(*) > 0 FROM vero.health', 'SELECT count(*) > 0 FROM vero.import_counts',
		'SELECT count(*) >= 0 FROM vero.worker_status', 'SELECT count(*) >= 0 FROM vero.workers()', 'SELECT vero.damaged_journals() >= 0' ],
	'to set `vero_events.keep_messages`, `vero_events.keep_rejects`, `vero_events.notify_email` and the server\'s other settings' => [
		q{ALTER SYSTEM SET vero_events.keep_messages = '1 day'}, q{ALTER SYSTEM SET vero_events.keep_rejects = '1 day'}, q{SET vero_events.notify_email = 'a@example.com'}, q{ALTER SYSTEM SET vero_events.smtp_url = ''} ],
	'`vero.partitions`, `vero.is_distributed()`, `vero.import_progress`, `vero.last_import_id()`, `vero.is_delivery_enabled()`, `vero.why_delivery_is_off()`; what says how addresses, names, templates and options are read' => [
		'SELECT count(*) > 0 FROM vero.partitions', 'SELECT vero.is_distributed() IS NOT NULL', 'SELECT count(*) >= 0 FROM vero.import_progress', 'SELECT vero.last_import_id() IS NULL', 'SELECT vero.is_delivery_enabled()', 'SELECT vero.why_delivery_is_off() IS NULL',
		q{SELECT vero.normal_email('A@example.com') = 'a@example.com'}, q{SELECT vero.is_email('a@example.com')}, q{SELECT vero.is_normal_email('a@example.com')}, q{SELECT vero.folded_name('A b') > ''},
		q{SELECT vero.is_template('text', 'a')}, q{SELECT vero.is_mailbox('a@example.com')}, q{SELECT vero.is_condition('$.event')}, q{SELECT vero.is_campaign('a', 'b', '1 day', '0', NULL, 's', 't', NULL)}, q{SELECT vero.are_import_options('{}')}, q{SELECT vero.is_own_import('x', 1, 1) IS NOT NULL} ],
);

# May the role do that? A CALL stands alone, the rest is rolled back.
sub succeeds
{
	my ($role, $statement, $import) = @_;
	$statement =~ s/IMPORT/$import/;
	$statement =~ s/CONTENT/$content->()/e;
	my $rows = $statement =~ s/\nROWS// ? "email,name,time\na\@example.com,order,2022-01-01\n\\.\n" : '';
	my $alone = $statement =~ /^(?:CALL|ALTER SYSTEM)/;
	my ($result, $out, $err) = $node->psql('postgres', join "\n", $alone ? () : 'BEGIN;', "SET ROLE $role;", "$statement;", $rows . ($alone ? '' : 'ROLLBACK;'));
	return $out !~ /^f$/m if $result == 0;
	die "$role: $statement: $err" unless $err =~ /permission denied|must be superuser|must have privileges|must be owner|import \d+ does not exist|there is no import|is not yours|only the role/;
	return 0;
}

# What all of a call's statements come to; told where they differ.
sub may
{
	my ($call, $role, $import) = @_;
	my %found;
	$found{ succeeds($role, $_, $import) ? 'yes' : '' } .= "\n$_" for @{ $statements{$call} };
	diag(join "\n", "$call, $role: not the same:", %found) if keys %found > 1;
	return keys %found > 1 ? 'some' : (keys %found)[0];
}

is(join("\n", sort @calls), join("\n", sort keys %statements), 'each row of the table is tested');
for my $call (@calls)
{
	next unless $statements{$call};
	my $names_import = grep { /\bIMPORT\b/ } @{ $statements{$call} };
	for my $role (@roles)
	{
		my $of_others = may($call, $role, $others);
		my $found = !$names_import ? $of_others : $of_others ? 'all' : may($call, $role, import_as($role)) ? 'own' : '';
		is($found, $documented{$call}{$role}, "$call: $role");
	}
}

# no function is forgotten
my $called = join "\n", @calls, map { @$_ } values %statements;
my $functions = $node->safe_psql('postgres', q{SELECT DISTINCT p.proname FROM pg_depend AS d JOIN pg_proc AS p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
	WHERE d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'vero_events') AND p.prorettype <> 'trigger'::regtype});
is(join(' ', grep { $called !~ /\b$_\(/ } split /\n/, $functions), '', 'each function is in a row');

# Without preloading too, nobody is rid of what the server's file says by setting it before the library is there.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\nvero_events.max_jobs_per_import = 0\n");
$node->restart;
$node->safe_psql('postgres', q{CREATE ROLE shop LOGIN; GRANT INSERT ON vero.events, vero.trigger_jobs TO shop;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, transactional) VALUES ('limited', 'limited', '300 days', 's', 'b', true)});
my $import = q{SELECT state, jobs_scheduled FROM import_events_csv(convert_to('email,event,time' || chr(10) || 'a@b.example,limited,' || current_date - 1, 'UTF8'), trigger_campaigns => true)};
for my $case ([ 'by the connection', '-c vero_events.max_jobs_per_import=9', '' ], [ 'by a statement', '', 'SET vero_events.max_jobs_per_import = 9;' ])
{
	my ($how, $options, $statement) = @$case;
	local $ENV{PGOPTIONS} = $options;
	my ($status, $out, $told) = $node->psql('postgres', "$statement $import", extra_params => [ '-U', 'shop' ]);
	isnt($status, 0, "set $how: no import");
	like($told, qr/ERROR:  permission denied to set parameter "vero_events\.max_jobs_per_import"/, "set $how: it is said why");
}
is($node->safe_psql('postgres', $import, extra_params => [ '-U', 'shop' ]), 'failed|0', 'not set: the limit holds');
{
	local $ENV{PGOPTIONS} = '-c vero_events.max_jobs_per_import=9';
	is($node->safe_psql('postgres', $import =~ s/a\@b/c\@b/r), 'completed|1', 'a superuser may set it');
}

$node->stop;
done_testing();
