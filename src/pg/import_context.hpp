// The line of CONTEXT that errors of an import carry: where in the file it was.
#pragma once

#include "pg/source.hpp"

namespace vero::pg {

/// Tells for the length of a scope. Every ERROR, WARNING and NOTICE of that time gets the line.
class ImportContext {
public:
	explicit ImportContext(Source const &source);
	ImportContext(ImportContext const &) = delete;
	ImportContext &operator=(ImportContext const &) = delete;
	~ImportContext();

	/// The record in hand.
	void note(std::int64_t record_number, std::uint64_t line_number)
	{
		record_number_ = record_number;
		line_number_ = line_number;
	}
	/// From here on it is about all records since the last end_writing().
	void begin_writing() { is_writing_ = true; }
	void end_writing();

private:
	static void describe(void *context);

	ErrorContextCallback callback_;
	std::string name_;
	std::int64_t record_number_ = 0;
	std::uint64_t line_number_ = 0;
	std::int64_t written_records_ = 0;
	bool is_writing_ = false;
};

} // namespace vero::pg
