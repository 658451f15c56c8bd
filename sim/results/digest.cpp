// SPDX-License-Identifier: Apache-2.0
#include "results/digest.hpp"

#include <map>

#include "config/errors.hpp"
#include "results/content.hpp"
#include "results/file.hpp"
#include "results/reader.hpp"

namespace tokenyard::results {

namespace {

Content content_of(const Reader& file, const std::string& name) {
  ValuesHash hash;
  const Reader::Dataset dataset =
      file.show(name, [&hash](const Cells& values) { hash.add(values); });
  const std::string values = dataset.is_virtual ? "" : hash.finish();
  if (!dataset.type) return {"utf8", "", dataset.unit, values};
  return {std::string(results::name(*dataset.type)), text_of(dataset.shape), dataset.unit, values};
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
