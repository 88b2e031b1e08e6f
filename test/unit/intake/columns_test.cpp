// Checks how columns get their meaning: by known names in order of preference, as told, and when a file fails for it.
#include "core/intake/columns.hpp"
#include "core/text/text.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace vero {
namespace {

using Names = std::vector<std::string>;
using Targets = std::vector<ColumnTarget>;
using Resolved = Result<Header, FileFailure>;

enum class EventName { in_file, told };

Resolved resolve(Names names, Targets const &targets = {}, EventName event_name = EventName::in_file)
{
	return resolve_header(std::move(names), targets, event_name == EventName::told);
}

/// A role for each column, `email name - [key]`, or why there are none.
std::string roles(Resolved const &resolved)
{
	if (!resolved)
		return "failure: " + resolved.error().message;
	auto const &header = *resolved;
	std::string text;
	for (std::size_t i = 0; i < header.columns.size(); ++i) {
		auto const &column = header.columns[i];
		text += text.empty() ? "" : " ";
		switch (column.role) {
		case Role::email:
			text += header.email == i ? "email" : "ANOTHER EMAIL";
			break;
		case Role::event_name:
			text += header.event_name == i ? "name" : "ANOTHER NAME";
			break;
		case Role::time:
			text += header.time == i ? "time" : "ANOTHER TIME";
			break;
		case Role::clock:
			text += header.clock == i ? "clock" : "ANOTHER CLOCK";
			break;
		case Role::property:
			text += "[" + column.property + "]";
			break;
		case Role::ignored:
			text += "-";
			break;
		case Role::unnamed:
			text += "?";
			break;
		}
	}
	return text;
}

std::string roles(Names names, Targets const &targets = {}, EventName event_name = EventName::in_file)
{
	return roles(resolve(std::move(names), targets, event_name));
}

FileFailure failure_of(Names names, Targets const &targets = {}, EventName event_name = EventName::in_file)
{
	auto const resolved = resolve(std::move(names), targets, event_name);
	return !resolved ? resolved.error() : FileFailure{"no failure: " + roles(resolved), "", false};
}

/// Of the `known` names, each is preferred to all behind it, wherever they stand. `others` are what a file needs besides.
void expect_preference(Names const &known, Names const &others, std::string const &role)
{
	for (std::size_t i = 0; i < known.size(); ++i)
		for (std::size_t j = i + 1; j < known.size(); ++j) {
			EXPECT_EQ(roles({known[i], known[j], others[0], others[1]}).find(role + " [" + known[j] + "] "), 0U)
				<< known[i] << ", " << known[j];
			EXPECT_EQ(roles({known[j], known[i], others[0], others[1]}).find("[" + known[j] + "] " + role + " "), 0U)
				<< known[j] << ", " << known[i];
		}
}

} // namespace

TEST(Header, FindsColumnsByName)
{
	EXPECT_EQ(roles({"email", "name", "time", "item_type"}), "email name time [item_type]");
	EXPECT_EQ(roles({"Item", "Date", "Event", "Email Address", "Größe"}), "[Item] time name email [Größe]");
	EXPECT_EQ(resolve({"time", "E-Mail", "name"})->columns[1].name, "E-Mail");
}

TEST(Header, FoldsNames)
{
	EXPECT_EQ(roles({"E-MAIL_address", "EVENT-Name", "Date And_Time"}), "email name time");
	EXPECT_EQ(roles({"eMail", " event name ", "occurred at"}), "email name time");
	EXPECT_EQ(roles({"Email Address", "event_NAME", "Date-Time"}), "email name time");
	EXPECT_EQ(roles({"e m a i l", "n_a_m_e", "t-i-m-e"}), "email name time");
}

TEST(Header, KeepsPropertiesAsTheyAreWritten)
{
	EXPECT_EQ(roles({"email", "name", "time", "Item Type", "sku-NO", "E-Mail Sent"}),
			  "email name time [Item Type] [sku-NO] [E-Mail Sent]");
}

