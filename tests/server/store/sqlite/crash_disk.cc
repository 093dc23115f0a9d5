#include "tests/server/store/sqlite/crash_disk.h"

#include <algorithm>
#include <utility>

namespace topup::store::sqlite {
namespace {

constexpr int64_t kSector = 512;

struct Change {
  bool truncation = false;
  int64_t offset = 0;  // of a truncation: the size
  std::string bytes;
};

void Put(std::string& content, int64_t offset, absl::string_view bytes) {
  const size_t end = static_cast<size_t>(offset) + bytes.size();
  if (content.size() < end) content.resize(end, '\0');
  content.replace(static_cast<size_t>(offset), bytes.size(), bytes.data(), bytes.size());
}

void Apply(std::string& content, const Change& change) {
  if (change.truncation) {
    content.resize(static_cast<size_t>(change.offset), '\0');
  } else {
    Put(content, change.offset, change.bytes);
  }
}

// One sector's part of a write: kept, lost, or kept from one of its ends.
void ApplyPerhaps(std::string& content, int64_t offset, absl::string_view piece,
                  std::mt19937_64& random) {
  const uint64_t dice = random() % 8;
  if (dice < 3) return;
  if (dice < 6 || piece.size() < 2) return Put(content, offset, piece);
  const size_t kept = 1 + random() % (piece.size() - 1);
  const size_t from = dice == 6 ? 0 : piece.size() - kept;
  Put(content, offset + static_cast<int64_t>(from), piece.substr(from, kept));
}

void ApplyPerhaps(std::string& content, const Change& change, std::mt19937_64& random) {
  if (change.truncation) {
    if (random() % 2 == 0) Apply(content, change);
    return;
  }
  const absl::string_view bytes = change.bytes;
  size_t at = 0;
  while (at < bytes.size()) {
    const int64_t offset = change.offset + static_cast<int64_t>(at);
    const size_t size = static_cast<size_t>(kSector - offset % kSector);
    ApplyPerhaps(content, offset, bytes.substr(at, size), random);
    at += size;
  }
}

}  // namespace

class CrashDisk::File {
 public:
  std::string content;          // as programs see it
  std::string durable;          // what was synced
  std::vector<Change> changes;  // since then
};

CrashDisk::CrashDisk(uint64_t seed, const Files& files) : random_(seed) {
  for (const auto& [name, bytes] : files) {
    auto file = std::make_shared<File>();
    file->content = file->durable = bytes;
    names_[name] = durable_names_[name] = std::move(file);
  }
}

CrashDisk::~CrashDisk() = default;

void CrashDisk::CutAt(int64_t operation) {
  std::lock_guard<std::mutex> lock(mu_);
  cut_at_ = operation;
}

void CrashDisk::Cut() {
  std::lock_guard<std::mutex> lock(mu_);
  cut_ = true;
}

void CrashDisk::SetFault(const Fault& fault) {
  std::lock_guard<std::mutex> lock(mu_);
  fault_ = fault;
}

void CrashDisk::LieAboutSyncs() {
  std::lock_guard<std::mutex> lock(mu_);
  lies_ = true;
}

int64_t CrashDisk::operations() const {
  std::lock_guard<std::mutex> lock(mu_);
  return operations_;
}

int64_t CrashDisk::faults() const {
  std::lock_guard<std::mutex> lock(mu_);
  return faults_;
}

bool CrashDisk::is_cut() const {
  std::lock_guard<std::mutex> lock(mu_);
  return cut_;
}

CrashDisk::Outcome CrashDisk::Begin(Operation operation) {
  if (cut_) return Outcome::kIoError;
  const int64_t count = ++counts_[operation];
  if (++operations_ == cut_at_) cut_ = true;
  const bool same = fault_.nth != 0 && operation == fault_.operation;
  if (!same || (fault_.lasting ? count < fault_.nth : count != fault_.nth)) return Outcome::kDone;
  ++faults_;
  return fault_.outcome;
}

std::shared_ptr<CrashDisk::File> CrashDisk::Open(const std::string& name, bool create,
                                                 bool* created) {
  std::lock_guard<std::mutex> lock(mu_);
  *created = false;
  if (cut_) return nullptr;
  auto known = names_.find(name);
  if (known != names_.end()) return known->second;
  if (!create || Begin(Operation::kCreate) != Outcome::kDone) return nullptr;
  *created = true;
  auto file = std::make_shared<File>();
  names_[name] = file;
  name_changes_.push_back({name, file});
  return file;
}

bool CrashDisk::Exists(const std::string& name) const {
  std::lock_guard<std::mutex> lock(mu_);
  return names_.count(name) != 0;
}

CrashDisk::Outcome CrashDisk::Delete(const std::string& name, bool sync_directory) {
  std::lock_guard<std::mutex> lock(mu_);
  const Outcome outcome = Begin(Operation::kDelete);
  if (outcome != Outcome::kDone) return outcome;
  names_.erase(name);
  name_changes_.push_back({name, nullptr});
  if (cut_) return Outcome::kIoError;
  if (sync_directory) {
    durable_names_ = names_;
    name_changes_.clear();
  }
  return Outcome::kDone;
}

std::string CrashDisk::Read(const File& file, int64_t offset, int64_t size) const {
  std::lock_guard<std::mutex> lock(mu_);
  if (offset >= static_cast<int64_t>(file.content.size())) return "";
  return file.content.substr(static_cast<size_t>(offset), static_cast<size_t>(size));
}

int64_t CrashDisk::Size(const File& file) const {
  std::lock_guard<std::mutex> lock(mu_);
  return static_cast<int64_t>(file.content.size());
}

CrashDisk::Outcome CrashDisk::Write(File& file, int64_t offset, absl::string_view bytes) {
  std::lock_guard<std::mutex> lock(mu_);
  const Outcome outcome = Begin(Operation::kWrite);
  if (outcome == Outcome::kShort) bytes = bytes.substr(0, bytes.size() / 2);
  if (outcome == Outcome::kDone || outcome == Outcome::kShort) {
    file.changes.push_back({false, offset, std::string(bytes)});
    Apply(file.content, file.changes.back());
  }
  return cut_ ? Outcome::kIoError : outcome;
}

CrashDisk::Outcome CrashDisk::Truncate(File& file, int64_t size) {
  std::lock_guard<std::mutex> lock(mu_);
  const Outcome outcome = Begin(Operation::kTruncate);
  if (outcome != Outcome::kDone) return outcome;
  file.changes.push_back({true, size, ""});
  Apply(file.content, file.changes.back());
  return cut_ ? Outcome::kIoError : outcome;
}

CrashDisk::Outcome CrashDisk::Sync(File& file, bool directory) {
  std::lock_guard<std::mutex> lock(mu_);
  const Outcome outcome = Begin(Operation::kSync);
  if (cut_) return Outcome::kIoError;
  if (outcome != Outcome::kDone) {
    Forget(file);
    return outcome;
  }
  if (lies_) return outcome;
  for (const Change& change : file.changes) Apply(file.durable, change);
  file.changes.clear();
  if (directory) {
    durable_names_ = names_;
    name_changes_.clear();
  }
  return outcome;
}

void CrashDisk::Forget(File& file) {
  for (const Change& change : file.changes) ApplyPerhaps(file.durable, change, random_);
  file.changes.clear();
}

CrashDisk::Files CrashDisk::Survivors() {
  std::lock_guard<std::mutex> lock(mu_);
  cut_ = true;
  for (const NameChange& change : name_changes_) {
    if (random_() % 2 == 0) continue;
    if (change.file == nullptr) {
      durable_names_.erase(change.name);
    } else {
      durable_names_[change.name] = change.file;
    }
  }
  name_changes_.clear();
  Files files;
  for (const auto& [name, file] : durable_names_) {
    Forget(*file);
    files[name] = file->durable;
  }
  return files;
}

}  // namespace topup::store::sqlite
