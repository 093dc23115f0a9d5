#include "tests/process/activation_soak.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/base/signer.h"
#include "server/base/status_macros.h"
#include "server/sandbox/sandbox.h"
#include "tests/process/child_process.h"
#include "tests/process/store_reader.h"

namespace topup::process {
namespace {

// How long a start or an end may take on a machine that has other work; far above what it takes.
constexpr absl::Duration kPatience = absl::Minutes(2);
// So many changes as fast as they go, then some rest.
constexpr int kBurst = 20;
// What has to stay in memory: pages of what was recorded in the store's cache (64 MiB at most), and
// the newest events, each with its top-up, in a ring (8192 at most). Seen: 1.1 times the recorded
// bytes, 0.7 KiB for an event, and up to 2 MiB once: first allocations, caches of reads. An
// allocator may keep as much again, so this finds only what is large; that sets of prices are let
// go of is counted, not weighed.
constexpr int64_t kCachedPercent = 250;
constexpr int64_t kEventKib = 2;
constexpr int64_t kEventsMax = 8192;
constexpr int64_t kOnceKib = 16384;
// Connections to the provider come and go.
constexpr int kConnections = 16;
constexpr char kKey[] = "sandbox-key-of-the-soak";
constexpr char kToken[] = "bearer-token-of-the-owner-only";

absl::Status WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  std::error_code ignored;
  // Some are keys.
  std::filesystem::permissions(path, std::filesystem::perms(0600), ignored);
  return file ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(path, " is not written"));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  return bytes.str();
}

// Strategies' libraries in a folder of ours, so that they can be replaced.
class LibraryFolder {
 public:
  explicit LibraryFolder(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Fill(const std::string& from, const std::string& counting) {
    std::error_code error;
    std::filesystem::create_directory(folder_, error);
    for (size_t i = 0; i < kChainLibraries.size(); ++i) {
      // libx.so is in x/.
      const std::string file = kChainLibraries[i];
      const std::string name = file.substr(3, file.size() - 6);
      ASSIGN_OR_RETURN(bytes_[i], ReadFile(absl::StrCat(from, "/", name, "/", file)));
    }
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(counting));
    RETURN_IF_ERROR(WriteFile(absl::StrCat(folder_, "/", kCountingLibrary), bytes));
    return Replace();
  }

  // Other files, the same bytes.
  absl::Status Replace() const {
    for (size_t i = 0; i < kChainLibraries.size(); ++i) {
      const std::string path = absl::StrCat(folder_, "/", kChainLibraries[i]);
      RETURN_IF_ERROR(WriteFile(path + ".new", bytes_[i]));
      std::error_code error;
      std::filesystem::permissions(path + ".new", std::filesystem::perms::owner_read, error);
      std::filesystem::rename(path + ".new", path, error);
      if (error) return absl::UnavailableError(absl::StrCat(path, ": ", error.message()));
    }
    return absl::OkStatus();
  }

  std::array<std::string, 3> Digests() const {
    return {base::Sha256Hex(bytes_[0]), base::Sha256Hex(bytes_[1]), base::Sha256Hex(bytes_[2])};
  }

 private:
  const std::string folder_;
  std::array<std::string, 3> bytes_;
};

class ActivationSoak {
 public:
  explicit ActivationSoak(const SoakOptions& options)
      : options_(options),
        reader_(options.folder + "/topup.db"),
        libraries_(options.folder + "/libraries") {}

  SoakResult Run() {
    absl::Status done = Begin();
    if (done.ok()) done = ChangePrices();
    if (done.ok()) done = LookAgain();
    if (!done.ok()) problems_.Add(std::string(done.message()));
    if (crowd_ != nullptr) Judge();
    result_.problems = problems_.All();
    return std::move(result_);
  }

 private:
  absl::Status Begin();
  absl::Status WriteFiles();
  absl::Status StartProcess();
  absl::Status ChangePrices();
  absl::Status LookAgain();
  void Judge();
  absl::StatusOr<SoakMeasure> Measure();

  const SoakOptions options_;
  const StepClock clock_{base::RealClock()};
  Problems problems_;
  SoakResult result_;
  StoreReader reader_;
  LibraryFolder libraries_;
  std::unique_ptr<sandbox::Sandbox> provider_;
  std::unique_ptr<PricingVariants> variants_;
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<PriceCalls> calls_;
  std::unique_ptr<PriceOwner> owner_;
  std::unique_ptr<QuoteCrowd> crowd_;
};

absl::Status ActivationSoak::Begin() {
  RETURN_IF_ERROR(libraries_.Fill(options_.libraries, options_.counting));
  variants_ = std::make_unique<PricingVariants>(options_.activations + 2, libraries_.Digests());
  sandbox::SandboxOptions provider;
  provider.api_keys = {kKey};
  provider.balance_centimes = 100'000'000'000;
  provider_ = std::make_unique<sandbox::Sandbox>(provider, clock_.clock(), base::SystemRandom());
  RETURN_IF_ERROR(provider_->Start());
  RETURN_IF_ERROR(WriteFiles());
  RETURN_IF_ERROR(StartProcess());
  owner_ = std::make_unique<PriceOwner>(
      *variants_, clock_,
      [this] {
        const absl::Status replaced = libraries_.Replace();
        if (!replaced.ok()) problems_.Add(std::string(replaced.message()));
      },
      problems_);
  crowd_ = std::make_unique<QuoteCrowd>(
      options_.quotes, *variants_, clock_, [this] { return owner_->changes_made(); }, problems_);
  return absl::OkStatus();
}

