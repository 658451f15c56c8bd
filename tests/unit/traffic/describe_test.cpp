// SPDX-License-Identifier: Apache-2.0
// Statistics as workloads: the text is read back and compared with what was put in.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "traffic/csv_cells.hpp"
#include "traffic/line_reader.hpp"
#include "traffic/servegen.hpp"
#include "traffic/telemetry.hpp"
#include "traffic/tenant.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

namespace fs = std::filesystem;

constexpr double forever = RateCurve::forever;

// A file that is gone at the end of the test.
struct File {
  File(const std::string& name, const std::string& text)
      : path((fs::temp_directory_path() /
              ("tokenyard_describe_" + std::to_string(::getpid()) + "_" + name))
                 .string()) {
    std::ofstream(path, std::ios::binary) << text;
  }
  ~File() { fs::remove(path); }

  std::string path;
};

const std::string windows_header = "client,t_s,rate_rps,cv,pattern,p1,p2\n";
const std::string lengths_header = "client,t_s,field,mean,q0,q50,q100\n";
const std::string telemetry_header =
    "hour,region,model,tier,requests,input_tokens,cached_tokens,output_tokens\n";

std::string servegen(const std::string& windows, const std::string& lengths,
                     std::size_t clients = 20, double step_s = 1200) {
  const File w("windows", windows_header + windows), l("lengths", lengths_header + lengths);
  return workload_from_servegen({w.path, l.path, "w", "a test", Duration(step_s), clients});
}

std::string telemetry(const std::string& text) {
  const File file("telemetry", text);
  return workload_from_telemetry({file.path, "t", "a test", {"us-east"}});
}

// What `tokenyard check` does with it.
std::vector<Tenant> loaded(const std::string& text) {
  const config::Document document = config::parse_yaml("w.yaml", text);
  config::Reading reading;
  auto tenants = load_tenants(document, TOKENYARD_SOURCE_DIR, reading);
  reading.mistakes.throw_if_any();
  return tenants;
}

std::vector<Client> clients_of(const std::string& text) {
  return loaded(text)[0].workload->clients;
}

std::vector<double> rates_of(const Client& client) {
  std::vector<double> rates;
  for (const auto& point : std::get<DatesPlan>(client.arrivals).curve.factors[0].points) {
    rates.push_back(point.value);
  }
  rates.pop_back();  // the zero at the end
  return rates;
}

// The mistakes, without the name of the file.
template <class Make>
std::string refused(Make make) {
  try {
    make();
  } catch (const config::ConfigError& error) {
    const std::string text = error.what();
    const std::size_t own = text.find("tokenyard_describe_");
    return own == text.npos ? text : text.substr(text.find(':', own) + 1);
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  if (text.find(part) != text.npos) return true;
  UNSCOPED_INFO(text);
  return false;
}

// Folded lines as one.
std::string unfolded(std::string text) {
  for (std::size_t at = 0; (at = text.find("\n  ", at)) != text.npos;) text.replace(at, 3, " ");
  return text;
}

const std::string flat = "0,0,input_tokens,100,100,100,100\n0,0,output_tokens,50,50,50,50\n";

std::string bad_window(const std::string& line) {
  return refused([&] { servegen("0,0,1,1,Gamma,,\n" + line + "\n", flat); });
}

std::string bad_lengths(const std::string& line) {
  return refused([&] { servegen("0,0,1,1,Gamma,,\n", flat + line + "\n"); });
}

std::string bad_hour(const std::string& line) {
  return refused([&] {
    telemetry(telemetry_header + "2026-11-02T13:00,us-east,m,flex,1,1,0,1\n" + line + "\n");
  });
}

}  // namespace

