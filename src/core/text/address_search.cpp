// Finds an email address in a text, however it is spelled there.
#include "core/text/address_search.hpp"

#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"

#include <string>

namespace vero {
namespace {

constexpr std::size_t kMostBefore = 256, kMostBehind = 1024; // bytes that an address has, decomposed letters included

bool is_of_words(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		   static_cast<unsigned char>(c) >= 0x80;
}

bool is_of_local_part(char c)
{
	return is_of_words(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

/// What stands between the parts of a person's name in an address.
bool is_of_names(char c)
{
	return std::string_view(".-+_'").find(c) != std::string_view::npos;
}

bool is_of_domain(char c)
{
	return is_of_words(c) || c == '-' || c == '.';
}

/// The bytes of an escape of to_visible() behind its backslash.
std::size_t escape_size(char kind)
{
	return kind == 'U' ? 9 : kind == 'u' ? 5 : kind == 'x' ? 3 : 1;
}

bool is_spelling_of(std::string_view address, std::string_view normal)
{
	std::string found;
	return append_normal_email(found, address) && found == normal;
}

/// The address round the @ at `place`, of which nothing before `begin` is a part.
bool is_between(std::string_view text, std::size_t begin, std::size_t place, std::size_t end, std::string_view normal)
{
	if (is_spelling_of(text.substr(begin, end - begin), normal))
		return true;
	bool is_in_name = false; // a.ino@ and o'ino@ are not ino@, while .ino@ and 'ino@ are
	for (; begin < place; ++begin) {
		if (is_of_words(text[begin])) {
			is_in_name = true;
			continue;
		}
		is_in_name = is_in_name && is_of_names(text[begin]);
		if (!is_in_name && is_spelling_of(text.substr(begin + 1, end - begin - 1), normal))
			return true;
	}
	return false;
}

/// The address round the @ at `place`.
bool is_at(std::string_view text, std::size_t place, std::string_view normal)
{
	std::size_t begin = place, end = place + 1;
	while (begin > 0 && place - begin < kMostBefore && is_of_local_part(text[begin - 1]))
		--begin;
	while (end < text.size() && end - place < kMostBehind && is_of_domain(text[end]))
		++end;
	bool const may_be_escaped = begin > 0 && text[begin - 1] == '\\' && begin < place;
	// what is not seen is no part of an address, nor what stands on its other side
	begin = place - seen_end(text.substr(begin, place - begin)).size();
	end = place + 1 + seen_beginning(text.substr(place + 1, end - place - 1)).size();
	while (end > place && !is_of_words(text[end - 1]))
		--end;
	if (is_between(text, begin, place, end, normal))
		return true;
	std::size_t const behind = may_be_escaped ? begin + escape_size(text[begin]) : place;
	return behind < place && is_between(text, behind, place, end, normal);
}

} // namespace

bool has_address(std::string_view text, std::string_view normal)
{
	for (std::size_t place = text.find('@'); place != std::string_view::npos; place = text.find('@', place + 1)) {
		if (is_at(text, place, normal))
			return true;
	}
	return false;
}

} // namespace vero
