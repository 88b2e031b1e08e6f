// Tells that a file's content was imported before, be it by an import that has not ended yet.
#include "pg/import/content_guard.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/timestamp.hpp"
#include "pg/bulk/each_index.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/sql/statement.hpp"

#include <cstring>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_type_d.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr Statement kOfSize{
	R"(
	SELECT i.id
	FROM vero.imports AS i
	WHERE i.bytes = $1 AND i.state = ANY ('{completed,completed_with_rejects}'::text[]) AND i.rows_imported > 0
	LIMIT 1)",
	{INT8OID},
	{{"id", INT8OID}}};

constexpr Statement kOfBytes{
	R"(
	SELECT i.id, i.started_at
	FROM vero.imports AS i
	WHERE i.bytes = $1 AND i.sha256 = $2 AND i.state = ANY ('{completed,completed_with_rejects}'::text[]) AND i.rows_imported > 0
	ORDER BY i.id
	LIMIT 1)",
	{INT8OID, BYTEAOID},
	{{"id", INT8OID}, {"started_at", TIMESTAMPTZOID}}};

enum ImportColumn { kId, kState, kRowsImported, kStartedAt, kContent, kColumns };

struct ColumnForm {
	char const *name;
	Oid type;
};

constexpr std::array<ColumnForm, kColumns> kForms{{{"id", INT8OID},
												   {"state", TEXTOID},
												   {"rows_imported", INT8OID},
												   {"started_at", TIMESTAMPTZOID},
												   {"content_sha256", BYTEAOID}}};

/// How vero.imports is read without a statement.
struct Access {
	AttrNumber columns[kColumns]{};
	bool is_readable = false; ///< all columns are there, and are what they were made as
	Oid index = InvalidOid;	  ///< by content; InvalidOid: all of the table has to be read
};

constinit Remembered<Access> accesses;

// These are to be called in call().

bool is_by_content(Relation index, AttrNumber content)
{
	Form_pg_index form = index->rd_index;
	return index->rd_rel->relam == BTREE_AM_OID && form->indisvalid && form->indnkeyatts == 1 &&
		   form->indkey.values[0] == content && heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr);
}

Access look_up_access(Relation imports)
{
	Access access;
	access.is_readable = true;
	TupleDesc columns = RelationGetDescr(imports);
	for (int i = 0; i < kColumns; i++) {
		AttrNumber number = get_attnum(RelationGetRelid(imports), kForms[i].name);
		access.columns[i] = number;
		access.is_readable =
			access.is_readable && number > 0 && TupleDescAttr(columns, number - 1)->atttypid == kForms[i].type;
	}
	each_index(imports, [&](Relation index) {
		if (is_by_content(index, access.columns[kContent]))
			access.index = RelationGetRelid(index);
	});
	return access;
}

LOCKTAG tag(std::int64_t key)
{
	// the last number tells it from what SQL can lock, which has 1 and 2 there, and from the lock of who sends mail
	LOCKTAG tag;
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(key >> 32), static_cast<uint32>(key), 4);
	return tag;
}

/// What one look has found: an import, or a transaction that may yet have imported it.
struct Found {
	std::optional<EarlierImport> import;
	TransactionId running = InvalidTransactionId;
};

/// A row's values, of those that are read.
class ImportRow {
public:
	ImportRow(HeapTuple tuple, Relation imports, Access const &access)
		: tuple_(tuple), columns_(RelationGetDescr(imports)), access_(access)
	{
	}

	/// Whether events of it are stored, or will be.
	bool counts() const
	{
		char *state = TextDatumGetCString(value(kState));
		return strncmp(state, "completed", strlen("completed")) == 0 && DatumGetInt64(value(kRowsImported)) > 0;
	}
	EarlierImport import() const
	{
		return {DatumGetInt64(value(kId)), to_unix_us(DatumGetTimestampTz(value(kStartedAt)))};
	}

private:
	/// None of those that are asked for may be null.
	Datum value(ImportColumn column) const
	{
		bool is_null;
		Datum value = heap_getattr(tuple_, access_.columns[column], columns_, &is_null);
		if (is_null)
			elog(ERROR, "vero.imports was changed while an import ran");
		return value;
	}

