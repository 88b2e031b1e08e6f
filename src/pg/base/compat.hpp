// Where the versions of PostgreSQL differ: no other file asks for PG_VERSION_NUM (test/tools/rooms looks).
#pragma once

#include "pg/base/postgres.hpp"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 200000
#error "vero_events is for PostgreSQL 15 to 19"
#endif

extern "C" {
#include "access/genam.h"
#include "access/nbtree.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_database.h"
#include "executor/executor.h"
#include "storage/bufmgr.h"
#include "storage/fd.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/smgr.h"
#include "utils/acl.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/inval.h"
#include "utils/rel.h"
#if PG_VERSION_NUM >= 160000
#include "common/file_utils.h" // PG_TEMP_FILE_PREFIX
#include "utils/guc_hooks.h"   // check_timezone()
#include "varatt.h"
#else
#include "commands/variable.h"
#endif
#if PG_VERSION_NUM >= 190000
#include "commands/sequence_xlog.h" // xl_seq_rec
#endif
}

/// What PostgreSQL looks for in a library; from 18 on pg_get_loaded_modules() shows name and version.
#if PG_VERSION_NUM >= 180000
#define VERO_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "vero_events", .version = VERO_VERSION)
#else
#define VERO_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/// Each is the function of PostgreSQL that it is named after, and to be called in call() as that.
namespace vero::pg::compat {

inline bool is_database_owner(Oid database, Oid user)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(DatabaseRelationId, database, user);
#else
	return pg_database_ownercheck(database, user);
#endif
}

/// Of an identity column; InvalidOid where it is none. Locks the table as a reader does.
inline Oid identity_sequence(Oid table, AttrNumber column)
{
#if PG_VERSION_NUM >= 170000
	Relation relation = table_open(table, AccessShareLock);
	Oid sequence = getIdentitySequence(relation, column, true);
	table_close(relation, NoLock);
	return sequence;
#else
	return getIdentitySequence(table, column, true);
#endif
}

/// ConditionalLockDatabaseObject(), which not every minor version of 15 to 17 has.
inline bool lock_object_if_free(Oid catalog, Oid object, uint16 part, LOCKMODE mode)
{
	LOCKTAG tag;
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, catalog, object, part);
	LockAcquireResult result = LockAcquire(&tag, mode, false, true);
	if (result == LOCKACQUIRE_OK)
		AcceptInvalidationMessages();
	return result != LOCKACQUIRE_NOT_AVAIL;
}

inline LocalTransactionId own_local_transaction()
{
#if PG_VERSION_NUM >= 170000
	return MyProc->vxid.lxid;
#else
	return MyProc->lxid;
#endif
}

/// The transaction that a lock belongs to.
inline VirtualTransactionId virtual_transaction(LockInstanceData const &holder)
{
#if PG_VERSION_NUM >= 170000
	return holder.vxid;
#else
	return {holder.backend, holder.lxid};
#endif
}

/// For XLogRegisterBuffer()'s companions: which file a relation is in.
inline auto file_of(Relation relation)
{
#if PG_VERSION_NUM >= 160000
	return relation->rd_locator;
#else
	return relation->rd_node;
#endif
}

/// A value as check hooks hand it out; null where there is no memory.
inline char *copy_setting(char const *value)
{
#if PG_VERSION_NUM >= 160000
	return guc_strdup(LOG, value);
#else
	return strdup(value);
#endif
}

/// What check hooks have allocated.
inline void free_setting(void *value)
{
#if PG_VERSION_NUM >= 160000
	guc_free(value);
#else
	free(value);
#endif
}

/// Calls visit(setting) for each that this session knows, placeholders of libraries that are not loaded among them.
template <class Visit> void each_setting(Visit const &visit)
{
#if PG_VERSION_NUM >= 160000
	int count;
	config_generic **settings = get_guc_variables(&count);
#else
	config_generic **settings = get_guc_variables();
	int count = GetNumConfigOptions();
#endif
	for (int i = 0; i < count; i++)
		visit(*settings[i]);
}

/// What an abbreviation of time zones is, as datetime.h numbers it; UNKNOWN_FIELD where it is none.
inline int decode_zone_abbreviation(char *lower, int *offset_s, pg_tz **zone)
{
#if PG_VERSION_NUM >= 160000
	int type = UNKNOWN_FIELD;
	DateTimeErrorExtra extra;
	if (DecodeTimezoneAbbrev(0, lower, &type, offset_s, zone, &extra) != 0)
		DateTimeParseError(DTERR_BAD_ZONE_ABBREV, &extra, lower, "timestamp with time zone", nullptr);
	return type;
#else
	return DecodeTimezoneAbbrev(0, lower, offset_s, zone);
#endif
}

/// All of that name, whatever their arguments are.
inline FuncCandidateList find_functions(List *name)
{
#if PG_VERSION_NUM >= 190000
	int found;
	return FuncnameGetCandidates(name, -1, NIL, false, false, false, false, &found);
#else
	return FuncnameGetCandidates(name, -1, NIL, false, false, false, false);
#endif
}

inline IndexScanDesc begin_index_scan(Relation table, Relation index, Snapshot snapshot, int keys)
{
#if PG_VERSION_NUM >= 190000
	return index_beginscan(table, index, snapshot, nullptr, keys, 0, 0);
#elif PG_VERSION_NUM >= 180000
	return index_beginscan(table, index, snapshot, nullptr, keys, 0);
#else
	return index_beginscan(table, index, snapshot, keys, 0);
#endif
}

inline IndexFetchTableData *begin_index_fetch(Relation table)
{
#if PG_VERSION_NUM >= 190000
	return table_index_fetch_begin(table, 0);
#else
	return table_index_fetch_begin(table);
#endif
}

