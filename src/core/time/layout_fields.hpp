// What a layout has read of a text, and the steps that read it.
#pragma once

#include "core/time/time_layout.hpp"
#include "core/time/time_parts.hpp"

#include <limits>

namespace vero {

/// What was read of a text so far.
struct LayoutFields {
	static constexpr std::int32_t kNone = std::numeric_limits<std::int32_t>::min();

	std::int32_t number[7] = {kNone, kNone, kNone, kNone, kNone, kNone, kNone}; ///< by TimeLayout::Field
	std::int64_t micros = 0;
	bool is_afternoon = false;
	std::int32_t weekday = kNone;
	std::int32_t offset_s = kNone;
	std::string_view zone;
	std::optional<TimeFault> fault; ///< the first one

	std::int32_t &of(TimeLayout::Field field) { return number[static_cast<std::size_t>(field)]; }
	std::int32_t value_or(TimeLayout::Field field, std::int32_t otherwise) const
	{
		std::int32_t const value = number[static_cast<std::size_t>(field)];
		return value == kNone ? otherwise : value;
	}
	void note(TimePart part, std::int32_t value)
	{
		if (!fault)
			fault = TimeFault{part, value};
	}
};

/// Takes what `step` stands for; false where something else stands there.
bool take_layout_step(TimeCursor &cursor, TimeLayout::Step const &step, LayoutFields &fields);

} // namespace vero
