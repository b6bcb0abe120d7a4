# Programs of bench/ that are linked with the product's own code; built only when asked for,
# in a release build.
if(built AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT WEIR_SANITIZE)
    add_executable(weir_micro EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/micro.c")
    add_executable(weir_columnar_push EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/columnar_push.c")
    add_executable(weir_json_beside EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/json_beside.c"
        "${CMAKE_SOURCE_DIR}/bench/simdjson_read_shim.cc")
    target_link_libraries(weir_json_beside PRIVATE WeirDep::simdjson)
    # On-Demand's instructions are chosen when it is compiled: those of this machine, as weir's are.
    # Optimised at link time it is a fifth slower.
    set_source_files_properties("${CMAKE_SOURCE_DIR}/bench/simdjson_read_shim.cc"
        PROPERTIES COMPILE_OPTIONS "-march=native;-fno-lto")
    add_executable(weir_checkpoint_probe EXCLUDE_FROM_ALL
        "${CMAKE_SOURCE_DIR}/bench/checkpoint_probe.c")
    foreach(program weir_micro weir_columnar_push weir_json_beside weir_checkpoint_probe)
        target_link_libraries(${program} PRIVATE weir_flags weir_static)
        set_target_properties(${program} PROPERTIES LINKER_LANGUAGE CXX
            INTERPROCEDURAL_OPTIMIZATION ${lto_works})
    endforeach()
endif()
