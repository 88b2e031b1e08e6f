// Reads a merge tag in Liquid's syntax, what stands between {{ and }}: a path and the filters behind it.
#include "core/campaign/merge_tag.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace vero {
namespace {

constexpr std::string_view kPathHint = "Write a path like event.name, event.item_type or contact.email.";
constexpr std::string_view kPropertiesKey = "properties";

struct KnownField {
	std::string_view root;
	std::string_view key;
	MergeField field;
};

constexpr std::string_view kEvent = "event";
constexpr std::string_view kContact = "contact";
constexpr std::array<KnownField, 3> kFields{{
	{kEvent, "name", MergeField::event_name},
	{kEvent, "occurred_at", MergeField::event_occurred_at},
	{kContact, "email", MergeField::contact_email},
}};

std::string const *key_of(PathStep const &step)
{
	return std::get_if<std::string>(&step);
}

/// A key that holds both kinds of quotes cannot have been written.
void append_step(std::string &path, PathStep const &step)
{
	std::string const *key = key_of(step);
	if (key == nullptr) {
		path += "[" + std::to_string(std::get<std::int32_t>(step)) + "]";
	} else if (!key->empty() && TagCursor(*key).read_word() == *key) {
		path += "." + *key;
	} else {
		char const quote = key->find('"') == std::string::npos ? '"' : '\'';
		path += std::string("[") + quote + *key + quote + "]";
	}
}

/// Functions answer false where the tag is refused; error_ says why.
class MergeTagParser {
public:
	explicit MergeTagParser(std::string_view content) : cursor_(content) {}

	Result<MergeTag, TagError> parse()
	{
		if (!read_path() || !read_filters())
			return tl::make_unexpected(std::move(error_));
		return std::move(tag_);
	}

private:
	bool fail(std::size_t offset, std::string message, std::string_view hint = "")
	{
		error_ = {offset, std::move(message), std::string(hint)};
		return false;
	}

	bool fail_expecting(std::string_view what, std::string_view hint = "")
	{
		if (cursor_.is_at_curly_quote())
			hint = R"(Texts stand in straight quotes: "..." or '...'.)";
		return fail(cursor_.position(), "expected " + std::string(what) + ", found " + cursor_.describe_next(), hint);
	}

	bool is_at_quote() { return cursor_.next() == '"' || cursor_.next() == '\''; }
	bool fail_unclosed() { return fail(cursor_.position(), "text in quotes is not closed"); }

	bool read_path();
	bool read_key();
	bool read_bracket();
	bool read_index();
	bool resolve_path(std::string const &root, std::size_t begin);
	bool read_filters();
	bool read_filter();
	bool read_argument(std::vector<FilterArgument> &arguments);

