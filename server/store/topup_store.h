// Durable truth. The front door of the store room.
//
// The contract is written against compare-and-set and sequence numbers, so that an embedded
// and a shared database can both keep it; tests/conformance holds every implementation to it.
//
// Writes are asynchronous: the call returns at once, whatever waits is committed together,
// and `done` runs on the store's commit thread after the commit is on disk; it must not
// block. Writes are applied in the order they were asked for. Reads are synchronous, see
// every write whose `done` has begun, and may block on disk: they do not belong on a gRPC
// thread. Those of one row and of what is due never wait for the others, which read pages: the
// engine's loop makes them.
//
// Errors of writes: STORAGE_UNAVAILABLE (kUnavailable): the outcome is unknown or the store has
// stopped, and nothing of the write takes place after its answer (reads see it, do not, or fail);
// STORAGE_FULL, or OVERLOADED where too many writes wait (kResourceExhausted): nothing was
// recorded; kAborted: the version given is not the stored one, nothing changed; kNotFound: no such
// top-up; kInternal: nothing was recorded, since an id or a provider ref is taken or a top-up that
// is not settled has no next action (it would be forgotten).
// After a failed sync the store answers everything with STORAGE_UNAVAILABLE and calls
// StoreListener::OnFatal: the process must stop, since what is on disk is not known.
//
// Times are kept to the microsecond: what is written with more comes back rounded down.
#ifndef TOPUP_SERVER_STORE_TOPUP_STORE_H_
#define TOPUP_SERVER_STORE_TOPUP_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/evidence.h"
#include "server/core/topup.h"
#include "server/store/cases.h"
#include "server/store/due_topups.h"
#include "server/store/pricing_records.h"
#include "server/store/standing.h"

namespace topup::store {

// Refuses a second top-up of the same caller, number, plan and amount, unless the first is
// REJECTED, REFUNDED or CANCELLED or was created before `since`.
struct DuplicateGuard {
  absl::Time since;
};

struct CreateRequest {
  core::Topup topup;  // revision 1, version 1
  std::optional<DuplicateGuard> guard;
  int64_t queue_limit = 0;  // QUEUED top-ups at most; 0: no limit
};

struct CreateResult {
  enum class Kind {
    kCreated,
    kExists,     // (caller, ref) names `topup` already; nothing changed
    kDuplicate,  // the guard found `topup`; nothing changed
    kQueueFull,  // nothing changed
  };
  Kind kind = Kind::kCreated;
  core::Topup topup;  // as stored; empty for kQueueFull
};

// One atomic change of one top-up, with what belongs to it.
struct UpdateRequest {
  core::Topup topup;                     // the whole row afterwards; `version` is the new one
  bool visible = false;                  // also appends an event with the row as its snapshot
  std::optional<core::Attempt> attempt;  // inserted, or replaced by (topup_id, fence)
  std::optional<core::Check> check;      // appended; the newest 50 of a top-up are kept
  // Each is dropped where the top-up has had one of its kind, open or closed.
  std::vector<core::Incident> incidents;
  std::optional<core::Resolution> resolution;  // kept for ever; a second one is refused
};

struct UpdateResult {
  // Ids of those of the request's incidents that were kept: the others were known before.
  std::vector<std::string> new_incident_ids;
};

struct ListFilter {
  std::string caller;
  std::vector<core::TopupStatus> statuses;  // empty: all
  std::optional<core::PhoneNumber> phone;
  std::optional<absl::Time> start_time;  // created at or after
  std::optional<absl::Time> end_time;    // created before
  // Continues after this one, newest first by (create_time, id); empty: from the newest.
  std::string after_id;
  int limit = 50;
};

struct ListResult {
  std::vector<core::Topup> topups;
  bool more = false;
  int64_t sequence = 0;  // of the last event that the page includes
};

struct EventQuery {
  std::string caller;
  int64_t after_sequence = 0;
  std::vector<core::TopupStatus> statuses;  // empty: all
  int limit = 256;
};

struct EventPage {
  std::vector<core::Event> events;  // in sequence order
  // Everything of this caller up to here has been returned or filtered out.
  int64_t through_sequence = 0;
};

// Told of commits, on the commit thread, in commit order, before the writes' own `done`.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  virtual void OnCommitted(const std::vector<core::Event>& events) = 0;
  virtual void OnFatal(const absl::Status& reason) = 0;
};

// Thread-safe.
class TopupStore : public PricingRecords {
 public:
  // At most one listener, set before the first write; it outlives the store.
  virtual void SetListener(StoreListener* listener) = 0;

  // Records a top-up, once for ever per (caller, ref); one without a ref (a menu request) is
  // never a replay. Looked at in this order, in one commit with the insert: ref, queue limit,
  // guard. Appends its first event.
  virtual void Create(CreateRequest request,
                      std::function<void(absl::StatusOr<CreateResult>)> done) = 0;

