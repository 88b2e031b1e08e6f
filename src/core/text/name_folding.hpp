// When two names that people write are the same name.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// A name for comparing: without regard to case (Unicode's full case folding: "Straße", "STRASSE"), to white space, underscores and
/// dashes of any kind, to what is not seen, and to how letters with marks are spelled (canonical equivalence; the result is in
/// Normalization Form C). Folding twice changes nothing. Of bytes that are not UTF-8 only what is ASCII is folded.
///
/// The names of events and campaigns are the same where this is equal; a file's columns are found by it.
std::string fold_name(std::string_view name);

} // namespace vero
