// SPDX-License-Identifier: Apache-2.0
#include "inference/safetensors.hpp"

#include "config/text_file.hpp"
#include "inference/binary_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "values are copied as they lie in the file");

namespace heatsim::inference {

namespace {

using nlohmann::json;

constexpr const char* metadata_key = "__metadata__";
constexpr const char* type_field = "dtype";
constexpr const char* shape_field = "shape";
constexpr const char* offsets_field = "data_offsets";
constexpr std::size_t length_bytes = 8;
constexpr std::size_t max_header_bytes = 100'000'000; ///< MAX_HEADER_SIZE of the format's library
constexpr std::size_t max_file_bytes = std::size_t{1} << 32U;
constexpr std::size_t max_dimensions = 16; ///< far more than any network's
constexpr std::size_t max_named = 20;      ///< as of a config::ViolationList

struct TypeFacts {
    DataType type;
    std::string_view name;
    std::size_t bytes;
};

constexpr std::array<TypeFacts, 13> types{{{DataType::Bool, "BOOL", 1},
                                           {DataType::U8, "U8", 1},
                                           {DataType::I8, "I8", 1},
                                           {DataType::U16, "U16", 2},
                                           {DataType::I16, "I16", 2},
                                           {DataType::F16, "F16", 2},
                                           {DataType::BF16, "BF16", 2},
                                           {DataType::U32, "U32", 4},
                                           {DataType::I32, "I32", 4},
                                           {DataType::F32, "F32", 4},
                                           {DataType::U64, "U64", 8},
                                           {DataType::I64, "I64", 8},
                                           {DataType::F64, "F64", 8}}};

const TypeFacts& facts(DataType type)
{
    return types.at(static_cast<std::size_t>(type));
}

template <typename T>
constexpr DataType type_of()
{
    if constexpr (std::is_same_v<T, float>)
        return DataType::F32;
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return DataType::I32;
    else if constexpr (std::is_same_v<T, std::int16_t>)
        return DataType::I16;
    else if constexpr (std::is_same_v<T, std::int8_t>)
        return DataType::I8;
    else {
        static_assert(std::is_same_v<T, std::uint8_t>);
        return DataType::U8;
    }
}

/// `F32 [192, 4]`
std::string tensor_text(DataType type, const std::vector<std::uint64_t>& shape)
{
    return fmt::format("{} [{}]", data_type_name(type), fmt::join(shape, ", "));
}

/// A name for a message: those of a file are as long as it likes.
std::string shown_name(const std::string& name)
{
    constexpr std::size_t max_shown_bytes = 100;
    return name.size() <= max_shown_bytes ? name : name.substr(0, max_shown_bytes) + "...";
}

/// Bytes of a tensor, or nothing where 64 bits do not hold them.
std::optional<std::uint64_t> tensor_bytes(DataType type, const std::vector<std::uint64_t>& shape)
{
    if (std::find(shape.begin(), shape.end(), 0U) != shape.end())
        return 0;
    std::uint64_t bytes = element_bytes(type);
    for (const auto size : shape) {
        if (bytes > std::numeric_limits<std::uint64_t>::max() / size)
            return std::nullopt;
        bytes *= size;
    }
    return bytes;
}

/// A tensor's entry of the header; what is missing was not there or not readable.
struct Entry {
    std::optional<DataType> type;
    std::optional<std::vector<std::uint64_t>> shape;
    std::optional<std::array<std::uint64_t, 2>> offsets; ///< begin and end in the data
    std::set<std::string, std::less<>> fields;           ///< those that were there
};

/// Takes the header apart while nlohmann reads it, so that no value is kept that has no place here.
/// Stops at the first syntax error only.
class HeaderReader : public json::json_sax_t {
  public:
    explicit HeaderReader(config::ViolationList& violations)
        : violations_{violations}
    {}

    [[nodiscard]] const std::map<std::string, Entry, std::less<>>& entries() const
    {
        return entries_;
    }
    [[nodiscard]] std::map<std::string, std::string, std::less<>> take_metadata()
    {
        return std::move(metadata_);
    }

    bool null() override { return scalar("null"); }
    bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override { return scalar(fmt::to_string(value)); }
    bool number_float(number_float_t /*value*/, const string_t& text) override
    {
        return scalar(text);
    }
    bool binary(binary_t& /*value*/) override { return scalar("bytes"); }

    bool number_unsigned(number_unsigned_t value) override
    {
        if (skipped_ > 0 || place_ != Place::List)
            return scalar(fmt::to_string(value));
        // one number too many is enough to be refused
        if (list_.size() <= max_dimensions)
            list_.push_back(value);
        return true;
    }

