// SPDX-License-Identifier: Apache-2.0
#include "support/protocol_checker.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace heatsim::test {

namespace {

std::string name_of(tlm::tlm_sync_enum status)
{
    return status == tlm::TLM_ACCEPTED  ? "TLM_ACCEPTED"
           : status == tlm::TLM_UPDATED ? "TLM_UPDATED"
                                        : "TLM_COMPLETED";
}

std::string text_of(const tlm::tlm_phase& phase)
{
    std::ostringstream text;
    text << phase;
    return text.str();
}

} // namespace

class ProtocolChecker::Hold {
  public:
    explicit Hold(Payload& trans)
        : trans_{trans}
        , holds_{trans.has_mm()}
    {
        if (holds_)
            trans_.acquire();
    }
    ~Hold()
    {
        if (holds_)
            trans_.release();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

  private:
    Payload& trans_;
    const bool holds_;
};

ProtocolChecker::Attributes::Attributes(const Payload& trans)
    : command{trans.get_command()}
    , address{trans.get_address()}
    , length{trans.get_data_length()}
    , data{trans.get_data_ptr()}
    , streaming_width{trans.get_streaming_width()}
    , byte_enable{trans.get_byte_enable_ptr()}
    , byte_enable_length{trans.get_byte_enable_length()}
{}

ProtocolChecker::ProtocolChecker(const sc_core::sc_module_name& name)
    : sc_module{name}
{
    target_socket.register_nb_transport_fw(this, &ProtocolChecker::nb_transport_fw);
    initiator_socket.register_nb_transport_bw(this, &ProtocolChecker::nb_transport_bw);
}

void ProtocolChecker::expect_kept() const
{
    for (const auto& text : violations_)
        ADD_FAILURE() << name() << ": " << text;
    EXPECT_EQ(open_.size(), 0U) << name() << ": transactions that are never complete";
}

void ProtocolChecker::violation(const std::string& text)
{
    violations_.push_back(text + ", at " + sc_core::sc_time_stamp().to_string());
}

// Calls ----------------------------------------------------------------------------------------

tlm::tlm_sync_enum
ProtocolChecker::nb_transport_fw(Payload& trans, tlm::tlm_phase& phase, sc_core::sc_time& delay)
{
    const Call sent{phase, delay, trans.get_response_status()};
    // (1) What the initiator says
    if (phase == tlm::BEGIN_REQ) {
        begin_request(trans, delay);
        check_held(trans, 0);
    } else if (phase == tlm::END_RESP) {
        check_attributes(trans);
        check_held(trans, 0);
        check_time(trans, delay);
        end_response(trans);
    } else {
        violation(text_of(phase) + " on the forward path");
    }
    // (2) What the target answers
    const Hold hold{trans};
    const auto status = initiator_socket->nb_transport_fw(trans, phase, delay);
    if (status == tlm::TLM_ACCEPTED)
        check_unchanged(sent, trans, phase, delay);
    if (sent.phase == tlm::BEGIN_REQ)
        answer_to_begin_request(status, trans, phase, delay);
    else if (status == tlm::TLM_UPDATED)
        violation(text_of(sent.phase) + " is answered with TLM_UPDATED");
    return status;
}

tlm::tlm_sync_enum
ProtocolChecker::nb_transport_bw(Payload& trans, tlm::tlm_phase& phase, sc_core::sc_time& delay)
{
    const Call sent{phase, delay, trans.get_response_status()};
    // (1) What the target says
    check_attributes(trans);
    check_held(trans, 0);
    check_time(trans, delay);
    if (phase == tlm::END_REQ)
        end_request(trans);
    else if (phase == tlm::BEGIN_RESP)
        begin_response(trans);
    else
        violation(text_of(phase) + " on the backward path");
    // (2) What the initiator answers
    const Hold hold{trans};
    const auto status = target_socket->nb_transport_bw(trans, phase, delay);
    if (status == tlm::TLM_ACCEPTED)
        check_unchanged(sent, trans, phase, delay);
    if (sent.phase == tlm::BEGIN_RESP)
        answer_to_begin_response(status, trans, phase, delay);
    else if (status != tlm::TLM_ACCEPTED)
        violation(text_of(sent.phase) + " is answered with " + name_of(status));
    return status;
}

// Phases ---------------------------------------------------------------------------------------

void ProtocolChecker::begin_request(const Payload& trans, const sc_core::sc_time& delay)
{
    ++begun_;
    if (open_.count(&trans) > 0)
        violation("BEGIN_REQ of a transaction under way");
    if (request_ != nullptr)
        violation("BEGIN_REQ before END_REQ of the request before");
    if (trans.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE)
        violation("BEGIN_REQ with a response status");
    if (trans.get_data_length() == 0)
        violation("BEGIN_REQ with a data length of 0");
    if (trans.get_streaming_width() == 0)
        violation("BEGIN_REQ with a streaming width of 0");
    if (!trans.has_mm())
        violation("BEGIN_REQ without a memory manager");
    open_.erase(&trans);
    open_.insert({&trans, {State::Requested, Attributes{trans}, sc_core::sc_time_stamp() + delay}});
    request_ = &trans;
}

void ProtocolChecker::end_request(const Payload& trans)
{
    const auto found = open_.find(&trans);
    if (found == open_.end()) {
        violation("END_REQ of a transaction that is not under way");
        return;
    }
    auto& state = found->second.state;
    if (state == State::Accepted)
        violation("END_REQ twice");
    else if (state == State::Responding)
        violation("END_REQ behind BEGIN_RESP");
    else
        state = State::Accepted;
    if (request_ == &trans)
        request_ = nullptr;
}

void ProtocolChecker::begin_response(const Payload& trans)
{
    const auto found = open_.find(&trans);
    if (found == open_.end()) {
        violation("BEGIN_RESP of a transaction that is not under way");
        return;
    }
    if (found->second.state == State::Responding)
        violation("BEGIN_RESP twice");
    else if (response_ != nullptr)
        violation("BEGIN_RESP before END_RESP of the response before");
    check_status(trans);
    found->second.state = State::Responding;
    if (request_ == &trans) // it implies the END_REQ that did not come
        request_ = nullptr;
    response_ = &trans;
}

void ProtocolChecker::end_response(const Payload& trans)
{
    const auto found = open_.find(&trans);
    if (found == open_.end())
        violation("END_RESP of a transaction that is not under way");
    else if (found->second.state != State::Responding)
        violation("END_RESP before BEGIN_RESP");
    complete(trans);
}

void ProtocolChecker::complete(const Payload& trans)
{
    open_.erase(&trans);
    if (request_ == &trans)
        request_ = nullptr;
    if (response_ == &trans)
        response_ = nullptr;
}

// Answers --------------------------------------------------------------------------------------

void ProtocolChecker::answer_to_begin_request(tlm::tlm_sync_enum status,
                                              const Payload& trans,
                                              const tlm::tlm_phase& phase,
                                              const sc_core::sc_time& delay)
{
    check_attributes(trans);
    check_held(trans, 1);
    if (status == tlm::TLM_ACCEPTED)
        return;
    check_time(trans, delay);
    if (status == tlm::TLM_COMPLETED) {
        check_status(trans);
        complete(trans);
    } else if (phase == tlm::END_REQ) {
        end_request(trans);
    } else if (phase == tlm::BEGIN_RESP) {
        begin_response(trans);
    } else {
        violation("BEGIN_REQ is answered with TLM_UPDATED and " + text_of(phase));
    }
}

void ProtocolChecker::answer_to_begin_response(tlm::tlm_sync_enum status,
                                               const Payload& trans,
                                               const tlm::tlm_phase& phase,
                                               const sc_core::sc_time& delay)
{
    check_attributes(trans);
    if (status == tlm::TLM_ACCEPTED) {
        check_held(trans, 1);
        return;
    }
    check_time(trans, delay);
    if (status == tlm::TLM_UPDATED && phase != tlm::END_RESP)
        violation("BEGIN_RESP is answered with TLM_UPDATED and " + text_of(phase));
    complete(trans);
}

// Checks ---------------------------------------------------------------------------------------

void ProtocolChecker::check_unchanged(const Call& sent,
                                      const Payload& trans,
                                      tlm::tlm_phase phase,
                                      const sc_core::sc_time& delay)
{
    if (phase != sent.phase)
        violation("TLM_ACCEPTED with another phase, " + text_of(phase));
    if (delay != sent.delay)
        violation("TLM_ACCEPTED with another delay");
    // a phase of its own may have come within the call, and brought the response
    const auto found = open_.find(&trans);
    if (found != open_.end() && found->second.state == State::Requested &&
        trans.get_response_status() != sent.response)
        violation("TLM_ACCEPTED with another response status");
}

void ProtocolChecker::check_attributes(const Payload& trans)
{
    const auto found = open_.find(&trans);
    if (found == open_.end())
        return;
    const auto& before = found->second.attributes;
    const Attributes now{trans};
    const auto check = [&](bool same, const char* attribute) {
        if (!same)
            violation(std::string{attribute} + " changed under way");
    };
    check(now.command == before.command, "command");
    check(now.address == before.address, "address");
    check(now.length == before.length, "data length");
    check(now.data == before.data, "data pointer");
    check(now.streaming_width == before.streaming_width, "streaming width");
    check(now.byte_enable == before.byte_enable, "byte enable pointer");
    check(now.byte_enable_length == before.byte_enable_length, "byte enable length");
    found->second.attributes = now; // each change is told once
}

void ProtocolChecker::check_held(const Payload& trans, int own)
{
    if (open_.count(&trans) > 0 && trans.has_mm() && trans.get_ref_count() <= own)
        violation("nobody holds a transaction under way");
}

void ProtocolChecker::check_time(const Payload& trans, const sc_core::sc_time& delay)
{
    const auto found = open_.find(&trans);
    if (found == open_.end())
        return;
    const auto time = sc_core::sc_time_stamp() + delay;
    if (time < found->second.latest)
        violation("effective time goes back by " + (found->second.latest - time).to_string());
    else
        found->second.latest = time;
}

void ProtocolChecker::check_status(const Payload& trans)
{
    if (trans.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
        violation("response without a status");
}

} // namespace heatsim::test
