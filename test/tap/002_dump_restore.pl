# Dump and restore bring all user data back, in whichever format; DROP EXTENSION leaves nothing.
use strict;
use warnings;

use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('dump_restore');
$node->init;
$node->start;
my $directory = tempdir(CLEANUP => 1);
my $header = "email,event_name,time,item\n";

sub import_content
{
	my ($database, $content, $options) = @_;
	my $hex = unpack('H*', $content);
	return $node->safe_psql($database, 'SELECT import_id, state, rows_imported, rows_rejected, contacts_created'
			. " FROM import_events_csv(content => '\\x$hex'" . ($options // '') . ')');
}

# Every column of every row; a table's own order does not matter. (vero.delivery tells copies from originals: 025_copies.pl.)
sub contents
{
	my ($database) = @_;
	my %contents;
	for my $table (split /\n/, $node->safe_psql($database, q{SELECT c.oid::regclass FROM pg_class AS c WHERE relnamespace = 'vero'::regnamespace AND relkind = 'r' AND relname <> 'delivery' ORDER BY 1}))
	{
		$contents{$table} = $node->safe_psql($database, "SELECT t::text FROM $table AS t ORDER BY 1");
	}
	return \%contents;
}

# the cluster's first objects of its own: where the same is done in another cluster, OID and name are the same
my $create_importer = q{CREATE ROLE importer; GRANT pg_write_all_data TO importer; SELECT oid FROM pg_roles WHERE rolname = 'importer'};
my $importer = $node->safe_psql('postgres', $create_importer);

$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', 'CREATE EXTENSION vero_events');
is(import_content('source', $header . "a\@example.com,Buys,2022-01-01 10:00+10,hat\nb\@example.com,Buys,infinity,\n"),
	'1|completed_with_rejects|1|1|1', 'an import with a reject');
is( import_content('source', "Kunde;Wann;\"st\x{fc}ck \"\"s\"\"\"\r\n c\@example.com ; 0001-01-01 ;\"a;\r\nb\\N\\\"\r\nd\@example.com;2022-01-01;\"x\" y\r\n",
		q{, columns => '{"email": "Kunde", "time": "Wann"}', event_name => 'Kauft ä', encoding => 'latin1', notify => '{x@example.com}'}),
	'2|completed_with_rejects|1|1|1', 'one with quotes and line breaks in header, values and reject');
is(import_content('source', $header . "\xff\@example.com,Buys,2022-01-01,1\n\0,Buys,2022-01-01,2\na\@example.com,Buys,2022-01-01,3\n"),
	'3|completed_with_rejects|1|2|0', 'one with rejects that are no text');
is(import_content('source', 'no such header'), '4|failed|0|0|0', 'one that fails');
is(import_content('source', $header . join('', map { "person$_\@example.com,Buys,2022-01-01 00:00:00.123456,$_\n" } 1 .. 20_000)),
	'5|completed|20000|0|20000', 'a large one');
$node->safe_psql('source', q{INSERT INTO vero.contacts (email, properties, unsubscribed_at) VALUES ('by@hand.example', '{"a": null}', now());
	INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (currval('vero.contacts_id_seq'), 'By hand', '-infinity')});
$node->safe_psql('source', q{SELECT vero.forget('gone@example.com')});
$node->safe_psql('source', q{INSERT INTO vero.import_profiles VALUES ('nightly', '{"event_name": "Orders", "reject_limit": "5%"}', 'the shop''s')});
$node->safe_psql('source', q{INSERT INTO vero.campaigns (name, event_name, delay, grace, condition, cooldown, subject, body_text, body_html, from_address, transactional)
	VALUES (E'Thanks, "all"\t\\\\', 'Kauft ä', '0', '36500 days', '$.event.item == "hat"', '3 days 00:00:00.000001', '{{ event.item | default: "?" }}',
		E'Hi {{ contact.email }}\n', '<p>{{ event.name }}</p>', 'Shop <shop@example.com>', true), ('Later', 'kauft Ä', '365 days', '0', NULL, NULL, 's', 't', NULL, NULL, false);
	UPDATE vero.campaigns SET active = false WHERE name = 'Later'; SELECT vero.stop_mail('Later')});
is($node->safe_psql('source', q{SELECT jobs_scheduled, jobs_discarded FROM import_events_csv(trigger_campaigns => true, content => convert_to(
	E'email,name,time,item\na@example.com,Kauft ä,2022-01-01,hat\nb@example.com,Kauft ä,2022-01-02,tie\nc@example.com,Kauft ä,2022-01-03,hat\n', 'UTF8'))}), '3|0',
	'one that triggers a campaign');
is($node->safe_psql('source', 'SELECT * FROM vero.run_jobs(2)'), '1|1|0', 'two of its jobs are decided');
$node->safe_psql('source', q{SELECT import_id FROM import_events_csv(dry_run => true, trigger_campaigns => true, content => convert_to(
	E'email,name,time,item\nnew@example.com,Kauft ä,2022-01-01,hat\n', 'UTF8'))});
is($node->safe_psql('source', 'SELECT sent_now FROM vero.import_forecast'), '1', 'a forecast');
my $make_partitions = q{SELECT partition, events_moved FROM vero.create_partitions('2022-01-01', '2022-03-01');
	CREATE TABLE "By hand" PARTITION OF vero.events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')};
is( $node->safe_psql('source', $make_partitions),
	"vero.events_2022_01_01|20005\nvero.events_2022_02_01|0", 'partitions');
my $expected = contents('source');
my @tables = sort keys %$expected;
is(join(' ', grep { !$expected->{$_} } @tables), 'vero.events_2022_02_01', 'all other tables have rows');
my $foreign_keys = q{SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
	WHERE contype = 'f' AND connamespace = 'vero'::regnamespace ORDER BY 1, 2};
my $expected_foreign_keys = $node->safe_psql('source', $foreign_keys);
like($expected_foreign_keys, qr/^vero.events_default\|events_contact\|FOREIGN KEY/m, 'and foreign keys');

# Sequences go on: new rows collide with none, and new ids are greater than all old ones.
sub check_restored
{
	my ($database, $what) = @_;
	my $restored = contents($database);
	for my $table (@tables)
	{
		ok($restored->{$table} eq $expected->{$table}, "$what: $table is the same")
			or diag(substr($restored->{$table} // 'missing', 0, 500));
	}
	my $top = $node->safe_psql($database, 'SELECT max(id) FROM vero.events');
	like( import_content($database, $header . "new\@example.com,Buys,2022-01-02,1\nA\@Example.com,Buys,2022-01-02,2\nnobody,,,\n"),
		qr/^(?:[7-9]|\d\d+)\|completed_with_rejects\|2\|1\|1$/, "$what: an import goes on where the old ones ended");
	is( $node->safe_psql($database, "SELECT count(*), count(*) FILTER (WHERE id > $top) FROM vero.events WHERE import_id = (SELECT max(id) FROM vero.imports)"),
		'2|2', "$what: so do the events");
	is($node->safe_psql($database, q{SELECT count(*) FROM vero.timeline WHERE email = 'a@example.com'}), '4', "$what: with the old contacts");
	is($node->safe_psql($database, q{SELECT count(*) FROM pg_constraint WHERE connamespace = 'vero'::regnamespace AND NOT convalidated AND contype <> 'f'}),
		'0', "$what: all constraints but foreign keys are valid");
	is($node->safe_psql($database, $foreign_keys), $expected_foreign_keys, "$what: the foreign keys are there");
	my ($result, $out, $err) = $node->psql($database, 'SELECT vero.run_jobs()');
	like($err, qr/ERROR:  delivery is not enabled in this database/, "$what: it decides no job of the original's");
	is($node->safe_psql($database, 'SELECT vero.is_delivery_enabled(); SELECT vero.enable_delivery(); SELECT vero.is_delivery_enabled(); SELECT * FROM vero.run_jobs()'),
		"f\n\nt\n1|0|0", "$what: told to, it decides the one that waits");
	is($node->safe_psql($database, 'SELECT count(*), count(DISTINCT id), count(DISTINCT event_id) FROM vero.messages WHERE event_id IS NOT NULL'), '2|2|2', "$what: each has one message");
	is($node->safe_psql($database, q{INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('New', 'x', '0', 's', 't') RETURNING id}), '3',
		"$what: campaigns go on as well");
}

# ---- as SQL ----------------------------------------------------------------------------------------------------------

$node->command_ok([ 'pg_dump', '--no-sync', '-f', "$directory/dump.sql", 'source' ], 'pg_dump as SQL');
$node->safe_psql('postgres', 'CREATE DATABASE plain');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'plain', '-f', "$directory/dump.sql" ], 'psql restores it');
check_restored('plain', 'SQL');

# ---- as an archive ---------------------------------------------------------------------------------------------------

$node->command_checks_all([ 'pg_dump', '--no-sync', '-Fc', '-f', "$directory/dump.custom", 'source' ], 0, [qr/^$/], [qr/^$/], 'pg_dump as an archive, without a warning');
$node->safe_psql('postgres', 'CREATE DATABASE archive');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'archive', "$directory/dump.custom" ], 'pg_restore restores it');
check_restored('archive', 'archive');

for my $format (qw(custom directory))
{
	my $name = "$format\_jobs";
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->command_ok([ 'pg_dump', '--no-sync', '-Fd', '-j', '2', '-f', "$directory/dump.directory", 'source' ], 'pg_dump with two jobs') if $format eq 'directory';
	$node->command_checks_all([ 'pg_restore', '--exit-on-error', '-j', '4', '-d', $name, "$directory/dump.$format" ], 0, [qr/^$/], [qr/^$/], "$format: pg_restore with four jobs");
	check_restored($name, "$format, four jobs");
}
$node->safe_psql('postgres', 'CREATE DATABASE directory');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', '4', "--section=$_", '-d', 'directory', "$directory/dump.directory" ], "pg_restore restores its $_")
	for 'pre-data', 'data', 'post-data';
check_restored('directory', 'directory');

# ---- partitions that are larger than the contacts ----------------------------------------------------------------------

# pg_restore begins with what is largest, and checks a partition's foreign key as soon as that has been loaded.
$node->safe_psql('postgres', 'CREATE DATABASE large_partitions');
$node->safe_psql('large_partitions', q{CREATE EXTENSION vero_events;
	SELECT import_events_csv(convert_to('email,name,time' || string_agg(format(E'\\nperson%s@example.com,n,%s', n % 500, timestamp '2022-01-01' + n * interval '1 minute'), ''), 'UTF8')) FROM generate_series(1, 40000) AS n;
	SELECT vero.create_partitions('2022-01-01', '2022-02-01', '1 day')});
$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-f', "$directory/dump.large_partitions", 'large_partitions' ], 'pg_dump of partitions that are larger than the contacts');
$node->safe_psql('postgres', 'CREATE DATABASE small_contacts');
$node->command_checks_all([ 'pg_restore', '--exit-on-error', '-j', '4', '-d', 'small_contacts', "$directory/dump.large_partitions" ], 0, [qr/^$/], [qr/^$/], 'pg_restore restores them with four jobs');
is($node->safe_psql('small_contacts', 'SELECT count(*) FROM vero.timeline; SELECT count(*) FROM vero.partitions WHERE missing = $${}$$'), "40000\n32", 'all is there');
$node->command_fails_like([ 'psql', '-XAt', '-d', 'small_contacts', '-c', $_ ], qr/violates foreign key constraint "events_contact"/, "keys hold: $_")
	for 'DELETE FROM vero.contacts', q{INSERT INTO vero.events (contact_id, name, occurred_at) VALUES (-1, 'n', '2022-01-05')};

# ---- in another cluster ----------------------------------------------------------------------------------------------

my $seen = q{SET ROLE importer; SELECT (SELECT count(*) FROM vero.imports), (SELECT count(*) FROM vero.rejected_rows)};
$node->safe_psql('postgres', 'CREATE DATABASE theirs');
$node->safe_psql('theirs', q{CREATE EXTENSION vero_events; SET ROLE importer;
	SELECT import_events_csv(content => convert_to(E'email,name,time\nsecret,x,2022-01-01\n', 'UTF8'))});
$node->command_ok([ 'pg_dump', '--no-sync', '-f', "$directory/theirs.sql", 'theirs' ], "pg_dump of a role's imports");
$node->safe_psql('postgres', 'CREATE DATABASE same_cluster');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'same_cluster', '-f', "$directory/theirs.sql" ], 'restored beside the original');
$node->safe_psql('postgres', 'CREATE DATABASE template_copy TEMPLATE theirs');
is($node->safe_psql($_, $seen), '1|1', "$_: who is the same role sees them") for qw(theirs same_cluster template_copy);

