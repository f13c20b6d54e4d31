// SPDX-License-Identifier: Apache-2.0
// Parsing of the command line of duetd.
#include "daemon/duetd/options.hpp"

#include <getopt.h>

#include <array>

namespace duet {
namespace {

enum Option : int { state_dir = 256, trace, socket_path, exec_socket, version };

constexpr std::array<option, 9> known{{{"foreground", no_argument, nullptr, 'f'},
                                       {"debug", no_argument, nullptr, 'd'},
                                       {"help", no_argument, nullptr, 'h'},
                                       {"version", no_argument, nullptr, Option::version},
                                       {"state-dir", required_argument, nullptr, Option::state_dir},
                                       {"trace", required_argument, nullptr, Option::trace},
                                       {"socket", required_argument, nullptr, Option::socket_path},
                                       {"exec-socket", required_argument, nullptr, Option::exec_socket},
                                       {nullptr, 0, nullptr, 0}}};

}  // namespace

Result<DuetdOptions> parse_duetd_options(int argc, char** argv) {
  DuetdOptions options;
  optind = 0;
  opterr = 0;
  for (;;) {
    const int found = getopt_long(argc, argv, "fdh", known.data(), nullptr);
    if (found == -1) break;
    switch (found) {
      case 'f':
        options.foreground = true;
        break;
      case 'd':
        options.debug = true;
        break;
      case 'h':
        options.show = DuetdOptions::Show::help;
        break;
      case Option::version:
        options.show = DuetdOptions::Show::version;
        break;
      case Option::state_dir:
        options.state_directory = optarg;
        break;
      case Option::trace:
        options.trace_file = optarg;
        break;
      case Option::socket_path:
        options.socket = optarg;
        break;
      case Option::exec_socket:
        options.exec_socket = optarg;
        break;
      default:
        return fail(Errc::invalid_argument, argv[optind > 1 ? optind - 1 : 0], "is no option, or has no value",
                    "duetd --help");
    }
  }
  if (optind < argc) return fail(Errc::invalid_argument, argv[optind], "is no option", "duetd --help");
  return options;
}

const char* duetd_help() {
  return "duetd: decides for one node of a Duet cluster. Started by systemd (duetd.service).\n"
         "\n"
         "  -f, --foreground      log to stderr instead of the system's log\n"
         "  -d, --debug           log everything\n"
         "      --state-dir DIR   where the node keeps its state (/var/lib/duet)\n"
         "      --trace FILE      append what is decided and done as JSON lines, for the checkers\n"
         "      --socket PATH     listen here instead of on the descriptor of the socket unit\n"
         "      --exec-socket P   where duet-execd listens (/run/duet/execd.sock)\n"
         "  -h, --help            this text\n"
         "      --version         the version\n"
         "\n"
         "Signals: TERM leaves the cluster cleanly and ends; USR1 writes the recent log to the state directory.\n";
}

}  // namespace duet
