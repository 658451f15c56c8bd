// SPDX-License-Identifier: Apache-2.0
#include "results/digest.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "config/errors.hpp"
#include "results/content.hpp"
#include "results/dataset.hpp"
#include "results/file.hpp"
#include "results/reader.hpp"

namespace tokenyard::results {

namespace {

Content content_of(const Reader& file, const std::string& name) {
  const Reader::Dataset dataset = file.dataset(name);
  ValuesHash hash;
  if (!dataset.type) {
    hash.add(file.text(name));
    return {"utf8", "", dataset.unit, hash.finish()};
  }
  const std::string type(results::name(*dataset.type));
  if (dataset.is_virtual) return {type, "", dataset.unit, ""};
  if (dataset.shape.size() > 1) {
    const std::vector<std::byte> values = file.values(name);
    hash.add(Cells(*dataset.type, values.data(), dataset.rows));
    return {type, text_of(dataset.shape), dataset.unit, hash.finish()};
  }
  std::vector<std::uint64_t> buffer(rows_per_chunk);
  for (std::uint64_t first = 0; first < dataset.rows; first += rows_per_chunk) {
    const auto rows =
        static_cast<std::size_t>(std::min<std::uint64_t>(dataset.rows - first, rows_per_chunk));
    file.read(name, first, rows, buffer.data());
    hash.add(Cells(*dataset.type, buffer.data(), rows));
  }
  return {type, text_of(dataset.shape), dataset.unit, hash.finish()};
}

std::string digest_of_file(const Reader& file) {
  std::map<std::string, Content> contents;
  for (const std::string& name : file.datasets()) contents[name] = content_of(file, name);
  return digest_of(contents);
}

[[noreturn]] void refuse(const Reader& file, const char* attribute, const std::string& text) {
  throw config::ConfigError(config::Mistake{file.path(), {}, attribute, text});
}

}  // namespace

std::string digest(const std::string& path) { return digest_of_file(Reader(path)); }

bool verify(const std::string& path) {
  const Reader file(path);
  const auto version = file.attribute("/", "format_version");
  const auto* number = version ? std::get_if<std::int64_t>(&*version) : nullptr;
  if (number == nullptr)
    refuse(file, "format_version", "is missing; only a file that Tokenyard wrote can be verified");
  if (*number < 1 || *number > format_version)
    refuse(file, "format_version",
           std::to_string(*number) + " is not known to this version; use a later one");
  const auto stored = file.attribute("/", "digest");
  const auto* text = stored ? std::get_if<std::string>(&*stored) : nullptr;
  if (text == nullptr)
    refuse(file, "digest", "is missing; only a file that Tokenyard wrote can be verified");
  return digest_of_file(file) == *text;
}

}  // namespace tokenyard::results
