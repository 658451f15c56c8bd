// SPDX-License-Identifier: Apache-2.0
#include "results/reader.hpp"

#include <hdf5.h>

#include <algorithm>
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

  File(const std::string& name, Look look) : path(name), disk(open_to_read(name)) {
    silence();
    if (!disk.is_plain_file()) refuse(path, "", "is not a plain file; give a result file");
    if (!has_signature(disk)) refuse(path, "", "is not an HDF5 file; give a result file");
    guarded("", [&] {
      const Handle access = disk.access();
      file = Handle(H5Fopen("results", H5F_ACC_RDONLY, access.id()), H5Fclose,
                    "is damaged or cut short");
      if (look == Look::at_everything) listing = list_objects(file.id());
    });
  }

  // For HDF5: an object that is reached by no link that leads elsewhere.
  const std::string& checked(const std::string& name) const {
    if (!listing) check_links(file.id(), name);
    return name;
  }

  Dataset description_of(const StoredDataset& stored) const {
    const auto unit = read_attribute(stored.handle.id(), "units", disk.size());
    const auto* text = unit ? std::get_if<std::string>(&*unit) : nullptr;
    return {stored.type, stored.type && !stored.is_virtual ? stored.count : 0, stored.shape,
            text != nullptr ? *text : "", stored.is_virtual};
  }

  std::string text_of(const StoredDataset& stored) const {
    stored.check_held(0, 1, disk.size());
    const Handle type = text_type(stored.value_bytes);
    std::string text(stored.value_bytes, '\0');
    check(H5Dread(stored.handle.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()),
          "cannot read the text");
    return without_padding(std::move(text));
  }

  std::string path;
  Disk disk;
  Handle file;
  std::optional<Listing> listing;
};

Reader::Reader(const std::string& path, Look look) : file_(std::make_unique<File>(path, look)) {}
Reader::~Reader() = default;

const std::string& Reader::path() const { return file_->path; }
const std::vector<std::string>& Reader::datasets() const {
  SIM_EXPECT(file_->listing.has_value());
  return file_->listing->datasets;
}
const std::vector<std::string>& Reader::groups() const {
  SIM_EXPECT(file_->listing.has_value());
  return file_->listing->groups;
}

bool Reader::has(const std::string& name) const {
  return file_->guarded(name, [&] { return check_links(file_->file.id(), name); });
}

Reader::Dataset Reader::dataset(const std::string& name) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), file_->checked(name));
    return file_->description_of(stored);
  });
}

std::string Reader::text(const std::string& name) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), file_->checked(name));
    if (stored.type) throw Hdf5Error("is not a text");
    return file_->text_of(stored);
  });
}

std::vector<double> Reader::numbers(const std::string& name) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), file_->checked(name));
    stored.need_numbers();
    stored.check_held(0, stored.count, file_->disk.size());
    std::vector<double> values(stored.count);
    if (!values.empty()) read_whole(stored.handle.id(), Type::f8, values.data());
    return values;
  });
}

void Reader::read(const std::string& name, std::uint64_t first, std::size_t rows, void* to) const {
  file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), file_->checked(name));
    stored.need_numbers();
    if (stored.shape.size() != 1) throw Hdf5Error("has several dimensions, where one is wanted");
    SIM_EXPECT(first <= stored.count && rows <= stored.count - first);
    stored.check_held(first, rows, file_->disk.size());
    read_rows(stored.handle.id(), first, rows, *stored.type, to);
  });
}

Reader::Dataset Reader::show(const std::string& name,
                             const std::function<void(const Cells&)>& see) const {
  return file_->guarded(name, [&] {
    const StoredDataset stored(file_->file.id(), file_->checked(name));
    if (!stored.type) {
      const std::string text = file_->text_of(stored);
      see(Cells(Type::u1, text.data(), text.size()));
    } else if (stored.shape.size() == 1) {
      // Short columns are many: a buffer for a whole chunk would take most of the time.
      std::vector<std::byte> buffer(std::min<std::uint64_t>(stored.count, rows_per_chunk) *
                                    stored.value_bytes);
      for (std::uint64_t first = 0; first < stored.count; first += rows_per_chunk) {
        const std::size_t rows = std::min<std::uint64_t>(stored.count - first, rows_per_chunk);
        stored.check_held(first, rows, file_->disk.size());
        read_rows(stored.handle.id(), first, rows, *stored.type, buffer.data());
        see(Cells(*stored.type, buffer.data(), rows));
      }
    } else if (!stored.is_virtual && stored.count > 0) {
      stored.check_held(0, stored.count, file_->disk.size());
      std::vector<std::byte> bytes(stored.count * stored.value_bytes);
      read_whole(stored.handle.id(), *stored.type, bytes.data());
      see(Cells(*stored.type, bytes.data(), stored.count));
    }
    return file_->description_of(stored);
  });
}

std::optional<Attribute> Reader::attribute(const std::string& object,
                                           const std::string& name) const {
  return file_->guarded(object, [&] {
    const Handle opened(H5Oopen(file_->file.id(), file_->checked(object).c_str(), H5P_DEFAULT),
                        H5Oclose, "cannot open it");
    return read_attribute(opened.id(), name, file_->disk.size());
  });
}

}  // namespace tokenyard::results
