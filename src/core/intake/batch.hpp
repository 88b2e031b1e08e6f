// What became of a stretch of records: events to be stored and rejects to be kept, both plain values.
#pragma once

#include "core/intake/error_counts.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

constexpr std::size_t kLengthWord = 4;
/// Bytes of a value: PostgreSQL's memory comes in pieces below 1 GB.
constexpr std::size_t kMaxStoredSize = (std::size_t{1} << 30) - 1 - kLengthWord;

/// Bytes in a batch's arena, aligned to 4 and preceded by 4 bytes that are free for PostgreSQL's length word, so that the
/// writer can store them without a copy.
struct StoredBytes {
	char *start = nullptr;
	std::uint32_t size = 0;

	std::string_view view() const { return {start, size}; }
};

/// How much of an import is held in memory at a time.
struct BatchLimits {
	std::size_t records = 10'000;			  ///< that one batch holds
	std::size_t bytes = 3 << 19;			  ///< of a batch, which holds so much without a further block of memory
	std::uint32_t known_contacts = 1'000'000; ///< more, and all are forgotten and looked up again

	/// Slots are below: a batch may add to as many contacts as can be known one for each of its records.
	constexpr std::size_t contact_slots() const { return known_contacts + records; }
};

struct Event {
	std::uint32_t contact; ///< slot in the import's ContactIndex
	StoredBytes name;
	std::int64_t occurred_at_us; ///< since 1970-01-01 00:00 UTC
	StoredBytes properties;		 ///< a stored jsonb object
};

/// Where an event stands in the file, for imports that may yet reject it.
struct EventOrigin {
	std::uint64_t record_number; ///< the file's first data record = 1
	std::uint64_t line_number;	 ///< another one for each record, ascending
	std::uint64_t byte_offset;
	StoredBytes raw; ///< verbatim; nothing where nobody asked for it
	/// event_number() of its name and properties, where equal properties are equal bytes; 0: they may not be.
	std::uint64_t number = 0;
};

enum class ErrorCode : unsigned char {
	missing_email,
	invalid_email,
	missing_event_name,
	event_name_too_long,
	missing_time,
	invalid_time,
	no_partition,
	too_few_fields,
	too_many_fields,
	malformed_quote,
	unterminated_quote,
	invalid_encoding,
	nul_byte,
	record_too_long,
	unnamed_column,
	repeated_header,
	invalid_property,
	duplicate_event,
	suppressed,
	more_errors, ///< than are told: the last one of a record
};

/// The code as it is stored and documented: `missing_email`.
std::string_view name_of(ErrorCode code);

/// Errors of a record that are told one by one.
constexpr std::size_t kMaxErrors = 100;

/// Its texts belong to who made it: a batch, or a validator until it looks at the next record.
struct RecordError {
	ErrorCode code;
	std::optional<std::string_view> column; ///< as the header writes it, clipped; none: the record as a whole
	std::optional<std::string_view> value;	///< what stood there, clipped, always well-formed UTF-8 without NUL
	std::string_view message;				///< one sentence for a person, in PostgreSQL's style
	bool is_time_fault = false;				///< of a time that is written as in ISO 8601, and does not exist
};

struct Reject {
	std::uint64_t record_number; ///< the file's first data record = 1
	std::uint64_t line_number;
	std::uint64_t byte_offset;
	StoredBytes raw;					 ///< verbatim; UTF-8 without NUL if is_text
	bool is_text;						 ///< else raw holds the file's own bytes
	std::span<RecordError const> errors; ///< every one of the record, at least one; none where it is counted
	StoredBytes reason;					 ///< all of them in words
	StoredBytes stored_errors;			 ///< all of them as a stored jsonb array of {code, column, value, message}
	bool is_counted = false;			 ///< its errors are among the batch's error_counts
};

/// Owns everything its events and rejects point to, until clear().
class Batch {
public:
	Batch();
	Batch(Batch const &) = delete;
	Batch &operator=(Batch const &) = delete;

	std::vector<Event> events;
	std::vector<EventOrigin> origins;	///< of each event, in order; none where nobody asked for them
	std::vector<StoredBytes> addresses; ///< of each event's contact, likewise
	std::vector<Reject> rejects;
	ErrorCounts error_counts; ///< of those rejects whose errors are counted there
	/// Addresses that were not in the import's ContactIndex before: their slots count on from the first one's. If that is 0, all slots of
	/// earlier batches are forgotten.
	std::vector<StoredBytes> new_contacts;
	std::uint32_t first_new_contact = 0;
	/// Their places in new_contacts in the order of the addresses' bytes, see order_contacts(). One whose address was made empty is not
	/// among them: nobody looks for it.
	std::vector<std::uint32_t> contacts_in_order;
	std::uint64_t first_record = 0;	 ///< number of the first record
	std::uint64_t last_line = 0;	 ///< where the last one begins
	std::uint64_t blank_records = 0; ///< that were passed over between them: all of their cells are blank

	/// Room for `size` bytes, uninitialised. Throws LimitExceeded above kMaxStoredSize.
	StoredBytes allocate(std::size_t size);
	/// Copies the bytes into the batch's memory.
	StoredBytes store(std::string_view bytes);
	/// Copies the errors, but not their texts.
	std::span<RecordError> store(std::span<RecordError const> errors);

	/// To be called when all contacts are there: whoever finds or creates them walks an index in its order.
	void order_contacts();

	std::size_t records() const { return events.size() + rejects.size(); }
	/// Bytes given out since clear().
	std::size_t bytes() const { return bytes_; }
	void clear();

private:
	std::unique_ptr<std::byte[]> first_block_; ///< what is not used of it takes no memory
	std::pmr::monotonic_buffer_resource arena_;
	std::size_t bytes_ = 0;
};

} // namespace vero
