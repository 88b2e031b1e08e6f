# What the scripts here share: where the tree is, where builds go, how to build. Sourced by bash scripts.
# shellcheck shell=bash

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

say() { printf '%s\n' "$*"; }
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}
heading() { printf '\n=== %s ===\n' "$*"; }

# Builds go to build/ in a tree of one's own. In somebody else's (root in a user's checkout, a read-only one) they go to a
# private directory instead, so that nobody finds files in their tree that they cannot overwrite. VERO_BUILD says where instead of both.
build_directory() {
	local dir=$tree/build
	if [[ ${VERO_BUILD:-} ]]; then
		dir=$VERO_BUILD
	elif [[ ! -O $tree || ! -w $tree || (-e $dir && ! (-O $dir && -w $dir)) ]]; then
		dir=${TMPDIR:-/tmp}/vero_events_build.$(id -u)
		[[ ! -L $dir ]] && mkdir -p -m 700 "$dir" && [[ -O $dir ]] || die "$dir is not ours"
		dir+=/$(cksum <<<"$tree" | cut -d ' ' -f 1)
	fi
	mkdir -p "$dir"
	printf '%s\n' "$dir"
}

# Measurements go to test/bench/results in a tree of one's own, else beside the builds; BENCH_RESULTS says where instead.
results_directory() {
	local dir=$tree/test/bench/results
	if [[ ! -O $tree || ! -w $tree ]]; then dir=$(build_directory)/results; fi
	dir=${BENCH_RESULTS:-$dir}
	mkdir -p "$dir"
	printf '%s\n' "$dir"
}

# run_quietly LOG COMMAND...: the output is shown only if the command fails.
run_quietly() {
	local log=$1
	shift
	"$@" >"$log" 2>&1 || {
		tail -n 60 "$log" >&2
		return 1
	}
}

# make without what an outer make hands down (its flags, job server and targets)
clean_make() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make --no-print-directory "$@"; }

# copy_tree TARGET: what belongs to the tree, without what was built in it
copy_tree() {
	if [[ -e $tree/.git ]]; then
		git -c safe.directory='*' -C "$tree" ls-files -z --cached --others --exclude-standard |
			(cd "$tree" && while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done) |
			tar -C "$tree" --null --files-from=- -cf - | tar -xf - --no-same-owner -C "$1"
	else
		tar -C "$tree" --exclude=./build -cf - . | tar -xf - --no-same-owner -C "$1"
	fi
}

pg_config=${PG_CONFIG:-pg_config}

# the major version of the PostgreSQL that the extension is built for
server_version() { "$pg_config" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/'; }

# make with what these scripts are told. With VERO_INJECT in the environment: the extension that fails where a test wants it to (test/inject).
make_extension() {
	clean_make -f "$tree/Makefile" PG_CONFIG="$pg_config" WERROR="${WERROR:-}" SANITIZE="${SANITIZE:-}" COVERAGE="${COVERAGE:-}" ROOMS="${ROOMS:-}" \
		${VERO_INJECT:+CXX="g++ -I$tree/test/inject" COPT="-O0 -g0"} "$@"
}

# The extension is built outside the sources, once for each kind of warnings, instruments and server. Prints the directory. Call it in a
# subshell: it holds a lock, for two commands may need the same build at once.
build_extension() {
	local dir lock
	dir=$build/extension-$(server_version)${WERROR:+-werror}${SANITIZE:+-sanitize}${COVERAGE:+-coverage}${ASSERTS:+-asserts}${ROOMS:+-rooms}${VERO_INJECT:+-inject}
	mkdir -p "$dir"
	exec {lock}>"$dir.lock"
	flock "$lock"
	# nothing is injected into the core: its objects are those of the plain build
	if [[ ${VERO_INJECT:-} && ! -e $dir/src && -e ${dir%-inject}/src ]]; then
		(cd "${dir%-inject}" && find . -type f \( -path './src/core/*' -o -path './rooms/core_*' \) -exec cp -a --parents -t "$dir" {} +)
	fi
	run_quietly "$dir.log" make_extension -s -C "$dir" -j "$(nproc)" all ||
		die "the extension does not compile (PG_CONFIG=$pg_config)"
	printf '%s\n' "$dir"
}

# install_extension BUILT ROOT: into the tree below ROOT (as DESTDIR)
install_extension() {
	flock "$1.lock" true # nobody builds it right now
	run_quietly "$2.log" make_extension -C "$1" DESTDIR="$2" install ||
		die "the extension does not install"
}

# copy_server ROOT: the installed server below ROOT, where it finds its own files: Debian's PostgreSQL is relocatable.
# With Citus and TimescaleDB, where VERO_CITUS and VERO_TIMESCALE are the directories below which they were installed (their make install DESTDIR=...). Sets server_bin. It is a copy because installing an extension into the machine's own server would change that.
copy_server() {
	local root=$1 dir include product
	server_bin=$root$("$pg_config" --bindir)
	for dir in "$("$pg_config" --bindir)" "$("$pg_config" --pkglibdir)" "$("$pg_config" --sharedir)"; do
		mkdir -p "$root$dir"
		cp -a "$dir/." "$root$dir/"
	done
	[[ -x $server_bin/postgres ]] || die "no PostgreSQL server in $("$pg_config" --bindir)"
	for product in VERO_CITUS VERO_TIMESCALE; do
		[[ ${!product:-} ]] || continue
		for dir in "$("$pg_config" --pkglibdir)" "$("$pg_config" --sharedir)"; do
			[[ -d ${!product}$dir ]] || die "$product=${!product} holds nothing for this server: there is no ${!product}$dir"
			cp -a "${!product}$dir/." "$root$dir/"
		done
	done
	include=$("$pg_config" --includedir)
	mkdir -p "$root${include%/*}"
	ln -s "$include" "$root$include"
}

# as_server_user COMMAND...: as the user that the server runs as: postgres if we are root (a server refuses root), else us.
server_user=$(id -un)
as_server_user() { "$@"; }
if [[ $(id -u) == 0 ]]; then
	server_user=postgres
	as_server_user() {
		setpriv --reuid postgres --regid "$(id -g postgres)" --init-groups \
			env HOME="${server_home:-/}" USER=postgres LOGNAME=postgres "$@"
	}
fi

# own PATH...: gives files to that user
own() { [[ $(id -u) != 0 ]] || chown -R "$server_user" "$@"; }

# write_configuration DATA SOCKET_DIRECTORY: a server that nobody reaches from outside
write_configuration() {
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$2'" "unix_socket_permissions = 0700" \
		"max_worker_processes = 16" >>"$1/postgresql.conf"
}

# clear_environment: nothing of the caller's may lead psql to another server
clear_environment() {
	local name
	for name in $(compgen -e PG); do
		[[ $name == PG_CONFIG ]] || unset "$name"
	done
	export LC_ALL=C.UTF-8 LANG=C.UTF-8
}
