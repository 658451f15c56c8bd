// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include "results/file.hpp"
#include "traffic/json_line.hpp"
#include "traffic/trace.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

namespace fs = std::filesystem;

std::string scratch(const std::string& name) {
  const std::string own = "tokenyard_formats_" + std::to_string(::getpid()) + "_" + name;
  return (fs::temp_directory_path() / own).string();
}

// A file that is gone at the end of the test.
struct File {
  explicit File(const std::string& text) : path(scratch("trace")) {
    std::ofstream(path, std::ios::binary) << text;
  }
  ~File() { fs::remove(path); }

  std::string path;
};

std::string problems_of(const std::string& path, const TraceOptions& options = {}) {
  config::Mistakes mistakes;
  try {
    scan_trace(path, mistakes, options);
    mistakes.throw_if_any();
  } catch (const config::ConfigError& error) {
    std::string text = error.what();
    for (std::size_t at = 0; (at = text.find(path)) != text.npos;) text.erase(at, path.size());
    return text;
  }
  return "";
}

std::string problems(const std::string& text, const TraceOptions& options = {}) {
  return problems_of(File(text).path, options);
}

// What a row says, in one line.
std::string described(const TraceRow& row) {
  std::string text = std::to_string(row.arrival_s).substr(0, 6) + " " +
                     std::to_string(row.prompt.value()) + ">" + std::to_string(row.output.value());
  if (row.max_tokens > Tokens(0)) text += " max " + std::to_string(row.max_tokens.value());
  if (row.session != 0) text += " session " + std::to_string(row.session);
  if (row.deadline_s > 0) text += " by " + std::to_string(row.deadline_s).substr(0, 4);
  for (const auto name : {row.tenant, row.model, row.api_class, row.tier, row.origin, row.client}) {
    if (!name.empty()) text += " " + std::string(name);
  }
  for (const Piece& p : row.pieces) {
    text += " " + std::to_string(p.content) + ":" + std::to_string(p.until);
  }
  return text;
}

std::string rows_of(const std::string& path, const TraceOptions& options = {}) {
  TraceReader reader(path, options);
  std::string text = std::string(reader.format()) + "\n";
  TraceRow row;
  while (reader.next(row)) text += described(row) + "\n";
  if (reader.skipped() > 0) text += std::to_string(reader.skipped()) + " skipped\n";
  return text;
}

std::string rows(const std::string& text, const TraceOptions& options = {}) {
  return rows_of(File(text).path, options);
}

// A file of the shared data, or "" after a warning.
std::string data(const std::string& name) {
  const char* folder = std::getenv("TOKENYARD_DATA");
  const fs::path path =
      fs::path(folder != nullptr ? folder : TOKENYARD_SOURCE_DIR "/../shared/data") / name;
  if (fs::exists(path)) return path.string();
  WARN(path.string() + " is not there; nothing is tested on it");
  return "";
}

TraceSummary scanned(const std::string& path, const TraceOptions& options = {}) {
  config::Mistakes mistakes;
  TraceSummary summary = scan_trace(path, mistakes, options);
  mistakes.throw_if_any();
  return summary;
}

}  // namespace

TEST_CASE("Mooncake's ids become pieces of 512 tokens, the last up to the prompt's end") {
  CHECK(
      rows("{\"timestamp\": 0, \"input_length\": 700, \"output_length\": 5, \"hash_ids\": [3, 4]}\n"
           "{\"hash_ids\":[3],\"x\":{\"y\":[1,\"]\"]},\"output_length\":1,\"input_length\":512,"
           "\"timestamp\":2500}\n") == "mooncake\n0.0000 700>5 3:512 4:700\n2.5000 512>1 3:512\n");
}

TEST_CASE("a Mooncake prompt may have an id more or less than blocks of 512 tokens") {
  const auto row = [](const std::string& length, const std::string& ids) {
    return rows("{\"timestamp\": 0, \"input_length\": " + length +
                ", \"output_length\": 5, \"hash_ids\": [" + ids + "]}");
  };
  CHECK(row("512", "3, 4") == "mooncake\n0.0000 512>5 3:512\n");
  CHECK(row("700", "3") == "mooncake\n0.0000 700>5 3:512\n");
  CHECK(row("5", "") == "mooncake\n0.0000 5>5\n");
}

