// SPDX-License-Identifier: Apache-2.0
#include "report/output_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

namespace heatsim::report {

namespace {

namespace fs = std::filesystem;

/// What the operating system refused, and on which path.
class Refused : public std::system_error {
  public:
    Refused(fs::path path, int error)
        : std::system_error{error, std::generic_category()}
        , path_{std::move(path)}
    {}
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

[[nodiscard]] config::Violation violation(const std::string& folder, const Refused& refused)
{
    config::Violation result;
    result.where.file = folder;
    result.key = "output folder";
    result.found = "cannot write '" + refused.path().string() + "': " + refused.code().message();
    result.expected = "a folder that can be made or written to";
    return result;
}

/// A folder for files on their way, beside or in the final one, so that renaming needs no copy.
/// Takes itself and the parents made for it away again.
class Workplace {
  public:
    explicit Workplace(fs::path target)
        : target_{std::move(target)}
    {
        std::error_code error;
        target_exists_ = fs::is_directory(target_, error);
        if (!target_exists_ &&
            fs::symlink_status(target_, error).type() != fs::file_type::not_found) {
            throw Refused{target_, error ? error.value() : ENOTDIR};
        }
        const auto parent = target_exists_ ? target_ : parent_of(target_);
        try {
            make_parents(parent);
            auto pattern = (parent / ".heatsim-XXXXXX").string();
            if (mkdtemp(pattern.data()) == nullptr)
                throw Refused{target_, errno};
            path_ = pattern;
        } catch (...) {
            remove_parents();
            throw;
        }
    }
    ~Workplace()
    {
        std::error_code ignored; // nothing is left to be done about it
        if (!path_.empty())
            fs::remove_all(path_, ignored);
        if (!kept_)
            remove_parents();
    }
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    void write(const NamedText& file) const
    {
        const auto path = path_ / file.first;
        make_folder_of(path);
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream{
            std::fopen(path.c_str(), "wb"),
            [](std::FILE* f) { return f != nullptr ? std::fclose(f) : 0; }};
        if (!stream)
            throw Refused{target_ / file.first, errno};
        if (std::fwrite(file.second.data(), 1, file.second.size(), stream.get()) !=
                file.second.size() ||
            std::fflush(stream.get()) != 0)
            throw Refused{target_ / file.first, errno};
    }

    /// A file of this name can be replaced; of one like `pictures/`, a folder can be written to.
    void check(const std::string& name) const
    {
        const auto path = target_ / name;
        const bool is_folder = !path.has_filename();
        std::error_code error;
        const auto status = fs::status(is_folder ? path.parent_path() : path, error);
        if (fs::exists(status) && fs::is_directory(status) != is_folder)
            throw Refused{path, is_folder ? ENOTDIR : EISDIR};
    }

    /// Moves everything to its final place.
    void publish(const std::vector<NamedText>& files)
    {
        if (target_exists_) {
            for (const auto& file : files)
                make_folder_of(target_ / file.first);
            for (const auto& file : files)
                rename(path_ / file.first, target_ / file.first);
        } else {
            const auto mask = umask(0);
            umask(mask);
            if (chmod(path_.c_str(), 0777 & ~mask) != 0) // mkdtemp makes it private
                throw Refused{target_, errno};
            rename(path_, target_);
            path_.clear();
        }
        kept_ = true;
    }

  private:
    [[nodiscard]] static fs::path parent_of(const fs::path& path)
    {
        const auto parent = path.parent_path();
        return parent.empty() ? fs::path{"."} : parent;
    }

    static void make_folder_of(const fs::path& path)
    {
        std::error_code error;
        fs::create_directories(path.parent_path(), error);
        if (error)
            throw Refused{path, error.value()};
    }

    static void rename(const fs::path& from, const fs::path& to)
    {
        std::error_code error;
        fs::rename(from, to, error);
        if (error)
            throw Refused{to, error.value()};
    }

    void make_parents(const fs::path& folder)
    {
        std::error_code error;
        if (fs::is_directory(folder, error))
            return;
        if (fs::exists(folder, error))
            throw Refused{folder, ENOTDIR};
        make_parents(parent_of(folder));
        if (!fs::create_directory(folder, error))
            throw Refused{folder, error ? error.value() : EEXIST};
        made_.push_back(folder);
    }

    void remove_parents()
    {
        std::error_code ignored; // not empty: somebody else uses it by now
        for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder)
            fs::remove(*folder, ignored);
        made_.clear();
    }

    fs::path target_;
    fs::path path_;
    std::vector<fs::path> made_;
    bool target_exists_ = false;
    bool kept_ = false;
};

/// `path` without the slashes at its end, which would stand for another, empty name.
[[nodiscard]] fs::path target_path(const std::string& path)
{
    auto target = fs::path{path}.lexically_normal();
    return target.has_filename() ? target : target.parent_path();
}

} // namespace

std::vector<config::Violation> output_folder_violations(const std::string& path,
                                                        const std::vector<std::string>& files)
{
    if (path.empty()) {
        config::Violation empty;
        empty.key = "output folder";
        empty.found = "empty name";
        empty.expected = "a folder that can be made or written to";
        return {empty};
    }
    try {
        const Workplace workplace{target_path(path)};
        for (const auto& file : files)
            workplace.check(file);
    } catch (const Refused& refused) {
        return {violation(path, refused)};
    }
    return {};
}

void write_output_folder(const std::string& path, const std::vector<NamedText>& files)
{
    try {
        Workplace workplace{target_path(path)};
        for (const auto& file : files)
            workplace.write(file);
        workplace.publish(files);
    } catch (const Refused& refused) {
        throw config::Error{violation(path, refused)};
    }
}

} // namespace heatsim::report
