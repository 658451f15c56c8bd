// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "results/file.hpp"
#include "results/histogram.hpp"
#include "results/record.hpp"
#include "results/table_stream.hpp"

namespace tokenyard::results {

enum class Latency : std::uint8_t { time_to_first_token, time_per_output_token, end_to_end };

// Streams requests into the group /requests, a column for each field, in the order of add(); the
// dimension is `request`, its coordinate the id. Memory: three chunks of 15 MB, whatever the
// length, touched as rows come.
class RequestTable final {
 public:
  // What the codes of a column mean; a column is as narrow as its names allow. Empty: codes of any
  // value, without meanings.
  struct Names {
    std::vector<std::string> tenants, models, api_classes, tiers, origins, pools, slo_classes;
  };

  // The table writes to `writer` through `background`, which must outlive it. Arrivals before
  // `warm_up` are in the table but not in histograms and quantiles.
  RequestTable(Writer& writer, Background& background, const Names& names,
               Instant warm_up = Instant());
  ~RequestTable();
  RequestTable(const RequestTable&) = delete;
  RequestTable& operator=(const RequestTable&) = delete;

  // Every code must have a name. Throws IoError when the disk is full.
  void add(const RequestRecord& record);

  std::uint64_t size() const { return rows_; }

  // Writes what is left: once, before Writer::commit. Afterwards the Writer is free.
  void finish();

  // Of the requests with status ok that arrived after the warm-up and have the value.
  const LogHistogram& histogram(Latency latency) const;

  // Of the same requests: exact nearest-rank quantiles, NaN where there are none. Between finish()
  // and Writer::commit(). Reads the column back, once or a few times, in chunks.
  std::vector<double> exact_quantiles(Latency latency, std::span<const double> quantiles) const;

 private:
  struct Columns;

  bool is_measured(Status status, Instant arrival) const {
    return status == Status::ok && arrival >= warm_up_;
  }

  Writer& writer_;
  Instant warm_up_;
  std::array<std::unique_ptr<Columns>, Background::buffers> buffers_;
  std::array<LogHistogram, 3> histograms_;
  std::uint64_t rows_ = 0;
  std::size_t filling_ = 0;
  std::size_t row_ = 0;  // of the buffer that is filled
  bool finished_ = false;
  std::unique_ptr<TableStream> stream_;  // the last: it goes first, and waits for the buffers
};

}  // namespace tokenyard::results
