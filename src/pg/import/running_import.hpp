// What is seen of an import while it runs: the line of CONTEXT that its messages carry.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/contacts/batch_file.hpp"
#include "pg/files/source.hpp"

namespace vero::pg {

/// Tells where in the file the import is, for the length of a scope: every ERROR, WARNING and NOTICE of that time gets the line of CONTEXT.
class ImportContext {
public:
	explicit ImportContext(Source const &source);
	ImportContext(ImportContext const &) = delete;
	ImportContext &operator=(ImportContext const &) = delete;
	~ImportContext();

	/// It is about the records of this batch; until end_writing().
	void begin_writing(Batch const &batch);
	/// It is about those of a batch that was passed over before.
	void begin_writing_again(BatchFile::Place const &place);
	/// From now on it is about what comes behind them.
	void end_writing();

private:
	static void describe(void *context);

	ErrorContextCallback callback_;
	std::string name_;
	std::uint64_t first_record_ = 1; ///< that is not yet written
	std::uint64_t last_record_ = 0;	 ///< of the batch that is being written; 0: none is
	std::uint64_t last_line_ = 0;	 ///< where the last record of a batch began
};

} // namespace vero::pg
