// SPDX-License-Identifier: Apache-2.0
// HDF5's virtual file driver over Disk: its callbacks, and the property list that selects it.
#include <hdf5.h>
#if H5_VERSION_GE(1, 13, 2)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <functional>
#include <new>

#include "results/disk.hpp"

namespace tokenyard::results {

namespace {

struct Chosen {
  Disk* disk;
};

// HDF5 keeps its own fields first and hands back a pointer to them.
struct OpenDisk {
  H5FD_t base;
  Disk* disk;
  haddr_t end_of_allocated;
  haddr_t end_of_file;
  bool writable;
};

OpenDisk& own(H5FD_t* file) { return *reinterpret_cast<OpenDisk*>(file); }
const OpenDisk& own(const H5FD_t* file) { return *reinterpret_cast<const OpenDisk*>(file); }

H5FD_t* open_disk(const char*, unsigned flags, hid_t access, haddr_t) {
  const auto* chosen = static_cast<const Chosen*>(H5Pget_driver_info(access));
  if (chosen == nullptr) return nullptr;
  auto* file = new (std::nothrow) OpenDisk{};
  if (file == nullptr) return nullptr;
  file->disk = chosen->disk;
  if ((flags & H5F_ACC_TRUNC) != 0) file->disk->resize(0);
  file->end_of_file = file->disk->size();
  file->writable = (flags & H5F_ACC_RDWR) != 0;
  return &file->base;
}

herr_t close_disk(H5FD_t* file) {
  delete &own(file);
  return 0;
}

int compare(const H5FD_t* a, const H5FD_t* b) {
  const std::less<const Disk*> before;
  if (before(own(a).disk, own(b).disk)) return -1;
  return before(own(b).disk, own(a).disk) ? 1 : 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t end_of_allocated(const H5FD_t* file, H5FD_mem_t) { return own(file).end_of_allocated; }

herr_t set_end_of_allocated(H5FD_t* file, H5FD_mem_t, haddr_t at) {
  own(file).end_of_allocated = at;
  return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) { return own(file).end_of_file; }

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, size_t bytes, void* to) {
  return own(file).disk->read(at, to, bytes) ? 0 : -1;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, size_t bytes, const void* from) {
  if (!own(file).disk->write(at, from, bytes)) return -1;
  own(file).end_of_file = std::max(own(file).end_of_file, at + bytes);
  return 0;
}

herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
  OpenDisk& open = own(file);
  if (!open.writable || open.end_of_allocated == open.end_of_file) return 0;
  open.disk->resize(open.end_of_allocated);
  open.end_of_file = open.end_of_allocated;
  return 0;
}

H5FD_class_t callbacks() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 2)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(512);  // the first value for experiments
#endif
  driver.name = "tokenyard-disk";
  driver.maxaddr = (haddr_t{1} << 63) - 1;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(Chosen);
  driver.open = open_disk;
  driver.close = close_disk;
  driver.cmp = compare;
  driver.query = query;
  driver.get_eoa = end_of_allocated;
  driver.set_eoa = set_end_of_allocated;
  driver.get_eof = end_of_file;
  driver.read = read;
  driver.write = write;
  driver.truncate = truncate;
  constexpr H5FD_mem_t separately[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(separately), std::end(separately), driver.fl_map);
  return driver;
}

}  // namespace

Handle Disk::access() {
  static const H5FD_class_t driver = callbacks();
  static const hid_t id = H5FDregister(&driver);
  check(id, "cannot register a file driver");
  Handle list(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "cannot create a property list");
  const Chosen chosen{this};
  check(H5Pset_driver(list.id(), id, &chosen), "cannot choose a file driver");
  check(H5Pset_fclose_degree(list.id(), H5F_CLOSE_STRONG), "cannot set the closing");
  return list;
}

}  // namespace tokenyard::results
