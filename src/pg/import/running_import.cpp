// What is seen of an import while it runs: the line of CONTEXT that its messages carry.
#include "pg/import/running_import.hpp"

#include "pg/journal/rollback.hpp"

namespace vero::pg {

ImportContext::ImportContext(Source const &source)
	: callback_{error_context_stack, describe, this}, name_(source.name())
{
	error_context_stack = &callback_;
}

ImportContext::~ImportContext()
{
	error_context_stack = callback_.previous;
}

void ImportContext::begin_writing(Batch const &batch)
{
	begin_writing_again({batch.first_record, batch.records(), batch.last_line});
}

void ImportContext::begin_writing_again(BatchFile::Place const &place)
{
	first_record_ = place.first_record;
	last_record_ = place.first_record + place.records - 1;
	last_line_ = place.last_line;
}

void ImportContext::end_writing()
{
	first_record_ = last_record_ + 1;
	last_record_ = 0;
}

void ImportContext::describe(void *context)
{
	note_passing_error();
	auto const *import = static_cast<ImportContext const *>(context);
	char const *name = import->name_.c_str();
	if (import->last_record_ > 0) {
		errcontext("import of %s, records " UINT64_FORMAT " to " UINT64_FORMAT " (line " UINT64_FORMAT ")", name,
				   import->first_record_, import->last_record_, import->last_line_);
	} else if (import->last_line_ > 0) {
		errcontext("import of %s, behind record " UINT64_FORMAT ", line " UINT64_FORMAT, name,
				   import->first_record_ - 1, import->last_line_);
	} else {
		errcontext("import of %s", name);
	}
}

} // namespace vero::pg
