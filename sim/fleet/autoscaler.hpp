// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::fleet {

// What an autoscaler sees of its pool when it looks.
struct ScalingView {
  std::int64_t present = 0;    // replicas that serve, load or are provisioned
  std::int64_t requests = 0;   // at them, waiting or running, and on their way
  std::int64_t waiting = 0;    // of these
  std::int64_t sequences = 1;  // that a replica may run at once
  std::int64_t judged = 0;     // requests that were answered since the look before
  std::int64_t met = 0;        // of these, within all limits of their SLO class
};

// So many replicas from this time of the day on.
struct ScheduledReplicas {
  Duration at;  // after 00:00 UTC
  std::int64_t replicas = 0;
};

struct AutoscalePlan;

// How many replicas a policy wants, before the bounds and the cool-downs.
struct AutoscalerEntry {
  std::string_view name;
  std::string_view summary;
  std::int64_t (*wanted)(const AutoscalePlan& plan, const ScalingView& view, Duration time_of_day);
};

// The one list of autoscaling policies: it feeds the schema, `tokenyard list` and the errors.
std::span<const AutoscalerEntry> autoscalers();

struct AutoscalePlan {
  const AutoscalerEntry* policy = nullptr;
  // target-utilisation: share of the sequences; queue-length: waiting requests a replica; slo:
  // share of requests within their limits.
  double target = 0;
  double tolerance = 0.1;  // of the target, within which nothing changes
  std::int64_t least = 1;
  std::int64_t most = 1;
  Duration every{30};                       // between looks
  Duration cool_down{300};                  // after any change, before replicas are taken away
  Duration cool_down_up{0};                 // after any change, before more are added
  Duration provisioning{0};                 // until the nodes of a new replica are there
  std::vector<ScheduledReplicas> schedule;  // by time of the day
  Duration time_of_day;                     // at second 0
};

// Decides how many replicas a pool shall have, look by look. Decides only.
class Autoscaler {
 public:
  explicit Autoscaler(const AutoscalePlan& plan) : plan_(plan) {}

  const AutoscalePlan& plan() const { return plan_; }
  // The number wanted from `now` on: within the bounds, `view.present` while a cool-down lasts.
  std::int64_t decide(const ScalingView& view, Instant now);

 private:
  AutoscalePlan plan_;
  Instant changed_;  // when it last asked for another number
  bool has_changed_ = false;
};

}  // namespace tokenyard::fleet
