// Says whom an import, or an event that is tracked, waits for.
#pragma once

namespace vero::pg {

/// Called once, when the library is loaded.
void install_import_wait();

/// While it lives, whoever runs the import, or what `who` says, is told, as a NOTICE, when it has waited for a lock as long as deadlock_timeout, and the
/// server's log too: which sessions or prepared transactions hold it. An ERROR may take its place.
class ImportWait {
public:
	/// Throws Error.
	explicit ImportWait(char const *who = "the import");
	ImportWait(ImportWait const &) = delete;
	ImportWait &operator=(ImportWait const &) = delete;
	~ImportWait();

	/// Puts the session's settings back. Throws Error.
	void end();

private:
	int settings_level_;
	char const *outer_; ///< of which this is a part, if there is one
};

/// While it lives, an import waits for `what` and not for contacts: "the same content, which is".
class WaitReason {
public:
	explicit WaitReason(char const *what);
	WaitReason(WaitReason const &) = delete;
	WaitReason &operator=(WaitReason const &) = delete;
	~WaitReason();
};

} // namespace vero::pg
