// Texts as literals of SQL's.
#include "core/text/sql_literal.hpp"

#include "core/text/character.hpp"

namespace vero {
namespace {

bool is_escaped(char c)
{
	return c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// In E'...'.
void append_escaped(std::string &out, char c)
{
	switch (c) {
	case '\\':
		out += "\\\\";
		break;
	case '\n':
		out += "\\n";
		break;
	case '\r':
		out += "\\r";
		break;
	case '\t':
		out += "\\t";
		break;
	default:
		append_hex(out, '\\', c);
		out.insert(out.size() - 2, 1, 'x');
	}
}

} // namespace

std::string sql_literal(std::string_view text)
{
	bool has_escapes = false;
	std::string literal = "'";
	for (char const c : text) {
		if (is_escaped(c)) {
			append_escaped(literal, c);
			has_escapes = true;
		} else {
			literal.append(c == '\'' ? 2 : 1, c);
		}
	}
	literal += '\'';
	return has_escapes ? "E" + literal : literal;
}

} // namespace vero
