// SPDX-License-Identifier: Apache-2.0
// Reader and writer of the fence_virt.conf language.
#include "core/fencehost/conf_tree.hpp"

#include <algorithm>

#include "core/base/escape.hpp"

namespace duet::fencehost {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

/// Carriage returns, dots, '#' after the first byte: everything else is part of an identifier.
bool is_identifier(char c) {
  return !is_space(c) && c != '{' && c != '}' && c != ';' && c != '=' && c != '"';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}

  Result<ConfNode> file() {
    ConfNode root;
    if (auto read = items(root, 0); !read) return tl::unexpected{read.error()};
    if (root.nodes.empty() && root.values.empty()) {
      return fail(Errc::malformed, "the configuration is empty", "there is no section in it");
    }
    return root;
  }

 private:
  /// Items up to the end of the file (depth 0) or up to and including the closing brace.
  Result<void> items(ConfNode& into, std::size_t depth) {
    if (depth > conf_depth_max) {
      return fail(Errc::limit, place(), "sections are nested deeper than " + std::to_string(conf_depth_max));
    }
    for (;;) {
      skip();
      if (at_end()) {
        if (depth == 0) return {};
        return fail(Errc::malformed, place(),
                    "the section that began in line " + std::to_string(into.line) + " is not closed: } expected");
      }
      if (peek() == '}' && depth > 0) {
        ++pos_;
        return {};
      }
      if (auto read = item(into, depth); !read) return read;
    }
  }

  Result<void> item(ConfNode& into, std::size_t depth) {
    const std::size_t began = line_;
    const std::string key = identifier();
    if (key.empty()) return unexpected("the name of a value or of a section");
    skip();
    std::string value;
    if (peek() == '=') {
      ++pos_;
      auto text = quoted();
      if (!text) return tl::unexpected{text.error()};
      value = *text;
      skip();
      if (peek() == ';') {
        ++pos_;
        into.values.push_back(ConfValue{key, value, began});
        return {};
      }
      if (peek() != '{') return unexpected("; behind the value of " + escape_line(key, 64));
    }
    if (peek() != '{') return unexpected("= or { behind " + escape_line(key, 64));
    ++pos_;
    ConfNode node;
    node.name = key;
    node.value = value;
    node.line = began;
    if (auto read = items(node, depth + 1); !read) return read;
    into.nodes.push_back(std::move(node));
    return {};
  }

  std::string identifier() {
    const std::size_t begin = pos_;
    while (!at_end() && is_identifier(text_[pos_])) ++pos_;
    return std::string{text_.substr(begin, pos_ - begin)};
  }

  Result<std::string> quoted() {
    skip();
    if (peek() != '"') return tl::unexpected{unexpected("a value in quotation marks").error()};
    const std::size_t begin = pos_ + 1;
    const std::size_t end = text_.find('"', begin);
    if (end == std::string_view::npos) {
      return fail(Errc::malformed, place(), "the quotation mark is not closed");
    }
    if (end == begin) return fail(Errc::malformed, place(), "a value may not be empty");
    const std::string_view value = text_.substr(begin, end - begin);
    line_ += static_cast<std::size_t>(std::count(value.begin(), value.end(), '\n'));
    pos_ = end + 1;
    return std::string{value};
  }

  /// White space, and comments where a token may start.
  void skip() {
    while (!at_end()) {
      if (text_[pos_] == '#') {
        while (!at_end() && text_[pos_] != '\n') ++pos_;
      } else if (is_space(text_[pos_])) {
        if (text_[pos_] == '\n') ++line_;
        ++pos_;
      } else {
        return;
      }
    }
  }

  [[nodiscard]] bool at_end() const { return pos_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[pos_]; }
  [[nodiscard]] std::string place() const { return "syntax error on line " + std::to_string(line_); }

