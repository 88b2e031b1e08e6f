// Batches that wait in a temporary file.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/base/spool_file.hpp"

#include <span>

namespace vero::pg {

/// What a BatchFile keeps of a batch.
struct KeptBatch {
	std::span<StoredBytes const> contacts = {};
	std::span<Event const> events = {};
	std::span<EventOrigin const> origins = {};		///< of each event, or none
	std::span<std::int64_t const> contact_ids = {}; ///< the same
};

/// Keeps batches without their rejects, in order, to be read from the first one as often as is needed. What is little stays in memory.
/// The file goes with the transaction, or the part of it, in which it was written.
class BatchFile {
public:
	/// Where the records of a batch stand in the import's file.
	struct Place {
		std::uint64_t first_record = 0;
		std::uint64_t records = 0;
		std::uint64_t last_line = 0;
	};

	/// `holds` is for messages, as SpoolFile has it.
	explicit BatchFile(char const *holds) : bytes_(holds) {}

	/// True where this much more may be written: within a quarter of temp_file_limit.
	bool has_room_for(KeptBatch const &kept) const;
	/// Appends this of a batch, whose place it has. Throws Error.
	void write(Batch const &batch, KeptBatch const &kept);

	/// read() begins anew. Throws Error.
	void rewind() { bytes_.rewind(); }
	/// Replaces what `batch` has by the next one's events, their origins and contacts; false behind the last one. Throws Error.
	bool read(Batch &batch);
	/// Of the events that were read last, if they were written; until the next ones are read.
	std::span<std::int64_t const> contact_ids() const { return contact_ids_; }
	/// Of what was read last.
	Place const &place() const { return head_.place; }
	/// To be called once, last. Throws Error.
	void close() { bytes_.close(); }

private:
	/// What stands before each batch's bytes.
	struct Head {
		Place place;
		std::uint64_t size;
		std::uint32_t first_new_contact;
		std::uint32_t contacts;
		std::uint32_t events;
		std::uint32_t origins;
		std::uint32_t contact_ids;
		std::uint32_t unused;
	};

	SpoolFile bytes_;
	Head head_{};
	std::vector<std::int64_t> contact_ids_;
};

} // namespace vero::pg
