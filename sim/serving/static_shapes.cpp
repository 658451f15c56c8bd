// SPDX-License-Identifier: Apache-2.0
#include "serving/static_shapes.hpp"

#include <algorithm>

namespace tokenyard::serving {

std::int64_t StaticShapes::padded(const std::vector<std::int64_t>& buckets, std::int64_t size) {
  if (buckets.empty() || size == 0) return size;
  const auto at = std::lower_bound(buckets.begin(), buckets.end(), size);
  if (at != buckets.end()) return *at;
  return (size + buckets.back() - 1) / buckets.back() * buckets.back();
}

}  // namespace tokenyard::serving
