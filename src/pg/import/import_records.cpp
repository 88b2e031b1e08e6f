// The records of an import: read ahead, judged, written, and taken back where the file fails as a whole after all.
#include "pg/import/import_records.hpp"

#include "core/intake/batch_maker.hpp"
#include "pg/base/random.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/base/zone.hpp"
#include "pg/import/batch_writer.hpp"
#include "pg/import/parse_ahead.hpp"
#include "pg/import/repeats.hpp"
#include "pg/import/too_many_jobs.hpp"
#include "pg/import/too_many_rejects.hpp"

#include <malloc.h>

namespace vero::pg {
namespace {

// More than a batch is made of, so that some come to wait; but it is not to wait until a client that is slow has sent those of the next ones, too.
constexpr std::size_t kChunksAtOnce = 6;

/// Gives the system the memory that was freed in a scope, at its end: what malloc keeps would add to what the session's next import
/// takes. A small import leaves so little that the next one may as well have it.
class MemoryReturn {
public:
	explicit MemoryReturn(CsvInput const &input) : input_(input) {}
	MemoryReturn(MemoryReturn const &) = delete;
	MemoryReturn &operator=(MemoryReturn const &) = delete;
	~MemoryReturn()
	{
		if (input_.bytes_read() > kSmall || input_.compression() != Compression::none)
			malloc_trim(0);
	}

private:
	static constexpr std::uint64_t kSmall = 256 * 1024; ///< bytes

	CsvInput const &input_;
};

/// What was taken for what in the records that `counts` are of.
ImportReading tell_reading(OpenedFile const &opened, ImportOptions const &options, ReadingCounts const &counts,
						   std::uint64_t blank_records)
{
	ImportReading reading = make_reading(opened.header, counts, options.time_layouts, options.file.columns);
	reading.delimiter = std::string(1, opened.dialect.delimiter);
	reading.encoding = opened.encoding;
	reading.compression = name_of(opened.compression);
	reading.time_zone = options.zone_name;
	reading.blank_records = blank_records;
	return reading;
}

/// One batch after the other, all on this thread.
BatchMaker::State make_batch(CsvInput &input, BatchMaker &maker, Batch &batch)
{
	BatchMaker::State state;
	while ((state = maker.fill(batch)) == BatchMaker::State::hungry) {
		if (!input.feed(maker.stream()))
			maker.finish();
	}
	return state;
}

/// Before anything is written, so that whatever is wrong with the file so far fails it as a whole.
Result<BatchMaker::State, FileFailure> make_first_batch(CsvInput &input, BatchMaker &maker, Batch &batch)
{
	try {
		BatchMaker::State state = make_batch(input, maker, batch);
		if (batch.records() == 0)
			return tl::make_unexpected(FileFailure{"the file has a header but no data records", ""});
		return state;
	} catch (ArchiveError const &error) {
		return tl::make_unexpected(to_failure(error, input.source()));
	}
}

/// The rest of the batches, made on a second thread while this one reads bytes and writes. False where it need not go on.
bool write_while_parsing(CsvInput &input, BatchMaker &maker, BatchWriter &writer, RecordImport const &import)
{
	Sha256 *hash = input.movable_hash();
	auto const hashing = hash != nullptr ? CsvInput::Hashing::off : CsvInput::Hashing::on;
	ParseAhead ahead(maker, hash);
	auto give_bytes = [&] {
		std::size_t chunks = 0;
		for (std::span<char> room; chunks < kChunksAtOnce && !(room = ahead.room()).empty(); chunks++)
			ahead.give(input.read(room, hashing));
	};
	while (!ahead.is_over()) {
		check_for_interrupts();
		give_bytes();
		std::vector<Batch *> const batches = ahead.take();
		writer.prepare(batches);
		for (Batch *batch : batches) {
			writer.write(*batch);
			if (is_limit_passed(import))
				return false;
			ahead.give_back(batch);
			give_bytes();
		}
	}
	return true;
}

/// A file's records on their way into the tables.
class RecordPath {
public:
	RecordPath(CsvInput &input, OpenedFile const &opened, RecordImport const &import, BatchMaker &maker, bool is_pure)
		: input_(input), opened_(opened), import_(import), maker_(maker), is_pure_(is_pure)
	{
	}

	/// Before anything is written, so that whatever is wrong with the file so far fails it as a whole.
	std::optional<FileFailure> begin()
	{
		Result<BatchMaker::State, FileFailure> begun = make_first_batch(input_, maker_, *batch_);
		if (begun) {
			state_ = *begun;
			return std::nullopt;
		}
		import_.outcome.reading = tell_reading(opened_, import_.options, maker_.counts(), batch_->blank_records);
		return std::move(begun.error());
	}

	/// All records are read, and none is written.
	bool is_whole() const { return state_ == BatchMaker::State::over; }

