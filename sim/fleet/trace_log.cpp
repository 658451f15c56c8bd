// SPDX-License-Identifier: Apache-2.0
#include "fleet/trace_log.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace tokenyard::fleet {
namespace {

constexpr std::uint64_t no_request = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TraceLog::TraceLog(const TraceWindow& window, results::Writer& writer,
                   results::Background& background)
    : window_(&window),
      iterations_(writer, background, "/trace/iterations", "iteration",
                  {{{"replica", {.long_name = "replica, numbered over all pools"}},
                    {"start_s", {"s", "start"}},
                    {"end_s", {"s", "end"}},
                    {"prompt_tokens", {"token", "prompt tokens read"}},
                    {"decodes", {.long_name = "requests that wrote a token"}},
                    {"context_tokens", {"token", "tokens that decodes attended to"}},
                    {"kv_blocks", {.long_name = "KV blocks in use"}}}}),
      transfers_(writer, background, "/trace/transfers", "transfer",
                 {{{"request", {.long_name = "request id; 18446744073709551615: of weights"}},
                   {"from_replica", {.long_name = "replica; 4294967295: a store"}},
                   {"to_replica", {.long_name = "replica; 4294967295: a store"}},
                   {"start_s", {"s", "hand-over, or when it was asked for"}},
                   {"end_s", {"s", "delivery"}},
                   {"bytes", {"B", "KV cache, or weights"}}}}) {}

void TraceLog::ran(std::uint32_t replica, const serving::IterationRecord& record) {
  if (wants(record.start, record.end)) waiting_.push_back({replica, record});
}

void TraceLog::flush() {
  std::sort(waiting_.begin(), waiting_.end(), [](const Row& a, const Row& b) {
    return std::tie(a.record.end, a.replica) < std::tie(b.record.end, b.replica);
  });
  for (const Row& row : waiting_) {
    const serving::IterationRecord& r = row.record;
    iterations_.add(row.replica, r.start.value(), r.end.value(), r.prefill.value(), r.decodes,
                    r.context, r.kv_used.value());
  }
  waiting_.clear();
}

void TraceLog::transferred(const KvTransfer& transfer, Instant now) {
  if (transfer.kind == KvTransfer::Kind::chunk) return;  // the whole is one record
  if (!window_->pools[index(transfer.from_pool)] || !wants(transfer.start, now)) return;
  const bool weights = transfer.kind == KvTransfer::Kind::weights;
  transfers_.add(weights ? no_request : index(transfer.request),
                 static_cast<std::uint32_t>(transfer.from), static_cast<std::uint32_t>(transfer.to),
                 transfer.start.value(), now.value(), transfer.bytes.value());
}

void TraceLog::finish() {
  flush();
  iterations_.finish();
  transfers_.finish();
}

}  // namespace tokenyard::fleet
