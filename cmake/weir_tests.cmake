# Tests are found by name, no CMake edit adds one:
#   tests/unit/*_test.c, tests/conformance/*_suite.c   cmocka programs
#   tests/fuzz/*_fuzz.c       LLVMFuzzerTestOneInput; replays tests/fuzz/corpus/<name>/ as a test,
#                             and 2,000 inputs of random bytes, always the same
#   tests/slt/*.c             the runner of tests/sql/**/*.slt
#   tests/*/*_test.py         run by tests/run.py, a folder at a time
#   tests/*/*_test.sh         scripts
set(WEIR_LAYERS core parser functions connectors planner exec engine)

# The layers a C file includes decide what it is linked with, so that the tests of a lower layer
# build without the layers above.
function(weir_link_by_includes target)
    set(libraries weir_flags)
    foreach(source IN LISTS ARGN)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
        file(STRINGS "${source}" lines REGEX "^#include \"[a-z_/]+\\.h\"")
        foreach(line IN LISTS lines)
            string(REGEX REPLACE "^#include \"([a-z_/]+)\\.h\".*" "\\1" header "${line}")
            string(REGEX REPLACE "/.*" "" layer "${header}")
            if(header STREQUAL "weir")
                list(APPEND libraries weir_engine)
            elseif(header MATCHES "^tests/lib/")
                # What several tests share: the header's .c and _shim.cc come along.
                file(GLOB shared "${CMAKE_SOURCE_DIR}/${header}.c"
                    "${CMAKE_SOURCE_DIR}/${header}_shim.cc")
                target_sources(${target} PRIVATE ${shared})
            elseif(layer IN_LIST WEIR_LAYERS)
                list(APPEND libraries weir_${layer})
            endif()
        endforeach()
    endforeach()
    list(REMOVE_DUPLICATES libraries)
    target_link_libraries(${target} PRIVATE ${libraries})
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

function(weir_add_cmocka_test source)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${source}")
    weir_link_by_includes(${name} "${source}")
    target_link_libraries(${name} PRIVATE WeirDep::cmocka)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()

function(weir_add_fuzz source)
    get_filename_component(name "${source}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" corpus "${name}")
    if(WEIR_FUZZ)
        add_executable(${name} "${source}")
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(${name} "${source}" "${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c")
    endif()
    weir_link_by_includes(${name} "${source}")
    set(runs -runs=2000)
    if(WEIR_FUZZ)
        set(runs -runs=0)
    endif()
    set(corpus_directory "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${corpus}")
    if(IS_DIRECTORY "${corpus_directory}")
        add_test(NAME ${name} COMMAND ${name} ${runs} "${corpus_directory}")
        set_tests_properties(${name} PROPERTIES TIMEOUT 300)
    endif()
endfunction()

# Every folder under tests/ with a *_test.py is one test: tests/run.py runs its files in one process.
function(weir_add_python_suites)
    file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/*/*_test.py")
    set(folders "")
    foreach(file IN LISTS files)
        get_filename_component(folder "${file}" DIRECTORY)
        list(APPEND folders "${folder}")
    endforeach()
    list(REMOVE_DUPLICATES folders)
    foreach(folder IN LISTS folders)
        get_filename_component(name "${folder}" NAME)
        add_test(NAME ${name} COMMAND python3 "${CMAKE_SOURCE_DIR}/tests/run.py"
            --build "${CMAKE_BINARY_DIR}" "${folder}")
        set_tests_properties(${name} PROPERTIES TIMEOUT 1800 SKIP_RETURN_CODE 77)
    endforeach()
    if("${CMAKE_SOURCE_DIR}/tests/kafka" IN_LIST folders)
        # The longest: started first. Brokers and jobs at once are work for two cores.
        set_tests_properties(kafka PROPERTIES COST 1000 PROCESSORS 2)
    endif()
endfunction()

function(weir_register_tests)
    get_property(built GLOBAL PROPERTY WEIR_BUILT_LAYERS)
    file(GLOB units CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit/*_test.c"
        "${CMAKE_SOURCE_DIR}/tests/conformance/*_suite.c")
    foreach(source IN LISTS units)
        weir_add_cmocka_test("${source}")
    endforeach()

    file(GLOB fuzzers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzz.c")
    foreach(source IN LISTS fuzzers)
        weir_add_fuzz("${source}")
    endforeach()

    file(GLOB slt_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/slt/*.c")
    if(slt_sources AND "engine" IN_LIST built)
        add_executable(slt ${slt_sources})
        weir_link_by_includes(slt ${slt_sources})
        add_test(NAME sql COMMAND slt "${CMAKE_SOURCE_DIR}/tests/sql")
        set_tests_properties(sql PROPERTIES TIMEOUT 1800)
    endif()

    file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/*/*_test.sh")
    foreach(script IN LISTS scripts)
        get_filename_component(name "${script}" NAME_WE)
        add_test(NAME ${name} COMMAND "${script}")
        set_tests_properties(${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77
            ENVIRONMENT "WEIR_BUILD=${CMAKE_BINARY_DIR}")
    endforeach()

    file(GLOB kafka_tool CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/kafka/kafka_tool.c")
    if(kafka_tool)
        add_executable(kafka_tool ${kafka_tool})
        target_link_libraries(kafka_tool PRIVATE weir_flags WeirDep::rdkafka)
    endif()

    file(GLOB transactions_tool CONFIGURE_DEPENDS
        "${CMAKE_SOURCE_DIR}/tests/kafka/transactions_tool.c")
    if(transactions_tool)
        add_executable(transactions_tool ${transactions_tool})
        weir_link_by_includes(transactions_tool ${transactions_tool})
    endif()

    file(GLOB example_programs CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/examples/*/*.c")
    foreach(source IN LISTS example_programs)
        get_filename_component(name "${source}" NAME_WE)
        add_executable(example_${name} "${source}")
        weir_link_by_includes(example_${name} "${source}")
    endforeach()

    weir_add_python_suites()
endfunction()
