// SPDX-License-Identifier: Apache-2.0
#include "results/request_table.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/contracts.hpp"
#include "results/row_buffer.hpp"
#include "results/selection.hpp"

namespace tokenyard::results {

namespace {

using NameList = std::vector<std::string>;

constexpr const char* group = "/requests";
constexpr const char* coordinate = "request";
constexpr std::array<std::string_view, 3> latency_columns = {
    "time_to_first_token_s", "time_per_output_token_s", "end_to_end_s"};

std::string path_of(std::string_view column) { return member_of(group, std::string(column)); }

}  // namespace

struct RequestTable::Columns {
  explicit Columns(const Names& names);
  void list_codes(const Names& names);
  void list_numbers();
  void put(std::size_t row, const RequestRecord& record);

  template <class Values>
  void list(std::string_view name, const Values& values, ColumnInfo info) {
    all.push_back({std::string(name), values.type(), std::move(info)});
    data.push_back(values.data());
  }

  Buffer<std::uint64_t> id;
  Codes tenant, model, api_class, tier, origin, pool, slo_class, priority, status;
  Buffer<std::uint32_t> replica, preemptions, retries;
  Buffer<double> arrival, time_to_first_token, time_per_output_token, end_to_end, network;
  Buffer<std::int64_t> prompt, cached, output, max_tokens;

