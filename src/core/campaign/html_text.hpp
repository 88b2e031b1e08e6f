// What people see of an HTML body.
#pragma once

#include <string_view>

namespace vero {

/// True where nothing would be seen of well-formed UTF-8 as HTML: no text but white space and characters that nothing is drawn for, written
/// as such or as character references (&nbsp;), and no image. Takes time in proportion to `html`, and stops at what is seen first.
bool is_blank_html(std::string_view html);

} // namespace vero
