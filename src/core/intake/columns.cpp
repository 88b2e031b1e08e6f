// What each column of a file means: found by its name, or as told.
#include "core/intake/columns.hpp"

#include "core/intake/column_failures.hpp"
#include "core/intake/column_names.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace vero {
namespace {

constexpr std::array<std::string_view, 2> kEmailNames{"email", "emailaddress"};
constexpr std::array<std::string_view, 3> kEventNames{"eventname", "event", "name"};
constexpr std::array<std::string_view, 6> kTimeNames{"time",	  "dateandtime", "datetime",
													 "timestamp", "occurredat",	 "date"};

/// The header while it is being worked out: roles are given out one by one.
class Resolution {
public:
	explicit Resolution(std::vector<std::string> names) : names_(std::move(names))
	{
		for (std::size_t i = 0; i < names_.count(); i++) {
			header_.columns.push_back(
				{clip_printable(names_[i]), names_.folded(i).empty() ? Role::unnamed : Role::property});
		}
		taken_.resize(names_.count());
	}

	/// Fails where two columns have the same name.
	Result<void, FileFailure> check_doubled_names() const
	{
		std::vector<DoubledName> doubled;
		std::span<std::size_t const> sorted = names_.sorted();
		for (std::size_t i = 1; i < sorted.size(); i++) {
			std::size_t one = sorted[i - 1], other = sorted[i];
			bool is_first_pair = i == 1 || names_[sorted[i - 2]] != names_[one];
			if (is_first_pair && names_[one] == names_[other] && !names_.folded(one).empty() && !is(Role::ignored, one))
				doubled.push_back({one, other, is(Role::property, one) && is(Role::property, other)});
		}
		if (doubled.empty())
			return {};
		std::sort(doubled.begin(), doubled.end(), [](auto const &a, auto const &b) { return a.second < b.second; });
		return tl::make_unexpected(doubled_columns(doubled, names_));
	}

	Result<void, FileFailure> apply(ColumnTarget const &target, std::optional<Role> role, std::string const &name)
	{
		if (name.empty() && !target.column)
			return leave_out_unnamed();
		Result<std::span<std::size_t const>, FileFailure> found = look_up(name, "\"columns\"");
		if (!found)
			return tl::make_unexpected(std::move(found.error()));
		std::size_t at = found->front();
		if (taken_[at]) {
			return tl::make_unexpected(
				FileFailure{"the option \"columns\" names the column " + quote_clipped(names_[at]) + " twice", ""});
		}
		if (role && has(*role)) {
			return tl::make_unexpected(
				FileFailure{"the option \"columns\" names two columns for " + quote_clipped(target.target), ""});
		}
		if (!target.column) {
			for (std::size_t each : *found)
				assign(Role::ignored, each);
			return {};
		}
		header_.columns[at].property = target.target;
		assign(role.value_or(Role::property), at);
		return {};
	}

	/// The first of `known` that is there and not spoken for gets the role.
	void look_for(Role role, std::span<std::string_view const> known)
	{
		for (std::string_view name : known) {
			std::span<std::size_t const> found = names_.with_folded(name);
			auto const free = std::find_if(found.begin(), found.end(), [this](std::size_t at) { return !taken_[at]; });
			if (free != found.end())
				return assign(role, *free);
		}
	}

	/// To be called when the roles are given out.
	Result<void, FileFailure> set_types(PropertyTypes const &types)
	{
		for (Column &column : header_.columns)
			column.type = types.others;
		std::set<std::size_t> typed;
		for (PropertyTypes::Named const &named : types.named) {
			Result<std::span<std::size_t const>, FileFailure> found = look_up(named.column, "\"property_types\"");
			if (!found)
				return tl::make_unexpected(std::move(found.error()));
			std::size_t at = found->front();
			std::string const which = "the option \"property_types\" names the column " + quote_clipped(names_[at]);
			if (Role role = header_.columns[at].role; role != Role::property) {
				return tl::make_unexpected(FileFailure{
					which + ", which is no property" +
						(role == Role::ignored ? ": the option \"columns\" leaves it out" : " but " + name_of(role)),
					"Leave it out of \"property_types\"."});
			}
			if (!typed.insert(at).second)
				return tl::make_unexpected(FileFailure{which + " twice", ""});
			header_.columns[at].type = named.type;
		}
		return {};
	}

	/// Those that no target renames have the names of their columns.
	Result<void, FileFailure> name_properties()
	{
		std::set<std::string_view> seen;
		for (std::size_t i = 0; i < names_.count(); i++) {
			Column &column = header_.columns[i];
			if (column.role != Role::property)
				continue;
			if (!taken_[i])
				column.property = names_[i];
			if (is_too_long(column.property)) {
				return tl::make_unexpected(
					FileFailure{"the name of column " + std::to_string(i + 1) + ", " + quote_clipped(column.property) +
									", has " + group_digits(static_cast<std::int64_t>(utf8_length(column.property))) +
									" characters, and " + group_digits(kMaxPropertyNameLength) + " are allowed",
								"Every event would repeat it. Shorten it in the file."});
			}
			if (!seen.insert(column.property).second) {
				return tl::make_unexpected(
					FileFailure{"two columns would become the property " + quote_clipped(column.property),
								"Rename one of them with the option \"columns\"."});
			}
		}
		return {};
	}

	bool has(Role role) const
	{
		return std::any_of(header_.columns.begin(), header_.columns.end(),
						   [role](Column const &column) { return column.role == role; });
	}
	Header take() { return std::move(header_); }

	ColumnNames const &names() const { return names_; }

private:
	bool is(Role role, std::size_t at) const { return header_.columns[at].role == role; }

