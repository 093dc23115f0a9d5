// Changes topupd's prices again and again while callers quote, and says whether a call failed, a
// price was a mixture, or the process grew.
//
//   activations [--activations N] [--quotes_per_change N] [--rate N] [--clients N]
//               [--send_every N] [--topupd PATH] [--libraries FOLDER] [--counting FILE] [--keep]
//
// --activations (1000): changes that come into force, one after the other in bursts of twenty; each
// tenth is a rollback. --quotes_per_change (20): quotes that are answered meanwhile, of all
// --clients (16) together, --rate (1000) a second at most. A slow machine takes longer for as many.
// --send_every (50): one quote of so many is used, some changes later. --keep: leaves the folder
// with store and log where it is.
// The last line has the figures. Exit status: 0 where all that was asked for was done and nothing
// was violated, 1 where not, 2 for arguments that mean nothing.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "tests/process/activation_soak.h"
#include "tests/support/figures.h"
#include "tests/support/proof_flags.h"

namespace topup::process {
namespace {

using support::Grouped;

// Where the build puts it, seen from this program.
std::string Built(const char* path) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "../.." / path).lexically_normal();
}

std::string MakeFolder() {
  std::string path = std::filesystem::temp_directory_path() / "activations_XXXXXX";
  return mkdtemp(path.data()) == nullptr ? "" : path;
}

// True where nothing is wrong.
bool Report(const SoakOptions& options, const SoakResult& result) {
  bool good = result.problems.empty();
  for (const std::string& problem : result.problems) std::printf("PROBLEM %s\n", problem.c_str());
  const int64_t lasted_ms = std::max<int64_t>(absl::ToInt64Milliseconds(result.lasted), 1);
  const int64_t rate = result.quotes * 1000 / lasted_ms;
  const int64_t quotes_min = int64_t{options.activations} * options.quotes_per_change;
  if (result.quotes < quotes_min) {
    std::printf("NOT DONE: %lld quotes, where %lld were asked for\n",
                static_cast<long long>(result.quotes), static_cast<long long>(quotes_min));
    good = false;
  }
  if (result.owner.changes < options.activations || result.owner.rollbacks == 0 ||
      result.owner.refused == 0 || result.crowd.sends == 0) {
    std::printf("NOT DONE: what was asked for\n");
    good = false;
  }
  std::printf("%lld quotes of a configuration that was not in force then\n",
              static_cast<long long>(result.misdated));
  const ProcessSize& warm = result.warm.process;
  const ProcessSize& end = result.end.process;
  std::printf(
      "strategies: %d to %d; open files: %d to %d, of libraries %d to %d; mappings of "
      "libraries: %d to %d\n",
      warm.strategies, end.strategies, warm.descriptors, end.descriptors, warm.library_descriptors,
      end.library_descriptors, warm.library_mappings, end.library_mappings);
  std::printf("recorded: %s to %s KiB, %s to %s events: the process may grow by %s KiB\n",
              Grouped(result.warm.recorded_kib).c_str(), Grouped(result.end.recorded_kib).c_str(),
              Grouped(result.warm.events).c_str(), Grouped(result.end.events).c_str(),
              Grouped(result.growth_max_kib).c_str());
  std::printf(
      "activations: %s activations (%d rollbacks, %d refused), %s quotes at %s a second, %s "
      "failed, %s mixtures, %s sends charged as quoted, %d libraries mapped, %d sets of prices "
      "held, "
      "memory %s to %s KiB, %lld s\n",
      Grouped(result.owner.changes).c_str(), result.owner.rollbacks, result.owner.refused,
      Grouped(result.quotes).c_str(), Grouped(rate).c_str(), Grouped(result.crowd.failed).c_str(),
      Grouped(result.crowd.mixtures + result.misdated).c_str(), Grouped(result.crowd.sends).c_str(),
      end.libraries, end.strategies, Grouped(warm.resident_kib).c_str(),
      Grouped(end.resident_kib).c_str(), static_cast<long long>(lasted_ms / 1000));
  return good;
}

int Run(SoakOptions options, bool keep) {
  // The process runs in a folder of its own.
  options.topupd = std::filesystem::absolute(options.topupd);
  options.libraries = std::filesystem::absolute(options.libraries);
  options.counting = std::filesystem::absolute(options.counting);
  options.folder = MakeFolder();
  if (options.folder.empty() || access(options.topupd.c_str(), X_OK) != 0) {
    std::fprintf(stderr, "no folder to work in, or no program at %s\n", options.topupd.c_str());
    return 1;
  }
  const SoakResult result = RunActivationSoak(options);
  if (keep || !result.problems.empty()) {
    std::printf("store and log are in %s\n", options.folder.c_str());
  } else {
    std::error_code ignored;
    std::filesystem::remove_all(options.folder, ignored);
  }
  return Report(options, result) ? 0 : 1;
}

}  // namespace
}  // namespace topup::process

int main(int argc, char** argv) {
  using topup::process::Built;
  topup::support::ProofFlags flags(argc, argv);
  topup::process::SoakOptions options;
  options.activations = flags.Number("activations", 1000, 200, 1'000'000);
  options.quotes_per_change = flags.Number("quotes_per_change", 20, 1, 1'000'000);
  options.quotes.quotes_per_second = flags.Number("rate", 1000, 1, 1'000'000);
  options.quotes.clients = flags.Number("clients", 16, 1, 1000);
  options.quotes.send_every = flags.Number("send_every", 50, 1, 1'000'000);
  options.topupd = flags.Text("topupd", Built("server/main/topupd"));
  options.libraries = flags.Text("libraries", Built("pricing_plugins"));
  options.counting = flags.Text("counting", Built("tests/process/libholds_a_file.so"));
  const bool keep = flags.Switch("keep");
  if (const std::string problem = flags.problem(); !problem.empty()) {
    std::fprintf(stderr, "activations: what is %s?\n", problem.c_str());
    return 2;
  }
  return topup::process::Run(options, keep);
}
