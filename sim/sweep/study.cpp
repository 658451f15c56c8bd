// SPDX-License-Identifier: Apache-2.0
#include "sweep/study.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include "config/kinds.hpp"
#include "config/paths.hpp"
#include "core/contracts.hpp"
#include "fleet/scenario.hpp"
#include "sweep/sobol.hpp"
#include "sweep/terms.hpp"

namespace tokenyard::sweep {
namespace {

using config::Section;
using config::Value;

constexpr std::int64_t most_replications = 10'000;
constexpr double most_runs = 10e6;
constexpr const char* without_goal = " is of studies with a `goal`, and this has none; add one";

// Reads a study's document into the study.
class StudyReader {
 public:
  StudyReader(const config::Document& document, config::Reading& reading)
      : document_(document), reading_(reading), root_(document, reading) {
    study_.file = document.file;
    study_.sha256 = document.sha256;
  }

  Study read() {
    study_.name = root_.required<std::string>("name");
    root_.skip("description");
    const bool has_scenario = load_scenario();
    read_design();
    if (root_.has_map("replications")) {
      read_replicating(root_.child("replications"));
    } else {
      study_.replications = root_.optional<std::int64_t>(
          "replications", 1, {1, static_cast<double>(most_replications)});
    }
    Section axes = root_.child("axes");
    // Without a scenario, what is said of its keys would be noise.
    if (has_scenario) {
      study_.axes = read_axes(
          axes, {&document_, &study_.scenario, &variants_, study_.design.sampled()}, reading_);
      check_axes(axes);
    }
    if (root_.has("goal")) study_.goal = read_goal(root_.child("goal"), document_, study_);
    read_conditions(has_scenario && reading_.mistakes.empty());
    root_.finish();
    return std::move(study_);
  }

 private:
  const Value* value(std::string_view key) const { return document_.root.find(key); }

  void note(const Value& at, const std::string& path, std::string text, std::size_t offset = 0) {
    reading_.mistakes.add({document_.file, config::place_in(at, offset), path, std::move(text)});
  }

  bool load_scenario() {
    const auto name = root_.required<std::string>("scenario");
    if (name.empty()) return false;
    try {
      study_.scenario = config::load_yaml(fleet::beside(document_.file, name));
    } catch (const config::ConfigError& error) {
      for (const config::Mistake& mistake : error.mistakes()) reading_.mistakes.add(mistake);
      return false;
    }
    set_keys();
    config::Reading own;  // what is wrong with these keys is told with all of the scenario
    Section base(study_.scenario, own);
    study_.seed = base.optional<std::uint64_t>("seed", 0);
    study_.first_replication = base.optional<std::uint64_t>("replication", 0);
    config::Reading listed;
    variants_ = fleet::read_variants(study_.scenario, listed);
    for (const config::Mistake& mistake : listed.mistakes.all()) reading_.mistakes.add(mistake);
    return true;
  }

  // What the study changes of its scenario in all points.
  void set_keys() {
    root_.skip("set");
    const Value* written = value("set");
    if (written == nullptr || written->kind == Value::Kind::null) return;
    if (written->kind != Value::Kind::map) {
      return note(
          *written, "set",
          config::found_text(*written) + " where a map is wanted; write 'key: value' lines");
    }
    fleet::Variant all{"", document_.file, written->members};
    fleet::sort_by_width(all.settings);
    study_.scenario = fleet::varied(study_.scenario, all, reading_.mistakes);
    const Value* axes = value("axes");
    for (const Value::Member& member : written->members) {
      if (axes == nullptr || axes->find(member.key) == nullptr) continue;
      reading_.mistakes.add({document_.file, member.key_at, config::member_path("set", member.key),
                             "is an axis too; leave it to one of them"});
    }
  }

  void read_design() {
    const auto text = root_.optional<std::string>("design", "grid");
    try {
      study_.design = parse_design(text);
    } catch (const std::invalid_argument& problem) {
      root_.mistake("design", problem.what());
    }
  }

  // `replications: {until: 5 %, of: ttft_p99_s, least: 3, most: 50}`
  void read_replicating(Section section) {
    Replicating plan;
    const double most = static_cast<double>(most_replications);
    plan.rule.relative = section.required<config::Fraction>("until", {1e-6, 1}).value;
    plan.rule.least =
        static_cast<std::size_t>(section.optional<std::int64_t>("least", 3, {2, most}));
    plan.rule.most =
        static_cast<std::size_t>(section.optional<std::int64_t>("most", 50, {2, most}));
    if (plan.rule.most < plan.rule.least) section.mistake("most", "is below `least`");
    precise_ = section.has_list("of") ? section.strings("of")
                                      : std::vector{section.required<std::string>("of")};
    section.finish();
    study_.replications = static_cast<std::int64_t>(plan.rule.most);
    study_.until = std::move(plan);
  }