TEST(Header, PrefersNamesInTheirOrder)
{
	expect_preference({"email", "email address"}, {"name", "time"}, "email");
	expect_preference({"event_name", "event", "name"}, {"email", "time"}, "name");
	expect_preference({"time", "date and time", "datetime", "timestamp", "occurred_at", "date"}, {"email", "name"},
					  "time");
}

TEST(Header, EveryKnownNameWillDo)
{
	for (auto const *const name : {"email", "email address"})
		EXPECT_EQ(roles({name, "name", "time"}), "email name time") << name;
	for (auto const *const name : {"event_name", "event", "name"})
		EXPECT_EQ(roles({"email", name, "time"}), "email name time") << name;
	for (auto const *const name : {"time", "date and time", "datetime", "timestamp", "occurred_at", "date"})
		EXPECT_EQ(roles({"email", "name", name}), "email name time") << name;
	for (auto const *const name : {"mail", "emails", "e.mail", "émail"})
		EXPECT_EQ(roles({name, "name", "time"}), "failure: the file has no email column") << name;
}

TEST(Header, ColumnsWithoutANameAreUnnamed)
{
	EXPECT_EQ(roles({"", "email", "", "name", "time", " ", ""}), "? email ? name time ? ?");
	EXPECT_EQ(roles({"email", "name", "time", "-", "_"}), "email name time ? ?");
}

TEST(Header, LooksForNoNameThatIsTold)
{
	EXPECT_EQ(roles({"email", "time"}, {}, EventName::told), "email time");
	EXPECT_EQ(roles({"email", "time", "name", "event"}, {}, EventName::told), "email time [name] [event]");
	EXPECT_EQ(resolve({"email", "time"}, {}, EventName::told)->event_name, std::nullopt);
}

TEST(Header, TargetsComeFirst)
{
	EXPECT_EQ(roles({"Customer", "email", "name", "time"}, {{"email", "customer"}}), "email [email] name time");
	EXPECT_EQ(roles({"email", "name", "time", "Ordered At"}, {{"time", "ordered_at"}}), "email name [time] time");
	EXPECT_EQ(roles({"email", "name", "time", "Action"}, {{"event_name", "Action"}}), "email [name] time name");
	EXPECT_EQ(roles({"email", "event", "time", "Action"}, {{"name", "Action"}}), "email [event] time name");
	EXPECT_EQ(roles({"Customer Email", "Ordered at", "notes", "what"},
					{{"email", "Customer Email"}, {"time", "Ordered at"}, {"notes", {}}, {"Event Name", "what"}}),
			  "email time - name");
}

TEST(Header, TargetsGiveAwayKnownNames)
{
	// a column that is told to be something else is not looked at again, the next in the order of preference is
	EXPECT_EQ(roles({"time", "date", "email", "name"}, {{"email", "time"}}), "email time [email] name");
	EXPECT_EQ(roles({"email", "email address", "name", "time"}, {{"sender", "email"}}), "[sender] email name time");
	EXPECT_EQ(roles({"event", "name", "email", "time"}, {{"kind", "EVENT"}}), "[kind] name email time");
	EXPECT_EQ(roles({"email", "email address", "name", "time"}, {{"email", {}}}), "- email name time");
	EXPECT_EQ(roles({"email", "name", "time", "date"}, {{"TIME", {}}}), "email name - time");
	EXPECT_EQ(roles({"email", "email address", "name", "time"}, {{"email", "email address"}, {"from", "email"}}),
			  "[from] email name time");
}

TEST(Header, TargetsNameProperties)
{
	EXPECT_EQ(roles({"email", "name", "time", "Art"}, {{"item_type", "art"}}), "email name time [item_type]");
	EXPECT_EQ(roles({"email", "name", "time", "a", "b"}, {{"b", "a"}, {"a", "b"}}), "email name time [b] [a]");
	EXPECT_EQ(resolve({"email", "name", "time", "Art"}, {{"k", "art"}})->columns[3].name, "Art");
}

