// SPDX-License-Identifier: Apache-2.0
#include "traffic/servegen.hpp"

#include <algorithm>
#include <cmath>

#include "traffic/servegen_clients.hpp"
#include "traffic/statistics_rows.hpp"
#include "traffic/workload_text.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::array<std::string_view, 2> processes = {"gamma", "weibull"};

std::string percent_text(double share) {
  return number_text(100 * share, share < 0.1 ? 2 : 3) + " %";
}

// Refuses steps that windows do not fill, and more numbers than a workload file may hold.
void check_size(const ServeGenFiles& files, const ServeGenOptions& options) {
  const double step_s = options.step.value();
  constexpr double longest_s = 1e9;
  if (!(step_s > 0 && step_s <= longest_s) || std::fmod(step_s, ServeGenFiles::window_s) != 0) {
    throw config::ConfigError(config::Mistake{
        "--step",
        {},
        "",
        duration_text(step_s) +
            " is no multiple (up to 1e9 s) of the 10 min of a window; give one, e.g. '1 h'"});
  }
  double last_s = 0;
  for (const auto& window : files.windows) {
    last_s = std::max(last_s, ServeGenFiles::window_s * window.number);
  }
  const double steps = std::floor(last_s / step_s) + 1;
  constexpr double knots = 200;  // and what else a client needs
  const auto clients = static_cast<double>(std::min(options.clients + 1, files.clients.size()));
  if (steps <= most_described_steps && clients * (2 * steps + knots) <= most_described) return;
  refuse_file(options.windows,
              "has " + counted_text(steps) + " steps of " + duration_text(step_s) + ", for " +
                  counted_text(clients) +
                  " clients more than a workload file may hold; give a longer --step or fewer "
                  "--clients, and let t_s count from the beginning of the record");
}

// What the whole of it is like.
std::string totals_text(const DescribedClients& d, double step_s) {
  std::vector<double> rates(d.clients[0].rates.size());
  for (const DescribedClient& client : d.clients) {
    for (std::size_t i = 0; i < rates.size(); ++i) rates[i] += client.rates[i];
  }
  const double span_s = step_s * static_cast<double>(rates.size());
  const auto [least, most] = std::minmax_element(rates.begin(), rates.end());
  return counted_text(d.requests) + " requests of " + counted_text(static_cast<double>(d.members)) +
         " clients in " + duration_text(span_s) + " (" + number_text(d.requests / span_s, 4) +
         " requests/s; by the step from " + number_text(*least, 4) + " to " +
         number_text(*most, 4) + "), described by statistics in the format of ServeGen.";
}

std::string others_text(const DescribedClients& d) {
  if (!d.merged) return "";
  const DescribedClient& others = d.clients.back();
  return " The other " + counted_text(static_cast<double>(others.members)) + " (" +
         percent_text(others.requests / d.requests) +
         " of the requests) are one, 'others': a Poisson process, as many superposed ones are "
         "nearly, with the sum of their rates. Its lengths are the pooled quantile functions of "
         "these clients: their mixture by requests, sampled at " +
         std::to_string(pooled_grid()) + " probabilities.";
}

std::string lengths_text(const DescribedClients& d) {
  std::string text =
      " Knots between the quantiles of the statistics are put where they make the mean right.";
  if (d.borrowers > 0) {
    text +=
        " Borrowed: " + counted_text(static_cast<double>(d.borrowers)) + " of the clients, with " +
        counted_text(d.borrowed_requests) + " requests (" +
        percent_text(d.borrowed_requests / d.requests) +
        ") have no lengths in the statistics; theirs are the pooled ones of all clients that do.";
  }
  if (d.reason_ratio >= 0) {
    text += " Output tokens include reasoning; its share is " + percent_text(d.reason_ratio) +
            " in the mean over requests (reason_ratio).";
  }
  return text;
}

std::string description_of(const DescribedClients& d, double step_s) {
  const std::size_t own = d.clients.size() - (d.merged ? 1 : 0);
  std::string text = totals_text(d, step_s);
  if (own > 0) {
    text += " The " + counted_text(static_cast<double>(own)) +
            " largest clients are on their own: a rate and a coefficient of variation (cv) of "
            "interarrival times for each step of " +
            duration_text(step_s) +
            ", gamma or Weibull as most of the client's requests came; the quantiles of its "
            "lengths, averaged over its periods of 6 h.";
  }
  return text + others_text(d) + lengths_text(d) +
         " Not reproduced: rates that change within a step, lengths that change over the day, how "
         "outputs depend on prompts, sessions and shared prefixes.";
}

std::string comment_of(const DescribedClient& client, double total) {
  const ClientLengths& lengths = client.lengths;
  std::string text = percent_text(client.requests / total) + " of the requests; mean prompt " +
                     number_text(mean_of(lengths.knots[0]), 4) + " tokens, output " +
                     number_text(mean_of(lengths.knots[1]), 4);
  if (client.borrows) text += client.members == 1 ? ", borrowed" : ", partly borrowed";
  // Where no distribution with these quantiles has that mean.
  constexpr double near = 0.005;
  for (std::size_t i = 0; i < 2; ++i) {
    if (std::abs(mean_of(lengths.knots[i]) - lengths.means[i]) <= near * lengths.means[i]) continue;
    text += i == 0 ? " (prompt in the statistics: " : " (output in the statistics: ";
    text += number_text(lengths.means[i], 4) + ")";
  }
  return text;
}

std::string client_text(const DescribedClient& client, const std::string& comment, bool merged,
                        double step_s) {
  const std::size_t pattern = client.by_pattern[1] > client.by_pattern[0] ? 1 : 0;
  std::string text =
      "  # " + comment + "\n  - name: " + quoted_text(client.name) +
      "\n    arrivals:\n      process: " + std::string(merged ? "poisson" : processes[pattern]) +
      "\n      rate:\n        unit: 1/s\n        step: " + duration_text(step_s) +
      "\n        values: " + list_text(client.rates, 10) + "\n";
  if (!merged) text += "      cvs: " + list_text(client.cvs, 8, 4) + "\n";
  return text + "    lengths:\n      prompt_tokens:\n        quantiles: " +
         quantiles_text(client.lengths.knots[0], 10) +
         "\n      output_tokens:\n        quantiles: " +
         quantiles_text(client.lengths.knots[1], 10) + "\n";
}

}  // namespace

std::string workload_from_servegen(const ServeGenOptions& options) {
  const ServeGenFiles files = read_servegen(options.windows, options.lengths);
  check_size(files, options);
  const double step_s = options.step.value();
  const DescribedClients d = describe_clients(files, step_s, options.clients, options.windows);
  std::string text = "# Clients described by production statistics: rates, burstiness, lengths.\n";
  text += "name: " + quoted_text(options.name) + "\n";
  text += folded_text("description", description_of(d, step_s));
  text += folded_text("source", "Computed by " + options.made_by + " from " +
                                    file_and_digest(options.windows) + " and " +
                                    file_and_digest(options.lengths) +
                                    ", statistics in the format of github:alibaba/ServeGen.");
  text +=
      "\n# Rates and cvs: one a step, from the beginning of the record; nothing comes after the "
      "last.\n# Lengths: pairs of a probability and the tokens there, linear between them.\n";
  text += "clients:\n";
  for (const DescribedClient& client : d.clients) {
    const bool merged = d.merged && &client == &d.clients.back();
    text += client_text(client, comment_of(client, d.requests), merged, step_s) + "\n";
  }
  text.pop_back();
  return text;
}

}  // namespace tokenyard::traffic
