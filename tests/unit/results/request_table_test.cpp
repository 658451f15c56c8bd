// SPDX-License-Identifier: Apache-2.0
#include "results/request_table.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "core/contracts.hpp"
#include "results/digest.hpp"
#include "results/reader.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;

namespace {

const RequestTable::Names names{{"a", "b"}, {"m"},  {"chat"}, {"paid", "free"},
                                {"eu"},     {"p0"}, {"fast"}};

RequestRecord random_record(std::uint64_t number, std::mt19937_64& random) {
  RequestRecord record;
  record.id = RequestId{number};
  record.tenant = TenantId{static_cast<std::uint16_t>(random() % 2)};
  record.tier = static_cast<std::uint8_t>(random() % 2);
  record.priority = static_cast<std::uint8_t>(random() % 256);
  record.arrival = Instant(static_cast<double>(number) * 0.01);
  record.prompt = Tokens(static_cast<std::int64_t>(random() % 100'000));
  record.cached = Tokens(record.prompt.value() / 2);
  record.output = Tokens(static_cast<std::int64_t>(random() % 1000));
  record.max_tokens = Tokens(1000);
  record.preemptions = static_cast<std::uint32_t>(random() % 3);
  record.status = static_cast<Status>(random() % 7);
  if (record.status == Status::rejected) return record;
  record.pool = PoolId{0};
  record.replica = ReplicaId{static_cast<std::uint32_t>(random() % 64)};
  std::lognormal_distribution<double> latency(0, 1);
  record.time_to_first_token_s = latency(random);
  record.end_to_end_s = record.time_to_first_token_s + latency(random);
  if (record.output.value() > 1) record.time_per_output_token_s = latency(random);
  return record;
}

std::vector<RequestRecord> random_records(std::size_t count) {
  std::mt19937_64 random(count + 1);
  std::vector<RequestRecord> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back(random_record(i, random));
  return records;
}

template <class Value>
bool holds(const Reader& reader, const std::string& column,
           const std::vector<RequestRecord>& records, Value&& value) {
  const std::vector<double> found = reader.numbers("/requests/" + column);
  return std::equal(found.begin(), found.end(), records.begin(), records.end(),
                    [&](double stored, const RequestRecord& record) {
                      const auto expected = static_cast<double>(value(record));
                      return stored == expected || (std::isnan(stored) && std::isnan(expected));
                    });
}

std::vector<double> exact(const std::vector<RequestRecord>& records,
                          const std::vector<double>& quantiles, double warm_up) {
  std::vector<double> values;
  for (const RequestRecord& record : records)
    if (record.status == Status::ok && record.arrival.value() >= warm_up &&
        !std::isnan(record.time_per_output_token_s))
      values.push_back(record.time_per_output_token_s);
  std::sort(values.begin(), values.end());
  std::vector<double> found;
  for (const double q : quantiles) found.push_back(values[nearest_rank(q, values.size()) - 1]);
  return found;
}

}  // namespace

TEST_CASE("every request is a row, for any number of them and any compression") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  const auto compression = GENERATE(Compression::gzip, Compression::none);
  const std::size_t count =
      GENERATE(std::size_t{0}, std::size_t{1}, least_rows_chunked - 1, least_rows_chunked,
               rows_per_chunk - 1, rows_per_chunk, 2 * rows_per_chunk + 5);
  const auto records = random_records(count);
  {
    Writer writer(path, Existing::refuse, compression);
    Background background;
    RequestTable table(writer, background, names);
    for (const RequestRecord& record : records) table.add(record);
    CHECK(table.size() == count);
    table.finish();
    writer.commit();
  }
  const Reader reader(path);
  CHECK(reader.datasets().size() == 22);
  using R = RequestRecord;
  CHECK(holds(reader, "request", records, [](const R& r) { return index(r.id); }));
  CHECK(holds(reader, "tenant", records, [](const R& r) { return index(r.tenant); }));
  CHECK(holds(reader, "tier", records, [](const R& r) { return r.tier; }));
  CHECK(holds(reader, "pool", records, [](const R& r) { return r.pool == no_pool ? 255 : 0; }));
  CHECK(holds(reader, "replica", records, [](const R& r) { return index(r.replica); }));
  CHECK(holds(reader, "priority", records, [](const R& r) { return r.priority; }));
  CHECK(holds(reader, "status", records, [](const R& r) { return static_cast<int>(r.status); }));
  CHECK(holds(reader, "arrival_s", records, [](const R& r) { return r.arrival.value(); }));
  CHECK(holds(reader, "prompt_tokens", records, [](const R& r) { return r.prompt.value(); }));
  CHECK(holds(reader, "cached_tokens", records, [](const R& r) { return r.cached.value(); }));
  CHECK(holds(reader, "output_tokens", records, [](const R& r) { return r.output.value(); }));
  CHECK(holds(reader, "max_tokens", records, [](const R& r) { return r.max_tokens.value(); }));
  CHECK(holds(reader, "preemptions", records, [](const R& r) { return r.preemptions; }));
  CHECK(holds(reader, "time_to_first_token_s", records,
              [](const R& r) { return r.time_to_first_token_s; }));
  CHECK(holds(reader, "time_per_output_token_s", records,
              [](const R& r) { return r.time_per_output_token_s; }));
  CHECK(holds(reader, "end_to_end_s", records, [](const R& r) { return r.end_to_end_s; }));
  CHECK(verify(path));
}

TEST_CASE("quantiles over served requests after the warm-up are exact") {
  const Scratch scratch;
  const std::size_t count = GENERATE(std::size_t{2000}, rows_per_chunk + 20'000);
  const double warm_up = GENERATE(0.0, 5.0);
  const auto records = random_records(count);
  Writer writer(scratch.file("a.h5"), Existing::refuse);
  Background background;
  RequestTable table(writer, background, names, Instant(warm_up));
  for (const RequestRecord& record : records) table.add(record);
  table.finish();
  const std::vector<double> quantiles = {0, 0.5, 0.9, 0.99, 0.999, 1};
  CHECK(table.exact_quantiles(Latency::time_per_output_token, quantiles) ==
        exact(records, quantiles, warm_up));
  const LogHistogram& histogram = table.histogram(Latency::time_per_output_token);
  CHECK(histogram.quantile(0.9) == Approx(exact(records, {0.9}, warm_up)[0]).epsilon(0.01));
  writer.commit();
}

TEST_CASE("a table where nobody was served has no quantiles") {
  const Scratch scratch;
  Writer writer(scratch.file("a.h5"), Existing::refuse);
  Background background;
  RequestTable table(writer, background, names);
  table.add({.status = Status::rejected});
  table.finish();
  const std::vector<double> median = {0.5};
  CHECK(std::isnan(table.exact_quantiles(Latency::end_to_end, median).at(0)));
  CHECK(table.histogram(Latency::end_to_end).count() == 0);
}

TEST_CASE("codes are as wide as their names need, and carry them") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  RequestTable::Names many = names;
  many.tenants.assign(256, "t");
  many.pools.assign(255, "p");
  many.slo_classes.assign(257, "s");
  many.origins.clear();
  {
    Writer writer(path, Existing::refuse);
    Background background;
    RequestTable table(writer, background, many);
    RequestRecord record;
    record.tenant = TenantId{255};
    record.pool = PoolId{254};
    record.slo_class = SloClassId{256};
    record.origin = 65'535;
    table.add(record);
    table.add({});
    table.finish();
    writer.commit();
  }
  const Reader reader(path);
  CHECK(reader.dataset("/requests/tenant").type == Type::u1);
  CHECK(reader.dataset("/requests/pool").type == Type::u1);
  CHECK(reader.dataset("/requests/slo_class").type == Type::u2);
  CHECK(reader.dataset("/requests/origin").type == Type::u2);
  CHECK(reader.numbers("/requests/tenant") == std::vector<double>{255, 0});
  CHECK(reader.numbers("/requests/pool") == std::vector<double>{254, 255});
  CHECK(reader.numbers("/requests/slo_class") == std::vector<double>{256, 0});
  CHECK(reader.numbers("/requests/origin") == std::vector<double>{65'535, 0});
  CHECK(reader.attribute("/requests/pool", "_FillValue") == Attribute(std::int64_t{255}));
  CHECK(reader.attribute("/requests/replica", "_FillValue") ==
        Attribute(std::int64_t{4'294'967'295}));
  CHECK(reader.attribute("/requests/status", "flag_meanings") ==
        Attribute("ok rejected dropped throttled failed timed_out in_flight"));
  CHECK_FALSE(reader.attribute("/requests/origin", "flag_meanings").has_value());
}

TEST_CASE("a code without a name, and a row after the end, are our mistakes") {
  const Scratch scratch;
  Writer writer(scratch.file("a.h5"), Existing::refuse);
  Background background;
  RequestTable table(writer, background, names);
  RequestRecord record;
  record.tenant = TenantId{2};
  CHECK_THROWS_AS(table.add(record), ContractViolation);
  const std::vector<double> median = {0.5};
  CHECK_THROWS_AS(table.exact_quantiles(Latency::end_to_end, median), ContractViolation);
  table.finish();
  CHECK_THROWS_AS(table.add({}), ContractViolation);
  CHECK_THROWS_AS(table.finish(), ContractViolation);
}

TEST_CASE("every status has its name") {
  CHECK(name(Status::ok) == "ok");
  CHECK(name(Status::timed_out) == "timed_out");
  CHECK(name(Status::in_flight) == "in_flight");
  CHECK_THROWS_AS(name(static_cast<Status>(7)), ContractViolation);
}
