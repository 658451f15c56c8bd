// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "network/layout.hpp"

namespace tokenyard::network {

// SimGrid's flows, its clock, and the one timer that wakes us.
class Flows {
 public:
  struct Calls {
    std::function<void(std::uint32_t tag, std::uint64_t bytes)> ended;  // a flow; only note it
    std::function<void()> settled;  // every flow that ends at this date is noted; start, wake
  };

  // Once a process; sets the latencies of all links to 0.
  Flows(const std::vector<std::string>& nodes, Calls calls);
  ~Flows();
  Flows(const Flows&) = delete;
  Flows& operator=(const Flows&) = delete;

  // Before run(): the links of `node`'s own, each in its direction, carry no more than this.
  // `cluster` is the node's, and flat; `other` is any other node.
  void limit(NodeIndex node, NodeIndex other, const std::string& cluster, BytesPerSecond most);

  // Whether the platform has a link of this name, or one in each direction.
  bool has_link(const std::string& name) const;
  // From within settled(): it carries this share of its bandwidth from now on.
  void degrade(const std::string& name, double share);

  // From within settled(): starts a flow at the clock's date. From and to differ; bytes above 0.
  void start(std::uint32_t tag, NodeIndex from, NodeIndex to, std::uint64_t bytes);
  std::size_t alive() const;
  std::uint64_t bytes_alive() const;  // of the flows that live, whole

  Instant clock() const;

  // Until when no flow is known to end, of those that have started: by a little less than that,
  // since SimGrid ends a flow early when its clock stops close to its end. Where flows end at the
  // clock's date, that date.
  Instant quiet_until();

  // Moves the timer: settled() is called when the clock has reached `date`, and whenever flows end.
  // Instant::never() takes it off.
  void wake_at(Instant date);

  // Until no flow lives and no timer is set.
  void run();

 private:
  struct Simgrid;
  std::unique_ptr<Simgrid> simgrid_;
};

}  // namespace tokenyard::network
