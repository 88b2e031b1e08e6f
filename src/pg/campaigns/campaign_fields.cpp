// What the constraint and the triggers of vero.campaigns ask: whether a campaign is one, field by field, in words where it is not.
#include "core/campaign/html_text.hpp"
#include "core/campaign/template.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"

extern "C" {
#include "access/htup_details.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr int kMostDelayDays = 365, kMostDays = 36'500;
constexpr std::size_t kLongestEventName = 255; ///< characters

enum Argument { kName, kEventName, kDelay, kGrace, kCooldown, kSubject, kBodyText, kBodyHtml };

constexpr char const *kNameHint = "It is what people call the campaign by, for example 'Review request'.";
constexpr char const *kDelayHint =
	"It is the time from the event to the mail, for example '10 days', or '0' for mail at once.";
constexpr char const *kGraceHint =
	"It is how late an import may still schedule mail, for example '1 day'; the default is '0'.";
constexpr char const *kSubjectHint = "It is a template, for example 'Thank you for your order'.";

/// A column that must not be null.
struct Required {
	char const *column;
	char const *hint;
};
constexpr Required kRequired[] = {
	{"name", kNameHint},
	{"event_name", "It is the name of the events that trigger the campaign, for example 'Order placed'."},
	{"delay", kDelayHint},
	{"grace", kGraceHint},
	{"subject", kSubjectHint},
	{"transactional", "With false, which is the default, people who unsubscribed get none of its mail."},
	{"active", "With true, which is the default, events trigger the campaign."},
};

[[noreturn]] void refuse(std::string message, std::string hint)
{
	throw Report{ERRCODE_CHECK_VIOLATION, std::move(message), "", std::move(hint)};
}

void check_not_blank(FunctionCallInfo fcinfo, Argument argument, char const *column, char const *hint)
{
	std::optional<std::string> text = text_argument(fcinfo, argument);
	if (text && trim_unseen(*text).empty())
		refuse(std::string("the campaign's ") + column + " is blank", hint);
}

/// A merge tag is text in it, whatever comes of it. One that stands where none may is for the template's own constraint to tell.
void check_html(FunctionCallInfo fcinfo)
{
	std::optional<std::string> html = text_argument(fcinfo, kBodyHtml);
	if (html && is_blank_html(*html) && compile_template(*html, TemplatePart::html)) {
		refuse("the campaign's body_html is blank",
			   PG_ARGISNULL(kBodyText) ? "Give it a text or an image, or leave it null and write body_text."
									   : "Leave it null for mail that is plain text only.");
	}
}

void check_event_name(FunctionCallInfo fcinfo)
{
	std::string name = text_argument(fcinfo, kEventName).value_or("x");
	if (fold_name(name).empty()) {
		refuse("the campaign's event_name " + quote_clipped(name) + " is the name of no event",
			   "Case, white space, underscores and dashes do not count, and nothing else is in it.");
	}
	if (utf8_length(name) > kLongestEventName)
		refuse("the campaign's event_name is longer than 255 characters", "No event has such a name.");
}

/// Microseconds, of days of 24 hours.
__int128 length_of(Interval const &interval)
{
	return static_cast<__int128>(interval.day) * USECS_PER_DAY + interval.time;
}

void check_span(FunctionCallInfo fcinfo, Argument argument, char const *column, int most_days, char const *hint)
{
	if (PG_ARGISNULL(argument))
		return;
	Interval const &span = *PG_GETARG_INTERVAL_P(argument);
	std::string const name = std::string("the campaign's ") + column;
	if (span.month != 0) {
		refuse(name + " has months or years, which differ in length", "Write it in days, each of 24 hours: '30 days'.");
	}
	bool const may_be_zero = argument != kCooldown;
	__int128 length = length_of(span);
	if (length < 0 || (length == 0 && !may_be_zero) || length > static_cast<__int128>(most_days) * USECS_PER_DAY) {
		refuse(name + (may_be_zero ? " is not between 0 and " : " is not more than 0, and at most ") +
				   std::to_string(most_days) + " days",
			   hint);
	}
}

void check_campaign(FunctionCallInfo fcinfo)
{
	check_not_blank(fcinfo, kName, "name", kNameHint);
	check_event_name(fcinfo);
	check_span(fcinfo, kDelay, "delay", kMostDelayDays, kDelayHint);
	check_span(fcinfo, kGrace, "grace", kMostDays, kGraceHint);
	check_span(fcinfo, kCooldown, "cooldown", kMostDays, "Leave it null for none.");
	check_not_blank(fcinfo, kSubject, "subject", kSubjectHint);
	if (PG_ARGISNULL(kBodyText) && PG_ARGISNULL(kBodyHtml))
		refuse("the campaign has no body", "Give it body_text, body_html, or both.");
	check_not_blank(fcinfo, kBodyText, "body_text",
					PG_ARGISNULL(kBodyHtml) ? "Give it a text, or leave it null and write body_html."
											: "Leave it null for mail that is HTML only.");
	check_html(fcinfo);
}

HeapTuple new_row(TriggerData const *trigger)
{
	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
}

/// The first one that is null. To be called in call().
Required const *find_missing(TriggerData const *trigger)
{
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	for (Required const &required : kRequired) {
		int const number = SPI_fnumber(columns, required.column);
		if (number > 0 && heap_attisnull(new_row(trigger), number, columns))
			return &required;
	}
	return nullptr;
}

/// A column as text, whatever type somebody has given it. To be called in call().
std::string_view column_text(TriggerData const *trigger, HeapTuple row, char const *column)
{
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	char const *text = SPI_getvalue(row, columns, SPI_fnumber(columns, column));
	return text == nullptr ? "" : text;
}

/// The campaign's name, where it begins to be one whose mail people should be able to end. To be called in call().
std::optional<std::string_view> find_advertising(TriggerData const *trigger)
{
	auto is_advertising = [&](HeapTuple row) {
		return column_text(trigger, row, "active") == "t" && column_text(trigger, row, "transactional") == "f";
	};
	bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	HeapTuple row = new_row(trigger);
	if (!is_advertising(row) || (is_update && is_advertising(trigger->tg_trigtuple)))
		return std::nullopt;
	return column_text(trigger, row, "name");
}

TriggerData const *trigger_of(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		throw Report{ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "this is a trigger of vero.campaigns", "", ""};
	return reinterpret_cast<TriggerData const *>(fcinfo->context);
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_check_campaign)
{
	return enter([&] {
		TriggerData const *trigger = trigger_of(fcinfo);
		if (Required const *missing = call([&] { return find_missing(trigger); })) {
			throw Report{ERRCODE_NOT_NULL_VIOLATION, std::string("the campaign's ") + missing->column + " is null", "",
						 missing->hint};
		}
		return PointerGetDatum(new_row(trigger));
	});
}

VERO_FUNCTION(vero_warn_of_campaign)
{
	return enter([&] {
		TriggerData const *trigger = trigger_of(fcinfo);
		if (!unsubscribe_address().empty())
			return static_cast<Datum>(0);
		auto const found = call([&] { return find_advertising(trigger); });
		if (!found)
			return static_cast<Datum>(0);
		std::string const name = vero::quote_clipped(*found);
		char const *words = name.c_str();
		call([=] {
			ereport(
				WARNING,
				(errmsg("the mail of campaign %s offers no way to unsubscribe", words),
				 errhint("Set vero_events.unsubscribe_address, or make it transactional if it is not advertising.")));
		});
		return static_cast<Datum>(0);
	});
}

VERO_FUNCTION(vero_is_campaign)
{
	return enter([&] {
		check_campaign(fcinfo);
		return BoolGetDatum(true);
	});
}
