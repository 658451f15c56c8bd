// SPDX-License-Identifier: Apache-2.0
#include "sweep/fork_server.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "results/target.hpp"

namespace tokenyard::sweep {
namespace {

constexpr std::chrono::milliseconds moment(100);

std::vector<char*> words(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& word : texts) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Symbols are looked up once, by the fork server, rather than by each of its children; and what
// these write first lies in a few huge pages.
std::vector<std::string> environment() {
  constexpr std::string_view tunables = "GLIBC_TUNABLES=";
  std::vector<std::string> variables{"LD_BIND_NOW=1"};
  std::string own = std::string(tunables) + "glibc.malloc.hugetlb=1";
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (text.starts_with(tunables)) {
      own += ":" + std::string(text.substr(tunables.size()));
    } else {
      variables.emplace_back(text);
    }
  }
  variables.push_back(own);
  return variables;
}

// What a started program begins with: Ctrl-C of the terminal is for the collector alone.
class Beginning {
 public:
  explicit Beginning(int orders) {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t usual;
    ::sigemptyset(&usual);
    ::sigaddset(&usual, SIGINT);
    ::sigaddset(&usual, SIGTERM);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, orders, orders_descriptor);
  }
  ~Beginning() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;

  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* files() const { return &files_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t files_{};
};

}  // namespace

ForkServer::~ForkServer() { end(); }

int ForkServer::end() {
  orders_.close();
  if (process_ <= 0) return 0;
  ::kill(process_, SIGKILL);  // what it started dies with it
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

void ForkServer::start() {
  if (const int code = end(); code != 0) {
    throw results::IoError("the fork server ended with code " + std::to_string(code) +
                           ", for the reason above; the same command goes on from there");
  }
  auto [ours, its] = Channel::pair();
  // dup2 onto the same number would leave it to be closed.
  Descriptor apart(::fcntl(its.number(), F_DUPFD_CLOEXEC, orders_descriptor + 1));
  const Beginning beginning(apart.number());
  std::vector<std::string> variables = environment();
  const int error =
      ::posix_spawn(&process_, command_[0].c_str(), beginning.files(), beginning.attributes(),
                    words(command_).data(), words(variables).data());
  if (error != 0) {
    process_ = -1;
    throw results::IoError(std::string("the fork server cannot be started (") +
                           std::strerror(error) + "); close other programs");
  }
  orders_ = std::move(ours);
}

bool ForkServer::send(const Order& order, const Channel& reply) {
  const std::lock_guard lock(mutex_);
  if (orders_ && orders_.send(order.text(), reply.number())) return true;
  start();
  return orders_.send(order.text(), reply.number());
}

std::optional<Reply> ForkServer::ask(const Order& order, const std::atomic<bool>& give_up) {
  auto [ours, its] = Channel::pair();
  if (!send(order, its)) return {};
  its.close();
  Message message;
  while (!give_up) {
    const Channel::Received received = ours.receive(message, moment);
    if (received == Channel::Received::closed) return {};
    if (received == Channel::Received::message) return unpacked_reply(message.text);
  }
  return {};
}

}  // namespace tokenyard::sweep
