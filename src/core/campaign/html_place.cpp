// Follows the HTML of a template and says where a merge tag stands in it.
#include "core/campaign/html_place.hpp"

#include "core/text/character.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vero {
namespace {

constexpr std::size_t kMaxTail = 32; // of what was read last, in which an end is looked for
constexpr std::string_view kPlaceHint = "A merge tag stands in text, or in an attribute's value in quotes.";

bool starts_with(std::string_view text, std::string_view beginning)
{
	return text.size() >= beginning.size() && std::equal(beginning.begin(), beginning.end(), text.begin(),
														 [](char a, char b) { return a == lower_ascii(b); });
}

template <std::size_t size> bool is_one_of(std::string_view name, std::array<std::string_view, size> const &names)
{
	return std::find(names.begin(), names.end(), name) != names.end();
}

/// Elements whose content is no HTML.
constexpr std::array<std::string_view, 8> kRaw{"script",  "style",	  "xmp",	  "iframe",
											   "noembed", "noframes", "noscript", "plaintext"};
static_assert(std::all_of(kRaw.begin(), kRaw.end(), [](std::string_view name) {
	return std::string_view("</").size() + name.size() <= kMaxTail;
}));
static_assert(std::string_view("--!>").size() <= kMaxTail);
/// Attributes whose value is a link.
constexpr std::array<std::string_view, 12> kLinks{"href",	"src",	"action",	"formaction", "background", "cite",
												  "poster", "data", "longdesc", "xlink:href", "ping",		"srcset"};

std::string_view without_blanks(std::string_view text)
{
	auto const begin = std::find_if_not(text.begin(), text.end(), is_html_space);
	return text.substr(static_cast<std::size_t>(begin - text.begin()));
}

tl::unexpected<PlaceFault> refuse(std::string message, std::string_view hint = kPlaceHint)
{
	return tl::make_unexpected(PlaceFault{std::move(message), std::string(hint)});
}

} // namespace

bool is_allowed_link(std::string_view link)
{
	link = without_blanks(link);
	return starts_with(link, "http://") || starts_with(link, "https://") || starts_with(link, "mailto:");
}

void HtmlPlaces::read(std::string_view html)
{
	for (char const c : html) {
		step(c);
	}
}

void HtmlPlaces::end_tag()
{
	bool const is_raw = !is_end_tag_ && is_one_of(name_, kRaw);
	state_ = is_raw ? State::raw : State::text;
	raw_end_ = "</" + name_;
	tail_.clear();
}

void HtmlPlaces::begin_attribute(char c)
{
	attribute_.assign(1, lower_ascii(c));
	value_.clear();
	has_value_tag_ = false;
	state_ = State::attribute_name;
}

void HtmlPlaces::step_tag(char c)
{
	if (state_ == State::tag_name) {
		if (c == '>') {
			end_tag();
		} else if (is_html_space(c) || c == '/') {
			state_ = State::before_attribute;
		} else {
			name_.push_back(lower_ascii(c));
		}
	} else if (c == '/' && !is_end_tag_) {
		is_end_tag_ = true;
	} else if (is_letter(c)) {
		name_.assign(1, lower_ascii(c));
		state_ = State::tag_name;
	} else if (c == '!' || c == '?' || is_end_tag_) {
		tail_.assign(1, c);
		state_ = c == '>' ? State::text : State::markup;
	} else {
		state_ = c == '<' ? State::tag_open : State::text;
	}
}

void HtmlPlaces::step_attribute(char c)
{
	if (c == '>') {
		end_tag();
	} else if (state_ == State::attribute_name) {
		if (c == '=') {
			state_ = State::before_value;
		} else if (c == '/') {
			state_ = State::before_attribute;
		} else if (is_html_space(c)) {
			state_ = State::after_attribute_name;
		} else {
			attribute_.push_back(lower_ascii(c));
		}
	} else if (c == '=' && state_ == State::after_attribute_name) {
		state_ = State::before_value;
	} else if (is_html_space(c) || c == '/') {
		state_ = state_ == State::after_value ? State::before_attribute : state_;
	} else {
		begin_attribute(c);
	}
}

