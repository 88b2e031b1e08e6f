// Puts the values of a JSON text together as PostgreSQL stores them, from the innermost outwards.
#pragma once

#include "core/property/jsonb.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// The values that were read and do not stand in a finished container yet, one behind the other. It keeps its memory.
class JsonPieces {
public:
	/// The values that come from now on; what was added before is kept.
	struct Mark {
		std::size_t piece;
		std::size_t byte;
	};

	void clear();
	Mark mark() const { return {pieces_.size(), data_.size()}; }
	/// The bytes to which those of the next value are appended, before add() makes them one.
	std::string &data() { return data_; }
	/// Makes a value of all bytes that were appended since `begin`.
	void add(std::size_t begin, JsonbType type);
	/// Puts the values since `mark` into an array, which stands in their place.
	void finish_array(Mark mark);
	/// Puts them, of which every other one is a key, into an object. Of equal keys the last one stays.
	void finish_object(Mark mark);

	JsonbType first_type() const { return pieces_.front().type; }

private:
	struct Piece {
		std::size_t begin;
		std::size_t size;
		JsonbType type;
	};

	Member member_of(Piece const &piece) const;
	void replace(Mark mark);

	std::string data_;
	std::vector<Piece> pieces_;
	std::vector<Member> members_; ///< of the container that is being finished
	std::string container_;		  ///< its bytes
};

} // namespace vero