  // What has to be precise is measured like what conditions stand on, behind it.
  void measure_what_is_precise() {
    for (const std::string& text : precise_) {
      try {
        const MetricName name = metric_name(text);
        std::vector<MetricName>& all = study_.measured;
        auto found = std::find_if(all.begin(), all.end(), [&](const MetricName& known) {
          return known.text() == name.text();
        });
        if (found == all.end()) found = all.insert(all.end(), name);
        study_.until->of.push_back(static_cast<std::size_t>(found - all.begin()));
      } catch (const std::invalid_argument& problem) {
        root_.mistake("replications", std::string("of: ") + problem.what());
      }
    }
  }

  void check_axes(Section& axes) {
    for (const Axis& axis : study_.axes) {
      if (axis.name != "replication" || study_.replications == 1) continue;
      axes.mistake(axis.name, "is what `replications` sets; keep one of the two");
    }
    if (study_.design.kind == DesignKind::sobol && study_.axes.size() > Sobol::most_dimensions) {
      root_.mistake("design", "sobol takes at most 40 axes; use latin-hypercube");
    }
    double points = 1;
    for (const Axis& axis : study_.axes) points *= static_cast<double>(axis.levels.size());
    if (study_.design.sampled()) points = static_cast<double>(study_.design.points);
    if (points > static_cast<double>(most_points)) {
      axes.mistake("", "span more than 1,000,000 points; sample them, like design: sobol 1024");
    } else if (points * static_cast<double>(study_.replications) > most_runs) {
      root_.mistake("replications", "make more than 10,000,000 runs of all points; ask for fewer");
    }
  }

  void read_conditions(bool axes_are_right) {
    root_.skip("skip");
    root_.skip("keep");
    root_.skip("feasible");
    root_.skip("objective");
    const std::vector<Name> names = terms_of(study_.axes, study_.terms);
    read_keep();
    // Names of axes that were not understood would be unknown.
    if (!axes_are_right && !study_.axes.empty()) return;
    if (study_.axes.empty()) return;
    std::vector<Name> of_skip = names;
    add_metrics_as_problems(of_skip);
    study_.skip = conditions("skip", [&](const std::string&) { return of_skip; });
    const auto with_metrics = [&](const std::string& text) {
      std::vector<Name> all = names;
      add_metrics(text, study_.measured, all);
      return all;
    };
    study_.feasible = conditions("feasible", with_metrics);
    read_objective(with_metrics);
    measure_what_is_precise();
    keep_what_is_measured();
    read_goal_conditions(names);
  }

  void read_goal_conditions(const std::vector<Name>& names) {
    if (!study_.goal) return;
    Goal& goal = *study_.goal;
    const Value* written = value("goal")->find("meets");
    const bool slo = written != nullptr && written->is_scalar() && written->text == "slo";
    if (!slo) {
      goal.meets = conditions(written, "goal.meets", [&](const std::string& text) {
        std::vector<Name> all = names;
        add_metrics(text, goal.measured, all);
        return all;
      });
    }
    for (const MetricName& name : goal.measured) {
      if (!is_of_goal(*name.metric)) continue;
      note(*written, "goal.meets",
           config::in_quotes(name.text()) + " is known only when the goal is found; name another");
    }
    if (reading_.mistakes.empty()) goal.canonical = canonical_text(goal, study_.scenario);
  }

  // That only a study with a goal has.
  bool lacks_goal(const MetricName& name) const {
    return is_of_goal(*name.metric) && !root_.has("goal");
  }

  // Lists may be written without brackets if they are of one.
  std::vector<const Value*> texts(const Value* written, const char* path) {
    std::vector<const Value*> found;
    if (written == nullptr || written->kind == Value::Kind::null) return found;
    if (written->kind == Value::Kind::list) {
      for (const Value& item : written->items) found.push_back(&item);
    } else {
      found.push_back(written);
    }
    const auto no_text = [&](const Value* item) {
      if (item->is_scalar() && !item->text.empty()) return false;
      note(*item, path, config::found_text(*item) + " where a text is wanted; write one");
      return true;
    };
    found.erase(std::remove_if(found.begin(), found.end(), no_text), found.end());
    return found;
  }

  void read_keep() {
    for (const Value* item : texts(value("keep"), "keep")) {
      try {
        const MetricName name = metric_name(item->text);
        const bool twice =
            std::any_of(study_.keep.begin(), study_.keep.end(),
                        [&](const MetricName& old) { return old.text() == name.text(); });
        if (twice)
          note(*item, "keep", config::in_quotes(item->text) + " is there twice; remove one");
        if (lacks_goal(name)) note(*item, "keep", config::in_quotes(name.text()) + without_goal);
        if (!twice) study_.keep.push_back(name);
      } catch (const std::invalid_argument& problem) {
        note(*item, "keep", problem.what());
      }
    }
    if (value("keep") != nullptr) return;
    for (const Metric& metric : metrics()) {
      if (metric.of == MetricOf::run) study_.keep.push_back({&metric, ""});
    }
    if (!root_.has("goal")) return;
    for (const Metric& metric : goal_metrics()) study_.keep.push_back({&metric, ""});
  }

