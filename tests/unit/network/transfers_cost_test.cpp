// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <random>

#include "sample.hpp"
#include "script.hpp"

namespace tokenyard::network {
namespace {

double resident_megabytes() {
  long ignored = 0;
  long pages = 0;
  std::ifstream("/proc/self/statm") >> ignored >> pages;
  return static_cast<double>(pages * ::sysconf(_SC_PAGESIZE)) / 1e6;
}

// So many transfers at a time: what is delivered is followed by the next, after `pause` seconds.
class Relay final : public Agenda {
 public:
  struct Input {
    std::uint32_t alive;
    std::uint32_t nodes;
    std::int64_t transfers;
    double pause;
  };

  Relay(const Platform& platform, Input input) : transfers(platform), input_(input) {
    for (std::uint32_t i = 0; i < input.alive; ++i) {
      slots_.push_back(calendar_.open(Role::transfer, i));
    }
  }

  // Carries as many transfers again.
  void run() {
    left_ = input_.transfers;
    for (const Calendar::Slot slot : slots_) {
      now_ = now_ + Duration(1e-3);
      calendar_.schedule(slot, now_, Phase::iterate);
    }
    transfers.run(*this);
  }

  Instant next() const override { return calendar_.next_date(); }

  void step() override {
    const Event event = calendar_.pop();
    now_ = event.date;
    if (event.phase == Phase::delivery) {
      const double pause = input_.pause * static_cast<double>(100 + random_() % 100) / 100;
      return calendar_.schedule(slots_[event.entity], event.date + Duration(pause), Phase::iterate);
    }
    if (left_-- <= 0) return;
    const auto from = static_cast<std::uint32_t>(random_() % input_.nodes);
    const auto hop = static_cast<std::uint32_t>(1 + random_() % (input_.nodes - 1));
    transfers.start(TransferId{event.entity}, {NodeIndex{from}},
                    {NodeIndex{(from + hop) % input_.nodes}},
                    Bytes(static_cast<std::int64_t>(1'000'000 + random_() % 9'000'000)));
  }

  void delivered(TransferId transfer, Instant date) override {
    calendar_.schedule(slots_[index(transfer)], date, Phase::delivery);
  }

  Transfers transfers;

 private:
  Input input_;
  std::int64_t left_ = 0;
  Instant now_;
  std::mt19937_64 random_{1};
  Calendar calendar_;
  std::vector<Calendar::Slot> slots_;
};

// One cluster of 100 nodes at 1 GB/s, with what else its element says.
std::string cluster(const std::string& more) {
  return R"xml(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="r" routing="Full">
    <prop id="region" value="here"/>
    <cluster id="r/a" prefix="a-" suffix="" radical="0-99" speed="1Gf" bw="1GBps" lat="1us" )xml" +
         more + R"xml(>
      <prop id="rack" value="small"/>
    </cluster>
  </zone>
</platform>
)xml";
}

// "560 thousand a second" and the growth of memory.
std::string cost(const std::string& text, Relay::Input input) {
  return in_a_child([&] {
    const Folder folder;
    const Platform platform = text.empty() ? Platform::link(Duration(0), BytesPerSecond(1e9))
                                           : Platform::load(folder.write("p.xml", text));
    Relay relay(platform, input);
    const double before = resident_megabytes();
    const std::clock_t start = std::clock();
    relay.run();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    const double thousands = 1e-3 * static_cast<double>(input.transfers) / seconds;
    return std::to_string(std::lround(thousands)) + " thousand a second, " +
           std::to_string(resident_megabytes() - before) + " MB more";
  });
}

}  // namespace

#ifndef TOKENYARD_ADDRESS_SANITIZER  // which keeps what is freed
TEST_CASE("transfers leave no memory behind") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::link(Duration(0), BytesPerSecond(1e9));
          Relay relay(platform, {20, 2, 50'000, 1e-4});
          relay.run();
          const double before = resident_megabytes();
          relay.run();
          relay.run();
          const double more = resident_megabytes() - before;
          return more < 0.5 ? std::string("none") : exact(more) + " MB";
        }) == "none");
}
#endif

// By hand: network_test "[cost]" -s
TEST_CASE("the costs of transfers", "[.][cost]") {
  const std::int64_t many = 200'000;
  WARN("one at a time, 1,000,000: " << cost("", {1, 2, 1'000'000, 1e-4}));
  for (const double pause : {1e-4, 0.0}) {
    WARN("10 on a link: " << cost("", {10, 2, many, pause}));
    WARN("50 on a link: " << cost("", {50, 2, many, pause}));
    WARN("50 over 100 nodes: " << cost(cluster(""), {50, 100, many, pause}));
    const std::string backbone = cluster(R"xml(bb_bw="20GBps" bb_lat="1us")xml");
    WARN("50 over 100 nodes, one backbone: " << cost(backbone, {50, 100, many, pause}));
  }
}

}  // namespace tokenyard::network
