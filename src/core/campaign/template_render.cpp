// Renders a compiled template: looks values up, filters them, and makes them harmless for the part of the mail.
#include "core/campaign/template.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"

namespace vero {
namespace {

/// What is not well-formed decodes to 0, so it becomes spaces too.
void append_one_line(std::string &out, std::string_view value)
{
	for (std::size_t at = 0; at < value.size();) {
		auto const step = decode_utf8(value, at);
		if (is_control(step.code_point)) {
			out.push_back(' ');
		} else {
			out += value.substr(at, step.length);
		}
		at += step.length;
	}
}

void append_harmless(std::string &out, std::string value, TemplatePart part)
{
	if (part == TemplatePart::subject) {
		append_one_line(out, value);
		return;
	}
	std::erase(value, '\0');
	if (part == TemplatePart::html) {
		append_html_escaped(out, value);
	} else {
		out += value;
	}
}

MergeValue look_up(MergeTag const &tag, MergeValues const &values)
{
	auto const optional = [](std::optional<std::string> found) {
		return found ? MergeValue(*std::move(found)) : MergeValue();
	};
	switch (tag.field) {
	case MergeField::event_name:
		return std::string(values.event_name);
	case MergeField::event_occurred_at:
		return values.event_occurred_at;
	case MergeField::event_property:
		return optional(values.find_event_property(tag.steps));
	case MergeField::contact_email:
		return std::string(values.contact_email);
	case MergeField::contact_property:
		return optional(values.find_contact_property(tag.steps));
	}
	return {};
}

} // namespace

Result<std::string> render(Template const &source, MergeValues const &values)
{
	// What is compared is the size before a value is made harmless, too: nothing large is worked on in vain.
	std::string out;
	bool is_link_begun = false;
	auto const is_too_large = [&out](std::size_t more) { return more > kMaxRenderedSize - out.size(); };
	auto const too_large =
		tl::make_unexpected("rendered text is larger than " + std::to_string(kMaxRenderedSize / 1024 / 1024) + " MB");
	for (auto const &piece : source.pieces()) {
		if (is_too_large(piece.text.size()))
			return too_large;
		out += piece.text;
		if (!piece.tag)
			continue;
		auto value = look_up(*piece.tag, values);
		if (auto const *const text = std::get_if<std::string>(&value); text != nullptr && is_too_large(text->size()))
			return too_large;
		for (auto const &filter : piece.tag->filters)
			apply_filter(filter, value);
		auto text = to_text(std::move(value));
		if (piece.place != ValuePlace::text) {
			is_link_begun = is_link_begun && piece.place == ValuePlace::url_next;
			if (!is_link_begun && !is_allowed_link(text))
				text.clear();
			is_link_begun |= !text.empty();
		}
		if (is_too_large(text.size()))
			return too_large;
		if (values.note_empty && trim_unseen(text).empty())
			values.note_empty(*piece.tag);
		append_harmless(out, std::move(text), source.part());
		if (out.size() > kMaxRenderedSize)
			return too_large;
	}
	return out;
}

} // namespace vero
