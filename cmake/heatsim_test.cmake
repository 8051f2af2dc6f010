# SPDX-License-Identifier: Apache-2.0
# heatsim_test(<name> SOURCES <file>... LIBS <target>... LABELS <label>... [TIMEOUT <seconds>])
#
# An executable of GoogleTest cases; CTest runs each case in a process of its own, in the source
# folder, named <name>.<suite>.<case>, and is stopped after HEATSIM_TEST_TIMEOUT_SECONDS, or TIMEOUT
# where that is longer. Where a library below heatsim_tlm is linked, `main` is
# SystemC's and the cases run inside sc_main (tests/support/sc_main.cpp).
find_package(GTest REQUIRED)
include(GoogleTest)

add_library(heatsim_test_sc_main OBJECT "${PROJECT_SOURCE_DIR}/tests/support/sc_main.cpp")
target_link_libraries(heatsim_test_sc_main PUBLIC PkgConfig::SYSTEMC GTest::gmock PRIVATE heatsim_warnings)

# Whether one of `targets` links SystemC, directly or not.
function(heatsim_links_systemc result targets)
    set(seen "")
    while(targets)
        list(POP_FRONT targets target)
        if(target STREQUAL "PkgConfig::SYSTEMC")
            set(${result} TRUE PARENT_SCOPE)
            return()
        endif()
        # $<LINK_ONLY:x> stands for what a static library links privately
        string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" target "${target}")
        if(TARGET "${target}" AND NOT target IN_LIST seen)
            list(APPEND seen "${target}")
            get_target_property(links "${target}" INTERFACE_LINK_LIBRARIES)
            if(links)
                list(APPEND targets ${links})
            endif()
        endif()
    endwhile()
    set(${result} FALSE PARENT_SCOPE)
endfunction()

function(heatsim_test name)
    cmake_parse_arguments(PARSE_ARGV 1 test "" "TIMEOUT" "SOURCES;LIBS;LABELS")
    if(test_UNPARSED_ARGUMENTS OR NOT test_SOURCES OR NOT test_LABELS)
        message(FATAL_ERROR "heatsim_test(${name} SOURCES <file>... LIBS <target>... LABELS <label>...)")
    endif()
    if(NOT test_TIMEOUT OR test_TIMEOUT LESS HEATSIM_TEST_TIMEOUT_SECONDS)
        set(test_TIMEOUT ${HEATSIM_TEST_TIMEOUT_SECONDS})
    endif()
    add_executable(${name} ${test_SOURCES})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
    target_compile_definitions(${name} PRIVATE "HEATSIM_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
    target_compile_options(${name} PRIVATE ${HEATSIM_TEST_COMPILE_OPTIONS})
    heatsim_links_systemc(in_sc_main "${test_LIBS}")
    if(in_sc_main)
        target_link_libraries(${name} PRIVATE heatsim_test_sc_main)
    else()
        target_link_libraries(${name} PRIVATE GTest::gtest_main)
    endif()
    target_link_libraries(${name} PRIVATE ${test_LIBS} GTest::gmock heatsim_warnings)
    # PRE_TEST: the executables first run under ctest, with the test preset's environment
    gtest_discover_tests(
        ${name}
        DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT ${HEATSIM_TEST_TIMEOUT_SECONDS}
        TEST_PREFIX "${name}."
        WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
        PROPERTIES TIMEOUT ${test_TIMEOUT}
    )
    # gtest_discover_tests takes one label only; ctest reads this file behind the discovered tests
    set(labels_file "${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake")
    file(
        CONFIGURE
        OUTPUT "${labels_file}"
        CONTENT "foreach(test IN LISTS @name@_TESTS)
    set_tests_properties(\"\${test}\" PROPERTIES LABELS \"@test_LABELS@\")
endforeach()
"
        @ONLY
    )
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels_file}")
endfunction()
