// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "commands/platform_report.hpp"
#include "core/ids.hpp"

namespace tokenyard::commands {
namespace {

using network::Hop;
using network::Path;
using network::RegionIndex;
using Region = PlatformReport::Region;

constexpr std::size_t width = 80;
constexpr std::size_t cell = 6;
constexpr std::size_t most_pairs = 40;  // of a loss, one by one

std::string power(Watts watts) {
  const double kilo = watts.value() / 1e3;
  return kilo < 10'000 ? fmt::format("{:.0f} kW", kilo) : fmt::format("{:.1f} MW", kilo / 1e3);
}

template <class Number>
std::string or_unknown(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "?";
}

// Milliseconds, with a decimal only where it says something.
std::string milliseconds(Duration time) {
  const double ms = time.value() * 1e3;
  return fmt::format("{:.{}f}", ms, ms < 9.95 ? (ms < 0.0995 ? 3 : 1) : 0);
}

std::string gigabytes(BytesPerSecond rate) {
  return std::isinf(rate.value()) ? "no limit" : fmt::format("{:.4g}", rate.value() / 1e9);
}

std::string racks_line(std::string_view name, const PlatformReport::Kind& kind) {
  return fmt::format("  {:<20} {:<20} {:>5} {:>6} {:>8} {:>10}\n", name, kind.rack,
                     or_unknown(kind.racks), kind.nodes, or_unknown(kind.accelerators),
                     kind.rack_power ? power(*kind.rack_power) : "?");
}

// The region's racks and power against what its site has room for.
std::string region_text(const Region& region) {
  Watts sum;
  std::int64_t slots = 0;
  std::string kinds;
  for (const PlatformReport::Kind& kind : region.kinds) {
    sum += kind.rack_power.value_or(Watts());
    slots += kind.slots;
    const bool nested = kind.cluster.starts_with(region.name + "/");
    kinds += racks_line(nested ? kind.cluster.substr(region.name.size() + 1) : kind.cluster, kind);
  }
  std::string text = region.name;
  if (region.limit) {
    text += fmt::format(", {} of {}{}", power(sum), power(*region.limit),
                        sum > *region.limit ? ": too much" : "");
  }
  if (region.rack_slots) {
    text += fmt::format(", {} of {} rack slots{}", slots, *region.rack_slots,
                        slots > *region.rack_slots ? ": too many" : "");
  }
  return text + "\n" + kinds;
}

std::string places(const PlatformReport& report) {
  PlatformReport::Kind all{"", "", 0, 0, 0, 0, Watts(), Watts()};
  std::string text = fmt::format("{:<22} {:<20} {:>5} {:>6} {:>8} {:>10}\n", "region", "rack kind",
                                 "racks", "nodes", "chips", "power");
  for (const Region& region : report.regions) {
    text += region_text(region);
    for (const PlatformReport::Kind& kind : region.kinds) {
      all.nodes += kind.nodes;
      *all.racks += kind.racks.value_or(0);
      *all.accelerators += kind.accelerators.value_or(0);
      *all.rack_power += kind.rack_power.value_or(Watts());
    }
  }
  return text + racks_line("all", all);
}

// One value for each ordered pair of regions, in blocks of columns that fit.
template <class Value>
std::string matrix(const PlatformReport& report, std::string_view title, Value value) {
  const auto& names = report.topology.regions();
  std::size_t label = 4;
  for (const std::string& name : names) label = std::max(label, name.size() + 4);
  label = std::min(label, std::size_t{30});
  const std::size_t columns = (width - label) / cell;
  std::string text = fmt::format("\n{}\n", title);
  for (std::size_t first = 0; first < names.size(); first += columns) {
    const std::size_t end = std::min(names.size(), first + columns);
    text += std::string(label, ' ');
    for (std::size_t to = first; to < end; ++to) text += fmt::format("{:>{}}", to + 1, cell);
    for (std::size_t from = 0; from < names.size(); ++from) {
      const std::string name = fmt::format("{:>2} {}", from + 1, names[from]);
      text += fmt::format("\n{:<{}.{}}", name, label, label);
      for (std::size_t to = first; to < end; ++to) {
        const auto region = [](std::size_t i) {
          return RegionIndex{static_cast<std::uint32_t>(i)};
        };
        const std::optional<Path> path =
            from == to ? std::nullopt : report.topology.path(region(from), region(to), report.loss);
        text += fmt::format("{:>{}}", path ? value(*path) : from == to ? "." : "none", cell);
      }
    }
    text += "\n";
  }
  return text;
}

std::string links_text(const PlatformReport& report, const std::vector<Hop>& hops) {
  std::string text;
  for (const Hop& hop : hops) {
    const network::Link& link = report.topology.links()[index(hop.link)];
    text += fmt::format("\n              {}, {} GB/s", link.name,
                        gigabytes(link.bandwidth * static_cast<double>(link.count)));
  }
  return text;
}

std::string way(const PlatformReport& report, const Path& path) {
  std::string text;
  for (const RegionIndex region : path.regions) {
    text += (text.empty() ? "" : " > ") + report.topology.regions()[index(region)];
  }
  return text;
}

std::string pair_text(const PlatformReport& report) {
  const auto [from, to] = *report.pair;
  const std::optional<Path> path = report.topology.path(from, to, report.loss);
  if (!path) return "\nway           none: out of reach\n";
  const network::Capacity capacity = report.topology.capacity(from, to, report.loss);
  std::string text = fmt::format("\nway           {}\nlatency       {} ms\n", way(report, *path),
                                 milliseconds(path->latency));
  text += fmt::format("one flow      {} GB/s\nlinks{}\n", gigabytes(path->bandwidth),
                      links_text(report, path->hops));
  text +=
      fmt::format("max-flow      {} GB/s, from all nodes by all ways\n", gigabytes(capacity.most));
  return text + "min-cut" + links_text(report, capacity.cut) + "\n";
}

bool is_lost(const PlatformReport& report, RegionIndex region) {
  const auto& regions = report.loss.regions;
  return std::find(regions.begin(), regions.end(), region) != regions.end();
}

std::string loss_line(const PlatformReport& report, const network::PairLoss& pair) {
  const auto& names = report.topology.regions();
  const std::string after = pair.after ? milliseconds(pair.after->latency) : "none";
  std::string text = fmt::format("{:<40} {:>8} > {:<8} {:>8} > {}\n",
                                 names[index(pair.from)] + " > " + names[index(pair.to)],
                                 milliseconds(pair.before.latency), after,
                                 gigabytes(pair.most_before), gigabytes(pair.most_after));
  const bool moved = pair.after && pair.after->regions != pair.before.regions;
  return moved ? text + "    by " + way(report, *pair.after) + "\n" : text;
}

// Pairs that lose their way stand one by one; those that only lose some of their flow are counted.
struct Losses {
  std::vector<network::PairLoss> moved;
  std::vector<network::PairLoss> narrowed;
  std::size_t at_ends = 0;  // pairs with an end in a lost region
};

Losses losses_of(const PlatformReport& report) {
  Losses losses;
  for (network::PairLoss& pair : report.topology.cost_of(report.loss)) {
    if (report.pair && *report.pair != std::pair(pair.from, pair.to)) continue;
    const bool same_way = pair.after && pair.after->hops == pair.before.hops;
    if (is_lost(report, pair.from) || is_lost(report, pair.to)) {
      ++losses.at_ends;
    } else {
      (same_way ? losses.narrowed : losses.moved).push_back(std::move(pair));
    }
  }
  return losses;
}

std::string narrowed_text(const PlatformReport& report,
                          const std::vector<network::PairLoss>& pairs) {
  if (pairs.empty()) return "";
  const auto left = [](const network::PairLoss& pair) {
    return pair.most_after / pair.most_before;
  };
  const auto worst = std::min_element(
      pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return left(a) < left(b); });
  return fmt::format("pairs that keep their way with less max-flow: {}; the most loses\n",
                     pairs.size()) +
         loss_line(report, *worst);
}

std::string loss_text(const PlatformReport& report) {
  std::string text = "\nlost         ";
  for (const std::string& name : report.lost) text += " " + name;
  text += fmt::format("\n{:<40} {:>19} {:>19}\n", "what it costs", "latency, ms", "max-flow, GB/s");
  const Losses losses = losses_of(report);
  for (std::size_t i = 0; i < std::min(losses.moved.size(), most_pairs); ++i) {
    text += loss_line(report, losses.moved[i]);
  }
  if (losses.moved.size() > most_pairs) {
    text += fmt::format("and {} other pairs; --json has all\n", losses.moved.size() - most_pairs);
  }
  text += narrowed_text(report, losses.narrowed);
  if (losses.at_ends > 0) {
    text += fmt::format("pairs that begin or end in what is lost: {}\n", losses.at_ends);
  }
  const bool any = losses.at_ends > 0 || !losses.moved.empty() || !losses.narrowed.empty();
  return any ? text : text + "nothing: each pair keeps its way and its max-flow\n";
}

// A matrix whose values are all one says it in a line.
std::string bandwidths(const PlatformReport& report) {
  std::vector<std::string> seen;
  const auto count = static_cast<std::uint32_t>(report.regions.size());
  for (std::uint32_t i = 0; i < count * count; ++i) {
    if (i / count == i % count) continue;
    const auto path = report.topology.path(RegionIndex{i / count}, RegionIndex{i % count});
    seen.push_back(path ? gigabytes(path->bandwidth) : "none");
  }
  if (std::all_of(seen.begin(), seen.end(), [&](const auto& one) { return one == seen.front(); })) {
    return fmt::format("\nbandwidth of one flow: {} GB/s between any two regions\n", seen.front());
  }
  return matrix(report, "bandwidth of one flow, GB/s",
                [](const Path& path) { return gigabytes(path.bandwidth); });
}

}  // namespace

std::string platform_table(const PlatformReport& report) {
  if (report.pair) return pair_text(report) + (report.lost.empty() ? "" : loss_text(report));
  if (!report.lost.empty()) return loss_text(report);
  std::string text = places(report);
  if (report.regions.size() > 1) {
    text += matrix(report, "latency one way, ms, between the borders of regions",
                   [](const Path& path) { return milliseconds(path.latency); });
    text += bandwidths(report);
  }
  return text;
}

}  // namespace tokenyard::commands
