// Writes the mail that tells people how an import ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vero {

/// More rejected records are not shown.
constexpr std::size_t kShownRejects = 20;
constexpr std::size_t kShownReasonLength = 500; ///< characters
constexpr std::size_t kShownRawLength = 300;	///< characters

enum class ImportEnd : unsigned char { completed, completed_with_rejects, failed };

/// The rejected records as a file that can be corrected and imported again.
enum class RejectsFile : unsigned char { none, attached, too_big };

struct ShownReject {
	std::int64_t line_number;
	std::string reason;
	std::string raw; ///< the record; clipped when it is shown
};

/// How an import ended, and all that its confirmation says. Texts may hold any bytes.
struct ImportOutcome {
	std::int64_t import_id = 0;
	std::string source; ///< the file's path, or whatever vero.imports calls it
	ImportEnd state = ImportEnd::completed;
	std::int64_t rows_read = 0; ///< imported + rejected + duplicate
	std::int64_t rows_imported = 0;
	std::int64_t rows_rejected = 0;
	std::int64_t rows_duplicate = 0;
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
};

struct Confirmation {
	std::string subject; ///< one line
	std::string text;	 ///< lines end in LF
	std::string html;	 ///< a whole document, the same content
};

/// Well-formed UTF-8 without controls but LF; what came from outside is on one line each, with everything written out that could
/// act (to_visible), and escaped in the HTML. The SQL commands in it hold nothing that came from outside.
Confirmation write_confirmation(ImportOutcome const &outcome);

/// What the confirmation calls the file of rejects that is attached to it: `rejects-7.csv`.
std::string rejects_file_name(std::int64_t import_id);

} // namespace vero
