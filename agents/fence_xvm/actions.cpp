// SPDX-License-Identifier: Apache-2.0
// The actions. Standard output is for results only: managers take every word of a list for the name of a machine.
#include "agents/fence_xvm/actions.hpp"

#include <syslog.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>

#include "agents/fence_xvm/diagnosis.hpp"
#include "agents/fence_xvm/exchange.hpp"
#include "agents/fence_xvm/help.hpp"
#include "agents/fence_xvm/key_file.hpp"
#include "core/base/concat.hpp"
#include "core/base/escape.hpp"

namespace duet::xvm {

namespace {

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
// A refused power action is asked about once more to tell an unknown name from a failure; longer it is not worth.
constexpr unsigned second_look_seconds = 2;

void complain(const std::string& line) {
  std::fputs((line + "\n").c_str(), stderr);
}

void warn(const std::string& line) {
  complain("Warning: " + line);
}

int failed(const Lines& lines) {
  for (const std::string& line : lines) {
    complain(line);
    ::syslog(LOG_ERR, "%s", line.c_str());
  }
  return exit_failed;
}

/// Results must arrive: a list that could not be written whole is a failure.
int print(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? exit_ok : failed({"Operation failed: standard output cannot be written"});
}

void warn_of_weakness(const AgentOptions& options) {
  if (options.hash == HashType::none) warn("hash=none: the request is not signed, anybody could send it");
  if (options.hash == HashType::sha1) warn("hash=sha1 is weak; sha256 is the default");
  if (options.auth == HashType::none) warn("auth=none: whoever calls back is believed");
  if (options.auth == HashType::sha1) warn("auth=sha1 is weak; sha256 is the default");
}

void tell_settings(const AgentOptions& options, const Secret* secret) {
  if (options.debug == 0) return;
  complain(concat("action=", to_string(options.action), " domain=", escape_line(options.domain),
                  " group=", to_text(options.group), " port=", options.port, " callback_port=", options.callback_port,
                  " timeout=", options.timeout, " s retrans=", options.retrans, " x 0.1 s delay=", options.delay,
                  " s hash=", to_string(options.hash), " auth=", to_string(options.auth),
                  " key_file=", escape_line(options.key_file)));
  if (secret != nullptr) {
    complain(concat("key: ", secret->size(), " bytes, fingerprint ", secret->fingerprint()));
  }
}

void pause(const AgentOptions& options) {
  timespec left{.tv_sec = static_cast<time_t>(options.delay), .tv_nsec = 0};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

/// One call of the agent, after its options and key are known to be good.
class Run {
 public:
  Run(const AgentOptions& options, const Secret* secret) : options_{options}, secret_{secret} {}
  [[nodiscard]] int power(Operation operation);
  [[nodiscard]] int status();
  [[nodiscard]] int monitor();
  [[nodiscard]] int list();

 private:
  [[nodiscard]] Outcome ask(const Question& question);
  [[nodiscard]] int no_success(const Outcome& outcome);
  [[nodiscard]] int no_success_of_domain(const Outcome& outcome);

  const AgentOptions& options_;
  const Secret* secret_;
};

Outcome Run::ask(const Question& question) {
  Outcome outcome = exchange(options_, question, secret_);
  for (const std::string& error : outcome.errors) {  // trouble of single addresses, for somebody who looks
    if (options_.debug > 0) complain(escape_line(error));
  }
  return outcome;
}

int Run::no_success(const Outcome& outcome) {
  if (outcome.kind != Outcome::Kind::answered) return failed(explain_no_answer(outcome, options_, secret_));
  failed(explain_answer(outcome, options_));
  return outcome.end.answer == 0 ? exit_failed : outcome.end.answer;
}

bool is(const Outcome& outcome, Answer answer) {
  return outcome.kind == Outcome::Kind::answered && outcome.end.answer == static_cast<std::uint8_t>(answer);
}

int Run::power(Operation operation) {
  const Outcome outcome = ask({operation});
  if (is(outcome, Answer::success)) {
    ::syslog(LOG_NOTICE, "%s of domain \"%s\" done by %s", std::string{to_string(operation)}.c_str(),
             escape_line(options_.domain).c_str(), to_text(outcome.peer).c_str());
    return exit_ok;
  }
  return operation == Operation::null ? no_success(outcome) : no_success_of_domain(outcome);
}

int Run::no_success_of_domain(const Outcome& outcome) {
  if (!is(outcome, Answer::failure)) return no_success(outcome);
  AgentOptions quick = options_;
  quick.timeout = std::min(quick.timeout, second_look_seconds);
  const Outcome listed = exchange(quick, {Operation::list, options_.domain}, secret_);
  if (is(listed, Answer::list_follows) && !knows_domain(listed.end.hosts, options_.domain)) {
    return failed(explain_unknown_domain(options_, listed.end.hosts, listed.peer));
  }
  return no_success(outcome);
}

int Run::status() {
  const Outcome outcome = ask({Operation::status});
  if (is(outcome, Answer::success)) return print("Status: ON\n");
  if (is(outcome, Answer::off)) {
    const int printed = print("Status: OFF\n");
    return printed == exit_ok ? static_cast<int>(Answer::off) : printed;
  }
  return no_success_of_domain(outcome);  // the original host says "off" of a domain that it does not know, ours fails
}

int Run::monitor() {
  const Outcome outcome = ask({Operation::monitor});
  if (!is(outcome, Answer::success)) return no_success(outcome);
  if (options_.domain.empty()) return exit_ok;
  // The host only says that it is there. Whether it has that domain, and shows it to us, is in its list.
  const Outcome listed = ask({Operation::list, options_.domain});
  if (!is(listed, Answer::list_follows)) return no_success(listed);
  if (knows_domain(listed.end.hosts, options_.domain)) return exit_ok;
  return failed(explain_unknown_domain(options_, listed.end.hosts, listed.peer));
}

int Run::list() {
  const Outcome outcome = ask({Operation::list});
  if (!is(outcome, Answer::list_follows)) return no_success(outcome);
  std::string lines;
  for (const HostRecord& host : outcome.end.hosts) lines += host_line(host) + "\n";
  return print(lines);
}

int act(const AgentOptions& options, const Secret* secret) {
  Run run{options, secret};
  switch (options.action) {
    case Action::null:
      pause(options);
      return run.power(Operation::null);
    case Action::on:
      pause(options);
      return run.power(Operation::on);
    case Action::off:
      pause(options);
      return run.power(Operation::off);
    case Action::reboot:
      pause(options);
      return run.power(Operation::reboot);
    case Action::status:
      return run.status();
    case Action::monitor:
      return run.monitor();
    case Action::list:
    case Action::list_status:
      return run.list();
    case Action::metadata:
      return print(metadata());
    case Action::validate_all:
      return exit_ok;
  }
  return exit_failed;
}

}  // namespace

int run(const AgentCall& call) {
  if (call.kind == AgentCall::Kind::help) return print(usage());
  if (call.kind == AgentCall::Kind::version) return print(version());
  ::openlog("fence_xvm", LOG_NDELAY | LOG_PID, LOG_DAEMON);
  for (const std::string& warning : call.warnings) complain(warning);
  if (!call.errors.empty()) {
    failed(call.errors);
    complain("fence_xvm -h lists the options.");
    return exit_failed;
  }
  const AgentOptions& options = call.options;
  if (options.action == Action::metadata) return act(options, nullptr);
  warn_of_weakness(options);
  std::optional<KeyFile> key;
  if (options.needs_key()) {
    auto read = read_key_file(options.key_file);
    if (!read) {  // V32: nothing is sent, nobody is believed
      return failed({read.error().what, "Without the key nothing is sent. Copy it from the host, mode 0600."});
    }
    key = std::move(*read);
    for (const std::string& warning : key->warnings) warn(warning);
  }
  const Secret* const secret = key ? &key->secret : nullptr;
  tell_settings(options, secret);
  return act(options, secret);
}

}  // namespace duet::xvm
