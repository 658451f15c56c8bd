// SPDX-License-Identifier: Apache-2.0
#include "network/most_flow.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/edmonds_karp_max_flow.hpp>
#include <limits>

#include "core/ids.hpp"

namespace tokenyard::network {
namespace {

using Kinds = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::bidirectionalS>;

struct Arc {
  double capacity;
  double left = 0;  // once the flow is found
  Kinds::edge_descriptor reverse{};
};

using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, boost::no_property, Arc>;

double capacity_of(const Link& link) { return link.bandwidth.value() * link.count; }

// More than all that has a bound can carry, and not so much more that taking from it would round.
double unbounded_beside(const std::vector<Link>& links) {
  double sum = 1;
  for (const Link& link : links) {
    if (link.sharing != Link::Sharing::no_flows) sum += 2 * capacity_of(link);
  }
  return sum;
}

void add_arc(Graph& graph, std::size_t from, std::size_t to, double capacity) {
  const auto there = boost::add_edge(from, to, {capacity}, graph).first;
  const auto back = boost::add_edge(to, from, {0}, graph).first;
  graph[there].reverse = back;
  graph[back].reverse = there;
}

}  // namespace

// First the places, then two vertices for each direction of each link, in and out of it.
struct MostFlow::Network {
  std::size_t entry(const Hop& hop) const {
    const bool back = hop.direction == Hop::Direction::back;
    return wiring->places.size() + 4 * index(hop.link) + (back ? 2 : 0);
  }
  std::size_t source() const { return entry({LinkIndex{0}}) + 4 * wiring->links.size(); }
  std::size_t target() const { return source() + 1; }

  void add_links();
  void add_route(const Route& route);

  const Wiring* wiring;
  double unbounded;
  Graph graph;
};

void MostFlow::Network::add_links() {
  for (std::uint32_t number = 0; number < wiring->links.size(); ++number) {
    const Link& link = wiring->links[number];
    const bool bounds = link.sharing != Link::Sharing::no_flows;
    const double capacity = bounds ? capacity_of(link) : unbounded;
    for (const auto direction : {Hop::Direction::forth, Hop::Direction::back}) {
      const std::size_t in = entry({LinkIndex{number}, direction});
      add_arc(graph, in, in + 1, capacity);
    }
  }
}

void MostFlow::Network::add_route(const Route& route) {
  std::size_t at = route.from;
  for (const Hop& hop : route.hops) {
    add_arc(graph, at, entry(hop), unbounded);
    at = entry(hop) + 1;
  }
  add_arc(graph, at, route.to, unbounded);
}

MostFlow::MostFlow(const Wiring& wiring, const std::vector<bool>& routes)
    : network_(new Network{&wiring, unbounded_beside(wiring.links), {}}) {
  network_->graph = Graph(network_->target() + 1);
  network_->add_links();
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (routes[i]) network_->add_route(wiring.routes[i]);
  }
}

MostFlow::~MostFlow() = default;

void MostFlow::add_source(std::uint32_t place) {
  add_arc(network_->graph, network_->source(), place, network_->unbounded);
}

void MostFlow::add_target(std::uint32_t place) {
  add_arc(network_->graph, place, network_->target(), network_->unbounded);
}

Capacity MostFlow::find() {
  Graph& graph = network_->graph;
  std::vector<boost::default_color_type> colors(boost::num_vertices(graph));
  std::vector<Kinds::edge_descriptor> before(boost::num_vertices(graph));
  const auto by_vertex = boost::get(boost::vertex_index, graph);
  const double most = boost::edmonds_karp_max_flow(
      graph, network_->source(), network_->target(), boost::get(&Arc::capacity, graph),
      boost::get(&Arc::left, graph), boost::get(&Arc::reverse, graph),
      boost::make_iterator_property_map(colors.begin(), by_vertex),
      boost::make_iterator_property_map(before.begin(), by_vertex));
  if (most >= network_->unbounded)
    return {BytesPerSecond(std::numeric_limits<double>::infinity()), {}};

  // The last search, which did not reach the target, has coloured what the source still reaches.
  // The sum over the cut is the flow, without what many steps have rounded.
  Capacity found{BytesPerSecond(0), {}};
  for (std::uint32_t number = 0; number < network_->wiring->links.size(); ++number) {
    for (const auto direction : {Hop::Direction::forth, Hop::Direction::back}) {
      const std::size_t in = network_->entry({LinkIndex{number}, direction});
      const bool starts = colors[in] != boost::white_color;
      const bool ends = colors[in + 1] != boost::white_color;
      if (!starts || ends) continue;
      found.cut.push_back({LinkIndex{number}, direction});
      found.most += BytesPerSecond(capacity_of(network_->wiring->links[number]));
    }
  }
  return found;
}

}  // namespace tokenyard::network
