// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "config/visitor.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::config {

/// A parsed YAML file (block or flow style) with the position of every node.
///
/// Positions: a scalar stands at its value; a section, a list and an empty value at their key; a
/// list item at its first character; the whole document at its first key.
/// Refused at once:  no YAML, no mapping, several documents, more than 1 MiB, 64 levels or 200000
///                   values (aliases expanded), control characters.
/// Refused by `read`: duplicate keys (the first one counts), keys that are no text, tags.
/// Aliases are expanded; merge keys (`<<`) are ordinary, hence unknown, keys.
class Document {
  public:
    /// \throws Error if the file cannot be read or is not a YAML mapping
    [[nodiscard]] static Document load(const std::string& path);
    /// \param name stands in messages where a file name would
    /// \throws Error if the text is not a YAML mapping
    [[nodiscard]] static Document parse(const std::string& text, const std::string& name);

    Document(const Document& other);
    Document& operator=(const Document& other) = delete;
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    /// Replaces one value or inserts it: `key` is a dotted path, a number selects an existing list
    /// item (`dma.ports.0.width_bits`); missing sections on the way are made; `value` is YAML (a
    /// scalar or a flow sequence/mapping). Positions of the new node are reported as `origin`
    /// without line and column, e.g. `--set array.style=tree`.
    /// Unknown keys are found by `read`, not here.
    /// \throws Error on a path through a scalar, a bad index or a value that is no YAML; nothing
    ///         is changed then
    void set(const std::string& key, const std::string& value, const std::string& origin);

    /// Fills `value` from this document. All violations are appended to `violations`: unknown keys
    /// (with the nearest valid one), duplicate keys, wrong types, lossy or out-of-range numbers,
    /// unknown choices (with the nearest one), missing required keys, and every rule that
    /// `describe` checks. A rule that points at a key which is itself invalid (or lies in an
    /// invalid section) is not reported. The new violations are in the order of their positions.
    /// Invalid fields keep their defaults.
    template <typename T>
    void read(T& value, std::vector<Violation>& violations) const
    {
        const auto reader = make_reader(violations);
        describe(*reader, value);
        finish(*reader);
    }
    /// The same, throwing one Error with all violations.
    template <typename T>
    void read(T& value) const
    {
        std::vector<Violation> violations;
        read(value, violations);
        if (!violations.empty())
            throw Error{std::move(violations)};
    }

    /// Position of the node at the dotted path `key`, or of its nearest existing ancestor: for
    /// rules over several files.
    [[nodiscard]] Location locate(const std::string& key) const;
    [[nodiscard]] const std::string& name() const noexcept;

  private:
    Document();
    [[nodiscard]] std::unique_ptr<Visitor> make_reader(std::vector<Violation>& violations) const;
    static void finish(Visitor& reader);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Makes the YAML text of a configuration struct, defaults included, in the order of `describe`.
/// Reading it back gives the same struct (numbers in shortest round-trip form).
/// \pre reals are finite, text is UTF-8
class Writer {
  public:
    Writer();
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    /// One top-level section per call, e.g. `add("board", board)`.
    template <typename T>
    void add(const char* key, const T& value)
    {
        T copy = value; // a visitor takes fields by reference; this one only reads
        visitor().section(key, copy, "");
    }
    /// The keys of `value` at the top level, as in a file of its kind.
    template <typename T>
    void add_all(const T& value)
    {
        T copy = value;
        describe(visitor(), copy);
    }
    /// A top-level scalar.
    void add_text(const char* key, const std::string& value);
    [[nodiscard]] std::string text() const;

  private:
    [[nodiscard]] Visitor& visitor();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// One key of a configuration struct, for `heatsim explain` and the documentation's tables.
struct KeyInfo {
    std::string path;  ///< dotted, list items as `ports[]`
    std::string type;  ///< integer, real, boolean, text, choice, integers, scalars, section,
                       ///< list
    std::string range; ///< `1 to 4096`, `at least 1`, `a | b | c`, or empty
    std::string default_value; ///< as in YAML (`[]` or `2 items` of a list, empty of a section), or
                               ///< `required`
    std::string meaning;
};

/// All keys of a configuration struct in the order of `describe`; lists are shown with one default
/// item.
class KeyCollector {
  public:
    KeyCollector();
    ~KeyCollector();
    KeyCollector(const KeyCollector&) = delete;
    KeyCollector& operator=(const KeyCollector&) = delete;
    template <typename T>
    [[nodiscard]] std::vector<KeyInfo> collect(T value = {})
    {
        describe(visitor(), value);
        return take();
    }

  private:
    [[nodiscard]] Visitor& visitor();
    [[nodiscard]] std::vector<KeyInfo> take();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace heatsim::config
