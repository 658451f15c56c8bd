// SPDX-License-Identifier: Apache-2.0
#include "sweep/merge_requests.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "config/errors.hpp"
#include "results/record.hpp"
#include "sweep/request_copy.hpp"

namespace tokenyard::sweep {
namespace {

namespace fs = std::filesystem;
using results::Writer;

// The columns that hold what all files say; or, as they stand in the first, the only one needed.
std::vector<RequestColumn> columns_of(const std::vector<RequestPart>& parts, Requests requests) {
  std::vector<RequestColumn> all;
  std::string before;
  for (const RequestPart& part : parts) {
    if (part.file == before) continue;
    before = part.file;
    const std::vector<RequestColumn> own = request_columns(results::Reader(part.file));
    if (all.empty()) all = own;
    const std::string differs = difference(all, own);
    if (differs.empty()) continue;
    if (requests == Requests::refer) {
      throw config::ConfigError(config::Mistake{
          part.file,
          {},
          requests_group,
          "has other " + differs +
              " than the points before it, which cannot stay in their files; add --copy"});
    }
    if (!widen(all, own)) {
      throw config::ConfigError(config::Mistake{
          part.file,
          {},
          requests_group,
          "has other columns than the points before it; remove it, and run the sweep again"});
    }
  }
  return all;
}

// Portions of a number that counts, and of the run that each request is of.
void write_own(Writer& writer, const std::vector<RequestPart>& parts) {
  const Writer::Stream request = writer.stream_dimension(
      requests_group, "request", results::Type::u8, {"", "number of the row", {}, {}});
  const Writer::Stream run =
      writer.stream("/requests/run", results::Type::u4, {"", "run, as in /runs", {}, {}});
  std::vector<std::uint64_t> numbers;
  std::vector<std::uint32_t> runs;
  std::uint64_t next = 0;
  const auto flush = [&] {
    writer.append(request, numbers);
    writer.append(run, runs);
    numbers.clear();
    runs.clear();
  };
  for (const RequestPart& part : parts) {
    for (std::uint64_t i = 0; i < part.rows; ++i) {
      numbers.push_back(next++);
      runs.push_back(static_cast<std::uint32_t>(part.run));
      if (numbers.size() == results::rows_per_chunk) flush();
    }
  }
  if (!numbers.empty()) flush();
}

void check_number(const std::vector<RequestPart>& parts, const MergeOptions& options) {
  if (parts.size() <= options.most_files_referred) return;
  throw config::ConfigError(config::Mistake{
      options.out,
      {},
      requests_group,
      "would show the requests of " + std::to_string(parts.size()) +
          " files, more than programs may open at once; add --copy, or --no-requests"});
}

// Names that lead from the folder of the merged file to the point files.
std::string folder_from(const std::string& out, const std::string& points) {
  const fs::path folder = fs::weakly_canonical(out).parent_path();
  return fs::weakly_canonical(points).lexically_relative(folder).string();
}

void refer(Writer& writer, const std::vector<RequestPart>& parts,
           const std::vector<RequestColumn>& columns, const std::string& folder) {
  for (const RequestColumn& column : columns) {
    std::vector<results::VirtualPart> places;
    for (const RequestPart& part : parts) {
      places.push_back(
          {folder + "/" + fs::path(part.file).filename().string(), column.source, part.rows});
    }
    writer.virtual_column(results::member_of(requests_group, column.name), column.type, places,
                          column.info);
  }
}

}  // namespace

void write_requests(Writer& writer, const MergeInput& input, const Directory& directory,
                    const MergeOptions& options) {
  std::vector<RequestPart> parts;
  for (std::size_t i = 0; i < input.sweep.runs.size(); ++i) {
    const std::uint64_t rows = input.table.requests()[i];
    if (rows > 0) parts.push_back({directory.point(input.sweep.runs[i].identity), i, rows});
  }
  if (parts.empty() || options.requests == Requests::leave) return;
  if (options.requests == Requests::refer) check_number(parts, options);
  const std::vector<RequestColumn> columns = columns_of(parts, options.requests);
  write_own(writer, parts);
  if (options.requests == Requests::refer) {
    refer(writer, parts, columns, folder_from(options.out, directory.points()));
  } else {
    copy_requests(writer, parts, columns);
  }
  const auto share = results::Reader(parts.front().file).attribute(requests_group, "sample_share");
  if (share) writer.attribute(requests_group, "sample_share", *share);
}

}  // namespace tokenyard::sweep
