// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/calendar.hpp"
#include "core/compensated_sum.hpp"
#include "core/random.hpp"
#include "fleet/clients.hpp"
#include "fleet/kv_transfers.hpp"
#include "fleet/load_board.hpp"
#include "fleet/prefix_store.hpp"
#include "fleet/router.hpp"
#include "fleet/wire.hpp"
#include "network/transfers.hpp"
#include "results/record.hpp"
#include "serving/replica.hpp"
#include "traffic/arrivals.hpp"

namespace tokenyard::fleet {

// What a pool did up to a date, over all its replicas.
struct PoolCounts {
  std::int64_t waiting = 0;
  std::int64_t running = 0;
  Blocks kv_used;
  Blocks kv_total;
  Tokens prefilled;
  Tokens emitted;
  Tokens prompts;          // of all requests admitted, each once, where there is a prefix cache
  Tokens cached;           // of these, found in it
  Tokens padding;          // computed for nothing, since shapes are static
  Duration busy;           // summed over replicas
  Duration reading;        // of it, with an iteration that reads prompts
  Tokens emitted_reading;  // written meanwhile
  std::int64_t iterations = 0;
};

// Is told what happens. It records; it never changes the simulation.
class Observer {
 public:
  virtual ~Observer() = default;

  // A request came to its one final state, at `now`.
  virtual void ended(const results::RequestRecord& record, Instant now) = 0;
  // The KV cache of a request was delivered, at `now`.
  virtual void transferred(const KvTransfer&, Instant /*now*/) {}
  // The regular look at the pools, in their order.
  virtual void observed(Instant, const std::vector<PoolCounts>&) {}
  // Every few thousand events: for a progress display.
  virtual void progress(Instant, std::int64_t /*requests ended*/) {}
};

// What was computed for one tenant in one pool.
struct Work {
  Tokens prompt;  // of prompts, each once an attempt, those found in a cache left out
  Tokens output;  // written
};

// Sums over a whole run that must agree; checked at the end of every run.
struct Totals {
  std::int64_t arrived = 0;
  std::array<std::int64_t, results::status_names.size()> by_status{};
  Tokens prompt_arrived;
  Tokens prompt_ended;
  Tokens output_ended;          // written for requests, over all states
  Tokens output_abandoned;      // written in attempts that were given up and made again
  Tokens output_emitted;        // written by replicas
  double requests_seconds = 0;  // integral of the number of requests in flight
  double sojourn_seconds = 0;   // sum of the times that requests were in flight
  std::int64_t events = 0;
  std::int64_t iterations = 0;
  std::vector<std::vector<Work>> work;  // by pool and tenant
  Instant end;                          // of the run
};

// Where a pool of replicas that only read prompts sends their requests, and how.
struct HandOverPlan {
  serving::HandOver rules;
  std::size_t to = 0;  // the pool that answers
  Bytes fixed;         // of the KV cache of a request
  Bytes per_token;
  std::int64_t layers = 1;   // that a prompt is read through, one after the other
  std::optional<Wire> wire;  // none: they share the links of the platform

  bool reserves() const { return rules.landing == serving::Landing::reserved; }
  // Of the first token, if it is written before the request is handed over.
  Tokens known(Tokens prompt) const {
    return prompt + Tokens(rules.first_token == serving::FirstToken::prefill ? 1 : 0);
  }
};

// A pool whose replicas begin without the weights of their model.
struct ColdStartPlan {
  network::NodeRange store;  // where the weights are
  Bytes weights;             // of a replica
  Duration start_up;         // from their arrival until it serves
};

// One simulation: streams of requests, pools of replicas, and the calendar that joins them.
class Simulation final : private network::Agenda {
 public:
  struct PoolInput {
    std::string name;
    std::size_t replicas = 1;
    serving::Limits limits;
    const serving::Batcher* batcher;
    const model::IterationTime* time;
    const serving::Engine* engine = &serving::plain_engine;
    std::unique_ptr<Router> router;
    std::vector<ModelId> models;  // whose requests arrive here; none for a pool that takes over
    std::optional<HandOverPlan> hand_over{};
    std::optional<PrefixStorePlan> store{};  // of the prefixes of all its replicas
    std::optional<ColdStartPlan> cold_start{};
    std::vector<network::NodeRange> nodes{};  // of each replica, if transfers share links
    serving::TokenGaps::Input gaps{};
    serving::IterationLog* log = nullptr;  // of single iterations
  };

  // Ids order what happens at one date.
  enum class Ids : std::uint8_t { by_arrival, of_the_stream };

  struct Input {
    std::vector<traffic::Arrivals*> streams;
    std::vector<ClientRules> clients;  // of each stream, or none at all
    Ids ids = Ids::by_arrival;
    std::vector<PoolInput> pools;
    Observer* observer;
    network::Transfers* transfers = nullptr;  // if a pool hands over without a wire of its own
    Instant until = Instant::never();         // requests in flight then are reported as such
    Duration observe_every{0};                // 0: never
    Duration routing_delay{0};                // how old what routers know is
    std::uint64_t seed = 0;
    std::uint64_t replication = 0;
    serving::Leaping leaping = serving::Leaping::on;
  };

  explicit Simulation(Input input);

  // Runs to the end of the streams and of the last request, or to `until`. Once.
  Totals run();

  // Looks at every queue and block; O(requests in flight). For tests.
  void audit() const;

 private:
  struct Pool {
    struct Place {
      PoolId id;
      std::size_t first;
      Duration delay;
    };
    Pool(PoolInput&& input, const Place& place, RandomStream draws);

