// SPDX-License-Identifier: Apache-2.0
#include "sweep/metrics.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "config/errors.hpp"
#include "core/contracts.hpp"

namespace tokenyard::sweep {
namespace {

using fleet::Account;
using fleet::LatencySummary;
using fleet::Summary;
using results::no_value;

double share(double part, double whole) { return whole > 0 ? part / whole : no_value; }

// ---- latency

template <std::size_t Which, double LatencySummary::*Value>
double latency(const Summary& s, std::size_t) {
  return s.latency[Which].*Value;
}
template <std::size_t Which, double LatencySummary::*Value>
double tenant_latency(const Summary& s, std::size_t tenant) {
  return s.tenants[tenant].latency[Which].*Value;
}
template <double LatencySummary::*Value>
double gap(const Summary& s, std::size_t) {
  return s.gap.*Value;
}
template <double LatencySummary::*Value>
double pool_gap(const Summary& s, std::size_t pool) {
  return s.pools[pool].gap.*Value;
}
template <double LatencySummary::*Value>
double pool_transfer(const Summary& s, std::size_t pool) {
  return s.pools[pool].transfer.*Value;
}

class List {
 public:
  void add(std::string name, std::string_view unit, std::string summary,
           double (*value)(const Summary&, std::size_t)) {
    add(MetricOf::run, std::move(name), unit, std::move(summary), value);
  }
  void add(MetricOf of, std::string name, std::string_view unit, std::string summary,
           double (*value)(const Summary&, std::size_t)) {
    all_.push_back({std::move(name), unit, std::move(summary), of, value});
  }

  template <double LatencySummary::*Value>
  void add_latency(const std::string& quantile, const std::string& text) {
    add_latency_of<0, Value>("ttft_" + quantile, "arrival to first token, " + text);
    add_latency_of<1, Value>("tpot_" + quantile, "mean gap between a request's tokens, " + text);
    add_latency_of<2, Value>("end_to_end_" + quantile, "arrival to last token, " + text);
    add("inter_token_" + quantile, "s", "gap between tokens, " + text, &gap<Value>);
    add(MetricOf::pool, "inter_token_" + quantile, "s", "gap between tokens, " + text,
        &pool_gap<Value>);
    add(MetricOf::pool, "transfer_" + quantile, "s", "hand-over to delivery, " + text,
        &pool_transfer<Value>);
  }

  // A measure of accounts: of the run by its own name, of parts with theirs before it.
  template <double (*Measure)(const Account&)>
  void add_account(const std::string& name, std::string_view unit, const std::string& text) {
    add(name, unit, text, &of_account<Measure>);
    add(MetricOf::tenant, "tenant_" + name, unit, text, &of_accounts<Measure, &Accounts::tenants>);
    add(MetricOf::pool, "pool_" + name, unit, text, &of_accounts<Measure, &Accounts::pools>);
    add(MetricOf::region, "region_" + name, unit, text, &of_accounts<Measure, &Accounts::regions>);
    add(MetricOf::provider, "provider_" + name, unit, text,
        &of_accounts<Measure, &Accounts::providers>);
    add(MetricOf::model, "model_" + name, unit, text, &of_accounts<Measure, &Accounts::models>);
  }

  std::vector<Metric> take() { return std::move(all_); }

 private:
  using Accounts = fleet::Accounts;

  template <double (*Measure)(const Account&)>
  static double of_account(const Summary& s, std::size_t) {
    return Measure(s.accounts.total);
  }
  template <double (*Measure)(const Account&), std::vector<Account> Accounts::*Group>
  static double of_accounts(const Summary& s, std::size_t part) {
    return Measure((s.accounts.*Group)[part]);
  }

  template <std::size_t Which, double LatencySummary::*Value>
  void add_latency_of(const std::string& name, const std::string& text) {
    add(name, "s", text, &latency<Which, Value>);
    add(MetricOf::tenant, name, "s", text, &tenant_latency<Which, Value>);
  }

