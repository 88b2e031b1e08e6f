// Rows on their way to another server, as one value.
//
// The frame of RFC 8878 (zstd) holds: a Head, a ColumnHead for each column, and the rows. A row is a word whose bits say which columns are null, and the values
// of the others: 8 bytes, or a varlena with its length word, filled up to 8.
#include "pg/nodes/row_batch.hpp"

#include "pg/base/boundary.hpp"

#include <zstd.h>

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kMostColumns = 64; // the bits of a word
constexpr int kLevel = 1;
constexpr std::uint32_t kMark = 0x56524f57; // in the order of the server's own bytes

struct Head {
	std::uint32_t mark;
	std::uint32_t encoding;
	std::uint32_t rows;
	std::uint32_t columns;
};
static_assert(sizeof(Head) % kWord == 0);

struct ColumnHead {
	Oid type;
	char name[NAMEDATALEN - sizeof(Oid)];
};
static_assert(sizeof(ColumnHead) % kWord == 0);

template <class Plain> void append(std::string &bytes, Plain const &plain)
{
	bytes.append(reinterpret_cast<char const *>(&plain), sizeof plain);
}

std::size_t filled_up(std::size_t size)
{
	return (size + kWord - 1) / kWord * kWord;
}

Report damaged(char const *what)
{
	return Report{ERRCODE_INVALID_BINARY_REPRESENTATION, std::string("invalid batch of rows: ") + what, "",
				  "It is made by an import on the coordinator of a Citus cluster, whose nodes have the same version of "
				  "vero_events."};
}

bool is_by_value(Oid type)
{
	return call([type] {
		std::int16_t length;
		bool by_value;
		char alignment;
		get_typlenbyvalalign(type, &length, &by_value, &alignment);
		Assert(by_value ? length == sizeof(Datum) : length == -1);
		return by_value;
	});
}

/// Takes what is there, and nothing beyond.
class Reader {
public:
	explicit Reader(std::span<std::uint64_t const> words) : rest_(words) {}

	bool is_at_end() const { return rest_.empty(); }

	char const *take(std::size_t size)
	{
		std::size_t words = filled_up(size) / kWord;
		if (words > rest_.size())
			throw damaged("it ends too early");
		auto const *start = reinterpret_cast<char const *>(rest_.data());
		rest_ = rest_.subspan(words);
		return start;
	}

	template <class Plain> Plain const &take() { return *reinterpret_cast<Plain const *>(take(sizeof(Plain))); }

	Datum take_varlena()
	{
		if (rest_.empty())
			throw damaged("it ends too early");
		auto const *start = reinterpret_cast<char const *>(rest_.data());
		if (!VARATT_IS_4B_U(start) || VARSIZE_4B(start) < VARHDRSZ)
			throw damaged("a value has no length");
		return PointerGetDatum(take(VARSIZE_4B(start)));
	}

private:
	std::span<std::uint64_t const> rest_;
};

/// In words, for values want to be aligned.
std::pair<std::unique_ptr<std::uint64_t[]>, std::size_t> decompress(std::string_view compressed)
{
	unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
	if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size % kWord != 0 || size > MaxAllocSize)
		throw damaged("its size is unknown");
	auto words = std::make_unique_for_overwrite<std::uint64_t[]>(size / kWord);
	if (ZSTD_decompress(words.get(), size, compressed.data(), compressed.size()) != size)
		throw damaged("it cannot be decompressed");
	return {std::move(words), size / kWord};
}

} // namespace

RowBatch::RowBatch(OwnTable const &own, std::span<char const *const> columns)
	: columns_(columns.size()), head_(sizeof(Head) + sizeof(ColumnHead) * columns.size())
{
	Assert(columns_ <= kMostColumns);
	append(bytes_,
		   Head{kMark, static_cast<std::uint32_t>(GetDatabaseEncoding()), 0, static_cast<std::uint32_t>(columns_)});
	for (char const *name : columns) {
		ColumnHead head{own.find_column(name)->type, {}};
		strlcpy(head.name, name, sizeof head.name);
		append(bytes_, head);
		by_value_.push_back(is_by_value(head.type));
	}
}

void RowBatch::add_varlena(Datum value)
{
	auto *given = reinterpret_cast<struct varlena *>(DatumGetPointer(value));
	struct varlena *plain = VARATT_IS_EXTENDED(given) ? call([given] { return pg_detoast_datum(given); }) : given;
	bytes_.append(reinterpret_cast<char const *>(plain), VARSIZE(plain));
	bytes_.resize(filled_up(bytes_.size()));
}

void RowBatch::add(Datum const *values, char const *nulls)
{
	std::uint64_t null_columns = 0;
	for (std::size_t i = 0; i < columns_; i++)
		null_columns |= std::uint64_t{nulls[i] == 'n'} << i;
	append(bytes_, null_columns);
	for (std::size_t i = 0; i < columns_; i++) {
		if (nulls[i] == 'n')
			continue;
		if (by_value_[i]) {
			append(bytes_, values[i]);
		} else {
			add_varlena(values[i]);
		}
	}
	count_++;
}

std::string RowBatch::compressed()
{
	reinterpret_cast<Head *>(bytes_.data())->rows = count_;
	std::string compressed(ZSTD_compressBound(bytes_.size()), '\0');
	std::size_t size = ZSTD_compress(compressed.data(), compressed.size(), bytes_.data(), bytes_.size(), kLevel);
	if (ZSTD_isError(size) != 0)
		throw Report{ERRCODE_OUT_OF_MEMORY, "out of memory", std::string(ZSTD_getErrorName(size)), ""};
	compressed.resize(size);
	return compressed;
}

void RowBatch::clear()
{
	bytes_.resize(head_);
	count_ = 0;
}

ReceivedRows read_row_batch(std::string_view compressed, OwnTable const &own)
{
	ReceivedRows received;
	std::size_t words;
	std::tie(received.bytes, words) = decompress(compressed);
	Reader reader({received.bytes.get(), words});
	auto const &head = reader.take<Head>();
	if (head.mark != kMark || head.columns > kMostColumns)
		throw damaged("it does not begin as one");
	if (head.encoding != static_cast<std::uint32_t>(GetDatabaseEncoding()))
		throw damaged("the databases have different encodings");
	std::vector<bool> by_value;
	for (std::size_t i = 0; i < head.columns; i++) {
		auto const &given = reader.take<ColumnHead>();
		OwnColumn const *column = std::find(std::begin(given.name), std::end(given.name), '\0') != std::end(given.name)
									  ? own.find_column(given.name)
									  : nullptr;
		if (column == nullptr || column->type != given.type)
			throw damaged("it has other columns than the table");
		received.columns.push_back(column->name);
		by_value.push_back(is_by_value(given.type));
	}
	std::vector<Datum> values(head.columns);
	std::vector<char> nulls(head.columns);
	while (received.rows.count < head.rows) {
		auto null_columns = reader.take<std::uint64_t>();
		for (std::size_t i = 0; i < head.columns; i++) {
			bool is_null = (null_columns >> i & 1) != 0;
			nulls[i] = is_null ? 'n' : ' ';
			values[i] = is_null ? Datum{0} : by_value[i] ? reader.take<Datum>() : reader.take_varlena();
		}
		received.rows.add(values, nulls);
	}
	if (!reader.is_at_end())
		throw damaged("more follows");
	return received;
}

} // namespace vero::pg
