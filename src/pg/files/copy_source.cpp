// The sources that only COPY has: a program on the server, and the client.
#include "pg/files/source.hpp"

#include "pg/base/boundary.hpp"
#include "pg/files/server_program.hpp"

extern "C" {
#include "commands/progress.h"
#include "libpq/libpq.h"
#include "libpq/pqformat.h"
#include "storage/fd.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
}

namespace vero::pg {
namespace {

// The client needs no count of columns: the file has its own.
constexpr int kColumns = 0;

[[noreturn]] void lose_client()
{
	ereport(ERROR, (errcode(ERRCODE_CONNECTION_FAILURE),
					errmsg("unexpected EOF on client connection with an open transaction")));
}

void ask_client(StringInfo message, ClientForm form)
{
	if (whereToSendOutput != DestRemote) {
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("COPY format \"vero_csv\" reads from STDIN only what a client sends")));
	}
	initStringInfo(message);
	StringInfoData response;
	pq_beginmessage(&response, 'G');
	pq_sendbyte(&response, form == ClientForm::binary ? 1 : 0);
	pq_sendint16(&response, kColumns);
	pq_endmessage(&response);
	pq_flush();
}

/// Reads one message. No cancel may come between its parts, or the protocol would be out of step.
int receive_message(StringInfo message)
{
	HOLD_CANCEL_INTERRUPTS();
	pq_startmsgread();
	int type = pq_getbyte();
	if (type == EOF)
		lose_client();
	if (strchr("dcfHS", type) == nullptr || type == '\0') {
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("unexpected message type 0x%02X during COPY from stdin", static_cast<unsigned>(type))));
	}
	if (pq_getmessage(message, type == 'd' ? PQ_LARGE_MESSAGE_LIMIT : PQ_SMALL_MESSAGE_LIMIT) != 0)
		lose_client();
	RESUME_CANCEL_INTERRUPTS();
	if (type == 'f') {
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED), errmsg("COPY from stdin failed: %s", pq_getmsgstring(message))));
	}
	return type;
}

constexpr std::size_t kLongestMarker = std::string_view("\\.\r\n").size();

/// How many of the bytes, which are the last ones, are the line \. that psql up to 17 sends behind data that stand in a script. `before` stands
/// before them. It is no part of what is imported, which is the same content when it comes otherwise.
std::size_t marker_size(std::string_view bytes, char before)
{
	std::string_view rest = bytes;
	if (rest.ends_with('\n'))
		rest.remove_suffix(1);
	if (rest.ends_with('\r'))
		rest.remove_suffix(1);
	if (!rest.ends_with("\\."))
		return 0;
	rest.remove_suffix(2);
	char const previous = rest.empty() ? before : rest.back();
	return previous == '\n' || previous == '\r' ? bytes.size() - rest.size() : 0;
}

} // namespace

ProgramSource::ProgramSource(std::string command)
	: command_(std::move(command)), pipe_(open_program(command_.c_str(), PG_BINARY_R))
{
}

ProgramSource::~ProgramSource()
{
	if (pipe_ != nullptr)
		ClosePipeStream(pipe_);
}

std::size_t ProgramSource::read(std::span<char> room)
{
	if (pipe_ == nullptr)
		return 0;
	std::size_t size = std::fread(room.data(), 1, room.size(), pipe_);
	if (size > 0)
		return size;
	close_program(std::exchange(pipe_, nullptr), command_.c_str());
	return 0;
}

int ProgramSource::progress_type() const
{
	return PROGRESS_COPY_TYPE_PROGRAM;
}

std::size_t ClientSource::receive(std::span<char> room)
{
	if (!is_asked_)
		call([this] { ask_client(&message_, form_); });
	is_asked_ = true;
	std::size_t filled = 0;
	while (filled < room.size() && !is_done_) {
		int available = message_.len - message_.cursor;
		if (available == 0) {
			int type = call([this] {
				int received = receive_message(&message_);
				CHECK_FOR_INTERRUPTS(); // a cancel that came while the server waited
				return received;
			});
			is_done_ = type == 'c';
			if (type != 'd')
				message_.cursor = message_.len;
			continue;
		}
		std::size_t size = std::min(room.size() - filled, static_cast<std::size_t>(available));
		std::copy_n(message_.data + message_.cursor, size, room.data() + filled);
		message_.cursor += static_cast<int>(size);
		filled += size;
	}
	return filled;
}

std::size_t ClientSource::read(std::span<char> room)
{
	if (form_ == ClientForm::binary)
		return receive(room);
	std::size_t filled = held_.copy(room.data(), room.size());
	filled += receive(room.subspan(filled));
	std::string_view const bytes(room.data(), filled);
	std::size_t const kept = is_done_ ? marker_size(bytes, last_) : std::min(filled, kLongestMarker);
	held_ = is_done_ ? "" : bytes.substr(filled - kept);
	filled -= kept;
	if (filled > 0)
		last_ = room[filled - 1];
	return filled;
}

int ClientSource::progress_type() const
{
	return PROGRESS_COPY_TYPE_PIPE;
}

} // namespace vero::pg
