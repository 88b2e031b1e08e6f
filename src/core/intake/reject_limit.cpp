// How many records of a file may be rejected before the file fails as a whole.
#include "core/intake/reject_limit.hpp"

#include "core/text/text.hpp"

#include <charconv>

namespace vero {
namespace {

constexpr int kDecimals = 3;
constexpr std::int64_t kPercent = 1'000; ///< in thousandths
constexpr std::int64_t kMostPercent = 100 * kPercent;

/// Digits and nothing else.
std::optional<std::int64_t> read_digits(std::string_view text)
{
	if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
		return std::nullopt;
	}
	std::int64_t number = 0;
	auto const result = std::from_chars(text.data(), text.data() + text.size(), number);
	return result.ec == std::errc() ? std::optional(number) : std::nullopt;
}

/// In thousandths.
std::optional<std::int64_t> read_percentage(std::string_view text)
{
	auto const point = text.find('.');
	auto const whole = read_digits(text.substr(0, point));
	std::string decimals(point == std::string_view::npos ? "0" : text.substr(point + 1));
	auto const size = decimals.size();
	decimals.resize(kDecimals, '0');
	auto const part = size > kDecimals || size == 0 ? std::nullopt : read_digits(decimals);
	if (!whole || !part || *whole > kMostPercent / kPercent) {
		return std::nullopt;
	}
	return *whole * kPercent + *part;
}

} // namespace

std::optional<RejectLimit> RejectLimit::make(std::string_view text)
{
	text = trim(text);
	bool const is_percentage = text.ends_with('%');
	if (is_percentage) {
		text = trim(text.substr(0, text.size() - 1));
	}
	auto const most = is_percentage ? read_percentage(text) : read_digits(text);
	if (!most || (is_percentage && *most > kMostPercent)) {
		return std::nullopt;
	}
	return RejectLimit(*most, is_percentage);
}

bool RejectLimit::is_passed(std::int64_t read, std::int64_t rejected) const
{
	if (!is_percentage_) {
		return rejected > most_;
	}
	// in two steps, so that no product is too large
	auto const whole = read / kMostPercent * most_;
	auto const part = read % kMostPercent * most_;
	return rejected - whole > part / kMostPercent;
}

std::string RejectLimit::words() const
{
	if (!is_percentage_) {
		return group_digits(most_);
	}
	std::string decimals = std::to_string(kPercent + most_ % kPercent).substr(1);
	decimals.erase(decimals.find_last_not_of('0') + 1);
	return std::to_string(most_ / kPercent) + (decimals.empty() ? "" : "." + decimals) + " %";
}

} // namespace vero
