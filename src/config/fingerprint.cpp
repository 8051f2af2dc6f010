// SPDX-License-Identifier: Apache-2.0
#include "config/fingerprint.hpp"

#include "config/wording.hpp"

#include <fmt/format.h>

#include <iterator>

namespace heatsim::config {

namespace {

class FingerprintVisitor final : public Visitor {
  public:
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    void integer(const char* key,
                 std::uint64_t& value,
                 Integers /*range*/,
                 const char* /*meaning*/,
                 Presence /*presence*/) override
    {
        add(key, value);
    }
    void real(const char* key,
              double& value,
              Reals /*range*/,
              const char* /*meaning*/,
              Presence /*presence*/) override
    {
        add(key, value); // shortest digits that read back the same
    }
    void
    boolean(const char* key, bool& value, const char* /*meaning*/, Presence /*presence*/) override
    {
        add(key, value);
    }
    void text(const char* key,
              std::string& value,
              const char* /*meaning*/,
              Presence /*presence*/) override
    {
        add_text(key, value);
    }
    void integers(const char* key,
                  std::vector<std::uint64_t>& values,
                  Integers /*range*/,
                  const char* /*meaning*/,
                  Presence /*presence*/) override
    {
        add(key, list_text(values));
    }
    void scalars(const char* key,
                 std::vector<std::string>& values,
                 const char* /*meaning*/,
                 Presence /*presence*/) override
    {
        for (const auto& value : values)
            add_text(key, value);
    }
    void check(bool /*holds*/, const char* /*key*/, const std::string& /*expected*/) override {}

  protected:
    void visit_choice(const char* key,
                      std::size_t& index,
                      const std::vector<std::string>& spellings,
                      const char* /*meaning*/,
                      Presence /*presence*/) override
    {
        add(key, spellings.at(index));
    }
    bool enter_section(const char* key, const char* /*meaning*/, Presence /*presence*/) override
    {
        enter(key);
        return true;
    }
    void leave_section() override { leave(); }
    bool enter_list(const char* key,
                    std::size_t& count,
                    const char* /*meaning*/,
                    Presence /*presence*/) override
    {
        add(key, count);
        enter(key);
        return true;
    }
    void leave_list() override { leave(); }
    bool enter_item(std::size_t index) override
    {
        enter(fmt::format_int{index}.c_str());
        return true;
    }
    void leave_item() override { leave(); }

  private:
    template <typename T>
    void add(const char* key, const T& value)
    {
        fmt::format_to(std::back_inserter(text_), "{}{}={}\n", path_, key, value);
    }
    /// With its length, so that no text can be taken for the lines behind it.
    void add_text(const char* key, const std::string& value)
    {
        fmt::format_to(std::back_inserter(text_), "{}{}={}:{}\n", path_, key, value.size(), value);
    }
    void enter(const char* key)
    {
        starts_.push_back(path_.size());
        path_.append(key).append(".");
    }
    void leave()
    {
        path_.resize(starts_.back());
        starts_.pop_back();
    }

    std::string text_;
    std::string path_;
    std::vector<std::size_t> starts_; ///< lengths of the paths around
};

} // namespace

struct Fingerprint::Impl {
    FingerprintVisitor visitor;
};

Fingerprint::Fingerprint()
    : impl_{std::make_unique<Impl>()}
{}
Fingerprint::~Fingerprint() = default;

const std::string& Fingerprint::text() const
{
    return impl_->visitor.text();
}

Visitor& Fingerprint::visitor()
{
    return impl_->visitor;
}

} // namespace heatsim::config
