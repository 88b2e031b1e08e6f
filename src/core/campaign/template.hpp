// Templates of mail: a text with merge tags in Liquid's syntax is compiled once and rendered for each event.
#pragma once

#include "core/campaign/html_place.hpp"
#include "core/campaign/merge_tag.hpp"
#include "core/text/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vero {

constexpr std::size_t kMaxTemplateSize = 256 * 1024; // bytes
constexpr std::size_t kMaxTemplateTags = 1000;
constexpr std::size_t kMaxRenderedSize = 1024 * 1024; // bytes

/// Which part of a mail a template makes, and with it how values are made harmless. The last step is always this one, so
/// no filter gets round it, and a filter's own arguments are treated like values.
enum class TemplatePart : std::uint8_t {
	subject, ///< one line: controls (C0, DEL, C1, U+2028, U+2029) in values become spaces
	text,	 ///< values as they are, but for NUL, which is dropped
	html,	 ///< the value's text, with & < > " ' as character references: for text and for attributes in quotes
};

/// Why a template is refused, in words for its author.
struct TemplateError {
	std::string message;
	std::string hint;	///< a sentence, possibly empty
	std::size_t line;	///< from 1; a line ends with LF, CRLF or CR
	std::size_t column; ///< from 1, in characters
};

/// A compiled template; owns what it needs.
class Template {
public:
	/// Text, and the merge tag behind it.
	struct Piece {
		std::string text;
		std::optional<MergeTag> tag; ///< none: the template ends
		ValuePlace place = ValuePlace::text;
	};

	Template(TemplatePart part, std::vector<Piece> pieces) : part_(part), pieces_(std::move(pieces)) {}

	TemplatePart part() const { return part_; }
	std::span<Piece const> pieces() const { return pieces_; }

private:
	TemplatePart part_;
	std::vector<Piece> pieces_;
};

/// A text in which `{{ tag }}` stands for a value: parse_merge_tag() says what a tag is. A tag ends with the first `}}`.
/// `{{-` takes the white space before the tag away, `-}}` the one behind it. Lone braces are text.
/// Refused: what parse_merge_tag() refuses, `{{` that is not closed, Liquid's other tags (`{%`), ill-formed UTF-8, NUL,
/// in a subject any control character, in HTML a tag anywhere but in text and quoted attributes, and what is beyond the limits
/// above. Takes time in proportion to `source`.
Result<Template, TemplateError> compile_template(std::string_view source, TemplatePart part);

/// Gives the value of a property as text: a JSON string without quotes, another scalar as JSON writes it, an object or
/// an array as JSON; nothing where it is missing or null. `steps` are MergeTag::steps.
using FindProperty = std::function<std::optional<std::string>(std::span<PathStep const> steps)>;

/// What a template is rendered with: well-formed UTF-8, and both functions.
struct MergeValues {
	std::string_view event_name;
	Instant event_occurred_at;
	std::string_view contact_email;
	FindProperty find_event_property;
	FindProperty find_contact_property;
	std::function<void(MergeTag const &)> note_empty{}; ///< called, where set, with each tag of which nothing is seen
};

/// Values are never searched for tags. Fails where the text would be larger than kMaxRenderedSize, or a value is.
/// Throws only what the functions of `values` throw.
Result<std::string> render(Template const &source, MergeValues const &values);

} // namespace vero
