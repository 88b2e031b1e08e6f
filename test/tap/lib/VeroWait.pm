# What runs beside a test, and how long a test waits: on a machine that has other work, all takes longer.
package VeroWait;
use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(patience at_most await_server start_program start_psql has_no_journal);

# Seconds for what is to come at once and is not measured.
sub patience
{
	my $seconds = $PostgreSQL::Test::Utils::timeout_default;
	return $seconds < 60 ? 60 : $seconds;
}

# Seconds for what is measured and would take a part of them on a machine of its own.
sub at_most
{
	my ($seconds) = @_;
	return $seconds * ($ENV{VERO_TIMEOUT_FACTOR} || 3);
}

# Waits until the server takes connections again after that process of it was killed, if it ever does: first until it has noticed.
# poll_query_until() hands its statement to a psql that may have ended by then, which ends the test.
sub await_server
{
	my ($node, $killed) = @_;
	for (1 .. 10 * patience())
	{
		return 1 if !kill(0, $killed) && system('pg_isready', '-q', '-h', $node->host, '-p', $node->port) == 0;
		select undef, undef, undef, 0.1;
	}
	return 0;
}

# True once no import is written down: a session keeps its file, empty, until its process ends, which may be after its client left.
sub has_no_journal
{
	my ($node) = @_;
	return $node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM pg_ls_dir('pg_vero_events', true, false) AS name WHERE name LIKE 'pgsql\_tmp%')});
}

# A program with these arguments: {run}, what it prints in {out} and {err}, and {timer}, which start() sets back.
sub start_program
{
	my (@command) = @_;
	my %program = (out => '', err => '', timer => IPC::Run::timeout(patience()));
	$program{run} = IPC::Run::start(\@command, '<', \undef, '>', \$program{out}, '2>', \$program{err}, $program{timer});
	return \%program;
}

# psql on that node with these statements, each a command of its own; {name} is its application_name.
sub start_psql
{
	my ($node, $name, @statements) = @_;
	local $ENV{PGAPPNAME} = $name;
	my $psql = start_program('psql', '-XAtq', '-d', $node->connstr('postgres'), map { ('-c', $_) } @statements);
	$psql->{name} = $name;
	return $psql;
}

1;
