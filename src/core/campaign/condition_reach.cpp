// What a campaign's condition reads.
#include "core/campaign/condition_reach.hpp"

#include <algorithm>
#include <cstddef>

namespace vero {
namespace {

/// The place behind a string that begins there: a quote in it stands behind a backslash.
std::size_t end_of_string(std::string_view text, std::size_t at)
{
	for (at++; at < text.size() && text[at] != '"'; at++)
		at += text[at] == '\\' ? 1 : 0;
	return std::min(at + 1, text.size());
}

bool skip(std::string_view &text, std::string_view what)
{
	bool const is_there = text.starts_with(what);
	text.remove_prefix(is_there ? what.size() : 0);
	return is_there;
}

/// The key that a text begins with, in quotes.
std::optional<std::string_view> read_key(std::string_view text)
{
	if (!text.starts_with('"'))
		return std::nullopt;
	std::string_view const quoted = text.substr(0, end_of_string(text, 0));
	if (quoted.size() < 2 || !quoted.ends_with('"') || quoted.find('\\') != std::string_view::npos)
		return std::nullopt;
	return quoted.substr(1, quoted.size() - 2);
}

/// `path` begins behind its $. False where it may read anything.
bool add_path(std::string_view path, ConditionReach &reach)
{
	bool const is_event = skip(path, R"(."event".)");
	if (!is_event && !skip(path, R"(."contact".)"))
		return false;
	std::optional<std::string_view> const key = read_key(path);
	if (!key)
		return false;
	std::vector<std::string> &keys = is_event ? reach.event_keys : reach.contact_keys;
	if (std::find(keys.begin(), keys.end(), *key) == keys.end())
		keys.emplace_back(*key);
	return true;
}

} // namespace

std::optional<ConditionReach> find_condition_reach(std::string_view jsonpath)
{
	ConditionReach reach;
	for (std::size_t at = 0; at < jsonpath.size();) {
		if (jsonpath[at] == '"') {
			at = end_of_string(jsonpath, at);
		} else if (jsonpath[at++] == '$' && !add_path(jsonpath.substr(at), reach)) {
			return std::nullopt;
		}
	}
	return reach;
}

} // namespace vero
