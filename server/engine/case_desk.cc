#include "server/engine/case_desk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/core/resolution.h"

namespace topup::engine {
namespace {

constexpr absl::Duration kMeasureInterval = absl::Minutes(1);

using base::MakeError;

absl::Status NotFound() {
  return MakeError(absl::StatusCode::kNotFound, "There is no such top-up.",
                   {.reason = "TOPUP_NOT_FOUND"});
}

absl::Status TooManyReads() {
  return base::OverloadedError("reads", "Too many reads wait: try again later.");
}

absl::Status NotResolvable(const core::Topup& topup, absl::string_view why) {
  const std::string status(core::StatusName(topup.status));
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("The top-up is ", status, " and cannot be resolved: ", why, "."),
      {.reason = "NOT_RESOLVABLE", .metadata = {{"status", status}, {"why", std::string(why)}}});
}

absl::Status RevisionChanged(const core::Topup& topup, int64_t expected) {
  const std::string revision = absl::StrCat(topup.revision);
  return MakeError(
      absl::StatusCode::kAborted,
      absl::StrCat("The top-up is at revision ", revision, ", not ", expected,
                   ": look at it again before deciding."),
      {.reason = "REVISION_CHANGED",
       .metadata = {{"revision", revision}, {"expected_revision", absl::StrCat(expected)}}});
}

bool IsOtherRevision(const core::Topup& topup, int64_t expected) {
  return expected != 0 && topup.revision != expected;
}

bool IsSameDecision(const core::Resolution& resolution, const ResolveCommand& command) {
  return resolution.status == command.status && resolution.decided_by == command.decided_by &&
         resolution.reason == command.reason;
}

}  // namespace

CaseDesk::CaseDesk(const EngineParts& parts, const EngineOptions& options, DecisionWriter& writer)
    : parts_(parts),
      options_(options),
      writer_(writer),
      unsettled_(parts_.metrics.GetGauge(
          "topup_engine_unsettled_topups",
          "Top-ups that do not settle by themselves; a person may have to look.")),
      value_at_risk_(parts_.metrics.GetGauge("topup_engine_value_at_risk_centimes",
                                             "The prices of the unsettled top-ups together.")) {}

void CaseDesk::ListUnsettled(CasePage page, Done<UnsettledListing> done) {
  const bool queued =
      parts_.reads.TryPost([this, page = std::move(page), done] { done(ReadUnsettled(page)); });
  if (!queued) done(TooManyReads());
}

absl::StatusOr<store::UnsettledPage> CaseDesk::ReadPage(const CasePage& page) {
  ASSIGN_OR_RETURN(store::UnsettledPage read,
                   parts_.store.ListUnsettled(
                       {.since = core::UnsettledBefore(options_.rules, parts_.clock.Now()),
                        .after_id = page.after_id,
                        .limit = page.limit}));
  unsettled_->Set(read.total);
  value_at_risk_->Set(read.value_at_risk.centimes());
  return read;
}

void CaseDesk::Measure(absl::Duration elapsed) {
  if (elapsed < measure_at_) return;
  measure_at_ = elapsed + kMeasureInterval;
  // Where the store cannot be read now the gauges stay as they were.
  static_cast<void>(parts_.reads.TryPost([this] { static_cast<void>(ReadPage({.limit = 1})); }));
}

absl::StatusOr<UnsettledListing> CaseDesk::ReadUnsettled(const CasePage& page) {
  ASSIGN_OR_RETURN(store::UnsettledPage read, ReadPage(page));
  const absl::Time now = parts_.clock.Now();
  const core::UnsettledSince since = core::UnsettledBefore(options_.rules, now);
  UnsettledListing listing{
      .more = read.more, .total = read.total, .value_at_risk = read.value_at_risk};
  for (core::Topup& topup : read.topups) {
    UnsettledTopup entry;
    entry.reason = std::string(core::UnsettledReasonName(core::WhyUnsettled(topup, since)));
    entry.age = now - topup.create_time;
    ASSIGN_OR_RETURN(entry.attempts, parts_.store.Attempts(topup.id));
    ASSIGN_OR_RETURN(entry.checks, parts_.store.Checks(topup.id));
    entry.topup = std::move(topup);
    listing.topups.push_back(std::move(entry));
  }
  return listing;
}

void CaseDesk::Resolve(ResolveCommand command, Done<Resolved> done) {
  const bool queued = parts_.reads.TryPost([this, command = std::move(command), done] {
    absl::StatusOr<core::Topup> topup = parts_.store.FindById(command.topup_id);
    if (!topup.ok()) {
      done(absl::IsNotFound(topup.status()) ? NotFound() : topup.status());
      return;
    }
    parts_.loop.Post(
        [this, topup = *std::move(topup), command, done] { ResolveOnLoop(topup, command, done); });
  });
  if (!queued) done(TooManyReads());
}

void CaseDesk::ResolveOnLoop(const core::Topup& topup, const ResolveCommand& command,
                             Done<Resolved> done) {
  // Where a read's answer is on its way too, the one that commits first decides: the other one
  // decides again on the row as it then is.
  writer_.Apply(
      topup,
      [this, command](const core::Topup& row) {
        if (IsOtherRevision(row, command.expected_revision)) return core::Decision{.topup = row};
        return core::Resolve(row, options_.rules,
                             {.status = command.status,
                              .decided_by = command.decided_by,
                              .reason = command.reason,
                              .override = command.override},
                             writer_.Look());
      },
      /*must_succeed=*/false,
      [this, command, done](absl::StatusOr<core::Topup> written) {
        if (!written.ok()) {
          done(written.status());
        } else {
          done(Answer(*written, command));
        }
      });
}

absl::StatusOr<Resolved> CaseDesk::Answer(const core::Topup& topup, const ResolveCommand& command) {
  ASSIGN_OR_RETURN(const std::optional<core::Resolution> resolution,
                   parts_.store.FindResolution(topup.id));
  if (resolution.has_value() && IsSameDecision(*resolution, command)) {
    return Resolved{.topup = topup, .resolution = *resolution};
  }
  if (IsOtherRevision(topup, command.expected_revision)) {
    return RevisionChanged(topup, command.expected_revision);
  }
  const absl::string_view why =
      core::WhyNotResolvable(topup, options_.rules, command.override, writer_.Look());
  return NotResolvable(topup, why.empty() ? "no person may settle it like that" : why);
}

void CaseDesk::ListIncidents(CasePage page, bool include_closed, Done<IncidentListing> done) {
  const bool queued = parts_.reads.TryPost([this, page = std::move(page), include_closed, done] {
    // One more than asked for shows whether there are more.
    absl::StatusOr<std::vector<core::Incident>> read =
        parts_.store.Incidents(include_closed, page.after_id, page.limit + 1);
    if (!read.ok()) {
      done(read.status());
      return;
    }
    IncidentListing listing{.incidents = *std::move(read)};
    listing.more = static_cast<int>(listing.incidents.size()) > page.limit;
    if (listing.more) listing.incidents.pop_back();
    done(std::move(listing));
  });
  if (!queued) done(TooManyReads());
}

void CaseDesk::CloseIncident(CloseCommand command, Done<core::Incident> done) {
  parts_.store.CloseIncident({.incident_id = std::move(command.incident_id),
                              .closed_by = std::move(command.closed_by),
                              .reason = std::move(command.reason),
                              .time = parts_.clock.Now()},
                             std::move(done));
}

}  // namespace topup::engine