TEST(Header, NameMeansTheEventsNameUnlessThatIsTold)
{
	EXPECT_EQ(roles({"email", "what", "who", "time"}, {{"name", "what"}}), "email name [who] time");
	EXPECT_EQ(roles({"email", "what", "who", "time"}, {{"name", "who"}, {"event_name", "what"}}),
			  "email name [name] time");
	EXPECT_EQ(roles({"email", "what", "who", "time"}, {{"event_name", "what"}, {"name", "who"}}),
			  "email name [name] time");
	EXPECT_EQ(roles({"email", "who", "time"}, {{"name", "who"}}, EventName::told), "email [name] time");
}

TEST(Header, FailsWithoutANeededColumn)
{
	auto const no_email = failure_of({"name", "time", "Größe"});
	EXPECT_EQ(no_email.message, "the file has no email column");
	EXPECT_EQ(no_email.hint, "Its columns are: \"name\", \"time\", \"Größe\".");
	EXPECT_EQ(no_email.missing_columns, std::vector{Role::email});
	EXPECT_TRUE(no_email.no_email_column);

	auto const no_name = failure_of({"email", "time"});
	EXPECT_EQ(no_name.message, "the file has no name column");
	EXPECT_EQ(no_name.missing_columns, std::vector{Role::event_name});
	EXPECT_FALSE(no_name.no_email_column);

	auto const no_time = failure_of({"email", "name"});
	EXPECT_EQ(no_time.message, "the file has no time column");
	EXPECT_FALSE(no_time.no_email_column);

	// all at once
	EXPECT_EQ(failure_of({}).message, "the file has no email column, no name column and no time column");
	EXPECT_EQ(failure_of({""}).message, "the file has no email column, no name column and no time column");
	EXPECT_EQ(failure_of({"email"}).message, "the file has no name column and no time column");
	EXPECT_EQ(failure_of({"email"}, {}, EventName::told).message, "the file has no time column");
}

TEST(Header, ARoleIsNotGivenAwayWhereItsColumnIsLeftOut)
{
	EXPECT_EQ(failure_of({"email", "name", "time"}, {{"email", {}}}).message, "the file has no email column");
	EXPECT_EQ(failure_of({"email", "name", "time"}, {{"name", {}}}).message, "the file has no name column");
	EXPECT_EQ(failure_of({"email", "name", "time"}, {{"x", "time"}}).message, "the file has no time column");
}

TEST(Header, FailsWhereTwoColumnsHaveOneName)
{
	auto const failure = failure_of({"email", "name", "Item Type", "time", "Item Type"});
	EXPECT_EQ(failure.message, "columns 3 and 5 have the same name \"Item Type\"");
	EXPECT_FALSE(failure.hint.empty());
	EXPECT_FALSE(failure.no_email_column);
	EXPECT_EQ(failure_of({"b", "a", "email", "name", "time", "a", "b"}).message,
			  "columns 2 and 6 have the same name \"a\", columns 1 and 7 have the same name \"b\"");
	EXPECT_EQ(failure_of({"x", "x", "x", "email", "name", "time"}).message, "columns 1 and 2 have the same name \"x\"");
	EXPECT_EQ(failure_of({"email", "name", "time", "time"}, {{"time", "time"}}).message,
			  "columns 3 and 4 have the same name \"time\"");
	// what else is wrong is told at once
	auto const both = failure_of({"email", "a", "a", "name"});
	EXPECT_EQ(both.message, "the file has no time column; columns 2 and 3 have the same name \"a\"");
	EXPECT_EQ(both.missing_columns, std::vector<Role>{Role::time});
	EXPECT_EQ(both.doubled_names, std::vector<std::string>{"a"});
	// without an email column the delimiter may be wrong: that comes first
	EXPECT_TRUE(failure_of({"a", "a"}).no_email_column);
}

TEST(Header, ColumnsOfOneNameMayBeLeftOut)
{
	EXPECT_EQ(roles({"email", "x", "name", "time", "x", "X"}, {{"x", {}}}), "email - name time - [X]");
}

TEST(Header, NamesThatDifferInALetterAreTwo)
{
	EXPECT_EQ(roles({"email", "event_name", "time", "its_how", "IT_show"}), "email name time [its_how] [IT_show]");
	EXPECT_EQ(roles({"email", "name", "time", "Q1_1", "Q11", "q11"}), "email name time [Q1_1] [Q11] [q11]");
	EXPECT_EQ(roles({"E-Mail", "email", "name", "Name", "TIME", "time"}), "email [email] name [Name] time [time]")
		<< "the first of each is found";
	EXPECT_EQ(roles({"E-Mail", "email", "name", "time"}, {{"sender", "E-Mail"}}), "[sender] email name time");
}

