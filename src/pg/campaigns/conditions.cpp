// Judges the conditions of campaigns over the events and contacts of jobs that are due.
#include "pg/campaigns/job_decision.hpp"

#include "pg/base/settings.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/base/work_limit.hpp"
#include "pg/campaigns/condition_fault.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/fmgrprotos.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kMaxMemory_mb = 64;
/// So many that ran into a limit are enough for one transaction: what was decided until then is not to wait for more of them.
constexpr int kMaxExceeded = 3;

/// Notes what the condition yields first: nothing, false and null are no.
void note(DueJob &job, Jsonb *item)
{
	JsonbValue value;
	bool is_scalar = JB_ROOT_IS_SCALAR(item) && JsonbExtractScalar(&item->root, &value);
	job.is_condition_null = is_scalar && value.type == jbvNull;
	job.is_condition_true = !is_scalar || (value.type == jbvBool ? value.val.boolean : !job.is_condition_null);
}

/// To be called in call().
void judge(DueJob &job, Datum no_variables)
{
	LOCAL_FCINFO(arguments, 4);
	InitFunctionCallInfoData(*arguments, nullptr, 4, InvalidOid, nullptr, nullptr);
	arguments->args[0] = {JsonbPGetDatum(job.condition_input), false};
	arguments->args[1] = {PointerGetDatum(job.condition), false};
	arguments->args[2] = {no_variables, false};
	arguments->args[3] = {BoolGetDatum(false), false}; // not silent
	Datum item = jsonb_path_query_first_tz(arguments);
	job.is_condition_true = false;
	if (!arguments->isnull)
		note(job, DatumGetJsonbP(item));
}

/// Touches nothing but memory: so no wait for a lock or a disk is taken for a slow condition.
void judge(std::span<DueJob *const> jobs, WorkLimit::Exceeded &exceeded)
{
	auto [no_variables, scratch] = call([] {
		Datum variables = DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
		return std::pair(variables,
						 AllocSetContextCreate(CurTransactionContext, "vero_events condition", ALLOCSET_DEFAULT_SIZES));
	});
	{
		WorkLimit limit(condition_timeout_ms(), scratch, kMaxMemory_mb * 1024 * 1024, exceeded);
		call([&, no_variables = no_variables, scratch = scratch] {
			MemoryContext before = MemoryContextSwitchTo(scratch);
			for (DueJob *job : jobs) {
				judge(*job, no_variables);
				MemoryContextReset(scratch);
			}
			MemoryContextSwitchTo(before);
		});
	}
	// what is in a subtransaction's context when it ends stays until the transaction does
	call([scratch = scratch] { MemoryContextDelete(scratch); });
}

std::string words_for(WorkLimit::Exceeded exceeded)
{
	if (exceeded == WorkLimit::Exceeded::memory)
		return "the campaign's condition took more than " + std::to_string(kMaxMemory_mb) + " MB of memory";
	return "the campaign's condition took longer than vero_events.condition_timeout (" +
		   std::to_string(condition_timeout_ms()) + " ms)";
}

/// Says what went wrong; `exceeded` tells whether it was a limit.
template <class Work> std::optional<std::string> try_within_limit(Work &&work, WorkLimit::Exceeded &exceeded)
{
	std::optional<std::string> error = try_in_subtransaction(work, [&](ErrorData const *thrown) {
		if (is_from_limit(thrown, exceeded))
			return true;
		exceeded = WorkLimit::Exceeded::none;
		return is_own_error(thrown);
	});
	return error && exceeded != WorkLimit::Exceeded::none ? words_for(exceeded) : error;
}

std::optional<std::string> try_to_judge(std::span<DueJob *const> jobs, WorkLimit::Exceeded &exceeded)
{
	return try_within_limit([&] { judge(jobs, exceeded); }, exceeded);
}

/// What `find` finds, find_condition_fault() or find_condition_error().
std::string explain(DueJob const &job, std::string (*find)(JsonPath *, Jsonb *), WorkLimit::Exceeded &exceeded)
{
	MemoryContext scratch = call(
		[] { return AllocSetContextCreate(CurTransactionContext, "vero_events condition", ALLOCSET_DEFAULT_SIZES); });
	MemoryContext before = MemoryContextSwitchTo(scratch);
	std::string fault;
	{
		WorkLimit limit(condition_timeout_ms(), scratch, kMaxMemory_mb * 1024 * 1024, exceeded);
		fault = find(job.condition, job.condition_input);
	}
	MemoryContextSwitchTo(before);
	call([scratch] { MemoryContextDelete(scratch); });
	return fault;
}

/// Of a condition that gave an error.
std::string explain_error(DueJob const &job, std::string const &error, WorkLimit::Exceeded &exceeded)
{
	std::string fault;
	std::optional<std::string> failed =
		try_within_limit([&] { fault = explain(job, find_condition_error, exceeded); }, exceeded);
	if (failed && exceeded != WorkLimit::Exceeded::none)
		return *failed;
	return "the campaign's condition cannot be evaluated: " + (fault.empty() ? error : fault);
}

/// Of a condition that yields null.
std::string explain_null(DueJob const &job, WorkLimit::Exceeded &exceeded)
{
	std::string fault;
	std::optional<std::string> failed =
		try_within_limit([&] { fault = explain(job, find_condition_fault, exceeded); }, exceeded);
	if (failed)
		return *failed;
	return fault.empty() ? "" : "the campaign's condition is neither true nor false: " + fault;
}

/// `is_judged`: it was, with the others. What goes wrong becomes the job's error.
WorkLimit::Exceeded judge_alone(DueJob *job, bool is_judged)
{
	WorkLimit::Exceeded exceeded = WorkLimit::Exceeded::none;
	std::optional<std::string> error;
	if (!is_judged)
		error = try_to_judge({&job, 1}, exceeded);
	if (error) {
		job->error = exceeded == WorkLimit::Exceeded::none ? explain_error(*job, *error, exceeded) : *error;
	} else if (job->is_condition_null) {
		job->error = explain_null(*job, exceeded);
	}
	return exceeded;
}

} // namespace

std::size_t judge_conditions(std::span<DueJob> jobs, int &number_exceeded)
{
	std::vector<DueJob *> judged;
	for (DueJob &job : jobs) {
		if (job.condition_input != nullptr)
			judged.push_back(&job);
	}
	WorkLimit::Exceeded exceeded = WorkLimit::Exceeded::none;
	bool are_judged = judged.empty() || !try_to_judge(judged, exceeded);
	for (DueJob *job : judged) {
		job->has_met_limit = judge_alone(job, are_judged) != WorkLimit::Exceeded::none;
		number_exceeded += job->has_met_limit ? 1 : 0;
		if (number_exceeded >= kMaxExceeded)
			return static_cast<std::size_t>(job - jobs.data()) + 1;
	}
	return jobs.size();
}

} // namespace vero::pg
