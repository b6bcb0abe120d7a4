# Thin: everything real is in CMake and tools/.
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local

.PHONY: all setup release dev test demo bench format tidy fuzz install clean

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

demo: setup release
	build/release/weir demo

bench: release
	@tools/bench.sh

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
