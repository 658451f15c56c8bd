// SPDX-License-Identifier: Apache-2.0
#include "sweep/dry_run.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "config/errors.hpp"
#include "fleet/scenario.hpp"
#include "network/platform.hpp"

namespace tokenyard::sweep {
namespace {

using config::Mistake;
using config::Mistakes;

bool is_corner(const Points& points, const Point& point) {
  for (std::size_t i = 0; i < points.levels.size(); ++i) {
    if (point.levels[i] != 0 && point.levels[i] + 1 != points.levels[i].size()) return false;
  }
  return true;
}

// Corners, then points with a level that is new, then others evenly.
std::vector<const Point*> chosen(const Points& points, std::size_t most) {
  const std::vector<const Point*> kept = points.kept();
  if (kept.size() <= most) return kept;
  std::set<const Point*> found;
  std::set<std::pair<std::size_t, std::uint32_t>> seen;
  const auto take = [&](const Point* point) {
    if (found.size() >= most || !found.insert(point).second) return;
    for (std::size_t i = 0; i < point->levels.size(); ++i) seen.insert({i, point->levels[i]});
  };
  for (const Point* point : kept) {
    if (found.size() < most / 2 && is_corner(points, *point)) take(point);
  }
  // Those with the most new levels first: a grid is then crossed by its diagonal.
  for (std::size_t wanted = points.levels.size(); wanted > 0; --wanted) {
    for (const Point* point : kept) {
      std::size_t news = 0;
      for (std::size_t i = 0; i < point->levels.size(); ++i) {
        news += seen.contains({i, point->levels[i]}) ? 0 : 1;
      }
      if (news >= wanted) take(point);
    }
  }
  for (std::size_t i = 0; i < most; ++i) take(kept[i * kept.size() / most]);
  std::vector<const Point*> sorted(found.begin(), found.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Point* a, const Point* b) { return a->number < b->number; });
  return sorted;
}

class DryRunner {
 public:
  DryRunner(const Study& study, const Points& points, Mistakes& mistakes)
      : study_(study), points_(points), mistakes_(mistakes) {}

  void look(const Point& point) {
    config::Reading reading;
    try {
      const config::Document document = scenario_of(study_, points_, point, 0, reading.mistakes);
      const fleet::Scenario scenario = fleet::read_scenario(document, reading);
      check_platform(scenario, reading.mistakes);
      if (reading.mistakes.empty()) return note(point, scenario);
    } catch (const config::ConfigError& error) {
      for (const Mistake& mistake : error.mistakes()) reading.mistakes.add(mistake);
    }
    for (const Mistake& mistake : reading.mistakes.all()) complain(point, mistake);
  }

  void check_parts() {
    if (!mistakes_.empty()) return;
    for (const MetricName& name : study_.keep) {
      const std::set<std::string>& known = parts_[name.metric->of];
      if (known.empty() || known.contains(name.part)) continue;
      mistakes_.add({study_.file,
                     {},
                     name.text(),
                     config::unknown_name(name.part, {known.begin(), known.end()})});
    }
  }

  DryRun take() { return std::move(found_); }

 private:
  void check_platform(const fleet::Scenario& scenario, Mistakes& mistakes) {
    if (scenario.platform.text.empty() || !platforms_.insert(scenario.platform.text).second) return;
    network::Platform::check(scenario.platform, mistakes);
  }

  void note(const Point& point, const fleet::Scenario& scenario) {
    const auto [first, is_new] = first_of_.emplace(scenario.identity, &point);
    found_.looked.push_back({&point, scenario.identity, scenario.expected_requests(),
                             is_new ? nullptr : first->second});
    for (const MetricName& name : study_.keep) {
      if (name.metric->of == MetricOf::run) continue;
      for (const std::string& part : parts(scenario, name.metric->of)) {
        parts_[name.metric->of].insert(part);
      }
    }
  }

  // One mistake of many points is one: it is told of the first.
  void complain(const Point& point, Mistake mistake) {
    const std::string own = config::describe(mistake);
    if (!told_.insert(own).second) return;
    const std::string at = "point " + std::to_string(point.number) + " (" +
                           sweep::describe(study_, points_, point) + ")";
    mistake.path = mistake.path.empty() ? at : at + ": " + mistake.path;
    mistakes_.add(std::move(mistake));
  }

  const Study& study_;
  const Points& points_;
  Mistakes& mistakes_;
  DryRun found_;
  std::map<std::string, const Point*> first_of_;  // by identity
  std::map<MetricOf, std::set<std::string>> parts_;
  std::set<std::string> platforms_;
  std::set<std::string> told_;
};

}  // namespace

DryRun dry_run(const Study& study, const Points& points, std::size_t most, Mistakes& mistakes) {
  DryRunner runner(study, points, mistakes);
  for (const Point* point : chosen(points, most)) runner.look(*point);
  runner.check_parts();
  return runner.take();
}

}  // namespace tokenyard::sweep
