// How long checking an e-mail address takes.
#include "core/text/email_syntax.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace {

void check_emails(benchmark::State &state)
{
	constexpr std::array domains = {"example.com", "mail.example.org", "bücher.example", "shop-7.example.net"};
	std::vector<std::string> addresses;
	for (std::size_t i = 0; i < 1024; ++i)
		addresses.push_back("customer" + std::to_string(i * 7919 % 100'000) + "@" + domains[i % domains.size()]);
	std::size_t i = 0;
	for (auto _ : state) {
		bool const is_email = vero::is_email(addresses[i++ % addresses.size()]);
		if (!is_email)
			state.SkipWithError("that is an address");
		benchmark::DoNotOptimize(is_email);
	}
	state.SetItemsProcessed(state.iterations());
}

} // namespace

BENCHMARK(check_emails);