    bool string(string_t& value) override
    {
        if (skipped_ == 0 && place_ == Place::Metadata)
            metadata_[field_] = std::move(value);
        else if (skipped_ == 0 && place_ == Place::Entry && field_ == type_field)
            take_type(value);
        else
            return scalar(config::quoted(value));
        return true;
    }

    bool start_object(std::size_t /*size*/) override
    {
        if (skipped_ > 0)
            ++skipped_;
        else if (place_ == Place::Start)
            place_ = Place::Header;
        else if (place_ == Place::Header)
            place_ = name_ == metadata_key ? Place::Metadata : Place::Entry;
        else
            skip("an object");
        return true;
    }

    bool key(string_t& value) override
    {
        if (skipped_ > 0)
            return true;
        if (place_ == Place::Header) {
            name_ = value;
            const bool is_new = value == metadata_key ? !std::exchange(has_metadata_, true)
                                                      : entries_.try_emplace(value).second;
            if (!is_new) {
                refuse(name_, "twice in the header", "each name once");
                if (name_ != metadata_key)
                    entries_[name_] = {};
            }
        } else if (place_ == Place::Metadata) {
            field_ = value;
            if (metadata_.count(value) > 0)
                refuse(metadata_key, fmt::format("{} twice", config::quoted(value)),
                       "each name once");
        } else {
            field_ = value;
            const std::vector<std::string> known{type_field, shape_field, offsets_field};
            if (std::find(known.begin(), known.end(), value) == known.end())
                refuse(name_, fmt::format("unknown field {}", config::quoted(value)),
                       fmt::format("{}", fmt::join(known, ", ")),
                       config::nearest_name(value, known));
            else if (!entries_[name_].fields.insert(value).second)
                refuse(name_, fmt::format("{} twice", value), "each field once");
        }
        return true;
    }

    bool end_object() override
    {
        if (skipped_ > 0) {
            --skipped_;
        } else if (place_ == Place::Header) {
            place_ = Place::Start;
        } else {
            if (place_ == Place::Entry)
                check_fields();
            place_ = Place::Header;
        }
        return true;
    }

    bool start_array(std::size_t /*size*/) override
    {
        if (skipped_ == 0 && place_ == Place::Entry &&
            (field_ == shape_field || field_ == offsets_field)) {
            place_ = Place::List;
            list_.clear();
            list_is_valid_ = true;
        } else if (skipped_ > 0) {
            ++skipped_;
        } else {
            skip("a list");
        }
        return true;
    }

    bool end_array() override
    {
        if (skipped_ > 0) {
            --skipped_;
            return true;
        }
        place_ = Place::Entry;
        if (!list_is_valid_)
            return true;
        if (field_ == shape_field)
            take_shape();
        else
            take_offsets();
        return true;
    }

