// Makes tuples of rows.
#include "pg/bulk/row_former.hpp"

#include <cstring>
#include <limits>

extern "C" {
#include "access/htup_details.h"
#include "access/tupmacs.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

std::size_t alignment_of(char code)
{
	return code == TYPALIGN_CHAR	? 1
		   : code == TYPALIGN_SHORT ? alignof(std::int16_t)
		   : code == TYPALIGN_INT	? alignof(std::int32_t)
									: alignof(std::int64_t);
}

/// What a tuple has, its data behind `data_size` bytes of header.
HeapTuple make_tuple(char *memory, std::size_t header_size, std::size_t size, TupleDesc shape)
{
	auto *tuple = reinterpret_cast<HeapTuple>(memory);
	auto *header = reinterpret_cast<HeapTupleHeader>(memory + HEAPTUPLESIZE);
	tuple->t_len = static_cast<std::uint32_t>(size);
	ItemPointerSetInvalid(&tuple->t_self);
	tuple->t_tableOid = InvalidOid;
	tuple->t_data = header;
	std::memset(static_cast<void *>(header), 0, header_size);
	HeapTupleHeaderSetDatumLength(header, static_cast<std::uint32_t>(size));
	HeapTupleHeaderSetTypeId(header, shape->tdtypeid);
	HeapTupleHeaderSetTypMod(header, shape->tdtypmod);
	ItemPointerSetInvalid(&header->t_ctid);
	HeapTupleHeaderSetNatts(header, shape->natts);
	header->t_hoff = static_cast<std::uint8_t>(header_size);
	return tuple;
}

} // namespace

char *TupleMemory::take(std::size_t size)
{
	size = MAXALIGN(size);
	std::size_t const from = taken_;
	taken_ += size;
	return taken_ <= size_ ? piece_ + from : static_cast<char *>(palloc(size));
}

void TupleMemory::forget()
{
	if (std::size_t const wanted = std::min(std::exchange(taken_, 0), kMost); wanted > size_) {
		if (piece_ != nullptr)
			pfree(piece_);
		size_ = 0;
		piece_ = static_cast<char *>(MemoryContextAlloc(context_, wanted));
		size_ = wanted;
	}
}

void RowFormer::open(TupleDesc shape, std::span<AttrNumber const> columns)
{
	shape_ = shape;
	columns_.assign(columns.begin(), columns.end());
	for (std::size_t i = 0; i < columns.size(); i++) {
		Form_pg_attribute attribute = TupleDescAttr(shape_, columns[i] - 1);
		(attribute->attbyval ? plain_ : referring_).push_back(i);
		bool const is_varlena = attribute->attlen == -1;
		are_plain_ = are_plain_ && (attribute->attbyval || is_varlena);
		fields_.push_back({i, columns[i], is_varlena ? 0 : static_cast<std::size_t>(attribute->attlen),
						   alignment_of(attribute->attalign), attribute->attstorage != TYPSTORAGE_PLAIN});
	}
	std::sort(fields_.begin(), fields_.end(), [](Field const &a, Field const &b) { return a.number < b.number; });
	places_.resize(plain_.size());
	values_.resize(shape_->natts);
	nulls_ = std::make_unique<bool[]>(shape_->natts);
	std::fill_n(nulls_.get(), shape_->natts, true);
}

bool RowFormer::is_like_last(Datum const *values, char const *nulls) const
{
	return last_ != nullptr &&
		   std::all_of(referring_.begin(), referring_.end(),
					   [&](std::size_t i) { return values[i] == last_values_[i]; }) &&
		   std::memcmp(nulls, last_nulls_, columns_.size()) == 0;
}

/// As heap_deform_tuple() finds them.
void RowFormer::find_places()
{
	char const *data = reinterpret_cast<char const *>(last_->t_data) + last_->t_data->t_hoff;
	std::fill(places_.begin(), places_.end(), kNowhere);
	std::size_t at = 0;
	for (Field const &field : fields_) {
		if (last_nulls_[field.place] == 'n')
			continue;
		Form_pg_attribute attribute = TupleDescAttr(shape_, field.number - 1);
		at = att_align_pointer(at, attribute->attalign, attribute->attlen, data + at);
		for (std::size_t i = 0; i < plain_.size(); i++) {
			if (plain_[i] == field.place)
				places_[i] = at;
		}
		at = att_addlength_pointer(at, attribute->attlen, data + at);
	}
	has_places_ = true;
}

