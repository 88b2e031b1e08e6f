// Reads and judges records on a second core while the backend writes those before them.
#include "pg/import/parse_ahead.hpp"

#include "pg/base/settings.hpp"

#include <chrono>

namespace vero::pg {
namespace {

static_assert(kLargestRecord + BatchThread::kChunkSize < std::size_t{1} << 31, "RecordReader's positions");
// the backend looks for interrupts at least this often
constexpr std::chrono::milliseconds kPatience{50};

} // namespace

ParseAhead::ParseAhead(BatchMaker &maker, Sha256 *hash)
	: thread_(start_thread<BatchThread>("reads records ahead", maker, hash)), stop_at_exit_([this] { thread_.stop(); })
{
}

std::vector<Batch *> ParseAhead::take()
{
	std::vector<Batch *> batches;
	for (Batch *batch = thread_.take(kPatience); batch != nullptr; batch = thread_.take_next())
		batches.push_back(batch);
	return batches;
}

} // namespace vero::pg
