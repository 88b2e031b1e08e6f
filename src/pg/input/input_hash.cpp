// SHA-256 of the bytes of a source.
#include "pg/input/input_hash.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "common/sha2.h"
}

namespace vero::pg {
namespace {

pg_cryptohash_ctx *begin_hash()
{
	return call([] {
		pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
		if (context == nullptr || pg_cryptohash_init(context) < 0)
			elog(ERROR, "could not initialize SHA-256");
		return context;
	});
}

} // namespace

InputHash::InputHash() : context_(Sha256::has_instructions() ? nullptr : begin_hash()) {}

InputHash::~InputHash()
{
	pg_cryptohash_free(context_);
}

void InputHash::add(std::span<char const> bytes)
{
	if (context_ == nullptr) {
		hash_.add({bytes.data(), bytes.size()});
	} else {
		pg_cryptohash_update(context_, reinterpret_cast<std::uint8_t const *>(bytes.data()), bytes.size());
	}
}

Sha256Digest InputHash::digest()
{
	static_assert(std::tuple_size_v<Sha256Digest> == PG_SHA256_DIGEST_LENGTH);
	if (context_ == nullptr)
		return hash_.digest();
	if (!digest_)
		pg_cryptohash_final(context_, digest_.emplace().data(), PG_SHA256_DIGEST_LENGTH);
	return *digest_;
}

} // namespace vero::pg
