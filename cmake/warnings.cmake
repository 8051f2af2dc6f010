# SPDX-License-Identifier: Apache-2.0
add_library(heatsim_warnings INTERFACE)
target_compile_options(
    heatsim_warnings
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              -Wshadow
              -Wconversion
              -Wsign-conversion
              -Wold-style-cast
              -Wnon-virtual-dtor
              -Woverloaded-virtual
              $<$<BOOL:${HEATSIM_WARNINGS_AS_ERRORS}>:-Werror>
)
