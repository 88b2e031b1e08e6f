// Turns a record of another encoding into UTF-8, with PostgreSQL's conversions.
#pragma once

#include "core/csv/dialect.hpp"
#include "core/csv/record.hpp"
#include "core/csv/record_reader.hpp"
#include "pg/base/postgres.hpp"

namespace vero::pg {

/// For encodings in which every byte that matters to CSV stands for itself, so that records can be cut before they are converted.
class Transcoder {
public:
	/// `encoding` is one of PostgreSQL's, not UTF-8. Throws Report (42883) if there is no conversion.
	explicit Transcoder(int encoding);

	/// The record in UTF-8, cells and all; a record that can't be converted becomes undecodable and keeps its bytes. A record that
	/// is too long stays too long. The result is valid until the next call.
	Record convert(Record const &record, Dialect const &dialect);

	/// The delimiters and quotes that would be mistaken for parts of characters: throws Report (0A000).
	void check(Dialect const &dialect) const;
	bool may_delimit(char c) const;
	/// The bytes in UTF-8, up to the first that cannot be converted.
	std::string as_far_as_utf8(std::string_view bytes);

private:
	bool to_utf8(std::string_view bytes);

	int encoding_;
	Oid conversion_;
	std::string text_;
	std::optional<RecordReader> reader_;
};

} // namespace vero::pg
