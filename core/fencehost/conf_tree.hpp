// SPDX-License-Identifier: Apache-2.0
// The language of fence_virt.conf as a tree: reading with the original's rules (fence-virt.md 4.1), looking up, editing
// for the interactive configuration, and writing. Pure.
//
//   item := IDENT = "STRING" ;   |   IDENT { item* }   |   IDENT = "STRING" { item* }
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace duet::fencehost {

inline constexpr std::size_t conf_size_max = 1024 * 1024;  ///< a file of 10,000 groups has about half of this
inline constexpr std::size_t conf_depth_max = 16;          ///< the deepest known form has 3; bounds the recursion

struct ConfValue {
  std::string key;
  std::string value;
  std::size_t line = 0;
};

/// A section, or the whole file (without name). Names are compared without case. Where a name occurs more than once,
/// the last one of the file counts and the earlier ones are hidden, as with the original.
struct ConfNode {
  std::string name;
  std::string value;  ///< of `group = "c1" { ... }`; empty if there is none
  std::size_t line = 0;
  std::vector<ConfNode> nodes;
  std::vector<ConfValue> values;

  [[nodiscard]] const ConfNode* find_node(std::string_view wanted) const;
  /// nullptr if there is no such value; an empty string cannot be written in this language.
  [[nodiscard]] const std::string* find_value(std::string_view key) const;
  /// All of one name, in the order of the file.
  [[nodiscard]] std::vector<const ConfNode*> all_nodes(std::string_view wanted) const;
  [[nodiscard]] std::vector<std::string> all_values(std::string_view key) const;

  /// The section that find_node() finds; made at the end if there is none.
  ConfNode& node(std::string_view wanted);
  /// Changes what find_value() finds, or adds it.
  void set(std::string_view key, std::string_view text);
  /// Removes every value of this key.
  void remove(std::string_view key);
};

/// Equal without regard to the case of ASCII letters.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// Error: malformed, with the line and what was expected there; limit for a file that is too large or too deep.
[[nodiscard]] Result<ConfNode> parse_conf(std::string_view text);

/// The form in which the original prints: tabs, sections before values, an empty line after each closing brace. A value
/// with a quotation mark in it cannot be written in this language: error malformed.
[[nodiscard]] Result<std::string> write_conf(const ConfNode& root);

}  // namespace duet::fencehost
