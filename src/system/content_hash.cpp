// SPDX-License-Identifier: Apache-2.0
#include "system/content_hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <new>

namespace heatsim::system {

struct ContentHash::Impl {
    XXH3_state_t* state = XXH3_createState();

    Impl()
    {
        if (state == nullptr || XXH3_128bits_reset(state) == XXH_ERROR)
            throw std::bad_alloc{};
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { (void)XXH3_freeState(state); }
};

ContentHash::ContentHash()
    : impl_{std::make_unique<Impl>()}
{}
ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;
ContentHash::~ContentHash() = default;

void ContentHash::add(std::string_view text)
{
    const std::uint64_t size = text.size();
    (void)XXH3_128bits_update(impl_->state, &size, sizeof size);
    (void)XXH3_128bits_update(impl_->state, text.data(), text.size());
}

void ContentHash::add_file(const std::string& path)
{
    constexpr std::size_t chunk_bytes = 65536;
    std::ifstream file{path, std::ios::binary};
    std::array<char, chunk_bytes> chunk{};
    while (file.read(chunk.data(), chunk.size()) || file.gcount() > 0)
        (void)XXH3_128bits_update(impl_->state, chunk.data(),
                                  static_cast<std::size_t>(file.gcount()));
}

std::string ContentHash::text() const
{
    const auto hash = XXH3_128bits_digest(impl_->state);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

const std::string& program_hash()
{
    static const std::string hash = [] {
        ContentHash content;
        content.add_file("/proc/self/exe");
        return content.text();
    }();
    return hash;
}

} // namespace heatsim::system
