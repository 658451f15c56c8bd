// SPDX-License-Identifier: Apache-2.0
#include "sweep/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "results/target.hpp"

namespace tokenyard::sweep {
namespace {

constexpr std::size_t room_for_one = CMSG_SPACE(sizeof(int));

// The descriptor that came with a message.
Descriptor passed(msghdr& header) {
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
    int number = -1;
    std::memcpy(&number, CMSG_DATA(at), sizeof number);
    return Descriptor(number);
  }
  return {};
}

void pass(msghdr& header, int descriptor, char* room) {
  header.msg_control = room;
  header.msg_controllen = room_for_one;
  cmsghdr* first = CMSG_FIRSTHDR(&header);
  first->cmsg_level = SOL_SOCKET;
  first->cmsg_type = SCM_RIGHTS;
  first->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(first), &descriptor, sizeof descriptor);
}

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

std::pair<Channel, Channel> Channel::pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw results::IoError(std::string("cannot make a socket (") + std::strerror(errno) +
                           "); close other programs, or run fewer at a time with --jobs");
  }
  return {Channel(Descriptor(ends[0])), Channel(Descriptor(ends[1]))};
}

bool Channel::send(const std::string& text, int descriptor) {
  iovec part{const_cast<char*>(text.data()), std::min(text.size(), Message::most_bytes)};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char room[room_for_one] = {};
  if (descriptor >= 0) pass(header, descriptor, room);
  for (;;) {
    const ssize_t size = ::sendmsg(number(), &header, MSG_NOSIGNAL);
    if (size >= 0) return true;
    if (errno != EINTR) return false;
  }
}

Channel::Received Channel::receive(Message& message, std::chrono::milliseconds wait) {
  pollfd end{number(), POLLIN, 0};
  if (::poll(&end, 1, static_cast<int>(wait.count())) <= 0) return Received::nothing_yet;
  message.text.resize(Message::most_bytes);
  iovec part{message.text.data(), message.text.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char room[room_for_one] = {};
  header.msg_control = room;
  header.msg_controllen = sizeof room;
  const ssize_t size = ::recvmsg(number(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return Received::nothing_yet;
  message.text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  if (size <= 0) return Received::closed;
  message.descriptor = passed(header);
  return Received::message;
}

}  // namespace tokenyard::sweep
