// What became of a stretch of records: events to be stored and rejects to be kept, both plain values.
#include "core/intake/batch.hpp"

#include "core/property/limit_exceeded.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace vero {
namespace {

constexpr std::size_t kFirstBlockSize = 2 << 20;
static_assert(BatchLimits().bytes < kFirstBlockSize, "a batch of short records is full before its first block is");

constexpr std::array<std::string_view, 20> kErrorNames{
	"missing_email",	  "invalid_email",	  "missing_event_name", "event_name_too_long", "missing_time",
	"invalid_time",		  "no_partition",	  "too_few_fields",		"too_many_fields",	   "malformed_quote",
	"unterminated_quote", "invalid_encoding", "nul_byte",			"record_too_long",	   "unnamed_column",
	"repeated_header",	  "invalid_property", "duplicate_event",	"suppressed",		   "more_errors",
};

} // namespace

std::string_view name_of(ErrorCode code)
{
	return kErrorNames.at(static_cast<std::size_t>(code));
}

Batch::Batch()
	: first_block_(std::make_unique_for_overwrite<std::byte[]>(kFirstBlockSize)),
	  arena_(first_block_.get(), kFirstBlockSize)
{
}

StoredBytes Batch::allocate(std::size_t size)
{
	if (size > kMaxStoredSize) {
		throw LimitExceeded("a value of " + std::to_string(size) + " bytes is larger than what can be stored (" +
							std::to_string(kMaxStoredSize) + " bytes)");
	}
	auto *block = static_cast<char *>(arena_.allocate(size + kLengthWord, kLengthWord));
	bytes_ += size + kLengthWord;
	return {block + kLengthWord, static_cast<std::uint32_t>(size)};
}

StoredBytes Batch::store(std::string_view bytes)
{
	StoredBytes stored = allocate(bytes.size());
	std::memcpy(stored.start, bytes.data(), bytes.size());
	return stored;
}

std::span<RecordError> Batch::store(std::span<RecordError const> errors)
{
	auto *stored = static_cast<RecordError *>(arena_.allocate(errors.size_bytes(), alignof(RecordError)));
	std::uninitialized_copy(errors.begin(), errors.end(), stored);
	bytes_ += errors.size_bytes();
	return {stored, errors.size()};
}

void Batch::order_contacts()
{
	contacts_in_order.resize(new_contacts.size());
	std::iota(contacts_in_order.begin(), contacts_in_order.end(), 0);
	std::erase_if(contacts_in_order, [this](std::uint32_t place) { return new_contacts[place].size == 0; });
	std::sort(contacts_in_order.begin(), contacts_in_order.end(),
			  [this](std::uint32_t a, std::uint32_t b) { return new_contacts[a].view() < new_contacts[b].view(); });
}

void Batch::clear()
{
	events.clear();
	origins.clear();
	addresses.clear();
	rejects.clear();
	error_counts.clear();
	new_contacts.clear();
	contacts_in_order.clear();
	blank_records = 0;
	arena_.release();
	bytes_ = 0;
}

} // namespace vero
