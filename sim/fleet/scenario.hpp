// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "catalog/model_shape.hpp"
#include "config/schema.hpp"
#include "config/section.hpp"
#include "fleet/accounting_rules.hpp"
#include "fleet/admission.hpp"
#include "fleet/autoscaler.hpp"
#include "fleet/client_network.hpp"
#include "fleet/engines.hpp"
#include "fleet/fault_rules.hpp"
#include "fleet/moments.hpp"
#include "fleet/routing.hpp"
#include "fleet/service_rules.hpp"
#include "fleet/wafers.hpp"
#include "model/affine.hpp"
#include "model/roofline.hpp"
#include "network/layout.hpp"
#include "network/platform_file.hpp"
#include "network/transfers.hpp"
#include "serving/batcher.hpp"
#include "serving/hand_over.hpp"
#include "traffic/tenant.hpp"

namespace tokenyard::fleet {

class Placement;

// What the replicas of a pool do: all, read prompts, or write answers to prompts read elsewhere.
enum class PoolRole : std::uint8_t { mixed, prefill, decode };
inline constexpr std::array<std::string_view, 3> pool_roles = {"mixed", "prefill", "decode"};

// Whether transfers share the links of the platform or have each its route to themselves.
inline constexpr std::array<std::string_view, 2> contentions = {"fair", "none"};

// How the replicas of a pool come to their weights that begin without.
struct ColdStart {
  std::string store;       // where its weights are, of the scenario's stores
  std::size_t number = 0;  // of it
  Duration start_up;       // after their arrival
  bool at_start = true;    // also of the replicas that the pool begins with
};

// A pool as it was planned: replicas of one model on the nodes of one rack kind.
struct PoolPlan {
  std::string name;
  std::string at;      // the cluster
  std::string region;  // provider/region
  std::string rack_name;
  const catalog::Rack* rack = nullptr;
  const catalog::Region* site = nullptr;
  std::optional<catalog::Price> price;
  model::Deployment deployment;
  ModelId model{};
  std::int64_t replicas = 1;  // at most, if it is scaled
  std::int64_t least = 1;
  std::int64_t initial = 1;
  std::optional<AutoscalePlan> autoscale;
  std::vector<network::NodeRange> places;  // of each replica
  std::int64_t nodes = 1;                  // that replicas stand on
  double node_share = 1;  // of them, counting of a node that pools share each one's part
  const EnginePreset* preset = nullptr;
  const serving::BatcherEntry* batcher = nullptr;
  serving::Limits limits;
  serving::Engine engine;
  std::vector<OffloadPlan> offload;  // below its prefix cache
  std::optional<StorePlan> store;    // below these
  Bytes kept_block;                  // of a block of a prefix
  model::KvRoom room;
  model::Roofline::Input time;
  std::optional<model::Affine::Input> affine;  // coefficients given, in place of the roofline
  std::optional<WaferPlan> wafer;              // or a pipeline over wafers
  PoolRole role = PoolRole::mixed;
  std::string hands_over_to;  // for a prefill pool: its decode pool
  std::size_t next_pool = 0;  // its number
  serving::HandOver hand_over;
  bool shares_links = true;
  std::optional<ColdStart> cold_start;
  std::string validation;            // what is known of the error of these iteration times
  std::vector<std::string> tenants;  // that it is kept for; none: it is for all

