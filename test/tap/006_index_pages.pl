# Index entries that are inserted page by page: there are hardly more pages than inserting them one by one gives, and they come through
# replication, a crash, dead entries and sessions at the same time. The standby compares every page that it replays with the primary's.
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use FindBin;
use lib "$FindBin::Bin/lib";
use VeroProtocol;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf',
	"shared_preload_libraries = 'vero_events'\nwal_consistency_checking = 'btree,sequence'\nmax_wal_size = 4GB\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events; CREATE EXTENSION amcheck;'
		. " CREATE TABLE twin (LIKE vero.events, PRIMARY KEY (contact_id, occurred_at, id)); SELECT pg_create_physical_replication_slot('standby')");
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "primary_slot_name = 'standby'\n");
$standby->start;

my $directory = tempdir(CLEANUP => 1);
my $generator = dirname(__FILE__) . '/../bench/generate_events';

# Imports so many records of so many contacts.
sub import_events
{
	my ($seed, $rows, $contacts) = @_;
	my $file = "$directory/events$seed.csv";
	system("$^X $generator --rows $rows --contacts $contacts --seed $seed >$file") == 0 or BAIL_OUT('no file is generated');
	return $node->safe_psql('postgres', "SELECT rows_imported FROM import_events_csv('$file', allow_repeat => true)");
}

# Every index of the two tables: order, links, and an entry for each row.
sub check_indexes
{
	my ($what) = @_;
	is($node->safe_psql('postgres', q{
			SELECT count(bt_index_parent_check(indexrelid, true, true)::text) FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
			WHERE indrelid IN ('vero.events_default'::regclass, 'vero.contacts'::regclass) AND i.relam = (SELECT oid FROM pg_am WHERE amname = 'btree')}),
		3, "$what: the indexes are sound");
}

# ---- hardly more pages -------------------------------------------------------------------------------------------------------

sub pages_of { my ($index) = @_; return $node->safe_psql('postgres', "SELECT pg_relation_size('$index') / current_setting('block_size')::int") }

# an empty index, one that others of the same contacts come into, and few entries among many
for my $import ([ 1, 30_000, 3_000 ], [ 2, 30_000, 3_000 ], [ 3, 2_000, 3_000 ], [ 4, 20_000, 10_000 ], [ 5, 1, 1 ])
{
	my ($seed, $rows, $contacts) = @$import;
	is(import_events(@$import), $rows, "import $seed");
	$node->safe_psql('postgres', "INSERT INTO twin SELECT * FROM vero.events WHERE import_id = $seed ORDER BY contact_id, occurred_at, id");
	cmp_ok(pages_of('vero.events_default_pkey'), '<=', 1.02 * pages_of('twin_pkey'), "import $seed: hardly more pages than INSERT makes");
	check_indexes("import $seed");
	# half of them begin with pages that were written since the last checkpoint, half of them do not
	$node->safe_psql('postgres', 'CHECKPOINT') if $seed % 2 == 0;
}
# contacts that go side by side into the midst of the index, batch after batch
is(import_events(6, 60_000, 0), 60_000, 'an import of new contacts');
check_indexes('new contacts');
my $size = q{SELECT pg_relation_size('vero.contacts_email_key')};
my $bytes = $node->safe_psql('postgres', $size);
cmp_ok($bytes, '<', 1.15 * $node->safe_psql('postgres', "REINDEX INDEX vero.contacts_email_key; $size"), 'the pages of their addresses are nearly as full as in a new index');

# Pages that an import has added and not filled yet, of which a vacuum tells others: what these put there stays, although it has left the buffers when the import comes to it.
my $stalled = VeroProtocol->connect($node, name => 'stalled');
my @long = map { "c@{[$_ % 50]}\@x.io,n,2022-01-01," . 'x' x 4000 . "\n" } 1 .. 3000;
$stalled->start_copy('COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat true)');
$stalled->copy_data(join('', "email,name,time,long\n", @long), 65536);
$stalled->wait_until_read;
my $files_end = q{SELECT pg_relation_size('vero.events_default') / current_setting('block_size')::int};
my $end = $node->safe_psql('postgres', $files_end);
$node->safe_psql('postgres', 'VACUUM vero.events_default');
my $others = q{INSERT INTO vero.events (contact_id, name, occurred_at) SELECT c.id, 'by others', '2022-01-15' FROM (SELECT min(id) AS id FROM vero.contacts) AS c, generate_series(1, 200)};
my $by_others = 0;
for (1 .. 40)
{
	$node->safe_psql('postgres', $others);
	$by_others += 200;
	last if $node->safe_psql('postgres', $files_end) > $end;
}
$node->safe_psql('postgres', 'CHECKPOINT; SELECT sum(length(t::text)) FROM twin AS t; SELECT sum(length(t::text)) FROM twin AS t');
$stalled->copy_data(join('', @long), 65536);
like($stalled->end_copy, qr/^C:COPY 6000/, 'an import goes on that has added pages');
is($node->safe_psql('postgres', q{SELECT count(*) FROM vero.events WHERE name = 'by others'}), $by_others, 'what others have put into them stays');
check_indexes('pages that others have filled');

