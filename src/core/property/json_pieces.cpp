// Puts the values of a JSON text together as PostgreSQL stores them, from the innermost outwards.
#include "core/property/json_pieces.hpp"

#include <algorithm>

namespace vero {

void JsonPieces::clear()
{
	data_.clear();
	pieces_.clear();
}

void JsonPieces::add(std::size_t begin, JsonbType type)
{
	pieces_.push_back({begin, data_.size() - begin, type});
}

Member JsonPieces::member_of(Piece const &piece) const
{
	return {{}, std::string_view(data_).substr(piece.begin, piece.size), piece.type};
}

void JsonPieces::finish_array(Mark mark)
{
	members_.clear();
	for (std::size_t i = mark.piece; i < pieces_.size(); i++)
		members_.push_back(member_of(pieces_[i]));
	container_.resize(jsonb_list_size(members_));
	write_jsonb_list(members_, container_.data());
	replace(mark);
}

void JsonPieces::finish_object(Mark mark)
{
	members_.clear();
	for (std::size_t i = mark.piece; i < pieces_.size(); i += 2) {
		members_.push_back(member_of(pieces_[i + 1]));
		members_.back().key = member_of(pieces_[i]).value;
	}
	// the last of equal keys comes first, and stays
	std::reverse(members_.begin(), members_.end());
	std::stable_sort(members_.begin(), members_.end(),
					 [](Member const &a, Member const &b) { return is_jsonb_key_less(a.key, b.key); });
	auto is_same = [](Member const &a, Member const &b) { return a.key == b.key; };
	members_.erase(std::unique(members_.begin(), members_.end(), is_same), members_.end());
	container_.resize(jsonb_object_size(members_));
	write_jsonb_object(members_, container_.data());
	replace(mark);
}

/// Puts the container in the place of its values.
void JsonPieces::replace(Mark mark)
{
	pieces_.resize(mark.piece);
	data_.resize(mark.byte);
	data_ += container_;
	add(mark.byte, JsonbType::container);
}

} // namespace vero
