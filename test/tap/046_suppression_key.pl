# The key of the hashes of people who were forgotten is missing, as after a restore: nothing that is due is lost, and no second key is made.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.unsubscribe_address = 'out\@example.com'\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text) VALUES ('c', 'buy', '0', 's', 'b');
	SELECT vero.forget('gone@example.com')});
my $key = $node->data_dir . '/vero_events_suppressions.key';
my $missing = qr/addresses in vero\.suppressions were hashed with a key that this server does not have/;

rename($key, "$key.aside") or die "$key: $!\n";
$node->safe_psql('postgres', q{SELECT vero.track_event('here@example.com', 'buy')});
my $seen = 0;
$seen = $node->wait_for_log($missing, $seen) for 1 .. 4; # after three times a job of its own fault is failed
is($node->safe_psql('postgres', 'SELECT state, attempts, error IS NULL FROM vero.trigger_jobs'), 'scheduled|0|t', 'the job waits for the key');
like($node->safe_psql('postgres', 'SELECT last_error FROM vero.worker_status'), $missing, 'the worker says why');

my ($status, undef, $told) = $node->psql('postgres', q{SELECT vero.forget('also@example.com')});
isnt($status, 0, 'nobody is forgotten meanwhile');
like($told, $missing, 'and it is said why');
ok(!-e $key, 'no second key is made');

rename("$key.aside", $key) or die "$key: $!\n";
$node->safe_psql('postgres', q{SELECT vero.forget('also@example.com')});
ok($node->poll_query_until('postgres', q{SELECT state = 'stored' FROM vero.messages WHERE kind = 'campaign'}), 'with the key back the job is decided');
is($node->safe_psql('postgres', 'SELECT count(DISTINCT key_id), count(*) FROM vero.suppressions'), '1|2', 'all addresses have the one key');

done_testing();
