// Turns a record of another encoding into UTF-8, with PostgreSQL's conversions.
#include "pg/input/transcoder.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

// From here on a byte may be the second one of a character in encodings that servers do not store (GB18030: digits).
constexpr char kFirstTrailByte = '0';

} // namespace

Transcoder::Transcoder(int encoding)
	: encoding_(encoding), conversion_(call([encoding] { return FindDefaultConversionProc(encoding, PG_UTF8); }))
{
	if (!OidIsValid(conversion_)) {
		throw Report{ERRCODE_UNDEFINED_FUNCTION,
					 std::string("default conversion function for encoding \"") + pg_encoding_to_char(encoding) +
						 "\" to \"UTF8\" does not exist",
					 "", ""};
	}
}

bool Transcoder::may_delimit(char c) const
{
	return c < kFirstTrailByte || PG_VALID_BE_ENCODING(encoding_);
}

void Transcoder::check(Dialect const &dialect) const
{
	for (char c : {dialect.delimiter, dialect.quote, dialect.escape}) {
		if (!may_delimit(c)) {
			throw Report{ERRCODE_FEATURE_NOT_SUPPORTED,
						 std::string("\"") + c + "\" cannot be told from a part of a character in encoding " +
							 pg_encoding_to_char(encoding_),
						 "", "Convert the file to UTF-8 first."};
		}
	}
}

bool Transcoder::to_utf8(std::string_view bytes)
{
	text_.resize(bytes.size() * MAX_CONVERSION_GROWTH + 1);
	auto *source = reinterpret_cast<unsigned char *>(const_cast<char *>(bytes.data()));
	auto *target = reinterpret_cast<unsigned char *>(text_.data());
	int size = static_cast<int>(bytes.size()), room = static_cast<int>(text_.size());
	int converted = call([&] {
		return pg_do_encoding_conversion_buf(conversion_, encoding_, PG_UTF8, source, size, target, room, true);
	});
	text_.resize(strlen(text_.c_str()));
	return converted == size;
}

std::string Transcoder::as_far_as_utf8(std::string_view bytes)
{
	to_utf8(bytes);
	return text_;
}

Record Transcoder::convert(Record const &record, Dialect const &dialect)
{
	Record converted = record;
	converted.cells = {};
	converted.more_cells = converted.malformed_cell = 0;
	converted.fault = RecordFault::undecodable;
	if (!to_utf8(record.raw))
		return converted;
	if (record.fault == RecordFault::too_long) {
		converted.fault = record.fault;
		converted.raw = text_;
		return converted;
	}
	reader_.emplace(dialect, text_.size() + 1);
	reader_->feed(text_);
	reader_->finish();
	if (!reader_->next(converted)) // can't be: what is not blank in one encoding is not blank in the other
		throw Report{ERRCODE_INTERNAL_ERROR, "a record vanished in conversion", "", ""};
	converted.line_number = record.line_number;
	converted.byte_offset = record.byte_offset;
	return converted;
}

} // namespace vero::pg
