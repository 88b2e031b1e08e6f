# ALTER EXTENSION UPDATE: keeps all data, and makes of an older version what CREATE EXTENSION makes of the newer one, privileges, comments and dumps included.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Copy qw(copy);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('upgrade');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n");
$node->start;
my $scripts = $node->config_data('--sharedir') . '/extension';
my $ours = "$FindBin::Bin/../upgrade";
my ($current) = slurp_file("$scripts/vero_events.control") =~ /^default_version = '(.*)'/m;

# All that there is to say of the extension's objects in a database, as psql says it, and what it does not say.
my @questions = ('\d+ vero.*', '\dp vero.*', '\df+ vero.*', '\dT+ vero.*', '\dn+ vero', '\dx+ vero_events', map { s/\s+/ /gr }
	# functions with their settings
	q{SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' ORDER BY p.oid::regprocedure::text;},
	# comments on whatever there is
	q{SELECT pg_describe_object(d.classoid, d.objoid, d.objsubid) AS object, d.description FROM pg_description AS d WHERE d.objoid >= 16384 ORDER BY 1;},
	# what a dump takes as the extension's own privileges, and which tables it takes
	q{SELECT pg_describe_object(i.classoid, i.objoid, i.objsubid) AS object, i.initprivs::text FROM pg_init_privs AS i WHERE i.privtype = 'e' ORDER BY 1;},
	q{SELECT c.table, c.condition FROM pg_extension AS e, unnest(e.extconfig::regclass[], e.extcondition) AS c ("table", condition) WHERE e.extname = 'vero_events' ORDER BY c.table::text;},
	q{SELECT t.tgrelid::regclass, t.tgname, t.tgenabled FROM pg_trigger AS t WHERE NOT t.tgisinternal ORDER BY 1, 2;},
	q{SELECT c.oid::regclass, c.reloptions, c.relrowsecurity, c.relowner::regrole FROM pg_class AS c WHERE c.relnamespace = 'vero'::regnamespace ORDER BY c.relname;});

sub description
{
	my ($database) = @_;
	my ($result, $out, $err) = $node->psql($database, join("\n", @questions), extra_params => [ '--no-psqlrc', '-P', 'format=unaligned', '-P', 'tuples_only=off' ]);
	die "$database: $err" if $result || $err;
	return $out =~ s/RI_ConstraintTrigger_\w_\d+/RI_ConstraintTrigger/gr;
}

# Data of every kind, as far as that version has it.
sub fill
{
	my ($database) = @_;
	$node->safe_psql($database, q{
		SELECT FROM import_events_csv(E'email,event,time,item\na@example.com,order,2022-01-01 10:00Z,hat\nbad,order,2022-01-01,tie\n'::bytea);
		INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('thanks', 'order', '0', '36500 days', 'Thanks', 'Thank you');
		SELECT vero.track_event('b@example.com', 'order'); SELECT vero.run_jobs();
		SELECT count(*) FROM vero.create_partitions('2022-01-01', '2022-02-01');
		INSERT INTO vero.import_profiles (name, options) VALUES ('nightly', '{"event_name": "order"}');
		SELECT FROM vero.forget('gone@example.com')});
	return;
}
my $tables = q{SELECT c.oid::regclass || ' ' || string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'vero'::regnamespace AND c.relkind = 'r' GROUP BY c.oid ORDER BY 1};
# Every value, in the columns that an older version had.
sub contents
{
	my ($database, $columns) = @_;
	return join "\n", map { my ($table, $names) = split / /; "$table: " . $node->safe_psql($database, "SELECT row($names)::text FROM $table ORDER BY 1") } split /\n/, $columns;
}

sub check_update
{
	my ($from, $to) = @_;
	my $database = "from_$from" =~ s/\W/_/gr;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql('postgres', "CREATE DATABASE fresh_$database");
	$node->safe_psql($database, "CREATE EXTENSION vero_events VERSION '$from'");
	fill($database);
	my $columns = $node->safe_psql($database, $tables);
	my $before = contents($database, $columns);
	$node->safe_psql($database, "ALTER EXTENSION vero_events UPDATE TO '$to'");
	is(contents($database, $columns), $before, "$from to $to: all data is there");
	is($node->safe_psql($database, q{SELECT state, rows_imported FROM import_events_csv(E'email,event,time\na@example.com,order,2022-01-02\n'::bytea); SELECT queued FROM vero.run_jobs()}),
		"completed|1\n0", '... and it works');
	$node->safe_psql($database, q{SELECT count(*) FROM vero.create_partitions('2022-02-01', '2022-03-01')});
	my @definitions = map { $node->safe_psql($database, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '$_'::regclass ORDER BY 1") =~ s/_01_01|_02_01//gr } 'vero.events_2022_01_01', 'vero.events_2022_02_01';
	is($definitions[0], $definitions[1], '... partitions from before are like those from now on');
	$node->safe_psql($database, q{DROP TABLE vero.events_2022_01_01, vero.events_2022_02_01});
	$node->safe_psql("fresh_$database", "CREATE EXTENSION vero_events VERSION '$to'");
	my @files = map { "$PostgreSQL::Test::Utils::tmp_check/$_.description" } $database, "fresh_$database";
	append_to_file($files[0], description($database));
	append_to_file($files[1], description("fresh_$database"));
	is(scalar(qx{diff -u '$files[1]' '$files[0]'}), '', "$from to $to: the objects are those of a fresh installation");
	return;
}

# ---- what was released ---------------------------------------------------------------------------------------------------

for my $released (glob "$ours/vero_events--*[0-9].sql")
{
	my ($version) = $released =~ /--([\d.]+)\.sql$/ or next;
	if ($version eq $current)
	{
		is(scalar(qx{diff -u '$released' '$scripts/vero_events--$version.sql'}), '', "$version is as it was released: a change of the schema takes a new version");
		next;
	}
	copy($released, $scripts) or die "$released: $!";
	check_update($version, $current);
}

# ---- a version that never comes -----------------------------------------------------------------------------------------

copy("$ours/vero_events--current--next.sql", "$scripts/vero_events--$current--next.sql") or die "no update script: $!";
append_to_file("$scripts/vero_events--next.sql", scalar run_sed());
sub run_sed { return qx{sed -f '$ours/next.sed' '$scripts/vero_events--$current.sql'} }
check_update($current, 'next');

# An update that forgets one statement is found out, whichever that is.
my $script = slurp_file("$ours/vero_events--current--next.sql");
my @statements = $script =~ /^((?:ALTER|COMMENT|CREATE|DROP|GRANT|REVOKE|SELECT) .*?;)\n(?=\n|[A-Z]|\z)/msg;
cmp_ok(scalar(@statements), '>=', 20, 'an update with many statements');
my $fresh = description("fresh_from_$current" =~ s/\W/_/gr);
my $number = 0;
for my $statement (@statements)
{
	next if $statement =~ /^CREATE TABLE|^CREATE FUNCTION|^ALTER TABLE .* ADD COLUMN|^CREATE INDEX|^CREATE OR REPLACE VIEW/; # others need these
	$number++;
	my $forgetful = $script =~ s/^\Q$statement\E\n//mr;
	append_to_file("$scripts/vero_events--$current--forgetful$number.sql", $forgetful);
	$node->safe_psql('postgres', "CREATE DATABASE forgetful$number");
	$node->safe_psql("forgetful$number", "CREATE EXTENSION vero_events VERSION '$current'; ALTER EXTENSION vero_events UPDATE TO 'forgetful$number'");
	isnt(description("forgetful$number"), $fresh, "found out: $statement");
}
unlink glob("$scripts/vero_events--*next.sql"), glob("$scripts/vero_events--*forgetful*.sql");

$node->stop;
done_testing();
