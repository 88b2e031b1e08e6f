// Checks that archives are read on the thread that makes batches. `make check-tsan` runs it under ThreadSanitizer too.
#include "support/archives.hpp"
#include "support/batch_reading.hpp"

namespace vero {
namespace {

constexpr std::size_t kRecords = 10'000; // several pieces of text

std::size_t read_all(Reading &reading)
{
	std::size_t records = 0;
	while (Batch *batch = reading.take()) {
		EXPECT_EQ(batch->first_record, records + 1);
		records += batch->records();
		reading.thread.give_back(batch);
	}
	return records;
}

} // namespace

TEST(ArchiveThread, ReadsWhatIsInAnArchive)
{
	for (std::string const &archive : {test::to_gzip(file_of(kRecords)), test::to_zstd(file_of(kRecords))}) {
		Reading reading(archive, 1000);
		EXPECT_EQ(read_all(reading), kRecords);
	}
}

TEST(ArchiveThread, ThrowsWhereTheArchiveIsCutOff)
{
	for (std::string const &archive : {test::to_gzip(file_of(kRecords)), test::to_zstd(file_of(kRecords))}) {
		Reading reading(archive.substr(0, archive.size() - 1), 1000);
		EXPECT_THROW(read_all(reading), ArchiveError);
	}
}

TEST(ArchiveThread, IsStoppedAmongBlankLines)
{
	std::string archive = test::to_zstd(file_of(1));
	std::string const lines = test::to_zstd(std::string(10'000'000, '\n'));
	for (int i = 0; i < 100; ++i)
		archive += lines;
	Reading reading(archive + "what is no archive", 1000);
	while (reading.give(BatchThread::kChunkSize)) {
	}
	reading.thread.stop();
	// had it come to the end, it would throw
	EXPECT_EQ(reading.thread.take(std::chrono::milliseconds(0)), nullptr);
}

} // namespace vero
