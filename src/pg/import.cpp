// An import from its first byte to its last: the only place that knows the order of the stages.
#include "pg/import.hpp"

#include "core/validator.hpp"
#include "pg/boundary.hpp"
#include "pg/event_writer.hpp"
#include "pg/import_context.hpp"
#include "pg/import_log.hpp"
#include "pg/progress.hpp"
#include "pg/reject_writer.hpp"
#include "pg/settings.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kBatchRecords = 10'000;
constexpr std::size_t kBatchBytes = 4 << 20;
// beyond these the known contacts are forgotten and looked up again, so that memory stays flat
constexpr std::uint32_t kKnownContacts = 300'000;
constexpr std::size_t kKnownContactBytes = 20 << 20;

std::uint64_t random_seed()
{
	std::uint64_t seed;
	if (!pg_strong_random(&seed, sizeof seed))
		throw Report{ERRCODE_INTERNAL_ERROR, "could not generate a random hash seed", "", ""};
	return seed;
}

/// The stages behind the reader, batch by batch.
class Pipeline {
public:
	Pipeline(Catalog const &catalog, ImportSummary &summary, ValidationRules rules, ByteOrderMark mark,
			 ImportContext &context)
		: summary_(summary), context_(context), validator_(std::move(rules)), index_(random_seed()),
		  contacts_(catalog, summary.import_id), events_(catalog, summary.import_id),
		  rejects_(catalog, summary.import_id, mark)
	{
	}

	void add(Record const &record)
	{
		context_.note(++summary_.rows_read, record.line_number);
		validator_.judge(record, static_cast<std::uint64_t>(summary_.rows_read), index_, batch_);
		if (batch_.records() >= kBatchRecords || batch_.bytes() >= kBatchBytes)
			write_batch();
	}

	void finish()
	{
		write_batch();
		events_.finish();
		rejects_.finish();
		summary_.contacts_created = contacts_.created();
	}

private:
	void write_batch()
	{
		check_for_interrupts();
		context_.begin_writing();
		contacts_.resolve(index_);
		events_.write(batch_, contacts_);
		rejects_.write(batch_);
		summary_.rows_imported += static_cast<std::int64_t>(batch_.events.size());
		summary_.rows_rejected += static_cast<std::int64_t>(batch_.rejects.size());
		Progress::note_rows(summary_.rows_imported, summary_.rows_rejected);
		context_.end_writing();
		batch_.clear();
		if (index_.size() > kKnownContacts || index_.bytes() > kKnownContactBytes) {
			index_.clear();
			contacts_.clear();
		}
	}

	ImportSummary &summary_;
	ImportContext &context_;
	Validator validator_;
	ContactIndex index_;
	Contacts contacts_;
	EventWriter events_;
	RejectWriter rejects_;
	Batch batch_;
};

std::optional<FileFailure> import_records(CsvInput &input, OpenedFile const &opened, ImportOptions const &options,
										  Catalog const &catalog, ImportSummary &summary, ImportContext &context)
{
	Record record;
	if (!input.next(record))
		return FileFailure{"the file has a header but no data records", ""};
	auto max_size = static_cast<std::size_t>(max_record_size);
	Pipeline pipeline(catalog, summary,
					  {opened.header, opened.dialect, options.event_name, opened.encoding, max_size,
					   &find_time_zone(options.time_zone)},
					  opened.mark, context);
	do
		pipeline.add(record);
	while (input.next(record));
	pipeline.finish();
	return std::nullopt;
}

FileFailure not_named_csv(Source const &source)
{
	return {"\"" + source.name() + "\" is not a CSV file: its name does not end in .csv",
			"Save it as CSV, or rename it if it is one."};
}

ImportState state_of(ImportSummary const &summary)
{
	if (summary.failure)
		return ImportState::failed;
	return summary.rows_rejected > 0 ? ImportState::completed_with_rejects : ImportState::completed;
}

} // namespace

std::string_view name_of(ImportState state)
{
	constexpr std::array<std::string_view, 3> kNames{"completed", "completed_with_rejects", "failed"};
	return kNames.at(static_cast<std::size_t>(state));
}

void check_import_allowed(char const *command)
{
	call([command] {
		PreventCommandIfReadOnly(command);
		PreventCommandIfParallelMode(command);
		PreventCommandDuringRecovery(command);
	});
	Catalog catalog = find_catalog();
	call([&] {
		if (pg_class_aclcheck(catalog.events, GetUserId(), ACL_INSERT) != ACLCHECK_OK &&
			pg_attribute_aclcheck_all(catalog.events, GetUserId(), ACL_INSERT, ACLMASK_ALL) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, "events");
	});
	if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII)
		throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
					 std::string("events cannot be imported into a database with encoding ") +
						 GetDatabaseEncodingName(),
					 "", "Use a database with encoding UTF8."};
}

ImportSummary import_events(Source &source, ImportOptions const &options)
{
	TimestampTz started_at = GetCurrentTimestamp();
	Catalog catalog = find_catalog();
	SpiConnection spi;
	ImportSummary summary;
	ImportContext context(source);
	summary.import_id = log_start(catalog, source, options, started_at);
	Progress progress(catalog.events, source, summary.import_id);

	CsvInput input(source, options.file, static_cast<std::size_t>(max_record_size));
	std::variant<OpenedFile, FileFailure> opened = input.open();
	OpenedFile const *file = std::get_if<OpenedFile>(&opened);
	if (source.is_named_otherwise())
		summary.failure = not_named_csv(source);
	else if (file == nullptr)
		summary.failure = std::get<FileFailure>(opened);
	else
		summary.failure = import_records(input, *file, options, catalog, summary, context);
	if (summary.failure && options.on_failure == OnFailure::raise)
		throw Report{ERRCODE_BAD_COPY_FILE_FORMAT, summary.failure->message, "", summary.failure->hint};
	input.drain();
	summary.state = state_of(summary);
	log_end(catalog, summary, input, file, options.parent_import);
	summary.elapsed_us = GetCurrentTimestamp() - started_at;
	return summary;
}

} // namespace vero::pg
