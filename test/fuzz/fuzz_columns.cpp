// Fuzzes the meaning of columns against a plain resolution that asks, for each column, what it is.
#include "core/intake/columns.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

namespace {

using vero::ColumnTarget;
using vero::Role;

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

struct File {
	std::vector<std::string> names;
	std::vector<ColumnTarget> targets;
	bool has_event_name = false;
};

/// Lines: `name`, `>target=column` or `>target`. A byte from 0xE0 on is one of the words that matter.
File read_file(std::string_view bytes)
{
	static constexpr std::string_view words[] = {
		"email", "email address", "event_name", "event", "name", "time",	  "datetime",
		"date",	 "Date and Time", "timestamp",	"item",	 "\n",	 "\n>",		  "=",
		"_",	 "occurred-at",	  "E-Mail",		"TIME",	 "Name", "\n>email=", "\n>time="};
	File file;
	std::string text;
	for (char const c : bytes.substr(std::min<std::size_t>(1, bytes.size()))) {
		auto const word = static_cast<std::size_t>(static_cast<unsigned char>(c)) - 0xE0;
		text += word < std::size(words) ? words[word] : std::string_view(&c, 1);
	}
	file.has_event_name = !bytes.empty() && bytes[0] % 2 != 0;
	for (std::size_t begin = 0; begin <= text.size();) {
		auto const end = std::min(text.find('\n', begin), text.size());
		auto const line = text.substr(begin, end - begin);
		begin = end + 1;
		if (!line.starts_with('>')) {
			file.names.push_back(line);
			continue;
		}
		auto const equals = line.find('=');
		auto &target = file.targets.emplace_back();
		target.target = line.substr(1, equals == std::string::npos ? equals : equals - 1);
		if (equals != std::string::npos)
			target.column = line.substr(equals + 1);
	}
	return file;
}

/// The roles of all columns, or nothing where the file fails.
class PlainResolution {
public:
	explicit PlainResolution(File const &file) : file_(file) {}

	std::optional<std::vector<vero::Column>> resolve()
	{
		for (auto const &name : file_.names)
			columns_.push_back(
				{vero::clip_printable(name), vero::fold_name(name).empty() ? Role::unnamed : Role::property, name});
		std::set<std::size_t> told;
		for (auto const &target : file_.targets) {
			if (target.target.empty() && !target.column) {
				if (!leave_out_unnamed(told))
					return std::nullopt;
				continue;
			}
			auto const found = find_target(target.column.value_or(target.target));
			if (found.empty() || !told.insert(found.front()).second)
				return std::nullopt;
			columns_[found.front()].role = told_role(target.target);
			columns_[found.front()].property = target.target;
			if (!target.column)
				for (auto const at : found) {
					told.insert(at);
					columns_[at].role = Role::ignored;
				}
		}
		std::set<std::string> kept;
		for (std::size_t i = 0; i < columns_.size(); ++i)
			if (columns_[i].role != Role::unnamed && columns_[i].role != Role::ignored &&
				!kept.insert(file_.names[i]).second)
				return std::nullopt;
		find(Role::email, {"email", "emailaddress"}, told);
		if (!file_.has_event_name)
			find(Role::event_name, {"eventname", "event", "name"}, told);
		find(Role::time, {"time", "dateandtime", "datetime", "timestamp", "occurredat", "date"}, told);
		std::set<std::string> properties;
		for (auto const &column : columns_)
			if (column.role == Role::property &&
				(vero::is_too_long(column.property) || !properties.insert(column.property).second))
				return std::nullopt;
		auto const names = count(Role::event_name);
		if (count(Role::email) != 1 || count(Role::time) != 1 || names > 1 || (names == 0 && !file_.has_event_name))
			return std::nullopt;
		return columns_;
	}

private:
	bool leave_out_unnamed(std::set<std::size_t> &told)
	{
		bool has_any = false;
		for (std::size_t i = 0; i < columns_.size(); ++i) {
			if (vero::fold_name(file_.names[i]).empty()) {
				columns_[i].role = Role::ignored;
				told.insert(i);
				has_any = true;
			}
		}
		return has_any;
	}

	Role told_role(std::string const &target) const
	{
		auto const folded = vero::fold_name(target);
		if (folded == "email")
			return Role::email;
		if (folded == "time")
			return Role::time;
		auto const is_event_name = [](ColumnTarget const &other) {
			return vero::fold_name(other.target) == "eventname";
		};
		bool const is_told =
			file_.has_event_name || std::any_of(file_.targets.begin(), file_.targets.end(), is_event_name);
		return folded == "eventname" || (folded == "name" && !is_told) ? Role::event_name : Role::property;
	}

	std::size_t count(Role role) const
	{
		auto const has_role = [role](vero::Column const &column) { return column.role == role; };
		return static_cast<std::size_t>(std::count_if(columns_.begin(), columns_.end(), has_role));
	}

	/// The columns that a target's name means: none where it might mean others as well.
	std::vector<std::size_t> find_target(std::string const &name) const
	{
		std::vector<std::size_t> same, alike;
		std::set<std::string> spellings;
		for (std::size_t i = 0; i < file_.names.size(); ++i) {
			if (vero::fold_name(file_.names[i]).empty() || vero::fold_name(file_.names[i]) != vero::fold_name(name))
				continue;
			alike.push_back(i);
			spellings.insert(file_.names[i]);
			if (file_.names[i] == name)
				same.push_back(i);
		}
		return !same.empty() ? same : spellings.size() == 1 ? alike : std::vector<std::size_t>();
	}

	void find(Role role, std::vector<std::string> const &known, std::set<std::size_t> &told)
	{
		for (auto const &name : known)
			for (std::size_t i = 0; i < file_.names.size() && count(role) == 0; ++i)
				if (vero::fold_name(file_.names[i]) == name && told.insert(i).second)
					columns_[i].role = role;
	}

	File const &file_;
	std::vector<vero::Column> columns_;
};

void check_header(vero::Header const &header, std::vector<vero::Column> const &expected)
{
	require(header.columns.size() == expected.size());
	for (std::size_t i = 0; i < expected.size(); ++i) {
		auto const &column = header.columns[i];
		require(column.name == expected[i].name && column.role == expected[i].role);
		require(column.role != Role::property || column.property == expected[i].property);
		require((column.role == Role::email) == (header.email == i));
		require((column.role == Role::event_name) == (header.event_name == i));
		require((column.role == Role::time) == (header.time == i));
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	auto const file = read_file({reinterpret_cast<char const *>(data), size});
	auto const resolved = vero::resolve_header(file.names, file.targets, file.has_event_name);
	auto const expected = PlainResolution(file).resolve();
	if (!resolved) {
		require(!expected && !resolved.error().message.empty());
		if (resolved.error().no_email_column)
			require(!file.targets.empty() || std::none_of(file.names.begin(), file.names.end(), [](auto const &name) {
				return vero::fold_name(name) == "email" || vero::fold_name(name) == "emailaddress";
			}));
	} else {
		require(expected.has_value());
		check_header(*resolved, *expected);
	}
	return 0;
}
