// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"

#include "config/wording.hpp"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <tuple>

namespace heatsim::config {

namespace {

constexpr std::size_t max_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_depth = 64;
constexpr std::size_t max_values = 200'000;

// ---------------------------------------------------------------- tree

enum class Kind : std::uint8_t { Empty, Scalar, Sequence, Mapping };

struct Entry;

/// One value with its position. Aliases are expanded, so that a change stays in its place.
struct Node {
    Kind kind = Kind::Empty;
    bool quoted = false; ///< a scalar in quotes or a block scalar: text, whatever it looks like
    std::string scalar;
    std::vector<Node> items;
    std::vector<Entry> entries;
    Location where;

    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] Node* find(std::string_view key);
};

struct Entry {
    std::string key;
    Location where;
    Node value;
};

const Node* Node::find(std::string_view key) const
{
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

Node* Node::find(std::string_view key)
{
    // the node itself is not const, so its value is not either
    return const_cast<Node*>(std::as_const(*this).find(key));
}

std::string join(const std::string& path, std::string_view key)
{
    if (path.empty() || key.empty())
        return path + std::string{key};
    return fmt::format("{}.{}", path, key);
}

std::vector<std::string> split(const std::string& path)
{
    std::vector<std::string> parts{""};
    for (const char c : path) {
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

/// The item that `text` counts off, or null.
template <typename Sequence>
auto item_at(Sequence& node, std::string_view text) -> decltype(node.items.data())
{
    std::size_t index = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, index);
    if (error != std::errc{} || stop != end || index >= node.items.size())
        return nullptr;
    return &node.items[index];
}

template <typename AnyNode>
AnyNode* child_of(AnyNode& node, std::string_view part)
{
    return node.kind == Kind::Sequence ? item_at(node, part) : node.find(part);
}

// ---------------------------------------------------------------- words

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t shown = 60;
    if (text.size() <= shown)
        return fmt::format("'{}'", text);
    std::size_t end = shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) // inside UTF-8
        --end;
    return fmt::format("'{}...'", text.substr(0, end));
}

std::string kind_text(const Node& node)
{
    switch (node.kind) {
    case Kind::Empty:
        return "an empty value";
    case Kind::Scalar:
        return in_quotes(node.scalar);
    case Kind::Sequence:
        return "a list";
    case Kind::Mapping:
        return "a section";
    }
    return {};
}

/// What a rule over several values has found at its key.
std::string value_text(const Node& node)
{
    if (node.kind == Kind::Mapping)
        return "violated rule";
    if (node.kind != Kind::Sequence)
        return "found " + kind_text(node);
    constexpr std::size_t shown = 8;
    std::vector<std::string> scalars;
    for (const auto& item : node.items)
        if (item.kind == Kind::Scalar && item.scalar.size() < 24)
            scalars.push_back(item.scalar);
    if (scalars.size() != node.items.size() || scalars.size() > shown)
        return fmt::format("found a list of {}", node.items.size());
    return fmt::format("found [{}]", fmt::join(scalars, ", "));
}

template <typename T>
std::string expected_number(const char* noun, const char* unlimited, const Range<T>& range)
{
    const std::string text = range_text(range);
    if (text.empty())
        return unlimited;
    return fmt::format("{} {} {}", noun, text.find(" to ") != std::string::npos ? "from" : "of",
                       text);
}

std::string expected_text(const Integers& range)
{
    return expected_number("an integer", "a non-negative integer", range);
}

std::string expected_text(const Reals& range)
{
    return expected_number("a number", "a finite number", range);
}

// ---------------------------------------------------------------- YAML to tree

/// Only notes where the last document starts.
class StartRecorder final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark& mark) override { start_ = mark; }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnScalar(const YAML::Mark& /*mark*/,
                  const std::string& /*tag*/,
                  YAML::anchor_t /*anchor*/,
                  const std::string& /*value*/) override
    {}
    void OnSequenceStart(const YAML::Mark& /*mark*/,
                         const std::string& /*tag*/,
                         YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override
    {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark& /*mark*/,
                    const std::string& /*tag*/,
                    YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override
    {}
    void OnMapEnd() override {}

    [[nodiscard]] const YAML::Mark& start() const noexcept { return start_; }

  private:
    YAML::Mark start_;
};

class TreeBuilder {
  public:
    /// \param has_positions false: every node stands at `name` as a whole
    TreeBuilder(std::string name, bool has_positions)
        : name_(std::move(name))
        , has_positions_(has_positions)
    {}

    /// \param path of the new node, \param depth levels above it. \throws Error if there is no tree
    [[nodiscard]] Node build(std::string text, const std::string& path, std::size_t depth)
    {
        require_text(text, path);
        normalise_line_ends(text);
        try {
            require_one_document(text, path);
            const YAML::Node document = YAML::Load(text);
            return convert(document, path, at(document.Mark()), depth);
        } catch (const YAML::DeepRecursion& error) {
            fail(error.mark, path, "too many levels", depth_text());
        } catch (const YAML::Exception& error) {
            fail(error.mark, path, "not valid YAML: " + error.msg, "");
        }
    }

    [[nodiscard]] std::vector<Violation> take_violations() { return std::move(violations_); }
    [[nodiscard]] Location whole() const { return {name_, 0, 0}; }

  private:
    [[nodiscard]] Location at(const YAML::Mark& mark) const
    {
        if (!has_positions_ || mark.is_null())
            return whole();
        return {name_, mark.line + 1, mark.column + 1};
    }

    [[noreturn]] void fail(const YAML::Mark& mark,
                           const std::string& path,
                           const std::string& found,
                           const std::string& expected) const
    {
        throw Error{Violation{at(mark), path, found, expected, {}}};
    }

    static std::string depth_text() { return fmt::format("at most {} levels", max_depth); }

    /// yaml-cpp takes some control characters for the end of the text.
    void require_text(const std::string& text, const std::string& path) const
    {
        if (text.size() > max_bytes)
            throw Error{Violation{
                whole(), path, "too long", fmt::format("at most {} bytes", max_bytes), {}}};
        YAML::Mark mark;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f)
                fail(mark, path, fmt::format("control character 0x{:02x}", byte), "UTF-8 text");
            mark.column = c == '\n' ? 0 : mark.column + 1;
            mark.line += c == '\n' ? 1 : 0;
        }
    }

    /// YAML::Load ignores all but the first document; YAML::LoadAll never ends on some stray marks.
    void require_one_document(const std::string& text, const std::string& path) const
    {
        std::istringstream stream{text};
        YAML::Parser parser{stream};
        StartRecorder recorder;
        if (parser.HandleNextDocument(recorder) && parser.HandleNextDocument(recorder))
            fail(recorder.start(), path, "text after the end of the document", "one document");
    }

    /// YAML takes CR LF and CR for line ends, yaml-cpp only the former.
    static void normalise_line_ends(std::string& text)
    {
        std::string result;
        result.reserve(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\r')
                result += text[i];
            else if (i + 1 == text.size() || text[i + 1] != '\n')
                result += '\n';
        }
        text = std::move(result);
    }

    /// Adds a violation that does not stop the reading; an aliased one only once.
    void add(const YAML::Mark& mark, std::string path, std::string found, std::string expected)
    {
        if (has_positions_ && !reported_.emplace(mark.line, mark.column, found).second)
            return;
        violations_.push_back(
            {at(mark), std::move(path), std::move(found), std::move(expected), {}});
    }

    /// \param fallback position of a node without an own one
    [[nodiscard]] Node convert(const YAML::Node& source,
                               const std::string& path,
                               const Location& fallback,
                               std::size_t depth)
    {
        if (depth > max_depth)
            fail(source.Mark(), path, "too many levels", depth_text());
        if (++values_ > max_values)
            fail(source.Mark(), path, "too many values",
                 fmt::format("at most {}, aliases expanded", max_values));
        // "?" is a plain node, "!" a quoted scalar
        if (const std::string& tag = source.Tag(); !tag.empty() && tag != "?" && tag != "!")
            add(source.Mark(), path, "tag " + in_quotes(tag), "a value without a tag");

        Node node;
        node.where = fallback;
        switch (source.Type()) {
        case YAML::NodeType::Undefined:
        case YAML::NodeType::Null:
            break;
        case YAML::NodeType::Scalar:
            node.kind = Kind::Scalar;
            node.scalar = source.Scalar();
            node.quoted = source.Tag() == "!";
            node.where = at(source.Mark());
            break;
        case YAML::NodeType::Sequence:
            node.kind = Kind::Sequence;
            convert_items(source, path, depth, node);
            break;
        case YAML::NodeType::Map:
            node.kind = Kind::Mapping;
            convert_entries(source, path, depth, node);
            break;
        }
        return node;
    }

    void
    convert_items(const YAML::Node& source, const std::string& path, std::size_t depth, Node& node)
    {
        for (const auto& item : source) {
            const Location where = item.IsNull() ? node.where : at(item.Mark());
            node.items.push_back(
                convert(item, join(path, std::to_string(node.items.size())), where, depth + 1));
        }
    }

    void convert_entries(const YAML::Node& source,
                         const std::string& path,
                         std::size_t depth,
                         Node& node)
    {
        std::map<std::string, int> lines;
        for (const auto& entry : source) {
            const YAML::Node& key = entry.first;
            if (!key.IsScalar()) {
                add(key.Mark(), path, "a key that is not text", "`key: value`");
                continue;
            }
            const Location where = at(key.Mark());
            const std::string key_path = join(path, key.Scalar());
            const auto [first, is_new] = lines.emplace(key.Scalar(), where.line);
            Node converted = convert(entry.second, key_path, where, depth + 1);
            if (is_new)
                node.entries.push_back({key.Scalar(), where, std::move(converted)});
            else
                add(key.Mark(), key_path,
                    first->second == 0
                        ? std::string{"duplicate key"}
                        : fmt::format("duplicate key, first on line {}", first->second),
                    "");
        }
    }

    std::string name_;
    bool has_positions_;
    std::size_t values_ = 0;
    std::vector<Violation> violations_;
    std::set<std::tuple<int, int, std::string>> reported_;
};

