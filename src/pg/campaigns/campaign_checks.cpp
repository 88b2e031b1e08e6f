// What the constraints of vero.campaigns ask: whether a campaign's templates, sender and condition can be used.
#include "core/campaign/template.hpp"
#include "core/mail/mail_address.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/campaigns/jsonpath_part.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

constexpr int kShown = 100; // bytes of a path in an error

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

/// For one that is none: a name with characters like (Sales) has to be quoted.
std::string mailbox_hint(std::string_view address)
{
	if (auto quoted = find_quoted_mailbox(address))
		return "A name with such characters stands in quotes: " + *quoted + ".";
	return "For example: shop@example.com, or Shop <shop@example.com>.";
}

bool is_known_root(JsonPathItem *key)
{
	std::int32_t length;
	char const *name = jspGetString(key, &length);
	std::string_view root(name, static_cast<std::size_t>(length));
	return root == "event" || root == "contact";
}

// What follows runs in call(), where an ERROR may jump: it owns no C++ objects.

char const *shown(JsonPathPart const &part)
{
	char *text = part.text();
	int length = static_cast<int>(strlen(text));
	if (length <= kShown)
		return text;
	text[pg_mbcliplen(text, length, kShown)] = '\0';
	return psprintf("%s...", text);
}

[[noreturn]] void refuse(JsonPathPart const &part)
{
	ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
					errmsg("invalid condition: %s is neither $.event nor $.contact", shown(part)),
					errhint("A condition sees the event as $.event and its contact as $.contact, written like this.")));
}

/// True for what yields numbers, strings or objects, whatever it is applied to: no predicate, and no property, which may be true or false.
bool is_mere_value(JsonPathItemType type)
{
	switch (type) {
	case jpiNumeric:
	case jpiString:
	case jpiAdd:
	case jpiSub:
	case jpiMul:
	case jpiDiv:
	case jpiMod:
	case jpiPlus:
	case jpiMinus:
	case jpiType:
	case jpiSize:
	case jpiAbs:
	case jpiFloor:
	case jpiCeiling:
	case jpiDouble:
	case jpiDatetime:
	case jpiKeyValue:
		return true;
	default:
		return false;
	}
}

/// Refuses what would be met by every value: a number is to be compared.
void check_is_decision(JsonPathPart const &condition)
{
	JsonPathItem last = condition.item;
	while (JsonPathPart::advance(last))
		;
	if (is_mere_value(last.type)) {
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
						errmsg("invalid condition: %s is neither true nor false", shown(condition)),
						errhint("Compare it with something, for example: $.event.amount.double() > 100.")));
	}
}

void check_expression(JsonPathPart const &part, bool is_current_document);

void check_subscripts(JsonPathPart const &array, bool is_current_document)
{
	JsonPathItem item = array.item;
	for (int i = 0; i < item.content.array.nelems; i++) {
		JsonPathPart from{array.whole, {}};
		JsonPathPart to{array.whole, {}};
		bool is_range = jspGetArraySubscript(&item, &from.item, &to.item, i);
		check_expression(from, is_current_document);
		if (is_range)
			check_expression(to, is_current_document);
	}
}

/// The arguments of one item, not those of its steps.
void check_arguments(JsonPathPart const &item, bool is_current_document)
{
	switch (item.item.type) {
	case jpiAnd:
	case jpiOr:
	case jpiEqual:
	case jpiNotEqual:
	case jpiLess:
	case jpiGreater:
	case jpiLessOrEqual:
	case jpiGreaterOrEqual:
	case jpiAdd:
	case jpiSub:
	case jpiMul:
	case jpiDiv:
	case jpiMod:
	case jpiStartsWith:
		check_expression(item.left(), is_current_document);
		check_expression(item.right(), is_current_document);
		break;
	case jpiLikeRegex:
		check_expression(item.left(), is_current_document);
		break;
	case jpiNot:
	case jpiIsUnknown:
	case jpiPlus:
	case jpiMinus:
	case jpiFilter:
	case jpiExists:
		check_expression(item.argument(), is_current_document);
		break;
	case jpiIndexArray:
		check_subscripts(item, is_current_document);
		break;
	default:
		break;
	}
}

/// `is_current_document`: "@" is all that the condition sees, event and contact, as in `$ ? (@.event.n == 1)`.
void check_expression(JsonPathPart const &part, bool is_current_document)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	JsonPathItem step = part.item;
	if (step.type == jpiVariable)
		refuse(part.until(step));
	bool is_document = step.type == jpiRoot || (step.type == jpiCurrent && is_current_document);
	check_arguments(part, is_current_document);
	while (JsonPathPart::advance(step)) {
		bool is_filter = step.type == jpiFilter; // yields what it is applied to
		if (is_document && !is_filter && !(step.type == jpiKey && is_known_root(&step)))
			refuse(part.until(step));
		check_arguments({part.whole, step}, is_filter ? is_document : is_current_document);
		is_document &= is_filter;
	}
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
		if (!vero::parse_mailbox(address)) {
			throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
						 vero::quote_clipped(address) + " is not an address that mail can come from",
						 vero::describe_mailbox_fault(address), mailbox_hint(address)};
		}
		return BoolGetDatum(true);
	});
}

VERO_FUNCTION(vero_is_condition)
{
	return enter([&] {
		Datum condition = PG_GETARG_DATUM(0);
		call([condition] {
			JsonPathPart whole = JsonPathPart::of(DatumGetJsonPathP(condition));
			check_expression(whole, false);
			check_is_decision(whole);
		});
		return BoolGetDatum(true);
	});
}
