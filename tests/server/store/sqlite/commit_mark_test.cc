// The mark beside the file, and what a store says of itself when it is opened again.
#include "server/store/sqlite/commit_mark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/mark_keeper.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/conformance/topup_store_await.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topup_builder.h"

namespace topup::store::sqlite {
namespace {

namespace fs = std::filesystem;
using conformance::Await;
using conformance::CreateAndWait;
using support::IsOk;
using support::MakeQueuedTopup;
using support::TestTime;
using testing::HasSubstr;

const CommitMark kMark{.deployment_id = "abcd", .commits = 7, .swept_through = TestTime()};

TEST(CommitMarkTest, IsReadAsItWasWritten) {
  CommitMark older = kMark;
  older.older_copy = true;
  older.swept_through = absl::InfinitePast();
  for (const CommitMark& mark : {kMark, older}) EXPECT_EQ(ParseMark(FormatMark(mark)), mark);
}

TEST(CommitMarkTest, NothingElseIsAMark) {
  const std::string good = FormatMark(kMark);
  for (const std::string& text :
       {std::string(), good.substr(0, good.size() - 3), good + "more", "x" + good,
        std::string("topupd mark 1\ndeployment_id \ncommits 7\nolder_copy 0\nswept_through 1\n"),
        std::string("topupd mark 2") + good.substr(13)}) {
    EXPECT_FALSE(ParseMark(text).has_value()) << text;
  }
}

TEST(CommitMarkTest, AFileThatIsBehindItsMarkIsAnOlderCopy) {
  const FileFacts facts{.deployment_id = "abcd", .commits = 7, .newest_event = TestTime()};
  FileFacts behind = facts;
  behind.commits = 6;
  FileFacts never_marked = facts;
  never_marked.commits.reset();
  CommitMark other = kMark;
  other.deployment_id = "wxyz";
  CommitMark unfinished = kMark;
  unfinished.older_copy = true;
  EXPECT_FALSE(JudgeMark(facts, kMark).standing.older_copy);
  EXPECT_TRUE(JudgeMark(behind, kMark).standing.older_copy);
  EXPECT_TRUE(JudgeMark(facts, unfinished).standing.older_copy);
  EXPECT_TRUE(JudgeMark(facts, other).standing.older_copy);
  EXPECT_TRUE(JudgeMark(facts, std::nullopt).standing.older_copy);
  EXPECT_TRUE(JudgeMark(never_marked, kMark).standing.older_copy);
  EXPECT_FALSE(JudgeMark(never_marked, std::nullopt).standing.older_copy);
  EXPECT_FALSE(JudgeMark({}, kMark).standing.older_copy) << "a new file beside an old mark";
}

TEST(CommitMarkTest, AnOlderCopyIsComparedFromItsOwnNewestEventOn) {
  FileFacts facts{.deployment_id = "abcd", .commits = 6, .newest_event = TestTime()};
  CommitMark mark = kMark;
  mark.swept_through = TestTime(absl::Hours(9));
  EXPECT_EQ(JudgeMark(facts, mark).standing.swept_through, TestTime());
  // It was found out once already, and has got newer events since.
  mark.older_copy = true;
  mark.swept_through = TestTime(-absl::Hours(9));
  EXPECT_EQ(JudgeMark(facts, mark).standing.swept_through, TestTime(-absl::Hours(9)));
  facts.newest_event.reset();
  EXPECT_EQ(JudgeMark(facts, std::nullopt).standing.swept_through, absl::InfinitePast());
  EXPECT_EQ(JudgeMark({}, std::nullopt).standing.swept_through, std::nullopt);
}

class MarkedStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteTopupStore> Open() {
    auto store = SqliteTopupStore::Open(path_, {}, base::RealClock(), metrics_);
    EXPECT_THAT(store, IsOk());
    if (!store.ok()) return nullptr;
    const auto kept = Await<absl::StatusOr<std::string>>(
        [&](auto done) { (*store)->KeepSetting("deployment_id", "abcd", std::move(done)); });
    EXPECT_THAT(kept, IsOk());
    return *std::move(store);
  }

  void Create(TopupStore& store, const std::string& name) {
    EXPECT_THAT(CreateAndWait(store, {MakeQueuedTopup(name), std::nullopt, 0}), IsOk());
  }

  static absl::Status TakeOver(TopupStore& store) {
    return Await<absl::Status>([&](auto done) { store.NoteTakenOver(std::move(done)); });
  }

