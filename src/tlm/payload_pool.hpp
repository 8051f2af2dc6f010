// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/burst_extension.hpp"

#include <tlm>

#include <memory>
#include <vector>

namespace heatsim::channel {

/// Memory manager of generic payloads, each with its burst extension. Bounded by the bursts in
/// flight: after the first few microseconds nothing is allocated any more.
class PayloadPool final : public ::tlm::tlm_mm_interface {
  public:
    /// A payload with one reference, to be released by the caller.
    [[nodiscard]] ::tlm::tlm_generic_payload* allocate()
    {
        if (free_.empty()) {
            owned_.push_back(std::make_unique<::tlm::tlm_generic_payload>(this));
            owned_.back()->set_extension(new BurstExtension); // freed by the payload's destructor
            free_.push_back(owned_.back().get());
        }
        auto* payload = free_.back();
        free_.pop_back();
        payload->acquire();
        return payload;
    }
    void free(::tlm::tlm_generic_payload* payload) override { free_.push_back(payload); }

  private:
    std::vector<std::unique_ptr<::tlm::tlm_generic_payload>> owned_;
    std::vector<::tlm::tlm_generic_payload*> free_;
};

} // namespace heatsim::channel
