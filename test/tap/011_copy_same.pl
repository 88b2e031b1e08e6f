# The same file gives the same events, rejects and counts, whichever way it comes: the function with a path or with bytes, COPY
# from a file, from a program, and from STDIN.
use strict;
use warnings;

use Encode qw(encode);
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use IO::Uncompress::Gunzip qw(gunzip);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroProtocol;

my $node = PostgreSQL::Test::Cluster->new('copy_same');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\nautovacuum = off\ntimezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
my $client = VeroProtocol->connect($node);
my $directory = tempdir(CLEANUP => 1);

# ---- files -----------------------------------------------------------------------------------------------------------

my %files;    # name => path
my %options;  # name => { option => text }

sub add
{
	my ($name, $bytes, %option) = @_;
	$files{$name} = "$directory/$name.csv";
	$options{$name} = \%option;
	append_to_file($files{$name}, $bytes);
	return;
}

my $data = "$FindBin::Bin/../data";
for my $path (glob "$data/*.csv $data/*.csv.gz")
{
	my ($name) = $path =~ m{([^/]+)\.csv(?:\.gz)?$};
	my $bytes;
	if ($path =~ /\.gz$/) { gunzip($path => \$bytes) or die "cannot unpack $path" }
	else { $bytes = slurp_file($path) }
	add("data_$name", $bytes);
}

my $record = 'a@example.com,Signs up,2022-01-01 10:00+10';
my @rejects = (
	'nobody,x,2022-01-01,1,', ',x,2022-01-01,2,', 'n/a,,,3,', "a\@b.co,${\ ('n' x 256)},2022-01-01,4,", 'a@b.co,x,01/02/2022,5,',
	'a@b.co,x,2022-01-01', 'a@b.co,x,2022-01-01,7,,more', 'a@b.co,"x" y,2022-01-01,8,', "a\@b.co,\xff,2022-01-01,9,", "a\@b.co,x\0y,2022-01-01,10,",
	'a@b.co,x,2022-01-01,11,value', "a\@b.co,x,2022-01-01,${\ ('y' x 1_100_000)},", 'a@b.co,x,2022-01-01,"never closed,', "\xff\0,\"a\"b,yesterday,14");
