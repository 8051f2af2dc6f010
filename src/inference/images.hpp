// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/image.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace heatsim::inference {

/// Images in order, with labels where they are known. Opened once; an image is decoded when it is
/// asked for. Copies share what they read.
class ImageSet {
  public:
    /// \param set one of
    ///   - `fashion_mnist_test`, `fashion_mnist_train`: 10,000 and 60,000 gray images of 28×28
    ///     pixels of Debian's package dataset-fashion-mnist, with labels;
    ///   - an IDX file of images, plain or gzip. Beside a file `...-images-idx3-ubyte[.gz]` the
    ///   file
    ///     `...-labels-idx1-ubyte[.gz]` is read too, if it is there;
    ///   - a folder of PNG, PGM and PPM files, sorted by name, and nothing else but hidden files
    ///   and
    ///     `labels.csv`: a line `file,label` and one such line per image;
    ///   - one such image file.
    /// \param datasets folder of the sets that come as Debian packages
    /// \throws config::Error
    [[nodiscard]] static ImageSet open(const std::string& set,
                                       const std::string& datasets = "/usr/share/datasets");

    /// As it was opened.
    [[nodiscard]] const std::string& name() const;
    /// At least 1.
    [[nodiscard]] std::size_t size() const;
    /// \throws config::Error where the image's file is damaged; std::out_of_range
    [[nodiscard]] Image image(std::size_t index) const;
    /// Class of the image, from 0. \throws std::out_of_range
    [[nodiscard]] std::optional<std::uint32_t> label(std::size_t index) const;
    /// `fashion_mnist_test[17]`, or the name of its file without folders. \throws std::out_of_range
    [[nodiscard]] std::string image_name(std::size_t index) const;

    /// Where the images come from.
    class Source;

  private:
    explicit ImageSet(std::shared_ptr<const Source> source);

    std::shared_ptr<const Source> source_;
};

} // namespace heatsim::inference
