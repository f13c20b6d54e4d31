// SPDX-License-Identifier: Apache-2.0
// Netlink messages and the request socket; layout as in netlink(7).
#include "platform/net/netlink.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace duet::net {

namespace {

constexpr std::size_t header_size = sizeof(nlmsghdr);
constexpr std::size_t attribute_header = sizeof(nlattr);
/// The kernel fills dump datagrams up to 32 KiB and never more (netlink_dump()).
constexpr std::size_t receive_size = 32 * 1024;
constexpr int dump_attempts = 5;

constexpr std::size_t aligned(std::size_t size) {
  return (size + 3U) & ~std::size_t{3};
}

template <class T>
T read_struct(ByteView data) {
  T value{};
  std::memcpy(&value, data.data(), sizeof value);
  return value;
}

Error kernel_error(std::string_view what, int code) {
  Errc kind = Errc::backend;
  if (code == EEXIST) kind = Errc::exists;
  if (code == EADDRNOTAVAIL || code == ENODEV) kind = Errc::not_found;
  if (code == EPERM || code == EACCES) kind = Errc::not_permitted;
  if (code == EINVAL) kind = Errc::invalid_argument;
  return Error{kind, std::string{what}, std::strerror(code)};
}

/// errno of an NLMSG_ERROR message; 0 is success. Nothing if it is too short.
std::optional<int> verdict(const NetlinkView& message) {
  if (message.payload.size() < sizeof(nlmsgerr)) return std::nullopt;
  return -read_struct<nlmsgerr>(message.payload).error;
}

}  // namespace

NetlinkMessage::NetlinkMessage(std::uint16_t type, std::uint16_t flags, ByteView body) : bytes_(header_size) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  std::memcpy(bytes_.data(), &header, sizeof header);
  bytes_.insert(bytes_.end(), body.begin(), body.end());
  pad();
}

void NetlinkMessage::attribute(std::uint16_t type, ByteView value) {
  nlattr header{};
  header.nla_len = static_cast<std::uint16_t>(attribute_header + value.size());
  header.nla_type = type;
  const std::size_t at = bytes_.size();
  bytes_.resize(at + attribute_header);
  std::memcpy(bytes_.data() + at, &header, sizeof header);
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  pad();
}

