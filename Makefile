# Builds the extension (PGXS) and runs everything that checks it. `make help` lists the targets.
all:

# What a user may set:
#   PG_CONFIG      the PostgreSQL to build for
#   WERROR=1       warnings are errors (as in CI)
#   SANITIZE=1     the extension is built with UndefinedBehaviorSanitizer: what it finds ends the server process, and so the test
#   COVERAGE=1     the extension counts which of its lines run (make coverage)
#   ROOMS=1        the files of each room are compiled as one: a whole build takes a third of the time, another one after a small change more
#   TSAN_ROUNDS    how often check-tsan runs its tests, each time with other delays (1)
#   QUICK=1        make lint takes a third of the time, and looks less deep
#   FUZZ_SECONDS   how long each fuzz target runs (check: 5, fuzz: 600)
#   TESTS          names of SQL, isolation or TAP tests: check-server runs only these
#   VERSIONS       those of PostgreSQL that check-versions is for (17 18)
#   PACKAGES=      install no Debian packages, take the machine as it is
DEBIAN_PG_trixie = 17
DEBIAN_PG_forky = 18
DEBIAN_CLANG_trixie = 19
DEBIAN_CLANG_forky = 21
RELEASE := $(shell . /etc/os-release 2>/dev/null && echo $$VERSION_CODENAME)
# PostgreSQL and clang as this release of Debian has them, 12 where it is no known one
DEBIAN_PG := $(or $(DEBIAN_PG_$(RELEASE)),15)
DEBIAN_CLANG := $(or $(DEBIAN_CLANG_$(RELEASE)),14)
PG_CONFIG ?= $(firstword $(wildcard /usr/lib/postgresql/$(DEBIAN_PG)/bin/pg_config) pg_config)
PG_VERSION = $(or $(shell $(PG_CONFIG) --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/'),$(DEBIAN_PG))
FUZZ_CXX ?= clang++-$(DEBIAN_CLANG)
WERROR ?=
SANITIZE ?=
COVERAGE ?=
ROOMS ?=
QUICK ?=
TESTS ?=
VERSIONS ?= 17 18
export PG_CONFIG WERROR SANITIZE COVERAGE ROOMS QUICK FUZZ_CXX

# This directory as make sees it: "." in the tree, a path when the build happens elsewhere (make -f TREE/Makefile).
HERE := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))

# ---- the extension ---------------------------------------------------------------------------------------------------

EXTENSION = vero_events
MODULE_big = vero_events
SOURCES := $(patsubst $(HERE)/%,%,$(sort $(wildcard $(HERE)/src/core/*/*.cpp $(HERE)/src/pg/*.cpp $(HERE)/src/pg/*/*.cpp)))
# With ROOMS=1 a room's one file is rooms/pg_import.cpp, where src/pg/import is the room.
OUTSIDE_ROOMS = src/pg/module.cpp
ROOM_FILES := $(patsubst %,rooms/%.cpp,$(subst /,_,$(sort $(patsubst src/%/,%,$(dir $(filter-out $(OUTSIDE_ROOMS),$(SOURCES)))))))
OBJS := $(patsubst %.cpp,%.o,$(if $(filter 1,$(ROOMS)),$(OUTSIDE_ROOMS) $(ROOM_FILES),$(SOURCES)))
# The script of CREATE EXTENSION is joined from one file for each noun, in this order; scripts for updates lie beside them.
SCHEMA := $(patsubst %,src/schema/%.sql,schema imports import_profiles inspect contacts events rejected_rows campaigns trigger_jobs messages foreign_keys suppressions mail_stops backfill delivery worker partitions distribution views why health)
EXTENSION_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(HERE)/vero_events.control)
DATA_built = $(EXTENSION)--$(EXTENSION_VERSION).sql
DATA := $(patsubst $(HERE)/%,%,$(sort $(wildcard $(HERE)/src/schema/$(EXTENSION)--*.sql)))

# The server's headers as system headers: their own warnings under -Wextra are not ours to mend.
PG_CPPFLAGS = -I$(HERE)/src -isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CXXFLAGS = -std=c++20 -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror) -MMD -MP
# Lines suffice to read a backtrace, and take a quarter less time to compile than all variables; packages have all of it.
PG_CXXFLAGS += $(if $(filter 1,$(WERROR) $(SANITIZE)),-g1)
INSTRUMENTED = $(if $(SANITIZE),-fsanitize=undefined -fno-sanitize-recover=all -O1)$(if $(COVERAGE),--coverage -fprofile-update=atomic -O0)
PG_CXXFLAGS += $(INSTRUMENTED)
SHLIB_LINK = $(filter -f% --coverage,$(INSTRUMENTED)) -lstdc++ -lidn2 -lutf8proc -lcurl -lz -lzstd -Wl,--version-script=$(HERE)/src/exports.map
# Bitcode would be compiled by clang as gnu++14. Without it JIT works all the same, it only inlines nothing of ours.
override with_llvm = no

