// SPDX-License-Identifier: Apache-2.0
#include "traffic/request_sink.hpp"

#include <algorithm>

#include "results/row_table.hpp"
#include "traffic/trace_writer.hpp"

namespace tokenyard::traffic {
namespace {

// The number of a name in a list, where it is added if it is new.
std::size_t number_of(const std::string& name, std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto number = static_cast<std::size_t>(found - names.begin());
  if (found == names.end()) names.push_back(name);
  return number;
}

bool any(const std::vector<Tenant>& tenants, bool (*has)(const Client&)) {
  return std::any_of(tenants.begin(), tenants.end(), [has](const Tenant& tenant) {
    return tenant.workload &&
           std::any_of(tenant.workload->clients.begin(), tenant.workload->clients.end(), has);
  });
}

TraceColumns columns_of(const std::vector<Tenant>& tenants, const RequestNames& names) {
  TraceColumns columns;
  columns.tenant = true;
  columns.model = names.models.size() > 1 || !names.models.front().empty();
  columns.api_class = columns.tier = tenants.size() > 1;
  columns.origin = names.origins.size() > 1;
  columns.client = any(tenants, [](const Client& c) { return !c.name.empty(); });
  columns.session = any(tenants, [](const Client& c) { return c.sessions.has_value(); });
  columns.max_tokens =
      any(tenants, [](const Client& c) { return c.lengths.max_tokens.has_value(); });
  columns.deadline = std::any_of(names.deadlines.begin(), names.deadlines.end(), [](Duration d) {
    return d < Duration(std::numeric_limits<double>::infinity());
  });
  columns.pieces = any(tenants, [](const Client& c) { return c.sessions || c.prefixes; });
  return columns;
}

class CsvSink final : public RequestSink {
 public:
  CsvSink(const std::string& path, TraceColumns columns, const RequestNames& names,
          results::Existing existing)
      : names_(&names), columns_(columns), writer_(path, columns, existing) {}

  void add(const Request& request, std::span<const Piece> pieces) override {
    const std::size_t tenant = index(request.tenant);
    row_.arrival_s = request.arrival.value();
    row_.prompt = request.prompt;
    row_.output = request.output;
    row_.max_tokens = request.max_tokens;
    row_.tenant = names_->tenants[tenant];
    row_.model = names_->models[names_->model_of[tenant]];
    row_.api_class = api_classes[request.api_class];
    row_.tier = tiers[request.tier];
    row_.origin = names_->origins[request.origin];
    row_.client = names_->clients[tenant][request.client];
    row_.session = request.session;
    const Instant deadline = request.arrival + names_->deadlines[tenant];
    row_.deadline_s = deadline < Instant::never() ? deadline.value() : 0;
    if (columns_.pieces) row_.pieces.assign(pieces.begin(), pieces.end());
    writer_.add(row_);
  }
  void finish() override { writer_.finish(); }

 private:
  const RequestNames* names_;
  TraceColumns columns_;
  TraceWriter writer_;
  TraceRow row_;
};

// The columns of the request table that traffic knows.
class TableSink final : public RequestSink {
 public:
  TableSink(const std::string& path, const RequestNames& names, results::Existing existing)
      : names_(&names),
        writer_(path, existing),
        table_(writer_, background_, "/requests", "request",
               {{{"arrival_s", {"s", "arrival", {}, {}}},
                 {"prompt_tokens", {"token", "prompt", {}, {}}},
                 {"output_tokens", {"token", "output", {}, {}}},
                 {"max_tokens", {"token", "most output allowed", {}, {}}},
                 {"tenant", {"", "tenant", names.tenants, {}}},
                 {"model", {"", "model", names.models, {}}},
                 {"api_class", {"", "API class", {api_classes.begin(), api_classes.end()}, {}}},
                 {"tier", {"", "service tier", {tiers.begin(), tiers.end()}, {}}},
                 {"origin", {"", "place of origin", names.origins, {}}},
                 {"client", {"", "part of the tenant's traffic", {}, {}}},
                 {"session", {"", "session; 0: none", {}, {}}}}}) {}

  void add(const Request& request, std::span<const Piece>) override {
    const auto model = static_cast<std::uint16_t>(names_->model_of[index(request.tenant)]);
    table_.add(request.arrival.value(), request.prompt.value(), request.output.value(),
               request.max_tokens.value(), static_cast<std::uint16_t>(request.tenant), model,
               request.api_class, request.tier, request.origin, request.client, request.session);
  }
  void finish() override {
    table_.finish();
    writer_.commit();
  }

 private:
  const RequestNames* names_;
  results::Writer writer_;
  results::Background background_;
  results::RowTable<double, std::int64_t, std::int64_t, std::int64_t, std::uint16_t, std::uint16_t,
                    std::uint8_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>
      table_;
};

}  // namespace

RequestNames::RequestNames(const std::vector<Tenant>& all) {
  for (const Tenant& tenant : all) {
    tenants.push_back(tenant.name);
    model_of.push_back(number_of(tenant.model, models));
    deadlines.push_back(tenant.slo.end_to_end);
    places.emplace_back();
    clients.emplace_back();
    for (const Share& share : tenant.from) {
      places.back().push_back(static_cast<std::uint16_t>(number_of(share.place.name, origins)));
      if (!tenant.workload) continue;
      for (const Client& client : tenant.workload->clients) clients.back().push_back(client.name);
    }
    if (clients.back().empty()) clients.back().emplace_back();
  }
}

std::unique_ptr<RequestSink> open_sink(const std::string& path, const std::vector<Tenant>& tenants,
                                       const RequestNames& names, results::Existing existing) {
  if (path.ends_with(".h5")) return std::make_unique<TableSink>(path, names, existing);
  if (!path.ends_with(".csv") && !path.ends_with(".csv.gz")) {
    throw config::ConfigError(
        config::Mistake{path, {}, "", "ends in none of .csv, .csv.gz and .h5; choose one of them"});
  }
  return std::make_unique<CsvSink>(path, columns_of(tenants, names), names, existing);
}

}  // namespace tokenyard::traffic
