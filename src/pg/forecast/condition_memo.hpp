// What conditions said of the same values before.
#pragma once

#include "core/campaign/condition_reach.hpp"
#include "core/intake/siphash.hpp"
#include "pg/campaigns/due_jobs.hpp"

namespace vero::pg {

/// What a condition says depends on nothing but the values that it reads: it is judged once for those that repeat. Of two with one place the later one is
/// remembered, so memory does not grow.
class ConditionMemo {
public:
	enum class Verdict : std::uint8_t { unknown, yes, no, error };

	ConditionMemo();

	/// Stands for the values of the job that the campaign's condition reads; none where they are large. Throws Error.
	std::optional<Hash128> key_of(DueJob const &job, ConditionReach const &reach);
	Verdict find(Hash128 key) const;
	void note(Hash128 key, Verdict verdict);

private:
	struct Noted {
		Hash128 key;
		Verdict verdict = Verdict::unknown;
	};

	std::size_t place_of(Hash128 key) const { return key.first % noted_.size(); }
	void add(std::string_view bytes);
	void add_property(Jsonb *properties, std::string const &key);

	HashKey hash_key_;
	std::string values_; ///< of a job, one after the other
	std::vector<Noted> noted_;
};

} // namespace vero::pg