TEST_CASE("Azure's stamps of 2024 have decimals or none, and a zone") {
  CHECK(rows("TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
             "2024-05-10 00:00:00.009930+00:00,2162,5\r\n"
             "2024-05-10 00:00:01+00:00,2399,6\r\n2024-05-10 00:00:01.509930001,76,15\r\n") ==
        "azure-llm\n0.0000 2162>5\n0.9900 2399>6\n1.5000 76>15\n");
  CHECK(problems("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00+01:00,2,5\n") ==
        ":2:1: TIMESTAMP '2024-05-10 00:00:00+01:00' is not a date like "
        "2023-11-16 18:15:46.6805900");
}

TEST_CASE("a bad Mooncake line is named by its line and column") {
  const std::string good =
      "{\"timestamp\": 9, \"input_length\": 700, \"output_length\": 5, \"hash_ids\": [3, 4]}\n";
  const auto second = [&](const std::string& line) { return problems(good + line + "\n"); };
  CHECK(second("{\"timestamp\":9,\"input_length\":1025,\"output_length\":5,\"hash_ids\":[3]}") ==
        ":2:65: hash_ids has 1 ids where input_length has 3 blocks of 512 tokens");
  CHECK(second("{\"timestamp\":9,\"input_length\":5,\"output_length\":5,\"hash_ids\":[3,4,5]}") ==
        ":2:62: hash_ids has 3 ids where input_length has 1 blocks of 512 tokens");
  CHECK(second("{\"timestamp\":9,\"input_length\":5,\"output_length\":5,\"hash_ids\":[-3]}") ==
        ":2:63: hash_ids '-3' is not a whole number written in digits");
  CHECK(second("{\"timestamp\":9,\"input_length\":5.5,\"output_length\":5,\"hash_ids\":[3]}") ==
        ":2:31: input_length '5.5' is not a whole number written in digits");
  CHECK(second("{\"timestamp\":\"9\",\"input_length\":5}") ==
        ":2:15: timestamp '9' is not a number");
  CHECK(second("{\"timestamp\":9,\"input_length\":5}") ==
        ":2:32: the object has no 'output_length'");
  CHECK(second("{\"timestamp\":9,\"timestamp\":8}") ==
        ":2:17: key 'timestamp' after 'timestamp'; keep one of the two");
  CHECK(second("{\"timestamp\":9") ==
        ":2:15: the line ends inside a JSON object; write each on one line");
  CHECK(second("{\"timestamp\":nan}") == ":2:14: not JSON: a value should be here");
  CHECK(second("{\"timestamp\":9,}") == ":2:16: not JSON: a quote should be here");
  CHECK(second("17") == ":2:1: a JSON object should begin here");
  CHECK(second("") == ":2:1: a blank line; remove it");
  CHECK(second(good.substr(0, good.size() - 1) + ",") ==
        ":2:78: something follows the object; write each on a line of its own");
  CHECK(second("{\"timestamp\":8,\"input_length\":5,\"output_length\":5,\"hash_ids\":[3]}") ==
        ":2:1: arrivals go back in time; sort the trace by its first column");
}

TEST_CASE("the stamps of a vLLM benchmark count from its first") {
  CHECK(rows("{\"request_id\": \"a\", \"input_toks\": 23, \"output_toks\": 5, \"arrival_time\": "
             "1777142838.25}\n{\"request_id\": \"b\", \"input_toks\": 1, \"output_toks\": 7, "
             "\"arrival_time\": 1777142839.5}") == "vllm-requests\n0.0000 23>5\n1.2500 1>7\n");
  CHECK(rows("{\"prompt_len\": 23, \"output_len\": 5, \"arrival_time\": 7}\n"
             "{\"prompt_len\": 1, \"output_len\": 7, \"arrival_time\": 6.5}") ==
        "vllm-requests\n0.0000 23>5\n-0.500 1>7\n");
  CHECK(problems("{\"input_toks\": 0, \"output_toks\": 5, \"arrival_time\": 1}") ==
        ":1:16: input_toks '0' is below 1");
}

