// SPDX-License-Identifier: Apache-2.0
// Key, replay memory, configuration and orders on real files and sockets.
#include "daemon/virtd/files.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/fencehost/power_wire.hpp"
#include "daemon/virtd/helper.hpp"
#include "daemon/virtd/options.hpp"
#include "daemon/virtd/order_channel.hpp"
#include "daemon/virtd/replay_file.hpp"
#include "platform/process/read_file.hpp"

namespace duet::virtd {

namespace {

/// A directory that goes with the test.
struct Folder {
  std::string path;
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "duet-virtd-test-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const char* name, const std::string& content, mode_t mode = 0600) const {
    const std::string full = path + "/" + name;
    std::ofstream{full, std::ios::binary} << content;
    REQUIRE(chmod(full.c_str(), mode) == 0);
    return full;
  }
};

Options parse(std::vector<std::string> words) {
  words.insert(words.begin(), "duet-virtd");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  auto options = read_options(static_cast<int>(words.size()), argv.data());
  REQUIRE(options);
  return *options;
}

}  // namespace

TEST_CASE("files: a key is taken only from a file of its owner alone", "[virtd][V28]") {
  const Folder folder;
  std::vector<std::string> warnings;
  CHECK(read_key_file(folder.file("good", std::string(5000, 'k')), warnings)->size() == 4096);
  CHECK(warnings.empty());
  CHECK(read_key_file(folder.file("short", "1234567"), warnings)->size() == 7);
  CHECK(warnings.size() == 1);
  CHECK(read_key_file(folder.file("open", std::string(64, 'k'), 0644), warnings).error().code == Errc::not_permitted);
  CHECK_FALSE(read_key_file(folder.file("empty", ""), warnings));
  CHECK_FALSE(read_key_file(folder.file("zero", std::string(64, '\0')), warnings));
  CHECK(read_key_file(folder.path + "/missing", warnings).error().code == Errc::not_found);
  CHECK(read_key_file(folder.path, warnings).error().code == Errc::not_permitted);
}

