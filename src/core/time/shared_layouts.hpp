// Finds the layouts that all times of a file fit.
#pragma once

#include "core/time/time_layout.hpp"

#include <string_view>
#include <vector>

namespace vero {

/// Of the layouts that files often have those that read each one of several texts.
class SharedLayouts {
public:
	void add(std::string_view text);

	/// Those that read all texts so far, in the order of find_fitting_layouts(). None where there was no text.
	std::vector<std::string_view> names() const;

private:
	bool is_begun_ = false;
	std::vector<TimeLayout> layouts_;
};

} // namespace vero
