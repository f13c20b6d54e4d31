// SPDX-License-Identifier: Apache-2.0
// Files of vectors: lines "name hexadecimal", comments with '#'.
#include "tests/unit/core/codec/exchange.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/digest.hpp"

namespace duet::test {

namespace {

struct VectorFile {
  std::string comments;
  std::map<std::string, std::string> lines;
};

VectorFile read_file(const std::string& path) {
  VectorFile out;
  std::ifstream in{path};
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line.front() == '#') {
      out.comments += line + '\n';
      continue;
    }
    std::istringstream words{line};
    std::string name;
    words >> name >> out.lines[name];
  }
  return out;
}

}  // namespace

void check_vector(const std::string& file, const std::string& name, const Bytes& bytes) {
  const std::string path = std::string{DUET_VECTORS} + "/" + file;
  VectorFile vectors = read_file(path);
  if (std::getenv("DUET_REWRITE") != nullptr) {
    vectors.lines[name] = to_hex(bytes);
    std::ofstream out{path, std::ios::trunc};
    out << vectors.comments;
    for (const auto& [key, value] : vectors.lines) out << key << ' ' << value << '\n';
    return;
  }
  INFO(file << ": " << name);
  CHECK(vectors.lines[name] == to_hex(bytes));
}

}  // namespace duet::test
