#pragma once
#include <string>
#include <vector>
#include "core/quantity.hpp"
namespace tokenyard::fleet {
struct Component {
  std::string name;
  std::vector<std::uint32_t> replicas;
  std::vector<std::uint16_t> pools;
  std::string link;
  double share = 0;
};
struct FaultEvent {
  Instant date;
  bool begins;
  std::size_t component;
  bool scripted;
};
struct FaultInput {};
class FaultClock {
 public:
  explicit FaultClock(FaultInput) {}
  Instant next() const { return Instant::never(); }
  FaultEvent pop() { return {}; }
  const Component& component(std::size_t) const { return c_; }
  Component c_;
};
struct MaintenancePlan {
  Duration takes{};
  Duration patience{};
};
class MaintenanceCrew {
 public:
  explicit MaintenanceCrew(const MaintenancePlan& p) : p_(p) {}
  Instant next() const { return Instant::never(); }
  std::vector<std::uint32_t> begin(Instant) { return {}; }
  void returned(std::uint32_t, Instant) {}
  const MaintenancePlan& plan() const { return p_; }
  MaintenancePlan p_;
};
}  // namespace tokenyard::fleet
