# Random histories of imports that are repeated, corrected, taken back and imported again, of events as they happen, of the worker's steps, and
# of people who are forgotten: after each step the tables are what a plain model of them says.
#
# VERO_HISTORIES says how many there are (100), VERO_SEED what they begin with.
use strict;
use warnings;

use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $histories = $ENV{VERO_HISTORIES} // 100;
my $seed = srand($ENV{VERO_SEED} // int(rand(1_000_000)));

my $node = PostgreSQL::Test::Cluster->new('histories');
$node->init;
$node->append_conf('postgresql.conf', <<'EOC');
shared_preload_libraries = 'vero_events'
vero_events.max_workers = 0
timezone = 'UTC'
autovacuum = off
fsync = off
EOC
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');

# ---- the model -----------------------------------------------------------------------------------------------------------

my (@imports, @rejects, @events, @jobs, %contacts, %suppressed);
my $moment = 0; # imports and tracked events, one after the other
my %is_stored = (completed => 1, completed_with_rejects => 1);

sub start_model
{
	@imports = (undef); # their ids begin at 1
	@rejects = @events = @jobs = ();
	%contacts = %suppressed = ();
	return;
}

# A contact by its address, who is created unless he is there; {by}: by which import.
sub contact_of
{
	my ($email, $import) = @_;
	my $is_new = !$contacts{$email};
	$contacts{$email} ||= { email => $email, by => $import ? $import->{id} : 0 };
	$import->{contacts_created}++ if $import && $is_new;
	return $contacts{$email};
}

sub is_duplicate
{
	my ($email, $name, $time) = @_;
	return scalar grep { $_->{contact} == ($contacts{$email} // 0) && $_->{name} eq $name && $_->{time} eq $time } @events;
}

# An event, and its jobs: "thanks" is due at once, "past" a day later, which for what is imported is too late.
sub add_event
{
	my ($contact, $name, $time, $import, $triggers) = @_;
	my $event = { contact => $contact, name => $name, time => $time, import => $import };
	push @events, $event;
	$moment++ unless $import;
	return if !$triggers || $name ne 'order';
	my $is_old = $time ne 'now';
	push @jobs, { event => $event, contact => $contact, campaign => 'thanks', state => 'scheduled', due => $time, registered => $moment },
		{ event => $event, contact => $contact, campaign => 'past', state => $is_old ? 'discarded' : 'scheduled', reason => $is_old ? 'overdue' : '', due => 'tomorrow', registered => $moment };
	return unless $import;
	$import->{jobs_scheduled}++;
	$import->{jobs_discarded}++;
	return;
}

sub new_import
{
	my (%import) = @_;
	$moment++;
	my $import = {
		id => scalar @imports, parent => 0, children => [], state => 'completed',
		map({ $_ => 0 } qw(rows_read rows_imported rows_rejected rows_duplicate contacts_created jobs_scheduled jobs_discarded)), %import };
	push @imports, $import;
	return $import;
}

# Takes the records in.
sub import_records
{
	my ($import, $on_duplicate, $triggers, @records) = @_;
	for my $record (@records)
	{
		my ($email, $name, $time) = split /,/, $record;
		my $number = ++$import->{rows_read};
		my $code = $email !~ /@/ ? 'invalid_email' : $on_duplicate ne 'insert' && is_duplicate($email, $name, $time) ? 'duplicate_event' : '';
		if ($code eq 'duplicate_event' && $on_duplicate eq 'skip')
		{
			$import->{rows_duplicate}++;
			next;
		}
		if ($code)
		{
			$import->{rows_rejected}++;
			push @rejects, { import => $import, number => $number, raw => $record, corrected => '', by => 0, code => $code };
			next;
		}
		$import->{rows_imported}++;
		add_event(contact_of($email, $import), $name, $time, $import, $triggers);
	}
	$import->{state} = $import->{rows_rejected} ? 'completed_with_rejects' : 'completed';
	return;
}

sub import_file
{
	my ($on_duplicate, $allows_repeat, $triggers, @records) = @_;
	my $content = join "\n", @records;
	my $is_repeat = !$allows_repeat && grep { $_ && $is_stored{ $_->{state} } && $_->{rows_imported} && $_->{content} eq $content } @imports;
	my $import = new_import(content => $content, on_duplicate => $on_duplicate);
	$is_repeat ? $import->{state} = 'failed' : import_records($import, $on_duplicate, $triggers, @records);
	return summary($import);
}

sub summary
{
	my ($import) = @_;
	return join '|', map { $import->{$_} } qw(id state rows_read rows_imported rows_rejected rows_duplicate contacts_created jobs_scheduled jobs_discarded);
}

sub retry
{
	my ($parent, $triggers) = @_;
	return "ERROR:  import $parent->{id} has no rejects that could be imported by themselves" unless $is_stored{ $parent->{state} };
	my @corrected = sort { $a->{number} <=> $b->{number} } grep { $_->{import} == $parent && $_->{corrected} && !$_->{by} } @rejects;
	return "ERROR:  import $parent->{id} has no corrected records to import" unless @corrected;
	my @records = map { $_->{corrected} } @corrected;
	my $import = new_import(parent => $parent->{id}, content => join("\n", @records), on_duplicate => $parent->{on_duplicate});
	import_records($import, $parent->{on_duplicate}, $triggers, @records);
	$_->{by} = $import->{id} for @corrected;
	push @{ $parent->{children} }, $import;
	return summary($import);
}

# A mail that is there: what was sent and what is on its way.
sub has_mail
{
	my ($contact) = @_;
	return scalar grep { $_->{contact} == $contact && $_->{mail} && $_->{mail} ne 'cancelled' } @jobs;
}

sub undo_one
{
	my ($import, $count) = @_;
	for my $job (grep { $_->{event}{import} && $_->{event}{import} == $import } @jobs)
	{
		my $mail = $job->{mail} // '';
		$count->{kept}++ if $mail eq 'sent';
		next unless $job->{state} eq 'scheduled';
		$count->{mails}++ if $mail;
		$count->{jobs}++;
		@{$job}{qw(state reason)} = qw(cancelled import_undone);
		$job->{mail} = 'cancelled' if $mail;
	}
	$count->{events} += grep { $_->{import} && $_->{import} == $import } @events;
	@events = grep { !$_->{import} || $_->{import} != $import } @events;
	for my $contact (grep { $_->{by} == $import->{id} } values %contacts)
	{
		my $is_touched = has_mail($contact) || grep { $_->{contact} == $contact } @events;
		$count->{ $is_touched ? 'contacts_kept' : 'contacts' }++;
		next if $is_touched;
		$contact->{is_gone} = 1;
		delete $contacts{ $contact->{email} };
	}
	$_->{by} = 0 for grep { $_->{by} == $import->{id} } @rejects;
	$import->{state} = 'undone';
	return;
}

sub undo
{
	my ($import, $cascades) = @_;
	return "ERROR:  import $import->{id} is undone already" if $import->{state} eq 'undone';
	return "ERROR:  import $import->{id} brought nothing that could be undone" unless $is_stored{ $import->{state} };
	my @undone = ($import);
	for (my $i = 0; $i < @undone; $i++)
	{
		my @children = grep { $is_stored{ $_->{state} } } @{ $undone[$i]{children} };
		return "ERROR:  import $import->{id} cannot be undone, as other imports have corrected it" if @children && !$cascades;
		push @undone, @children;
	}
	my %count = map { $_ => 0 } qw(events contacts jobs mails contacts_kept kept);
	undo_one($_, \%count) for reverse @undone;
	return join '|', '{' . join(',', map { $_->{id} } reverse @undone) . '}', @count{qw(events contacts jobs mails contacts_kept kept)};
}

# The due jobs in the order of what they count from, which is when they were registered, as all were due before, and then of when they were due: a contact
# gets one mail, as the cooldown is longer than a history.
sub run_jobs
{
	for my $job (sort { $a->{registered} <=> $b->{registered} || $a->{due} cmp $b->{due} } grep { $_->{state} eq 'scheduled' && !$_->{mail} && $_->{due} ne 'tomorrow' } @jobs)
	{
		my $reason = $suppressed{ $job->{contact}{email} } ? 'suppressed' : has_mail($job->{contact}) ? 'cooldown' : '';
		$reason ? (@{$job}{qw(state reason)} = ('discarded', $reason)) : ($job->{mail} = 'stored');
	}
	return '';
}

sub send_mail
{
	my ($email) = @_;
	@{$_}{qw(state mail)} = qw(sent sent) for grep { ($_->{mail} // '') eq 'stored' && $_->{contact}{email} eq $email } @jobs;
	return '';
}

sub forget
{
	my ($email) = @_;
	my %count = (contacts => delete $contacts{$email} ? 1 : 0);
	my $counted = sub { my ($name, $list, $is_gone) = @_; $count{$name} = grep { $is_gone->($_) } @$list; @$list = grep { !$is_gone->($_) } @$list; };
	$counted->('events', \@events, sub { $_[0]{contact}{email} eq $email });
	$count{mails} = grep { $_->{contact}{email} eq $email && $_->{mail} } @jobs;
	# jobs of a contact of that address who was removed before are only known by their mail
	$counted->('jobs', \@jobs, sub { $_[0]{contact}{email} eq $email && (!$_[0]{contact}{is_gone} || $_[0]{mail}) });
	$counted->('rejects', \@rejects, sub { "$_[0]{raw} $_[0]{corrected}" =~ /\b\Q$email\E/ });
	$suppressed{$email} = 1;
	return join '|', @count{qw(contacts events jobs mails rejects)};
}

# What is stored, by the model.
sub tables
{
	return join "\n", (
		'contacts ' . join(' ', sort keys %contacts),
		map({ join '|', 'import', summary($_), $_->{parent}, join(',', map { $_->{id} } @{ $_->{children} }) } @imports[ 1 .. $#imports ]),
		sort(map { join '|', 'event', $_->{contact}{email}, $_->{name}, $_->{time}, $_->{import} ? $_->{import}{id} : 0 } @events),
		sort(map { join '|', 'job', $_->{campaign}, $_->{event}{import} ? $_->{event}{import}{id} : 0, $_->{state}, $_->{reason} // '', $_->{mail} // '' } @jobs),
		sort(map { join '|', 'reject', $_->{import}{id}, @{$_}{qw(number code raw corrected by)} } @rejects)), '';
}

# ---- the tables ----------------------------------------------------------------------------------------------------------

my $shown = <<'EOC';
SELECT 'contacts ' || coalesce(string_agg(email, ' ' ORDER BY email), '') FROM vero.contacts;
SELECT concat_ws('|', 'import', id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created, jobs_scheduled, jobs_discarded, coalesce(parent_import_id, 0),
	array_to_string(corrected_by, ',')) FROM vero.imports ORDER BY id;
SELECT concat_ws('|', 'event', email, name, CASE WHEN import_id IS NULL THEN 'now' ELSE to_char(occurred_at, 'YYYY-MM-DD') END, coalesce(import_id, 0)) COLLATE "C" FROM vero.timeline ORDER BY 1;
SELECT concat_ws('|', 'job', c.name, coalesce(j.import_id, 0), j.state, coalesce(j.reason, ''), coalesce(m.state, '')) COLLATE "C"
FROM vero.trigger_jobs AS j JOIN vero.campaigns AS c ON c.id = j.campaign_id LEFT JOIN vero.messages AS m ON m.event_id = j.event_id AND m.campaign_id = j.campaign_id ORDER BY 1;
SELECT concat_ws('|', 'reject', import_id, record_number, errors #>> '{0,code}', raw_record, coalesce(corrected_record, ''), coalesce(resolved_by, 0)) COLLATE "C" FROM vero.rejected_rows ORDER BY 1;
EOC

my $emptied = <<'EOC';
SET client_min_messages = error;
TRUNCATE vero.imports, vero.contacts, vero.events, vero.rejected_rows, vero.campaigns, vero.trigger_jobs, vero.messages, vero.suppressions RESTART IDENTITY;
INSERT INTO vero.campaigns (name, event_name, delay, grace, cooldown, subject, body_text)
VALUES ('thanks', 'order', '0', '36500 days', '30 days', 'Hi', 'Hi'), ('past', 'order', '1 day', '0', NULL, 'Hi', 'Hi');
EOC

sub query_of_import
{
	my ($function) = @_;
	return "SELECT import_id, state, rows_read, rows_imported, rows_rejected, rows_duplicate, contacts_created, jobs_scheduled, jobs_discarded FROM $function;";
}

sub any
{
	return $_[ rand @_ ];
}
my @emails = qw(ann@b.co bob@b.co cem@b.co dan@b.co);

sub random_record
{
	my ($is_good) = @_;
	return join ',', $is_good || rand() < 0.75 ? any(@emails) : any('ann', 'bob'), any(qw(order order visit)), any(qw(2022-01-01 2022-01-02 2022-01-03));
}

# Each gives SQL, and what it is to print.
my %steps = (
	import => sub {
		my ($files) = @_;
		my @records = @{ any(@$files) };
		my ($on_duplicate, $allows_repeat, $triggers) = (any(qw(insert insert skip reject)), rand() < 0.4, rand() < 0.6);
		my $options = sprintf q{on_duplicate => '%s', allow_repeat => %s, trigger_campaigns => %s}, $on_duplicate, map { $_ ? 'true' : 'false' } $allows_repeat, $triggers;
		my $content = join '\n', 'email,name,time', @records;
		return (query_of_import("import_events_csv(E'$content\\n'::bytea, $options)"), import_file($on_duplicate, $allows_repeat, $triggers, @records));
	},
	correct => sub {
		my $reject = any(grep { !$_->{by} } @rejects) or return;
		$reject->{corrected} = random_record(rand() < 0.8);
		return (sprintf(q{UPDATE vero.rejected_rows SET corrected_record = '%s' WHERE import_id = %d AND record_number = %d;}, $reject->{corrected}, $reject->{import}{id}, $reject->{number}), '');
	},
	retry => sub {
		my $parent = any(@imports[ 1 .. $#imports ]) or return;
		my $triggers = rand() < 0.5;
		return (query_of_import(sprintf 'vero.retry_rejects(%d, trigger_campaigns => %s)', $parent->{id}, $triggers ? 'true' : 'false'), retry($parent, $triggers));
	},
	undo => sub {
		my $import = any(@imports[ 1 .. $#imports ]) or return;
		my $cascades = rand() < 0.5;
		return (sprintf('SELECT imports, events_removed, contacts_removed, jobs_cancelled, messages_cancelled, contacts_kept, messages_kept FROM vero.undo_import(%d, %s);',
				$import->{id}, $cascades ? 'true' : 'false'), undo($import, $cascades));
	},
	track => sub {
		my ($email, $name) = (any(@emails), any(qw(order visit)));
		add_event(contact_of($email), $name, 'now', undef, 1);
		return ("DO \$\$ BEGIN PERFORM vero.track_event('$email', '$name'); END \$\$;", '');
	},
	work => sub { return ('DO $$ BEGIN PERFORM vero.run_jobs(); END $$;', run_jobs()) },
	# as a worker does who has handed it to a server
	mail => sub {
		my $email = any(@emails);
		return (qq{WITH m AS (UPDATE vero.messages SET state = 'sent', sent_at = now(), next_attempt_at = NULL, attempts = 1 WHERE kind = 'campaign' AND state = 'stored' AND recipients = '{$email}' RETURNING id)
			UPDATE vero.trigger_jobs AS j SET state = 'sent' FROM m WHERE m.id = j.message_id;}, send_mail($email));
	},
	forget => sub {
		my $email = any(@emails);
		return ("SELECT contacts, events, jobs, messages, rejected_records FROM vero.forget('$email');", forget($email));
	});
my @often = qw(import import import import correct correct retry retry undo undo track work work mail forget);

sub run_history
{
	my ($number) = @_;
	start_model();
	my @files = map { [ map { random_record() } 1 .. 1 + rand(5) ] } 1 .. 4;
	my ($script, @told, @expected) = $emptied;
	for my $step ('import', map { any(@often) } 1 .. 5 + rand(15))
	{
		my ($sql, $printed) = $steps{$step}->(\@files) or next;
		push @told, $sql;
		push @expected, ($printed eq '' ? '' : "$printed\n") . tables();
		$script .= "$sql\n$shown\\echo =\n";
	}
	my $printed;
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=terse', '-d', $node->connstr('postgres') ], '<', \$script, '>&', \$printed) or die "psql: $printed";
	my @printed = split /^=\n/m, $printed;
	for my $step (0 .. $#told)
	{
		next if $printed[$step] eq $expected[$step];
		is($printed[$step], $expected[$step], "history $number of VERO_SEED=$seed, step " . ($step + 1));
		diag(join "\n", @told[ 0 .. $step ]);
		return 0;
	}
	return scalar @told;
}

my $steps = 0;
my $failed = 0;
for my $number (1 .. $histories)
{
	my $run = run_history($number);
	$steps += $run;
	last if !$run && ++$failed == 3;
}
is($failed, 0, "$histories histories of $steps steps are what the model says (VERO_SEED=$seed)");
cmp_ok($steps, '>', $histories, 'and they have steps');
$node->stop;
done_testing();
