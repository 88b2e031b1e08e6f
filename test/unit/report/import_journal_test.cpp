// Checks that the journal of imports gives back what was written, and stops where it is damaged.
#include "core/report/import_journal.hpp"

#include <gtest/gtest.h>
#include <string>

using namespace std::string_literals;

namespace vero {
namespace {

JournalEntry full_entry(std::string run_id)
{
	JournalEntry entry;
	entry.run_id = std::move(run_id);
	entry.transaction_id = 0x1234567890ABCDEFU;
	entry.options = R"({"delimiter": ";"})";
	entry.notify = {"a@b.co"};
	entry.recipients = {"a@b.co", ""};
	entry.imported_by_oid = 16384;
	entry.parent_import = -7;
	ImportOutcome &outcome = entry.outcome;
	outcome.import_id = INT64_MIN;
	outcome.rows_read = 12;
	outcome.rows_rejected = 5;
	outcome.source = "\0\xff/tmp/\n.csv"s;
	outcome.is_dry_run = true;
	outcome.triggers_campaigns = true;
	outcome.error = "stopped";
	outcome.started_at_us = -1;
	outcome.finished_at_us = INT64_MAX;
	outcome.imported_by = "me";
	outcome.database = "here";
	outcome.options = {"delimiter"};
	outcome.retried_import = 5;
	outcome.is_utf16 = true;
	outcome.compression = Compression::zstd;
	outcome.reject_kinds = {{7, "not a time", "never", ""}};
	entry.time_zone = "Europe/Berlin";
	outcome.first_rejects = {{3, "no email", "\"\xf0"}, {5, "", ""}};
	return entry;
}

void expect_equal(JournalEntry const &entry, JournalEntry const &expected)
{
	// the bytes hold every field that the journal keeps
	EXPECT_EQ(to_journal_frame(entry), to_journal_frame(expected));
}

TEST(ImportJournal, GivesBackWhatWasWritten)
{
	for (JournalEntry const &entry : {full_entry("1"), JournalEntry()}) {
		Journal const journal = read_journal(to_journal_frame(entry));
		EXPECT_TRUE(journal.is_whole);
		ASSERT_EQ(journal.entries.size(), 1U);
		expect_equal(journal.entries[0], entry);
	}
	Journal const journal = read_journal(to_journal_frame(full_entry("1")));
	JournalEntry const &entry = journal.entries[0];
	EXPECT_EQ(entry.state, JournalState::running);
	EXPECT_EQ(entry.run_id, "1");
	EXPECT_EQ(entry.transaction_id, 0x1234567890ABCDEFU);
	EXPECT_EQ(entry.recipients, (std::vector<std::string>{"a@b.co", ""}));
	EXPECT_EQ(entry.imported_by_oid, 16384U);
	EXPECT_EQ(entry.parent_import, -7);
	EXPECT_EQ(entry.outcome.import_id, INT64_MIN);
	EXPECT_EQ(entry.outcome.rows_read, 12);
	EXPECT_EQ(entry.outcome.rows_rejected, 5);
	EXPECT_EQ(entry.outcome.source, "\0\xff/tmp/\n.csv"s);
	EXPECT_TRUE(entry.outcome.is_dry_run);
	EXPECT_EQ(entry.outcome.retried_import, 5);
	EXPECT_TRUE(entry.outcome.is_utf16);
	EXPECT_EQ(entry.outcome.compression, Compression::zstd);
	EXPECT_EQ(entry.time_zone, "Europe/Berlin");
	ASSERT_EQ(entry.outcome.reject_kinds.size(), 1U);
	EXPECT_EQ(entry.outcome.reject_kinds[0].count, 7);
	EXPECT_EQ(entry.outcome.reject_kinds[0].example, "never");
	EXPECT_EQ(entry.outcome.finished_at_us, INT64_MAX);
	ASSERT_EQ(entry.outcome.first_rejects.size(), 2U);
	EXPECT_EQ(entry.outcome.first_rejects[0].line_number, 3);
	EXPECT_EQ(entry.outcome.first_rejects[0].raw, "\"\xf0");
}

TEST(ImportJournal, KeepsTheLastWordOfEachRun)
{
	JournalEntry one = full_entry("1"), two = full_entry("2");
	std::string bytes = to_journal_frame(one) + to_journal_frame(two);
	one.state = JournalState::failed;
	one.outcome.error = "canceled";
	bytes += to_journal_frame(one);
	two.state = JournalState::withdrawn;
	bytes += to_journal_frame(two);
	Journal const journal = read_journal(bytes);
	EXPECT_TRUE(journal.is_whole);
	ASSERT_EQ(journal.entries.size(), 2U);
	expect_equal(journal.entries[0], one);
	expect_equal(journal.entries[1], two);
}

TEST(ImportJournal, IsWholeWhereItIsEmpty)
{
	Journal const journal = read_journal("");
	EXPECT_TRUE(journal.is_whole);
	EXPECT_TRUE(journal.entries.empty());
}

TEST(ImportJournal, TakesZerosForNothing)
{
	std::string const zeros(100, '\0');
	EXPECT_TRUE(read_journal(zeros).is_whole);
	Journal const journal = read_journal(to_journal_frame(full_entry("1")) + zeros);
	EXPECT_TRUE(journal.is_whole);
	EXPECT_EQ(journal.entries.size(), 1U);
	EXPECT_FALSE(read_journal(zeros + "x").is_whole);
}

TEST(ImportJournal, StopsWhereItIsCutOff)
{
	std::string const first = to_journal_frame(full_entry("1")), second = to_journal_frame(full_entry("2"));
	for (std::size_t size = 1; size < second.size(); ++size) {
		Journal const journal = read_journal(first + second.substr(0, size));
		EXPECT_FALSE(journal.is_whole) << size;
		ASSERT_EQ(journal.entries.size(), 1U) << size;
		expect_equal(journal.entries[0], full_entry("1"));
	}
}

TEST(ImportJournal, StopsAtDamage)
{
	std::string const first = to_journal_frame(full_entry("1")), second = to_journal_frame(full_entry("2"));
	for (std::size_t i = 0; i < second.size(); ++i) {
		std::string bytes = first + second;
		bytes[first.size() + i] ^= 0x10;
		Journal const journal = read_journal(bytes);
		EXPECT_FALSE(journal.is_whole) << i;
		ASSERT_EQ(journal.entries.size(), 1U) << i;
		expect_equal(journal.entries[0], full_entry("1"));
	}
}

} // namespace
} // namespace vero
