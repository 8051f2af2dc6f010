// SPDX-License-Identifier: Apache-2.0
#include "support/tensor_draft.hpp"

namespace heatsim::test {

using inference::DataType;

namespace {

template <typename T>
void add(inference::SafetensorsWriter& writer,
         const std::string& name,
         const TensorDraft::Tensor& tensor)
{
    std::vector<T> values(tensor.bytes.size() / sizeof(T));
    if (!values.empty())
        std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
    writer.add(name, tensor.shape, values);
}

} // namespace

TensorDraft::TensorDraft(const std::string& bytes)
{
    const auto file = inference::Safetensors::parse(bytes, "draft");
    metadata.insert(file.metadata().begin(), file.metadata().end());
    for (const auto& [name, tensor] : file.tensors())
        tensors[name] = {tensor.type, tensor.shape, std::string{tensor.bytes}};
}

std::string TensorDraft::bytes() const
{
    inference::SafetensorsWriter writer;
    for (const auto& [key, value] : metadata)
        writer.set_metadata(key, value);
    for (const auto& [name, tensor] : tensors) {
        if (tensor.type == DataType::I8)
            add<std::int8_t>(writer, name, tensor);
        else if (tensor.type == DataType::U8)
            add<std::uint8_t>(writer, name, tensor);
        else if (tensor.type == DataType::I16)
            add<std::int16_t>(writer, name, tensor);
        else
            add<std::int32_t>(writer, name, tensor);
    }
    return writer.bytes();
}

} // namespace heatsim::test
