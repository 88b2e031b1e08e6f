// Addresses of people who were forgotten: known by hashes, so that they get no mail again.
#include "pg/outbox/suppressions.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/outbox/descriptor.hpp"
#include "pg/sql/statement.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include "catalog/pg_class_d.h"
#include "common/cryptohash.h"
#include "common/file_perm.h"
#include "common/hmac.h"
#include "common/sha2.h"
#include "storage/fd.h"
#include "storage/lmgr.h"
}

namespace vero::pg {
namespace {

constexpr char const *kKeyFile = "vero_events_suppressions.key";
constexpr char const *kNewKeyFile = "vero_events_suppressions.key.new";
constexpr std::size_t kKeySize = 32;
constexpr ElementForm kBytea{BYTEAOID, -1, false, TYPALIGN_INT};

constexpr Statement kAdd{
	R"(
	INSERT INTO vero.suppressions (key_id, address_hash, suppressed_by)
	VALUES ($1, $2, $3)
	ON CONFLICT DO NOTHING)",
	{BYTEAOID, BYTEAOID, NAMEOID}};

constexpr Statement kKeys{
	R"(
	SELECT EXISTS (SELECT FROM vero.suppressions AS s WHERE s.key_id < $1) OR EXISTS (SELECT FROM vero.suppressions AS s WHERE s.key_id > $1)
			AS are_others,
		EXISTS (SELECT FROM vero.suppressions AS s WHERE s.key_id = $1) AS are_own)",
	{BYTEAOID},
	{{"are_others", BOOLOID}, {"are_own", BOOLOID}}};

constexpr Statement kFind{
	R"(
	SELECT r.place
	FROM unnest($2, $3) AS r (place, hash)
	WHERE EXISTS (SELECT FROM vero.suppressions AS s WHERE s.key_id = $1 AND s.address_hash = r.hash))",
	{BYTEAOID, INT4ARRAYOID, BYTEAARRAYOID},
	{{"place", INT4OID}}};

[[noreturn]] void report_file_error()
{
	call([] { ereport(ERROR, (errcode_for_file_access(), errmsg("could not use file \"%s\": %m", kKeyFile))); });
	throw std::logic_error("an ERROR was not raised");
}

/// Nothing where there is none.
std::optional<std::string> read_key()
{
	Descriptor file(open(kKeyFile, O_RDONLY | O_CLOEXEC));
	if (!file.is_open()) {
		if (errno != ENOENT)
			report_file_error();
		return std::nullopt;
	}
	std::string key(kKeySize, '\0');
	if (pread(file.get(), key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
		throw Report{ERRCODE_SYSTEM_ERROR, std::string("file \"") + kKeyFile + "\" is not a key", "", ""};
	return key;
}

void write_key()
{
	std::string key(kKeySize, '\0');
	unlink(kNewKeyFile);
	Descriptor file(open(kNewKeyFile, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, pg_file_create_mode));
	if (!pg_strong_random(key.data(), key.size()))
		throw Report{ERRCODE_INTERNAL_ERROR, "no randomness could be had", "", ""};
	if (!file.is_open() || write(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
		pg_fsync(file.get()) != 0 || durable_rename(kNewKeyFile, kKeyFile, LOG) != 0)
		report_file_error();
}

std::string require_key()
{
	Descriptor directory(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (directory.is_open())
		flock(directory.get(), LOCK_EX); // one at a time makes it
	std::optional<std::string> key = read_key();
	if (!key) {
		write_key();
		key = read_key();
	}
	if (!key)
		report_file_error();
	return *key;
}

/// HMAC-SHA-256.
std::string hash(std::string const &key, std::string_view text)
{
	std::string digest(PG_SHA256_DIGEST_LENGTH, '\0');
	auto const *key_bytes = reinterpret_cast<uint8 const *>(key.data());
	auto const *bytes = reinterpret_cast<uint8 const *>(text.data());
	auto *out = reinterpret_cast<uint8 *>(digest.data());
	std::size_t key_size = key.size(), size = text.size(), out_size = digest.size();
	call([=] {
		pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);
		if (context == nullptr || pg_hmac_init(context, key_bytes, key_size) < 0 ||
			pg_hmac_update(context, bytes, size) < 0 || pg_hmac_final(context, out, out_size) < 0)
			elog(ERROR, "an address could not be hashed");
		pg_hmac_free(context);
	});
	return digest;
}

/// Tells the keys apart, and nothing of them.
std::string id_of(std::string const &key)
{
	return hash(key, "which key it is").substr(0, 8);
}

/// The key that all addresses in vero.suppressions were hashed with; nothing where there are none. Where it is missing, that is the server's fault,
/// and not that of the job or the file whose addresses are looked for.
std::optional<std::string> find_own_key(Catalog const &catalog)
{
	std::optional<std::string> key = read_key();
	bool are_others, are_own;
	call([&] {
		auto rows = run_kept_as_owner<kKeys, Planned::once>(catalog, {key ? id_of(*key) : ""});
		are_others = rows[0].boolean("are_others");
		are_own = rows[0].boolean("are_own");
		rows.free();
	});
	if (are_others) {
		throw Report{ERRCODE_UNDEFINED_FILE,
					 "addresses in vero.suppressions were hashed with a key that this server does not have", "",
					 std::string("Copy the file \"") + kKeyFile +
						 "\" from the data directory in which they were forgotten, or delete these rows: their "
						 "addresses may then get mail again."};
	}
	return are_own ? key : std::nullopt;
}

} // namespace

void suppress_address(Catalog const &catalog, std::string const &email)
{
	call([&] { LockDatabaseObject(RelationRelationId, catalog.suppressions, 0, ExclusiveLock); });
	find_own_key(catalog); // before a new one is made beside one that is missing
	std::string key = require_key(), address_hash = hash(key, email), key_id = id_of(key);
	call([&] {
		Datum user = current_user_name();
		run_as_owner<kAdd>(catalog, {key_id, address_hash, user});
	});
}

void keep_suppressions(Catalog const &catalog)
{
	LockDatabaseObject(RelationRelationId, catalog.suppressions, 0, ShareLock);
}

std::vector<std::size_t> find_suppressed(Catalog const &catalog, std::vector<std::string_view> const &emails)
{
	std::optional<std::string> key = find_own_key(catalog);
	if (!key)
		return {};
	std::vector<std::string> hashes;
	hashes.reserve(emails.size());
	for (std::string_view email : emails)
		hashes.push_back(hash(*key, email));
	std::vector<std::size_t> places;
	auto rows = call([&] {
		return run_kept_as_owner<kFind>(
			catalog,
			{id_of(*key), int4_array(hashes.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
			 make_array(hashes.size(), kBytea,
						[&](std::size_t i) -> std::optional<Datum> { return text_datum(hashes[i]); })});
	});
	for (std::size_t i = 0; i < rows.count(); i++)
		places.push_back(static_cast<std::size_t>(call([&] { return rows[i].int4("place"); })));
	call([&] { rows.free(); });
	return places;
}

} // namespace vero::pg
