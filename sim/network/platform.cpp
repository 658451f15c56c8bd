// SPDX-License-Identifier: Apache-2.0
#include "network/platform.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <unordered_map>
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
  std::unordered_map<const s4u::Link*, double> latencies;

  static std::unique_ptr<Routes> load(const std::string& text, const Layout& layout);
  double latency(const s4u::Host& from, const s4u::Host& to) const;
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

// The engine belongs to the process: SimGrid keeps a pointer to it and aborts on a second one even
// after the first is gone.
s4u::Engine& start_engine() {
  SIM_EXPECT(!s4u::Engine::has_instance());
  xbt_log_control_set("root.thresh:warning");
  auto* engine = new s4u::Engine("tokenyard");
  for (const char* setting : settings) s4u::Engine::set_config(setting);  // needs the engine
  return *engine;
}

void probe_routes(const Layout& layout, const std::string& text);

}  // namespace
