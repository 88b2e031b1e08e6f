// Checks what a batch owns: values at aligned places with room for a length before them, and none that is too large.
#include "core/intake/batch.hpp"
#include "core/property/limit_exceeded.hpp"

#include <gtest/gtest.h>
#include <string>

namespace vero {

TEST(Batch, StoresValuesAlignedAndApart)
{
	Batch batch;
	std::vector<StoredBytes> stored;
	for (std::size_t size = 0; size < 100; ++size) {
		stored.push_back(batch.store(std::string(size, static_cast<char>('a' + size % 26))));
		EXPECT_EQ(reinterpret_cast<std::uintptr_t>(stored.back().start) % 4, 0U);
		std::fill_n(stored.back().start - kLengthWord, kLengthWord, '\0');
	}
	for (std::size_t size = 0; size < 100; ++size)
		EXPECT_EQ(stored[size].view(), std::string(size, static_cast<char>('a' + size % 26)));
	EXPECT_GE(batch.bytes(), 99U * 100 / 2);
	batch.clear();
	EXPECT_EQ(batch.bytes(), 0U);
}

TEST(Batch, HasRoomForAsMuchAsAValueMayBeAndNoMore)
{
	Batch batch;
	EXPECT_EQ(batch.allocate(kMaxStoredSize).size, kMaxStoredSize);
	batch.clear();
	EXPECT_THROW(batch.allocate(kMaxStoredSize + 1), LimitExceeded);
	EXPECT_EQ(batch.bytes(), 0U);
}

TEST(Batch, OrdersContactsButThoseThatWereMadeEmpty)
{
	Batch batch;
	for (std::string_view email : {"c@x.io", "b@x.io", "a@x.io"})
		batch.new_contacts.push_back(batch.store(email));
	batch.order_contacts();
	EXPECT_EQ(batch.contacts_in_order, (std::vector<std::uint32_t>{2, 1, 0}));
	batch.new_contacts[1].size = 0;
	batch.order_contacts();
	EXPECT_EQ(batch.contacts_in_order, (std::vector<std::uint32_t>{2, 0}));
}

} // namespace vero
