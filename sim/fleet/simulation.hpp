// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "core/calendar.hpp"
#include "core/compensated_sum.hpp"
#include "core/random.hpp"
#include "fleet/clients.hpp"
#include "fleet/kv_transfers.hpp"
#include "fleet/load_board.hpp"
#include "fleet/simulation_input.hpp"

namespace tokenyard::fleet {

// One simulation: streams of requests, pools of replicas, and the calendar that joins them.
class Simulation final : private network::Agenda {
 public:
  using PoolInput = fleet::PoolInput;
  using Ids = fleet::Ids;
  using Input = SimulationInput;

  explicit Simulation(Input input);

  // Runs to the end of the streams and of the last request, or to `until`. Once.
  Totals run();

  // Looks at every queue and block; O(requests in flight). For tests.
  void audit() const;

 private:
  // What of the fleet an event is for, beside replicas, transfers and clients; in the order of
  // those of one date and phase.
  enum class Task : std::uint32_t {
    landings,
    faults,
    travel,
    drained,
    duties,
    maintenance,
    gate,
    scaling  // of the first pool; those of the others follow
  };

  // The next thing to do for a replica, if its duty is still the same.
  struct DutyStep {
    Instant date;
    std::uint32_t replica;
    std::uint32_t turn;
    bool operator>(const DutyStep& other) const {
      return date != other.date ? date > other.date : replica > other.replica;
    }
  };
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
    std::optional<LoadBoard> afar;  // as the router between pools knows them, if otherwise
    RandomStream stream;
    std::size_t first;  // its first replica in members_
    std::optional<HandOverPlan> hand_over;
    std::optional<PrefixStore> store;
    std::optional<ColdStartPlan> cold_start;
    std::vector<network::NodeRange> nodes;
    PoolStanding standing;
    serving::Replica::Input plan;    // of its replicas
    std::int64_t sequences;          // that a replica may run at once
    PoolCounts before;               // what replicas did that were made anew since
    std::int64_t requests = 0;       // at its replicas, and on their way there
    std::int64_t travelling = 0;     // of these
    std::int64_t serving = 0;        // replicas that do
    std::uint32_t frozen = 0;        // outages of its control plane
    std::vector<DutyStep> deferred;  // meanwhile
    std::optional<Autoscaler> autoscaler;
    Calendar::Slot scaling_slot{};
    std::int64_t looks = 0;   // of the autoscaler
    std::int64_t judged = 0;  // requests answered since its last look
    std::int64_t met = 0;     // of these, within their limits
    RecentMean ttft;          // of what it served
    RecentMean tpot;
  };
  struct Member {
    serving::Replica replica;
    Calendar::Slot slot;
    Pool* pool;
    bool plain = true;  // has no use for what follows
    Duty duty = Duty::serving;
    bool unwanted = false;     // drains to be switched off; else for planned work
    std::uint16_t broken = 0;  // parts of it that have failed
    std::uint16_t crew = 0;    // that maintains it, while it drains for that and is away
    std::uint32_t turn = 0;    // of its duties, by which a step that is out of date is known
    std::uint32_t requests = 0;
    std::uint32_t held = 0;  // KV caches that it keeps until they are delivered
    Instant since{};         // it has its duty
    Instant failed{};        // the first of the failures that it has not recovered from
    Instant warm{};          // from when it has its weights
    std::vector<network::TransferId> landings{};  // that wait for room here, the first first
  };
  // A request on its way from its client to a pool, if it is still the same attempt.
  struct Traveller {
    Waiting request;
    Pool* pool;
    bool operator>(const Traveller& other) const { return request > other.request; }
  };
  // Where a tenant's requests may go.
  struct Route {
    Pool* only = nullptr;  // there is no choice
    std::vector<Pool*> all;
    std::vector<Allowed> allowed;
    std::size_t at = 0;  // in force now
    bool bound = false;  // by rules or residency: some of all are not allowed at some time
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
  void do_task(std::uint32_t number);
  void arrive(Stream& stream);
  void attempt(serving::Slot slot);
  void end_attempt(serving::Slot slot, results::Status status);
  void expect_clients(Stream& stream);
  void act_for_clients(Stream& stream);
  void cancel(serving::Slot slot);
  bool has_cancelled(const Member& member) const;
  void take_out_cancelled(Member& member);
  void leave_cancelled(serving::Slot slot, Member& member);
  results::Status given_up(serving::Slot slot) const;
  void turn_back(serving::Slot slot);
  void expect(Stream& stream);
  Member* choose(Pool& pool, serving::Slot slot);
  Prompt prompt_of(const Pool& pool, serving::Slot slot);
  void load(Member& member, const traffic::Request& request, int sign);
  void load(Member& member, Tokens tokens, int sign);
  ReplicaId id_of(const Member& member) const;
  std::uint32_t number_of(const Member& member) const {
    return static_cast<std::uint32_t>(index(id_of(member)));
  }
  network::NodeRange nodes_of(const Member& member) const;
  bool can_serve(const Pool& pool, const traffic::Request& request) const;
  void queued(serving::Slot slot, Member& member);
  void queue(serving::Slot slot, Member& member);
  void hand_over(serving::Slot slot, Member& from);
  network::TransferId prepare_hand_over(serving::Slot slot, Member& from, Member& to);
  bool reserves_first(serving::Slot slot, const Pool& from);
  void reserve_first(serving::Slot slot, Member& from, Member& to);
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
  void release_held(serving::Slot slot, Member& from);
  void open_routes(Input& input);
  Route& route_of(const serving::InFlight& r);
  static LoadBoard& known_of(Pool& pool);
  bool up(Pool& pool);
  PoolState state_of(Pool& pool, std::uint16_t origin);
  Pool* pick(const std::vector<Pool*>& pools, const serving::InFlight& r);
  Pool* pick(const std::vector<std::size_t>& pools, const serving::InFlight& r);
  Pool* entry_pool(const serving::InFlight& r);
  static void under_way(Pool& pool, std::int64_t sign);
  Instant deadline_of(const serving::InFlight& r) const;
  void begin_attempt(serving::Slot slot);
  bool held_back(serving::Slot slot, const Pool& pool);
  void depart(serving::Slot slot, Pool& pool);
  void enter(serving::Slot slot, Pool& pool);
  void move_travellers();
  void open_gate();
  bool let_in(HeldBack& held);
  double fullness(const Pool& pool) const;
  Duration way_back(const serving::InFlight& r) const;
  void learn(const serving::InFlight& r, const results::RequestRecord& record);

