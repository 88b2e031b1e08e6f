// Rejected records that wait until it is known whether the import that has them is taken back.
#include "pg/import/reject_spool.hpp"

#include <type_traits>

namespace vero::pg {
namespace {

constexpr std::size_t kRejectsAtOnce = 1000;
constexpr std::size_t kBytesAtOnce = 1 << 20; ///< and what the last record has beyond

/// What stands before the bytes of each.
struct Head {
	std::uint64_t record_number;
	std::uint64_t line_number;
	std::uint64_t byte_offset;
	std::uint32_t raw;
	std::uint32_t reason;
	std::uint32_t errors;
	std::uint32_t is_text;
};
static_assert(std::has_unique_object_representations_v<Head>);

std::uint64_t size_of(Reject const &reject)
{
	return sizeof(Head) + std::uint64_t{reject.raw.size} + reject.reason.size + reject.stored_errors.size;
}

} // namespace

void RejectSpool::write(Batch const &batch)
{
	std::uint64_t size = 0;
	for (Reject const &reject : batch.rejects)
		size += size_of(reject);
	if (!file_.has_room_for(size)) {
		throw Report{
			ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
			"the rejected records of the import are more than a quarter of temp_file_limit", "",
			"With reject_limit they wait in a temporary file until the file has ended. Raise temp_file_limit, or "
			"lower reject_limit, or leave it out."};
	}
	file_.expect(size);
	std::span<Reject const> rejects = batch.rejects;
	call([&] {
		for (Reject const &reject : rejects) {
			Head head{reject.record_number, reject.line_number,		   reject.byte_offset,		reject.raw.size,
					  reject.reason.size,	reject.stored_errors.size, reject.is_text ? 1U : 0U};
			file_.put(&head, sizeof head);
			for (StoredBytes bytes : {reject.raw, reject.reason, reject.stored_errors})
				file_.put(bytes.start, bytes.size);
		}
	});
}

bool RejectSpool::read(Batch &batch)
{
	batch.clear();
	Head head;
	while (batch.rejects.size() < kRejectsAtOnce && batch.bytes() < kBytesAtOnce && file_.read(&head, sizeof head)) {
		Reject reject{head.record_number, head.line_number, head.byte_offset, {}, head.is_text != 0, {}, {}, {}};
		for (auto &[bytes, size] : {std::pair(&reject.raw, head.raw), std::pair(&reject.reason, head.reason),
									std::pair(&reject.stored_errors, head.errors)}) {
			*bytes = batch.allocate(size);
			if (size > 0)
				file_.read_on(bytes->start, size);
		}
		batch.rejects.push_back(reject);
	}
	return !batch.rejects.empty();
}

} // namespace vero::pg
