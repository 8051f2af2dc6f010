// SPDX-License-Identifier: Apache-2.0
#include "inference/float_product.hpp"

#include "config/error.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <oneapi/dnnl/dnnl.h>

#include <stdexcept>
#include <string>

namespace heatsim::inference {

namespace {

/// What of oneDNN, and of the OpenMP it computes with, is needed.
struct Library {
    decltype(&dnnl_sgemm) multiply = nullptr;
    int (*threads)() = nullptr;
    void (*set_threads)(int) = nullptr;
};

template <typename Function>
void find(void* library, const char* name, Function& function)
{
    // dlsym hands out functions as objects; POSIX says that this conversion is right
    function = library == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(library, name));
}

[[nodiscard]] Library load()
{
    // the name of the library that the header belongs to
    const auto name = fmt::format("libdnnl.so.{}", DNNL_VERSION_MAJOR);
    auto* const handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    Library library;
    find(handle, "dnnl_sgemm", library.multiply);
    find(handle, "omp_get_max_threads", library.threads);
    find(handle, "omp_set_num_threads", library.set_threads);
    if (library.multiply != nullptr && library.threads != nullptr && library.set_threads != nullptr)
        return library;
    const char* const reason = dlerror(); // NOLINT(concurrency-mt-unsafe): of this thread
    throw config::Error{config::Violation{
        {},
        {},
        fmt::format("oneDNN cannot be loaded: {}", reason == nullptr ? name.c_str() : reason),
        fmt::format("the library that heatsim was built with, Debian's libdnnl{}",
                    DNNL_VERSION_MAJOR),
        {}}};
}

/// OpenMP's threads of the calling thread, until the end of the scope.
class OneThread {
  public:
    explicit OneThread(const Library& library)
        : library_{library}
        , before_{library.threads()}
    {
        library_.set_threads(1);
    }
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;
    ~OneThread() { library_.set_threads(before_); }

  private:
    const Library& library_;
    const int before_;
};

} // namespace

void multiply(std::size_t m,
              std::size_t n,
              std::size_t k,
              float factor,
              MatrixView<const float> a,
              MatrixView<const float> b,
              Transposed b_transposed,
              float keep,
              MatrixView<float> c)
{
    if (m == 0 || n == 0)
        return;
    static const Library library = load();
    const OneThread one_thread{library};
    const auto size = [](std::size_t number) { return static_cast<dnnl_dim_t>(number); };
    const auto status = library.multiply('N', b_transposed == Transposed::Yes ? 'T' : 'N', size(m),
                                         size(n), size(k), factor, a.data, size(a.stride), b.data,
                                         size(b.stride), keep, c.data, size(c.stride));
    if (status != dnnl_success)
        throw std::logic_error{fmt::format("oneDNN refuses a product of {} x {} x {}: status {}", m,
                                           k, n, static_cast<int>(status))};
}

} // namespace heatsim::inference
