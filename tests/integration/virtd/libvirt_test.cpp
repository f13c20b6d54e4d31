// SPDX-License-Identifier: Apache-2.0
// platform/virt on the real library with its test driver, which keeps its domains in this process.
#include "platform/virt/libvirt.hpp"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace duet::virt {

namespace {

constexpr const char* uuid1 = "11111111-0000-0000-0000-000000000000";

struct NodeFile {
  std::string path;
  explicit NodeFile(const std::string& which = "1")
      : path{std::filesystem::temp_directory_path() /
             ("duet-libvirt-test-" + std::to_string(getpid()) + "-" + which + ".xml")} {
    std::ofstream{path}
        << "<node><domain type='test'><name>beta</name><uuid>" << uuid1
        << "</uuid><memory>1024</memory><os><type>hvm</type></os></domain>"
           "<domain type='test'><name>Alpha</name><memory>1024</memory><os><type>hvm</type></os></domain>"
           "</node>";
  }
  ~NodeFile() { std::filesystem::remove(path); }
  NodeFile(const NodeFile&) = delete;
  NodeFile& operator=(const NodeFile&) = delete;
};

bool always() {
  return true;
}

}  // namespace

TEST_CASE("libvirt: domains are found by name and UUID, switched off and on, and listed in order", "[virt]") {
  const NodeFile file;
  Libvirt libvirt{{{"test://" + file.path}, 2s, nullptr}};
  REQUIRE(libvirt.wait_connected(5s));
  CHECK(libvirt.connected() == 1);
  CHECK(libvirt.ask_all());
  auto domain = libvirt.find("beta");
  REQUIRE(domain);
  CHECK(domain->uuid == uuid1);
  CHECK(domain->state == State::running);
  CHECK(domain->persistent);
  CHECK(libvirt.find(uuid1)->name == "beta");
  CHECK(libvirt.find("BETA").error().code == Errc::not_found);  // names have a case, UUIDs have not
  CHECK(libvirt.destroy(*domain, [] { return false; }).error().code == Errc::refused);
  CHECK(libvirt.look_again(*domain)->state == State::running);
  REQUIRE(libvirt.destroy(*domain, always));
  CHECK(libvirt.look_again(*domain)->state == State::shut_off);
  CHECK(libvirt.destroy(*domain, always).error().code == Errc::backend);
  REQUIRE(libvirt.start(*domain));
  CHECK(libvirt.look_again(*domain)->state == State::running);
  const auto all = libvirt.list();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).name == "Alpha");
}

TEST_CASE("libvirt: a transient domain is gone with its end and comes back from its definition", "[virt]") {
  const NodeFile file;
  Libvirt libvirt{{{"test://" + file.path}, 2s, nullptr}};
  REQUIRE(libvirt.wait_connected(5s));
  Domain made;
  made.name = "guest";
  REQUIRE(libvirt.start_from(made,
                             "<domain type='test'><name>guest</name><memory>1024</memory>"
                             "<os><type>hvm</type></os></domain>"));
  const auto guest = libvirt.find("guest");
  REQUIRE(guest);
  CHECK_FALSE(guest->persistent);
  const auto definition = libvirt.definition(*guest);
  REQUIRE(definition);
  REQUIRE(libvirt.destroy(*guest, always));
  CHECK(libvirt.look_again(*guest).error().code == Errc::not_found);
  REQUIRE(libvirt.start_from(*guest, *definition));
  CHECK(libvirt.look_again(*guest)->state == State::running);  // with the same UUID
}

TEST_CASE("libvirt: a host that cannot be asked is no proof that a domain does not exist", "[virt][V40]") {
  const NodeFile file;
  std::mutex mutex;
  std::vector<std::string> lines;
  Libvirt libvirt{
      {{"test://" + file.path, "qemu+unix:///system?socket=/nonexistent/sock"}, 300ms, [&](const std::string& line) {
         const std::lock_guard lock{mutex};
         lines.push_back(line);
       }}};
  CHECK_FALSE(libvirt.wait_connected(1s));
  CHECK(libvirt.connected() == 1);
  CHECK(libvirt.find("beta"));
  CHECK(libvirt.find("nope").error().code == Errc::disconnected);
  CHECK(libvirt.list().error().code == Errc::disconnected);
  CHECK(libvirt.ask_all().error().code == Errc::disconnected);
  const std::lock_guard lock{mutex};
  CHECK(std::any_of(lines.begin(), lines.end(),
                    [](const std::string& line) { return line.rfind("cannot connect to qemu+unix", 0) == 0; }));
}

TEST_CASE("libvirt: a copy that stayed on another host, shut off, does not hide the one that runs", "[virt][V40]") {
  const NodeFile stale;
  const NodeFile real{"2"};
  const bool stale_first = GENERATE(true, false);
  std::vector<std::string> uris{"test://" + stale.path, "test://" + real.path};
  if (!stale_first) std::swap(uris[0], uris[1]);
  const std::size_t stale_host = stale_first ? 0 : 1;
  Libvirt libvirt{{uris, 2s, nullptr}};
  REQUIRE(libvirt.wait_connected(5s));
  Domain copy;
  copy.host = stale_host;
  copy.name = "beta";
  copy.uuid = uuid1;
  REQUIRE(libvirt.destroy(copy, always));
  const auto found = libvirt.find("beta");
  REQUIRE(found);
  CHECK(found->host == 1 - stale_host);
  CHECK(found->state == State::running);
  CHECK(libvirt.look_again(copy)->state == State::running);
  CHECK(libvirt.list()->size() == 3);  // "Alpha" has a UUID of its own on each
  REQUIRE(libvirt.destroy(*found, always));
  CHECK(libvirt.look_again(*found)->state == State::shut_off);
}

TEST_CASE("libvirt: off is not believed while a host that may run it cannot be asked", "[virt][V40]") {
  const NodeFile file;
  Libvirt libvirt{{{"test://" + file.path, "qemu+unix:///system?socket=/nonexistent/sock"}, 300ms, nullptr}};
  CHECK_FALSE(libvirt.wait_connected(500ms));
  const auto running = libvirt.find("beta");
  REQUIRE(running);
  REQUIRE(libvirt.destroy(*running, always));
  CHECK(libvirt.look_again(*running).error().code == Errc::disconnected);
  CHECK(libvirt.find("beta").error().code == Errc::disconnected);
}

TEST_CASE("libvirt: what a UUID looks like, and every state has a word", "[virt]") {
  CHECK(is_uuid("44179d3f-6c63-474F-A212-20c8b4b25b16"));
  CHECK_FALSE(is_uuid("44179d3f6c63474fa21220c8b4b25b16"));
  CHECK_FALSE(is_uuid("44179d3f-6c63-474f-a212-20c8b4b25b1g"));
  CHECK_FALSE(is_uuid("44179d3f-6c63-474f-a212-20c8b4b25b166"));
  CHECK(to_string(State::shut_off) == "shut off");
  CHECK(to_string(static_cast<State>(42)) == "state 42");
}

}  // namespace duet::virt
