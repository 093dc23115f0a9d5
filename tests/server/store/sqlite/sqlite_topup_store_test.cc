#include "server/store/sqlite/sqlite_topup_store.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/store/sqlite/sqlite_database.h"
#include "tests/conformance/topup_store_await.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topup_builder.h"

namespace topup::store::sqlite {
namespace {

using conformance::Await;
using conformance::CreateAndWait;
using conformance::UpdateAndWait;
using core::TopupStatus;
using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::MakeQueuedTopup;
using support::NextVersion;
using support::StatusIs;
using support::TestTime;
using testing::HasSubstr;
using testing::SizeIs;

class SqliteTopupStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SqliteTopupStore>> TryOpen(const std::string& path) {
    return SqliteTopupStore::Open(path, options_, base::RealClock(), metrics_);
  }

  std::unique_ptr<SqliteTopupStore> Open(const std::string& path) {
    auto store = TryOpen(path);
    EXPECT_THAT(store, IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Changes a file that nobody has open, as a damaged disk or a person could.
  static void Damage(const std::string& path, const std::string& sql) {
    auto database = Database::Open(path, Database::Mode::kWriter);
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT((*database)->Execute("PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF"),
                IsOk());
    ASSERT_THAT((*database)->Execute(sql), IsOk());
    ASSERT_THAT((*database)->Checkpoint(CheckpointMode::kTruncate), IsOk());
  }

  int64_t Commits() { return metrics_.GetCounter("topup_store_commits_total", "")->Value(); }

  support::TempDir directory_;
  const std::string path_ = directory_.File("topup.db");
  base::Metrics metrics_;
  StoreOptions options_;
};

// Holds the commit thread in an answer, so that what is asked for meanwhile has to wait.
class HeldCommitThread {
 public:
  explicit HeldCommitThread(TopupStore& store) {
    std::promise<void> reached;
    store.KeepSetting("held", "", [this, &reached](auto) {
      reached.set_value();
      released_.get_future().wait();
    });
    reached.get_future().wait();
  }
  void Release() { released_.set_value(); }

 private:
  std::promise<void> released_;
};

TEST_F(SqliteTopupStoreTest, KeepsEverythingOverAReopening) {
  core::Topup topup = MakeQueuedTopup("a");
  {
    auto store = Open(path_);
    ASSERT_THAT(CreateAndWait(*store, {topup, std::nullopt, 0}), IsOk());
    ASSERT_THAT(CreateAndWait(*store, {MakeQueuedTopup("b"), std::nullopt, 0}), IsOk());
    UpdateRequest request;
    request.topup = topup = NextVersion(topup);
    request.topup.status = topup.status = TopupStatus::kSubmitting;
    request.visible = true;
    request.attempt = core::Attempt{};
    request.attempt->topup_id = topup.id;
    request.attempt->fence = 1;
    ASSERT_THAT(UpdateAndWait(*store, request), IsOk());
    ASSERT_THAT(Await<absl::Status>([&](auto done) {
                  store->TrimEvents(TestTime(absl::Milliseconds(1)), std::move(done));
                }),
                IsOk());
  }
  auto store = Open(path_);
  EXPECT_EQ(*store->FindById("id-a"), topup);
  EXPECT_THAT(*store->Attempts("id-a"), SizeIs(1));
  EXPECT_EQ(*store->OldestResumableSequence(), 2);
  EXPECT_EQ(*store->LatestSequence(), 3);
  EXPECT_EQ(*store->CountByStatus(TopupStatus::kQueued), 1);
  EXPECT_EQ(*store->CountByStatus(TopupStatus::kSubmitting), 1);
  const auto again = CreateAndWait(*store, {MakeQueuedTopup("a"), std::nullopt, 0});
  EXPECT_EQ(again->kind, CreateResult::Kind::kExists);
}

TEST_F(SqliteTopupStoreTest, NeverGivesASequenceTwiceEvenWhenAllEventsAreForgotten) {
  {
    auto store = Open(path_);
    ASSERT_THAT(CreateAndWait(*store, {MakeQueuedTopup("a"), std::nullopt, 0}), IsOk());
    ASSERT_THAT(Await<absl::Status>(
                    [&](auto done) { store->TrimEvents(absl::InfiniteFuture(), std::move(done)); }),
                IsOk());
  }
  auto store = Open(path_);
  EXPECT_EQ(*store->LatestSequence(), 1);
  ASSERT_THAT(CreateAndWait(*store, {MakeQueuedTopup("b"), std::nullopt, 0}), IsOk());
  EXPECT_EQ(*store->LatestSequence(), 2);
}

// What a killed process leaves behind: the file, and a log that was never written back.
TEST_F(SqliteTopupStoreTest, FindsEveryAnsweredWriteInTheLogOfAKilledProcess) {
  auto store = Open(path_);
  for (int i = 0; i < 50; ++i) {
    const core::Topup topup = MakeQueuedTopup(absl::StrCat("n", i));
    ASSERT_THAT(CreateAndWait(*store, {topup, std::nullopt, 0}), IsOk());
  }
  const std::string copy = directory_.File("copy.db");
  std::filesystem::copy_file(path_, copy);
  std::filesystem::copy_file(path_ + "-wal", copy + "-wal");
  auto recovered = Open(copy);
  EXPECT_EQ(*recovered->CountByStatus(TopupStatus::kQueued), 50);
  EXPECT_EQ(*recovered->LatestSequence(), 50);
  EXPECT_THAT(recovered->FindById("id-n49"), IsOk());
}

TEST_F(SqliteTopupStoreTest, WritesTheLogBackWhenItStops) {
  Open(path_).reset();
  EXPECT_GT(std::filesystem::file_size(path_), 0);
  std::error_code none;
  const auto log_size = std::filesystem::file_size(path_ + "-wal", none);
  EXPECT_TRUE(none || log_size == 0) << log_size;
}

TEST_F(SqliteTopupStoreTest, RefusesASecondProcessAndNamesTheLock) {
  auto store = Open(path_);
  const auto second = TryOpen(path_);
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("topup.db.lock"));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another topupd"));
  // Under another name it is the same file.
  std::filesystem::create_symlink(path_, directory_.File("alias.db"));
  EXPECT_FALSE(TryOpen(directory_.File("alias.db")).ok());
  store.reset();
  EXPECT_THAT(TryOpen(path_), IsOk());
}

TEST_F(SqliteTopupStoreTest, SaysWhatIsWrongWithAFileThatItCannotUse) {
  EXPECT_THAT(TryOpen(directory_.File("no/such/dir.db")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  std::ofstream(path_) << std::string(8192, 'x');
  const auto store = TryOpen(path_);
  EXPECT_THAT(store, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(path_));
}

// A damaged file, or one that somebody has repaired by hand: what no constraint would have let in
// must not become a top-up that is sent or answered.
TEST_F(SqliteTopupStoreTest, GivesNoRowThatItsConstraintsWouldNotLetIn) {
  ASSERT_THAT(CreateAndWait(*Open(path_), {.topup = MakeQueuedTopup("a")}), IsOk());
  for (const char* damage : {"amount_dzd = -500", "revision = 0", "version = 0",
                             "version = 9223372036854775807", "next_action = 0", "posts = -1",
                             "posts = 4294967296", "fence = -1", "schedule_step = -1"}) {
    const std::string copy = directory_.File("damaged.db");
    std::filesystem::copy_file(path_, copy, std::filesystem::copy_options::overwrite_existing);
    Damage(copy, absl::StrCat("UPDATE topups SET ", damage));
    auto store = Open(copy);
    EXPECT_THAT(store->FindById("id-a"), StatusIs(absl::StatusCode::kDataLoss)) << damage;
    EXPECT_THAT(store->FindByRef("shop", "ref-a"), HasReason("STORED_DATA_INVALID")) << damage;
    EXPECT_FALSE(store->List({.caller = "shop"}).ok()) << damage;
    const auto events = store->ReadEvents({.caller = "shop"});
    EXPECT_TRUE(!events.ok() || events->events.size() == 1u) << damage;
  }
}

// It went round for ever, and its memory grew.
TEST_F(SqliteTopupStoreTest, EndsAChainOfEventsThatGoesRound) {
  ASSERT_THAT(CreateAndWait(*Open(path_), {.topup = MakeQueuedTopup("a")}), IsOk());
  Damage(path_, "UPDATE topup_events SET previous_event = sequence");
  EXPECT_THAT(Open(path_)->ReadRevisions("id-a", 0, 10), HasReason("STORED_DATA_INVALID"));
}

// The next one would not be above them.
TEST_F(SqliteTopupStoreTest, RefusesAFileWhoseNumbersHaveComeToTheirEnd) {
  ASSERT_THAT(CreateAndWait(*Open(path_), {.topup = MakeQueuedTopup("a")}), IsOk());
  for (const char* damage : {"UPDATE topup_events SET sequence = 9223372036854775807",
                             "UPDATE event_log SET trimmed_through = 9223372036854775807",
                             "UPDATE topups SET number = 9223372036854775807",
                             "UPDATE settings SET value = 9223372036854775807 "
                             "WHERE name = 'commits'",
                             "UPDATE settings SET value = 'many' WHERE name = 'commits'"}) {
    const std::string copy = directory_.File("damaged.db");
    std::filesystem::copy_file(path_, copy, std::filesystem::copy_options::overwrite_existing);
    Damage(copy, damage);
    EXPECT_THAT(TryOpen(copy), StatusIs(absl::StatusCode::kFailedPrecondition)) << damage;
  }
}

TEST_F(SqliteTopupStoreTest, LetsOnlyTheOwnerReadItsFiles) {
  auto store = Open(path_);
  ASSERT_THAT(CreateAndWait(*store, {MakeQueuedTopup("a"), std::nullopt, 0}), IsOk());
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat info {};
    ASSERT_EQ(stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600) << suffix;
  }
}

TEST_F(SqliteTopupStoreTest, CommitsWhateverWaitsTogether) {
  auto store = Open(path_);
  HeldCommitThread held(*store);
  const int64_t before = Commits();
  for (int i = 0; i < 99; ++i) {
    store->Create({MakeQueuedTopup(absl::StrCat("n", i)), std::nullopt, 0}, [](auto) {});
  }
  std::promise<void> all;
  store->Create({MakeQueuedTopup("last"), std::nullopt, 0}, [&](auto) { all.set_value(); });
  held.Release();
  all.get_future().wait();
  EXPECT_EQ(Commits() - before, 1);
  EXPECT_EQ(*store->CountByStatus(TopupStatus::kQueued), 100);
}

TEST_F(SqliteTopupStoreTest, OneRefusedWriteDoesNotSpoilTheBatch) {
  auto store = Open(path_);
  HeldCommitThread held(*store);
  core::Topup same_id = MakeQueuedTopup("x");
  same_id.id = "id-a";
  std::vector<absl::StatusCode> answers;
  const auto write_down = [&](const auto& result) { answers.push_back(result.status().code()); };
  store->Create({MakeQueuedTopup("a"), std::nullopt, 0}, write_down);
  store->Create({same_id, std::nullopt, 0}, write_down);
  UpdateRequest stale;
  stale.topup = MakeQueuedTopup("a");
  stale.topup.version = 9;
  store->Update(stale, write_down);
  std::promise<void> all;
  store->Create({MakeQueuedTopup("b"), std::nullopt, 0}, [&](auto result) {
    write_down(result);
    all.set_value();
  });
  held.Release();
  all.get_future().wait();
  EXPECT_THAT(answers, testing::ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kInternal,
                                            absl::StatusCode::kAborted, absl::StatusCode::kOk));
  EXPECT_EQ(*store->CountByStatus(TopupStatus::kQueued), 2);
  EXPECT_EQ(*store->LatestSequence(), 2);
}

TEST_F(SqliteTopupStoreTest, RefusesWritesOverTheQueueLimit) {
  options_.commit_queue_limit = 3;
  auto store = Open(path_);
  HeldCommitThread held(*store);
  std::atomic<int> recorded{0};
  for (int i = 0; i < 3; ++i) {
    store->Create({MakeQueuedTopup(absl::StrCat("n", i)), std::nullopt, 0},
                  [&](auto result) { recorded += result.ok() ? 1 : 0; });
  }
  std::promise<absl::Status> refused;
  store->Create({MakeQueuedTopup("x"), std::nullopt, 0},
                [&](auto result) { refused.set_value(result.status()); });
  held.Release();
  const absl::Status status = refused.get_future().get();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(status, HasReason("OVERLOADED"));
  EXPECT_THAT(status, HasMetadata("limit", "commit_queue"));
  EXPECT_THAT(CreateAndWait(*store, {MakeQueuedTopup("y"), std::nullopt, 0}), IsOk());
  EXPECT_EQ(recorded, 3);
  EXPECT_THAT(store->FindById("id-x"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SqliteTopupStoreTest, AnswersWhatWaitsBeforeItStops) {
  auto store = Open(path_);
  HeldCommitThread held(*store);
  int recorded = 0;
  for (int i = 0; i < 20; ++i) {
    store->Create({MakeQueuedTopup(absl::StrCat("n", i)), std::nullopt, 0},
                  [&](auto result) { recorded += result.ok() ? 1 : 0; });
  }
  held.Release();
  store.reset();
  EXPECT_EQ(recorded, 20);
  EXPECT_EQ(*Open(path_)->CountByStatus(TopupStatus::kQueued), 20);
}

TEST_F(SqliteTopupStoreTest, KeepsTheLogWithinItsBound) {
  options_.forced_checkpoint_pages = 50;
  options_.log_limit_pages = 100;
  auto store = Open(path_);
  for (int i = 0; i < 300; ++i) {
    const core::Topup topup = MakeQueuedTopup(absl::StrCat("n", i));
    ASSERT_THAT(CreateAndWait(*store, {topup, std::nullopt, 0}), IsOk());
  }
  // 300 commits of some ten pages each have gone through it.
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 150 * 4120);
}

}  // namespace
}  // namespace topup::store::sqlite
