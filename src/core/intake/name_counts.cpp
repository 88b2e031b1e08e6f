// Counts the events of each name, in memory that has a limit.
#include "core/intake/name_counts.hpp"

namespace vero {
namespace {

/// Tells apart what few names there are as a rule; a text of any size takes the same time.
std::size_t few_bytes_of(std::string_view name)
{
	if (name.empty())
		return 0;
	auto const byte_at = [name](std::size_t i) { return std::size_t{static_cast<unsigned char>(name[i])}; };
	constexpr std::size_t kFactor = 31;
	return ((name.size() * kFactor + byte_at(0)) * kFactor + byte_at(name.size() / 2)) * kFactor +
		   byte_at(name.size() - 1);
}

} // namespace

void NameCounts::add(std::string_view name)
{
	std::uint16_t &recent = recent_[few_bytes_of(name) % kRecent];
	if (recent != 0 && counts_[recent - 1].name == name) {
		last_ = static_cast<std::uint16_t>(recent - 1);
	} else if (select(name); last_ != kOther) {
		recent = static_cast<std::uint16_t>(last_ + 1);
	}
	add_again();
}

void NameCounts::merge(NameCounts const &other)
{
	for (NameCount const &count : other.counts_) {
		select(count.name);
		*last_count() += count.events;
	}
	if (is_complete())
		before_ = events();
	others_ += other.others_;
}

/// Makes it the name that was added last.
void NameCounts::select(std::string_view name)
{
	last_ = find_or_add(name);
	if (last_ == kOther && is_complete())
		before_ = events();
}

std::uint16_t NameCounts::find_or_add(std::string_view name)
{
	static_assert(2 * kMost < kSlots, "there is a free slot, and it is near");
	for (std::size_t slot = siphash(key_, name).first % kSlots;; slot = (slot + 1) % kSlots) {
		std::uint16_t &place = slots_[slot];
		if (place == 0) {
			if (counts_.size() == kMost)
				return kOther;
			counts_.push_back({std::string(name), 0});
			place = static_cast<std::uint16_t>(counts_.size());
		}
		if (counts_[place - 1].name == name)
			return static_cast<std::uint16_t>(place - 1);
	}
}

bool NameCounts::is_nearly_distinct() const
{
	std::uint64_t const seen = is_complete() ? events() : before_;
	return counts_.size() > 1 && counts_.size() * 10 >= seen * 9;
}

std::uint64_t NameCounts::events() const
{
	std::uint64_t events = others_;
	for (NameCount const &count : counts_)
		events += count.events;
	return events;
}

} // namespace vero
