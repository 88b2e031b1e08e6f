// What conditions said of the same values before.
#include "pg/forecast/condition_memo.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/random.hpp"

namespace vero::pg {
namespace {

constexpr std::size_t kNoted = std::size_t{1} << 16;
constexpr std::size_t kMaxRemembered = 4096; // bytes of values that are looked for

template <class Value> std::string_view bytes_of(Value const &value)
{
	return {reinterpret_cast<char const *>(&value), sizeof value};
}

/// To be called in call().
std::string_view bytes_of(JsonbValue const &value)
{
	switch (value.type) {
	case jbvString:
		return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
	case jbvNumeric:
		return {reinterpret_cast<char const *>(value.val.numeric), VARSIZE(value.val.numeric)};
	case jbvBool:
		return value.val.boolean ? "t" : "f";
	case jbvBinary:
		return {reinterpret_cast<char const *>(value.val.binary.data), static_cast<std::size_t>(value.val.binary.len)};
	default:
		return {};
	}
}

} // namespace

ConditionMemo::ConditionMemo() : hash_key_(random_hash_key()), noted_(kNoted) {}

void ConditionMemo::add(std::string_view bytes)
{
	std::size_t const size = bytes.size();
	values_ += bytes_of(size);
	values_ += bytes;
}

/// Its type, so that the text 1 is not the number 1, and its bytes.
void ConditionMemo::add_property(Jsonb *properties, std::string const &key)
{
	auto [type, bytes] = call([&]() -> std::pair<int, std::string_view> {
		JsonbValue value;
		bool const is_there = JB_ROOT_IS_OBJECT(properties) &&
							  getKeyJsonValueFromContainer(&properties->root, key.data(), static_cast<int>(key.size()),
														   &value) != nullptr;
		return is_there ? std::pair(static_cast<int>(value.type), bytes_of(value)) : std::pair(-1, std::string_view());
	});
	values_ += static_cast<char>(type);
	add(bytes);
}

std::optional<Hash128> ConditionMemo::key_of(DueJob const &job, ConditionReach const &reach)
{
	values_.assign(bytes_of(job.campaign_id));
	// what the tables know wins over a property, as in make_condition_input()
	for (std::string const &key : reach.event_keys) {
		if (key == "name") {
			add(job.event_name);
		} else if (key == "occurred_at") {
			add(bytes_of(job.occurred_at));
		} else if (key == "properties") {
			add({reinterpret_cast<char const *>(job.event_properties), VARSIZE(job.event_properties)});
		} else {
			add_property(job.event_properties, key);
		}
	}
	for (std::string const &key : reach.contact_keys) {
		if (key == "email") {
			add(job.email);
		} else if (key == "properties") {
			add({reinterpret_cast<char const *>(job.contact_properties), VARSIZE(job.contact_properties)});
		} else {
			add_property(job.contact_properties, key);
		}
	}
	if (values_.size() > kMaxRemembered)
		return std::nullopt;
	Hash128 const key = siphash(hash_key_, values_);
	__builtin_prefetch(&noted_[place_of(key)]);
	return key;
}

ConditionMemo::Verdict ConditionMemo::find(Hash128 key) const
{
	Noted const &noted = noted_[place_of(key)];
	return noted.key.first == key.first && noted.key.second == key.second ? noted.verdict : Verdict::unknown;
}

void ConditionMemo::note(Hash128 key, Verdict verdict)
{
	noted_[place_of(key)] = {key, verdict};
}

} // namespace vero::pg
