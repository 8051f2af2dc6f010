// SPDX-License-Identifier: Apache-2.0
#include "inference/images.hpp"

#include "config/error.hpp"
#include "config/text_file.hpp"
#include "inference/binary_file.hpp"
#include "inference/idx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace heatsim::inference {

namespace fs = std::filesystem;

class ImageSet::Source {
  public:
    explicit Source(std::string name)
        : set_name{std::move(name)}
    {}
    virtual ~Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual Image image(std::size_t index) const = 0;
    [[nodiscard]] virtual std::string image_name(std::size_t index) const = 0;

    const std::string set_name;        ///< as it was opened
    std::vector<std::uint32_t> labels; ///< one per image, or none
};

namespace {

constexpr std::size_t max_file_bytes = std::size_t{1} << 30U;
constexpr const char* labels_name = "labels.csv";
constexpr const char* labels_header = "file,label";
constexpr std::string_view images_part = "images-idx3-ubyte";
constexpr std::string_view labels_part = "labels-idx1-ubyte";
constexpr std::string_view gzip_extension = ".gz";

/// A set that comes as a Debian package.
struct PackagedSet {
    const char* name;
    const char* package;
    const char* images; ///< below the folder of all sets
    const char* labels;
};

constexpr std::array<PackagedSet, 2> packaged_sets{
    {{"fashion_mnist_test", "dataset-fashion-mnist", "fashion-mnist/t10k-images-idx3-ubyte.gz",
      "fashion-mnist/t10k-labels-idx1-ubyte.gz"},
     {"fashion_mnist_train", "dataset-fashion-mnist", "fashion-mnist/train-images-idx3-ubyte.gz",
      "fashion-mnist/train-labels-idx1-ubyte.gz"}}};

[[noreturn]] void
refuse(const std::string& name, std::string found, std::string expected, std::string nearest = "")
{
    throw config::Error{
        {{name, 0, 0}, "", std::move(found), std::move(expected), std::move(nearest)}};
}

bool is_there(const fs::path& path)
{
    std::error_code ignored; // reading it says what is wrong
    return fs::exists(path, ignored);
}

class IdxSource : public ImageSet::Source {
  public:
    IdxSource(std::string name, IdxImages images)
        : Source{std::move(name)}
        , images_{std::move(images)}
    {}

    [[nodiscard]] std::size_t size() const override { return images_.size(); }
    [[nodiscard]] Image image(std::size_t index) const override { return images_.image(index); }
    [[nodiscard]] std::string image_name(std::size_t index) const override
    {
        return fmt::format("{}[{}]", set_name, index);
    }
    /// \throws config::Error where they are not as many as the images
    void read_labels(const std::string& path)
    {
        const auto read = parse_idx_labels(read_binary_file(path, max_file_bytes), path);
        if (read.size() != size())
            refuse(path, fmt::format("{} labels", read.size()),
                   fmt::format("{}: one per image of {}", size(), set_name));
        labels.assign(read.begin(), read.end());
    }

  private:
    IdxImages images_;
};

class FileSource : public ImageSet::Source {
  public:
    /// \param files at least 1
    FileSource(std::string name, std::vector<fs::path> files)
        : Source{std::move(name)}
        , files_{std::move(files)}
    {}

    [[nodiscard]] std::size_t size() const override { return files_.size(); }
    [[nodiscard]] Image image(std::size_t index) const override
    {
        const auto path = files_.at(index).string();
        return decode_image(read_binary_file(path, max_file_bytes), path);
    }
    [[nodiscard]] std::string image_name(std::size_t index) const override
    {
        return files_.at(index).filename().string();
    }
    /// Takes the labels of a file `file,label`. \throws config::Error where an image has none
    void read_labels(const std::string& path);

  private:
    std::vector<fs::path> files_; ///< of one folder, sorted
};

void FileSource::read_labels(const std::string& path)
{
    std::map<std::string, std::optional<std::uint32_t>> found;
    for (std::size_t i = 0; i < size(); ++i)
        found.emplace(image_name(i), std::nullopt);
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const auto& entry : found)
        names.push_back(entry.first);

    config::ViolationList violations{path};
    config::LineReader lines{path, violations};
    bool in_header = true;
    while (lines.next()) {
        const auto line = config::trimmed(lines.line());
        if (std::exchange(in_header, false)) {
            if (line.text != labels_header)
                violations.add(line, "", config::quoted(line.text), labels_header);
            continue;
        }
        const auto cells = config::split(line, ',');
        if (cells.size() != 2) {
            violations.add(line, "", config::quoted(line.text), "file,label: two values");
            continue;
        }
        const std::string name{cells[0].text};
        const auto label = config::to_number<std::uint32_t>(cells[1].text);
        const auto image = found.find(name);
        if (!label)
            violations.add(cells[1], "label", config::quoted(cells[1].text), "a class, from 0");
        if (image == found.end())
            violations.add(cells[0].line, cells[0].column, "file",
                           fmt::format("no image {}", config::quoted(name)), "a file of the folder",
                           config::nearest_name(name, names));
        else if (image->second)
            violations.add(cells[0], "file", fmt::format("{} twice", config::quoted(name)),
                           "each image once");
        else
            image->second = label.value_or(0);
    }
    if (in_header && !lines.failed())
        violations.add(0, 0, "", "empty", labels_header);
    violations.throw_if_any();
    for (const auto& [name, label] : found) {
        if (!label)
            violations.add(0, 0, "", fmt::format("no label of {}", config::quoted(name)),
                           "one of every image");
        else
            labels.push_back(*label); // both are sorted
    }
    violations.throw_if_any();
}

