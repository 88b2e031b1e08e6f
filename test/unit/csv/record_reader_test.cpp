// Every rule of how bytes become records, by hand and against the plain reader.
#include "support/plain_record_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

using namespace std::string_literals;
using namespace std::string_view_literals;
using namespace vero::test;
using vero::Dialect;
using vero::Record;
using vero::RecordFault;
using vero::RecordReader;

namespace {

constexpr std::size_t no_limit = 1'000'000;
constexpr Dialect backslash()
{
	return {',', '"', '\\', {}};
}

/// Reads with all sizes of chunks, which must make no difference, and as the plain reader does.
std::vector<PlainRecord> read(std::string_view input, std::size_t limit = no_limit, Dialect const &dialect = {})
{
	auto const records = read_in_chunks(dialect, limit, input, input.size() + 1);
	for (std::size_t size = 1; size <= input.size(); ++size)
		EXPECT_EQ(read_in_chunks(dialect, limit, input, size), records) << "chunks of " << size;
	EXPECT_EQ(read_plainly(dialect, limit, input), records);
	return records;
}

/// The cells of each record: content, with what is special about it in front.
std::vector<std::vector<std::string>> cells(std::vector<PlainRecord> const &records)
{
	std::vector<std::vector<std::string>> result;
	for (auto const &record : records) {
		auto &row = result.emplace_back();
		for (std::size_t i = 0; i < record.cells.size(); ++i) {
			auto const &cell = record.cells[i];
			row.push_back((cell.quoted ? "Q:" : "") + ((cell.escaped ? "E:" : "") + record.content(i)));
			if (cell.malformed)
				row.back().insert(0, "M:");
		}
	}
	return result;
}

using Rows = std::vector<std::vector<std::string>>;

std::vector<std::string> raws(std::vector<PlainRecord> const &records)
{
	std::vector<std::string> result;
	for (auto const &record : records)
		result.push_back(record.raw);
	return result;
}

using Raws = std::vector<std::string>;

std::vector<RecordFault> faults(std::vector<PlainRecord> const &records)
{
	std::vector<RecordFault> result;
	for (auto const &record : records)
		result.push_back(record.fault);
	return result;
}

using Faults = std::vector<RecordFault>;
constexpr auto none = RecordFault::none;
constexpr auto unterminated = RecordFault::unterminated_quote;
constexpr auto too_long = RecordFault::too_long;

} // namespace

TEST(RecordReader, splits_lines_and_cells)
{
	auto const records = read("a,b\nc,,d\n");
	EXPECT_EQ(cells(records), (Rows{{"a", "b"}, {"c", "", "d"}}));
	EXPECT_EQ(raws(records), (Raws{"a,b", "c,,d"}));
}

TEST(RecordReader, reads_nothing_from_nothing)
{
	EXPECT_TRUE(read("").empty());
}

TEST(RecordReader, takes_lf_crlf_and_cr_as_line_ends)
{
	auto const records = read("a\nb\r\nc\rd\r\r\ne");
	EXPECT_EQ(raws(records), (Raws{"a", "b", "c", "d", "e"}));
	EXPECT_EQ(records[3].line_number, 4U);
	EXPECT_EQ(records[4].line_number, 6U);
}

TEST(RecordReader, counts_a_last_line_without_line_end)
{
	EXPECT_EQ(cells(read("a\nb,")), (Rows{{"a"}, {"b", ""}}));
	EXPECT_EQ(cells(read("\"a\"")), (Rows{{"Q:a"}}));
}

TEST(RecordReader, skips_blank_lines_but_counts_them)
{
	auto const records = read("\n \t\r\na\n\r  \n\nb\n  ");
	EXPECT_EQ(raws(records), (Raws{"a", "b"}));
	EXPECT_EQ(records[0].line_number, 3U);
	EXPECT_EQ(records[0].byte_offset, 5U);
	EXPECT_EQ(records[1].line_number, 7U);
	EXPECT_EQ(records[1].byte_offset, 12U);
}

TEST(RecordReader, keeps_lines_of_delimiters_quotes_or_nul)
{
	EXPECT_EQ(cells(read(" , \n\"\"\n\0\n"s)), (Rows{{"", ""}, {"Q:"}, {"\0"s}}));
}

TEST(RecordReader, trims_unquoted_cells)
{
	EXPECT_EQ(cells(read(" a b\t,\t c , \n")), (Rows{{"a b", "c", ""}}));
}

