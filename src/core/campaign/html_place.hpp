// Follows the HTML of a template and says where a merge tag stands in it.
#pragma once

#include "core/text/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vero {

/// Where a value goes, and with that what it may be.
enum class ValuePlace : std::uint8_t {
	text,	   ///< as it is, escaped: text, an attribute, or behind the beginning of a link
	url_first, ///< it begins a link, with nothing before it: it is http, https or mailto, or it is left out
	url_next,  ///< the same, unless a value before it began the link
};

/// Why a tag cannot stand where it does.
struct PlaceFault {
	std::string message;
	std::string hint;
};

/// Reads HTML as browsers do (WHATWG, tokenization), as far as the places of tags go. Values change no place: they are escaped.
class HtmlPlaces {
public:
	/// Goes on through the next stretch of the template's text.
	void read(std::string_view html);
	/// Says for which place the value of a merge tag that stands here is written, or why none can stand here.
	Result<ValuePlace, PlaceFault> place_tag();

private:
	enum class State : std::uint8_t {
		text,
		tag_open, ///< behind <, or </
		tag_name,
		before_attribute,
		attribute_name,
		after_attribute_name,
		before_value,
		value, ///< in quotes
		bare_value,
		after_value,
		markup, ///< <!, <? and the like, to the next >
		comment,
		raw ///< <script>, <style> and the like: to their end tag
	};

	void step(char c);
	void step_tag(char c);
	void step_attribute(char c);
	void step_value(char c);
	void step_to_end(char c);
	void end_tag();
	void begin_attribute(char c);
	bool is_link() const;
	Result<void, PlaceFault> check_link() const;
	Result<ValuePlace, PlaceFault> place_in_link();

	State state_ = State::text;
	bool is_end_tag_ = false;
	char quote_ = '"';
	std::string name_;		///< of the tag, in lower case
	std::string attribute_; ///< its name, in lower case
	std::string value_;		///< of the attribute, what the template says of it
	bool has_value_tag_ = false;
	std::string tail_;	  ///< of a comment, markup or raw text: what may become its end
	std::string raw_end_; ///< `</style`
};

/// True for a link that begins with http://, https:// or mailto:.
bool is_allowed_link(std::string_view link);

} // namespace vero
