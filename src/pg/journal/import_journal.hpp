// Sees to it that the end of every import is told: it is written down when it begins, and struck out when its end is safe.
//
// What an import writes comes or goes with its transaction, its confirmation too. So the journal keeps what a rollback, a killed
// process or a crashed server would take away; record_lost_imports() tells it later.
#pragma once

#include "core/intake/batch.hpp"
#include "core/report/import_journal.hpp"
#include "core/report/reject_tally.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/hooks.hpp"

namespace vero::pg {

/// Says in the journal how the imports of this transaction ended. Called where a transaction ends.
void end_journal(XactEvent event);
/// Says in the journal how the imports of a subtransaction ended. Called where one ends.
void end_journal_part(SubXactEvent event, SubTransactionId own, SubTransactionId parent);

struct PendingImport;

/// A running import. It stays in the journal until its transaction ends, whatever becomes of this object.
class JournaledImport {
public:
	/// Writes it down; where it lasts, on disk. Throws Error.
	explicit JournaledImport(JournalEntry entry);
	JournaledImport(JournaledImport const &) = delete;
	JournaledImport &operator=(JournaledImport const &) = delete;

	/// What the file turned out to be, as far as it is known.
	void note_form(bool is_utf16, Compression compression);
	/// How its records are read: to be called before note().
	void note_setting(RejectSetting setting);
	/// Counts its records, and keeps what is to be shown of them.
	void note(Batch const &batch);
	/// Of a batch that was noted before: its rejects that were found since.
	void note_rejects(Batch const &batch);
	/// Nothing is to be told of its records.
	void forget_records();

	/// Runs the rest of the import. What it throws passes, and its words are kept.
	template <class Work> void run(Work &&work)
	{
		try {
			work();
		} catch (Error const &error) {
			note_failure(error.data->message != nullptr ? error.data->message : "");
			throw;
		} catch (Report const &report) {
			note_failure(report.hint.empty() ? report.message : report.message + ". " + report.hint);
			throw;
		} catch (std::exception const &error) {
			note_failure(words_of(error));
			throw;
		}
		note_success();
	}

	/// What was written down, with the rejects that note() kept.
	JournalEntry const &entry() const;

private:
	void note_failure(std::string words);
	void note_success();

	PendingImport &import_; ///< lives as long as the transaction
};

} // namespace vero::pg
