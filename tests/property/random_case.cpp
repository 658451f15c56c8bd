// SPDX-License-Identifier: Apache-2.0
#include "random_case.hpp"

#include "traffic/listed.hpp"

namespace tokenyard::test {
namespace {

// Clients with little patience, and small quotas.
fleet::ClientRules make_clients(bool dyadic, RandomStream& draw) {
  fleet::ClientRules rules;
  const auto some = [&](double scale) {
    return Duration(dyadic ? static_cast<double>(1 + draw.below(40)) : scale * draw.uniform());
  };
  if (draw.below(3) > 0) rules.timeout = some(60);
  rules.retry.attempts = 1 + static_cast<std::int64_t>(draw.below(4));
  rules.retry.wait = some(10);
  if (draw.below(2) == 0) rules.quota.requests = static_cast<double>(1 + draw.below(20));
  if (draw.below(2) == 0) rules.quota.tokens = static_cast<double>(50 + draw.below(2000));
  return rules;
}

// A wire and rules of a disaggregated pair.
void make_pair(Case& c, RandomStream& draw) {
  const auto some = [&draw](std::uint64_t most) {
    return 0.25 * static_cast<double>(draw.below(most));
  };
  c.batcher = 0;
  c.hand_over.emplace();
  c.hand_over->to = 1;
  c.hand_over->rules.hold_kv = draw.below(2) == 0;
  c.hand_over->rules.first_token =
      draw.below(2) == 0 ? serving::FirstToken::prefill : serving::FirstToken::decode;
  c.hand_over->rules.landing = static_cast<serving::Landing>(draw.below(2));
  if (c.hand_over->reserves()) {
    c.hand_over->rules.move = static_cast<serving::KvMove>(draw.below(3));
    c.hand_over->layers = 1 + static_cast<std::int64_t>(draw.below(4));
    c.hand_over->fixed = Bytes(static_cast<std::int64_t>(draw.below(2)));
  }
  c.hand_over->per_token = Bytes(static_cast<std::int64_t>(draw.below(3)));
  c.hand_over->wire = {Duration(some(3)), BytesPerSecond(4)};
  c.decode_limits.sequences = 1 + static_cast<std::int64_t>(draw.below(8));
  c.decode_limits.batch_tokens =
      Tokens(c.decode_limits.sequences + static_cast<std::int64_t>(draw.below(20)));
  c.decode_limits.block_size = Tokens(1 + static_cast<std::int64_t>(draw.below(8)));
  c.decode_limits.blocks = Blocks(1 + static_cast<std::int64_t>(draw.below(60)));
}

// What a model's layers keep, of which all requests of such a case can be held.
serving::KvLayout make_layout(RandomStream& draw) {
  serving::KvLayout layout;
  layout.weight = 1 + static_cast<std::int64_t>(draw.below(3));
  if (draw.below(2) == 0) layout.fixed = Blocks(static_cast<std::int64_t>(draw.below(4)));
  const std::uint64_t windows = draw.below(3);
  for (std::uint64_t i = 0; i < windows; ++i) {
    layout.windows.push_back({1 + static_cast<std::int64_t>(draw.below(2)),
                              Tokens(1 + static_cast<std::int64_t>(draw.below(40))),
                              draw.below(2) == 0});
  }
  return layout;
}

std::vector<std::int64_t> make_buckets(RandomStream& draw) {
  std::vector<std::int64_t> buckets;
  std::int64_t size = 0;
  const std::uint64_t count = draw.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    buckets.push_back(size += 1 + static_cast<std::int64_t>(draw.below(20)));
  }
  return buckets;
}

serving::Engine make_engine(bool dyadic, const Case& c, RandomStream& draw) {
  const auto some = [&draw] { return draw.below(3) == 0; };
  const auto time = [&](double scale) {
    return Duration(dyadic ? 0.25 * static_cast<double>(draw.below(3)) : scale * draw.uniform());
  };
  serving::Engine engine;
  engine.prefix_cache = some();
  if (engine.prefix_cache) {
    for (std::uint64_t tiers = draw.below(3); tiers > 0; --tiers) {
      engine.offload.push_back(
          {Blocks(static_cast<std::int64_t>(draw.below(30))), time(0.01), time(0.01)});
    }
  }
  const bool chunks = c.batcher == 0 || c.batcher == 3;
  if (chunks && some()) engine.long_prompt = Tokens(1 + static_cast<std::int64_t>(draw.below(20)));
  if (some()) engine.order = serving::Order::priority;
  if (some()) {
    engine.scheduling = serving::Scheduling::async;
    engine.hidden = dyadic ? Duration(0.25) : Duration(0.005);
  }
  if (some()) engine.kv = make_layout(draw);
  if (some()) {
    engine.swap = serving::Swap{Bytes(static_cast<std::int64_t>(draw.below(400))), Bytes(8),
                                BytesPerSecond(dyadic ? 32 : 100)};
  }
  if (some()) {
    engine.speculation.emplace();
    const std::uint64_t length = 1 + draw.below(3);
    for (std::uint64_t i = 0; i < length; ++i)
      engine.speculation->acceptance.push_back(draw.uniform());
    engine.speculation->step = time(0.01);
    engine.speculation->sequence = time(0.001);
  }
  if (some())
    engine.shapes =
        serving::StaticShapes{make_buckets(draw), make_buckets(draw), make_buckets(draw)};
  if (some()) engine.ranks = 1 + static_cast<std::int64_t>(draw.below(4));
  const bool may_pipeline = engine.ranks == 1 && engine.scheduling == serving::Scheduling::sync;
  if (may_pipeline && some()) engine.stages = 1 + static_cast<std::int64_t>(draw.below(4));
  return engine;
}

// Prompts of which many begin alike.
void make_pieces(Case& c, RandomStream& draw) {
  for (const traffic::Request& r : c.requests) {
    std::vector<traffic::Piece>& pieces = c.pieces.emplace_back();
    std::int64_t until = 0;
    while (until < r.prompt.value() && draw.below(8) > 0) {
      until = std::min(until + 1 + static_cast<std::int64_t>(draw.below(30)), r.prompt.value());
      pieces.push_back({1 + draw.below(2), until});
    }
  }
}

// Requests as listed, with what their prompts are made of.
class ListedPieces final : public traffic::Arrivals {
 public:
  explicit ListedPieces(const Case& c) : requests_(c.requests), case_(&c) {}

