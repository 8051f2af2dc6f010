# SPDX-License-Identifier: Apache-2.0
# heatsim_web(<name>): static library <name> with the pages of `heatsim report`, bundled from web/, see
# src/report/web_assets.hpp.
include(embedding)

find_program(HEATSIM_NODE NAMES node nodejs)
find_program(HEATSIM_NPM npm)
mark_as_advanced(HEATSIM_NODE HEATSIM_NPM)
if(NOT HEATSIM_NODE OR NOT HEATSIM_NPM)
    message(FATAL_ERROR "The pages of `heatsim report` are built with node and npm, Debian's packages nodejs and npm: "
                        "scripts/setup.sh installs them."
    )
endif()
execute_process(
    COMMAND "${HEATSIM_NODE}" --version
    OUTPUT_VARIABLE heatsim_node_version
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY
)
string(REGEX REPLACE "^v" "" heatsim_node_version "${heatsim_node_version}")
if(heatsim_node_version VERSION_LESS 18)
    message(FATAL_ERROR "${HEATSIM_NODE} is node ${heatsim_node_version}; the pages of `heatsim report` need 18 or newer.")
endif()

function(heatsim_web name)
    set(web "${PROJECT_SOURCE_DIR}/web")
    set(output "${CMAKE_CURRENT_BINARY_DIR}/web")
    set(files page.html report.css report.js)
    list(TRANSFORM files PREPEND "${output}/" OUTPUT_VARIABLE outputs)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${web}/src/*.ts" "${web}/src/*.css")
    add_custom_command(
        OUTPUT ${outputs}
        COMMAND "${CMAKE_COMMAND}" "-DWEB=${web}" "-DNPM=${HEATSIM_NPM}" "-DOUTPUT=${output}" -P
                "${PROJECT_SOURCE_DIR}/cmake/web_bundle.cmake"
        DEPENDS ${sources}
                "${web}/page.html"
                "${web}/package-lock.json"
                "${web}/tsconfig.json"
                "${PROJECT_SOURCE_DIR}/cmake/web_bundle.cmake"
                "${PROJECT_SOURCE_DIR}/cmake/web_install.cmake"
        COMMENT "Bundling the pages of heatsim report"
        VERBATIM
    )
    heatsim_embed_files(
        ${name}
        LAYER report
        FUNCTION web_assets
        HEADER report/web_assets.hpp
        ROOT "${output}"
        FILES ${files}
    )
endfunction()