TEST_CASE("a step has the mean rate of its windows and their cv by requests") {
  // 600 and 1800 requests in the first step of 20 min; a window of the second is missing.
  const auto clients = clients_of(servegen(
      "0,0,1,2,Gamma,,\n0,600,3,1,Weibull,,\n0,1800,0.5,0.01,Weibull,,\n0,4800,1,99,Gamma,,\n",
      flat));
  REQUIRE(clients.size() == 1);
  CHECK(clients[0].name == "client-0");
  CHECK(rates_of(clients[0]) == std::vector<double>{2, 0.25, 0, 0, 0.5});
  const auto& dates = std::get<DatesPlan>(clients[0].arrivals);
  CHECK(clients[0].expected(Duration(forever)) == Approx(600 + 1800 + 300 + 600));
  REQUIRE(dates.gaps.size() == 6);
  CHECK(dates.gaps[0].kind() == Gaps::Kind::weibull);  // of 2100 requests against 1200
  CHECK(dates.gaps[2].kind() == Gaps::Kind::weibull);
  const std::string text = servegen(
      "0,0,1,2,Gamma,,\n0,600,3,1,Weibull,,\n0,1800,0.5,0.01,Weibull,,\n0,4800,1,99,Gamma,,\n",
      flat);
  CHECK(has(text, "process: weibull"));
  CHECK(has(text, "cvs: [1.25, 0.05, 1, 1, 50]"));  // (600 * 2 + 1800 * 1) / 2400
}

TEST_CASE("quantiles are averaged over periods by their requests, and keep the mean") {
  // 1 request/s in the first period, 3 in the second.
  const auto clients = clients_of(servegen("0,0,1,1,Gamma,,\n0,21600,3,1,Gamma,,\n",
                                           "0,0,input_tokens,60,0,40,200\n"
                                           "0,21600,input_tokens,100,20,80,400\n"
                                           "0,0,output_tokens,10,10,10,10\n"
                                           "0,21600,output_tokens,50,50,50,50\n"));
  CHECK(clients[0].lengths.prompt.mean() == Approx(90).epsilon(1e-3));
  CHECK(clients[0].lengths.output.at(Tokens(1)).mean() == Approx(40).epsilon(1e-3));
  const std::string text = servegen("0,0,1,1,Gamma,,\n0,21600,3,1,Gamma,,\n",
                                    "0,0,input_tokens,60,0,40,200\n"
                                    "0,21600,input_tokens,100,20,80,400\n"
                                    "0,0,output_tokens,10,10,10,10\n"
                                    "0,21600,output_tokens,50,50,50,50\n");
  CHECK(has(text, "[[0, 15.25], "));  // (max(0, 1) + 3 * 20) / 4
  CHECK(has(text, "[0.5, 70]"));
  CHECK(has(text, "[1, 350]]"));
}

TEST_CASE("the smaller clients are one Poisson process with the mixture of their lengths") {
  const std::string windows =
      "a,0,9,1,Gamma,,\nb,0,1,5,Gamma,,\nc,600,3,5,Weibull,,\nd,0,0,5,Weibull,,\n";
  const std::string lengths =
      "a,0,input_tokens,7,7,7,7\na,0,output_tokens,7,7,7,7\n"
      "b,0,input_tokens,100,100,100,100\nb,0,output_tokens,10,10,10,10\n"
      "c,0,input_tokens,500,500,500,500\nc,0,output_tokens,30,30,30,30\n";
  const auto clients = clients_of(servegen(windows, lengths, 1));
  REQUIRE(clients.size() == 2);
  CHECK(clients[0].name == "client-a");
  CHECK(clients[1].name == "others");
  const auto& dates = std::get<DatesPlan>(clients[1].arrivals);
  REQUIRE(dates.gaps.size() == 1);
  CHECK(dates.gaps[0].kind() == Gaps::Kind::exponential);
  CHECK(rates_of(clients[1]) == std::vector<double>{2});
  // A quarter has 100, the others 500: no average of the two.
  CHECK(clients[1].lengths.prompt.mean() == Approx(400).epsilon(5e-3));
  const std::string text = servegen(windows, lengths, 1);
  CHECK(has(text, "[0.2, 100], [0.25, 100]"));
  CHECK(has(text, "[0.3, 500]"));
  CHECK(has(unfolded(text), "of 3 clients"));
}

