// SPDX-License-Identifier: Apache-2.0
// duet-execd: carries out the typed orders of duetd as root: agents, systemd units, fence agents, self-fence. It
// decides nothing and opens no network socket.
#include <getopt.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <optional>

#include "daemon/execd/service.hpp"
#include "daemon/execd/settings.hpp"
#include "platform/log/log.hpp"
#include "platform/loop/loop.hpp"

namespace {

using duet::execd::Settings;

constexpr const char* usage =
    "Usage: duet-execd [options]\n"
    "Runs resource agents, units and fence agents for duetd. Started by systemd; the options are for tests.\n"
    "  --foreground             log to stderr\n"
    "  --socket PATH            listen there instead of on systemd's descriptor\n"
    "  --run-directory PATH     instead of /run/duet\n"
    "  --supervisor PATH        instead of /usr/libexec/duet/duet-run\n"
    "  --ocf-directory PATH     instead of /usr/lib/ocf/resource.d\n"
    "  --own-fence-directory PATH  instead of /usr/libexec/duet; looked into before the next one\n"
    "  --fence-directory PATH   instead of /usr/sbin\n"
    "  --init-directory PATH    instead of /etc/init.d\n"
    "  --cgroup NAME            name of the directory of cgroups, instead of duet-ops\n"
    "  --client-user NAME       who may give orders besides root, instead of duet\n";

std::optional<Settings> parse(int argc, char** argv) {
  Settings settings;
  const option options[] = {{"foreground", no_argument, nullptr, 'f'},
                            {"socket", required_argument, nullptr, 's'},
                            {"run-directory", required_argument, nullptr, 'r'},
                            {"supervisor", required_argument, nullptr, 'v'},
                            {"ocf-directory", required_argument, nullptr, 'o'},
                            {"fence-directory", required_argument, nullptr, 'n'},
                            {"init-directory", required_argument, nullptr, 'i'},
                            {"cgroup", required_argument, nullptr, 'c'},
                            {"client-user", required_argument, nullptr, 'u'},
                            {"own-fence-directory", required_argument, nullptr, 'x'},
                            {nullptr, 0, nullptr, 0}};
  for (int found = 0; (found = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    switch (found) {
      case 'f':
        settings.foreground = true;
        break;
      case 's':
        settings.socket = optarg;
        break;
      case 'r':
        settings.run_directory = optarg;
        break;
      case 'v':
        settings.supervisor = optarg;
        break;
      case 'o':
        settings.ocf_directory = optarg;
        break;
      case 'n':
        settings.fence_directory = optarg;
        break;
      case 'x':
        settings.own_fence_directory = optarg;
        break;
      case 'i':
        settings.init_directory = optarg;
        break;
      case 'c':
        settings.cgroup = optarg;
        break;
      case 'u':
        settings.client_user = optarg;
        break;
      default:
        return std::nullopt;
    }
  }
  return optind == argc ? std::optional{settings} : std::nullopt;
}

/// Tells systemd twice per WatchdogSec that the loop turns.
class Watchdog {
 public:
  explicit Watchdog(duet::Loop& loop) : timer_{loop, [this] { tell(); }} {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(1, &microseconds) <= 0) return;
    interval_ = std::chrono::microseconds{microseconds} / 2;
    tell();
  }

 private:
  void tell() {
    sd_notify(0, "WATCHDOG=1");
    timer_.arm_in(interval_);
  }
  duet::Duration interval_{0};
  duet::Timer timer_;
};

int serve(const Settings& settings) {
  auto loop = duet::Loop::create();
  if (!loop) {
    duet::log::write(duet::log::Level::error, loop.error().what);
    return 1;
  }
  const auto stop = [&loop] { (*loop)->stop(); };
  const auto on_term = (*loop)->watch_signal(SIGTERM, stop);
  const auto on_int = (*loop)->watch_signal(SIGINT, stop);
  auto service = duet::execd::Service::create(**loop, settings);
  if (!on_term || !on_int || !service) {
    const duet::Error& error = !on_term ? on_term.error() : (!on_int ? on_int.error() : service.error());
    duet::log::write(duet::log::Level::error, error.what + (error.why.empty() ? "" : ": " + error.why));
    return 1;
  }
  const Watchdog watchdog{**loop};
  sd_notify(0, "READY=1");
  (*loop)->run();
  sd_notify(0, "STOPPING=1");
  // Agents and their supervisors go on; the next process takes them up.
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  const auto settings = parse(argc, argv);
  if (!settings) {
    std::fputs(usage, stderr);
    return 64;
  }
  duet::log::Options log_options;
  log_options.program = "duet-execd";
  log_options.foreground = settings->foreground;
  duet::log::open(log_options);
  const int code = serve(*settings);
  duet::log::close();
  return code;
}
