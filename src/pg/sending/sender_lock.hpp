// Says that this session sends the database's mail, and whether it is the only one.
#pragma once

namespace vero::pg {

/// Held by every session that sends, across its transactions, also those that fail, until the end of the scope, or of the process.
class SenderLock {
public:
	SenderLock() = default;
	SenderLock(SenderLock const &) = delete;
	SenderLock &operator=(SenderLock const &) = delete;
	~SenderLock();

	/// Within a transaction. True where nobody else holds it: then nobody begins to send until share() is called, and what is being
	/// sent by the outbox is of senders that are gone. Else it is shared already. Throws Error.
	bool acquire();
	/// Lets other sessions send too.
	void share();

private:
	bool is_exclusive_ = false;
	bool is_shared_ = false;
};

} // namespace vero::pg
