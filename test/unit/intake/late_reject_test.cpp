// Checks the reject that a good record becomes.
#include "core/intake/late_reject.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

TEST(LateReject, IsOfItsRecord)
{
	Batch batch;
	EventOrigin const origin{7, 9, 300, batch.store("a@b.co,x,2022-01-01")};
	std::string message = "the same event stands in line 2";
	Reject const reject = make_late_reject(ErrorCode::duplicate_event, origin, message, batch);
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

TEST(LateReject, MayLeaveItsRecordOut)
{
	Batch batch;
	Reject const reject = make_late_reject(ErrorCode::suppressed, {7, 9, 300, {}}, "it is not kept", batch);
	ASSERT_NE(reject.raw.start, nullptr) << "there is a word for its length before it";
	EXPECT_EQ(reject.raw.view(), "");
	EXPECT_TRUE(reject.is_text);
	EXPECT_NE(reject.stored_errors.view().find("suppressed"), std::string_view::npos);
}

} // namespace
} // namespace vero
