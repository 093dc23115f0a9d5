#include "server/store/sqlite/sqlite_topup_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/case_queries.h"
#include "server/store/sqlite/migrations.h"
#include "server/store/sqlite/pending_write.h"
#include "server/store/sqlite/pricing_queries.h"
#include "server/store/sqlite/sqlite_queries.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

template <typename Result, typename Apply>
void Submit(CommitQueue& queue, Apply apply, std::function<void(Result)> done) {
  queue.Submit(std::make_unique<PendingWrite<Result>>(std::move(apply), std::move(done)));
}

absl::Status AtPath(const std::string& path, const absl::Status& status) {
  return absl::Status(absl::StatusCode::kFailedPrecondition,
                      absl::StrCat("store ", path, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteTopupStore>> SqliteTopupStore::Open(
    const std::string& path, const StoreOptions& options, const base::Clock& clock,
    base::Metrics& metrics) {
  // The same file under two names must have one lock.
  std::error_code error;
  const std::string file = std::filesystem::weakly_canonical(path, error).string();
  if (error) return AtPath(path, absl::UnknownError(error.message()));
  ASSIGN_OR_RETURN(FileLock lock, FileLock::Take(file));
  RETURN_IF_ERROR(MakePrivateFile(file));
  absl::StatusOr<std::unique_ptr<Database>> database =
      Database::Open(file, Database::Mode::kWriter, options.vfs);
  if (!database.ok()) return AtPath(file, database.status());
  const absl::Status migrated = Migrate(**database, KnownMigrations());
  if (!migrated.ok()) return AtPath(file, migrated);
  absl::StatusOr<std::unique_ptr<MarkKeeper>> mark = nullptr;
  if (options.vfs.empty()) mark = KeepMark(file, **database, metrics);
  if (!mark.ok()) return AtPath(file, mark.status());
  absl::StatusOr<std::unique_ptr<SqliteWriter>> writer = SqliteWriter::Make(*std::move(database));
  if (!writer.ok()) return AtPath(file, writer.status());
  absl::StatusOr<std::unique_ptr<ReaderPool>> readers =
      ReaderPool::Open(file, options.reader_count, options.vfs);
  if (!readers.ok()) return AtPath(file, readers.status());
  return std::unique_ptr<SqliteTopupStore>(
      new SqliteTopupStore(std::move(lock), *std::move(mark), *std::move(readers),
                           *std::move(writer), options, clock, metrics));
}

SqliteTopupStore::~SqliteTopupStore() { queue_.Stop(); }

void SqliteTopupStore::SetListener(StoreListener* listener) { queue_.SetListener(listener); }

void SqliteTopupStore::Create(CreateRequest request,
                              std::function<void(absl::StatusOr<CreateResult>)> done) {
  Submit(
      queue_,
      [request = std::move(request)](SqliteWriter& writer) { return writer.Create(request); },
      std::move(done));
}

void SqliteTopupStore::Update(UpdateRequest request,
                              std::function<void(absl::StatusOr<UpdateResult>)> done) {
  Submit(
      queue_,
      [request = std::move(request)](SqliteWriter& writer) { return writer.Update(request); },
      std::move(done));
}

void SqliteTopupStore::AddIncident(core::Incident incident,
                                   std::function<void(absl::StatusOr<bool>)> done) {
  Submit(
      queue_,
      [incident = std::move(incident)](SqliteWriter& writer) {
        return writer.KeepIncident(incident);
      },
      std::move(done));
}

void SqliteTopupStore::CloseIncident(IncidentClosing closing,
                                     std::function<void(absl::StatusOr<core::Incident>)> done) {
  Submit(
      queue_,
      [closing = std::move(closing)](SqliteWriter& writer) {
        return writer.CloseIncident(closing);
      },
      std::move(done));
}

void SqliteTopupStore::SaveCatalogue(core::Catalogue catalogue,
                                     std::function<void(absl::Status)> done) {
  Submit(
      queue_,
      [catalogue = std::move(catalogue)](SqliteWriter& writer) {
        return writer.SaveCatalogue(catalogue);
      },
      std::move(done));
}

void SqliteTopupStore::TrimEvents(absl::Time before, std::function<void(absl::Status)> done) {
  queue_.Submit(std::make_unique<PendingTrim>(before, std::move(done)));
}

void SqliteTopupStore::KeepSetting(std::string name, std::string value,
                                   std::function<void(absl::StatusOr<std::string>)> done) {
  std::function<void(absl::StatusOr<std::string>)> kept = std::move(done);
  if (name == "deployment_id" && mark_ != nullptr) {
    kept = [this, done = std::move(kept)](absl::StatusOr<std::string> in_force) {
      if (in_force.ok()) mark_->SetDeployment(*in_force);
      done(std::move(in_force));
    };
  }
  Submit(
      queue_,
      [name = std::move(name), value = std::move(value)](SqliteWriter& writer) {
        return writer.KeepSetting(name, value);
      },
      std::move(kept));
}

void SqliteTopupStore::AppendActivation(PricingActivation activation,
                                        std::function<void(absl::Status)> done) {
  Submit(
      queue_,
      [activation = std::move(activation)](SqliteWriter& writer) {
        return writer.AppendActivation(activation);
      },
      std::move(done));
}

Standing SqliteTopupStore::standing() { return mark_ != nullptr ? mark_->standing() : Standing(); }

void SqliteTopupStore::NoteTakenOver(std::function<void(absl::Status)> done) {
  if (mark_ != nullptr) {
    mark_->TakenOver(std::move(done));
  } else {
    done(absl::OkStatus());
  }
}

void SqliteTopupStore::NoteSwept(absl::Time through) {
  Submit<absl::Status>(
      queue_, [](SqliteWriter&) { return absl::OkStatus(); },
      [this, through](const absl::Status& before) {
        if (before.ok() && mark_ != nullptr) mark_->Swept(through);
      });
}

template <typename Read>
auto SqliteTopupStore::WithReader(Read read, ReadLength length)
    -> decltype(read(std::declval<Database&>())) {
  RETURN_IF_ERROR(queue_.health());
  ReaderPool::Lease lease = readers_->Borrow(length);
  return read(lease.database());
}

absl::StatusOr<core::Topup> SqliteTopupStore::FindById(absl::string_view topup_id) {
  return WithReader([&](Database& database) { return ReadTopupById(database, topup_id); });
}

absl::StatusOr<core::Topup> SqliteTopupStore::FindByRef(absl::string_view caller,
                                                        absl::string_view ref) {
  ASSIGN_OR_RETURN(std::optional<core::Topup> topup, WithReader([&](Database& database) {
                     return ReadTopupByRef(database, caller, ref);
                   }));
  if (!topup.has_value()) return TopupNotFoundError();
  return *std::move(topup);
}

absl::StatusOr<core::Topup> SqliteTopupStore::FindByProviderRef(absl::string_view provider_ref) {
  return WithReader(
      [&](Database& database) { return ReadTopupByProviderRef(database, provider_ref); });
}

absl::StatusOr<ListResult> SqliteTopupStore::List(const ListFilter& filter) {
  return WithReader([&](Database& database) { return ReadList(database, filter); },
                    ReadLength::kLong);
}

absl::StatusOr<std::optional<core::Topup>> SqliteTopupStore::FindDuplicate(
    const core::Topup& topup, const DuplicateGuard& guard) {
  return WithReader([&](Database& database) { return ReadDuplicate(database, topup, guard); });
}

absl::StatusOr<std::optional<core::Topup>> SqliteTopupStore::FindMenu(
    const core::PhoneNumber& phone, absl::string_view plan_code, absl::Time since) {
  return WithReader(
      [&](Database& database) { return ReadMenu(database, phone, plan_code, since); });
}

absl::StatusOr<DueTopups> SqliteTopupStore::ReadDue(core::NextAction action, absl::Time now,
                                                    int limit) {
  return WithReader(
      [&](Database& database) { return ReadDueTopups(database, action, now, limit); });
}

absl::StatusOr<absl::Time> SqliteTopupStore::NextDueTime(core::NextAction action) {
  return WithReader([&](Database& database) { return ReadNextDueTime(database, action); });
}

absl::StatusOr<int64_t> SqliteTopupStore::CountByStatus(core::TopupStatus status) {
  // Open ones are counted as they change; only settled ones have to be looked through.
  if (status >= core::TopupStatus::kFulfilled) {
    return WithReader([&](Database& database) { return CountTopups(database, status); });
  }
  RETURN_IF_ERROR(queue_.health());
  return queue_.OpenCount(status);
}

absl::StatusOr<std::vector<core::Attempt>> SqliteTopupStore::Attempts(absl::string_view topup_id) {
  return WithReader([&](Database& database) { return ReadAttempts(database, topup_id); });
}

absl::StatusOr<std::vector<core::Check>> SqliteTopupStore::Checks(absl::string_view topup_id) {
  return WithReader([&](Database& database) { return ReadChecks(database, topup_id); });
}

absl::StatusOr<std::optional<core::Resolution>> SqliteTopupStore::FindResolution(
    absl::string_view topup_id) {
  return WithReader([&](Database& database) { return ReadResolutionOf(database, topup_id); });
}

absl::StatusOr<UnsettledPage> SqliteTopupStore::ListUnsettled(const UnsettledQuery& query) {
  return WithReader([&](Database& database) { return ReadUnsettled(database, query); },
                    ReadLength::kLong);
}

absl::StatusOr<std::vector<core::Incident>> SqliteTopupStore::Incidents(bool include_closed,
                                                                        absl::string_view after_id,
                                                                        int limit) {
  return WithReader(
      [&](Database& database) { return ReadIncidents(database, include_closed, after_id, limit); },
      ReadLength::kLong);
}

absl::StatusOr<EventPage> SqliteTopupStore::ReadEvents(const EventQuery& query) {
  return WithReader([&](Database& database) { return ReadEventPage(database, query); },
                    ReadLength::kLong);
}

absl::StatusOr<std::vector<core::Event>> SqliteTopupStore::ReadRevisions(absl::string_view topup_id,
                                                                         int64_t after_revision,
                                                                         int limit) {
  return WithReader(
      [&](Database& database) {
        return ReadEventsOfTopup(database, topup_id, after_revision, limit);
      },
      ReadLength::kLong);
}

absl::StatusOr<int64_t> SqliteTopupStore::OldestResumableSequence() {
  return WithReader([](Database& database) { return ReadTrimmedThrough(database); });
}

absl::StatusOr<int64_t> SqliteTopupStore::LatestSequence() {
  return WithReader([](Database& database) { return ReadLatestSequence(database); });
}

absl::StatusOr<core::Catalogue> SqliteTopupStore::LoadCatalogue() {
  return WithReader([](Database& database) { return ReadCatalogue(database); });
}

absl::StatusOr<std::optional<PricingActivation>> SqliteTopupStore::LatestActivation() {
  return WithReader([](Database& database) { return ReadLatestActivation(database); });
}

absl::StatusOr<std::optional<PricingActivation>> SqliteTopupStore::FindActivation(int64_t number) {
  return WithReader([number](Database& database) { return ReadActivation(database, number); });
}

absl::StatusOr<std::optional<std::string>> SqliteTopupStore::FindPricingConfig(
    absl::string_view digest) {
  return WithReader([&](Database& database) { return ReadPricingConfig(database, digest); });
}

absl::StatusOr<PricedTopupPage> SqliteTopupStore::ReadPricedTopups(const PricedTopupQuery& query) {
  return WithReader([&](Database& database) { return ReadPricedPage(database, query); },
                    ReadLength::kLong);
}

absl::StatusOr<std::vector<DeliveredVolume>> SqliteTopupStore::SumDelivered(
    absl::Time start_time, absl::Duration stretch) {
  return WithReader(
      [&](Database& database) { return ReadDelivered(database, start_time, stretch); },
      ReadLength::kLong);
}

}  // namespace topup::store::sqlite
