// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/quantity.hpp"
#include "network/layout.hpp"

namespace tokenyard::network {

class Flows;
class Platform;

// Chosen by the caller and free again after delivery: dense small numbers.
enum class TransferId : std::uint32_t {};

struct NodeRange {
  NodeIndex first{};
  std::uint32_t count = 1;
};

// What runs beside the flows: the calendar of the simulation.
class Agenda {
 public:
  virtual ~Agenda() = default;

  // The date of its next event; Instant::never() when there is none.
  virtual Instant next() const = 0;

  // Handles the next event. May start transfers.
  virtual void step() = 0;

  // Only notes it, as an event of phase `delivery` at `date`. All transfers that end at a date are
  // noted before any event of that date is handled, so the phases order what is simultaneous.
  virtual void delivered(TransferId transfer, Instant date) = 0;
};

// Bulk transfers over the platform: flows that share its links max-min, beside an agenda.
class Transfers {
 public:
  // Once a process. Every link's latency becomes 0: SimGrid shares exactly only then.
  explicit Transfers(const Platform& platform);
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // The largest latency among the node pairs of a transfer. The caller lets it pass before start().
  Duration latency(NodeRange from, NodeRange to) const;

  // Of the narrowest link between them, for all node pairs together; infinite within a node.
  BytesPerSecond bandwidth(NodeRange from, NodeRange to) const;

  // Before run(): what `node` sends passes no faster than this, and so does what it receives. A
  // limit above the file's changes nothing; of several the least counts. Platform::bandwidth
  // follows. Throws ConfigError where nodes have no link of their own (a torus).
  void limit(NodeIndex node, BytesPerSecond most);

  // Starts flows at the date of the event being handled: `bytes` in equal parts (to
  // the byte) over min(from.count, to.count) node pairs, delivered with the last of them. What
  // stays within a node passes no link.
  void start(TransferId transfer, NodeRange from, NodeRange to, Bytes bytes);

  // Transfers that have started and are not delivered.
  std::size_t in_flight() const { return in_flight_; }

  // Bytes that were to pass links, that have, and that an exception out of run() left on their way:
  // the first is always the sum of the others and of what is in flight.
  std::uint64_t sent() const { return sent_; }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t lost() const { return lost_; }

  // From within Agenda::step(): the named link of the platform carries this share of its bandwidth
  // from the date of that event on, in each direction. True if there is such a link.
  bool degrade(const std::string& link, double share);

  // Handles the agenda and the flows until neither has anything left. What step() or delivered()
  // throws comes out of here, and leaves nothing that could run again.
  void run(Agenda& agenda);

 private:
  struct Part {
    TransferId transfer;
    NodeIndex from;
    NodeIndex to;
    std::uint64_t bytes;
  };

  std::uint32_t pairs(NodeRange from, NodeRange to) const;
  void settle();
  void launch();
  void deliver();
  void handle_events();
  void deliver_at_once();
  bool waits() const { return !waiting_.empty() || !degraded_.empty(); }
  void wake_for_next();

  const Platform* platform_;
  std::unique_ptr<Flows> flows_;
  Agenda* agenda_ = nullptr;
  bool handling_ = false;
  Instant now_;                // of the event being handled
  std::size_t in_flight_ = 0;  // transfers
  std::uint64_t sent_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t lost_ = 0;
  std::vector<std::uint32_t> parts_;                      // by transfer, those on their way
  std::vector<Part> waiting_;                             // for SimGrid's clock to reach now_
  std::vector<std::pair<std::string, double>> degraded_;  // links and shares, likewise
  std::vector<TransferId> at_once_;                       // those that pass no link
  std::vector<TransferId> ended_;                         // whose last part ended at this date
};

}  // namespace tokenyard::network
