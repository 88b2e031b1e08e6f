// How many records of a file may be rejected before the file fails as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vero {

/// A count, or a part of the records in percent.
class RejectLimit {
public:
	/// Before so many records are read nothing is said of a file that has more: its first ones may be unlike the others.
	static constexpr std::int64_t kFirstLook = 1'000;

	/// "100", "5%" or "0.25 %", of up to three decimals; nothing for what is neither a count nor a percentage from 0 to 100.
	static std::optional<RejectLimit> make(std::string_view text);

	/// Whether more of the records read so far were rejected than may be.
	bool is_passed(std::int64_t read, std::int64_t rejected) const;
	/// "100", "5 %".
	std::string words() const;

private:
	RejectLimit(std::int64_t most, bool is_percentage) : most_(most), is_percentage_(is_percentage) {}

	std::int64_t most_; ///< records, or thousandths of a percent
	bool is_percentage_;
};

} // namespace vero