/// Without waiting for whoever has it locked.
inline TM_Result delete_tuple(Relation table, ItemPointer place, CommandId command, Snapshot snapshot)
{
	TM_FailureData failure;
#if PG_VERSION_NUM >= 190000
	return table_tuple_delete(table, place, command, 0, snapshot, InvalidSnapshot, false, &failure);
#else
	return table_tuple_delete(table, place, command, snapshot, InvalidSnapshot, false, &failure, false);
#endif
}

/// Lets go of what an access method keeps from one insertion to the next: from 17 on a BRIN keeps pages pinned.
inline void clean_up_insertions([[maybe_unused]] Relation index, [[maybe_unused]] IndexInfo *info)
{
#if PG_VERSION_NUM >= 170000
	index_insert_cleanup(index, info);
	info->ii_AmCache = nullptr; // earlier minor versions leave it
#endif
}

inline void insert_index_tuples(ResultRelInfo *table, TupleTableSlot *slot, EState *executor)
{
#if PG_VERSION_NUM >= 190000
	ExecInsertIndexTuples(table, executor, 0, slot, NIL, nullptr);
#elif PG_VERSION_NUM >= 160000
	ExecInsertIndexTuples(table, slot, executor, false, false, nullptr, NIL, false);
#else
	ExecInsertIndexTuples(table, slot, executor, false, false, nullptr, NIL);
#endif
}

// ---- new pages --------------------------------------------------------------------------------------------------------

constexpr std::uint32_t kMaxExtension = 64; ///< pages at once, as PostgreSQL's COPY from 16 on

/// Adds up to so many empty pages, at most kMaxExtension, to a table or an index, and gives the first one's number and that behind the last one: the same where it adds none.
inline BlockNumber extend(Relation relation, std::uint32_t count, [[maybe_unused]] BufferAccessStrategy strategy,
						  BlockNumber *end)
{
#if PG_VERSION_NUM >= 160000
	std::array<Buffer, kMaxExtension> buffers;
	std::uint32_t added = 0;
	BufferManagerRelation target{};
	target.rel = relation;
	BlockNumber const first = ExtendBufferedRelBy(target, MAIN_FORKNUM, strategy, 0, count, buffers.data(), &added);
	for (std::uint32_t i = 0; i < added; i++)
		ReleaseBuffer(buffers[i]);
	*end = first + added;
	return first;
#else
	LockRelationForExtension(relation, ExclusiveLock);
	BlockNumber const first = RelationGetNumberOfBlocks(relation);
	BlockNumber const in_file = first % RELSEG_SIZE;
	count = in_file == 0 ? 0 : std::min(count, RELSEG_SIZE - in_file); // PostgreSQL begins the next file itself
	*end = first;
	char *first_path = relpath(RelationGetSmgr(relation)->smgr_rnode, MAIN_FORKNUM);
	char *path = first < RELSEG_SIZE ? pstrdup(first_path) : psprintf("%s.%u", first_path, first / RELSEG_SIZE);
	int const file = count > 0 ? OpenTransientFile(path, O_RDWR | PG_BINARY) : -1;
	// those who look for them find them empty in the buffers; PostgreSQL takes such pages for new where they come not to be in the file
	for (std::uint32_t i = 0; file >= 0 && i < count; i++)
		UnlockReleaseBuffer(ReadBufferExtended(relation, MAIN_FORKNUM, first + i, RBM_ZERO_AND_LOCK, strategy));
	if (file >= 0) {
		off_t const begin = static_cast<off_t>(in_file) * BLCKSZ, size = static_cast<off_t>(count) * BLCKSZ;
		*end += posix_fallocate(file, begin, size) == 0 ? count : 0; // else PostgreSQL says what is wrong
		CloseTransientFile(file);
	}
	pfree(first_path);
	pfree(path);
	UnlockRelationForExtension(relation, ExclusiveLock);
	return first;
#endif
}

// ---- B-trees ----------------------------------------------------------------------------------------------------------

/// The leaf page of a key, locked for writing.
inline BTStack search_leaf([[maybe_unused]] Relation table, Relation index, BTScanInsert key, Buffer *buffer)
{
#if PG_VERSION_NUM >= 190000
	return _bt_search(index, table, key, buffer, BT_WRITE, true);
#elif PG_VERSION_NUM >= 170000
	return _bt_search(index, table, key, buffer, BT_WRITE);
#elif PG_VERSION_NUM >= 160000
	return _bt_search(index, table, key, buffer, BT_WRITE, nullptr);
#else
	return _bt_search(index, key, buffer, BT_WRITE, nullptr);
#endif
}

inline void free_stack(BTStack stack)
{
#if PG_VERSION_NUM >= 190000
	while (stack != nullptr)
		pfree(std::exchange(stack, stack->bts_parent));
#else
	_bt_freestack(stack);
#endif
}

/// Locked for writing.
inline Buffer new_page([[maybe_unused]] Relation table, Relation index)
{
#if PG_VERSION_NUM >= 160000
	return _bt_allocbuf(index, table);
#else
	return _bt_getbuf(index, P_NEW, BT_WRITE);
#endif
}

inline void finish_split([[maybe_unused]] Relation table, Relation index, Buffer left, BTStack stack)
{
#if PG_VERSION_NUM >= 160000
	_bt_finish_split(index, table, left, stack);
#else
	_bt_finish_split(index, left, stack);
#endif
}

inline std::size_t max_entry_size([[maybe_unused]] Page page)
{
#if PG_VERSION_NUM >= 180000
	return BTMaxItemSize;
#else
	return BTMaxItemSize(page);
#endif
}

} // namespace vero::pg::compat