	static std::string name_of(Role role)
	{
		return role == Role::email ? "the email" : role == Role::event_name ? "the event's name" : "the time";
	}

	/// The columns that the option means, which all have one name.
	Result<std::span<std::size_t const>, FileFailure> look_up(std::string const &name, std::string const &option) const
	{
		std::span<std::size_t const> found = names_.find(name);
		if (found.empty()) {
			return tl::make_unexpected(
				FileFailure{"the file has no column " + quote_clipped(name) + ", which the option " + option + " names",
							"Its columns are: " + names_.list() + "."});
		}
		auto const other = std::find_if(found.begin(), found.end(),
										[&](std::size_t at) { return names_[at] != names_[found.front()]; });
		if (other != found.end()) {
			return tl::make_unexpected(FileFailure{"the option " + option + " names " + quote_clipped(name) +
													   ", which may be " + names_.describe(found.front()) + " or " +
													   names_.describe(*other),
												   "Write the name to the letter as the file has it."});
		}
		return found;
	}

	Result<void, FileFailure> leave_out_unnamed()
	{
		std::span<std::size_t const> unnamed = names_.with_folded("");
		for (std::size_t each : unnamed)
			assign(Role::ignored, each);
		if (!unnamed.empty())
			return {};
		return tl::make_unexpected(
			FileFailure{"the file has no column without a name, which the option \"columns\" leaves out",
						"Its columns are: " + names_.list() + "."});
	}

	void assign(Role role, std::size_t at)
	{
		taken_[at] = true;
		header_.columns[at].role = role;
		if (role == Role::email) {
			header_.email = at;
		} else if (role == Role::event_name) {
			header_.event_name = at;
		} else if (role == Role::time) {
			header_.time = at;
		} else if (role == Role::clock) {
			header_.clock = at;
		}
	}

	Header header_;
	ColumnNames names_;
	std::vector<bool> taken_; ///< spoken for by the option `columns` or an earlier role
};

/// `name` means the event's name, unless `event_name` is a target of its own.
std::optional<Role> role_of(std::string_view target, bool has_event_name_target)
{
	std::string folded = fold_name(target);
	if (folded == "email")
		return Role::email;
	if (folded == "time")
		return Role::time;
	if (folded == "eventname" || (folded == "name" && !has_event_name_target))
		return Role::event_name;
	return std::nullopt;
}

/// Gives the columns that are told their roles, and finds the one for the address.
Result<void, FileFailure> apply_targets(Resolution &resolution, std::span<ColumnTarget const> targets,
										bool has_event_name_target)
{
	Result<void, FileFailure> applied;
	bool email_told = false;
	for (ColumnTarget const &target : targets) {
		std::optional<Role> role = target.column ? role_of(target.target, has_event_name_target) : std::nullopt;
		email_told |= role == Role::email;
		// the others are applied all the same: whether one finds an email column tells whether the delimiter is right
		Result<void, FileFailure> each = resolution.apply(target, role, target.column ? *target.column : target.target);
		if (each && target.clock)
			each = resolution.apply(target, Role::clock, *target.clock);
		if (!each && applied)
			applied = std::move(each);
	}
	if (!email_told)
		resolution.look_for(Role::email, kEmailNames);
	if (!applied)
		applied.error().no_email_column = !resolution.has(Role::email);
	return applied;
}

/// Looks for the columns that nothing names.
Result<void, FileFailure> find_others(Resolution &resolution, bool has_event_name)
{
	if (!has_event_name && !resolution.has(Role::event_name))
		resolution.look_for(Role::event_name, kEventNames);
	if (!resolution.has(Role::time))
		resolution.look_for(Role::time, kTimeNames);
	std::vector<Role> roles;
	for (Role role : {Role::email, Role::event_name, Role::time}) {
		if (!resolution.has(role) && !(role == Role::event_name && has_event_name))
			roles.push_back(role);
	}
	if (roles.empty())
		return {};
	FileFailure failure = missing_columns(std::move(roles), resolution.names());
	if (Result<void, FileFailure> distinct = resolution.check_doubled_names(); !distinct)
		add_doubled_columns(failure, distinct.error());
	failure.no_email_column = !resolution.has(Role::email);
	return tl::make_unexpected(std::move(failure));
}

} // namespace

bool is_too_long(std::string_view property)
{
	// bytes are counted first, as they are never fewer
	return property.size() > kMaxPropertyNameLength && utf8_length(property) > kMaxPropertyNameLength;
}

Result<void, FileFailure> check_column_count(std::uint64_t count)
{
	if (count <= kMaxColumns)
		return {};
	// another delimiter may make fewer of them
	return tl::make_unexpected(FileFailure{
		"the header has " + group_digits(static_cast<std::int64_t>(count)) + " columns, and " +
			group_digits(kMaxColumns) + " are allowed",
		"If there should be fewer, the option \"delimiter\" may help. Otherwise leave columns out of the file.", true});
}

Result<Header, FileFailure> resolve_header(std::vector<std::string> names, std::span<ColumnTarget const> targets,
										   bool has_event_name, PropertyTypes const &types)
{
	Result<void, FileFailure> checked = check_column_count(names.size());
	if (!checked)
		return tl::make_unexpected(std::move(checked.error()));
	Resolution resolution(std::move(names));
	bool has_event_name_target = has_event_name;
	for (ColumnTarget const &target : targets)
		has_event_name_target |= fold_name(target.target) == "eventname";
	return apply_targets(resolution, targets, has_event_name_target)
		.and_then([&] { return find_others(resolution, has_event_name); })
		.and_then([&] { return resolution.check_doubled_names(); })
		.and_then([&] { return resolution.set_types(types); })
		.and_then([&] { return resolution.name_properties(); })
		.map([&] { return resolution.take(); });
}

} // namespace vero
