# Thin: everything real is in CMake and tools/.
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local

.PHONY: all setup release dev test torture demo bench format tidy fuzz install clean

all: release

setup:
	@tools/setup.sh

release:
	@cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	cmake --build --preset release -j $(JOBS)

dev:
	@cmake --preset dev
	cmake --build --preset dev -j $(JOBS)

test: setup
	@tools/test.sh

# Jobs killed N times, and at every fault point, against an undisturbed run: files and SQLite, then
# Kafka with a broker that is killed, too.
N ?= 2000
torture: setup dev
	WEIR_TORTURE=$(N) python3 tests/run.py --build build/dev tests/cli/kill_loop_test.py
	WEIR_TORTURE=$(N) python3 tests/run.py --build build/dev \
	    tests/kafka/exactly_once_test.py tests/kafka/replay_test.py

# In a terminal until ^C; else it ends by itself.
demo: setup release
	@if [ -t 1 ]; then build/release/weir demo; else build/release/weir demo -n 12; fi

bench: release
	@tools/bench.sh $(ARGS)

format:
	git ls-files '*.c' '*.h' '*.cc' | xargs clang-format -i

tidy:
	@python3 tests/tidy/tidy.py

fuzz:
	cmake --preset fuzz && cmake --build --preset fuzz -j $(JOBS)

install: release
	cmake --install build/release

clean:
	rm -rf build
