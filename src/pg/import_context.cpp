// The line of CONTEXT that errors of an import carry: where in the file it was.
#include "pg/import_context.hpp"

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

void ImportContext::end_writing()
{
	is_writing_ = false;
	written_records_ = record_number_;
}

void ImportContext::describe(void *context)
{
	auto const *import = static_cast<ImportContext const *>(context);
	char const *name = import->name_.c_str();
	if (import->record_number_ == 0)
		errcontext("import of %s", name);
	else if (import->is_writing_)
		errcontext("import of %s, records " INT64_FORMAT " to " INT64_FORMAT " (line " UINT64_FORMAT ")", name,
				   import->written_records_ + 1, import->record_number_, import->line_number_);
	else
		errcontext("import of %s, record " INT64_FORMAT ", line " UINT64_FORMAT, name, import->record_number_,
				   import->line_number_);
}

} // namespace vero::pg
