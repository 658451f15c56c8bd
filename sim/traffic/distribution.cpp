// SPDX-License-Identifier: Apache-2.0
#include "traffic/distribution.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::size_t guide_parts = 256;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Distribution Distribution::quantiles(std::vector<Knot> knots) {
  SIM_EXPECT(knots.size() >= 2 && knots.front().probability == 0 && knots.back().probability == 1);
  Quantiles made;
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < guide_parts; ++i) {
    const double begin = static_cast<double>(i) / guide_parts;
    while (knots[at + 1].probability <= begin) ++at;
    made.guide.push_back(at);
  }
  made.knots = std::move(knots);
  Distribution distribution;
  distribution.form_ = std::move(made);
  return distribution;
}

Distribution Distribution::log_normal(LogNormal parameters) {
  SIM_EXPECT(parameters.median > 0 && parameters.sigma >= 0 && parameters.sigma <= 10);
  Distribution distribution;
  distribution.form_ = parameters;
  return distribution;
}

Distribution Distribution::gamma(Gamma parameters) {
  SIM_EXPECT(parameters.mean > 0 && parameters.cv >= 0.01 && parameters.cv <= 100);
  Distribution distribution;
  distribution.form_ = parameters;
  return distribution;
}

Distribution Distribution::pareto(Pareto parameters) {
  SIM_EXPECT(parameters.least > 0 && parameters.exponent >= 0.1);
  Distribution distribution;
  distribution.form_ = parameters;
  return distribution;
}

Distribution Distribution::mixture(std::vector<Part> parts) {
  SIM_EXPECT(!parts.empty());
  double total = 0;
  for (const Part& part : parts) total += part.share;
  SIM_EXPECT(total > 0);
  Parts made;
  double sum = 0;
  for (Part& part : parts) {
    sum += part.share;
    made.shares.push_back(sum / total);
    made.parts.push_back(std::move(part.distribution));
  }
  made.shares.back() = 1;
  Distribution distribution;
  distribution.form_ = std::move(made);
  return distribution;
}

Distribution& Distribution::clip(double least, double most) {
  SIM_EXPECT(least <= most);
  least_ = least;
  most_ = most;
  return *this;
}

double Distribution::draw_unclipped(RandomStream& stream) const {
  return std::visit(Overloaded{
                        [&stream](const Quantiles& q) {
                          const double u = stream.uniform();
                          std::size_t at = q.guide[static_cast<std::size_t>(u * guide_parts)];
                          while (q.knots[at + 1].probability < u) ++at;
                          const Knot& a = q.knots[at];
                          const Knot& b = q.knots[at + 1];
                          return a.value + (u - a.probability) / (b.probability - a.probability) *
                                               (b.value - a.value);
                        },
                        [&stream](const LogNormal& l) {
                          return l.median * portable_exp(l.sigma * stream.normal());
                        },
                        [&stream](const Gamma& g) {
                          const double spread = g.cv * g.cv;
                          return g.mean * spread * stream.gamma(1 / spread);
                        },
                        [&stream](const Pareto& p) {
                          return p.least *
                                 portable_exp(std::min(700.0, stream.exponential() / p.exponent));
                        },
                        [&stream](const Parts& m) {
                          const double u = stream.uniform();
                          std::size_t at = 0;
                          while (m.shares[at] < u) ++at;
                          return m.parts[at].draw(stream);
                        },
                    },
                    form_);
}

double Distribution::draw(RandomStream& stream) const {
  return std::clamp(draw_unclipped(stream), least_, most_);
}

std::int64_t Distribution::draw_whole(RandomStream& stream) const {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(draw(stream) + 0.5));
}

double Distribution::mean() const {
  return std::visit(
      Overloaded{
          [](const Quantiles& q) {
            double sum = 0;
            for (std::size_t i = 1; i < q.knots.size(); ++i) {
              const Knot& a = q.knots[i - 1];
              const Knot& b = q.knots[i];
              sum += (b.probability - a.probability) * (a.value + b.value) / 2;
            }
            return sum;
          },
          [](const LogNormal& l) { return l.median * portable_exp(0.5 * l.sigma * l.sigma); },
          [](const Gamma& g) { return g.mean; },
          [](const Pareto& p) {
            return p.exponent > 1 ? p.least * p.exponent / (p.exponent - 1)
                                  : std::numeric_limits<double>::infinity();
          },
          [](const Parts& m) {
            double sum = 0, before = 0;
            for (std::size_t i = 0; i < m.parts.size(); ++i) {
              sum += (m.shares[i] - before) * m.parts[i].mean();
              before = m.shares[i];
            }
            return sum;
          },
      },
      form_);
}

}  // namespace tokenyard::traffic
