# Mail that is written is judged again before it goes out: nobody who unsubscribed or was deleted gets it, and a campaign that is made
# inactive stops at once.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VeroMail qw(start_smtp stop_smtp wait_for_smtp mail_of send_to write_messages send_mail outbox due_now);
use VeroWait qw(start_psql);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\nvero_events.unsubscribe_address = 'out\@example.com'\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION vero_events;
	INSERT INTO vero.campaigns (name, event_name, delay, subject, body_text, transactional, cooldown) VALUES
		('mail', 'mail', '0', 'Hello', 'Hello', false, '1 day'), ('invoice', 'invoice', '0', 'Invoice', 'Pay', true, null)});
send_to($node, mail_from => 'shop@example.com', smtp_tls => 'disable', smtp_timeout => '50s', smtp_url => 'smtp://localhost:1');

sub in_database
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

my $clear = sub { in_database('TRUNCATE vero.trigger_jobs, vero.messages RESTART IDENTITY') };
my $jobs = sub { in_database(q{SELECT state, reason, message_id IS NULL FROM vero.trigger_jobs ORDER BY event_id}) };
my $recipients = sub { join ' ', sort map { map { s/@.*//r } @{ $_->{to} } } mail_of($_[0]) };

sub invoice
{
	my (@names) = @_;
	my $list = join ',', map { "'$_\@example.com'" } @names;
	in_database("SELECT vero.track_event(n, 'invoice') FROM unnest(ARRAY[$list]) AS n; SELECT vero.run_jobs()");
	return;
}

sub delete_contact
{
	my ($name) = @_;
	in_database(qq{DELETE FROM vero.events USING vero.contacts AS c WHERE c.id = contact_id AND email = '$name\@example.com';
		DELETE FROM vero.contacts WHERE email = '$name\@example.com'});
	return;
}

# ---- what changes while the server is down ----------------------------------------------------------------------------------

write_messages($node, qw(ann bob cid));
invoice(qw(dora eve));
is(send_mail($node), '0|0|0', 'the server is down');
in_database(q{UPDATE vero.contacts SET unsubscribed_at = now() WHERE email IN ('ann@example.com', 'dora@example.com')});
delete_contact($_) for qw(bob eve);
is(outbox($node) =~ s/Failed to connect.*/waits for vero.send_mail(): vero_events.max_workers is 0/gr, join("\n", 'ann|queued|is about to be cancelled: the contact has unsubscribed',
		'bob|queued|is about to be cancelled: the contact was deleted', 'cid|queued|waits for vero.send_mail(): vero_events.max_workers is 0', 'dora|queued|waits for vero.send_mail(): vero_events.max_workers is 0',
		'eve|queued|is about to be cancelled: the contact was deleted'), 'the outbox knows it beforehand');
my $smtp = start_smtp();
send_to($node, smtp_url => $smtp->{url});
due_now($node);
is(send_mail($node), '2|0|0', 'what is still wanted is sent');
is($recipients->($smtp), 'cid dora', 'to those who are there and want it, and transactional mail to who has unsubscribed');
is(outbox($node) =~ s/queued as T\d/queued/gr, join("\n", 'ann|cancelled|the contact has unsubscribed', 'bob|cancelled|the contact was deleted',
		'cid|sent|250 2.0.0 Ok: queued', 'dora|sent|250 2.0.0 Ok: queued', 'eve|cancelled|the contact was deleted'), 'the others are cancelled, and why');
is($jobs->(), join("\n", 'discarded|unsubscribed|t', 'discarded|contact_deleted|t', 'sent||f', 'sent||f', 'discarded|contact_deleted|t'), 'and their jobs discarded');
like(in_database(q{SELECT w.why FROM vero.messages AS m, vero.trigger_jobs AS j, vero.why('ann@example.com', 'mail') AS w
		WHERE m.id = w.message_id AND j.event_id = w.event_id AND j.decided_at > m.created_at}),
	qr/^Its mail, message 1, was written at .*, and cancelled at .*, when it was to be sent: the contact had unsubscribed meanwhile\.$/, 'as can be read');
my ($result, $out, $err) = $node->psql('postgres', 'SELECT vero.resend(1)');
like($err, qr/message 1 is cancelled: the contact has unsubscribed/, 'nor is it sent again');

# what was never sent is no reason not to send
in_database(q{UPDATE vero.contacts SET unsubscribed_at = NULL});
write_messages($node, qw(ann cid));
is(in_database(q{SELECT email, state, reason FROM vero.trigger_jobs AS j JOIN vero.contacts AS c ON c.id = contact_id WHERE c.email ~ '^(ann|cid)@' AND j.decided_at > (SELECT max(sent_at) FROM vero.messages) ORDER BY 1}),
	"ann\@example.com|scheduled|\ncid\@example.com|discarded|cooldown", 'cancelled mail counts for no cooldown');

# resend() asks as well
$clear->();
write_messages($node, qw(gone1 gone2));
is(send_mail($node), '0|2|0', 'two that failed');
in_database(q{UPDATE vero.messages SET recipients = ARRAY['ok' || id || '@example.com']; UPDATE vero.contacts SET unsubscribed_at = now() WHERE email = 'gone1@example.com';
	SELECT vero.resend(id) FROM vero.messages});
is(send_mail($node), '1|0|0', 'sent again, the one whose contact has not unsubscribed');
is($jobs->(), "discarded|unsubscribed|t\nsent||f", 'the other is discarded');

# mail that was just being sent when its import was undone, and that the server did not take
$clear->();
in_database(q{UPDATE vero.campaigns SET grace = '36500 days' WHERE name = 'invoice';
	SELECT import_events_csv(E'email,name,time\nundone@example.com,invoice,2022-01-01'::bytea, trigger_campaigns => true);
	SELECT vero.run_jobs();
	UPDATE vero.messages SET state = 'sending', attempts = 1, claims = 1 WHERE kind = 'campaign'});
is(in_database('SELECT u.* FROM (SELECT max(id) AS id FROM vero.imports) AS i, vero.undo_import(i.id) AS u') =~ s/^\{\d+\}\|//r, '1|0|0|0|1|1', 'what is just being sent stays, with its contact');
in_database(q{UPDATE vero.messages SET state = 'queued', next_attempt_at = now() WHERE kind = 'campaign'});
is(send_mail($node), '0|0|0', 'it is not tried again');
is(in_database(q{SELECT state, last_error FROM vero.messages WHERE kind = 'campaign'}), 'cancelled|its import was undone', 'but cancelled');
is($jobs->(), 'cancelled|import_undone|t', 'and so is its job');
in_database(q{UPDATE vero.campaigns SET grace = '0'; TRUNCATE vero.imports CASCADE});

# ---- a campaign that is made inactive ------------------------------------------------------------------------------------------

$clear->();
write_messages($node, qw(fay gus));
invoice('hal');
in_database(q{UPDATE vero.campaigns SET active = false WHERE name = 'mail'});
my $waits = "fay|queued|waits: its campaign is not active\ngus|queued|waits: its campaign is not active";
like(outbox($node), qr/^\Q$waits\E\nhal\|queued\|waits for vero\.send_mail\(\): vero_events\.max_workers is 0$/, 'the outbox says so at once');
is(send_mail($node), '1|0|0', 'other mail goes on');
like(outbox($node), qr/^\Q$waits\E\nhal\|sent\|/, 'that of the campaign waits');
is(in_database(q{SELECT DISTINCT state, attempts, claims, next_attempt_at FROM vero.messages WHERE state = 'queued'}), 'queued|0|0|', 'for nothing but that');
is(send_mail($node), '0|0|0', 'and it is not looked at again');
in_database(q{UPDATE vero.campaigns SET active = true WHERE name = 'mail'});
is(send_mail($node), '2|0|0', 'when the campaign is active again it goes out');

# while somebody changes the campaign, and nobody knows yet whether it is active
write_messages($node, qw(ida));
in_database(q{UPDATE vero.campaigns SET active = false WHERE name = 'mail'});
my $changing = $node->background_psql('postgres', on_error_die => 1);
$changing->query_safe(q{BEGIN; UPDATE vero.campaigns SET active = true WHERE name = 'mail'});
is(send_mail($node), '0|0|0', 'a campaign that is being changed holds up nobody');
is(in_database(q{SELECT next_attempt_at <= clock_timestamp() + interval '1 s' FROM vero.messages WHERE state = 'queued'}), 't', 'its mail is looked at again soon');
$changing->query_safe('COMMIT');
due_now($node);
is(send_mail($node), '1|0|0', 'and then sent');

# ---- mail that is stopped and cancelled ----------------------------------------------------------------------------------------

$clear->();
write_messages($node, qw(mia));
invoice('ned');
in_database(q{SELECT vero.stop_mail('mail')});
is(send_mail($node), '1|0|0', 'mail of a campaign that is stopped waits, other mail goes on');
like(outbox($node), qr/^mia\|queued\|waits: vero\.stop_mail\(\) has stopped its campaign's mail\nned\|sent\|/, 'and the outbox says why');
in_database(q{SELECT vero.stop_mail(); SELECT vero.start_mail('mail')});
in_database(q{SELECT import_events_csv(E'email,name,time\nowen@example.com,x,2022-01-01'::bytea, notify => '{ops@example.com}')});
is(send_mail($node), '0|0|0', 'all mail is stopped, confirmations too');
is(in_database(q{SELECT DISTINCT why FROM vero.outbox WHERE state = 'queued'}), 'waits: vero.stop_mail() has stopped all mail', 'and the outbox says that');
# somebody who starts mail waits for a sender who is just having a message wait for that
my $holding = $node->background_psql('postgres', on_error_die => 1);
$holding->query_safe(q{BEGIN; SELECT FROM vero.mail_stops FOR SHARE});
($result, $out, $err) = $node->psql('postgres', q{SET lock_timeout = '10ms'; SELECT vero.start_mail()});
like($err, qr/canceling statement due to lock timeout/, 'a sender who finds it stopped is waited for');
$holding->query_safe('COMMIT');
in_database('SELECT vero.start_mail()');
is(send_mail($node), '2|0|0', 'it is started, and all goes out');
# one that is just being sent when it is cancelled, and that the server does not take
write_messages($node, qw(pia));
in_database(q{UPDATE vero.messages SET state = 'sending', attempts = 1, claims = 1 WHERE recipients = '{pia@example.com}'});
is(in_database(q{SELECT * FROM vero.cancel_mail('mail')}), '0|0|1', 'a message that is just being sent is not cancelled');
in_database(q{UPDATE vero.messages SET state = 'queued', next_attempt_at = now() WHERE recipients = '{pia@example.com}'});
is(send_mail($node), '0|0|0', 'but it is not tried again');
like(outbox($node), qr/^pia\|cancelled\|was cancelled$/m, 'and cancelled then');
is(in_database(q{SELECT state, reason FROM vero.trigger_jobs AS j JOIN vero.contacts AS c ON c.id = j.contact_id WHERE email = 'pia@example.com'}), 'cancelled|cancelled', 'as is its job');

# a sender who records what it has sent while somebody cancels: each waits for the other's jobs in one order, however they lie in the table
$clear->();
stop_smtp($smtp);
$smtp = start_smtp('--pace', 1);
send_to($node, smtp_url => $smtp->{url});
write_messages($node, qw(quin rae));
in_database(q{UPDATE vero.trigger_jobs SET attempts = attempts WHERE event_id = (SELECT min(event_id) FROM vero.trigger_jobs)});
my $last = in_database('SELECT max(event_id) FROM vero.trigger_jobs');
$holding->query_safe("BEGIN; SELECT FROM vero.trigger_jobs WHERE event_id = $last FOR UPDATE");
my @both = (start_psql($node, 'sender', 'CALL vero.send_mail()'));
$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM vero.messages WHERE state = 'sending'}) or die 'they are not sent';
push @both, start_psql($node, 'canceller', q{SELECT * FROM vero.cancel_mail('mail')});
$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM pg_stat_activity WHERE wait_event_type = 'Lock'}) or die 'they do not wait';
$holding->query_safe('COMMIT');
$_->{run}->finish for @both;
is(join('|', map { $_->{err} } @both), '|', 'neither waits for the other');
is($both[0]{out}, "2|0|0\n", 'what was sent is recorded');
is(in_database(q{SELECT string_agg(state, ' ') FROM vero.trigger_jobs}), 'sent sent', 'of its jobs, too');
# and while somebody is forgotten whom mail to others names
$clear->();
write_messages($node, qw(sam tess));
in_database(q{UPDATE vero.messages SET body_text = 'uma@example.com was here'});
@both = (start_psql($node, 'sender', 'CALL vero.send_mail()'));
$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM vero.messages WHERE state = 'sending'}) or die 'they are not sent';
$holding->query_safe('BEGIN; SELECT FROM vero.trigger_jobs FOR UPDATE');
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'}) or die 'it does not wait';
push @both, start_psql($node, 'forgetter', q{SELECT messages FROM vero.forget('uma@example.com')});
$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM pg_stat_activity WHERE wait_event_type = 'Lock'}) or die 'they do not wait';
$holding->query_safe('COMMIT');
$_->{run}->finish for @both;
is(join('|', map { $_->{err} } @both), '|', 'who forgets somebody and who sends do not wait for each other, either');
is(join('|', map { $_->{out} } @both), "2|0|0\n|2\n", 'and both come to their end');

