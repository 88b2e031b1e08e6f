// Judges a record: an event, or a reject with every reason there is.
#pragma once

#include "core/csv/dialect.hpp"
#include "core/csv/record.hpp"
#include "core/intake/batch.hpp"
#include "core/intake/columns.hpp"
#include "core/intake/contact_index.hpp"
#include "core/intake/reading_counts.hpp"
#include "core/property/jsonb.hpp"
#include "core/property/property_value.hpp"
#include "core/text/option_words.hpp"
#include "core/time/time_layout.hpp"
#include "core/time/unread_time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// From the first to before the second, in microseconds since 1970-01-01 00:00 UTC.
struct TimeRange {
	std::int64_t from_us;
	std::int64_t to_us;
};

constexpr std::size_t kMaxEventNameLength = 255; // characters

/// What is kept of the records that are events, beside these.
enum class KeptOrigins : unsigned char { none, places, records };

/// What a record is judged by. The zone outlives the validator.
struct ValidationRules {
	Header header;
	Dialect dialect;
	std::string event_name;						///< of every event, where the header has no column for it
	std::string encoding;						///< the file's, for messages
	std::size_t max_record_size;				///< in bytes, for messages
	TimeZone const *time_zone;					///< for times without an offset
	TimeLayouts time_layouts = {};				///< tried after ISO 8601
	std::vector<std::string> header_cells = {}; ///< as header_text() has them; none where the file has no header
	bool null_padding = false;					///< cells that a record is short of at its end have no value
	std::optional<char> decimal_mark = {};		///< of numbers in properties; none: it was not told
	Notation notation = Notation::function;		///< of the options that messages name
	bool needs_words = true;					///< else what takes long to put into words stays without them
	/// Those that there is a place for, in order; none: there is for all.
	std::optional<std::vector<TimeRange>> taken_times = {};
	KeptOrigins kept_origins = KeptOrigins::none;
	bool keeps_addresses = false; ///< of the contacts of all events
};

class Validator {
public:
	/// `key` is random: names of events are counted by their hash, and events are numbered.
	explicit Validator(ValidationRules rules, HashKey const &key = {});

	/// Adds the record to `batch` as an event, its contact to `contacts`, or as a reject. `record_number` counts the data
	/// records from 1; `record.raw` is UTF-8 as far as it is text at all. An undecodable or ill-formed record keeps its bytes.
	/// False: the record is blank, and only counted.
	bool judge(Record const &record, std::uint64_t record_number, ContactIndex &contacts, Batch &batch);

	/// What is wrong with a record that is not blank, until the next one is judged or checked: none of an event.
	/// `is_email_good`: what stands in its email column is known to be an address.
	std::span<RecordError const> check(Record const &record, bool is_email_good = false);

	/// Of all records so far.
	ReadingCounts const &counts() const { return counts_; }

private:
	struct Property {
		std::string key;
		std::size_t column;
		PropertyType type;
	};
	/// What a cell of another type than text has become; its bytes are in typed_bytes_.
	struct TypedValue {
		bool is_there = false;
		JsonbType type = JsonbType::null;
		std::size_t begin = 0;
		std::size_t size = 0;
	};

	void check_fields(Record const &record);
	void check_count(Record const &record);
	void check_fault(Record const &record);
	void check_cell(Record const &record, std::size_t index);
	void check_value(Record const &record, Column const &column, std::size_t index, std::string_view value);
	void check_padding(Record const &record);
	void check_rest(Record const &record);
	std::string_view encoding_advice(std::string_view bytes) const;
	bool check_bytes(Cell const &cell, std::string_view content, Column const &column);
	void check_email(std::string_view value, Column const &column);
	void check_event_name(std::string_view value, Column const &column);
	void check_time(Record const &record, std::string_view value, Column const &column);
	bool read_time(std::string_view value);
	void add_unread_time(std::string_view value, Column const &column);
	bool is_time_taken() const;
	std::string_view join_clock(Record const &record, std::string_view date);
	void check_property(Record const &record, std::size_t index);

	bool has_value(Record const &record, Cell const &cell) const;
	std::string_view value_of(Record const &record, Cell const &cell, std::string &buffer) const;
	StoredBytes build_properties(Record const &record, Batch &batch);
	StoredBytes store_name(Batch &batch);
	std::string_view quoted(Column const &column) const
	{
		return quoted_columns_[&column - rules_.header.columns.data()];
	}
	void add_error(ErrorCode code, Column const *column, std::string_view value,
				   std::initializer_list<std::string_view> message);
	std::string &next_text();
	std::string_view keep(std::initializer_list<std::string_view> parts);
	void forget_errors();
	std::span<RecordError const> store_errors(StoredBytes reason, Batch &batch) const;
	std::uint64_t number_of(Event const &event) const;
	void keep_origin(Record const &record, std::uint64_t record_number, Batch &batch) const;
	void keep_address(bool is_new, Batch &batch) const;
	void add_reject(Record const &record, std::uint64_t record_number, Batch &batch);
	bool is_nothing_new(Record const &record);

	ValidationRules rules_;
	std::vector<Property> properties_;		 ///< in the order of stored jsonb
	std::vector<std::size_t> other_columns_; ///< those that are no texts of properties, and not ignored
	// for messages
	std::vector<std::string> quoted_columns_; ///< the name of each
	std::string time_columns_;				  ///< the names of the two that are the time; else empty
	std::string encoding_advice_;			  ///< for bytes that are text in Windows-1252
	std::string unnamed_advice_;			  ///< for values in columns without a name

	// of the record in hand
	std::vector<RecordError> errors_; ///< kMaxErrors at most
	std::vector<std::string> texts_;  ///< of these, and room for more
	std::size_t text_count_ = 0;
	std::size_t error_count_ = 0; ///< all of them
	bool is_email_good_ = false;  ///< for all that is known beforehand
	bool is_text_ = true;		  ///< well-formed UTF-8 without NUL
	std::string email_;			  ///< normalised
	std::string name_buffer_;
	bool is_trimmed_ = false;			  ///< the cell in hand, of what is not seen
	std::string untidy_name_, tidy_name_; ///< the last name that was not tidy at once, and what it is read as
	std::string time_buffer_;			  ///< date and clock
	/// By its hash, the last text that was no time: the same ones come again. It is not empty.
	struct ExplainedTime {
		std::string text;
		UnreadTime unread;
		bool is_told = false; ///< there was a reject with it
	};
	std::array<ExplainedTime, 64> unread_times_;
	ExplainedTime *unread_time_ = nullptr; ///< of the record in hand
	bool are_all_windows_1252_ = true;	   ///< the rejects that are not UTF-8
	std::string_view name_;
	std::int64_t occurred_at_us_ = 0;
	std::string buffer_;
	std::vector<Member> members_;
	std::vector<TypedValue> typed_; ///< by column
	std::string typed_bytes_;
	PropertyReader property_reader_;

	ReadingCounts counts_;
	std::uint64_t number_key_;
	StoredBytes last_name_; ///< names repeat: a run of equal ones is stored once in a batch
};

} // namespace vero
