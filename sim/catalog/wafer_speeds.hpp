// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/source.hpp"
#include "core/quantity.hpp"

namespace tokenyard::catalog {

// How a speed is known, the best first.
enum class SpeedBasis : std::uint8_t {
  measured,     // by a third party
  listed,       // by the vendor, or by others without a word on how
  speculative,  // with speculative decoding: its drafts are in it
  claim,        // of a forum or the like, or of wafers that are one
  fit           // of somebody's model, not measured
};
inline constexpr std::array<std::string_view, 5> speed_bases = {"measured", "listed", "speculative",
                                                                "claim", "fit"};

// Tokens a second that one user of a model saw while it wrote.
struct PublishedSpeed {
  std::string model;
  double tokens_per_s = 0;
  SpeedBasis basis = SpeedBasis::measured;
  std::int64_t layers = 1;  // of the model
  std::int64_t wafers = 1;  // that held it
  Source source;
};

// From one wafer to the next, and with the token that was written back to the first.
constexpr std::int64_t wafer_hops(std::int64_t wafers) { return wafers > 1 ? wafers : 0; }

// What is published of the speed of a wafer-scale accelerator, and what nobody publishes.
struct WaferSpeeds {
  Duration hop;   // of a token, from one wafer to the next
  Bytes reserve;  // of a wafer's memory, for its program and activations
  std::vector<PublishedSpeed> speeds;
  Source source;

  // The speed of a model that stands on the best basis, the first in the file among equals.
  const PublishedSpeed* find(const std::string& model) const;

  // Of layers whose model has no published speed: the median over the models that have one that
  // is measured or listed, each with its best. None without such a model.
  struct LayerTimes {
    Duration median;
    Duration least;
    Duration most;
    std::size_t models = 0;
  };
  std::optional<LayerTimes> layer_times(Duration a_hop) const;
};

// What of a published token time remains for a layer, if a hop takes `hop`.
Duration layer_time(const PublishedSpeed& speed, Duration hop);

WaferSpeeds read_wafer_speeds(config::Section& entry, const Sources& sources);

}  // namespace tokenyard::catalog
