// SPDX-License-Identifier: Apache-2.0
// The latencies that the tests beside this file measure are those of the package: elaboration fails
// where they are not.
module package_constants;
  if (heatsim_pkg::gemm_array_latency(13, 1) != 3 + 3 + 2) $error("gemm_array_test.cpp measures Odd::latency");
  if (heatsim_pkg::gemm_array_latency(24, 1) != 3 + 3 + 3) $error("gemm_array_test.cpp measures TwoHeads::latency");
  if (heatsim_pkg::gemm_array_latency(6, 0) != 3 + 2 + 1) $error("gemm_array_test.cpp measures Unpacked::latency");
  if (heatsim_pkg::REQUANTIZE_LATENCY != 5) $error("requantizer_test.cpp measures requantize_latency");
endmodule