  void open_operations(const Input& input);
  void begin_operations();
  Calendar::Slot open_task(Task task, std::uint32_t number = 0);
  bool over() const;
  void stop_operations();
  void turn_to(Member& member, Duty duty);
  void expect_step(Member& member, Instant date);
  void do_duties();
  void take_step(Member& member);
  void restart(Member& member);
  void serve(Member& member);
  void drain(Member& member, bool unwanted);
  void expect_drained();
  void end_drained();
  void look(Pool& pool);
  void expect_look(Pool& pool);
  void scale(Pool& pool, std::int64_t wanted, std::int64_t present);
  std::int64_t add_replicas(Pool& pool, std::int64_t more);
  std::int64_t take_away(Pool& pool, std::int64_t fewer);
  void expect_maintenance();
  void maintain();
  void go_away(Member& member);
  void leave_crew(Member& member);
  void return_to_work(Member& member);

  void expect_faults();
  void act_on_faults();
  void act_on(const Component& component, bool begins);
  void break_down(Member& member);
  void mend(Member& member);
  void recover(Member& member);
  void thaw(Pool& pool);
  void stop_start(Member& member);
  void clear(Member& member);
  void remake(Member& member);
  std::vector<serving::Slot> lose_transfers(Member& member);
  bool lose_hand_over(network::TransferId id, Member& member);
  void give_up_landing(KvTransfer& transfer);
  void lose(serving::Slot slot, Member& member);
  void count(PoolCounts& counts, Member& member);

  void fetch_weights();
  void fetch_weights(Member& member);
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

  std::vector<Route> routes_;  // by tenant, or by model
  bool routes_by_tenant_ = false;
  bool learns_ = false;        // somebody goes by what was served
  bool routed_ = false;        // some request has a choice of pools
  bool begins_early_ = false;  // clients wait before their requests are at a replica
  std::vector<traffic::Slo> slos_;
  std::unique_ptr<PoolRouter> between_;
  std::vector<PoolState> states_;  // of those that may serve the request at hand
  std::vector<Pool*> choices_;     // likewise
  std::vector<Pool*> some_;
  RandomStream between_stream_;
  ClientNetwork network_;
  std::priority_queue<Traveller, std::vector<Traveller>, std::greater<>> travellers_;
  Calendar::Slot travel_step_{};
  AdmissionRules admission_;
  std::vector<HeldBack> held_back_;  // by model
  Calendar::Slot gate_step_{};

  bool operated_ = false;  // replicas fail, are scaled or maintained
  bool operates_ = true;   // until the last request has ended
  FaultClock faults_;
  Calendar::Slot faults_step_{};
  std::priority_queue<DutyStep, std::vector<DutyStep>, std::greater<>> duty_steps_;
  Calendar::Slot duties_step_{};
  Calendar::Slot drained_step_{};
  std::vector<std::uint32_t> draining_;
  std::vector<MaintenanceCrew> crews_;
  Calendar::Slot maintenance_step_{};
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
