// What the extension does where a transaction or a subtransaction ends.
#include "pg/base/transaction_end.hpp"

namespace vero::pg {
namespace {

std::span<TransactionPart const> parts_in_order;

void end_transaction(XactEvent event, void *)
{
	for (TransactionPart const &part : parts_in_order)
		if (part.at_transaction != nullptr)
			part.at_transaction(event);
}

void end_subtransaction(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *)
{
	for (TransactionPart const &part : parts_in_order)
		if (part.at_subtransaction != nullptr)
			part.at_subtransaction(event, own, parent);
}

} // namespace

void install_transaction_end(std::span<TransactionPart const> parts)
{
	parts_in_order = parts;
	RegisterXactCallback(end_transaction, nullptr);
	RegisterSubXactCallback(end_subtransaction, nullptr);
}

} // namespace vero::pg