// ---------------------------------------------------------------- tree to struct

class Reader final : public Visitor {
  public:
    Reader(const Node& root,
           const std::vector<Violation>& known,
           std::vector<Violation>& violations)
        : violations_(violations)
        , first_(violations.size())
    {
        violations_.insert(violations_.end(), known.begin(), known.end());
        frames_.push_back({&root, {}, {}});
    }

    void finish()
    {
        report_unknown_keys();
        const auto begin = violations_.begin() + static_cast<std::ptrdiff_t>(first_);
        std::stable_sort(begin, violations_.end(), [](const Violation& a, const Violation& b) {
            return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
        });
    }

    void integer(const char* key,
                 std::uint64_t& value,
                 Integers range,
                 const char* /*meaning*/,
                 Presence presence) override
    {
        const std::string expected = expected_text(range);
        if (const Node* node = find(key, presence, expected, fmt::format("{}", value)))
            read_integer(*node, path_of(key), value, range, expected);
    }

    void real(const char* key,
              double& value,
              Reals range,
              const char* /*meaning*/,
              Presence presence) override
    {
        const std::string expected = expected_text(range);
        if (const Node* node = find(key, presence, expected, fmt::format("{}", value)))
            read_real(*node, path_of(key), value, range, expected);
    }

    void boolean(const char* key, bool& value, const char* /*meaning*/, Presence presence) override
    {
        const std::string expected = "true or false";
        const Node* node = find(key, presence, expected, value ? "true" : "false");
        const std::string path = path_of(key);
        if (node == nullptr || !require_plain(*node, path, "a boolean", expected))
            return;
        if (node->scalar == "true" || node->scalar == "false")
            value = node->scalar == "true";
        else
            fail(node->where, path, in_quotes(node->scalar) + " is not a boolean", expected,
                 nearest_name(node->scalar, {"true", "false"}));
    }

