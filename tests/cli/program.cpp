// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace heatsim::cli {

namespace fs = std::filesystem;

Folder::Folder()
{
    auto pattern = (fs::temp_directory_path() / "heatsim_cli_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error{"no temporary folder"};
    path_ = pattern;
}

Folder::~Folder()
{
    std::error_code ignored; // a leftover in /tmp is no reason to fail
    fs::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& text) const
{
    std::ofstream{path_ / name, std::ios::binary} << text;
    return path(name);
}

std::vector<std::string> Folder::entries() const
{
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator{path_})
        paths.push_back(entry.path().lexically_relative(path_).string());
    std::sort(paths.begin(), paths.end());
    return paths;
}

Outcome heatsim(const std::vector<std::string>& arguments, const std::string& out_path)
{
    const Folder folder;
    const auto out = out_path.empty() ? folder.path("out") : out_path;
    const auto err = folder.path("err");
    std::vector<std::string> words{HEATSIM_EXECUTABLE};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    const auto child = fork();
    if (child == 0) {
        constexpr int mode = 0600;
        const auto redirect = [](const char* path, int flags, int stream) {
            const int file = open(path, flags, mode);
            if (file < 0 || dup2(file, stream) < 0)
                _exit(127);
        };
        redirect("/dev/null", O_RDONLY, STDIN_FILENO);
        redirect(err.c_str(), O_WRONLY | O_CREAT, STDERR_FILENO);
        if (out == "-")
            close(STDOUT_FILENO);
        else
            redirect(out.c_str(), O_WRONLY | O_CREAT, STDOUT_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        throw std::runtime_error{"cannot run " HEATSIM_EXECUTABLE};
    Outcome outcome;
    constexpr int signal_base = 128;
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
    if (out_path.empty())
        outcome.out = content(out);
    outcome.err = content(err);
    return outcome;
}

std::string content(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace heatsim::cli
