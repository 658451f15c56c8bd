// SPDX-License-Identifier: Apache-2.0
#include "commands/summary_table.hpp"

#include "commands/account_table.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "commands/operations_text.hpp"
#include "commands/wafer_text.hpp"

namespace tokenyard::commands {

std::string seconds(double s) {
  if (std::isnan(s)) return "-";
  if (s < 1) return fmt::format("{:.4g} ms", 1000 * s);
  if (s < 600) return fmt::format("{:.4g} s", s);
  return fmt::format("{:.4g} min", s / 60);
}

std::string wrapped(const std::string& text, std::size_t indent) {
  constexpr std::size_t width = 80;
  std::string out;
  std::size_t column = 0;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t blank = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, blank - from);
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (from > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    from = blank + 1;
  }
  return out + "\n";
}

namespace {

std::string requests(const fleet::Summary& summary) {
  std::string text = fmt::format("requests  {} arrived:", summary.totals.arrived);
  const char* separator = " ";
  for (std::size_t i = 0; i < results::status_names.size(); ++i) {
    if (summary.totals.by_status[i] == 0) continue;
    text +=
        fmt::format("{}{} {}", separator, summary.totals.by_status[i], results::status_names[i]);
    separator = ", ";
  }
  return text + fmt::format("; {} preemptions\n", summary.preemptions);
}

std::string latencies(const fleet::Summary& summary) {
  std::string text =
      fmt::format("\n{:<18}{:>12}{:>12}{:>12}{:>12}\n", "latency", "mean", "p50", "p90", "p99");
  constexpr std::array<const char*, 3> names = {"time to first", "per output token", "end to end"};
  const auto row = [&text](const char* name, const fleet::LatencySummary& l) {
    text += fmt::format("{:<18}{:>12}{:>12}{:>12}{:>12}\n", name, seconds(l.mean), seconds(l.p50),
                        seconds(l.p90), seconds(l.p99));
  };
  for (std::size_t i = 0; i < names.size(); ++i) row(names[i], summary.latency[i]);
  row("between tokens", summary.gap);
  if (summary.network.mean > 0) row("client network", summary.network);
  return text + (summary.exact_quantiles
                     ? "(quantiles exact; between tokens within 1 %)\n"
                     : "(quantiles within 1 %; exact with --out and requests: all)\n");
}

// The error budget is what may miss the limits.
std::string budget(const fleet::ClassSummary& c) {
  if (std::isnan(c.error_budget_used)) return "-";
  if (std::isinf(c.error_budget_used)) return "none";
  return fmt::format("{:.3g} %", 100 * c.error_budget_used);
}

std::string limits_of(const traffic::Slo& slo) {
  std::string limits;
  const auto add = [&limits](const char* name, Duration limit) {
    if (std::isinf(limit.value())) return;
    limits += (limits.empty() ? "" : ", ") + std::string(name) + " " + seconds(limit.value());
  };
  add("TTFT", slo.ttft);
  add("TPOT", slo.tpot);
  add("e2e", slo.end_to_end);
  return limits.empty() ? "none" : limits;
}

std::string classes(const fleet::Scenario& scenario, const fleet::Summary& summary) {
  std::string text = fmt::format("\n{:<14}{:>10}{:>9}{:>10}{:>11}  {}\n", "SLO class", "attained",
                                 "wanted", "budget", "goodput", "limits");
  for (std::size_t i = 0; i < summary.classes.size(); ++i) {
    const fleet::ClassSummary& c = summary.classes[i];
    text +=
        fmt::format("{:<14.13}{:>10}{:>9}{:>10}{:>11}  {}\n", c.name,
                    std::isnan(c.attainment) ? "-" : fmt::format("{:.2f} %", 100 * c.attainment),
                    fmt::format("{:.4g} %", 100 * c.wanted), budget(c),
                    fmt::format("{:.4g}/s", c.goodput_per_s), limits_of(scenario.slo_classes[i]));
  }
  return text;
}

std::string dollars(double value) {
  return std::isnan(value) ? std::string("-") : fmt::format("{:.2f} USD", value);
}

// Only where there is something to tell apart.
std::string tenants(const fleet::Scenario& scenario, const fleet::Summary& summary) {
  if (scenario.tenants.size() < 2 && std::isnan(summary.accounts.total.revenue_usd)) return "";
  std::string text = fmt::format("\n{:<14}{:<10}{:>9}{:>7}{:>12}{:>12}{:>14}\n", "tenant", "tier",
                                 "requests", "ok", "TTFT p99", "e2e p99", "revenue");
  for (std::size_t i = 0; i < summary.tenants.size(); ++i) {
    const fleet::TenantSummary& t = summary.tenants[i];
    const auto ok = static_cast<double>(t.by_status[0]);
    const std::string share =
        t.arrived > 0 ? fmt::format("{:.1f}%", 100 * ok / static_cast<double>(t.arrived)) : "-";
    text += fmt::format("{:<14.13}{:<10}{:>9}{:>7}{:>12}{:>12}{:>14}\n", t.name, t.tier, t.arrived,
                        share, seconds(t.latency[0].p99), seconds(t.latency[2].p99),
                        dollars(summary.accounts.tenants[i].revenue_usd));
  }
  return text;
}

std::string pools(const fleet::Summary& summary) {
  std::string text =
      fmt::format("\n{:<14}{:>9}{:>7}{:>9}{:>10}{:>9}{:>11}{:>11}\n", "pool", "replicas", "nodes",
                  "busy", "KV mean", "KV max", "cost", "energy");
  for (std::size_t i = 0; i < summary.pools.size(); ++i) {
    const fleet::PoolSummary& p = summary.pools[i];
    const fleet::Account& account = summary.accounts.pools[i];
    text += fmt::format("{:<14}{:>9}{:>7}{:>7.1f} %{:>8.1f} %{:>7.1f} %{:>11}{:>11}\n", p.name,
                        p.replicas, p.nodes, 100 * p.utilisation, 100 * p.kv_used_mean,
                        100 * p.kv_used_max, dollars(account.cost_usd()),
                        fmt::format("{:.1f} kWh", account.energy_j / 3.6e6));
  }
  return text;
}

std::string hand_over(const fleet::Scenario& scenario, const fleet::PoolPlan& plan,
                      const fleet::PoolSummary& pool) {
  if (plan.role != fleet::PoolRole::prefill) return "";
  return wrapped(
      fmt::format(
          "hand-over {} -> {}: {:.0f} KV caches, {:.4g} GB; {} mean, {} p99 to delivery; {}",
          plan.name, scenario.pools[plan.next_pool].name, pool.transfers,
          pool.transferred_bytes / 1e9, seconds(pool.transfer.mean), seconds(pool.transfer.p99),
          plan.shares_links ? "transfers share the links max-min" : "each has its route to itself"),
      10);
}

// What the pool's engine saved or wasted.
std::string engine(const fleet::PoolSummary& pool) {
  std::string text;
  if (pool.prefix_tokens > 0) {
    text += wrapped(
        fmt::format("prefix    {}: {:.1f} % of {:.4g} million prompt tokens were in the cache",
                    pool.name, 100 * pool.cached_share(), pool.prefix_tokens / 1e6),
        10);
  }
  if (pool.put_bytes > 0) {
    text += wrapped(fmt::format("store     {}: {:.4g} GB of prefixes put there, {:.4g} GB fetched",
                                pool.name, pool.put_bytes / 1e9, pool.fetched_bytes / 1e9),
                    10);
  }
  if (pool.padding_tokens > 0) {
    const double computed = pool.prompt_tokens + pool.output_tokens + pool.padding_tokens;
    text += wrapped(fmt::format("padding   {}: {:.1f} % of {:.4g} million tokens were computed for "
                                "nothing, to fill compiled shapes",
                                pool.name, 100 * pool.padding_tokens / computed, computed / 1e6),
                    10);
  }
  return text;
}

std::string times(const fleet::PoolPlan& pool) {
  if (pool.affine) {
    const auto each = [](Duration t) { return seconds(t.value()); };
    return fmt::format(
        "times     {}: as given, {} an iteration, {} a prompt token, {} a sequence, {} "
        "a token of context, {} a query-key pair",
        pool.name, each(pool.affine->base), each(pool.affine->prefill_token),
        each(pool.affine->decode_sequence), each(pool.affine->context_token),
        each(pool.affine->attention_pair));
  }
  if (pool.wafer) return wafer_times_text(pool);
  const model::Roofline::Input& time = pool.time;
  return fmt::format(
      "times     {}: roofline of {} on {} x {} ({} weights, {} KV), efficiency {:.0f} % compute, "
      "{:.0f} % memory, {:.0f} % network, {} an iteration",
      pool.name, pool.deployment.shape->name, pool.deployment.tensor, pool.rack->accelerator,
      catalog::precision_names[static_cast<std::size_t>(pool.deployment.weights)],
      catalog::precision_names[static_cast<std::size_t>(pool.deployment.kv)],
      100 * time.efficiency.compute, 100 * time.efficiency.memory, 100 * time.efficiency.network,
      seconds(time.overhead.value()));
}

std::string basis(const fleet::PoolPlan& pool) {
  const catalog::Price& price = *pool.price;
  std::string text = wrapped(
      fmt::format("cost      {}: {}, {} {:.4f} USD/h a {} ({})", pool.name, price.basis, price.item,
                  price.price.value(),
                  price.per == catalog::Price::Per::node ? "node" : "accelerator", price.date),
      10);
  text += wrapped(fmt::format("          source: {}", price.source.text), 10);
  text += wrapped(times(pool), 10);
  text += wrapped("          error: " + pool.validation, 10);
  text += wrapped(fmt::format("memory    {}: {:.1f} GB for KV in {} blocks of {} tokens ({:.1f} GB "
                              "weights, {:.1f} GB reserve)",
                              pool.name, static_cast<double>(pool.room.left().value()) / 1e9,
                              pool.limits.blocks.value(), pool.limits.block_size.value(),
                              static_cast<double>(pool.room.weights.value()) / 1e9,
                              static_cast<double>(pool.room.reserve.value()) / 1e9),
                  10);
  return text;
}

}  // namespace