  template <class Names>
  std::optional<Expression> expression(const Value& at, const std::string& path, std::size_t offset,
                                       Kind::Type wanted, const Names& names) {
    const std::string text = at.text.substr(offset);
    try {
      const std::size_t before = study_.measured.size();
      Expression parsed = Expression::parse(text, names(text));
      for (std::size_t i = before; i < study_.measured.size(); ++i) {
        const MetricName& name = study_.measured[i];
        if (lacks_goal(name)) note(at, path, config::in_quotes(name.text()) + without_goal, offset);
      }
      if (parsed.kind().type == wanted) return parsed;
      note(at, path,
           wanted == Kind::Type::truth ? "compares nothing; write it like 'x > 1'"
                                       : "is no number; name a metric",
           offset);
    } catch (const ExpressionError& error) {
      note(at, path, error.text, offset + error.offset);
    }
    return {};
  }

  template <class Names>
  std::vector<Condition> conditions(const char* key, const Names& names) {
    return conditions(value(key), key, names);
  }
  template <class Names>
  std::vector<Condition> conditions(const Value* written, const char* path, const Names& names) {
    std::vector<Condition> found;
    for (const Value* item : texts(written, path)) {
      auto parsed = expression(*item, path, 0, Kind::Type::truth, names);
      if (parsed) found.push_back({item->text, item->at, *std::move(parsed)});
    }
    return found;
  }

  template <class Names>
  void read_objective(const Names& names) {
    const Value* written = value("objective");
    if (written == nullptr || written->kind == Value::Kind::null) return;
    const std::string& text = written->text;
    const std::string word = text.substr(0, text.find(' '));
    const auto* const sense = std::find(sense_names.begin(), sense_names.end(), word);
    if (!written->is_scalar() || sense == sense_names.end() || word.size() == text.size()) {
      return note(*written, "objective",
                  config::found_text(*written) +
                      " is no objective; write it like 'minimise cost_usd' or 'maximise "
                      "goodput_per_s'");
    }
    auto parsed = expression(*written, "objective", word.size(), Kind::Type::number, names);
    if (!parsed) return;
    study_.objective = {static_cast<Objective::Sense>(sense - sense_names.begin()), text,
                        *std::move(parsed)};
  }

  void keep_what_is_measured() {
    for (const MetricName& name : study_.measured) {
      const bool kept =
          std::any_of(study_.keep.begin(), study_.keep.end(),
                      [&](const MetricName& old) { return old.text() == name.text(); });
      if (!kept) study_.keep.push_back(name);
    }
  }

  const config::Document& document_;
  config::Reading& reading_;
  Section root_;
  Study study_;
  std::vector<fleet::Variant> variants_;  // of the scenario
  std::vector<std::string> precise_;      // metrics, as written
};

std::vector<Operand> operands_of(std::span<const Operand> terms, std::span<const double> measured) {
  std::vector<Operand> operands(terms.begin(), terms.end());
  for (const double value : measured) operands.push_back({value, {}});
  return operands;
}

}  // namespace

Study read_study(const config::Document& document, config::Reading& reading) {
  Study study = StudyReader(document, reading).read();
  // The reading says more of what it knows, and first; this is for what only editors would see.
  if (reading.mistakes.empty()) {
    config::check_schema(document, "study", policy_lists(), reading.mistakes);
  }
  return study;
}

config::Lists policy_lists() {
  config::Lists lists = fleet::policy_lists();
  std::vector<std::string>& names = lists["metrics"];
  for (const Metric& metric : metrics()) {
    if (metric.of == MetricOf::run) names.push_back(metric.name);
  }
  for (const Metric& metric : goal_metrics()) names.push_back(metric.name);
  lists["goal_losses"] = {survivable_names.begin(), survivable_names.end()};
  lists["spacings"] = {spacing_names.begin(), spacing_names.end()};
  return lists;
}

bool is_feasible(const Study& study, std::span<const Operand> terms,
                 std::span<const double> measured) {
  const std::vector<Operand> operands = operands_of(terms, measured);
  return std::all_of(study.feasible.begin(), study.feasible.end(), [&](const Condition& condition) {
    return condition.expression.holds(operands);
  });
}

double objective(const Study& study, std::span<const Operand> terms,
                 std::span<const double> measured) {
  SIM_EXPECT(study.objective.has_value());
  return study.objective->expression.number(operands_of(terms, measured));
}

}  // namespace tokenyard::sweep
