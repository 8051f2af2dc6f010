// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"
#include "config/wording.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace heatsim::config {

namespace {

class EmittingVisitor final : public Visitor {
  public:
    EmittingVisitor() { out_ << YAML::BeginMap; }

    /// Block style is complete at every moment, except for its last line's end.
    [[nodiscard]] std::string text() const
    {
        return empty_ ? "{}\n" : std::string{out_.c_str(), out_.size()} + '\n';
    }

    void integer(const char* key,
                 std::uint64_t& value,
                 Integers /*range*/,
                 const char* /*meaning*/,
                 Presence /*presence*/) override
    {
        begin_value(key) << value;
    }
    void real(const char* key,
              double& value,
              Reals /*range*/,
              const char* /*meaning*/,
              Presence /*presence*/) override
    {
        begin_value(key) << fmt::format("{}", value);
    }
    void
    boolean(const char* key, bool& value, const char* /*meaning*/, Presence /*presence*/) override
    {
        begin_value(key) << (value ? "true" : "false");
    }
    void text(const char* key,
              std::string& value,
              const char* /*meaning*/,
              Presence /*presence*/) override
    {
        emit_text(begin_value(key), value);
    }
    void integers(const char* key,
                  std::vector<std::uint64_t>& values,
                  Integers /*range*/,
                  const char* /*meaning*/,
                  Presence /*presence*/) override
    {
        begin_value(key) << YAML::Flow << YAML::BeginSeq;
        for (const auto value : values)
            out_ << value;
        out_ << YAML::EndSeq;
    }
    void scalars(const char* key,
                 std::vector<std::string>& values,
                 const char* /*meaning*/,
                 Presence /*presence*/) override
    {
        begin_value(key) << YAML::Flow << YAML::BeginSeq;
        for (const auto& value : values)
            emit_text(out_, value);
        out_ << YAML::EndSeq;
    }
    void check(bool /*holds*/, const char* /*key*/, const std::string& /*expected*/) override {}

  protected:
    void visit_choice(const char* key,
                      std::size_t& index,
                      const std::vector<std::string>& spellings,
                      const char* /*meaning*/,
                      Presence /*presence*/) override
    {
        emit_text(begin_value(key), spellings.at(index));
    }
    bool enter_section(const char* key, const char* /*meaning*/, Presence /*presence*/) override
    {
        begin_value(key) << YAML::BeginMap;
        return true;
    }
    void leave_section() override { out_ << YAML::EndMap; }
    bool enter_list(const char* key,
                    std::size_t& /*count*/,
                    const char* /*meaning*/,
                    Presence /*presence*/) override
    {
        begin_value(key) << YAML::BeginSeq;
        return true;
    }
    void leave_list() override { out_ << YAML::EndSeq; }
    bool enter_item(std::size_t /*index*/) override
    {
        out_ << YAML::BeginMap;
        return true;
    }
    void leave_item() override { out_ << YAML::EndMap; }

  private:
    YAML::Emitter& begin_value(const char* key)
    {
        empty_ = false;
        return out_ << YAML::Key << key << YAML::Value;
    }

    YAML::Emitter out_;
    bool empty_ = true;
};

} // namespace

struct Writer::Impl {
    EmittingVisitor visitor;
};

Writer::Writer()
    : impl_(std::make_unique<Impl>())
{}
Writer::~Writer() = default;

void Writer::add_text(const char* key, const std::string& value)
{
    std::string copy = value;
    impl_->visitor.text(key, copy, "", Presence::Optional);
}

std::string Writer::text() const
{
    return impl_->visitor.text();
}

Visitor& Writer::visitor()
{
    return impl_->visitor;
}

} // namespace heatsim::config
