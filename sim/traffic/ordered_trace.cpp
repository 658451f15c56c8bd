// SPDX-License-Identifier: Apache-2.0
#include "traffic/ordered_trace.hpp"

#include <algorithm>
#include <utility>

namespace tokenyard::traffic {
namespace {

void note(const TraceRow& row, TraceContents& contents) {
  if (contents.requests == 0) contents.first_s = contents.last_s = row.arrival_s;
  contents.first_s = std::min(contents.first_s, row.arrival_s);
  contents.last_s = std::max(contents.last_s, row.arrival_s);
  TraceColumns& columns = contents.columns;
  columns.tenant = columns.tenant || !row.tenant.empty();
  columns.model = columns.model || !row.model.empty();
  columns.api_class = columns.api_class || !row.api_class.empty();
  columns.tier = columns.tier || !row.tier.empty();
  columns.origin = columns.origin || !row.origin.empty();
  columns.client = columns.client || !row.client.empty();
  columns.deadline = columns.deadline || row.deadline_s > 0;
  columns.session = columns.session || row.session != 0;
  columns.max_tokens = columns.max_tokens || row.max_tokens > Tokens(0);
  columns.pieces = columns.pieces || !row.pieces.empty();
  ++contents.requests;
}

}  // namespace

TraceContents survey(const std::string& path, const TraceOptions& options) {
  TraceReader reader(path, options);
  TraceContents contents;
  contents.format = reader.format();
  contents.dated = reader.dated();
  config::Mistakes mistakes;
  TraceRow row;
  double before_s = 0;
  while (reader.next(row, mistakes)) {
    if (contents.requests > 0 && row.arrival_s < before_s) {
      contents.in_order = false;
      if (reader.sorted()) {
        mistakes.add(
            reader.mistake("arrivals go back in time; sort the trace by its first column"));
        break;
      }
    }
    before_s = row.arrival_s;
    note(row, contents);
  }
  if (contents.requests == 0 && mistakes.empty()) {
    mistakes.add({path, {1, 1}, "", "has no requests; give a trace with at least one row"});
  }
  mistakes.throw_if_any();
  return contents;
}

OrderedTrace::OrderedTrace(const std::string& path, const TraceContents& contents,
                           const TraceOptions& options)
    : reader_(path, options), in_order_(contents.in_order) {
  if (!in_order_) hold();
}

void OrderedTrace::hold() {
  TraceRow row;
  while (reader_.next(row)) {
    for (std::string_view* name :
         {&row.tenant, &row.model, &row.api_class, &row.tier, &row.origin, &row.client}) {
      auto kept = names_.find(*name);
      if (kept == names_.end()) kept = names_.emplace(*name).first;
      *name = *kept;
    }
    held_.push_back(row);
  }
  std::stable_sort(held_.begin(), held_.end(),
                   [](const TraceRow& a, const TraceRow& b) { return a.arrival_s < b.arrival_s; });
}

bool OrderedTrace::next(TraceRow& row) {
  if (in_order_) return reader_.next(row);
  if (given_ == held_.size()) return false;
  row = std::move(held_[given_++]);
  return true;
}

}  // namespace tokenyard::traffic