TEST(RecordReader, keeps_white_space_in_quotes)
{
	EXPECT_EQ(cells(read("\" a \",\"\t\"\n")), (Rows{{"Q: a ", "Q:\t"}}));
}

TEST(RecordReader, allows_blanks_round_quotes)
{
	EXPECT_EQ(cells(read(" \"a\" ,\t\"b\"\t\r\n \"c\" ")), (Rows{{"Q:a", "Q:b"}, {"Q:c"}}));
}

TEST(RecordReader, tells_a_quoted_empty_cell_from_an_empty_one)
{
	EXPECT_EQ(cells(read("\"\",\n")), (Rows{{"Q:", ""}}));
}

TEST(RecordReader, takes_quotes_inside_an_unquoted_cell_literally)
{
	EXPECT_EQ(cells(read("a\"b,6\" x 4\",c\"\n")), (Rows{{"a\"b", "6\" x 4\"", "c\""}}));
}

TEST(RecordReader, ignores_delimiters_and_line_ends_in_quotes)
{
	auto const records = read("\"a,b\",\"c\nd\r\ne\rf\"\ng\n");
	EXPECT_EQ(cells(records), (Rows{{"Q:a,b", "Q:c\nd\r\ne\rf"}, {"g"}}));
	EXPECT_EQ(records[0].line_number, 1U);
	EXPECT_EQ(records[1].line_number, 5U);
	EXPECT_EQ(records[1].byte_offset, 17U);
}

TEST(RecordReader, reads_doubled_quotes)
{
	EXPECT_EQ(cells(read("\"a\"\"b\",\"\"\"\",\"\"\"c\"\n")), (Rows{{"Q:E:a\"\"b", "Q:E:\"\"", "Q:E:\"\"c"}}));
}

TEST(RecordReader, reads_another_escape)
{
	EXPECT_EQ(cells(read(R"("a\"b","c\\","d\e")"
						 "\n",
						 no_limit, backslash())),
			  (Rows{{R"(Q:E:a\"b)", R"(Q:E:c\\)", R"(Q:d\e)"}}));
}

TEST(RecordReader, takes_the_escape_outside_quotes_literally)
{
	EXPECT_EQ(cells(read("\\\"a\\,b\\\n", no_limit, backslash())), (Rows{{"\\\"a\\", "b\\"}}));
}

TEST(RecordReader, does_not_double_quotes_where_the_escape_is_another)
{
	EXPECT_EQ(cells(read("\"a\"\"b\",c\n", no_limit, backslash())), (Rows{{"M:\"a\"\"b\"", "c"}}));
}

TEST(RecordReader, reads_other_delimiters_and_quotes)
{
	EXPECT_EQ(cells(read("a;'b;c';\"d,e\"\n", no_limit, {';', '\'', '\'', {}})), (Rows{{"a", "Q:b;c", "\"d,e\""}}));
}

TEST(RecordReader, does_not_trim_its_delimiter)
{
	Dialect const tabs{'\t', '"', '"', {}};
	EXPECT_EQ(cells(read(" a\t\tb\n\t\n  \n", no_limit, tabs)), (Rows{{"a", "", "b"}, {"", ""}}));
}

TEST(RecordReader, marks_text_behind_a_closing_quote)
{
	EXPECT_EQ(cells(read("\"a\" b ,c\n")), (Rows{{"M:\"a\" b", "c"}}));
	EXPECT_EQ(cells(read(" \"a\"b\"c,\"d\n\"\n")), (Rows{{"M:\"a\"b\"c", "Q:d\n"}}));
	EXPECT_EQ(cells(read("\"a\"\"b\"c\"\"")), (Rows{{"M:\"a\"\"b\"c\"\""}}));
}

TEST(RecordReader, sees_nul)
{
	auto const records = read("a\n\0b\n\"\0\"\n\"\"\0\nc"s);
	ASSERT_EQ(records.size(), 5U);
	EXPECT_FALSE(records[0].has_nul);
	EXPECT_TRUE(records[1].has_nul);
	EXPECT_TRUE(records[2].has_nul);
	EXPECT_TRUE(records[3].has_nul);
	EXPECT_FALSE(records[4].has_nul);
	EXPECT_EQ(cells(records)[3], Raws{"M:\"\"\0"s});
}

