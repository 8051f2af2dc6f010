# SPDX-License-Identifier: Apache-2.0
# cmake -DWEB=<folder> -DNPM=<npm> -P web_install.cmake
#
# Installs into WEB/node_modules what WEB/package-lock.json says, where that has not been done yet. The lock is held to
# the end of the script: builds of several presets share the folder.
cmake_minimum_required(VERSION 3.25)

set(wait_seconds 1200)
file(LOCK "${WEB}/.node_modules.lock" GUARD PROCESS TIMEOUT ${wait_seconds})
file(SHA256 "${WEB}/package-lock.json" wanted)
set(stamp "${WEB}/node_modules/.heatsim_installed")
set(installed "")
if(EXISTS "${stamp}")
    file(READ "${stamp}" installed)
endif()
if(NOT installed STREQUAL wanted)
    message(STATUS "npm ci in ${WEB}")
    # no script of a package is needed; the command says by its exit code whether it worked
    execute_process(
        COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
        WORKING_DIRECTORY "${WEB}"
        RESULT_VARIABLE result
    )
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "npm ci in ${WEB} failed (${result}); it needs the npm registry, or npm's cache, once")
    endif()
    file(WRITE "${stamp}" "${wanted}")
endif()
