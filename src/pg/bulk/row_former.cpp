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

} // namespace

void RowFormer::open(TupleDesc shape, std::span<AttrNumber const> columns)
{
	shape_ = shape;
	columns_.assign(columns.begin(), columns.end());
	for (std::size_t i = 0; i < columns.size(); i++)
		(TupleDescAttr(shape_, columns[i] - 1)->attbyval ? plain_ : referring_).push_back(i);
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
	for (int number = 1; number <= shape_->natts; number++) {
		Form_pg_attribute attribute = TupleDescAttr(shape_, number - 1);
		if (nulls_[number - 1])
			continue;
		at = att_align_pointer(at, attribute->attalign, attribute->attlen, data + at);
		for (std::size_t i = 0; i < plain_.size(); i++) {
			if (columns_[plain_[i]] == number)
				places_[i] = at;
		}
		at = att_addlength_pointer(at, attribute->attlen, data + at);
	}
	has_places_ = true;
}

HeapTuple RowFormer::form(Datum const *values, char const *nulls)
{
	HeapTuple tuple;
	if (is_like_last(values, nulls)) {
		if (!has_places_)
			find_places();
		tuple = heap_copytuple(last_);
		char *data = reinterpret_cast<char *>(tuple->t_data) + tuple->t_data->t_hoff;
		for (std::size_t i = 0; i < plain_.size(); i++) {
			if (places_[i] != kNowhere) {
				std::size_t column = plain_[i];
				store_att_byval(data + places_[i], values[column], TupleDescAttr(shape_, columns_[column] - 1)->attlen);
			}
		}
	} else {
		for (std::size_t i = 0; i < columns_.size(); i++) {
			values_[columns_[i] - 1] = values[i];
			nulls_[columns_[i] - 1] = nulls[i] == 'n';
		}
		tuple = heap_form_tuple(shape_, values_.data(), nulls_.get());
		has_places_ = false;
	}
	last_ = tuple;
	last_values_ = values;
	last_nulls_ = nulls;
	return tuple;
}

} // namespace vero::pg
