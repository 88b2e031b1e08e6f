// How a function says that it failed: the one way of all rooms.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace vero {

/// A value, or the reason why there is none: in words, or as a type that says more. An error is returned as tl::make_unexpected(reason).
///
/// An optional is for what may be missing without a reason. Functions that append to the caller's buffer for each cell of a file, as
/// append_normal_email() does, answer by bool: the reason is asked for afterwards, where somebody wants it.
template <class T, class E = std::string> using Result = tl::expected<T, E>;

} // namespace vero
