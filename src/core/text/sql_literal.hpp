// Texts as literals of SQL's.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// The literal that is this text, whatever standard_conforming_strings says: 'it''s', and E'...' where there are backslashes or controls, which
/// psql would take for other things where the literal is pasted. `text` has no NUL.
std::string sql_literal(std::string_view text);

} // namespace vero
