#include "server/sandbox/world/ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/sandbox/world/json_writer.h"

namespace topup::sandbox {
namespace {

using nlohmann::json;

constexpr size_t kMemoryLinesMax = 100'000;  // some 30 MB

absl::Status FileError(absl::string_view what) {
  return absl::UnavailableError(
      absl::StrCat("the ledger file cannot be ", what, ": ", strerror(errno)));
}

absl::StatusOr<std::string> ReadWhole(int file) {
  std::string text;
  char buffer[1 << 16];
  for (int64_t offset = 0;;) {
    const ssize_t count = pread(file, buffer, sizeof(buffer), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError("read");
    if (count == 0) return text;
    text.append(buffer, count);
    offset += count;
  }
}

// Microseconds; -1 stands for ever.
int64_t Micros(absl::Duration duration) {
  return duration == absl::InfiniteDuration() ? -1 : absl::ToInt64Microseconds(duration);
}

absl::Duration Duration(const json& value) {
  const int64_t micros = value.get<int64_t>();
  return micros < 0 ? absl::InfiniteDuration() : absl::Microseconds(micros);
}

absl::Time TimeOf(const json& line) {
  return absl::FromUnixMicros(line.at("time_us").get<int64_t>());
}

JsonObject StartLine(absl::string_view kind, absl::Time time) {
  JsonObject line;
  line.AddText("kind", kind).Add("time", JsonTime(time));
  line.AddNumber("time_us", absl::ToUnixMicros(time));
  return line;
}

TopupRecord RecordOf(const json& line) {
  TopupRecord record;
  record.id = line.at("id").get<std::string>();
  record.ref = line.at("ref").get<std::string>();
  record.phone = line.at("phone").get<std::string>();
  record.plan_code = line.at("plan_code").get<std::string>();
  record.amount_dzd = line.at("amount").get<int64_t>();
  record.charge_centimes = line.at("charge_centimes").get<int64_t>();
  record.accept_time = TimeOf(line);
  record.words = static_cast<WordStyle>(line.at("words").get<int>());
  record.offers = static_cast<OfferKind>(line.at("offers").get<int>());
  record.shown_surcharge_centimes = line.at("shown_surcharge_centimes").get<int64_t>();
  const json& course = line.at("course");
  record.course.pending = Duration(course.at("pending_us"));
  record.course.handling = Duration(course.at("handling_us"));
  record.course.end =
      ParseStateWord(course.at("end").get<std::string>()).value_or(TopupState::kUnknownError);
  if (course.contains("later")) {
    record.course.later = ParseStateWord(course.at("later").get<std::string>());
    record.course.later_after = Duration(course.at("later_after_us"));
  }
  record.course.hidden_for = Duration(course.at("hidden_for_us"));
  record.course.gone_after = Duration(course.at("gone_after_us"));
  return record;
}

// Throws json::exception for a line without what it needs.
bool ReplayLine(const json& line, ProviderWorld& world,
                std::unordered_map<std::string, int>& posts_of_ref, int64_t& request_count) {
  const std::string kind = line.at("kind").get<std::string>();
  if (kind == "request") {
    ++request_count;
    const std::string ref = line.value("ref", "");
    const int posts = line.value("posts_of_ref", 0);
    if (!ref.empty() && posts > 0) posts_of_ref[ref] = posts;
  } else if (kind == "accepted") {
    world.Accept(RecordOf(line));
  } else if (kind == "balance") {
    world.SetBalance(line.at("centimes").get<int64_t>(), TimeOf(line));
  } else if (kind == "state") {
    const auto state = ParseStateWord(line.at("state").get<std::string>());
    if (!state) return false;
    world.ForceState(line.at("ref").get<std::string>(), *state, TimeOf(line));
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string RequestLine(const RequestEntry& entry) {
  JsonObject line = StartLine("request", entry.time);
  line.AddNumber("sequence", entry.sequence);
  line.AddText("endpoint", entry.endpoint);
  line.AddText("method", entry.method).AddText("path", entry.path);
  if (!entry.ref.empty()) line.AddText("ref", entry.ref);
  if (!entry.phone.empty()) line.AddText("phone", entry.phone);
  if (!entry.plan_code.empty()) line.AddText("plan_code", entry.plan_code);
  if (entry.amount_dzd) line.AddNumber("amount", *entry.amount_dzd);
  if (entry.posts_of_ref > 0) line.AddNumber("posts_of_ref", entry.posts_of_ref);
  if (!entry.fault.empty()) {
    line.AddText("fault", entry.fault).AddBool("after_acceptance", entry.after_acceptance);
  }
  line.AddNumber("http_status", entry.http_status);
  return line.Text();
}

std::string AcceptedLine(const TopupRecord& record) {
  JsonObject course;
  course.AddNumber("pending_us", Micros(record.course.pending));
  course.AddNumber("handling_us", Micros(record.course.handling));
  course.AddText("end", StateWord(record.course.end));
  if (record.course.later) {
    course.AddText("later", StateWord(*record.course.later));
    course.AddNumber("later_after_us", Micros(record.course.later_after));
  }
  course.AddNumber("hidden_for_us", Micros(record.course.hidden_for));
  course.AddNumber("gone_after_us", Micros(record.course.gone_after));

  JsonObject line = StartLine("accepted", record.accept_time);
  line.AddText("id", record.id).AddText("ref", record.ref).AddText("phone", record.phone);
  line.AddText("plan_code", record.plan_code).AddNumber("amount", record.amount_dzd);
  line.AddNumber("charge_centimes", record.charge_centimes);
  line.AddNumber("words", static_cast<int>(record.words));
  line.AddNumber("offers", static_cast<int>(record.offers));
  line.AddNumber("shown_surcharge_centimes", record.shown_surcharge_centimes);
  line.Add("course", course.Text());
  return line.Text();
}

std::string BalanceLine(int64_t centimes, absl::Time time) {
  return StartLine("balance", time).AddNumber("centimes", centimes).Text();
}

std::string StateLine(absl::string_view ref, TopupState state, absl::Time time) {
  return StartLine("state", time).AddText("ref", ref).AddText("state", StateWord(state)).Text();
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(std::string path) {
  if (path.empty()) return std::unique_ptr<Ledger>(new Ledger(std::move(path), -1));
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return FileError("opened");
  auto ledger = std::unique_ptr<Ledger>(new Ledger(std::move(path), file));
  const absl::StatusOr<std::string> text = ReadWhole(file);
  if (!text.ok()) return text.status();
  const size_t last_newline = text->rfind('\n');
  ledger->size_ = last_newline == std::string::npos ? 0 : static_cast<int64_t>(last_newline) + 1;
  if (ftruncate(file, ledger->size_) != 0) return FileError("cut");
  return ledger;
}

Ledger::~Ledger() {
  if (file_ >= 0) close(file_);
}

absl::Status Ledger::Append(const std::vector<std::string>& lines) {
  if (file_ < 0) {
    for (const std::string& line : lines) memory_.push_back(line);
    while (memory_.size() > kMemoryLinesMax) memory_.pop_front();
    return absl::OkStatus();
  }
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
  for (size_t done = 0; done < text.size();) {
    const ssize_t count =
        pwrite(file_, text.data() + done, text.size() - done, size_ + static_cast<int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    // What was written already lies behind size_: the next line goes over it.
    if (count <= 0) return FileError("written");
    done += count;
  }
  size_ += static_cast<int64_t>(text.size());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Ledger::Lines() const {
  if (file_ < 0) return std::vector<std::string>(memory_.begin(), memory_.end());
  absl::StatusOr<std::string> text = ReadWhole(file_);
  if (!text.ok()) return text.status();
  text->resize(std::min<size_t>(text->size(), size_));
  return std::vector<std::string>(absl::StrSplit(*text, '\n', absl::SkipEmpty()));
}

absl::Status ReplayLedger(const std::vector<std::string>& lines, ProviderWorld& world,
                          std::unordered_map<std::string, int>& posts_of_ref,
                          int64_t& request_count) {
  for (size_t i = 0; i < lines.size(); ++i) {
    bool good = false;
    try {
      good = ReplayLine(json::parse(lines[i]), world, posts_of_ref, request_count);
    } catch (const json::exception&) {
    }
    if (!good) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", i + 1, " of the ledger cannot be understood"));
    }
  }
  return absl::OkStatus();
}

}  // namespace topup::sandbox
