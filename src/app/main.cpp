// SPDX-License-Identifier: Apache-2.0
#include "app/app.hpp"

#include <systemc>

#include <cstdlib>

int sc_main(int argc, char** argv)
{
    return heatsim::app::run(argc, argv);
}

/// In front of the SystemC library's own `main`, whose banner does not belong into results.
int main(int argc, char** argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
