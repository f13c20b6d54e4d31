// SPDX-License-Identifier: Apache-2.0
// The golden vectors of the existing wire format, loaded from tests/golden/xvm.
#pragma once

#include <string>
#include <vector>

#include "core/xvm/request.hpp"

namespace duet::xvm::test {

struct PacketVector {
  std::string name;
  std::string key;      ///< name of the key
  std::string address;  ///< as text
  Request fields;       ///< what the packet says
  Bytes packet;
};

struct Step {
  bool from_agent = false;
  std::string what;  ///< challenge, response, result, ...
  Bytes bytes;
};

struct SessionVector {
  std::string name;
  std::string key;
  HashType auth = HashType::none;
  std::vector<Step> steps;
  int exit_status = -1;  ///< of the original agent; -1 if the session was synthetic
  std::string output;
};

struct AcceptanceVector {
  std::string name;
  Bytes packet;
  bool accepted = false;  ///< by the original host daemon, with key32, minimum sha256
};

struct RecordVector {
  std::string name;
  std::string uuid;
  std::uint8_t state = 0;
  Bytes bytes;
  std::string printed;
};

[[nodiscard]] Bytes from_hex(const std::string& text);
/// Bytes of the key file of that name: key32, key4096, key5000, keytxt, wrong.
[[nodiscard]] Bytes key_file(const std::string& name);
[[nodiscard]] Secret secret(const std::string& name);
[[nodiscard]] std::vector<PacketVector> packets();
[[nodiscard]] std::vector<SessionVector> sessions();
[[nodiscard]] std::vector<AcceptanceVector> acceptance();
[[nodiscard]] std::vector<RecordVector> records();

}  // namespace duet::xvm::test