TEST_CASE("BurstGPT's columns go by name, and its failed requests are counted and left out") {
  CHECK(rows("Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\r\n"
             "5,ChatGPT,472,18,490,Conversation log\r\n45,GPT-4,10,0,10,API log\r\n"
             "118,GPT-4,0,0,0,API log\r\n119.5,GPT-4,1,2,3,API log\r\n") ==
        "burstgpt\n5.0000 472>18 ChatGPT\n119.50 1>2 GPT-4\n2 skipped\n");
  CHECK(rows("Session ID,Response tokens,Elapsed time,Timestamp,Request "
             "tokens\n7,3,,1,2\n,3,,2,4\n") == "burstgpt\n1.0000 2>3 session 7\n2.0000 4>3\n");
  const std::string header = "Timestamp,Model,Request tokens,Response tokens\n";
  CHECK(problems(header + "1,m,0,3\n") == ":2:5: Request tokens '0' is below 1");
  CHECK(problems(header + "x,m,0,3\n") == ":2:1: Timestamp 'x' is not a finite decimal number");
  CHECK(problems(header + "1,m,5,0\n") ==
        ":1:1: has no requests that did not fail; give a trace with at least one row");
  CHECK_THAT(problems("Timestamp,Request tokens,Response tokens,Log type\n"),
             Catch::Contains(":1:42: 'Log type' is not one of") &&
                 Catch::Contains("did you mean 'Log Type'?"));
  const TraceSummary summary = scanned(File(header + "9,m,5,1\n8,m,5,0\n7,m,6,1\n").path);
  CHECK((summary.skipped == 1 && summary.requests == 2 && !summary.sorted));
  CHECK((summary.first_s == 7 && summary.last_s == 9));
}

TEST_CASE("tokenyard-csv takes further columns in any order, whose cells may be empty") {
  CHECK(rows("arrival_s,prompt_tokens,output_tokens,pieces,tenant,deadline_s,session,max_tokens,"
             "client,"
             "origin,tier,api_class,model\n"
             "1,700,5,18446744073709551615:512 4:700,a,2.5,9,6,k,o,t,chat,m\n0,3,1,,,,,,,,,,\n") ==
        "tokenyard-csv\n"
        "1.0000 700>5 max 6 session 9 by 2.50 a m chat t o k 18446744073709551615:512 4:700\n"
        "0.0000 3>1\n");
  const std::string required = "arrival_s,prompt_tokens,output_tokens";
  CHECK_THAT(problems(required + ",tennant\n"),
             Catch::Contains(":1:39: 'tennant'") && Catch::Contains("did you mean 'tenant'?"));
  CHECK(problems(required + ",tenant,tenant\n") ==
        ":1:46: column 'tenant' stands there twice; remove one");
  const auto bad = [&](const std::string& cell) {
    return problems(required + ",pieces\n0,9,1," + cell + "\n");
  };
  CHECK(bad("1:4 2:4") == ":2:13: until '4' is not above the piece before");
  CHECK(bad("1:10") == ":2:9: until '10' is beyond the prompt");
  CHECK(bad("1:4 ") == ":2:11: piece '' is not of the form content:until");
  CHECK(bad("1:4:5") == ":2:9: until '4:5' is not a whole number written in digits");
  CHECK(bad("18446744073709551616:4") == ":2:7: content '18446744073709551616' is above 2^64 - 1");
  CHECK(problems(required + ",max_tokens\n0,9,3,2\n") ==
        ":2:7: max_tokens '2' is below output_tokens");
  CHECK(problems(required + ",tenant\n0,9,3\n") == ":2:6: 3 cells where the header has 4");
  CHECK_THAT(problems(required + ",tenant\n0,9,3," + std::string(300, 'x') + "\n"),
             Catch::Contains("is longer than 256 bytes"));
}

TEST_CASE("sessions that a trace calls by texts have numbers that none written in digits has") {
  const std::string path = File("").path;
  std::ofstream(path)
      << "arrival_s,prompt_tokens,output_tokens,session\n0,1,1,a\n0,1,1,b\n0,1,1,a\n"
         "0,1,1,0\n0,1,1,9223372036854775808\n";
  TraceReader reader(path);
  std::vector<std::uint64_t> sessions;
  TraceRow row;
  while (reader.next(row)) sessions.push_back(row.session);
  CHECK((sessions[0] == sessions[2] && sessions[0] != sessions[1] && sessions[3] != 0));
  for (const std::uint64_t session : sessions) CHECK(session >> 63 == 1);
  fs::remove(path);
}

