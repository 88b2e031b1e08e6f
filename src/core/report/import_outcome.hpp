// What became of an import, in one value for all who tell it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// A confirmation shows so many rejected records at most.
constexpr std::size_t kShownRejects = 20;
constexpr std::size_t kShownReasonLength = 500; ///< characters
constexpr std::size_t kShownRawLength = 300;	///< characters

enum class ImportState : unsigned char { completed, completed_with_rejects, failed };

/// The rejected records as a file that can be corrected and imported again.
enum class RejectsFile : unsigned char { none, attached, too_big };

struct ShownReject {
	std::int64_t line_number;
	std::string reason;
	std::string raw; ///< the record; clipped when it is shown
};

/// What an import is and how it ended: what its row, its confirmation and its caller are told. Texts may hold any bytes.
struct ImportOutcome {
	std::int64_t import_id = 0;
	std::string source; ///< the file's path, or whatever vero.imports calls it
	ImportState state = ImportState::completed;
	std::int64_t rows_read = 0; ///< imported + rejected + duplicate
	std::int64_t rows_imported = 0;
	std::int64_t rows_rejected = 0;
	std::int64_t rows_duplicate = 0;
	std::int64_t rows_blank = 0;	  ///< not counted as read
	std::uint64_t rejected_bytes = 0; ///< of the rejected records, as UTF-8 or as they stand in the file
	std::int64_t contacts_created = 0;
	bool is_dry_run = false;
	bool triggers_campaigns = false;
	std::int64_t jobs_scheduled = 0;
	std::int64_t jobs_discarded = 0;
	std::string error;				 ///< why, where the state is failed
	std::int64_t started_at_us = 0;	 ///< since 1970-01-01 00:00 UTC
	std::int64_t finished_at_us = 0; ///< 0: not known
	std::string imported_by;
	std::string database;
	std::vector<std::string> options; ///< names of those that say how the file is read
	bool is_utf16 = false;			  ///< the file, as far as it is known
	/// Its transaction was rolled back: nothing is kept of it, no rejects either, and there are no counts.
	bool is_undone = false;
	std::vector<ShownReject> first_rejects; ///< by line
	RejectsFile rejects_file = RejectsFile::none;

	/// What vero.imports.state says: a dry run that did not fail is `dry_run`, whatever it found.
	std::string_view state_name() const
	{
		if (state == ImportState::failed) {
			return "failed";
		}
		if (is_dry_run) {
			return "dry_run";
		}
		return state == ImportState::completed ? "completed" : "completed_with_rejects";
	}
};

} // namespace vero
