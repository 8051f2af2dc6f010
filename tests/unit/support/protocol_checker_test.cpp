// SPDX-License-Identifier: Apache-2.0
#include "support/bench.hpp"
#include "support/protocol_checker.hpp"
#include "tlm/payload_pool.hpp"
#include "tlm/time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

namespace heatsim::test {
namespace {

using tlm::tlm_generic_payload;
using tlm::tlm_phase;
using tlm::tlm_sync_enum;

/// What one end does in a call that comes to it; it may be wrong.
using Answer = std::function<tlm_sync_enum(tlm_generic_payload&, tlm_phase&, sc_core::sc_time&)>;

Answer with(tlm_sync_enum status)
{
    return [status](tlm_generic_payload&, tlm_phase&, sc_core::sc_time&) { return status; };
}

Answer with(tlm_sync_enum status, tlm_phase answered)
{
    return [status, answered](tlm_generic_payload&, tlm_phase& phase, sc_core::sc_time&) {
        phase = answered;
        return status;
    };
}

/// A target that has set a response before it answers.
Answer responding(const Answer& answer)
{
    return [answer](tlm_generic_payload& trans, tlm_phase& phase, sc_core::sc_time& delay) {
        trans.set_response_status(tlm::TLM_OK_RESPONSE);
        return answer(trans, phase, delay);
    };
}

class ScriptedInitiator final : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<ScriptedInitiator> socket{"socket"};
    explicit ScriptedInitiator(const sc_core::sc_module_name& name)
        : sc_module{name}
    {
        socket.register_nb_transport_bw(this, &ScriptedInitiator::nb_transport_bw);
    }
    Answer answer = with(tlm::TLM_ACCEPTED);

  private:
    tlm_sync_enum
    nb_transport_bw(tlm_generic_payload& trans, tlm_phase& phase, sc_core::sc_time& delay)
    {
        return answer(trans, phase, delay);
    }
};

class ScriptedTarget final : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<ScriptedTarget> socket{"socket"};
    explicit ScriptedTarget(const sc_core::sc_module_name& name)
        : sc_module{name}
    {
        socket.register_nb_transport_fw(this, &ScriptedTarget::nb_transport_fw);
    }
    Answer answer = with(tlm::TLM_ACCEPTED);

  private:
    tlm_sync_enum
    nb_transport_fw(tlm_generic_payload& trans, tlm_phase& phase, sc_core::sc_time& delay)
    {
        return answer(trans, phase, delay);
    }
};

/// Initiator → checker → target; both ends do as they are told. Unless told otherwise, they answer
/// TLM_ACCEPTED.
struct Bench {
    Bench()
    {
        initiator.socket.bind(checker.target_socket);
        checker.initiator_socket.bind(target.socket);
    }
    tlm_generic_payload& payload()
    {
        auto& trans = *pool.allocate();
        trans.set_command(tlm::TLM_READ_COMMAND);
        trans.set_address(4096);
        trans.set_data_length(64);
        trans.set_streaming_width(64);
        trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        return trans;
    }
    void forward(tlm_generic_payload& trans, tlm_phase phase, std::uint64_t delay_ns = 0)
    {
        auto delay = channel::to_time(ns(delay_ns));
        initiator.socket->nb_transport_fw(trans, phase, delay);
    }
    void backward(tlm_generic_payload& trans, tlm_phase phase, std::uint64_t delay_ns = 0)
    {
        auto delay = channel::to_time(ns(delay_ns));
        target.socket->nb_transport_bw(trans, phase, delay);
    }
    void respond(tlm_generic_payload& trans, std::uint64_t delay_ns = 0)
    {
        trans.set_response_status(tlm::TLM_OK_RESPONSE);
        backward(trans, tlm::BEGIN_RESP, delay_ns);
    }

    channel::PayloadPool pool;
    ScriptedInitiator initiator{"initiator"};
    ScriptedTarget target{"target"};
    ProtocolChecker checker{"checker"};
};

struct Script {
    const char* name;
    const char* violation; ///< null: the protocol is kept
    std::function<void(Bench&)> run;
};
std::ostream& operator<<(std::ostream& out, const Script& script)
{
    return out << script.name;
}

class ProtocolCheckerTest : public testing::TestWithParam<Script> {
  protected:
    ProtocolCheckerTest() { use_femtoseconds(); }
};

TEST_P(ProtocolCheckerTest, TellsThisViolationAndNoOther)
{
    Bench bench;
    run_bench([&] { GetParam().run(bench); });
    if (GetParam().violation == nullptr) {
        bench.checker.expect_kept();
        EXPECT_GT(bench.checker.begun(), 0U);
        return;
    }
    EXPECT_THAT(bench.checker.violations(),
                testing::ElementsAre(testing::HasSubstr(GetParam().violation)));
}

