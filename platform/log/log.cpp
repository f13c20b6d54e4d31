// SPDX-License-Identifier: Apache-2.0
// Targets of libqb's log and their filters.
#include "platform/log/log.hpp"

#include <qb/qbdefs.h>
#include <qb/qblog.h>

#include <cstdio>

#include "core/base/escape.hpp"
#include "core/base/invariant.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/rate_limit.hpp"

namespace duet::log {
namespace {

/// libqb's longest line; ours are cut before it cuts them.
constexpr int longest_line = 4000;
constexpr int blackbox_bytes = 64 * 1024;

struct State {
  Options options;
  RateLimit limit{100, 10s};
  bool open = false;
};

State& state() {
  static State only;
  return only;
}

std::uint8_t priority(Level level) {
  switch (level) {
    case Level::debug:
      return LOG_DEBUG;
    case Level::info:
      return LOG_INFO;
    case Level::notice:
      return LOG_NOTICE;
    case Level::warning:
      return LOG_WARNING;
    case Level::error:
      return LOG_ERR;
  }
  return LOG_ERR;
}

void enable(std::int32_t target, std::uint8_t least) {
  qb_log_filter_ctl(target, QB_LOG_FILTER_CLEAR_ALL, QB_LOG_FILTER_FILE, "*", LOG_TRACE);
  // Only our own lines: what libqb logs about itself names neither event nor reason. Its warnings do count.
  qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "duet", least);
  qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*", LOG_WARNING);
  qb_log_ctl(target, QB_LOG_CONF_MAX_LINE_LEN, longest_line + 64);
  qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE);
}

void put(Level level, std::string_view text, const std::string& suffix) {
  const std::string line = escape_line(text, longest_line) + suffix;
  // The place is the same for all lines: libqb keeps one record per place and priority for ever.
  qb_log_from_external_source("duet", "duet", "%s", priority(level), static_cast<std::uint32_t>(level), 0,
                              line.c_str());
}

}  // namespace

void open(const Options& options) {
  State& log = state();
  log.options = options;
  qb_log_init(log.options.program.c_str(), LOG_DAEMON, LOG_EMERG);
  qb_log_ctl(QB_LOG_SYSLOG, QB_LOG_CONF_ENABLED, QB_FALSE);
  const std::uint8_t least = priority(options.least);
  if (options.foreground) {
    qb_log_format_set(QB_LOG_STDERR, "%T %p %b");
    enable(QB_LOG_STDERR, least);
  } else {
    qb_log_format_set(QB_LOG_SYSLOG, "%b");
    enable(QB_LOG_SYSLOG, least);
    // Last: changing a threaded target takes a lock that exists only once the thread runs.
    qb_log_ctl(QB_LOG_SYSLOG, QB_LOG_CONF_THREADED, QB_TRUE);
    qb_log_thread_start();
  }
  if (!options.blackbox_directory.empty()) {
    qb_log_ctl(QB_LOG_BLACKBOX, QB_LOG_CONF_SIZE, blackbox_bytes);
    enable(QB_LOG_BLACKBOX, LOG_DEBUG);
  }
  log.open = true;
  set_invariant_hook(&dump_blackbox);
}

void close() {
  set_invariant_hook(nullptr);
  state().open = false;
  qb_log_fini();
}

void write(Level level, std::string_view text) {
  State& log = state();
  if (!log.open) return;
  const auto left_out = log.limit.admit(RateLimit::reason_of(text), boot_now());
  if (!left_out) return;
  put(level, text, *left_out > 0 ? " [" + std::to_string(*left_out) + " like this left out]" : "");
}

void audit(std::string_view text) {
  if (state().open) put(Level::notice, text, "");
}

void dump_blackbox() {
  const Options& options = state().options;
  if (!state().open || options.blackbox_directory.empty()) return;
  const std::string path = options.blackbox_directory + "/" + options.program + ".blackbox";
  static_cast<void>(std::rename(path.c_str(), (path + ".old").c_str()));
  qb_log_blackbox_write_to_file(path.c_str());
}

}  // namespace duet::log