    void
    text(const char* key, std::string& value, const char* /*meaning*/, Presence presence) override
    {
        const std::string expected = "text";
        const Node* node = find(key, presence, expected, in_quotes(value));
        if (node != nullptr && require_scalar(*node, path_of(key), expected))
            value = node->scalar;
    }

    void integers(const char* key,
                  std::vector<std::uint64_t>& values,
                  Integers range,
                  const char* /*meaning*/,
                  Presence presence) override
    {
        const std::string expected = "a list, each item " + expected_text(range);
        const Node* node = find(key, presence, expected, list_text(values));
        const std::string path = path_of(key);
        if (node == nullptr || !require_kind(*node, Kind::Sequence, path, expected))
            return;
        std::vector<std::uint64_t> read;
        bool valid = true;
        for (const auto& item : node->items) {
            std::uint64_t value = 0;
            const std::string item_path = join(path, std::to_string(read.size()));
            valid = read_integer(item, item_path, value, range, expected_text(range)) && valid;
            read.push_back(value);
        }
        if (valid)
            values = std::move(read);
        else
            invalid_.insert(path);
    }

    void scalars(const char* key,
                 std::vector<std::string>& values,
                 const char* /*meaning*/,
                 Presence presence) override
    {
        const std::string expected = "a list of numbers or words";
        const Node* node = find(key, presence, expected, list_text(values));
        const std::string path = path_of(key);
        if (node == nullptr || !require_kind(*node, Kind::Sequence, path, expected))
            return;
        std::vector<std::string> read;
        bool valid = true;
        for (const auto& item : node->items) {
            const std::string item_path = join(path, std::to_string(read.size()));
            valid = require_scalar(item, item_path, "a number or a word") && valid;
            read.push_back(item.scalar);
        }
        if (valid)
            values = std::move(read);
        else
            invalid_.insert(path);
    }

