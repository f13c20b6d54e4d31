// SPDX-License-Identifier: Apache-2.0
// A cluster without a daemon for tests of the command line: a view that commands read and change, agents that answer
// from a table, streams that are kept.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/message/ipc.hpp"

namespace duet::cli::test {

inline constexpr NodeId server1{1};
inline constexpr NodeId server4{2};

/// What the fake daemon knows and has been told.
struct FakeDaemon {
  ClusterView view;
  HistoryReply history;
  std::vector<AdminRequest> requests;
  std::optional<Error> refuse;     ///< answer of every change
  std::vector<std::string> notes;  ///< of every change
  std::string preview = "Stop VIP server1\nStart VIP server4\n";
  bool down = false;          ///< no daemon is there
  bool lose_changes = false;  ///< the connection ends after a change was sent
  /// Called at each later question for the view: what the cluster did meanwhile.
  std::function<void(ClusterView&)> later;
  int questions = 0;
};

struct Printed {
  int code = 0;
  std::string out;
  std::string err;
};

struct Call {
  bool input_terminal = false;
  bool err_terminal = false;
  bool color = false;
  std::vector<std::string> input = {};          ///< lines on standard input
  std::vector<std::string> enabled_units = {};  ///< enabled at boot
  bool root = false;
  /// What a fence agent answers, by the parameters that it gets; absent: "on".
  std::function<std::pair<int, std::string>(const std::map<std::string, std::string>&)> device = {};
};

/// Runs `duet ARGUMENTS` against the fake daemon.
[[nodiscard]] Printed duet(FakeDaemon& daemon, const std::vector<std::string>& arguments, const Call& call = {});
/// The same from one line; blanks separate, '"' and "'" keep a word together.
[[nodiscard]] Printed duet(FakeDaemon& daemon, const std::string& line, const Call& call = {});
[[nodiscard]] std::vector<std::string> words_of(const std::string& line);

// ---- views ----------------------------------------------------------------------------------------------------------

/// Two nodes joined, nothing configured but the cluster's name.
[[nodiscard]] ClusterView empty_view();
/// The cluster of the tutorial: hagroup (VIP, haproxy) on server1, vmfence proven.
[[nodiscard]] ClusterView tutorial_view();
/// Named states for the golden files of the status.
[[nodiscard]] const std::map<std::string, std::function<ClusterView()>>& states();

/// Puts a resource on a node (running, probed, in its may-run set) and as stopped on the other.
void run_on(ClusterView& view, const ObjectId& id, NodeId node);
void stop_everywhere(ClusterView& view, const ObjectId& id);
[[nodiscard]] FailureRecord failure(Action action, Duration interval, std::int32_t count, std::int32_t exit_code,
                                    const std::string& reason);

}  // namespace duet::cli::test
