// SPDX-License-Identifier: Apache-2.0
// libvirt's C functions behind Hypervisor. Nothing is kept of a domain between two calls but its UUID: a handle would
// not tell that the domain has become another one.
//
// No connection is used by two threads at once, and none has a keep-alive: another thread that wakes the one which
// waits for an answer makes libvirt 9.0 use a part of the stack that is gone (docs/adr/0023-libvirt-client.md).
#include "platform/virt/libvirt.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "platform/virt/choice.hpp"
#include "platform/virt/migration.hpp"

namespace duet::virt {

namespace {

constexpr Duration first_pause = 100ms;
constexpr Duration longest_pause = 1s;
constexpr Duration ask_interval = 1s;  ///< of the watcher's question whether libvirt is there
constexpr Duration late_after = 4s;    ///< an answer to it that takes longer: libvirt hangs
constexpr Duration look_interval = 250ms;
constexpr std::size_t idle_max = 4;  ///< connections that wait for the next call; a cluster has two nodes

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

JobSeen job_of(virDomainPtr domain) {
  JobSeen seen;
  virTypedParameterPtr parameters = nullptr;
  int count = 0;
  if (virDomainGetJobStats(domain, &seen.type, &parameters, &count, 0) != 0) {
    const virError* error = virGetLastError();
    seen.error = error != nullptr && error->code != 0 ? error->code : VIR_ERR_INTERNAL_ERROR;
    return seen;
  }
  seen.operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
  virTypedParamsGetInt(parameters, count, VIR_DOMAIN_JOB_OPERATION, &seen.operation);
  virTypedParamsFree(parameters, count);
  return seen;
}

Result<void> read_state(const Connection& connection, virDomainPtr handle, Domain& domain) {
  int state = 0;
  int reason = 0;
  if (virDomainGetState(handle, &state, &reason, 0) != 0) {
    return tl::unexpected{call_error(connection, "state of " + domain.name)};
  }
  domain.state = static_cast<State>(state);
  domain.migrated_away = state == VIR_DOMAIN_SHUTOFF && reason == VIR_DOMAIN_SHUTOFF_MIGRATED;
  domain.migration = state == VIR_DOMAIN_SHUTOFF ? Migration::none : judge_migration(state, reason, job_of(handle));
  return {};
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
  if (auto read = read_state(connection, handle, domain); !read) return tl::unexpected{read.error()};
  // It may have ended between the two questions, which then looks like a refusal to tell about its job.
  if (domain.migration == Migration::unclear) {
    if (auto read = read_state(connection, handle, domain); !read) return tl::unexpected{read.error()};
  }
  const int persistent = virDomainIsPersistent(handle);
  if (persistent < 0) return tl::unexpected{call_error(connection, "kind of " + domain.name)};
  domain.persistent = persistent == 1;
  return domain;
}

bool quiet_once() {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) noexcept {});  // else libvirt prints on stderr
  return virInitialize() == 0;
}

Connection connect(const std::string& uri) {
  return Connection{virConnectOpen(uri.c_str()), [](virConnectPtr p) noexcept {
                      if (p != nullptr) static_cast<void>(virConnectClose(p));
                    }};
}

/// A question that needs no lock of the driver: it is answered while a domain takes seconds to end.
bool answers(const Connection& connection) {
  unsigned long version = 0;
  return virConnectGetLibVersion(connection.get(), &version) == 0;
}

