// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "results/attributes.hpp"
#include "results/cells.hpp"

namespace tokenyard::results {

// Reads a result file, which may be a stranger's, or damaged. Every error is a ConfigError of one
// line that names the file and the object. Links to other files, foreign filters and sizes that
// the file cannot hold are refused before HDF5 follows them.
class Reader final {
 public:
  struct Dataset {
    std::optional<Type> type;          // none: a text
    std::uint64_t rows = 0;            // of a column; of an array of several dimensions, its values
    std::vector<std::uint64_t> shape;  // lengths of the dimensions
    std::string unit;
    // Its values lie in other files: they are refused to those who ask for them here, and `rows`
    // is 0. h5py and xarray read them.
    bool is_virtual = false;
  };

  // Which links are looked at: all at once, or of each object those that lead to it when it is
  // asked for, which is a hundred times faster where little is asked of a file with many objects.
  enum class Look : std::uint8_t { at_everything, as_asked };

  explicit Reader(const std::string& path, Look look = Look::at_everything);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const std::string& path() const;

  bool has(const std::string& name) const;
  // Full names ("/pools/chat/power_w"), in byte order; only of a Reader that looks at everything.
  const std::vector<std::string>& datasets() const;
  const std::vector<std::string>& groups() const;

  Dataset dataset(const std::string& name) const;
  std::string text(const std::string& name) const;
  // A column, or an array with the last dimension fastest; integers beyond 2^53 are rounded.
  std::vector<double> numbers(const std::string& name) const;
  // Rows [first, first + rows) in the column's own type, of dataset(name).type.
  void read(const std::string& name, std::uint64_t first, std::size_t rows, void* to) const;

  // Shows all values of a dataset in their order, in its own type (a text as u1): in portions, but
  // an array of several dimensions, or a text, at once. Shows none of a virtual one.
  Dataset show(const std::string& name, const std::function<void(const Cells&)>& see) const;

  // Of a group ("/" is the root) or a dataset; none if it has no such attribute.
  std::optional<Attribute> attribute(const std::string& object, const std::string& name) const;

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace tokenyard::results