	HeapTuple tuple_;
	TupleDesc columns_;
	Access const &access_;
};

/// Sees rows of transactions that have not ended, too.
Found look(Relation imports, Access const &access, Datum content)
{
	Found found;
	SnapshotData dirty;
	InitDirtySnapshot(dirty);
	ScanKeyData key;
	ScanKeyInit(&key, access.columns[kContent], BTEqualStrategyNumber, F_BYTEAEQ, content);
	SysScanDesc scan = systable_beginscan(imports, access.index, OidIsValid(access.index), &dirty, 1, &key);
	HeapTuple tuple;
	while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
		ImportRow row(tuple, imports, access);
		if (!row.counts())
			continue;
		TransactionId running = TransactionIdIsValid(dirty.xmin) ? dirty.xmin : dirty.xmax;
		if (!TransactionIdIsValid(running)) {
			found.import = row.import();
			break;
		}
		found.running = running;
	}
	systable_endscan(scan);
	return found;
}

/// Whose locks are taken and released in a scope.
class OwnerSwitch {
public:
	explicit OwnerSwitch(ResourceOwner owner) : before_(std::exchange(CurrentResourceOwner, owner)) {}
	OwnerSwitch(OwnerSwitch const &) = delete;
	OwnerSwitch &operator=(OwnerSwitch const &) = delete;
	~OwnerSwitch() { CurrentResourceOwner = before_; }

private:
	ResourceOwner before_;
};

} // namespace

void ContentGuard::lock()
{
	std::int64_t key = *key_;
	OwnerSwitch const owner(owner_);
	call([key] {
		LOCKTAG ours = tag(key);
		(void)LockAcquire(&ours, ExclusiveLock, false, false);
	});
}

bool ContentGuard::has_size(std::uint64_t bytes) const
{
	return call([&] { return run_as_owner<kOfSize>(catalog_, {static_cast<std::int64_t>(bytes)}).count() > 0; });
}

std::optional<EarlierImport> ContentGuard::find_bytes(std::uint64_t bytes, Sha256Digest const &hash) const
{
	std::string_view digest(reinterpret_cast<char const *>(hash.data()), hash.size());
	return call([&]() -> std::optional<EarlierImport> {
		auto rows = run_as_owner<kOfBytes>(catalog_, {static_cast<std::int64_t>(bytes), digest});
		if (rows.count() == 0)
			return std::nullopt;
		return EarlierImport{rows[0].int8("id"), to_unix_us(rows[0].timestamptz("started_at"))};
	});
}

std::optional<EarlierImport> ContentGuard::find(Sha256Digest const &content)
{
	std::int64_t key;
	std::memcpy(&key, content.data(), sizeof key);
	WaitReason const reason("the same content, which is");
	for (;;) {
		key_ = key;
		lock();
		Found found = call([&] {
			Relation imports = table_open(catalog_.imports, RowExclusiveLock);
			Access access = accesses.of(catalog_.imports, [imports] { return look_up_access(imports); });
			Datum value = PointerGetDatum(cstring_to_text_with_len(reinterpret_cast<char const *>(content.data()),
																   static_cast<int>(content.size())));
			Found seen = access.is_readable ? look(imports, access, value) : Found{};
			table_close(imports, NoLock);
			return seen;
		});
		if (found.import || !TransactionIdIsValid(found.running)) {
			if (found.import)
				release();
			return found.import;
		}
		release();
		TransactionId running = found.running;
		call([running] { XactLockTableWait(running, nullptr, nullptr, XLTW_None); });
	}
}

void ContentGuard::release()
{
	if (!key_)
		return;
	std::int64_t key = *key_;
	key_.reset();
	OwnerSwitch const owner(owner_);
	call([key] {
		LOCKTAG ours = tag(key);
		(void)LockRelease(&ours, ExclusiveLock, false);
	});
}

} // namespace vero::pg
