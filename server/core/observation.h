// How what the provider shows of a top-up changes the record. The inner half of
// core/protocol.h, which alone calls it; each function works on a row that will be committed.
#ifndef TOPUP_SERVER_CORE_OBSERVATION_H_
#define TOPUP_SERVER_CORE_OBSERVATION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/protocol.h"

namespace topup::core {

// The provider has it: doubt is over, and its name for it is kept.
void MarkAccepted(Topup& topup, absl::string_view provider_topup_id, absl::Time now);

// What differs between our record and what is shown under its ref; empty where nothing does.
// Fields that are not shown do not differ. The text has no phone number.
std::string FieldMismatch(const Topup& topup, const ProviderTopup& shown);

// Applies a found read to an accepted top-up: status, charge, texts, advice, next read.
// Changes nothing but the next read where the read is stale, is not of our top-up, or would
// go back in rank.
void Observe(Topup& topup, std::vector<IncidentDraft>& incidents, const ProtocolRules& rules,
             const ReadAnswer& answer, const Situation& situation);

// A well-formed not-found for an accepted top-up: never a change, after a while an incident.
void ObserveMissing(Topup& topup, std::vector<IncidentDraft>& incidents,
                    const Situation& situation);

// When an accepted top-up is read next, by its age and status.
void ScheduleStatusRead(Topup& topup, const ProtocolRules& rules, const Situation& situation);

// Incidents where `shown` contradicts a settled record.
void CompareSettled(const Topup& topup, const ProviderTopup& shown,
                    std::vector<IncidentDraft>& incidents);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_OBSERVATION_H_
