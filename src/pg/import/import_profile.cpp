// Options that are kept under a name, in vero.import_profiles.
#include "pg/import/import_profile.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/import/file_options.hpp"
#include "pg/sql/statement.hpp"

#include <charconv>

extern "C" {
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace vero::pg {
namespace {

constexpr Statement kProfile{
	R"(
	SELECT p.options
	FROM vero.import_profiles AS p
	WHERE p.name = $1)",
	{TEXTOID},
	{{"options", JSONBOID}}};

/// One option of an object.
struct Member {
	std::string name;
	JsonbValue value; ///< as long as the object
};

Report wrong_value(std::string const &name, char const *what)
{
	return invalid_option("option " + quote_clipped(name) + " must be " + what);
}

std::vector<Member> read_members(Datum jsonb)
{
	Jsonb *object = call([jsonb] { return DatumGetJsonbP(jsonb); });
	if (!JB_ROOT_IS_OBJECT(object))
		throw invalid_option("options must be an object");
	JsonbIterator *iterator = call([object] { return JsonbIteratorInit(&object->root); });
	std::vector<Member> members;
	JsonbValue value;
	auto step = [&] { return call([&] { return JsonbIteratorNext(&iterator, &value, true); }); };
	step(); // the object begins
	while (step() == WJB_KEY) {
		std::string name(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
		step();
		members.push_back({std::move(name), value});
	}
	return members;
}

bool as_boolean(Member const &member)
{
	if (member.value.type != jbvBool)
		throw wrong_value(member.name, "true or false");
	return member.value.val.boolean;
}

/// A number is as good as its text.
std::string as_text(Member const &member)
{
	JsonbValue const &value = member.value;
	if (value.type == jbvString)
		return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
	if (value.type != jbvNumeric)
		throw wrong_value(member.name, "a string");
	return call([&] { return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric))); });
}

std::vector<std::string> as_texts(Member const &member)
{
	if (member.value.type != jbvBinary || !JsonContainerIsArray(member.value.val.binary.data))
		throw wrong_value(member.name, "an array of strings");
	JsonbContainer *container = member.value.val.binary.data;
	JsonbIterator *iterator = call([container] { return JsonbIteratorInit(container); });
	std::vector<std::string> texts;
	JsonbValue value;
	auto step = [&] { return call([&] { return JsonbIteratorNext(&iterator, &value, true); }); };
	step(); // the array begins
	while (step() == WJB_ELEM) {
		if (value.type != jbvString)
			throw wrong_value(member.name, "an array of strings");
		texts.emplace_back(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
	}
	if (texts.size() > kMaxOptionElements) {
		throw invalid_option("option " + quote_clipped(member.name) + " has more than " +
							 group_digits(kMaxOptionElements) + " elements");
	}
	return texts;
}

Datum as_object(Member const &member)
{
	if (member.value.type != jbvBinary || !JsonContainerIsObject(member.value.val.binary.data))
		throw wrong_value(member.name, "an object");
	JsonbValue value = member.value;
	return call([&] { return JsonbPGetDatum(JsonbValueToJsonb(&value)); });
}

/// Sets what is not set.
template <class Value> void set(std::optional<Value> &option, Value value)
{
	if (!option)
		option = std::move(value);
}

bool read_text_or_object(Member const &member, GivenOptions &given)
{
	for (TextOption const &text : kTextOptions) {
		if (member.name == text.name) {
			set(given.*text.value, as_text(member));
			return true;
		}
	}
	for (ObjectOption const &object : kObjectOptions) {
		if (member.name == object.name) {
			set(given.*object.value, as_object(member));
			return true;
		}
	}
	return false;
}

bool read_boolean(Member const &member, GivenOptions &given)
{
	for (BooleanOption const &boolean : kBooleanOptions) {
		if (member.name == boolean.name) {
			set(given.*boolean.value, as_boolean(member));
			return true;
		}
	}
	return false;
}

std::int64_t as_number(Member const &member)
{
	std::string const digits = as_text(member);
	std::int64_t value = 0;
	auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
	if (error != std::errc() || end != digits.data() + digits.size())
		throw wrong_value(member.name, "a whole number");
	return value;
}

/// Its column list holds only with its word on the header.
void read_column_list(std::vector<Member> const &members, GivenOptions &given)
{
	bool is_given = !given.field_names.empty();
	for (Member const &member : members) {
		if (member.name == "column_list" && !is_given) {
			given.field_names = as_texts(member);
		} else if (member.name == "header" && !is_given) {
			set(given.has_header, as_boolean(member));
		}
	}
}

/// Adds what an object of options has and is not given.
void read_options(Datum jsonb, GivenOptions &given)
{
	std::vector<Member> members = read_members(jsonb);
	for (Member const &member : members) {
		std::string const &name = member.name;
		if (member.value.type == jbvNull || read_text_or_object(member, given) || read_boolean(member, given))
			continue;
		if (name == "time_formats") {
			set(given.time_formats, as_texts(member));
		} else if (name == "notify") {
			set(given.notify, as_texts(member));
		} else if (name == "skip_lines") {
			set(given.skip_lines, as_number(member));
		} else if (name == "max_jobs") {
			set(given.max_jobs, as_number(member));
		} else if (name == "profile" || name == "parent_import") {
			throw invalid_option("option \"" + name + "\" cannot be kept in a profile",
								 "Every import says it for itself.");
		} else if (name != "column_list" && name != "header") {
			throw invalid_option("there is no option " + quote_clipped(name),
								 "Options are named as those of import_events_csv().");
		}
	}
	read_column_list(members, given);
}

} // namespace

void apply_profile(GivenOptions &given)
{
	Catalog catalog = find_catalog();
	SpiConnection spi;
	std::string const &name = *given.profile;
	auto rows = call([&] { return run_as_owner<kProfile>(catalog, {name}); });
	if (rows.count() == 0) {
		throw Report{ERRCODE_UNDEFINED_OBJECT, "import profile " + quote_clipped(name) + " does not exist", "",
					 "The profiles that there are stand in vero.import_profiles, for those who may read it. Names are "
					 "compared to the letter."};
	}
	Datum options = call([&] { return rows[0].datum("options"); });
	read_options(options, given);
	// what it points at goes with the SpiConnection
	for (ObjectOption const &object : kObjectOptions) {
		if (std::optional<Datum> &value = given.*object.value) {
			Datum jsonb = *value;
			value = call([jsonb] {
				Jsonb *whole = DatumGetJsonbP(jsonb);
				return SPI_datumTransfer(PointerGetDatum(whole), false, -1);
			});
		}
	}
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_are_import_options)
{
	return enter([&] {
		GivenOptions given;
		read_options(PG_GETARG_DATUM(0), given);
		check_option_values(given);
		return BoolGetDatum(true);
	});
}
