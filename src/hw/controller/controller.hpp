// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/controller/cause_ledger.hpp"
#include "hw/controller/job.hpp"
#include "tlm/links.hpp"
#include "units/units.hpp"

#include <systemc>

#include <cstdint>
#include <deque>
#include <optional>
#include <ostream>
#include <vector>

namespace heatsim::hw {

class DataPath;

/// Cost of one operator of the last image, and where it ran.
struct OperatorRecord {
    channel::OperatorCost cost;
    channel::Worker unit = channel::Worker::Array;
    std::uint32_t fused_into = workload::Operand::none; ///< operator on whose tiles it ran
};

/// Turns the operators of an image into descriptors and tiles, and drives all units through them.
///
/// Modelled:     operators in order, each when its predecessor's results are in place; tile loops
///               with operand reuse and residency; loads, compute, nonlinear units and stores of
///               different tiles at the same time; weights of the next operator fetched early;
///               set-up per operator; the host's interrupts.
/// Not modelled: two images at once; out-of-order operators.
/// Timing:       operator_cycles before each operator, host_interrupt_cycles before and after one
///               on the host; everything else is the units'.
/// Source:       docs/models/controller.md.
class Controller final : public sc_core::sc_module, public channel::CompletionIf {
  public:
    sc_core::sc_port<channel::TransferIf> input_port{"input_port"};
    sc_core::sc_port<channel::TransferIf> weight_port{"weight_port"};
    sc_core::sc_port<channel::TransferIf> output_port{"output_port"};
    sc_core::sc_port<channel::TransferIf> host_memory_port{"host_memory_port"};
    sc_core::sc_port<channel::ArrayIf> array_port{"array_port"};
    sc_core::sc_port<channel::RowWorkerIf> vector_unit_port{"vector_unit_port"};
    sc_core::sc_port<channel::RowWorkerIf> token_selector_port{"token_selector_port"};
    sc_core::sc_port<channel::RowWorkerIf> host_port{"host_port"};
    sc_core::sc_port<channel::BufferIf> input_buffer_port{"input_buffer_port"};
    sc_core::sc_port<channel::BufferIf> weight_buffer_port{"weight_buffer_port"};
    sc_core::sc_port<channel::BufferIf> accumulator_port{"accumulator_port"};
    sc_core::sc_port<channel::BufferIf> output_buffer_port{"output_buffer_port"};
    sc_core::sc_export<channel::CompletionIf> completion_export{"completion_export"};

    SC_HAS_PROCESS(Controller);
    Controller(const sc_core::sc_module_name& name,
               const ControllerSettings& settings,
               Clock clock);

    /// Starts one image now; the simulation then runs until `finished()`. \pre all units restarted
    /// \param workload must live until then
    void start(const workload::Workload& workload);

    /// \param observer null: nobody
    void observe(channel::ActivityObserver* observer)
    {
        observer_ = observer;
        ledger_.observe(observer);
    }
    /// \param data_path that moves and computes the numbers of the images from now on; null: none,
    /// the timing is the same
    void compute_with(DataPath* data_path) { data_path_ = data_path; }
    [[nodiscard]] bool finished() const noexcept { return job_ == jobs_.size(); }
    /// Cycles of the last image.
    [[nodiscard]] std::uint64_t cycles() const noexcept { return end_cycle_; }
    [[nodiscard]] const channel::CauseCycles& cycles_by_cause() const noexcept
    {
        return ledger_.cycles();
    }
    /// One entry per operator of the workload.
    [[nodiscard]] const std::vector<OperatorRecord>& records() const noexcept { return records_; }
    /// What everything waits for, for a run that does not end.
    void dump(std::ostream& out) const override;

    void transfer_done(channel::Stream stream) override;
    void work_done(channel::Worker worker) override;

  private:
    enum class Phase : std::uint8_t { Idle, SetUp, Running, Returning };
    /// An output tile between the array and the store.
    struct OutputTile {
        TileStep step;
        std::uint64_t ready_cycle = 0;   ///< last result in the accumulator
        std::uint64_t residual_need = 0; ///< residual tiles that must have arrived
    };

    // Processes
    void on_timer();

    // Operators
    void begin_job();
    void begin_running();
    void finish_job();
    void pump();

    // GEMMs
    void pump_gemm();
    void issue_input_loads();
    void issue_weight_loads();
    void issue_weight_loads_of(std::size_t weight_job);
    void start_output_tile();
    void start_tile();
    [[nodiscard]] channel::ArrayCause gemm_wait_cause() const;
    void tile_done();
    void output_tile_done();

    // Everything else
    void pump_rows();
    void issue_row_loads();
    void start_rows();
    void rows_done();

    // Helpers
    void submit(const channel::Transfer& transfer, const Job& owner);
    void load_tile(const channel::Transfer& transfer, std::size_t owner, const TileStep& step);
    void load_rows(const channel::Transfer& transfer, std::uint64_t row);
    [[nodiscard]] bool load_may_start(std::uint64_t step, std::uint64_t computed) const;
    [[nodiscard]] bool anything_behind_the_array() const;
    [[nodiscard]] const Job& job() const { return jobs_[job_]; }
    [[nodiscard]] const workload::Operator& op() const { return workload_->operators[job().op]; }
    [[nodiscard]] channel::OperatorCost& cost() { return records_[job().op].cost; }
    [[nodiscard]] std::uint64_t cycle() const;

    const ControllerSettings settings_;
    const Clock clock_;
    sc_core::sc_event timer_event_{"timer_event"};

    // The image
    const workload::Workload* workload_ = nullptr;
    std::vector<std::uint64_t> bases_;
    std::optional<TransferMaker> transfers_;
    std::vector<Job> jobs_;
    std::vector<OperatorRecord> records_;
    CauseLedger ledger_;
    channel::ActivityObserver* observer_ = nullptr;
    DataPath* data_path_ = nullptr;
    std::uint64_t epoch_fs_ = 0;
    std::uint64_t end_cycle_ = 0;

    // The current operator
    std::size_t job_ = 0;
    Phase phase_ = Phase::Idle;
    channel::CauseCycles causes_before_{};

    // Loads: numbers count from the start of the image, as the buffers' do
    TilePlan::Cursor input_cursor_;
    std::uint64_t input_step_ = 0;
    std::uint64_t input_need_ = 0; ///< input tiles the next step needs filled
    std::size_t weight_job_ = 0;   ///< operator whose weights are fetched next
    TilePlan::Cursor weight_cursor_;
    bool weight_cursor_open_ = false;
    std::uint64_t weight_step_ = 0;
    std::uint64_t weight_need_ = 0;
    std::uint64_t residuals_issued_ = 0;
    std::uint64_t residuals_done_ = 0;

    // Array
    TilePlan::Cursor array_cursor_;
    std::uint64_t array_step_ = 0;
    std::optional<TileStep> next_step_; ///< step at array_cursor_, its needs counted
    bool array_busy_ = false;
    channel::TileCycles tile_cycles_;

    // Output tiles and rows
    std::deque<OutputTile> output_tiles_;
    bool unit_busy_ = false; ///< vector unit, selector or host, whichever the operator uses
    std::uint64_t rows_loaded_ = 0;
    std::uint64_t rows_started_ = 0;
    std::uint64_t row_chunks_ = 0; ///< chunks computed
    std::uint64_t row_chunks_loaded_ = 0;
    std::uint64_t rows_in_work_ = 0;
};

} // namespace heatsim::hw
