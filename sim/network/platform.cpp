// SPDX-License-Identifier: Apache-2.0
#include "network/platform.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "core/contracts.hpp"
#include "core/ids.hpp"
#include "core/sha256.hpp"
#include "network/platform_file.hpp"
#include "network/precheck.hpp"
#include "network/probe.hpp"
#include "network/refusal.hpp"
#include "network/simgrid_version.hpp"

namespace tokenyard::network {
namespace s4u = simgrid::s4u;

// SimGrid's side of a platform.
struct Platform::Routes {
  std::vector<s4u::Host*> hosts;  // by NodeIndex
  // The file's latencies. Kept here because links lose theirs once transfers run: with unequal
  // latencies SimGrid's shares of bandwidth are not max-min.
  std::map<const s4u::Link*, double> latencies;

  // By two clusters: what lies between their nodes, once it has been asked for. Negative: not yet.
  std::vector<double> between_clusters;

  static std::unique_ptr<Routes> load(const std::string& text, const Layout& layout);
  double latency(const s4u::Host& from, const s4u::Host& to) const;
  double bandwidth(const s4u::Host& from, const s4u::Host& to) const;
  void check(const Layout& layout) const;
};

namespace {

// SimGrid takes these for itself; afterwards they are again as they were.
class ProcessState {
 public:
  ProcessState() {
    for (std::size_t i = 0; i < signals.size(); ++i) {
      ::sigaction(signals[i], nullptr, &actions_[i]);
    }
  }
  ~ProcessState() {
    for (std::size_t i = 0; i < signals.size(); ++i) {
      ::sigaction(signals[i], &actions_[i], nullptr);
    }
    std::set_terminate(terminate_);
  }
  ProcessState(const ProcessState&) = delete;
  ProcessState& operator=(const ProcessState&) = delete;

 private:
  static constexpr std::array<int, 3> signals{SIGINT, SIGSEGV, SIGBUS};
  std::array<struct sigaction, 3> actions_{};
  std::terminate_handler terminate_ = std::get_terminate();
};

// Exact max-min sharing of bandwidth; nothing about TCP.
constexpr std::array<const char*, 6> settings{
    "network/model:CM02", "network/TCP-gamma:0",      "network/crosstraffic:0",
    "network/weight-S:0", "network/latency-factor:1", "network/bandwidth-factor:1",
};

// The least that SimGrid takes: no clusters, whose nodes would each add links. 17 digits say a
// double exactly.
constexpr char two_nodes[] = R"xml(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="pair" routing="Full">
    <host id="a" speed="1Gf"/>
    <host id="b" speed="1Gf"/>
    <link id="a-b" bandwidth="%.17gBps" latency="%.17gs"/>
    <route src="a" dst="b">
      <link_ctn id="a-b"/>
    </route>
  </zone>
</platform>
)xml";

// The engine belongs to the process: SimGrid keeps a pointer to it and aborts on a second one even
// after the first is gone.
s4u::Engine& start_engine() {
  SIM_EXPECT(!s4u::Engine::has_instance());
  xbt_log_control_set("root.thresh:warning");
  // At exit SimGrid would take itself apart, with timers that are already gone by then.
  std::string name = "tokenyard";
  std::string setting_of_exit = "--cfg=debug/clean-atexit:no";
  std::array<char*, 3> words{name.data(), setting_of_exit.data(), nullptr};
  int count = 2;
  auto* engine = new s4u::Engine(&count, words.data());
  for (const char* setting : settings) s4u::Engine::set_config(setting);  // needs the engine
  return *engine;
}

}  // namespace

// A platform file without mistakes.
struct Platform::Checked {
  PlatformFile source;
  Layout layout;
};

std::unique_ptr<Platform::Routes> Platform::Routes::load(const std::string& text,
                                                         const Layout& layout) {
  const ProcessState kept;
  const s4u::Engine& engine = start_engine();
  const MemoryFile file(text);
  engine.load_platform(file.path());
  engine.seal_platform();  // routes between zones throw before
  auto routes = std::make_unique<Routes>();
  routes->hosts.reserve(layout.nodes.size());
  for (const std::string& name : layout.nodes) routes->hosts.push_back(engine.host_by_name(name));
  SIM_ENSURE(engine.get_host_count() == layout.nodes.size());
  routes->between_clusters.assign(layout.clusters.size() * layout.clusters.size(), -1);
  for (const s4u::Link* link : engine.get_all_links()) {
    routes->latencies.emplace(link, link->get_latency());
  }
  return routes;
}

double Platform::Routes::latency(const s4u::Host& from, const s4u::Host& to) const {
  if (&from == &to) return 0;  // SimGrid's route goes out to the switch and back
  std::vector<s4u::Link*> links;
  double ignored = 0;
  from.route_to(&to, links, &ignored);
  double seconds = 0;
  for (const s4u::Link* link : links) seconds += latencies.at(link);
  return seconds;
}

double Platform::Routes::bandwidth(const s4u::Host& from, const s4u::Host& to) const {
  double narrowest = std::numeric_limits<double>::infinity();
  if (&from == &to) return narrowest;
  std::vector<s4u::Link*> links;
  double ignored = 0;
  from.route_to(&to, links, &ignored);
  for (const s4u::Link* link : links) narrowest = std::min(narrowest, link->get_bandwidth());
  return narrowest;
}

