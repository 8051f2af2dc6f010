# SPDX-License-Identifier: Apache-2.0
if(HEATSIM_IPO)
    include(CheckIPOSupported)
    check_ipo_supported(LANGUAGES CXX)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
