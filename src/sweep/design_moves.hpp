// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/catalog.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heatsim::sweep {

/// What a move costs.
enum class MoveDirection : std::uint8_t {
    More,   ///< more hardware, a faster clock or memory
    Less,   ///< the other way round
    Choice, ///< another way to work with about the same hardware
};
inline constexpr std::array<config::EnumName<MoveDirection>, 3> move_direction_names{{
    {MoveDirection::More, "more"},
    {MoveDirection::Less, "less"},
    {MoveDirection::Choice, "choice"},
}};

/// What a move needs that the estimate of FPGA resources does not know.
enum class MoveNeeds : std::uint8_t {
    Design, ///< nothing: the design alone changes
    Timing, ///< that the design still closes timing
    Board,  ///< another memory, processor or device
};
inline constexpr std::array<config::EnumName<MoveNeeds>, 3> move_needs_names{{
    {MoveNeeds::Design, "design"},
    {MoveNeeds::Timing, "timing"},
    {MoveNeeds::Board, "board"},
}};

/// One parameter of a design, moved.
struct Move {
    std::string parameter; ///< key, with `board.` in front of one of the board's
    std::string meaning;   ///< in a few words, e.g. `width of AXI port hp1 (weight)`
    std::string from;      ///< as the configuration has it
    std::string to;
    double factor = 0.0; ///< `to` / `from`; 0: they are no numbers
    MoveDirection direction = MoveDirection::More;
    MoveNeeds needs = MoveNeeds::Design;
    /// Changes the design, the rules over several keys aside; empty: only `board_changes` do.
    std::function<void(system::Accelerator&)> apply;
    std::vector<system::Override> board_changes;
};

/// The moves that mean something for a design, derived from its structure: only ports it has, lanes
/// of units that work, and so on. Numbers are doubled and halved, the fabric clock moves by a
/// quarter, memories to the next shipped ones. Whether a move breaks a rule is left to
/// `system::load`.
/// \param overrides of the set-up's request: its memory stays where keys of it are changed
[[nodiscard]] std::vector<Move> moves_of(const system::RunSetup& setup,
                                         const std::vector<system::Override>& overrides);

/// What makes the moves, all together, of a design: their keys and those that have to follow. A
/// tile grows to what a larger array takes at once, a buffer to two slots of a larger tile, and an
/// adder tree of twice the inputs is one pipeline stage deeper.
/// \returns empty where a move would undo another one
[[nodiscard]] std::vector<system::Override> changes_of(const system::Accelerator& base,
                                                       const std::vector<const Move*>& moves);

/// Transfers take no time any more: the bound of everything between chip and memory.
/// \returns empty where that is so already
[[nodiscard]] std::vector<system::Override> ideal_memory_of(const system::Accelerator& base);

} // namespace heatsim::sweep