HeapTuple RowFormer::form_like_last(Datum const *values, TupleMemory &memory)
{
	if (!has_places_)
		find_places();
	std::size_t const size = HEAPTUPLESIZE + last_->t_len;
	char *copy = memory.take(size);
	std::memcpy(copy, last_, HEAPTUPLESIZE);
	std::memcpy(copy + HEAPTUPLESIZE, last_->t_data, last_->t_len);
	auto *tuple = reinterpret_cast<HeapTuple>(copy);
	tuple->t_data = reinterpret_cast<HeapTupleHeader>(copy + HEAPTUPLESIZE);
	char *data = copy + HEAPTUPLESIZE + tuple->t_data->t_hoff;
	for (std::size_t i = 0; i < plain_.size(); i++) {
		if (places_[i] != kNowhere) {
			std::size_t column = plain_[i];
			store_att_byval(data + places_[i], values[column], TupleDescAttr(shape_, columns_[column] - 1)->attlen);
		}
	}
	return tuple;
}

/// Says how large the row's data will be, and whether it has nulls; false where a value is not plain.
bool RowFormer::measure(Datum const *values, char const *nulls)
{
	size_ = 0;
	has_nulls_ = fields_.size() < static_cast<std::size_t>(shape_->natts);
	for (Field const &field : fields_) {
		if (nulls[field.place] == 'n') {
			has_nulls_ = true;
		} else if (field.size > 0) {
			size_ = TYPEALIGN(field.alignment, size_) + field.size;
		} else {
			auto *value = DatumGetPointer(values[field.place]);
			if (!VARATT_IS_4B_U(value))
				return false;
			bool const is_short = field.may_be_short && VARATT_CAN_MAKE_SHORT(value);
			size_ = is_short ? size_ + VARATT_CONVERTED_SHORT_SIZE(value)
							 : TYPEALIGN(field.alignment, size_) + VARSIZE(value);
		}
	}
	return true;
}

/// Of a row that was measured.
HeapTuple RowFormer::form_anew(Datum const *values, char const *nulls, TupleMemory &memory) const
{
	std::size_t const header_size =
		MAXALIGN(SizeofHeapTupleHeader + (has_nulls_ ? BITMAPLEN(shape_->natts) : std::size_t{0}));
	std::size_t const size = header_size + size_;
	HeapTuple tuple = make_tuple(memory.take(HEAPTUPLESIZE + size), header_size, size, shape_);
	HeapTupleHeader header = tuple->t_data;
	header->t_infomask = has_nulls_ ? HEAP_HASNULL : 0;
	char *data = reinterpret_cast<char *>(header) + header_size;
	std::size_t at = 0;
	auto align = [&](std::size_t alignment) {
		std::size_t const aligned = TYPEALIGN(alignment, at);
		std::memset(data + at, 0, aligned - at);
		at = aligned;
	};
	for (Field const &field : fields_) {
		if (nulls[field.place] == 'n')
			continue;
		if (has_nulls_)
			header->t_bits[(field.number - 1) / 8] |= 1U << ((field.number - 1) % 8);
		if (field.size > 0) {
			align(field.alignment);
			store_att_byval(data + at, values[field.place], static_cast<int>(field.size));
			at += field.size;
			continue;
		}
		header->t_infomask |= HEAP_HASVARWIDTH;
		auto *value = DatumGetPointer(values[field.place]);
		std::size_t const content = VARSIZE(value) - VARHDRSZ;
		if (field.may_be_short && VARATT_CAN_MAKE_SHORT(value)) {
			SET_VARSIZE_SHORT(data + at, content + VARHDRSZ_SHORT);
			std::memcpy(data + at + VARHDRSZ_SHORT, VARDATA(value), content);
			at += content + VARHDRSZ_SHORT;
		} else {
			align(field.alignment);
			std::memcpy(data + at, value, content + VARHDRSZ);
			at += content + VARHDRSZ;
		}
	}
	return tuple;
}

HeapTuple RowFormer::leave_to_postgres(Datum const *values, char const *nulls)
{
	for (std::size_t i = 0; i < columns_.size(); i++) {
		values_[columns_[i] - 1] = values[i];
		nulls_[columns_[i] - 1] = nulls[i] == 'n';
	}
	return heap_form_tuple(shape_, values_.data(), nulls_.get());
}

HeapTuple RowFormer::form(Datum const *values, char const *nulls, TupleMemory &memory)
{
	if (is_like_last(values, nulls)) {
		last_ = form_like_last(values, memory);
	} else {
		bool const is_plain = are_plain_ && measure(values, nulls);
		last_ = is_plain ? form_anew(values, nulls, memory) : leave_to_postgres(values, nulls);
		has_places_ = false;
	}
	last_values_ = values;
	last_nulls_ = nulls;
	return last_;
}

} // namespace vero::pg