TEST(RecordReader, a_quote_never_closed_costs_one_line)
{
	auto const records = read("a,b,\"c,d\r\ne,f\ng");
	EXPECT_EQ(raws(records), (Raws{"a,b,\"c,d", "e,f", "g"}));
	EXPECT_EQ(faults(records), (Faults{unterminated, none, none}));
	EXPECT_EQ(cells(records)[0], (Raws{"a", "b"}));
	EXPECT_EQ(records[1].line_number, 2U);
	EXPECT_EQ(records[1].byte_offset, 10U);
}

TEST(RecordReader, a_quote_never_closed_in_the_last_line_costs_it)
{
	auto const records = read("a,\"b");
	EXPECT_EQ(faults(records), Faults{unterminated});
	EXPECT_EQ(cells(records), Rows{{"a"}});
	EXPECT_EQ(raws(records), Raws{"a,\"b"});
	EXPECT_EQ(faults(read("\"a\n\"\"")), (Faults{unterminated, none}));
	EXPECT_EQ(faults(read("\"a\\", no_limit, backslash())), Faults{unterminated});
}

TEST(RecordReader, a_quote_closed_by_a_later_record_costs_one_line)
{
	auto const records = read("a,\"b\nc,\"d\",e\nf,g\n");
	EXPECT_EQ(raws(records), (Raws{"a,\"b", "c,\"d\",e", "f,g"}));
	EXPECT_EQ(faults(records), (Faults{unterminated, none, none}));
	EXPECT_EQ(cells(records), (Rows{{"a"}, {"c", "Q:d", "e"}, {"f", "g"}}));
}

TEST(RecordReader, faults_carry_the_cells_before_the_quote_that_spans_lines)
{
	// It is the second quoted cell of the record that breaks, but the first that spans lines.
	auto const records = read("a,\"b\nc\",\"d\"e\n");
	EXPECT_EQ(faults(records), (Faults{unterminated, none}));
	EXPECT_EQ(cells(records), (Rows{{"a"}, {"c\"", "M:\"d\"e"}}));
}

TEST(RecordReader, a_fault_sees_nul_in_its_line_only)
{
	auto const records = read("\"a\n\0\n"s);
	EXPECT_EQ(faults(records), (Faults{unterminated, none}));
	EXPECT_FALSE(records[0].has_nul);
	EXPECT_TRUE(records[1].has_nul);
}

TEST(RecordReader, a_record_of_the_limit_is_whole)
{
	EXPECT_EQ(faults(read("abcd\r\nab,d\n\"ab\"\nabcd", 4)), (Faults{none, none, none, none}));
	EXPECT_EQ(faults(read("\"\n\"\r\n", 3)), Faults{none});
}

TEST(RecordReader, a_longer_line_is_cut)
{
	auto const records = read("a,bcde,f\r\ng\n\"hij\",k", 4);
	EXPECT_EQ(raws(records), (Raws{"a,bc", "g", "\"hij"}));
	EXPECT_EQ(faults(records), (Faults{too_long, none, too_long}));
	EXPECT_EQ(records[0].length, 8U);
	EXPECT_EQ(records[2].length, 7U);
	EXPECT_TRUE(records[0].cells.empty());
	EXPECT_EQ(records[1].line_number, 2U);
	EXPECT_EQ(records[1].byte_offset, 10U);
}

TEST(RecordReader, a_longer_blank_line_is_too_long)
{
	EXPECT_EQ(faults(read("    \n     \na", 4)), (Faults{too_long, none}));
}

TEST(RecordReader, a_line_is_cut_between_characters)
{
	EXPECT_EQ(read("a\u00e9b\n", 2)[0].raw, "a");
	EXPECT_EQ(read("a\u00e9b\n", 3)[0].raw, "a\u00e9");
	EXPECT_EQ(read("\U0001F600\n", 3)[0].raw, "");
	EXPECT_EQ(read("aa\U0001F600\n", 5)[0].raw, "aa");
}

TEST(RecordReader, a_line_that_is_no_utf8_is_cut_at_the_limit)
{
	EXPECT_EQ(read("\xf0\x80\x80\x80\x80\n", 4)[0].raw, "\xf0\x80\x80\x80");
	EXPECT_EQ(read("ab\x80\x80\n", 3)[0].raw, "ab\x80");
	EXPECT_EQ(read("\x80\x80\n", 1)[0].raw, "\x80");
}

TEST(RecordReader, a_line_that_is_cut_knows_the_nul_that_is_left)
{
	auto const records = read("a\0bc\nabc\0\n"s, 3);
	EXPECT_TRUE(records[0].has_nul);
	EXPECT_FALSE(records[1].has_nul);
}

