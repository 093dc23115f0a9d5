// How a library or a strategy is refused: always with file, step and both values.
#ifndef TOPUP_SERVER_PRICING_LIBRARY_LOAD_ERROR_H_
#define TOPUP_SERVER_PRICING_LIBRARY_LOAD_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace topup::pricing {

// The steps in their order; each is only reached when those before it were good.
inline constexpr absl::string_view kStepFile = "file";             // found, and safe to trust
inline constexpr absl::string_view kStepAllowList = "allow list";  // its digest is listed
inline constexpr absl::string_view kStepFormat = "format";         // a library of this machine
inline constexpr absl::string_view kStepOpen = "open";             // the dynamic linker takes it
inline constexpr absl::string_view kStepEntry = "entry symbol";    // the one that it has to export
inline constexpr absl::string_view kStepVersion = "ABI version";   // of the contract
inline constexpr absl::string_view kStepSizes = "sizes";           // of the contract's records
inline constexpr absl::string_view kStepFunctions = "functions";   // none is missing
inline constexpr absl::string_view kStepInit = "init";
inline constexpr absl::string_view kStepDescriptor = "descriptor";
inline constexpr absl::string_view kStepConfig = "configuration";  // is as the schema says
inline constexpr absl::string_view kStepCreate = "create";         // with its configuration

// What was found where a library threw something.
inline constexpr absl::string_view kException = "an exception";

// FailedPrecondition, STRATEGY_LOAD_FAILED, metadata file, step, expected, found. Of `path` only
// the file's name is told: whoever may load strategies need not know our directories.
absl::Status LoadRefused(absl::string_view path, absl::string_view step, absl::string_view expected,
                         absl::string_view found);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_LIBRARY_LOAD_ERROR_H_