  Instant date() const override { return requests_.date(); }
  void take(traffic::Request& request) override {
    requests_.take(request);
    ++taken_;
  }
  std::span<const traffic::Piece> pieces() const override {
    return case_->pieces.empty() ? std::span<const traffic::Piece>() : case_->pieces[taken_ - 1];
  }

 private:
  traffic::Listed requests_;
  const Case* case_;
  std::size_t taken_ = 0;
};

}  // namespace

Case make_case(std::uint64_t number, bool features) {
  RandomStream draw(number, 0, "property/leaping");
  const auto upto = [&draw](std::uint64_t most) {
    return static_cast<std::int64_t>(1 + draw.below(most));
  };
  Case c;
  c.batcher = draw.below(serving::batchers().size());
  c.router = draw.below(4);
  c.replicas = static_cast<std::size_t>(upto(3));
  c.limits.sequences = upto(8);
  c.limits.batch_tokens = Tokens(c.limits.sequences + upto(draw.below(2) == 0 ? 8 : 200));
  c.limits.block_size = Tokens(upto(8));
  c.limits.blocks = Blocks(upto(60));
  c.limits.in_flight = draw.below(3) == 0 ? upto(10) : 0;
  if (draw.below(3) == 0) c.limits.reserve = serving::Reserve::prompt;
  // Dyadic times make many dates equal; the others none.
  const bool dyadic = draw.below(2) == 0;
  const auto seconds = [&](double scale) {
    if (draw.below(4) == 0) return Duration(0);
    return dyadic ? Duration(0.25 * static_cast<double>(draw.below(4)))
                  : Duration(scale * draw.uniform());
  };
  c.time = {Duration(dyadic ? 1.0 : 0.01 + draw.uniform()), seconds(0.1), seconds(0.1),
            seconds(0.01), seconds(0.001)};
  double date = 0;
  const std::int64_t count = upto(60);
  for (std::int64_t i = 0; i < count; ++i) {
    date += dyadic ? static_cast<double>(draw.below(4)) : 3 * draw.exponential();
    traffic::Request r;
    r.id = RequestId(static_cast<std::uint64_t>(i));
    r.arrival = Instant(date);
    r.prompt = Tokens(upto(draw.below(3) == 0 ? 100 : 12));
    r.output = Tokens(upto(draw.below(3) == 0 ? 60 : 8));
    c.requests.push_back(r);
  }
  if (!features && c.batcher == 3) c.batcher = 0;
  if (draw.below(3) == 0) make_pair(c, draw);
  if (draw.below(2) == 0) c.clients = make_clients(dyadic, draw);
  for (traffic::Request& r : c.requests) {
    r.max_tokens = r.output + Tokens(static_cast<std::int64_t>(draw.below(5)));
  }
  if (!features) return c;
  if (draw.below(4) == 0) c.limits.reserve = serving::Reserve::full;
  c.engine = make_engine(dyadic, c, draw);
  c.decode_engine = make_engine(dyadic, c, draw);
  if (!c.engine.offload.empty() && c.engine.ranks == 1 && draw.below(2) == 0) {
    const double latency = 0.25 * static_cast<double>(draw.below(3));
    c.store = fleet::PrefixStorePlan{Blocks(static_cast<std::int64_t>(draw.below(60))),
                                     Bytes(1),
                                     {},
                                     fleet::Wire{Duration(latency), BytesPerSecond(8)}};
  }
  if (c.hand_over && c.hand_over->rules.layerwise()) {
    c.store.reset();
    c.engine.stages = 1;
  }
  c.decode_engine.prefix_cache = false;
  c.decode_engine.offload.clear();
  for (auto [limits, engine] :
       {std::pair{&c.limits, &c.engine}, {&c.decode_limits, &c.decode_engine}}) {
    const std::int64_t drafts = engine->speculation ? engine->speculation->length() : 0;
    limits->batch_tokens = limits->batch_tokens * (1 + drafts);
    limits->blocks = limits->blocks * engine->kv.weight;
  }
  for (traffic::Request& r : c.requests) r.priority = static_cast<std::uint8_t>(draw.below(3));
  make_pieces(c, draw);
  return c;
}