TEST_CASE("clients without lengths borrow the pooled ones, and the description says so") {
  const std::string text = servegen("a,0,3,1,Gamma,,\nb,0,1,1,Gamma,,\n",
                                    "a,0,input_tokens,80,80,80,80\na,0,output_tokens,8,8,8,8\n"
                                    "a,0,reason_ratio,0.25,0,0.2,1\nx,0,input_tokens,1,1,1,1\n");
  const auto clients = clients_of(text);
  REQUIRE(clients.size() == 2);
  CHECK(clients[1].lengths.prompt.mean() == Approx(80));
  CHECK(has(unfolded(text), "Borrowed: 1 of the clients, with 600 requests (25 %)"));
  CHECK(has(unfolded(text), "its share is 25 %"));
  CHECK(has(refused([] { servegen("z,0,1,1,Gamma,,\n", flat); }), "has no lengths of any client"));
}

TEST_CASE("bad windows and lengths are named by line and column") {
  CHECK(bad_window("0,600,x,1,Gamma,,") ==
        "3:7: rate_rps 'x' is not a finite decimal number; correct it");
  CHECK(bad_window("0,600,-1,1,Gamma,,") == "3:7: rate_rps '-1' is negative; correct it");
  CHECK(has(bad_window("0,601,1,1,Gamma,,"), "3:3: t_s '601' is not a multiple of 600 s"));
  CHECK(has(bad_window("0,600,1,1,Pareto,,"), "3:11: pattern 'Pareto' is neither"));
  CHECK(has(bad_window("0,0,1,1,Gamma,,"), "3:3: t_s '0' is there twice"));
  CHECK(has(bad_window(",0,1,1,Gamma,,"), "3:1: client is empty"));
  CHECK(has(bad_window("0,600,1"), "3:8: 3 cells where the header has 7"));
  CHECK(has(bad_window("0,54e8,1,1,Gamma,,"), "give a longer --step"));
  CHECK(has(bad_window("0,6e15,1,1,Gamma,,"), "3:3: t_s '6e15' is too late"));
  CHECK(has(bad_lengths("0,21600,tokens,1,1,1,1"), "4:9: field 'tokens' is none of"));
  CHECK(has(bad_lengths("0,21600,input_tokens,1,1,3,2"), "4:28: quantile '2' is below"));
  CHECK(has(bad_lengths("0,0,input_tokens,1,1,1,1"), "4:5: field 'input_tokens' is there twice"));
  CHECK(has(refused([] { servegen("", flat); }), "has no rows"));
  CHECK(has(refused([] { servegen("0,0,0,1,Gamma,,\n", flat); }), "no client with requests"));
  CHECK(has(refused([] { servegen("0,0,1,1,Gamma,,\n", flat, 20, 900); }), "--step: "));
  CHECK(has(refused([] { servegen("0,0,1,1,Gamma,,\n", flat, 20, 0); }), "--step: "));
}

TEST_CASE("columns of lengths are quantiles that rise to q100") {
  const File windows("windows", windows_header + "0,0,1,1,Gamma,,\n");
  const auto with = [&](const std::string& columns) {
    const File lengths("lengths", "client,t_s,field,mean," + columns + "\n");
    return refused([&] { workload_from_servegen({windows.path, lengths.path, "w", "a test"}); });
  };
  CHECK(has(with("q0,q50"), "1:26: column 'q50' is the last, but not q100"));
  CHECK(has(with("q0,q50,q50,q100"), "1:30: column 'q50' is no quantile above"));
  CHECK(has(with("q0,q101"), "1:26: column 'q101' is no quantile"));
  CHECK(has(with("q0,median,q100"), "1:26: column 'median' is no quantile"));
  CHECK(has(with("q1,q100"), "1:1: not the header of lengths"));
}

