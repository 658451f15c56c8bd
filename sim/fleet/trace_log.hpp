// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fleet/kv_transfers.hpp"
#include "fleet/scenario.hpp"
#include "results/row_table.hpp"
#include "serving/iteration_log.hpp"

namespace tokenyard::fleet {

// Writes down the iterations and transfers of a window one by one: /trace/iterations and
// /trace/transfers. One that reaches into the window is in it.
class TraceLog final : public serving::IterationLog {
 public:
  // All outlive it.
  TraceLog(const TraceWindow& window, results::Writer& writer, results::Background& background);

  // Who wants the iterations of a pool; null if it is not in the window.
  serving::IterationLog* of_pool(std::size_t pool) { return window_->pools[pool] ? this : nullptr; }

  bool wants(Instant start, Instant end) const override {
    return end > window_->from && start < window_->to;
  }
  void ran(std::uint32_t replica, const serving::IterationRecord& record) override;
  void transferred(const KvTransfer& transfer, Instant now);

  // Every replica has told what ended up to now. Iterations wait for this to be put in one order,
  // by end and replica, which leaping cannot change.
  void flush();

  // Once, before Writer::commit.
  void finish();

 private:
  using Iterations = results::RowTable<std::uint32_t, double, double, std::int64_t, std::int64_t,
                                       std::int64_t, std::int64_t>;
  using Transfers =
      results::RowTable<std::uint64_t, std::uint32_t, std::uint32_t, double, double, std::int64_t>;

  struct Row {
    std::uint32_t replica;
    serving::IterationRecord record;
  };

  const TraceWindow* window_;
  std::vector<Row> waiting_;
  Iterations iterations_;
  Transfers transfers_;
};

}  // namespace tokenyard::fleet