	TagCursor cursor_;
	MergeTag tag_{};
	TagError error_{};
};

bool MergeTagParser::read_path()
{
	auto const begin = cursor_.position();
	if (cursor_.is_at_end())
		return fail(begin, "merge tag is empty", kPathHint);
	if (is_at_quote() || !cursor_.read_number().empty())
		return fail(begin, "merge tag begins with a text or a number", kPathHint);
	auto const name = cursor_.read_word();
	if (name.empty())
		return fail_expecting("a path", kPathHint);
	if (name != kEvent && name != kContact)
		return fail(begin, "unknown root " + shown(name), "A path begins with event or contact.");
	while (cursor_.next() == '.' || cursor_.next() == '[') {
		if (tag_.steps.size() == kMaxPathSteps)
			return fail(cursor_.position(), "path has more than " + std::to_string(kMaxPathSteps) + " steps");
		if (!(cursor_.skip('.') ? read_key() : read_bracket()))
			return false;
	}
	return resolve_path(std::string(name), begin);
}

bool MergeTagParser::read_key()
{
	auto const key = cursor_.read_word();
	tag_.steps.emplace_back(std::string(key));
	return !key.empty() ||
		   fail_expecting("a name", R"(Other names stand in brackets and quotes, like event["Item Type"].)");
}

bool MergeTagParser::read_bracket()
{
	cursor_.skip('[');
	if (auto const key = cursor_.read_quoted()) {
		tag_.steps.emplace_back(std::string(*key));
	} else if (is_at_quote()) {
		return fail_unclosed();
	} else if (!read_index()) {
		return false;
	}
	return cursor_.skip(']') || fail_expecting("\"]\"");
}

bool MergeTagParser::read_index()
{
	auto const begin = cursor_.position();
	auto const number = cursor_.read_number();
	if (number.empty())
		return fail_expecting("a name in quotes or an index");
	auto const *const end = number.data() + number.size();
	std::int32_t index = 0;
	if (auto const result = std::from_chars(number.data(), end, index); result.ec != std::errc() || result.ptr != end)
		return fail(begin, shown(number) + " is no index");
	tag_.steps.emplace_back(index);
	return true;
}

/// What the path leads to; of a property only its own steps are kept.
bool MergeTagParser::resolve_path(std::string const &root, std::size_t begin)
{
	auto &steps = tag_.steps;
	auto const properties = root + "." + std::string(kPropertiesKey);
	bool const names_properties = !steps.empty() && key_of(steps[0]) != nullptr && *key_of(steps[0]) == kPropertiesKey;
	if (names_properties)
		steps.erase(steps.begin());
	if (steps.empty() || key_of(steps[0]) == nullptr) {
		return fail(begin,
					shown(names_properties ? properties : root) + (steps.empty() ? " is no value" : " is no list"),
					"Name one of its properties, like " + root + ".item_type.");
	}
	auto const &key = *key_of(steps[0]);
	auto const *const known = std::find_if(kFields.begin(), kFields.end(), [&](KnownField const &candidate) {
		return candidate.root == root && candidate.key == key;
	});
	if (names_properties || known == kFields.end()) {
		tag_.field = root == kEvent ? MergeField::event_property : MergeField::contact_property;
		return true;
	}
	if (steps.size() > 1) {
		return fail(begin, shown(root + "." + key) + " has nothing below it",
					"A property of that name is " + properties + "." + key + ".");
	}
	tag_.field = known->field;
	steps.clear();
	return true;
}

bool MergeTagParser::read_filters()
{
	while (!cursor_.is_at_end()) {
		auto const begin = cursor_.position();
		if (!cursor_.skip('|'))
			return fail_expecting("\"|\" or the end of the tag");
		if (tag_.filters.size() == kMaxTagFilters)
			return fail(begin, "merge tag has more than " + std::to_string(kMaxTagFilters) + " filters");
		if (!read_filter())
			return false;
	}
	return true;
}

bool MergeTagParser::read_filter()
{
	auto const begin = cursor_.position();
	auto const name = cursor_.read_word();
	if (name.empty())
		return fail_expecting("a filter");
	std::vector<FilterArgument> arguments;
	if (cursor_.skip(':')) {
		do {
			if (!read_argument(arguments))
				return false;
		} while (cursor_.skip(','));
	}
	auto made = make_filter(name, begin, arguments);
	if (!made) {
		error_ = std::move(made.error());
		return false;
	}
	tag_.filters.push_back(*std::move(made));
	return true;
}

bool MergeTagParser::read_argument(std::vector<FilterArgument> &arguments)
{
	auto const begin = cursor_.position();
	if (auto const text = cursor_.read_quoted()) {
		arguments.push_back({*text, begin + 1, false});
		return true;
	}
	if (is_at_quote())
		return fail_unclosed();
	auto const number = cursor_.read_number();
	arguments.push_back({number, begin, true});
	return !number.empty() || fail_expecting("a text in quotes or a number");
}

} // namespace

Result<MergeTag, TagError> parse_merge_tag(std::string_view content)
{
	return MergeTagParser(content).parse();
}

std::string path_of(MergeTag const &tag)
{
	for (KnownField const &known : kFields) {
		if (known.field == tag.field)
			return std::string(known.root) + "." + std::string(known.key);
	}
	std::string_view const root = tag.field == MergeField::event_property ? kEvent : kContact;
	std::string path(root);
	auto const &first = std::get<std::string>(tag.steps.front());
	if (first == kPropertiesKey || std::any_of(kFields.begin(), kFields.end(), [&](KnownField const &known) {
			return known.root == root && known.key == first;
		}))
		path += "." + std::string(kPropertiesKey);
	for (PathStep const &step : tag.steps)
		append_step(path, step);
	return path;
}

} // namespace vero