  std::int64_t chips() const { return replicas * deployment.chips(); }
  network::NodeRange nodes_of(std::int64_t replica) const {
    return places[static_cast<std::size_t>(replica)];
  }
};

// What goes over the wires of a KV cache between two pools: in the format of the two that is
// narrower, since the side that has the wider one converts.
struct SentKv {
  Bytes per_token;
  Bytes fixed;  // of a request
};
SentKv sent_kv(const PoolPlan& from, const PoolPlan& to);

// Nodes from which replicas that start without weights get them.
struct WeightStore {
  std::string name;
  StorePlan plan;
};

// A window of a run whose iterations and transfers are kept one by one.
struct TraceWindow {
  Instant from;
  Instant to = Instant::never();
  std::vector<bool> pools;  // by number: whether it is in
};

// What to keep of a run.
struct Keep {
  double requests = 1;  // share of them that the request table holds
  Duration series{10};
  std::optional<TraceWindow> trace;
};

// A scenario, read and checked: everything a run needs. Pools point into the catalogue and models.
struct Scenario {
  std::string name;
  std::uint64_t seed = 0;
  std::uint64_t replication = 0;  // with the same seed: other draws of the same streams
  Instant warm_up;
  Instant until = Instant::never();
  std::optional<Moment> begins;  // second 0
  std::string platform_file;
  network::PlatformFile platform;  // its text, with the racks that the scenario asks for
  network::Layout layout;
  std::unique_ptr<catalog::Catalog> catalog;
  std::vector<std::unique_ptr<catalog::ModelShape>> models;
  std::vector<traffic::Tenant> tenants;
  std::vector<traffic::Opened> openings;  // of each tenant's stream
  std::vector<traffic::Slo> slo_classes;  // by name, in the order of the tenants
  std::vector<traffic::Place> origins;    // all tenants', each once
  std::vector<PoolPlan> pools;
  std::vector<WeightStore> stores;
  std::vector<ServiceRule> rules;
  std::vector<TenantRoutes> routes;  // of each tenant
  RoutingPlan routing;
  ClientNetworkPlan client_network;
  AdmissionRules admission;
  std::optional<FaultScope> survive;  // what it shall do without any one of
  std::vector<std::uint32_t> lost;    // replicas that are away all the time, to see whether it does
  AccountingRules accounting;
  FaultPlan faults;
  std::vector<MaintenancePlan> maintenance;
  Keep keep;
  std::string canonical;  // JSON of the typed values and the inputs' sha256
  std::string identity;   // SHA-256 of it
  std::vector<std::string> assumptions;

  double expected_requests() const;
  // The identity of the same scenario with another `replication`.
  std::string identity_of_replication(std::uint64_t number) const;
};

// Where the shipped data lives: the folder that holds workloads/models.
std::string home();

// Of the platform; null if there is none.
const network::Cluster* find_cluster(const Scenario& scenario, std::string_view name);
// What to say of a name that is none.
std::string not_a_cluster(const Scenario& scenario, const std::string& name);

// The file of a model: NAME.yaml in the shipped workloads/models, or the path if it is one.
std::string model_path(const std::string& name, const std::string& scenario_file);

// The policy lists that the schemas enumerate.
config::Lists policy_lists();

// Reads a scenario and all files it names. Mistakes of all of them are noted in `reading`; the
// scenario is whole only if there are none.
Scenario read_scenario(const config::Document& document, config::Reading& reading);

using traffic::beside;

// Parts of a scenario, each reading its own section.
void read_workload(config::Section& workload, const std::string& file, Scenario& scenario,
                   config::Reading& reading);
void read_pools(config::Section& fleet, Scenario& scenario);
void assume_of_pools(Scenario& scenario);  // of a scenario without mistakes
void read_times(config::Section section, const Scenario& scenario, PoolPlan& pool);
void read_replicas(config::Section& section, PoolPlan& pool);
void read_autoscale(config::Section section, PoolPlan& pool);
void read_admission(config::Section section, Scenario& scenario);
void assume_of_scaling(Scenario& scenario);
void read_role(config::Section& section, PoolPlan& pool);
void read_engine(config::Section& section, const Scenario& scenario, PoolPlan& pool);
Bytes lay_out_kv(PoolPlan& pool);  // returns the bytes of a block
void assume_of_engines(Scenario& scenario);
void join_roles(std::vector<config::Section>& sections, Scenario& scenario);
void read_keep(config::Section results, Scenario& scenario);
void read_cold_start(config::Section section, PoolPlan& pool);
void read_stores(config::Section& fleet, Placement& placement, Scenario& scenario);
void join_stores(std::vector<config::Section>& sections, Scenario& scenario);

}  // namespace tokenyard::fleet
