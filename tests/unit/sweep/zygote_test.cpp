// SPDX-License-Identifier: Apache-2.0
#include "sweep/zygote.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "config/errors.hpp"
#include "results/target.hpp"

using namespace tokenyard;
using namespace std::chrono_literals;
using sweep::Channel;
using sweep::Ending;

namespace {

// Does with a run what its number says.
class Scripted final : public sweep::Runner {
 public:
  enum Act : std::size_t { fine, refuse, disk, memory, throws, aborts, killed, hangs, prints };

  void prepare(std::size_t) override {
    if (refuses) throw config::ConfigError(config::Mistake{"p.xml", {}, "", "is no platform"});
  }

  std::string run(std::size_t act) override {
    if (act == refuse) throw config::ConfigError(config::Mistake{"s.yaml", {}, "", "is wrong"});
    if (act == disk) throw results::IoError("no space left");
    if (act == memory) return std::string(too_much, ' ');
    if (act == throws) throw std::logic_error("a bug");
    if (act == aborts) {
      std::signal(SIGABRT, SIG_DFL);  // not as the test program has it
      std::cerr << "a contract is broken\n" << std::flush;
      std::abort();
    }
    if (act == killed) ::raise(SIGKILL);
    while (act == hangs) ::pause();
    if (act == prints) std::cout << "noise" << std::endl;
    return "done " + std::to_string(act);
  }

  bool refuses = false;
  // Of a constant, Clang 14 would lay the string out as it compiles, and die.
  std::size_t too_much = std::size_t{1} << 40;
};

// A zygote in a process of its own.
class Zygote {
 public:
  explicit Zygote(bool refuses = false, std::chrono::seconds time = 1s) {
    auto [ours, its] = Channel::pair();
    process_ = ::fork();
    if (process_ == 0) {
      ours.close();
      Scripted runner;
      runner.refuses = refuses;
      sweep::RunLimits limits;
      limits.time = time;
      limits.memory_bytes = std::uint64_t{1} << 30;
      sweep::be_zygote(std::move(its), runner, limits);
    }
    orders_ = std::move(ours);
  }
  ~Zygote() {
    orders_.close();
    ::waitpid(process_, nullptr, 0);
  }
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  Channel order(std::size_t run) {
    auto [ours, its] = Channel::pair();
    REQUIRE(orders_.send(sweep::Order{run, 0}.text(), its.number()));
    return std::move(ours);
  }
  pid_t process() const { return process_; }

 private:
  pid_t process_ = -1;
  Channel orders_;
};

sweep::Reply reply_on(Channel& channel) {
  sweep::Message message;
  for (int i = 0; i < 200; ++i) {
    const Channel::Received received = channel.receive(message, 100ms);
    if (received == Channel::Received::message) return sweep::unpacked_reply(message.text);
    if (received == Channel::Received::closed) break;
  }
  return {Ending::failed, "no reply"};
}

sweep::Reply reply_to(std::size_t run, bool refuses = false) {
  Zygote zygote(refuses);
  Channel channel = zygote.order(run);
  return reply_on(channel);
}

bool has(const sweep::Reply& reply, const std::string& part) {
  INFO(reply.text);
  return reply.text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a child replies with what its run returned, whatever it prints") {
  CHECK(reply_to(Scripted::fine).text == "done 0");
  const sweep::Reply reply = reply_to(Scripted::prints);
  CHECK(reply.ending == Ending::done);
  CHECK(reply.text == "done 8");
}

TEST_CASE("how a run failed is told apart") {
  CHECK(reply_to(Scripted::refuse).ending == Ending::refused);
  CHECK(reply_to(Scripted::disk).ending == Ending::disk);
  const sweep::Reply bug = reply_to(Scripted::throws);
  CHECK(bug.ending == Ending::failed);
  CHECK(has(bug, "a bug"));
  const sweep::Reply crash = reply_to(Scripted::aborts);
  CHECK(crash.ending == Ending::crashed);
  CHECK(crash.text.find("a contract is broken") != std::string::npos);
  CHECK(reply_to(Scripted::killed).ending == Ending::killed);
  CHECK(reply_to(Scripted::hangs).ending == Ending::timed_out);
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("a run that needs more memory than it may have fails alone") {
  const sweep::Reply reply = reply_to(Scripted::memory);
  CHECK(reply.ending == Ending::failed);
  CHECK(has(reply, "out of memory"));
}
#endif

TEST_CASE("a platform that is refused refuses all of its runs") {
  Zygote zygote(true);
  for (const std::size_t run : {Scripted::fine, Scripted::prints}) {
    Channel channel = zygote.order(run);
    const sweep::Reply reply = reply_on(channel);
    CHECK(reply.ending == Ending::refused);
    CHECK(has(reply, "is no platform"));
  }
}

TEST_CASE("children work side by side, and end with their zygote") {
  Zygote zygote(false, 60s);
  Channel hanging = zygote.order(Scripted::hangs);
  for (int i = 0; i < 20; ++i) {
    Channel channel = zygote.order(Scripted::fine);
    CHECK(reply_on(channel).ending == Ending::done);
  }
  ::kill(zygote.process(), SIGKILL);
  sweep::Message message;
  Channel::Received received = Channel::Received::nothing_yet;
  for (int i = 0; i < 100 && received == Channel::Received::nothing_yet; ++i) {
    received = hanging.receive(message, 100ms);
  }
  CHECK(received == Channel::Received::closed);
}
