// SPDX-License-Identifier: Apache-2.0
// getopt_long(3); nothing is printed here.
#include "daemon/virtd/options.hpp"

#include <getopt.h>

#include <charconv>
#include <string_view>

namespace duet::virtd {

const char* const usage_text =
    "Usage: duet-virtd [options]\n"
    "Powers libvirt domains on and off for the fence agents of their cluster (fence_xvm).\n"
    "  -f FILE   configuration, instead of /etc/fence_virt.conf\n"
    "  -F        stay in the foreground, log to stderr\n"
    "  -d N      debug level\n"
    "  -w        wait for libvirt instead of failing when it is not there\n"
    "  -p FILE   pid file, instead of /run/duet-virtd.pid\n"
    "  -c        ask questions and write the configuration\n"
    "  -l        list listeners and back ends\n"
    "  -V, -h    version, this help\n"
    "  --check   look for what is wrong: configuration, key, interface, multicast, libvirt\n"
    "  --status  what the running daemon has done\n"
    "  --user NAME, --helper-user NAME      users of the two processes; the helper stays root without a name\n"
    "  --state-directory PATH, --run-directory PATH\n";

namespace {

enum Long : int { check = 256, status, user, helper_user, state_directory, run_directory, help, version };

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// False: the option is not known, or its value is not valid.
bool take(int found, const char* value, Options& options) {
  switch (found) {
    case 'f':
      options.conf_file = value;
      return true;
    case 'F':
      options.foreground = true;
      return true;
    case 'd':
      options.debug = number(value);
      return options.debug.has_value();
    case 'w':
      options.wait_for_init = true;
      return true;
    case 'p':
      options.pid_file = value;
      return true;
    case 'c':
      options.job = Job::configure;
      return true;
    case 'l':
      options.job = Job::list_plugins;
      return true;
    case 'V':
    case version:
      options.job = Job::version;
      return true;
    case 'h':
    case help:
      options.job = Job::help;
      return true;
    case check:
      options.job = Job::check;
      return true;
    case status:
      options.job = Job::show_status;
      return true;
    case user:
      options.user = value;
      return true;
    case helper_user:
      options.helper_user = value;
      return true;
    case state_directory:
      options.state_directory = value;
      return true;
    case run_directory:
      options.run_directory = value;
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<Options> read_options(int argc, char** argv) {
  const option longs[] = {{"check", no_argument, nullptr, check},
                          {"status", no_argument, nullptr, status},
                          {"user", required_argument, nullptr, user},
                          {"helper-user", required_argument, nullptr, helper_user},
                          {"state-directory", required_argument, nullptr, state_directory},
                          {"run-directory", required_argument, nullptr, run_directory},
                          {"help", no_argument, nullptr, help},
                          {"version", no_argument, nullptr, version},
                          {nullptr, 0, nullptr, 0}};
  Options options;
  opterr = 0;
  optind = 0;
  for (int found = 0; (found = getopt_long(argc, argv, ":f:Fd:wp:clVh", longs, nullptr)) != -1;) {
    const int at = optind > 0 ? optind - 1 : 0;
    if (!take(found, optarg, options)) {
      return fail(Errc::invalid_argument, std::string{"option "} + (at < argc ? argv[at] : ""),
                  found == ':' ? "its value is missing" : "it is unknown or its value is not valid", "duet-virtd -h");
    }
  }
  if (optind < argc) return fail(Errc::invalid_argument, argv[optind], "is no option", "duet-virtd -h");
  return options;
}

}  // namespace duet::virtd
