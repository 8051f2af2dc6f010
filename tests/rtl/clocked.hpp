// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <verilated.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace heatsim::test {

/// A verilated module and its clock. Inputs that are set before step() are what the module sees at
/// the rising edge; outputs read after it are those of the following cycle.
template <typename Model>
class Clocked {
  public:
    Clocked()
        : context_{std::make_unique<VerilatedContext>()}
        , model_{std::make_unique<Model>(context_.get(), "rtl")}
    {}
    ~Clocked() { model_->final(); }
    Clocked(const Clocked&) = delete;
    Clocked& operator=(const Clocked&) = delete;
    Clocked(Clocked&&) = delete;
    Clocked& operator=(Clocked&&) = delete;

    Model* operator->() { return model_.get(); }

    /// Lets the inputs through combinational logic.
    void settle()
    {
        model_->clock = 0;
        model_->eval();
    }
    void step()
    {
        settle();
        model_->clock = 1;
        model_->eval();
        ++cycles_;
    }
    void step(std::uint64_t cycles)
    {
        for (; cycles > 0; --cycles)
            step();
    }
    /// Rising edges so far.
    [[nodiscard]] std::uint64_t cycles() const { return cycles_; }

  private:
    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Model> model_;
    std::uint64_t cycles_ = 0;
};

/// Sets a port of up to 64 bits; Verilator has it as the next wider integer.
template <typename Port>
void drive(Port& port, std::uint64_t value)
{
    port = static_cast<Port>(value);
}

/// Field `index` of `bits` (up to 32) of a wide port, which Verilator has as words of 32 bits.
template <std::size_t Words>
void set_field(VlWide<Words>& port, std::size_t index, unsigned bits, std::uint32_t value)
{
    for (unsigned bit = 0; bit < bits; ++bit) {
        const auto at = index * bits + bit;
        const auto mask = 1U << (at % 32);
        auto& word = port[at / 32];
        word = (word & ~mask) | (((value >> bit) & 1U) != 0 ? mask : 0U);
    }
}
/// The same of a port of up to 64 bits.
template <typename Port>
void set_field(Port& port, std::size_t index, unsigned bits, std::uint32_t value)
{
    const auto mask = ((std::uint64_t{1} << bits) - 1) << (index * bits);
    const auto shifted = static_cast<std::uint64_t>(value) << (index * bits);
    port = static_cast<Port>((port & ~mask) | (shifted & mask));
}
/// What set_field() set.
template <std::size_t Words>
[[nodiscard]] std::uint32_t field(const VlWide<Words>& port, std::size_t index, unsigned bits)
{
    std::uint32_t value = 0;
    for (unsigned bit = 0; bit < bits; ++bit) {
        const auto at = index * bits + bit;
        value |= ((port[at / 32] >> (at % 32)) & 1U) << bit;
    }
    return value;
}
template <typename Port>
[[nodiscard]] std::uint32_t field(const Port& port, std::size_t index, unsigned bits)
{
    return static_cast<std::uint32_t>((std::uint64_t{port} >> (index * bits)) &
                                      ((std::uint64_t{1} << bits) - 1));
}
/// `value`'s lowest `bits` as a signed number.
[[nodiscard]] inline std::int32_t sign_extended(std::uint32_t value, unsigned bits)
{
    const auto sign = std::uint32_t{1} << (bits - 1);
    return static_cast<std::int32_t>((value ^ sign) - sign);
}

} // namespace heatsim::test
