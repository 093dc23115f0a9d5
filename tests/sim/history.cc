#include "tests/sim/history.h"

namespace topup::sim {

Call::Result ResultOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Call::Result::kOk;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kAborted:
      return Call::Result::kMaybe;
    default:
      return Call::Result::kRefused;
  }
}

std::map<std::string, const core::Topup*> History::RowsByProviderRef() const {
  std::map<std::string, const core::Topup*> rows;
  for (const core::Topup& topup : topups) rows[topup.provider_ref] = &topup;
  return rows;
}

std::map<std::pair<std::string, std::string>, const core::Topup*> History::RowsByRef() const {
  std::map<std::pair<std::string, std::string>, const core::Topup*> rows;
  for (const core::Topup& topup : topups) {
    if (topup.purpose == core::Purpose::kSale) rows[{topup.caller, topup.ref}] = &topup;
  }
  return rows;
}

std::map<std::string, std::vector<const LoggedEvent*>> History::EventsByTopup() const {
  std::map<std::string, std::vector<const LoggedEvent*>> by_topup;
  for (const LoggedEvent& logged : events) by_topup[logged.event.topup.id].push_back(&logged);
  return by_topup;
}

std::map<std::string, const LedgerTopup*> History::AcceptedByProviderRef() const {
  std::map<std::string, const LedgerTopup*> by_ref;
  for (const LedgerTopup& entry : accepted) by_ref.emplace(entry.provider_ref, &entry);
  return by_ref;
}

bool IsSameRequest(const Call& call, const core::Topup& topup) {
  const bool same_amount = call.amount_dzd.has_value() ? *call.amount_dzd == topup.amount_dzd
                                                       : topup.plan_kind == core::PlanKind::kFixed;
  return same_amount && call.phone == topup.phone.National() && call.plan_code == topup.plan_code;
}

}  // namespace topup::sim