const auto name_of_script = [](const auto& script) { return std::string{script.param.name}; };

INSTANTIATE_TEST_SUITE_P(
    Kept,
    ProtocolCheckerTest,
    testing::Values(Script{"four_phases", nullptr,
                           [](Bench& bench) {
                               auto& trans = bench.payload();
                               bench.forward(trans, tlm::BEGIN_REQ);
                               bench.backward(trans, tlm::END_REQ);
                               bench.respond(trans);
                               bench.forward(trans, tlm::END_RESP);
                           }},
                    Script{"return_path", nullptr,
                           [](Bench& bench) {
                               auto& trans = bench.payload();
                               bench.target.answer = with(tlm::TLM_UPDATED, tlm::END_REQ);
                               bench.initiator.answer = with(tlm::TLM_UPDATED, tlm::END_RESP);
                               bench.forward(trans, tlm::BEGIN_REQ);
                               bench.respond(trans);
                           }},
                    Script{"response_implies_end_req", nullptr,
                           [](Bench& bench) {
                               auto& first = bench.payload();
                               bench.forward(first, tlm::BEGIN_REQ);
                               bench.respond(first);
                               auto& second = bench.payload();
                               bench.target.answer = with(tlm::TLM_COMPLETED);
                               bench.forward(first, tlm::END_RESP);
                               bench.target.answer =
                                   responding(with(tlm::TLM_UPDATED, tlm::BEGIN_RESP));
                               bench.forward(second, tlm::BEGIN_REQ);
                               bench.target.answer = with(tlm::TLM_ACCEPTED);
                               bench.forward(second, tlm::END_RESP);
                           }},
                    Script{"completed_early", nullptr,
                           [](Bench& bench) {
                               bench.target.answer = responding(with(tlm::TLM_COMPLETED));
                               for (int i = 0; i < 3; ++i)
                                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
                           }},
                    Script{"completed_passes_a_response", nullptr,
                           [](Bench& bench) {
                               auto& slow = bench.payload();
                               bench.forward(slow, tlm::BEGIN_REQ);
                               bench.respond(slow);
                               bench.target.answer = responding(with(tlm::TLM_COMPLETED));
                               bench.forward(bench.payload(), tlm::BEGIN_REQ);
                               bench.target.answer = with(tlm::TLM_ACCEPTED);
                               bench.forward(slow, tlm::END_RESP);
                           }},
                    Script{"initiator_lets_go_in_its_last_call", nullptr,
                           [](Bench& bench) {
                               auto& trans = bench.payload();
                               bench.target.answer = with(tlm::TLM_UPDATED, tlm::END_REQ);
                               bench.forward(trans, tlm::BEGIN_REQ);
                               bench.initiator.answer = [](auto& answered, auto&, auto&) {
                                   answered.release();
                                   return tlm::TLM_COMPLETED;
                               };
                               bench.respond(trans);
                               bench.forward(bench.payload(),
                                             tlm::BEGIN_REQ); // the same one, from the pool
                               bench.respond(trans);
                           }},
                    Script{"out_of_order_with_growing_times", nullptr,
                           [](Bench& bench) {
                               bench.target.answer = with(tlm::TLM_UPDATED, tlm::END_REQ);
                               bench.initiator.answer = with(tlm::TLM_COMPLETED);
                               auto& first = bench.payload();
                               auto& second = bench.payload();
                               bench.forward(first, tlm::BEGIN_REQ, 5);
                               bench.forward(second, tlm::BEGIN_REQ, 6);
                               bench.respond(second, 6);
                               wait_until(ns(5));
                               bench.respond(first);
                           }}),
    name_of_script);

/// A read that has been accepted.
tlm_generic_payload& accepted(Bench& bench)
{
    auto& trans = bench.payload();
    const auto before = bench.target.answer;
    bench.target.answer = with(tlm::TLM_UPDATED, tlm::END_REQ);
    bench.forward(trans, tlm::BEGIN_REQ);
    bench.target.answer = before;
    return trans;
}