    void check(bool holds, const char* key, const std::string& expected) override
    {
        const std::string path = path_of(key);
        if (holds || is_invalid(path))
            return;
        const Node* nearest = frames_.back().node;
        std::string found;
        if (path != frames_.back().path) {
            for (const auto& part : split(key)) {
                const Node* const next = child_of(*nearest, part);
                if (next == nullptr) {
                    found = "absent";
                    break;
                }
                nearest = next;
            }
        }
        if (found.empty())
            found = value_text(*nearest);
        else if (const auto value = defaults_.find(path); value != defaults_.end())
            found += ", default " + value->second;
        violations_.push_back({nearest->where, path, std::move(found), expected, {}});
    }

  protected:
    void visit_choice(const char* key,
                      std::size_t& index,
                      const std::vector<std::string>& spellings,
                      const char* /*meaning*/,
                      Presence presence) override
    {
        const std::string expected =
            fmt::format("{}{}", spellings.size() > 1 ? "one of " : "", fmt::join(spellings, ", "));
        const std::string path = path_of(key);
        const Node* node = find(key, presence, expected, in_quotes(spellings.at(index)));
        if (node == nullptr || !require_scalar(*node, path, expected))
            return;
        const auto match = std::find(spellings.begin(), spellings.end(), node->scalar);
        if (match != spellings.end())
            index = static_cast<std::size_t>(match - spellings.begin());
        else
            fail(node->where, path, "unknown choice " + in_quotes(node->scalar), expected,
                 nearest_name(node->scalar, spellings));
    }

    bool enter_section(const char* key, const char* /*meaning*/, Presence presence) override
    {
        const std::string expected = "a section";
        const Node* node = find(key, presence, expected, {});
        return node != nullptr && enter(*node, Kind::Mapping, path_of(key), expected);
    }

    void leave_section() override
    {
        report_unknown_keys();
        frames_.pop_back();
    }

    bool enter_list(const char* key,
                    std::size_t& count,
                    const char* /*meaning*/,
                    Presence presence) override
    {
        const std::string expected = "a list of sections";
        const Node* node = find(key, presence, expected, fmt::format("a list of {}", count));
        if (node == nullptr || !enter(*node, Kind::Sequence, path_of(key), expected))
            return false;
        count = node->items.size();
        return true;
    }

    void leave_list() override { frames_.pop_back(); }

    bool enter_item(std::size_t index) override
    {
        return enter(frames_.back().node->items.at(index), Kind::Mapping,
                     path_of(std::to_string(index)), "a section");
    }

    void leave_item() override { leave_section(); }

  private:
    struct Frame {
        const Node* node;
        std::string path;
        std::vector<std::string> keys; ///< that `describe` has named
    };

    [[nodiscard]] std::string path_of(std::string_view key) const
    {
        return join(frames_.back().path, key);
    }

