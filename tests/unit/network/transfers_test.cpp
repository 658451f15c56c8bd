// SPDX-License-Identifier: Apache-2.0
#include "network/transfers.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <stdexcept>

#include "core/contracts.hpp"
#include "sample.hpp"
#include "script.hpp"

namespace tokenyard::network {
namespace {

// What `work` throws.
std::string thrown(const std::function<void()>& work) {
  try {
    work();
  } catch (const ContractViolation&) {
    return "our mistake";
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("a transfer takes its bytes over the bandwidth, to the last bit") {
  CHECK(on_a_link(4, [](Script& script) { script.send(0.25, 0, 8); }) == "2.25:delivery(0)");
}

TEST_CASE("transfers share a link equally, each date exact") {
  // 4 B/s: alone until 1 (4 left of 8), then 2 B/s each until 3 (the first ends), then alone.
  CHECK(on_a_link(4, [](Script& script) {
          script.send(0, 0, 8);
          script.send(1, 1, 8);
        }) == "3:delivery(0) 4:delivery(1)");
}

TEST_CASE("equal transfers that start together end at one instant, in the order of their ids") {
  const std::string log = on_a_link(3e9, [](Script& script) {
    for (std::uint32_t id = 7; id-- > 0;) script.send(0.1, id, 1'000'000'007);
    script.send(0.7, 7, 1'234'567'891);  // cuts their course at an odd date
  });
  std::string expected;
  const std::string date = log.substr(0, log.find(':'));
  for (int id = 0; id < 7; ++id) expected += date + ":delivery(" + std::to_string(id) + ") ";
  CHECK(log.starts_with(expected));
}

TEST_CASE("a delivery comes at its phase among the events of its date") {
  const std::vector<Phase> phases = {Phase::observe,      Phase::iterate, Phase::control,
                                     Phase::arrive,       Phase::fail,    Phase::delivery,
                                     Phase::iteration_end};
  CHECK(on_a_link(4, [&](Script& script) {
          script.send(0.25, 0, 8);
          for (const Phase phase : phases) {
            script.at(2.25, phase, std::to_string(static_cast<int>(phase)));
          }
        }) == "2.25:0 2.25:delivery(0) 2.25:1 2.25:2 2.25:3 2.25:4 2.25:5 2.25:6");
}

TEST_CASE("transfers that end at one date are all noted before its events, by id") {
  CHECK(on_a_link(8,
                  [](Script& script) {
                    script.at(8, Phase::iteration_end, "end", [&] {
                      script.at(8, Phase::fail,
                                std::to_string(script.transfers.in_flight()) + " in flight");
                    });
                    script.on_delivered = [&](TransferId transfer) {
                      script.log += " noted " + std::to_string(index(transfer));
                    };
                    for (const std::uint32_t id : {2U, 0U, 3U, 1U}) script.send(0, id, 16);
                  }) ==
        " noted 0 noted 1 noted 2 noted 3 8:end 8:delivery(0) 8:delivery(1) 8:delivery(2) "
        "8:delivery(3) 8:0 in flight");
}

TEST_CASE("nothing to carry is delivered at once") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::load(TOKENYARD_SOURCE_DIR "/platforms/aws.xml");
          Script script(platform);
          script.send(0.5, 0, 0);
          script.send(0.5, 1, 1'000'000, {NodeIndex{3}}, {NodeIndex{3}});
          script.send(0.5, 2, 1'000'000, {NodeIndex{3}, 4}, {NodeIndex{3}, 5});
          script.at(0.5, Phase::observe, "observe");
          return script.played();
        }) == "0.5:delivery(0) 0.5:delivery(1) 0.5:delivery(2) 0.5:observe");
}

TEST_CASE("after a long silence a transfer starts at its date") {
  CHECK(on_a_link(4, [](Script& script) {
          script.send(0, 0, 1);
          for (int i = 1; i <= 1000; ++i) script.at(1048.576 * i, Phase::arrive, "");
          script.send(1048577.25, 0, 3);
          script.send(33554432.5, 0, 1);
        }) == "0.25:delivery(0) 1048578:delivery(0) 33554432.75:delivery(0)");
}

TEST_CASE("an agenda without transfers runs, and may run again") {
  CHECK(on_a_link(4, [](Script& script) {
          script.at(1, Phase::arrive, "one");
          script.at(2, Phase::arrive, "two");
          script.transfers.run(script);
          script.at(3, Phase::arrive, "three");
          script.send(4, 0, 4);
          script.transfers.run(script);
          script.send(6, 0, 4);
        }) == "1:one 2:two 3:three 5:delivery(0) 7:delivery(0)");
}

TEST_CASE("what follows a delivery may be earlier than all that was planned, and start the next") {
  CHECK(on_a_link(4, [](Script& script) {
          script.send(0, 0, 4);
          script.at(100, Phase::observe, "last");
          script.after_delivery = [&, left = 2](std::uint32_t, Instant date) mutable {
            if (left-- == 0) return;
            script.at(date.value(), Phase::control, "now");
            script.send(date.value(), 0, 4);
            script.at(date.value() + 0.5, Phase::control, "soon");
          };
        }) == "1:delivery(0) 1:now 1.5:soon 2:delivery(0) 2:now 2.5:soon 3:delivery(0) 100:last");
}

TEST_CASE("a transfer is striped over node pairs and delivered with its last part") {
  // Nodes leave at 1 GB/s. The two parts of one transfer have a link each; the third node's link
  // is shared by the second and the other transfer.
  CHECK(in_a_child([] {
          const Folder folder;
          const Platform platform = Platform::load(folder.write("p.xml", sample));
          Script script(platform);
          script.send(0, 0, 4'000'000'000, {NodeIndex{0}, 2}, {NodeIndex{2}, 2});
          script.send(0, 1, 1'000'000'000, {NodeIndex{1}}, {NodeIndex{2}});
          return script.played();
        }) == "2:delivery(1) 3:delivery(0)");
}

TEST_CASE("a node's own links may be limited, each direction to itself") {
  // Nodes 0 and 1 stand in one cluster at 1 GB/s, node 4 beyond a link of 1 GB/s.
  const auto dates = [](const std::string& file_text, const std::function<void(Transfers&)>& limit,
                        NodeIndex from, NodeIndex to) {
    return in_a_child([&] {
      const Folder folder;
      const Platform platform = Platform::load(folder.write("p.xml", file_text));
      Script script(platform);
      limit(script.transfers);
      script.send(0, 0, 2'000'000'000, {from}, {to});
      script.send(0, 1, 2'000'000'000, {to}, {from});
      return script.played() + " at " + exact(platform.bandwidth(from, to).value() / 1e9);
    });
  };
  const NodeIndex a{0};
  const NodeIndex b{1};
  const NodeIndex far{4};
  const auto nothing = [](Transfers&) {};
  const auto half = [&](Transfers& transfers) {
    transfers.limit(a, BytesPerSecond(0.5e9));
    transfers.limit(a, BytesPerSecond(3e9));  // above what it has
  };
  CHECK(dates(sample, nothing, a, b) == "2:delivery(0) 2:delivery(1) at 1");
  CHECK(dates(sample, half, a, b) == "4:delivery(0) 4:delivery(1) at 0.5");
  CHECK(dates(sample, half, b, a) == "4:delivery(0) 4:delivery(1) at 0.5");
  CHECK(dates(sample, half, b, NodeIndex{2}) == "2:delivery(0) 2:delivery(1) at 1");
  CHECK(dates(sample, half, far, a) == "4:delivery(0) 4:delivery(1) at 0.5");
  const std::string shared = with(sample, "lat=\"1us\"", "lat=\"1us\" sharing_policy=\"SHARED\"");
  CHECK(dates(shared, half, a, b) == "8:delivery(0) 8:delivery(1) at 0.5");
  const std::string limited = with(sample, "lat=\"1us\"", "lat=\"1us\" limiter_link=\"9GBps\"");
  CHECK(dates(limited, half, a, b) == "4:delivery(0) 4:delivery(1) at 0.5");
  const std::string backbone =
      with(sample, "lat=\"1us\"", "lat=\"1us\" bb_bw=\"9GBps\" bb_lat=\"0us\"");
  CHECK(dates(backbone, half, a, b) == "4:delivery(0) 4:delivery(1) at 0.5");
  const std::string torus =
      with(with(sample, "lat=\"1us\"", "lat=\"1us\" topology=\"TORUS\" topo_parameters=\"4\""),
           R"(gw_src="a-switch")", R"(gw_src="a-0")");
  CHECK(in_a_child([&] {
          const Folder folder;
          const Platform platform = Platform::load(folder.write("p.xml", torus));
          Transfers transfers(platform);
          return folder.shortened(thrown([&] { transfers.limit(a, BytesPerSecond(1)); }));
        }) ==
        "p.xml: the nodes of 'r/a' have no links of their own to limit (it is not FLAT); write a "
        "flat cluster");
}

TEST_CASE("a limit once transfers run is our own mistake") {
  CHECK(on_a_link(4, [&](Script& script) {
          script.at(1, Phase::iterate, "", [&] {
            script.at(1, Phase::observe,
                      thrown([&] { script.transfers.limit(NodeIndex{0}, BytesPerSecond(1)); }));
          });
        }) == "1:our mistake");
}

TEST_CASE("a link that degrades carries a share of its bandwidth, from its date on") {
  // Two seconds' worth over the link of 1 GB/s: half of it by 1 s, a half at a quarter of the speed
  // until 3 s, and the rest at full speed again.
  CHECK(in_a_child([] {
          const Folder folder;
          const Platform platform = Platform::load(folder.write("p.xml", sample));
          Script script(platform);
          script.send(0, 0, 2'000'000'000, {NodeIndex{0}}, {NodeIndex{4}});
          const auto degrade = [&](double share) {
            return [&script, share] {
              if (!script.transfers.degrade("up", share)) throw std::runtime_error("no link");
              if (script.transfers.degrade("none such", share)) throw std::runtime_error("a link");
            };
          };
          script.at(1, Phase::fail, "worse", degrade(0.25));
          script.at(3, Phase::fail, "mended", degrade(1));
          return script.played();
        }) == "1:worse 3:mended 3.5:delivery(0)");
}

TEST_CASE("the latency of a transfer is the largest of its pairs', and the file's") {
  CHECK(in_a_child([] {
          const Folder folder;
          const Platform platform = Platform::load(folder.write("p.xml", sample));
          const Transfers transfers(platform);
          const auto micro = [&](NodeRange from, NodeRange to) {
            return std::to_string(std::lround(transfers.latency(from, to).value() * 1e6));
          };
          return micro({NodeIndex{0}, 2}, {NodeIndex{2}, 2}) + " " +
                 micro({NodeIndex{2}, 3}, {NodeIndex{3}, 4});
        }) == "2 506");
}

TEST_CASE("a link made of two numbers keeps them exactly") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::link(Duration(0.1), BytesPerSecond(1.0 / 3));
          Script script(platform);
          script.send(0, 0, 1);
          return exact(platform.latency(NodeIndex{0}, NodeIndex{1}).value()) + " " +
                 script.played();
        }) == "0.10000000000000001 3:delivery(0)");
}

TEST_CASE("what an event or a delivery throws comes out of the run") {
  const auto failing = [](const std::function<void(Script&)>& write) {
    return in_a_child([&] {
      const Platform platform = Platform::link(Duration(0), BytesPerSecond(4));
      Script script(platform);
      script.send(1, 0, 4);
      script.send(1, 1, 16);
      write(script);
      const std::string error = thrown([&] { script.played(); });
      const Transfers& transfers = script.transfers;
      if (transfers.sent() != transfers.delivered() + transfers.lost()) return std::string("leaks");
      return error + ", " + std::to_string(transfers.in_flight()) + " in flight, " +
             std::to_string(transfers.lost()) + " bytes lost";
    });
  };
  const std::function<void()> fail = [] { throw std::runtime_error("as asked"); };
  CHECK(failing([&](Script& script) { script.at(0.5, Phase::fail, "", fail); }) ==
        "as asked, 0 in flight, 0 bytes lost");
  CHECK(failing([&](Script& script) { script.at(1.5, Phase::fail, "", fail); }) ==
        "as asked, 2 in flight, 20 bytes lost");
  CHECK(failing([&](Script& script) {
          script.after_delivery = [&](std::uint32_t, Instant) { fail(); };
        }) == "as asked, 1 in flight, 16 bytes lost");
  CHECK(failing([&](Script& script) { script.on_delivered = [&](TransferId) { fail(); }; }) ==
        "as asked, 1 in flight, 16 bytes lost");
  CHECK(failing([&](Script& script) { script.at(99, Phase::fail, "", fail); }) ==
        "as asked, 0 in flight, 0 bytes lost");
}

TEST_CASE("what is sent over links is delivered, to the byte") {
  CHECK(in_a_child([] {
          const Folder folder;
          const Platform platform = Platform::load(folder.write("p.xml", sample));
          Script script(platform);
          script.quiet = true;
          script.send(0, 0, 1'000'000'007, {NodeIndex{0}, 3}, {NodeIndex{4}, 3});
          script.send(0.5, 1, 999, {NodeIndex{1}}, {NodeIndex{1}});       // passes no link
          script.send(0.5, 2, 11, {NodeIndex{1}, 2}, {NodeIndex{1}, 2});  // nor does this
          script.send(0.7, 3, 13, {NodeIndex{1}, 2}, {NodeIndex{2}, 2});
          script.played();
          const Transfers& transfers = script.transfers;
          return std::to_string(transfers.sent()) + " " + std::to_string(transfers.delivered()) +
                 " " + std::to_string(transfers.lost());
        }) == "1000000020 1000000020 0");
}

TEST_CASE("starting a transfer wrongly is our own mistake") {
  const auto starting = [](const std::function<void(Transfers&)>& start) {
    return on_a_link(4, [&](Script& script) {
      script.send(0, 0, 8);
      script.at(1, Phase::iterate, "",
                [&] { script.at(1, Phase::observe, thrown([&] { start(script.transfers); })); });
    });
  };
  const NodeRange a{NodeIndex{0}};
  const NodeRange b{NodeIndex{1}};
  CHECK(starting([&](Transfers& transfers) { transfers.start(TransferId{0}, a, b, Bytes(1)); }) ==
        "1:our mistake 2:delivery(0)");
  CHECK(starting([&](Transfers& transfers) { transfers.start(TransferId{1}, a, b, Bytes(-1)); }) ==
        "1:our mistake 2:delivery(0)");
  CHECK(starting([&](Transfers& transfers) {
          transfers.start(TransferId{1}, a, {NodeIndex{1}, 2}, Bytes(1));
        }) == "1:our mistake 2:delivery(0)");
  CHECK(on_a_link(4, [&](Script& script) {
          script.log = thrown([&] { script.transfers.start(TransferId{0}, a, b, Bytes(1)); });
        }) == "our mistake");
}

TEST_CASE("there is one Transfers a process") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::link(Duration(0), BytesPerSecond(4));
          const Transfers first(platform);
          return thrown([&] { const Transfers second(platform); });
        }) == "our mistake");
}

}  // namespace tokenyard::network