INSTANTIATE_TEST_SUITE_P(
    FaultyInitiator,
    ProtocolCheckerTest,
    testing::Values(
        Script{"second_request", "BEGIN_REQ before END_REQ of the request before",
               [](Bench& bench) {
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"begins_again", "BEGIN_REQ of a transaction under way",
               [](Bench& bench) { bench.forward(accepted(bench), tlm::BEGIN_REQ); }},
        Script{"response_status", "BEGIN_REQ with a response status",
               [](Bench& bench) {
                   auto& trans = bench.payload();
                   trans.set_response_status(tlm::TLM_OK_RESPONSE);
                   bench.forward(trans, tlm::BEGIN_REQ);
               }},
        Script{"no_data", "data length of 0",
               [](Bench& bench) {
                   auto& trans = bench.payload();
                   trans.set_data_length(0);
                   bench.forward(trans, tlm::BEGIN_REQ);
               }},
        Script{"no_streaming_width", "streaming width of 0",
               [](Bench& bench) {
                   auto& trans = bench.payload();
                   trans.set_streaming_width(0);
                   bench.forward(trans, tlm::BEGIN_REQ);
               }},
        Script{"no_memory_manager", "without a memory manager",
               [](Bench& bench) {
                   tlm_generic_payload trans;
                   trans.set_data_length(64);
                   trans.set_streaming_width(64);
                   bench.target.answer = responding(with(tlm::TLM_COMPLETED));
                   bench.forward(trans, tlm::BEGIN_REQ);
               }},
        Script{"no_reference", "nobody holds a transaction under way",
               [](Bench& bench) {
                   auto& trans = bench.payload();
                   trans.release();
                   bench.target.answer = [](auto& asked, auto&, auto&) {
                       asked.acquire();
                       asked.set_response_status(tlm::TLM_OK_RESPONSE);
                       return tlm::TLM_COMPLETED;
                   };
                   bench.forward(trans, tlm::BEGIN_REQ);
               }},
        Script{"lets_go_too_early", "nobody holds a transaction under way",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   trans.release();
                   bench.initiator.answer = with(tlm::TLM_COMPLETED);
                   bench.respond(trans);
               }},
        Script{"lets_go_before_end_resp", "nobody holds a transaction under way",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.initiator.answer = [](auto& answered, auto&, auto&) {
                       answered.release();
                       return tlm::TLM_ACCEPTED;
                   };
                   bench.respond(trans);
               }},
        Script{"forward_end_req", "END_REQ on the forward path",
               [](Bench& bench) { bench.forward(accepted(bench), tlm::END_REQ); }},
        Script{"end_resp_before_begin_resp", "END_RESP before BEGIN_RESP",
               [](Bench& bench) { bench.forward(accepted(bench), tlm::END_RESP); }},
        Script{"end_resp_behind_completion", "END_RESP of a transaction that is not under way",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.initiator.answer = with(tlm::TLM_COMPLETED);
                   bench.respond(trans);
                   bench.forward(trans, tlm::END_RESP);
               }},
        Script{"answers_end_req_with_completed", "END_REQ is answered with TLM_COMPLETED",
               [](Bench& bench) {
                   auto& trans = bench.payload();
                   bench.forward(trans, tlm::BEGIN_REQ);
                   bench.initiator.answer = with(tlm::TLM_COMPLETED);
                   bench.backward(trans, tlm::END_REQ);
               }},
        Script{"answers_begin_resp_with_begin_req",
               "BEGIN_RESP is answered with TLM_UPDATED and BEGIN_REQ",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.initiator.answer = with(tlm::TLM_UPDATED, tlm::BEGIN_REQ);
                   bench.respond(trans);
               }},
        Script{"accepts_with_another_phase", "TLM_ACCEPTED with another phase, END_RESP",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.initiator.answer = with(tlm::TLM_ACCEPTED, tlm::END_RESP);
                   bench.respond(trans);
               }},
        Script{"end_resp_in_the_past", "effective time goes back by 3 ns",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.respond(trans, 10);
                   bench.forward(trans, tlm::END_RESP, 7);
               }},
        Script{"changes_the_address", "address changed under way",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   trans.set_address(64);
                   bench.respond(trans);
               }},
        Script{"changes_the_streaming_width", "streaming width changed under way",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   trans.set_streaming_width(8);
                   bench.respond(trans);
               }}),
    name_of_script);