TEST(Header, TargetsNameOneOfThoseThatDifferInALetter)
{
	Names const names{"email", "name", "time", "Q1_1", "Q11"};
	EXPECT_EQ(roles(names, {{"a", "Q11"}, {"b", "Q1_1"}}), "email name time [b] [a]");
	EXPECT_EQ(roles(names, {{"Q11", {}}}), "email name time [Q1_1] -");
	for (auto const &target : Targets{{"a", "q11"}, {"q1-1", {}}}) {
		auto const failure = failure_of(names, {target});
		EXPECT_EQ(failure.message, "the option \"columns\" names \"" + target.column.value_or(target.target) +
									   "\", which may be \"Q1_1\" (column 4) or \"Q11\" (column 5)");
		EXPECT_FALSE(failure.hint.empty());
	}
	EXPECT_EQ(failure_of({"email", "name", "time", "Q11", "Q1_1", "Q11"}, {{"q-11", {}}}).message,
			  "the option \"columns\" names \"q-11\", which may be \"Q11\" (column 4) or \"Q1_1\" (column 5)");
}

TEST(Header, FailsWhereATargetNamesNoColumn)
{
	auto const failure = failure_of({"email", "name", "time"}, {{"item", "Artikel"}});
	EXPECT_EQ(failure.message, "the file has no column \"Artikel\", which the option \"columns\" names");
	EXPECT_EQ(failure.hint, "Its columns are: \"email\", \"name\", \"time\".");
	EXPECT_FALSE(failure.no_email_column);
	EXPECT_EQ(failure_of({"email", "name", "time"}, {{"notes", {}}}).message,
			  "the file has no column \"notes\", which the option \"columns\" names");
	EXPECT_EQ(failure_of({"email", "name", "time"}, {{"first", {}}, {"second", {}}}).message,
			  "the file has no column \"first\", which the option \"columns\" names");
	EXPECT_TRUE(failure_of({"email;name;time"}, {{"notes", {}}}).no_email_column);
	EXPECT_TRUE(failure_of({"email", "name", "time"}, {{"email", "Customer"}}).no_email_column);
	EXPECT_EQ(failure_of({"", "email", "name", "time"}, {{"item", ""}}).message,
			  "the file has no column \"\", which the option \"columns\" names");
}

TEST(Header, WhereATargetFailsAnotherThatFindsTheEmailStillCounts)
{
	auto const failure = failure_of({"Customer", "name", "time"}, {{"notes", {}}, {"email", "Customer"}});
	EXPECT_EQ(failure.message, "the file has no column \"notes\", which the option \"columns\" names");
	EXPECT_FALSE(failure.no_email_column) << "no other delimiter will find more";
}

TEST(Header, FailsWhereTwoColumnsBecomeOneProperty)
{
	auto const failure = failure_of({"email", "name", "time", "a", "b"}, {{"b", "a"}});
	EXPECT_EQ(failure.message, "two columns would become the property \"b\"");
	EXPECT_FALSE(failure.hint.empty());
	EXPECT_EQ(failure_of({"email", "name", "time", "a", "b"}, {{"x", "a"}, {"x", "b"}}).message,
			  "two columns would become the property \"x\"");
	// keys of properties are compared as they are
	EXPECT_EQ(roles({"email", "name", "time", "a", "b"}, {{"B", "a"}}), "email name time [B] [b]");
}

TEST(Header, FailsWhereAColumnIsToldTwoThings)
{
	for (auto const &[first, second] : {std::pair<ColumnTarget, ColumnTarget>{{"email", "x"}, {"time", "X"}},
										{{"time", "x"}, {"email", "x"}},
										{{"email", "x"}, {"other", "x"}},
										{{"event_name", "x"}, {"time", "x"}},
										{{"one", "x"}, {"two", "x"}},
										{{"email", "x"}, {"x", {}}},
										{{"x", {}}, {"email", "x"}}}) {
		auto const failure = failure_of({"x", "email", "name", "time"}, {first, second});
		EXPECT_EQ(failure.message, "the option \"columns\" names the column \"x\" twice")
			<< first.target << ", " << second.target;
	}
}