Case with_routing(Case c, std::uint64_t number) {
  RandomStream draw(number, 0, "property/routing");
  c.router = draw.below(fleet::routers().size());
  if (draw.below(2) == 0) c.routing_delay = Duration(0.125 * static_cast<double>(draw.below(80)));
  for (traffic::Request& r : c.requests) r.session = draw.below(1 + number % 5);
  return c;
}

Everything simulate(const Case& c, serving::Leaping leaping, Instant until) {
  const auto batcher = serving::batchers()[c.batcher].make();
  const model::Affine time(c.time);
  ListedPieces requests(c);
  Everything everything;
  fleet::Simulation::Input input;
  input.streams = {&requests};
  input.clients = {c.clients};
  input.observer = &everything;
  input.until = until;
  input.observe_every = Duration(1.7);
  input.leaping = leaping;
  input.routing_delay = c.routing_delay;
  input.between_delay = c.between_delay;
  input.routes = c.routes;
  input.slos = c.slos;
  input.between = fleet::pool_routers()[c.between].make({});
  input.network = c.network;
  input.admission = c.admission;
  input.faults = c.faults;
  input.maintenance = c.maintenance;
  const auto pool = [&](const serving::Limits& limits, const serving::Engine& engine) {
    fleet::Simulation::PoolInput made;
    made.name = "pool" + std::to_string(input.pools.size());
    made.replicas = c.replicas;
    made.limits = limits;
    made.engine = &engine;
    made.batcher = batcher.get();
    made.time = &time;
    made.router = fleet::routers()[c.router].make({2, limits.blocks, limits.block_size});
    made.gaps = {&everything.gaps, Instant(0)};
    made.log = &everything;
    made.autoscale = c.autoscale;
    made.initial = c.initial;
    return made;
  };
  for (std::size_t i = 0; i < c.fleets; ++i) {
    input.pools.push_back(pool(c.limits, c.engine));
    input.pools.back().models = {ModelId{}};
    input.pools.back().hand_over = c.hand_over;
    input.pools.back().store = c.store;
    if (!c.hand_over) continue;
    input.pools.back().hand_over->to = input.pools.size();
    input.pools.push_back(pool(c.decode_limits, c.decode_engine));
  }
  fleet::Simulation simulation(std::move(input));
  everything.simulation = &simulation;
  simulation.run();
  everything.simulation = nullptr;
  return everything;
}

std::string features_of(const Case& c) {
  std::string text = std::string(serving::batchers()[c.batcher].name) + " " +
                     std::string(fleet::routers()[c.router].name) + (c.hand_over ? " pair" : "") +
                     (c.store ? " store" : "");
  if (c.hand_over && c.hand_over->reserves()) {
    text += " ";
    text += serving::kv_moves[static_cast<std::size_t>(c.hand_over->rules.move)];
  }
  for (const serving::Engine* e : {&c.engine, &c.decode_engine}) {
    text += e->prefix_cache ? " cache" : "";
    text += e->offload.empty() ? "" : " offload";
    text += e->long_prompt > Tokens(0) ? " long_prompt" : "";
    text += e->order == serving::Order::priority ? " priority" : "";
    text += e->scheduling == serving::Scheduling::async ? " async" : "";
    text += e->kv.plain() ? "" : e->kv.windows.empty() ? " weight" : " windows";
    text += e->swap ? " swap" : "";
    text += e->speculation ? " speculation" : "";
    text += e->shapes ? " shapes" : "";
    text += e->ranks > 1 ? " ranks" : "";
    text += e->stages > 1 ? " pipeline" : "";
    text += " /";
    if (!c.hand_over) break;
  }
  return text;
}

bool same_counts(const results::LogHistogram& a, const results::LogHistogram& b) {
  if (a.count() != b.count() || a.sum() != b.sum()) return false;
  if (a.count() == 0) return true;
  for (const double q : {0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0}) {
    if (a.quantile(q) != b.quantile(q)) return false;
  }
  return true;
}

}  // namespace tokenyard::test
