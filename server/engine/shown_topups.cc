#include "server/engine/shown_topups.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "server/core/provider_words.h"

namespace topup::engine {
namespace {

constexpr int kReportedMax = 100000;

// All that a person needs to find whose it was. Nothing that changes while it is followed: the
// same top-up has to make the same incident after a restart.
std::string DescribeUnknown(const std::string& provider_ref, const core::ProviderTopup& shown) {
  const std::optional<core::PhoneNumber> phone = core::PhoneNumber::Parse(shown.phone);
  return absl::StrCat(
      "the provider shows ", provider_ref, ", which is not in this store: its id ",
      core::PlainName(shown.id), ", ",
      shown.amount_dzd.has_value() ? absl::StrCat(*shown.amount_dzd) : std::string("?"), " DZD of ",
      core::PlainName(shown.plan_code), " for ", phone.has_value() ? phone->Masked() : "?",
      ", made ",
      shown.create_time.has_value()
          ? absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *shown.create_time, absl::UTCTimeZone())
          : "?");
}

}  // namespace

ShownTopups::ShownTopups(const EngineParts& parts, const EngineOptions& options,
                         DecisionWriter& writer, Observations& observations)
    : parts_(parts), options_(options), writer_(writer), observations_(observations) {}

bool ShownTopups::ReportOnce(const std::string& provider_ref) {
  return reported_.size() < kReportedMax && reported_.insert(provider_ref).second;
}

bool ShownTopups::Show(const std::string& provider_ref, const core::ReadAnswer& answer,
                       int key_number) {
  const absl::StatusOr<core::Topup> stored = parts_.store.FindByProviderRef(provider_ref);
  if (absl::IsNotFound(stored.status())) {
    if (ReportOnce(provider_ref)) {
      writer_.AddIncident({"UNKNOWN_PROVIDER_TOPUP", DescribeUnknown(provider_ref, *answer.topup)});
    }
    return true;
  }
  if (!stored.ok() || writer_.IsBusy(stored->id)) {
    return false;
  }
  const core::Situation situation = observations_.Situation(key_number);
  if (core::IsSettled(stored->status)) {
    if (!core::ApplySettledRead(*stored, answer, situation).incidents.empty() &&
        ReportOnce(provider_ref)) {
      writer_.SetBusy(stored->id);
      observations_.ApplySettled(*stored, answer);
    }
  } else if (core::IsInDoubt(*stored)) {
    writer_.SetBusy(stored->id);
    observations_.ApplyDoubt(*stored, answer, key_number);
  } else if (core::ApplyStatusRead(*stored, options_.rules, answer, situation).visible) {
    writer_.SetBusy(stored->id);
    observations_.ApplyStatus(*stored, answer, key_number);
  }
  return false;
}

}  // namespace topup::engine