    void fail(const Location& where,
              const std::string& path,
              std::string found,
              const std::string& expected,
              std::string nearest = {})
    {
        invalid_.insert(path);
        violations_.push_back({where, path, std::move(found), expected, std::move(nearest)});
    }

    /// True if `path` or a section around it has been reported.
    [[nodiscard]] bool is_invalid(const std::string& path) const
    {
        for (std::size_t end = path.find('.'); end != std::string::npos;
             end = path.find('.', end + 1))
            if (invalid_.count(path.substr(0, end)) != 0)
                return true;
        return invalid_.count(path) != 0;
    }

    /// The value of `key`, or null where there is none; that is reported if it is required.
    const Node* find(const char* key,
                     Presence presence,
                     const std::string& expected,
                     const std::string& default_value)
    {
        Frame& frame = frames_.back();
        frame.keys.emplace_back(key);
        const Node* const node = frame.node->find(key);
        if (node == nullptr && presence == Presence::Required)
            fail(frame.node->where, path_of(key), "missing", expected);
        else if (node == nullptr && !default_value.empty())
            defaults_[path_of(key)] = default_value;
        return node;
    }

    bool
    require_kind(const Node& node, Kind kind, const std::string& path, const std::string& expected)
    {
        if (node.kind == kind)
            return true;
        fail(node.where, path, "found " + kind_text(node), expected);
        return false;
    }

    bool require_scalar(const Node& node, const std::string& path, const std::string& expected)
    {
        return require_kind(node, Kind::Scalar, path, expected);
    }

    bool require_plain(const Node& node,
                       const std::string& path,
                       const char* type,
                       const std::string& expected)
    {
        if (!require_scalar(node, path, expected))
            return false;
        if (!node.quoted)
            return true;
        fail(node.where, path,
             fmt::format("{} in quotes is text, not {}", in_quotes(node.scalar), type), expected);
        return false;
    }

    bool read_integer(const Node& node,
                      const std::string& path,
                      std::uint64_t& value,
                      const Integers& range,
                      const std::string& expected)
    {
        if (!require_plain(node, path, "an integer", expected))
            return false;
        const std::string& text = node.scalar;
        const auto is_number = [](std::string_view digits) {
            return !digits.empty() &&
                   digits.find_first_not_of("0123456789") == std::string_view::npos;
        };
        const auto refuse = [&](const char* reason) {
            fail(node.where, path, in_quotes(text) + reason, expected);
            return false;
        };
        if ((text[0] == '-' || text[0] == '+') && is_number(std::string_view{text}.substr(1)))
            return refuse(" has a sign");
        if (!is_number(text))
            return refuse(" is not an integer");
        if (text[0] == '0' && text.size() > 1) // octal for other YAML readers
            return refuse(" has a leading zero");
        std::uint64_t read = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
        if (error != std::errc{} || read < range.min || read > range.max)
            return refuse(" is out of range");
        value = read;
        return true;
    }

    void read_real(const Node& node,
                   const std::string& path,
                   double& value,
                   const Reals& range,
                   const std::string& expected)
    {
        if (!require_plain(node, path, "a number", expected))
            return;
        const std::string& text = node.scalar;
        double read = 0.0;
        const char* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, read);
        const bool is_special = text.find_first_of("nN") != std::string::npos; // inf, nan
        if (end != last || is_special || error == std::errc::invalid_argument)
            fail(node.where, path, in_quotes(text) + " is not a finite number", expected);
        else if (error != std::errc{} || read < range.min || read > range.max)
            fail(node.where, path, in_quotes(text) + " is out of range", expected);
        else
            value = read;
    }

    bool enter(const Node& node, Kind kind, const std::string& path, const std::string& expected)
    {
        if (!require_kind(node, kind, path, expected))
            return false;
        frames_.push_back({&node, path, {}});
        return true;
    }

    void report_unknown_keys()
    {
        const Frame& frame = frames_.back();
        const std::set<std::string> known(frame.keys.begin(), frame.keys.end());
        for (const auto& entry : frame.node->entries)
            if (known.count(entry.key) == 0)
                fail(entry.where, path_of(entry.key), "unknown key", {},
                     nearest_name(entry.key, frame.keys));
    }

    std::vector<Violation>& violations_;
    std::size_t first_; ///< of this reader's violations
    std::vector<Frame> frames_;
    std::set<std::string> invalid_;               ///< paths already reported
    std::map<std::string, std::string> defaults_; ///< of absent keys, by path
};

} // namespace

