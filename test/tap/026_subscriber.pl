# A logical replica of the whole schema decides no job and sends nothing, and neither gets in the way of the other.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp mail_of header_of);

my $smtp = start_smtp();

sub start_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', <<"END");
shared_preload_libraries = 'vero_events'
vero_events.smtp_url = '$smtp->{url}'
vero_events.smtp_tls = 'disable'
vero_events.mail_from = 'shop\@example.com'
END
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
	return $node;
}

# Both send, as far as they know: the same server, the same settings.
my $publisher = start_node('publisher');
my $subscriber = start_node('subscriber');

sub track
{
	my (@names) = @_;
	my $list = join ',', map { "'$_\@example.com'" } @names;
	$publisher->safe_psql('postgres', "SELECT vero.track_event(n, 'order') FROM unnest(ARRAY[$list]) AS n");
	return;
}

sub wait_for_sent
{
	my ($node, $count) = @_;
	$node->poll_query_until('postgres', "SELECT count(*) = $count AND bool_and(state = 'sent') FROM vero.messages") or die $node->name . ": not $count messages are sent";
	return;
}

$publisher->safe_psql('postgres', q{
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('thanks', 'order', '0', 'Thanks', 'Thank you');
	CREATE PUBLICATION everything FOR TABLES IN SCHEMA vero});
track(map { "early$_" } 1 .. 5);
wait_for_sent($publisher, 5);
my $publisher_connection = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION replica CONNECTION '$publisher_connection' PUBLICATION everything");
$subscriber->wait_for_subscription_sync($publisher, 'replica');
is($subscriber->safe_psql('postgres', 'SELECT vero.why_delivery_is_off()'), 'The subscription "replica" writes its jobs or messages.',
	'a subscriber sends nothing while it is one');
is($subscriber->safe_psql('postgres', q{SELECT delivery_off FROM vero.worker_status WHERE database = 'postgres'}),
	'The subscription "replica" writes its jobs or messages.', 'as vero.worker_status says');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM vero.delivery WHERE off_reason IS NULL'), '2', 'both rows of vero.delivery are there');
is($publisher->safe_psql('postgres', 'SELECT vero.enable_delivery(); SELECT vero.is_delivery_enabled()'), "\nt", 'the publisher can enable delivery anew');

# what is sent by the publisher while the subscriber's worker looks at the same rows
track(map { "n$_" } 1 .. 15);
wait_for_sent($publisher, 20);
$publisher->wait_for_catchup('replica');
wait_for_sent($subscriber, 20);

# messages and jobs that wait, as far as the subscriber sees; a worker that is started looks for work
$publisher->safe_psql('postgres', 'ALTER SYSTEM SET vero_events.max_workers = 0');
$publisher->restart;
track(map { "late$_" } 1 .. 5);
$publisher->safe_psql('postgres', 'SELECT vero.run_jobs(3)');
my $waiting = q{SELECT count(*) FILTER (WHERE message_id IS NULL), count(message_id) FROM vero.trigger_jobs WHERE state = 'scheduled'};
$subscriber->poll_query_until('postgres', $waiting, '2|3') or die 'the jobs are not replicated';
$subscriber->restart;
$subscriber->poll_query_until('postgres', q{SELECT NOT running AND next_due IS NULL FROM vero.worker_status WHERE database = 'postgres'})
	or die 'no worker has looked';
is($subscriber->safe_psql('postgres', $waiting), '2|3', 'a worker of the subscriber leaves them alone');
my ($result, $out, $err) = $subscriber->psql('postgres', 'SELECT vero.run_jobs()');
like($err, qr/delivery is not enabled in this database.*The subscription "replica"/s, 'so does who asks');
($result, $out, $err) = $subscriber->psql('postgres', 'CALL vero.send_mail()');
like($err, qr/delivery is not enabled in this database/, 'also for mail');
($result, $out, $err) = $subscriber->psql('postgres', 'SELECT vero.enable_delivery()');
like($err, qr/delivery cannot be enabled in this database.*Drop the subscription/s, 'nor can it be told otherwise');
is(scalar(mail_of($smtp)), 20, 'each mail went out once');

# when the subscription is gone the rows are still another's, until somebody says so
$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION replica');
is($subscriber->safe_psql('postgres', 'SELECT vero.why_delivery_is_off()'), 'Replication or a restore wrote its jobs or messages.', 'without the subscription');
$publisher->stop;
$subscriber->safe_psql('postgres', q{
	SELECT format('SELECT setval(%L, max(id)) FROM vero.%I', pg_get_serial_sequence('vero.' || t, 'id'), t)
	FROM unnest('{imports,contacts,events,campaigns,messages}'::text[]) AS t \gexec
	SELECT vero.enable_delivery()});
wait_for_sent($subscriber, 25);
my @mail = mail_of($smtp);
is(scalar(@mail), 25, 'it takes over when it is told');
my %ids = map { scalar(header_of($_, 'Message-ID')) => 1 } @mail;
is(scalar(keys %ids), 25, 'and each mail was one');
is($subscriber->safe_psql('postgres', q{SELECT delivery_off IS NULL FROM vero.worker_status WHERE database = 'postgres'}), 't', 'nothing is off any more');

$subscriber->stop;
unlike(slurp_file($_->logfile), qr/PANIC|TRAP|terminated by signal|jumped over|duplicate key/, $_->name . ': nothing broke') for $publisher, $subscriber;
done_testing();
