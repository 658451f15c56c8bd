// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "commands/sweep_report.hpp"
#include "config/numbers.hpp"

namespace tokenyard::commands {
namespace {

using Json = nlohmann::ordered_json;
using sweep::Level;
using sweep::Point;

Json axes(const SweepReport& report) {
  Json all = Json::array();
  for (std::size_t i = 0; i < report.study.axes.size(); ++i) {
    const sweep::Axis& axis = report.study.axes[i];
    Json one{{"name", axis.name}};
    if (axis.range && report.study.design.sampled()) {
      one["from"] = axis.range->first;
      one["to"] = axis.range->last;
    } else {
      one["values"] = Json::array();
      for (const Level& level : report.points.levels[i]) one["values"].push_back(level.label);
    }
    all.push_back(one);
  }
  return all;
}

Json skips(const SweepReport& report) {
  Json all = Json::array();
  for (std::size_t i = 0; i < report.study.skip.size(); ++i) {
    all.push_back({{"condition", report.study.skip[i].text}, {"points", report.points.skipped(i)}});
  }
  return all;
}

Json points(const SweepReport& report) {
  std::map<const Point*, const sweep::DryRun::Looked*> looked;
  for (const auto& one : report.dry_run.looked) looked[one.point] = &one;
  Json all = Json::array();
  for (const Point& point : report.points.all) {
    Json values = Json::object();
    for (std::size_t i = 0; i < report.study.axes.size(); ++i) {
      values[report.study.axes[i].name] = report.points.level(point, i).label;
    }
    Json one{{"number", point.number}, {"values", values}};
    if (point.skipped_by) one["skipped_by"] = report.study.skip[*point.skipped_by].text;
    if (const auto found = looked.find(&point); found != looked.end()) {
      one["identity"] = found->second->identity;
      one["requests"] = found->second->requests;
      if (found->second->equal_to != nullptr) one["equal_to"] = found->second->equal_to->number;
    }
    all.push_back(one);
  }
  return all;
}

// What makes the replications enough.
Json until(const sweep::Study& study) {
  Json of = Json::array();
  for (const std::size_t metric : study.until->of) of.push_back(study.measured[metric].text());
  const sweep::StoppingRule& rule = study.until->rule;
  return {{"relative", rule.relative}, {"of", of}, {"least", rule.least}, {"most", rule.most}};
}

// Values are in the unit.
Json goal(const sweep::Goal& goal) {
  Json keys = Json::array();
  for (const auto& key : goal.keys) keys.push_back(key.key);
  Json meets = Json::array();
  for (const sweep::Condition& condition : goal.meets) meets.push_back(condition.text);
  Json all{{"sense", sweep::goal_senses[static_cast<std::size_t>(goal.range.sense)]},
           {"keys", keys},
           {"from", goal.range.from},
           {"to", goal.range.to},
           {"unit", goal.unit},
           {"meets", meets}};
  all["survive"] = goal.survive ? Json(fleet::fault_scopes[static_cast<std::size_t>(*goal.survive)])
                                : Json(nullptr);
  return all;
}

}  // namespace

std::string sweep_json(const SweepReport& report) {
  const sweep::Study& study = report.study;
  Json all{{"name", study.name}, {"file", study.file}, {"scenario", study.scenario.file}};
  all["design"] = sweep::design_names[static_cast<std::size_t>(study.design.kind)];
  all["axes"] = axes(report);
  all["skip"] = skips(report);
  all["points_designed"] = report.points.all.size();
  all["points_repeated"] = report.points.repeated;
  all["points_equal"] = report.equal;
  all["points_kept"] = report.kept;
  all["points_read"] = report.dry_run.looked.size();
  all["replications"] = study.replications;
  all["until"] = study.until ? until(study) : Json(nullptr);
  all["goal"] = study.goal ? goal(*study.goal) : Json(nullptr);
  all["runs"] = report.runs();
  all["requests_a_run"] = {{"least", report.requests_least},
                           {"mean", report.requests_mean},
                           {"most", report.requests_most}};
  all["pace"] = {{"requests_per_s", report.pace.requests_per_s},
                 {"setup_s", report.pace.setup_s},
                 {"timed_requests", report.pace.timed_requests}};
  all["core_seconds"] = report.core_seconds();
  all["keep"] = Json::array();
  for (const sweep::MetricName& name : study.keep) all["keep"].push_back(name.text());
  all["feasible"] = Json::array();
  for (const sweep::Condition& bound : study.feasible) all["feasible"].push_back(bound.text);
  all["objective"] = study.objective ? Json(study.objective->text) : Json(nullptr);
  all["points"] = points(report);
  return all.dump(2) + "\n";
}

}  // namespace tokenyard::commands