# ---- what is not a matter of adding to a page ------------------------------------------------------------------------------

$node->safe_psql('postgres', 'ALTER SEQUENCE vero.events_id_seq RESTART WITH 10000000');
my $content = q{convert_to(E'email,name,time\n' || (SELECT string_agg(format('c%s@x.io,n,2022-01-01', n % 500), E'\n') FROM generate_series(1, 2000) AS n), 'UTF8')};
is($node->safe_psql('postgres', "SELECT rows_imported FROM import_events_csv($content)"), 2000, 'an import');
$node->safe_psql('postgres', 'ALTER SEQUENCE vero.events_id_seq RESTART WITH 10000000');
my ($status, $out, $error) = $node->psql('postgres', "SELECT rows_imported FROM import_events_csv($content, allow_repeat => true)");
like($error, qr/ERROR:  duplicate key value violates unique constraint "events_default_pkey"$/m, 'ids that are there already are an error');
like($error, qr/^DETAIL:  Key \(contact_id, occurred_at, id\)=\(\d+, 2022-01-01 00:00:00\S*, 10000\d\d\d\) already exists\.$/m, 'which says which');
$node->safe_psql('postgres', "DELETE FROM vero.events WHERE id >= 10000000; ALTER SEQUENCE vero.events_id_seq RESTART WITH 10000000");
is($node->safe_psql('postgres', "SELECT rows_imported FROM import_events_csv($content, allow_repeat => true)"), 2000, 'those of deleted rows are none');
check_indexes('equal keys');

# entries that a scan has found dead, and pages that vacuum has emptied
$node->safe_psql('postgres', q{DELETE FROM vero.events WHERE id % 3 = 0 OR contact_id BETWEEN 500 AND 900;
	SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM vero.events WHERE contact_id < 1000});
is(import_events(11, 20_000, 3_000), 20_000, 'an import among dead entries');
$node->safe_psql('postgres', 'VACUUM vero.events');
is(import_events(12, 20_000, 3_000), 20_000, 'an import after a vacuum');
check_indexes('dead entries');

# indexes of the user's: keys that repeat, nulls, a part of the rows
$node->safe_psql('postgres', q{CREATE INDEX by_import ON vero.events_default (import_id); CREATE INDEX by_time ON vero.events_default (occurred_at, import_id);
	CREATE INDEX new_ones ON vero.events_default (occurred_at) WHERE id % 2 = 0});
is(import_events(13, 20_000, 3_000), 20_000, 'an import with more indexes');
is($node->safe_psql('postgres', q{SELECT count(bt_index_parent_check(indexrelid, true, true)::text) FROM pg_index WHERE indexrelid IN
	('by_import'::regclass, 'by_time'::regclass, 'new_ones'::regclass)} =~ s/'(by|new)/'vero.$1/gr), 3, 'they are sound');
$node->safe_psql('postgres', 'DROP INDEX vero.by_import, vero.by_time, vero.new_ones');

# ---- more entries than fit into memory ---------------------------------------------------------------------------------------

my $many = 2_000_000;
my $big = "$directory/big.csv";
open(my $file, '>', $big) or die "$big: $!\n";
print {$file} "email,name,time\n";
for my $n (1 .. $many)
{
	my $mixed = $n * 7919 % 1_000_003;
	printf {$file} "c%d\@big.io,n,2023-01-%02d %02d:%02d:%02d\n", $mixed % 1000, 1 + $mixed % 28, $n % 24, $n % 60, $mixed % 60;
}
close($file);
$node->safe_psql('postgres', 'TRUNCATE vero.events; CREATE INDEX by_time ON vero.events_default (occurred_at, id)');
# without the comparison of pages, which would write gigabytes
my $import_big = "SET wal_consistency_checking = ''; SET log_temp_files = 0; SELECT rows_imported FROM import_events_csv('$big', allow_repeat => true)";
my $sound = q{SELECT count(bt_index_parent_check(indexrelid, true, true)::text) FROM pg_index WHERE indexrelid IN ('vero.by_time'::regclass, 'vero.events_default_pkey'::regclass)};
my $log = -s $node->logfile;
is($node->safe_psql('postgres', $import_big), $many, 'an import with more entries than fit into memory');
cmp_ok(scalar(() = slurp_file($node->logfile, $log) =~ /LOG:  temporary file: /g), '>=', 4, 'some of both indexes waited in files');
is($node->safe_psql('postgres', $sound), 2, 'their indexes are sound');
is($node->safe_psql('postgres', q{SELECT pg_relation_size('vero.events_default_pkey') / current_setting('block_size')::int BETWEEN 9853 AND 9986}), 't', 'and full');
$node->safe_psql('postgres', 'TRUNCATE vero.events');
$log = -s $node->logfile;
is($node->safe_psql('postgres', "SET temp_file_limit = '1MB'; $import_big"), $many, 'it does without files where they may not be written');
is(scalar(() = slurp_file($node->logfile, $log) =~ /LOG:  temporary file: /g), 0, 'there were none');
is($node->safe_psql('postgres', $sound), 2, 'the indexes are sound');
$node->safe_psql('postgres', 'TRUNCATE vero.events; ALTER TABLE vero.events_default ADD CONSTRAINT one_a_day UNIQUE (occurred_at, contact_id)');
($status, $out, $error) = $node->psql('postgres', $import_big);
like($error, qr/ERROR:  duplicate key value violates unique constraint "one_a_day"/, 'an error among entries that waited');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), 0, 'leaves no files');
$node->safe_psql('postgres', 'ALTER TABLE vero.events_default DROP CONSTRAINT one_a_day; DROP INDEX vero.by_time; CHECKPOINT');