TEST_CASE(
    "lengths come as an array on one line, on many, or an object a line, and without stamps") {
  const std::string expected = "lengths\n0.0000 3>4\n0.0000 5>6\n";
  const std::string one = "{\"prompt\": \"a text\", \"prompt_len\": 3, \"output_len\": 4}";
  const std::string two = "{\"prompt\": 5, \"completion_tokens\": 6}";
  CHECK(rows("[" + one + ", " + two + "]") == expected);
  CHECK(rows("[\n  " + one + ",\n\n  " + two + "\n]\n\n") == expected);
  CHECK(rows("[" + one + "\n," + two + "]\n") == expected);
  CHECK(rows(one + "\n" + two + "\n") == expected);
  CHECK_FALSE(scanned(File(one).path).dated);
  CHECK(problems(one + "\n" + one + two) ==
        ":2:55: a request should not begin here; put a comma or a line end before it");
  CHECK(problems("[\n" + one + "\n" + two + "]") ==
        ":3:1: a request should not begin here; put a comma or a line end before it");
  CHECK(problems("[" + one + ",]") ==
        ":1:57: does not belong here; a trace is a JSON array or one object a line");
  CHECK(problems("[" + one + ",\n") == ":1:1: the array has no end; fetch the file again");
  CHECK(problems("[\n{\n\"prompt_len\": 3,") ==
        ":2:2: the line ends inside a JSON object; write each on one line\n"
        ":3:1: does not belong here; a trace is a JSON array or one object a line");
  CHECK(problems(one + "\n\n" + two) == ":2:1: a blank line; remove it");
  CHECK(problems(one + "\n{\"prompt_len\": 3, \"input_len\": 3, \"output_len\": 1}") ==
        ":2:20: key 'input_len' after 'prompt_len'; keep one of the two");
}

TEST_CASE("lengths may be pairs, alone on their lines or in an array") {
  const std::string expected = "lengths\n0.0000 3>4\n0.0000 5>6\n";
  CHECK(rows("[3,4]\n [ 5 , 6 ] \n") == expected);
  CHECK(rows("[[3, 4], [5, 6]]") == expected);
  CHECK(rows("[\n[3, 4],\n[5, 6]\n]\n") == expected);
  CHECK(rows("[[3, 4],\n{\"prompt_len\": 5, \"output_len\": 6}]\n") == expected);
  CHECK(problems("[3,4,5]") == ":1:1: not a pair [prompt tokens, output tokens]");
  CHECK(problems("[[3,4],[5]]") == ":1:8: not a pair [prompt tokens, output tokens]");
  CHECK(problems("[3,4]\n[5,") == ":2:1: not a pair [prompt tokens, output tokens]");
  CHECK(problems("[[3,-4]]") == ":1:5: output '-4' is not a whole number written in digits");
  CHECK(problems("[[3,4][5,6]]") ==
        ":1:7: a request should not begin here; put a comma or a line end before it");
  CHECK(problems("[3,4]\n[[5,6]]\n") ==
        ":2:1: does not belong here; a trace is a JSON array or one object a line");
}

TEST_CASE("an array on one line may be long, and any other line may not") {
  std::string array = "[[1,2]";
  while (array.size() < 3 << 20) array += ",[1,2]";
  CHECK(scanned(File(array + "]").path).requests == static_cast<std::int64_t>(array.size() / 6));
  CHECK(problems("[\n" + array) == ":2:1: a line is longer than 1 MiB; name a trace file");
  const std::string commas(array.size(), ',');
  CHECK_THAT(problems("[" + commas), Catch::Contains(":1:1: not the header of a trace"));
  const std::string header = "arrival_s,prompt_tokens,output_tokens\n";
  CHECK(problems(header + "[" + commas) == ":2:1: a line is longer than 1 MiB; name a trace file");
  CHECK(problems("[" + std::string(64 << 20, ' ')) ==
        ":1:1: an array on one line is longer than 64 MiB; write each element on its own line");
}

TEST_CASE("a format may be asked for by name, and gzip is read like plain text") {
  const std::string line =
      "{\"timestamp\":1000,\"input_length\":5,\"output_length\":6,\"hash_ids\":[3]}\n";
  CHECK(rows(line, {.format = "lengths", .spread_ticks = false}) == "lengths\n0.0000 5>6\n");
  CHECK_THAT(problems(line, {.format = "burstgpt", .spread_ticks = false}),
             Catch::Contains(":1:1: not the header of a trace that can be read"));
  const std::string path = scratch("gzip");
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, line.data(), static_cast<unsigned>(line.size()));
  gzclose(file);
  CHECK(rows_of(path) == "mooncake\n1.0000 5>6 3:5\n");
  fs::resize_file(path, fs::file_size(path) - 9);
  CHECK_THAT(problems_of(path), Catch::Contains("the gzip stream ends early"));
  fs::remove(path);
}

