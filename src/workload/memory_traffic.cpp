// SPDX-License-Identifier: Apache-2.0
#include "workload/memory_traffic.hpp"

#include "config/text_file.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <random>

namespace heatsim::workload {

using config::Text;

namespace {

constexpr std::size_t most_trace_bytes = std::size_t{1} << 36;
constexpr std::uint64_t most_request_bytes = 65536;

/// Generated traffic that one formula places.
class SequentialTraffic final : public MemoryTraffic {
  public:
    explicit SequentialTraffic(const TrafficConfig& config)
        : config_{config}
    {}
    bool next(MemoryRequest& request) override
    {
        if (sent_ == config_.count)
            return false;
        const auto offset = sent_ * config_.request_bytes;
        const auto burst = offset / config_.bytes_per_burst();
        request.cycle = sent_ * config_.interval_cycles;
        request.bytes = config_.request_bytes;
        request.write =
            config_.write_every > 0 && burst % config_.write_every == config_.write_every - 1;
        request.address = place(burst, offset % config_.bytes_per_burst());
        ++sent_;
        return true;
    }

  private:
    [[nodiscard]] std::uint64_t place(std::uint64_t burst, std::uint64_t within) const
    {
        if (config_.pattern == TrafficPattern::Sequential)
            return (burst * config_.bytes_per_burst() + within) % config_.footprint_bytes;
        const auto places = config_.footprint_bytes / config_.stride_bytes;
        const auto round = burst / places * config_.bytes_per_burst();
        return burst % places * config_.stride_bytes + round % config_.stride_bytes + within;
    }

    const TrafficConfig config_;
    std::uint64_t sent_ = 0;
};

class RandomTraffic final : public MemoryTraffic {
  public:
    explicit RandomTraffic(const TrafficConfig& config)
        : config_{config}
        , places_{config.footprint_bytes / config.bytes_per_burst()}
        , random_{config.seed}
    {}
    bool next(MemoryRequest& request) override
    {
        if (sent_ == config_.count)
            return false;
        if (within_ == 0) {
            // the remainder's bias is below 2^-30 for every footprint that is allowed
            base_ = random_() % places_ * config_.bytes_per_burst();
            ++bursts_;
        }
        request.cycle = sent_ * config_.interval_cycles;
        request.address = base_ + within_;
        request.bytes = config_.request_bytes;
        request.write = config_.write_every > 0 && bursts_ % config_.write_every == 0;
        within_ += config_.request_bytes;
        if (within_ >= config_.bytes_per_burst())
            within_ = 0;
        ++sent_;
        return true;
    }

  private:
    const TrafficConfig config_;
    const std::uint64_t places_;
    std::mt19937_64 random_; ///< the same numbers with every standard library
    std::uint64_t base_ = 0;
    std::uint64_t within_ = 0;
    std::uint64_t bursts_ = 0;
    std::uint64_t sent_ = 0;
};

/// A reading and a writing stream in turns.
class BlockTraffic final : public MemoryTraffic {
  public:
    explicit BlockTraffic(const TrafficConfig& config)
        : config_{config}
    {}
    bool next(MemoryRequest& request) override
    {
        if (sent_ == config_.count)
            return false;
        const auto half = config_.footprint_bytes / 2;
        const auto period = config_.read_block_bytes + config_.write_block_bytes;
        request.write = within_ >= config_.read_block_bytes;
        auto& stream = request.write ? written_ : read_;
        request.cycle = sent_ * config_.interval_cycles;
        request.address = stream % half + (request.write ? half : 0);
        request.bytes = config_.request_bytes;
        stream += config_.request_bytes;
        within_ = (within_ + config_.request_bytes) % period;
        ++sent_;
        return true;
    }

