// SPDX-License-Identifier: Apache-2.0
// Which pools may serve which tenants, and when.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "fleet/scenario.hpp"
#include "fleet/service_rules.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A tenant and the rules that are about it.
struct Served {
  const traffic::Tenant* tenant;
  ModelId model;
  std::vector<const ServiceRule*> rules;
};

Served served(const Scenario& scenario, std::size_t number) {
  Served s{&scenario.tenants[number], scenario.openings[number].model, {}};
  for (const ServiceRule& rule : scenario.rules) {
    if (!is_about(rule, scenario.models[index(s.model)]->name)) continue;
    if (rule.api_class && *rule.api_class != s.tenant->api_class) continue;
    s.rules.push_back(&rule);
  }
  return s;
}

// Of the pools that requests pass which enter at one.
bool all_of_chain(const Scenario& scenario, std::size_t entry,
                  const std::function<bool(const PoolPlan&)>& holds) {
  const PoolPlan& pool = scenario.pools[entry];
  if (!holds(pool)) return false;
  return pool.role != PoolRole::prefill || holds(scenario.pools[pool.next_pool]);
}

// Why a pool may not serve a tenant.
enum class Barrier : std::uint8_t { none, kept, residency, rule };

struct Verdict {
  Barrier barrier = Barrier::none;
  const ServiceRule* rule = nullptr;
};

bool open_to(const Scenario& scenario, const Served& s, std::size_t entry) {
  return all_of_chain(scenario, entry, [&s](const PoolPlan& pool) {
    return pool.tenants.empty() || has(pool.tenants, s.tenant->name);
  });
}

Verdict judge(const Scenario& scenario, const Served& s, std::size_t entry, Instant date) {
  if (!open_to(scenario, s, entry)) return {Barrier::kept};
  const auto resides = [&s](const PoolPlan& pool) {
    return s.tenant->regions.empty() || has(s.tenant->regions, pool.region);
  };
  if (!all_of_chain(scenario, entry, resides)) return {Barrier::residency};
  for (const ServiceRule* rule : s.rules) {
    if (rule->first || !rule->in_force(date)) continue;
    const auto allows = [rule](const PoolPlan& pool) {
      return names_provider_of(*rule, pool.region);
    };
    if (!all_of_chain(scenario, entry, allows)) return {Barrier::rule, rule};
  }
  return {};
}

bool comes_first(const Scenario& scenario, const Served& s, std::size_t entry, Instant date) {
  return std::any_of(s.rules.begin(), s.rules.end(), [&](const ServiceRule* rule) {
    return rule->first && rule->in_force(date) &&
           all_of_chain(scenario, entry, [rule](const PoolPlan& pool) {
             return names_provider_of(*rule, pool.region);
           });
  });
}

std::vector<std::size_t> entries_of(const Scenario& scenario, ModelId model) {
  std::vector<std::size_t> entries;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolPlan& pool = scenario.pools[i];
    if (pool.role != PoolRole::decode && pool.model == model) entries.push_back(i);
  }
  return entries;
}

// When what may serve a tenant can change, the start included.
std::vector<Instant> dates_of(const Scenario& scenario, const Served& s) {
  std::set<Instant> dates = {Instant(0)};
  for (const ServiceRule* rule : s.rules) {
    for (const Instant date : {rule->from, rule->until}) {
      if (date > Instant(0) && date < scenario.until) dates.insert(date);
    }
  }
  return {dates.begin(), dates.end()};
}

Allowed allowed_at(const Scenario& scenario, const Served& s, Instant date) {
  Allowed allowed{date, {}, {}};
  for (const std::size_t entry : entries_of(scenario, s.model)) {
    if (judge(scenario, s, entry, date).barrier != Barrier::none) continue;
    (comes_first(scenario, s, entry, date) ? allowed.preferred : allowed.others).push_back(entry);
  }
  if (allowed.preferred.empty()) allowed.preferred.swap(allowed.others);
  return allowed;
}

std::string place_text(const Scenario& scenario, const PoolPlan& pool) {
  std::string place = pool.region;
  if (pool.role == PoolRole::prefill) place += ", then " + scenario.pools[pool.next_pool].region;
  return fmt::format("'{}' ({})", pool.name, place);
}