  std::vector<Metric> all_;
};

void add_latencies(List& list) {
  list.add_latency<&LatencySummary::mean>("mean_s", "mean");
  list.add_latency<&LatencySummary::p50>("p50_s", "median");
  list.add_latency<&LatencySummary::p90>("p90_s", "90th percentile");
  list.add_latency<&LatencySummary::p99>("p99_s", "99th percentile");
}

// ---- limits met

double attainment(const Summary& s, std::size_t) {
  constexpr auto in_flight = static_cast<std::size_t>(results::Status::in_flight);
  double attained = 0, ended = 0;
  for (const fleet::ClassSummary& c : s.classes) attained += static_cast<double>(c.attained);
  for (const fleet::TenantSummary& t : s.tenants) {
    ended += static_cast<double>(t.arrived - t.by_status[in_flight]);
  }
  return share(attained, ended);
}

double attainment_margin(const Summary& s, std::size_t) {
  double least = no_value;
  for (const fleet::ClassSummary& c : s.classes) {
    const double margin = c.attainment - c.wanted;
    if (!(margin >= least)) least = margin;
  }
  return least;
}

double goodput(const Summary& s, std::size_t) {
  double sum = 0;
  for (const fleet::ClassSummary& c : s.classes) sum += c.goodput_per_s;
  return sum;
}

void add_limits(List& list) {
  list.add("attainment", "1", "share of ended requests that met all limits", &attainment);
  list.add(MetricOf::tenant, "attainment", "1", "share of ended requests that met all limits",
           [](const Summary& s, std::size_t i) { return s.tenants[i].attainment; });
  list.add(MetricOf::slo_class, "class_attainment", "1",
           "share of ended requests that met all limits",
           [](const Summary& s, std::size_t i) { return s.classes[i].attainment; });
  list.add("attainment_margin", "1",
           "attainment less the percentile asked for, of the class where it is least",
           &attainment_margin);
  list.add("goodput_per_s", "1/s", "requests that met all limits", &goodput);
  list.add(MetricOf::tenant, "goodput_per_s", "1/s", "requests that met all limits",
           [](const Summary& s, std::size_t i) { return s.tenants[i].goodput_per_s; });
  list.add(MetricOf::slo_class, "class_goodput_per_s", "1/s", "requests that met all limits",
           [](const Summary& s, std::size_t i) { return s.classes[i].goodput_per_s; });
}

// ---- requests and tokens

template <std::size_t Status>
void add_status(List& list) {
  const std::string status(results::status_names[Status]);
  list.add("requests_" + status, "", "requests of the whole run that ended as " + status,
           [](const Summary& s, std::size_t) {
             return static_cast<double>(s.totals.by_status[Status]);
           });
  list.add(MetricOf::tenant, "requests_" + status, "",
           "requests that arrived after the warm-up and ended as " + status,
           [](const Summary& s, std::size_t i) {
             return static_cast<double>(s.tenants[i].by_status[Status]);
           });
}

template <std::size_t... Status>
void add_statuses(List& list, std::index_sequence<Status...>) {
  (add_status<Status>(list), ...);
}

void add_requests(List& list) {
  list.add("requests_arrived", "", "requests of the whole run",
           [](const Summary& s, std::size_t) { return static_cast<double>(s.totals.arrived); });
  list.add(
      MetricOf::tenant, "requests_arrived", "", "requests that arrived after the warm-up",
      [](const Summary& s, std::size_t i) { return static_cast<double>(s.tenants[i].arrived); });
  add_statuses(list, std::make_index_sequence<results::status_names.size()>());
  list.add("ok_share", "1", "share of all requests that got their whole answer",
           [](const Summary& s, std::size_t) {
             return share(static_cast<double>(s.totals.by_status[0]),
                          static_cast<double>(s.totals.arrived));
           });
  list.add("preemptions", "", "requests put out of a batch for want of KV blocks",
           [](const Summary& s, std::size_t) { return static_cast<double>(s.preemptions); });
  list.add(
      MetricOf::tenant, "retries", "", "attempts after the first ones",
      [](const Summary& s, std::size_t i) { return static_cast<double>(s.tenants[i].retries); });
  list.add("prompt_tokens_per_s", "1/s", "prompt tokens of requests with status ok",
           [](const Summary& s, std::size_t) { return s.prompt_tokens_per_s; });
  list.add("output_tokens_per_s", "1/s", "output tokens of requests with status ok",
           [](const Summary& s, std::size_t) { return s.output_tokens_per_s; });
  list.add("simulated_s", "s", "simulated time",
           [](const Summary& s, std::size_t) { return s.totals.end.value(); });
  list.add("measured_s", "s", "simulated time after the warm-up",
           [](const Summary& s, std::size_t) { return s.measured_s; });
}

// ---- pools

double utilisation(const Summary& s, std::size_t) {
  double busy = 0, paid = 0;
  for (const fleet::PoolSummary& p : s.pools) {
    busy += p.busy_s;
    paid += p.paid_s;
  }
  return share(busy, paid);
}

double cached_share(const Summary& s, std::size_t) {
  double cached = 0, prompts = 0;
  for (const fleet::PoolSummary& p : s.pools) {
    cached += p.cached_tokens;
    prompts += p.prefix_tokens;
  }
  return share(cached, prompts);
}

template <class Value, Value fleet::PoolSummary::*Member>
double of_pool(const Summary& s, std::size_t pool) {
  return static_cast<double>(s.pools[pool].*Member);
}
template <class Value, Value fleet::PoolSummary::*Member>
double over_pools(const Summary& s, std::size_t) {
  double sum = 0;
  for (const fleet::PoolSummary& pool : s.pools) sum += static_cast<double>(pool.*Member);
  return sum;
}

template <class Value, Value fleet::PoolSummary::*Member>
void add_pool_sum(List& list, const std::string& name, std::string_view unit,
                  const std::string& text) {
  list.add(name, unit, text, &over_pools<Value, Member>);
  list.add(MetricOf::pool, name, unit, text, &of_pool<Value, Member>);
}

void add_pools(List& list) {
  using fleet::PoolSummary;
  list.add("utilisation", "1", "share of replica time with an iteration under way", &utilisation);
  list.add(MetricOf::pool, "utilisation", "1", "share of replica time with an iteration under way",
           &of_pool<double, &PoolSummary::utilisation>);
  list.add(MetricOf::pool, "kv_used_mean", "1", "KV blocks in use, mean of the series",
           &of_pool<double, &PoolSummary::kv_used_mean>);
  list.add(MetricOf::pool, "kv_used_max", "1", "KV blocks in use, most of the series",
           &of_pool<double, &PoolSummary::kv_used_max>);
  list.add("cached_share", "1", "prompt tokens found in prefix caches, of those looked up",
           &cached_share);
  list.add(MetricOf::pool, "cached_share", "1",
           "prompt tokens found in its prefix cache, of those looked up",
           [](const Summary& s, std::size_t i) { return s.pools[i].cached_share(); });
  add_pool_sum<std::int64_t, &PoolSummary::replicas>(list, "replicas", "", "replicas");
  add_pool_sum<std::int64_t, &PoolSummary::nodes>(list, "nodes", "",
                                                  "nodes; one that pools share counts for each");
  add_pool_sum<double, &PoolSummary::transferred_bytes>(list, "transferred_bytes", "B",
                                                        "KV caches handed over");
  add_pool_sum<double, &PoolSummary::padding_tokens>(
      list, "padding_tokens", "", "computed for nothing, since shapes are static");
}

// ---- operations

template <double LatencySummary::*Value>
void add_network(List& list, const std::string& quantile, const std::string& text) {
  list.add("network_" + quantile, "s", "from clients to regions and back, " + text,
           [](const Summary& s, std::size_t) { return s.network.*Value; });
  list.add(MetricOf::tenant, "network_" + quantile, "s", "to its region and back, " + text,
           [](const Summary& s, std::size_t i) { return s.tenants[i].network.*Value; });
}

void add_operations(List& list) {
  using fleet::PoolSummary;
  add_network<&LatencySummary::mean>(list, "mean_s", "mean");
  add_network<&LatencySummary::p50>(list, "p50_s", "median");
  add_network<&LatencySummary::p90>(list, "p90_s", "90th percentile");
  add_network<&LatencySummary::p99>(list, "p99_s", "99th percentile");
  list.add("availability", "1", "share of the requests judged, less rejected, with status ok",
           [](const Summary& s, std::size_t) { return s.availability; });
  list.add(MetricOf::tenant, "availability", "1", "likewise, of its requests",
           [](const Summary& s, std::size_t i) { return s.tenants[i].availability; });
  list.add(MetricOf::pool, "replica_availability", "1", "serving / (serving + failed)",
           &of_pool<double, &PoolSummary::availability>);
  list.add(MetricOf::slo_class, "error_budget_used", "1", "share that missed / share that may",
           [](const Summary& s, std::size_t i) { return s.classes[i].error_budget_used; });
  list.add(MetricOf::slo_class, "below_s", "s", "time in which fewer met the limits than wanted",
           [](const Summary& s, std::size_t i) { return s.classes[i].below_s; });
  list.add(MetricOf::slo_class, "longest_below_s", "s", "of it, at a stretch",
           [](const Summary& s, std::size_t i) { return s.classes[i].longest_below_s; });
  add_pool_sum<std::int64_t, &PoolSummary::failures>(list, "failures", "", "of replicas");
  add_pool_sum<std::int64_t, &PoolSummary::scaled>(list, "scaled", "",
                                                   "replicas added and taken away");
  add_pool_sum<double, &PoolSummary::paid_s>(list, "paid_s", "s",
                                             "nodes paid for, summed over replicas");
  list.add(MetricOf::pool, "recovery_longest_s", "s", "from a failure until serving again, longest",
           &of_pool<double, &PoolSummary::recovery_longest_s>);
}

// ---- accounts

double accelerator_h(const Account& a) { return a.accelerator_h; }
double energy_j(const Account& a) { return a.energy_j; }
double carbon_kg(const Account& a) { return a.carbon_kg; }
double cost_usd(const Account& a) { return a.cost_usd(); }
double cost_nodes_usd(const Account& a) { return a.cost_nodes_usd; }
double cost_egress_usd(const Account& a) { return a.cost_egress_usd; }
double cost_shortfall_usd(const Account& a) { return a.cost_shortfall_usd; }
double egress_bytes(const Account& a) { return a.egress_bytes; }
double per_prompt(const Account& a) { return a.cost_per_million_prompt_tokens_usd(); }
double per_output(const Account& a) { return a.cost_per_million_output_tokens_usd(); }
double per_token(const Account& a) { return a.cost_per_million_tokens_usd(); }
double tokens_per_j(const Account& a) { return a.tokens_per_j(); }
double revenue_usd(const Account& a) { return a.revenue_usd; }
double margin_usd(const Account& a) { return a.margin_usd(); }
double prompt_tokens(const Account& a) { return a.prompt_tokens; }
double output_tokens(const Account& a) { return a.output_tokens; }

void add_accounts(List& list) {
  list.add_account<&cost_usd>("cost_usd", "USD", "cost of nodes, egress and shortfalls");
  list.add_account<&cost_nodes_usd>("cost_nodes_usd", "USD", "cost of nodes");
  list.add_account<&cost_egress_usd>("cost_egress_usd", "USD", "price of bytes that left a region");
  list.add_account<&cost_shortfall_usd>("cost_shortfall_usd", "USD",
                                        "what was committed and not used");
  list.add_account<&per_prompt>("cost_per_million_prompt_tokens_usd", "USD",
                                "all of the cost, by prompt tokens");
  list.add_account<&per_output>("cost_per_million_output_tokens_usd", "USD",
                                "all of the cost, by output tokens");
  list.add_account<&per_token>("cost_per_million_tokens_usd", "USD",
                               "all of the cost, by tokens in and out");
  list.add_account<&revenue_usd>("revenue_usd", "USD", "price of the tokens of answers given");
  list.add_account<&margin_usd>("margin_usd", "USD", "revenue less cost");
  list.add_account<&accelerator_h>("accelerator_h", "h", "accelerators paid for, busy or not");
  list.add_account<&energy_j>("energy_j", "J", "energy of the site");
  list.add_account<&carbon_kg>("carbon_kg", "kg", "CO2 of the energy");
  list.add_account<&tokens_per_j>("tokens_per_j", "1/J", "tokens in and out");
  list.add_account<&egress_bytes>("egress_bytes", "B", "that left a region for another");
  list.add_account<&prompt_tokens>("prompt_tokens", "", "prompt tokens");
  list.add_account<&output_tokens>("output_tokens", "", "output tokens");
  list.add("power_mean_w", "W", "energy over simulated time", [](const Summary& s, std::size_t) {
    return share(s.accounts.total.energy_j, s.totals.end.value());
  });
  list.add("energy_per_output_token_j", "J", "energy by output tokens",
           [](const Summary& s, std::size_t) { return s.energy_per_output_token_j(); });
}

std::vector<Metric> made() {
  List list;
  add_latencies(list);
  add_limits(list);
  add_requests(list);
  add_pools(list);
  add_operations(list);
  add_accounts(list);
  return list.take();
}

std::vector<Metric> made_of_goal() {
  List list;
  const auto unknown = [](const Summary&, std::size_t) { return no_value; };
  list.add("goal", "", "the value found, in the SI unit of its key; of a study with a goal",
           unknown);
  list.add("goal_low", "", "the greatest value known to be on the one side of the goal", unknown);
  list.add("goal_high", "", "the least value known to be on the other side", unknown);
  list.add("goal_simulations", "", "simulations that finding it took", unknown);
  list.add("goal_status", "", "0: found; 1: no value meets it; 2: all from `from` to `to` do",
           unknown);
  return list.take();
}

template <class Entries>
std::vector<std::string> names_of(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

const Metric* find(const std::string& name, bool of_run) {
  for (const Metric& metric : goal_metrics()) {
    if (metric.name == name && of_run) return &metric;
  }
  for (const Metric& metric : metrics()) {
    if (metric.name == name && (metric.of == MetricOf::run) == of_run) return &metric;
  }
  return nullptr;
}

}  // namespace

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all = made();
  return all;
}

const std::vector<Metric>& goal_metrics() {
  static const std::vector<Metric> all = made_of_goal();
  return all;
}

bool is_of_goal(const Metric& metric) {
  const std::vector<Metric>& all = goal_metrics();
  return std::any_of(all.begin(), all.end(),
                     [&metric](const Metric& other) { return &other == &metric; });
}

std::string MetricName::text() const {
  return metric->of == MetricOf::run ? metric->name : metric->name + "[" + part + "]";
}

double MetricName::value(const Summary& summary) const {
  const std::vector<std::string> names = parts(summary, metric->of);
  const auto found = std::find(names.begin(), names.end(), part);
  if (found == names.end()) return no_value;
  return metric->value(summary, static_cast<std::size_t>(found - names.begin()));
}

MetricName metric_name(const std::string& text) {
  const std::size_t bracket = text.find('[');
  const std::string name = text.substr(0, bracket);
  const bool of_run = bracket == std::string::npos;
  if (!of_run && (!text.ends_with(']') || text.size() < bracket + 3)) {
    throw std::invalid_argument(config::in_quotes(text) +
                                " is no metric; write a part of one like ttft_p99_s[chat]");
  }
  if (const Metric* found = find(name, of_run)) {
    return {found, of_run ? "" : text.substr(bracket + 1, text.size() - bracket - 2)};
  }
  if (const Metric* other = find(name, !of_run)) {
    throw std::invalid_argument(
        config::in_quotes(text) +
        (of_run ? " goes by " + std::string(part_nouns[static_cast<std::size_t>(other->of)]) +
                      "; name one in brackets, like " + name + "[NAME]"
                : " is of the whole run and has no parts; remove the brackets"));
  }
  std::vector<std::string> known;
  for (const Metric& metric : metrics()) known.push_back(metric.name);
  const std::string meant = config::nearest(name, known);
  throw std::invalid_argument(config::in_quotes(name) + " is no metric; " +
                              (meant.empty() ? "`tokenyard list metrics` shows what there is"
                                             : "did you mean '" + meant + "'?"));
}

std::vector<std::string> parts(const fleet::Scenario& scenario, MetricOf of) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  switch (of) {
    case MetricOf::tenant:
      return names_of(scenario.tenants);
    case MetricOf::slo_class:
      return names_of(scenario.slo_classes);
    case MetricOf::pool:
      return names_of(scenario.pools);
    case MetricOf::region:
      for (const fleet::PoolPlan& pool : scenario.pools) add(pool.region);
      return names;
    case MetricOf::provider:
      for (const fleet::PoolPlan& pool : scenario.pools) {
        add(pool.region.substr(0, pool.region.find('/')));
      }
      return names;
    case MetricOf::model:
      for (const auto& model : scenario.models) add(model->name);
      return names;
    default:
      return {""};
  }
}

std::vector<std::string> parts(const fleet::Summary& s, MetricOf of) {
  switch (of) {
    case MetricOf::tenant:
      return names_of(s.tenants);
    case MetricOf::slo_class:
      return names_of(s.classes);
    case MetricOf::pool:
      return names_of(s.pools);
    case MetricOf::region:
      return names_of(s.accounts.regions);
    case MetricOf::provider:
      return names_of(s.accounts.providers);
    case MetricOf::model:
      return names_of(s.accounts.models);
    default:
      return {""};
  }
}

}  // namespace tokenyard::sweep
