// SPDX-License-Identifier: Apache-2.0
#include "support/vcd_file.hpp"

#include <charconv>
#include <cmath>
#include <sstream>
#include <utility>

namespace heatsim::test {

namespace {

class Reader {
  public:
    explicit Reader(const std::string& text)
        : in_{text}
    {}

    VcdFile read()
    {
        for (std::string word; in_ >> word;) {
            if (word == "$scope") {
                const auto words = until_end();
                require(words.size() == 2, "$scope kind name");
                scopes_.push_back(words.size() == 2 ? words[1] : "");
            } else if (word == "$upscope") {
                require(!scopes_.empty() && until_end().empty(), "$upscope");
                if (!scopes_.empty())
                    scopes_.pop_back();
            } else if (word == "$var") {
                define(until_end());
            } else if (word == "$timescale") {
                for (const auto& part : until_end())
                    file_.timescale += (file_.timescale.empty() ? "" : " ") + part;
            } else if (word == "$enddefinitions") {
                require(scopes_.empty() && until_end().empty(), "$enddefinitions");
                defined_ = true;
            } else if (word == "$dumpvars" || word == "$end") {
                continue; // what is between them are changes
            } else if (word.front() == '$') {
                (void)until_end();
            } else {
                change(word);
            }
        }
        require(defined_, "no $enddefinitions");
        for (const auto& [name, signal] : file_.signals)
            require(!signal.changes.empty(), "a signal without a value");
        return std::move(file_);
    }

  private:
    void require(bool holds, const char* rule)
    {
        if (!holds)
            file_.violations.emplace_back(rule);
    }

    std::vector<std::string> until_end()
    {
        std::vector<std::string> words;
        for (std::string word; in_ >> word && word != "$end";)
            words.push_back(word);
        return words;
    }

    void define(const std::vector<std::string>& words)
    {
        require(words.size() == 4 || words.size() == 5, "$var kind bits code name [range]");
        if (words.size() < 4)
            return;
        require(words[0] == "wire", "wires only");
        std::string name;
        for (const auto& scope : scopes_)
            name += scope + '.';
        name += words[3];
        codes_[words[2]] = name;
        require(file_.signals.emplace(name, VcdFile::Signal{}).second, "a name twice");
        file_.signals[name].bits = static_cast<unsigned>(std::stoul(words[1]));
    }

    void change(const std::string& word)
    {
        require(defined_, "a change before $enddefinitions");
        if (word.front() == '#') {
            const auto time = std::stoull(word.substr(1));
            require(time >= time_, "times ascend");
            time_ = time;
            return;
        }
        const bool is_bus = word.front() == 'b';
        std::string code = word.substr(1);
        const auto bits = is_bus ? word.substr(1) : word.substr(0, 1);
        if (is_bus)
            in_ >> code;
        std::uint64_t value = 0;
        const auto parsed = std::from_chars(bits.data(), bits.data() + bits.size(), value, 2);
        require(parsed.ec == std::errc{} && parsed.ptr == bits.data() + bits.size(),
                "a value of 0 and 1");
        const auto known = codes_.find(code);
        require(known != codes_.end(), "a change of an unknown signal");
        if (known != codes_.end())
            file_.signals[known->second].changes.push_back({time_, value});
    }

    std::istringstream in_;
    VcdFile file_;
    std::vector<std::string> scopes_;
    std::map<std::string, std::string> codes_; ///< names
    std::uint64_t time_ = 0;
    bool defined_ = false;
};

} // namespace

std::uint64_t VcdFile::Signal::cycles_high(double period) const
{
    std::uint64_t cycles = 0;
    const auto edge = [period](std::uint64_t time) {
        return static_cast<std::uint64_t>(std::llround(static_cast<double>(time) / period));
    };
    for (std::size_t i = 0; i + 1 < changes.size(); ++i)
        if (changes[i].value == 1)
            cycles += edge(changes[i + 1].time) - edge(changes[i].time);
    return cycles;
}

VcdFile read_vcd(const std::string& text)
{
    return Reader{text}.read();
}

} // namespace heatsim::test
