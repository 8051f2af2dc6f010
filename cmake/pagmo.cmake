# SPDX-License-Identifier: Apache-2.0
# heatsim_pagmo: pagmo as an archive where there is one. The shared library takes 16 ms to load, at every start, because
# it fills the tables of its test problems (CEC 2013 and 2014), which nothing here uses and the archive leaves out.
set(Boost_USE_STATIC_LIBS ON) # Boost.Serialization, by which pagmo registers its types: nothing else uses it
find_package(Pagmo REQUIRED)
find_library(HEATSIM_PAGMO_ARCHIVE libpagmo.a)
mark_as_advanced(HEATSIM_PAGMO_ARCHIVE)

if(HEATSIM_PAGMO_ARCHIVE)
    find_package(TBB REQUIRED) # the shared library brings it along
    add_library(heatsim_pagmo STATIC IMPORTED GLOBAL)
    set_target_properties(heatsim_pagmo PROPERTIES IMPORTED_LOCATION "${HEATSIM_PAGMO_ARCHIVE}")
    target_include_directories(
        heatsim_pagmo INTERFACE "$<TARGET_PROPERTY:Pagmo::pagmo,INTERFACE_INCLUDE_DIRECTORIES>"
    )
    target_link_libraries(
        heatsim_pagmo INTERFACE "$<TARGET_PROPERTY:Pagmo::pagmo,INTERFACE_LINK_LIBRARIES>" TBB::tbb
    )
else()
    add_library(heatsim_pagmo ALIAS Pagmo::pagmo)
endif()
