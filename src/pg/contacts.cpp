// Finds and locks the contacts of an import, and creates the unknown ones.
#include "pg/contacts.hpp"

#include "pg/boundary.hpp"

extern "C" {
#include "catalog/pg_class_d.h"
#include "catalog/pg_type_d.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
}

namespace vero::pg {
namespace {

// a contact that is deleted again and again by others while it is created
constexpr int kMaxRounds = 20;

// One look-up for each address, however large the table is and whatever is known of it: a join would read all of it where it looks
// small, batch after batch.
constexpr char const *kFind =
	"SELECT u.slot, c.id FROM unnest($1, $2) AS u (slot, email) CROSS JOIN LATERAL"
	" (SELECT k.id FROM vero.contacts AS k WHERE k.email OPERATOR(pg_catalog.=) u.email FOR KEY SHARE) AS c";

// in the order of the addresses, so that the index grows in order too
constexpr char const *kCreate = "INSERT INTO vero.contacts (email, created_by_import)"
								" SELECT u.email, $2 FROM pg_catalog.unnest($1) AS u (email)"
								" ORDER BY u.email COLLATE \"C\" USING OPERATOR(pg_catalog.<)"
								" ON CONFLICT (email) DO NOTHING RETURNING id, email";

constexpr std::array<Oid, 2> kFindTypes{INT4ARRAYOID, TEXTARRAYOID};
constexpr std::array<Oid, 2> kCreateTypes{TEXTARRAYOID, INT8OID};

} // namespace

Contacts::Contacts(Catalog const &catalog, std::int64_t import_id) : catalog_(catalog), import_id_(import_id)
{
	call([this] {
		UserSwitch caller = UserSwitch::become(catalog_.owner);
		find_plan_ = prepare_statement(kFind, kFindTypes);
		create_plan_ = prepare_statement(kCreate, kCreateTypes);
		caller.undo();
		memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events contacts", ALLOCSET_DEFAULT_SIZES);
	});
}

void Contacts::resolve(ContactIndex const &index)
{
	auto from = static_cast<std::uint32_t>(ids_.size());
	ids_.resize(index.size(), 0);
	missing_.reserve(index.size() - from);
	collect_missing(index, from);
	for (int round = 0; !missing_.empty(); round++) {
		if (round == kMaxRounds)
			throw Report{ERRCODE_T_R_SERIALIZATION_FAILURE, "could not create contacts that others keep deleting", "",
						 ""};
		// one that somebody else created or deleted in the meantime is found or missed again in the next round
		find(index);
		collect_missing(index, from);
		if (missing_.empty())
			break;
		create(index);
		collect_missing(index, from);
	}
}

void Contacts::collect_missing(ContactIndex const &index, std::uint32_t from)
{
	missing_.clear();
	for (std::uint32_t slot = from; slot < index.size(); slot++)
		if (ids_[slot] == 0)
			missing_.push_back(slot);
}

void Contacts::find(ContactIndex const &index)
{
	call([&] {
		UserSwitch caller = UserSwitch::become(catalog_.owner);
		MemoryContext before = MemoryContextSwitchTo(memory_);
		Datum values[] = {slots_array(), emails_array(index)};
		execute_statement(find_plan_, values, nullptr, SPI_OK_SELECT);
		note_found();
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
		caller.undo();
	});
}

void Contacts::create(ContactIndex const &index)
{
	call([&] {
		// on an object that nothing else locks: what it stands for is "creating contacts in bulk"
		if (!may_create_)
			LockDatabaseObject(RelationRelationId, catalog_.contacts, 0, ExclusiveLock);
		may_create_ = true;
		UserSwitch caller = UserSwitch::become(catalog_.owner);
		MemoryContext before = MemoryContextSwitchTo(memory_);
		Datum values[] = {emails_array(index), Int64GetDatum(import_id_)};
		execute_statement(create_plan_, values, nullptr, SPI_OK_INSERT_RETURNING);
		created_ += static_cast<std::int64_t>(SPI_processed);
		note_created(index);
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
		caller.undo();
	});
}

void Contacts::note_found()
{
	for (std::uint64_t row = 0; row < SPI_processed; row++) {
		bool is_null;
		HeapTuple tuple = SPI_tuptable->vals[row];
		int slot = DatumGetInt32(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &is_null));
		ids_[slot] = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &is_null));
	}
	SPI_freetuptable(SPI_tuptable);
}

void Contacts::note_created(ContactIndex const &index)
{
	for (std::uint64_t row = 0; row < SPI_processed; row++) {
		bool is_null;
		HeapTuple tuple = SPI_tuptable->vals[row];
		struct varlena *email = PG_DETOAST_DATUM_PACKED(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &is_null));
		std::uint32_t slot = index.find({VARDATA_ANY(email), VARSIZE_ANY_EXHDR(email)});
		ids_[slot] = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &is_null));
	}
	SPI_freetuptable(SPI_tuptable);
}

Datum Contacts::slots_array() const
{
	auto *slots = static_cast<Datum *>(palloc(sizeof(Datum) * missing_.size()));
	for (std::size_t i = 0; i < missing_.size(); i++)
		slots[i] = Int32GetDatum(static_cast<int>(missing_[i]));
	return PointerGetDatum(
		construct_array(slots, static_cast<int>(missing_.size()), INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

Datum Contacts::emails_array(ContactIndex const &index) const
{
	auto *emails = static_cast<Datum *>(palloc(sizeof(Datum) * missing_.size()));
	for (std::size_t i = 0; i < missing_.size(); i++) {
		std::string_view email = index.email(missing_[i]);
		emails[i] = PointerGetDatum(cstring_to_text_with_len(email.data(), static_cast<int>(email.size())));
	}
	return PointerGetDatum(
		construct_array(emails, static_cast<int>(missing_.size()), TEXTOID, -1, false, TYPALIGN_INT));
}

} // namespace vero::pg
