// SPDX-License-Identifier: Apache-2.0
// stonith key: the file it makes, what it never does, and what it says.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/xvm/secret.hpp"
#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "duet-key-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string in(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

std::string content(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

Printed key(const std::vector<std::string>& arguments) {
  FakeDaemon none;
  none.down = true;  // a key is made before there is a cluster
  std::vector<std::string> all{"stonith", "key"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return duet(none, all);
}

}  // namespace

TEST_CASE("key generate: 4096 bytes for the owner alone, in a folder that it makes, with the host's fingerprint",
          "[cli][key]") {
  const Folder folder;
  const std::string file = folder.in("cluster/fence_xvm.key");
  const Printed made = key({"generate", file});
  REQUIRE(made.code == 0);
  const std::string bytes = content(file);
  CHECK(bytes.size() == 4096);
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0600U);
  CHECK(info.st_uid == ::geteuid());
  const auto secret = xvm::Secret::from_file(as_bytes(bytes));
  CHECK(made.out == file + ": 4096 bytes, fingerprint " + secret->fingerprint() + "\n");
  CHECK_THAT(made.err, Catch::Contains("scp -p " + file + " root@FENCE-HOST:"));
  CHECK_THAT(made.err, Catch::Contains("root@OTHER-NODE:"));
  CHECK(fs::directory_iterator { folder.path / "cluster" } -> path() == file);  // nothing beside it
  CHECK(std::distance(fs::directory_iterator{folder.path / "cluster"}, {}) == 1);
  CHECK(key({"show-digest", file}).out == made.out);
}

TEST_CASE("key generate: two keys differ", "[cli][key]") {
  const Folder folder;
  CHECK(key({"generate", folder.in("a")}).code == 0);
  CHECK(key({"generate", folder.in("b")}).code == 0);
  CHECK(content(folder.in("a")) != content(folder.in("b")));
}

TEST_CASE("key generate: a key that is there stays without --force", "[cli][key]") {
  const Folder folder;
  const std::string file = folder.in("key");
  REQUIRE(key({"generate", file}).code == 0);
  const std::string before = content(file);
  const Printed refused = key({"generate", file});
  CHECK(refused.code == 108);
  CHECK(refused.out.empty());
  CHECK_THAT(refused.err, Catch::StartsWith("Error: " + file + " exists\n  4096 bytes, fingerprint "));
  CHECK_THAT(refused.err, Catch::Contains("--force"));
  CHECK(content(file) == before);
  CHECK(key({"generate", file, "--force", "--dry-run"}).code == 0);
  CHECK(content(file) == before);
  CHECK(key({"generate", file, "--force"}).code == 0);
  CHECK(content(file) != before);
  fs::create_symlink("/nonexistent", folder.in("link"));
  CHECK(key({"generate", folder.in("link")}).code == 108);
  CHECK(key({"generate", folder.in("link"), "--force"}).code == 1);
  CHECK(fs::is_symlink(folder.in("link")));
}

TEST_CASE("key generate: bad input is refused and leaves nothing behind", "[cli][key]") {
  const Folder folder;
  const std::string inside = folder.path.string();
  CHECK(key({"generate", ""}).code == 64);
  CHECK(key({"generate", inside + "/"}).code == 64);
  CHECK(key({"generate", "a", "b"}).code == 64);
  CHECK(key({"generate", "--nonsense"}).code == 64);
  CHECK(key({"generate", "--file=x"}).code == 64);
  CHECK(key({"generate", inside}).code == 108);
  CHECK(key({"generate", inside, "--force"}).code == 1);
  CHECK(key({"generate", folder.in("no/such/folder/key")}).code == 105);
  CHECK(key({"generate", folder.in(std::string(300, 'x'))}).code == 1);
  CHECK(key({"generate", "/proc/duet-key"}).code != 0);
  CHECK(fs::is_empty(folder.path));
  CHECK(key({"distribute"}).code == 64);
  CHECK(key({"rotate"}).code == 64);
}

TEST_CASE("key show-digest: what is no key has its own exit codes", "[cli][key]") {
  const Folder folder;
  CHECK(key({"show-digest", folder.in("none")}).code == 105);
  std::ofstream{folder.in("empty")};
  CHECK(key({"show-digest", folder.in("empty")}).code == 78);
  std::ofstream{folder.in("zero"), std::ios::binary} << std::string(4096, '\0');
  CHECK(key({"show-digest", folder.in("zero")}).code == 78);
  CHECK(key({"show-digest", folder.path.string()}).code == 78);
  std::ofstream{folder.in("long"), std::ios::binary} << std::string(5000, 'k');
  std::ofstream{folder.in("cut"), std::ios::binary} << std::string(4096, 'k');
  const std::string cut = key({"show-digest", folder.in("cut")}).out;
  const std::string whole = key({"show-digest", folder.in("long")}).out;
  CHECK(whole.substr(whole.find(": ")) == cut.substr(cut.find(": ")));  // the rest of the file is no key
}

TEST_CASE("key: JSON has the same facts", "[cli][key]") {
  const Folder folder;
  const Printed made = key({"generate", folder.in("key"), "--output-format", "json"});
  CHECK(made.code == 0);
  CHECK_THAT(made.out, Catch::Contains("\"schema\": \"duet.fencekey/1\"") && Catch::Contains("\"bytes\": \"4096\"") &&
                           Catch::Contains("\"fingerprint\": \""));
}

}  // namespace duet::cli::test
