// Batches that wait in a temporary file.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/base/spool_file.hpp"

#include <span>

namespace vero::pg {

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

	/// True where this much more may be written: within a quarter of temp_file_limit.
	bool has_room_for(std::span<StoredBytes const> contacts, std::span<Event const> events) const;
	/// Appends such contacts and events of a batch, whose place they have. Throws Error.
	void write(Batch const &batch, std::span<StoredBytes const> contacts, std::span<Event const> events);

	/// read() begins anew. Throws Error.
	void rewind() { bytes_.rewind(); }
	/// Replaces what `batch` has by the next one's events and contacts; false behind the last one. Throws Error.
	bool read(Batch &batch);
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
	};

	SpoolFile bytes_{"deferred events"};
	Head head_{};
};

} // namespace vero::pg
