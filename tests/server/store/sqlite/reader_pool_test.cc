#include "server/store/sqlite/reader_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::store::sqlite {
namespace {

using support::IsOk;

class ReaderPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    auto writer = Database::Open(path_, Database::Mode::kWriter);
    ASSERT_THAT(writer, IsOk());
    writer_ = *std::move(writer);
    ASSERT_THAT(writer_->Execute("CREATE TABLE t (n INTEGER)"), IsOk());
    auto pool = ReaderPool::Open(path_, 2);
    ASSERT_THAT(pool, IsOk());
    pool_ = *std::move(pool);
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("readers.db");
  std::unique_ptr<Database> writer_;
  std::unique_ptr<ReaderPool> pool_;
};

// The engine's loop decides nothing while it waits: four lists of long histories stopped it.
TEST_F(ReaderPoolTest, AShortReadNeverWaitsForLongOnes) {
  std::unique_ptr<ReaderPool::Lease> first(new ReaderPool::Lease(pool_->Borrow(ReadLength::kLong)));
  const ReaderPool::Lease second = pool_->Borrow(ReadLength::kLong);
  std::atomic<bool> given_back{false};
  std::atomic<bool> took_the_last{false};
  std::promise<void> asks;
  std::thread third([&] {
    asks.set_value();
    ReaderPool::Lease lease = pool_->Borrow(ReadLength::kLong);
    took_the_last = !given_back;
  });
  asks.get_future().wait();
  // Time enough for it to take what it must not.
  for (int i = 0; i < 1000; ++i) {
    std::this_thread::yield();
    ReaderPool::Lease lease = pool_->Borrow(ReadLength::kShort);
    EXPECT_TRUE(*lease.database().Prepare("SELECT COUNT(*) FROM t").Step());
  }
  given_back = true;
  first.reset();
  third.join();
  EXPECT_FALSE(took_the_last);
}

TEST_F(ReaderPoolTest, AllWhoWaitGetTheirTurn) {
  std::vector<std::thread> readers;
  std::atomic<int> reads{0};
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&, i] {
      for (int read = 0; read < 200; ++read) {
        ReaderPool::Lease lease =
            pool_->Borrow(i % 2 == 0 ? ReadLength::kLong : ReadLength::kShort);
        ++reads;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(reads, 8 * 200);
}

}  // namespace
}  // namespace topup::store::sqlite
