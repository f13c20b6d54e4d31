// SPDX-License-Identifier: Apache-2.0
// Workers take seeds from a shared counter and report through a pipe, one line for each seed.
#include "tests/sim/farm.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <new>
#include <sstream>
#include <vector>

#include "core/base/invariant.hpp"
#include "core/base/mutant.hpp"
#include "tests/sim/run.hpp"

namespace duet::sim {

namespace {

constexpr unsigned most_jobs = 64;
constexpr std::int64_t hang_seconds = 120;  // real time for one seed; the usual is a second
constexpr int status_crash = 10;
constexpr int status_not_deterministic = 13;
constexpr int status_checker_idle = 14;

std::int64_t real_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// Lives in memory that parent and workers share.
struct Shared {
  std::atomic<std::uint64_t> next_seed{0};
  std::atomic<std::uint64_t> done{0};
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> seed_of[most_jobs];
  std::atomic<std::int64_t> began[most_jobs];
};

struct Worker {
  pid_t pid = 0;
  int pipe = -1;
  std::string buffer;
};

class Farm {
 public:
  explicit Farm(const FarmOptions& options) : options_{options} {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    DUET_INVARIANT(memory != MAP_FAILED);
    shared_ = new (memory) Shared;
    shared_->next_seed = options.first_seed;
    begin_ = real_ns();
  }
  ~Farm() { munmap(shared_, sizeof(Shared)); }
  Farm(const Farm&) = delete;
  Farm& operator=(const Farm&) = delete;

  FarmResult run() {
    workers_.resize(std::clamp(options_.jobs, 1U, most_jobs));
    for (std::size_t i = 0; i < workers_.size(); ++i) start_worker(i);
    while (std::any_of(workers_.begin(), workers_.end(), [](const Worker& w) { return w.pid != 0; })) watch();
    result_.real_time = Duration{real_ns() - begin_};
    for (const auto& [id, count] : result_.evaluations) {
      if (!options_.mutant.empty() || count != 0 || result_.exit_status != 0) continue;
      fmt::print("checker {} was evaluated 0 times: the run proves nothing about it\n", id);
      result_.exit_status = status_checker_idle;
    }
    return result_;
  }

 private:
  void start_worker(std::size_t slot) {
    int ends[2];
    DUET_INVARIANT(pipe2(ends, O_CLOEXEC) == 0);
    static_cast<void>(std::fflush(nullptr));
    const pid_t pid = fork();
    DUET_INVARIANT(pid >= 0);
    if (pid == 0) {
      close(ends[0]);
      work(slot, ends[1]);
      _exit(0);
    }
    close(ends[1]);
    workers_[slot] = Worker{pid, ends[0], {}};
  }

  // -- worker side
  [[nodiscard]] bool enough(std::uint64_t seed) const {
    if (shared_->stop) return true;
    if (options_.last_seed && seed > *options_.last_seed) return true;
    const bool time_over = options_.time != Duration{0} && real_ns() - begin_ > options_.time.count();
    return time_over && seed - options_.first_seed >= options_.min_seeds;
  }

  void work(std::size_t slot, int out) {
    for (;;) {
      const std::uint64_t seed = shared_->next_seed.fetch_add(1);
      if (enough(seed)) return;
      shared_->began[slot] = real_ns();
      shared_->seed_of[slot] = seed;
      one_seed(seed, out);
      shared_->seed_of[slot] = 0;
    }
  }

  /// Without the mutant that is being hunted.
  [[nodiscard]] bool fails_anyway([[maybe_unused]] const Plan& plan) const {
#ifdef DUET_MUTANTS
    mutant::select("");
    const bool fails = run_plan(plan).exit_status() != 0;
    mutant::select(options_.mutant);
    return fails;
#else
    return false;
#endif
  }

