// SPDX-License-Identifier: Apache-2.0
// What a fit reads of a trace.
#include <algorithm>
#include <map>

#include "traffic/fit.hpp"
#include "traffic/ordered_trace.hpp"
#include "traffic/prefix_blocks.hpp"

namespace tokenyard::traffic {
namespace {

config::ConfigError refused(const std::string& path, std::string text) {
  return config::ConfigError(config::Mistake{path, {}, "", std::move(text)});
}

// When each block of a prompt was last seen.
class LastSeen {
 public:
  explicit LastSeen(Tokens block) : block_(block) {}

  // Fills in how much of the row's prompt came before, and sees all of it now.
  void look(const TraceRow& from, FitRow& row) {
    bool running = true;
    for_each_block(block_, from.prompt, from.pieces, [&](std::int64_t end, std::uint64_t identity) {
      auto [seen, is_new] = dates_.try_emplace(identity, row.date_s);
      running = running && !is_new;
      if (running) {
        row.reused = end;
        row.age_s = row.date_s - seen->second;
      }
      seen->second = row.date_s;
    });
  }

 private:
  Tokens block_;
  std::map<std::uint64_t, double> dates_;
};

}  // namespace

std::vector<FitRow> read_fit_rows(const std::string& path, const FitOptions& options) {
  const TraceContents contents = survey(path, options.reading);
  if (!contents.dated) {
    throw refused(path, "has lengths without stamps; describe its arrivals by hand");
  }
  if (contents.requests > most_fit_rows) {
    throw refused(path, "has " + std::to_string(contents.requests) +
                            " requests, more than the 10,000,000 that a fit holds; cut it with "
                            "'tokenyard trace slice', or thin it with 'trace scale --by'");
  }
  if (contents.requests < 2 || contents.last_s <= contents.first_s) {
    throw refused(path, "is too short to fit; it must have requests at two dates at least");
  }
  std::vector<FitRow> rows;
  rows.reserve(contents.requests);
  LastSeen seen(options.block);
  OrderedTrace trace(path, contents, options.reading);
  TraceRow row;
  while (trace.next(row)) {
    FitRow fit{row.arrival_s - contents.first_s, row.prompt.value(), row.output.value(), 0, 0};
    if (contents.columns.pieces) seen.look(row, fit);
    rows.push_back(fit);
  }
  return rows;
}

}  // namespace tokenyard::traffic
