// Whether what is imported was imported before.
#include "pg/import/repeats.hpp"

#include "core/time/utc_time.hpp"

namespace vero::pg {
namespace {

/// There is nothing to be told of the records.
FileFailure tell_repeat(EarlierImport const &earlier, RecordImport const &import)
{
	ImportOutcome &outcome = import.outcome;
	outcome.is_repeat = true;
	outcome.rows_read = outcome.rows_imported = outcome.rows_rejected = outcome.rows_duplicate = 0;
	outcome.contacts_created = outcome.jobs_scheduled = outcome.jobs_discarded = 0;
	outcome.reading.reset();
	outcome.names_without_campaign.clear();
	import.journal.forget_records();
	bool is_copy = import.options.file.notation == Notation::copy;
	return FileFailure{"the same content was imported before: import " + std::to_string(earlier.id) + ", at " +
						   format_utc(earlier.started_at_us),
					   std::string("If it is to be stored a second time, say ") +
						   (is_copy ? "allow_repeat true." : "allow_repeat => true.")};
}

} // namespace

std::optional<FileFailure> find_repeat(CsvInput &input, RecordImport const &import)
{
	input.drain();
	std::optional<Sha256Digest> content = input.content_hash();
	if (import.guard == nullptr || !content)
		return std::nullopt;
	std::optional<EarlierImport> earlier = import.guard->find(*content);
	return earlier ? std::optional(tell_repeat(*earlier, import)) : std::nullopt;
}

std::optional<FileFailure> find_same_bytes(CsvInput const &input, RecordImport const &import)
{
	Source const &source = input.source();
	if (import.guard == nullptr || source.size() == 0 || !import.guard->has_size(source.size()))
		return std::nullopt;
	std::optional<Sha256Digest> hash = source.hash();
	if (!hash)
		return std::nullopt;
	std::optional<EarlierImport> earlier = import.guard->find_bytes(source.size(), *hash);
	return earlier ? std::optional(tell_repeat(*earlier, import)) : std::nullopt;
}

} // namespace vero::pg
