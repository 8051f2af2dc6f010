// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <string>
#include <vector>

namespace heatsim::test {

/// Walks a configuration struct and notes every range and rule that its values break: what the
/// reader of files would refuse, for structs that a test builds itself.
class RuleChecker final : public config::Visitor {
  public:
    void integer(const char* key,
                 std::uint64_t& value,
                 config::Integers range,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {
        check(value >= range.min && value <= range.max, key, "a number in range");
    }
    void real(const char* key,
              double& value,
              config::Reals range,
              const char* /*meaning*/,
              config::Presence /*presence*/) override
    {
        check(value >= range.min && value <= range.max, key, "a number in range");
    }
    void boolean(const char* /*key*/,
                 bool& /*value*/,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {}
    void text(const char* /*key*/,
              std::string& /*value*/,
              const char* /*meaning*/,
              config::Presence /*presence*/) override
    {}
    void integers(const char* /*key*/,
                  std::vector<std::uint64_t>& /*values*/,
                  config::Integers /*range*/,
                  const char* /*meaning*/,
                  config::Presence /*presence*/) override
    {}
    void scalars(const char* /*key*/,
                 std::vector<std::string>& /*values*/,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {}
    void check(bool holds, const char* key, const std::string& expected) override
    {
        if (!holds)
            broken_.push_back(std::string{key} + ": expected " + expected);
    }
    [[nodiscard]] const std::vector<std::string>& broken() const noexcept { return broken_; }

  protected:
    void visit_choice(const char* /*key*/,
                      std::size_t& /*index*/,
                      const std::vector<std::string>& /*spellings*/,
                      const char* /*meaning*/,
                      config::Presence /*presence*/) override
    {}
    bool enter_section(const char* /*key*/,
                       const char* /*meaning*/,
                       config::Presence /*presence*/) override
    {
        return true;
    }
    void leave_section() override {}
    bool enter_list(const char* /*key*/,
                    std::size_t& /*count*/,
                    const char* /*meaning*/,
                    config::Presence /*presence*/) override
    {
        return true;
    }
    void leave_list() override {}
    bool enter_item(std::size_t /*index*/) override { return true; }
    void leave_item() override {}

  private:
    std::vector<std::string> broken_;
};

/// Ranges and rules that `value` breaks; empty if a file could say the same.
template <typename T>
[[nodiscard]] std::vector<std::string> broken_rules(T value)
{
    RuleChecker checker;
    describe(checker, value);
    return checker.broken();
}

} // namespace heatsim::test
