// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/admission.hpp"
#include "fleet/autoscaler.hpp"
#include "fleet/client_network.hpp"
#include "fleet/clients.hpp"
#include "fleet/faults.hpp"
#include "fleet/maintenance.hpp"
#include "fleet/observer.hpp"
#include "fleet/pool_router.hpp"
#include "fleet/prefix_store.hpp"
#include "fleet/router.hpp"
#include "fleet/service_rules.hpp"
#include "fleet/wire.hpp"
#include "network/transfers.hpp"
#include "serving/replica.hpp"
#include "traffic/arrivals.hpp"

namespace tokenyard::fleet {

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

// How replicas come to the weights of their model that start without.
struct ColdStartPlan {
  network::NodeRange store;  // where the weights are
  Bytes weights;             // of a replica
  Duration start_up;         // from their arrival until it serves
  bool at_start = true;      // else its replicas have them at time zero
};

// What a router between pools is told of a pool that does not change with its load.
struct PoolStanding {
  double usd_per_million_tokens = 0;
  std::vector<double> carbon_g_per_kwh = {0};  // one value, or one for each hour
  Duration carbon_start;                       // from their first hour to second 0
  double weight = 1;
  std::size_t rank = 0;
};

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
  std::size_t initial = 0;               // replicas on at time zero; 0: all
  std::optional<AutoscalePlan> autoscale{};
  PoolStanding standing{};
};

// Ids order what happens at one date.
enum class Ids : std::uint8_t { by_arrival, of_the_stream };

struct SimulationInput {
  std::vector<traffic::Arrivals*> streams;
  std::vector<ClientRules> clients;  // of each stream, or none at all
  Ids ids = Ids::by_arrival;
  std::vector<PoolInput> pools;
  Observer* observer;
  network::Transfers* transfers = nullptr;  // if a pool hands over without a wire of its own
  Instant until = Instant::never();         // requests in flight then are reported as such
  Duration observe_every{0};                // 0: never
  std::uint64_t seed = 0;
  std::uint64_t replication = 0;
  serving::Leaping leaping = serving::Leaping::on;

  std::vector<TenantRoutes> routes{};     // by stream; none: by the model, to its pools
  std::vector<traffic::Slo> slos{};       // by class; none: without limits
  std::unique_ptr<PoolRouter> between{};  // needed where several pools may serve a request
  Duration routing_delay{};               // how old what routers know is
  Duration between_delay{};               // likewise, of the one between pools
  ClientNetwork network{};
  AdmissionRules admission{};
  FaultInput faults{};
  std::vector<MaintenancePlan> maintenance{};
};

}  // namespace tokenyard::fleet
