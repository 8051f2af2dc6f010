// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/energy.hpp"
#include "hw/buffer/tile_buffer.hpp"
#include "hw/controller/controller.hpp"
#include "hw/ddr/ddr.hpp"
#include "hw/dma/axi_dma.hpp"
#include "hw/dma/word_serial_dma.hpp"
#include "hw/gemm_array/gemm_array.hpp"
#include "hw/host/host.hpp"
#include "hw/throttled_memory/throttled_memory.hpp"
#include "hw/token_selector/token_selector.hpp"
#include "hw/vector_unit/vector_unit.hpp"
#include "system/accelerator.hpp"
#include "tlm/activity.hpp"

#include <systemc>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::system {

/// Everything one simulation is made of.
struct Design {
    Accelerator accelerator;
    Board board;
    hw::DdrConfig memory;
    estimate::EnergyTable energy;
};

/// The controller's view of a design.
[[nodiscard]] hw::ControllerSettings controller_settings(const Accelerator& accelerator);

/// The energy model's view of a design.
[[nodiscard]] estimate::EnergyDesign energy_design(const Design& design);

/// The whole chip with its memory: owns all blocks and is the only place that binds them.
class Chip final : public sc_core::sc_module {
  public:
    Chip(const sc_core::sc_module_name& name, const Design& design);
    ~Chip() override;

    /// Every block to its start state. \pre idle
    void restart();
    /// End of an image: what was posted to the memory is written. \pre idle
    void settle();
    [[nodiscard]] hw::Controller& controller() noexcept { return controller_; }
    /// Statistics groups of all blocks, in order of construction.
    [[nodiscard]] std::vector<const stats::Group*> statistics();
    /// Null where the design has no DDR behind its loader.
    [[nodiscard]] const hw::Ddr::Stats* ddr_stats();
    /// \pre the design has a DDR
    void observe_ddr(hw::Ddr::Observer observer) { ddr_->observe(std::move(observer)); }
    /// \param observer of all blocks; null: nobody
    void observe(channel::ActivityObserver* observer);
    /// One port of the chip to its memory, in the order of the numbers that an observer gets.
    struct Port {
        std::string path; ///< of its statistics
        Clock clock;
        bool has_beats = false; ///< AXI: tells the beats of its data channels
    };
    [[nodiscard]] std::vector<Port> ports() const;
    /// Bytes over all ports of the current image.
    [[nodiscard]] std::uint64_t read_bytes();
    [[nodiscard]] std::uint64_t write_bytes();

  private:
    void build_axi(const Design& design);
    [[nodiscard]] static std::vector<std::size_t>
    controller_ports(const std::vector<hw::DmaPortConfig>& ports);
    void build_word_serial(const Design& design);
    void build_ideal();
    void bind_streams(channel::TransferIf& input,
                      channel::TransferIf& weight,
                      channel::TransferIf& output,
                      channel::TransferIf& host);

    const Clock clock_;
    hw::GemmArray array_;
    hw::VectorUnit vector_unit_;
    hw::TokenSelector token_selector_;
    hw::Host host_;
    hw::TileBuffer input_buffer_;
    hw::TileBuffer weight_buffer_;
    hw::TileBuffer accumulators_;
    hw::TileBuffer output_buffer_;
    hw::Controller controller_;
    std::vector<std::unique_ptr<hw::AxiDma>> axi_dmas_;
    std::unique_ptr<hw::WordSerialDma> word_serial_dma_;
    std::unique_ptr<hw::IdealDma> ideal_dma_;
    std::unique_ptr<hw::Ddr> ddr_;
    std::unique_ptr<hw::ThrottledMemory> throttled_memory_;
};

} // namespace heatsim::system
