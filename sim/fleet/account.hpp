// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <string>

namespace tokenyard::fleet {

// What was used, paid and earned: of a pool, a region, a provider, a model, a tenant, or all.
struct Account {
  std::string name;
  double accelerator_h = 0;  // paid for, busy or not
  double energy_j = 0;       // of the site, its overhead included
  double carbon_kg = 0;
  double cost_nodes_usd = 0;
  double cost_egress_usd = 0;
  double cost_shortfall_usd = 0;  // committed and not used
  double egress_bytes = 0;
  // Of pools, and regions and providers, which are made of them: computed. Of tenants, models and
  // all: of requests with status ok.
  double prompt_tokens = 0;
  double output_tokens = 0;
  double revenue_usd = std::numeric_limits<double>::quiet_NaN();  // none without a price

  double cost_usd() const { return cost_nodes_usd + cost_egress_usd + cost_shortfall_usd; }
  double margin_usd() const { return revenue_usd - cost_usd(); }
  // All of the cost, over one kind of tokens and over both.
  double cost_per_million_prompt_tokens_usd() const { return per_million(prompt_tokens); }
  double cost_per_million_output_tokens_usd() const { return per_million(output_tokens); }
  double cost_per_million_tokens_usd() const { return per_million(prompt_tokens + output_tokens); }
  double tokens_per_j() const {
    return energy_j > 0 ? (prompt_tokens + output_tokens) / energy_j
                        : std::numeric_limits<double>::quiet_NaN();
  }

  void earn(double usd) { revenue_usd = std::isnan(revenue_usd) ? usd : revenue_usd + usd; }

  // A share of what `other` used and paid; not its tokens, nor what it earned.
  void bear(const Account& other, double share) {
    accelerator_h += other.accelerator_h * share;
    energy_j += other.energy_j * share;
    carbon_kg += other.carbon_kg * share;
    cost_nodes_usd += other.cost_nodes_usd * share;
    cost_egress_usd += other.cost_egress_usd * share;
    cost_shortfall_usd += other.cost_shortfall_usd * share;
    egress_bytes += other.egress_bytes * share;
  }

 private:
  double per_million(double tokens) const {
    constexpr double million = 1e6;
    return tokens > 0 ? cost_usd() / tokens * million : std::numeric_limits<double>::quiet_NaN();
  }
};

}  // namespace tokenyard::fleet
