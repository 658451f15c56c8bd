// SPDX-License-Identifier: Apache-2.0
#include "traffic/servegen_clients.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "traffic/gaps.hpp"
#include "traffic/statistics_rows.hpp"

namespace tokenyard::traffic {
namespace {

using Field = ServeGenFiles::Field;

// Requests of a client in 6 h.
using PeriodRequests = std::map<std::pair<std::uint32_t, std::uint32_t>, double>;

// The rows of one client and field.
using Rows = std::vector<const ServeGenFiles::Lengths*>;

std::vector<double> requests_of(const ServeGenFiles& files) {
  std::vector<double> requests(files.clients.size());
  for (const auto& window : files.windows) requests[window.client] += window.requests;
  return requests;
}

// How much each row counts: by its requests, or alike where there are none in any.
std::vector<double> weights_of(const Rows& rows, const PeriodRequests& requests) {
  std::vector<double> weights;
  for (const auto* row : rows) {
    const auto found = requests.find({row->client, row->period});
    weights.push_back(found == requests.end() ? 0 : found->second);
  }
  const bool none = std::all_of(weights.begin(), weights.end(), [](double w) { return w <= 0; });
  if (none) std::fill(weights.begin(), weights.end(), 1);
  return weights;
}

double weighed_mean(const Rows& rows, const std::vector<double>& weights) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    sum += weights[i] * rows[i]->mean;
    total += weights[i];
  }
  return sum / total;
}

std::optional<ClientLengths> lengths_of(const std::array<Rows, 3>& rows,
                                        const PeriodRequests& requests) {
  if (rows[0].empty() || rows[1].empty()) return std::nullopt;
  ClientLengths lengths;
  for (std::size_t field = 0; field < 2; ++field) {
    const std::vector<double> weights = weights_of(rows[field], requests);
    std::vector<WeighedKnots> parts;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      parts.push_back({weights[i], &rows[field][i]->knots});
    }
    lengths.means[field] = weighed_mean(rows[field], weights);
    lengths.knots[field] = with_mean(averaged(parts), lengths.means[field]);
  }
  if (!rows[2].empty()) lengths.reason_ratio = weighed_mean(rows[2], weights_of(rows[2], requests));
  return lengths;
}

// The lengths of each client that has them.
std::vector<std::optional<ClientLengths>> all_lengths(const ServeGenFiles& files) {
  PeriodRequests requests;
  for (const auto& window : files.windows) {
    requests[{window.client, window.number / ServeGenFiles::windows_in_period}] += window.requests;
  }
  std::vector<std::array<Rows, 3>> rows(files.clients.size());
  for (const auto& row : files.lengths) {
    rows[row.client][static_cast<std::size_t>(row.field)].push_back(&row);
  }
  std::vector<std::optional<ClientLengths>> lengths;
  for (const auto& of_client : rows) lengths.push_back(lengths_of(of_client, requests));
  return lengths;
}

struct WeighedLengths {
  double weight;
  const ClientLengths* lengths;
};

ClientLengths pooled_lengths(const std::vector<WeighedLengths>& parts) {
  ClientLengths lengths;
  double total = 0;
  for (const WeighedLengths& part : parts) total += part.weight;
  for (std::size_t field = 0; field < 2; ++field) {
    std::vector<WeighedKnots> knots;
    for (const WeighedLengths& part : parts) {
      knots.push_back({part.weight, &part.lengths->knots[field]});
      lengths.means[field] += part.weight / total * part.lengths->means[field];
    }
    lengths.knots[field] = with_mean(pooled(knots), lengths.means[field]);
  }
  return lengths;
}

// Sorts the clients into those on their own and the others, and sums up what each does.
class Description {
 public:
  Description(const ServeGenFiles& files, double step_s)
      : files_(files),
        step_s_(step_s),
        requests_(requests_of(files)),
        lengths_(all_lengths(files)) {}

  DescribedClients make(std::size_t largest, const std::string& path) {
    choose(largest);
    if (made_.clients.empty()) {
      refuse_file(path, "has no client with requests; name a file with rates above 0");
    }
    add_windows();
    pool(path);
    for (std::size_t i = 0; i < made_.clients.size(); ++i) give_lengths(i);
    return std::move(made_);
  }