TEST(RecordReader, a_quote_open_at_the_limit_costs_one_line)
{
	auto const records = read("a,\"b\nc\n\"\n", 7);
	EXPECT_EQ(raws(records), (Raws{"a,\"b", "c", "\""}));
	EXPECT_EQ(faults(records), (Faults{unterminated, none, unterminated}));
	EXPECT_EQ(faults(read("a,\"b\nc\n\"\n", 8)), Faults{none});
}

TEST(RecordReader, a_record_past_its_quotes_at_the_limit_is_too_long_and_costs_one_line)
{
	auto const records = read("\"b\nc\",def\ng\n", 7);
	EXPECT_EQ(raws(records), (Raws{"\"b", "c\",def", "g"}));
	EXPECT_EQ(faults(records), (Faults{too_long, none, none}));
	EXPECT_EQ(records[0].length, 2U);
	EXPECT_TRUE(records[0].cells.empty());
}

TEST(RecordReader, text_behind_a_closing_quote_counts_up_to_the_limit)
{
	EXPECT_EQ(faults(read("\"a\nb\"c\n", 6)), (Faults{unterminated, none}));
	EXPECT_EQ(faults(read("\"a\nb\"c\n", 5)), (Faults{too_long, none}));
	EXPECT_EQ(faults(read("\"a\nb\"c\n", 4)), (Faults{unterminated, none}));
}

TEST(RecordReader, a_doubled_quote_across_the_limit_is_inside_quotes)
{
	EXPECT_EQ(faults(read("\"a\nb\"\"\n", 5))[0], unterminated);
	EXPECT_EQ(faults(read("\"a\nb\" \n", 5))[0], too_long);
	EXPECT_EQ(faults(read("\"ab\n\"\n", 3))[0], unterminated);
	EXPECT_EQ(faults(read("\"ab\r\n\"\n", 3))[0], unterminated);
}

TEST(RecordReader, goes_on_exactly_behind_faults)
{
	auto const records = read("aaaaaa\r\n\"b\r\nc\rdd,\"\n\n\"e\"f\"\n\"", 5);
	EXPECT_EQ(raws(records), (Raws{"aaaaa", "\"b", "c", "dd,\"", "\"e\"f\"", "\""}));
	std::vector<std::uint64_t> lines, offsets;
	for (auto const &record : records) {
		lines.push_back(record.line_number);
		offsets.push_back(record.byte_offset);
	}
	EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 2, 3, 4, 6, 7}));
	EXPECT_EQ(offsets, (std::vector<std::uint64_t>{0, 8, 12, 14, 20, 26}));
}

TEST(RecordReader, hands_out_a_record_as_soon_as_its_line_ends)
{
	RecordReader reader({}, no_limit);
	Record record;
	reader.feed("a\nb\r");
	EXPECT_TRUE(reader.next(record));
	EXPECT_FALSE(reader.next(record));
	reader.feed("c");
	EXPECT_TRUE(reader.next(record));
	EXPECT_EQ(record.raw, "b");
	EXPECT_FALSE(reader.next(record));
	reader.finish();
	EXPECT_TRUE(reader.next(record));
	EXPECT_EQ(record.raw, "c");
	EXPECT_FALSE(reader.next(record));
	EXPECT_FALSE(reader.next(record));
}

TEST(RecordReader, takes_bytes_where_it_lends_room)
{
	RecordReader reader({}, no_limit);
	auto const room = reader.prepare(100);
	EXPECT_EQ(room.size(), 100U);
	std::copy_n("a,b\n", 4, room.begin());
	reader.commit(4);
	Record record;
	ASSERT_TRUE(reader.next(record));
	EXPECT_EQ(record.raw, "a,b");
	EXPECT_EQ(record.content(record.cells[1]), "b");
}

namespace {

std::string random_input(std::mt19937 &random)
{
	static constexpr std::string_view alphabets[] = {"a,\"\n\r \t\0\\;\xc3\xa9"sv, "a,\"\"\n"sv, "a,,\"\"\"\n\n "sv,
													 "\"\n\\a,\r"sv, "aaaaaaa,\"\n"sv};
	auto const alphabet = alphabets[random() % std::size(alphabets)];
	std::string input(random() % (random() % 10 == 0 ? 2000 : 60), '\0');
	for (auto &c : input)
		c = alphabet[random() % alphabet.size()];
	return input;
}

Dialect random_dialect(std::mt19937 &random)
{
	return {",;\t,,"[random() % 5], "\"\"\" "[random() % 4], "\"\\\"a " [random() % 5], {}};
}

} // namespace

