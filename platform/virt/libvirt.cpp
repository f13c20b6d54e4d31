// SPDX-License-Identifier: Apache-2.0
// libvirt's C functions behind Hypervisor. Nothing is kept of a domain between two calls but its UUID: a handle would
// not tell that the domain has become another one.
#include "platform/virt/libvirt.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace duet::virt {

namespace {

constexpr int keepalive_interval_s = 2;  ///< a hypervisor that hangs is given up after about 6 s
constexpr unsigned keepalive_count = 2;
constexpr Duration first_pause = 100ms;
constexpr Duration longest_pause = 1s;
constexpr int event_tick_ms = 500;  ///< libvirt's loop looks this often whether it is to end

template <auto Fn>
struct Free {
  template <class T>
  void operator()(T* pointer) const noexcept {
    static_cast<void>(Fn(pointer));
  }
};
using Connection = std::shared_ptr<virConnect>;
using DomainHandle = std::unique_ptr<virDomain, Free<virDomainFree>>;

/// libvirt keeps the error of the last call for each thread.
Error last_error(std::string what) {
  const virError* error = virGetLastError();
  const bool missing = error != nullptr && error->code == VIR_ERR_NO_DOMAIN;
  return Error{missing ? Errc::not_found : Errc::backend, std::move(what),
               error != nullptr && error->message != nullptr ? error->message : "no reason given"};
}

/// As last_error(), but a lost connection has its own code.
Error call_error(const Connection& connection, std::string what) {
  Error error = last_error(std::move(what));
  if (error.code != Errc::not_found && virConnectIsAlive(connection.get()) != 1) error.code = Errc::disconnected;
  return error;
}

Migration migration_of(virDomainPtr domain) {
  int type = VIR_DOMAIN_JOB_NONE;
  virTypedParameterPtr parameters = nullptr;
  int count = 0;
  // Drivers without jobs refuse; such a domain cannot migrate either.
  if (virDomainGetJobStats(domain, &type, &parameters, &count, 0) != 0) return Migration::none;
  int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
  virTypedParamsGetInt(parameters, count, VIR_DOMAIN_JOB_OPERATION, &operation);
  virTypedParamsFree(parameters, count);
  if (type == VIR_DOMAIN_JOB_NONE) return Migration::none;
  if (operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT) return Migration::outgoing;
  if (operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN) return Migration::incoming;
  return Migration::none;
}

Result<Domain> describe(const Connection& connection, virDomainPtr handle, std::size_t host) {
  Domain domain;
  domain.host = host;
  const char* name = virDomainGetName(handle);
  char uuid[VIR_UUID_STRING_BUFLEN] = {};
  if (name == nullptr || virDomainGetUUIDString(handle, uuid) != 0) {
    return tl::unexpected{call_error(connection, "name of a domain")};
  }
  domain.name = name;
  domain.uuid = uuid;
  int state = 0;
  int reason = 0;
  if (virDomainGetState(handle, &state, &reason, 0) != 0) {
    return tl::unexpected{call_error(connection, "state of " + domain.name)};
  }
  domain.state = static_cast<State>(state);
  domain.migrated_away = state == VIR_DOMAIN_SHUTOFF && reason == VIR_DOMAIN_SHUTOFF_MIGRATED;
  const int persistent = virDomainIsPersistent(handle);
  if (persistent < 0) return tl::unexpected{call_error(connection, "kind of " + domain.name)};
  domain.persistent = persistent == 1;
  if (state != VIR_DOMAIN_SHUTOFF) domain.migration = migration_of(handle);
  return domain;
}

bool quiet_once() {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) noexcept {});  // else libvirt prints on stderr
  return virInitialize() == 0 && virEventRegisterDefaultImpl() == 0;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string to_string(State state) {
  switch (state) {
    case State::none:
      return "no state";
    case State::running:
      return "running";
    case State::blocked:
      return "blocked";
    case State::paused:
      return "paused";
    case State::shutting_down:
      return "shutting down";
    case State::shut_off:
      return "shut off";
    case State::crashed:
      return "crashed";
    case State::suspended:
      return "suspended";
  }
  return "state " + std::to_string(static_cast<unsigned>(state));
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), [](char c, char wanted) {
           const char l = lower(c);
           return wanted == '-' ? c == '-' : (c >= '0' && c <= '9') || (l >= 'a' && l <= 'f');
         });
}

/// One URI. `connection` and `lost` are guarded by the mutex of Libvirt.
struct Libvirt::Link {
  Libvirt* owner = nullptr;
  std::string uri;
  Connection connection;
  bool lost = false;
  std::chrono::steady_clock::time_point down_since = std::chrono::steady_clock::now();
  std::thread keeper;

