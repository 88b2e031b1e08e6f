// Finds the layouts that all times of a file fit.
#include "core/time/shared_layouts.hpp"

#include "core/time/unread_time.hpp"

namespace vero {

void SharedLayouts::add(std::string_view text)
{
	if (!is_begun_) {
		for (std::string_view const layout : find_fitting_layouts(text))
			layouts_.push_back(TimeLayout::compile(layout).value());
		is_begun_ = true;
		return;
	}
	std::erase_if(layouts_, [&](TimeLayout const &layout) { return !layout.read(text, utc_zone()).instant_us; });
}

std::vector<std::string_view> SharedLayouts::names() const
{
	std::vector<std::string_view> names;
	for (TimeLayout const &layout : layouts_)
		names.push_back(layout.text());
	return names;
}

} // namespace vero