TEST_CASE("the requests of a result file can be played again") {
  const std::string path = scratch("results.h5");
  results::Writer writer(path, results::Existing::replace);
  writer.dimension("/requests", "request", 3);
  writer.column("/requests/arrival_s", std::vector<double>{2, 1, 3}, {"s", "arrival"});
  writer.column("/requests/prompt_tokens", std::vector<std::int64_t>{7, 8, 9});
  writer.column("/requests/output_tokens", std::vector<std::int64_t>{1, 2, 0});
  writer.column("/requests/max_tokens", std::vector<std::int64_t>{4, 0, 4});
  writer.column("/requests/tenant", std::vector<std::uint8_t>{1, 0, 1}, {"", "tenant", {"a", "b"}});
  writer.commit();
  CHECK(rows_of(path) == "tokenyard-results\n2.0000 7>1 max 4 b\n1.0000 8>2 a\n1 skipped\n");
  const TraceSummary summary = scanned(path);
  const auto arrivals = trace_arrivals(path, summary, {});
  Request first;
  arrivals->take(first);
  CHECK(
      (first.arrival == Instant(0) && first.prompt == Tokens(8) && first.max_tokens == Tokens(2)));
  fs::resize_file(path, fs::file_size(path) / 2);
  CHECK_THAT(problems_of(path), Catch::Contains("is damaged or cut short"));
  fs::remove(path);
}

TEST_CASE("a bad row of a result file is named by its column and number") {
  const std::string path = scratch("results.h5");
  {
    results::Writer writer(path, results::Existing::replace);
    writer.dimension("/requests", "request", 4);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    writer.column("/requests/arrival_s", std::vector<double>{nan, 1, 3, 4}, {"s", "arrival"});
    writer.column("/requests/prompt_tokens", std::vector<double>{7, 1.5, 9, 9});
    writer.column("/requests/output_tokens", std::vector<std::int64_t>{1, 2, 3, 3});
    writer.column("/requests/max_tokens", std::vector<std::int64_t>{4, 0, 2, 3});
    writer.column("/requests/tenant", std::vector<std::uint8_t>{1, 0, 1, 2}, {"", "t", {"a", "b"}});
    writer.commit();
  }
  CHECK(problems_of(path) ==
        ": /requests/arrival_s: row 1 is no number of seconds from 0 to 2^53\n"
        ": /requests/prompt_tokens: row 2 is no whole number from 1 to 2^53\n"
        ": /requests/max_tokens: row 3 is below output_tokens\n"
        ": /requests/tenant: row 4 is no number of one of its flag_meanings");
  {
    results::Writer writer(path, results::Existing::replace);
    writer.text("/note", "nothing else");
    writer.commit();
  }
  CHECK(problems_of(path) ==
        ": /requests/arrival_s: is missing; give a result file with a table of requests");
  fs::remove(path);
}

TEST_CASE("requests of one stamp are spread up to the next, the last by the length before") {
  std::string text = "arrival_s,prompt_tokens,output_tokens,tenant,pieces\n";
  for (int tick = 0; tick < 3; ++tick) {
    for (int i = 1; i <= 200; ++i) {
      const std::string n = std::to_string(i);
      text += std::to_string(tick * 3) + "," + n + ",1,t" + n + ",7:" + n + "\n";
    }
  }
  const File file(text);
  const TraceOptions spread{.format = "", .spread_ticks = true};
  TraceReader reader(file.path, spread);
  TraceRow row;
  double before = 0, sum = 0;
  for (int i = 0; i < 600; ++i) {
    REQUIRE(reader.next(row));
    const double tick = i / 200 * 3.0;
    CHECK((row.arrival_s >= before && row.arrival_s > tick && row.arrival_s < tick + 3));
    CHECK(row.prompt == Tokens(i % 200 + 1));
    CHECK(row.tenant == "t" + std::to_string(i % 200 + 1));
    CHECK(row.pieces.at(0).until == i % 200 + 1);
    before = row.arrival_s;
    sum += row.arrival_s - tick;
  }
  CHECK_FALSE(reader.next(row));
  CHECK(sum / 600 == Approx(1.5).margin(5 * 3 / std::sqrt(12.0 * 600)));
  CHECK(rows_of(file.path, spread) == rows_of(file.path, spread));
  const auto arrivals = trace_arrivals(file.path, scanned(file.path, spread), {}, spread);
  CHECK(arrivals->date() == Instant(0));
}

