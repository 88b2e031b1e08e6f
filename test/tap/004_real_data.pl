# Real files: 69,659 purchases, and every upload in the Debian changelogs of this machine. Each record is compared with what
# other code makes of it: COPY and casts for the first, rules written in Perl for the second.
use strict;
use warnings;

use Encode qw(decode FB_CROAK LEAVE_SRC);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::Local qw(timegm_modern);

my $node = PostgreSQL::Test::Cluster->new('real_data');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'America/St_Johns'\n"); # that nothing in the files depends on
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
my $directory = tempdir(CLEANUP => 1);
my $data = dirname(__FILE__) . '/../data';

# ---- CDNOW -------------------------------------------------------------------------------------------------------------

my $purchases = "$directory/purchases.csv";
gunzip("$data/cdnow.csv.gz" => $purchases) or BAIL_OUT($GunzipError);
is($node->safe_psql('postgres', "SELECT import_id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created FROM import_events_csv('$purchases')"),
	'1|completed|69659|69659|0|0|23570', 'CDNOW: 69,659 events of 23,570 contacts, no rejects');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT email), (SELECT count(*) FROM vero.events), (SELECT count(*) FROM vero.rejected_rows) FROM vero.contacts'),
	'23570|23570|69659|0', 'CDNOW: so say the tables');

# events are numbered in the order of the file
is( $node->safe_psql('postgres', qq{
		CREATE TABLE lines (n bigint GENERATED ALWAYS AS IDENTITY, email text, event_name text, "time" text, number_of_cds text, dollar_value text);
		COPY lines (email, event_name, "time", number_of_cds, dollar_value) FROM '$purchases' (FORMAT csv, HEADER);
		SELECT l.*, e.* FROM lines AS l
		FULL JOIN (SELECT row_number() OVER (ORDER BY e.id) AS n, c.email, e.name, occurred_at, e.properties
			FROM vero.events AS e LEFT JOIN vero.contacts AS c ON c.id = contact_id) AS e USING (n)
		WHERE (e.email, e.name, occurred_at, properties) IS DISTINCT FROM (l.email, event_name, "time"::timestamptz,
			jsonb_strip_nulls(jsonb_build_object('number_of_cds', number_of_cds, 'dollar_value', dollar_value)))
		ORDER BY 1 LIMIT 5}),
	'', 'CDNOW: every event equals the line that it came from');

# ---- Debian changelogs -------------------------------------------------------------------------------------------------

my $uploads = "$directory/uploads.csv";
system("$^X $data/changelogs_to_csv >$uploads") == 0 or BAIL_OUT('no file is made');
my ($header, @lines) = split /\n/, slurp_file($uploads);
is($header, 'Uploaded by,Maintainer Address,Uploaded at,Source,Version,Distribution,Urgency', 'changelogs: the header');
if (!@lines)
{
	# a container whose dpkg leaves out documentation
	diag('this machine has no changelogs of installed packages');
	done_testing();
	exit;
}
diag('this machine has only ' . @lines . ' uploads in its changelogs') if @lines < 10_000;
cmp_ok(scalar @lines, '>=', 1000, 'changelogs: there are ' . @lines . ' uploads');