  /// The connection. A call waits for one that was lost a moment ago, not for one that has been away for long.
  Result<Connection> get() {
    std::unique_lock lock{owner->mutex_};
    const auto there = [this] { return connection && !lost; };
    if (!owner->changed_.wait_until(lock, down_since + owner->settings_.wait_for_connection, there)) {
      return fail(Errc::disconnected, "libvirt at " + uri, "there is no connection");
    }
    return connection;
  }
  Result<DomainHandle> domain(const Connection& to, const std::string& uuid) const {
    DomainHandle handle{virDomainLookupByUUIDString(to.get(), uuid.c_str())};
    if (!handle) return tl::unexpected{call_error(to, "domain " + uuid)};
    return handle;
  }
  /// Calls a function of libvirt that takes a domain.
  template <class Call>
  Result<void> act(const Domain& on, const char* what, Call call) {
    auto to = get();
    if (!to) return tl::unexpected{to.error()};
    auto handle = domain(*to, on.uuid);
    if (!handle) return tl::unexpected{handle.error()};
    if (call(handle->get()) != 0) return tl::unexpected{call_error(*to, what + (" " + on.name))};
    return {};
  }
};

Libvirt::Libvirt(LibvirtSettings settings) : settings_{std::move(settings)} {
  static const bool ready = quiet_once();
  if (!ready && settings_.changed) settings_.changed("libvirt cannot be initialised");
  // Without a timer of its own virEventRunDefaultImpl() would never return, and the thread could not be ended.
  event_timer_ = virEventAddTimeout(
      event_tick_ms, [](int, void*) noexcept {}, nullptr, nullptr);
  events_ = std::thread{[this] {
    for (;;) {
      {
        const std::lock_guard lock{mutex_};
        if (stop_) return;
      }
      if (virEventRunDefaultImpl() != 0) std::this_thread::sleep_for(first_pause);
    }
  }};
  for (const std::string& uri : settings_.uris) {
    auto link = std::make_unique<Link>();
    link->owner = this;
    link->uri = uri;
    links_.push_back(std::move(link));
  }
  for (const auto& link : links_) link->keeper = std::thread{[this, one = link.get()] { keep_connected(*one); }};
}

Libvirt::~Libvirt() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  changed_.notify_all();
  for (const auto& link : links_) link->keeper.join();
  events_.join();
  virEventRemoveTimeout(event_timer_);
}

void Libvirt::keep_connected(Link& link) {
  Duration pause = first_pause;
  std::string told;
  const auto tell = [&](const std::string& line) {
    if (line != told && settings_.changed) settings_.changed(line);
    told = line;
  };
  for (;;) {
    Connection fresh{virConnectOpen(link.uri.c_str()), [](virConnectPtr p) noexcept {
                       if (p != nullptr) static_cast<void>(virConnectClose(p));
                     }};
    if (!fresh) tell("cannot connect to " + link.uri + ": " + last_error("").why);
    if (fresh) {
      // Drivers that run in this process have no keep-alive and need none.
      static_cast<void>(virConnectSetKeepAlive(fresh.get(), keepalive_interval_s, keepalive_count));
      const auto closed = [](virConnectPtr, int, void* data) noexcept {
        auto& lost_link = *static_cast<Link*>(data);
        {
          const std::lock_guard lock{lost_link.owner->mutex_};
          lost_link.lost = true;
          lost_link.down_since = std::chrono::steady_clock::now();
        }
        lost_link.owner->changed_.notify_all();
      };
      const bool watched = virConnectRegisterCloseCallback(fresh.get(), closed, &link, nullptr) == 0;
      std::unique_lock lock{mutex_};
      link.connection = fresh;
      link.lost = false;
      changed_.notify_all();
      lock.unlock();
      tell("connected to " + link.uri);
      pause = first_pause;
      lock.lock();
      changed_.wait(lock, [&] { return stop_ || link.lost; });
      link.connection.reset();
      const bool stopping = stop_;
      lock.unlock();
      if (watched) static_cast<void>(virConnectUnregisterCloseCallback(fresh.get(), closed));
      if (stopping) return;
      changed_.notify_all();
      tell("lost the connection to " + link.uri);
    }
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, pause, [this] { return stop_; })) return;
    pause = std::min(2 * pause, longest_pause);
  }
}

bool Libvirt::wait_connected(Duration limit) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, limit, [this] {
    return std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->connection && !link->lost; });
  });
}