my $other = PostgreSQL::Test::Cluster->new('other');
$other->init;
$other->start;
is($other->safe_psql('postgres', $create_importer), $importer, 'a role of the same OID and name, in another cluster');
for my $database (qw(with_role without_role))
{
	$other->safe_psql('postgres', "DROP ROLE importer") if $database eq 'without_role';
	$other->safe_psql('postgres', "CREATE DATABASE $database");
	$other->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-f', "$directory/theirs.sql" ], "$database: psql restores it");
	is($other->safe_psql($database, $seen), '0|0', "$database: the role sees nothing") if $database eq 'with_role';
	is($other->safe_psql($database, 'SELECT imported_by FROM vero.imports'), 'importer', "$database: the owner sees all");
}
$other->safe_psql('without_role', $create_importer);
is($other->safe_psql('without_role', $seen), '0|0', 'a later role sees nothing');
is($other->safe_psql('without_role', "SELECT vero.assign_imports('importer', 'importer'); $seen"), "1\n1|1", 'until the owner says that it is the same');
is($other->safe_psql('with_role', $seen), '0|0', '... here, and not there');
$other->stop;
$node->safe_psql('postgres', 'DROP ROLE importer');

# ---- the data alone --------------------------------------------------------------------------------------------------

$node->command_ok([ 'pg_dump', '--no-sync', '--data-only', '-f', "$directory/data.sql", 'source' ], 'pg_dump --data-only');
$node->safe_psql('postgres', 'CREATE DATABASE data_only');
$node->safe_psql('data_only', "CREATE EXTENSION vero_events; $make_partitions");
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'data_only', '-f', "$directory/data.sql" ], 'psql restores it');
check_restored('data_only', 'data only');