TEST_CASE("telemetry becomes a tenant for each region, model and tier") {
  const std::string text = telemetry(
      "tier,hour,requests,region,model,output_tokens,input_tokens\n"
      "standard,2026-11-02T13:00,120,us-east,llama 70b,24000,120000\n"
      "standard,2026-11-02 15:00:00Z,60,us-east,llama 70b,12000,60000\n"
      "standard,2026-11-02T15:00,40,us-east,llama 70b,8000,38000\n"
      "batch,2026-11-02 14:00,30,my place,llama 70b,60,30000\n"
      "flex,2026-11-02 14:00,0,my place,llama 70b,0,0\n");
  const auto tenants = loaded(text);
  REQUIRE(tenants.size() == 2);
  CHECK(tenants[0].name == "my_place-llama_70b-batch");
  CHECK(tenants[0].tier == Tier::batch);
  CHECK(tenants[0].from[0].place.name == "unspecified");
  CHECK(has(text, "# \"my place\" is no name in workloads/places.yaml"));
  CHECK(tenants[1].name == "us-east-llama_70b-standard");
  CHECK(tenants[1].model == "llama 70b");
  CHECK(tenants[1].from[0].place.name == "us-east");
  const Client& client = tenants[1].workload->clients[0];
  CHECK(rates_of(client) == std::vector<double>{120 / 3600.0, 0, 100 / 3600.0});
  CHECK(tenants[1].expected_requests(Duration(forever)) == Approx(220));
  CHECK(client.lengths.prompt.mean() == 991);  // 218000 / 220, in whole tokens
  CHECK(client.lengths.output.at(Tokens(1)).mean() == 200);
  CHECK(has(unfolded(text), "time zero is 2026-11-02 13:00 UTC"));
  CHECK(has(unfolded(text), "no requests: 1 tenant."));
  CHECK_FALSE(text.find("cached") != text.npos);
}

TEST_CASE("the cached share of telemetry is stated") {
  const std::string text = telemetry(telemetry_header +
                                     "2026-11-02T13:00,us-east,m,flex,10,1000,350,100\n"
                                     "2026-11-02T13:00,us-east,m,reserved,10,1000,0,100\n");
  CHECK(has(text, "mean prompt 100 tokens, 35 % of it cached"));
  CHECK(has(unfolded(text), "17.5 % of it cached"));
  CHECK(loaded(text).size() == 2);
}

TEST_CASE("names of tenants that would be alike are told apart") {
  const auto tenants =
      loaded(telemetry(telemetry_header + "2026-11-02T13:00,a b,m,flex,1,1,0,1\n"
                                          "2026-11-02T13:00,a_b,m,flex,1,1,0,1\n"
                                          "2026-11-02T13:00,\"\\#: [],m,flex,1,1,0,1\n"));
  REQUIRE(tenants.size() == 3);
  CHECK(tenants[1].name == "a_b-m-flex");
  CHECK(tenants[2].name == "a_b-m-flex-2");
}

TEST_CASE("bad telemetry is named by line and column") {
  CHECK(
      has(bad_hour("2026-11-02T13:30,us-east,m,flex,1,1,0,1"), "3:1: hour '2026-11-02T13:30' is"));
  for (const char* hour : {"2026-02-30T00:00", "2026-11-02", "2026-11-02T24:00", "soon", "",
                           "2026-11-02T13:00+01:00", "2026-11-02T13:00:00ZZ", "2026-11-02T13:0x"}) {
    CHECK(has(bad_hour(std::string(hour) + ",us-east,m,flex,1,1,0,1"), "3:1: hour "));
  }
  CHECK(has(bad_hour("2026-11-02T14:00,us-east,m,flexx,1,1,0,1"), "3:28: "));
  CHECK(has(bad_hour("2026-11-02T14:00,us-east,m,flexx,1,1,0,1"), "did you mean 'flex'?"));
  CHECK(has(bad_hour("2026-11-02T14:00,,m,flex,1,1,0,1"), "3:18: region is empty; fill it in"));
  CHECK(has(bad_hour("2026-11-02T14:00,a\tb,m,flex,1,1,0,1"), "3:18: region "));
  CHECK(has(bad_hour("2026-11-02T14:00,a\xff,m,flex,1,1,0,1"), "3:18: region "));
  CHECK(has(bad_hour("2026-11-02T14:00,a,m,flex,-1,1,0,1"), "3:27: requests '-1' is negative"));
  CHECK(has(bad_hour("2026-11-02T14:00,a,m,flex,1,1,2,1"), "3:31: cached_tokens '2' is above"));
  CHECK(has(bad_hour("2126-11-02T14:00,a,m,flex,1,1,1,1"), "3:1: makes it more than the 100,000"));
  CHECK(has(refused([] { telemetry("hour,region,model,tier,requests,input_tokens\n"); }),
            "1:1: has no column 'output_tokens'; add it"));
  CHECK(has(refused([] { telemetry("hour,reggion\n"); }), "did you mean 'region'?"));
  CHECK(has(refused([] { telemetry(telemetry_header + "2026-11-02T13:00,a,m,flex,0,0,0,0\n"); }),
            "has no requests"));
}

