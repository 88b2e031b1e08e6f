# A copy of a database, in whichever way it was made, decides no job and sends nothing until it is told to.
use strict;
use warnings;

use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my $identity = 'pgsql_tmp_vero_events_instance';

my $original = PostgreSQL::Test::Cluster->new('original');
$original->init(allows_streaming => 1);
$original->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
vero_events.smtp_url = 'smtp://127.0.0.1:9'
vero_events.mail_from = 'shop@example.com'
vero_events.notify_email = 'ops@example.com'
wal_level = replica
EOC
$original->start;
$original->safe_psql('postgres', 'CREATE DATABASE shop');
$original->safe_psql('shop', q{CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text) VALUES ('Thanks', 'order', '0', '36500 days', 'Thanks', 'Thank you')});
my $import = q{SELECT jobs_scheduled FROM import_events_csv(allow_repeat => true, content => convert_to(E'email,name,time\na@example.com,order,2022-01-01\n', 'UTF8'), trigger_campaigns => true)};
is($original->safe_psql('shop', $import), '1', 'a job in the original');
my $confirmation = q{SELECT state FROM vero.messages WHERE kind = 'confirmation' ORDER BY id DESC LIMIT 1};
my $confirms = q{SELECT import_events_csv(allow_repeat => true, content => convert_to(E'email,name,time\nb@example.com,order,2022-01-01\n', 'UTF8'))};

sub check_sends
{
	my ($node, $database, $what) = @_;
	is($node->safe_psql($database, 'SELECT vero.is_delivery_enabled()'), 't', "$what: enabled");
	$node->safe_psql($database, $confirms);
	is($node->safe_psql($database, $confirmation), 'queued', "$what: confirmations are queued");
	my ($result, $out, $err) = $node->psql($database, 'SELECT queued, discarded, failed FROM vero.run_jobs()');
	is($err, '', "$what: jobs are decided");
	return;
}

sub check_keeps_quiet
{
	my ($node, $database, $what) = @_;
	is($node->safe_psql($database, 'SELECT vero.is_delivery_enabled()'), 'f', "$what: not enabled");
	$node->safe_psql($database, $confirms);
	is($node->safe_psql($database, $confirmation), 'stored', "$what: confirmations are stored");
	my ($result, $out, $err) = $node->psql($database, 'SELECT vero.run_jobs()');
	like($err, qr/delivery is not enabled in this database/, "$what: no job is decided");
	is($node->safe_psql($database, q{SELECT state, message_id FROM vero.trigger_jobs}), 'scheduled|', "$what: it waits");
	like($node->safe_psql($database, q{SELECT why FROM vero.decisions WHERE state = 'scheduled'}), qr/^It has been due since \S+ \S+, and waits: delivery is off in this database\. It is .*\.$/, '... and says for what');
	return;
}

sub check_can_be_told
{
	my ($node, $database, $what) = @_;
	$node->safe_psql($database, 'SELECT vero.enable_delivery()');
	check_sends($node, $database, "$what, when told");
	return;
}

# ---- copies, while the job waits -----------------------------------------------------------------------------------------

is($original->safe_psql('shop', 'SELECT vero.is_delivery_enabled()'), 't', 'the original is enabled');

$original->command_ok([ 'pg_dump', '--no-sync', '-f', "$directory/dump.sql", 'shop' ], 'pg_dump');
$original->safe_psql('postgres', 'CREATE DATABASE restored');
$original->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'restored', '-f', "$directory/dump.sql" ], 'psql restores it');
check_keeps_quiet($original, 'restored', 'dump and restore');
check_can_be_told($original, 'restored', 'dump and restore');

$original->safe_psql('postgres', 'CREATE DATABASE template_copy TEMPLATE shop');
check_keeps_quiet($original, 'template_copy', 'TEMPLATE');
check_can_be_told($original, 'template_copy', 'TEMPLATE');

