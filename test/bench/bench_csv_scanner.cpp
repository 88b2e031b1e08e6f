// How fast bytes become structural positions and records, beside counting newlines with memchr, and beside libcsv.
#include "core/csv/csv_scanner.hpp"
#include "core/csv/record_reader.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>
#ifdef VERO_HAVE_LIBCSV
#include <csv.h>
#endif

namespace {

constexpr std::size_t file_size = 100'000'000;
constexpr std::size_t chunk_size = 256 * 1024;

std::string make_file(std::string_view separator, std::string_view ends)
{
	std::string file;
	for (std::size_t i = 0; file.size() < file_size; ++i) {
		std::string_view const columns[] = {
			"@example.org", "Completes checkout", "2022-01-02 13:05:00+10:00", "yellow_shirt", "18.95", "green"};
		file += ends;
		file += "customer" + std::to_string(100'000 + i * 7919 % 900'000);
		for (std::size_t column = 0; column < 6; ++column) {
			file += column == 0 ? std::string_view() : separator;
			file += columns[column];
		}
		file += ends;
		file += '\n';
	}
	return file;
}

std::string const &file(benchmark::State const &state)
{
	static std::string const unquoted = make_file(",", "");
	static std::string const quoted = make_file("\",\"", "\"");
	return state.range(0) == 0 ? unquoted : quoted;
}

void report(benchmark::State &state, std::size_t records)
{
	state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file(state).size()));
	state.counters["records"] = static_cast<double>(records);
	state.SetLabel(state.range(0) == 0 ? "unquoted" : "quoted");
}

void count_newlines(benchmark::State &state)
{
	auto const &bytes = file(state);
	std::size_t lines = 0;
	for (auto _ : state) {
		lines = 0;
		auto const *end = bytes.data() + bytes.size();
		for (auto const *at = bytes.data(); at < end; ++lines)
			at = static_cast<char const *>(std::memchr(at, '\n', static_cast<std::size_t>(end - at))) + 1;
		benchmark::DoNotOptimize(lines);
	}
	report(state, lines);
}

void scan_with(benchmark::State &state, vero::CsvScanner::Level level)
{
	std::string_view const bytes = file(state);
	vero::CsvScanner const scanner({}, level);
	std::vector<std::uint32_t> positions(chunk_size + 64);
	for (auto _ : state) {
		for (std::size_t at = 0; at < bytes.size(); at += chunk_size) {
			auto const chunk = bytes.substr(at, chunk_size);
			benchmark::DoNotOptimize(scanner.scan(chunk.data(), chunk.size(), 0, positions.data()));
			benchmark::ClobberMemory();
		}
	}
	report(state, 0);
}

/// Copying the bytes into the window included, as read() would do.
void read_records(benchmark::State &state)
{
	std::string_view const bytes = file(state);
	std::size_t records = 0, cells = 0;
	for (auto _ : state) {
		vero::RecordReader reader({}, 1'048'576);
		records = 0;
		auto const take = [&] {
			for (vero::Record record; reader.next(record); ++records)
				cells += record.cells.size();
		};
		for (std::size_t at = 0; at < bytes.size(); at += chunk_size) {
			reader.feed(bytes.substr(at, chunk_size));
			take();
		}
		reader.finish();
		take();
		benchmark::DoNotOptimize(cells);
	}
	report(state, records);
}

#ifdef VERO_HAVE_LIBCSV
void read_with_libcsv(benchmark::State &state)
{
	struct Counts {
		std::size_t records = 0, cells = 0;
	};
	std::string_view const bytes = file(state);
	Counts counts;
	for (auto _ : state) {
		counts = {};
		csv_parser parser;
		csv_init(&parser, 0);
		for (std::size_t at = 0; at < bytes.size(); at += chunk_size) {
			auto const chunk = bytes.substr(at, chunk_size);
			csv_parse(
				&parser, chunk.data(), chunk.size(),
				[](void *, std::size_t, void *to) { ++static_cast<Counts *>(to)->cells; },
				[](int, void *to) { ++static_cast<Counts *>(to)->records; }, &counts);
		}
		csv_free(&parser);
		benchmark::DoNotOptimize(counts);
	}
	report(state, counts.records);
}
#endif

} // namespace

BENCHMARK(count_newlines)->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(scan_with, plain, vero::CsvScanner::Level::plain)->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(scan_with, sse2, vero::CsvScanner::Level::sse2)->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(scan_with, avx2, vero::CsvScanner::Level::avx2)->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(scan_with, avx512, vero::CsvScanner::Level::avx512)->Arg(0)->Arg(1);
BENCHMARK(read_records)->Arg(0)->Arg(1);
#ifdef VERO_HAVE_LIBCSV
BENCHMARK(read_with_libcsv)->Arg(0)->Arg(1);
#endif
