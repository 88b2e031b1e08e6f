// Fills batches: reading and judging, one record after the other.
#include "core/intake/batch_maker.hpp"

#include <utility>

namespace vero {

BatchMaker::BatchMaker(RecordStream stream, ValidationRules rules, Convert convert, HashKey const &key,
					   BatchLimits const &limits)
	: stream_(std::move(stream)), validator_(std::move(rules), key), convert_(std::move(convert)), limits_(limits),
	  contacts_(key, limits.contact_slots())
{
}

void BatchMaker::finish()
{
	stream_.finish();
	is_finished_ = true;
}

void BatchMaker::begin(Batch &batch)
{
	// forgotten and looked up again, so that memory stays flat
	if (contacts_.size() > limits_.known_contacts)
		contacts_.clear();
	batch.first_new_contact = contacts_.size();
	batch.first_record = records_ + 1;
}

BatchMaker::State BatchMaker::end(Batch &batch, State state)
{
	batch.order_contacts();
	return state;
}

BatchMaker::State BatchMaker::fill(Batch &batch)
{
	if (batch.records() == 0)
		begin(batch);
	Record record;
	while (stream_.next(record)) {
		if (convert_)
			record = convert_(record);
		if (!validator_.judge(record, records_ + 1, contacts_, batch))
			continue;
		records_++;
		batch.last_line = record.line_number;
		if (batch.records() >= limits_.records || batch.bytes() >= limits_.bytes)
			return end(batch, State::full);
	}
	return is_finished_ ? end(batch, State::over) : State::hungry;
}

} // namespace vero
