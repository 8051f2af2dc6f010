// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::test {

/// Walks a configuration struct and changes one of its values, or only counts and names them. The
/// new value may break a rule.
class LeafChanger final : public config::Visitor {
  public:
    static constexpr std::size_t none = SIZE_MAX;

    /// \param leaf which value to change, from 0
    explicit LeafChanger(std::size_t leaf = none)
        : leaf_{leaf}
    {}
    /// Values so far.
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// Of the value that was changed; empty: none was.
    [[nodiscard]] const std::string& changed() const noexcept { return changed_; }

    void integer(const char* key,
                 std::uint64_t& value,
                 config::Integers /*range*/,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {
        if (is_next(key))
            ++value;
    }
    void real(const char* key,
              double& value,
              config::Reals /*range*/,
              const char* /*meaning*/,
              config::Presence /*presence*/) override
    {
        constexpr double little = 1e-9;
        if (is_next(key))
            value = value * (1.0 + little) + little;
    }
    void boolean(const char* key,
                 bool& value,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {
        if (is_next(key))
            value = !value;
    }
    void text(const char* key,
              std::string& value,
              const char* /*meaning*/,
              config::Presence /*presence*/) override
    {
        if (is_next(key))
            value.append(" ");
    }
    void integers(const char* key,
                  std::vector<std::uint64_t>& values,
                  config::Integers /*range*/,
                  const char* /*meaning*/,
                  config::Presence /*presence*/) override
    {
        if (is_next(key))
            values.push_back(0);
    }
    void scalars(const char* key,
                 std::vector<std::string>& values,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {
        if (is_next(key))
            values.emplace_back();
    }
    void check(bool /*holds*/, const char* /*key*/, const std::string& /*expected*/) override {}

  protected:
    void visit_choice(const char* key,
                      std::size_t& index,
                      const std::vector<std::string>& spellings,
                      const char* /*meaning*/,
                      config::Presence /*presence*/) override
    {
        if (spellings.size() > 1 && is_next(key))
            index = index == 0 ? spellings.size() - 1 : 0;
    }
    bool
    enter_section(const char* key, const char* /*meaning*/, config::Presence /*presence*/) override
    {
        enter(key);
        return true;
    }
    void leave_section() override { path_.pop_back(); }
    bool enter_list(const char* key,
                    std::size_t& count,
                    const char* /*meaning*/,
                    config::Presence /*presence*/) override
    {
        if (is_next(key))
            ++count;
        enter(key);
        return true;
    }
    void leave_list() override { path_.pop_back(); }
    bool enter_item(std::size_t index) override
    {
        enter(std::to_string(index));
        return true;
    }
    void leave_item() override { path_.pop_back(); }

  private:
    void enter(const std::string& key) { path_.push_back(key); }
    [[nodiscard]] bool is_next(const char* key)
    {
        if (count_++ != leaf_)
            return false;
        for (const auto& part : path_)
            changed_.append(part).append(".");
        changed_.append(key);
        return true;
    }

    std::size_t leaf_;
    std::size_t count_ = 0;
    std::vector<std::string> path_;
    std::string changed_;
};

} // namespace heatsim::test