# Tests for installcheck, against a running server that has the extension installed and preloaded.
REGRESS := $(patsubst $(HERE)/sql/%.sql,%,$(sort $(wildcard $(HERE)/sql/*.sql)))
REGRESS_OPTS = --load-extension=vero_events
ISOLATION := $(patsubst $(HERE)/test/isolation/%.spec,%,$(sort $(wildcard $(HERE)/test/isolation/*.spec)))
ISOLATION_OPTS = --load-extension=vero_events --inputdir=$(HERE)/test/isolation
EXTRA_CLEAN = $(SOURCES:.cpp=.d) build rooms

# PGXS comes in only where it is installed and asked for, so that the targets below work on a bare machine.
OUR_TARGETS = deps deps-ci demo demo-stop check check-unit check-tsan check-fuzz check-server check-exports check-docs check-asserts check-versions check-pg-upgrade check-clients check-mail check-packages coverage deb dist docs soak rounds fuzz bench bench-jobs bench-mail bench-many bench-shapes bench-small format lint help
PGXS_TARGETS = $(filter-out $(OUR_TARGETS),$(or $(MAKECMDGOALS),all))
ifneq ($(PGXS_TARGETS),)
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
ifneq ($(PGXS),)
# A PostgreSQL that was built in its source tree has lost the line that would set it.
ifneq ($(HERE),.)
VPATH := $(HERE)
endif
# make install prefix=DIRECTORY: into one that extension_control_path and dynamic_library_path name; PGXS of Debian's takes no notice of it.
ifeq ($(origin prefix),command line)
override datadir := $(prefix)/share/postgresql
override pkglibdir := $(prefix)/lib/postgresql
endif
include $(PGXS)
# A build elsewhere finds the sources in the tree, and nothing that was built there, for another version perhaps.
override VPATH :=
srcdir := $(HERE)
vpath %.cpp $(HERE)
vpath %.control $(HERE)
src/pg/module.o: override CPPFLAGS += -DVERO_VERSION='"$(EXTENSION_VERSION)"'
src/pg/module.o: $(HERE)/vero_events.control
ifneq ($(HERE),.)
$(shell mkdir -p $(sort $(dir $(OBJS))))
endif
-include $(OBJS:.o=.d)
$(ROOM_FILES): rooms/%.cpp: rooms-are-looked-at
	@mkdir -p rooms
	@printf '#include "%s"\n' $(patsubst src/%,%,$(filter src/$(subst _,/,$*)/%,$(SOURCES))) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
.PHONY: rooms-are-looked-at
$(MODULE_big).so: $(HERE)/src/exports.map
$(DATA_built): $(addprefix $(HERE)/,$(SCHEMA))
	awk 'FNR == 1 && NR > 1 { print "" } { print }' $^ >$@

# The specs lie beside their expected/ directory, while pg_isolation_regress wants them in one named specs/.
installcheck: export VERO_TEST_DATA = $(abspath $(HERE)/test/data)
installcheck: isolation-specs
.PHONY: isolation-specs
isolation-specs:
	@rm -rf output_iso && mkdir -p output_iso/specs
	@$(if $(ISOLATION),cp $(HERE)/test/isolation/*.spec output_iso/specs/)
else
all install installcheck uninstall:
	@echo "PostgreSQL's server headers are missing: 'make deps' installs them (package postgresql-server-dev-$(PG_VERSION))" >&2
	@false
clean:
	rm -rf build
endif
endif

# ---- everything round it ---------------------------------------------------------------------------------------------

TOOLS = test/tools
# Each package and its reason: CONTRIBUTING.md.
PACKAGES_BUILD = make g++ postgresql-$(PG_VERSION) postgresql-server-dev-$(PG_VERSION) libkrb5-dev libidn2-dev libutf8proc-dev libexpected-dev libcurl4-openssl-dev zlib1g-dev libzstd-dev
PACKAGES_TEST = $(PACKAGES_BUILD) cmake clang-$(DEBIAN_CLANG) libclang-rt-$(DEBIAN_CLANG)-dev libgtest-dev libbenchmark-dev libipc-run-perl \
	python3-aiosmtpd openssl
PACKAGES_DEB = $(filter-out make g++ postgresql-%,$(PACKAGES_BUILD)) build-essential debhelper postgresql-server-dev-all
# Unpacked below build/, never installed: they would replace the machine's own mail server.
PACKAGES_MAIL = exim4-daemon-light libidn12 libnss-wrapper postfix $(PACKAGES_MAIL_$(RELEASE))
PACKAGES_MAIL_trixie = libnsl2 libtirpc3t64
PACKAGES_MAIL_forky = libsqlite3-0
PACKAGES_BENCH = $(PACKAGES_TEST) libcsv-dev pgloader zstd
PACKAGES_JOBS = $(PACKAGES_BUILD) $(if $(shell command -v npm),,nodejs npm)
PACKAGES_LINT = $(PACKAGES_TEST) clang-format-14 clang-tidy-14
# Node comes with an npm of its own where it is not Debian's.
PACKAGES_CLIENTS = $(PACKAGES_BUILD) python3-psycopg python3-psycopg2 libpostgresql-jdbc-java default-jdk-headless $(if $(shell command -v npm),,nodejs npm)
PACKAGES = yes
install_packages = $(if $(PACKAGES),@$(TOOLS)/install_packages $(1))
unpack_packages = $(if $(PACKAGES),@$(TOOLS)/unpack_packages $(PACKAGES_MAIL))

.PHONY: $(OUR_TARGETS)

## deps: install the Debian packages that building and checking need and that are missing
deps:
	$(call install_packages,$(PACKAGES_TEST))

# deps-ci: those of everything that .ci/run runs
deps-ci:
	$(call install_packages,$(sort $(PACKAGES_TEST) $(PACKAGES_LINT) $(PACKAGES_CLIENTS) debootstrap))

## demo: build, start a private throw-away server, import examples, correct rejects, show the outcome
demo:
	$(call install_packages,$(PACKAGES_BUILD))
	@test/demo/demo.sh start

## demo-stop: stop the demo's server and remove it
demo-stop:
	@test/demo/demo.sh stop

# PGXS has a target of that name that only says it is not supported: ours is not defined where nobody asks for it.
ifneq ($(or $(if $(PGXS),,yes),$(filter check,$(MAKECMDGOALS))),)
## check: build and run everything: unit tests, a short fuzz, exports, SQL, isolation and TAP tests, the code in the pages
check: ROOMS = 1
check:
	$(call install_packages,$(PACKAGES_TEST))
	$(unpack_packages)
	@$(TOOLS)/check unit fuzz exports server docs
endif

## check-unit: only the unit tests of the core (with AddressSanitizer and UBSan)
check-unit:
	$(call install_packages,$(PACKAGES_TEST))
	@$(TOOLS)/check unit

## check-tsan: the unit tests of threads with ThreadSanitizer (TSAN_ROUNDS=100: a hundred times, each time with other delays)
check-tsan:
	$(call install_packages,$(PACKAGES_TEST))
	@TSAN_ROUNDS="$(TSAN_ROUNDS)" $(TOOLS)/check threads

## check-fuzz: only a short run of each fuzz target
check-fuzz:
	$(call install_packages,$(PACKAGES_TEST))
	@$(TOOLS)/check fuzz

## check-exports: only the check that the library exports what it should and nothing else
check-exports:
	$(call install_packages,$(PACKAGES_BUILD))
	@$(TOOLS)/check exports

## check-docs: only README.md and docs/: runs their code and compares, makes docs/reference.md from the catalog, follows links
check-docs:
	$(call install_packages,$(PACKAGES_TEST))
	@$(TOOLS)/check docs

## docs: write the results of that into the pages
docs:
	$(call install_packages,$(PACKAGES_TEST))
	@$(TOOLS)/docs write

## check-server: only SQL, isolation and TAP tests, in a private server (TESTS="import import_times" runs only these)
check-server:
	$(call install_packages,$(PACKAGES_TEST))
	$(unpack_packages)
	@TESTS="$(TESTS)" $(TOOLS)/check server

## check-asserts: SQL, isolation and TAP tests in a PostgreSQL with assertions, built from Debian's source package, once
check-asserts:
	$(call install_packages,$(PACKAGES_TEST) bzip2)
	$(unpack_packages)
	@server=$$($(TOOLS)/assert_server) && PG_CONFIG=$$server ASSERTS=1 TESTS="$(TESTS)" $(TOOLS)/check server

## check-versions: make check for PostgreSQL 17 and 18 (VERSIONS), each in a Debian of its own, as root; writes docs/testing.md (1 hour)
check-versions:
	@TESTS="$(TESTS)" WERROR="$(or $(WERROR),1)" $(TOOLS)/check_versions $(VERSIONS)

## check-pg-upgrade: a cluster with the extension goes from PostgreSQL 15 to 17 and 18, and from 17 to 18, in the chroots of check-versions, as root
check-pg-upgrade:
	$(call install_packages,$(PACKAGES_TEST))
	@$(TOOLS)/check pg_upgrade

## coverage: which lines the unit, SQL and isolation tests run (TESTS="..." for others); docs/testing.md has the figures
coverage:
	$(call install_packages,$(PACKAGES_TEST) lcov)
	$(unpack_packages)
	@$(TOOLS)/coverage $(TESTS)

## check-clients: COPY from psql, psycopg, Node.js and JDBC (their drivers come from Debian and npm)
check-clients:
	$(call install_packages,$(PACKAGES_CLIENTS))
	@$(TOOLS)/check_clients

## check-mail: SpamAssassin's local rules judge typical messages, which a server of the tests takes (1 minute)
check-mail:
	$(call install_packages,$(PACKAGES_TEST) spamassassin)
	@VERO_SPAMASSASSIN=1 TESTS="045_mail_filters" $(TOOLS)/check server

## check-packages: the ways to install it, each from nothing in a bare Debian (as root; 30 minutes, the second time 10)
check-packages:
	$(call install_packages,debootstrap)
	@$(TOOLS)/check_packages

## deb: Debian packages of the extension, below build/deb
deb:
	$(call install_packages,$(PACKAGES_DEB))
	@$(TOOLS)/deb

## dist: the zip for PGXN, build/vero_events-VERSION.zip, of what is committed
dist:
	@$(TOOLS)/dist

## soak: the tests that kill workers and servers, in many rounds, and an idle server watched for a minute (25 minutes)
soak:
	$(call install_packages,$(PACKAGES_TEST))
	@VERO_KILL_ROUNDS=50 VERO_CRASH_ROUNDS=20 VERO_IDLE_SECONDS=60 VERO_MAILS=10000 VERO_MAIL_KILLS=25 VERO_INJECT_STEP=3 \
		TESTS="021_worker_crash 022_idle 033_mail_worker 040_injected_errors" $(TOOLS)/check server

## rounds: random imports side by side, which fail, are cancelled, killed, prepared and rolled back; random histories; forecasts that have to come true (ROUNDS=1000, HISTORIES=2000, FORECASTS=500; 17 minutes)
rounds:
	$(call install_packages,$(PACKAGES_TEST))
	@VERO_ROUNDS=$${ROUNDS:-1000} VERO_HISTORIES=$${HISTORIES:-2000} VERO_FORECASTS=$${FORECASTS:-500} TESTS="008_side_by_side 019_histories 043_forecasts" $(TOOLS)/check server

## fuzz: the fuzz targets for long (FUZZ_SECONDS=600 each)
fuzz:
	$(call install_packages,$(PACKAGES_TEST))
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-600} $(TOOLS)/check fuzz

## bench: micro-benchmarks of the core, then whole imports beside COPY, SQL and pgloader (10 minutes; BENCH_FULL=1: 25)
bench:
	$(call install_packages,$(PACKAGES_BENCH))
	@$(TOOLS)/bench

## bench-mail: messages a second over one connection, beside Postfix' smtp-source (1 minute)
bench-mail:
	$(call install_packages,$(PACKAGES_BUILD))
	$(unpack_packages)
	@test/bench/mail

## bench-many: imports by many clients at once, beside one client, COPY and SQL upserts (5 minutes)
bench-many:
	$(call install_packages,$(PACKAGES_BUILD))
	@test/bench/many

## bench-shapes: an import by how vero.events is partitioned and indexed, beside COPY into the same (10 minutes)
bench-shapes:
	$(call install_packages,$(PACKAGES_BUILD))
	@test/bench/shapes

## bench-jobs: deciding due jobs beside graphile-worker and pg-boss, which come from npm (5 minutes)
bench-jobs:
	$(call install_packages,$(PACKAGES_JOBS))
	@test/bench/jobs

## bench-small: imports of 1, 10 and 1,000 records beside the same by SQL, on one client and on four (10 minutes)
bench-small:
	$(call install_packages,$(PACKAGES_BUILD))
	@test/bench/small

## format: lay out all C++ files by .clang-format
format:
	$(call install_packages,$(PACKAGES_LINT))
	@$(TOOLS)/lint fix

## lint: clang-format and clang-tidy, changing nothing
lint:
	$(call install_packages,$(PACKAGES_LINT))
	@$(TOOLS)/lint check

## help: this list
help:
	@echo 'all            the extension, for the PostgreSQL of PG_CONFIG (default)'
	@echo 'install        install it there (as root)'
	@echo 'installcheck   SQL and isolation tests against a running server that has it'
	@echo 'clean          remove everything that was built'
	@sed -n 's/^## \([a-z-]*\): \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'