void NetlinkMessage::attribute(std::uint16_t type, std::uint32_t value) {
  attribute(type, ByteView{reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
}

void NetlinkMessage::attribute(std::uint16_t type, std::string_view text) {
  const std::string terminated{text};
  attribute(type, ByteView{reinterpret_cast<const std::uint8_t*>(terminated.c_str()), terminated.size() + 1});
}

ByteView NetlinkMessage::finish(std::uint32_t sequence) {
  auto header = read_struct<nlmsghdr>(bytes_);
  header.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
  header.nlmsg_seq = sequence;
  std::memcpy(bytes_.data(), &header, sizeof header);
  return bytes_;
}

void NetlinkMessage::pad() {
  bytes_.resize(aligned(bytes_.size()));
}

std::optional<std::vector<NetlinkView>> split_messages(ByteView datagram) {
  std::vector<NetlinkView> messages;
  while (!datagram.empty()) {
    if (datagram.size() < header_size) return std::nullopt;
    const auto header = read_struct<nlmsghdr>(datagram);
    if (header.nlmsg_len < header_size || header.nlmsg_len > datagram.size()) return std::nullopt;
    messages.push_back({header.nlmsg_type, header.nlmsg_flags, header.nlmsg_seq,
                        datagram.subspan(header_size, header.nlmsg_len - header_size)});
    datagram = datagram.subspan(std::min(aligned(header.nlmsg_len), datagram.size()));
  }
  return messages;
}

std::optional<std::vector<NetlinkAttribute>> split_attributes(ByteView data) {
  std::vector<NetlinkAttribute> attributes;
  while (!data.empty()) {
    if (data.size() < attribute_header) return std::nullopt;
    const auto header = read_struct<nlattr>(data);
    if (header.nla_len < attribute_header || header.nla_len > data.size()) return std::nullopt;
    attributes.push_back({static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
                          data.subspan(attribute_header, header.nla_len - attribute_header)});
    data = data.subspan(std::min(aligned(header.nla_len), data.size()));
  }
  return attributes;
}

Result<Received> recv_datagram(int fd, Bytes& buffer) {
  buffer.resize(receive_size);
  sockaddr_nl sender{};
  iovec part{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ssize_t size = 0;
  do {
    size = recvmsg(fd, &message, 0);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Received::nothing;
    if (errno == ENOBUFS) return Received::overflow;
    return fail(Errc::backend, "netlink: recvmsg", std::strerror(errno));
  }
  buffer.resize(static_cast<std::size_t>(size));
  // Any process may send to our socket; only the kernel has port 0.
  if (sender.nl_pid != 0) return Received::foreign;
  if ((message.msg_flags & MSG_TRUNC) != 0) return Received::overflow;
  return Received::datagram;
}

NetlinkSocket::NetlinkSocket(UniqueFd fd) : fd_{std::move(fd)} {}

Result<NetlinkSocket> NetlinkSocket::open() {
  UniqueFd fd{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (fd.get() < 0) return fail(Errc::backend, "netlink: socket", std::strerror(errno));
  const timeval limit{2, 0};
  if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) {
    return fail(Errc::backend, "netlink: SO_RCVTIMEO", std::strerror(errno));
  }
  return NetlinkSocket{std::move(fd)};
}

Result<void> NetlinkSocket::send(NetlinkMessage& message, std::string_view what) {
  const ByteView bytes = message.finish(++sequence_);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent =
      sendto(fd_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  if (sent < 0) return tl::unexpected{kernel_error(what, errno)};
  return {};
}

Result<std::vector<NetlinkView>> NetlinkSocket::receive(std::string_view what) {
  while (true) {
    const auto received = recv_datagram(fd_.get(), buffer_);
    if (!received) return tl::unexpected{received.error()};
    switch (*received) {
      case Received::foreign:
        continue;
      case Received::nothing:
        return fail(Errc::timeout, std::string{what}, "the kernel did not answer within 2 s");
      case Received::overflow:
        return fail(Errc::backend, std::string{what}, "the kernel's answer did not fit the buffer");
      case Received::datagram:
        break;
    }
    auto messages = split_messages(buffer_);
    if (!messages) return fail(Errc::malformed, std::string{what}, "netlink answer with a wrong length");
    // Answers to an earlier request that was given up are not ours.
    std::erase_if(*messages, [this](const NetlinkView& view) { return view.sequence != sequence_; });
    if (!messages->empty()) return std::move(*messages);
  }
}

Result<void> NetlinkSocket::execute(NetlinkMessage& message, std::string_view what) {
  if (auto sent = send(message, what); !sent) return sent;
  while (true) {
    const auto messages = receive(what);
    if (!messages) return tl::unexpected{messages.error()};
    for (const NetlinkView& view : *messages) {
      if (view.type != NLMSG_ERROR) continue;
      const auto code = verdict(view);
      if (!code) return fail(Errc::malformed, std::string{what}, "short netlink acknowledgement");
      if (*code != 0) return tl::unexpected{kernel_error(what, *code)};
      return {};
    }
  }
}

Result<void> NetlinkSocket::dump(NetlinkMessage& message, std::string_view what, const std::function<void()>& begin,
                                 const std::function<void(const NetlinkView&)>& each) {
  for (int attempt = 0; attempt < dump_attempts; ++attempt) {
    begin();
    if (auto sent = send(message, what); !sent) return sent;
    const auto end = read_dump(what, each);
    if (!end) return tl::unexpected{end.error()};
    if (*end == DumpEnd::complete) return {};
  }
  return fail(Errc::try_again, std::string{what}, "the tables changed during each attempt to read them");
}

Result<NetlinkSocket::DumpEnd> NetlinkSocket::read_dump(std::string_view what,
                                                        const std::function<void(const NetlinkView&)>& each) {
  DumpEnd end = DumpEnd::complete;
  while (true) {
    const auto messages = receive(what);
    if (!messages) return tl::unexpected{messages.error()};
    for (const NetlinkView& view : *messages) {
      if ((view.flags & NLM_F_DUMP_INTR) != 0) end = DumpEnd::interrupted;
      if (view.type == NLMSG_DONE) {
        // A dump that failed half-way ends with its errno.
        const int code = view.payload.size() < sizeof(int) ? 0 : -read_struct<int>(view.payload);
        if (code > 0) return tl::unexpected{kernel_error(what, code)};
        return end;
      }
      if (view.type == NLMSG_ERROR) return tl::unexpected{kernel_error(what, verdict(view).value_or(EBADMSG))};
      each(view);
    }
  }
}

}  // namespace duet::net