std::size_t Libvirt::connected() const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(
      std::count_if(links_.begin(), links_.end(), [](const auto& link) { return link->connection && !link->lost; }));
}

Result<Domain> Libvirt::find(std::string_view name_or_uuid) {
  const std::string wanted{name_or_uuid};
  std::optional<Error> trouble;
  for (std::size_t host = 0; host < links_.size(); ++host) {
    auto to = links_[host]->get();
    if (!to) {
      trouble = to.error();
      continue;
    }
    const DomainHandle handle{is_uuid(wanted) ? virDomainLookupByUUIDString(to->get(), wanted.c_str())
                                              : virDomainLookupByName(to->get(), wanted.c_str())};
    if (handle) return describe(*to, handle.get(), host);
    Error error = call_error(*to, "domain " + wanted);
    if (error.code != Errc::not_found) trouble = std::move(error);
  }
  // Whoever could not be asked may know it: "no such domain" would be a guess.
  if (trouble) return tl::unexpected{*trouble};
  return fail(Errc::not_found, "domain " + wanted, "no hypervisor knows it");
}

Result<std::size_t> Libvirt::index_of(const Domain& domain) const {
  if (domain.host >= links_.size()) return fail(Errc::not_found, "domain " + domain.name, "its host is not known");
  return domain.host;
}

Result<Domain> Libvirt::look_again(const Domain& domain) {
  const auto host = index_of(domain);
  if (!host) return tl::unexpected{host.error()};
  Link& link = *links_[*host];
  auto to = link.get();
  if (!to) return tl::unexpected{to.error()};
  auto handle = link.domain(*to, domain.uuid);
  if (!handle) return tl::unexpected{handle.error()};
  return describe(*to, handle->get(), *host);
}

Result<std::vector<Domain>> Libvirt::list() {
  std::vector<Domain> found;
  for (std::size_t host = 0; host < links_.size(); ++host) {
    auto to = links_[host]->get();
    if (!to) return tl::unexpected{to.error()};
    virDomainPtr* all = nullptr;
    const int count = virConnectListAllDomains(to->get(), &all, 0);
    if (count < 0) return tl::unexpected{call_error(*to, "list of domains")};
    std::vector<DomainHandle> handles;
    for (int i = 0; i < count; ++i) handles.emplace_back(all[i]);
    std::free(all);  // NOLINT: libvirt's array comes from malloc
    for (const DomainHandle& handle : handles) {
      auto domain = describe(*to, handle.get(), host);
      if (domain) found.push_back(std::move(*domain));
      // A domain may vanish between the list and the question about it.
      if (!domain && domain.error().code != Errc::not_found) return tl::unexpected{domain.error()};
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Domain& a, const Domain& b) {
    return std::lexicographical_compare(a.name.begin(), a.name.end(), b.name.begin(), b.name.end(),
                                        [](char x, char y) { return lower(x) < lower(y); });
  });
  return found;
}

Result<void> Libvirt::destroy(const Domain& domain) {
  const auto host = index_of(domain);
  if (!host) return tl::unexpected{host.error()};
  return links_[*host]->act(domain, "destroy", virDomainDestroy);
}

Result<void> Libvirt::start(const Domain& domain) {
  const auto host = index_of(domain);
  if (!host) return tl::unexpected{host.error()};
  return links_[*host]->act(domain, "start", virDomainCreate);
}

Result<void> Libvirt::abort_migration(const Domain& domain) {
  const auto host = index_of(domain);
  if (!host) return tl::unexpected{host.error()};
  return links_[*host]->act(domain, "abort the migration of", virDomainAbortJob);
}

Result<std::string> Libvirt::definition(const Domain& domain) {
  const auto host = index_of(domain);
  if (!host) return tl::unexpected{host.error()};
  std::string text;
  const auto read = links_[*host]->act(domain, "read the definition of", [&](virDomainPtr handle) {
    const std::unique_ptr<char, Free<std::free>> xml{virDomainGetXMLDesc(handle, VIR_DOMAIN_XML_SECURE)};
    if (xml) text = xml.get();
    return xml ? 0 : -1;
  });
  if (!read) return tl::unexpected{read.error()};
  return text;
}

Result<void> Libvirt::start_from(const Domain& domain, const std::string& definition) {
  const auto host = index_of(domain);
  if (!host) return tl::unexpected{host.error()};
  auto to = links_[*host]->get();
  if (!to) return tl::unexpected{to.error()};
  const DomainHandle handle{virDomainCreateXML(to->get(), definition.c_str(), 0)};
  if (!handle) return tl::unexpected{call_error(*to, "start " + domain.name)};
  return {};
}

}  // namespace duet::virt
