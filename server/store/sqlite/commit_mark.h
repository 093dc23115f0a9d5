// The mark beside a store's file: how far the file had come, so that an older copy of it that is
// put back is known for one. docs/adr/0012-know-a-restored-backup-by-a-mark.md says why.
#ifndef TOPUP_SERVER_STORE_SQLITE_COMMIT_MARK_H_
#define TOPUP_SERVER_STORE_SQLITE_COMMIT_MARK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/sqlite/sqlite_database.h"
#include "server/store/standing.h"

namespace topup::store::sqlite {

struct CommitMark {
  std::string deployment_id;
  int64_t commits = 0;  // that are in the file
  // The file was put back, and what it holds has not all been taken over yet.
  bool older_copy = false;
  absl::Time swept_through = absl::InfinitePast();  // as in Standing

  friend bool operator==(const CommitMark&, const CommitMark&) = default;
};

// What the file says by itself.
struct FileFacts {
  std::string deployment_id;       // empty: a new file
  std::optional<int64_t> commits;  // unset: no topupd that writes marks has used it
  std::optional<absl::Time> newest_event;
};

// Some lines of text. Parsing gives nothing for what FormatMark does not write.
std::string FormatMark(const CommitMark& mark);
std::optional<CommitMark> ParseMark(absl::string_view text);

struct Judgement {
  CommitMark mark;  // that belongs to the file from now on
  Standing standing;
};

// Whether the file is an older copy than `found` has seen; nothing found, or the mark of another
// deployment, is taken for one too, unless no mark was ever written for this file.
Judgement JudgeMark(const FileFacts& facts, const std::optional<CommitMark>& found);

absl::StatusOr<FileFacts> ReadFileFacts(Database& database);

// Nothing where there is no file, or one that is no mark. kFailedPrecondition, with a text for the
// operator, where there is one that cannot be read: what it says is not known, and to take that
// for no mark would put everything open in doubt for good.
absl::StatusOr<std::optional<CommitMark>> ReadMark(const std::string& path);

// Replaces the file at `path` as a whole, mode 0600, and returns when it is on disk. An error
// leaves the one before.
absl::Status WriteMark(const std::string& path, const CommitMark& mark);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_COMMIT_MARK_H_
