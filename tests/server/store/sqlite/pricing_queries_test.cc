#include "server/store/sqlite/pricing_queries.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/migrations.h"
#include "server/store/sqlite/packed_lists.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/conformance/topup_store_await.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topup_builder.h"

namespace topup::store::sqlite {
namespace {

using conformance::CreateAndWait;
using conformance::UpdateAndWait;
using support::IsOk;
using support::MakeQueuedTopup;
using support::StatusIs;
using support::TestTime;

// A file with a top-up that was delivered and two activations, which are changed as a damaged disk
// or a person could.
class PricingQueriesTest : public testing::Test {
 protected:
  void SetUp() override {
    FillTopups();
    auto database = Database::Open(path_, Database::Mode::kWriter);
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    for (const int64_t number : {1, 2}) {
      ASSERT_THAT(InsertActivation(*database_, {.number = number,
                                                .previous = number - 1,
                                                .config = "chains {}",
                                                .config_digest = "digest",
                                                .libraries = {{"a.so", "b"}}}),
                  IsOk());
    }
    ASSERT_THAT(database_->Execute("PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF"),
                IsOk());
  }

  void FillTopups() {
    base::Metrics metrics;
    auto store = SqliteTopupStore::Open(path_, {}, base::RealClock(), metrics);
    ASSERT_THAT(store, IsOk());
    core::Topup topup = MakeQueuedTopup("a");
    topup.price.basis = {.config_digest = "digest", .route = "r", .chain = "c"};
    ASSERT_THAT(CreateAndWait(**store, {topup, std::nullopt, 0}), IsOk());
    topup = support::NextVersion(std::move(topup));
    topup.status = core::TopupStatus::kFulfilled;
    ASSERT_THAT(UpdateAndWait(**store, {.topup = topup}), IsOk());
  }

  // What `read` answers while `set` holds in the rows of `table`.
  template <typename Read>
  absl::Status While(const std::string& table, const std::string& set, Read read) {
    EXPECT_THAT(read(), IsOk()) << "before";
    EXPECT_THAT(database_->Execute(absl::StrCat("SAVEPOINT s; UPDATE ", table, " SET ", set)),
                IsOk());
    const absl::Status damaged = read();
    EXPECT_THAT(database_->Execute("ROLLBACK TO s; RELEASE s"), IsOk());
    return damaged;
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("topup.db");
  std::unique_ptr<Database> database_;
};

TEST_F(PricingQueriesTest, NeverTakesADamagedActivationForOne) {
  const auto latest = [this] { return ReadLatestActivation(*database_).status(); };
  const auto second = [this] { return ReadActivation(*database_, 2).status(); };
  for (const char* set :
       {"cause = 0", "cause = 5", "previous = -1", "previous = 9", "libraries = '4:a.so1:b3:'",
        "libraries = 'x'", "compared_with = 'x'", "config_digest = 'another'"}) {
    EXPECT_THAT(While("pricing_activations", set, latest), StatusIs(absl::StatusCode::kDataLoss))
        << set;
    EXPECT_THAT(While("pricing_activations", set, second), StatusIs(absl::StatusCode::kDataLoss))
        << set;
  }
  EXPECT_THAT(While("pricing_activations",
                    "number = -7 WHERE number = 2; "
                    "DELETE FROM pricing_activations WHERE number = 1",
                    latest),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(PricingQueriesTest, CountsOnFromNoNumberThatCannotBeOne) {
  for (const char* number : {"9223372036854775807", "9223372036854775806"}) {
    ASSERT_THAT(database_->Execute(
                    absl::StrCat("UPDATE pricing_activations SET number = ", number,
                                 " WHERE number = (SELECT MAX(number) FROM pricing_activations)")),
                IsOk());
    EXPECT_THAT(InsertActivation(*database_, {.number = 3}), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(PricingQueriesTest, NeverPricesADamagedTopup) {
  const auto read = [this] { return ReadPricedPage(*database_, {}).status(); };
  for (const char* set :
       {"operator = 5", "plan_kind = -1", "amount_dzd = -1", "status = 10", "purpose = 2",
        "cost = -1", "price = -1", "price = 9223372036854775807", "price_basis = 'x'",
        "price_basis = '0:0:0:'", "price_basis = '0:0:0:1:01:x'", "price_basis = '0:0:0:1:01:01:7'",
        "price_basis = '0:0:0:1:01:01:11:21:31:41:5'"}) {
    EXPECT_THAT(While("topups", set, read), StatusIs(absl::StatusCode::kDataLoss)) << set;
  }
}

TEST_F(PricingQueriesTest, NeverAddsUpWhatCannotHaveBeenSold) {
  const auto read = [this] {
    return ReadDelivered(*database_, absl::UnixEpoch(), absl::Hours(24)).status();
  };
  EXPECT_THAT(While("topups", "face_value = -1", read), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(While("topups", "create_time = 9223372036854775807", read), IsOk());
  const std::string second =
      "face_value = 9223372036854775807; CREATE TABLE other AS SELECT * FROM topups; "
      "UPDATE other SET number = 2, id = 'id-b', ref = 'b', provider_ref = 'b'; "
      "INSERT INTO topups SELECT * FROM other";
  EXPECT_THAT(While("topups", second, read), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(PricingQueriesTest, AFileOfBeforeIsBroughtForwardWithNoBasisForWhatWasSold) {
  ASSERT_THAT(database_->Execute("DROP TABLE pricing_activations; DROP TABLE pricing_configs; "
                                 "ALTER TABLE topups DROP COLUMN price_basis; "
                                 "DELETE FROM applied_migrations WHERE number = 3"),
              IsOk());
  database_.reset();
  base::Metrics metrics;
  auto store = SqliteTopupStore::Open(path_, {}, base::RealClock(), metrics);
  ASSERT_THAT(store, IsOk());
  EXPECT_EQ((*store)->FindById("id-a")->price.basis, core::PriceBasis());
  EXPECT_EQ((*store)->ReadPricedTopups({})->topups.size(), 1u);
  EXPECT_EQ(*(*store)->LatestActivation(), std::nullopt);
  core::Topup topup = MakeQueuedTopup("b");
  topup.price.basis.chain = "c";
  ASSERT_THAT(CreateAndWait(**store, {topup, std::nullopt, 0}), IsOk());
  EXPECT_EQ(*(*store)->FindById("id-b"), topup);
}

TEST(PackedBasisTest, TakesNoRoomWhereThereIsNone) {
  EXPECT_EQ(PackBasis({}), "");
  EXPECT_EQ(PackBasis({.route = "r", .time = TestTime(), .cost_ppm = 7}),
            "0:1:r0:16:17900000001234561:7");
}

// The rest of a nanosecond is not kept, here as everywhere.
TEST(PackedBasisTest, KeepsTheTimeToTheMicrosecond) {
  core::PriceBasis basis;
  ASSERT_TRUE(UnpackBasis(PackBasis({.time = TestTime(absl::Nanoseconds(1999))}), basis));
  EXPECT_EQ(basis.time, TestTime(absl::Microseconds(1)));
  basis = {};
  ASSERT_TRUE(UnpackBasis(PackBasis({.time = absl::UnixEpoch() + absl::Nanoseconds(1)}), basis));
  EXPECT_EQ(basis, core::PriceBasis());
}

}  // namespace
}  // namespace topup::store::sqlite
