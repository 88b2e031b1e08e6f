// The line of CONTEXT that errors of an import carry: where in the file it was.
#include "pg/import/import_context.hpp"

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
	last_record_ = batch.first_record + batch.records() - 1;
	last_line_ = batch.last_line;
}

void ImportContext::end_writing(Batch const &batch)
{
	first_record_ = batch.first_record + batch.records();
	last_record_ = 0;
}

void ImportContext::describe(void *context)
{
	note_passing_error();
	auto const *import = static_cast<ImportContext const *>(context);
	char const *name = import->name_.c_str();
	if (import->last_record_ > 0)
		errcontext("import of %s, records " UINT64_FORMAT " to " UINT64_FORMAT " (line " UINT64_FORMAT ")", name,
				   import->first_record_, import->last_record_, import->last_line_);
	else if (import->last_line_ > 0)
		errcontext("import of %s, behind record " UINT64_FORMAT ", line " UINT64_FORMAT, name,
				   import->first_record_ - 1, import->last_line_);
	else
		errcontext("import of %s", name);
}

} // namespace vero::pg
