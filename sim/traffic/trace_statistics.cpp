// SPDX-License-Identifier: Apache-2.0
#include "traffic/trace_statistics.hpp"

#include <algorithm>

#include "core/contracts.hpp"

namespace tokenyard::traffic {
namespace {

LengthStatistics lengths(const TokenCounts& counts) {
  LengthStatistics s;
  s.mean = counts.mean();
  s.max = counts.max();
  for (std::size_t i = 0; i < s.quantiles.size(); ++i) {
    s.quantiles[i] = counts.quantile(LengthStatistics::shares[i]);
  }
  return s;
}

}  // namespace

void TraceMeter::add(const TraceRow& row) {
  ++requests_;
  arrivals_.add(row.arrival_s);
  prompt_.add(row.prompt);
  output_.add(row.output);
  if (row.max_tokens > Tokens(0)) max_tokens_.add(row.max_tokens);
  relation_.add(row.prompt, row.output);
  add_tenant(row.tenant);
  reuse_.add(row.prompt, row.pieces);
  has_pieces_ = has_pieces_ || !row.pieces.empty();
  if (row.session == 0) return;
  sessions_.insert(row.session);
  ++turns_;
}

void TraceMeter::add_tenant(std::string_view name) {
  if (last_tenant_ == nullptr || name != last_name_) {
    auto place = tenants_.find(name);
    if (place == tenants_.end()) place = tenants_.emplace(name, 0).first;
    last_name_ = place->first;
    last_tenant_ = &place->second;
  }
  ++*last_tenant_;
}

TraceStatistics TraceMeter::finish() const {
  SIM_EXPECT(requests_ >= 1);
  TraceStatistics s;
  s.requests = requests_;
  s.arrivals = arrivals_.finish();
  s.prompt = lengths(prompt_);
  s.output = lengths(output_);
  if (max_tokens_.count() > 0) s.max_tokens = lengths(max_tokens_);
  s.relation = relation_.finish();
  s.tenants.assign(tenants_.begin(), tenants_.end());
  std::stable_sort(s.tenants.begin(), s.tenants.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (has_pieces_) s.prefix = reuse_.finish();
  s.block = block_;
  s.sessions = sessions_.size();
  s.turns = turns_;
  return s;
}

}  // namespace tokenyard::traffic
