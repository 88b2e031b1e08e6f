// What the constraints of vero.campaigns ask: whether a campaign's parts can be used.
#include "core/campaign/template.hpp"
#include "core/mail/mail_address.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"

namespace vero::pg {
namespace {

TemplatePart part_of(std::string_view name)
{
	if (name == "subject")
		return TemplatePart::subject;
	if (name == "text")
		return TemplatePart::text;
	if (name == "html")
		return TemplatePart::html;
	throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
				 quote_clipped(name) + " is no part of a mail: they are subject, text and html", "", ""};
}

void check_template(std::string const &part, std::string_view source)
{
	Result<Template, TemplateError> compiled = compile_template(source, part_of(part));
	if (compiled)
		return;
	TemplateError const &error = compiled.error();
	std::string name = part == "subject" ? "subject" : "body_" + part;
	throw Report{ERRCODE_SYNTAX_ERROR, "invalid template in \"" + name + "\": " + error.message,
				 "Line " + std::to_string(error.line) + ", column " + std::to_string(error.column) + ".", error.hint};
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_is_template)
{
	return enter([&] {
		check_template(*text_argument(fcinfo, 0), *text_argument(fcinfo, 1));
		return BoolGetDatum(true);
	});
}

VERO_FUNCTION(vero_is_mailbox)
{
	return enter([&] {
		std::string address = *text_argument(fcinfo, 0);
		if (!vero::parse_mailbox(address))
			throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
						 "\"" + vero::clip(address, 100) + "\" is not an address that mail can come from", "",
						 "For example: shop@example.com, or Shop <shop@example.com>."};
		return BoolGetDatum(true);
	});
}
