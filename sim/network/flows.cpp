// SPDX-License-Identifier: Apache-2.0
#include "network/flows.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/contracts.hpp"
#include "core/ids.hpp"
#include "network/simgrid_version.hpp"

namespace tokenyard::network {
namespace s4u = simgrid::s4u;
using simgrid::kernel::resource::Model;
using simgrid::kernel::timer::Timer;

namespace {

// The clock stops at every power of two on its way. It then never goes further than it has come,
// which makes SimGrid's clock + (date - clock) the date itself: otherwise it misses every 50th.
constexpr double first_milestone = 0x1p-40;  // a picosecond
constexpr double last_milestone = 0x1p60;    // longer than the universe

// SimGrid ends a flow when the clock is this near to its date: early, if events happen there. So
// it follows the clock, as 8 of its last bits: what differs only by rounding ends together.
constexpr double precision_of_milestone = 0x1p-50;

Model& network_model() {
  for (Model* model : s4u::Engine::get_instance()->get_all_models()) {
    if (model->get_name().starts_with("Network")) return *model;
  }
  contract_violation("expectation", "SimGrid has a network model", __FILE__, __LINE__);
}

// A node's own link to the switch of its cluster, by SimGrid's names: cluster_link_7, or
// cluster_link_7_UP and _DOWN. Not its limiter, which would bound both directions together.
bool is_own(const s4u::Link& link, const std::string& cluster) {
  const std::string name = link.get_name();
  return name.starts_with(cluster + "_link_") && !name.ends_with("_limiter");
}

// Those of a cluster's nodes on the route between two: the sender's comes first, the receiver's
// last.
std::vector<s4u::Link*> own_links(const s4u::Host& from, const s4u::Host& to,
                                  const std::string& cluster) {
  std::vector<s4u::Link*> links;
  double ignored = 0;
  from.route_to(&to, links, &ignored);
  std::erase_if(links, [&](const s4u::Link* link) { return !is_own(*link, cluster); });
  SIM_ENSURE(!links.empty());
  return links;
}

// A link that the file names: one, or one for each direction.
std::vector<s4u::Link*> links_named(const std::string& name) {
  std::vector<s4u::Link*> links;
  for (const char* direction : {"", "_UP", "_DOWN"}) {
    s4u::Link* link = s4u::Link::by_name_or_null(name + direction);
    if (link != nullptr) links.push_back(link);
  }
  return links;
}

}  // namespace

struct Flows::Simgrid {
  struct Slot {
    s4u::CommPtr flow;
    std::uint32_t tag = 0;
    std::uint64_t bytes = 0;
  };

  explicit Simgrid(Calls given) : calls(std::move(given)), model(&network_model()) {}

  Slot& open_slot();
  void on_end(const s4u::Activity& activity);
  void on_timer();
  void arm();
  void pass_milestones();
  // SimGrid fires timers before it reports what ended at the same date, but knows it then.
  bool all_reported() const { return model->get_finished_action_set()->empty(); }
  void settle() {
    pass_milestones();
    calls.settled();
  }

