// Disks that are full or fail under the commit thread.
#include "server/store/sqlite/commit_queue.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include <functional>
#include <future>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/store/sqlite/migrations.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topup_builder.h"

namespace topup::store::sqlite {
namespace {

using support::HasReason;
using support::IsOk;
using support::MakeQueuedTopup;
using testing::SizeIs;

// Creates a top-up; the answer is the batch's.
class CreateWrite : public CommitQueue::Write {
 public:
  CreateWrite(core::Topup topup, std::function<void(absl::Status)> done)
      : topup_(std::move(topup)), done_(std::move(done)) {}
  absl::Status Apply(SqliteWriter& writer) override {
    return writer.Create({topup_, std::nullopt, 0}).status();
  }
  void Finish(const absl::Status& commit) override { done_(commit); }

 private:
  const core::Topup topup_;
  const std::function<void(absl::Status)> done_;
};

class FatalListener : public StoreListener {
 public:
  void OnCommitted(const std::vector<core::Event>& events) override { events_ += events.size(); }
  void OnFatal(const absl::Status& reason) override { fatal_.push_back(reason); }
  size_t events_ = 0;
  std::vector<absl::Status> fatal_;
};

// Any file of this process may grow up to here; beyond, writing fails with EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

class CommitQueueTest : public testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::Open(path_, Database::Mode::kWriter);
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT(Migrate(**database, KnownMigrations()), IsOk());
    database_ = database->get();
    auto writer = SqliteWriter::Make(*std::move(database));
    ASSERT_THAT(writer, IsOk());
    queue_ = std::make_unique<CommitQueue>(*std::move(writer), nullptr, StoreOptions{},
                                           base::RealClock(), metrics_);
    queue_->SetListener(&listener_);
  }

  absl::Status Create(int number) {
    core::Topup topup = MakeQueuedTopup(absl::StrCat("n", number));
    topup.rejection_detail = std::string(2000, 'x');
    std::promise<absl::Status> answer;
    queue_->Submit(std::make_unique<CreateWrite>(
        topup, [&answer](absl::Status status) { answer.set_value(std::move(status)); }));
    return answer.get_future().get();
  }

  // Creates until one fails, and gives how many did not.
  int CreateUntilFailure(absl::Status& failure) {
    for (int number = 0; number < 10000; ++number) {
      failure = Create(number);
      if (!failure.ok()) return number;
    }
    return 10000;
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("topup.db");
  base::Metrics metrics_;
  FatalListener listener_;
  Database* database_ = nullptr;  // the commit thread's: touched only while it waits
  std::unique_ptr<CommitQueue> queue_;
};

TEST_F(CommitQueueTest, RecordsNothingOnAFullDiskAndHealsWithRoom) {
  ASSERT_THAT(database_->Execute("PRAGMA max_page_count=100"), IsOk());
  absl::Status failure;
  const int created = CreateUntilFailure(failure);
  ASSERT_GT(created, 0);
  EXPECT_THAT(failure, HasReason("STORAGE_FULL"));
  EXPECT_EQ(listener_.events_, static_cast<size_t>(created));
  EXPECT_EQ(queue_->OpenCount(core::TopupStatus::kQueued), created);
  EXPECT_THAT(listener_.fatal_, SizeIs(0));

  ASSERT_THAT(database_->Execute("PRAGMA max_page_count=10000"), IsOk());
  EXPECT_THAT(Create(created), IsOk());
  EXPECT_EQ(listener_.events_, static_cast<size_t>(created + 1));
}

// Retrying a failed write can be answered wrongly by the kernel: after one, no more promises.
TEST_F(CommitQueueTest, StopsForGoodAfterAFailedWrite) {
  ASSERT_THAT(Create(-1), IsOk());
  absl::Status failure;
  int created = 0;
  {
    FileSizeLimit limit(400 << 10);
    created = CreateUntilFailure(failure);
    ASSERT_LT(created, 10000);
    EXPECT_THAT(failure, HasReason("STORAGE_UNAVAILABLE"));
  }
  // The disk is well again, but nobody can know what it has.
  EXPECT_THAT(Create(created + 1), HasReason("STORAGE_UNAVAILABLE"));
  EXPECT_THAT(queue_->health(), HasReason("STORAGE_UNAVAILABLE"));
  EXPECT_THAT(listener_.fatal_, SizeIs(1));
  EXPECT_EQ(listener_.events_, static_cast<size_t>(created + 1));
  queue_.reset();

  // Whatever was answered is there when the next process looks.
  auto reopened = Database::Open(path_, Database::Mode::kWriter);
  ASSERT_THAT(reopened, IsOk());
  auto writer = SqliteWriter::Make(*std::move(reopened));
  ASSERT_THAT(writer, IsOk());
  EXPECT_GE((*writer)->open_counts()[1], created + 1);
}

TEST_F(CommitQueueTest, AnswersAfterStoppingThatItHasStopped) {
  queue_->Stop();
  EXPECT_THAT(Create(1), HasReason("STORAGE_UNAVAILABLE"));
  queue_->Stop();
}

}  // namespace
}  // namespace topup::store::sqlite
