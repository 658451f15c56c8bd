// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "traffic/dates.hpp"
#include "traffic/lengths.hpp"

namespace tokenyard::traffic {

// What prompts have in common with others.
struct PrefixPlan {
  // A prompt of the system that a share of all requests, or sessions, begins with.
  struct Group {
    double share;
    Tokens tokens;
  };
  // A part of a prompt that is the beginning of an earlier prompt and its answer.
  struct Reuse {
    GivenPrompt share;   // of the prompt's tokens; below half a block it is none
    Distribution age_s;  // since that prompt arrived
    Tokens block;        // reuse is a multiple of it
    std::size_t memory;  // how many earlier prompts may be continued
  };

  std::vector<Group> groups;  // shares add up to 1 at most
  std::optional<Reuse> reuse;
};

// Tells what prompts are made of.
class Prefixes {
 public:
  // `plan` must outlive it.
  Prefixes(const PrefixPlan& plan, const Seeding& seeding);

  // A content that no other prompt has.
  std::uint64_t fresh() { return contents_.bits(); }
  // The shared beginning of a session or a request, at most `most` tokens; none for most.
  std::optional<Piece> group(RandomStream& stream, Tokens most) const;

  // The pieces of a request that stands for itself, with its prompt and output drawn.
  void compose(const Request& request, std::vector<Piece>& pieces);

 private:
  struct Earlier {
    Instant arrival;
    std::int64_t tokens;  // of prompt and answer
    std::vector<Piece> pieces;
  };

  void reuse(const Request& request, std::vector<Piece>& pieces);
  const Earlier* find(Instant date, std::int64_t tokens) const;

  const PrefixPlan* plan_;
  RandomStream contents_;
  RandomStream choices_;
  std::vector<std::uint64_t> group_contents_;
  std::deque<Earlier> earlier_;  // in order of arrival
};

PrefixPlan read_prefixes(config::Section section);

}  // namespace tokenyard::traffic