// Asks for a route between any two clusters: 3.32 throws, aborts or crashes where there is none.
void Platform::Routes::check(const Layout& layout) const {
  std::fputs("looking for the routes between clusters:\n", stderr);  // if the next crashes
  const auto ask = [&](std::uint32_t from, std::uint32_t to) { latency(*hosts[from], *hosts[to]); };
  for (const Cluster& from : layout.clusters) {
    ask(from.first_node, from.first_node + from.nodes - 1);
    for (const Cluster& to : layout.clusters) ask(from.first_node, to.first_node);
  }
}

Platform::Checked Platform::checked(PlatformFile source) {
  SIM_EXPECT(!s4u::Engine::has_instance());
  config::Mistakes mistakes;
  Checked found{std::move(source), {}};
  found.layout = precheck(found.source, mistakes);
  mistakes.throw_if_any();
  const auto failure = probe([&] {
    xbt_log_control_set("root.fmt:%m%n");
    Routes::load(found.source.text, found.layout)->check(found.layout);
  });
  if (failure) throw config::ConfigError(refusal(found.source.file, *failure));
  return found;
}

void Platform::check(const std::string& path, config::Mistakes& mistakes) {
  if (auto source = read_platform_file(path, mistakes)) check(*std::move(source), mistakes);
}

void Platform::check(PlatformFile source, config::Mistakes& mistakes) {
  try {
    checked(std::move(source));
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) mistakes.add(mistake);
  }
}

Platform Platform::load(const std::string& path) {
  SIM_EXPECT(!s4u::Engine::has_instance());
  config::Mistakes mistakes;
  auto source = read_platform_file(path, mistakes);
  mistakes.throw_if_any();
  return load(*std::move(source));
}

Platform Platform::load(PlatformFile source) {
  Checked found = checked(std::move(source));
  auto routes = Routes::load(found.source.text, found.layout);
  return {found.source.file, sha256_hex(found.source.text), std::move(found.layout),
          std::move(routes)};
}

Platform Platform::link(Duration latency, BytesPerSecond bandwidth) {
  SIM_EXPECT(std::isfinite(latency.value()) && latency.value() >= 0);
  SIM_EXPECT(std::isfinite(bandwidth.value()) && bandwidth.value() > 0);
  std::array<char, 512> text{};
  const int size =
      std::snprintf(text.data(), text.size(), two_nodes, bandwidth.value(), latency.value());
  SIM_ASSERT(size > 0 && static_cast<std::size_t>(size) < text.size());
  Layout layout{{{"pair", "pair", "node", 0, 2, false}}, {"a", "b"}};
  auto routes = Routes::load(text.data(), layout);
  return {"two nodes", sha256_hex(text.data()), std::move(layout), std::move(routes)};
}

Platform::Platform(std::string file, std::string sha256, Layout layout,
                   std::unique_ptr<Routes> routes)
    : file_(std::move(file)),
      sha256_(std::move(sha256)),
      layout_(std::move(layout)),
      routes_(std::move(routes)) {}

Platform::Platform(Platform&&) noexcept = default;
Platform& Platform::operator=(Platform&&) noexcept = default;
Platform::~Platform() = default;

const Cluster* Platform::cluster(std::string_view name) const {
  const auto found = std::find_if(clusters().begin(), clusters().end(),
                                  [&](const Cluster& cluster) { return cluster.name == name; });
  return found == clusters().end() ? nullptr : &*found;
}

const Cluster& Platform::cluster_of(NodeIndex node) const {
  SIM_EXPECT(index(node) < nodes().size());
  const auto after = std::upper_bound(
      clusters().begin(), clusters().end(), index(node),
      [](std::size_t number, const Cluster& cluster) { return number < cluster.first_node; });
  return *std::prev(after);
}

BytesPerSecond Platform::bandwidth(NodeIndex from, NodeIndex to) const {
  SIM_EXPECT(index(from) < nodes().size() && index(to) < nodes().size());
  return BytesPerSecond(
      routes_->bandwidth(*routes_->hosts[index(from)], *routes_->hosts[index(to)]));
}

// The nodes of a flat cluster are all alike, so one route is asked for between two clusters.
Duration Platform::latency(NodeIndex from, NodeIndex to) const {
  SIM_EXPECT(index(from) < nodes().size() && index(to) < nodes().size());
  if (from == to) return Duration(0);
  const auto ask = [&] {
    return routes_->latency(*routes_->hosts[index(from)], *routes_->hosts[index(to)]);
  };
  const Cluster& a = cluster_of(from);
  const Cluster& b = cluster_of(to);
  if (!a.flat || !b.flat) return Duration(ask());
  const auto number = [&](const Cluster& c) {
    return static_cast<std::size_t>(&c - clusters().data());
  };
  double& known = routes_->between_clusters[number(a) * clusters().size() + number(b)];
  if (known < 0) known = ask();
  return Duration(known);
}

}  // namespace tokenyard::network