bool is_alive(const Connection& connection) {
  return virConnectIsAlive(connection.get()) == 1;
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

/// One URI. Everything but owner and uri is guarded by the mutex of Libvirt.
struct Libvirt::Link {
  Libvirt* owner = nullptr;
  std::string uri;
  bool up = false;     ///< connected, and the last question was answered in time
  bool doubt = false;  ///< a call has found its connection dead: the watcher asks at once
  std::chrono::steady_clock::time_point down_since = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> asked;  ///< the watcher waits for an answer since then
  std::uint64_t generation = 0;                                ///< of connections; older ones are not used again
  std::vector<Connection> idle;
  Connection shared;  ///< only in_process()
  std::string told;
  std::thread watcher;

  void set_up(bool now_up) {
    if (up && !now_up) down_since = std::chrono::steady_clock::now();
    up = now_up;
    owner->changed_.notify_all();
  }
  /// The test driver keeps its domains in the connection, and has no wire on which two threads could meet.
  [[nodiscard]] bool in_process() const { return uri.rfind("test:", 0) == 0; }
};

/// A connection that no other call uses meanwhile.
class Libvirt::Lease {
 public:
  Lease(Link& link, Connection connection, std::uint64_t generation)
      : link_{&link}, connection_{std::move(connection)}, generation_{generation} {}
  Lease(Lease&& other) noexcept = default;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (!connection_ || link_->in_process()) return;
    const bool alive = is_alive(connection_);
    const std::lock_guard lock{link_->owner->mutex_};
    if (alive && generation_ == link_->generation && link_->idle.size() < idle_max) {
      link_->idle.push_back(std::move(connection_));
    } else if (!alive) {
      link_->doubt = true;
      link_->owner->changed_.notify_all();
    }
  }
  [[nodiscard]] const Connection& operator*() const { return connection_; }
  [[nodiscard]] virConnectPtr get() const { return connection_.get(); }

 private:
  Link* link_;
  Connection connection_;  // closed, if it is not kept, after the lock is given back
  std::uint64_t generation_;
};

/// Waits for a hypervisor that was lost a moment ago, not for one that has been away for long.
Result<Libvirt::Lease> Libvirt::lease(Link& link) {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_until(lock, link.down_since + settings_.wait_for_connection, [&] { return link.up; })) {
    return fail(Errc::disconnected, "libvirt at " + link.uri, "there is no connection");
  }
  const std::uint64_t generation = link.generation;
  if (link.shared) return Lease{link, link.shared, generation};
  if (!link.idle.empty()) {
    Connection taken = std::move(link.idle.back());
    link.idle.pop_back();
    return Lease{link, std::move(taken), generation};
  }
  lock.unlock();
  Connection fresh = connect(link.uri);
  if (fresh) return Lease{link, std::move(fresh), generation};
  const Error error = last_error("libvirt at " + link.uri);
  return fail(Errc::disconnected, error.what, error.why);
}

/// Asks something, and asks again over a new connection if the first one turns out to be dead.
template <class Question>
auto Libvirt::ask(Link& link, Question question) {
  using Answer = std::invoke_result_t<Question, const Connection&>;
  for (bool again = true;; again = false) {
    const auto to = lease(link);
    if (!to) return Answer{tl::unexpected{to.error()}};
    Answer answer = question(**to);
    if (answer || answer.error().code != Errc::disconnected || !again) return answer;
    std::vector<Connection> dead;  // they are as old as this one
    const std::lock_guard lock{mutex_};
    dead.swap(link.idle);
  }
}

/// Calls a function of libvirt that takes a domain, once.
template <class Call>
Result<void> Libvirt::act(const Domain& on, const char* what, Call call) {
  if (on.host >= links_.size()) return fail(Errc::not_found, "domain " + on.name, "its host is not known");
  const auto to = lease(*links_[on.host]);
  if (!to) return tl::unexpected{to.error()};
  const DomainHandle handle{virDomainLookupByUUIDString(to->get(), on.uuid.c_str())};
  if (!handle) return tl::unexpected{call_error(**to, "domain " + on.uuid)};
  if (call(handle.get()) != 0) return tl::unexpected{call_error(**to, what + (" " + on.name))};
  return {};
}

Libvirt::Libvirt(LibvirtSettings settings) : settings_{std::move(settings)} {
  static const bool ready = quiet_once();
  if (!ready && settings_.changed) settings_.changed("libvirt cannot be initialised");
  for (const std::string& uri : settings_.uris) {
    auto link = std::make_unique<Link>();
    link->owner = this;
    link->uri = uri;
    links_.push_back(std::move(link));
  }
  for (const auto& link : links_) link->watcher = std::thread{[this, one = link.get()] { keep_connected(*one); }};
  clock_ = std::thread{[this] { notice_late_ones(); }};
}

