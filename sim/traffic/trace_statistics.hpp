// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "traffic/arrival_pattern.hpp"
#include "traffic/length_relation.hpp"
#include "traffic/prefix_reuse.hpp"
#include "traffic/token_counts.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::traffic {

struct LengthStatistics {
  static constexpr std::array<double, 8> shares = {0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};

  double mean = 0;
  std::array<double, shares.size()> quantiles{};  // by nearest rank
  double max = 0;
};

// What a trace is like, for a planner and for whoever describes traffic in its place.
struct TraceStatistics {
  std::uint64_t requests = 0;  // at least 1
  ArrivalStatistics arrivals;
  LengthStatistics prompt;
  LengthStatistics output;
  std::optional<LengthStatistics> max_tokens;  // of the requests that say it
  LengthRelationStatistics relation;
  std::vector<std::pair<std::string, std::uint64_t>> tenants;  // most requests first
  std::optional<PrefixStatistics> prefix;                      // if any request has pieces
  Tokens block;
  std::uint64_t sessions = 0;
  std::uint64_t turns = 0;  // requests of sessions
};

// Takes the rows of a trace in order of arrival, once. Memory does not grow with the rows but for
// the distinct blocks of prompts and the distinct sessions, at about 16 bytes each.
class TraceMeter final {
 public:
  explicit TraceMeter(Tokens block) : block_(block), reuse_(block) {}
  TraceMeter(const TraceMeter&) = delete;
  TraceMeter& operator=(const TraceMeter&) = delete;

  void add(const TraceRow& row);
  TraceStatistics finish() const;

 private:
  void add_tenant(std::string_view name);

  Tokens block_;
  std::uint64_t requests_ = 0;
  ArrivalPattern arrivals_;
  TokenCounts prompt_;
  TokenCounts output_;
  TokenCounts max_tokens_;
  LengthRelation relation_;
  std::map<std::string, std::uint64_t, std::less<>> tenants_;
  std::uint64_t* last_tenant_ = nullptr;  // most rows have the tenant of the row before
  std::string_view last_name_;
  PrefixReuse reuse_;
  bool has_pieces_ = false;
  NumberSet sessions_;
  std::uint64_t turns_ = 0;
};

}  // namespace tokenyard::traffic