INSTANTIATE_TEST_SUITE_P(
    FaultyTarget,
    ProtocolCheckerTest,
    testing::Values(
        Script{"end_req_twice", "END_REQ twice",
               [](Bench& bench) { bench.backward(accepted(bench), tlm::END_REQ); }},
        Script{"end_req_behind_begin_resp", "END_REQ behind BEGIN_RESP",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.respond(trans);
                   bench.backward(trans, tlm::END_REQ);
               }},
        Script{"end_req_for_nothing", "END_REQ of a transaction that is not under way",
               [](Bench& bench) { bench.backward(bench.payload(), tlm::END_REQ); }},
        Script{"begin_resp_twice", "BEGIN_RESP twice",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.respond(trans);
                   bench.respond(trans);
               }},
        Script{"second_response", "BEGIN_RESP before END_RESP of the response before",
               [](Bench& bench) {
                   auto& first = accepted(bench);
                   auto& second = accepted(bench);
                   bench.respond(first);
                   bench.respond(second);
               }},
        Script{"second_response_on_the_return_path",
               "BEGIN_RESP before END_RESP of the response before",
               [](Bench& bench) {
                   bench.respond(accepted(bench));
                   bench.target.answer = responding(with(tlm::TLM_UPDATED, tlm::BEGIN_RESP));
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"response_behind_completion", "BEGIN_RESP of a transaction that is not under way",
               [](Bench& bench) {
                   auto& trans = bench.payload();
                   bench.target.answer = responding(with(tlm::TLM_COMPLETED));
                   bench.forward(trans, tlm::BEGIN_REQ);
                   bench.respond(trans);
               }},
        Script{"no_status", "response without a status",
               [](Bench& bench) { bench.backward(accepted(bench), tlm::BEGIN_RESP); }},
        Script{"no_status_with_completed", "response without a status",
               [](Bench& bench) {
                   bench.target.answer = with(tlm::TLM_COMPLETED);
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"backward_begin_req", "BEGIN_REQ on the backward path",
               [](Bench& bench) { bench.backward(accepted(bench), tlm::BEGIN_REQ); }},
        Script{"updated_without_a_phase", "BEGIN_REQ is answered with TLM_UPDATED and BEGIN_REQ",
               [](Bench& bench) {
                   bench.target.answer = with(tlm::TLM_UPDATED);
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"answers_end_resp_with_updated", "END_RESP is answered with TLM_UPDATED",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   bench.respond(trans);
                   bench.target.answer = with(tlm::TLM_UPDATED);
                   bench.forward(trans, tlm::END_RESP);
               }},
        Script{"accepts_with_another_phase", "TLM_ACCEPTED with another phase, END_REQ",
               [](Bench& bench) {
                   bench.target.answer = with(tlm::TLM_ACCEPTED, tlm::END_REQ);
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"accepts_with_another_delay", "TLM_ACCEPTED with another delay",
               [](Bench& bench) {
                   bench.target.answer = [](auto&, auto&, auto& delay) {
                       delay += channel::to_time(1);
                       return tlm::TLM_ACCEPTED;
                   };
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"accepts_with_a_response_status", "TLM_ACCEPTED with another response status",
               [](Bench& bench) {
                   bench.target.answer = responding(with(tlm::TLM_ACCEPTED));
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"answers_in_the_past", "effective time goes back by 1 ns",
               [](Bench& bench) {
                   bench.target.answer = [](auto&, auto& phase, auto& delay) {
                       delay -= channel::to_time(ns(1));
                       phase = tlm::END_REQ;
                       return tlm::TLM_UPDATED;
                   };
                   bench.forward(bench.payload(), tlm::BEGIN_REQ, 4);
               }},
        Script{"responds_in_the_past", "effective time goes back by 5 ns",
               [](Bench& bench) {
                   auto& trans = bench.payload();
                   bench.forward(trans, tlm::BEGIN_REQ);
                   bench.backward(trans, tlm::END_REQ, 20);
                   wait_until(ns(15));
                   bench.respond(trans);
               }},
        Script{"changes_the_command", "command changed under way",
               [](Bench& bench) {
                   bench.target.answer = [](auto& trans, auto&, auto&) {
                       trans.set_write();
                       return tlm::TLM_ACCEPTED;
                   };
                   bench.forward(bench.payload(), tlm::BEGIN_REQ);
               }},
        Script{"changes_the_length", "data length changed under way",
               [](Bench& bench) {
                   auto& trans = accepted(bench);
                   trans.set_data_length(32);
                   bench.respond(trans);
               }},
        Script{"changes_the_data_pointer", "data pointer changed under way",
               [](Bench& bench) {
                   static unsigned char byte = 0;
                   auto& trans = accepted(bench);
                   trans.set_data_ptr(&byte);
                   bench.respond(trans);
               }}),
    name_of_script);

TEST(ProtocolChecker, ATransactionThatIsNeverCompleteFailsTheTest)
{
    use_femtoseconds();
    Bench bench;
    run_bench([&] { bench.forward(bench.payload(), tlm::BEGIN_REQ); });
    EXPECT_EQ(bench.checker.open(), 1U);
    EXPECT_TRUE(bench.checker.violations().empty());
}

} // namespace
} // namespace heatsim::test
