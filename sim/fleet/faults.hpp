// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "core/random.hpp"

namespace tokenyard::fleet {

// What fails as one. The first six can fail at random, all but accelerators by a script.
enum class FaultScope : std::uint8_t {
  accelerator,
  node,
  rack,
  link,
  region,
  control_plane,
  cluster,
  pool,
  replica
};
inline constexpr std::array<std::string_view, 9> fault_scopes = {
    "accelerator", "node", "rack", "link", "region", "control-plane", "cluster", "pool", "replica"};
inline constexpr std::size_t random_fault_scopes = 6;

// Something that fails as one and is repaired as one.
struct Component {
  std::string name;  // "node aws/us-east-1/h100/3": names its random streams
  FaultScope scope = FaultScope::node;
  std::vector<std::uint32_t> replicas{};  // that stand still; numbers over all pools in their order
  std::vector<std::uint16_t> pools{};     // whose scaling and recovery freeze
  std::string link{};                     // a named link of the platform that degrades, or empty
  double share = 0;                       // what is left of its bandwidth
};

// How long a component lives and is away, at random.
struct Life {
  Duration between_failures{};    // mean, from the start or a repair on; 0 or infinite: never fails
  Duration repair{};              // mean
  std::optional<double> shape{};  // of a Weibull distribution of the time to failure
  bool fixed_repair = false;      // each takes the mean

  bool fails() const;
};

// Lives that many components have in common; the name is that of an entry of a profile.
struct FaultKind {
  std::string name;
  Life life;
};

struct FaultInput {
  struct Process {
    std::uint32_t component;
    std::uint32_t kind;
  };
  struct Outage {
    std::uint32_t component;
    Instant begin;
    Instant end;
  };

  std::vector<Component> components{};
  std::vector<FaultKind> kinds{};
  std::vector<Process> lives{};
  std::vector<Outage> scripted{};
  std::uint64_t seed = 0;
  std::uint64_t replication = 0;
};

struct FaultEvent {
  Instant date;
  bool begins = true;
  std::size_t component = 0;
  bool scripted = false;
};

// Says what fails and comes back when. What several kinds of faults and the script do to one
// component may overlap: it works when all that began has ended. Dates are drawn when the event
// before has come, each life from its own stream, so that no other changes them. Events of one date
// come ends first, then by the number of the component.
class FaultClock {
 public:
  explicit FaultClock(FaultInput input);

  Instant next() const;  // never: nothing more fails
  FaultEvent pop();      // of that date

  const std::vector<Component>& components() const { return input_.components; }
  const Component& component(std::size_t number) const { return input_.components[number]; }

 private:
  struct Random {
    RandomStream stream;
    std::uint32_t component;
    std::uint32_t kind;
  };
  struct Expected {
    double date;
    bool begins;
    std::uint32_t component;
    std::uint32_t source;  // of random_, then of the script
  };

  static bool later(const Expected& a, const Expected& b);
  void expect(const Expected& event);
  double time_to_failure(Random& random) const;
  double time_to_repair(Random& random) const;

  FaultInput input_;
  std::vector<double> scales_;  // by kind: of the distribution of the time to failure
  std::vector<Random> random_;
  std::vector<Expected> heap_;
};

}  // namespace tokenyard::fleet
