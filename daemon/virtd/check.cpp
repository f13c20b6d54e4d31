// SPDX-License-Identifier: Apache-2.0
// Configuration, key, user, interface, multicast, hypervisor, groups: in the order in which they are needed.
#include "daemon/virtd/check.hpp"

#include <pwd.h>

#include <algorithm>
#include <mutex>

#include "core/base/escape.hpp"
#include "daemon/virtd/files.hpp"
#include "platform/net/multicast_listener.hpp"
#include "platform/net/network.hpp"
#include "platform/process/read_file.hpp"
#include "platform/virt/libvirt.hpp"

namespace duet::virtd {

namespace {

constexpr Duration connect_limit = 5s;

class Report {
 public:
  explicit Report(const std::function<void(const std::string&)>& print) : print_{print} {}
  void good(const std::string& text) const { print_("ok       " + text); }
  void warn(const std::string& text) const { print_("warning  " + text); }
  void bad(const Error& error) {
    wrong_ = true;
    print_("WRONG    " + error.what + (error.why.empty() ? "" : ": " + error.why));
    if (!error.fix.empty()) print_("         " + error.fix);
  }
  [[nodiscard]] bool wrong() const { return wrong_; }

 private:
  const std::function<void(const std::string&)>& print_;
  bool wrong_ = false;
};

std::string trimmed(const Result<std::string>& text) {
  return text ? text->substr(0, text->find_last_not_of(" \n") + 1) : "";
}

/// A bridge that watches who listens, and asks nobody, forgets its listeners after some minutes.
void check_bridge(const std::string& interface, Report& report) {
  const std::string folder = "/sys/class/net/" + interface + "/bridge/";
  const std::string snooping = trimmed(read_file(folder + "multicast_snooping"));
  const std::string querier = trimmed(read_file(folder + "multicast_querier"));
  if (snooping == "1" && querier == "0") {
    report.warn(interface +
                " watches multicast listeners but asks for none: unless another querier is on the network, "
                "requests will be lost after some minutes. echo 1 >" +
                folder + "multicast_querier");
  }
}

void check_network(const fencehost::HostConfig& config, Report& report) {
  if (!config.interface.empty()) {
    const auto network = net::read_network();
    const net::Link* link = network ? network->find_link(config.interface) : nullptr;
    if (link == nullptr) {
      report.bad({Errc::not_found, "interface " + config.interface, "there is none of this name",
                  "the daemon starts and listens there as soon as it appears"});
      return;
    }
    if (!link->usable()) report.warn("interface " + config.interface + " is down");
    check_bridge(config.interface, report);
  }
  const auto group = net::IpAddress::parse(xvm::to_text(config.group));
  if (!group) return report.bad(group.error());
  auto listener = net::MulticastListener::open({*group, config.port, config.interface});
  if (!listener && listener.error().code == Errc::busy) {
    report.warn("UDP port " + std::to_string(config.port) + " is in use: the daemon runs already?");
    listener = net::MulticastListener::open({*group, 0, config.interface});
  }
  if (!listener) return report.bad(listener.error());
  const auto joined = listener->refresh();
  if (!joined) return report.bad(joined.error());
  if (joined->empty()) {
    return report.bad({Errc::not_found, "multicast group " + group->to_string(), "no interface to join it on",
                       "set interface in listeners/multicast"});
  }
  for (const std::string& name : *joined) report.good("multicast group " + group->to_string() + " joined on " + name);
}

void check_hypervisor(const fencehost::HostConfig& config, Report& report) {
  std::string last;
  std::mutex mutex;
  virt::Libvirt hypervisor{{config.uris, connect_limit, [&](const std::string& line) {
                              const std::lock_guard lock{mutex};
                              last = line;
                            }}};
  if (!hypervisor.wait_connected(connect_limit)) {
    const std::lock_guard lock{mutex};
    return report.bad({Errc::disconnected, "libvirt", last.empty() ? "no answer in 5 s" : last});
  }
  const auto domains = hypervisor.list();
  if (!domains) return report.bad(domains.error());
  report.good("libvirt answers and has " + std::to_string(domains->size()) + " domains");
  if (!config.groups) return;
  for (const fencehost::Group& group : *config.groups) {
    for (const std::string& entry : group.domains) {
      const fencehost::Permissions only{std::vector<fencehost::Group>{{"", {config.group}, {entry}}}};
      const bool known = std::any_of(domains->begin(), domains->end(), [&](const virt::Domain& domain) {
        return only.allows(config.group, {domain.name, domain.uuid});
      });
      if (!known)
        report.warn("groups/" + escape_line(group.name, 64) + ": no domain is called " + escape_line(entry, 64));
    }
  }
}

}  // namespace

int check_installation(const std::string& conf_file, const std::string& user,
                       const std::function<void(const std::string&)>& print) {
  Report report{print};
  const auto root = read_conf_file(conf_file);
  if (!root) {
    report.bad(root.error());
    return 1;
  }
  const auto config = read_host_config(*root);
  if (!config) {
    report.bad(config.error());
    return 1;
  }
  report.good("configuration " + conf_file);
  for (const std::string& warning : config->warnings) report.warn(warning);
  std::vector<std::string> warnings;
  const auto key = read_key_file(config->key_file, warnings);
  for (const std::string& warning : warnings) report.warn(warning);
  if (key) {
    report.good("key " + config->key_file + ": " + std::to_string(key->size()) + " bytes, fingerprint " +
                key->fingerprint() + " (the same on each node?)");
  } else {
    report.bad(key.error());
  }
  if (getpwnam(user.c_str()) == nullptr) {
    report.bad({Errc::not_found, "user " + user, "there is no such user", "systemd-sysusers makes it"});
  }
  check_network(*config, report);
  check_hypervisor(*config, report);
  return report.wrong() ? 1 : 0;
}

}  // namespace duet::virtd
