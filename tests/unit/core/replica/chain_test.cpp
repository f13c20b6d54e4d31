// SPDX-License-Identifier: Apache-2.0
// The chain of commits: what follows, what is a fork, what a joiner takes over (S3).
#include "core/replica/chain.hpp"

#include <catch2/catch.hpp>

using namespace duet;

namespace {

ClusterConfig cluster() {
  ClusterConfig config;
  config.name = "test";
  config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  return config;
}

ConfigChain fresh() {
  return ConfigChain{StoreImage{}, cluster()};
}

void add(ConfigChain& chain, const std::string& name) {
  ClusterConfig config = chain.committed().config;
  config.properties["note"] = name;
  chain.commit(chain.next(config, "root@server1", "property set note=" + name, 0));
}

Hello hello_of(const ConfigChain& chain) {
  Hello hello;
  hello.committed = chain.link();
  hello.solo_base = chain.solo_base();
  return hello;
}

}  // namespace

TEST_CASE("chain: two new nodes begin with the same entry", "[replica][S3]") {
  CHECK(fresh().link() == fresh().link());
  CHECK(fresh().is_genesis());
}

TEST_CASE("chain: only the direct successor with the right hash follows", "[replica][S3]") {
  ConfigChain chain = fresh();
  const ConfigEntry good = chain.next(cluster(), "a", "b", 1);
  CHECK(chain.follows(good));
  ConfigEntry bad = good;
  bad.command = "altered";
  CHECK_FALSE(chain.follows(bad));
  bad = good;
  bad.position.index = 3;
  CHECK_FALSE(chain.follows(bad));
  chain.commit(good);
  CHECK_FALSE(chain.follows(good));
}

TEST_CASE("chain: a joiner's commit is a prefix if we have it, else a fork", "[replica][S3]") {
  ConfigChain donor = fresh();
  ConfigChain joiner = fresh();
  CHECK(donor.relation_to(joiner.link()) == ChainRelation::prefix);
  add(donor, "one");
  CHECK(donor.relation_to(joiner.link()) == ChainRelation::prefix);
  add(joiner, "other");
  CHECK(donor.relation_to(joiner.link()) == ChainRelation::fork);
  add(donor, "two");
  CHECK(donor.relation_to(joiner.link()) == ChainRelation::fork);
}

TEST_CASE("chain: what is missing is taken over and stored, and the result is the donor's chain", "[replica][S3]") {
  ConfigChain donor = fresh();
  ConfigChain joiner = fresh();
  for (const char* name : {"one", "two", "three"}) add(donor, name);
  const auto records = joiner.adopt(donor.missing_after(joiner.link()), donor.solo_base());
  CHECK(joiner.link() == donor.link());
  REQUIRE_FALSE(records.empty());
  const auto* last = std::get_if<StoreCommitted>(&records.back());
  REQUIRE(last != nullptr);
  CHECK(last->position == donor.link().position);
  add(donor, "four");
  CHECK(donor.missing_after(joiner.link()).size() == 1);
  CHECK(donor.missing_after(donor.link()).size() == 1);
}

TEST_CASE("chain: a solo epoch outranks a prepared entry of the epoch before, whatever its index", "[replica][S3]") {
  ConfigChain solo = fresh();
  add(solo, "one");
  Hello prepared = hello_of(solo);
  prepared.prepared = ChainLink{{1, 3}, "x"};
  CHECK(donor_rank(prepared) == DonorRank{1, 3, 2});
  CHECK(donor_rank(hello_of(solo)) < donor_rank(prepared));
  solo.open_solo(solo.solo_record(BootId{"boot1"}, "E3-1"));
  CHECK(donor_rank(hello_of(solo)) > donor_rank(prepared));
  CHECK(solo.next(cluster(), "", "", 0).position == ConfigPosition{2, 3});
}

TEST_CASE("chain: of two that hold the same entry, the one where it is committed is the donor", "[replica][S3]") {
  ConfigChain behind = fresh();
  ConfigChain ahead = fresh();
  add(ahead, "one");
  Hello prepared = hello_of(behind);
  prepared.prepared = ahead.link();
  CHECK(donor_rank(hello_of(ahead)) > donor_rank(prepared));
}

TEST_CASE("chain: what was stored is what is there after a restart, prepared entries apart", "[replica][S3]") {
  ConfigChain chain = fresh();
  add(chain, "one");
  StoreImage image;
  image.entries = chain.entries();
  image.committed = chain.link().position;
  image.entries.push_back(chain.next(cluster(), "a", "prepared only", 0));
  CHECK(ConfigChain(image, ClusterConfig{}).link() == chain.link());
}