// Pools by what stands between them and a tenant.
std::string barriers_text(const Scenario& scenario, const Served& s, Instant date) {
  std::vector<std::string> kept, outside, ruled, rules, texts;
  for (const std::size_t entry : entries_of(scenario, s.model)) {
    const Verdict verdict = judge(scenario, s, entry, date);
    const std::string place = place_text(scenario, scenario.pools[entry]);
    if (verdict.barrier == Barrier::kept) kept.push_back(place);
    if (verdict.barrier == Barrier::residency) outside.push_back(place);
    if (verdict.barrier != Barrier::rule) continue;
    ruled.push_back(place);
    const std::string text = text_of(*verdict.rule, scenario) + " (" + verdict.rule->where + ")";
    if (!has(rules, text)) rules.push_back(text);
  }
  const auto add = [&texts](const std::string& why, const std::vector<std::string>& pools) {
    if (!pools.empty()) texts.push_back(fmt::format("{}: {}", why, fmt::join(pools, ", ")));
  };
  add("kept for other tenants", kept);
  add("outside the regions that it names", outside);
  add(fmt::format("against the rule {}", fmt::join(rules, ", and ")), ruled);
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string span_text(const Scenario& scenario, Instant from, Instant until) {
  if (!scenario.begins) return "";
  std::string text = " from " + moment_text(moment_of(from, *scenario.begins));
  if (until < Instant::never()) {
    text += " until " + moment_text(moment_of(until, *scenario.begins));
  }
  return text;
}

// What is wrong with where a tenant may be served; nothing if all is well.
std::string complaint(const Scenario& scenario, std::size_t number) {
  const Served s = served(scenario, number);
  const std::string& model = scenario.models[index(s.model)]->name;
  if (entries_of(scenario, s.model).empty()) {
    return fmt::format("'{}' asks for {}, which no pool serves; add a pool", s.tenant->name, model);
  }
  const std::vector<Instant> dates = dates_of(scenario, s);
  for (std::size_t i = 0; i < dates.size(); ++i) {
    if (!allowed_at(scenario, s, dates[i]).preferred.empty()) continue;
    const Instant end = i + 1 < dates.size() ? dates[i + 1] : scenario.until;
    const std::string when = dates.size() > 1 ? span_text(scenario, dates[i], end) : "";
    return fmt::format(
        "'{}' has nowhere to run{}, for the pools that serve {} are {}; add or move a "
        "pool, or change what forbids these",
        s.tenant->name, when, model, barriers_text(scenario, s, dates[i]));
  }
  return "";
}

// Of a region that a tenant names, and none is called so.
std::string unknown_region(const Scenario& scenario, const traffic::Tenant& tenant) {
  std::set<std::string> known;
  for (const auto& [region, site] : scenario.catalog->regions) known.insert(region);
  for (const network::Cluster& cluster : scenario.layout.clusters) known.insert(cluster.region);
  for (const std::string& region : tenant.named_regions) {
    if (known.contains(region)) continue;
    return fmt::format("'{}' may be served in a region that is none: {}", tenant.name,
                       config::unknown_name(region, {known.begin(), known.end()}));
  }
  return "";
}

}  // namespace

std::vector<TenantRoutes> routes_of(const Scenario& scenario) {
  std::vector<TenantRoutes> routes;
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    const Served s = served(scenario, i);
    TenantRoutes& tenant = routes.emplace_back();
    for (const std::size_t entry : entries_of(scenario, s.model)) {
      if (open_to(scenario, s, entry)) tenant.all.push_back(entry);
    }
    for (const Instant date : dates_of(scenario, s)) {
      Allowed now = allowed_at(scenario, s, date);
      const bool as_before = !tenant.allowed.empty() &&
                             tenant.allowed.back().preferred == now.preferred &&
                             tenant.allowed.back().others == now.others;
      if (!as_before) tenant.allowed.push_back(std::move(now));
    }
  }
  return routes;
}

void check_routes(Section& workload, const Scenario& scenario) {
  std::vector<Section> sections;
  if (workload.has_list("tenants")) sections = workload.children("tenants");
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    for (const std::string& text :
         {unknown_region(scenario, scenario.tenants[i]), complaint(scenario, i)}) {
      if (text.empty()) continue;
      if (i < sections.size()) {
        sections[i].mistake("", text);
      } else {
        workload.mistake("file", text);
      }
      break;
    }
  }
}

}  // namespace tokenyard::fleet
