// What an import is told to do, checked.
#pragma once

#include "core/intake/late_reject.hpp"
#include "core/intake/reject_limit.hpp"
#include "core/time/time_layout.hpp"
#include "pg/base/postgres.hpp"
#include "pg/input/csv_input.hpp"

namespace vero::pg {

/// Bytes of an option that is a text, and of one that is an object: they are kept with the import.
constexpr std::size_t kMaxOptionSize = 10'000;
constexpr std::size_t kMaxObjectOptionSize = 1024 * 1024;
/// Elements of a list. Of some there may be fewer.
constexpr int kMaxOptionElements = 1'000;

/// One option as SQL gives it, before it is checked. Text is in the database's encoding.
struct GivenOptions {
	std::optional<Datum> columns;		 ///< jsonb
	std::optional<Datum> property_types; ///< jsonb
	std::optional<std::string> event_name;
	std::optional<std::string> time_zone;
	std::optional<std::string> default_time_zone; ///< instead of the session's
	std::optional<std::vector<std::string>> time_formats;
	std::optional<std::vector<std::string>> notify;
	std::optional<std::string> decimal_mark;
	std::optional<std::string> delimiter;
	std::optional<std::string> quote;
	std::optional<std::string> escape;
	std::optional<std::string> null_string;
	std::optional<std::string> encoding;
	std::optional<std::string> compression;
	std::optional<std::string> label;
	std::optional<std::string> on_duplicate;
	std::optional<std::string> on_suppressed;
	std::optional<std::string> reject_limit;
	std::optional<std::int64_t> max_jobs;
	std::optional<std::int64_t> parent_import;
	bool is_parent_checked = false; ///< the caller may use it, whether he sees it or not
	std::optional<std::int64_t> skip_lines;
	std::optional<bool> null_padding;
	std::optional<char> likely_delimiter; ///< of the parent
	std::optional<bool> trigger_campaigns;
	std::optional<bool> allow_repeat;
	std::optional<bool> dry_run;
	std::optional<std::string> profile;
	std::vector<std::string> field_names; ///< of a file without a header, or instead of those in it
	std::optional<bool> has_header;
};

/// An option of one text.
struct TextOption {
	char const *name;
	std::optional<std::string> GivenOptions::*value;
	bool is_inherited = true; ///< by an import of the corrected rejects
};

constexpr std::array<TextOption, 13> kTextOptions{{{"event_name", &GivenOptions::event_name},
												   {"time_zone", &GivenOptions::time_zone},
												   {"decimal_mark", &GivenOptions::decimal_mark},
												   {"delimiter", &GivenOptions::delimiter},
												   {"quote", &GivenOptions::quote},
												   {"escape", &GivenOptions::escape},
												   {"null_string", &GivenOptions::null_string},
												   {"encoding", &GivenOptions::encoding},
												   {"compression", &GivenOptions::compression, false},
												   {"on_duplicate", &GivenOptions::on_duplicate},
												   {"on_suppressed", &GivenOptions::on_suppressed},
												   {"reject_limit", &GivenOptions::reject_limit, false},
												   {"label", &GivenOptions::label, false}}};

/// The same of one that is an object.
struct ObjectOption {
	char const *name;
	std::optional<Datum> GivenOptions::*value;
};

constexpr std::array<ObjectOption, 2> kObjectOptions{
	{{"columns", &GivenOptions::columns}, {"property_types", &GivenOptions::property_types}}};

/// One that is said or not.
struct BooleanOption {
	char const *name;
	std::optional<bool> GivenOptions::*value;
};

constexpr std::array<BooleanOption, 4> kBooleanOptions{{{"null_padding", &GivenOptions::null_padding},
														{"trigger_campaigns", &GivenOptions::trigger_campaigns},
														{"allow_repeat", &GivenOptions::allow_repeat},
														{"dry_run", &GivenOptions::dry_run}}};

/// What becomes of a file that fails as a whole.
enum class OnFailure : unsigned char {
	report, ///< its row and the reason stay on record
	raise,	///< an ERROR, and nothing stays
};

struct ImportOptions {
	FileOptions file;
	std::string event_name;				  ///< empty: the file has it
	std::optional<std::string> time_zone; ///< none: the session's
	std::string zone_name;				  ///< the zone's name, given or the session's
	std::vector<TimeLayout> time_layouts; ///< of times that ISO 8601 does not take
	std::vector<std::string> notify;
	std::optional<std::string> label;		 ///< what a file is called that has no name
	std::optional<char> decimal_mark;		 ///< none: it was not told
	std::optional<RejectLimit> reject_limit; ///< more, and the file fails as a whole; none: all may be rejected
	OnDuplicate on_duplicate = OnDuplicate::insert;
	OnSuppressed on_suppressed = OnSuppressed::insert;
	bool trigger_campaigns = false;			   ///< else the import leaves no job, ever
	std::optional<std::int64_t> max_jobs;	   ///< more scheduled ones, and the file fails as a whole
	bool allows_repeat = false;				   ///< what was imported before is imported once more
	bool is_dry_run = false;				   ///< judges the records, and leaves no contact, event or job
	std::optional<std::int64_t> parent_import; ///< the import whose corrected rejects these are
	bool is_retry = false;					   ///< they are the parent's as its table has them corrected
	OnFailure on_failure = OnFailure::report;
	Datum given;						   ///< jsonb: what was given, for the record
	std::vector<std::string> needed_again; ///< names of those given that say how the file is read
};

/// The elements of a text[], which may be so many. Throws Report, Error.
std::vector<std::string> array_texts(Datum datum, int most = kMaxOptionElements);

/// What is wrong with options in themselves, or with one another, whoever gives them: the part of check_options() that asks for nothing else.
/// Throws likewise.
ImportOptions check_option_values(GivenOptions const &given);

/// The options of the profile and of the parent, where one is named, hold as if they were given, unless they are. Throws Report (22023 or COPY's own codes; 42501 where an option takes a right that the caller has not), Error where PostgreSQL finds a
/// value wrong.
ImportOptions check_options(GivenOptions given);

} // namespace vero::pg