  Calls calls;
  Model* model;
  std::vector<s4u::Host*> hosts;  // by NodeIndex
  std::deque<Slot> slots;         // does not move them
  std::vector<Slot*> free_slots;
  std::map<std::string, double> whole;  // bandwidth of links that were degraded once
  s4u::CommPtr last_ended;              // a flow must outlive its own callback
  Timer* timer = nullptr;
  Instant wake = Instant::never();
  double milestone = 0;    // a power of two above the clock
  bool reporting = false;  // within the report of a flow's end
};

Flows::Flows(const std::vector<std::string>& nodes, Calls calls) {
  static bool taken = false;  // SimGrid's callbacks stay, so there is no second of these
  SIM_EXPECT(!taken);
  taken = true;
  const s4u::Engine& engine = *s4u::Engine::get_instance();
  simgrid_ = std::make_unique<Simgrid>(std::move(calls));
  simgrid_->hosts.reserve(nodes.size());
  for (const std::string& name : nodes) simgrid_->hosts.push_back(engine.host_by_name(name));
  for (s4u::Link* link : engine.get_all_links()) link->set_latency(0);
  s4u::Comm::on_completion_cb(
      [simgrid = simgrid_.get()](const s4u::Activity& activity) { simgrid->on_end(activity); });
  simgrid_->pass_milestones();
}

// After an exception flows may be alive, which SimGrid would complain about: the process is about
// to end, so they are left to it.
Flows::~Flows() {
  for (Simgrid::Slot& slot : simgrid_->slots) slot.flow.detach();
}

std::size_t Flows::alive() const { return simgrid_->slots.size() - simgrid_->free_slots.size(); }

std::uint64_t Flows::bytes_alive() const {
  std::uint64_t sum = 0;
  for (const Simgrid::Slot& slot : simgrid_->slots) sum += slot.flow ? slot.bytes : 0;
  return sum;
}

Instant Flows::clock() const { return Instant(s4u::Engine::get_clock()); }

Instant Flows::quiet_until() {
  if (alive() == 0) return Instant::never();
  const double clock = s4u::Engine::get_clock();
  if (simgrid_->reporting) return Instant(clock);  // what has ended still has its shares
  // Shares the links among what has started, as SimGrid is about to do at this date.
  const double left = simgrid_->model->next_occurring_event(clock);
  SIM_ASSERT(left >= 0);
  const double end = clock + left;
  return Instant(end - 4 * std::max(end, simgrid_->milestone) * precision_of_milestone);
}

void Flows::limit(NodeIndex node, NodeIndex other, const std::string& cluster,
                  BytesPerSecond most) {
  const s4u::Host& own = *simgrid_->hosts[index(node)];
  const s4u::Host& far = *simgrid_->hosts[index(other)];
  for (s4u::Link* link :
       {own_links(own, far, cluster).front(), own_links(far, own, cluster).back()}) {
    link->set_bandwidth(std::min(link->get_bandwidth(), most.value()));
  }
}

bool Flows::has_link(const std::string& name) const { return !links_named(name).empty(); }

void Flows::degrade(const std::string& name, double share) {
  for (s4u::Link* link : links_named(name)) {
    const auto whole = simgrid_->whole.try_emplace(link->get_name(), link->get_bandwidth()).first;
    link->set_bandwidth(whole->second * share);
  }
}

void Flows::start(std::uint32_t tag, NodeIndex from, NodeIndex to, std::uint64_t bytes) {
  SIM_EXPECT(from != to && bytes > 0);
  Simgrid::Slot& slot = simgrid_->open_slot();
  slot.tag = tag;
  slot.bytes = bytes;
  slot.flow = s4u::Comm::sendto_init(simgrid_->hosts[index(from)], simgrid_->hosts[index(to)]);
  slot.flow->set_data(&slot);
  slot.flow->set_payload_size(bytes);  // set_remaining() alone would send nothing
  slot.flow->start();
}

Flows::Simgrid::Slot& Flows::Simgrid::open_slot() {
  if (free_slots.empty()) return slots.emplace_back();
  Slot* slot = free_slots.back();
  free_slots.pop_back();
  return *slot;
}

void Flows::Simgrid::on_end(const s4u::Activity& activity) {
  SIM_ASSERT(activity.get_state() == s4u::Activity::State::FINISHED);
  auto* slot = activity.get_data<Slot>();
  SIM_ASSERT(slot->flow.get() == &activity);
  last_ended = std::move(slot->flow);
  free_slots.push_back(slot);
  calls.ended(slot->tag, slot->bytes);
  if (!all_reported()) return;
  reporting = true;
  settle();
  reporting = false;
}

void Flows::Simgrid::on_timer() {
  timer = nullptr;
  if (!all_reported()) return;  // the last of them settles
  if (s4u::Engine::get_clock() >= wake.value()) return settle();
  pass_milestones();
  arm();
}

void Flows::Simgrid::pass_milestones() {
  const double clock = s4u::Engine::get_clock();
  if (clock < milestone) return;
  milestone = std::max(milestone, first_milestone);
  while (milestone <= clock) milestone *= 2;
  SIM_ASSERT(milestone < last_milestone);  // or a flow is lost, and its end never comes
  s4u::Engine::set_config("surf/precision", milestone * precision_of_milestone);
}

void Flows::Simgrid::arm() {
  const double date = std::min(wake.value(), milestone);
  if (timer != nullptr && timer->get_date() == date) return;
  if (timer != nullptr) timer->remove();
  timer = Timer::set(date, [this] { on_timer(); });
}

void Flows::wake_at(Instant date) {
  simgrid_->wake = date;
  if (date != Instant::never() || alive() > 0) return simgrid_->arm();
  if (simgrid_->timer != nullptr) simgrid_->timer->remove();
  simgrid_->timer = nullptr;
}

void Flows::run() { s4u::Engine::get_instance()->run(); }

}  // namespace tokenyard::network
