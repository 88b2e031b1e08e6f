// What is written down of an import while it runs, so that its end can be told even where nobody was left to tell it.
#pragma once

#include "core/report/import_outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

enum class JournalState : unsigned char {
	running,   ///< as far as the journal knows: if its process is gone, it failed
	failed,	   ///< outcome.error says why
	withdrawn, ///< there is nothing to tell
};

/// One import. Texts may hold any bytes.
struct JournalEntry {
	JournalState state = JournalState::running;
	std::string run_id;				  ///< no other import has it, anywhere
	std::uint64_t transaction_id = 0; ///< with its epoch
	std::string options;			  ///< JSON: vero.imports.options
	std::string time_zone;			  ///< of times without an offset
	std::vector<std::string> notify;  ///< whom the import's options name
	std::vector<std::string> recipients;
	std::optional<std::int64_t> parent_import;
	std::uint64_t imported_by_oid = 0; ///< the role's, in the cluster whose journal this is
	/// All but the state, and of the counts the records that were read and rejected. finished_at_us is 0 where it is not known.
	ImportOutcome outcome;
};

/// The entry as bytes that can be put behind others. A later one with the same run_id takes the earlier one's place.
std::string to_journal_frame(JournalEntry const &entry);

struct Journal {
	std::vector<JournalEntry> entries; ///< one for each run_id, in the order of their first frames
	bool is_whole;					   ///< false: what is behind the last entry is damaged, or cut off
};

/// Reads frames up to the first that is not whole; zeros behind them are nothing. Any bytes will do.
Journal read_journal(std::string_view bytes);

} // namespace vero
