// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::fleet {

// What a pool draws, at its accelerators and nodes, and what comes on top.
struct PowerDraw {
  Watts always;     // of its nodes, with nothing under way
  Watts range;      // that the accelerators of one replica draw more at their maximum
  double prefill;   // share of it while an iteration reads prompts
  double decode;    // share of it while one only writes
  double overhead;  // of the fleet
  double pue;       // of the site

  // Over a time in which replicas were busy, and of that read prompts; summed over replicas.
  Joules energy(Duration time, Duration busy, Duration reading) const {
    const Joules more = range * (reading * prefill + (busy - reading) * decode);
    return (always * time + more) * (overhead * pue);
  }
};

// What a pool's replicas had done by a date, summed over them.
struct BusyUpTo {
  double time_s = 0;
  Duration busy{};
  Duration reading{};
  Duration off{};  // of the time until then, in which its nodes were not there
};

// The carbon of the energy that is drawn between one look at the pool and the next, at the
// intensity of each hour: where an hour ends between two looks, in proportion to time. The list
// begins with the hour that is `start` before the simulation, and repeats.
double carbon_kg(const PowerDraw& draw, std::span<const BusyUpTo> looks,
                 std::span<const double> g_per_kwh, Duration start);

}  // namespace tokenyard::fleet
