// SPDX-License-Identifier: Apache-2.0
// Where duet-execd finds and keeps things. Fixed in an installation; tests give their own.
#pragma once

#include <string>

namespace duet::execd {

struct Settings {
  std::string run_directory = "/run/duet";  ///< root's, 0755; "ops" is made below it with 0700
  std::string socket;                       ///< empty: the listening descriptor comes from systemd
  std::string supervisor = "/usr/libexec/duet/duet-run";
  std::string ocf_directory = "/usr/lib/ocf/resource.d";
  std::string own_fence_directory = "/usr/libexec/duet";  ///< agents of Duet itself stand in for others of their name
  std::string fence_directory = "/usr/sbin";
  std::string init_directory = "/etc/init.d";
  std::string drop_in_directory = "/run/systemd/system";
  std::string client_user = "duet";  ///< besides root
  std::string cgroup = "duet-ops";   ///< name of the directory of cgroups
  bool foreground = false;           ///< log to stderr

  [[nodiscard]] std::string operations() const { return run_directory + "/ops"; }
  /// One file for each resource that was started here and not stopped since: see LastStarts.
  [[nodiscard]] std::string services() const { return run_directory + "/services"; }
};

}  // namespace duet::execd
