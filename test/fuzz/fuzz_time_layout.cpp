// Fuzzes the reading of times in told layouts against glibc's strptime, and the compiling of layouts of any bytes.
#include "core/time/event_time.hpp"
#include "core/time/unread_time.hpp"

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace {

constexpr std::int64_t micros_per_second = 1'000'000;

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

/// Letters that mean the same to both.
constexpr std::array kLayouts{"%d/%m/%Y",
							  "%m/%d/%Y %I:%M %p",
							  "%d.%m.%Y %H:%M:%S",
							  "%a, %d %b %Y %H:%M:%S",
							  "%Y%m%d%H%M%S",
							  "%d %B %Y",
							  "%y%m%d",
							  "%j %Y",
							  "%b %e %Y %l:%M%p",
							  "%d/%m/%y %H:%M",
							  "%Y/%m/%d %H:%M:%S %z",
							  "%B %d, %Y",
							  "%m-%d-%Y %I:%M:%S %p",
							  "%D %T",
							  "%H:%M %d/%m/%Y",
							  "%A %d.%m.%y"};

/// What strptime makes of the whole text, a fraction of a second behind it left aside.
std::optional<std::tm> read_plain(std::string const &text, char const *layout)
{
	std::tm parts{};
	parts.tm_mday = 1;
	char const *rest = strptime(text.c_str(), layout, &parts);
	if (rest == nullptr)
		return std::nullopt;
	if (*rest == '.' && layout[std::string_view(layout).size() - 1] != 'Y')
		while (*++rest >= '0' && *rest <= '9') {
		}
	return *rest == '\0' ? std::optional(parts) : std::nullopt;
}

/// Seconds since 1970; the parts become those that a calendar has.
std::int64_t instant_of(std::tm &parts)
{
	auto const offset = parts.tm_gmtoff;
	std::int64_t const local = timegm(&parts);
	return local - offset;
}

void compare(std::string const &text, char const *layout)
{
	static vero::TimeZone const utc;
	auto const compiled = vero::TimeLayout::compile(layout).value();
	auto const reading = compiled.read(text, utc);
	require(!reading.instant_us || !reading.fault);
	require(!reading.fault || !reading.fault->words().empty());
	// Blanks beyond ASCII, 24:00, Sept and offsets of one digit, of words or beyond 14 hours are known to us only.
	bool const is_plain = text.find('\0') == text.npos;
	auto plain = is_plain ? read_plain(text, layout) : std::nullopt;
	if (reading.instant_us && plain) {
		auto const seconds = instant_of(*plain);
		auto const micros = *reading.instant_us - seconds * micros_per_second;
		require(micros >= 0 && micros <= micros_per_second);
	}
	std::string lower;
	for (char const c : text)
		lower.push_back(static_cast<char>(c | 0x20));
	bool const is_ours_only = text.find("24") != text.npos || lower.find("sept") != text.npos ||
							  std::string_view(layout).ends_with("%z") ||
							  std::string_view(layout).find("%S ") != std::string_view::npos;
	bool is_ascii = true;
	for (char const c : text)
		is_ascii = is_ascii && static_cast<unsigned char>(c) < 0x80;
	if (reading.instant_us && is_plain && is_ascii && !is_ours_only)
		require(plain.has_value());
	if (!plain || reading.instant_us)
		return;
	// What strptime takes and strftime writes again to the letter is ours, too.
	instant_of(*plain);
	std::array<char, 256> written{};
	auto const size = std::strftime(written.data(), written.size(), layout, &*plain);
	bool const is_in_range = plain->tm_year >= 1000 - 1900 && plain->tm_year <= 9999 - 1900;
	bool const has_offset = std::string_view(layout).ends_with("%z");
	require(!is_in_range || has_offset || std::string_view(written.data(), size) != text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	static vero::TimeZone const berlin(3600, {{1'648'342'800, 7200}, {1'667'091'600, 3600}});
	if (size == 0)
		return 0;
	std::string const rest(reinterpret_cast<char const *>(data) + 1, size - 1);
	if (data[0] % 32 < kLayouts.size()) {
		compare(rest, kLayouts[data[0] % 32]);
		return 0;
	}
	// a layout, a line end, a text
	auto const line_end = rest.find('\n');
	auto const compiled = vero::TimeLayout::compile(rest.substr(0, line_end));
	std::string const text = line_end == rest.npos ? rest : rest.substr(line_end + 1);
	auto const zones = [](std::string_view name, std::int64_t) {
		return name == "EST" ? std::optional<std::int32_t>(-18'000) : std::nullopt;
	};
	vero::TimeLayouts layouts{{}, zones};
	if (compiled) {
		(void)compiled->read(text, berlin, zones);
		layouts.list.push_back(*compiled);
	} else {
		require(!compiled.error().message.empty());
	}
	if (!vero::parse_event_time(text, berlin)) {
		auto const unread = vero::explain_unread_time(text, "", berlin, layouts, vero::Notation::function);
		require(!unread.words.empty() && unread.is_iso_fault == vero::find_iso_fault(text).has_value());
	}
	for (auto const layout : vero::find_fitting_layouts(text))
		require(vero::TimeLayout::compile(layout).value().read(text, berlin).instant_us.has_value());
	return 0;
}
