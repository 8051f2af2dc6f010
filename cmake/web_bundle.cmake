# SPDX-License-Identifier: Apache-2.0
# cmake -DWEB=<folder> -DNPM=<npm> -DOUTPUT=<folder> -P web_bundle.cmake
#
# Bundles the pages of `heatsim report`: page.html, report.css and report.js in OUTPUT.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/web_install.cmake") # holds the lock while node_modules is read

# embed.cmake cuts between lines
set(line_bytes 4000)
execute_process(
    COMMAND "${WEB}/node_modules/.bin/esbuild" src/main.ts --bundle --minify --format=iife --target=es2020
            --legal-comments=eof --line-limit=${line_bytes} --log-level=warning "--outfile=${OUTPUT}/report.js"
    COMMAND_ERROR_IS_FATAL ANY
    WORKING_DIRECTORY "${WEB}"
)
execute_process(
    COMMAND "${WEB}/node_modules/.bin/esbuild" src/report.css --bundle --minify --target=es2020 --loader:.woff2=dataurl
            --log-level=warning "--outfile=${OUTPUT}/report.css"
    COMMAND_ERROR_IS_FATAL ANY
    WORKING_DIRECTORY "${WEB}"
)
configure_file("${WEB}/page.html" "${OUTPUT}/page.html" COPYONLY)
file(TOUCH "${OUTPUT}/page.html")