# ---- at the same time --------------------------------------------------------------------------------------------------------

$node->pgbench('-n -c 5 -t 12', 0, [qr/60\/60/], [qr/^$/], 'imports, inserts and deletes at the same time', {
		'import@3' => qq{\\set seed random(1, 1000000)
			SELECT rows_imported FROM import_events_csv(convert_to(E'email,name,time\\n' || (SELECT string_agg(format('customer%s\@mail.example.org,n,2022-01-%s',
				hashint4(n + :seed) & 2047, 1 + n % 28), E'\\n') FROM generate_series(1, 2000) AS n), 'UTF8'));},
		'neighbours@2' => qq{\\set first random(1, 100)
			SELECT rows_imported FROM import_events_csv(convert_to(E'email,name,time\\n' || (SELECT string_agg(format('side%s\@by.side',
				lpad((:first * 100 + n)::text, 6, '0')), E',n,2022-01-01\\n') FROM generate_series(1, 3000) AS n) || ',n,2022-01-01', 'UTF8'));},
		'contact@6' => qq{\\set n random(1, 12000)
			INSERT INTO vero.contacts (email) VALUES (format('side%s\@by.side', lpad(:n::text, 6, '0'))) ON CONFLICT DO NOTHING;},
		'insert@1' => q{INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'n', '2022-01-15' FROM vero.contacts WHERE id % 7 = :client_id;},
		'delete@1' => q{DELETE FROM vero.events WHERE name = 'n' AND id % 5 = :client_id;} });
check_indexes('all at once');

# ---- replication and a crash ---------------------------------------------------------------------------------------------------

my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM vero.events');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT count(*) FROM vero.events'), $rows, 'the standby has all rows');
is($standby->safe_psql('postgres', q{SELECT count(bt_index_check(indexrelid, true)::text) FROM pg_index WHERE indexrelid IN
	('vero.events_default_pkey'::regclass, 'vero.contacts_pkey'::regclass, 'vero.contacts_email_key'::regclass)}), 3, 'and sound indexes');
$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.events'), $rows, 'all rows are there after a crash');
check_indexes('a crash');
is(import_events(20, 20_000, 0), 20_000, 'an import of contacts, whose ids were not given before the crash');
check_indexes('after the crash');

# ---- pages that are added, and not filled --------------------------------------------------------------------------------------

# what is long, and becomes short when it is compressed; where few buffers may be pinned, PostgreSQL adds pages one by one
$node->append_conf('postgresql.conf', 'shared_buffers = 32MB');
$node->restart;
$node->safe_psql('postgres', q{CREATE EXTENSION pg_freespacemap; TRUNCATE vero.events;
	SELECT import_events_csv(convert_to(E'email,name,time,long\n' || (SELECT string_agg(format('c%s@x.io,n,2022-01-01,%s', n % 50, repeat('x', 4000)), E'\n')
		FROM generate_series(1, 3000) AS n), 'UTF8'))});
my $empty = q{SELECT count(*) FROM pg_freespace('vero.events_default') WHERE blkno > (SELECT max((ctid::text::point)[0]) FROM vero.events_default)};
my $left = $node->safe_psql('postgres', $empty);
cmp_ok($left, '<', 64, 'few pages are left of those that were added');
cmp_ok($left, '>', 0, 'but some');
is($node->safe_psql('postgres', "$empty AND avail < 8000"), 0, 'and it is known that they are free');
my $pages = pages_of('vero.events_default');
$node->safe_psql('postgres', q{INSERT INTO vero.events (contact_id, name, occurred_at) SELECT id, 'n', '2022-01-15' FROM vero.contacts LIMIT 100});
is(pages_of('vero.events_default'), $pages, 'who comes next takes them');
check_indexes('pages that were added');

done_testing();
