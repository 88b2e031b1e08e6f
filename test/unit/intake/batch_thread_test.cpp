// Checks what passes between the thread that makes batches and its owner. `make check-tsan` runs it under ThreadSanitizer too.
#include "support/batch_reading.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <semaphore>
#include <stdexcept>
#include <string>

using namespace std::string_literals;

namespace vero {
namespace {

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
		reading.thread.stop();
		reading.expect_hash_of_what_was_given();
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
	Reading reading(file_of(2) + large + file_of(2), 1);
	for (int before = 2; before > 0; --before)
		reading.thread.give_back(reading.take());
	Batch *batch = reading.take();
	ASSERT_NE(batch, nullptr);
	ASSERT_GT(batch->bytes(), BatchThread::kLargeBatch);
	while (reading.give(BatchThread::kChunkSize)) {
	}
	EXPECT_EQ(reading.thread.take(std::chrono::milliseconds(200)), nullptr) << "one was made, though another was free";
	reading.thread.give_back(batch);
	batch = reading.take();
	ASSERT_NE(batch, nullptr);
	EXPECT_EQ(batch->first_record, 4U);
}

TEST(BatchThread, TakesNoBatchAfterOthersWithWhichSlotsBeginAnew)
{
	std::string bytes;
	for (int i = 0; i < 160; ++i)
		bytes += "person" + std::to_string(i) + "@example.com,x,2022-01-01\n";
	std::binary_semaphore is_in_the_last{0};
	Reading reading(bytes, 40, [&](std::size_t number) {
		if (number == 160)
			is_in_the_last.release();
	});
	ASSERT_GE(BatchThread::kBatches, 4U);
	while (reading.give(BatchThread::kChunkSize)) {
	}
	is_in_the_last.acquire();
	reading.thread.stop(); // all four batches are made
	std::vector<std::vector<std::uint32_t>> slots;
	for (int i = 0; i < 2; ++i) {
		slots.emplace_back();
		for (Batch *batch = reading.take_now(); batch != nullptr; batch = reading.thread.take_next())
			slots.back().push_back(batch->first_new_contact);
	}
	EXPECT_EQ(slots, (std::vector<std::vector<std::uint32_t>>{{0, 40, 80}, {0}}))
		<< "more than a hundred contacts are forgotten";
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
		reading.thread.stop();
		reading.expect_hash_of_what_was_given();
	}
}

TEST(BatchThread, ThrowsAfterABatchThatNobodyTookYet)
{
	std::binary_semaphore is_thrown{0};
	Reading reading(file_of(20), 10, [&](std::size_t number) {
		if (number == 16) {
			is_thrown.release();
			throw std::runtime_error("record 16");
		}
	});
	while (reading.give(BatchThread::kChunkSize)) {
	}
	is_thrown.acquire();
	reading.thread.stop(); // by now it has ended by the error
	Batch *batch = reading.thread.take(kLong);
	ASSERT_NE(batch, nullptr);
	EXPECT_EQ(batch->first_record, 1U);
	EXPECT_THROW(reading.thread.take(kLong), std::runtime_error);
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
			if (round % 3 == 0) {
				reading.thread.stop();
				reading.expect_hash_of_what_was_given();
			}
		}
		EXPECT_LE(begun, records);
	}
}

TEST(BatchThread, EndsThoughItWaits)
{
	Reading(file_of(1), 1000); // for bytes
	Reading for_a_batch(file_of(10), 1);
	EXPECT_NE(for_a_batch.take(), for_a_batch.take());
}

TEST(BatchThread, IsOverWhenItsBatchesAreTaken)
{
	Reading reading(file_of(10), 10);
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
