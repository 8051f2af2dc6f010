// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace heatsim::config {

/// Inclusive range of a number.
template <typename T>
struct Range {
    T min = std::numeric_limits<T>::lowest();
    T max = std::numeric_limits<T>::max();
};
using Integers = Range<std::uint64_t>;
using Reals = Range<double>;

enum class Presence : std::uint8_t {
    Optional, ///< the struct's initialiser is the default
    Required, ///< the file has to state it
};

/// Spelling of one enumerator in files and on the command line.
template <typename Enum>
struct EnumName {
    Enum value;
    const char* name;
};

/// Name of `value` in `names`; \pre it is there.
template <typename Enum, std::size_t Count>
[[nodiscard]] const char* name_of(Enum value, const std::array<EnumName<Enum>, Count>& names)
{
    for (const auto& entry : names)
        if (entry.value == value)
            return entry.name;
    return "";
}

/// A number with its provenance, as board capacities carry it. In a file a mapping
/// `{value: 2520, source: "...", trust: seen}`; a bare number is refused.
template <typename T>
struct Sourced {
    T value{};
    std::string source;
    std::string trust =
        "memory"; ///< `seen` (read in a public source) or `memory` (check before quoting)
};

/// Walks the fields of a configuration struct. Each struct `T` has one free function
/// `void describe(Visitor&, T&)` beside it, in its own namespace, that names every field once; the
/// reader, the writer of the resolved configuration and the documentation of the keys are visitors,
/// so that a key cannot exist in one of them only.
///
/// Contract: `describe` calls the methods in a fixed order, independent of the values, except
/// that a value read by `choice` may decide which fields follow. `check` states a rule over fields
/// already visited; `key` is the field the message points at.
class Visitor {
  public:
    Visitor() = default;
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;
    virtual ~Visitor() = default;

    virtual void integer(const char* key,
                         std::uint64_t& value,
                         Integers range,
                         const char* meaning,
                         Presence presence = Presence::Optional) = 0;
    virtual void real(const char* key,
                      double& value,
                      Reals range,
                      const char* meaning,
                      Presence presence = Presence::Optional) = 0;
    virtual void boolean(const char* key,
                         bool& value,
                         const char* meaning,
                         Presence presence = Presence::Optional) = 0;
    virtual void text(const char* key,
                      std::string& value,
                      const char* meaning,
                      Presence presence = Presence::Optional) = 0;
    virtual void integers(const char* key,
                          std::vector<std::uint64_t>& values,
                          Integers range,
                          const char* meaning,
                          Presence presence = Presence::Optional) = 0;

    /// A sequence of numbers, words and booleans, each as it is written.
    virtual void scalars(const char* key,
                         std::vector<std::string>& values,
                         const char* meaning,
                         Presence presence = Presence::Optional) = 0;

    /// A rule over fields already visited. \param holds false = violated
    virtual void check(bool holds, const char* key, const std::string& expected) = 0;

    /// An enumeration by its spelling.
    template <typename Enum, std::size_t Count>
    void choice(const char* key,
                Enum& value,
                const std::array<EnumName<Enum>, Count>& names,
                const char* meaning,
                Presence presence = Presence::Optional)
    {
        std::vector<std::string> spellings;
        std::size_t index = Count; // the first spelling of the value; others are aliases
        for (std::size_t i = 0; i < Count; ++i) {
            spellings.emplace_back(names[i].name);
            if (names[i].value == value && index == Count)
                index = i;
        }
        visit_choice(key, index, spellings, meaning, presence);
        value = names[index].value;
    }

    /// A nested mapping with its own `describe`.
    template <typename T>
    void
    section(const char* key, T& value, const char* meaning, Presence presence = Presence::Optional)
    {
        if (enter_section(key, meaning, presence)) {
            describe(*this, value);
            leave_section();
        }
    }

    /// A sequence of mappings, each with its own `describe`.
    template <typename T>
    void list(const char* key,
              std::vector<T>& values,
              const char* meaning,
              Presence presence = Presence::Optional)
    {
        std::size_t count = values.size();
        if (!enter_list(key, count, meaning, presence))
            return;
        values.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (enter_item(i)) {
                describe(*this, values[i]);
                leave_item();
            }
        }
        leave_list();
    }

    /// A number with its provenance.
    void sourced(const char* key,
                 Sourced<std::uint64_t>& value,
                 Integers range,
                 const char* meaning,
                 Presence presence = Presence::Required)
    {
        if (enter_section(key, meaning, presence)) {
            integer("value", value.value, range, meaning, Presence::Required);
            text("source", value.source, "where the value was read", Presence::Required);
            text("trust", value.trust, "`seen` in a public source, or from `memory`");
            check(value.trust == "seen" || value.trust == "memory", "trust", "seen or memory");
            leave_section();
        }
    }

    /// The same for a real number, which may also be `derived` from others as its source says.
    void sourced(const char* key,
                 Sourced<double>& value,
                 Reals range,
                 const char* meaning,
                 Presence presence = Presence::Required)
    {
        if (enter_section(key, meaning, presence)) {
            real("value", value.value, range, meaning, Presence::Required);
            text("source", value.source, "where the value was read", Presence::Required);
            text("trust", value.trust,
                 "`seen` in a public source, `derived` as the source says, or from `memory`");
            check(value.trust == "seen" || value.trust == "derived" || value.trust == "memory",
                  "trust", "seen, derived or memory");
            leave_section();
        }
    }

  protected:
    /// \param[in,out] index index into `spellings`
    virtual void visit_choice(const char* key,
                              std::size_t& index,
                              const std::vector<std::string>& spellings,
                              const char* meaning,
                              Presence presence) = 0;
    /// False: the section is absent or unusable (already reported); its fields keep their defaults.
    virtual bool enter_section(const char* key, const char* meaning, Presence presence) = 0;
    virtual void leave_section() = 0;
    /// \param[in,out] count in: items of the struct, out: items of the file
    virtual bool
    enter_list(const char* key, std::size_t& count, const char* meaning, Presence presence) = 0;
    virtual void leave_list() = 0;
    virtual bool enter_item(std::size_t index) = 0;
    virtual void leave_item() = 0;
};

} // namespace heatsim::config
