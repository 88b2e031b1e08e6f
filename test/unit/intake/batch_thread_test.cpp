// Checks what passes between the thread that makes batches and its owner. `make check-tsan` runs it under ThreadSanitizer too.
#include "core/intake/batch_thread.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace std::string_literals;

namespace vero {
namespace {

/// None of the tests waits so long: it is woken.
constexpr std::chrono::minutes kLong{1};
constexpr std::size_t kMaxRecordSize = std::size_t{8} * 1024 * 1024;

/// Lets other threads run now and then, where it is called.
class Delays {
public:
	/// Others in each round of `make check-tsan`, else the same each time.
	explicit Delays(unsigned seed)
		: random_(1000U * static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()) + seed)
	{
	}

	void pass()
	{
		for (auto times = random_() % 4; times > 0; --times)
			std::this_thread::yield();
	}
	std::size_t up_to(std::size_t most) { return random_() % (most + 1); }

private:
	std::mt19937 random_;
};

/// A file with a thread that makes batches of it; `before_each` is called there, before each record is judged, with its number.
class Reading {
public:
	using BeforeEach = std::function<void(std::size_t)>;

	/// A batch holds so many `records`.
	Reading(std::string bytes, std::size_t records, BeforeEach before_each)
		: bytes_(std::move(bytes)), before_each_(std::move(before_each)),
		  maker_(RecordStream(Dialect(), kMaxRecordSize, StreamForm()), make_rules(),
				 [this](Record const &record) {
					 before_each_(++begun_);
					 return record;
				 },
				 HashKey{1, 2}, {.records = records, .known_contacts = 100}),
		  thread(maker_)
	{
	}

	/// Gives at most `most` bytes, if there is room for any; at the end of the file: says so. False if there is no room.
	bool give(std::size_t most)
	{
		std::span<char> const room = thread.room();
		if (room.empty())
			return false;
		auto const size = std::min({most, room.size(), bytes_.size() - given_});
		std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(given_), size, room.begin());
		thread.give(size);
		given_ += size;
		return true;
	}

	/// The next batch, all bytes given as they are needed; null at the end.
	Batch *take()
	{
		while (!thread.is_over()) {
			while (give(BatchThread::kChunkSize))
				;
			if (Batch *batch = take_now())
				return batch;
		}
		return nullptr;
	}

	/// The next batch; null where bytes are needed first, or at the end.
	Batch *take_now()
	{
		Batch *batch = thread.take(kLong);
		EXPECT_TRUE(batch != nullptr || !thread.room().empty() || thread.is_over()) << "nobody woke the owner";
		return batch;
	}

private:
	ValidationRules make_rules() const
	{
		Header const header{
			{{"email", Role::email, ""}, {"name", Role::event_name, ""}, {"time", Role::time, ""}}, 0, 1, 2};
		return {header, {}, "", "UTF8", kMaxRecordSize, &utc_};
	}

	std::string bytes_;
	std::size_t given_ = 0;
	BeforeEach before_each_;
	std::size_t begun_ = 0; ///< the thread's own
	TimeZone utc_;
	BatchMaker maker_;

public:
	BatchThread thread; ///< the last member: it ends first
};

void do_nothing(std::size_t) {}

/// Every seventh is a reject. The events' names are the records' numbers.
std::string file_of(std::size_t records)
{
	std::string bytes;
	for (std::size_t i = 1; i <= records; ++i)
		bytes += (i % 7 == 0 ? "nobody"s : "person@example.com"s) + "," + std::to_string(i) + ",2022-01-01\n";
	return bytes;
}

/// Fails the test where a record of the batch is not the next one.
void expect_next(Batch const &batch, std::size_t &next)
{
	EXPECT_EQ(batch.first_record, next);
	auto reject = batch.rejects.begin();
	auto event = batch.events.begin();
	for (std::size_t left = batch.records(); left > 0; --left, ++next) {
		if (next % 7 == 0) {
			ASSERT_NE(reject, batch.rejects.end());
			EXPECT_EQ((reject++)->record_number, next);
		} else {
			ASSERT_NE(event, batch.events.end());
			EXPECT_EQ((event++)->name.view(), std::to_string(next));
		}
	}
}

} // namespace

TEST(BatchThread, LosesNothingAndKeepsTheOrder)
{
	constexpr std::size_t records = 500;
	for (unsigned round = 0; round < 30; ++round) {
		Delays makers(2 * round), owners(2 * round + 1);
		Reading reading(file_of(records), 1 + round % 20, [&](std::size_t) { makers.pass(); });
		std::size_t next = 1;
		while (!reading.thread.is_over()) {
			while (reading.give(1 + owners.up_to(200)))
				owners.pass();
			if (Batch *batch = reading.take_now()) {
				owners.pass();
				expect_next(*batch, next);
				reading.thread.give_back(batch);
			}
			owners.pass();
		}
		EXPECT_EQ(next, records + 1);
	}
}