  private:
    const TrafficConfig config_;
    std::uint64_t within_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t sent_ = 0;
};

/// A piece of a line, named in messages; reports what does not parse.
std::optional<MemoryRequest> parse_request(const Text& line,
                                           std::uint64_t request_bytes,
                                           std::uint64_t capacity_bytes,
                                           config::ViolationList& violations)
{
    const auto parts = config::words(line);
    std::size_t next = 0;
    const auto part = [&](const char* key, const char* expected) -> std::optional<Text> {
        if (next < parts.size())
            return parts[next++];
        violations.add(line.line, line.column + static_cast<int>(line.text.size()), key, "missing",
                       expected);
        return std::nullopt;
    };
    const auto refuse = [&](const Text& text, const char* key, const char* expected) {
        violations.add(text, key, config::quoted(text.text), expected);
        return std::nullopt;
    };
    MemoryRequest request;
    request.bytes = request_bytes;

    constexpr const char* cycle_expected = "a cycle with a colon, e.g. 12:";
    const auto cycle = part("cycle", cycle_expected);
    if (!cycle)
        return std::nullopt;
    auto digits = cycle->text;
    const auto value = !digits.empty() && digits.back() == ':'
                           ? config::to_number<std::uint64_t>(digits.substr(0, digits.size() - 1))
                           : std::nullopt;
    if (!value)
        return refuse(*cycle, "cycle", cycle_expected);
    request.cycle = *value;

    constexpr const char* command_expected = "read or write";
    auto command = part("command", command_expected);
    if (!command)
        return std::nullopt;
    if (command->text.front() == '(') {
        const auto inner = command->text.size() > 2 && command->text.back() == ')'
                               ? config::to_number<std::uint64_t>(
                                     command->text.substr(1, command->text.size() - 2))
                               : std::nullopt;
        if (!inner || *inner == 0 || *inner > most_request_bytes)
            return refuse(*command, "bytes", "a length from (1) to (65536)");
        request.bytes = *inner;
        command = part("command", command_expected);
        if (!command)
            return std::nullopt;
    }
    if (command->text != "read" && command->text != "write")
        return refuse(*command, "command", command_expected);
    request.write = command->text == "write";

    constexpr const char* address_expected = "a hexadecimal address, e.g. 0x1000";
    const auto address = part("address", address_expected);
    if (!address)
        return std::nullopt;
    constexpr int hexadecimal = 16;
    const auto hex = address->text.substr(0, 2) == "0x" || address->text.substr(0, 2) == "0X"
                         ? config::to_number<std::uint64_t>(address->text.substr(2), hexadecimal)
                         : std::nullopt;
    if (!hex)
        return refuse(*address, "address", address_expected);
    request.address = *hex;
    if (request.address >= capacity_bytes || request.bytes > capacity_bytes - request.address) {
        violations.add(
            *address, "address", config::quoted(address->text) + " is outside the memory",
            "an address below its capacity of " + std::to_string(capacity_bytes) + " bytes");
        return std::nullopt;
    }
    return request;
}

/// \returns false where the line holds no request
bool is_request(const Text& line)
{
    const auto text = config::trimmed(line).text;
    return !text.empty() && text.front() != '#';
}

class TraceTraffic final : public MemoryTraffic {
  public:
    TraceTraffic(const std::string& path, std::uint64_t request_bytes, std::uint64_t capacity_bytes)
        : request_bytes_{request_bytes}
        , capacity_bytes_{capacity_bytes}
        , violations_{path}
        , lines_{path, violations_, most_trace_bytes}
    {}
    bool next(MemoryRequest& request) override
    {
        while (lines_.next()) {
            if (!is_request(lines_.line()))
                continue;
            const auto parsed =
                parse_request(lines_.line(), request_bytes_, capacity_bytes_, violations_);
            if (!parsed)
                break;
            request = *parsed;
            return true;
        }
        violations_.throw_if_any(); // the file was changed meanwhile
        return false;
    }

