// SPDX-License-Identifier: Apache-2.0
#include "results/reader.hpp"

#include <hdf5.h>

#include <cstring>
#include <new>
#include <utility>

#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "results/dataset.hpp"
#include "results/disk.hpp"
#include "results/stored.hpp"

namespace tokenyard::results {

namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& object,
                         const std::string& text) {
  throw config::ConfigError(config::Mistake{file, {}, object, text});
}

// By the signature, which HDF5 looks for at 0, 512, 1024, ...; Tokenyard writes it at 0.
bool has_signature(Disk& disk) {
  constexpr char signature[] = "\211HDF\r\n\032\n";
  char start[8] = {};
  return disk.read(0, start, sizeof start) && std::memcmp(start, signature, sizeof start) == 0;
}

}  // namespace

struct Reader::File {
  template <class Calls>
  auto guarded(const std::string& object, Calls&& calls) const {
    try {
      return calls();
    } catch (const Hdf5Error& error) {
      refuse(path, object, std::string(error.what()) + "; write the file again");
    } catch (const std::bad_alloc&) {
      refuse(path, object, "does not fit in memory");
    } catch (const std::length_error&) {
      refuse(path, object, "does not fit in memory");
    }
  }

  explicit File(const std::string& name) : path(name), disk(open_to_read(name)) {
    silence();
    if (!disk.is_plain_file()) refuse(path, "", "is not a plain file; give a result file");
    if (!has_signature(disk)) refuse(path, "", "is not an HDF5 file; give a result file");
    guarded("", [&] {
      const Handle access = disk.access();
      file = Handle(H5Fopen("results", H5F_ACC_RDONLY, access.id()), H5Fclose,
                    "is damaged or cut short");
      listing = list_objects(file.id());
    });
  }

  std::string path;
  Disk disk;
  Handle file;
  Listing listing;
};

Reader::Reader(const std::string& path) : file_(std::make_unique<File>(path)) {}
Reader::~Reader() = default;

const std::string& Reader::path() const { return file_->path; }
const std::vector<std::string>& Reader::datasets() const { return file_->listing.datasets; }
const std::vector<std::string>& Reader::groups() const { return file_->listing.groups; }

Reader::Dataset Reader::dataset(const std::string& name) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), name);
    const std::uint64_t rows = stored.type ? stored.count : 0;
    const auto unit = read_attribute(stored.handle.id(), "units", file_->disk.size());
    const auto* text = unit ? std::get_if<std::string>(&*unit) : nullptr;
    return Dataset{stored.type, stored.is_virtual ? 0 : rows, stored.shape,
                   text != nullptr ? *text : "", stored.is_virtual};
  });
}

std::string Reader::text(const std::string& name) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), name);
    if (stored.type) throw Hdf5Error("is not a text");
    stored.check_held(0, 1, file_->disk.size());
    const Handle type = text_type(stored.value_bytes);
    std::string text(stored.value_bytes, '\0');
    check(H5Dread(stored.handle.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()),
          "cannot read the text");
    return without_padding(std::move(text));
  });
}

std::vector<double> Reader::numbers(const std::string& name) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), name);
    stored.need_numbers();
    stored.check_held(0, stored.count, file_->disk.size());
    std::vector<double> values(stored.count);
    if (!values.empty()) read_whole(stored.handle.id(), Type::f8, values.data());
    return values;
  });
}

void Reader::read(const std::string& name, std::uint64_t first, std::size_t rows, void* to) const {
  file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), name);
    stored.need_numbers();
    if (stored.shape.size() != 1) throw Hdf5Error("has several dimensions, where one is wanted");
    SIM_EXPECT(first <= stored.count && rows <= stored.count - first);
    stored.check_held(first, rows, file_->disk.size());
    read_rows(stored.handle.id(), first, rows, *stored.type, to);
  });
}

std::vector<std::byte> Reader::values(const std::string& name) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), name);
    stored.need_numbers();
    stored.check_held(0, stored.count, file_->disk.size());
    std::vector<std::byte> bytes(stored.count * stored.value_bytes);
    if (!bytes.empty()) read_whole(stored.handle.id(), *stored.type, bytes.data());
    return bytes;
  });
}

std::optional<Attribute> Reader::attribute(const std::string& object,
                                           const std::string& name) const {
  return file_->guarded(object, [&] {
    const Handle opened(H5Oopen(file_->file.id(), object.c_str(), H5P_DEFAULT), H5Oclose,
                        "cannot open it");
    return read_attribute(opened.id(), name, file_->disk.size());
  });
}

}  // namespace tokenyard::results