TEST_CASE("stamps that cannot be spread are mistakes") {
  const TraceOptions spread{.format = "", .spread_ticks = true};
  const std::string header = "arrival_s,prompt_tokens,output_tokens\n";
  CHECK(problems(header + "2,1,1\n1,1,1\n", spread) ==
        ":3:1: arrivals go back in time; sort the trace, or do not spread its ticks");
  CHECK(rows(header + "2,1,1\n2,1,1\n", spread) == "tokenyard-csv\n2.0000 1>1\n2.0000 1>1\n");
  CHECK(problems(header, spread) == ":1:1: has no requests; give a trace with at least one row");
  std::string many = header;
  for (int i = 0; i < 1'000'001; ++i) many += "2,1,1\n";
  CHECK(problems(many, spread) ==
        ":1000002:1: too many rows of one stamp to be spread; the most is 1,000,000, or 256 MiB");
}

TEST_CASE("a stream of a trace gives the pieces of the request last taken") {
  const std::string header = "arrival_s,prompt_tokens,output_tokens,pieces\n";
  for (const bool sorted : {true, false}) {
    const std::string one = "1,5,1,1:2 2:5\n", two = "2,6,1,\n", three = "3,7,1,3:7\n";
    const File file(header + (sorted ? one + two + three : three + one + two));
    const TraceSummary summary = scanned(file.path);
    CHECK(summary.sorted == sorted);
    const auto arrivals = trace_arrivals(file.path, summary, {});
    CHECK(arrivals->pieces().empty());
    Request request;
    arrivals->take(request);
    REQUIRE(arrivals->pieces().size() == 2);
    CHECK((arrivals->pieces()[1].content == 2 && arrivals->pieces()[1].until == 5));
    arrivals->take(request);
    CHECK(arrivals->pieces().empty());
    arrivals->take(request);
    CHECK((arrivals->pieces().size() == 1 && request.arrival == Instant(2)));
  }
}

TEST_CASE("whatever a JSON line is, it is walked to its end or to a mistake") {
  const std::string good =
      R"({"a":[1,{"b":"\u00e9\"\\"}],"c":-1.5e+3,"d":{"e":[[]]},"f":null,"g":true})";
  const std::string bytes = "{}[]\",:\\u0-.eEtn\x01\xff 9";
  std::uint64_t random = 1;
  for (int i = 0; i < 200'000; ++i) {
    std::string line = good;
    for (int flips = 0; flips <= i % 4; ++flips) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      line[(random >> 33) % line.size()] = bytes[(random >> 20) % bytes.size()];
    }
    if (i % 3 == 0) line.resize(line.size() - (random >> 40) % 20);
    JsonObject object(line, 0);
    JsonMember member;
    int members = 0;
    while (object.next(member)) ++members;
    REQUIRE((members <= 80 && object.end() <= line.size()));
    REQUIRE((!object.problem() || object.problem()->offset <= line.size()));
  }
  JsonObject whole(good, 0);
  JsonMember member;
  while (whole.next(member)) continue;
  CHECK((!whole.problem() && whole.end() == good.size()));
  const std::string nested = "{\"a\":" + std::string(1'000'000, '[');
  JsonObject deep(nested, 0);
  CHECK((!deep.next(member) && deep.problem()));
}

TEST_CASE("the published Azure, Mooncake and vLLM files are read whole") {
  if (const auto path = data("traces/azure_conv_2023.csv.gz"); !path.empty()) {
    CHECK(scanned(path).requests == 19'366);
  }
  if (const auto path = data("traces/mooncake_conversation.jsonl.gz"); !path.empty()) {
    CHECK(scanned(path).requests == 12'031);
    TraceReader reader(path, {.format = "", .spread_ticks = true});
    std::set<std::uint64_t> known;
    double blocks = 0, seen = 0;
    TraceRow row;
    while (reader.next(row)) {
      for (const Piece& piece : row.pieces) {
        ++blocks;
        if (!known.insert(piece.content).second) ++seen;
      }
    }
    CHECK(seen / blocks == Approx(0.366).margin(0.0005));
  }
  const auto path = data("measured/RTXPRO6000_Llama-3.1-8B__requests.jsonl");
  if (!path.empty()) CHECK(scanned(path).requests == 300);
}
