// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/global_control.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <list>

#include "sweep/fork_server.hpp"

namespace tokenyard::sweep {
namespace {

// A platform of 10,000 nodes takes 65 MB.
constexpr std::size_t most_zygotes = 4;

constexpr const char* no_process = "no process could be started; close other programs";

// The zygotes, by their platforms.
class Zygotes {
 public:
  Zygotes(Channel orders, Runner& runner, const RunLimits& limits)
      : orders_(std::move(orders)), runner_(runner), limits_(limits) {}

  void serve() {
    constexpr std::chrono::milliseconds a_while(1000);
    for (Message message;;) {
      const Channel::Received received = orders_.receive(message, a_while);
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      if (received == Channel::Received::closed) return;
      if (received == Channel::Received::message) pass_on(std::move(message));
    }
  }

 private:
  struct Zygote {
    std::uint32_t platform;
    Channel orders;
  };

  void pass_on(Message message) {
    const Order order = Order::parse(message.text);
    for (int attempt = 0; attempt < 2; ++attempt) {
      Zygote* const zygote = zygote_of(order.platform);
      if (zygote == nullptr) {
        Channel(std::move(message.descriptor)).send(packed({Ending::failed, no_process}));
        return;
      }
      if (zygote->orders.send(message.text, message.descriptor.number())) return;
      zygotes_.pop_front();  // it was killed
    }
  }

  // The one used last is the first of the list; the last one goes when there are too many, and
  // ends when its children have. Null: no process can be had.
  Zygote* zygote_of(std::uint32_t platform) {
    for (auto at = zygotes_.begin(); at != zygotes_.end(); ++at) {
      if (at->platform != platform) continue;
      zygotes_.splice(zygotes_.begin(), zygotes_, at);
      return &zygotes_.front();
    }
    if (zygotes_.size() >= most_zygotes) zygotes_.pop_back();
    auto [ours, its] = Channel::pair();
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) std::_Exit(1);
      ours.close();
      orders_.close();
      zygotes_.clear();
      be_zygote(std::move(its), runner_, limits_);
    }
    if (process < 0) return nullptr;
    zygotes_.push_front({platform, std::move(ours)});
    return &zygotes_.front();
  }

  Channel orders_;
  Runner& runner_;
  RunLimits limits_;
  std::list<Zygote> zygotes_;
};

}  // namespace

void serve(Channel orders, Runner& runner, const RunLimits& limits) {
  // A process that has threads must not fork, and reading traces would start some.
  const oneapi::tbb::global_control alone(oneapi::tbb::global_control::max_allowed_parallelism, 1);
  Zygotes(std::move(orders), runner, limits).serve();
}

}  // namespace tokenyard::sweep