# ---- a connection that takes long to open ------------------------------------------------------------------------------------

$clear->();
stop_smtp($smtp);
$smtp = start_smtp('--slow-greeting', 2);
send_to($node, smtp_url => $smtp->{url}, smtp_connections => 1);
write_messages($node, qw(jim kim lou));
my $sending = $node->background_psql('postgres', on_error_die => 1);
$sending->query_until(qr/started/, "\\echo started\nCALL vero.send_mail();\n");
wait_for_smtp($smtp, qr/connected/);
in_database(q{UPDATE vero.contacts SET unsubscribed_at = now() WHERE email IN ('jim@example.com', 'lou@example.com')});
$sending->query_safe('SELECT 1');
is($recipients->($smtp), 'kim', 'what changes while the connection is opened counts');
is(in_database(q{SELECT string_agg(state || attempts, ' ' ORDER BY id) FROM vero.messages}), 'cancelled0 sent1 cancelled0', 'no attempt is counted for what was not begun');
stop_smtp($smtp);

# ---- 10,000 that are queued, four connections, a worker ------------------------------------------------------------------------

$clear->();
my $queued = 10_000;
$smtp = start_smtp('--pace', '0.1');
in_database(q{UPDATE vero.campaigns SET cooldown = NULL});
in_database(qq{SELECT vero.track_event('n' || n || '\@example.com', 'mail') FROM generate_series(1, $queued) AS n; SELECT vero.run_jobs($queued)});
send_to($node, smtp_url => $smtp->{url}, smtp_connections => 4, max_workers => 1);
my $taken = sub { in_database(q{SELECT count(*) FROM vero.messages WHERE state = 'sent'}) };
$node->poll_query_until('postgres', q{SELECT count(*) > 100 FROM vero.messages WHERE state = 'sent'}) or die 'nothing is sent';
my $stopped = in_database(q{UPDATE vero.campaigns SET active = false WHERE name = 'mail'; SELECT extract(epoch FROM clock_timestamp())});
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM vero.messages WHERE next_attempt_at IS NOT NULL}) or die 'it does not stop';
my @begun = sort { $a <=> $b } map { $_->{begun} } mail_of($smtp);
my $late = $begun[-1] - $stopped;
cmp_ok($late, '<', 0.5, 'nothing of it begins later than half a second after the commit');
diag(sprintf 'the last of %d messages of %d began %.3f s after the commit', scalar(@begun), $queued, $late);
is(in_database(q{SELECT DISTINCT why FROM vero.outbox WHERE state = 'queued'}), 'waits: its campaign is not active', 'the outbox says why');
is($taken->(), scalar(@begun), 'what was begun is sent');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'vero_events worker'}), 'then the worker ends');
in_database(q{UPDATE vero.campaigns SET active = true WHERE name = 'mail'});
ok($node->poll_query_until('postgres', 'SELECT count(*) > ' . (@begun + 50) . q{ FROM vero.messages WHERE state = 'sent'}), 'made active again, it goes on');
my $stop = sub {
	my ($what, $sql, $why) = @_;
	my $when = in_database("$sql; SELECT extract(epoch FROM clock_timestamp())") =~ s/^.*\n//sr;
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM vero.messages WHERE next_attempt_at IS NOT NULL}) or die 'it does not stop';
	my @all = sort { $a <=> $b } map { $_->{begun} } mail_of($smtp);
	cmp_ok($all[-1] - $when, '<', 0.5, "$what: nothing of it begins later than half a second after the commit");
	diag(sprintf '%s: the last began %.3f s after the commit', $what, $all[-1] - $when);
	is(in_database(q{SELECT DISTINCT why FROM vero.outbox WHERE state = 'queued'}), $why, "$what: the outbox says why");
	return scalar @all;
};
my $before = $stop->('a campaign that is stopped', q{SELECT vero.stop_mail('mail')}, q{waits: vero.stop_mail() has stopped its campaign's mail});
in_database(q{SELECT vero.start_mail('mail')});
ok($node->poll_query_until('postgres', 'SELECT count(*) > ' . ($before + 50) . q{ FROM vero.messages WHERE state = 'sent'}), 'started, it goes on');
$before = $stop->('all mail', q{SELECT vero.stop_mail()}, 'waits: vero.stop_mail() has stopped all mail');
in_database(q{SELECT vero.start_mail()});
ok($node->poll_query_until('postgres', 'SELECT count(*) > ' . ($before + 50) . q{ FROM vero.messages WHERE state = 'sent'}), 'and goes on, too');
in_database(q{UPDATE vero.contacts SET unsubscribed_at = now(); SELECT pg_sleep(0.5)});
my $after = $taken->();
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM vero.messages WHERE next_attempt_at IS NOT NULL}), 'when all have unsubscribed nothing is left');
cmp_ok($taken->() - $after, '<=', 4, 'and nothing more is begun');

