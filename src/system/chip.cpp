// SPDX-License-Identifier: Apache-2.0
#include "system/chip.hpp"

#include <cmath>
#include <map>
#include <string>

namespace heatsim::system {

hw::ControllerSettings controller_settings(const Accelerator& accelerator)
{
    const auto& array = accelerator.array;
    hw::ControllerSettings settings;
    settings.controller = accelerator.controller;
    settings.tile = accelerator.tile;
    settings.buffers = accelerator.buffers;
    settings.activation_bytes = accelerator.activation_bytes();
    settings.weight_bytes = accelerator.weight_bytes();
    settings.array_heads = array.heads;
    settings.array_input_channels = array.spatial_input_channels();
    settings.array_output_channels = array.spatial_output_channels();
    settings.vector_tile_rows = accelerator.vector_unit.tile_rows;
    settings.softmax_engines = accelerator.vector_unit.softmax_engines;
    settings.fuse_gelu = accelerator.vector_unit.fuse_gelu;
    settings.fuse_residual = accelerator.vector_unit.fuse_residual;
    settings.fuse_softmax = accelerator.vector_unit.fuse_softmax;
    settings.layer_norm_on_host = accelerator.layer_norm == LayerNormPlace::Host;
    settings.row_major_weights = accelerator.dma.engine == hw::DmaEngine::WordSerial;
    settings.host_interrupt_cycles = static_cast<std::uint64_t>(
        std::ceil(accelerator.host.interrupt_latency_us * accelerator.clock_mhz));
    return settings;
}

estimate::EnergyDesign energy_design(const Design& design)
{
    const auto& accelerator = design.accelerator;
    estimate::EnergyDesign view;
    view.settings = controller_settings(accelerator);
    view.array = accelerator.array;
    view.host = accelerator.host;
    view.macs_per_dsp = macs_per_dsp(accelerator, design.board);
    view.dsps = ceil_div(accelerator.array.macs_per_cycle(), view.macs_per_dsp);
    view.clock_mhz = accelerator.clock_mhz;
    view.device_luts = design.board.luts.value;
    view.processing_system = design.board.processing_system;
    view.has_ddr = accelerator.has_ddr();
    view.memory = design.memory;
    return view;
}

Chip::Chip(const sc_core::sc_module_name& name, const Design& design)
    : sc_module{name}
    , clock_{design.accelerator.clock_mhz}
    , array_{"gemm_array", design.accelerator.array, clock_}
    , vector_unit_{"vector_unit", design.accelerator.vector_unit, clock_}
    , token_selector_{"token_selector", design.accelerator.token_selector, clock_}
    , host_{"host", design.accelerator.host, clock_}
    , input_buffer_{"input_buffer", controller_settings(design.accelerator).input_slots()}
    , weight_buffer_{"weight_buffer", controller_settings(design.accelerator).weight_slots()}
    , accumulators_{"accumulators", controller_settings(design.accelerator).accumulator_slots()}
    , output_buffer_{"output_buffer", controller_settings(design.accelerator).output_slots()}
    , controller_{"controller", controller_settings(design.accelerator), clock_}
{
    controller_.array_port.bind(array_.work_export);
    controller_.vector_unit_port.bind(vector_unit_.work_export);
    controller_.token_selector_port.bind(token_selector_.work_export);
    controller_.host_port.bind(host_.work_export);
    controller_.input_buffer_port.bind(input_buffer_.slots_export);
    controller_.weight_buffer_port.bind(weight_buffer_.slots_export);
    controller_.accumulator_port.bind(accumulators_.slots_export);
    controller_.output_buffer_port.bind(output_buffer_.slots_export);
    for (auto* worker : std::initializer_list<channel::TimedWorker*>{&array_, &vector_unit_,
                                                                     &token_selector_, &host_})
        worker->completion_port.bind(controller_.completion_export);

    if (design.accelerator.dma.engine == hw::DmaEngine::WordSerial)
        build_word_serial(design);
    else if (design.accelerator.memory == MemoryModel::Ideal)
        build_ideal();
    else
        build_axi(design);
}

Chip::~Chip() = default;

void Chip::bind_streams(channel::TransferIf& input,
                        channel::TransferIf& weight,
                        channel::TransferIf& output,
                        channel::TransferIf& host)
{
    controller_.input_port.bind(input);
    controller_.weight_port.bind(weight);
    controller_.output_port.bind(output);
    controller_.host_memory_port.bind(host);
}

/// Port of the memory controller for each AXI port, and one of its own for the host.
std::vector<std::size_t> Chip::controller_ports(const std::vector<hw::DmaPortConfig>& ports)
{
    std::vector<std::size_t> numbers;
    std::map<std::string, std::size_t> shared;
    std::size_t next = 0;
    for (const auto& port : ports) {
        const auto known = shared.find(port.controller_port);
        if (!port.controller_port.empty() && known != shared.end()) {
            numbers.push_back(known->second);
            continue;
        }
        shared.emplace(port.controller_port, next);
        numbers.push_back(next++);
    }
    numbers.push_back(next);
    return numbers;
}

void Chip::build_axi(const Design& design)
{
    const auto& dma = design.accelerator.dma;
    const auto& host = design.accelerator.host;
    if (design.accelerator.memory == MemoryModel::Throttled)
        throttled_memory_ = std::make_unique<hw::ThrottledMemory>(
            "memory", design.accelerator.throttled_memory, clock_, dma.ports.size() + 1);
    else
        ddr_ = std::make_unique<hw::Ddr>("ddr", design.memory, controller_ports(dma.ports));
    const auto add = [this](const std::string& name, const hw::AxiDmaConfig& config,
                            Clock port_clock) -> hw::AxiDma& {
        auto& engine = *axi_dmas_.emplace_back(
            std::make_unique<hw::AxiDma>(name.c_str(), config, port_clock, clock_));
        const auto port = axi_dmas_.size() - 1;
        if (throttled_memory_)
            engine.memory_socket.bind(throttled_memory_->port_sockets[port]);
        else
            engine.memory_socket.bind(ddr_->port_sockets[port]);
        engine.completion_port.bind(controller_.completion_export);
        return engine;
    };
    hw::AxiDma* input = nullptr;
    hw::AxiDma* weight = nullptr;
    hw::AxiDma* output = nullptr;
    for (const auto& port : dma.ports) {
        auto& engine = add("dma_" + port.name,
                           {port.width_bytes(), port.width_bytes() * dma.burst_beats,
                            dma.outstanding_reads, dma.outstanding_writes, dma.descriptor_cycles},
                           port.clock_mhz > 0.0 ? Clock{port.clock_mhz} : clock_);
        input = port.input ? &engine : input;
        weight = port.weight ? &engine : weight;
        output = port.output ? &engine : output;
    }
    // the CPU's loads and stores reach memory through caches, not through a descriptor
    auto& host_memory = add("host_memory",
                            {host.port_width_bits / 8, host.burst_bytes, host.outstanding_bursts,
                             host.outstanding_bursts, 0},
                            Clock{host.port_clock_mhz});
    bind_streams(*input, *weight, *output, host_memory);
}

void Chip::build_word_serial(const Design& design)
{
    word_serial_dma_ =
        std::make_unique<hw::WordSerialDma>("dma", design.accelerator.dma.word_serial, clock_);
    word_serial_dma_->completion_port.bind(controller_.completion_export);
    bind_streams(*word_serial_dma_, *word_serial_dma_, *word_serial_dma_, *word_serial_dma_);
}

void Chip::build_ideal()
{
    ideal_dma_ = std::make_unique<hw::IdealDma>("dma");
    ideal_dma_->completion_port.bind(controller_.completion_export);
    bind_streams(*ideal_dma_, *ideal_dma_, *ideal_dma_, *ideal_dma_);
}

void Chip::restart()
{
    array_.restart();
    vector_unit_.restart();
    token_selector_.restart();
    host_.restart();
    input_buffer_.restart();
    weight_buffer_.restart();
    accumulators_.restart();
    output_buffer_.restart();
    for (auto& dma : axi_dmas_)
        dma->restart();
    if (word_serial_dma_)
        word_serial_dma_->restart();
    if (ideal_dma_)
        ideal_dma_->restart();
    if (ddr_)
        ddr_->restart();
    if (throttled_memory_)
        throttled_memory_->restart();
}

void Chip::settle()
{
    if (ddr_)
        ddr_->settle();
}

std::vector<const stats::Group*> Chip::statistics()
{
    std::vector<const stats::Group*> groups{&array_.stats(),          &vector_unit_.stats(),
                                            &token_selector_.stats(), &host_.stats(),
                                            &input_buffer_.stats(),   &weight_buffer_.stats(),
                                            &accumulators_.stats(),   &output_buffer_.stats()};
    for (auto& dma : axi_dmas_)
        groups.push_back(&dma->stats());
    if (word_serial_dma_)
        groups.push_back(&word_serial_dma_->stats());
    if (ideal_dma_)
        groups.push_back(&ideal_dma_->stats());
    if (ddr_)
        groups.push_back(&ddr_->stats());
    if (throttled_memory_)
        groups.push_back(&throttled_memory_->stats());
    return groups;
}

const hw::Ddr::Stats* Chip::ddr_stats()
{
    return ddr_ ? &ddr_->stats() : nullptr;
}

void Chip::observe(channel::ActivityObserver* observer)
{
    for (auto* worker : std::initializer_list<channel::TimedWorker*>{&array_, &vector_unit_,
                                                                     &token_selector_, &host_})
        worker->observe(observer);
    input_buffer_.observe(observer, channel::Buffer::Input);
    weight_buffer_.observe(observer, channel::Buffer::Weight);
    accumulators_.observe(observer, channel::Buffer::Accumulators);
    output_buffer_.observe(observer, channel::Buffer::Output);
    controller_.observe(observer);
    for (std::size_t i = 0; i < axi_dmas_.size(); ++i)
        axi_dmas_[i]->observe(observer, i);
    if (word_serial_dma_)
        word_serial_dma_->observe(observer);
    if (ideal_dma_)
        ideal_dma_->observe(observer);
    if (ddr_)
        ddr_->observe_data(observer);
    if (throttled_memory_)
        throttled_memory_->observe(observer);
}

std::vector<Chip::Port> Chip::ports() const
{
    std::vector<Port> ports;
    ports.reserve(axi_dmas_.size() + 1);
    for (const auto& dma : axi_dmas_)
        ports.push_back({dma->name(), dma->clock(), true});
    if (word_serial_dma_)
        ports.push_back({word_serial_dma_->name(), clock_, false});
    if (ideal_dma_)
        ports.push_back({ideal_dma_->name(), clock_, false});
    return ports;
}

std::uint64_t Chip::read_bytes()
{
    std::uint64_t bytes = 0;
    for (auto& dma : axi_dmas_)
        bytes += dma->stats().read_bytes.value();
    if (word_serial_dma_)
        bytes += word_serial_dma_->stats().read_bytes.value();
    if (ideal_dma_)
        bytes += ideal_dma_->stats().read_bytes.value();
    return bytes;
}

std::uint64_t Chip::write_bytes()
{
    std::uint64_t bytes = 0;
    for (auto& dma : axi_dmas_)
        bytes += dma->stats().write_bytes.value();
    if (word_serial_dma_)
        bytes += word_serial_dma_->stats().write_bytes.value();
    if (ideal_dma_)
        bytes += ideal_dma_->stats().write_bytes.value();
    return bytes;
}

} // namespace heatsim::system
