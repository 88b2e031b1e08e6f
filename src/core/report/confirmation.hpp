// Writes the mail that tells people how an import ended.
#pragma once

#include "core/report/import_outcome.hpp"

#include <cstdint>
#include <string>

namespace vero {

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
