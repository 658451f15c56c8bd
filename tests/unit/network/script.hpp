// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "core/calendar.hpp"
#include "core/ids.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"
#include "sample.hpp"

namespace tokenyard::network {

inline std::string exact(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", number);
  return text;
}

// An agenda of scripted events that notes what happens: "2.25:delivery(0)".
class Script final : public Agenda {
 public:
  explicit Script(const Platform& platform) : transfers(platform) {}

  // At `date`, does `action`; the word, if any, goes into the log.
  void at(double date, Phase phase, const std::string& word, std::function<void()> action = {}) {
    const auto number = static_cast<std::uint32_t>(actions_.size());
    actions_.push_back({word, std::move(action)});
    calendar_.schedule(calendar_.open(Role::fleet, number), Instant(date), phase);
  }

  // At `date`, starts a transfer from node 0 to node 1.
  void send(double date, std::uint32_t id, std::int64_t bytes) {
    send(date, id, bytes, {NodeIndex{0}}, {NodeIndex{1}});
  }
  void send(double date, std::uint32_t id, std::int64_t bytes, NodeRange from, NodeRange to) {
    at(date, Phase::iterate, "",
       [=, this] { transfers.start(TransferId{id}, from, to, Bytes(bytes)); });
  }

  // The log once nothing is left.
  std::string played() {
    transfers.run(*this);
    return log;
  }

  Instant next() const override { return calendar_.next_date(); }

  void step() override {
    const Event event = calendar_.pop();
    note(event.date < last_, "backwards!");
    last_ = event.date;
    if (event.role == Role::transfer) {
      note(!quiet, exact(event.date.value()) + ":delivery(" + std::to_string(event.entity) + ")");
      if (after_delivery) after_delivery(event.entity, event.date);
      return;
    }
    const Action action = actions_[event.entity];  // a copy: it may add others
    note(!action.word.empty(), exact(event.date.value()) + ":" + action.word);
    if (action.does) action.does();
  }

  void delivered(TransferId transfer, Instant date) override {
    note(date < last_, "backwards!");
    while (slots_.size() <= index(transfer)) {
      slots_.push_back(calendar_.open(Role::transfer, static_cast<std::uint32_t>(slots_.size())));
      dates.emplace_back();
    }
    dates[index(transfer)] = date.value();
    if (on_delivered) on_delivered(transfer);
    calendar_.schedule(slots_[index(transfer)], date, Phase::delivery);
  }

  Transfers transfers;
  std::string log;
  bool quiet = false;
  std::vector<double> dates;  // of the last delivery, by transfer
  std::function<void(std::uint32_t, Instant)> after_delivery;
  std::function<void(TransferId)> on_delivered;

 private:
  struct Action {
    std::string word;
    std::function<void()> does;
  };

  void note(bool wanted, const std::string& word) {
    if (wanted) log += (log.empty() ? "" : " ") + word;
  }

  Calendar calendar_;
  std::vector<Action> actions_;
  std::vector<Calendar::Slot> slots_;
  Instant last_;
};

// What a script does on two nodes joined by a link of `bandwidth` bytes a second.
inline std::string on_a_link(double bandwidth, const std::function<void(Script&)>& write) {
  return in_a_child([&] {
    const Platform platform = Platform::link(Duration(0), BytesPerSecond(bandwidth));
    Script script(platform);
    write(script);
    return script.played();
  });
}

}  // namespace tokenyard::network