# ---- dropped, and created elsewhere -------------------------------------------------------------------------------------

# What a database holds: everything that the catalogs know by name, and every dependency on it.
my $objects = q{SELECT string_agg(classid::regclass || ' ' || identity, E'\n' ORDER BY 1)
	FROM (SELECT classid, (pg_identify_object(classid, objid, 0)).identity FROM (
			SELECT 'pg_class'::regclass AS classid, oid AS objid FROM pg_class UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc
			UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type UNION ALL SELECT 'pg_namespace'::regclass, oid FROM pg_namespace
			UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint UNION ALL SELECT 'pg_policy'::regclass, oid FROM pg_policy
			UNION ALL SELECT 'pg_extension'::regclass, oid FROM pg_extension UNION ALL SELECT 'pg_trigger'::regclass, oid FROM pg_trigger
			UNION ALL SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger) AS o) AS named};
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
my $fresh = $node->safe_psql('fresh', $objects);
my ($result, $out, $err) = $node->psql('plain', 'DROP EXTENSION vero_events');
is($result, 0, 'DROP EXTENSION needs no CASCADE') or diag($err);
is($node->safe_psql('plain', $objects), $fresh, 'DROP EXTENSION leaves nothing, no schema vero');
is($node->safe_psql('plain', q{CREATE EXTENSION vero_events; SELECT count(*) FROM vero.events}), '0', 'created again, it is empty');

