// Checks the cutting of a file into batches, and that events find their contacts although the map of addresses is forgotten.
#include "core/intake/batch_maker.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

using namespace std::string_literals;

namespace vero {
namespace {

/// What Contacts does with a batch: addresses by slot.
class PlainContacts {
public:
	void resolve(Batch const &batch)
	{
		std::vector<std::string_view> ordered, expected;
		for (auto const place : batch.contacts_in_order)
			ordered.push_back(batch.new_contacts.at(place).view());
		for (auto const &email : batch.new_contacts)
			expected.push_back(email.view());
		std::sort(expected.begin(), expected.end());
		EXPECT_EQ(ordered, expected);
		is_forgotten_ = batch.first_new_contact == 0;
		emails_.resize(batch.first_new_contact);
		for (auto const &email : batch.new_contacts)
			emails_.emplace_back(email.view());
	}
	std::string const &email(std::uint32_t slot) const { return emails_.at(slot); }
	std::size_t size() const { return emails_.size(); }
	bool is_forgotten() const { return is_forgotten_; }

private:
	std::vector<std::string> emails_;
	bool is_forgotten_ = false;
};

/// A file that is read batch by batch; `emails` are those of its records, in order.
class Reading {
public:
	Reading(std::vector<std::string> emails, BatchLimits const &limits)
		: emails_(std::move(emails)), maker_(make_stream(), make_rules(), {}, HashKey{1, 2}, limits)
	{
		for (auto const &email : emails_)
			maker_.stream().feed(email + ",n,2022-01-01\n");
		maker_.finish();
	}

	/// False at the end. Fails the test where an event does not have its record's address.
	bool read(Batch &batch)
	{
		batch.clear();
		auto const state = maker_.fill(batch);
		contacts.resolve(batch);
		for (auto const &event : batch.events) {
			while (emails_.at(next_).find('@') == std::string::npos)
				next_++;
			EXPECT_EQ(contacts.email(event.contact), emails_.at(next_)) << "record " << next_ + 1;
			next_++;
		}
		records += batch.records();
		return state != BatchMaker::State::over;
	}

	PlainContacts contacts;
	std::size_t records = 0;

private:
	static RecordStream make_stream() { return {Dialect(), 1000, StreamForm()}; }
	ValidationRules make_rules() const
	{
		Header const header{
			{{"email", Role::email, ""}, {"name", Role::event_name, ""}, {"time", Role::time, ""}}, 0, 1, 2};
		return {header, {}, "", "UTF8", 1000, &utc_};
	}

	std::vector<std::string> emails_;
	TimeZone utc_;
	BatchMaker maker_;
	std::size_t next_ = 0;
};

std::string email(std::size_t number)
{
	return "person" + std::to_string(number) + "@example.com";
}

std::vector<std::string> distinct_emails(std::size_t count)
{
	std::vector<std::string> emails;
	for (std::size_t i = 0; i < count; ++i)
		emails.push_back(email(i));
	return emails;
}

} // namespace

TEST(BatchMaker, FindsContactsThatItHasForgotten)
{
	std::mt19937 random(1);
	for (std::size_t const records : {1, 4, 7})
		for (std::uint32_t const known : {0, 1, 10, 50}) {
			std::vector<std::string> emails;
			for (int i = 0; i < 1000; ++i)
				emails.push_back(random() % 10 == 0 ? "nobody" : email(random() % 60));
			BatchLimits const limits{.records = records, .known_contacts = known};
			Reading reading(emails, limits);
			Batch batch;
			for (bool goes_on = true; goes_on;) {
				goes_on = reading.read(batch);
				ASSERT_LE(batch.records(), records);
				ASSERT_LE(reading.contacts.size(), limits.contact_slots());
			}
			EXPECT_EQ(reading.records, emails.size());
		}
}

TEST(BatchMaker, ForgetsNoContactBeforeItMust)
{
	constexpr BatchLimits limits{.records = 10, .known_contacts = 100};
	static_assert(limits.contact_slots() == 110);
	for (std::size_t const count : {100, 101, 110, 111}) {
		Reading reading(distinct_emails(count), limits);
		Batch batch;
		for (std::size_t begin = 0; begin < count; begin += 10) {
			reading.read(batch);
			// 100 are known when the eleventh batch begins, which is no more than may be; it adds ten
			EXPECT_EQ(reading.contacts.is_forgotten(), begin == 0 || begin == 110) << count << ", " << begin;
		}
		EXPECT_EQ(reading.records, count);
	}
}

TEST(BatchMaker, FillsABatchWithSoManyRecords)
{
	for (std::size_t const count : {9, 10, 11, 20}) {
		Reading reading(distinct_emails(count), {.records = 10});
		Batch batch;
		EXPECT_EQ(reading.read(batch), count >= 10) << count;
		EXPECT_EQ(batch.records(), std::min<std::size_t>(count, 10));
		EXPECT_EQ(batch.first_record, 1U);
		if (count > 10) {
			EXPECT_EQ(reading.read(batch), count == 20);
			EXPECT_EQ(batch.records(), count - 10);
			EXPECT_EQ(batch.first_record, 11U);
		}
	}
}

TEST(BatchMaker, FillsABatchWithSoManyBytes)
{
	Batch one;
	Reading(distinct_emails(1), {}).read(one);
	for (std::size_t const less : {0, 1}) {
		Reading reading(distinct_emails(2), {.bytes = one.bytes() + 1 - less});
		Batch batch;
		EXPECT_TRUE(reading.read(batch));
		EXPECT_EQ(batch.records(), 2U - less) << "the record that fills it is its last";
	}
}

} // namespace vero
