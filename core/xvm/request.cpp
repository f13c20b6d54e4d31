// SPDX-License-Identifier: Apache-2.0
// Request datagram to bytes and back, field by field at fixed places.
#include "core/xvm/request.hpp"

#include <algorithm>

#include "core/base/concat.hpp"
#include "core/base/invariant.hpp"

namespace duet::xvm {

namespace {

// Places of the fields, in bytes. An address has room for 28 (the size of Linux' sockaddr_in6), 4 or 16 are used.
constexpr std::size_t at_operation = 0;
constexpr std::size_t at_hash_type = 1;
constexpr std::size_t at_address_length = 2;
constexpr std::size_t at_flags = 3;
constexpr std::size_t at_domain = 4;
constexpr std::size_t at_address = 68;
constexpr std::size_t at_port = 96;
constexpr std::size_t at_random = 98;
constexpr std::size_t at_seqno = 104;
constexpr std::size_t at_family = 108;
constexpr std::size_t at_mac = 112;
constexpr std::size_t domain_bytes = domain_length_max + 1;
constexpr std::uint8_t flag_uuid = 1;
static_assert(at_mac + sizeof(Block) == request_bytes);
static_assert(at_domain + domain_bytes == at_address);

template <class Unsigned>
void put_le(Datagram& out, std::size_t at, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

Block mac_over(ByteView datagram, HashType type, const Secret& secret) {
  Datagram copy{};
  std::copy_n(datagram.begin(), at_mac, copy.begin());  // the field of the MAC itself counts as zero
  return secret.digest(type, copy);
}

}  // namespace

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::null:
      return "null";
    case Operation::off:
      return "off";
    case Operation::reboot:
      return "reboot";
    case Operation::on:
      return "on";
    case Operation::status:
      return "status";
    case Operation::monitor:
      return "monitor";
    case Operation::list:
      return "list";
  }
  return "unknown";
}

std::string_view to_string(MacVerdict verdict) {
  switch (verdict) {
    case MacVerdict::good:
      return "good";
    case MacVerdict::wrong_size:
      return "wrong size";
    case MacVerdict::unknown_hash:
      return "unknown hash type";
    case MacVerdict::too_weak:
      return "hash too weak";
    case MacVerdict::no_key:
      return "no key here";
    case MacVerdict::mismatch:
      return "wrong key or changed on its way";
  }
  return "unknown";
}

std::optional<Operation> operation_of(const Request& request) {
  if (request.operation > static_cast<std::uint8_t>(Operation::list)) return std::nullopt;
  return static_cast<Operation>(request.operation);
}

Datagram encode_request(const Request& request, const Secret* secret) {
  DUET_INVARIANT(request.domain.size() <= domain_length_max);
  DUET_INVARIANT(request.domain.find('\0') == std::string::npos);
  DUET_INVARIANT(secret != nullptr || request.hash == HashType::none);
  Datagram out{};
  out[at_operation] = request.operation;
  out[at_hash_type] = static_cast<std::uint8_t>(request.hash);
  const std::size_t address_length = byte_length(request.callback.family);
  out[at_address_length] = static_cast<std::uint8_t>(address_length);
  out[at_flags] = request.uuid_flag ? flag_uuid : 0;
  std::copy(request.domain.begin(), request.domain.end(), out.begin() + at_domain);
  std::copy_n(request.callback.bytes.begin(), address_length, out.begin() + at_address);
  put_le(out, at_port, request.port);
  put_le(out, at_seqno, request.seqno);
  put_le(out, at_family, static_cast<std::uint32_t>(request.callback.family));
  if (request.hash != HashType::none) {
    std::copy(request.random.begin(), request.random.end(), out.begin() + at_random);
    const Block mac = mac_over(out, request.hash, *secret);
    std::copy(mac.begin(), mac.end(), out.begin() + at_mac);
  }
  return out;
}

MacVerdict verify_request(ByteView datagram, HashType minimum, const Secret* secret) {
  if (datagram.size() != request_bytes) return MacVerdict::wrong_size;
  if (datagram[at_hash_type] > static_cast<std::uint8_t>(HashType::sha512)) return MacVerdict::unknown_hash;
  const HashType type{datagram[at_hash_type]};
  if (type < minimum) return MacVerdict::too_weak;
  if (type == HashType::none) return MacVerdict::good;
  if (secret == nullptr) return MacVerdict::no_key;
  return equal_constant_time(mac_over(datagram, type, *secret), mac_of(datagram)) ? MacVerdict::good
                                                                                  : MacVerdict::mismatch;
}

Result<Request> decode_request(ByteView datagram) {
  if (datagram.size() != request_bytes) {
    return fail(Errc::malformed, concat("request of ", datagram.size(), " bytes, not ", request_bytes));
  }
  Request request;
  request.operation = datagram[at_operation];
  if (datagram[at_hash_type] > static_cast<std::uint8_t>(HashType::sha512)) {
    return fail(Errc::malformed, concat("unknown hash type ", datagram[at_hash_type]));
  }
  request.hash = HashType{datagram[at_hash_type]};
  request.uuid_flag = (datagram[at_flags] & flag_uuid) != 0;

  const ByteView domain = datagram.subspan(at_domain, domain_bytes);
  const auto end = std::find(domain.begin(), domain.end(), 0);
  if (end == domain.end()) return fail(Errc::malformed, "domain name of more than 63 bytes");
  request.domain.assign(domain.begin(), end);

  ByteReader tail{datagram.subspan(at_port)};
  request.port = tail.get_le<std::uint16_t>();
  const ByteView random = tail.get(request.random.size());
  std::copy(random.begin(), random.end(), request.random.begin());
  request.seqno = tail.get_le<std::uint32_t>();
  const auto family = tail.get_le<std::uint32_t>();
  DUET_INVARIANT(tail.ok());
  if (family != static_cast<std::uint32_t>(Family::ipv4) && family != static_cast<std::uint32_t>(Family::ipv6)) {
    return fail(Errc::malformed, concat("unknown address family ", family));
  }
  if (request.port == 0) return fail(Errc::malformed, "call-back port 0");
  request.callback.family = Family{family};
  std::copy_n(datagram.begin() + at_address, byte_length(request.callback.family), request.callback.bytes.begin());
  return request;
}

Block mac_of(ByteView datagram) {
  DUET_INVARIANT(datagram.size() == request_bytes);
  Block mac{};
  std::copy_n(datagram.begin() + at_mac, mac.size(), mac.begin());
  return mac;
}

}  // namespace duet::xvm
