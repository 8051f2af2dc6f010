// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/controller.hpp"

#include "hw/data_path/data_path.hpp"
#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <algorithm>

namespace heatsim::hw {

using channel::ArrayCause;
using channel::Stream;
using channel::Worker;
using workload::Operand;

namespace {

[[nodiscard]] ArrayCause cause_of(Worker unit)
{
    switch (unit) {
    case Worker::Array:
        return ArrayCause::Control;
    case Worker::VectorUnit:
        return ArrayCause::WaitVector;
    case Worker::TokenSelector:
        return ArrayCause::WaitSelector;
    case Worker::Host:
        return ArrayCause::WaitHost;
    }
    return ArrayCause::Control;
}

} // namespace

Controller::Controller(const sc_core::sc_module_name& name,
                       const ControllerSettings& settings,
                       Clock clock)
    : sc_module{name}
    , settings_{settings}
    , clock_{clock}
{
    completion_export.bind(*this);
    SC_METHOD(on_timer);
    sensitive << timer_event_;
    dont_initialize();
}

std::uint64_t Controller::cycle() const
{
    return clock_.floor_cycles(channel::now_fs() - epoch_fs_);
}

// Operators ------------------------------------------------------------------------------------

void Controller::start(const workload::Workload& workload)
{
    workload_ = &workload;
    bases_ = address_map(workload, settings_);
    transfers_.emplace(settings_, workload, bases_);
    jobs_ = make_jobs(workload, settings_);
    records_.assign(workload.operators.size(), {});
    ledger_.restart();
    epoch_fs_ = channel::now_fs();
    end_cycle_ = 0;
    input_need_ = weight_need_ = 0;
    residuals_issued_ = residuals_done_ = 0;
    weight_job_ = 0;
    weight_cursor_open_ = false;
    job_ = 0;
    if (data_path_ != nullptr)
        data_path_->start(workload, jobs_, bases_);
    begin_job();
}

void Controller::begin_job()
{
    const auto now = cycle();
    ledger_.settle(now);
    causes_before_ = ledger_.cycles();
    for (;; ++job_) { // operators without rows take no time: nothing pruned, nothing to package
        if (finished()) {
            end_cycle_ = now;
            phase_ = Phase::Idle;
            return;
        }
        records_[job().op].unit = job().unit;
        cost().start_cycle = cost().end_cycle = now;
        for (std::uint32_t i = 0; i < job().fused_count; ++i) {
            auto& fused = records_[job().fused[i]];
            fused.unit = Worker::VectorUnit;
            fused.fused_into = job().op;
            fused.cost.start_cycle = fused.cost.end_cycle = now;
        }
        if (op().rows() > 0 && op().n > 0)
            break;
    }
    phase_ = Phase::SetUp;
    if (observer_ != nullptr)
        observer_->operator_starts(job().op);
    ledger_.wait(ArrayCause::Control, now);
    const auto interrupt = job().unit == Worker::Host ? settings_.host_interrupt_cycles : 0;
    timer_event_.notify(
        channel::to_time(clock_.to_fs(settings_.controller.operator_cycles + interrupt)));
    issue_weight_loads();
}

void Controller::on_timer()
{
    if (phase_ == Phase::Returning) {
        finish_job();
        return;
    }
    begin_running();
    pump();
}

void Controller::begin_running()
{
    phase_ = Phase::Running;
    const auto now = cycle();
    if (job().unit == Worker::Host) // the operator's own set-up was the first part of the wait
        ledger_.wait(ArrayCause::WaitHost, now - settings_.host_interrupt_cycles);
    if (job().is_gemm()) {
        input_cursor_ = array_cursor_ = job().plan->begin();
        input_step_ = array_step_ = 0;
        next_step_.reset();
    } else {
        ledger_.wait(cause_of(job().unit), now);
        rows_loaded_ = rows_started_ = rows_in_work_ = 0;
        row_chunks_ = row_chunks_loaded_ = 0;
    }
}

void Controller::finish_job()
{
    const auto now = cycle();
    ledger_.settle(now);
    auto& finished_cost = cost();
    finished_cost.end_cycle = now;
    for (std::size_t i = 0; i < channel::array_causes; ++i)
        finished_cost.cycles_by_cause[i] = ledger_.cycles()[i] - causes_before_[i];
    for (std::uint32_t i = 0; i < job().fused_count; ++i) {
        auto& fused = records_[job().fused[i]].cost;
        fused.start_cycle = fused.end_cycle = now;
    }
    if (data_path_ != nullptr)
        data_path_->operator_done(job_);
    ++job_;
    begin_job();
}

void Controller::pump()
{
    if (phase_ == Phase::SetUp) {
        issue_weight_loads();
        return;
    }
    if (phase_ != Phase::Running)
        return;
    if (job().is_gemm())
        pump_gemm();
    else
        pump_rows();
}

void Controller::transfer_done(Stream stream)
{
    if (data_path_ != nullptr) {
        if (stream == Stream::Output)
            data_path_->stored();
        else
            data_path_->loaded(stream);
    }
    switch (stream) {
    case Stream::Input:
        input_buffer_port->fill();
        break;
    case Stream::Weight:
        weight_buffer_port->fill();
        break;
    case Stream::Residual:
        ++residuals_done_;
        break;
    case Stream::Output:
        output_buffer_port->release();
        break;
    }
    pump();
}

void Controller::work_done(Worker worker)
{
    if (worker == Worker::Array) {
        tile_done();
    } else {
        unit_busy_ = false;
        if (job().is_gemm())
            output_tile_done();
        else
            rows_done();
    }
    pump();
}

// GEMMs ----------------------------------------------------------------------------------------

void Controller::pump_gemm()
{
    // (1) Keep the loaders busy
    issue_input_loads();
    issue_weight_loads();
    // (2) Output tiles to the vector unit, which frees accumulators
    start_output_tile();
    // (3) The next tile into the array
    start_tile();
    // (4) Either the operator is complete, or somebody is waited for
    if (array_busy_)
        return;
    if (!array_cursor_.valid() && !anything_behind_the_array())
        finish_job();
    else
        ledger_.wait(gemm_wait_cause(), cycle());
}

bool Controller::anything_behind_the_array() const
{
    return !output_tiles_.empty() || !output_buffer_port->is_empty();
}

bool Controller::load_may_start(std::uint64_t step, std::uint64_t computed) const
{
    if (settings_.buffers.double_buffered)
        return true;
    return step == computed && !array_busy_ && !anything_behind_the_array();
}

void Controller::issue_input_loads()
{
    const auto& current = job();
    while (input_cursor_.valid()) {
        const auto step = current.plan->step(input_cursor_);
        if (step.load_input && !current.a_resident) {
            if (!load_may_start(input_step_, array_step_) || !input_buffer_port->has_free_slot())
                return;
            input_buffer_port->reserve();
            load_tile(transfers_->input_tile(current, step), job_, step);
        }
        current.plan->advance(input_cursor_);
        ++input_step_;
    }
}

void Controller::issue_weight_loads()
{
    while (weight_job_ < jobs_.size()) {
        const auto& weight_job = jobs_[weight_job_];
        const auto& gemm = workload_->operators[weight_job.op];
        if (weight_job.is_gemm()) {
            const bool early = weight_job_ > job_ || phase_ != Phase::Running;
            const bool may_be_early = settings_.controller.prefetch_weights &&
                                      settings_.buffers.double_buffered && gemm.static_weights;
            if (early && !may_be_early)
                return;
            if (!weight_cursor_open_) {
                weight_cursor_ = weight_job.plan->begin();
                weight_cursor_open_ = true;
                weight_step_ = 0;
            }
            issue_weight_loads_of(weight_job_);
            if (weight_cursor_.valid())
                return;
        }
        ++weight_job_;
        weight_cursor_open_ = false;
    }
}

void Controller::issue_weight_loads_of(std::size_t owner)
{
    const auto& weight_job = jobs_[owner];
    while (weight_cursor_.valid()) {
        const auto step = weight_job.plan->step(weight_cursor_);
        if (step.load_weight && !weight_job.b_resident) {
            if (!load_may_start(weight_step_, array_step_) || !weight_buffer_port->has_free_slot())
                return;
            weight_buffer_port->reserve();
            auto transfer = transfers_->weight_tile(weight_job, step);
            const auto bias = transfers_->bias_tile(weight_job, step);
            transfer.completes = !bias;
            load_tile(transfer, owner, step);
            if (bias)
                load_tile(*bias, owner, step);
        }
        weight_job.plan->advance(weight_cursor_);
        ++weight_step_;
    }
}

void Controller::start_tile()
{
    if (array_busy_ || !array_cursor_.valid())
        return;
    const auto& current = job();
    if (!next_step_) {
        next_step_ = current.plan->step(array_cursor_);
        input_need_ += next_step_->load_input && !current.a_resident ? 1U : 0U;
        weight_need_ += next_step_->load_weight && !current.b_resident ? 1U : 0U;
    }
    const auto& step = *next_step_;
    if (input_buffer_port->filled() < input_need_ || weight_buffer_port->filled() < weight_need_ ||
        (step.first_k && !accumulator_port->has_free_slot()))
        return;
    if (step.first_k) {
        accumulator_port->reserve();
        if (current.residual_op != Operand::none && !current.residual_resident) {
            load_tile(transfers_->residual_tile(current, step), job_, step);
            ++residuals_issued_;
        }
    }
    const auto lanes =
        current.dense ? 1 : std::min(current.lanes, op().batch - step.group * current.lanes);
    const auto now = cycle();
    ledger_.begin_tile(now);
    if (observer_ != nullptr)
        observer_->work_starts({Worker::Array, current.op,
                                step.load_input && !current.a_resident ? input_need_ : 0,
                                step.load_weight && !current.b_resident ? weight_need_ : 0});
    tile_cycles_ = array_port->start(
        {lanes, step.rows, step.depth, step.columns, current.dense, array_step_ == 0});
    cost().unit_cycles += tile_cycles_.busy;
    array_busy_ = true;
}

ArrayCause Controller::gemm_wait_cause() const
{
    if (next_step_) {
        if (input_buffer_port->filled() < input_need_)
            return ArrayCause::WaitInput;
        if (weight_buffer_port->filled() < weight_need_)
            return ArrayCause::WaitWeights;
    }
    return unit_busy_ ? ArrayCause::WaitVector : ArrayCause::WaitOutput;
}

void Controller::tile_done()
{
    const auto now = cycle();
    ledger_.end_tile(tile_cycles_, now);
    array_busy_ = false;
    const auto& current = job();
    const auto& step = *next_step_;
    if (data_path_ != nullptr)
        data_path_->multiply(job_, step);
    if (step.release_input && !current.a_resident) {
        input_buffer_port->release();
        if (data_path_ != nullptr)
            data_path_->release_input(job_, step);
    }
    if (step.release_weight && !current.b_resident) {
        weight_buffer_port->release();
        if (data_path_ != nullptr)
            data_path_->release_weights(job_, step);
    }
    if (step.last_k) {
        accumulator_port->fill();
        output_tiles_.push_back({step, now + tile_cycles_.drain, residuals_issued_});
    }
    next_step_.reset();
    current.plan->advance(array_cursor_);
    ++array_step_;
}

void Controller::start_output_tile()
{
    if (unit_busy_ || output_tiles_.empty() || !output_buffer_port->has_free_slot())
        return;
    const auto& tile = output_tiles_.front();
    if (residuals_done_ < tile.residual_need)
        return;
    const auto& current = job();
    output_buffer_port->reserve();
    const auto lanes =
        current.dense ? 1 : std::min(current.lanes, op().batch - tile.step.group * current.lanes);
    channel::RowWork work;
    work.rows = lanes * tile.step.rows;
    work.columns = work.input_columns = tile.step.columns;
    work.fused_nonlinear = current.fused_nonlinear;
    work.fused_add = current.residual_op != Operand::none;
    work.fused_softmax = current.fused_softmax;
    const auto now = cycle();
    const auto delay = tile.ready_cycle > now ? tile.ready_cycle - now : 0;
    if (observer_ != nullptr)
        observer_->work_starts({Worker::VectorUnit, current.op, 0, 0});
    const auto cycles = vector_unit_port->start(work, delay);
    for (std::uint32_t i = 0; i < current.fused_count; ++i)
        records_[current.fused[i]].cost.unit_cycles += cycles;
    unit_busy_ = true;
}

void Controller::output_tile_done()
{
    const auto step = output_tiles_.front().step;
    output_tiles_.pop_front();
    accumulator_port->release();
    output_buffer_port->fill();
    const auto transfer = transfers_->output_tile(job(), step);
    if (data_path_ != nullptr)
        data_path_->finish_tile(job_, step, transfer);
    if (job().output_resident)
        output_buffer_port->release();
    else
        submit(transfer, job());
}

// Everything else ------------------------------------------------------------------------------

void Controller::pump_rows()
{
    issue_row_loads();
    start_rows();
    if (unit_busy_ || rows_started_ < op().rows() || !output_buffer_port->is_empty())
        return;
    if (job().unit == Worker::Host) {
        phase_ = Phase::Returning;
        timer_event_.notify(channel::to_time(clock_.to_fs(settings_.host_interrupt_cycles)));
        return;
    }
    finish_job();
}

void Controller::issue_row_loads()
{
    const auto& current = job();
    const auto& o = op();
    const bool loads_a = o.k > 0 && !current.a_resident;
    while (rows_loaded_ < o.rows()) {
        if (!load_may_start(row_chunks_loaded_, row_chunks_))
            return;
        if (loads_a && !input_buffer_port->has_free_slot())
            return;
        if (!loads_a && row_chunks_loaded_ > row_chunks_ + settings_.slots())
            return; // the second operand is fetched as far ahead as the first would be
        const auto rows = std::min(current.chunk_rows, o.rows() - rows_loaded_);
        if (loads_a) {
            input_buffer_port->reserve();
            load_rows(transfers_->input_rows(current, rows_loaded_, rows), rows_loaded_);
        }
        if (o.b.used() && !current.b_resident) {
            const bool once = o.b_columns == 0 && settings_.buffers.reuse;
            if (!once || rows_loaded_ == 0) {
                load_rows(transfers_->second_rows(current, rows_loaded_, rows), rows_loaded_);
                ++residuals_issued_;
            }
        }
        rows_loaded_ += rows;
        ++row_chunks_loaded_;
    }
}

void Controller::start_rows()
{
    const auto& current = job();
    const auto& o = op();
    if (unit_busy_ || rows_started_ >= rows_loaded_)
        return;
    const bool loads_a = o.k > 0 && !current.a_resident;
    // a chunk's second operand is the last one issued when the chunk was; with parameters read
    // once, the first
    const bool per_chunk =
        o.b.used() && !current.b_resident && (o.b_columns > 0 || !settings_.buffers.reuse);
    const bool once = o.b.used() && !current.b_resident && !per_chunk;
    const auto behind = per_chunk ? row_chunks_loaded_ - row_chunks_ - 1 : 0;
    const auto residual_need = per_chunk || once ? residuals_issued_ - behind : 0;
    if ((loads_a && input_buffer_port->filled() < input_need_ + 1) ||
        residuals_done_ < residual_need)
        return;
    const auto rows = std::min(current.chunk_rows, o.rows() - rows_started_);
    const bool last = rows_started_ + rows == o.rows();
    const bool writes = o.output_rows == 0 || last;
    if (writes && !output_buffer_port->has_free_slot())
        return;
    if (writes)
        output_buffer_port->reserve();
    input_need_ += loads_a ? 1U : 0U;
    channel::RowWork work;
    work.kind = o.kind;
    work.rows = rows;
    work.columns = o.n;
    work.input_columns = o.k;
    work.first = rows_started_ == 0;
    work.last = last;
    auto& unit = job().unit == Worker::VectorUnit      ? vector_unit_port
                 : job().unit == Worker::TokenSelector ? token_selector_port
                                                       : host_port;
    if (observer_ != nullptr)
        observer_->work_starts({current.unit, current.op, loads_a ? input_need_ : 0, 0});
    cost().unit_cycles += unit->start(work, 0);
    unit_busy_ = true;
    rows_in_work_ = rows;
    rows_started_ += rows;
}

void Controller::rows_done()
{
    const auto& current = job();
    const auto& o = op();
    if (o.k > 0 && !current.a_resident)
        input_buffer_port->release();
    const bool last = rows_started_ == o.rows();
    const auto first_row = rows_started_ - rows_in_work_;
    if (data_path_ != nullptr)
        data_path_->compute_rows(job_, first_row, rows_in_work_, last);
    if (o.output_rows == 0 || last) {
        output_buffer_port->fill();
        const auto transfer = o.output_rows == 0
                                  ? transfers_->output_rows(current, first_row, rows_in_work_)
                                  : transfers_->output_rows(current, 0, o.output_rows);
        if (data_path_ != nullptr)
            data_path_->finish_rows(job_, transfer);
        if (current.output_resident)
            output_buffer_port->release();
        else
            submit(transfer, current);
    }
    ++row_chunks_;
}

// Helpers --------------------------------------------------------------------------------------

void Controller::load_tile(const channel::Transfer& transfer,
                           std::size_t owner,
                           const TileStep& step)
{
    if (data_path_ != nullptr)
        data_path_->load_tile(owner, step, transfer);
    submit(transfer, jobs_[owner]);
}

void Controller::load_rows(const channel::Transfer& transfer, std::uint64_t row)
{
    if (data_path_ != nullptr)
        data_path_->load_rows(job_, row, transfer);
    submit(transfer, job());
}

void Controller::submit(const channel::Transfer& transfer, const Job& owner)
{
    auto& costs = records_[owner.op].cost;
    const auto bytes = transfer.bytes();
    sc_core::sc_port<channel::TransferIf>* port = &input_port;
    switch (transfer.stream) {
    case Stream::Input:
    case Stream::Residual:
        costs.input_bytes += bytes;
        break;
    case Stream::Weight:
        costs.weight_bytes += bytes;
        port = &weight_port;
        break;
    case Stream::Output:
        costs.output_bytes += bytes;
        port = &output_port;
        break;
    }
    if (owner.unit == Worker::Host)
        port = &host_memory_port;
    if (observer_ != nullptr)
        observer_->transfer_of(owner.op);
    (*port)->submit(transfer);
}

void Controller::dump(std::ostream& out) const
{
    if (finished()) {
        out << "controller: idle\n";
        return;
    }
    out << "controller: operator " << op().name << " (" << job_ + 1 << " of " << jobs_.size()
        << "), phase " << static_cast<int>(phase_) << ", cycle " << cycle() << '\n'
        << "  array " << (array_busy_ ? "busy" : "idle") << ", step " << array_step_
        << (job().is_gemm() ? " of " + std::to_string(job().plan->steps()) : std::string{}) << '\n'
        << "  input tiles filled " << input_buffer_port->filled() << ", needed " << input_need_
        << '\n'
        << "  weight tiles filled " << weight_buffer_port->filled() << ", needed " << weight_need_
        << '\n'
        << "  residual tiles arrived " << residuals_done_ << " of " << residuals_issued_ << '\n'
        << "  output tiles waiting " << output_tiles_.size() << ", unit "
        << (unit_busy_ ? "busy" : "idle") << ", rows started " << rows_started_ << " of "
        << op().rows() << '\n';
}

} // namespace heatsim::hw
