// SPDX-License-Identifier: Apache-2.0
#include "network/transfers.hpp"

#include <algorithm>
#include <optional>

#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "core/ids.hpp"
#include "network/flows.hpp"
#include "network/platform.hpp"

namespace tokenyard::network {
namespace {

NodeIndex node(NodeRange range, std::uint32_t i) {
  return NodeIndex{static_cast<std::uint32_t>(index(range.first)) + i};
}

}  // namespace

Transfers::Transfers(const Platform& platform) : platform_(&platform) {
  Flows::Calls calls;
  calls.ended = [this](std::uint32_t tag, std::uint64_t bytes) {
    delivered_ += bytes;
    if (--parts_[tag] == 0) ended_.push_back(TransferId{tag});
  };
  calls.settled = [this] { settle(); };
  flows_ = std::make_unique<Flows>(platform.nodes(), std::move(calls));
}

Transfers::~Transfers() = default;

std::uint32_t Transfers::pairs(NodeRange from, NodeRange to) const {
  const std::size_t nodes = platform_->nodes().size();
  SIM_EXPECT(from.count > 0 && index(from.first) + from.count <= nodes);
  SIM_EXPECT(to.count > 0 && index(to.first) + to.count <= nodes);
  return std::min(from.count, to.count);
}

Duration Transfers::latency(NodeRange from, NodeRange to) const {
  Duration longest{};
  for (std::uint32_t i = 0, end = pairs(from, to); i < end; ++i) {
    longest = std::max(longest, platform_->latency(node(from, i), node(to, i)));
  }
  return longest;
}

BytesPerSecond Transfers::bandwidth(NodeRange from, NodeRange to) const {
  const std::uint32_t count = pairs(from, to);
  BytesPerSecond least = platform_->bandwidth(from.first, to.first);
  for (std::uint32_t i = 1; i < count; ++i) {
    least = std::min(least, platform_->bandwidth(node(from, i), node(to, i)));
  }
  return least * count;
}

void Transfers::limit(NodeIndex node, BytesPerSecond most) {
  SIM_EXPECT(agenda_ == nullptr && in_flight_ == 0 && flows_->clock() == Instant(0));
  SIM_EXPECT(index(node) < platform_->nodes().size() && most > BytesPerSecond(0));
  if (platform_->nodes().size() == 1) return;  // nothing can pass its link
  const Cluster& cluster = platform_->cluster_of(node);
  if (!cluster.flat) {
    throw config::ConfigError(config::Mistake{
        platform_->file(),
        {},
        "",
        "the nodes of " + config::in_quotes(cluster.name) +
            " have no links of their own to limit (it is not FLAT); write a flat cluster"});
  }
  const NodeIndex other{index(node) == 0 ? 1U : 0U};
  flows_->limit(node, other, cluster.name, most);
}

void Transfers::start(TransferId transfer, NodeRange from, NodeRange to, Bytes bytes) {
  SIM_EXPECT(handling_ && bytes.value() >= 0);
  const std::uint32_t count = pairs(from, to);
  if (index(transfer) >= parts_.size()) parts_.resize(index(transfer) + 1);
  std::uint32_t& parts = parts_[index(transfer)];
  SIM_EXPECT(parts == 0);
  const auto all = static_cast<std::uint64_t>(bytes.value());
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t part = all / count + (i < all % count ? 1 : 0);
    if (part == 0 || node(from, i) == node(to, i)) continue;
    waiting_.push_back({transfer, node(from, i), node(to, i), part});
    ++parts;
    sent_ += part;
  }
  if (parts == 0) at_once_.push_back(transfer);
  ++in_flight_;
}

bool Transfers::degrade(const std::string& link, double share) {
  SIM_EXPECT(handling_ && share > 0 && share <= 1);
  if (!flows_->has_link(link)) return false;
  degraded_.emplace_back(link, share);
  return true;
}

void Transfers::run(Agenda& agenda) {
  SIM_EXPECT(agenda_ == nullptr && in_flight_ == 0);
  agenda_ = &agenda;
  try {
    handle_events();
    wake_for_next();
    if (waits() || flows_->alive() > 0) flows_->run();
  } catch (...) {  // nothing can run again: a part of a flow is of no use to anyone
    lost_ = flows_->bytes_alive();
    for (const Part& part : waiting_) lost_ += part.bytes;
    throw;
  }
  SIM_ENSURE(in_flight_ == 0 && sent_ == delivered_ + lost_);
  agenda_ = nullptr;
}

// SimGrid's clock stands, and all flows that end at its date have been noted.
void Transfers::settle() {
  launch();
  deliver();
  handle_events();
  wake_for_next();
}

void Transfers::launch() {
  SIM_ASSERT(!waits() || flows_->clock() == now_);
  for (const auto& [link, share] : degraded_) flows_->degrade(link, share);
  degraded_.clear();
  for (const Part& part : waiting_) {
    flows_->start(static_cast<std::uint32_t>(part.transfer), part.from, part.to, part.bytes);
  }
  waiting_.clear();
}

void Transfers::deliver() {
  std::sort(ended_.begin(), ended_.end());  // SimGrid's order among equals is its own
  for (const TransferId transfer : ended_) {
    --in_flight_;
    agenda_->delivered(transfer, flows_->clock());
  }
  ended_.clear();
}

void Transfers::deliver_at_once() {
  for (const TransferId transfer : at_once_) {
    --in_flight_;
    agenda_->delivered(transfer, now_);
  }
  at_once_.clear();
}

// Handles events up to the clock's date, starts flows there, and handles those events beyond that
// come before any flow ends, up to one that starts another.
void Transfers::handle_events() {
  const Instant clock = flows_->clock();
  std::optional<Instant> quiet_until;
  for (Instant next = agenda_->next(); next != Instant::never(); next = agenda_->next()) {
    if (next > clock) {
      if (now_ == clock) launch();
      if (waits()) break;
      if (!quiet_until) quiet_until = flows_->quiet_until();
      if (next >= *quiet_until) break;
    }
    SIM_ASSERT(next >= now_);
    now_ = next;
    handling_ = true;
    agenda_->step();
    handling_ = false;
    deliver_at_once();
  }
  if (now_ == clock) launch();
}

void Transfers::wake_for_next() { flows_->wake_at(waits() ? now_ : agenda_->next()); }

}  // namespace tokenyard::network