  // The file as a backup has it: closed, and without its log.
  void Backup() { fs::copy_file(path_, backup_, fs::copy_options::overwrite_existing); }
  void PutBack() {
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(path_ + end);
    fs::copy_file(backup_, path_);
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("topup.db");
  const std::string backup_ = directory_.File("backup.db");
  const std::string mark_ = path_ + ".mark";
  base::Metrics metrics_;
};

TEST_F(MarkedStoreTest, ANewStoreIsNoOlderCopyAndNeitherIsOneThatIsOpenedAgain) {
  Open();
  for (int i = 0; i < 3; ++i) {
    const auto store = Open();
    EXPECT_FALSE(store->standing().older_copy) << store->standing().why;
    Create(*store, absl::StrCat("n", i));
  }
  struct stat state {};
  ASSERT_EQ(stat(mark_.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600u);
}

TEST_F(MarkedStoreTest, ABackupThatIsPutBackIsFoundOutUntilItWasTakenOver) {
  Create(*Open(), "before");
  Backup();
  Create(*Open(), "after");
  PutBack();
  for (int i = 0; i < 3; ++i) {
    const auto store = Open();
    EXPECT_TRUE(store->standing().older_copy);
    // What was committed while it was taken over makes it no newer.
    Create(*store, absl::StrCat("meanwhile", i));
  }
  EXPECT_THAT(TakeOver(*Open()), IsOk());
  EXPECT_FALSE(Open()->standing().older_copy);
}

TEST_F(MarkedStoreTest, OnAnotherMachineThereIsNoMarkAndThatIsEnough) {
  Create(*Open(), "before");
  Backup();
  PutBack();
  fs::remove(mark_);
  const auto store = Open();
  EXPECT_TRUE(store->standing().older_copy);
  EXPECT_THAT(store->standing().why, HasSubstr("no mark"));
  EXPECT_EQ(store->standing().swept_through, TestTime());
}

// Started once as root, the mark may be root's: that says nothing about the file, and doubt is for
// good. A link to itself and a folder cannot be read by root either.
TEST_F(MarkedStoreTest, AMarkThatCannotBeReadRefusesTheStartInsteadOfDoubtingEverything) {
  Create(*Open(), "before");
  const std::string kept = mark_ + ".kept";
  fs::rename(mark_, kept);
  const auto link = [this] { fs::create_symlink(mark_, mark_); };
  const auto folder = [this] { fs::create_directory(mark_); };
  for (const std::function<void()>& put : {std::function<void()>(link), {folder}}) {
    put();
    const auto store = SqliteTopupStore::Open(path_, {}, base::RealClock(), metrics_);
    fs::remove(mark_);
    ASSERT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(store.status().message(), HasSubstr(mark_));
    EXPECT_THAT(store.status().message(), HasSubstr("Do not delete it"));
  }
  fs::rename(kept, mark_);
  EXPECT_FALSE(Open()->standing().older_copy);
}

TEST_F(MarkedStoreTest, AFileThatIsNoMarkIsNone) {
  Create(*Open(), "before");
  std::ofstream(mark_) << "something else";
  EXPECT_TRUE(Open()->standing().older_copy);
}

// What moved no status is missing too: a second POST of a top-up in doubt, for example.
TEST_F(MarkedStoreTest, AChangeThatNoCallerSeesIsMissedToo) {
  core::Topup topup = MakeQueuedTopup("a");
  {
    const auto store = Open();
    EXPECT_THAT(CreateAndWait(*store, {topup, std::nullopt, 0}), IsOk());
  }
  Backup();
  {
    const auto store = Open();
    UpdateRequest request;
    request.topup = support::NextVersion(topup, /*visible=*/false);
    EXPECT_THAT(conformance::UpdateAndWait(*store, request), IsOk());
  }
  PutBack();
  EXPECT_TRUE(Open()->standing().older_copy);
}

TEST_F(MarkedStoreTest, ARefusedWriteIsNoCommit) {
  const auto store = Open();
  Create(*store, "a");
  ASSERT_THAT(TakeOver(*store), IsOk());
  const std::optional<CommitMark> before = *ReadMark(mark_);
  ASSERT_TRUE(before.has_value());
  Create(*store, "a");  // a replay
  ASSERT_THAT(TakeOver(*store), IsOk());
  EXPECT_EQ(*ReadMark(mark_), before);
}

TEST_F(MarkedStoreTest, WithoutRoomForItsMarkItWorksAndSaysSo) {
  const auto store = Open();
  ASSERT_THAT(TakeOver(*store), IsOk());
  // A folder in the place of the next mark: it cannot be written.
  fs::create_directory(mark_ + ".new");
  Create(*store, "a");
  EXPECT_FALSE(TakeOver(*store).ok());
  EXPECT_GT(metrics_.GetCounter("topup_store_mark_failures_total", "")->Value(), 0);
  Create(*store, "b");
  fs::remove(mark_ + ".new");
  EXPECT_THAT(TakeOver(*store), IsOk());
}

// The stop comes while one write is under way that does not know of it yet.
TEST_F(MarkedStoreTest, WritesWhatItWasToldDuringItsLastButOneWrite) {
  Judgement judgement;
  judgement.mark.deployment_id = "abcd";
  MarkKeeper keeper(mark_, judgement, metrics_);
  std::promise<void> writing;
  keeper.TakenOver([&](const absl::Status&) {
    keeper.Committed(7);
    writing.set_value();
    // Answered inside the call once it is stopping, and not before.
    const auto stopping = std::make_shared<bool>(false);
    while (!*stopping) {
      keeper.TakenOver([stopping](const absl::Status&) { *stopping = true; });
      std::this_thread::yield();
    }
  });
  writing.get_future().wait();
  keeper.Stop();
  EXPECT_EQ((*ReadMark(mark_))->commits, 7);
}

TEST_F(MarkedStoreTest, KeepsHowFarTheProvidersListWasCompared) {
  {
    const auto store = Open();
    EXPECT_FALSE(store->standing().swept_through.has_value());
    store->NoteSwept(TestTime());
    Create(*store, "a");
    EXPECT_EQ(store->standing().swept_through, TestTime());
  }
  EXPECT_EQ(Open()->standing().swept_through, TestTime());
}

}  // namespace
}  // namespace topup::store::sqlite