  void one_seed(std::uint64_t seed, int out) {
    const Plan plan = draw_plan(seed);
    const Outcome outcome = run_plan(plan);
    int status = outcome.exit_status();
    if (status != 0 && !options_.mutant.empty() && fails_anyway(plan)) status = 0;
    if (status != 0) {
      if (!options_.keep_going) shared_->stop = true;
      std::optional<Shrunk> shrunk;
      if (options_.shrink_runs != 0) shrunk = shrink(plan, outcome.violation->invariant, options_.shrink_runs);
      std::string text = report(plan, outcome, options_.commit, shrunk);
      if (shrunk && !options_.plan_directory.empty()) {
        const std::string path =
            fmt::format("{}/{}-{}.plan", options_.plan_directory, outcome.violation->invariant, seed);
        std::ofstream{path} << to_text(shrunk->plan);
        text += fmt::format("plan:     {}\n", path);
      }
      fmt::print("{}", text);
      static_cast<void>(std::fflush(stdout));
    } else if (options_.self_check && seed % 20 == 0 && run_plan(plan).trace_hash != outcome.trace_hash) {
      fmt::print("SIM FAIL  seed={} commit={} class=not-deterministic  two runs gave two traces\n", seed,
                 options_.commit);
      static_cast<void>(std::fflush(stdout));
      if (!options_.keep_going) shared_->stop = true;
      status = status_not_deterministic;
    }
    std::string line = fmt::format("{} {} {} {}", seed, status, outcome.events, outcome.virtual_time.count());
    for (const auto& [id, count] : outcome.evaluations) line += fmt::format(" {} {}", id, count);
    line += "\n";
    DUET_INVARIANT(write(out, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }

  // -- parent side
  void watch() {
    std::vector<pollfd> polls;
    for (const Worker& worker : workers_) polls.push_back({worker.pipe, POLLIN, 0});
    poll(polls.data(), polls.size(), 1000);
    for (std::size_t slot = 0; slot < workers_.size(); ++slot) {
      if (workers_[slot].pid == 0) continue;
      if (polls[slot].revents != 0) receive(slot);
      if (workers_[slot].pid != 0) kill_if_hung(slot);
    }
  }

  void receive(std::size_t slot) {
    Worker& worker = workers_[slot];
    char data[4096];
    const ssize_t size = read(worker.pipe, data, sizeof data);
    if (size <= 0) return ended(slot);
    worker.buffer.append(data, static_cast<std::size_t>(size));
    for (auto end = worker.buffer.find('\n'); end != std::string::npos; end = worker.buffer.find('\n')) {
      take(worker.buffer.substr(0, end));
      worker.buffer.erase(0, end + 1);
    }
  }

  void take(const std::string& line) {
    std::istringstream words{line};
    std::uint64_t seed = 0;
    std::uint64_t events = 0;
    int status = 0;
    std::int64_t virtual_ns = 0;
    words >> seed >> status >> events >> virtual_ns;
    ++result_.seeds;
    result_.events += events;
    result_.virtual_time += Duration{virtual_ns};
    if (status != 0) failed(seed, status);
    std::string id;
    std::uint64_t count = 0;
    while (words >> id >> count) result_.evaluations[id] += count;
  }

  void failed(std::uint64_t seed, int status) {
    if (result_.failed++ == 0) {
      result_.first_failed = seed;
      result_.exit_status = status;
    }
    result_.exit_status = std::min(result_.exit_status, status);
  }

  void ended(std::size_t slot) {
    int status = 0;
    waitpid(workers_[slot].pid, &status, 0);
    close(workers_[slot].pipe);
    workers_[slot] = Worker{};
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    const std::uint64_t seed = shared_->seed_of[slot];
    fmt::print("SIM FAIL  seed={} commit={} class=crash  {}\nreplay:   duet-sim --seed {} --explain\n", seed,
               options_.commit,
               WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status)) : "ended early", seed);
    static_cast<void>(std::fflush(stdout));
    failed(seed, status_crash);
    if (options_.keep_going) {
      start_worker(slot);
    } else {
      shared_->stop = true;
    }
  }

  void kill_if_hung(std::size_t slot) {
    if (shared_->seed_of[slot] == 0 || options_.shrink_runs != 0) return;
    if (real_ns() - shared_->began[slot] > hang_seconds * 1'000'000'000) kill(workers_[slot].pid, SIGABRT);
  }

  const FarmOptions& options_;
  Shared* shared_ = nullptr;
  std::int64_t begin_ = 0;
  std::vector<Worker> workers_;
  FarmResult result_;
};

}  // namespace

FarmResult run_farm(const FarmOptions& options) {
  return Farm{options}.run();
}

}  // namespace duet::sim
