// Checks the reject that a duplicate becomes.
#include "core/intake/duplicate.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

TEST(Duplicate, BecomesTheRejectOfItsRecord)
{
	Batch batch;
	EventOrigin const origin{7, 9, 300, batch.store("a@b.co,x,2022-01-01")};
	std::string message = "the same event stands in line 2";
	Reject const reject = make_duplicate(origin, message, batch);
	message.assign(message.size(), '?');
	EXPECT_EQ(reject.record_number, 7U);
	EXPECT_EQ(reject.line_number, 9U);
	EXPECT_EQ(reject.byte_offset, 300U);
	EXPECT_EQ(reject.raw.view(), "a@b.co,x,2022-01-01");
	EXPECT_TRUE(reject.is_text);
	EXPECT_EQ(reject.reason.view(), "the same event stands in line 2");
	ASSERT_EQ(reject.errors.size(), 1U);
	EXPECT_EQ(reject.errors[0].code, ErrorCode::duplicate_event);
	EXPECT_EQ(reject.errors[0].message, reject.reason.view());
	EXPECT_NE(reject.stored_errors.view().find("duplicate_event"), std::string_view::npos);
}

} // namespace
} // namespace vero
