// The embedded store: one SQLite file, one process.
#ifndef TOPUP_SERVER_STORE_SQLITE_SQLITE_TOPUP_STORE_H_
#define TOPUP_SERVER_STORE_SQLITE_SQLITE_TOPUP_STORE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/commit_queue.h"
#include "server/store/sqlite/file_lock.h"
#include "server/store/sqlite/mark_keeper.h"
#include "server/store/sqlite/reader_pool.h"
#include "server/store/store_options.h"
#include "server/store/topup_store.h"

namespace topup::store::sqlite {

// See TopupStore. All writes and checkpoints go through one connection on one thread; reads
// have connections of their own that cannot write.
class SqliteTopupStore : public TopupStore {
 public:
  // Makes the file where it is missing (mode 0600), and brings it to the newest schema.
  // kFailedPrecondition, with a text for the operator, where another process uses it, where it
  // was written by a newer topupd or another program, or cannot be opened. `path` is on a local
  // file system: locks and shared memory are not to be trusted on others.
  static absl::StatusOr<std::unique_ptr<SqliteTopupStore>> Open(const std::string& path,
                                                                const StoreOptions& options,
                                                                const base::Clock& clock,
                                                                base::Metrics& metrics);
  // Commits and answers what is waiting first. No read may be going on.
  ~SqliteTopupStore() override;

  void SetListener(StoreListener* listener) override;
  void Create(CreateRequest request,
              std::function<void(absl::StatusOr<CreateResult>)> done) override;
  void Update(UpdateRequest request,
              std::function<void(absl::StatusOr<UpdateResult>)> done) override;
  void AddIncident(core::Incident incident,
                   std::function<void(absl::StatusOr<bool>)> done) override;
  void CloseIncident(IncidentClosing closing,
                     std::function<void(absl::StatusOr<core::Incident>)> done) override;
  void SaveCatalogue(core::Catalogue catalogue, std::function<void(absl::Status)> done) override;
  void TrimEvents(absl::Time before, std::function<void(absl::Status)> done) override;
  void KeepSetting(std::string name, std::string value,
                   std::function<void(absl::StatusOr<std::string>)> done) override;

  Standing standing() override;
  void NoteTakenOver(std::function<void(absl::Status)> done) override;
  void NoteSwept(absl::Time through) override;

  absl::StatusOr<core::Topup> FindById(absl::string_view topup_id) override;
  absl::StatusOr<core::Topup> FindByRef(absl::string_view caller, absl::string_view ref) override;
  absl::StatusOr<core::Topup> FindByProviderRef(absl::string_view provider_ref) override;
  absl::StatusOr<ListResult> List(const ListFilter& filter) override;
  absl::StatusOr<std::optional<core::Topup>> FindDuplicate(const core::Topup& topup,
                                                           const DuplicateGuard& guard) override;
  absl::StatusOr<std::optional<core::Topup>> FindMenu(const core::PhoneNumber& phone,
                                                      absl::string_view plan_code,
                                                      absl::Time since) override;
  absl::StatusOr<DueTopups> ReadDue(core::NextAction action, absl::Time now, int limit) override;
  absl::StatusOr<absl::Time> NextDueTime(core::NextAction action) override;
  absl::StatusOr<int64_t> CountByStatus(core::TopupStatus status) override;
  absl::StatusOr<std::vector<core::Attempt>> Attempts(absl::string_view topup_id) override;
  absl::StatusOr<std::vector<core::Check>> Checks(absl::string_view topup_id) override;
  absl::StatusOr<std::optional<core::Resolution>> FindResolution(
      absl::string_view topup_id) override;
  absl::StatusOr<UnsettledPage> ListUnsettled(const UnsettledQuery& query) override;
  absl::StatusOr<std::vector<core::Incident>> Incidents(bool include_closed,
                                                        absl::string_view after_id,
                                                        int limit) override;
  absl::StatusOr<EventPage> ReadEvents(const EventQuery& query) override;
  absl::StatusOr<std::vector<core::Event>> ReadRevisions(absl::string_view topup_id,
                                                         int64_t after_revision,
                                                         int limit) override;
  absl::StatusOr<int64_t> OldestResumableSequence() override;
  absl::StatusOr<int64_t> LatestSequence() override;
  absl::StatusOr<core::Catalogue> LoadCatalogue() override;

  void AppendActivation(PricingActivation activation,
                        std::function<void(absl::Status)> done) override;
  absl::StatusOr<std::optional<PricingActivation>> LatestActivation() override;
  absl::StatusOr<std::optional<PricingActivation>> FindActivation(int64_t number) override;
  absl::StatusOr<std::optional<std::string>> FindPricingConfig(
      absl::string_view config_digest) override;
  absl::StatusOr<PricedTopupPage> ReadPricedTopups(const PricedTopupQuery& query) override;
  absl::StatusOr<std::vector<DeliveredVolume>> SumDelivered(absl::Time start_time,
                                                            absl::Duration stretch) override;

 private:
  SqliteTopupStore(FileLock lock, std::unique_ptr<MarkKeeper> mark,
                   std::unique_ptr<ReaderPool> readers, std::unique_ptr<SqliteWriter> writer,
                   const StoreOptions& options, const base::Clock& clock, base::Metrics& metrics)
      : lock_(std::move(lock)),
        mark_(std::move(mark)),
        readers_(std::move(readers)),
        queue_(std::move(writer), mark_.get(), options, clock, metrics) {}

  // Runs `read` on a connection, unless the store has failed.
  template <typename Read>
  auto WithReader(Read read, ReadLength length = ReadLength::kShort)
      -> decltype(read(std::declval<Database&>()));

  const FileLock lock_;                     // let go of last
  const std::unique_ptr<MarkKeeper> mark_;  // null on a VFS of its own: no file to compare with
  const std::unique_ptr<ReaderPool> readers_;
  CommitQueue queue_;  // stops first
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_SQLITE_TOPUP_STORE_H_
