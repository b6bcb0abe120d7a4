# Programs of bench/ that are linked with the product's own code; built only when asked for,
# in a release build.
if(built AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT WEIR_SANITIZE)
    add_executable(weir_micro EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/micro.c")
    add_executable(weir_columnar_push EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/columnar_push.c")
    foreach(program weir_micro weir_columnar_push)
        target_link_libraries(${program} PRIVATE weir_flags weir_static)
        set_target_properties(${program} PROPERTIES LINKER_LANGUAGE CXX
            INTERPROCEDURAL_OPTIMIZATION ${lto_works})
    endforeach()
endif()