TEST_CASE("files: a configuration is replaced whole, and what was there is kept", "[virtd]") {
  const Folder folder;
  const std::string path = folder.path + "/fence_virt.conf";
  REQUIRE(replace_with_backup(path, "first"));
  REQUIRE(replace_with_backup(path, "second"));
  REQUIRE(replace_with_backup(path, "third"));
  CHECK(*read_file(path) == "third");
  CHECK(*read_file(path + ".bak") == "second");
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("files: a pid file is held by one", "[virtd]") {
  const Folder folder;
  const auto first = write_pid_file(folder.path + "/pid");
  REQUIRE(first);
  CHECK(*read_file(folder.path + "/pid") == std::to_string(getpid()));
  CHECK(write_pid_file(folder.path + "/pid").error().code == Errc::busy);
}

TEST_CASE("replay_file: what was written is there after a restart, and bound to its key", "[virtd][V35]") {
  const Folder folder;
  const std::string path = folder.path + "/replay";
  const auto mark = [](std::uint8_t n) {
    xvm::Block mac{};
    mac[0] = n;
    return fencehost::fingerprint_of(mac);
  };
  {
    auto file = ReplayFile::open(path, as_bytes("key one"));
    REQUIRE(file);
    fencehost::ReplayMemory memory = file->take_memory();
    for (std::uint8_t n = 1; n <= 200; ++n) REQUIRE(file->write(memory.remember_for_ever(mark(n))));
    CHECK(ReplayFile::open(path, as_bytes("key one")).error().code == Errc::busy);
  }
  {
    auto file = ReplayFile::open(path, as_bytes("key one"));
    REQUIRE(file);
    const fencehost::ReplayMemory memory = file->take_memory();
    CHECK(memory.lasting() == 200);
    CHECK(memory.seen(mark(200)));
  }
  {  // a torn slot costs itself only
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(64 + 32 * 7 + 3);
    file.put('\x55');
  }
  CHECK(ReplayFile::open(path, as_bytes("key one"))->take_memory().lasting() == 199);
  CHECK(ReplayFile::open(path, as_bytes("key two"))->take_memory().lasting() == 0);
  CHECK(ReplayFile::open(path, as_bytes("key one"))->take_memory().lasting() == 0);
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  CHECK(ReplayFile::open(path, as_bytes("key one")).error().code == Errc::not_permitted);
}

TEST_CASE("replay_file: its room on the disk is taken at the beginning", "[virtd][V35]") {
  const Folder folder;
  const std::string path = folder.path + "/replay";
  REQUIRE(ReplayFile::open(path, as_bytes("k")));
  struct stat about {};
  REQUIRE(stat(path.c_str(), &about) == 0);
  CHECK(static_cast<std::size_t>(about.st_blocks) * 512 >= fencehost::replay_slots * fencehost::replay_slot_bytes);
  REQUIRE(truncate(path.c_str(), 64) == 0);  // as an earlier version left it
  REQUIRE(ReplayFile::open(path, as_bytes("k")));
  REQUIRE(stat(path.c_str(), &about) == 0);
  CHECK(static_cast<std::size_t>(about.st_blocks) * 512 >= fencehost::replay_slots * fencehost::replay_slot_bytes);
}

TEST_CASE("replay_file: slots go round when the room is used up", "[virtd]") {
  const Folder folder;
  const std::string path = folder.path + "/replay";
  {
    auto file = ReplayFile::open(path, as_bytes("k"));
    REQUIRE(file);
    REQUIRE(file->write({fencehost::replay_slots, fencehost::Fingerprint{1}}));
    REQUIRE(file->write({fencehost::replay_slots + 1, fencehost::Fingerprint{2}}));
  }
  CHECK(std::filesystem::file_size(path) == 64 + fencehost::replay_slots * fencehost::replay_slot_bytes);
  auto file = ReplayFile::open(path, as_bytes("k"));
  REQUIRE(file);
  fencehost::ReplayMemory memory = file->take_memory();
  CHECK(memory.lasting() == 2);
  CHECK(memory.remember_for_ever(fencehost::Fingerprint{3}).number == fencehost::replay_slots + 2);
}

TEST_CASE("order_channel: packets keep their borders and carry a descriptor", "[virtd]") {
  auto pair = make_channel();
  REQUIRE(pair);
  CHECK(receive_packet(pair->helper.get(), false).error().code == Errc::try_again);
  REQUIRE(send_packet(pair->parser.get(), as_bytes("one"), pair->helper.get(), false));
  REQUIRE(send_packet(pair->parser.get(), as_bytes("second"), -1, false));
  auto first = receive_packet(pair->helper.get(), false);
  REQUIRE((first && *first));
  CHECK((*first)->bytes.size() == 3);
  CHECK((*first)->descriptor);
  auto second = receive_packet(pair->helper.get(), false);
  REQUIRE((second && *second));
  CHECK((*second)->bytes.size() == 6);
  CHECK_FALSE((*second)->descriptor);
  const Bytes large(fencehost::power_message_max + 1);
  REQUIRE(send_packet(pair->parser.get(), large, -1, false));
  CHECK(receive_packet(pair->helper.get(), false).error().code == Errc::malformed);
  pair->parser.reset();
  auto end = receive_packet(pair->helper.get(), false);
  REQUIRE(end);
  CHECK_FALSE(end->has_value());
}

TEST_CASE("order_channel: a connection that the other side closed is not open", "[virtd][S8]") {
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const UniqueFd ours{ends[0]};
  UniqueFd theirs{ends[1]};
  CHECK(still_open(ours.get()));
  theirs.reset();
  CHECK_FALSE(still_open(ours.get()));
}

TEST_CASE("helper: only local URIs need no network", "[virtd]") {
  CHECK(all_local({"qemu:///system", "lxc:///system", "test:///path/to.xml", "qemu+unix:///system"}));
  CHECK_FALSE(all_local({"qemu:///system", "qemu+ssh://host/system"}));
  CHECK_FALSE(all_local({"qemu://host/system"}));
  CHECK_FALSE(all_local({"qemu+tcp:///system"}));
  CHECK_FALSE(all_local({"nonsense"}));
}

TEST_CASE("options: the original's letters, and errors for what is unknown", "[virtd]") {
  const Options all = parse({"-F", "-d", "99", "-f", "/c", "-p", "/pid", "-w"});
  CHECK(all.job == Job::serve);
  CHECK(all.foreground);
  CHECK(all.debug == 99);
  CHECK(all.conf_file == "/c");
  CHECK(all.pid_file == "/pid");
  CHECK(all.wait_for_init);
  CHECK(parse({"-c"}).job == Job::configure);
  CHECK(parse({"-l"}).job == Job::list_plugins);
  CHECK(parse({"-V"}).job == Job::version);
  CHECK(parse({"--check"}).job == Job::check);
  CHECK(parse({"--status"}).job == Job::show_status);
  CHECK(parse({"-h"}).job == Job::help);
  for (std::vector<std::string> words :
       {std::vector<std::string>{"-x"}, {"-d", "many"}, {"-f"}, {"--nothing"}, {"word"}}) {
    words.insert(words.begin(), "duet-virtd");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    CAPTURE(words[1]);
    CHECK_FALSE(read_options(static_cast<int>(words.size()), argv.data()));
  }
}

}  // namespace duet::virtd
