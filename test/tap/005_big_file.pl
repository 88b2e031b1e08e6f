# A big generated file: every record is accounted for, each reject with its codes, its place and its bytes.
# VERO_BIG_ROWS says how many records (100,000).
use strict;
use warnings;

use Digest::SHA;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rows = $ENV{VERO_BIG_ROWS} || 100_000;
my $max_record_size = 4096; # so that records which are too long do not make up most of the file

my $node = PostgreSQL::Test::Cluster->new('big_file');
$node->init;
$node->append_conf('postgresql.conf', "vero_events.max_record_size = $max_record_size\nmax_wal_size = 4GB\nshared_buffers = 16MB\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');

my $directory = tempdir(CLEANUP => 1);
my ($file, $expect, $summary) = map { "$directory/$_" } 'events.csv', 'expect.csv', 'summary';
my $generator = dirname(__FILE__) . '/../bench/generate_events';
system("$^X $generator --rows $rows --contacts " . int($rows / 10) . " --properties 3 --quoted 20 --bad 1"
		. " --max-record-size $max_record_size --expect $expect --summary $summary >$file") == 0 or BAIL_OUT('no file is generated');
my %told = map { split } split /\n/, slurp_file($summary);
note(slurp_file($summary));

# What a backend says of itself, in kB. Pages of shared buffers and of the program's file are not its own memory.
my $status = q{SELECT pg_read_file('/proc/self/status')};
sub kb { return $_[0] =~ /^$_[1]:\s+(\d+) kB$/m ? $1 : die "no $_[1]" }

my $started = time;
my ($result, $status_after) = split /\n/, $node->safe_psql('postgres',
	"SELECT state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created FROM import_events_csv('$file'); $status"), 2;
note(time - $started, ' s');
is($result, join('|', 'completed_with_rejects', $rows, $rows - $told{rejects}, $told{rejects}, 0, $told{contacts}), 'the numbers are those that the generator tells');

# At 100,000 records this is far from the limit; from 1,500,000 on it is as much as it ever gets.
my $own_kb = kb($status_after, 'VmHWM') - kb($status_after, 'RssShmem') - kb($status_after, 'RssFile') - kb($node->safe_psql('postgres', $status), 'RssAnon');
note("$own_kb kB over an idle backend");
cmp_ok($own_kb, '<', 64 * 1024, 'memory stays below 64 MB over an idle backend');
is( $node->safe_psql('postgres', q{SELECT bytes, encode(sha256, 'hex') FROM vero.imports}),
	"$told{bytes}|" . Digest::SHA->new(256)->addfile($file, 'b')->hexdigest, 'size and hash are those of the file');

# ---- each record ---------------------------------------------------------------------------------------------------------

is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.contacts'), $told{contacts}, 'no more contacts than the file has');
is( $node->safe_psql('postgres', qq{
		SELECT count(*), count(DISTINCT n), min(n), max(n), count(*) FILTER (WHERE is_event) FROM (
			SELECT (properties->>'number')::bigint AS n, true AS is_event FROM vero.events
			UNION ALL SELECT record_number, false FROM vero.rejected_rows) AS r}),
	join('|', $rows, $rows, 1, $rows, $rows - $told{rejects}), 'each record is an event or a reject, once');

$node->safe_psql('postgres', qq{
	CREATE TABLE expected (record_number bigint PRIMARY KEY, line_number bigint, byte_offset bigint, codes text, raw bytea);
	COPY expected FROM '$expect' (FORMAT csv)});
my $codes = q{(SELECT string_agg(e->>'code', ' ' ORDER BY i) FROM jsonb_array_elements(errors) WITH ORDINALITY AS t (e, i))};
is( $node->safe_psql('postgres', qq{
		SELECT record_number, e.codes, r.codes, e.line_number, r.line_number, e.byte_offset, r.byte_offset, left(e.raw::text, 200), left(r.raw::text, 200)
		FROM expected AS e FULL JOIN (
			SELECT record_number, line_number, byte_offset, $codes AS codes, coalesce(raw_bytes, convert_to(raw_record, 'UTF8')) AS raw
			FROM vero.rejected_rows) AS r USING (record_number)
		WHERE (e.codes, e.line_number, e.byte_offset, e.raw) IS DISTINCT FROM (r.codes, r.line_number, r.byte_offset, r.raw)
		ORDER BY 1 LIMIT 5}),
	'', 'each reject has the codes, the place and the bytes that the generator tells');
is( $node->safe_psql('postgres', q{SELECT count(*) FROM vero.rejected_rows
		WHERE (raw_bytes IS NOT NULL) <> (errors @? '$[*].code ? (@ == "invalid_encoding" || @ == "nul_byte")')}),
	'0', 'they are bytes only where they are no text');
my @all_codes = qw(event_name_too_long invalid_email invalid_encoding invalid_time malformed_quote missing_email missing_event_name missing_time
	nul_byte record_too_long too_few_fields too_many_fields unnamed_column unterminated_quote);
is($node->safe_psql('postgres', q{SELECT DISTINCT e->>'code' FROM vero.rejected_rows, jsonb_array_elements(errors) AS e ORDER BY 1}),
	join("\n", @all_codes), 'every kind of reject is among them');

# ---- and the tables are sound ----------------------------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE EXTENSION amcheck');
is($node->safe_psql('postgres', q{SELECT * FROM verify_heapam('vero.events_default') UNION ALL SELECT * FROM verify_heapam('vero.rejected_rows')}),
	'', 'the heaps are sound');
$node->safe_psql('postgres', "SELECT bt_index_check(i, true) FROM unnest('{vero.events_default_pkey, vero.rejected_rows_pkey, vero.contacts_email_key}'::regclass[]) AS i");
pass('the B-trees are sound and complete');
my $count = 'SELECT count(*), count(DISTINCT contact_id) FROM vero.events WHERE import_id = 1';
is( $node->safe_psql('postgres', "SET enable_seqscan = off; $count"),
	$node->safe_psql('postgres', "SET enable_bitmapscan = off; $count"), 'the BRIN finds what is there');
is( $node->safe_psql('postgres', 'SELECT count(*) FROM vero.events AS e WHERE NOT EXISTS (SELECT FROM vero.contacts AS c WHERE c.id = contact_id)'),
	'0', 'each event has its contact');

done_testing();
