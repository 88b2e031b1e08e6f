// Fuzzes the judging of records: any bytes behind a header; events and rejects are what a plain look at the cells says.
#include "core/csv/record_reader.hpp"
#include "core/intake/validator.hpp"
#include "core/text/text.hpp"
#include "support/plain_jsonb.hpp"
#include "support/plain_judgement.hpp"
#include "support/plain_numeric.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace {

using vero::ErrorCode;
using vero::RecordFault;
using vero::test::PlainJudgement;

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

std::vector<std::string> const names{"email", "b", "", "event", "time", "aa", "notes", "\xC3\xA4"};

vero::PropertyTypes make_types(bool has_types, bool has_clock)
{
	if (!has_types)
		return {};
	vero::PropertyTypes types{vero::PropertyType::automatic, {{"b", vero::PropertyType::text}}};
	if (!has_clock)
		types.named.push_back({"aa", vero::PropertyType::number});
	return types;
}

/// With a clock, "aa" is no property but the time of day behind "time".
vero::Header make_header(bool has_event_name, bool has_clock, bool has_types)
{
	std::vector<vero::ColumnTarget> targets{{"notes", {}}};
	if (has_clock)
		targets.push_back({"time", "time", "aa"});
	return vero::resolve_header(names, targets, has_event_name, make_types(has_types, has_clock)).value();
}

bool is_storable(std::string_view text)
{
	return vero::test::is_utf8_plain(text) && text.find('\0') == text.npos;
}

/// The members of an object of texts, numbers and booleans, each as PostgreSQL shows it.
std::optional<vero::test::StoredMembers> show_members(std::string_view bytes)
{
	using vero::test::PlainContainer;
	PlainContainer const object(bytes);
	if (!object.is_valid(PlainContainer::Kind::object))
		return std::nullopt;
	vero::test::StoredMembers members;
	for (std::size_t i = 0; i < object.count(); ++i) {
		std::size_t const value = object.count() + i;
		auto const type = static_cast<vero::JsonbType>(object.type(value));
		std::optional<std::string> shown = object.text(value);
		if (type == vero::JsonbType::number)
			shown = vero::test::show_stored_numeric(object.container(value).value_or(""));
		else if (type == vero::JsonbType::is_true || type == vero::JsonbType::is_false)
			shown = type == vero::JsonbType::is_true ? "true" : "false";
		if (!shown)
			return std::nullopt;
		members.emplace_back(object.text(i), *shown);
	}
	return members;
}

void check_event(vero::Event const &event, std::vector<std::string> const &emails, PlainJudgement const &expected)
{
	require(expected.codes.empty());
	require(emails.at(event.contact) == expected.email);
	require(event.name.view() == expected.name && is_storable(expected.name));
	require(event.occurred_at_us == expected.occurred_at_us);
	require(reinterpret_cast<std::uintptr_t>(event.properties.start) % 4 == 0);
	auto const properties = show_members(event.properties.view());
	require(properties == expected.properties);
	for (auto const &[key, value] : *properties)
		require(is_storable(key) && is_storable(value));
}

std::optional<std::string> owned(std::optional<std::string_view> text)
{
	return text ? std::optional<std::string>(*text) : std::nullopt;
}

void check_reject(vero::Reject const &reject, vero::Record const &record, PlainJudgement const &expected)
{
	require(!reject.errors.empty());
	std::set<ErrorCode> codes;
	for (auto const &error : reject.errors) {
		codes.insert(error.code);
		require(!error.message.empty() && is_storable(error.message));
		require(is_storable(error.column.value_or("")) && is_storable(error.value.value_or("")));
		require(vero::utf8_length(error.value.value_or("")) <= 103);
	}
	require(codes == expected.codes);
	require(is_storable(reject.reason.view()) && !reject.reason.view().empty());
	require(reinterpret_cast<std::uintptr_t>(reject.stored_errors.start) % 4 == 0);
	auto const stored = vero::test::read_stored_array(reject.stored_errors.view());
	require(stored && stored->size() == reject.errors.size());
	for (std::size_t i = 0; i < stored->size(); ++i) {
		auto const &error = reject.errors[i];
		require(stored->at(i) == vero::test::NullableMembers{{"code", std::string(name_of(error.code))},
															 {"value", owned(error.value)},
															 {"column", owned(error.column)},
															 {"message", std::string(error.message)}});
	}
	require(reject.raw.view() == record.raw);
	require(reject.is_text == is_storable(record.raw));
	require(reject.line_number == record.line_number && reject.byte_offset == record.byte_offset);
}

