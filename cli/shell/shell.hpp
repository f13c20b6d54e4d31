// SPDX-License-Identifier: Apache-2.0
// Shell: what a command has around it - output streams, settings, the connection to duetd. Tests put their own parts
// in.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/shell/failure.hpp"
#include "core/message/ipc.hpp"

namespace duet::cli {

enum class Format : std::uint8_t { text, json, cmd, xml, classic };

/// How to wait for an answer.
struct CallOptions {
  std::optional<Duration> timeout;  ///< absent: the connection's own
  /// Called with each new view while the answer of a change is awaited.
  std::function<void(const ClusterView&)> progress;
};

/// One connection to duetd.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;
  /// Sends and waits for the answer. Errors: not_running (no daemon), not_permitted, disconnected (before the request
  /// was sent), unknown_result (after it), timeout.
  [[nodiscard]] virtual Outcome<IpcReplyBody> call(IpcRequestBody body, const CallOptions& options) = 0;
};

/// Where a stream goes and what it can do.
struct Sink {
  std::function<void(std::string_view)> write;
  bool terminal = false;
  bool color = false;
  int columns = 80;
};

/// Things of the machine that commands ask for; replaced in tests.
struct Machine {
  /// "active/enabled" of a unit, without asking systemd over the bus; `active` is what the caller knows.
  std::function<bool(std::string_view unit)> unit_enabled;
  /// One line from standard input, without its newline; nullopt at the end. `hidden`: a terminal does not show it.
  std::function<std::optional<std::string>(bool hidden)> read_line;
  /// The environment asks for the classic layout of the status.
  bool classic_status = false;
  bool input_is_terminal = false;
  /// May read what the agents read, as keys of fence agents.
  bool root = false;
  /// Sleeps, for polling and countdown lines.
  std::function<void(Duration)> sleep;
  /// Monotonic now.
  std::function<Instant()> now;
  /// Output of a program that only informs (corosync-quorumtool -s); nullopt if it is absent or fails.
  std::function<std::optional<std::string>(const std::string& program, const std::vector<std::string>& arguments)> ask;
};

class AgentCatalog;

class Shell {
 public:
  Shell(Sink out, Sink err, Machine machine, std::unique_ptr<Connection> connection,
        std::unique_ptr<AgentCatalog> agents);
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;
  ~Shell();

  /// Data, on standard output.
  void out(std::string_view text) { out_.write(text); }
  /// Progress, warnings, hints, on standard error; nothing with --quiet.
  void note(std::string_view text);
  /// "Warning: ..." with an optional fix, on standard error; each text once.
  void warn(std::string_view what, std::string_view fix = {});
  void fail(const Failure& failure);

  /// The view of the cluster, asked for once; `refresh` asks again and waits for something newer than the last one.
  [[nodiscard]] Outcome<const ClusterView*> view();
  [[nodiscard]] Outcome<const ClusterView*> refresh(Duration wait);
  [[nodiscard]] Outcome<HistoryReply> history(std::uint32_t count);
  [[nodiscard]] Outcome<AdminReply> change(AdminRequest request, const CallOptions& options = {});
  /// From now on another one answers, as a configuration file; what was asked before is forgotten.
  void connect_to(std::unique_ptr<Connection> connection);
  [[nodiscard]] Machine& machine() { return machine_; }
  [[nodiscard]] AgentCatalog& agents() { return *agents_; }

  [[nodiscard]] bool out_terminal() const { return out_.terminal; }
  [[nodiscard]] bool err_terminal() const { return err_.terminal; }
  [[nodiscard]] bool color() const { return out_.color; }
  /// Writes a line that the next live line replaces; only on a terminal.
  void live(std::string_view line);
  void end_live();

  // settings of this call
  Format format = Format::text;
  bool quiet = false;
  bool verbose = false;
  bool debug = false;
  bool yes = false;
  bool force = false;

 private:
  Outcome<IpcReplyBody> call(IpcRequestBody body, const CallOptions& options = {});
  Sink out_;
  Sink err_;
  Machine machine_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<AgentCatalog> agents_;
  std::optional<ClusterView> view_;
  std::vector<std::string> warned_;
  std::size_t live_width_ = 0;
};

}  // namespace duet::cli
