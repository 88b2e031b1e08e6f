# 10,000 contents that nobody would call a CSV: none of them ends the server or a statement, each is accounted for to the
# byte, and none leaves memory behind.
use strict;
use warnings;

use Compress::Zlib ();
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $count = 10_000;
my $per_statement = 40;
my $settled = 2_000; # by then each kind has come often
my $seed = $ENV{VERO_SEED} || 20220102;
srand($seed);
note("VERO_SEED=$seed");

# ---- the contents ------------------------------------------------------------------------------------------------------

my $header = "email,event_name,time,item,note\n";

sub one_of { return $_[ rand @_ ] }
sub random_bytes { return join '', map { chr int rand 256 } 1 .. $_[0] }
# mostly what means something in a CSV
sub random_syntax { return join '', map { one_of(',', ',', '"', '"', "\n", "\r", ' ', "\t", ';', '\\', 'a', '@', "\0", "\xc3", "\xa9", "\xff") } 1 .. $_[0] }

sub valid_record
{
	my $item = one_of('hat', '"hat, large"', '"say ""hi"""', "\"two\nlines\"", '', '""', "caf\xc3\xa9", '5" pipe');
	return 'person' . int(rand 500) . '@example.com,' . one_of('Buys', '"Buys"', "K\xc3\xa4uft") . ',2022-01-' . int(10 + rand 20) . 'T10:00+10,'
		. $item . ',' . int(rand 1000) . one_of("\n", "\n", "\r\n", "\r");
}
sub valid_file { return $header . join('', map { valid_record() } 1 .. 1 + rand 20) }

sub mutated
{
	my ($text) = @_;
	for (1 .. 1 + rand 8)
	{
		my $at = int rand(length $text);
		my $length = int rand one_of(2, 10, 100);
		my $piece = one_of('', '', random_bytes(1 + rand 4), random_syntax(1 + rand 8), '"', "\n", substr($text, rand length $text, $length));
		substr($text, $at, $length > length($text) - $at ? length($text) - $at : $length) = $piece;
		$text = 'x' if $text eq '';
	}
	return $text;
}