std::string summary_table(const fleet::Scenario& scenario, const fleet::Summary& summary) {
  std::string text = scenario.name + "\n";
  text += fmt::format("simulated {} (statistics: {}), seed {}, identity {}...\n",
                      seconds(summary.totals.end.value()), seconds(summary.measured_s),
                      scenario.seed, scenario.identity.substr(0, 12));
  for (const traffic::Tenant& tenant : scenario.tenants) {
    text += wrapped("traffic   " + tenant.name + ": " + tenant.stands_on, 10);
  }
  text += requests(summary) + latencies(summary) + classes(scenario, summary) +
          tenants(scenario, summary) + pools(summary);
  text += fmt::format("\ntokens    {:.1f}/s in, {:.1f}/s out (served requests)\n",
                      summary.prompt_tokens_per_s, summary.output_tokens_per_s);
  text += operations_text(scenario, summary);
  text += accounts(scenario, summary.accounts);
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    text += hand_over(scenario, scenario.pools[i], summary.pools[i]);
    text += engine(summary.pools[i]);
    const std::string wafers = wafer_bounds_text(summary.pools[i]);
    if (!wafers.empty()) text += wrapped(wafers, 10);
    text += basis(scenario.pools[i]);
  }
  for (const fleet::ServiceRule& rule : scenario.rules) {
    if (!fleet::applies(rule, scenario)) continue;
    const std::string note = rule.note.empty() ? "" : " (" + rule.note + ")";
    text += wrapped("rule      " + fleet::text_of(rule, scenario) + note, 10);
  }
  for (const std::string& assumption : scenario.assumptions) {
    text += wrapped("assumed   " + assumption, 10);
  }
  return text;
}

}  // namespace tokenyard::commands
