# SPDX-License-Identifier: Apache-2.0
# heatsim_library(<name> [SOURCES <file>...] [PUBLIC <target>...] [PRIVATE <target>...])
#
# The library of one folder of src/: static, or INTERFACE while it has headers only (PRIVATE is unused
# then). Includes are written from src/: #include "config/error.hpp".
function(heatsim_library name)
    cmake_parse_arguments(PARSE_ARGV 1 library "" "" "SOURCES;PUBLIC;PRIVATE")
    if(library_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "heatsim_library(${name}): unknown arguments ${library_UNPARSED_ARGUMENTS}")
    endif()
    if(library_SOURCES)
        add_library(${name} STATIC ${library_SOURCES})
        target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
        target_link_libraries(${name} PUBLIC ${library_PUBLIC} PRIVATE ${library_PRIVATE} heatsim_warnings)
    else()
        add_library(${name} INTERFACE)
        target_include_directories(${name} INTERFACE "${PROJECT_SOURCE_DIR}/src")
        target_link_libraries(${name} INTERFACE ${library_PUBLIC})
    endif()
endfunction()
