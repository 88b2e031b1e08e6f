// The SMTP server that mail is handed to: where it is and how it is spoken to, and what it says that it can do.
#include "core/smtp/smtp_server.hpp"

#include "core/text/character.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace vero {
namespace {

/// True where `line` is the keyword `name`, in any case, alone or with parameters behind it.
bool is_keyword(std::string_view line, std::string_view name)
{
	return line.size() >= name.size() &&
		   std::equal(name.begin(), name.end(), line.begin(), [](char n, char l) { return n == upper_ascii(l); }) &&
		   (line.size() == name.size() || line[name.size()] == ' ' || line[name.size()] == '=');
}

/// "SIZE 10240000"; 0 where it says none.
std::uint64_t read_size(std::string_view line)
{
	std::string_view const digits = line.substr(std::min<std::size_t>(line.size(), 5));
	std::uint64_t size = 0;
	auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
	return read.ec == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : size;
}

} // namespace

void SmtpAbilities::note_line(std::string_view line) noexcept
{
	while (line.ends_with('\n') || line.ends_with('\r')) {
		line.remove_suffix(1);
	}
	if (line.starts_with("220")) {
		*this = {};
	}
	if (line.size() <= 4 || !line.starts_with("250")) {
		return;
	}
	line.remove_prefix(4);
	has_pipelining |= is_keyword(line, "PIPELINING");
	has_smtputf8 |= is_keyword(line, "SMTPUTF8");
	has_auth |= is_keyword(line, "AUTH");
	if (is_keyword(line, "SIZE")) {
		max_size = read_size(line);
	}
}

} // namespace vero
