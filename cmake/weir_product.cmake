# What is installed: libweir (static and shared), the weir command, weir.h, weir.pc, weirConfig.
get_property(built GLOBAL PROPERTY WEIR_BUILT_LAYERS)
set(product_objects "")
foreach(layer IN LISTS built)
    list(APPEND product_objects "$<TARGET_OBJECTS:weir_${layer}>")
endforeach()

set(product_packages WeirDep::rdkafka WeirDep::sqlite3 WeirDep::simdjson WeirDep::xxhash
    WeirDep::zlib WeirDep::utf8proc WeirDep::pcre2 WeirDep::crypto WeirDep::cctz Threads::Threads m)

if(built)
    add_library(weir_static STATIC ${product_objects})
    set_target_properties(weir_static PROPERTIES OUTPUT_NAME weir LINKER_LANGUAGE CXX)
    target_link_libraries(weir_static PUBLIC ${product_packages})
    target_include_directories(weir_static INTERFACE "${CMAKE_SOURCE_DIR}/include")

    add_library(weir_shared SHARED ${product_objects})
    set_target_properties(weir_shared PROPERTIES OUTPUT_NAME weir LINKER_LANGUAGE CXX
        SOVERSION 0 VERSION ${PROJECT_VERSION} EXCLUDE_FROM_ALL ON
        LINK_DEPENDS "${CMAKE_SOURCE_DIR}/cmake/libweir.map")
    target_link_libraries(weir_shared PRIVATE weir_flags ${product_packages})
    target_link_options(weir_shared PRIVATE LINKER:--as-needed
        "LINKER:--version-script=${CMAKE_SOURCE_DIR}/cmake/libweir.map")
    target_include_directories(weir_shared INTERFACE "${CMAKE_SOURCE_DIR}/include")
endif()

file(GLOB cli_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/cli/*.c")
if(cli_sources AND "engine" IN_LIST built)
    add_executable(weir ${cli_sources})
    set_target_properties(weir PROPERTIES LINKER_LANGUAGE CXX)
    # librdkafka by itself: `weir demo` brings up its mock cluster, as any user's program could.
    # libmicrohttpd: a job's control socket; loaded by a job, by the name that its library has here.
    find_library(WEIR_MICROHTTPD_LIBRARY microhttpd REQUIRED)
    get_filename_component(microhttpd_file "${WEIR_MICROHTTPD_LIBRARY}" REALPATH)
    string(REGEX MATCH "libmicrohttpd[.]so[.][0-9]+" microhttpd_name "${microhttpd_file}")
    if(NOT microhttpd_name)
        message(FATAL_ERROR "weir needs the shared libmicrohttpd; found ${microhttpd_file}")
    endif()
    target_compile_definitions(weir PRIVATE WEIR_MICROHTTPD="${microhttpd_name}")
    target_link_libraries(weir PRIVATE weir_flags weir_static WeirDep::rdkafka
        WeirDep::microhttpd ${CMAKE_DL_LIBS})
    target_link_options(weir PRIVATE LINKER:--as-needed) # a library less is a faster start
    if(WEIR_MIMALLOC)
        target_compile_definitions(weir PRIVATE WEIR_MIMALLOC)
        target_link_libraries(weir PRIVATE
            "-Wl,--push-state,--no-as-needed" mimalloc "-Wl,--pop-state")
    endif()
endif()

# ── size, release only ─────────────────────────────────────────────────────────────────────────
# No row passes here: the binary's size counts more than speed.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    foreach(target weir_parser weir_planner weir)
        if(TARGET ${target})
            target_compile_options(${target} PRIVATE -Os)
        endif()
    endforeach()
endif()

# ── link-time optimisation, release only ───────────────────────────────────────────────────────
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT WEIR_SANITIZE)
    include(CheckIPOSupported)
    check_ipo_supported(RESULT lto_works LANGUAGES C CXX)
    if(lto_works)
        foreach(target weir weir_shared weir_static)
            if(TARGET ${target})
                set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
            endif()
        endforeach()
        foreach(layer IN LISTS built)
            # Fat objects: libweir.a can be linked by a compiler that knows nothing of our LTO.
            set_target_properties(weir_${layer} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
            target_compile_options(weir_${layer} PRIVATE
                $<$<C_COMPILER_ID:GNU>:-ffat-lto-objects>)
        endforeach()
    endif()
endif()

# ── install ────────────────────────────────────────────────────────────────────────────────────
if(built AND EXISTS "${CMAKE_SOURCE_DIR}/include/weir.h")
    include(CMakePackageConfigHelpers)
    configure_file("${CMAKE_SOURCE_DIR}/cmake/weir.pc.in" "${CMAKE_BINARY_DIR}/weir.pc" @ONLY)
    configure_package_config_file("${CMAKE_SOURCE_DIR}/cmake/weirConfig.cmake.in"
        "${CMAKE_BINARY_DIR}/weirConfig.cmake"
        INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/weir"
        PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
    write_basic_package_version_file("${CMAKE_BINARY_DIR}/weirConfigVersion.cmake"
        COMPATIBILITY SameMinorVersion)
    set_target_properties(weir_shared PROPERTIES EXCLUDE_FROM_ALL OFF)
    install(TARGETS weir_static weir_shared
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    if(TARGET weir)
        install(TARGETS weir RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    endif()
    install(FILES "${CMAKE_SOURCE_DIR}/include/weir.h" TYPE INCLUDE)
    install(FILES "${CMAKE_BINARY_DIR}/weir.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    install(FILES "${CMAKE_BINARY_DIR}/weirConfig.cmake"
        "${CMAKE_BINARY_DIR}/weirConfigVersion.cmake"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/weir")
endif()
