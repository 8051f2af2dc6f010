// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace heatsim::test {

/// Stands between one initiator socket and one target socket, passes every call on unchanged, and
/// writes down what breaks the base protocol of TLM-2.0 in its approximately-timed form.
///
/// Rules:  phases of a transaction in order, each on its own path, none behind completion; return
///         values and phases that belong together, nothing changed under TLM_ACCEPTED; one request
///         before END_REQ, one response before END_RESP (TLM_COMPLETED on the forward path may pass
///         a response); what the initiator sets stays as it is until completion; a response status
///         is there with the response and not before the request; a memory manager and somebody
///         who holds the transaction; effective times of a transaction that never go back.
/// Not in: b_transport, DMI and debug transport are not passed on; a null data pointer is allowed,
///         as heatsim moves no data.
/// Source: IEEE 1666-2011, 11.1.2 (nb_transport), 14 (generic payload), 15.2 (base protocol).
class ProtocolChecker final : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<ProtocolChecker> target_socket{"target_socket"};
    tlm_utils::simple_initiator_socket<ProtocolChecker> initiator_socket{"initiator_socket"};

    explicit ProtocolChecker(const sc_core::sc_module_name& name);

    [[nodiscard]] const std::vector<std::string>& violations() const noexcept
    {
        return violations_;
    }
    /// Transactions that have begun since the start of the simulation.
    [[nodiscard]] std::uint64_t begun() const noexcept { return begun_; }
    /// Transactions under way.
    [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }
    /// Fails the test for every violation, and for every transaction that is still under way.
    void expect_kept() const;

  private:
    using Payload = tlm::tlm_generic_payload;

    enum class State { Requested, Accepted, Responding };
    /// What nobody may change before the transaction is complete.
    struct Attributes {
        explicit Attributes(const Payload& trans);

        tlm::tlm_command command;
        std::uint64_t address;
        unsigned length;
        const unsigned char* data;
        unsigned streaming_width;
        const unsigned char* byte_enable;
        unsigned byte_enable_length;
    };
    struct Transaction {
        State state;
        Attributes attributes;
        sc_core::sc_time latest; ///< effective time of its last phase
    };
    /// Holds a transaction for the time of a call, so that it can be looked at behind it.
    class Hold;
    /// Arguments of a call before it is passed on.
    struct Call {
        tlm::tlm_phase phase;
        sc_core::sc_time delay;
        tlm::tlm_response_status response;
    };

    tlm::tlm_sync_enum
    nb_transport_fw(Payload& trans, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum
    nb_transport_bw(Payload& trans, tlm::tlm_phase& phase, sc_core::sc_time& delay);

    // What a call brings
    void begin_request(const Payload& trans, const sc_core::sc_time& delay);
    void end_request(const Payload& trans);
    void begin_response(const Payload& trans);
    void end_response(const Payload& trans);
    void complete(const Payload& trans);
    // What comes back from it
    void answer_to_begin_request(tlm::tlm_sync_enum status,
                                 const Payload& trans,
                                 const tlm::tlm_phase& phase,
                                 const sc_core::sc_time& delay);
    void answer_to_begin_response(tlm::tlm_sync_enum status,
                                  const Payload& trans,
                                  const tlm::tlm_phase& phase,
                                  const sc_core::sc_time& delay);
    void check_unchanged(const Call& sent,
                         const Payload& trans,
                         tlm::tlm_phase phase,
                         const sc_core::sc_time& delay);
    void check_attributes(const Payload& trans);
    /// \param own references of the checker
    void check_held(const Payload& trans, int own);
    void check_time(const Payload& trans, const sc_core::sc_time& delay);
    void check_status(const Payload& trans);
    void violation(const std::string& text);

    std::map<const Payload*, Transaction> open_;
    const Payload* request_ = nullptr;  ///< before END_REQ
    const Payload* response_ = nullptr; ///< before END_RESP
    std::uint64_t begun_ = 0;
    std::vector<std::string> violations_;
};

} // namespace heatsim::test