TEST(Header, FindsColumnsByFoldedNames)
{
	EXPECT_EQ(roles({"\u00A0E\u2011MAIL", "Event\u2003Name\u200B", "\uFEFFT\u00ADime"}), "email name time");
	EXPECT_EQ(roles({"E\uFF3FMail", "x", "y", "STRASSE"}, {{"name", "X"}, {"time", "Y"}, {"street", "stra\u00DFe"}}),
			  "email name time [street]");
}

TEST(Header, FailsWhereTwoColumnsAreToldToBeOne)
{
	for (auto const &[first, second] :
		 {std::pair{"email", "E-Mail"}, {"time", "TIME"}, {"event_name", "Event Name"}, {"name", "Name"}}) {
		auto const failure = failure_of({"x", "y", "email", "name", "time"}, {{first, "x"}, {second, "y"}});
		EXPECT_EQ(failure.message, "the option \"columns\" names two columns for \"" + std::string(second) + "\"");
		EXPECT_FALSE(failure.no_email_column);
	}
}

TEST(Header, TakesAsManyColumnsAsThereMayBe)
{
	Names names{"email", "name", "time"};
	while (names.size() < kMaxColumns)
		names.push_back("c" + std::to_string(names.size()));
	Targets targets;
	for (std::size_t i = 3; i < names.size(); ++i)
		targets.push_back({"p" + std::to_string(i), "C-" + std::to_string(i)});
	auto const resolved = resolve(names, targets);
	ASSERT_TRUE(resolved);
	EXPECT_EQ(resolved->columns.back().property, "p9999");
	names.push_back("one more");
	auto const failure = failure_of(names);
	EXPECT_EQ(failure.message, "the header has 10,001 columns, and 10,000 are allowed");
	EXPECT_TRUE(failure.no_email_column) << "another delimiter may do";
	EXPECT_TRUE(check_column_count(kMaxColumns));
	EXPECT_EQ(check_column_count(2'300'003).error().message,
			  "the header has 2,300,003 columns, and 10,000 are allowed");
}

TEST(Header, ANameIsAsLongAsAPropertysMayBe)
{
	std::string name;
	for (std::size_t i = 0; i < kMaxPropertyNameLength; ++i)
		name += "\xC3\xBC";
	EXPECT_EQ(roles({"email", "name", "time", name}), "email name time [" + name + "]");
	auto const failure = failure_of({"email", "name", "time", name + "x"});
	EXPECT_EQ(failure.message,
			  "the name of column 4, " + quote_clipped(name) + ", has 1,001 characters, and 1,000 are allowed");
	EXPECT_FALSE(failure.hint.empty());
	EXPECT_FALSE(failure.no_email_column);
	// it is a property's name that is repeated
	EXPECT_EQ(roles({"email", "name", "time", name + "x", name + "y"}, {{"short", name + "x"}, {name + "y", {}}}),
			  "email name time [short] -");
	EXPECT_EQ(failure_of({"email", "name", "time", "a"}, {{name + "x", "a"}}).message, failure.message);
}

