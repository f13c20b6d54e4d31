// SPDX-License-Identifier: Apache-2.0
// duet-sim: runs seeds or plans of the simulator. Exit status: 0 fine, 10 crash, 11 safety, 12 liveness, 13 not
// deterministic, 14 a checker was never evaluated, 15 a mutant survived.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>
#include <vector>

#include "core/base/mutant.hpp"
#include "tests/sim/farm.hpp"
#include "tests/sim/run.hpp"

namespace {

using namespace duet;
using namespace duet::sim;

constexpr int status_usage = 64;
constexpr int status_survived = 15;

struct Arguments {
  std::string seeds;
  std::uint64_t seed = 0;
  std::int64_t seconds = 0;
  std::uint64_t min_seeds = 0;
  std::uint64_t max_seeds = 2000;
  unsigned jobs = 0;
  std::string trace;
  std::string plan;
  std::string corpus;
  std::string print_plan;
  std::string mutant;
  std::string commit = "unknown";
  std::string plan_directory;
  bool explain = false;
  bool self_check = false;
  bool keep_going = false;
  std::size_t shrink_runs = 0;
};

bool parse_range(const std::string& text, FarmOptions& farm) {
  const auto dots = text.find("..");
  if (dots == std::string::npos) return false;
  std::istringstream from{text.substr(0, dots)};
  std::istringstream to{text.substr(dots + 2)};
  std::uint64_t last = 0;
  if (!(from >> farm.first_seed) || !(to >> last)) return false;
  farm.last_seed = last;
  return true;
}

/// One seed or plan, in this process: a debugger and sanitizers see it.
int run_one(const Plan& plan, const Arguments& arguments) {
  std::ofstream file;
  Recorder::LineSink trace;
  Recorder::LineSink story;
  if (!arguments.trace.empty()) {
    file.open(arguments.trace);
    trace = [&](const std::string& line) { file << line << '\n'; };
  }
  if (arguments.explain) story = [](const std::string& line) { std::cout << line << '\n'; };
  const Outcome outcome = run_plan(plan, trace, story);
  std::cout << std::flush;
  if (outcome.violation) {
    std::optional<Shrunk> shrunk;
    if (arguments.shrink_runs != 0) shrunk = shrink(plan, outcome.violation->invariant, arguments.shrink_runs);
    std::cout << report(plan, outcome, arguments.commit, shrunk);
    if (shrunk) std::cout << to_text(shrunk->plan);
  }
  fmt::print("seed {}: {} virtual s, {} events, trace {:016x}\n", plan.seed, outcome.virtual_time / 1s, outcome.events,
             outcome.trace_hash);
  return outcome.exit_status();
}

void print_summary(const FarmResult& result) {
  const double virtual_hours = static_cast<double>(result.virtual_time / 1s) / 3600;
  const double real = std::max(0.001, static_cast<double>(result.real_time.count()) / 1e9);
  std::string counts;
  for (const auto& [id, count] : result.evaluations) counts += fmt::format(" {}={}", id, count);
  fmt::print("{} seeds, {} failed, {:.1f} virtual hours, {} events in {:.1f} s ({:.0f} x real time)\nevaluations:{}\n",
             result.seeds, result.failed, virtual_hours, result.events, real, virtual_hours * 3600 / real, counts);
}

int run_many(const Arguments& arguments) {
  FarmOptions farm;
  if (!arguments.seeds.empty() && !parse_range(arguments.seeds, farm)) {
    std::cerr << "--seeds: FROM..TO is expected\n";
    return status_usage;
  }
  if (arguments.seeds.empty()) {  // fresh ones: from the clock of the machine that runs the farm
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    farm.first_seed = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) %
                      1'000'000'000 * 1000;
    farm.time = std::chrono::seconds{std::max<std::int64_t>(1, arguments.seconds)};
    fmt::print("fresh seeds from {}: duet-sim --seeds {}..LAST repeats them\n", farm.first_seed, farm.first_seed);
  }
  farm.min_seeds = arguments.min_seeds;
  farm.jobs = arguments.jobs != 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  farm.self_check = arguments.self_check;
  farm.keep_going = arguments.keep_going;
  farm.shrink_runs = arguments.shrink_runs;
  farm.commit = arguments.commit;
  farm.plan_directory = arguments.plan_directory;
  const bool hunting = !arguments.mutant.empty();
  if (hunting) {
    farm.mutant = arguments.mutant;
    farm.time = Duration{0};
    farm.first_seed = 1;
    farm.last_seed = arguments.max_seeds;
  }
  const FarmResult result = run_farm(farm);
  print_summary(result);
  if (!hunting) return result.exit_status;
  const bool killed = result.failed != 0;
  fmt::print("mutant {} {}\n", arguments.mutant,
             killed ? fmt::format("killed by seed {}", result.first_failed) : "SURVIVED");
  return killed ? 0 : status_survived;
}