sub utf16
{
	my ($text, $mark) = @_;
	my $format = $mark eq "\xff\xfe" ? 'v*' : 'n*';
	return $mark . pack($format, map { ord } split //, $text);
}

my %kinds = (
	'random bytes' => sub { random_bytes(rand 3000) },
	'random bytes behind a header' => sub { $header . random_bytes(rand 3000) },
	'random syntax' => sub { $header . random_syntax(rand 2000) },
	'random syntax as header' => sub { random_syntax(rand 300) . "\n" . valid_record() },
	'cut' => sub { my $file = valid_file(); substr($file, 0, rand length $file) },
	'mutated' => sub { mutated(valid_file()) },
	'mutated, no line ends' => sub { mutated($header . (valid_file() =~ s/[\r\n]//gr)) },
	'giant field' => sub { $header . valid_record() . 'a@b.co,' x rand(3) . one_of('', '"')
			. (one_of('x', '""', "\n", ',', "\xc3\xa9", "\xa9", ' ') x rand one_of(500, 5_000, 50_000)) . one_of('', '"') . ",2022-01-01,,\n" . valid_record() },
	'deep quotes' => sub { $header . join '', map { one_of('"' x rand 200, '""","', '"a""b', "\"\n", ',"', valid_record()) } 1 .. rand 30 },
	'open quotes' => sub { $header . join '', map { one_of('"open', 'a@b.co,"', "\"x\"y,\"\n\"") . one_of("\n", "\r", valid_record()) } 1 .. rand 100 },
	'NULs' => sub { my $file = valid_file(); substr($file, rand length $file, rand 3) = "\0" x rand 5 for 1 .. rand 10; $file },
	'broken UTF-8' => sub { my $file = valid_file(); substr($file, length($header) + rand(length($file) - length $header), 1) = one_of("\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xed\xa0\x80", "\xf5", "\x80", "\xc0\xaf", "\xff") for 1 .. 1 + rand 10; $file },
	'UTF-16' => sub { utf16(valid_file() =~ s/\xc3./\x{20ac}/gr, one_of("\xff\xfe", "\xfe\xff")) },
	'UTF-16 in halves' => sub { my $file = utf16(valid_file() =~ s/\xc3./chr(0xd800 + rand 0x800)/ger, one_of("\xff\xfe", "\xfe\xff")); substr($file, 0, length($file) - int rand 4) },
	'UTF-16, mutated' => sub { one_of("\xff\xfe", "\xfe\xff") . mutated(substr utf16(valid_file(), one_of("\xff\xfe", "\xfe\xff")), 2) },
	'many columns' => sub { my $n = int rand one_of(100, 1600, 4000); $header =~ s/\n/join('', map { ",c$_" } 1 .. $n) . "\n"/er . (valid_record() =~ s/[\r\n]*\z/',' x ($n + rand(3) - 1) . "\n"/er) x rand 4 },
	'many delimiters' => sub { $header . join "\n", map { one_of(',', ';', "\t", '|') x rand 3000 } 1 .. rand 10 },
	'delimiters only' => sub { join one_of("\n", "\r\n", "\r"), map { one_of(',', ';', "\t", '|', ' ', ', ') x rand 10 } 1 .. rand 50 },
	'line ends only' => sub { one_of('', $header) . join '', map { one_of("\n", "\r", "\r\n", " \n", "\t\r") } 1 .. rand 2000 },
	'marks' => sub { one_of("\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", "\xef\xbb", "\xff", "PK\3\4", "\x1f\x8b", "\xef\xbb\xbf\xef\xbb\xbf", "\0") . one_of('', valid_file(), utf16(valid_file(), "\xff\xfe")) },
	'gzip' => sub { Compress::Zlib::memGzip(valid_file()) },
	'gzip, mutated' => sub { mutated(Compress::Zlib::memGzip(valid_file())) },
	'gzip of no file' => sub { Compress::Zlib::memGzip(one_of('', mutated(valid_file()), random_syntax(rand 300))) . one_of('', "\0", 'x') },
	'zstd, mutated' => sub { mutated("\x28\xb5\x2f\xfd\0\x58" . substr(pack('V', length($header) << 3), 0, 3) . $header . "\x02\x00\x10\n" . "\x21\0\0\n\n\n\n") },
	'valid' => sub { valid_file() },
	'nothing' => sub { one_of('', ' ', "\0", '"', ',', "\n", substr($header, 0, rand length $header)) },
	'SQL' => sub { $header . "a\@b.co,'; DROP TABLE vero.events; --,2022-01-01,\"\\\",\$1\n" . "\\.\n" . valid_record() },
);
my @names = sort keys %kinds;
# a part of them under other options
my @encodings = ('latin1', 'sjis', 'gb18030', 'euc_jp', 'big5', 'win1252');

my $directory = tempdir(CLEANUP => 1);
my $contents = "$directory/contents";
open(my $file, '>', $contents) or die "$contents: $!";
for my $n (1 .. $count)
{
	my $encoding = rand(8) < 1 ? one_of(@encodings) : '\N';
	print {$file} "$n\t$names[ $n % @names ]\t$encoding\t\\\\x" . unpack('H*', $kinds{ $names[ $n % @names ] }->()) . "\n";
}
close($file) or die "$contents: $!";

# ---- all of them through one backend -----------------------------------------------------------------------------------

my $node = PostgreSQL::Test::Cluster->new('hostile_files');
$node->init;
$node->append_conf('postgresql.conf', "log_statement = none\nmax_wal_size = 4GB\n");
$node->start;
$node->safe_psql('postgres', qq{
	CREATE EXTENSION vero_events;
	CREATE TABLE contents (n int PRIMARY KEY, kind text, encoding text, content bytea);
	COPY contents FROM '$contents';
	CREATE TABLE results (n int, import_id bigint, state text, rows_read bigint, rows_imported bigint, rows_rejected bigint, rows_duplicate bigint,
		contacts_created bigint, error text)});
my $postmaster_started = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');

my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->set_query_timer_restart; # a time for each, not for all
my $pid = $session->query_safe('SELECT pg_backend_pid()');

# Memory of the backend's own; pages of shared buffers are not, and it comes to see more and more of them.
sub own_memory_kb
{
	my ($kb) = slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m or die 'no RssAnon';
	return $kb;
}

my ($settled_kb, $started, $failures) = (0, time, 0);
for (my $n = 1; $n <= $count; $n += $per_statement)
{
	my $last = $n + $per_statement - 1;
	my $limit = one_of('1MB', '1MB', '1kB', '8kB');
	my (undef, $failed) = $session->query("SET vero_events.max_record_size = '$limit';
		INSERT INTO results SELECT n, (r).import_id, (r).state, (r).rows_read, (r).rows_imported, (r).rows_rejected, (r).rows_duplicate, (r).contacts_created, (r).error
		FROM (SELECT n, import_events_csv(content => content, encoding => encoding, event_name => CASE WHEN n % 7 = 0 THEN 'All' END) AS r
			FROM contents WHERE n BETWEEN $n AND $last ORDER BY n OFFSET 0) AS i");
	if ($failed)
	{
		fail("contents $n to $last");
		diag($session->{stderr});
		$session->{stderr} = '';
		last if ++$failures == 5;
	}
	$settled_kb = own_memory_kb() if $last == $settled;
}
note(time - $started, ' s');
my $in_the_end_kb = own_memory_kb();
note("$settled_kb kB after $settled contents, $in_the_end_kb kB after $count");
cmp_ok($in_the_end_kb - $settled_kb, '<', 4096, 'the backend does not grow');

# Errors that end a statement in the middle of an import leave no memory either.
$session->query_safe(q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused: %', NEW; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON vero.contacts FOR EACH ROW WHEN (NEW.email = 'refused@example.com') EXECUTE FUNCTION refuse();
	CREATE PROCEDURE fail(times int) LANGUAGE plpgsql AS $$
	DECLARE
		content bytea := convert_to(E'email,event_name,time\nfirst@example.com,x,2022-01-01\nnobody,x,2022-01-01\nrefused@example.com,x,2022-01-01\n', 'UTF8');
	BEGIN
		FOR i IN 1 .. times LOOP
			BEGIN
				IF i % 2 = 0 THEN
					PERFORM import_events_csv(content => content);
				ELSE
					PERFORM import_events_csv(content => content, time_zone => repeat('nowhere', 10));
				END IF;
				RAISE 'it does not fail' USING ERRCODE = 'assert_failure';
			EXCEPTION WHEN raise_exception OR invalid_parameter_value THEN
				NULL;
			END;
			COMMIT;
		END LOOP;
	END $$});
$session->query_safe('CALL fail(2000)');
$settled_kb = own_memory_kb();
$session->query_safe('CALL fail(4000)');
$in_the_end_kb = own_memory_kb();
note("$settled_kb kB after 2,000 errors, $in_the_end_kb kB after 6,000");
cmp_ok($in_the_end_kb - $settled_kb, '<', 400, 'nor does it with 4,000 errors');
is($session->query_safe('SELECT pg_backend_pid()'), $pid, 'it is still the same backend');
$session->quit;

# ---- what became of them -----------------------------------------------------------------------------------------------

is($node->safe_psql('postgres', 'SELECT count(*) FROM results'), $count, 'each content has a result');
is( $node->safe_psql('postgres', q{
		SELECT kind, encoding, r.* FROM results AS r JOIN contents AS c USING (n) JOIN vero.imports AS i ON i.id = import_id
		LEFT JOIN (SELECT import_id, count(*) FROM vero.events GROUP BY 1) AS e USING (import_id)
		LEFT JOIN (SELECT import_id, count(*), max(record_number) FROM vero.rejected_rows GROUP BY 1) AS j USING (import_id)
		WHERE (r.rows_read = r.rows_imported + r.rows_rejected + r.rows_duplicate AND r.rows_imported = coalesce(e.count, 0) AND r.rows_rejected = coalesce(j.count, 0)
			AND coalesce(j.max, 0) <= r.rows_read AND (r.state = 'failed') = (r.error IS NOT NULL)
			AND r.state = CASE WHEN r.error IS NOT NULL THEN 'failed' WHEN r.rows_rejected > 0 THEN 'completed_with_rejects' ELSE 'completed' END
			AND (r.state, r.rows_read, r.rows_imported, r.rows_rejected, r.rows_duplicate, r.contacts_created) = (i.state, i.rows_read, i.rows_imported, i.rows_rejected, i.rows_duplicate, i.contacts_created)
			AND i.bytes = length(content) AND i.sha256 = sha256(content)) IS NOT TRUE
		ORDER BY n LIMIT 5}),
	'', 'each adds up, and agrees with the tables');
is( $node->safe_psql('postgres', q{
		SELECT kind, n, record_number, line_number, byte_offset, left(raw_record, 100), left(raw_bytes::text, 100) FROM vero.rejected_rows
		JOIN results AS r USING (import_id) JOIN contents AS c USING (n)
		WHERE encoding IS NULL AND substr(content, 1, 2) NOT IN ('\xfffe', '\xfeff', '\x1f8b', '\x28b5')
			AND substr(content, byte_offset::int + 1, length(coalesce(raw_bytes, convert_to(raw_record, 'UTF8')))) <> coalesce(raw_bytes, convert_to(raw_record, 'UTF8'))
		ORDER BY n LIMIT 5}),
	'', 'each reject stands where its offset says');
is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.events WHERE NOT EXISTS (SELECT FROM vero.contacts AS c WHERE c.id = contact_id)'), '0', 'each event has its contact');
is( $node->safe_psql('postgres', q{SELECT count(*) FROM results JOIN contents USING (n) WHERE kind IN ('valid', 'UTF-16', 'gzip') AND encoding IS NULL AND state <> 'completed'}),
	'0', 'what is valid is imported');
my @codes = qw(event_name_too_long invalid_email invalid_encoding invalid_time malformed_quote missing_email missing_event_name missing_time
	nul_byte record_too_long repeated_header too_few_fields too_many_fields unnamed_column unterminated_quote);
is($node->safe_psql('postgres', q{SELECT DISTINCT e->>'code' FROM vero.rejected_rows, jsonb_array_elements(errors) AS e ORDER BY 1}),
	join("\n", @codes), 'what is not is rejected for every reason there is');
note($node->safe_psql('postgres', q{
	SELECT kind, count(*), count(*) FILTER (WHERE state = 'failed') AS failed, sum(rows_read) AS read, sum(rows_imported) AS imported, sum(rows_rejected) AS rejected
	FROM results JOIN contents USING (n) GROUP BY 1 ORDER BY 1}));
note($node->safe_psql('postgres', q{SELECT e->>'code', count(*) FROM vero.rejected_rows, jsonb_array_elements(errors) AS e GROUP BY 1 ORDER BY 1}));

is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $postmaster_started, 'the server has not restarted');
$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/was terminated by signal|PANIC/, 'no process crashed');
unlike($log, qr/WARNING/, 'no error jumped over C++ frames, nothing leaked');

done_testing();
