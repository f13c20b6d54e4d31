// SPDX-License-Identifier: Apache-2.0
// Key files: which are taken, which are refused, and what is said about them.
#include "agents/fence_xvm/key_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace duet;
using namespace duet::xvm;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "xvm-key-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string key(const std::string& content, mode_t mode = 0600) const {
    const std::string path = path_ / "key";
    std::ofstream{path, std::ios::binary} << content;
    ::chmod(path.c_str(), mode);
    return path;
  }
  [[nodiscard]] std::string path(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("fence_xvm key: a good key is read without a word", "[xvm]") {
  const Folder folder;
  const auto key = read_key_file(folder.key(std::string(4096, 'k')));
  REQUIRE(key);
  CHECK(key->warnings.empty());
  CHECK(key->secret.size() == 4096);
}

TEST_CASE("fence_xvm key: what is behind 4096 bytes does not count", "[xvm]") {
  const Folder folder;
  const auto longer = read_key_file(folder.key(std::string(4096, 'k') + "more"));
  const auto exact = Secret::from_file(as_bytes(std::string(4096, 'k')));
  REQUIRE(longer);
  CHECK(longer->secret.digest(HashType::sha256, {}) == exact->digest(HashType::sha256, {}));
}

TEST_CASE("fence_xvm key: without a usable key there is no way on (V32)", "[xvm]") {
  const Folder folder;
  CHECK(read_key_file(folder.path("none")).error().code == Errc::not_found);
  CHECK(read_key_file(folder.key("")).error().code == Errc::invalid_argument);
  CHECK(read_key_file(folder.key(std::string(100, '\0'))).error().code == Errc::invalid_argument);
  CHECK(read_key_file(folder.path(".")).error().code == Errc::invalid_argument);
  const std::string fifo = folder.path("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(read_key_file(fifo).error().code == Errc::invalid_argument);  // and does not wait for a writer
  CHECK(read_key_file(folder.path("none")).error().what.find("No such file") != std::string::npos);
}

TEST_CASE("fence_xvm key: open permissions and short keys work with a warning", "[xvm]") {
  const Folder folder;
  const auto open = read_key_file(folder.key(std::string(4096, 'k'), 0640));
  REQUIRE(open);
  REQUIRE(open->warnings.size() == 1);
  CHECK(open->warnings[0].find("(mode 0640)") != std::string::npos);
  const auto short_key = read_key_file(folder.key("7 bytes"));
  REQUIRE(short_key);
  REQUIRE(short_key->warnings.size() == 1);
  CHECK(short_key->warnings[0].find("only 7 bytes") != std::string::npos);
}
