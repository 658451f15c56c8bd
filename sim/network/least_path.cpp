// SPDX-License-Identifier: Apache-2.0
#include "network/least_path.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <limits>
#include <optional>
#include <utility>

#include "core/ids.hpp"

namespace tokenyard::network {
namespace {

using Weight = std::pair<double, double>;  // the first decides, the second where it is equal

struct Arc {
  Weight weight;
  std::uint32_t route;
};

using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Arc>;
using Edge = boost::graph_traits<Graph>::edge_descriptor;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr Weight unreachable{infinite, infinite};

Weight sum(const Weight& a, const Weight& b) { return {a.first + b.first, a.second + b.second}; }

Weight weight_of(const Wiring& wiring, const Route& route, Prefer prefer) {
  double latency = 0;
  for (const Hop& hop : route.hops) latency += wiring.links[index(hop.link)].latency.value();
  return prefer == Prefer::own_route ? Weight{route.cost, latency} : Weight{latency, route.cost};
}

Graph graph_of(const Wiring& wiring, const PathQuestion& question) {
  Graph graph(wiring.places.size());
  for (std::uint32_t number = 0; number < wiring.routes.size(); ++number) {
    if (!question.routes[number]) continue;
    const Route& route = wiring.routes[number];
    boost::add_edge(route.from, route.to, {weight_of(wiring, route, question.prefer), number},
                    graph);
  }
  return graph;
}

}  // namespace

std::vector<std::uint32_t> least_path(const Wiring& wiring, const PathQuestion& question) {
  const Graph graph = graph_of(wiring, question);
  const std::size_t places = wiring.places.size();
  std::vector<Weight> distance(places);
  std::vector<std::size_t> before(places);
  std::vector<std::optional<Edge>> last(places);  // the edge by which a place was reached
  std::vector<boost::default_color_type> colors(places);
  const auto by_place = boost::get(boost::vertex_index, graph);
  const auto map = [&](auto& values) {
    return boost::make_iterator_property_map(values.begin(), by_place);
  };
  boost::dijkstra_shortest_paths(graph, question.from.begin(), question.from.end(), map(before),
                                 map(distance), boost::get(&Arc::weight, graph), by_place,
                                 std::less<Weight>(), sum, unreachable, Weight{},
                                 boost::make_dijkstra_visitor(boost::record_edge_predecessors(
                                     map(last), boost::on_edge_relaxed())),
                                 map(colors));

  const auto nearest =
      std::min_element(question.to.begin(), question.to.end(),
                       [&](std::uint32_t a, std::uint32_t b) { return distance[a] < distance[b]; });
  std::vector<std::uint32_t> routes;
  if (nearest == question.to.end() || distance[*nearest] == unreachable) return routes;
  for (std::size_t place = *nearest; last[place]; place = boost::source(*last[place], graph)) {
    routes.push_back(graph[*last[place]].route);
  }
  std::reverse(routes.begin(), routes.end());
  return routes;
}

}  // namespace tokenyard::network