    PoolId id;
    std::unique_ptr<Router> router;
    Router::Wants wants;
    bool names_blocks;  // its replicas have prefix caches
    LoadBoard loads;
    RandomStream stream;
    std::size_t first;  // its first replica in members_
    std::optional<HandOverPlan> hand_over;
    std::optional<PrefixStore> store;
    std::optional<ColdStartPlan> cold_start;
    std::vector<network::NodeRange> nodes;
  };
  struct Member {
    serving::Replica replica;
    Calendar::Slot slot;
    Pool* pool;
    bool plain = true;                            // has no use for what follows
    Instant warm{};                               // from when it has its weights
    std::vector<network::TransferId> landings{};  // that wait for room here, the first first
  };
  struct Stream {
    traffic::Arrivals* arrivals;
    Calendar::Slot slot;
    bool follows;
    std::unique_ptr<Clients> clients{};  // null: they wait for ever, and come once
    Calendar::Slot clients_slot{};
  };

  // The calendar, beside the transfers.
  Instant next() const override;
  void step() override;
  void delivered(network::TransferId id, Instant date) override;

  void open_pools(Input& input);
  void open_streams(const Input& input);
  void dispatch(const Event& event);
  void arrive(Stream& stream);
  void attempt(serving::Slot slot);
  void end_attempt(serving::Slot slot, results::Status status);
  void expect_clients(Stream& stream);
  void act_for_clients(Stream& stream);
  void cancel(serving::Slot slot);
  bool has_cancelled(const Member& member) const;
  void take_out_cancelled(Member& member);
  void leave_cancelled(serving::Slot slot, Member& member);
  void expect(Stream& stream);
  Member* choose(Pool& pool, serving::Slot slot);
  Prompt prompt_of(const Pool& pool, serving::Slot slot);
  static Tokens load_of(const traffic::Request& request);
  void load(Member& member, Tokens tokens, int sign);
  ReplicaId id_of(const Member& member) const;
  network::NodeRange nodes_of(const Member& member) const;
  bool can_serve(const Pool& pool, const traffic::Request& request) const;
  void queued(serving::Slot slot, Member& member);
  void queue(serving::Slot slot, Member& member);
  void hand_over(serving::Slot slot, Member& from);
  network::TransferId prepare_hand_over(serving::Slot slot, Member& from);
  bool reserve_first(serving::Slot slot, Member& from);
  void launch(network::TransferId id);
  void send_chunks(Member& from, Instant end);
  void send_chunk(Member& from, const serving::Batch::Chunk& chunk, Duration took);
  void end_chunks(network::TransferId id);
  Wire route_of(const KvTransfer& transfer) const;
  void part_arrived(network::TransferId id);
  void complete(network::TransferId id);
  void want_landing(network::TransferId id);
  void expect_grants(Member& to);
  void grant_landings();
  void grant_landings(Member& to);
  void granted(network::TransferId id);
  bool withdraw(serving::Slot slot);
  void abandon(serving::Slot slot);
  void cancel_landing(const KvTransfer& transfer);
  void release_handed_over(serving::Slot slot, Member& from);
  void fetch_weights();
  void warm_up(Member& member);
  void wait_for_weights(Member& member);
  bool fetch(serving::Slot slot, Member& member);
  void put(serving::Slot slot, const Member& member);
  network::TransferId send(const KvTransfer& transfer, const std::optional<Wire>& wire);
  void enter(network::TransferId id, const std::optional<Wire>& wire, Instant date);
  network::NodeRange place_of(ReplicaId replica, const KvTransfer& transfer) const;
  void move_transfers();
  void deliver(network::TransferId id);
  void deliver_fetched(const KvTransfer& transfer);
  void reach_boundary(Member& member);
  void begin(Member& member);
  void begun(Member& member, Instant end);
  void mark_special(const Pool& pool);
  void schedule(Calendar::Slot slot, Instant date, Phase phase);
  void finish_iterations(std::uint32_t replica);
  void count_work(serving::Slot slot, Tokens emitted);
  void end_request(serving::Slot slot, results::Status status);
  void observe();
  void close();
  void check_totals() const;

  Observer* observer_;
  Instant until_;
  Duration observe_every_;
  Ids ids_;
  Calendar calendar_;
  Calendar::Slot observation_{};
  Calendar::Slot transfer_step_{};
  Calendar::Slot landing_step_{};
  network::Transfers* transfers_;
  KvTransfers kv_transfers_;
  serving::RequestStore store_;
  std::vector<std::unique_ptr<Pool>> pools_;
  std::vector<Member> members_;
  std::vector<Stream> streams_;
  std::vector<serving::Slot> cancelling_;    // at the end of the iteration under way
  std::vector<network::TransferId> moving_;  // by slot: the hand-over that has, or wants, room
  std::vector<std::uint32_t> granting_;      // replicas that may have room now
  std::int64_t landings_wanted_ = 0;         // hand-overs that wait for room
  std::vector<std::vector<Pool*>> pools_of_model_;
  std::vector<PoolCounts> counts_;
  Instant now_;
  bool keeps_pieces_ = false;  // some pool has a prefix cache, or a router that asks for them
  bool more_now_ = false;  // beside the event at hand, something comes before iterations may start
  Instant in_flight_since_;
  std::int64_t observations_ = 0;
  CompensatedSum requests_seconds_;
  CompensatedSum sojourn_seconds_;
  Totals totals_;
};

}  // namespace tokenyard::fleet
