// The errors that every store answers with, in one wording.
#ifndef TOPUP_SERVER_STORE_STORAGE_ERRORS_H_
#define TOPUP_SERVER_STORE_STORAGE_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace topup::store {

// kUnavailable, STORAGE_UNAVAILABLE: whether a write took place is not known. `why` is for
// people and may reach a caller: no path, no SQL, no value.
absl::Status StorageUnavailableError(absl::string_view why);

// kResourceExhausted, STORAGE_FULL: the disk has no room; nothing was recorded.
absl::Status StorageFullError();

// kResourceExhausted, OVERLOADED with limit=commit_queue: nothing was recorded.
absl::Status CommitQueueFullError();

// kAborted: the version given is not the stored one; nothing changed.
absl::Status VersionChangedError();

// kAborted: another configuration came into force meanwhile; nothing was recorded.
absl::Status ActivationOvertakenError();

// kNotFound, TOPUP_NOT_FOUND.
absl::Status TopupNotFoundError();
absl::Status IncidentNotFoundError();

// kInternal: what was to be stored contradicts what is stored (an id that is taken already).
absl::Status RefusedByConstraintError(absl::string_view what);

// kDataLoss: what is stored cannot be what was written.
absl::Status StoredDataError(absl::string_view what);

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_STORAGE_ERRORS_H_