// ---------------------------------------------------------------- Document

struct Document::Impl {
    std::string name;
    Node root;
    std::vector<Violation> violations; ///< of the file itself, whatever it is read as
};

Document::Document()
    : impl_(std::make_unique<Impl>())
{}
Document::Document(const Document& other)
    : impl_(std::make_unique<Impl>(*other.impl_))
{}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document Document::load(const std::string& path)
{
    const auto fail = [&path](const std::string& found) {
        Violation violation;
        violation.where.file = path;
        violation.found = found;
        violation.expected = "a readable YAML file";
        throw Error{violation};
    };
    std::error_code ignored; // the stream reports it
    if (std::filesystem::is_directory(path, ignored))
        fail("a directory");
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    if (!file)
        fail("cannot be read: " + std::generic_category().message(errno));
    std::string text(max_bytes + 1, '\0'); // one more, so that parse sees it is too long
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad())
        fail("cannot be read: " + std::generic_category().message(errno));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return parse(text, path);
}

Document Document::parse(const std::string& text, const std::string& name)
{
    Document document;
    TreeBuilder builder{name, true};
    Node& root = document.impl_->root;
    root = builder.build(text, {}, 0);
    if (root.kind == Kind::Empty)
        throw Error{Violation{builder.whole(), {}, "empty", "`key: value` lines", {}}};
    if (root.kind != Kind::Mapping)
        throw Error{
            Violation{root.where, {}, "found " + kind_text(root), "`key: value` lines", {}}};
    document.impl_->name = name;
    document.impl_->violations = builder.take_violations();
    return document;
}

void Document::set(const std::string& key, const std::string& value, const std::string& origin)
{
    const auto fail = [&](const std::string& found, const std::string& expected) {
        Violation violation;
        violation.where.file = origin;
        violation.key = key;
        violation.found = found;
        violation.expected = expected;
        throw Error{violation};
    };
    const std::vector<std::string> parts = split(key);
    if (std::find(parts.begin(), parts.end(), "") != parts.end())
        fail("a key with an empty part", "a dotted path, e.g. dma.ports.0.width_bits");

    if (parts.size() > max_depth)
        fail("too many levels", fmt::format("at most {} levels", max_depth));
    TreeBuilder builder{origin, false};
    Node made = builder.build(value, key, parts.size());
    if (auto violations = builder.take_violations(); !violations.empty())
        throw Error{std::move(violations)};

    Node* node = &impl_->root;
    std::string path;
    for (const auto& part : parts) {
        if (node->kind == Kind::Scalar)
            fail(fmt::format("'{}' is no section but {}", path, kind_text(*node)),
                 "the path of a value");
        path = join(path, part);
        if (node->kind == Kind::Empty) {
            node->kind = Kind::Mapping; // cannot fail any more
            node->where = builder.whole();
        }
        Node* next = child_of(*node, part);
        if (next == nullptr && node->kind == Kind::Sequence)
            fail(fmt::format("no item '{}'", path),
                 node->items.empty()
                     ? std::string{"a list with items"}
                     : fmt::format("an index from 0 to {}", node->items.size() - 1));
        if (next == nullptr) {
            node->entries.push_back({part, builder.whole(), Node{}});
            next = &node->entries.back().value;
            next->where = builder.whole();
        }
        node = next;
    }
    *node = std::move(made);
}

std::unique_ptr<Visitor> Document::make_reader(std::vector<Violation>& violations) const
{
    return std::make_unique<Reader>(impl_->root, impl_->violations, violations);
}

void Document::finish(Visitor& reader)
{
    static_cast<Reader&>(reader).finish(); // made by make_reader
}

Location Document::locate(const std::string& key) const
{
    const Node* node = &impl_->root;
    for (const auto& part : split(key)) {
        const Node* const next = child_of(*node, part);
        if (next == nullptr)
            break;
        node = next;
    }
    return node->where;
}

const std::string& Document::name() const noexcept
{
    return impl_->name;
}

} // namespace heatsim::config
