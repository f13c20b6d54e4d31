// SPDX-License-Identifier: Apache-2.0
// The administrator: valid and invalid requests on either node, at any time; truthful when he confirms that a node is
// off. Every question and every answer goes to the trace.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/message/admin.hpp"
#include "tests/sim/rng.hpp"

namespace duet::sim {

class World;

class SimAdmin {
 public:
  explicit SimAdmin(World& world) : world_{world} {}

  /// A request drawn from its own stream, to the duetd of this node (nothing if it does not run).
  void random_step(int node, std::uint64_t salt);
  /// A request in words (command_request()), to the duetd of this node.
  void command(int node, const std::string& words);
  /// Returns the client number, 0 if there is no daemon to ask.
  std::uint64_t send(int node, AdminRequest request, const std::string& what, const std::string& target);
  /// Asks and lets the world run until the answer or for `patience`; nullopt = no answer, or unknown.
  std::optional<AdminReply> ask(int node, AdminRequest request, const std::string& what, const std::string& target,
                                Duration patience);

  // -- from the daemons
  void answered(int node, std::uint64_t client, const AdminReply& reply);
  void daemon_ended(int node);

 private:
  struct Open {
    int node = 0;
    std::string what;
  };
  void respond(int node, std::uint64_t client, const std::string& what, const std::string& result,
               const AdminReply& reply);

  World& world_;
  std::uint64_t clients_ = 0;
  std::map<std::uint64_t, Open> open_;
  std::map<std::uint64_t, std::optional<AdminReply>> watched_;
};

}  // namespace duet::sim
