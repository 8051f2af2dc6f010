# SPDX-License-Identifier: Apache-2.0
# heatsim_verilate(<name> MODULE <module> [SOURCES <file>...] [PARAMETERS <name>=<value>...])
#
# Static library <name> with the C++ model of rtl/<module>.sv: class V<name> in V<name>.h. SOURCES are the further files
# of rtl/ it needs. Verilator runs at build time. What it generates is not ours to warn about.
find_program(HEATSIM_VERILATOR verilator REQUIRED)
mark_as_advanced(HEATSIM_VERILATOR)
execute_process(
    COMMAND "${HEATSIM_VERILATOR}" --getenv VERILATOR_ROOT
    OUTPUT_VARIABLE heatsim_verilator_root
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY
)

# Verilator's own run time, the same for all models
find_package(Threads REQUIRED)
add_library(
    heatsim_verilated STATIC
    "${heatsim_verilator_root}/include/verilated.cpp" "${heatsim_verilator_root}/include/verilated_threads.cpp"
)
target_include_directories(
    heatsim_verilated SYSTEM PUBLIC "${heatsim_verilator_root}/include" "${heatsim_verilator_root}/include/vltstd"
)
# its 64-bit atomics: clang does not inline all of them without optimization
target_link_libraries(heatsim_verilated PUBLIC Threads::Threads atomic)

# all headers that are generated, for what looks at sources without building them
add_custom_target(heatsim_generated)

function(heatsim_verilate name)
    cmake_parse_arguments(PARSE_ARGV 1 model "" "MODULE" "SOURCES;PARAMETERS")
    if(model_UNPARSED_ARGUMENTS OR NOT model_MODULE)
        message(FATAL_ERROR "heatsim_verilate(${name} MODULE <module> [SOURCES <file>...] [PARAMETERS <p>=<v>...])")
    endif()
    set(files heatsim_pkg.sv ${model_SOURCES} ${model_MODULE}.sv)
    list(TRANSFORM files PREPEND "${PROJECT_SOURCE_DIR}/rtl/")
    list(TRANSFORM model_PARAMETERS PREPEND "-G")
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/verilated/${name}")
    # how many files there are is known behind the run only: one file includes them all
    set(source "${folder}/all.cpp")
    add_custom_command(
        OUTPUT "${source}"
        BYPRODUCTS "${folder}/V${name}.h"
        COMMAND "${CMAKE_COMMAND}" -E rm -rf "${folder}"
        COMMAND "${HEATSIM_VERILATOR}" --cc -Wall -O3 --x-assign fast --x-initial fast --Mdir "${folder}" --prefix V${name}
                --top-module ${model_MODULE} ${model_PARAMETERS} ${files}
        COMMAND "${CMAKE_COMMAND}" "-DFOLDER=${folder}" "-DOUTPUT=${source}" -P
                "${PROJECT_SOURCE_DIR}/cmake/join_sources.cmake"
        DEPENDS ${files} "${PROJECT_SOURCE_DIR}/cmake/join_sources.cmake"
        COMMENT "Verilating ${model_MODULE} as ${name}"
        VERBATIM
    )
    add_custom_target(${name}_generated DEPENDS "${source}")
    add_dependencies(heatsim_generated ${name}_generated)
    add_library(${name} STATIC "${source}")
    target_include_directories(${name} SYSTEM PUBLIC "${folder}")
    target_link_libraries(${name} PUBLIC heatsim_verilated)
    target_compile_options(${name} PRIVATE -w -fno-sanitize=all)
endfunction()
