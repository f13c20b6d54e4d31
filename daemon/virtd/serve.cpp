// SPDX-License-Identifier: Apache-2.0
// The order matters: configuration, helper (before the key is read: it does not get it), key, sockets and files as
// root, then root goes, and only then the first foreign byte is read.
#include "daemon/virtd/serve.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "daemon/virtd/files.hpp"
#include "daemon/virtd/helper.hpp"
#include "daemon/virtd/host.hpp"
#include "daemon/virtd/order_channel.hpp"
#include "daemon/virtd/privileges.hpp"
#include "platform/ipc/listen.hpp"
#include "platform/log/log.hpp"

namespace duet::virtd {

namespace {

constexpr int exit_failed = 1;
constexpr int exit_configuration = 78;  ///< EX_CONFIG; systemd does not try again
constexpr Duration backend_limit = 5s;  ///< without -w

/// Where whoever started the daemon looks: before it serves in the background, stderr is still his terminal.
enum class Tell { stderr_only, log_only, both };

int refuse(const Error& error, Tell where) {
  std::string line = error.what + (error.why.empty() ? "" : ": " + error.why);
  if (!error.fix.empty()) line += " (" + error.fix + ")";
  if (where != Tell::stderr_only) log::write(log::Level::error, line);
  if (where != Tell::log_only) static_cast<void>(std::fprintf(stderr, "duet-virtd: %s\n", line.c_str()));
  const bool passes = error.code == Errc::busy || error.code == Errc::backend || error.code == Errc::disconnected ||
                      error.code == Errc::storage;
  return passes ? exit_failed : exit_configuration;
}

/// The process that was called waits until the other one serves, or has failed: its exit code is the answer. The
/// original says 0 whatever comes.
class Background {
 public:
  /// True in the process that is to serve. The caller of the other one exits with `code`.
  bool enter(int& code) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return true;
    UniqueFd reader{ends[0]};
    UniqueFd writer{ends[1]};
    const pid_t child = fork();
    if (child > 0) {
      writer.reset();
      char byte = 0;
      code = read(reader.get(), &byte, 1) == 1 ? byte : exit_failed;
      return false;
    }
    setsid();
    told_ = std::move(writer);
    return true;
  }
  void tell(int code) {
    if (!told_) return;
    const char byte = static_cast<char>(code);
    // If the other one was killed, nobody waits.
    if (write(told_.get(), &byte, 1) != 1) log::write(log::Level::warning, "nobody waits for the start");
    told_.reset();
    const UniqueFd null{open("/dev/null", O_RDWR | O_CLOEXEC)};
    for (int fd = 0; fd < 3; ++fd) dup2(null.get(), fd);
  }

 private:
  UniqueFd told_;
};

/// Tells systemd twice per WatchdogSec that the loop turns.
class Watchdog {
 public:
  explicit Watchdog(Loop& loop) : timer_{loop, [this] { tell(); }} {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) return;
    interval_ = std::chrono::microseconds{microseconds} / 2;
    tell();
  }

 private:
  void tell() {
    sd_notify(0, "WATCHDOG=1");
    timer_.arm_in(interval_);
  }
  Duration interval_{0};
  Timer timer_;
};

struct Prepared {
  fencehost::HostConfig config;
  std::optional<xvm::Secret> secret;
  std::string description;
  UniqueFd pid_file;
};

/// Everything that needs root, except the helper.
Result<HostParts> open_parts(const Options& options, Prepared& prepared, UniqueFd helper) {
  fencehost::HostConfig& config = prepared.config;
  auto secret = read_key_file(config.key_file, config.warnings);
  if (secret) prepared.secret = std::move(*secret);
  if (!secret) {
    // "none" twice is an explicit choice; everything else needs a key, and never falls back to having none (X1).
    if (config.least_hash != xvm::HashType::none || config.auth != xvm::HashType::none) {
      return tl::unexpected{secret.error()};
    }
    config.warnings.push_back(secret.error().what + ": " + secret.error().why + "; only unsigned requests are served");
  }
  const auto group = net::IpAddress::parse(xvm::to_text(config.group));
  if (!group) return tl::unexpected{group.error()};
  auto listener = net::MulticastListener::open({*group, config.port, config.interface});
  if (!listener) return tl::unexpected{listener.error()};
  if (auto made = make_directory(options.state_directory, 0700); !made) return tl::unexpected{made.error()};
  // Tells keys apart, and is no key: the memory of one key is of no use under another.
  const xvm::Block mark =
      prepared.secret ? prepared.secret->digest(xvm::HashType::sha256, as_bytes("replay memory")) : xvm::Block{};
  auto replay = ReplayFile::open(options.state_directory + "/replay", mark);
  if (!replay) return tl::unexpected{replay.error()};
  if (auto made = make_directory(options.run_directory, 0755); !made) return tl::unexpected{made.error()};
  auto status = ipc::listen_on_path(options.run_directory + "/status", 0600);
  if (!status) return tl::unexpected{status.error()};
  prepared.description = group->to_string() + " port " + std::to_string(config.port) +
                         (config.interface.empty() ? "" : " on " + config.interface);
  return HostParts{std::move(*listener), std::move(*replay), std::move(helper), std::move(*status),
                   prepared.description};
}

