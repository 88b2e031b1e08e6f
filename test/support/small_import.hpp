// Judges the records of a CSV that stands in a test, and shows what became of them.
#pragma once

#include "core/csv/record_reader.hpp"
#include "core/intake/validator.hpp"
#include "support/plain_jsonb.hpp"
#include "support/plain_numeric.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vero {

/// For GoogleTest's messages.
inline std::ostream &operator<<(std::ostream &out, ErrorCode code)
{
	return out << name_of(code);
}

namespace test {

using Codes = std::vector<ErrorCode>;

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t noon_us = 1'641'124'800 * second_us; // 2022-01-02 12:00 UTC
constexpr std::string_view noon = "2022-01-02 12:00Z";

struct Setting {
	Dialect dialect = {};
	std::vector<ColumnTarget> columns = {};
	std::string event_name = {}; ///< empty: in the file
	std::string encoding = "UTF8";
	std::size_t max_record_size = 1000;
	TimeZone time_zone = TimeZone();
	std::vector<std::string> layouts = {};
	bool null_padding = false;
	PropertyTypes types = {};
	std::optional<std::vector<TimeRange>> taken_times = {};
	KeptOrigins kept_origins = KeptOrigins::none;
	bool keeps_addresses = false;
};

inline TimeLayouts compile(std::vector<std::string> const &texts)
{
	TimeLayouts layouts;
	for (auto const &text : texts)
		layouts.list.push_back(TimeLayout::compile(text).value());
	return layouts;
}

/// The whole of a small CSV, judged.
class Import {
public:
	explicit Import(std::string_view csv, Setting const &setting = {})
		: setting_(setting), reader_(setting.dialect, setting.max_record_size), validator_(make_rules(csv))
	{
		Record record;
		while (reader_.next(record))
			judge(record);
	}

	void judge(Record const &record) { records_ += validator_.judge(record, records_ + 1, contacts, batch) ? 1 : 0; }
	/// All errors of a record: a reject that is only counted does not have them.
	std::span<RecordError const> check(Record const &record) { return validator_.check(record); }

	Codes codes(std::size_t i = 0) const
	{
		Codes found;
		for (auto const &error : batch.rejects.at(i).errors)
			found.push_back(error.code);
		return found;
	}
	RecordError const &error(std::size_t i = 0) const { return batch.rejects.at(0).errors[i]; }

	StoredMembers properties(std::size_t i = 0) const
	{
		return test::read_stored_object(batch.events.at(i).properties.view()).value();
	}
	std::string_view email(std::size_t i = 0) const { return batch.new_contacts.at(batch.events.at(i).contact).view(); }
	std::string_view name(std::size_t i = 0) const { return batch.events.at(i).name.view(); }

	ReadingCounts const &counts() const { return validator_.counts(); }

	Batch batch;
	ContactIndex contacts{HashKey{1, 2}, 100};

private:
	ValidationRules make_rules(std::string_view csv)
	{
		ValidationRules rules{
			read_header(csv),		  setting_.dialect,	   setting_.event_name,		  setting_.encoding,
			setting_.max_record_size, &setting_.time_zone, compile(setting_.layouts), names_,
			setting_.null_padding};
		rules.taken_times = setting_.taken_times;
		rules.kept_origins = setting_.kept_origins;
		rules.keeps_addresses = setting_.keeps_addresses;
		return rules;
	}

	Header read_header(std::string_view csv)
	{
		reader_.feed(csv);
		reader_.finish();
		Record record;
		EXPECT_TRUE(reader_.next(record));
		for (auto const &cell : record.cells)
			names_.emplace_back(record.content(cell));
		return resolve_header(names_, setting_.columns, !setting_.event_name.empty(), setting_.types).value();
	}

	Setting setting_;
	RecordReader reader_;
	std::vector<std::string> names_;
	Validator validator_;
	std::uint64_t records_ = 0;
};

/// The errors of the only record, behind the header `email,name,time,p`.
inline Codes codes_of(std::string const &line)
{
	Import const import("email,name,time,p\n" + line);
	EXPECT_EQ(import.batch.records(), 1U) << line;
	return import.batch.rejects.empty() ? Codes{} : import.codes();
}

inline std::string line(std::string const &email, std::string const &name = "Ordered",
						std::string const &time = std::string(noon), std::string const &property = "red")
{
	return email + "," + name + "," + time + "," + property;
}

/// An error that outlives its batch.
struct OwnedError {
	ErrorCode code;
	std::optional<std::string> column;
	std::optional<std::string> value;
	std::string message;
};

/// The only error.
inline OwnedError error_of(std::string const &line, Setting const &setting = {})
{
	Import const import("email,name,time,p\n" + line, setting);
	EXPECT_EQ(import.batch.rejects.size(), 1U) << line;
	EXPECT_EQ(import.codes().size(), 1U) << line;
	RecordError const &error = import.error();
	return {error.code, std::optional<std::string>(error.column), std::optional<std::string>(error.value),
			std::string(error.message)};
}

} // namespace test
} // namespace vero