Libvirt::~Libvirt() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  changed_.notify_all();
  for (const auto& link : links_) link->watcher.join();
  clock_.join();
}

void Libvirt::tell(Link& link, const std::string& line) {
  {
    const std::lock_guard lock{mutex_};
    if (link.told == line) return;
    link.told = line;
  }
  if (settings_.changed) settings_.changed(line);
}

/// A watcher that waits for an answer cannot say so itself.
void Libvirt::notice_late_ones() {
  std::unique_lock lock{mutex_};
  while (!changed_.wait_for(lock, look_interval, [this] { return stop_; })) {
    for (const auto& link : links_) {
      const bool late = link->asked && std::chrono::steady_clock::now() - *link->asked > late_after;
      if (!late || !link->up) continue;
      link->set_up(false);
      lock.unlock();
      tell(*link, "no answer from " + link->uri);
      lock.lock();
    }
  }
}

/// Asks every second until the connection is lost. False if this object ends.
bool Libvirt::watch(Link& link, const std::function<bool()>& answered) {
  std::unique_lock lock{mutex_};
  for (;;) {
    link.asked = std::chrono::steady_clock::now();
    link.doubt = false;
    lock.unlock();
    const bool good = answered();
    lock.lock();
    link.asked.reset();
    if (!good) return true;
    if (!link.up) {
      link.set_up(true);
      lock.unlock();
      tell(link, "connected to " + link.uri);
      lock.lock();
    }
    changed_.wait_for(lock, ask_interval, [&] { return stop_ || link.doubt; });
    if (stop_) return false;
  }
}

void Libvirt::keep_connected(Link& link) {
  Duration pause = first_pause;
  for (;;) {
    const Connection own = connect(link.uri);
    if (!own) tell(link, "cannot connect to " + link.uri + ": " + last_error("").why);
    if (own) {
      {
        const std::lock_guard lock{mutex_};
        if (link.in_process()) link.shared = own;
      }
      pause = first_pause;
      const bool lost = watch(link, [&own] { return answers(own) || is_alive(own); });
      std::vector<Connection> dead;
      {
        const std::lock_guard lock{mutex_};
        link.set_up(false);
        link.shared.reset();
        ++link.generation;
        dead.swap(link.idle);
      }
      if (!lost) return;
      tell(link, "lost the connection to " + link.uri);
    }
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, pause, [this] { return stop_; })) return;
    pause = std::min(2 * pause, longest_pause);
  }
}

bool Libvirt::wait_connected(Duration limit) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, limit, [this] {
    return std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->up; });
  });
}

std::size_t Libvirt::connected() const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(
      std::count_if(links_.begin(), links_.end(), [](const auto& link) { return link->up; }));
}

Result<Domain> Libvirt::ask_hosts(std::string_view name_or_uuid, std::optional<std::size_t> own) {
  const std::string wanted{name_or_uuid};
  std::vector<Result<Domain>> answers;
  for (std::size_t host = 0; host < links_.size(); ++host) {
    answers.push_back(ask(*links_[host], [&](const Connection& to) -> Result<Domain> {
      const DomainHandle handle{is_uuid(wanted) ? virDomainLookupByUUIDString(to.get(), wanted.c_str())
                                                : virDomainLookupByName(to.get(), wanted.c_str())};
      if (!handle) return tl::unexpected{call_error(to, "domain " + wanted)};
      return describe(to, handle.get(), host);
    }));
  }
  return choose(wanted, answers, own);
}

Result<Domain> Libvirt::find(std::string_view name_or_uuid) {
  return ask_hosts(name_or_uuid, std::nullopt);
}

Result<Domain> Libvirt::look_again(const Domain& domain) {
  if (domain.host >= links_.size()) return fail(Errc::not_found, "domain " + domain.name, "its host is not known");
  return ask_hosts(domain.uuid, domain.host);
}

