// SPDX-License-Identifier: Apache-2.0
// A message bus with nothing but systemd's manager on it, in the test's own loop: units whose state, jobs and errors
// the test chooses.
#pragma once

#include <systemd/sd-bus.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "platform/loop/loop.hpp"

namespace duet::test {

class FakeSystemd {
 public:
  struct Unit {
    std::string load_state = "loaded";
    std::string active_state = "inactive";
    std::string after_start = "active";  ///< what a start makes of it
    std::string job_result = "done";
    bool has_job = false;
    std::string invocation = "00112233445566778899aabbccddeeff";
  };
  /// Makes itself the system bus of this process.
  explicit FakeSystemd(Loop& loop);
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;
  ~FakeSystemd();

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::size_t calls_of(const std::string& member) const;
  /// As systemd tells that a unit changed by itself.
  void change(const std::string& unit, const std::string& active_state);

  std::map<std::string, Unit> units;
  std::map<std::string, std::deque<std::string>> errors;  ///< by method: names of the errors of its next calls
  std::vector<std::string> calls;

 private:
  void accept();
  void process();
  void answer(sd_bus_message* call);
  void answer_properties(sd_bus_message* call);
  void answer_job(sd_bus_message* call, bool start);
  void tell_end_of_job(const std::string& job, const std::string& unit);
  [[nodiscard]] Unit& unit_of(sd_bus_message* call);

  Loop& loop_;
  std::string directory_;
  UniqueFd listener_;
  FdWatch accepting_;
  sd_bus* bus_ = nullptr;
  FdWatch serving_;
  std::vector<std::string> paths_;  ///< names of units; a unit's path ends in its place here
  bool subscribed_ = false;
  int jobs_ = 0;
};

}  // namespace duet::test
