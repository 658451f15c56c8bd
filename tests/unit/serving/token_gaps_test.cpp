// SPDX-License-Identifier: Apache-2.0
#include "serving/token_gaps.hpp"

#include <catch2/catch.hpp>

using namespace tokenyard;
using serving::TokenGaps;

TEST_CASE("each token after the first ends one gap, whoever waited longer has the longer one") {
  results::LogHistogram gaps;
  TokenGaps counted({&gaps, Instant(0)});
  // Two requests wrote their first token at 1, a third at 2; all decode from 3 on, 1 s a token.
  counted.join(Instant(1));
  counted.join(Instant(1));
  counted.join(Instant(2));
  counted.begin(Instant(3), 1.0, 0.0, 3);
  counted.reach(Instant(4));
  counted.reach(Instant(6));
  counted.close(3);
  CHECK(gaps.count() == 9);
  CHECK(gaps.sum() == Approx(3 + 3 + 2 + 6 * 1.0));
  CHECK(gaps.max() == Approx(3));
  CHECK(gaps.min() == Approx(1));
}

TEST_CASE("a preempted request takes its gap along until it writes again") {
  results::LogHistogram gaps;
  TokenGaps counted({&gaps, Instant(0)});
  counted.join(Instant(1));
  counted.join(Instant(2));
  const Instant latest(2);
  counted.leave(latest);
  counted.begin(Instant(2), 0.5, 0.25, 1);
  counted.reach(Instant(2.5));
  CHECK(counted.boundary() == Instant(2.5));
  counted.reach(Instant(3.25));
  counted.close(2);
  counted.resume(latest, Instant(5));
  CHECK(gaps.count() == 3);
  CHECK(gaps.sum() == Approx(1.5 + 0.75 + 3));
}

TEST_CASE("batches that begin before the end of the warm-up are not counted") {
  results::LogHistogram gaps;
  TokenGaps counted({&gaps, Instant(10)});
  counted.join(Instant(9));
  counted.begin(Instant(9), 1.0, 0.0, 1);
  counted.reach(Instant(12));
  counted.close(3);
  CHECK(gaps.count() == 0);
  counted.begin(Instant(12), 1.0, 0.0, 1);
  counted.reach(Instant(13));
  counted.close(1);
  CHECK(gaps.count() == 1);
}

TEST_CASE("the gap of a request that was preempted counts when it ends after the warm-up") {
  results::LogHistogram histogram;
  TokenGaps gaps({&histogram, Instant(2)});
  gaps.resume(Instant(1), Instant(1.75));
  CHECK(histogram.count() == 0);
  gaps.resume(Instant(1), Instant(2));
  gaps.resume(Instant(1), Instant(4));
  CHECK(histogram.count() == 2);
  CHECK(histogram.sum() == 4);
}

TEST_CASE("the first gap of each request is from its own latest token") {
  results::LogHistogram histogram;
  TokenGaps gaps({&histogram, Instant(0)});
  gaps.join(Instant(1));
  gaps.begin(Instant(1), 1, 0, 1);
  gaps.reach(Instant(3));
  gaps.close(2);
  CHECK(histogram.sum() == 2);
  gaps.join(Instant(4));
  gaps.join(Instant(4));
  gaps.join(Instant(5));
  CHECK(gaps.boundary() == Instant(3));
  gaps.leave(Instant(4));  // one of the two
  gaps.begin(Instant(6), 1, 0, 3);
  gaps.reach(Instant(7));
  gaps.close(1);
  CHECK(histogram.count() == 2 + 3);
  CHECK(histogram.sum() == 2 + (7 - 3) + (7 - 4) + (7 - 5));
  CHECK(histogram.quantile(0) == Approx(1).epsilon(0.01));
  CHECK(histogram.quantile(1) == Approx(4).epsilon(0.01));
}