	/// What it has written is to be taken back where it tells a failure, unless the import is a dry run. The rejects go into `spool`,
	/// where there is one.
	std::optional<FileFailure> write(RejectSpool *spool)
	{
		std::optional<JobRegistrar> jobs;
		if (import_.options.trigger_campaigns)
			jobs.emplace(import_.catalog, import_.outcome.import_id, import_.started_at);
		try {
			return write(spool, jobs ? &*jobs : nullptr);
		} catch (TooManyJobs const &) {
			return judge_jobs(import_, jobs->counts(), jobs->scheduled(), is_whole());
		}
	}

private:
	std::optional<FileFailure> write(RejectSpool *spool, JobRegistrar *jobs)
	{
		BatchWriter writer(import_.catalog, import_.outcome, opened_.utf16, import_.context, import_.journal, jobs,
						   spool, import_.options, import_.started_at);
		writer.limit_jobs(most_jobs(import_.options));
		bool is_whole = write_batches(writer);
		std::optional<FileFailure> failure = judge_rejects(import_, is_whole);
		if (failure && !import_.outcome.is_dry_run)
			return failure;
		writer.write_waiting();
		failure = judge_rejects(import_, is_whole); // duplicates among them
		if (failure && !import_.outcome.is_dry_run)
			return failure;
		writer.finish();
		if (is_whole)
			tell(writer, jobs);
		if (!failure && jobs != nullptr)
			failure = judge_jobs(import_, import_.outcome.campaigns, jobs->scheduled(), true);
		return failure;
	}

	/// False where they were not written to the last one.
	bool write_batches(BatchWriter &writer)
	{
		write(writer);
		if (state_ == BatchMaker::State::over)
			return true;
		if (is_limit_passed(import_))
			return false;
		if (is_pure_) {
			batch_.reset();
			return write_while_parsing(input_, maker_, writer, import_);
		}
		while (state_ != BatchMaker::State::over) {
			batch_->clear();
			state_ = make_batch(input_, maker_, *batch_);
			write(writer);
			if (is_limit_passed(import_))
				return state_ == BatchMaker::State::over;
		}
		return true;
	}

	void write(BatchWriter &writer)
	{
		Batch *batch = &*batch_;
		writer.prepare({&batch, 1});
		writer.write(*batch);
	}

	void tell(BatchWriter const &writer, JobRegistrar *jobs)
	{
		import_.outcome.reading = tell_reading(opened_, import_.options, maker_.counts(), writer.blank_records());
		if (jobs == nullptr)
			return;
		for (NameCount const &name : maker_.counts().names.counts()) {
			if (!jobs->has_campaign(name.name))
				import_.outcome.names_without_campaign.push_back(name);
		}
	}

	CsvInput &input_;
	OpenedFile const &opened_;
	RecordImport const &import_;
	BatchMaker &maker_;
	bool is_pure_; ///< batches are made without PostgreSQL
	std::optional<Batch> batch_{std::in_place};
	BatchMaker::State state_ = BatchMaker::State::hungry;
};

/// Those that were kept back.
void write_rejects(RejectSpool &spool, std::optional<ByteOrder> utf16, RecordImport const &import)
{
	RejectWriter rejects(import.catalog, import.outcome.import_id, utf16);
	Batch batch;
	spool.rewind();
	while (spool.read(batch)) {
		check_for_interrupts();
		rejects.write(batch);
	}
	rejects.finish();
	spool.close();
}

} // namespace

std::optional<FileFailure> import_records(CsvInput &input, OpenedFile const &opened, RecordImport const &import)
{
	ImportOptions const &options = import.options;
	MemoryReturn const give_back(input);
	TimeZone const zone = find_time_zone(options.time_zone); // a copy: an import in a trigger may ask for another one
	ValidationRules rules = make_rules(opened, options, zone);
	rules.taken_times = EventWriter::taken_times(import.catalog);
	rules.kept_origins = BatchWriter::kept_origins(options);
	rules.keeps_addresses = options.trigger_campaigns && options.is_dry_run;
	bool has_named_zones = static_cast<bool>(rules.time_layouts.zones);
	BatchMaker::Convert convert = input.converter();
	bool is_pure = !convert && !has_named_zones; // else PostgreSQL is called
	BatchMaker maker(input.take_stream(), std::move(rules), std::move(convert), random_hash_key());
	RecordPath path(input, opened, import, maker, is_pure);
	if (std::optional<FileFailure> failure = path.begin())
		return failure;
	// what is known of a small file before it is written need not be taken back
	bool is_known = path.is_whole();
	if (std::optional<FileFailure> failure = is_known ? find_repeat(input, import) : find_same_bytes(input, import))
		return failure;
	bool keeps_rejects = options.reject_limit || (options.trigger_campaigns && most_jobs(options));
	std::optional<RejectSpool> spool;
	auto write = [&] {
		std::optional<FileFailure> failure = path.write(spool ? &*spool : nullptr);
		return failure || is_known ? failure : find_repeat(input, import);
	};
	// where the failure is an ERROR, that takes everything back
	if (options.on_failure == OnFailure::raise || (!keeps_rejects && (is_known || import.guard == nullptr)))
		return write();
	if (keeps_rejects)
		spool.emplace();
	std::optional<FileFailure> failure = keep_unless_failed(write);
	if (failure)
		import.progress.go_on(input.bytes_read(), import.outcome.rows_imported, import.outcome.rows_rejected);
	if (spool && !import.outcome.is_repeat)
		write_rejects(*spool, opened.utf16, import);
	return failure;
}

} // namespace vero::pg
