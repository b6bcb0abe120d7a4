# Options, compiler flags, sanitizers. Everything applies to our own targets through weir_flags.
option(WEIR_STRICT "Warnings are errors (the presets set it)" OFF)
option(WEIR_TESTS "Build the tests" ON)
option(WEIR_FUZZ "Build tests/fuzz with libFuzzer instead of the replaying main (needs clang)" OFF)
option(WEIR_MIMALLOC "Link the weir command with mimalloc; off under sanitizers" ON)
option(WEIR_PORTABLE "Use the portable twins of what is not POSIX (core/os_*.c)" OFF)
option(WEIR_FAULTS "Points at which WEIR_FAULT=name:n kills the process (tests)" OFF)
set(WEIR_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# NDEBUG is set nowhere: an engine that has noticed that it is wrong must stop in production too.
# Assertions stand at the edges of loops, never inside a kernel, so they cost nothing measurable.
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
set(CMAKE_C_FLAGS_RELEASE "-O3")
set(CMAKE_CXX_FLAGS_RELEASE "-O3")
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

add_library(weir_flags INTERFACE)
target_compile_definitions(weir_flags INTERFACE
    _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE
    WEIR_VERSION="${PROJECT_VERSION}"
    $<$<BOOL:${WEIR_PORTABLE}>:WEIR_PORTABLE>
    $<$<BOOL:${WEIR_FAULTS}>:WEIR_FAULTS>)
target_include_directories(weir_flags INTERFACE
    "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/include" "${CMAKE_BINARY_DIR}/generated")
# No fused multiply-add: results must be the same bits on every machine.
target_compile_options(weir_flags INTERFACE -ffp-contract=off
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    $<$<C_COMPILER_ID:Clang,AppleClang>:-Wno-sign-conversion>) # gcc's -Wconversion leaves it out
if(WEIR_STRICT)
    target_compile_options(weir_flags INTERFACE -Werror)
endif()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(weir_flags INTERFACE -march=x86-64-v2) # every x86 server since 2009
endif()

if(WEIR_SANITIZE)
    target_compile_options(weir_flags INTERFACE
        -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(weir_flags INTERFACE
        -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all)
    set(WEIR_MIMALLOC OFF)
endif()
if(WEIR_FUZZ)
    target_compile_options(weir_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ccache, with paths made relative so that several checkouts share their results.
find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE)
    foreach(language C CXX)
        set(CMAKE_${language}_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env"
            "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${WEIR_CCACHE}")
    endforeach()
endif()