    bool parse_error(std::size_t position,
                     const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override
    {
        violations_.add(0, 0, "", fmt::format("header is not JSON at byte {}", position),
                        "a JSON object of tensors");
        return false;
    }

  private:
    /// Where the next value stands.
    enum class Place : std::uint8_t { Start, Header, Metadata, Entry, List };

    void refuse(const std::string& name,
                std::string found,
                std::string expected,
                std::string nearest = "")
    {
        violations_.add(0, 0, shown_name(name), std::move(found), std::move(expected),
                        std::move(nearest));
    }

    /// A value that is not what its place asks for. Always true: the rest is read.
    bool scalar(const std::string& text)
    {
        if (skipped_ > 0)
            return true;
        switch (place_) {
        case Place::Start: // nlohmann is not called where the header does not begin with '{'
            break;
        case Place::Header:
            refuse(name_, text,
                   name_ == metadata_key ? "an object of texts"
                                         : "an object of dtype, shape, data_offsets");
            break;
        case Place::Metadata:
            refuse(metadata_key, fmt::format("{} is {}", config::quoted(field_), text), "a text");
            break;
        case Place::Entry:
            if (field_ == type_field)
                refuse(name_, fmt::format("{} is {}", field_, text), "the name of a type");
            else if (field_ == shape_field || field_ == offsets_field)
                refuse(name_, fmt::format("{} is {}", field_, text), list_expected());
            break;
        case Place::List:
            if (list_is_valid_)
                refuse(name_, fmt::format("{} holds {}", field_, text), "integers from 0");
            list_is_valid_ = false;
            break;
        }
        return true;
    }

    void skip(const std::string& kind)
    {
        scalar(kind);
        ++skipped_;
    }

    [[nodiscard]] std::string list_expected() const
    {
        return field_ == shape_field ? "a list of integers from 0" : "[begin, end]";
    }

    void take_type(const std::string& name)
    {
        std::vector<std::string> names;
        names.reserve(types.size());
        for (const auto& type : types) {
            if (type.name == name)
                entries_[name_].type = type.type;
            names.emplace_back(type.name);
        }
        if (!entries_[name_].type)
            refuse(name_, fmt::format("unknown dtype {}", config::quoted(name)),
                   fmt::format("one of {}", fmt::join(names, ", ")),
                   config::nearest_name(name, names));
    }

    void take_shape()
    {
        if (list_.size() > max_dimensions)
            refuse(name_, "shape has too many dimensions",
                   fmt::format("at most {}", max_dimensions));
        else
            entries_[name_].shape = list_;
    }

    void take_offsets()
    {
        if (list_.size() == 2)
            entries_[name_].offsets = {list_[0], list_[1]};
        else
            refuse(name_,
                   fmt::format("data_offsets has {} numbers",
                               list_.size() > max_dimensions
                                   ? fmt::format("more than {}", max_dimensions)
                                   : fmt::to_string(list_.size())),
                   list_expected());
    }

    void check_fields()
    {
        const auto& fields = entries_[name_].fields;
        for (const auto* const field : {type_field, shape_field, offsets_field})
            if (fields.count(field) == 0)
                refuse(name_, fmt::format("no {}", field), "dtype, shape and data_offsets");
    }

    config::ViolationList& violations_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::map<std::string, std::string, std::less<>> metadata_;
    Place place_ = Place::Start;
    std::size_t skipped_ = 0; ///< depth within a value that has no place here
    bool has_metadata_ = false;
    std::string name_;  ///< of the tensor that is read
    std::string field_; ///< of its entry, or of the metadata
    std::vector<std::uint64_t> list_;
    bool list_is_valid_ = true;
};

/// Checks the entry by itself. \returns the tensor, or nothing (with a violation)
std::optional<TensorView> checked_tensor(const std::string& name,
                                         const Entry& entry,
                                         std::string_view data,
                                         config::ViolationList& violations)
{
    if (!entry.type || !entry.shape || !entry.offsets)
        return std::nullopt; // there is a violation already
    const auto refuse = [&](std::string found, std::string expected) {
        violations.add(0, 0, shown_name(name), std::move(found), std::move(expected));
        return std::nullopt;
    };
    const auto begin = (*entry.offsets)[0];
    const auto end = (*entry.offsets)[1];
    const auto offsets = fmt::format("data_offsets [{}, {}]", begin, end);
    if (begin > end)
        return refuse(fmt::format("{} end before they begin", offsets), "begin ≤ end");
    if (end > data.size())
        return refuse(fmt::format("{} leave the data", offsets),
                      fmt::format("at most {} bytes", data.size()));
    const auto expected = tensor_bytes(*entry.type, *entry.shape);
    const auto tensor = tensor_text(*entry.type, *entry.shape);
    if (!expected)
        return refuse(fmt::format("{} has more bytes than 64 bits count", tensor),
                      "a shape that the data holds");
    if (*expected != end - begin)
        return refuse(fmt::format("{} are {} bytes", offsets, end - begin),
                      fmt::format("{} for {}", *expected, tensor));
    return TensorView{*entry.type, *entry.shape, data.substr(begin, end - begin)};
}

/// Each byte of the data belongs to one tensor.
void check_cover(const std::map<std::string, TensorView, std::less<>>& tensors,
                 std::string_view data,
                 config::ViolationList& violations)
{
    struct Place {
        std::size_t begin;
        std::size_t end;
        const std::string* name;
    };
    std::vector<Place> places;
    places.reserve(tensors.size());
    for (const auto& [name, tensor] : tensors) {
        const auto begin = static_cast<std::size_t>(tensor.bytes.data() - data.data());
        places.push_back({begin, begin + tensor.bytes.size(), &name});
    }
    std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
        return std::pair{a.begin, a.end} < std::pair{b.begin, b.end};
    });
    const auto check_gap = [&violations](std::size_t begin, std::size_t end) {
        if (begin < end)
            violations.add(
                0, 0, "",
                fmt::format("bytes {} to {} of the data belong to no tensor", begin, end - 1),
                "tensors without gaps");
    };
    std::size_t covered = 0;
    const std::string* last = nullptr;
    for (const auto& place : places) {
        check_gap(covered, place.begin);
        if (place.begin < covered)
            violations.add(0, 0, shown_name(*place.name),
                           fmt::format("byte {} of the data belongs to {} too", place.begin,
                                       config::quoted(*last)),
                           "tensors without overlap");
        if (place.end >= covered) {
            covered = place.end;
            last = place.name;
        }
    }
    check_gap(covered, data.size());
}

config::Violation
violation(const std::string& file, std::string_view tensor, std::string found, std::string expected)
{
    return {{file, 0, 0}, std::string{tensor}, std::move(found), std::move(expected), ""};
}

std::uint64_t little_endian(std::string_view bytes)
{
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

/// Checks the length of the header and its first byte. \returns the header
std::string_view checked_header(std::string_view file, config::ViolationList& violations)
{
    const auto refuse = [&violations](std::string found, std::string expected) {
        violations.add(0, 0, "", std::move(found), std::move(expected));
        violations.throw_if_any();
    };
    if (file.size() < length_bytes)
        refuse(fmt::format("file of {} bytes", file.size()), "the length of a header (8 bytes)");
    const auto length = little_endian(file);
    if (length > max_header_bytes)
        refuse(fmt::format("header of {} bytes", length),
               fmt::format("at most {}: is it a safetensors file?", max_header_bytes));
    file.remove_prefix(length_bytes);
    if (length > file.size())
        refuse(fmt::format("header of {} bytes, but {} follow", length, file.size()),
               "a complete file");
    const auto header = file.substr(0, length);
    if (header.empty() || header.front() != '{')
        refuse("header does not begin with '{'", "a JSON object of tensors");
    // nlohmann would take it for the end
    const auto zero = header.find('\0');
    if (zero != std::string_view::npos)
        refuse(fmt::format("header is not JSON at byte {}", zero + 1), "a JSON object of tensors");
    return header;
}

} // namespace

std::string_view data_type_name(DataType type)
{
    return facts(type).name;
}

std::size_t element_bytes(DataType type)
{
    return facts(type).bytes;
}

Safetensors Safetensors::load(const std::string& path)
{
    return parse(read_binary_file(path, max_file_bytes), path);
}

Safetensors Safetensors::parse(std::string bytes, const std::string& name)
{
    Safetensors file;
    file.name_ = name;
    file.bytes_ = std::make_shared<const std::string>(std::move(bytes));
    config::ViolationList violations{name};
    const auto header = checked_header(*file.bytes_, violations);
    const auto data = std::string_view{*file.bytes_}.substr(length_bytes + header.size());

    HeaderReader reader{violations};
    json::sax_parse(header.begin(), header.end(), &reader);
    violations.throw_if_any();
    for (const auto& [tensor_name, entry] : reader.entries())
        if (auto tensor = checked_tensor(tensor_name, entry, data, violations))
            file.tensors_.emplace(tensor_name, std::move(*tensor));
    if (violations.empty()) // an unreadable tensor would leave a gap
        check_cover(file.tensors_, data, violations);
    violations.throw_if_any();
    file.metadata_ = reader.take_metadata();
    return file;
}

template <typename T>
std::vector<T> Safetensors::get(std::string_view tensor,
                                const std::vector<std::uint64_t>& shape,
                                std::vector<config::Violation>& violations) const
{
    asked_.emplace(tensor);
    const auto expected = tensor_text(type_of<T>(), shape);
    const auto refuse = [&](std::string found, std::string what) {
        violations.push_back(violation(name_, tensor, std::move(found), std::move(what)));
        return std::vector<T>{};
    };
    const auto found = tensors_.find(tensor);
    if (found == tensors_.end()) {
        std::vector<std::string> names;
        names.reserve(tensors_.size());
        for (const auto& entry : tensors_)
            names.push_back(entry.first);
        refuse("no such tensor", expected);
        violations.back().nearest = config::nearest_name(std::string{tensor}, names);
        return {};
    }
    const auto& view = found->second;
    if (view.type != type_of<T>() || view.shape != shape)
        return refuse(tensor_text(view.type, view.shape), expected);
    std::vector<T> values(view.bytes.size() / sizeof(T));
    if (!values.empty())
        std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
    if constexpr (std::is_floating_point_v<T>) {
        const auto bad = std::find_if_not(values.begin(), values.end(),
                                          [](T value) { return std::isfinite(value); });
        if (bad != values.end())
            return refuse(fmt::format("value {} is {}", bad - values.begin(), *bad),
                          "finite numbers");
    }
    return values;
}

template std::vector<float> Safetensors::get(std::string_view,
                                             const std::vector<std::uint64_t>&,
                                             std::vector<config::Violation>&) const;
template std::vector<std::int8_t> Safetensors::get(std::string_view,
                                                   const std::vector<std::uint64_t>&,
                                                   std::vector<config::Violation>&) const;
template std::vector<std::uint8_t> Safetensors::get(std::string_view,
                                                    const std::vector<std::uint64_t>&,
                                                    std::vector<config::Violation>&) const;
template std::vector<std::int16_t> Safetensors::get(std::string_view,
                                                    const std::vector<std::uint64_t>&,
                                                    std::vector<config::Violation>&) const;
template std::vector<std::int32_t> Safetensors::get(std::string_view,
                                                    const std::vector<std::uint64_t>&,
                                                    std::vector<config::Violation>&) const;

void Safetensors::refuse_others(std::vector<config::Violation>& violations) const
{
    std::size_t others = 0;
    for (const auto& [name, tensor] : tensors_) {
        if (asked_.count(name) > 0)
            continue;
        ++others;
        if (others <= max_named)
            violations.push_back(violation(
                name_, shown_name(name),
                fmt::format("{} that nothing reads", tensor_text(tensor.type, tensor.shape)),
                "the tensors of the network only"));
    }
    if (others > max_named)
        violations.push_back(violation(
            name_, "", fmt::format("{} more tensors that nothing reads", others - max_named), ""));
}

template <typename T>
void SafetensorsWriter::add(std::string name,
                            std::vector<std::uint64_t> shape,
                            const std::vector<T>& values)
{
    Tensor tensor{type_of<T>(), std::move(shape), {}};
    const auto byte_count = values.size() * sizeof(T);
    if (tensor_bytes(tensor.type, tensor.shape) != byte_count)
        throw std::logic_error{fmt::format("tensor '{}' of {}: {} values", name,
                                           tensor_text(tensor.type, tensor.shape), values.size())};
    if (name == metadata_key || tensors_.count(name) > 0)
        throw std::logic_error{fmt::format("tensor name '{}' is taken", name)};
    tensor.bytes.resize(byte_count);
    if (byte_count > 0)
        std::memcpy(tensor.bytes.data(), values.data(), byte_count);
    tensors_.emplace(std::move(name), std::move(tensor));
}

template void
SafetensorsWriter::add(std::string, std::vector<std::uint64_t>, const std::vector<float>&);
template void
SafetensorsWriter::add(std::string, std::vector<std::uint64_t>, const std::vector<std::int8_t>&);
template void
SafetensorsWriter::add(std::string, std::vector<std::uint64_t>, const std::vector<std::uint8_t>&);
template void
SafetensorsWriter::add(std::string, std::vector<std::uint64_t>, const std::vector<std::int16_t>&);
template void
SafetensorsWriter::add(std::string, std::vector<std::uint64_t>, const std::vector<std::int32_t>&);

void SafetensorsWriter::set_metadata(std::string key, std::string value)
{
    metadata_.insert_or_assign(std::move(key), std::move(value));
}

std::string SafetensorsWriter::bytes() const
{
    std::vector<const std::pair<const std::string, Tensor>*> order;
    order.reserve(tensors_.size());
    std::size_t data_bytes = 0;
    for (const auto& entry : tensors_) {
        order.push_back(&entry);
        data_bytes += entry.second.bytes.size();
    }
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        return element_bytes(a->second.type) > element_bytes(b->second.type);
    });

    nlohmann::ordered_json tree = nlohmann::ordered_json::object();
    if (!metadata_.empty())
        tree[metadata_key] = metadata_;
    std::size_t begin = 0;
    for (const auto* const entry : order) {
        const auto& tensor = entry->second;
        const auto end = begin + tensor.bytes.size();
        tree[entry->first] = {{type_field, data_type_name(tensor.type)},
                              {shape_field, tensor.shape},
                              {offsets_field, {begin, end}}};
        begin = end;
    }
    auto header = tree.dump();
    header.resize((header.size() + length_bytes - 1) / length_bytes * length_bytes, ' ');

    const std::uint64_t length = header.size();
    std::string bytes(length_bytes, '\0');
    std::memcpy(bytes.data(), &length, length_bytes);
    bytes.reserve(length_bytes + header.size() + data_bytes);
    bytes += header;
    for (const auto* const entry : order)
        bytes += entry->second.bytes;
    return bytes;
}

} // namespace heatsim::inference
