// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

namespace heatsim::report {

/// docs/validation.md: the template docs/validation.md.in, which the executable carries, with the
/// sections in place of its lines `{{name}}`.
/// \pre each section has one such line and the other way round
[[nodiscard]] std::string validation_page(const std::map<std::string, std::string>& sections);

/// The same with a template. \pre as above
[[nodiscard]] std::string fill_page(const std::string& page,
                                    const std::map<std::string, std::string>& sections);

} // namespace heatsim::report
