#include "server/store/sqlite/commit_mark.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/row_reader.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

constexpr absl::string_view kFirstLine = "topupd mark 1";
constexpr size_t kMarkSizeMax = 1024;
constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

absl::Status FileError(absl::string_view step) {
  return absl::FailedPreconditionError(
      absl::StrCat("its mark cannot be ", step, ": ", std::strerror(errno)));
}

absl::Status UnreadableError(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(
      "its mark ", path, " cannot be read: ", std::strerror(errno),
      "; make it readable for the user that topupd runs as (its owner, mode 0600) and start again. "
      "Do not delete it: without it everything open in the store is put in doubt"));
}

absl::Status WriteAndSync(const std::string& path, absl::string_view text) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) return FileError("opened");
  errno = 0;
  const bool written =
      write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fdatasync(descriptor) == 0;
  absl::Status status = written ? absl::OkStatus() : FileError("written");
  close(descriptor);
  return status;
}

// The rename itself has to survive a power cut.
absl::Status SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileError("kept");
  absl::Status status = fsync(descriptor) == 0 ? absl::OkStatus() : FileError("kept");
  close(descriptor);
  return status;
}

// The value of the line that begins with `name` and a space.
bool TakeValue(absl::string_view line, absl::string_view name, std::string& value) {
  if (!absl::ConsumePrefix(&line, name) || !absl::ConsumePrefix(&line, " ")) return false;
  value = std::string(line);
  return !value.empty();
}

bool TakeInt(absl::string_view line, absl::string_view name, int64_t& value) {
  std::string text;
  return TakeValue(line, name, text) && absl::SimpleAtoi(text, &value);
}

}  // namespace

std::string FormatMark(const CommitMark& mark) {
  return absl::StrCat(kFirstLine, "\ndeployment_id ", mark.deployment_id, "\ncommits ",
                      mark.commits, "\nolder_copy ", mark.older_copy ? 1 : 0, "\nswept_through ",
                      EncodeTime(mark.swept_through), "\n");
}

std::optional<CommitMark> ParseMark(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  CommitMark mark;
  int64_t older_copy = 0;
  int64_t swept_through = 0;
  if (lines.size() != 6 || lines[0] != kFirstLine ||
      !TakeValue(lines[1], "deployment_id", mark.deployment_id) ||
      !TakeInt(lines[2], "commits", mark.commits) || !TakeInt(lines[3], "older_copy", older_copy) ||
      !TakeInt(lines[4], "swept_through", swept_through) || !lines[5].empty()) {
    return std::nullopt;
  }
  mark.older_copy = older_copy != 0;
  mark.swept_through = DecodeTime(swept_through);
  return mark;
}

Judgement JudgeMark(const FileFacts& facts, const std::optional<CommitMark>& found) {
  Judgement judgement;
  CommitMark& mark = judgement.mark;
  std::string& why = judgement.standing.why;
  mark.deployment_id = facts.deployment_id;
  mark.commits = facts.commits.value_or(0);
  const bool ours = found.has_value() && found->deployment_id == facts.deployment_id;
  if (ours && found->older_copy) {
    why = "it was put back, and what it holds was not all taken over";
  } else if (ours && found->commits > mark.commits) {
    why = absl::StrCat("its mark knows of ", found->commits, " commits, it has ", mark.commits);
  } else if (!ours && facts.commits.has_value() && !facts.deployment_id.empty()) {
    why = found.has_value() ? "the mark beside it is of another deployment"
                            : "there is no mark beside it";
  }
  mark.older_copy = judgement.standing.older_copy = !why.empty();
  if (mark.older_copy) {
    mark.swept_through = facts.newest_event.value_or(absl::InfinitePast());
    if (ours && found->older_copy) {
      mark.swept_through = std::min(mark.swept_through, found->swept_through);
    }
  } else if (ours) {
    mark.swept_through = found->swept_through;
  } else {
    // A new file, or one of before there were marks.
    mark.swept_through = facts.newest_event.value_or(absl::InfiniteFuture());
  }
  if (mark.swept_through != absl::InfiniteFuture()) {
    judgement.standing.swept_through = mark.swept_through;
  }
  return judgement;
}

absl::StatusOr<FileFacts> ReadFileFacts(Database& database) {
  FileFacts facts;
  {
    Query settings = database.Prepare(
        "SELECT name, value FROM settings WHERE name IN ('deployment_id', 'commits')");
    while (true) {
      ASSIGN_OR_RETURN(const bool found, settings.Step());
      if (!found) break;
      int64_t commits = 0;
      if (settings.TextAt(0) == "deployment_id") {
        facts.deployment_id = std::string(settings.TextAt(1));
      } else if (absl::SimpleAtoi(settings.TextAt(1), &commits) && commits >= 0 &&
                 commits <= kNumberMax) {
        facts.commits = commits;
      } else {
        return StoredDataError("the count of commits");
      }
    }
  }
  Query newest =
      database.Prepare("SELECT update_time FROM topup_events ORDER BY sequence DESC LIMIT 1");
  ASSIGN_OR_RETURN(const bool found, newest.Step());
  if (found) facts.newest_event = DecodeTime(newest.IntAt(0));
  return facts;
}

absl::StatusOr<std::optional<CommitMark>> ReadMark(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::optional<CommitMark>();
    return UnreadableError(path);
  }
  std::string text(kMarkSizeMax, '\0');
  const ssize_t size = read(descriptor, text.data(), text.size());
  absl::StatusOr<std::optional<CommitMark>> mark = std::optional<CommitMark>();
  if (size < 0) {
    mark = UnreadableError(path);
  } else {
    mark = ParseMark(absl::string_view(text).substr(0, static_cast<size_t>(size)));
  }
  close(descriptor);
  return mark;
}

absl::Status WriteMark(const std::string& path, const CommitMark& mark) {
  const std::string next = path + ".new";
  absl::Status status = WriteAndSync(next, FormatMark(mark));
  if (status.ok() && std::rename(next.c_str(), path.c_str()) != 0) status = FileError("replaced");
  if (!status.ok()) {
    unlink(next.c_str());
    return status;
  }
  return SyncFolderOf(path);
}

}  // namespace topup::store::sqlite
