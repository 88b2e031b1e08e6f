// Options as the user would write them, for messages that name the one that helps.
#include "core/text/option_words.hpp"

#include "core/text/visible_text.hpp"

namespace vero {
namespace {

std::string write_name(Notation notation, std::string_view name)
{
	return std::string(name) + (notation == Notation::function ? " => " : " ");
}

} // namespace

std::string write_option(Notation notation, std::string_view name, std::uint64_t value)
{
	return write_name(notation, name) + std::to_string(value);
}

std::string write_option(Notation notation, std::string_view name, std::string_view value)
{
	std::string words = write_name(notation, name) + "'";
	for (char const c : value)
		words += c == '\'' ? "''" : std::string(1, c);
	return words + "'";
}

std::string write_json_string(std::string_view text)
{
	std::string escaped;
	for (char const c : text) {
		if (c == '"' || c == '\\')
			escaped += '\\';
		escaped += c;
	}
	return '"' + to_visible(escaped) + '"';
}

} // namespace vero
