#!/usr/bin/env bash
# demo.sh start|stop: a private server that stays up, with the extension in it and some files imported.
#
# All of it lies in one directory below TMPDIR. A second start replaces what the first one left; no other PostgreSQL is
# touched. As root the server runs as the user postgres.
set -euo pipefail
# shellcheck source=test/tools/common.sh
source "$(dirname "$0")/../tools/common.sh"

home=${TMPDIR:-/tmp}/vero_events_demo.$(id -u)
data=$home/data
server_home=$home

# The name is predictable: what lies there must be ours before anything in it is run or removed.
[[ ! -L $home && (! -e $home || -O $home) ]] || die "$home belongs to somebody else"

stop() {
	[[ -e $home ]] || return 1
	if [[ -s $data/postmaster.pid ]]; then
		local bin
		bin=$(cat "$home/bin")
		as_server_user "$bin/pg_ctl" -D "$data" -m fast -w stop >/dev/null 2>&1 ||
			as_server_user "$bin/pg_ctl" -D "$data" -m immediate -w stop >/dev/null 2>&1 || true
	fi
	rm -rf "$home"
}

case ${1:-} in
stop)
	if stop; then say "The demo's server is stopped and removed."; else say "There is no demo to stop."; fi
	exit
	;;
start) ;;
*) die "say start or stop" ;;
esac

clear_environment
build=$(build_directory)
say "Building the extension in $build ..."
# What it has come to, every ten seconds: the first build takes minutes, although each room's files are compiled as one.
export ROOMS=1
(build_extension) >"$build/demo.built" &
rooms=$(find "$tree/src" -name '*.cpp' -printf '%h\n' | sort -u | wc -l)
for ((seconds = 1; ; seconds++)); do
	sleep 1
	kill -0 $! 2>/dev/null || break
	((seconds % 10)) || say "  compiling: $(find "$build/extension-$(server_version)${WERROR:+-werror}-rooms" -name '*.o' | wc -l) of $rooms rooms are done"
done
wait $!
built=$(cat "$build/demo.built")
stop || true

# what fails on the way leaves nothing behind
finish() {
	status=$?
	trap - EXIT HUP INT TERM
	if [[ $status != 0 ]]; then
		[[ ! -s $home/server.log ]] || tail -n 30 "$home/server.log" >&2
		stop || true
	fi
	exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say "Starting a private server in $home ..."
mkdir -m 755 "$home"
copy_server "$home/server"
printf '%s\n' "$server_bin" >"$home/bin"
install_extension "$built" "$home/server"
install -d -m 755 "$home/files"
install -m 644 "$tree/test/data/example.csv" "$tree/test/data/orders.csv" "$home/files/"
awk -v good=100000 -f "$tree/test/demo/make_messy.awk" >"$home/files/messy.csv"
install -d -m 700 "$data" "$home/socket"
: >"$home/server.log"
own "$data" "$home/socket" "$home/server.log" "$home/files"
cd "$home/files"
as_server_user "$server_bin/initdb" -D "$data" -U postgres -A trust --no-locale -E UTF8 --no-sync >/dev/null
write_configuration "$data" "$home/socket"
printf '%s\n' "shared_preload_libraries = 'vero_events'" "vero_events.unsubscribe_address = 'unsubscribe@example.com'" >>"$data/postgresql.conf"
as_server_user "$server_bin/pg_ctl" -D "$data" -l "$home/server.log" -w start >/dev/null

as_server_user "$server_bin/psql" -X -h "$home/socket" -U postgres -d postgres -v data="$home/files" -v messy="$home/files/messy.csv" \
	<"$tree/test/demo/demo.sql"

printf '%s\n' '#!/bin/sh' "exec '$server_bin/psql' -h '$home/socket' -U postgres \"\$@\" postgres" >"$home/psql"
chmod 755 "$home/psql"
printf '%s\n' "" "The server stays up. To connect:" "    $home/psql" "The files are in $home/files." \
	"To stop the server and remove it:" "    make demo-stop"
