// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "core/compensated_sum.hpp"
#include "core/contracts.hpp"
#include "core/portable_math.hpp"
#include "core/random.hpp"
#include "core/sha256.hpp"

using namespace tokenyard;

TEST_CASE("the portable logarithm and exponential agree with libm within 1e-15") {
  RandomStream draw(1, 0, "math");
  for (int i = 0; i < 20000; ++i) {
    const double x = std::ldexp(1 + draw.uniform(), static_cast<int>(draw.below(2000)) - 1000);
    CHECK(std::abs(portable_log(x) - std::log(x)) <= 1e-15 * std::abs(std::log(x)) + 1e-16);
    const double y = 1400 * draw.uniform() - 700;
    CHECK(std::abs(portable_exp(y) / std::exp(y) - 1) <= 2e-15);
  }
  CHECK(portable_log(1) == 0);
  CHECK(portable_exp(0) == 1);
  CHECK(std::abs(portable_log(5e-324) / std::log(5e-324) - 1) < 1e-15);
  CHECK_THROWS_AS(portable_log(0), ContractViolation);
}

TEST_CASE("the portable normal quantile and log gamma invert and agree with libm") {
  RandomStream draw(2, 0, "math");
  for (int i = 0; i < 20000; ++i) {
    const double x = 16 * draw.uniform() - 8;
    const double p = 0.5 * std::erfc(-x / std::sqrt(2.0));
    if (x < 5) CHECK(portable_normal_quantile(p) == Approx(x).margin(1e-9));
    const double y = 0.05 + 60 * draw.uniform();
    CHECK(std::abs(portable_log_gamma(y) - std::lgamma(y)) < 1e-13 * (1 + std::lgamma(y)) + 2e-13);
  }
  CHECK(portable_normal_quantile(0.5) == 0);
  CHECK_THROWS_AS(portable_normal_quantile(1), ContractViolation);
}

TEST_CASE("the portable sine, cosine and arc sine agree with libm within 1e-15") {
  RandomStream draw(3, 0, "math");
  for (int i = 0; i < 20000; ++i) {
    const double x = 14 * draw.uniform() - 7;
    REQUIRE(std::abs(portable_sin(x) - std::sin(x)) <= 1e-15);
    REQUIRE(std::abs(portable_cos(x) - std::cos(x)) <= 1e-15);
    const double y = 2 * draw.uniform() - 1;
    REQUIRE(std::abs(portable_asin(y) - std::asin(y)) <= 1e-15);
    const double small = std::ldexp(y, -static_cast<int>(draw.below(60)));
    REQUIRE(std::abs(portable_sin(small) / std::sin(small) - 1) <= 1e-15);
    REQUIRE(std::abs(portable_asin(small) / std::asin(small) - 1) <= 1e-15);
  }
  for (const double x : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
    CHECK(std::abs(portable_asin(x) - std::asin(x)) <= 1e-15);
  }
  CHECK(portable_sin(0) == 0);
  CHECK(portable_cos(0) == 1);
  CHECK_THROWS_AS(portable_asin(1.0000001), ContractViolation);
}

TEST_CASE("normal and gamma draws have the moments they should") {
  RandomStream draw(4, 0, "moments");
  for (const double shape : {0.05, 0.7, 1.0, 3.5, 200.0}) {
    double sum = 0, squares = 0, normal = 0;
    constexpr int n = 200000;
    for (int i = 0; i < n; ++i) {
      const double x = draw.gamma(shape);
      sum += x;
      squares += x * x;
      normal += draw.normal();
    }
    CHECK(std::abs(sum / n - shape) < 5 * std::sqrt(shape / n));
    CHECK(squares / n - sum * sum / n / n == Approx(shape).epsilon(0.05));
    CHECK(std::abs(normal / n) < 5 / std::sqrt(n));
  }
}

TEST_CASE("a stream depends on seed, replication and name, and on nothing else") {
  RandomStream a(7, 0, "x"), same(7, 0, "x"), seed(8, 0, "x"), replication(7, 1, "x"),
      name(7, 0, "y");
  const std::uint64_t first = a.bits();
  CHECK(first == same.bits());
  CHECK(first != seed.bits());
  CHECK(first != replication.bits());
  CHECK(first != name.bits());
}

TEST_CASE("uniform numbers are inside (0, 1) and have the mean and variance they should") {
  RandomStream draw(3, 0, "uniform");
  double sum = 0, squares = 0, exponential = 0;
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double u = draw.uniform();
    REQUIRE((u > 0 && u < 1));
    sum += u;
    squares += u * u;
    exponential += draw.exponential();
  }
  // Five standard errors of each mean.
  CHECK(std::abs(sum / n - 0.5) < 5 * std::sqrt(1.0 / 12 / n));
  CHECK(std::abs(squares / n - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / n));
  CHECK(std::abs(exponential / n - 1) < 5 * std::sqrt(1.0 / n));
}

TEST_CASE("a compensated sum keeps what plain addition loses") {
  CompensatedSum sum;
  sum.add(1);
  for (int i = 0; i < 1000000; ++i) sum.add(1e-16);
  CHECK(sum.value() == Approx(1 + 1e-10).epsilon(1e-15));
}

TEST_CASE("SHA-256 agrees with the standard's examples") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
