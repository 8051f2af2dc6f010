# SPDX-License-Identifier: Apache-2.0
# Compiles through ccache where it is installed.
find_program(HEATSIM_CCACHE ccache)
mark_as_advanced(HEATSIM_CCACHE)
if(HEATSIM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${HEATSIM_CCACHE}")
endif()