TEST_CASE("telemetry of more tenants and hours than a workload may hold is refused early") {
  std::ostringstream many;
  many << telemetry_header;
  for (int i = 0; i <= 10'000; ++i) many << "2026-11-02T13:00,r" << i << ",m,flex,1,1,0,1\n";
  CHECK(has(refused([&] { telemetry(many.str()); }), "10002:1: has one more tenant"));
  many << "";
  std::string wide = many.str();
  wide.resize(wide.find("r9000"));
  wide.resize(wide.rfind('\n') + 1);
  wide += "2027-11-02T13:00,r0,m,flex,1,1,0,1\n";
  CHECK(has(refused([&] { telemetry(wide); }), "more than the 900,000 numbers"));
}

TEST_CASE("a real record of clients keeps its requests and mean lengths") {
  const char* folder = std::getenv("TOKENYARD_DATA");
  const fs::path data = folder != nullptr ? folder : TOKENYARD_SOURCE_DIR "/../shared/data";
  const std::string windows = (data / "traces" / "deepseek-r1_windows.csv.gz").string();
  const std::string lengths = (data / "traces" / "deepseek-r1_lengths.csv.gz").string();
  if (!fs::exists(windows) || !fs::exists(lengths)) {
    WARN(windows + " is not there; nothing is tested on it");
    return;
  }
  // The sums anew, from the files themselves.
  std::map<std::pair<std::string, int>, double> requests;
  double total = 0;
  std::string_view line;
  std::vector<Cell> cells;
  const auto number = [&](std::size_t i) { return std::stod(std::string(cells[i].text)); };
  LineReader rows(windows);
  for (rows.next(line); rows.next(line);) {
    split(line, cells);
    requests[{std::string(cells[0].text), static_cast<int>(number(1)) / 21600}] += number(2) * 600;
    total += number(2) * 600;
  }
  std::map<std::string, double> sums, weights;
  LineReader more(lengths);
  for (more.next(line); more.next(line);) {
    split(line, cells);
    const double weight =
        requests[{std::string(cells[0].text), static_cast<int>(number(1)) / 21600}];
    sums[std::string(cells[2].text)] += weight * number(3);
    weights[std::string(cells[2].text)] += weight;
  }
  const std::string text =
      workload_from_servegen({windows, lengths, "deepseek-r1", "a test", Duration(3600), 20});
  const auto tenants = loaded(text);
  CHECK(tenants[0].expected_requests(Duration(forever)) == Approx(total).epsilon(1e-3));
  double prompt = 0, output = 0;
  REQUIRE(tenants[0].workload->clients.size() == 21);
  for (const Client& client : tenants[0].workload->clients) {
    const double share = client.expected(Duration(forever)) / total;
    prompt += share * client.lengths.prompt.mean();
    output += share * client.lengths.output.at(Tokens(1)).mean();
  }
  CHECK(prompt == Approx(sums["input_tokens"] / weights["input_tokens"]).epsilon(0.005));
  CHECK(output == Approx(sums["output_tokens"] / weights["output_tokens"]).epsilon(0.005));
  CHECK(std::count(text.begin(), text.end(), '\n') < 600);
}
