# Memory does not grow with a file, nor with what is wrong in it: the worst files that could be thought of stay within 64 MB over an idle
# backend, plus twice the longest record. And where the machine has no more, that is said in words for people.
use strict;
use warnings;

use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $allowed_kb = 64 * 1024;
my $MB = 1024 * 1024;

my $node = PostgreSQL::Test::Cluster->new('memory');
$node->init;
# Pages of shared buffers are no memory of the backend's own; few of them leave little to be mistaken for it.
$node->append_conf('postgresql.conf',
	"shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\nshared_buffers = 4MB\nwal_buffers = 256kB\nmax_wal_size = 4GB\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
my $directory = tempdir(CLEANUP => 1);

# What a backend says of itself, in kB.
my $status = q{SELECT pg_read_file('/proc/self/status')};
sub kb { return $_[0] =~ /^$_[1]:\s+(\d+) kB$/m ? $1 : die "no $_[1]" }
my $idle_kb = kb($node->safe_psql('postgres', "SELECT count(*) FROM vero.imports; $status"), 'RssAnon');

sub own_kb
{
	my ($told) = @_;
	return kb($told, 'VmHWM') - kb($told, 'RssShmem') - kb($told, 'RssFile') - $idle_kb;
}

sub write_file
{
	my ($write) = @_;
	my $path = "$directory/worst.csv";
	open(my $file, '>:raw', $path) or die "$path: $!";
	$write->($file);
	close($file) or die "$path: $!";
	return $path;
}

# Looks at what `$write` prints.
sub check_look
{
	my ($what, $longest, $expected, $write) = @_;
	my $path = write_file($write);
	my $told = $node->safe_psql('postgres', "SELECT records, rejects FROM vero.inspect_csv_file('$path', max_records => 10000000); $status");
	my ($result) = split /\n/, $told;
	my $own_kb = own_kb($told);
	note("a look at $what: $result, $own_kb kB");
	is($result, $expected, "a look at $what");
	cmp_ok($own_kb, '<', $allowed_kb + 2 * $longest / 1024, "a look at $what: memory");
	return;
}

# Imports what `$write` prints to a file, and compares what it took with what it may take.
sub check
{
	my ($what, $longest, $write, %given) = @_;
	my $path = write_file($write);
	my $options = $given{options} ? ", $given{options}" : '';
	my $started = time;
	my $told = $node->safe_psql('postgres', ($given{settings} // '') . "SELECT state, rows_read, rows_imported, rows_rejected, left(error, 60) FROM import_events_csv('$path'$options); $status");
	my ($result) = split /\n/, $told;
	my $own_kb = own_kb($told);
	note("$what: $result, $own_kb kB, ", time - $started, ' s');
	like($result, $given{expected}, "$what: it is told what became of it");
	cmp_ok($own_kb, '<', $allowed_kb + 2 * $longest / 1024, "$what: memory");
	# what was imported is of no further use, and the disk may be small
	$node->safe_psql('postgres', 'TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages');
	return;
}

sub text_of
{
	my (@parts) = @_;
	return sub { my ($file) = @_; print {$file} @parts };
}

my $columns = 'email,name,time';
my $good = 'a@b.co,x,2022-01-01';
my $completed = qr/^completed\|/;
my $rejected = qr/^completed_with_rejects\|/;
my $long = 'SET vero_events.max_record_size = \'4MB\';';

# ---- what the header can do ---------------------------------------------------------------------------------------------

check('unnamed columns', 20_000, text_of($columns . ',' x 9_997 . "\n", ($good . ',y' x 9_997 . "\n") x 1_500), expected => qr/^completed_with_rejects\|1500\|0\|1500\|/);
check('a name as long as a record', $MB, text_of("$columns," . 'n' x 1_000_000 . "\n", "$good,\"b\"c\n" x 20_000), options => "columns => jsonb_build_object('note', repeat('n', 1000000))", expected => qr/\|20000\|0\|20000\|/);
check('a name as long as a record over good cells', $MB, text_of("$columns," . 'n' x 1_000_000 . "\n", "$good,b\n" x 1000), expected => qr/^failed\|.*name of column 4/);
my $widest = join(',', $columns, map { sprintf 'n%099d', $_ } 4 .. 10_000) . "\n";
check('the widest header', length $widest, text_of($widest, ($good . ',y' x 9_997 . "\n") x 50), expected => qr/^completed\|50\|50\|/);
check('the widest header over bad cells', length $widest, text_of($widest, ($good . ',"y"z' x 9_997 . "\n") x 500), expected => qr/\|500\|0\|500\|/);
check('more columns than there may be', $MB, text_of($columns . ',' x 1_000_000 . "\n$good\n"), expected => qr/^failed\|.*columns, and 10,000 are/);
check('twelve megabytes of delimiters', $MB, text_of($columns . ',' x (12 * $MB) . "\n$good\n"), settings => $long, expected => qr/^failed\|.*header does not end/);
check('twelve megabytes of names', $MB, text_of(join(',', $columns, map { sprintf '%01000d', $_ } 4 .. 10_000) . "\n", "$good\n"), settings => $long, expected => qr/^failed\|.*header does not end/);

# ---- what records can do -------------------------------------------------------------------------------------------------

for ([ 'a', 'letters' ], [ ',', 'delimiters' ], [ '"', 'quotes' ], [ '""', 'doubled quotes' ], [ "\"\n", 'quotes and line ends' ], [ "\n", 'line ends' ], [ "\0", 'NUL' ], [ "\xff", 'no UTF-8' ], [ "\xc3\xa9", 'letters of two bytes' ])
{
	my ($piece, $name) = @$_;
	my $most = 1_000_000 / length $piece;
	check("records of $name", $MB, text_of("$columns,note\n", ("$good," . $piece x $most . "\n") x 20), expected => qr/^completed/);
	check("records of $name in quotes", $MB, text_of("$columns,note\n", ("$good,\"" . $piece x $most . "\"\n") x 20), expected => qr/^completed/);
}
for ([ 'a', 'letters' ], [ ',', 'delimiters' ], [ '"', 'quotes' ], [ '""', 'doubled quotes' ], [ "\n", 'line ends' ], [ "\0", 'NUL' ])
{
	my ($piece, $name) = @$_;
	my $most = 4_100_000 / length $piece;
	check("the longest records of $name", 4 * $MB, text_of("$columns,note\n", ("$good,\"" . $piece x $most . "\"\n") x 4), settings => $long, expected => qr/^completed/);
}
check('lines longer than records may be', $MB, text_of("$columns,note\n", ("$good," . 'x' x (10 * $MB) . "\n") x 5), expected => qr/\|5\|0\|5\|/);
check('quotes that are never closed', $MB, text_of("$columns,note\n", ("$good,\"" . 'x' x 900_000 . "\n") x 20), expected => qr/\|20\|0\|20\|/);
check('rejects of a megabyte each', $MB, text_of("$columns,note\n", ('nobody,,,"' . 'x' x 1_000_000 . "\"\n") x 30), expected => qr/\|30\|0\|30\|/);
check('every kind of reject', 1000, text_of("$columns,note,\n", (join '', map { "$_\n" } 'nobody,x,2022-01-01,,', ',,,,', "a\@b.co,x,01/02/2022,,", $good, "$good,1,2,3", "$good,\"1\"2,", "$good,\"1,", "$good,\xff,", "$good,\0,", "$good,1,v", 'a@b.co,' . 'x' x 300 . ',2022-01-01,,') x 5_000), expected => $rejected);
check('nothing but rejects, which are short', 1000, text_of("$columns\n", "x\n" x 300_000), expected => qr/\|300000\|0\|300000\|/);

# ---- encodings -----------------------------------------------------------------------------------------------------------

for my $encoding ('LATIN1', 'GB18030')
{
	check("$encoding: records that are text", $MB, text_of("$columns,note\n", ("$good," . 'x' x 1_000_000 . "\n") x 10), options => "encoding => '$encoding'", expected => $completed);
	check("$encoding: records that may be none", $MB, text_of("$columns,note\n", ("$good," . "\xe9\xff" x 500_000 . "\n") x 10), options => "encoding => '$encoding'", expected => qr/^completed/);
}
sub utf16 { return pack('v*', map { ord } split //, $_[0]) }
check('UTF-16: letters of all widths', $MB, text_of("\xff\xfe", utf16("$columns,note\n"), (utf16("$good,") . pack('v*', 0x61, 0xe9, 0x20ac, 0xd83d, 0xde00, 0x62) x 70_000 . utf16("\n")) x 20), expected => $completed);
check('UTF-16: halves of characters', $MB, text_of("\xff\xfe", utf16("$columns,note\n"), (utf16("$good,") . pack('v*', 0xd83d, 0x61) x 200_000 . utf16("\n")) x 20), expected => qr/\|20\|0\|20\|/);

# ---- archives ------------------------------------------------------------------------------------------------------------

use Compress::Zlib ();
check('gzip', $MB, text_of(Compress::Zlib::memGzip("$columns,note\n" . ("$good,\"" . 'x' x 1_000_000 . "\"\n") x 50)), expected => qr/^completed\|50\|50\|/);
check('gzip of rejects', $MB, text_of(Compress::Zlib::memGzip("$columns,note\n" . ('nobody,,,"' . 'x' x 1_000_000 . "\"\n") x 30)), expected => qr/\|30\|0\|30\|/);
# A frame with a window of 8 MB; blocks of bytes as they are, and of one byte that is repeated.
sub zstd_block { my ($bytes, $is_last) = @_; return substr(pack('V', length($bytes) << 3 | ($is_last ? 1 : 0)), 0, 3) . $bytes }
my $zstd = "\x28\xb5\x2f\xfd\x00\x68" . zstd_block("$columns,note\n");
my $repeated = substr(pack('V', 131_072 << 3 | 2), 0, 3);
check('zstd with the largest window', $MB, text_of($zstd, (map { zstd_block("$good," . $_ % 10 x 100_000 . "\n") } 1 .. 600), zstd_block('', 1)), expected => qr/^completed\|600\|600\|/);
check('a gigabyte of blank lines in 32 kB', 100, text_of($zstd, "$repeated\n" x 8_000, zstd_block("$good,x\n", 1)), expected => qr/^completed\|1\|1\|/);
check('a gigabyte of one line in 32 kB', $MB, text_of($zstd, "${repeated}x" x 8_000, zstd_block("\n$good,x\n", 1)), expected => qr/\|2\|1\|1\|/);
check('one that grows beyond measure', $MB, text_of($zstd, "${repeated}x" x 100_000, zstd_block("\n$good,x\n", 1)), expected => qr/^failed\|.*is refused/);
check('a window that is too large', $MB, text_of("\x28\xb5\x2f\xfd\x00\x98", zstd_block("$columns\n$good\n", 1)), expected => qr/^failed\|.*is refused/);

# ---- looks ---------------------------------------------------------------------------------------------------------------

check_look('values that are all different', 1000, '300000|0', sub {
	my ($file) = @_;
	print {$file} "$columns,", join(',', map { "c$_" } 4 .. 10), "\n";
	print {$file} "c$_\@example.com,x$_,2022-01-01,", join(',', map { "$_-value-$_" } ($_ .. $_ + 6)), "\n" for 1 .. 300_000;
});
check_look('times that are written in all ways, in as many columns as there may be', 4 * $MB, '150|0', sub {
	my ($file) = @_;
	print {$file} "$columns,", join(',', map { "c$_" } 4 .. 10_000), "\n";
	my @ways = ('%d/%d/%d', '%d-%d-%d', '%d.%d.%d', '%d/%d/%d 1:%02d', '%d/%d/20%d 1:%02d PM', '%d.%d.20%d, 11:%02d:00');
	for my $record (1 .. 150)
	{
		my $way = $ways[ $record % @ways ];
		no warnings 'redundant';
		print {$file} $good, map({ ',' . sprintf($way =~ /,/ ? "\"$way\"" : $way, 1 + $record % 12, 1 + ($record + $_) % 12, 10 + $record % 80, $_ % 60) } 4 .. 10_000), "\n";
	}
});
check_look('JSON as long as a record', $MB, '20|0', text_of("$columns,note\n", ("$good,\"[" . join(',', (1) x 490_000) . "]\"\n") x 20));
check_look('records of quotes', $MB, '20|0', text_of("$columns,note\n", ("$good,\"" . '""' x 490_000 . "\"\n") x 20));

# ---- many contacts, many jobs --------------------------------------------------------------------------------------------

srand(20220102);
my $many_contacts = sub {
	my ($file) = @_;
	print {$file} "$columns\n";
	print {$file} 'c', ($_ * 611_953) % 1_200_007, "\@example.com,x,2022-01-", 10 + $_ % 20, "\n" for 1 .. 1_200_000;
};
check('more new contacts than are known at a time, in any order', 100, $many_contacts, expected => qr/^completed\|1200000\|1200000\|0\|/);
my $domain = join '.', ('d' x 60) x 3;
check('the longest addresses and names of events', 1000, sub {
	my ($file) = @_;
	print {$file} "$columns\n";
	printf {$file} "%s%07d\@%s.co,%s%07d,2022-01-01\n", 'c' x 57, $_, $domain, 'e' x 248, $_ for 1 .. 150_000;
}, expected => qr/^completed\|150000\|150000\|0\|/);
$node->safe_psql('postgres', q{INSERT INTO vero.campaigns (name, event_name, delay, grace, subject, body_text)
	SELECT 'campaign ' || g, 'x', '0', '36500 days', 's', '{{ event.note }}{{ event.note }}' FROM generate_series(1, 3) AS g});
check('three jobs for each event', 100, text_of("$columns\n", map { ("c$_\@example.com,x,2022-01-01\n") } 1 .. 100_000), options => 'trigger_campaigns => true', expected => qr/^completed\|100000\|100000\|0\|/);
check('three jobs for each of many contacts, duplicates skipped', 100, $many_contacts, options => q{trigger_campaigns => true, on_duplicate => 'skip'}, expected => qr/^completed\|1200000\|1200000\|0\|/);

# ---- forecasts -----------------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{UPDATE vero.campaigns SET cooldown = '1 day', condition = '$.event.name == "x" && $.contact.email != ""' WHERE name <> 'campaign 1'});
check('a forecast for more new contacts than are known at a time', 100, $many_contacts, options => 'trigger_campaigns => true, dry_run => true', expected => qr/^dry_run\|1200000\|1200000\|0\|/);
my $forecast_for_large = sub {
	my ($what, $properties) = @_;
	$node->safe_psql('postgres', "INSERT INTO vero.contacts (email, properties) SELECT 'c' || i || '\@example.com', $properties FROM generate_series(1, 300) AS i");
	check("a forecast for contacts with $what", $MB, text_of("$columns,note\n", map { ("c$_\@example.com,x,2022-01-01," . 'n' x 100_000 . "\n") } 1 .. 300), options => 'trigger_campaigns => true, dry_run => true', expected => qr/^dry_run\|300\|/);
};
$forecast_for_large->('properties that are large', q{jsonb_build_object('note', (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 10000) AS j))});
$forecast_for_large->('properties that are large when they are decompressed', q{jsonb_build_object('note', repeat('x', 900000))});

# ---- deciding jobs -------------------------------------------------------------------------------------------------------

open(my $file, '>', "$directory/jobs.csv") or die $!;
print {$file} "$columns,note\n", map { ("c$_\@example.com,x,2022-01-01," . 'n' x 900_000 . "\n") } 1 .. 250;
close($file) or die $!;
$node->safe_psql('postgres', "UPDATE vero.campaigns SET body_text = '{{ event.note }}', condition = '\$.event.note starts with \"n\"'; SELECT import_events_csv('$directory/jobs.csv', trigger_campaigns => true)");
my $told = $node->safe_psql('postgres', "SELECT * FROM vero.run_jobs(10000); $status");
like($told, qr/^750\|0\|0$/m, '750 jobs of large events are decided');
my $jobs_kb = own_kb($told);
note("$jobs_kb kB");
cmp_ok($jobs_kb, '<', $allowed_kb, 'within the same memory');

# ---- taking back, correcting and forgetting ------------------------------------------------------------------------------

# What a statement takes.
sub check_statement
{
	my ($what, $expected, $sql) = @_;
	my $told = $node->safe_psql('postgres', "$sql; $status");
	my ($result) = split /\n/, $told;
	my $own_kb = own_kb($told);
	note("$what: $result, $own_kb kB");
	is($result, $expected, $what);
	cmp_ok($own_kb, '<', $allowed_kb, "$what: memory");
	return;
}
$node->safe_psql('postgres', 'TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY');
open($file, '>', "$directory/undone.csv") or die $!;
print {$file} "$columns\n", map { ("c$_\@example.com,x,2022-01-01\n", $_ % 3 == 0 ? 'r' x 200 . " of forgotten\@example.com,x,2022-01-01\n" : ()) } 1 .. 400_000;
close($file) or die $!;
is($node->safe_psql('postgres', "SELECT rows_imported, rows_rejected FROM import_events_csv('$directory/undone.csv')"), '400000|133333', 'an import that is taken back');
check_statement('the correction of many rejects', '133333|133333', q{UPDATE vero.rejected_rows SET corrected_record = 'd' || record_number || '@example.com,x,2022-01-01';
	SELECT rows_read, rows_imported FROM vero.retry_rejects(1)});
check_statement('the end of somebody in many rejects', '133333', q{SELECT rejected_records FROM vero.forget('forgotten@example.com')});
$node->safe_psql('postgres', q{INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, condition, subject, body_text) VALUES ('backfill', 'x', '0', '36500 days', '1 day', '$.contact.email != ""', 's', 't')});
check_statement('the forecast of many stored events', '533333|533333', q{SELECT sent_now, contacts FROM vero.backfill_campaign('backfill', '-infinity')});
check_statement('many stored events that get jobs', '533333', q{SELECT sent_now FROM vero.backfill_campaign('backfill', '-infinity', false)});
check_statement('the undoing of many events and contacts', '533333|533333', 'SELECT events_removed, contacts_removed FROM vero.undo_import(1, true)');

$node->safe_psql('postgres', q{TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.trigger_jobs, vero.messages RESTART IDENTITY; INSERT INTO vero.contacts (email) VALUES ('large@example.com');
	INSERT INTO vero.events (contact_id, name, occurred_at, properties) SELECT 1, 'x', now() - i * interval '2 days', jsonb_build_object('note', repeat(i::text, 900000)) FROM generate_series(1, 300) AS i});
check_statement('the forecast of stored events that are large', '1|299', q{SELECT sent_now, discarded FROM vero.backfill_campaign('backfill', '-infinity')});
$node->safe_psql('postgres', 'TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY');

# ---- where there is no more memory ---------------------------------------------------------------------------------------

# The backend's address space is limited to a little more than it has, a little more each time, so that each stage of an import meets
# the limit. Whatever it is, the error is in words for people, and the session goes on.
open($file, '>', "$directory/some.csv") or die $!;
print {$file} "$columns,note\n", map { ("c$_\@example.com,x,2022-01-01,$_\n", $_ % 10 == 0 ? "nobody,,\n" : ()) } 1 .. 60_000;
close($file) or die $!;
my $names_of_cpp = qr/std::|bad_alloc|vector|basic_|_M_|length_error|allocat(or|ion of C)/;
my (%errors, $successes);
for my $more_mb (map { 24 * $_ } 1 .. 16)
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_safe('SELECT count(*) FROM vero.imports');
	my ($kb) = slurp_file("/proc/$pid/status") =~ /^VmSize:\s+(\d+) kB/m or die 'no VmSize';
	my $limit = ($kb + $more_mb * 1024) * 1024;
	system('prlimit', '--pid', $pid, "--as=$limit:unlimited") == 0 or die 'prlimit failed';
	my ($out, $failed) = $session->query("SELECT state FROM import_events_csv('$directory/some.csv')");
	$successes++ if !$failed && $out =~ /completed_with_rejects/;
	$errors{$1}++ while $session->{stderr} =~ /^(?:psql:\S+ )?ERROR:  (.*)/mg;
	unlike($session->{stderr}, $names_of_cpp, "$more_mb: the client is told in words for people");
	$session->{stderr} = '';
	system('prlimit', '--pid', $pid, '--as=unlimited') == 0 or die 'prlimit failed';
	is($session->query_safe('SELECT 1'), '1', "$more_mb: the session goes on");
	$session->quit;
}
note("$_: $errors{$_}") for sort keys %errors;
note(($successes // 0) . ' imports went well');
is(join(', ', grep { !/^(out of memory|could not start a thread that reads records ahead)$/ } keys %errors), '', 'nothing else went wrong');
cmp_ok($errors{'out of memory'} // 0, '>', 3, 'there was too little memory at some points');
cmp_ok($successes // 0, '>', 0, 'and enough at last');
$node->safe_psql('postgres', 'SELECT vero.record_failed_imports()');
unlike($node->safe_psql('postgres', q{SELECT string_agg(error, '; ') FROM vero.imports}), $names_of_cpp, 'nor do imports tell names of C++');
unlike($node->safe_psql('postgres', q{SELECT string_agg(concat(subject, body_text, body_html), '; ') FROM vero.messages}), $names_of_cpp, 'nor confirmations');

$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/was terminated by signal|PANIC/, 'no process crashed');
unlike($log, qr/WARNING:  an error jumped/, 'no error jumped over C++ frames');

done_testing();
