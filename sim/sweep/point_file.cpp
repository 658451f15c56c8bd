// SPDX-License-Identifier: Apache-2.0
#include "sweep/point_file.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include "config/errors.hpp"
#include "results/reader.hpp"
#include "sweep/metrics.hpp"

namespace tokenyard::sweep {
namespace {

constexpr const char* group = "/metrics";
constexpr const char* names_text = "/metrics/names";
constexpr const char* values_column = "/metrics/value";
constexpr const char* request_ids = "/requests/request";

[[noreturn]] void refuse(const results::Reader& file, const std::string& object,
                         const std::string& text) {
  throw config::ConfigError(config::Mistake{file.path(), {}, object, text});
}

std::string attribute(const results::Reader& file, const char* name) {
  const auto found = file.attribute("/", name);
  const auto* text = found ? std::get_if<std::string>(&*found) : nullptr;
  if (text == nullptr) refuse(file, name, "is missing; this is no point of a sweep");
  return *text;
}

}  // namespace

Metrics metrics_of(const fleet::Summary& summary) {
  Metrics values;
  for (const Metric& metric : metrics()) {
    const std::vector<std::string> names = parts(summary, metric.of);
    for (std::size_t i = 0; i < names.size(); ++i) {
      values[MetricName{&metric, names[i]}.text()] = metric.value(summary, i);
    }
  }
  return values;
}

void write_metrics(results::Writer& writer, const std::string& identity, const Metrics& metrics) {
  std::string names;
  std::vector<double> values;
  for (const auto& [name, value] : metrics) {
    names += name + "\n";
    values.push_back(value);
  }
  writer.attribute("/", "point_identity", identity);
  writer.dimension(group, "metric", values.size());
  writer.column(values_column, values, {"", "in the order of names; units end the names", {}, {}});
  writer.text(names_text, names);
}

PointFile read_point(const std::string& path) {
  const results::Reader file(path, results::Reader::Look::as_asked);
  PointFile point;
  point.identity = attribute(file, "point_identity");
  point.version = attribute(file, "version");
  point.commit = attribute(file, "commit");
  if (!file.has(names_text) || !file.has(values_column)) {
    refuse(file, group, "is missing; this is no point of a sweep");
  }
  const std::vector<double> values = file.numbers(values_column);
  std::istringstream names(file.text(names_text));
  std::string name;
  for (const double value : values) {
    if (!std::getline(names, name)) refuse(file, names_text, "names fewer metrics than there are");
    point.metrics[name] = value;
  }
  if (file.has(request_ids)) point.requests = file.dataset(request_ids).rows;
  return point;
}

}  // namespace tokenyard::sweep
