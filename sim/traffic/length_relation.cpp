// SPDX-License-Identifier: Apache-2.0
#include "traffic/length_relation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/random.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::size_t largest_sample = 100'000;
constexpr std::uint64_t sample_seed = 1;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

using Pair = LengthRelation::Pair;
using Order = std::vector<std::size_t>;

Order ascending(const std::vector<Pair>& pairs, double Pair::*length) {
  Order order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return pairs[a].*length < pairs[b].*length;
  });
  return order;
}

// One past the last of those that are equal to the one at `from`.
std::size_t end_of_ties(const std::vector<Pair>& pairs, const Order& order, std::size_t from,
                        double Pair::*length) {
  std::size_t end = from;
  while (end < order.size() && pairs[order[end]].*length == pairs[order[from]].*length) ++end;
  return end;
}

// Ranks less their mean; equals share the mean of theirs.
std::vector<double> centred_ranks(const std::vector<Pair>& pairs, double Pair::*length) {
  const Order order = ascending(pairs, length);
  std::vector<double> ranks(pairs.size());
  for (std::size_t from = 0; from < order.size();) {
    const std::size_t end = end_of_ties(pairs, order, from, length);
    const double rank =
        (static_cast<double>(from) + static_cast<double>(end) - static_cast<double>(order.size())) /
        2;
    for (; from < end; ++from) ranks[order[from]] = rank;
  }
  return ranks;
}

double rank_correlation(const std::vector<Pair>& pairs) {
  const std::vector<double> prompts = centred_ranks(pairs, &Pair::prompt);
  const std::vector<double> outputs = centred_ranks(pairs, &Pair::output);
  double both = 0, prompt = 0, output = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    both += prompts[i] * outputs[i];
    prompt += prompts[i] * prompts[i];
    output += outputs[i] * outputs[i];
  }
  return prompt > 0 && output > 0 ? both / std::sqrt(prompt * output) : nothing;
}

// Equal prompts that lie across a border belong to both quarters, each by its part.
std::array<double, 4> mean_output(const std::vector<Pair>& pairs) {
  const Order order = ascending(pairs, &Pair::prompt);
  const double quarter = static_cast<double>(pairs.size()) / 4;
  std::array<double, 4> means{};
  for (std::size_t from = 0; from < order.size();) {
    const std::size_t end = end_of_ties(pairs, order, from, &Pair::prompt);
    double sum = 0;
    for (std::size_t i = from; i < end; ++i) sum += pairs[order[i]].output;
    const double each = sum / static_cast<double>(end - from);
    for (std::size_t q = 0; q < 4; ++q) {
      const double low = std::max(static_cast<double>(from), quarter * static_cast<double>(q));
      const double high = std::min(static_cast<double>(end), quarter * static_cast<double>(q + 1));
      means[q] += std::max(high - low, 0.0) * each / quarter;
    }
    from = end;
  }
  return means;
}

}  // namespace

void LengthRelation::add(Tokens prompt, Tokens output) {
  const std::uint64_t number = seen_++;
  if (!in_sample(sample_seed, number, share_)) return;
  sample_.push_back(
      {number, static_cast<double>(prompt.value()), static_cast<double>(output.value())});
  if (sample_.size() <= largest_sample) return;
  share_ /= 2;
  std::erase_if(sample_,
                [this](const Pair& pair) { return !in_sample(sample_seed, pair.number, share_); });
}

LengthRelationStatistics LengthRelation::finish() const {
  return {sample_.size(), rank_correlation(sample_), mean_output(sample_)};
}

}  // namespace tokenyard::traffic