std::shared_ptr<const ImageSet::Source> open_packaged(const PackagedSet& set,
                                                      const fs::path& datasets)
{
    const auto images = datasets / set.images;
    const auto labels = datasets / set.labels;
    for (const auto& path : {images, labels})
        if (!is_there(path))
            refuse(set.name, fmt::format("there is no {}", path.string()),
                   fmt::format("the Debian package {}", set.package));
    auto source = std::make_shared<IdxSource>(
        set.name,
        IdxImages::parse(read_binary_file(images.string(), max_file_bytes), images.string()));
    source->read_labels(labels.string());
    return source;
}

bool has_image_extension(const fs::path& path)
{
    auto extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension == ".png" || extension == ".pgm" || extension == ".ppm";
}

std::shared_ptr<const ImageSet::Source> open_folder(const std::string& folder)
{
    std::vector<fs::path> files;
    config::ViolationList violations{folder};
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end;
         entry.increment(error)) {
        const auto& path = entry->path();
        const auto name = path.filename().string();
        if (config::starts_with(name, ".") || name == labels_name)
            continue;
        if (has_image_extension(path))
            files.push_back(path);
        else
            violations.add(0, 0, "", fmt::format("{} in the folder", config::quoted(name)),
                           "PNG, PGM and PPM files and labels.csv only");
    }
    if (error)
        refuse(folder, fmt::format("cannot be read: {}", error.message()), "");
    if (files.empty())
        violations.add(0, 0, "", "no image in the folder", "PNG, PGM or PPM files");
    violations.throw_if_any();
    std::sort(files.begin(), files.end());
    auto source = std::make_shared<FileSource>(folder, std::move(files));
    const auto labels = fs::path{folder} / labels_name;
    if (is_there(labels))
        source->read_labels(labels.string());
    return source;
}

/// `t10k-labels-idx1-ubyte.gz` beside `t10k-images-idx3-ubyte.gz`, compressed or not; empty where
/// there is none.
std::string labels_beside(const fs::path& images)
{
    auto name = images.filename().string();
    if (config::ends_with(name, gzip_extension))
        name.resize(name.size() - gzip_extension.size());
    if (!config::ends_with(name, images_part))
        return "";
    name.replace(name.size() - images_part.size(), images_part.size(), labels_part);
    for (const auto extension : {std::string_view{}, gzip_extension}) {
        const auto path = images.parent_path() / name.append(extension);
        if (is_there(path))
            return path.string();
    }
    return "";
}

std::shared_ptr<const ImageSet::Source> open_file(const std::string& path)
{
    auto bytes = read_binary_file(path, max_file_bytes);
    if (is_image_file(bytes))
        return std::make_shared<FileSource>(path, std::vector<fs::path>{path});
    constexpr std::string_view idx_start{"\0\0", 2};
    constexpr std::string_view gzip_start = "\x1f\x8b";
    if (!config::starts_with(bytes, idx_start) && !config::starts_with(bytes, gzip_start))
        refuse(path, "neither IDX nor PNG, PGM (P5) or PPM (P6)", "a file of images");
    auto source = std::make_shared<IdxSource>(path, IdxImages::parse(std::move(bytes), path));
    const auto labels = labels_beside(path);
    if (!labels.empty())
        source->read_labels(labels);
    return source;
}

} // namespace

ImageSet::ImageSet(std::shared_ptr<const Source> source)
    : source_{std::move(source)}
{}

ImageSet ImageSet::open(const std::string& set, const std::string& datasets)
{
    std::vector<std::string> names;
    for (const auto& packaged : packaged_sets) {
        if (packaged.name == set)
            return ImageSet{open_packaged(packaged, datasets)};
        names.emplace_back(packaged.name);
    }
    if (!is_there(set))
        refuse(set, "no such set, folder or file",
               fmt::format("{}, a folder of images, an IDX file or an image file",
                           fmt::join(names, ", ")),
               config::nearest_name(set, names));
    std::error_code ignored; // reading it says what is wrong
    return ImageSet{fs::is_directory(set, ignored) ? open_folder(set) : open_file(set)};
}

const std::string& ImageSet::name() const
{
    return source_->set_name;
}

std::size_t ImageSet::size() const
{
    return source_->size();
}

Image ImageSet::image(std::size_t index) const
{
    return source_->image(index);
}

std::optional<std::uint32_t> ImageSet::label(std::size_t index) const
{
    if (index >= size())
        throw std::out_of_range{fmt::format("label {} of {}", index, size())};
    if (source_->labels.empty())
        return std::nullopt;
    return source_->labels[index];
}

std::string ImageSet::image_name(std::size_t index) const
{
    if (index >= size())
        throw std::out_of_range{fmt::format("image {} of {}", index, size())};
    return source_->image_name(index);
}

} // namespace heatsim::inference
