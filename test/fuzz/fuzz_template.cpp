// Fuzzes templates: whatever compiles renders hostile values without letting one out of its place.
#include "core/campaign/template.hpp"
#include "core/text/text.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

/// Such text stands in no template.
constexpr std::string_view kMark = "\x01<\"'&>{{ event.name }}{% raw %}\r\n\xE2\x80\xA8\xC3\xA9\x02";

/// What a value becomes in the part, character by character.
std::string make_harmless_plain(std::string_view value, vero::TemplatePart part)
{
	std::string out;
	for (std::size_t i = 0; i < value.size(); ++i) {
		auto const rest = value.substr(i);
		char const c = value[i];
		bool const is_c1 = rest.size() > 1 && c == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0;
		bool const is_separator = rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9");
		if (part == vero::TemplatePart::subject) {
			bool const is_control = (c >= 0 && c < ' ') || c == '\x7F' || is_c1 || is_separator;
			out += is_control ? ' ' : c;
			i += is_separator ? 2 : is_c1 ? 1 : 0;
			continue;
		}
		bool const is_html = part == vero::TemplatePart::html;
		out += is_html && c == '&'	  ? "&amp;"
			   : is_html && c == '<'  ? "&lt;"
			   : is_html && c == '>'  ? "&gt;"
			   : is_html && c == '"'  ? "&quot;"
			   : is_html && c == '\'' ? "&#39;"
									  : std::string(1, c);
	}
	return out;
}

vero::MergeValues hostile_values(std::string_view value)
{
	auto const find = [value](std::span<vero::PathStep const> steps) {
		require(!steps.empty() && steps.size() <= vero::kMaxPathSteps);
		require(std::holds_alternative<std::string>(steps[0]));
		bool const is_missing = std::get<std::string>(steps[0]).starts_with('m');
		return is_missing ? std::nullopt : std::optional(std::string(value));
	};
	return {.event_name = value,
			.event_occurred_at = {0},
			.contact_email = value,
			.find_event_property = find,
			.find_contact_property = find};
}

void check_refusal(vero::TemplateError const &error, std::string_view source)
{
	require(!error.message.empty() && error.message.find('\n') == std::string::npos);
	require(vero::test::is_utf8_plain(error.message) && vero::test::is_utf8_plain(error.hint));
	auto const lines = 1 + static_cast<std::size_t>(std::count_if(source.begin(), source.end(),
																  [](char c) { return c == '\n' || c == '\r'; }));
	require(error.line >= 1 && error.line <= lines);
	require(error.column >= 1 && error.column <= source.size() + 1);
}

void check_rendering(vero::Template const &compiled, std::string_view value)
{
	auto const result = vero::render(compiled, hostile_values(value));
	if (!result) {
		return;
	}
	std::string const &text = *result;
	require(text.size() <= vero::kMaxRenderedSize);
	require(vero::test::is_utf8_plain(text) && text.find('\0') == std::string::npos);
	// One piece after the other: what the template itself says, and the value as text, made harmless.
	std::string_view rest = text;
	bool is_link_begun = false;
	auto const take = [&rest](std::string_view expected) {
		require(rest.starts_with(expected));
		rest.remove_prefix(expected.size());
	};
	for (auto const &piece : compiled.pieces()) {
		take(piece.text);
		if (piece.tag) {
			vero::Template const alone(vero::TemplatePart::text, {{"", piece.tag}, {"", std::nullopt}});
			auto shown = vero::render(alone, hostile_values(value)).value();
			if (piece.place != vero::ValuePlace::text) {
				is_link_begun = is_link_begun && piece.place == vero::ValuePlace::url_next;
				if (!is_link_begun && !vero::is_allowed_link(shown)) {
					shown.clear();
				}
				is_link_begun = is_link_begun || !shown.empty();
			}
			take(make_harmless_plain(shown, compiled.part()));
		}
	}
	require(rest.empty());
}

} // namespace

/// The first byte says where the value ends that follows; the template is the rest.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size == 0) {
		return 0;
	}
	std::string_view const bytes(reinterpret_cast<char const *>(data) + 1, size - 1);
	std::size_t const value_size = std::min<std::size_t>(data[0], bytes.size());
	auto const value = vero::to_printable(bytes.substr(0, value_size));
	auto const source = bytes.substr(value_size);
	for (auto const part : {vero::TemplatePart::subject, vero::TemplatePart::text, vero::TemplatePart::html}) {
		auto const compiled = vero::compile_template(source, part);
		if (!compiled) {
			check_refusal(compiled.error(), source);
			continue;
		}
		auto const &accepted = *compiled;
		require(!accepted.pieces().empty() && !accepted.pieces().back().tag);
		check_rendering(accepted, value);
		check_rendering(accepted, kMark);
		check_rendering(accepted, "");
	}
	return 0;
}
