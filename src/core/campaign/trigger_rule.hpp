// What becomes of a campaign for an event that happened at some time: a job that waits, or one that is discarded at once.
#pragma once

#include <cstdint>

namespace vero {

/// When a campaign follows its event. Microseconds of 24-hour days, not of a time zone's.
struct TriggerTiming {
	std::int64_t delay_us; ///< from the event to the mail; at least 0
	std::int64_t grace_us; ///< how late a mail may still go out; 0: not at all
};

enum class TriggerVerdict : unsigned char {
	scheduled,	  ///< at due_at_us, or at once where that has passed
	future_event, ///< discarded: the event has not happened yet
	overdue,	  ///< the job is discarded, as it comes too late
};

struct TriggerDecision {
	TriggerVerdict verdict;
	std::int64_t due_at_us; ///< event + delay
};

/// All times count from one epoch. `now_us` is the import's start, whenever the record is reached, so that one import follows one
/// clock. An event is due the moment its delay has passed: `due_at == now` is overdue unless there is grace, and lateness is
/// within grace while it is shorter.
constexpr TriggerDecision decide_trigger(std::int64_t occurred_at_us, TriggerTiming timing, std::int64_t now_us)
{
	std::int64_t due_at_us = occurred_at_us + timing.delay_us;
	if (occurred_at_us > now_us)
		return {TriggerVerdict::future_event, due_at_us};
	if (due_at_us > now_us || now_us - due_at_us < timing.grace_us)
		return {TriggerVerdict::scheduled, due_at_us};
	return {TriggerVerdict::overdue, due_at_us};
}

} // namespace vero
