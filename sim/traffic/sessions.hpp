// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "traffic/open_arrivals.hpp"

namespace tokenyard::traffic {

// Requests that share a growing context: a prompt is all that was said before, and what a turn
// adds. A conversation has a turn for each message of its user. An agent makes several calls in a
// turn, each with the result of a tool, and some of them as branches side by side.
struct SessionPlan {
  // What happens between the calls of a turn.
  struct Tools {
    Distribution calls;  // of the model in a turn after the first one; may be 0
    Distribution time_s;
    Distribution result_tokens;
  };
  struct FanOut {
    double probability;     // that a call is made as several side by side
    Distribution branches;  // how many; all must end before the session goes on
  };

  Distribution turns = Distribution::constant(1);
  Distribution pause_s = Distribution::constant(0);
  enum class Pace : std::uint8_t { answer, clock } pace = Pace::answer;  // pauses begin when?
  std::optional<Distribution> first_tokens;  // what the first turn adds, if not like the others
  std::optional<Tools> tools;
  std::optional<FanOut> fan_out;
  std::int64_t context_limit = 0x1p40;  // a prompt that would be longer ends the session

  double requests_per_session() const;  // expected, if the context limit is never met
};

class Sessions final : public Arrivals {
 public:
  // Sessions begin at `dates`. `plan` must outlive it.
  Sessions(const StreamInput& input, DatesPlan dates, const SessionPlan& plan);

  Instant date() const override;
  void take(Request& request) override;
  std::span<const Piece> pieces() const override { return pieces_; }
  bool follows() const override { return plan_->pace == SessionPlan::Pace::answer; }
  void ended(const Request& request, Instant now, Answer answer) override;

  std::size_t open() const { return sessions_.size(); }

 private:
  struct Session {
    RandomStream draw;      // of its own: what a fleet does to one session changes no other
    std::uint64_t content;  // of its main line
    std::optional<Piece> group;
    std::int64_t context = 0;   // tokens that all calls so far have left behind
    std::int64_t adds = 0;      // tokens that the present call brings along
    std::int64_t written = 0;   // tokens of its answers
    std::int64_t turns = 0;     // still to come, after the present one
    std::int64_t calls = 0;     // of the present turn, likewise
    std::int64_t branches = 0;  // of the present call, still to be taken
    bool fanned = false;        // the present call is made as branches
    std::int64_t open = 0;      // requests without an answer yet
    bool refused = false;
  };
  struct Due {
    Instant date;
    std::uint64_t session;
    bool operator>(const Due& other) const {
      return date != other.date ? date > other.date : session > other.session;
    }
  };

  void begin();
  void begin_call(Session& session);
  void fill(Request& request, std::uint64_t number, Session& session);
  // What comes after a call: false at the end of the session.
  bool go_on(std::uint64_t number, Session& session, Instant date);

  Request pattern_;
  const Lengths* lengths_;
  const SessionPlan* plan_;
  Dates dates_;
  RandomStream seeds_;
  std::optional<Prefixes> prefixes_;
  Instant next_begin_;
  std::uint64_t begun_ = 0;
  std::map<std::uint64_t, Session> sessions_;  // the open ones, by number
  std::vector<Due> due_;                       // a heap, the first on top
  std::vector<Piece> pieces_;
};

SessionPlan read_sessions(config::Section section);

}  // namespace tokenyard::traffic
