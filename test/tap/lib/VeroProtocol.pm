# Speaks PostgreSQL's protocol, version 3, itself: for tests of what a client may send and when.
package VeroProtocol;

use strict;
use warnings;

use Errno;
use IO::Socket::UNIX;
use PostgreSQL::Test::Utils;

$SIG{PIPE} = 'IGNORE';

# A connection to the server of a PostgreSQL::Test::Cluster, as its superuser, or as `user`.
sub connect
{
	my ($class, $node, %option) = @_;
	my $self = bless { node => $node, in => '' }, $class;
	$self->{socket} = open_socket($node);
	my $parameters = join '', map { "$_\0" } user => $option{user} // scalar getpwuid($<), database => $option{database} // 'postgres',
		application_name => $option{name} // 'protocol test', '';
	$self->write(pack('NN', 8 + length $parameters, 196608) . $parameters);
	for my $message ($self->until_ready)
	{
		@$self{qw(pid key)} = unpack('NN', $message->[1]) if $message->[0] eq 'K';
		die 'cannot connect: ' . error_of($message)->{M} if $message->[0] eq 'E';
	}
	return $self;
}

sub open_socket
{
	my ($node) = @_;
	my $path = $node->host . '/.s.PGSQL.' . $node->port;
	return IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $path) // die "$path: $!";
}

sub with_timeout
{
	my ($what, $code) = @_;
	local $SIG{ALRM} = sub { die "timeout: $what\n" };
	alarm($PostgreSQL::Test::Utils::timeout_default);
	my $result = $code->();
	alarm(0);
	return $result;
}

# ---- messages --------------------------------------------------------------------------------------------------------

# Bytes as they are. False if the server has closed the connection.
sub write
{
	my ($self, $bytes) = @_;
	return with_timeout('the server does not read', sub {
		for (my $done = 0; $done < length $bytes;)
		{
			my $written = syswrite($self->{socket}, $bytes, 1 << 20, $done);
			return 0 if !defined $written && !$!{EINTR}; # by the end of another program, say
			$done += $written // 0;
		}
		return 1;
	});
}

sub message { my ($type, $payload) = @_; return $type . pack('N', 4 + length($payload // '')) . ($payload // '') }

# Messages, each [type, payload], in one write.
sub send { my ($self, @messages) = @_; return $self->write(join '', map { message(@$_) } @messages) }

# The bytes as CopyData messages of that size, in writes of a megabyte or so.
sub copy_data
{
	my ($self, $bytes, $size) = @_;
	my $out = '';
	for (my $done = 0; $done < length $bytes; $done += $size)
	{
		$out .= message('d', substr($bytes, $done, $size));
		if (length $out > 1 << 20) { $self->write($out) or return 0; $out = '' }
	}
	return $self->write($out);
}

# The next message, [type, payload]; [''] where the connection ends.
sub receive
{
	my ($self) = @_;
	return with_timeout('the server says nothing', sub {
		while (1)
		{
			if (length $self->{in} >= 5)
			{
				my $size = 1 + unpack('N', substr($self->{in}, 1, 4));
				if (length $self->{in} >= $size)
				{
					my $message = substr($self->{in}, 0, $size, '');
					return [ substr($message, 0, 1), substr($message, 5) ];
				}
			}
			my $size = sysread($self->{socket}, $self->{in}, 1 << 16, length $self->{in});
			return [''] if defined $size ? $size == 0 : !$!{EINTR};
		}
	});
}

# All messages up to one of the types, or to the connection's end, but for notices and parameters.
sub until
{
	my ($self, $types) = @_;
	my @messages;
	while (1)
	{
		my $message = $self->receive;
		push @messages, $message if $message->[0] eq '' || $message->[0] !~ /[NS]/;
		return @messages if $message->[0] eq '' || index($types, $message->[0]) >= 0;
	}
}
sub until_ready { my ($self) = @_; return $self->until('Z') }

# ---- what they say ---------------------------------------------------------------------------------------------------

sub error_of { my ($message) = @_; return { map { (substr($_, 0, 1) => substr($_, 1)) } split /\0/, $message->[1] } }

our $hint; # of the last error that text_of() has seen

# One text for a series of messages: "G C:COPY 3 Z:I", "E:22P04 the file is empty Z:I"; data rows with | between values.
sub text_of
{
	return join ' ', map {
		my ($type, $payload) = @$_;
		  $type eq ''  ? 'EOF'
		: $type eq 'C' ? 'C:' . $payload =~ s/\0//r
		: $type eq 'Z' ? "Z:$payload"
		: $type eq 'E' ? 'E:' . do { my $error = error_of($_); $hint = $error->{H}; "$error->{C} $error->{M}" }
		: $type eq 'D' ? 'D:' . join('|', unpack('x2 (N/a)*', $payload))
		: $type
	} @_;
}

# A simple query, to its end.
sub query { my ($self, $sql) = @_; $self->send([ Q => "$sql\0" ]); return text_of($self->until_ready) }

# ---- COPY FROM STDIN -------------------------------------------------------------------------------------------------

# Starts it and returns what the server says to that: "G" where it waits for data. In the extended protocol as libpq does it,
# with a Sync before the server can have said that it is a COPY, or with a Flush.
sub start_copy
{
	my ($self, $sql, $protocol) = @_;
	$self->{protocol} = $protocol // 'simple';
	if ($self->{protocol} eq 'simple') { $self->send([ Q => "$sql\0" ]) }
	else
	{
		$self->send([ P => "\0$sql\0" . pack('n', 0) ], [ B => "\0\0" . pack('nnn', 0, 0, 0) ], [ D => "P\0" ], [ E => "\0" . pack('N', 0) ],
			[ $self->{protocol} eq 'sync' ? 'S' : 'H' ]);
	}
	return text_of(grep { $_->[0] !~ /[12n]/ } $self->until('GEZ'));
}

# One that is refused before it asks for data: all that the server says.
sub refused_copy
{
	my ($self, $sql, $protocol) = @_;
	my $said = $self->start_copy($sql, $protocol);
	$self->send(['S']) if $self->{protocol} eq 'flush';
	return "$said " . text_of($self->until_ready);
}

# Ends it and returns what the server says to that.
sub end_copy
{
	my ($self, @last) = @_;
	$self->send(@last ? @last : ['c'], $self->{protocol} eq 'simple' ? () : ['S']);
	return text_of($self->until_ready);
}

sub copy
{
	my ($self, $sql, $bytes, $size, $protocol) = @_;
	my $answer = $self->start_copy($sql, $protocol);
	return $answer if $answer ne 'G';
	$self->copy_data($bytes, $size // 65536);
	return $self->end_copy;
}

# ---- how it may end --------------------------------------------------------------------------------------------------

# Asks for a cancel; the signal is on its way when this returns.
sub cancel
{
	my ($self) = @_;
	my $socket = open_socket($self->{node});
	syswrite($socket, pack('NNNN', 16, 80877102, $self->{pid}, $self->{key}));
	with_timeout('no end of a cancel request', sub { sysread($socket, my $nothing, 1) });
	return;
}

sub vanish { my ($self) = @_; close $self->{socket}; return }

# The server has read all that was sent, and waits for more.
sub wait_until_read
{
	my ($self) = @_;
	$self->{node}->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = $self->{pid} AND state = 'active' AND wait_event = 'ClientRead'")
		or die 'the server does not wait for the client';
	return;
}

sub wait_until_gone
{
	my ($self) = @_;
	return $self->{node}->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $self->{pid}");
}

1;