Result<Plan> read_plan(const std::filesystem::path& path) {
  std::ifstream file{path};
  if (!file) return fail(Errc::not_found, path.string() + " cannot be read");
  std::stringstream text;
  text << file.rdbuf();
  return parse_plan(text.str());
}

/// Every plan of a folder, in the order of names; each once found or shows a mistake.
int run_corpus(const Arguments& arguments) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator{arguments.corpus}) {
    if (entry.path().extension() == ".plan") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  int status = paths.empty() ? status_usage : 0;
  for (const auto& path : paths) {
    const Result<Plan> plan = read_plan(path);
    if (!plan) {
      std::cerr << path.string() << ": " << plan.error().what << '\n';
      return status_usage;
    }
    const Outcome outcome = run_plan(*plan);
    fmt::print("{} {}\n", outcome.violation ? "FAIL" : "ok  ", path.filename().string());
    if (!outcome.violation) continue;
    std::cout << report(*plan, outcome, arguments.commit, std::nullopt) << std::flush;
    status = outcome.exit_status();
  }
  return status;
}

int run(const Arguments& arguments) {
#ifdef DUET_MUTANTS
  mutant::select(arguments.mutant);
#else
  if (!arguments.mutant.empty()) {
    std::cerr << "--mutant needs a build with -DDUET_MUTANTS=ON\n";
    return status_usage;
  }
#endif
  if (!arguments.corpus.empty()) return run_corpus(arguments);
  if (!arguments.plan.empty()) {
    const Result<Plan> plan = read_plan(arguments.plan);
    if (!plan) {
      std::cerr << plan.error().what << '\n';
      return status_usage;
    }
    return run_one(*plan, arguments);
  }
  if (arguments.seed == 0) return run_many(arguments);
  const Plan plan = draw_plan(arguments.seed);
  if (!arguments.print_plan.empty()) std::ofstream{arguments.print_plan} << to_text(plan);
  return run_one(plan, arguments);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"The deterministic simulator of Duet"};
  app.add_option("--seeds", arguments.seeds, "FROM..TO");
  app.add_option("--seed", arguments.seed, "one seed, in this process");
  app.add_option("--for", arguments.seconds, "as many fresh seeds as fit into so many seconds");
  app.add_option("--min-seeds", arguments.min_seeds, "with --for: at least so many");
  app.add_option("--jobs", arguments.jobs, "processes; default: one for each core");
  app.add_option("--trace", arguments.trace, "with --seed or --plan: JSON lines go there");
  app.add_option("--plan", arguments.plan, "replay a plan");
  app.add_option("--corpus", arguments.corpus, "replay every *.plan of this folder");
  app.add_option("--print-plan", arguments.print_plan, "with --seed: its plan goes there");
  app.add_flag("--explain", arguments.explain, "with --seed or --plan: the story");
  app.add_flag("--self-check", arguments.self_check, "every 20th seed twice; traces must be equal");
  app.add_flag("--keep-going", arguments.keep_going, "do not stop at the first failing seed");
  app.add_option("--shrink", arguments.shrink_runs, "shrink a failing plan with at most so many runs");
  app.add_option("--plans", arguments.plan_directory, "directory for shrunk plans");
  app.add_option("--commit", arguments.commit, "shown in reports");
  app.add_option("--mutant", arguments.mutant, "switch this mistake on and look for a seed that finds it");
  app.add_option("--max-seeds", arguments.max_seeds, "with --mutant");
  CLI11_PARSE(app, argc, argv);
  return run(arguments);
}
