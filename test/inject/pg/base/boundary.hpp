// Stands before src/pg/base/boundary.hpp in a build for tests: the n-th call into PostgreSQL fails as the session's settings say.
//
// inject.at = '7 cancel' has the seventh call() from then on fail: error (of the work's own), resource (of the server's), exception
// (no error of PostgreSQL's), cancel, timeout, terminate, and at its end, with all done, late_error and late_cancel. inject.calls says how many there were until now. What a worker does is
// told by inject.worker_at, the launcher by inject.launcher_at.
#pragma once

#include "pg/base/postgres.hpp"

#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>

extern "C" {
#include "postmaster/bgworker.h"
#include "utils/guc.h"
#include "utils/timeout.h"
}

#define call call_as_it_is
#include_next "pg/base/boundary.hpp"
#undef call

namespace vero::pg {
namespace inject {

inline char *at;
inline int calls;
inline int number; ///< 0: none is to fail
inline char kind[16];

inline void start_counting(char const *value, void *)
{
	calls = number = 0;
	kind[0] = '\0';
	if (std::sscanf(value, "%d %15s", &number, kind) != 2)
		number = 0;
}

inline char const *name_of_setting()
{
	if (MyBgworkerEntry == nullptr)
		return "inject.at";
	return strcmp(MyBgworkerEntry->bgw_type, "vero_events worker") == 0 ? "inject.worker_at" : "inject.launcher_at";
}

inline void define_settings()
{
	static bool is_defined = false;
	if (is_defined)
		return;
	is_defined = true;
	call_as_it_is([] {
		DefineCustomStringVariable(name_of_setting(), "Which call fails, and how.", nullptr, &at, "", PGC_USERSET, 0,
								   nullptr, start_counting, nullptr);
		DefineCustomIntVariable("inject.calls", "How many calls there were.", nullptr, &calls, 0, 0, INT_MAX,
								PGC_USERSET, 0, nullptr, nullptr, nullptr);
	});
}

inline bool is_kind(char const *name)
{
	return strcmp(kind, name) == 0;
}

/// In call(). What the signals ask for happens at once.
inline void fail()
{
	if (is_kind("error") || is_kind("late_error"))
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("injected error")));
	if (is_kind("resource"))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_RESOURCES), errmsg("injected lack of resources")));
	if (is_kind("cancel") || is_kind("late_cancel"))
		kill(MyProcPid, SIGINT);
	if (is_kind("terminate"))
		kill(MyProcPid, SIGTERM);
	if (is_kind("timeout")) {
		enable_timeout_after(STATEMENT_TIMEOUT, 1);
		while (!QueryCancelPending)
			pg_usleep(100);
	}
	CHECK_FOR_INTERRUPTS();
}

} // namespace inject

/// Throws Error, and std::bad_alloc where that is injected.
template <class Function> std::invoke_result_t<Function> call(Function &&function)
{
	inject::define_settings();
	bool fails = ++inject::calls == inject::number;
	bool is_late = strncmp(inject::kind, "late_", 5) == 0;
	if (fails)
		call_as_it_is([] { ereport(LOG, (errmsg("injected: %s at call %d", inject::kind, inject::number))); });
	if (fails && inject::is_kind("exception"))
		throw std::bad_alloc();
	return call_as_it_is([&]() -> std::invoke_result_t<Function> {
		if (fails && !is_late)
			inject::fail();
		if constexpr (std::is_void_v<std::invoke_result_t<Function>>) {
			function();
			if (fails && is_late)
				inject::fail();
		} else {
			std::invoke_result_t<Function> result = function();
			if (fails && is_late)
				inject::fail();
			return result;
		}
	});
}

} // namespace vero::pg
