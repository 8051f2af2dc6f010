// SPDX-License-Identifier: Apache-2.0
#include <systemc>

#include <gtest/gtest.h>

// `main` of tests that use SystemC: it is the SystemC library's and calls this function.
int sc_main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
