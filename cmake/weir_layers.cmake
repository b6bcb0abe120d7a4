# A layer is a folder and the static library weir_<folder>. It takes every *.c and *_shim.cc in the
# folder and its sub-folders; adding a file needs no edit here.
set_property(GLOBAL PROPERTY WEIR_BUILT_LAYERS "")

# *_avx2.c and *_avx512.c are compiled for processors that have these; who calls them asks first.
function(weir_set_instructions)
    if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
        return()
    endif()
    foreach(source ${ARGN})
        if(source MATCHES "_avx2[.]c$")
            set_source_files_properties("${source}" PROPERTIES
                COMPILE_OPTIONS "-mavx2;-mbmi;-mbmi2;-mlzcnt")
        elseif(source MATCHES "_avx512[.]c$")
            set_source_files_properties("${source}" PROPERTIES
                COMPILE_OPTIONS "-mavx2;-mbmi;-mbmi2;-mlzcnt;-mavx512f;-mavx512bw;-mavx512vl")
        endif()
    endforeach()
endfunction()

# weir_add_layer(<folder> [LAYERS below…] [PACKAGES imported targets…])
function(weir_add_layer name)
    cmake_parse_arguments(arg "" "" "LAYERS;PACKAGES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS
        "${CMAKE_SOURCE_DIR}/${name}/*.c" "${CMAKE_SOURCE_DIR}/${name}/*/*.c"
        "${CMAKE_SOURCE_DIR}/${name}/*_shim.cc" "${CMAKE_SOURCE_DIR}/${name}/*/*_shim.cc")
    list(TRANSFORM arg_LAYERS PREPEND weir_)
    weir_set_instructions(${sources})
    if(sources)
        add_library(weir_${name} STATIC ${sources})
        target_link_libraries(weir_${name}
            PUBLIC weir_flags ${arg_LAYERS} ${arg_PACKAGES} m Threads::Threads)
        set_property(GLOBAL APPEND PROPERTY WEIR_BUILT_LAYERS ${name})
    else()
        add_library(weir_${name} INTERFACE)
        target_link_libraries(weir_${name} INTERFACE weir_flags ${arg_LAYERS} ${arg_PACKAGES})
    endif()
endfunction()

# weir_add_grammar(<layer> <file.y>): lemon turns parser/grammar.y into generated/parser/grammar.{c,h}.
# lemon fails on a conflict. Its output is not our code: it is compiled without warnings.
function(weir_add_grammar layer grammar)
    if(NOT EXISTS "${CMAKE_SOURCE_DIR}/${grammar}")
        return()
    endif()
    get_target_property(kind weir_${layer} TYPE)
    if(kind STREQUAL "INTERFACE_LIBRARY")
        return()
    endif()
    get_filename_component(stem "${grammar}" NAME_WE)
    set(directory "${CMAKE_BINARY_DIR}/generated/${layer}")
    file(MAKE_DIRECTORY "${directory}")
    add_custom_command(
        OUTPUT "${directory}/${stem}.c" "${directory}/${stem}.h"
        COMMAND "${WEIR_LEMON}" "-d${directory}" "${CMAKE_SOURCE_DIR}/${grammar}"
        DEPENDS "${CMAKE_SOURCE_DIR}/${grammar}"
        COMMENT "lemon ${grammar}" VERBATIM)
    target_sources(weir_${layer} PRIVATE "${directory}/${stem}.c" "${directory}/${stem}.h")
    set_source_files_properties("${directory}/${stem}.c" PROPERTIES COMPILE_OPTIONS "-w")
endfunction()
