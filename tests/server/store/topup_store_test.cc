// Holds the store in memory and the SQLite store to one contract.
#include <gtest/gtest.h>

#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/open_store.h"
#include "server/store/sqlite/sqlite_database.h"
#include "tests/conformance/topup_store_suite.h"
#include "tests/fakes/memory_topup_store.h"

namespace topup::conformance {
namespace {

std::unique_ptr<store::TopupStore> OpenMemory(const std::string&) {
  return std::make_unique<fakes::MemoryTopupStore>();
}

std::unique_ptr<store::TopupStore> OpenSqlite(const std::string& directory) {
  static base::Metrics& metrics = *new base::Metrics;
  store::StoreOptions options;
  options.location = "sqlite:" + directory + "/topup.db";
  auto store = store::OpenStore(options, base::RealClock(), metrics);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

void DamageMemory(store::TopupStore& store, const std::string&, const std::string& topup_id) {
  static_cast<fakes::MemoryTopupStore&>(store).Damage(topup_id);
}

void DamageSqlite(store::TopupStore&, const std::string& directory, const std::string& topup_id) {
  using store::sqlite::Database;
  const auto database = Database::Open(directory + "/topup.db", Database::Mode::kWriter);
  ASSERT_TRUE(database.ok()) << database.status();
  const absl::Status damaged =
      (*database)->Prepare("UPDATE topups SET phone = '?' WHERE id = ?").Text(topup_id).Run();
  EXPECT_TRUE(damaged.ok()) << damaged;
}

INSTANTIATE_TEST_SUITE_P(Stores, TopupStoreSuite,
                         testing::Values(StoreUnderTest{"Memory", OpenMemory, DamageMemory},
                                         StoreUnderTest{"Sqlite", OpenSqlite, DamageSqlite}),
                         [](const auto& info) { return info.param.name; });

TEST(OpenStoreTest, SaysThatPostgresqlIsNotThereWithoutRepeatingThePassword) {
  base::Metrics metrics;
  store::StoreOptions options;
  options.location = "postgresql://topup:hunter2@db/topup";
  const auto store = store::OpenStore(options, base::RealClock(), metrics);
  EXPECT_TRUE(absl::IsUnimplemented(store.status())) << store.status();
  EXPECT_EQ(store.status().message().find("hunter2"), absl::string_view::npos);
}

TEST(OpenStoreTest, RefusesALocationOfNoKnownForm) {
  base::Metrics metrics;
  for (const char* location : {"", "topup.db", "sqlite:", "sqlite::memory:", "mysql:x"}) {
    store::StoreOptions options;
    options.location = location;
    EXPECT_TRUE(
        absl::IsInvalidArgument(store::OpenStore(options, base::RealClock(), metrics).status()))
        << location;
  }
}

}  // namespace
}  // namespace topup::conformance