$node->safe_psql('fresh', 'CREATE SCHEMA apps; CREATE EXTENSION vero_events SCHEMA apps');
is( $node->safe_psql('fresh', q{SELECT count(*), bool_and(pronamespace = 'apps'::regnamespace) FROM pg_proc WHERE proname = 'import_events_csv'}),
	'3|t', 'CREATE EXTENSION SCHEMA puts the functions there');
is( $node->safe_psql('fresh', q{SET search_path = ''; SELECT rows_imported, rows_rejected, contacts_created FROM apps.import_events_csv(content => 'email,name,time
a@example.com,x,2022-01-01
nobody,x,2022-01-01
')}),
	'1|1|1', 'where they work');
$node->command_ok([ 'pg_dump', '--no-sync', '-f', "$directory/apps.sql", 'fresh' ], 'pg_dump of it');
$node->safe_psql('postgres', 'CREATE DATABASE apps');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'apps', '-f', "$directory/apps.sql" ], 'psql restores it');
is_deeply(contents('apps'), contents('fresh'), 'the contents are the same');
is($node->safe_psql('apps', q{SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'vero_events'}), 'apps', 'the schema is the same');
($result, $out, $err) = $node->psql('apps', 'ALTER EXTENSION vero_events SET SCHEMA public');
like($err, qr/does not support SET SCHEMA/, 'it stays there');
$node->safe_psql('fresh', 'DROP EXTENSION vero_events; DROP SCHEMA apps');
is($node->safe_psql('fresh', $objects), $fresh, 'DROP EXTENSION leaves nothing here either');

done_testing();
