// SPDX-License-Identifier: Apache-2.0
// Configurations and commits: equal ones have equal bytes, and a changed one has another hash.
#include "core/codec/config_codec.hpp"

#include "tests/unit/core/codec/exchange.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using namespace duet::test;

namespace {

ConfigEntry hashed(ConfigEntry entry) {
  entry.hash = entry_hash(entry);
  return entry;
}

/// A right chain of `size` commits.
std::vector<ConfigEntry> chain(std::size_t size) {
  std::vector<ConfigEntry> out;
  for (std::size_t i = 0; i < size; ++i) {
    ConfigEntry entry = sample_entry();
    entry.position = {1, i + 1};
    entry.previous_hash = out.empty() ? "" : out.back().hash;
    entry.config.properties["step"] = std::to_string(i);
    out.push_back(hashed(entry));
  }
  return out;
}

}  // namespace

TEST_CASE("config codec: every configuration and commit comes back as it was", "[codec]") {
  Variation variation;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const ClusterConfig config = Generator{seed}.config();
    round_trip(config, decode_config);
    const ConfigEntry entry = Generator{seed}.entry();
    round_trip(entry, decode_entry);
    variation.see(entry);
  }
  CHECK(variation.never_varied() == std::vector<std::string>{});
}

TEST_CASE("config codec: a shorter or longer configuration is refused", "[codec]") {
  refuses_other_lengths(encode(sample_entry()), decode_entry);
  refuses_other_lengths(encode(sample_entry().config), decode_config);
}

TEST_CASE("config codec: the bytes are those of the vectors", "[codec]") {
  check_vector("config.hex", "entry", round_trip(sample_entry(), decode_entry));
  check_vector("config.hex", "config", round_trip(sample_entry().config, decode_config));
  check_vector("config.hex", "empty-config", round_trip(ClusterConfig{}, decode_config));
  check_vector("config.hex", "hash-of-entry", [] {
    const std::string hash = entry_hash(sample_entry());
    return Bytes{hash.begin(), hash.end()};
  }());
}

TEST_CASE("config codec: a commit is not a configuration, and the other way round", "[codec]") {
  CHECK(refusal(decode_config(encode(sample_entry()))) == "kind: 0xd002 is not 0xd001");
  CHECK(refusal(decode_entry(encode(ClusterConfig{}))) == "kind: 0xd001 is not 0xd002");
}

TEST_CASE("config codec: the hash depends on every field but itself", "[codec]") {
  const ConfigEntry entry = sample_entry();
  const std::string hash = entry_hash(entry);
  const auto changed = [&](auto change) {
    ConfigEntry other = entry;
    change(other);
    return entry_hash(other) != hash;
  };
  CHECK(changed([](ConfigEntry& e) { e.position.epoch++; }));
  CHECK(changed([](ConfigEntry& e) { e.position.index++; }));
  CHECK(changed([](ConfigEntry& e) { e.previous_hash.back() = 'f'; }));
  CHECK(changed([](ConfigEntry& e) { e.author = "other"; }));
  CHECK(changed([](ConfigEntry& e) { e.command += "x"; }));
  CHECK(changed([](ConfigEntry& e) { e.unix_ms++; }));
  CHECK(changed([](ConfigEntry& e) { e.config.groups.clear(); }));
  CHECK_FALSE(changed([](ConfigEntry& e) { e.hash.clear(); }));
  CHECK(changed([](ConfigEntry& e) {  // a border between two texts moved
    e.author += e.command.front();
    e.command.erase(0, 1);
  }));
}

TEST_CASE("config codec: a chain with a gap, a change or a wrong order is refused", "[codec]") {
  const std::vector<ConfigEntry> good = chain(4);
  CHECK(verify_chain(good));
  CHECK(verify_chain({}));
  auto entries = good;
  entries[2].config.name = "changed";
  CHECK(refusal(verify_chain(entries)) == "hash: it does not fit the content");
  entries = good;
  entries.erase(entries.begin() + 1);
  CHECK(refusal(verify_chain(entries)) == "previous_hash: not the hash of the commit before it");
  entries = good;
  entries[3].position = entries[2].position;
  entries[3] = hashed(entries[3]);
  CHECK(refusal(verify_chain(entries)) == "position: not after the commit before it");
}

TEST_CASE("config codec: nodes out of order are refused", "[codec]") {
  ClusterConfig config = sample_entry().config;
  std::swap(config.nodes[0], config.nodes[1]);
  CHECK(refusal(decode_config(encode(config))) == "nodes: '1' is not after the id before it: nodes are ascending");
}