TEST(BatchThread, HasNoMoreBatchesThanItMay)
{
	constexpr std::size_t records = 300;
	for (unsigned round = 0; round < 20; ++round) {
		Delays makers(2 * round), owners(2 * round + 1);
		std::atomic<std::size_t> given_back = 0; // relaxed: it must not order what the thread's own lock does not
		std::size_t most = 0;
		{
			Reading reading(file_of(records), 1, [&](std::size_t number) {
				most = std::max(most, number - given_back.load(std::memory_order_relaxed));
				makers.pass();
			});
			while (Batch *batch = reading.take()) {
				owners.pass();
				given_back.fetch_add(1, std::memory_order_relaxed);
				reading.thread.give_back(batch);
			}
		}
		EXPECT_LE(most, BatchThread::kBatches);
	}
}

TEST(BatchThread, MakesNoBatchBesideALargeOne)
{
	std::string const large = "," + std::string(BatchThread::kLargeBatch, 'x') + ",2022-01-01\n";
	std::atomic<std::size_t> given_back = 0;
	std::vector<std::size_t> unreturned; // when a record was begun
	{
		Reading reading(file_of(2) + large + file_of(2), 1,
						[&](std::size_t number) { unreturned.push_back(number - 1 - given_back.load()); });
		while (Batch *batch = reading.take()) {
			given_back++;
			reading.thread.give_back(batch);
		}
	}
	ASSERT_EQ(unreturned.size(), 5U);
	EXPECT_EQ(unreturned[3], 0U) << "the one after it was begun when all others were given back";
}

TEST(BatchThread, TakesNoMoreBytesThanItHasRoomFor)
{
	std::binary_semaphore is_begun{0}, may_go_on{0};
	Reading reading(file_of(100), 1000, [&](std::size_t number) {
		if (number == 1) {
			is_begun.release();
			may_go_on.acquire();
		}
	});
	ASSERT_TRUE(reading.give(100));
	is_begun.acquire();
	// the thread has taken the first chunk, and looks at no other for now
	for (std::size_t i = 0; i < BatchThread::kChunks; ++i)
		EXPECT_TRUE(reading.give(1));
	EXPECT_FALSE(reading.give(1));
	EXPECT_EQ(reading.thread.take(std::chrono::milliseconds(0)), nullptr) << "nothing happens within its patience";
	may_go_on.release();
	Batch *batch = reading.take();
	ASSERT_NE(batch, nullptr);
	EXPECT_EQ(batch->records(), 100U);
}

TEST(BatchThread, ThrowsWhatTheMakerThrewAfterTheBatchesBefore)
{
	for (unsigned round = 0; round < 20; ++round) {
		Delays makers(2 * round), owners(2 * round + 1);
		Reading reading(file_of(100), 10, [&](std::size_t number) {
			makers.pass();
			if (number == 46)
				throw std::runtime_error("record 46");
		});
		std::size_t next = 1;
		try {
			while (Batch *batch = reading.take()) {
				owners.pass();
				expect_next(*batch, next);
				reading.thread.give_back(batch);
			}
			ADD_FAILURE() << "nothing was thrown";
		} catch (std::runtime_error const &thrown) {
			EXPECT_EQ(thrown.what(), "record 46"s);
		}
		EXPECT_EQ(next, 41U) << "the batches that were finished have come, and nothing of the one in hand";
		EXPECT_FALSE(reading.thread.is_over()) << "it never came to the end";
		EXPECT_THROW(reading.take(), std::runtime_error) << "and is thrown again";
	}
}

TEST(BatchThread, EndsWhenItsOwnerLeaves)
{
	constexpr std::size_t records = 200;
	for (unsigned round = 0; round < 60; ++round) {
		Delays makers(2 * round), owners(2 * round + 1);
		std::size_t begun = 0; // not atomic: the owner reads it when the thread has been joined
		{
			Reading reading(file_of(records), 5, [&](std::size_t number) {
				begun = number;
				makers.pass();
			});
			for (auto batches = owners.up_to(20); batches > 0; --batches) {
				Batch *batch = reading.take();
				ASSERT_NE(batch, nullptr);
				reading.thread.give_back(batch);
			}
			// it waits for bytes, for a batch, or is at work
			owners.pass();
			if (round % 2 == 0)
				reading.give(100);
			if (round % 3 == 0)
				reading.thread.stop();
		}
		EXPECT_LE(begun, records);
	}
}

TEST(BatchThread, EndsThoughItWaits)
{
	{
		Reading const for_bytes(file_of(1), 1000, do_nothing);
	}
	Reading for_a_batch(file_of(10), 1, do_nothing);
	EXPECT_NE(for_a_batch.take(), for_a_batch.take());
}

TEST(BatchThread, IsOverWhenItsBatchesAreTaken)
{
	Reading reading(file_of(10), 10, do_nothing);
	EXPECT_FALSE(reading.thread.is_over());
	Batch *batch = reading.take();
	ASSERT_NE(batch, nullptr);
	EXPECT_EQ(batch->records(), 10U);
	reading.thread.give_back(batch);
	// the batch was full before the end was seen, which an empty one tells
	batch = reading.take();
	ASSERT_NE(batch, nullptr);
	EXPECT_EQ(batch->records(), 0U);
	EXPECT_EQ(reading.take(), nullptr);
	EXPECT_TRUE(reading.thread.is_over());
	EXPECT_TRUE(reading.thread.room().empty()) << "it wants no bytes after the end";
}

} // namespace vero