  [[nodiscard]] Result<void> unexpected(const std::string& wanted) const {
    if (at_end()) return fail(Errc::malformed, place(), wanted + " expected, but the file ends");
    const std::string found = escape_line(text_.substr(pos_, 16), 48);
    const bool windows = text_.find('\r') != std::string_view::npos;
    return fail(
        Errc::malformed, place(), wanted + " expected before '" + found + "'",
        windows ? "the file has carriage returns at the ends of lines, which this language does not allow" : "");
  }

  std::string_view text_;
  std::size_t pos_ = 0;
  std::size_t line_ = 1;
};

bool writable(const ConfNode& node) {
  const auto clean = [](const std::string& text) { return text.find('"') == std::string::npos; };
  return clean(node.value) &&
         std::all_of(node.values.begin(), node.values.end(),
                     [&](const ConfValue& value) { return clean(value.value) && !value.value.empty(); }) &&
         std::all_of(node.nodes.begin(), node.nodes.end(), writable);
}

void write_items(const ConfNode& node, std::size_t depth, std::string& out) {
  const std::string indent(depth, '\t');
  for (const ConfNode& child : node.nodes) {
    out += indent + child.name;
    if (!child.value.empty()) out += " = \"" + child.value + "\"";
    out += " {\n";
    write_items(child, depth + 1, out);
    out += indent + "}\n\n";
  }
  for (const ConfValue& value : node.values) out += indent + value.key + " = \"" + value.value + "\";\n";
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

const ConfNode* ConfNode::find_node(std::string_view wanted) const {
  const auto found =
      std::find_if(nodes.rbegin(), nodes.rend(), [&](const ConfNode& node) { return same_word(node.name, wanted); });
  return found == nodes.rend() ? nullptr : &*found;
}

const std::string* ConfNode::find_value(std::string_view key) const {
  const auto found =
      std::find_if(values.rbegin(), values.rend(), [&](const ConfValue& entry) { return same_word(entry.key, key); });
  return found == values.rend() ? nullptr : &found->value;
}

std::vector<const ConfNode*> ConfNode::all_nodes(std::string_view wanted) const {
  std::vector<const ConfNode*> found;
  for (const ConfNode& node : nodes) {
    if (same_word(node.name, wanted)) found.push_back(&node);
  }
  return found;
}

std::vector<std::string> ConfNode::all_values(std::string_view key) const {
  std::vector<std::string> found;
  for (const ConfValue& entry : values) {
    if (same_word(entry.key, key)) found.push_back(entry.value);
  }
  return found;
}

ConfNode& ConfNode::node(std::string_view wanted) {
  const auto found =
      std::find_if(nodes.rbegin(), nodes.rend(), [&](const ConfNode& node) { return same_word(node.name, wanted); });
  if (found != nodes.rend()) return *found;
  ConfNode made;
  made.name = std::string{wanted};
  nodes.push_back(std::move(made));
  return nodes.back();
}

void ConfNode::set(std::string_view key, std::string_view text) {
  const auto found =
      std::find_if(values.rbegin(), values.rend(), [&](const ConfValue& entry) { return same_word(entry.key, key); });
  if (found != values.rend()) {
    found->value = std::string{text};
  } else {
    values.push_back(ConfValue{std::string{key}, std::string{text}, 0});
  }
}

void ConfNode::remove(std::string_view key) {
  std::erase_if(values, [&](const ConfValue& entry) { return same_word(entry.key, key); });
}

Result<ConfNode> parse_conf(std::string_view text) {
  if (text.size() > conf_size_max) {
    return fail(Errc::limit, "the configuration is too large",
                std::to_string(text.size()) + " bytes, at most " + std::to_string(conf_size_max));
  }
  // Taken for the beginning of the first name, it would make an unknown section of "groups": everything is allowed.
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    return fail(Errc::malformed, "the configuration begins with a byte order mark", "", "save it without one");
  }
  return Reader{text}.file();
}

Result<std::string> write_conf(const ConfNode& root) {
  if (!writable(root)) {
    return fail(Errc::malformed, "the configuration cannot be written",
                "a value is empty or has a quotation mark in it, for which this language has no form");
  }
  std::string out;
  write_items(root, 0, out);
  return out;
}

}  // namespace duet::fencehost
