# A database with TimescaleDB: imports go straight into the tables as without it, and into a hypertable as TimescaleDB wants it. Runs where VERO_TIMESCALE is the
# directory below which it was installed (make install DESTDIR=...).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'VERO_TIMESCALE does not say where TimescaleDB is installed' unless $ENV{VERO_TIMESCALE};

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'timescaledb,vero_events'\nvero_events.max_workers = 0\nmax_worker_processes = 16\nautovacuum = off\ntimescaledb.telemetry_level = off\n");
$node->start;
my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;

sub query { my ($sql, $database) = @_; return $node->safe_psql($database // 'shop', "SET client_min_messages = warning; $sql") }

sub fails
{
	my ($sql, $pattern, $what) = @_;
	my ($status, $out, $error) = $node->psql('shop', $sql);
	like($error, $pattern, $what);
	return;
}

# What is stored, but for times of the clock.
sub contents
{
	my ($database) = @_;
	return query(q{SELECT md5(string_agg(t::text, E'\n' ORDER BY t::text)) || ' ' || count(*) FROM vero.timeline AS t;
		SELECT md5(string_agg(c.email, ' ' ORDER BY c.email)) FROM vero.contacts AS c;
		SELECT md5(string_agg(to_jsonb(r)::text, E'\n' ORDER BY import_id, record_number)) FROM vero.rejected_rows AS r;
		SELECT partition, holds_from, missing FROM vero.partitions ORDER BY 1;
		SELECT event_id, state, reason FROM vero.trigger_jobs ORDER BY 1;
		SELECT id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created FROM vero.imports ORDER BY id}, $database);
}

# Which tables `sql` wrote pages of many rows into.
sub filled_by
{
	my ($sql, $database) = @_;
	my $from = query('SELECT pg_current_wal_insert_lsn()', $database);
	query($sql, $database);
	return query(qq{SELECT string_agg(DISTINCT relname, ' ' ORDER BY relname) FROM pg_get_wal_records_info('$from', pg_current_wal_flush_lsn()) AS w
		JOIN pg_class AS c ON w.block_ref ~ format('rel \\d+/\\d+/%s fork main', pg_relation_filenode(c.oid)) WHERE relnamespace = 'vero'::regnamespace AND record_type ~ '^MULTI'}, $database);
}

# Every tenth record is rejected.
my $file = "$directory/events.csv";
open(my $csv, '>', $file) or die;
print {$csv} "email,name,time,number\n";
printf {$csv} "%s,n,%s,%d\n", $_ % 10 ? "c@{[$_ * 7919 % 300]}\@example.com" : 'nobody', sprintf('2022-%02d-%02d 12:00Z', 1 + $_ % 12, 1 + $_ % 28), $_ % 1000 for 1 .. 5000;
close($csv);

# ---- beside it -------------------------------------------------------------------------------------------------------------

for my $order ('timescaledb,vero_events', 'vero_events,timescaledb')
{
	$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'$order'");
	$node->restart;
	for my $database (qw(shop plain))
	{
		$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $database WITH (FORCE)");
		$node->safe_psql('postgres', "CREATE DATABASE $database");
		query('CREATE EXTENSION timescaledb', $database) if $database eq 'shop';
		query('CREATE EXTENSION vero_events; CREATE EXTENSION pg_walinspect', $database);
		is(filled_by("SELECT import_events_csv('$file')", $database), 'contacts events_default rejected_rows', "$order: $database: an import writes whole pages");
		query(q{SELECT count(*) FROM vero.create_partitions('2022-03-01', '2022-05-01')}, $database);
		is(filled_by("COPY vero.events FROM '$file' WITH (FORMAT vero_csv, allow_repeat true)", $database), 'events_2022_03_01 events_2022_04_01 events_default rejected_rows', "$order: $database: and COPY, into partitions");
		query(qq{SELECT import_events_csv('$file', allow_repeat => true, on_duplicate => 'skip'); SELECT vero.undo_import(1); SELECT vero.forget('c1\@example.com'); SELECT count(*) FROM vero.drop_partitions('2022-04-01')}, $database);
		query(q{INSERT INTO vero.campaigns (name, event_name, delay, grace, transactional, subject, body_text) VALUES ('c', 'order', '0', '100 days', true, 's', 't');
			SELECT import_events_csv(trigger_campaigns => true, content => convert_to(E'email,name,time\n' || (SELECT string_agg(format('o%s@example.com,order,%s', n, now() - interval '1 day'), E'\n') FROM generate_series(1, 50) AS n), 'UTF8'));
			SELECT vero.run_jobs()}, $database);
		is(query(q{SELECT count(*) FROM vero.messages WHERE kind = 'campaign'}, $database), 50, "$order: $database: jobs are decided");
	}
	# the time of these events is the clock's
	query(q{DELETE FROM vero.events WHERE name = 'order'}, $_) for qw(shop plain);
	is(contents('shop'), contents('plain'), "$order: what is stored is the same");
}

my $stored = contents('shop');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$directory/dump", $node->connstr('shop') ], 'a dump is made');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
query('CREATE EXTENSION timescaledb; SELECT timescaledb_pre_restore()', 'restored');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), "$directory/dump" ], 'and restored, as TimescaleDB wants it');
query('SELECT timescaledb_post_restore()', 'restored');
is(contents('restored'), $stored, 'it brings all back');

# ---- hypertables -------------------------------------------------------------------------------------------------------------

my $month = q{CREATE TABLE month (LIKE vero.events); SELECT create_hypertable('month', by_range('occurred_at'));};
fails(q{SELECT create_hypertable('vero.events', by_range('occurred_at'), migrate_data => true)}, qr/ERROR:  table "events" is already partitioned/, 'events become no hypertable');
fails(qq{SELECT create_hypertable('$_', by_range('occurred_at'), migrate_data => true)}, qr/ERROR:  table "\w+" is already partitioned/, "nor does $_") for 'vero.events_default', 'vero.events_2022_04_01';
fails(qq{$month ALTER TABLE vero.events ATTACH PARTITION month FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')}, qr/ERROR:  hypertables do not support native postgres partitioning/, 'a hypertable becomes no partition');
fails(qq{SELECT create_hypertable('vero.$_', by_range('id'), migrate_data => true)}, qr/ERROR:  cannot create a unique index without the column "id"/, "$_ become no hypertable") for qw(contacts messages imports);

# Rejected records do. Before it has chunks, and without an index of TimescaleDB's, nothing but TimescaleDB's catalog says so.
query(q{DELETE FROM vero.rejected_rows; SELECT create_hypertable('vero.rejected_rows', by_range('import_id', 1), create_default_indexes => false)});
for my $chunks (qw(none some))
{
	is(filled_by(qq{SELECT import_events_csv('$file', allow_repeat => true)}) =~ /rejected_rows/ ? 1 : 0, 0, "an import does not write into the pages of a hypertable with $chunks");
	is(query(q{SELECT count(*) FROM vero.rejected_rows WHERE import_id = (SELECT max(id) FROM vero.imports); SELECT count(*) FROM ONLY vero.rejected_rows}), "500\n0", 'its rejects are found');
}
query(q{UPDATE vero.imports SET started_at = '2020-01-01', finished_at = '2020-01-01' WHERE id = (SELECT max(id) FROM vero.imports)});
is(query(q{SELECT vero.remove_old_rejects(kept => '1 year'); SELECT count(*) FROM vero.rejected_rows}), "500\n500", 'old ones are removed, and no others, which lie at the same places of another chunk');

$node->stop;
done_testing();
