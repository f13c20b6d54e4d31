// SPDX-License-Identifier: Apache-2.0
// What powering domains needs of a hypervisor, and no more. Calls block; they may be made from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace duet::virt {

/// libvirt's domain states, as they also stand in the host list of the wire.
enum class State : std::uint8_t {
  none = 0,
  running = 1,
  blocked = 2,
  paused = 3,
  shutting_down = 4,
  shut_off = 5,
  crashed = 6,
  suspended = 7,
};
/// "running", "shut off", ...; "state N" for a number that later versions may add.
[[nodiscard]] std::string to_string(State state);

/// A migration that is under way. `unclear`: there may be one, in either direction.
enum class Migration : std::uint8_t { none, outgoing, incoming, unclear };

struct Domain {
  std::size_t host = 0;  ///< which of the configured URIs
  std::string name;
  std::string uuid;
  State state = State::none;
  bool persistent = true;      ///< false: it vanishes when it is switched off
  bool migrated_away = false;  ///< shut off here because it runs somewhere else now
  Migration migration = Migration::none;
};

class Hypervisor {
 public:
  Hypervisor() = default;
  Hypervisor(const Hypervisor&) = delete;
  Hypervisor& operator=(const Hypervisor&) = delete;
  virtual ~Hypervisor() = default;

  /// By UUID if the text is one in its canonical form (any case), else by exact name. Every host is asked; the copy
  /// that is active counts. Errors: not_found, if every host was asked and none knows it; disconnected, if none has it
  /// active and one could not be asked; backend, if it is not clear which one is meant.
  [[nodiscard]] virtual Result<Domain> find(std::string_view name_or_uuid) = 0;
  /// Asks every host again, by UUID; if it is active nowhere, what the host of `domain` says counts. Errors: as find();
  /// not_found is a transient domain that was switched off.
  [[nodiscard]] virtual Result<Domain> look_again(const Domain& domain) = 0;
  /// All domains, each once, sorted by name without case. Error: disconnected, if one host could not be asked.
  [[nodiscard]] virtual Result<std::vector<Domain>> list() = 0;

  /// Pulls the plug, if `wanted` still says so when nothing but that is left to do. Errors: refused if it does not;
  /// not_found, disconnected, backend; whatever it says, look_again() tells what is true.
  [[nodiscard]] virtual Result<void> destroy(const Domain& domain, const std::function<bool()>& wanted) = 0;
  /// Removes the memory that was saved of a domain, if there is any: a start would go on where that boot was.
  [[nodiscard]] virtual Result<void> forget_saved(const Domain& domain) = 0;
  /// Starts a defined domain.
  [[nodiscard]] virtual Result<void> start(const Domain& domain) = 0;
  /// The definition of a running transient domain, to start it again; nobody reads it.
  [[nodiscard]] virtual Result<std::string> definition(const Domain& domain) = 0;
  [[nodiscard]] virtual Result<void> start_from(const Domain& domain, const std::string& definition) = 0;
  /// Asks to end a migration to another host, so that the domain stays here; look_again() tells whether it did.
  [[nodiscard]] virtual Result<void> abort_migration(const Domain& domain) = 0;

  /// Asks every host something small and waits for the answer, which connected() does not. Errors: disconnected,
  /// backend.
  [[nodiscard]] virtual Result<void> ask_all() = 0;

  [[nodiscard]] virtual std::size_t configured() const = 0;
  /// Hosts that answer as far as is known; does not block.
  [[nodiscard]] virtual std::size_t connected() const = 0;
};

/// True for the 36 characters of a UUID, in any case.
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace duet::virt