sub cells
{
	my ($line) = @_;
	my @cells;
	push @cells, defined $1 ? $1 =~ s/""/"/gr : $2 while $line =~ /\G(?:"((?:[^"]|"")*)"|([^,"]*))(?:,|$)/g && @cells < 7;
	return @cells;
}

sub is_utf8 { return eval { decode('UTF-8', $_[0], FB_CROAK | LEAVE_SRC); 1 } }

sub email_error
{
	my ($address) = @_;
	return 'missing_email' if $address =~ /^(?:|null|none|nil|undefined|n\/a|0)$/i;
	my $characters = decode('UTF-8', $address);
	my $letter = qr/[A-Za-z0-9]|[^\x00-\x7f]/;
	my $atom = qr{(?:$letter|[-!#\$%&'*+/=?^_`\{|\}~])+};
	my $label = qr/$letter(?:(?:$letter|-)*$letter)?/;
	return 'invalid_email' if length($address) > 254 || $characters !~ /^($atom(?:\.$atom)*)\@($label(?:\.$label)+)\z/;
	my ($local, @labels) = map { Encode::encode('UTF-8', $_) } $1, split /\./, $2;
	return 'invalid_email' if length($local) > 64 || $labels[-1] =~ /^\d+$/ || grep { length > 63 } @labels;
	return;
}

# The instant in seconds since 1970; nothing where there is none.
sub instant
{
	my ($year, $month, $day, $hour, $minute, $second, $sign, $hours, $minutes) =
		$_[0] =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([+-])(\d\d):(\d\d)\z/ or return;
	return if $hour > 23 || $minute > 59 || $second > 59 || $hours > 15 || $minutes > 59;
	my $utc = eval { timegm_modern($second, $minute, $hour, $day, $month - 1, $year) } // return;
	return $utc - ($sign eq '-' ? -1 : 1) * ($hours * 3600 + $minutes * 60);
}

my (@expected_events, @expected_rejects, %contacts);
my $offset = length($header) + 1;
for my $i (0 .. $#lines)
{
	my @cells = cells($lines[$i]);
	die "line is not read: $lines[$i]" unless @cells == 7;
	my ($who, $email, $time, @properties) = map { s/^[ \t]+|[ \t]+$//gr } @cells;
	my $is_text = is_utf8($lines[$i]);
	my @errors = map { 'invalid_encoding' } grep { !is_utf8($_) } @cells;
	push @errors, email_error($email) // () if is_utf8($email);
	push @errors, $time eq '' ? 'missing_time' : defined instant($time) ? () : 'invalid_time' if is_utf8($time);
	if (@errors)
	{
		push @expected_rejects, join '|', $i + 1, $i + 2, $offset, join(' ', sort @errors), unpack('H*', $lines[$i]), $is_text ? 't' : 'f';
	}
	else
	{
		$contacts{ lc decode('UTF-8', $email) } = 1;
		# an unquoted empty cell is no value, and so is one of spaces; what is in quotes stays as it is
		my @names = ('Uploaded by', 'Source', 'Version', 'Distribution', 'Urgency');
		my @values = @cells[ 0, 3 .. 6 ];
		push @expected_events, join '|', Encode::encode('UTF-8', lc decode('UTF-8', $email)), 'Uploads package', instant($time),
			map { unpack('H*', $values[$_]) } grep { $values[$_] ne '' } 0 .. $#names;
	}
	$offset += length($lines[$i]) + 1;
}
note(@expected_events . ' events, ' . @expected_rejects . ' rejects, ' . keys(%contacts) . ' contacts');

is( $node->safe_psql('postgres', qq{SELECT import_id, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created
		FROM import_events_csv('$uploads', event_name => 'Uploads package', columns => '{"email": "Maintainer Address", "time": "Uploaded at"}')}),
	join('|', 2, scalar @lines, scalar @expected_events, scalar @expected_rejects, 0, scalar keys %contacts), 'changelogs: the numbers are right');

# @$got and @$expected, and the first difference if there is one
sub compare
{
	my ($got, $expected, $what) = @_;
	my ($i) = grep { ($got->[$_] // '') ne ($expected->[$_] // '') } 0 .. ($#$got > $#$expected ? $#$got : $#$expected);
	return is(defined $i ? $got->[$i] : '', defined $i ? $expected->[$i] : '', $what);
}

my @rejects = split /\n/, $node->safe_psql('postgres', q{
	SELECT record_number, line_number, byte_offset, (SELECT string_agg(e->>'code', ' ' ORDER BY e->>'code') FROM jsonb_array_elements(errors) AS e),
		encode(coalesce(raw_bytes, convert_to(raw_record, 'UTF8')), 'hex'), raw_bytes IS NULL
	FROM vero.rejected_rows WHERE import_id = 2 ORDER BY record_number});
compare(\@rejects, \@expected_rejects, 'changelogs: each reject is the right line, for the right reasons, and nothing else is rejected');
my %reasons;
$reasons{ (split /\|/)[3] }++ for @rejects;
note(map { "$_: $reasons{$_}\n" } sort keys %reasons);

my @names = map { "'$_'" } 'Uploaded by', 'Source', 'Version', 'Distribution', 'Urgency';
my $values = join ', ', map { "encode(convert_to(e.properties->>$_, 'UTF8'), 'hex')" } @names;
my @events = split /\n/, $node->safe_psql('postgres', qq{
	SELECT concat_ws('|', c.email, e.name, extract(epoch FROM occurred_at)::bigint, $values)
	FROM vero.events AS e JOIN vero.contacts AS c ON c.id = contact_id WHERE import_id = 2 ORDER BY e.id});
compare(\@events, \@expected_events, 'changelogs: every event equals the line that it came from');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT email) FROM vero.contacts WHERE created_by_import = 2}),
	join('|', (scalar keys %contacts) x 2), 'changelogs: so many people');

done_testing();
