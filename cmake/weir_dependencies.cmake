# Outside libraries, each as an imported target WeirDep::<name>. A missing one stops with the name
# of its Debian package (tools/setup.sh installs them all).
find_program(PKG_CONFIG_EXECUTABLE pkg-config)
if(NOT PKG_CONFIG_EXECUTABLE)
    message(FATAL_ERROR "weir needs pkg-config. On Debian: apt-get install pkg-config")
endif()
find_package(PkgConfig REQUIRED)

# weir_require(<target> <pkg-config module> <minimum version> <Debian package>)
function(weir_require name module version debian)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET "${module}>=${version}")
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR "weir needs ${module} >= ${version}, which was not found. "
            "On Debian: apt-get install ${debian} (or run tools/setup.sh, which installs all)")
    endif()
    add_library(weir_dep_${name} INTERFACE)
    # SYSTEM: warnings in other people's headers are not ours.
    target_include_directories(weir_dep_${name} SYSTEM INTERFACE ${${name}_INCLUDE_DIRS})
    target_link_libraries(weir_dep_${name} INTERFACE PkgConfig::${name})
    add_library(WeirDep::${name} ALIAS weir_dep_${name})
endfunction()

weir_require(rdkafka  rdkafka    2.0.2 librdkafka-dev)
weir_require(sqlite3  sqlite3    3.40  libsqlite3-dev)
weir_require(simdjson simdjson   3.0   libsimdjson-dev)
weir_require(xxhash   libxxhash  0.8   libxxhash-dev)
weir_require(utf8proc libutf8proc 2.6  libutf8proc-dev)
weir_require(pcre2    libpcre2-8 10.40 libpcre2-dev)
weir_require(crypto   libcrypto  3.0   libssl-dev)
weir_require(microhttpd libmicrohttpd 0.9.75 libmicrohttpd-dev)
weir_require(zlib     zlib     1.2   zlib1g-dev)

# Debian's cctz has no pkg-config module.
find_path(WEIR_CCTZ_INCLUDE cctz/time_zone.h)
find_library(WEIR_CCTZ_LIBRARY cctz)
if(NOT WEIR_CCTZ_INCLUDE OR NOT WEIR_CCTZ_LIBRARY)
    message(FATAL_ERROR "weir needs cctz, which was not found. "
        "On Debian: apt-get install libcctz-dev (or run tools/setup.sh, which installs all)")
endif()
add_library(weir_dep_cctz INTERFACE)
target_include_directories(weir_dep_cctz SYSTEM INTERFACE "${WEIR_CCTZ_INCLUDE}")
target_link_libraries(weir_dep_cctz INTERFACE "${WEIR_CCTZ_LIBRARY}")
add_library(WeirDep::cctz ALIAS weir_dep_cctz)

if(WEIR_TESTS)
    weir_require(cmocka cmocka   1.1   libcmocka-dev)
endif()

if(WEIR_MIMALLOC)
    find_package(mimalloc 2.0 QUIET)
    if(NOT mimalloc_FOUND)
        message(FATAL_ERROR "weir needs mimalloc >= 2.0, which was not found. "
            "On Debian: apt-get install libmimalloc-dev (or -DWEIR_MIMALLOC=OFF)")
    endif()
endif()

find_program(WEIR_LEMON lemon)
if(NOT WEIR_LEMON)
    message(FATAL_ERROR "weir needs the parser generator lemon. On Debian: apt-get install lemon")
endif()
find_package(Threads REQUIRED)
