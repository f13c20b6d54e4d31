// SPDX-License-Identifier: Apache-2.0
// Differences of two resources, line by line.
#include "cli/render/difference.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/arguments.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

std::string line(std::string_view name, const std::string* now, const std::string* asked) {
  const auto show = [&](const std::string* value) {
    if (value == nullptr) return std::string{"-"};
    return is_secret(name) ? std::string{"<hidden>"} : escape_line(*value, 60);
  };
  return fmt::format("{}: {} (now)  {} (asked)", name, show(now), show(asked));
}

void compare(std::string_view prefix, const Attributes& now, const Attributes& asked, std::vector<std::string>& lines) {
  Attributes all = now;
  all.insert(asked.begin(), asked.end());
  for (const auto& [name, unused] : all) {
    const auto a = now.find(name);
    const auto b = asked.find(name);
    if (a != now.end() && b != asked.end() && a->second == b->second) continue;
    lines.push_back(line(std::string{prefix} + name, a == now.end() ? nullptr : &a->second,
                         b == asked.end() ? nullptr : &b->second));
  }
}

std::vector<std::string> operation_texts(const std::vector<Operation>& operations) {
  std::vector<std::string> texts;
  for (const auto& operation : operations) {
    std::string text = operation.action;
    for (const auto& [name, value] : operation_options(operation)) text += fmt::format(" {}={}", name, value);
    texts.push_back(std::move(text));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

void compare(const std::vector<Operation>& now, const std::vector<Operation>& asked, std::vector<std::string>& lines) {
  const auto a = operation_texts(now);
  const auto b = operation_texts(asked);
  for (const auto& text : a) {
    if (!std::binary_search(b.begin(), b.end(), text))
      lines.push_back(fmt::format("op {} (now)", escape_line(text, 80)));
  }
  for (const auto& text : b) {
    if (!std::binary_search(a.begin(), a.end(), text))
      lines.push_back(fmt::format("op {} (asked)", escape_line(text, 80)));
  }
}

}  // namespace

std::vector<std::string> difference(const Primitive& now, const Primitive& asked) {
  std::vector<std::string> lines;
  if (now.agent != asked.agent) {
    lines.push_back(fmt::format("agent: {} (now)  {} (asked)", now.agent.text(), asked.agent.text()));
  }
  compare("", now.parameters, asked.parameters, lines);
  compare(now.operations, asked.operations, lines);
  compare("meta ", now.meta, asked.meta, lines);
  return lines;
}

std::vector<std::string> difference(const FenceDevice& now, const FenceDevice& asked) {
  std::vector<std::string> lines;
  if (now.agent != asked.agent) lines.push_back(fmt::format("agent: {} (now)  {} (asked)", now.agent, asked.agent));
  compare("", now.parameters, asked.parameters, lines);
  compare(now.operations, asked.operations, lines);
  compare("meta ", now.meta, asked.meta, lines);
  return lines;
}

std::vector<std::string> changed_parameters(const Attributes& now, const Attributes& asked) {
  std::vector<std::string> words;
  for (const auto& [name, value] : asked) {
    const auto old = now.find(name);
    if (old == now.end() || old->second != value) words.push_back(name + "=" + (is_secret(name) ? "-" : value));
  }
  for (const auto& [name, value] : now) {
    if (!asked.contains(name)) words.push_back(name + "=");
  }
  return words;
}

}  // namespace duet::cli
