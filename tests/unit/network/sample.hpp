// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/errors.hpp"
#include "network/probe.hpp"

namespace tokenyard::network {

// A small platform without mistakes; line 6 is its first cluster, 15 its first route.
inline const std::string sample = R"xml(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="r" routing="Floyd">
    <prop id="region" value="here"/>
    <cluster id="r/a" prefix="a-" suffix="" radical="0-3" router_id="a-switch" speed="1Gf" bw="1GBps" lat="1us">
      <prop id="rack" value="small"/>
    </cluster>
    <cluster id="r/b" prefix="b-" suffix="x" radical="7,2-3" speed="1Gf" bw="1GBps" lat="2us">
      <prop id="rack" value="large"/>
    </cluster>
    <zone id="r/gateway" routing="Full">
      <router id="gateway"/>
    </zone>
    <link id="up" bandwidth="1GBps" latency="3us" sharing_policy="SPLITDUPLEX"/>
    <link id="across" bandwidth="1GBps" latency="0.5ms"/>
    <zoneRoute src="r/a" dst="r/gateway" gw_src="a-switch" gw_dst="gateway">
      <link_ctn id="up" direction="UP"/>
    </zoneRoute>
    <zoneRoute src="r/b" dst="r/gateway" gw_src="b-r/b_routerx" gw_dst="gateway">
      <link_ctn id="across"/>
    </zoneRoute>
  </zone>
</platform>
)xml";

// `text` with the first `old` replaced; there must be one.
inline std::string with(std::string text, std::string_view old, std::string_view now) {
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

// A folder that goes with its files.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "tokenyard-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path(name);
  }
  // `text` without this folder's name.
  std::string shortened(std::string text) const {
    const std::string folder = path_.string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.erase(at, folder.size());
    }
    return text;
  }

 private:
  std::filesystem::path path_;
};

// The messages, a line for each mistake; empty if there is none.
inline std::string messages(const config::Mistakes& mistakes) {
  try {
    mistakes.throw_if_any();
  } catch (const config::ConfigError& error) {
    return error.what();
  }
  return "";
}

// What `work` returns, from a child process: SimGrid takes one platform a process. Whatever SimGrid
// prints comes before it.
inline std::string in_a_child(const std::function<std::string()>& work) {
  std::fflush(stdout);  // a run of SimGrid's would, in the child
  const auto said = probe([&] { throw std::runtime_error(work()); });
  REQUIRE(said);
  return said->output + (said->end.empty() ? "" : " END: " + said->end);
}

}  // namespace tokenyard::network
