// What became of an import, in one value for all who tell it.
#pragma once

#include "core/compression/compression.hpp"
#include "core/report/campaign_counts.hpp"
#include "core/report/import_reading.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// A confirmation shows so many rejected records at most.
constexpr std::size_t kShownRejects = 20;
constexpr std::size_t kShownReasonLength = 500; ///< characters
constexpr std::size_t kShownRawLength = 300;	///< characters

/// Kinds of errors that are told apart, the last of them for all others.
constexpr std::size_t kRejectKinds = 12;

enum class ImportState : unsigned char { completed, completed_with_rejects, failed };

/// The rejected records as a file that can be corrected and imported again.
enum class RejectsFile : unsigned char { none, attached, too_big };

struct ShownReject {
	std::int64_t line_number;
	std::string reason;
	std::string raw; ///< the record; clipped when it is shown
};

/// Errors of rejected records that are alike.
struct RejectKind {
	std::int64_t count = 0;
	std::string words;	 ///< "not a time in ISO 8601"
	std::string example; ///< the value of the first; empty where none tells more
	std::string advice;	 ///< "time_formats => '{%d/%m/%Y}' would read them"; empty where there is none
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
	std::uint64_t rejected_bytes = 0; ///< of the rejected records, as UTF-8 or as they stand in the file
	std::int64_t contacts_created = 0;
	bool is_dry_run = false;
	bool looks_for_duplicates = false;
	bool triggers_campaigns = false;
	std::int64_t jobs_scheduled = 0;
	std::int64_t jobs_discarded = 0; ///< overdue ones, and those of events in the future
	std::int64_t jobs_overdue = 0;
	std::int64_t jobs_of_future = 0;
	std::vector<CampaignCounts> campaigns; ///< those that its events trigger, by their ids; none where it is undone
	std::vector<NameCount> names_without_campaign; ///< of an import that triggers, as far as names are told apart
	std::optional<ImportReading> reading;		   ///< none where it did not come so far, or is undone
	std::string error;							   ///< why, where the state is failed
	std::int64_t started_at_us = 0;				   ///< since 1970-01-01 00:00 UTC
	std::int64_t finished_at_us = 0;			   ///< 0: not known
	std::string imported_by;
	std::string database;
	std::vector<std::string> options;			 ///< names of those that say how the file is read
	bool is_utf16 = false;						 ///< the file, as far as it is known
	Compression compression = Compression::none; ///< the same
	/// Its transaction was rolled back: nothing is kept of it, no rejects either, and there are no counts.
	bool is_undone = false;
	bool is_repeat = false; ///< it failed because its content was imported before
	/// Whose rejects it has read, as they are corrected in their table; 0: it has read a file.
	std::int64_t retried_import = 0;
	std::vector<RejectKind> reject_kinds;
	std::vector<ShownReject> first_rejects; ///< examples, by line
	RejectsFile rejects_file = RejectsFile::none;

	/// All that were rejected are of people who were forgotten, of whose records only the places are kept.
	bool has_only_forgotten_rejects() const { return rows_rejected != 0 && rejected_bytes == 0; }

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
