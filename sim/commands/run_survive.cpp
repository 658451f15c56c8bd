// SPDX-License-Identifier: Apache-2.0
#include "commands/run_survive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "commands/check.hpp"
#include "commands/forked.hpp"
#include "commands/load.hpp"
#include "commands/summary_table.hpp"
#include "commands/terminal.hpp"
#include "fleet/result_columns.hpp"
#include "fleet/survive.hpp"

namespace tokenyard::commands {
namespace {

// A loss on its way from a child process and back: a field a line.
struct Lost {
  std::string name;
  std::int64_t stands_for = 1;
  std::string pools;  // "east 2, west 1"
  fleet::Verdict verdict;
};

double number(const std::string& text) {
  double value = results::no_value;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string packed(const fleet::Verdict& v) {
  return fmt::format("{}\n{}\n{}\n{}\n", v.slo_class, v.attainment, v.wanted, v.survives ? 1 : 0);
}

fleet::Verdict unpacked(std::istringstream& lines) {
  fleet::Verdict verdict;
  std::string attainment, wanted, survives;
  std::getline(lines, verdict.slo_class);
  std::getline(lines, attainment);
  std::getline(lines, wanted);
  std::getline(lines, survives);
  verdict.attainment = number(attainment);
  verdict.wanted = number(wanted);
  verdict.survives = survives == "1";
  return verdict;
}

std::string pools_of(const fleet::Scenario& scenario, const fleet::Loss& loss) {
  std::string text;
  for (std::size_t i = 0; i < loss.by_pool.size(); ++i) {
    if (loss.by_pool[i] == 0) continue;
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", scenario.pools[i].name, loss.by_pool[i]);
  }
  return text.empty() ? "none that is on" : text;
}

// In a child, since reading traffic may start threads.
std::string listed(const RunOptions& options) {
  const fleet::Scenario scenario = load_scenario(options);
  std::string text;
  for (const fleet::Loss& loss : fleet::distinct_losses(scenario)) {
    text += fmt::format("{}\n{}\n{}\n", loss.name, loss.stands_for, pools_of(scenario, loss));
  }
  return text;
}

std::vector<Lost> unlisted(const std::string& text) {
  std::vector<Lost> losses;
  std::istringstream lines(text);
  Lost lost;
  std::string count;
  while (std::getline(lines, lost.name) && std::getline(lines, count) &&
         std::getline(lines, lost.pools)) {
    lost.stands_for = static_cast<std::int64_t>(number(count));
    losses.push_back(lost);
  }
  return losses;
}

// The scenario without what is lost, from its beginning to its end.
std::string without(const RunOptions& options, std::size_t loss) {
  fleet::Scenario scenario = load_scenario(options);
  scenario.lost = fleet::distinct_losses(scenario)[loss].replicas;
  RunOptions quiet = options;
  quiet.quiet = true;
  quiet.out.clear();
  return packed(fleet::verdict_of(simulate(std::move(scenario), quiet).summary));
}

void write(const std::vector<Lost>& losses, results::Writer& writer) {
  std::vector<std::string> names;
  for (const Lost& lost : losses) names.push_back(lost.name);
  fleet::write_names(writer, "/survive", "loss", names);
  fleet::Columns<Lost> columns(writer, "/survive", losses);
  columns.add("stands_for", "", "losses that are alike",
              [](const Lost& lost) { return lost.stands_for; });
  columns.add("attainment", "1", "of the SLO class that is nearest to failing",
              [](const Lost& lost) { return lost.verdict.attainment; });
  columns.add("wanted", "1", "of it", [](const Lost& lost) { return lost.verdict.wanted; });
  columns.add("survives", "1", "whether all classes attain what is wanted",
              [](const Lost& lost) { return lost.verdict.survives ? 1 : 0; });
}

std::string whole(RunOptions options, const std::vector<Lost>& losses) {
  options.also_write = [&losses](results::Writer& writer, const fleet::Summary&) {
    write(losses, writer);
  };
  const Ran ran = simulate(options);
  return packed(fleet::verdict_of(ran.summary)) + summary_table(ran.scenario, ran.summary) +
         (options.out.empty()
              ? std::string()
              : fmt::format("results  {} (digest {}...)\n", options.out, ran.digest.substr(0, 16)));
}

std::string row(const std::string& name, const std::string& alike, const std::string& pools,
                const fleet::Verdict& v) {
  const std::string attained =
      v.slo_class.empty() ? std::string("-") : fmt::format("{:.2f} %", 100 * v.attainment);
  return fmt::format("{:<29.29}{:>6} {:<20.20}{:>10}{:>7}  {}\n", name, alike, pools, attained,
                     fmt::format("{:.4g} %", 100 * v.wanted), v.survives ? "yes" : "no");
}

std::string table(const std::string& kind, std::vector<Lost> losses, const fleet::Verdict& all) {
  std::stable_sort(losses.begin(), losses.end(), [](const Lost& a, const Lost& b) {
    return a.verdict.attainment - a.verdict.wanted < b.verdict.attainment - b.verdict.wanted;
  });
  std::string text = fmt::format("\n{:<29}{:>6} {:<20}{:>10}{:>7}  {}\n", "lost", "alike",
                                 "replicas lost", "attained", "wanted", "meets");
  text += row("nothing", "", "", all);
  std::int64_t fatal = 0, count = 0;
  for (const Lost& lost : losses) {
    text += row(lost.name, std::to_string(lost.stands_for), lost.pools, lost.verdict);
    count += lost.stands_for;
    if (!lost.verdict.survives) fatal += lost.stands_for;
  }
  if (fatal == 0 && all.survives) {
    return text +
           fmt::format("survives the loss of any one {}: yes, {} of {}\n", kind, count, count);
  }
  const std::string what = all.survives ? fmt::format("{} of {} are fatal", fatal, count)
                                        : std::string("it misses its limits with nothing lost");
  return text +
         wrapped(fmt::format("survives the loss of any one {}: no, {}; add replicas elsewhere, "
                             "or routing to where there is room",
                             kind, what),
                 2);
}

int report_failure(const Outcome& outcome) {
  fmt::print(stderr, "{}\n", outcome.text);
  return outcome.code;
}

Outcome in_child(const std::function<std::string()>& work) {
  Outcome outcome;
  forked(
      1, [&work](std::size_t) { return work(); },
      [&outcome](std::size_t, Outcome done) { outcome = std::move(done); });
  return outcome;
}

}  // namespace

int run_survive(const RunOptions& options) {
  const Outcome list = in_child([&options] { return listed(options); });
  if (list.code != 0) return report_failure(list);
  std::vector<Lost> losses = unlisted(list.text);

  std::vector<Outcome> outcomes(losses.size());
  std::size_t done = 0;
  forked(
      losses.size(), [&options](std::size_t i) { return without(options, i); },
      [&](std::size_t i, Outcome outcome) {
        outcomes[i] = std::move(outcome);
        if (!options.quiet) show_done(++done, losses.size(), "losses");
      });
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (outcomes[i].code != 0) return report_failure(outcomes[i]);
    std::istringstream lines(outcomes[i].text);
    losses[i].verdict = unpacked(lines);
  }
  const Outcome base = in_child([&] { return whole(options, losses); });
  if (base.code != 0) return report_failure(base);
  std::istringstream lines(base.text);
  const fleet::Verdict all = unpacked(lines);
  const auto summary = static_cast<std::size_t>(lines.tellg());
  const std::string kind =
      load_document(options.scenario, sets_of(options)).root.find("survive")->text;
  fmt::print("{}{}", base.text.substr(summary), table(kind, std::move(losses), all));
  return 0;
}

}  // namespace tokenyard::commands
