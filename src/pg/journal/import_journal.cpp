// Sees to it that the end of every import is told: it is written down when it begins, and struck out when its end is safe.
#include "pg/journal/import_journal.hpp"

#include "pg/base/timestamp.hpp"
#include "pg/journal/journal_file.hpp"
#include "pg/journal/rollback.hpp"
#include "pg/slots/wakeup.hpp"

#include <list>

extern "C" {
#include "access/xact.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

namespace vero::pg {

/// An import of the transaction that is under way.
struct PendingImport {
	JournalEntry entry;
	SubTransactionId subtransaction;
	bool is_done = false;	  ///< it came to its end; what it wrote waits for the transaction's
	std::string failure = {}; ///< why it failed, in words
	RejectTally rejects = {};
};

namespace {

// What is written of an import at its end, when the disk may be full, beside what was written when it began.
constexpr std::size_t kEndRoom =
	kShownRejects * (RejectTally::kLargestExample + 64) + kRejectKinds * (RejectTally::kLargestKind + 64) + 8192;

std::list<PendingImport> &pending()
{
	static std::list<PendingImport> list;
	return list;
}

constinit JournalFile file; ///< where they are written down; empty between transactions

// The disk is waited for once the transaction has lasted so long: nothing is lost to whoever it is that ends it sooner, but for a crash
// of the whole machine.
constexpr int kSyncAfter_ms = 100;
constinit bool volatile is_synced = false; ///< all that is written down

/// When the time has come; in the signal's handler.
void sync_now()
{
	if (file.fd < 0 || is_synced)
		return;
	sync_journal_file(file);
	is_synced = true;
}

TimeoutId sync_timeout()
{
	static TimeoutId const id = RegisterTimeout(USER_TIMEOUT, sync_now);
	return id;
}

/// To be called in call().
void sync_soon()
{
	is_synced = false;
	if (enableFsync && !get_timeout_active(sync_timeout()))
		enable_timeout_after(sync_timeout(), kSyncAfter_ms);
}

bool has_failed(PendingImport const &import)
{
	return import.entry.state == JournalState::failed;
}

/// Where it cannot be written, the journal still says that the import ran.
void conclude(PendingImport &import, JournalState state, std::string error)
{
	import.entry.state = state;
	import.entry.outcome.error = std::move(error);
	import.entry.outcome.finished_at_us = to_unix_us(GetCurrentTimestamp());
	try_to_append(file, to_journal_frame(import.entry));
	is_synced = false;
}

void conclude_rollback(PendingImport &import, Rollback const &reason)
{
	if (import.entry.state != JournalState::running)
		return;
	if (!import.is_done) {
		conclude(import, JournalState::failed, import.failure.empty() ? reason.words : import.failure);
	} else if (reason.is_meant) {
		conclude(import, JournalState::withdrawn, "");
	} else {
		conclude(import, JournalState::failed,
				 "the file was read to its end, but the transaction was rolled back: " + reason.words);
	}
}

/// Those that failed are for others to tell: the file stays, and what else is in it is struck out.
void close_journal()
{
	bool is_any_failed = std::any_of(pending().begin(), pending().end(), has_failed);
	if (is_any_failed) {
		for (PendingImport &import : pending()) {
			if (import.entry.state == JournalState::running)
				conclude(import, JournalState::withdrawn, "");
		}
	}
	pending().clear();
	disable_timeout(sync_timeout(), false);
	if (!is_any_failed) {
		clear_journal_file(file);
		return;
	}
	sync_now();
	leave_journal_file(file);
	wake_worker();
}

void remove_at_exit(int, Datum)
{
	if (file.fd >= 0)
		remove_journal_file(file);
}

/// To be called in call().
void open_file()
{
	static bool is_registered = false;
	if (!is_registered)
		on_proc_exit(remove_at_exit, 0);
	is_registered = true;
	file = create_journal_file();
}

PendingImport &begin(JournalEntry entry)
{
	std::string frame = to_journal_frame(entry);
	std::size_t room = (pending().size() + 1) * (frame.size() + kEndRoom);
	call([&] {
		(void)sync_timeout(); // not for the first time where the transaction ends
		if (file.fd < 0)
			open_file();
		append_with_room(file, frame.data(), frame.size(), room);
		sync_soon();
	});
	return pending().emplace_back(PendingImport{std::move(entry), GetCurrentSubTransactionId()});
}

} // namespace

void end_journal(XactEvent event)
{
	bool is_kept = event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE;
	if (file.size == 0 || (!is_kept && event != XACT_EVENT_ABORT))
		return;
	// Nothing may be thrown into PostgreSQL: what there is no memory for is left as the journal has it.
	try {
		if (!is_kept) {
			Rollback reason = explain_rollback();
			for (PendingImport &import : pending())
				conclude_rollback(import, reason);
		}
		close_journal();
	} catch (std::bad_alloc const &) {
		pending().clear();
		if (file.fd >= 0) {
			disable_timeout(sync_timeout(), false);
			leave_journal_file(file);
		}
	}
}

void end_journal_part(SubXactEvent event, SubTransactionId own, SubTransactionId parent)
{
	if (pending().empty() || (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB))
		return;
	try {
		std::optional<Rollback> reason;
		for (PendingImport &import : pending()) {
			if (import.subtransaction != own)
				continue;
			import.subtransaction = parent;
			if (event == SUBXACT_EVENT_COMMIT_SUB || import.entry.state != JournalState::running)
				continue;
			if (!reason)
				reason = explain_rollback();
			conclude_rollback(import, *reason);
		}
	} catch (std::bad_alloc const &) { // NOLINT(bugprone-empty-catch)
	}
}

JournaledImport::JournaledImport(JournalEntry entry) : import_(begin(std::move(entry))) {}

void JournaledImport::note_form(bool is_utf16, Compression compression)
{
	import_.entry.outcome.is_utf16 = is_utf16;
	import_.entry.outcome.compression = compression;
}

void JournaledImport::note_setting(RejectSetting setting)
{
	import_.rejects.expect(std::move(setting));
}

void JournaledImport::note(Batch const &batch)
{
	ImportOutcome &outcome = import_.entry.outcome;
	outcome.rows_read += static_cast<std::int64_t>(batch.records());
	note_rejects(batch);
}

void JournaledImport::note_rejects(Batch const &batch)
{
	ImportOutcome &outcome = import_.entry.outcome;
	outcome.rows_rejected += static_cast<std::int64_t>(batch.rejects.size());
	if (batch.rejects.empty())
		return;
	import_.rejects.add(batch);
	outcome.reject_kinds = import_.rejects.kinds();
	outcome.first_rejects = import_.rejects.examples();
}

void JournaledImport::forget_records()
{
	ImportOutcome &outcome = import_.entry.outcome;
	outcome.rows_read = outcome.rows_rejected = 0;
	outcome.reject_kinds.clear();
	outcome.first_rejects.clear();
}

void JournaledImport::note_failure(std::string words)
{
	ImportOutcome const &outcome = import_.entry.outcome;
	if (outcome.rows_read > 0) {
		words += " (after " + std::to_string(outcome.rows_read) +
				 (outcome.rows_read == 1 ? " record, " : " records, ") + std::to_string(outcome.rows_rejected) +
				 " of them rejected)";
	}
	import_.failure = std::move(words);
}

void JournaledImport::note_success()
{
	import_.is_done = true;
}

JournalEntry const &JournaledImport::entry() const
{
	return import_.entry;
}

} // namespace vero::pg
