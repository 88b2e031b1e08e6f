// Files that a BatchThread reads in tests, with delays at random places.
#pragma once

#include "core/intake/batch_thread.hpp"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>

namespace vero {

/// None of the tests waits so long: it is woken.
inline constexpr std::chrono::minutes kLong{1};
inline constexpr std::size_t kMaxRecordSize = std::size_t{8} * 1024 * 1024;

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

	/// A batch holds so many `records`. The bytes may be an archive.
	Reading(
		std::string bytes, std::size_t records, BeforeEach before_each = [](std::size_t) {})
		: bytes_(std::move(bytes)), before_each_(std::move(before_each)),
		  maker_(make_stream(), make_rules(),
				 [this](Record const &record) {
					 before_each_(++begun_);
					 return record;
				 },
				 HashKey{1, 2}, {.records = records, .known_contacts = 100}),
		  thread(maker_, &hash_)
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
			while (give(BatchThread::kChunkSize)) {
			}
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

	/// To be asked for when the thread has ended.
	void expect_hash_of_what_was_given() const
	{
		Sha256 given;
		given.add(std::string_view(bytes_).substr(0, given_));
		EXPECT_EQ(hash_.digest(), given.digest());
	}

private:
	RecordStream make_stream()
	{
		RecordStream stream(Dialect(), kMaxRecordSize, StreamForm());
		if (Compression const compression = compression_of(bytes_); compression != Compression::none)
			stream.decompress_with(decompressor_.emplace(compression));
		return stream;
	}

	ValidationRules make_rules() const
	{
		Header const header{
			{{"email", Role::email, ""}, {"name", Role::event_name, ""}, {"time", Role::time, ""}}, 0, 1, 2};
		return {header, {}, "", "UTF8", kMaxRecordSize, &utc_};
	}

	std::string bytes_;
	std::size_t given_ = 0;
	std::optional<Decompressor> decompressor_;
	BeforeEach before_each_;
	std::size_t begun_ = 0; ///< the thread's own
	TimeZone utc_;
	BatchMaker maker_;
	Sha256 hash_;

public:
	BatchThread thread; ///< the last member: it ends first
};

/// Every seventh is a reject. The events' names are the records' numbers.
inline std::string file_of(std::size_t records)
{
	std::string bytes;
	for (std::size_t i = 1; i <= records; ++i)
		bytes += std::string(i % 7 == 0 ? "nobody," : "person@example.com,") + std::to_string(i) + ",2022-01-01\n";
	return bytes;
}

} // namespace vero