  std::vector<TableStream::Column> all;  // as in the file; the first is the coordinate
  std::vector<const void*> data;
};

RequestTable::Columns::Columns(const Names& names)
    : tenant(Type::u2, names.tenants.size(), Codes::May::not_be_missing),
      model(Type::u2, names.models.size(), Codes::May::not_be_missing),
      api_class(Type::u1, names.api_classes.size(), Codes::May::not_be_missing),
      tier(Type::u1, names.tiers.size(), Codes::May::not_be_missing),
      origin(Type::u2, names.origins.size(), Codes::May::not_be_missing),
      pool(Type::u2, names.pools.size(), Codes::May::be_missing),
      slo_class(Type::u2, names.slo_classes.size(), Codes::May::not_be_missing),
      priority(Type::u1, 0, Codes::May::not_be_missing),
      status(Type::u1, status_names.size(), Codes::May::not_be_missing) {
  list(coordinate, id, {.long_name = "request id"});
  list_codes(names);
  list_numbers();
}

void RequestTable::Columns::list_codes(const Names& names) {
  const auto enumeration = [](const char* long_name, const NameList& meanings) {
    return ColumnInfo{.long_name = long_name, .flag_meanings = meanings};
  };
  list("tenant", tenant, enumeration("tenant", names.tenants));
  list("model", model, enumeration("model", names.models));
  list("api_class", api_class, enumeration("API class", names.api_classes));
  list("tier", tier, enumeration("service tier", names.tiers));
  list("origin", origin, enumeration("region of origin", names.origins));
  ColumnInfo pools = enumeration("pool that served last", names.pools);
  pools.missing = pool.missing();
  list("pool", pool, pools);
  list("replica", replica, {.long_name = "replica that served last", .missing = index(no_replica)});
  list("slo_class", slo_class, enumeration("SLO class", names.slo_classes));
  list("priority", priority, {.long_name = "priority"});
  list("status", status,
       enumeration("how the request ended", NameList(status_names.begin(), status_names.end())));
}

void RequestTable::Columns::list_numbers() {
  list("arrival_s", arrival, {"s", "arrival"});
  list("prompt_tokens", prompt, {"token", "prompt"});
  list("cached_tokens", cached, {"token", "prompt tokens found in a prefix cache"});
  list("output_tokens", output, {"token", "output produced"});
  list("max_tokens", max_tokens, {"token", "most output allowed"});
  list(latency_columns[0], time_to_first_token, {"s", "time to first token (TTFT)"});
  list(latency_columns[1], time_per_output_token, {"s", "time per output token (TPOT)"});
  list(latency_columns[2], end_to_end, {"s", "arrival to end"});
  list("network_s", network, {"s", "of these, between the client and the region and back"});
  list("preemptions", preemptions, {.long_name = "preemptions"});
  list("retries", retries, {.long_name = "retries"});
}

void RequestTable::Columns::put(std::size_t row, const RequestRecord& record) {
  id[row] = index(record.id);
  tenant.put(row, index(record.tenant));
  model.put(row, index(record.model));
  api_class.put(row, record.api_class);
  tier.put(row, record.tier);
  origin.put(row, record.origin);
  if (record.pool == no_pool)
    pool.put_missing(row);
  else
    pool.put(row, index(record.pool));
  replica[row] = static_cast<std::uint32_t>(record.replica);
  slo_class.put(row, index(record.slo_class));
  priority.put(row, record.priority);
  status.put(row, static_cast<std::uint64_t>(record.status));
  arrival[row] = record.arrival.value();
  prompt[row] = record.prompt.value();
  cached[row] = record.cached.value();
  output[row] = record.output.value();
  max_tokens[row] = record.max_tokens.value();
  time_to_first_token[row] = record.time_to_first_token_s;
  time_per_output_token[row] = record.time_per_output_token_s;
  end_to_end[row] = record.end_to_end_s;
  network[row] = record.network_s;
  preemptions[row] = record.preemptions;
  retries[row] = record.retries;
}

RequestTable::RequestTable(Writer& writer, Background& background, const Names& names,
                           Instant warm_up)
    : writer_(writer), warm_up_(warm_up) {
  for (std::unique_ptr<Columns>& columns : buffers_) columns = std::make_unique<Columns>(names);
  stream_ = std::make_unique<TableStream>(writer, background, group, buffers_.front()->all);
}
RequestTable::~RequestTable() = default;

void RequestTable::add(const RequestRecord& record) {
  SIM_EXPECT(!finished_);
  buffers_[filling_]->put(row_, record);
  if (is_measured(record.status, record.arrival)) {
    const double values[] = {record.time_to_first_token_s, record.time_per_output_token_s,
                             record.end_to_end_s};
    for (std::size_t i = 0; i < histograms_.size(); ++i)
      if (!std::isnan(values[i])) histograms_[i].add(values[i]);
  }
  ++rows_;
  if (++row_ < rows_per_chunk) return;
  stream_->append(buffers_[filling_]->data);
  filling_ = (filling_ + 1) % buffers_.size();
  row_ = 0;
}

void RequestTable::finish() {
  SIM_EXPECT(!finished_);
  finished_ = true;
  stream_->finish(buffers_[filling_]->data, row_);
  for (std::unique_ptr<Columns>& columns : buffers_) columns.reset();
}

const LogHistogram& RequestTable::histogram(Latency latency) const {
  return histograms_.at(static_cast<std::size_t>(latency));
}

std::vector<double> RequestTable::exact_quantiles(Latency latency,
                                                  std::span<const double> quantiles) const {
  SIM_EXPECT(finished_);
  const std::string values = path_of(latency_columns.at(static_cast<std::size_t>(latency)));
  Selection selection(histogram(latency), quantiles);
  std::vector<double> value(rows_per_chunk), status(rows_per_chunk), arrival(rows_per_chunk);
  while (!selection.done()) {
    for (std::uint64_t first = 0; first < rows_; first += rows_per_chunk) {
      const auto rows =
          static_cast<std::size_t>(std::min(rows_ - first, std::uint64_t{rows_per_chunk}));
      writer_.read(values, first, std::span(value).first(rows));
      writer_.read(path_of("status"), first, std::span(status).first(rows));
      writer_.read(path_of("arrival_s"), first, std::span(arrival).first(rows));
      for (std::size_t i = 0; i < rows; ++i)
        if (is_measured(static_cast<Status>(status[i]), Instant(arrival[i])) &&
            !std::isnan(value[i]))
          selection.add(value[i]);
    }
    selection.end_pass();
  }
  return selection.result();
}

}  // namespace tokenyard::results
