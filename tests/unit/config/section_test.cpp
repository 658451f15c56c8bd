// SPDX-License-Identifier: Apache-2.0
#include "config/section.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "complaint.hpp"

namespace tokenyard::config {
namespace {

constexpr std::array<std::string_view, 2> routers{"least-loaded", "round-robin"};

// What reading one key of a map complains of.
template <class T>
std::string complaint_of(std::string_view text, Limits limits = any_value) {
  return complaint_of_reading(text, [&](Section& root) { root.required<T>("x", limits); });
}

template <class T>
T value_of(std::string_view text) {
  T value{};
  CHECK(complaint_of_reading(text, [&](Section& root) { value = root.required<T>("x"); }).empty());
  return value;
}

}  // namespace

TEST_CASE("every type is read from its text") {
  CHECK(value_of<bool>("x: true"));
  CHECK(value_of<std::int64_t>("x: -9223372036854775808") ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(value_of<std::uint64_t>("x: 18446744073709551615") ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(value_of<double>("x: 2.5e-3") == 0.0025);
  CHECK(value_of<std::string>("x: llama") == "llama");
  CHECK(value_of<Fraction>("x: 70 %").value == 0.7);
  CHECK(value_of<Fraction>("x: 0.7").value == 0.7);
  CHECK(value_of<Duration>("x: 40 ms") == Duration(0.04));
  CHECK(value_of<Tokens>("x: 8192") == Tokens(8192));
  CHECK(value_of<Tokens>("x: 8192 tokens") == Tokens(8192));
  CHECK(value_of<Bytes>("x: 80.5 GB") == Bytes(80'500'000'000));
  CHECK(value_of<BytesPerSecond>("x: 3.35 TB/s") == BytesPerSecond(3.35e12));
  CHECK(value_of<Flops>("x: 2 TFLOP") == Flops(2e12));
  CHECK(value_of<FlopsPerSecond>("x: 989 TFLOP/s") == FlopsPerSecond(9.89e14));
  CHECK(value_of<Watts>("x: 700 W") == Watts(700));
  CHECK(value_of<DollarsPerHour>("x: 2.5 USD/h") == DollarsPerHour(2.5));
}

TEST_CASE("a count is a whole number in digits") {
  CHECK(complaint_of<std::int64_t>("x: 3.0") ==
        "t:1:4: x: 3.0 is not a whole number; write digits only, like 12");
  CHECK(complaint_of<std::int64_t>("x: 1e3") ==
        "t:1:4: x: 1e3 is not a whole number; write digits only, like 12");
  CHECK(complaint_of<std::int64_t>("x: 0x10") ==
        "t:1:4: x: '0x10' is not a number; write it like 1000, 0.5 or 2e-3");
  CHECK(complaint_of<std::int64_t>("x: '5'") ==
        "t:1:4: x: '5' is text, not a number; remove its quotes");
  CHECK(complaint_of<std::int64_t>("x: 9223372036854775808") ==
        "t:1:4: x: 9223372036854775808 is out of range (-9223372036854775808 to "
        "9223372036854775807)");
  CHECK(complaint_of<std::uint64_t>("x: 18446744073709551616") ==
        "t:1:4: x: 18446744073709551616 is out of range (0 to 18446744073709551615)");
  CHECK(complaint_of<std::uint64_t>("x: -3") == "t:1:4: x: -3 is below 0");
  CHECK(complaint_of<std::uint64_t>("x: -0").empty());
  CHECK(complaint_of<Tokens>("x: 1e3") ==
        "t:1:4: x: 1e3 is not a whole number; write digits only, like 12");
}

TEST_CASE("a number is finite and bare") {
  CHECK(complaint_of<double>("x: NaN") == "t:1:4: x: 'NaN' is not a finite number");
  CHECK(complaint_of<double>("x: .inf") == "t:1:4: x: '.inf' is not a finite number");
  CHECK(complaint_of<double>("x: 1e999") == "t:1:4: x: 1e999 is not a finite number");
  CHECK(complaint_of<double>("x: 1_000") ==
        "t:1:4: x: '1_000' is not a number; write it like 1000, 0.5 or 2e-3");
  CHECK(complaint_of<double>("x: [1]") ==
        "t:1:4: x: a list where a number is wanted; write it like 1000, 0.5 or 2e-3");
}

TEST_CASE("a boolean is true or false") {
  CHECK(complaint_of<bool>("x: yes") ==
        "t:1:4: x: 'yes' where true or false is wanted; write one of them");
  CHECK(complaint_of<bool>("x: 1") ==
        "t:1:4: x: 1 where true or false is wanted; write one of them");
}

TEST_CASE("a text that looks like another type wants quotes") {
  CHECK(complaint_of<std::string>("x: 5") ==
        "t:1:4: x: 5 where a text is wanted; put it in quotes");
  CHECK(complaint_of<std::string>("x: true") ==
        "t:1:4: x: true where a text is wanted; put it in quotes");
  CHECK(complaint_of<std::string>("x: {a: 1}") ==
        "t:1:4: x: a map where a text is wanted; write one, in quotes if need be");
}

TEST_CASE("a quantity has a unit of its dimension") {
  CHECK(complaint_of<Duration>("x: 5") ==
        "t:1:4: x: '5' has no unit; write it like '2 h' (ns, us, ms, s, min, h, d)");
  CHECK(complaint_of<Duration>("x: [5 s]") ==
        "t:1:4: x: a list where a quantity is wanted; write it like '2 h' (ns, us, ms, s, min, h, "
        "d)");
  CHECK(complaint_of<Watts>("x: 5 GB") ==
        "t:1:4: x: 'GB' is not a unit of power (mW, W, kW, MW, GW); did you mean 'GW'?");
  CHECK(complaint_of<Bytes>("x: 0.1 B") ==
        "t:1:4: x: '0.1 B' is not a whole number of B; use fewer digits");
  CHECK(complaint_of<Fraction>("x: 70") ==
        "t:1:4: x: '70' is not between 0 and 1; write it like '70 %' or 0.7");
}

TEST_CASE("limits are included and told in the SI unit") {
  CHECK(complaint_of<std::int64_t>("x: -3", not_negative) == "t:1:4: x: -3 is below 0");
  CHECK(complaint_of<std::int64_t>("x: 0", not_negative).empty());
  CHECK(complaint_of<double>("x: 0", positive) == "t:1:4: x: 0 is not above 0");
  CHECK(complaint_of<Duration>("x: -3 s", not_negative) == "t:1:4: x: '-3 s' is below 0");
  CHECK(complaint_of<Duration>("x: 5 ms", {0.1, 60}) == "t:1:4: x: '5 ms' is below 0.1 s");
  CHECK(complaint_of<Duration>("x: 2 h", {0.1, 60}) == "t:1:4: x: '2 h' is above 60 s");
  CHECK(complaint_of<Fraction>("x: 170 %", {0, 1}) == "t:1:4: x: '170 %' is above 1");
  CHECK(complaint_of<Bytes>("x: 0 B", positive) == "t:1:4: x: '0 B' is not above 0");
}

TEST_CASE("missing keys are told at their section, each of them") {
  CHECK(complaint_of_reading("a: 1\nfleet:\n  router: x\n",
                             [](Section& root) {
                               Section fleet = root.child("fleet");
                               fleet.required<std::int64_t>("replicas");
                               fleet.required<Duration>("timeout");
                               fleet.choice("policy", routers);
                               fleet.required_quantity("carbon", Dimension::carbon_intensity);
                               fleet.children("pools", 1);
                             }) ==
        "t:3:3: fleet.replicas: missing (it has no default); add it\n"
        "t:3:3: fleet.timeout: missing (it has no default); add it\n"
        "t:3:3: fleet.policy: missing (it has no default); add it\n"
        "t:3:3: fleet.carbon: missing (it has no default); add it\n"
        "t:3:3: fleet.pools: missing (it has no default); add it");
}

TEST_CASE("null counts as absent") {
  CHECK(complaint_of<std::int64_t>("x:\n") == "t:1:1: x: missing (it has no default); add it");
  CHECK(complaint_of_reading("x: ~\n", [](Section& root) {
          CHECK_FALSE(root.has("x"));
          CHECK(root.optional<std::int64_t>("x", 4) == 4);
          CHECK(root.child("x").optional<bool>("y", true));
          CHECK(root.children("x").empty());
          root.finish();
        }).empty());
}

TEST_CASE("an absent section reads as empty, at its parent's place") {
  CHECK(complaint_of_reading("a: {b: 1}\n", [](Section& root) {
          Section fleet = root.child("a").child("fleet");
          CHECK(fleet.path() == "a.fleet");
          CHECK(fleet.position("x") == Position{1, 4});
          CHECK(fleet.optional<std::int64_t>("y", 3) == 3);
          fleet.required<std::int64_t>("x");
        }) == "t:1:4: a.fleet.x: missing (it has no default); add it");
}

TEST_CASE("a section that already is a mistake misses nothing") {
  CHECK(complaint_of_reading("fleet: [1]\n", [](Section& root) {
          Section fleet = root.child("fleet");
          fleet.required<std::int64_t>("x");
          fleet.child("y").required<std::int64_t>("z");
        }) == "t:1:8: fleet: a list where a map is wanted; write 'key: value' lines");
  CHECK(complaint_of_reading("a: 1\n", [](Section& root) {
          root.mistake("fleet", "missing");
          root.child("fleet").required<std::int64_t>("x");
        }) == "t:1:1: fleet: missing");
  CHECK(complaint_of_reading("[1]\n", [](Section& root) { root.required<std::int64_t>("x"); }) ==
        "t:1:1: a list where a map is wanted; write 'key: value' lines");
}

TEST_CASE("a key that nobody read is a mistake, with the one that was meant") {
  CHECK(complaint_of_reading("wieght: 1\ncolour: 2\nseed: 3\n<<: {seed: 4}\nx.y:\n",
                             [](Section& root) {
                               root.optional<std::int64_t>("weight", 1);
                               root.optional<std::int64_t>("seed", 1);
                               root.finish();
                             }) ==
        "t:1:1: wieght: not a known key; did you mean 'weight'?\n"
        "t:2:1: colour: not a known key; known here: seed, weight\n"
        "t:4:1: <<: not a known key; known here: seed, weight\n"
        "t:5:1: [x.y]: not a known key; known here: seed, weight");
}

TEST_CASE("mistakes come all at once and in file order") {
  CHECK(complaint_of_reading("a: x\nb: 5\nc: -1\n",
                             [](Section& root) {
                               root.required<std::int64_t>("c", not_negative);
                               root.required<Duration>("b");
                               root.required<bool>("a");
                               root.required<bool>("a");
                             }) ==
        "t:1:4: a: 'x' where true or false is wanted; write one of them\n"
        "t:2:4: b: '5' has no unit; write it like '2 h' (ns, us, ms, s, min, h, d)\n"
        "t:3:4: c: -1 is below 0");
}

TEST_CASE("after a mistake a value within the limits is returned") {
  complaint_of_reading("x: no\n", [](Section& root) {
    CHECK(root.required<double>("x", positive) == 1);
    CHECK(root.required<double>("x", {5, 6}) == 5);
    CHECK(root.required<std::int64_t>("x", {-6.5, -5.5}) == -6);
    CHECK(root.required<Duration>("x", positive) == Duration(1));
    CHECK(root.required<double>("x") == 0);
    CHECK(root.optional<double>("x", 7) == 7);
    CHECK_FALSE(root.maybe<double>("x"));
    CHECK(root.choice("x", routers) == 0);
    CHECK(root.choice("x", routers, 1) == 1);
  });
}

TEST_CASE("a choice is one of the names") {
  CHECK(complaint_of_reading("x: round-robin\n", [](Section& root) {
          CHECK(root.choice("x", routers) == 1);
          CHECK(root.choice("y", routers, 0) == 0);
        }).empty());
  CHECK(complaint_of_reading("x: least_loaded\ny: rr\nz: [1]\n",
                             [](Section& root) {
                               for (const char* key : {"x", "y", "z"}) root.choice(key, routers);
                             }) ==
        "t:1:4: x: 'least_loaded' is not one of: least-loaded, round-robin; did you mean "
        "'least-loaded'?\n"
        "t:2:4: y: 'rr' is not one of: least-loaded, round-robin; choose one of these\n"
        "t:3:4: z: a list where a text is wanted; write one, in quotes if need be");
}

TEST_CASE("a quantity without a type of its own is read in its SI unit") {
  CHECK(complaint_of_reading("x: 0.38 kg/kWh\n", [](Section& root) {
          CHECK(root.required_quantity("x", Dimension::carbon_intensity) == 380);
          CHECK(root.optional_quantity("y", Dimension::energy_price, 0.08) == 0.08);
        }).empty());
  CHECK(complaint_of_reading("x: 5 1/s\n", [](Section& root) {
          CHECK(root.optional_quantity("x", Dimension::rate, 2, {0, 1}) == 2);
        }) == "t:1:4: x: '5 1/s' is above 1 1/s");
}

}  // namespace tokenyard::config
