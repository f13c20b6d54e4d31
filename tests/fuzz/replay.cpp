// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over the files of a folder: the corpus in the tree and what fuzzing has found. Each file is also
// tried cut at every length, which costs little and finds most of what an afternoon of fuzzing would. A failure aborts.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/fuzz/fuzz.hpp"

namespace {

duet::Bytes read(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return duet::Bytes{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]));
    return 64;
  }
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{argv[1]}) files.insert(entry.path());
  for (const auto& file : files) {
    const duet::Bytes bytes = read(file);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      // A copy of exactly this size, so that a sanitizer sees a read behind the end.
      const duet::Bytes part{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
      LLVMFuzzerTestOneInput(part.data(), part.size());
    }
  }
  std::printf("%zu files\n", files.size());
  return files.empty() ? 1 : 0;
}