TEST(RecordReader, counts_cells_behind_those_that_it_notes)
{
	auto const records = read_in_chunks(
		{}, no_limit, "a,b\na,b,c\n,,,\n\"a\"x,\"b\"y,\"c\"z\n,,\"d\"z,\"e\"z,\"f\n,,,\"d\"z,\n", 100, 2);
	ASSERT_EQ(records.size(), 6U);
	std::uint64_t const more[] = {0, 1, 2, 1, 2, 3};
	std::uint64_t const malformed[] = {0, 0, 0, 3, 3, 4};
	for (std::size_t i = 0; i < records.size(); ++i) {
		EXPECT_EQ(records[i].cells.size(), 2U) << i;
		EXPECT_EQ(records[i].more_cells, more[i]) << i;
		EXPECT_EQ(records[i].malformed_cell, malformed[i]) << i;
	}
	EXPECT_EQ(records[4].fault, unterminated);
}

TEST(RecordReader, notes_as_many_cells_as_a_file_may_have_columns)
{
	for (std::size_t const count : {vero::kMaxColumns - 1, vero::kMaxColumns, vero::kMaxColumns + 1, 500'000UL}) {
		auto const records = read_in_chunks({}, no_limit, std::string(count - 1, ',') + "\n", 100'000);
		ASSERT_EQ(records.size(), 1U);
		EXPECT_EQ(records[0].cells.size(), std::min(count, vero::kMaxColumns));
		EXPECT_EQ(records[0].more_cells, count - records[0].cells.size());
	}
}

TEST(RecordReader, reads_random_bytes_as_the_plain_reader)
{
	std::mt19937 random(1);
	for (int round = 0; round < 100'000; ++round) {
		auto const input = random_input(random);
		auto const dialect = random_dialect(random);
		auto const limit = random() % 8 == 0 ? no_limit : 1 + random() % 40;
		auto const most = 1 + random() % 50;
		auto const chunk_size = [&] { return 1 + random() % most; };
		auto const max_cells = random() % 2 == 0 ? vero::kMaxColumns : 1 + random() % 20;
		ASSERT_EQ(read_in_chunks(dialect, limit, input, chunk_size, max_cells),
				  read_plainly(dialect, limit, input, max_cells))
			<< "round " << round << " limit " << limit;
	}
}

TEST(RecordReader, splits_of_random_bytes_make_no_difference)
{
	std::mt19937 random(2);
	for (int round = 0; round < 2'000; ++round)
		read(random_input(random).substr(0, 40), 1 + random() % 40, random_dialect(random));
}

// The following take minutes where a line's cost grows with the limit.

namespace {

std::size_t count_records(std::string_view input, std::size_t limit, RecordFault fault)
{
	RecordReader reader({}, limit);
	std::size_t count = 0;
	auto const take = [&] {
		for (Record record; reader.next(record);)
			count += record.fault == fault ? 1 : 0;
	};
	for (std::size_t at = 0; at < input.size(); at += 65'536) {
		reader.feed(input.substr(at, 65'536));
		take();
	}
	reader.finish();
	take();
	return count;
}

std::string repeated(std::string_view text, std::size_t size)
{
	std::string result;
	while (result.size() < size)
		result += text;
	return result;
}

} // namespace

TEST(RecordReader, takes_linear_time_on_records_that_never_close)
{
	auto const input = repeated("A\",\"C\n", 2'000'000);
	EXPECT_EQ(count_records(input, 1'000'000, unterminated), 333'334U);
	auto const opened = repeated("\"A\",\"C\",\"\n", 2'000'000) + "\"\n";
	EXPECT_GT(count_records(opened, 1'000'000, unterminated), 0U);
	EXPECT_EQ(count_records(repeated("a,\"\n\n", 2'000'000), 1'000'000, unterminated), 0U);
	EXPECT_EQ(count_records(repeated("\"\",\"C\n", 2'000'000), 1'000'000, unterminated), 333'334U);
}

TEST(RecordReader, takes_linear_time_on_records_that_break_late)
{
	auto const input = repeated("A\",\"C\n", 600'000).append(300'000, ',') + "\"z\n";
	EXPECT_EQ(count_records(input, 1'000'000, unterminated), 100'001U);
}

TEST(RecordReader, takes_linear_time_on_records_that_close_late)
{
	// The memo leads all lines near the end to the same place, where the last of them completes.
	auto const input = repeated("A\",\"C\n", 1'200'000) + "\"\nlast\n";
	EXPECT_EQ(count_records(input, 1'000'000, none), 2U);
}

TEST(RecordReader, takes_linear_time_on_long_cells_behind_quotes)
{
	auto const lines = repeated("A\",\"C\n", 1'800'000);
	auto const quotes = lines + "\",x" + std::string(3'600'000, '"') + "\n";
	EXPECT_EQ(count_records(quotes, 3'000'000, too_long), 300'001U);
	auto const blanks = lines + "\"" + std::string(3'600'000, ' ') + "\n";
	EXPECT_EQ(count_records(blanks, 3'000'000, too_long), 300'001U);
	auto const delimiters = lines + "\"" + std::string(3'600'000, ',') + "\n";
	EXPECT_EQ(count_records(delimiters, 3'000'000, too_long), 300'001U);
	auto const doubled = lines + std::string(3'600'000, '"') + "\n";
	EXPECT_EQ(count_records(doubled, 3'000'000, unterminated), 300'000U);
}

TEST(RecordReader, keeps_no_more_than_the_limit_and_a_chunk)
{
	constexpr std::size_t limit = 10'000, chunk = 1'000;
	RecordReader reader({}, limit);
	auto const consume = [&](char c) {
		auto const room = reader.prepare(chunk);
		std::fill(room.begin(), room.end(), c);
		reader.commit(chunk);
		for (Record record; reader.next(record);) {
		}
		return room.data();
	};
	std::vector<char const *> places;
	for (auto const c : "x\"\n\"y,\n"s) {
		for (int i = 0; i < 100; ++i)
			places.push_back(consume(c));
	}
	// The first stretch of 100 chunks made the window as large as it will ever be.
	auto const [first, last] = std::minmax_element(places.begin() + 100, places.end());
	EXPECT_LE(*last - *first, static_cast<std::ptrdiff_t>(2 * limit + 2 * chunk));
}

TEST(RecordReader, skips_lines_whatever_stands_in_them)
{
	auto const input = "a \"title\r\n\r\"of\"\nemail,\"time\n\"\nx"s + std::string(30, 'y') + "\nz\n";
	std::vector<std::size_t> const line_ends{10, 11, 16, 28, 30, 62, 64, 64};
	for (std::size_t lines = 0; lines <= line_ends.size(); ++lines) {
		auto const begin = lines == 0 ? 0 : line_ends[lines - 1];
		auto expected = read_plainly({}, 20, std::string_view(input).substr(begin));
		for (auto &record : expected) {
			record.line_number += lines;
			record.byte_offset += begin;
		}
		for (std::size_t size = 1; size <= input.size(); ++size) {
			RecordReader reader({}, 20);
			reader.skip_lines(lines);
			std::vector<std::tuple<std::uint64_t, std::uint64_t, std::string>> found, wanted;
			for (auto const &record : expected)
				wanted.emplace_back(record.line_number, record.byte_offset, record.raw);
			auto const take_records = [&] {
				for (Record record; reader.next(record);)
					found.emplace_back(record.line_number, record.byte_offset, record.raw);
			};
			for (std::size_t at = 0; at < input.size(); at += size) {
				reader.feed(std::string_view(input).substr(at, size));
				take_records();
			}
			reader.finish();
			take_records();
			EXPECT_EQ(found, wanted) << lines << " lines, chunks of " << size;
		}
	}
}

TEST(RecordReader, opens_quotes_behind_a_mark_that_begins_a_record)
{
	EXPECT_EQ(cells(read("a,b\n\xEF\xBB\xBF\"c,\n\",d\n")), (Rows{{"a", "b"}, {"Q:c,\n", "d"}}));
	EXPECT_EQ(cells(read("\xEF\xBB\xBF \"c\"\n")), (Rows{{"\xEF\xBB\xBF \"c\""}}));
	EXPECT_EQ(cells(read("a,\xEF\xBB\xBF\"c\"\n")), (Rows{{"a", "\xEF\xBB\xBF\"c\""}}));
	EXPECT_EQ(cells(read("\xEF\xBB\xBE\"c\"\n")), (Rows{{"\xEF\xBB\xBE\"c\""}}));
}
