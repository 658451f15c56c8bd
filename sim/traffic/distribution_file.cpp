// SPDX-License-Identifier: Apache-2.0
// How a distribution is written in a file.
#include <string>

#include "traffic/distribution.hpp"

namespace tokenyard::traffic {
namespace {

using config::Dimension;
using config::Section;

// Why the knots are not a distribution, or "".
std::string fault(const std::vector<Distribution::Knot>& knots) {
  if (knots.size() < 2) return "needs at least two pairs, from [0, least] to [1, most]";
  if (knots.front().probability != 0 || knots.back().probability != 1) {
    return "must begin at probability 0 and end at 1; add the least and the most";
  }
  for (std::size_t i = 0; i < knots.size(); ++i) {
    if (!(knots[i].value >= 0) || knots[i].value > 0x1p53) {
      return "has a value that is not between 0 and 2^53; correct it";
    }
    if (i == 0) continue;
    if (knots[i].probability < knots[i - 1].probability) {
      return "has probabilities that fall; sort the pairs";
    }
    if (knots[i].value < knots[i - 1].value) {
      return "has values that fall while probabilities rise; correct them";
    }
  }
  return "";
}

// Reads one distribution; its values are quantities of one dimension.
class DistributionReader {
 public:
  explicit DistributionReader(Dimension dimension) : dimension_(dimension) {}

  Distribution read(Section& section) const {
    std::string_view form;
    for (const std::string_view name : distribution_forms) {
      if (!section.has(name)) continue;
      if (!form.empty()) {
        section.mistake(name, "stands beside '" + std::string(form) + "'; keep one of the two");
      }
      form = name;
    }
    Distribution made = read_form(section, form);
    const double least = section.has("least") ? value(section, "least") : 0;
    const double most = section.has("most") ? value(section, "most") : 0x1p53;
    if (least > most) {
      section.mistake("least", "is above 'most'; exchange them");
    } else {
      made.clip(least, most);
    }
    section.finish();
    return made;
  }

  // Tokens may be bare, as everywhere.
  double value(Section& section, std::string_view key) const {
    if (dimension_ == Dimension::tokens) {
      return static_cast<double>(section.required<Tokens>(key, {1, 0x1p53}).value());
    }
    return section.required_quantity(key, dimension_, {0, 0x1p53});
  }

 private:
  double positive(Section& section, std::string_view key) const {
    const double number = value(section, key);
    if (number > 0) return number;
    section.mistake(key, "must be above 0; correct it");
    return 1;
  }

  Distribution read_form(Section& section, std::string_view form) const {
    if (form == "constant") return Distribution::constant(value(section, "constant"));
    if (form == "quantiles") return read_quantiles(section);
    if (form == "lognormal") {
      Section own = section.child("lognormal");
      const double median = positive(own, "median");
      const double sigma = own.required<double>("sigma", {0, 10});
      own.finish();
      return Distribution::log_normal({median, sigma});
    }
    if (form == "gamma") {
      Section own = section.child("gamma");
      const double mean = positive(own, "mean");
      const double cv = own.required<double>("cv", {0.01, 100});
      own.finish();
      return Distribution::gamma({mean, cv});
    }
    if (form == "exponential") {
      Section own = section.child("exponential");
      const double mean = positive(own, "mean");
      own.finish();
      return Distribution::gamma({mean, 1});
    }
    if (form == "pareto") {
      Section own = section.child("pareto");
      const double least = positive(own, "least");
      const double exponent = own.required<double>("exponent", {0.1, 100});
      own.finish();
      return Distribution::pareto({least, exponent});
    }
    if (form == "mixture") return read_mixture(section);
    std::string names;
    for (const std::string_view name : distribution_forms) {
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    section.mistake("", "names no distribution; give one of " + names);
    return Distribution::constant(1);
  }

  Distribution read_quantiles(Section& section) const {
    std::vector<Distribution::Knot> knots;
    for (const std::vector<double>& row : section.table("quantiles", 2)) {
      knots.push_back({row[0], row[1]});
    }
    const std::string problem = fault(knots);
    if (problem.empty()) return Distribution::quantiles(std::move(knots));
    section.mistake("quantiles", problem);
    return Distribution::constant(1);
  }

  Distribution read_mixture(Section& section) const {
    std::vector<Distribution::Part> parts;
    for (Section& part : section.children("mixture", 1)) {
      const double share = part.required<config::Fraction>("share", {1e-9, 1}).value;
      parts.push_back({share, read(part)});
    }
    if (parts.empty()) return Distribution::constant(1);
    return Distribution::mixture(std::move(parts));
  }

  Dimension dimension_;
};

}  // namespace

Distribution read_distribution(Section& parent, std::string_view key, Dimension dimension) {
  if (parent.has(key) && !parent.has_map(key)) {
    return Distribution::constant(DistributionReader(dimension).value(parent, key));
  }
  return read_distribution(parent.child(key), dimension);
}

Distribution read_distribution(Section section, Dimension dimension) {
  return DistributionReader(dimension).read(section);
}

}  // namespace tokenyard::traffic
