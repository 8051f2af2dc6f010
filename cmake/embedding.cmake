# SPDX-License-Identifier: Apache-2.0
# heatsim_embed_files(<name> LAYER <layer> FUNCTION <function> HEADER <header> ROOT <folder> FILES <file>...)
#
# Static library <name> that defines heatsim::<layer>::<function>(), declared in src/<header>: the texts of FILES, whose
# paths are relative to ROOT.
function(heatsim_embed_files name)
    cmake_parse_arguments(PARSE_ARGV 1 embed "" "LAYER;FUNCTION;HEADER;ROOT" "FILES")
    list(TRANSFORM embed_FILES PREPEND "${embed_ROOT}/" OUTPUT_VARIABLE paths)
    set(list_file "${CMAKE_CURRENT_BINARY_DIR}/${embed_FUNCTION}.txt")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${embed_FUNCTION}.cpp")
    # leaves the list alone when it is unchanged: no rebuild; a removed file changes it
    string(REPLACE ";" "\n" lines "${embed_FILES}")
    file(CONFIGURE OUTPUT "${list_file}" CONTENT "${lines}\n" @ONLY)
    add_custom_command(
        OUTPUT "${source}"
        COMMAND "${CMAKE_COMMAND}" "-DROOT=${embed_ROOT}" "-DLIST=${list_file}" "-DOUTPUT=${source}"
                "-DLAYER=${embed_LAYER}" "-DFUNCTION=${embed_FUNCTION}" "-DHEADER=${embed_HEADER}" -P
                "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
        DEPENDS ${paths} "${list_file}" "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
        COMMENT "Embedding the files of ${name}"
        VERBATIM
    )
    add_library(${name} STATIC "${source}")
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(${name} PRIVATE heatsim_warnings)
endfunction()

# heatsim_embed(<name>): static library <name> that carries every configs/*/*.csv and *.yaml, docs/*.md.in,
# models/*.yaml, validation/*.csv and the files of rtl/, see src/system/embedded_files.hpp. The files are data, hence the
# glob; a new file configures anew.
function(heatsim_embed name)
    file(
        GLOB files
        RELATIVE "${PROJECT_SOURCE_DIR}"
        CONFIGURE_DEPENDS
        "${PROJECT_SOURCE_DIR}/configs/*/*.csv"
        "${PROJECT_SOURCE_DIR}/configs/*/*.yaml"
        "${PROJECT_SOURCE_DIR}/docs/*.md.in"
        "${PROJECT_SOURCE_DIR}/models/*.yaml"
        "${PROJECT_SOURCE_DIR}/rtl/*.sv"
        "${PROJECT_SOURCE_DIR}/rtl/*/*"
        "${PROJECT_SOURCE_DIR}/validation/*.csv"
    )
    list(SORT files)
    heatsim_embed_files(
        ${name}
        LAYER system
        FUNCTION embedded_files
        HEADER system/embedded_files.hpp
        ROOT "${PROJECT_SOURCE_DIR}"
        FILES ${files}
    )
endfunction()