  // Replaces the row where its stored version is `request.topup.version - 1`. What is above
  // `Topup::status` never changes and has to be as stored.
  virtual void Update(UpdateRequest request,
                      std::function<void(absl::StatusOr<UpdateResult>)> done) = 0;

  // Records an incident that belongs to no known top-up, once for each kind and detail. Calls back
  // with whether it is new.
  virtual void AddIncident(core::Incident incident,
                           std::function<void(absl::StatusOr<bool>)> done) = 0;

  // Closes the incident, where it is open; calls back with it as it then is, so that of two
  // people the first has closed it. kNotFound: no such incident.
  virtual void CloseIncident(IncidentClosing closing,
                             std::function<void(absl::StatusOr<core::Incident>)> done) = 0;

  // Keeps the last good catalogue for a start without the provider.
  virtual void SaveCatalogue(core::Catalogue catalogue, std::function<void(absl::Status)> done) = 0;

  // Forgets events created before `before`, oldest first up to one that stays; never a top-up, its
  // attempts or incidents.
  virtual void TrimEvents(absl::Time before, std::function<void(absl::Status)> done) = 0;

  // Keeps a value by name, for ever; what is stored already wins. Calls back with the value
  // in force. Names: "deployment_id", "token_key"; "commits" is the store's own.
  virtual void KeepSetting(std::string name, std::string value,
                           std::function<void(absl::StatusOr<std::string>)> done) = 0;

  // As of the opening, and what was noted since.
  virtual Standing standing() = 0;
  // All that is stored has been looked at as an older copy's has to be. Answered once a later
  // opening knows it, or cannot be told: an error is no reason to stop.
  virtual void NoteTakenOver(std::function<void(absl::Status)> done) = 0;
  // After every write that was asked for before. May be lost: then more is compared again.
  virtual void NoteSwept(absl::Time through) = 0;

  // kNotFound where there is none.
  virtual absl::StatusOr<core::Topup> FindById(absl::string_view topup_id) = 0;
  virtual absl::StatusOr<core::Topup> FindByRef(absl::string_view caller,
                                                absl::string_view ref) = 0;
  virtual absl::StatusOr<core::Topup> FindByProviderRef(absl::string_view provider_ref) = 0;

  virtual absl::StatusOr<ListResult> List(const ListFilter& filter) = 0;

  // What the guard would find for `topup` (its caller, phone, plan_code and amount_dzd).
  virtual absl::StatusOr<std::optional<core::Topup>> FindDuplicate(const core::Topup& topup,
                                                                   const DuplicateGuard& guard) = 0;

  // The newest menu request for a number, created at or after `since`.
  virtual absl::StatusOr<std::optional<core::Topup>> FindMenu(const core::PhoneNumber& phone,
                                                              absl::string_view plan_code,
                                                              absl::Time since) = 0;

  // Top-ups whose next action is `action` and due at `now`, the longest due first. A row that
  // cannot be decoded is left out and named; kDataLoss where those are too many.
  virtual absl::StatusOr<DueTopups> ReadDue(core::NextAction action, absl::Time now, int limit) = 0;
  // When the next one is due; InfiniteFuture where there is none.
  virtual absl::StatusOr<absl::Time> NextDueTime(core::NextAction action) = 0;

  virtual absl::StatusOr<int64_t> CountByStatus(core::TopupStatus status) = 0;

  // All attempts of a top-up in order, and its newest checks.
  virtual absl::StatusOr<std::vector<core::Attempt>> Attempts(absl::string_view topup_id) = 0;
  virtual absl::StatusOr<std::vector<core::Check>> Checks(absl::string_view topup_id) = 0;
  virtual absl::StatusOr<std::optional<core::Resolution>> FindResolution(
      absl::string_view topup_id) = 0;
  // Leaves out what cannot be decoded, as ReadDue does; `total` counts it.
  virtual absl::StatusOr<UnsettledPage> ListUnsettled(const UnsettledQuery& query) = 0;
  // Open incidents first-made first, `limit` at most, after the id `after_id` (empty: all).
  virtual absl::StatusOr<std::vector<core::Incident>> Incidents(bool include_closed,
                                                                absl::string_view after_id,
                                                                int limit) = 0;

  virtual absl::StatusOr<EventPage> ReadEvents(const EventQuery& query) = 0;
  // Events of one top-up with a revision above `after_revision`, as far as they are kept.
  virtual absl::StatusOr<std::vector<core::Event>> ReadRevisions(absl::string_view topup_id,
                                                                 int64_t after_revision,
                                                                 int limit) = 0;
  // The oldest sequence from which nothing is missing (a reader that has seen this one, or
  // any later one, can resume), and the newest.
  virtual absl::StatusOr<int64_t> OldestResumableSequence() = 0;
  virtual absl::StatusOr<int64_t> LatestSequence() = 0;

  // An empty catalogue (read_time InfinitePast) where none was saved.
  virtual absl::StatusOr<core::Catalogue> LoadCatalogue() = 0;
};

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_TOPUP_STORE_H_