TEST(Header, ShowsLongNamesInPart)
{
	std::string const name(100'000, 'n');
	std::string const part = "\"" + name.substr(0, kShownLength) + "...\"";
	EXPECT_EQ(failure_of({"email", "name", "time", name, name}).message, "columns 4 and 5 have the same name " + part);
	EXPECT_EQ(failure_of({"email", "name", "time"}, {{"x", name}}).message,
			  "the file has no column " + part + ", which the option \"columns\" names");
	EXPECT_EQ(failure_of({"email", "name", "time", name}, {{"x", name}, {"y", name}}).message,
			  "the option \"columns\" names the column " + part + " twice");
	EXPECT_LT(failure_of(Names(100, name)).hint.size(), 3000U);
	auto const resolved = resolve({name, "name", "time"}, {{"email", name}});
	EXPECT_EQ(resolved->columns[0].name.size(), kShownLength + 3);
}

TEST(Header, LeavesOutColumnsWithoutANameWhereTold)
{
	EXPECT_EQ(roles({"", "email", "name", "time", " "}, {{"", {}}}), "- email name time -");
	EXPECT_EQ(failure_of({"email", "name", "time"}, {{"", {}}}).message,
			  "the file has no column without a name, which the option \"columns\" leaves out");
}

TEST(Header, ListsTheFirstNamesInAHint)
{
	Names names(30, std::string(60, 'n'));
	EXPECT_EQ(failure_of(names).hint.find("..."), std::string::npos);
	names.push_back("last");
	auto const hint = failure_of(names).hint;
	EXPECT_TRUE(hint.ends_with("\" ....")) << hint;
	EXPECT_EQ(hint.find("last"), std::string::npos);
	EXPECT_NE(failure_of({std::string(61, 'n')}).hint.find("\"" + std::string(60, 'n') + "...\""), std::string::npos);
}

TEST(Columns, JoinsTwoForTheTime)
{
	EXPECT_EQ(roles({"email", "name", "Day", "Clock", "time"}, {{"time", "day", "clock"}}),
			  "email name time clock [time]");
	EXPECT_EQ(roles({"email", "name", "date", "time"}, {{"time", "date", "time"}}), "email name time clock");
	EXPECT_EQ(roles({"email", "name", "date", "time"}, {{"time", "date", "hour"}}),
			  "failure: the file has no column \"hour\", which the option \"columns\" names");
	EXPECT_EQ(roles({"email", "name", "date", "time"}, {{"time", "date", "DATE"}}),
			  "failure: the option \"columns\" names the column \"date\" twice");
}

/// The types of the columns, one letter each, or why there are none.
std::string types(Names names, PropertyTypes const &types, Targets const &targets = {})
{
	auto const resolved = resolve_header(std::move(names), targets, false, types);
	if (!resolved)
		return "failure: " + resolved.error().message;
	std::string letters;
	for (auto const &column : resolved->columns)
		letters += column.role == Role::property ? "tnbja"[static_cast<std::size_t>(column.type)] : '-';
	return letters;
}

TEST(Columns, GivesPropertiesTheirTypes)
{
	Names const names{"email", "name", "time", "Unit Price", "paid"};
	EXPECT_EQ(types(names, {}), "---tt");
	EXPECT_EQ(types(names, {PropertyType::automatic}), "---aa");
	EXPECT_EQ(types(names, {PropertyType::json, {{"unit_price", PropertyType::number}}}), "---nj");
	EXPECT_EQ(types(names, {PropertyType::text, {{"paid", PropertyType::boolean}}}, {{"bought", "paid"}}), "---tb");
}

TEST(Columns, FailsWhereATypeIsOfNoProperty)
{
	Names const names{"email", "name", "time", "a_b", "A B"};
	auto const failure = [&](std::string column, Targets const &targets = {}) {
		return types(names, {PropertyType::text, {{std::move(column), PropertyType::number}}}, targets);
	};
	EXPECT_EQ(failure("price"), "failure: the file has no column \"price\", which the option \"property_types\" names");
	EXPECT_EQ(
		failure("ab"),
		"failure: the option \"property_types\" names \"ab\", which may be \"a_b\" (column 4) or \"A B\" (column 5)");
	EXPECT_EQ(failure("Time"),
			  "failure: the option \"property_types\" names the column \"time\", which is no property but the time");
	EXPECT_EQ(failure("a_b", {{"time", "time", "a_b"}}),
			  "failure: the option \"property_types\" names the column \"a_b\", which is no property but the time");
	EXPECT_EQ(failure("a_b", {{"a_b", {}}}), "failure: the option \"property_types\" names the column \"a_b\", which "
											 "is no property: the option \"columns\" leaves it out");
	EXPECT_EQ(types({"email", "name", "time", "p"},
					{PropertyType::text, {{"p", PropertyType::json}, {"P", PropertyType::json}}}),
			  "failure: the option \"property_types\" names the column \"p\" twice");
}

} // namespace vero