 private:
  void choose(std::size_t largest) {
    std::vector<std::uint32_t> order(files_.clients.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
      return requests_[a] != requests_[b] ? requests_[a] > requests_[b]
                                          : files_.clients[a] < files_.clients[b];
    });
    while (!order.empty() && requests_[order.back()] <= 0) order.pop_back();
    place_.resize(files_.clients.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t place = std::min(i, largest);
      place_[order[i]] = place;
      if (place == members_.size()) {
        members_.emplace_back();
        made_.clients.emplace_back().name = "client-" + files_.clients[order[i]];
      }
      members_[place].push_back(order[i]);
    }
    made_.members = order.size();
    made_.merged = order.size() > largest;
    if (made_.merged) made_.clients.back().name = "others";
  }

  void add_windows() {
    std::uint32_t last = 0;
    for (const auto& window : files_.windows) last = std::max(last, window.number);
    const auto per_step = static_cast<std::uint32_t>(step_s_ / ServeGenFiles::window_s);
    for (DescribedClient& client : made_.clients) {
      client.rates.resize(last / per_step + 1);
      client.cvs.resize(client.rates.size());
    }
    for (const auto& window : files_.windows) {
      if (requests_[window.client] <= 0) continue;
      DescribedClient& client = made_.clients[place_[window.client]];
      const std::size_t step = window.number / per_step;
      client.requests += window.requests;
      client.by_pattern[static_cast<std::size_t>(window.pattern)] += window.requests;
      client.rates[step] += window.requests;
      client.cvs[step] += window.requests * window.cv;
    }
    for (DescribedClient& client : made_.clients) finish_steps(client);
  }

  void finish_steps(DescribedClient& client) {
    made_.requests += client.requests;
    for (std::size_t i = 0; i < client.rates.size(); ++i) {
      const bool silent = client.rates[i] <= 0;
      client.cvs[i] = silent ? 1 : std::clamp(client.cvs[i] / client.rates[i], least_cv, most_cv);
      client.rates[i] /= step_s_;
    }
  }

  // What those borrow that have no lengths.
  void pool(const std::string& path) {
    std::vector<WeighedLengths> parts;
    double reasoning = 0, reasoners = 0;
    for (std::size_t i = 0; i < lengths_.size(); ++i) {
      if (requests_[i] <= 0) continue;
      if (!lengths_[i]) {
        ++made_.borrowers;
        made_.borrowed_requests += requests_[i];
        continue;
      }
      parts.push_back({requests_[i], &*lengths_[i]});
      if (lengths_[i]->reason_ratio < 0) continue;
      reasoning += requests_[i] * lengths_[i]->reason_ratio;
      reasoners += requests_[i];
    }
    if (parts.empty()) {
      refuse_file(path,
                  "has no lengths of any client of the windows; give those of the same record");
    }
    if (reasoners > 0) made_.reason_ratio = reasoning / reasoners;
    if (made_.borrowers > 0) common_ = pooled_lengths(parts);
  }

  void give_lengths(std::size_t place) {
    DescribedClient& client = made_.clients[place];
    client.members = members_[place].size();
    std::vector<WeighedLengths> parts;
    for (const std::uint32_t member : members_[place]) {
      client.borrows = client.borrows || !lengths_[member];
      parts.push_back({requests_[member], lengths_[member] ? &*lengths_[member] : &common_});
    }
    client.lengths = parts.size() == 1 ? *parts[0].lengths : pooled_lengths(parts);
  }

  const ServeGenFiles& files_;
  double step_s_;
  std::vector<double> requests_;
  std::vector<std::optional<ClientLengths>> lengths_;
  std::vector<std::size_t> place_;                   // of a client among the described ones
  std::vector<std::vector<std::uint32_t>> members_;  // of each place
  ClientLengths common_;
  DescribedClients made_;
};

}  // namespace

DescribedClients describe_clients(const ServeGenFiles& files, double step_s, std::size_t largest,
                                  const std::string& path) {
  return Description(files, step_s).make(largest, path);
}

}  // namespace tokenyard::traffic
