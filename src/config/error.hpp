// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::config {

/// Where a value was written. Line and column count from 1; 0 means the whole file.
struct Location {
    Location() = default;
    /// A function of its own: GCC 12 takes the inlined aggregate for uninitialized.
    Location(std::string file_name, int line_number, int column_number);

    std::string file;
    int line = 0;
    int column = 0;
};

/// One violated rule: where it stands, what was found, what was expected, the nearest valid name.
struct Violation {
    Location where;
    std::string key;      ///< dotted path of the key, e.g. `array.input_channels`; may be empty
    std::string found;    ///< what is wrong, e.g. `unknown key`, `'12x' is not an integer`
    std::string expected; ///< e.g. `an integer from 1 to 4096`; may be empty
    std::string nearest;  ///< nearest valid name for a misspelt one; may be empty

    /// `file:line:column: key: found; expected X; did you mean 'Y'?` on one line: empty parts are
    /// left out, control characters are escaped.
    [[nodiscard]] std::string message() const;
};

/// The user's input is wrong. Thrown before elaboration only, carrying every violation at once;
/// `what()` is one line per violation. The command line exits with code 2.
class Error : public std::runtime_error {
  public:
    explicit Error(std::vector<Violation> violations);
    explicit Error(const Violation& violation);
    [[nodiscard]] const std::vector<Violation>& violations() const noexcept { return violations_; }

  private:
    std::vector<Violation> violations_;
};

/// The entry of `names` with the smallest edit distance to `name` (transposition counts 1), or an
/// empty string where none is near (distance above a third of the longer name, at least 2).
[[nodiscard]] std::string nearest_name(const std::string& name,
                                       const std::vector<std::string>& names);

} // namespace heatsim::config
