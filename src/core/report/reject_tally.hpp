// Sums up what is wrong with the rejected records of a file: kinds of errors, and examples of each.
#pragma once

#include "core/intake/batch.hpp"
#include "core/report/import_outcome.hpp"
#include "core/text/option_words.hpp"
#include "core/time/shared_layouts.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vero {

/// What has to be known of a file to say which options would read its rejects.
struct RejectSetting {
	std::string encoding;					///< as PostgreSQL calls it
	bool has_time_layouts = false;			///< beside ISO 8601
	Notation notation = Notation::function; ///< of the options that are named
};

/// Its memory does not grow with the records: there are kRejectKinds kinds, the last of them for all others, and kShownRejects examples.
class RejectTally {
public:
	void expect(RejectSetting setting) { setting_ = std::move(setting); }

	/// All rejects of a batch, in the file's order.
	void add(Batch const &batch);
	/// One of them, counted or not.
	void add(Reject const &reject);

	/// In the order of their first errors.
	std::vector<RejectKind> kinds() const;
	/// In the order of the file, at most kExamplesOfKind of a kind. A record that has errors of several kinds is one of each.
	std::vector<ShownReject> const &examples() const { return examples_; }

	static constexpr std::size_t kExamplesOfKind = 3;
	/// Bytes of one kind, of all its texts together, at most.
	static constexpr std::size_t kLargestKind = 2'500;
	/// Bytes of one example, the same.
	static constexpr std::size_t kLargestExample = 4 * (kShownRawLength + 1 + kShownReasonLength + 1);

private:
	struct Kind {
		ErrorCode code;
		std::string column; ///< where kinds differ by it
		bool is_fault;		///< of a time that is written as in ISO 8601, and does not exist
		std::int64_t count = 0;
		std::string example = {};
		std::size_t shown = 0; ///< examples
	};

	Kind &find(ErrorKind const &kind);
	std::string words_of(Kind const &kind) const;
	std::string advice_on(Kind const &kind) const;

	RejectSetting setting_;
	std::vector<Kind> kinds_;
	std::vector<ShownReject> examples_;
	SharedLayouts layouts_;			   ///< of the times that are written in another way
	bool are_all_windows_1252_ = true; ///< the bytes that are not UTF-8
};

} // namespace vero
