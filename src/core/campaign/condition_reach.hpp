// What a campaign's condition reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// The members of event and contact from which a condition's paths go on, each once.
struct ConditionReach {
	std::vector<std::string> event_keys;
	std::vector<std::string> contact_keys;
};

/// Of a condition as PostgreSQL writes a jsonpath. Nothing where a path may read anything else: where one does not begin with $."event"."KEY" or
/// $."contact"."KEY", and a key that has nothing escaped.
std::optional<ConditionReach> find_condition_reach(std::string_view jsonpath);

} // namespace vero