absl::Status ActivationSoak::WriteFiles() {
  RETURN_IF_ERROR(WriteFile(options_.folder + "/key", kKey));
  RETURN_IF_ERROR(WriteFile(options_.folder + "/pricing", variants_->text(0)));
  return WriteFile(options_.folder + "/callers",
                   absl::StrCat("caller { name: 'owner' token_sha256: '", base::Sha256Hex(kToken),
                                "' role: 'send' role: 'read' role: 'see_cost' role: 'admin' }\n"));
}

absl::Status ActivationSoak::StartProcess() {
  const std::string& folder = options_.folder;
  Program program;
  program.path = options_.topupd;
  program.folder = folder;
  program.log_path = folder + "/topupd.log";
  program.flags = {"--listen=127.0.0.1:0",
                   "--ops_listen=127.0.0.1:0",
                   absl::StrCat("--store=sqlite:", folder, "/topup.db"),
                   absl::StrCat("--provider_url=http://127.0.0.1:", provider_->port()),
                   absl::StrCat("--provider_key_file=", folder, "/key"),
                   absl::StrCat("--callers=", folder, "/callers"),
                   absl::StrCat("--pricing_config=", folder, "/pricing"),
                   absl::StrCat("--plugin_dir=", folder, "/libraries"),
                   "--provider_requests_per_minute=60000"};
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(program));
  ASSIGN_OR_RETURN(const std::string line, process_->ReadLine(kPatience));
  absl::string_view address = line;
  if (!absl::ConsumePrefix(&address, "listening on ")) {
    return absl::UnavailableError(absl::StrCat("its first line is: ", line));
  }
  calls_ = std::make_unique<PriceCalls>(std::string(address), kToken, clock_.clock());
  return absl::OkStatus();
}

absl::Status ActivationSoak::ChangePrices() {
  crowd_->Start(*calls_);
  const absl::Duration begin = clock_.Elapsed();
  for (int i = 1; i <= options_.activations; ++i) {
    if (i % kBurst == 1) crowd_->WaitForQuotes(int64_t{i} * options_.quotes_per_change);
    if (!owner_->Change(*calls_, i)) break;
    if (i != options_.warm_up) continue;
    ASSIGN_OR_RETURN(result_.warm, Measure());
  }
  crowd_->WaitForQuotes(int64_t{options_.activations} * options_.quotes_per_change);
  result_.lasted = clock_.Elapsed() - begin;
  result_.quotes = crowd_->quotes();
  ASSIGN_OR_RETURN(result_.end, Measure());
  crowd_->Stop();
  return absl::OkStatus();
}

absl::StatusOr<SoakMeasure> ActivationSoak::Measure() {
  SoakMeasure measure;
  ASSIGN_OR_RETURN(measure.process, ReadProcessSize(process_->pid()));
  ASSIGN_OR_RETURN(const int64_t bytes, reader_.Bytes());
  measure.recorded_kib = bytes / 1024;
  ASSIGN_OR_RETURN(measure.events, reader_.LatestSequence());
  return measure;
}

// The last change is in force, also in the next process; and so is what was quoted by the one
// before.
absl::Status ActivationSoak::LookAgain() {
  crowd_->ExpectQuoteOf(*calls_, owner_->in_force());
  reader_.Disconnect();
  if (!process_->Kill()) return absl::UnavailableError("topupd had ended by itself");
  RETURN_IF_ERROR(StartProcess());
  crowd_->ExpectQuoteOf(*calls_, owner_->in_force());
  crowd_->SendTheRest(*calls_);
  crowd_->CheckSold(*calls_);
  // Idle connections would only be told every few seconds that it ends.
  calls_.reset();
  const absl::StatusOr<int> status = process_->Terminate(kPatience);
  RETURN_IF_ERROR(status.status());
  return *status == 0 ? absl::OkStatus()
                      : absl::UnknownError(absl::StrCat("topupd ended with status ", *status));
}

void ActivationSoak::Judge() {
  crowd_->Stop();
  result_.owner = owner_->figures();
  result_.crowd = crowd_->figures();
  const std::vector<SeenQuote>& seen = crowd_->seen();
  for (const size_t i : FindMisdated(owner_->changes(), seen)) {
    ++result_.misdated;
    problems_.Add(absl::StrCat("a quote from ", seen[i].start_step, " to ", seen[i].end_step,
                               " is of variant ", seen[i].variant, ", not in force then"));
  }
  const SoakMeasure& warm = result_.warm;
  const SoakMeasure& end = result_.end;
  result_.growth_max_kib = (end.recorded_kib - warm.recorded_kib) * kCachedPercent / 100 +
                           std::min(end.events - warm.events, kEventsMax) * kEventKib + kOnceKib +
                           options_.more_growth_kib;
  // Calls under way may each hold a set of their own.
  const GrowthLimits limits = {.libraries = static_cast<int>(kChainLibraries.size()) + 1,
                               .strategies = options_.quotes.clients,
                               .descriptors = kConnections,
                               .resident_kib = result_.growth_max_kib};
  for (const std::string& growth : FindGrowth(warm.process, end.process, limits)) {
    problems_.Add("GROWTH " + growth);
  }
}

}  // namespace

SoakResult RunActivationSoak(const SoakOptions& options) { return ActivationSoak(options).Run(); }

}  // namespace topup::process
