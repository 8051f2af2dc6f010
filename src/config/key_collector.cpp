// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"
#include "config/wording.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace heatsim::config {

namespace {

std::string text_default(const std::string& value)
{
    YAML::Emitter out;
    emit_text(out, value);
    return out.c_str();
}

class CollectingVisitor final : public Visitor {
  public:
    [[nodiscard]] std::vector<KeyInfo> take() { return std::exchange(keys_, {}); }

    void integer(const char* key,
                 std::uint64_t& value,
                 Integers range,
                 const char* meaning,
                 Presence presence) override
    {
        add(key, "integer", range_text(range), fmt::format("{}", value), meaning, presence);
    }
    void real(const char* key,
              double& value,
              Reals range,
              const char* meaning,
              Presence presence) override
    {
        add(key, "real", range_text(range), fmt::format("{}", value), meaning, presence);
    }
    void boolean(const char* key, bool& value, const char* meaning, Presence presence) override
    {
        add(key, "boolean", "", value ? "true" : "false", meaning, presence);
    }
    void text(const char* key, std::string& value, const char* meaning, Presence presence) override
    {
        add(key, "text", "", text_default(value), meaning, presence);
    }
    void integers(const char* key,
                  std::vector<std::uint64_t>& values,
                  Integers range,
                  const char* meaning,
                  Presence presence) override
    {
        add(key, "integers", range_text(range), list_text(values), meaning, presence);
    }
    void scalars(const char* key,
                 std::vector<std::string>& values,
                 const char* meaning,
                 Presence presence) override
    {
        add(key, "scalars", "", list_text(values), meaning, presence);
    }
    void check(bool /*holds*/, const char* /*key*/, const std::string& /*expected*/) override {}

  protected:
    void visit_choice(const char* key,
                      std::size_t& index,
                      const std::vector<std::string>& spellings,
                      const char* meaning,
                      Presence presence) override
    {
        add(key, "choice", fmt::format("{}", fmt::join(spellings, " | ")),
            text_default(spellings.at(index)), meaning, presence);
    }
    bool enter_section(const char* key, const char* meaning, Presence presence) override
    {
        add(key, "section", "", "", meaning, presence);
        prefixes_.push_back(path(key) + ".");
        return true;
    }
    void leave_section() override { prefixes_.pop_back(); }
    bool
    enter_list(const char* key, std::size_t& count, const char* meaning, Presence presence) override
    {
        const std::string items = count == 0 ? "[]" : fmt::format("{} items", count);
        add(key, "list", "", items, meaning, presence);
        prefixes_.push_back(path(key) + "[].");
        count = std::max<std::size_t>(count, 1);
        return true;
    }
    void leave_list() override { prefixes_.pop_back(); }
    bool enter_item(std::size_t index) override { return index == 0; }
    void leave_item() override {}

  private:
    [[nodiscard]] std::string path(const char* key) const
    {
        return (prefixes_.empty() ? std::string{} : prefixes_.back()) + key;
    }
    void add(const char* key,
             const char* type,
             const std::string& range,
             const std::string& default_value,
             const char* meaning,
             Presence presence)
    {
        keys_.push_back({path(key), type, range,
                         presence == Presence::Required ? "required" : default_value, meaning});
    }

    std::vector<KeyInfo> keys_;
    std::vector<std::string> prefixes_;
};

} // namespace

struct KeyCollector::Impl {
    CollectingVisitor visitor;
};

KeyCollector::KeyCollector()
    : impl_(std::make_unique<Impl>())
{}
KeyCollector::~KeyCollector() = default;

Visitor& KeyCollector::visitor()
{
    return impl_->visitor;
}

std::vector<KeyInfo> KeyCollector::take()
{
    return impl_->visitor.take();
}

} // namespace heatsim::config
