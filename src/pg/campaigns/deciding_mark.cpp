// Remembers which jobs a worker has begun to decide, beyond its own end: a job that ends its worker again and again is found, and failed.
#include "pg/campaigns/deciding_mark.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/sql/statement.hpp"

#include <fcntl.h>
#include <unistd.h>

extern "C" {
#include "common/file_perm.h"
#include "storage/fd.h"
}

namespace vero::pg {
namespace {

constexpr int kMaxTimes = 3;
constexpr std::size_t kMaxWords = 60; // characters, so that they fit in any case

constexpr Statement kCount{
	R"(
	UPDATE vero.trigger_jobs AS j
	SET attempts = j.attempts + $3,
		state = CASE WHEN j.attempts + $3 >= $4 THEN 'failed' ELSE j.state END,
		error = CASE WHEN j.attempts + $3 >= $4 THEN $5 END,
		decided_at = CASE WHEN j.attempts + $3 >= $4 THEN $6 END
	WHERE j.event_id = $1 AND j.campaign_id = $2 AND j.state = 'scheduled' AND j.message_id IS NULL)",
	{INT8OID, INT8OID, INT4OID, INT4OID, TEXTOID, TIMESTAMPTZOID}};

constexpr char const *kDirectory = "pg_vero_events";

struct Path {
	char text[MAXPGPATH];
};

/// Named like PostgreSQL's temporary files, so that base backups leave it out.
Path path_of(Oid database)
{
	Path path;
	snprintf(path.text, sizeof path.text, "%s/%s.deciding.%u", kDirectory, PG_TEMP_FILE_PREFIX, database);
	return path;
}

bool is_beyond(DueJob const &job, JobPosition const &place)
{
	return std::pair(job.due_at, job.event_id) > std::pair(place.due_at, place.event_id);
}

} // namespace

DecidingMark::DecidingMark()
{
	(void)MakePGDirectory(kDirectory);
	fd_ = BasicOpenFile(path_of(MyDatabaseId).text, O_RDWR | O_CREAT | O_CLOEXEC | PG_BINARY);
	if (fd_ < 0)
		return;
	ReserveExternalFD();
	Begun left;
	if (pread(fd_, &left, sizeof left, 0) == static_cast<ssize_t>(sizeof left) && left.jobs > 0) {
		left.words[sizeof left.words - 1] = '\0';
		recall(left);
	}
}

DecidingMark::~DecidingMark()
{
	if (fd_ < 0)
		return;
	if (begun_.jobs == 0)
		forget_deciding_mark(MyDatabaseId);
	close(fd_);
	ReleaseExternalFD();
}

void DecidingMark::recall(Begun const &begun)
{
	begun_ = begun;
	if (begun.jobs == 1)
		undecided_ = {begun.event_id, begun.campaign_id, begun.times, begun.words};
	careful_until_ = {begun.until_due_at, begun.until_event_id};
	were_begun_together_ = begun.jobs > 1 || begun.are_times_unknown;
}

void DecidingMark::write()
{
	if (fd_ >= 0) [[maybe_unused]]
		ssize_t written = pwrite(fd_, &begun_, sizeof begun_, 0);
}

void DecidingMark::note_counted()
{
	undecided_.reset();
	end();
}

void DecidingMark::begin(std::span<DueJob const> jobs)
{
	DueJob const &first = jobs.front(), &last = jobs.back();
	if (careful_until_ && is_beyond(first, *careful_until_)) {
		careful_until_.reset();
		were_begun_together_ = false;
	}
	JobPosition until = careful_until_.value_or(JobPosition(last.due_at, last.event_id));
	begun_ = {};
	begun_.jobs = static_cast<std::int32_t>(jobs.size());
	begun_.times = were_begun_together_ && first.attempts == 0 ? 2 : 1;
	begun_.event_id = first.event_id;
	begun_.campaign_id = first.campaign_id;
	begun_.until_due_at = until.due_at;
	begun_.until_event_id = until.event_id;
	begun_.are_times_unknown = were_begun_together_;
	write();
}

void DecidingMark::end()
{
	begun_.jobs = 0;
	write();
}

void DecidingMark::fail(std::string_view words)
{
	if (begun_.jobs == 0)
		return;
	static_assert(4 * kMaxWords + std::string_view("...").size() < sizeof begun_.words);
	std::string clipped = clip(to_printable(words), kMaxWords);
	clipped.copy(begun_.words, sizeof begun_.words - 1);
	write();
	recall(begun_);
}

void count_undecided(UndecidedJob const &job)
{
	std::string error = "it was begun " + std::to_string(kMaxTimes) + " times and never decided";
	if (!job.words.empty())
		error += ": " + job.words;
	SpiConnection spi;
	Catalog catalog = find_catalog();
	call([&] {
		run_as_owner<kCount>(catalog,
							 {job.event_id, job.campaign_id, job.times, kMaxTimes, error, GetCurrentTimestamp()});
	});
}

void forget_deciding_mark(Oid database) noexcept
{
	(void)unlink(path_of(database).text);
}

} // namespace vero::pg
