// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace heatsim::system {

/// One line of a reference table, by the names of its columns.
class ReferenceRow {
  public:
    explicit ReferenceRow(std::map<std::string, std::string> fields)
        : fields_{std::move(fields)}
    {}
    /// \pre the table has the column
    [[nodiscard]] const std::string& text(const std::string& column) const;
    /// \pre the field is a number
    [[nodiscard]] std::uint64_t integer(const std::string& column) const;
    [[nodiscard]] double real(const std::string& column) const;
    /// Words of the field, which blanks separate.
    [[nodiscard]] std::vector<std::string> words(const std::string& column) const;

  private:
    std::map<std::string, std::string> fields_;
};

/// A table of validation/ that the executable carries: CSV without quoted fields, comments begin
/// with #.
struct ReferenceTable {
    std::string path;        ///< from the repository's root
    std::string description; ///< its comments
    std::vector<ReferenceRow> rows;
};

/// \pre the executable carries `path`, and it is well-formed
[[nodiscard]] ReferenceTable shipped_table(const std::string& path);

} // namespace heatsim::system
