// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/section.hpp"
#include "fleet/wire.hpp"
#include "model/wafer.hpp"
#include "network/transfers.hpp"

namespace tokenyard::fleet {

struct PoolPlan;
struct Scenario;

// Replicas that are pipelines over wafers: what a pool of them has beside the rest.
struct WaferPlan {
  model::Wafer::Input time;
  std::string stands_on;    // what the latency of a token does
  std::string validation;   // and what is known of its error
  BytesPerSecond ports;     // of a system, one way, for everything
  BytesPerSecond kv_ports;  // of these, what activations leave at their peak

  Duration latency() const { return model::Wafer(time).latency(); }
};

// Bytes of KV cache that a request keeps while its context has so many tokens.
double kv_bytes(const PoolPlan& pool, double context);

// What a pipeline over wafers cannot do; and it is one to the engine, without micro-batches.
void plan_wafers(config::Section& section, config::Section& parallel, PoolPlan& pool);

// "; it needs 20 wafers (parallel.pipeline)", for a wafer-scale pool whose weights do not fit.
std::string wafers_needed(const PoolPlan& pool, double share, Bytes reserve);

// Reads the iteration times of a wafer-scale pool. False if the pool is none, or has coefficients
// of its own.
bool read_wafer_times(config::Section& section, PoolPlan& pool);

// Its part `wafer`: what a token's latency is, and stands on.
void read_wafer_latency(config::Section& section, const PoolPlan& pool, WaferPlan& wafer);

// Leaves KV caches what activations leave of the ports, before transfers run.
void limit_ports(const Scenario& scenario, network::Transfers& transfers);

// A wire of a transfer with the ports to itself: over `pairs` pairs of nodes.
Wire within_ports(Wire wire, const PoolPlan& from, const PoolPlan& to, std::uint32_t pairs);

void assume_of_wafers(Scenario& scenario);

}  // namespace tokenyard::fleet
