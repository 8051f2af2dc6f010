# SPDX-License-Identifier: Apache-2.0
# Everything comes from the distribution: scripts/packages.txt. Imported targets are SYSTEM includes,
# so that warnings stay ours.
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.74 REQUIRED) # headers only: Asio and Beast
find_package(SQLite3 REQUIRED)
find_package(muparser REQUIRED)
include(pagmo)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(SPNG REQUIRED IMPORTED_TARGET spng)
find_library(HEATSIM_GLPK glpk REQUIRED) # Debian's has neither a .pc file nor a CMake package
mark_as_advanced(HEATSIM_GLPK)
find_path(HEATSIM_PROTOZERO protozero/pbf_builder.hpp REQUIRED) # headers only, likewise
mark_as_advanced(HEATSIM_PROTOZERO)
add_library(heatsim_protozero INTERFACE)
target_include_directories(heatsim_protozero SYSTEM INTERFACE "${HEATSIM_PROTOZERO}")
# headers only, and without the package's CMake file, which wants OpenCL: see inference/float_product.hpp
find_path(HEATSIM_DNNL oneapi/dnnl/dnnl.h REQUIRED)
mark_as_advanced(HEATSIM_DNNL)

option(HEATSIM_MPI "Spread sweeps over MPI processes where MPI is found" ON)
if(HEATSIM_MPI)
    find_package(MPI QUIET COMPONENTS CXX)
endif()

# yaml-cpp 0.7 (Debian 12) names its target without a namespace
if(NOT TARGET yaml-cpp::yaml-cpp)
    add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
