// Says what helps where a file's header was not understood.
#pragma once

#include "core/intake/header_search.hpp"

#include <span>
#include <string>

namespace vero {

/// What was taken for the header.
struct TriedHeader {
	char delimiter;
	std::vector<std::string> names; ///< of the columns, as far as they could be read
	std::uint64_t cells = 0;		///< that the record has
	std::uint64_t line = 1;			///< where it stands
	bool is_in_file = true;			///< else the names were told
};

/// The failure with what the first lines of the file tell: where the header is, which columns hold addresses and times, and the options that
/// say so.
FileFailure explain_failure(FileFailure failure, TriedHeader const &header, FileBeginning const &beginning);

} // namespace vero