void HtmlPlaces::step_value(char c)
{
	if (state_ == State::value) {
		if (c == quote_) {
			state_ = State::after_value;
		} else {
			value_.push_back(c);
		}
	} else if (c == '>') {
		end_tag();
	} else if (state_ == State::bare_value) {
		state_ = is_html_space(c) ? State::before_attribute : state_;
	} else if (c == '"' || c == '\'') {
		quote_ = c;
		state_ = State::value;
	} else if (!is_html_space(c)) {
		state_ = State::bare_value;
	}
}

/// Through what has an end that is looked for: markup that is no element, comments, scripts and the like.
void HtmlPlaces::step_to_end(char c)
{
	tail_.push_back(state_ == State::raw ? lower_ascii(c) : c);
	if (state_ == State::markup) {
		if (tail_ == "!--") {
			state_ = State::comment;
			tail_ = "--"; // <!--> is a whole comment, as is <!--->
		} else if (c == '>') {
			state_ = State::text;
		} else if (tail_.size() > kMaxTail) {
			tail_.resize(kMaxTail);
		}
	} else if (state_ == State::comment) {
		if (tail_.ends_with("-->") || tail_.ends_with("--!>")) {
			state_ = State::text;
		} else if (tail_.size() > kMaxTail) {
			tail_.erase(0, tail_.size() - 4);
		}
	} else if (tail_.ends_with(raw_end_)) {
		is_end_tag_ = true;
		state_ = State::tag_name;
	} else if (tail_.size() > 2 * kMaxTail) {
		tail_.erase(0, kMaxTail);
	}
}

void HtmlPlaces::step(char c)
{
	switch (state_) {
	case State::text:
		state_ = c == '<' ? State::tag_open : State::text;
		is_end_tag_ = false;
		break;
	case State::tag_open:
	case State::tag_name:
		step_tag(c);
		break;
	case State::before_attribute:
	case State::attribute_name:
	case State::after_attribute_name:
	case State::after_value:
		step_attribute(c);
		break;
	case State::before_value:
	case State::value:
	case State::bare_value:
		step_value(c);
		break;
	case State::markup:
	case State::comment:
	case State::raw:
		step_to_end(c);
		break;
	}
}

bool HtmlPlaces::is_link() const
{
	return is_one_of(attribute_, kLinks);
}

/// What stands before a value decides what kind of link it is, unless there is nothing.
Result<void, PlaceFault> HtmlPlaces::check_link() const
{
	std::string_view const link = without_blanks(value_);
	auto const sign = link.find_first_of(":/?#&");
	bool const is_relative =
		sign != std::string_view::npos && (link[sign] == '/' || link[sign] == '?' || link[sign] == '#');
	if (link.empty() || is_allowed_link(link) || is_relative) {
		return {};
	}
	return refuse("link with a merge tag does not begin with https://, http:// or mailto:",
				  "Write it out up to there, or begin the link with the merge tag.");
}

Result<ValuePlace, PlaceFault> HtmlPlaces::place_tag()
{
	switch (state_) {
	case State::text:
		return ValuePlace::text;
	case State::value:
		if (attribute_.starts_with("on") || attribute_ == "srcdoc") {
			return refuse("merge tag stands in a script");
		}
		if (attribute_ == "style") {
			return refuse("merge tag stands in a style");
		}
		if (name_ == "meta") { // its content may lead elsewhere
			return refuse("merge tag stands in <meta>");
		}
		return is_link() ? place_in_link() : ValuePlace::text;
	case State::before_value:
	case State::bare_value:
		return refuse("merge tag stands in an attribute's value without quotes", "Write the value in quotes.");
	case State::markup:
	case State::comment:
		return refuse("merge tag stands in an HTML comment");
	case State::raw:
		return refuse("merge tag stands in <" + raw_end_.substr(2) + ">");
	default:
		return refuse("merge tag stands inside an HTML tag");
	}
}

Result<ValuePlace, PlaceFault> HtmlPlaces::place_in_link()
{
	if (auto checked = check_link(); !checked) {
		return tl::make_unexpected(std::move(checked.error()));
	}
	if (!without_blanks(value_).empty()) {
		return ValuePlace::text;
	}
	return std::exchange(has_value_tag_, true) ? ValuePlace::url_next : ValuePlace::url_first;
}

} // namespace vero