# ---- more than are released at a time ------------------------------------------------------------------------------------------

send_to($node, smtp_url => 'smtp://localhost:1', max_workers => 0);
in_database(qq{UPDATE vero.contacts SET unsubscribed_at = NULL;
	SELECT vero.track_event('one_more\@example.com', 'mail'); SELECT vero.run_jobs();
	UPDATE vero.messages SET state = 'queued', next_attempt_at = NULL, sent_at = NULL;
	CREATE TABLE released (n int GENERATED ALWAYS AS IDENTITY, messages bigint);
	CREATE FUNCTION note_released() RETURNS trigger LANGUAGE plpgsql AS \$\$
	BEGIN
		INSERT INTO public.released (messages) SELECT b.waiting - a.waiting
			FROM (SELECT count(*) FROM before WHERE next_attempt_at IS NULL) AS b (waiting), (SELECT count(*) FROM after WHERE next_attempt_at IS NULL) AS a (waiting)
			WHERE b.waiting > a.waiting;
		RETURN NULL;
	END
	\$\$;
	CREATE TRIGGER note_released AFTER UPDATE ON vero.messages REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION note_released()});
is(in_database(q{SELECT count(*) FROM vero.messages}), $queued + 1, 'one more than ten thousand wait');
send_mail($node) for 1 .. 2;
is(in_database(q{SELECT string_agg(messages::text, ' ' ORDER BY n) FROM released}), '10000 1', 'ten thousand are released at a time');

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|jumped over/, 'nothing broke');
done_testing();
