// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "config/text_file.hpp"
#include "report/result_folder.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace heatsim::report {

/// The summary of a folder by dotted names.
class SummaryReader {
  public:
    explicit SummaryReader(const ResultFiles& files)
        : file_{files.path_of("summary.json")}
        , json_(nlohmann::ordered_json::parse(files.summary_json, nullptr, false))
    {}

    /// Null if it is not there.
    [[nodiscard]] const nlohmann::ordered_json& at(const std::string& path) const
    {
        static const nlohmann::ordered_json nothing;
        const auto* node = &json_;
        for (const auto& part : config::split({path, 0, 0}, '.')) {
            if (!node->is_object())
                return nothing;
            const auto found = node->find(std::string{part.text});
            if (found == node->end())
                return nothing;
            node = &*found;
        }
        return *node;
    }
    [[nodiscard]] std::optional<double> number(const std::string& path) const
    {
        const auto& value = at(path);
        return value.is_number() ? std::optional{value.get<double>()} : std::nullopt;
    }
    [[nodiscard]] std::string text(const std::string& path) const
    {
        const auto& value = at(path);
        return value.is_string() ? value.get<std::string>() : std::string{};
    }
    /// A list of objects. \throws config::Error if it is none
    [[nodiscard]] const nlohmann::ordered_json& list(const std::string& path) const
    {
        const auto& value = at(path);
        if (!value.is_array() || !std::all_of(value.begin(), value.end(),
                                              [](const auto& entry) { return entry.is_object(); }))
            refuse(path, "a list of objects");
        return value;
    }
    /// A number of an entry of a list. \throws config::Error if it is none
    [[nodiscard]] double
    number_of(const nlohmann::ordered_json& entry, const std::string& list, const char* key) const
    {
        const auto found = entry.find(key);
        if (found == entry.end() || !found->is_number())
            refuse(fmt::format("{}[].{}", list, key), "a number");
        return found->get<double>();
    }
    /// The same; empty if it is not there.
    [[nodiscard]] static std::string text_of(const nlohmann::ordered_json& entry, const char* key)
    {
        const auto found = entry.find(key);
        return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
    }

  private:
    [[noreturn]] void refuse(const std::string& key, const std::string& expected) const
    {
        config::Violation violation;
        violation.where.file = file_;
        violation.key = key;
        violation.found = "something else";
        violation.expected = expected;
        throw config::Error{violation};
    }

    std::string file_;
    nlohmann::ordered_json json_;
};

} // namespace heatsim::report
