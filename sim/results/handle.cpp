// SPDX-License-Identifier: Apache-2.0
#include "results/handle.hpp"

#include <hdf5.h>

#include <type_traits>

namespace tokenyard::results {

static_assert(std::is_same_v<hid_t, std::int64_t> && std::is_same_v<herr_t, int>);

namespace {

// The innermost entry says what went wrong, the outer ones only repeat it.
herr_t keep_innermost(unsigned depth, const H5E_error2_t* error, void* text) noexcept {
  try {
    if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(text) = error->desc;
  } catch (...) {
    return -1;
  }
  return 0;
}

}  // namespace

void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

void check(std::int64_t status, const char* what) {
  if (status >= 0) return;
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason);
  throw Hdf5Error(reason.empty() ? what : std::string(what) + " (" + reason + ")");
}

Handle::Handle(std::int64_t id, Close closing, const char* what) : id_(id), close_(closing) {
  check(id, what);
}

bool Handle::close() noexcept {
  if (id_ < 0) return true;
  return close_(std::exchange(id_, -1)) >= 0;
}

}  // namespace tokenyard::results