# beside the running original
$original->backup('backup');
my $clone = PostgreSQL::Test::Cluster->new('clone');
$clone->init_from_backup($original, 'backup');
ok(!-e $clone->data_dir . "/$identity", 'a base backup leaves the identity out');
$clone->append_conf('postgresql.conf', 'vero_events.max_workers = 4');
$clone->start;
ok($clone->poll_query_until('shop', q{SELECT NOT running AND next_due IS NULL FROM vero.worker_status WHERE database = 'shop'}),
	'a worker looks into it, and goes');
check_keeps_quiet($clone, 'shop', 'base backup');
$clone->restart;
check_keeps_quiet($clone, 'shop', 'base backup, restarted');

my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($original, 'backup', has_streaming => 1);
$standby->start;
$original->wait_for_catchup($standby);
is($standby->safe_psql('shop', 'SELECT vero.is_delivery_enabled()'), 'f', 'a standby sends nothing');
my $is_off = q{SELECT found FROM vero.health WHERE problem = 'delivery is off'};
is($standby->safe_psql('shop', $is_off), '0', '... which is no problem');
is($clone->safe_psql('shop', $is_off), '1', '... as it is in a copy');
my $unprepared = PostgreSQL::Test::Cluster->new('unprepared');
$unprepared->init_from_backup($original, 'backup', has_streaming => 1);
$unprepared->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$unprepared->start;
$original->wait_for_catchup($unprepared);

$original->stop;
my $file_copy = PostgreSQL::Test::Cluster->new('file_copy');
$file_copy->init;
system_or_bail('sh', '-c', 'rm -rf "$2" && cp -a "$1" "$2"', 'sh', $original->data_dir, $file_copy->data_dir);
$file_copy->append_conf('postgresql.conf', 'port = ' . $file_copy->port);
$file_copy->append_conf('postgresql.conf', "unix_socket_directories = '" . $file_copy->host . "'");
$original->start;
$file_copy->start;
ok(-e $file_copy->data_dir . "/$identity", 'a copy of all files has the file of the identity');
check_keeps_quiet($file_copy, 'shop', 'copied files');
check_can_be_told($file_copy, 'shop', 'copied files');
$file_copy->restart;
check_sends($file_copy, 'shop', 'copied files, restarted');

# ---- the original, and what takes its place --------------------------------------------------------------------------------

check_sends($original, 'shop', 'the original');
$original->restart;
check_sends($original, 'shop', 'the original, restarted');
$original->wait_for_catchup($standby);
$original->wait_for_catchup($unprepared);
$original->stop;
$standby->promote;
check_sends($standby, 'shop', 'a promoted standby');
$standby->restart;
check_sends($standby, 'shop', 'a promoted standby, restarted');
$unprepared->promote;
is($unprepared->safe_psql('shop', 'SELECT vero.is_delivery_enabled()'), 'f', 'a standby without the library preloaded has to be told');
check_can_be_told($unprepared, 'shop', 'a standby without the library preloaded');
$unprepared->stop;

# a copy of what was a standby is a copy
$standby->backup('backup');
my $second = PostgreSQL::Test::Cluster->new('second');
$second->init_from_backup($standby, 'backup');
$second->start;
is($second->safe_psql('shop', 'SELECT vero.is_delivery_enabled()'), 'f', 'a base backup of a promoted standby is a copy');
$second->stop;

# without its file
unlink($standby->data_dir . "/$identity") or die "unlink: $!";
is($standby->safe_psql('shop', 'SELECT vero.is_delivery_enabled()'), 'f', 'without the file nothing is sent');
check_can_be_told($standby, 'shop', 'without the file');
append_to_file($standby->data_dir . "/$identity", "and more\n");
$standby->restart;
check_sends($standby, 'shop', 'with lines behind that nobody knows');
open(my $file, '+<', $standby->data_dir . "/$identity") or die "open: $!";
print {$file} 'x' x 10;
close $file;
is($standby->safe_psql('shop', 'SELECT vero.is_delivery_enabled()'), 'f', 'with a damaged file nothing is sent');
check_can_be_told($standby, 'shop', 'with a damaged file');
$standby->stop;
unlike(slurp_file($_->logfile), qr/PANIC|TRAP|terminated by signal|jumped over/, $_->name . ': nothing else went wrong')
	for $original, $clone, $standby, $unprepared, $file_copy, $second;

done_testing();