int run_host(const Options& options, Prepared& prepared, HostParts parts, Background& background) {
  const Tell tell = options.foreground ? Tell::log_only : Tell::both;
  const fencehost::Permissions permissions{prepared.config.groups};
  const fencehost::HostRules rules{prepared.config.least_hash, prepared.config.auth,
                                   prepared.secret ? &*prepared.secret : nullptr};
  auto loop = Loop::create();
  if (!loop) return refuse(loop.error(), tell);
  auto host = Host::create(**loop, std::move(parts), rules, permissions);
  if (!host) return refuse(host.error(), tell);
  const auto stop = [&host] { (*host)->stop(); };
  std::vector<SignalWatch> signals;
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
    auto watch = (*loop)->watch_signal(number, stop);
    if (!watch) return refuse(watch.error(), tell);
    signals.push_back(std::move(*watch));
  }
  if (!options.wait_for_init && !prepared.config.wait_for_init) {
    // In steps: the loop gives no sign of the helper's first word.
    for (Duration waited{0}; waited < backend_limit && (*host)->backend().connected == 0; waited += 50ms) {
      (*loop)->run_for(50ms);
      if ((*host)->exit_code() != 0) return exit_failed;
      if ((*host)->stopping()) break;
    }
    if ((*host)->backend().connected == 0 && !(*host)->stopping()) {
      return refuse({Errc::disconnected, "no hypervisor is connected", "see the lines above",
                     "with -w the daemon starts and waits for it"},
                    tell);
    }
  }
  for (const std::string& warning : prepared.config.warnings) log::write(log::Level::warning, warning);
  background.tell(0);
  const Watchdog watchdog{**loop};
  sd_notify(0, "READY=1");
  if (!(*host)->ended()) (*loop)->run();
  sd_notify(0, "STOPPING=1");
  return (*host)->exit_code();
}

int serve_here(const Options& options, Prepared& prepared, Background& background) {
  auto channel = make_channel();
  if (!channel) return refuse(channel.error(), Tell::stderr_only);
  HelperSettings helper{prepared.config.uris,
                        fencehost::Permissions{prepared.config.groups},
                        !options.foreground,
                        options.helper_user,
                        {}};
  helper.remove_at_end.push_back(options.run_directory + "/status");
  const std::string pid_file =
      options.pid_file.empty() && !options.foreground ? "/run/duet-virtd.pid" : options.pid_file;
  if (!pid_file.empty()) {
    auto taken = write_pid_file(pid_file);
    if (!taken) return refuse(taken.error(), Tell::stderr_only);
    prepared.pid_file = std::move(*taken);
    helper.remove_at_end.push_back(pid_file);
  }
  const pid_t child = fork();
  if (child < 0) return refuse({Errc::backend, "the helper cannot be started", "fork failed"}, Tell::stderr_only);
  if (child == 0) {
    channel->parser.reset();
    prepared.pid_file.reset();  // the lock goes with the daemon
    return run_helper(std::move(channel->helper), helper);
  }
  channel->helper.reset();
  log::Options log_options;
  log_options.program = "duet-virtd";
  // Started by systemd (-F, Type=notify) it has the journal, with a level for each line.
  log_options.foreground = options.foreground && std::getenv("NOTIFY_SOCKET") == nullptr;
  const int debug = options.debug.value_or(prepared.config.debug);
  log_options.least = debug > 0 ? log::Level::debug : log::Level::info;
  log::open(log_options);
  const Tell tell = options.foreground ? Tell::log_only : Tell::both;
  const bool root = geteuid() == 0;
  auto parts = open_parts(options, prepared, std::move(channel->parser));
  if (!parts) return refuse(parts.error(), tell);
  if (root) {
    if (auto dropped = become(options.user); !dropped) return refuse(dropped.error(), tell);
  } else {
    log::write(log::Level::warning, "not started as root: both processes run as the caller, nothing is kept apart");
  }
  return run_host(options, prepared, std::move(*parts), background);
}

}  // namespace

int serve(const Options& options) {
  const auto root = read_conf_file(options.conf_file);
  if (!root) return refuse(root.error(), Tell::stderr_only);
  auto config = read_host_config(*root);
  if (!config) return refuse(config.error(), Tell::stderr_only);
  Options effective = options;
  effective.foreground = options.foreground || config->foreground;
  Prepared prepared{std::move(*config), std::nullopt, {}, {}};
  Background background;
  int code = 0;
  if (!effective.foreground && !background.enter(code)) return code;
  code = serve_here(effective, prepared, background);
  background.tell(code);
  log::close();
  return code;
}

}  // namespace duet::virtd