my $kinds = "email,event_name,time,note,\n" . join '', map { "$_\n$record,good,\n" } @rejects;
add(all_rejects => $kinds);
add(nearly_text => $kinds =~ s/\0//gr);
add(semicolon => "\xef\xbb\xbfE-Mail Address;Event;Date;Preis\r\n\r\n \"A\@B.co\" ; kauft ;2022-01-01; \"1,50\" \r\n;;;\r\nb\@b.co;\"x\r\ny\";2022-01-01;\"\"\r\n",
	columns => '{"email": "E-Mail Address", "price": "Preis"}');
add(tab => "email\tname\ttime\tnote\na\@b.co\tx\t2022-01-01\ta,b;c\nbad\tx\t2022-01-01\t\"open\nb\@b.co\tx\t2022-01-01\tlast");
add(pipe => "email|name|time\ra\@b.co|x|2022-01-01\r\rbad|x|2022-01-01\r\nb\@b.co|x|2022-01-01\n");
add(quotes => "email,name,time,note\na\@b.co,x,2022-01-01,\"opened\nb\@b.co,x,2022-01-01,fine\nc\@b.co,x,2022-01-01,\"two\nlines\"\n"
		. "d\@b.co,x,2022-01-01,\"a \"\"b\"\" c\"\ne\@b.co,x,2022-01-01,5\" pipe\nf\@b.co,x,2022-01-01,\"to the end");
my $text = "\x{feff}email,name,time,gr\x{f6}\x{df}e\na\@b.co,\x{4fa1}\x{1f600},2022-01-01,\x{f6}\n\x{f6}\@b\x{fc}.de,x,2022-01-01,\"a\n b\"\nbad,x,yesterday,\n";
add(utf8 => encode('UTF-8', $text));
add(utf16le => encode('UTF-16LE', $text));
add(utf16be => encode('UTF-16BE', $text) . "\xd8");
add(latin1 => "email,name,time,gr\xf6\xdfe\r\n\xf6\@b.de,x,2022-01-01,\xe4\r\nb\xe4d,x,2022-01-01,\xe4\r\n", encoding => 'LATIN1');
add(sjis => encode('cp932', "email,name,time,\x{4fa1}\x{683c}\na\@b.co,\x{30bd}\x{8868},2022-01-01,\x{80fd}\nbad,\x{30bd},2022-01-01,\x{80fd}\n"), encoding => 'SJIS');
add(own_dialect => "who|when|note\na\@b.co|2022-07-01 12:00|'it\\'s|so'\nb\@b.co|2022-07-01 12:00|nix\nbad|2022-07-01 12:00|\n",
	delimiter => '|', quote => "'", escape => '\\', null_string => 'nix', columns => '{"email": "who", "time": "when", "remark": "note"}',
	event_name => "Rings 'twice'", time_zone => 'America/New_York');
add(batches => "email,event_name,time,number\n"
		. join('', map { ($_ % 7 ? "p${\ ($_ % 900)}\@example.com" : 'nobody') . ",x,2022-01-01 00:00:00.${_}Z,$_\n" } 1 .. 25_000));
add(gzip => slurp_file("$data/compressed/orders.csv.gz"), columns => '{"email": "Customer Email", "time": "Ordered at"}', event_name => 'Places order');
add(zstd => slurp_file("$data/compressed/orders.csv.zst"), columns => '{"email": "Customer Email", "time": "Ordered at"}', event_name => 'Places order');
add(no_line_end => "email,event_name,time\n$record");

# those that fail as a whole
add(empty => '');
add(only_blank_lines => "\n\r\n\n");
add(only_header => "email,event_name,time\n");
add(no_email => "mail,event_name,time\n$record\n" x 20_000);
add(no_time => "email,event_name,when\n$record\n");
add(two_of_one_name => "email,event_name,time,note,note\n$record,1,2\n");
add(open_header => "email,event_name,time,\"note\n$record,1\n");
add(odd_header => "email,event_name,time,\xff\n$record,1\n");
add(spreadsheet => "PK\3\4" . ('x' x 100_000));
add(bzip2 => 'BZh91AY&SY');
add(web_page => "<!DOCTYPE html>\n<html>\n");
add(no_such_column => "email,event_name,time\n$record\n", columns => '{"email": "Customer"}');

# ---- ways ------------------------------------------------------------------------------------------------------------

sub quoted { my ($value) = @_; return "'" . ($value =~ s/'/''/gr) . "'" }
sub function_options { my ($name) = @_; return join '', map { ", $_ => " . quoted($options{$name}{$_}) } sort keys %{ $options{$name} } }
sub copy_options { my ($name) = @_; return join ', ', 'FORMAT vero_csv', map { "$_ " . quoted($options{$name}{$_}) } sort keys %{ $options{$name} } }

# As the function has it in its column "error".
sub in_words { my ($message, $hint) = @_; return defined $hint ? "$message. $hint" : $message }

# An option that is named is written as the import was: to be compared, all are in COPY's words.
sub in_one_notation { my ($words) = @_; return $words =~ s/\b([a-z_]+) => (?=['\d])/$1 /gr }

# Each runs an import of a file and returns its error: '' where there is none.
sub by_function
{
	my ($argument, $name) = @_;
	return $node->safe_psql('postgres', "SELECT error FROM import_events_csv($argument" . function_options($name) . ')');
}

sub by_psql
{
	my ($command) = @_;
	my ($out, $err) = ('', '');
	$node->psql('postgres', "\\set VERBOSITY verbose\n$command", stdout => \$out, stderr => \$err);
	my $notice = $err =~ s/^\S*: ?NOTICE:  00000: (import .*)\nHINT: .*\nLOCATION: .*(?:\n|$)// ? "$1" : '';
	my $is_true = $node->safe_psql('postgres', q{SELECT coalesce(string_agg(format('import %s: %s read, %s imported, %s rejected',
			id, CASE rows_read WHEN 1 THEN '1 record' ELSE rows_read || ' records' END, rows_imported, rows_rejected), ''), '') FROM vero.imports WHERE rows_rejected > 0});
	return "the notice is '$notice', not '$is_true'" if $notice ne $is_true;
	return '' if $err eq '';
	return $err =~ /ERROR:  22P04: (.*)/ ? in_words("$1", $err =~ /^HINT:  (.*)/m ? "$1" : undef) : "unexpected: $err";
}

my %ways = (
	'function, path' => sub { my ($name) = @_; return by_function("path => '$files{$name}'", $name) },
	'function, content' => sub { my ($name) = @_; return by_function("content => pg_read_binary_file('$files{$name}')", $name) },
	'COPY FROM file' => sub { my ($name) = @_; return by_psql("COPY vero.events FROM '$files{$name}' WITH (${\ copy_options($name)});") },
	'COPY FROM PROGRAM' => sub { my ($name) = @_; return by_psql("COPY vero.events FROM PROGRAM 'cat $files{$name}' WITH (${\ copy_options($name)});") },
	'COPY FROM STDIN' => sub {
		my ($name) = @_;
		my $said = $client->copy("COPY vero.events FROM STDIN WITH (${\ copy_options($name)})", slurp_file($files{$name}), 5000);
		return $said =~ /^C:COPY \d+ Z:I$/ ? '' : $said =~ /^E:22P04 (.*) Z:I$/s ? in_words("$1", $VeroProtocol::hint) : "unexpected: $said";
	},
	'psql \copy' => sub { my ($name) = @_; return by_psql("\\copy vero.events FROM '$files{$name}' WITH (${\ copy_options($name)})") });

# All that an import leaves, but for what must differ: the way, who and when. Line by line, for a readable difference.
my $result = q{SELECT 'import ' || (to_jsonb(i) - '{run_id, source, started_at, finished_at}'::text[])::text FROM vero.imports AS i
	UNION ALL (SELECT 'event ' || concat_ws('|', email, name, occurred_at, properties, import_id) FROM vero.timeline ORDER BY 1)
	UNION ALL (SELECT 'contact ' || concat_ws('|', email, properties, created_by_import) FROM vero.contacts ORDER BY 1)
	UNION ALL (SELECT 'reject ' || to_jsonb(r)::text FROM vero.rejected_rows AS r ORDER BY record_number)};
my $clear = 'TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages RESTART IDENTITY; SELECT setval(\'vero.events_id_seq\', 1)';

for my $name (sort keys %files)
{
	my ($expected, $error);
	for my $way (sort { ($b =~ /path/) <=> ($a =~ /path/) || $a cmp $b } keys %ways)
	{
		# psql ends a line of \copy at a NUL
		next if $way =~ /^psql/ && slurp_file($files{$name}) =~ /\0/;
		$node->safe_psql('postgres', $clear);
		my $error_here = in_one_notation($ways{$way}->($name));
		my $here = in_one_notation($node->safe_psql('postgres', $result));
		if (!defined $expected)
		{
			($expected, $error) = ($here, $error_here);
			like($error, $name =~ /^(?:empty|no_(?!line)|only|two|open_header|odd_header|spreadsheet|bzip2|web|data_orders)/ ? qr/./ : qr/^$/, "$name: " . ($error || 'is imported'));
			next;
		}
		is($error_here, $error, "$name, $way: the same outcome");
		# COPY raises the error, so that nothing stays
		my $expected_here = $error ne '' && $way !~ /^function/ ? '' : $expected;
		next if ok($here eq $expected_here, "$name, $way: the same rows");
		my @here = split /\n/, $here;
		my @expected = split /\n/, $expected_here;
		my ($different) = grep { ($here[$_] // '') ne ($expected[$_] // '') } 0 .. ($#here > $#expected ? $#here : $#expected);
		diag(join "\n", map { substr($_->[$different] // '(nothing)', 0, 600) } \@here, \@expected);
	}
}

# what the data's README says
$node->safe_psql('postgres', $clear);
is($ways{'COPY FROM STDIN'}->('data_cdnow'), '', 'CDNOW by COPY FROM STDIN');
is($node->safe_psql('postgres', 'SELECT rows_imported, contacts_created, rows_rejected FROM vero.imports'), '69659|23570|0', 'has what it is to have');

# every kind of reject was among them
$node->safe_psql('postgres', $clear);
$ways{'COPY FROM STDIN'}->('all_rejects');
is( $node->safe_psql('postgres', q{SELECT string_agg(DISTINCT e->>'code', ' ' ORDER BY e->>'code') FROM vero.rejected_rows, jsonb_array_elements(errors) AS e}),
	'event_name_too_long invalid_email invalid_encoding invalid_time malformed_quote missing_email missing_event_name missing_time nul_byte'
		. ' record_too_long too_few_fields too_many_fields unnamed_column unterminated_quote', 'all kinds of rejects were compared');

# ---- a name is one only where there is one ------------------------------------------------------------------------------

$files{other_name} = "$directory/other_name.txt";
$options{other_name} = {};
append_to_file($files{other_name}, "email,event_name,time\n$record\n");
for my $way (sort keys %ways)
{
	$node->safe_psql('postgres', $clear);
	like($ways{$way}->('other_name'), $way =~ /path|file/ ? qr/^"\Q$files{other_name}\E" is not a CSV file: its name does not end in \.csv, / : qr/^$/, "a file that is named .txt: $way");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM vero.timeline'), $way =~ /path|file/ ? '0' : '1', "which $way takes or leaves");
}

# ---- a file without a header: COPY's column list -------------------------------------------------------------------------

my $list = '(email, event_name, time, "Item Type")';
my $rows = "A\@b.co,x,2022-01-01,hat\nbad,x,2022-01-01,\"c\nap\"\nb\@b.co,x,2022-01-01,\n\xff,x,2022-01-01,\0\n";
append_to_file("$directory/rows.csv", $rows);
append_to_file("$directory/with_header.csv", "email,event_name,time,Item Type\n$rows");
my $rows_result = q{SELECT 'event ' || concat_ws('|', email, name, occurred_at, properties) FROM vero.timeline
	UNION ALL (SELECT 'reject ' || concat_ws('|', record_number, line_number - :lines, byte_offset - :bytes, raw_record, raw_bytes, reason, errors) FROM vero.rejected_rows ORDER BY record_number)};
my %headless = (
	'file' => sub { by_psql("COPY vero.events $list FROM '$directory/rows.csv' WITH (FORMAT vero_csv);") },
	'PROGRAM' => sub { by_psql("COPY vero.events $list FROM PROGRAM 'cat $directory/rows.csv' WITH (FORMAT vero_csv);") },
	'STDIN' => sub { $client->copy("COPY vero.events $list FROM STDIN WITH (FORMAT vero_csv)", $rows, 3) =~ s/C:COPY 2 Z:I//r });
$node->safe_psql('postgres', "$clear; SELECT import_events_csv('$directory/with_header.csv')");
my $with_header = in_one_notation($node->safe_psql('postgres', $rows_result =~ s/:lines/1/r =~ s/:bytes/32/r));
for my $way (sort keys %headless)
{
	$node->safe_psql('postgres', $clear);
	is($headless{$way}->(), '', "a column list, $way");
	is($node->safe_psql('postgres', $rows_result =~ s/:lines/0/r =~ s/:bytes/0/r), $with_header, "a column list, $way: the same as with a header");
}

$node->stop;
unlike(slurp_file($node->logfile), qr/WARNING:|PANIC|TRAP|terminated by signal/, 'no crash, no warnings');
done_testing();