/// One byte for a whole cell: what makes an event is soon found.
std::string expand(std::string_view bytes)
{
	static constexpr std::string_view words[] = {"a@x.io",
												 "A@X.io",
												 "\"b@x.io\"",
												 "2022-01-02",
												 "2022-01-02 03:04:05+10",
												 "n",
												 "\"n\"",
												 "\"n\"\"\"",
												 "\"\"",
												 "a@x.io,p,,n,2022-01-02,q,,r",
												 "NULL",
												 "\"NULL",
												 "\"\xC3\xA4\"",
												 "\n",
												 ",,,,,,,",
												 "email,b,,event,time,aa,notes,\xC3\xA4",
												 "\xC2\xA0",
												 "03:04",
												 "2/1/2022"};
	std::string text;
	for (char const c : bytes) {
		auto const word = static_cast<std::size_t>(static_cast<unsigned char>(c)) - 0xE1;
		text += word < std::size(words) ? words[word] : std::string_view(&c, 1);
	}
	return text;
}

/// Judges one record after the other, each of them plainly, too.
class Judging {
public:
	Judging(vero::ValidationRules const &rules, vero::HashKey const &key, std::size_t batch_records)
		: rules_(rules), validator_(rules), contacts_(key, 0), batch_records_(batch_records)
	{
		batch_.clear();
	}

	void judge(vero::Record const &record, std::uint64_t number)
	{
		auto const events = batch_.events.size();
		auto const rejects = batch_.rejects.size();
		bool const is_judged = validator_.judge(record, number, contacts_, batch_);
		bool const may_be_blank = record.fault == RecordFault::none && !record.has_nul && !record.cells.empty();
		require(is_judged == !(may_be_blank && vero::test::is_blank_from(record, 0)));
		require(batch_.records() == events + rejects + (is_judged ? 1 : 0));
		if (!is_judged)
			return;
		PlainJudgement const expected(record, rules_);
		if (batch_.events.size() > events) {
			if (contacts_.size() > emails_.size())
				emails_.emplace_back(batch_.new_contacts.back().view());
			require(contacts_.size() == emails_.size());
			check_event(batch_.events.back(), emails_, expected);
		} else {
			check_reject(batch_.rejects.back(), record, expected);
			require(batch_.rejects.back().record_number == number);
		}
		require(batch_.events.empty() || is_storable(batch_.events.front().name.view()));
		if (batch_.records() == batch_records_)
			batch_.clear();
	}

private:
	inline static vero::Batch batch_; // its memory is not cheap

	vero::ValidationRules const &rules_;
	vero::Validator validator_;
	vero::ContactIndex contacts_;
	std::size_t batch_records_;
	std::vector<std::string> emails_; // by slot
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 2)
		return 0;
	static vero::TimeZone const zone(3600);
	vero::Dialect dialect;
	dialect.null_string = data[0] % 2 == 0 ? "" : "NULL";
	dialect.escape = data[0] / 2 % 2 == 0 ? '"' : '\\';
	dialect.quote = data[0] / 4 % 4 == 0 ? '\'' : '"';
	bool const has_event_name = data[0] / 16 % 4 == 0;
	std::size_t const limit = data[1] % 4 == 0 ? 1 + data[1] : 1000;
	std::string_view const bytes(reinterpret_cast<char const *>(data) + 2, size - 2);

	vero::ValidationRules rules{make_header(has_event_name, data[1] / 32 % 2 == 1, data[0] / 16 % 4 == 1),
								dialect,
								has_event_name ? "told" : "",
								"UTF8",
								limit,
								&zone,
								{},
								names,
								data[0] >= 192};
	if (data[1] / 64 % 2 == 1)
		rules.time_layouts.list.push_back(vero::TimeLayout::compile("%d/%m/%Y").value());
	Judging judging(rules, {data[0], data[1]}, 1 + data[1] / 4 % 8);

	vero::RecordReader reader(dialect, limit);
	reader.feed(data[1] < 128 ? expand(bytes) : std::string(bytes));
	reader.finish();
	vero::Record record;
	for (std::uint64_t number = 1; reader.next(record); ++number)
		judging.judge(record, number);
	return 0;
}