namespace {

Result<std::vector<Domain>> list_of(const Connection& to, std::size_t host) {
  virDomainPtr* all = nullptr;
  const int count = virConnectListAllDomains(to.get(), &all, 0);
  if (count < 0) return tl::unexpected{call_error(to, "list of domains")};
  std::vector<DomainHandle> handles;
  for (int i = 0; i < count; ++i) handles.emplace_back(all[i]);
  std::free(all);  // NOLINT: libvirt's array comes from malloc
  std::vector<Domain> found;
  for (const DomainHandle& handle : handles) {
    auto domain = describe(to, handle.get(), host);
    if (domain) found.push_back(std::move(*domain));
    // A domain may vanish between the list and the question about it.
    if (!domain && domain.error().code != Errc::not_found) return tl::unexpected{domain.error()};
  }
  return found;
}

}  // namespace

Result<std::vector<Domain>> Libvirt::list() {
  std::vector<Domain> found;
  for (std::size_t host = 0; host < links_.size(); ++host) {
    auto part = ask(*links_[host], [&](const Connection& to) { return list_of(to, host); });
    if (!part) return part;
    found.insert(found.end(), std::make_move_iterator(part->begin()), std::make_move_iterator(part->end()));
  }
  std::stable_sort(found.begin(), found.end(), [](const Domain& a, const Domain& b) {
    return std::lexicographical_compare(a.name.begin(), a.name.end(), b.name.begin(), b.name.end(),
                                        [](char x, char y) { return lower(x) < lower(y); });
  });
  return one_of_each(std::move(found));
}

Result<void> Libvirt::ask_all() {
  for (const auto& link : links_) {
    auto answered = ask(*link, [&](const Connection& to) -> Result<void> {
      if (answers(to)) return {};
      return tl::unexpected{call_error(to, "libvirt at " + link->uri)};
    });
    if (!answered) return answered;
  }
  return {};
}

Result<void> Libvirt::destroy(const Domain& domain, const std::function<bool()>& wanted) {
  bool given_up = false;
  auto destroyed = act(domain, "destroy", [&](virDomainPtr handle) {
    given_up = !wanted();  // the way here may have taken long
    return given_up ? -1 : virDomainDestroy(handle);
  });
  if (given_up) return fail(Errc::refused, "destroy " + domain.name, "nobody waits for it any more");
  return destroyed;
}

Result<void> Libvirt::forget_saved(const Domain& domain) {
  return act(domain, "remove the saved memory of", [](virDomainPtr handle) {
    const int there = virDomainHasManagedSaveImage(handle, 0);
    if (there > 0) return virDomainManagedSaveRemove(handle, 0);
    const virError* error = there < 0 ? virGetLastError() : nullptr;
    const bool never = error != nullptr && error->code == VIR_ERR_NO_SUPPORT;  // such a driver saves nothing
    return never ? 0 : there;
  });
}

Result<void> Libvirt::start(const Domain& domain) {
  return act(domain, "start", virDomainCreate);
}

Result<void> Libvirt::abort_migration(const Domain& domain) {
  return act(domain, "abort the migration of", virDomainAbortJob);
}

Result<std::string> Libvirt::definition(const Domain& domain) {
  std::string text;
  const auto read = act(domain, "read the definition of", [&](virDomainPtr handle) {
    const std::unique_ptr<char, Free<std::free>> xml{virDomainGetXMLDesc(handle, VIR_DOMAIN_XML_SECURE)};
    if (xml) text = xml.get();
    return xml ? 0 : -1;
  });
  if (!read) return tl::unexpected{read.error()};
  return text;
}

Result<void> Libvirt::start_from(const Domain& domain, const std::string& definition) {
  if (domain.host >= links_.size()) return fail(Errc::not_found, "domain " + domain.name, "its host is not known");
  const auto to = lease(*links_[domain.host]);
  if (!to) return tl::unexpected{to.error()};
  const DomainHandle handle{virDomainCreateXML(to->get(), definition.c_str(), 0)};
  if (!handle) return tl::unexpected{call_error(**to, "start " + domain.name)};
  return {};
}

}  // namespace duet::virt
