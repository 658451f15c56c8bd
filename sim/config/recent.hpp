// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace tokenyard::config {

// What was made last of some contents, to be had again for the same contents: a process that reads
// the scenarios of a thousand points parses each file once. For several threads at once.
template <class Made>
class Recent final {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  // `key` says all that the result depends on. What `make` throws is not kept.
  template <class Make>
  std::shared_ptr<const Made> get(const std::string& key, Make&& make) {
    if (auto known = find(key)) return known;
    return keep(key, make());
  }

  // Or null.
  std::shared_ptr<const Made> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    for (auto at = kept_.begin(); at != kept_.end(); ++at) {
      if (at->first != key) continue;
      kept_.splice(kept_.begin(), kept_, at);
      return kept_.front().second;
    }
    return nullptr;
  }

  std::shared_ptr<const Made> keep(const std::string& key, Made made) {
    auto kept = std::make_shared<const Made>(std::move(made));
    const std::lock_guard lock(mutex_);
    kept_.emplace_front(key, kept);
    if (kept_.size() > most_) kept_.pop_back();
    return kept;
  }

 private:
  std::size_t most_;
  std::mutex mutex_;
  std::list<std::pair<std::string, std::shared_ptr<const Made>>> kept_;  // used last: first
};

}  // namespace tokenyard::config