  private:
    const std::uint64_t request_bytes_;
    const std::uint64_t capacity_bytes_;
    config::ViolationList violations_;
    config::LineReader lines_;
};

void check_memory_trace(const std::string& path,
                        std::uint64_t request_bytes,
                        std::uint64_t capacity_bytes)
{
    config::ViolationList violations{path};
    config::LineReader lines{path, violations, most_trace_bytes};
    std::optional<MemoryRequest> before;
    bool any = false;
    while (lines.next()) {
        const auto line = lines.line();
        if (!is_request(line))
            continue;
        any = true;
        const auto request = parse_request(line, request_bytes, capacity_bytes, violations);
        if (request && before && request->cycle < before->cycle)
            violations.add(
                line.line, line.column, "cycle", std::to_string(request->cycle) + " goes backwards",
                "at least " + std::to_string(before->cycle) + ", the cycle of the request before");
        if (request)
            before = request;
    }
    if (!any && !lines.failed())
        violations.add(0, 0, "", "no requests", "lines like '12: read 0x1000'");
    violations.throw_if_any();
}

} // namespace

void describe(config::Visitor& visitor, TrafficConfig& config)
{
    constexpr config::Integers bytes{0, std::uint64_t{1} << 44};
    visitor.choice("pattern", config.pattern, traffic_pattern_names, "order of the addresses");
    visitor.integer("count", config.count, {1, 1000000000000}, "requests");
    visitor.integer("request_bytes", config.request_bytes, {1, most_request_bytes},
                    "bytes of a request");
    visitor.integer("burst_bytes", config.burst_bytes, bytes,
                    "consecutive bytes at each place; 0 = one request");
    visitor.integer("stride_bytes", config.stride_bytes, {1, bytes.max},
                    "from one burst to the next");
    visitor.integer("footprint_bytes", config.footprint_bytes, {1, bytes.max},
                    "range of the addresses");
    visitor.integer("write_every", config.write_every, {0, 1000000000},
                    "every so many bursts one is written; 0 = none, 1 = all");
    visitor.integer("read_block_bytes", config.read_block_bytes, bytes,
                    "two streams in turns: bytes read before the next ones are written");
    visitor.integer("write_block_bytes", config.write_block_bytes, bytes,
                    "two streams in turns: bytes written before the next ones are read");
    visitor.integer("interval_cycles", config.interval_cycles, {0, 1000000},
                    "memory clock cycles from request to request; 0 = as fast as they go");
    visitor.integer("seed", config.seed, {0, std::numeric_limits<std::uint64_t>::max()},
                    "of the random places");
    const auto request = std::max<std::uint64_t>(config.request_bytes, 1);
    const auto request_text = "a multiple of the request (" + std::to_string(request) + " bytes)";
    visitor.check(config.burst_bytes % request == 0, "burst_bytes", request_text);
    visitor.check(config.footprint_bytes >= config.bytes_per_burst(), "footprint_bytes",
                  "at least one burst (" + std::to_string(config.bytes_per_burst()) + " bytes)");
    visitor.check(config.pattern != TrafficPattern::Sequential ||
                      config.footprint_bytes % request == 0,
                  "footprint_bytes", request_text);
    visitor.check(config.pattern != TrafficPattern::Strided ||
                      (config.stride_bytes <= config.footprint_bytes &&
                       config.stride_bytes >= config.bytes_per_burst() &&
                       config.stride_bytes % config.bytes_per_burst() == 0),
                  "stride_bytes",
                  "a multiple of the burst (" + std::to_string(config.bytes_per_burst()) +
                      " bytes), at most the footprint");
    const bool blocks = config.read_block_bytes + config.write_block_bytes > 0;
    visitor.check(config.read_block_bytes % request == 0, "read_block_bytes", request_text);
    visitor.check(config.write_block_bytes % request == 0, "write_block_bytes", request_text);
    visitor.check(config.read_block_bytes == 0 || config.write_block_bytes > 0, "write_block_bytes",
                  "more than 0 with read_block_bytes");
    visitor.check(config.write_block_bytes == 0 || config.read_block_bytes > 0, "read_block_bytes",
                  "more than 0 with write_block_bytes");
    visitor.check(!blocks || config.pattern == TrafficPattern::Sequential, "pattern",
                  "sequential with read and write blocks");
    visitor.check(!blocks || (config.write_every == 0 && config.burst_bytes == 0), "write_every",
                  "neither write_every nor burst_bytes with read and write blocks");
    visitor.check(!blocks || config.footprint_bytes / 2 % request == 0, "footprint_bytes",
                  "two halves, each " + request_text);
}

std::unique_ptr<MemoryTraffic> generate_traffic(const TrafficConfig& config)
{
    if (config.read_block_bytes + config.write_block_bytes > 0)
        return std::make_unique<BlockTraffic>(config);
    if (config.pattern == TrafficPattern::Random)
        return std::make_unique<RandomTraffic>(config);
    return std::make_unique<SequentialTraffic>(config);
}

std::unique_ptr<MemoryTraffic> read_memory_trace(const std::string& path,
                                                 std::uint64_t request_bytes,
                                                 std::uint64_t capacity_bytes)
{
    check_memory_trace(path, request_bytes, capacity_bytes);
    return std::make_unique<TraceTraffic>(path, request_bytes, capacity_bytes);
}

void write_memory_request(std::ostream& out, const MemoryRequest& request)
{
    constexpr const char* digits = "0123456789abcdef";
    std::string hex;
    auto rest = request.address;
    do {
        hex.insert(hex.begin(), digits[rest % 16]);
        rest /= 16;
    } while (rest > 0);
    out << request.cycle << (request.write ? ":\twrite\t0x" : ":\tread\t0x") << hex << '\n';
}

} // namespace heatsim::workload
