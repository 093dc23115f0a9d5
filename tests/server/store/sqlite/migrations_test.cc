#include "server/store/sqlite/migrations.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <limits>
#include <string>

#include "server/store/sqlite/packed_text.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::store::sqlite {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

class MigrationsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::Open(path_, Database::Mode::kWriter);
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
  }

  int64_t Number(absl::string_view sql) {
    Query query = database_->Prepare(sql);
    const auto found = query.Step();
    EXPECT_THAT(found, IsOk());
    return found.ok() && *found ? query.IntAt(0) : -1;
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("topup.db");
  std::unique_ptr<Database> database_;
};

TEST_F(MigrationsTest, AppliesEachOnceAndOnlyWhatIsNew) {
  const Migration first{1, "first", "CREATE TABLE a (x INTEGER)"};
  const Migration second{2, "second", "CREATE TABLE b (x INTEGER); INSERT INTO b VALUES (7)"};
  ASSERT_THAT(Migrate(*database_, {first}), IsOk());
  ASSERT_THAT(Migrate(*database_, {first}), IsOk());
  ASSERT_THAT(Migrate(*database_, {first, second}), IsOk());
  EXPECT_EQ(Number("SELECT x FROM b"), 7);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM applied_migrations"), 2);
}

TEST_F(MigrationsTest, LeavesAFileOfANewerTopupdAsItIs) {
  const Migration first{1, "first", "CREATE TABLE a (x INTEGER)"};
  const Migration second{2, "second", "CREATE TABLE b (x INTEGER)"};
  ASSERT_THAT(Migrate(*database_, {first, second}), IsOk());
  const absl::Status refused = Migrate(*database_, {first});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("schema 2"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM applied_migrations"), 2);
}

TEST_F(MigrationsTest, RefusesTheDatabaseOfAnotherProgram) {
  ASSERT_THAT(database_->Execute("CREATE TABLE customers (x INTEGER)"), IsOk());
  EXPECT_THAT(Migrate(*database_, KnownMigrations()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM sqlite_schema"), 1);
}

TEST_F(MigrationsTest, AFailedOneLeavesNoTrace) {
  const Migration broken{1, "broken", "CREATE TABLE a (x INTEGER); CREATE TABLE a (x INTEGER)"};
  const absl::Status failed = Migrate(*database_, {broken});
  EXPECT_FALSE(failed.ok());
  EXPECT_THAT(std::string(failed.message()), HasSubstr("broken"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'a'"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM applied_migrations"), 0);
}

TEST_F(MigrationsTest, KnownOnesAreNumberedWithoutGaps) {
  int number = 0;
  for (const Migration& migration : KnownMigrations()) EXPECT_EQ(migration.number, ++number);
  EXPECT_GT(number, 0);
}

// Two connections that write the log back at the same time can lose data.
TEST_F(MigrationsTest, AReaderCanNeitherWriteNorWriteTheLogBack) {
  ASSERT_THAT(Migrate(*database_, KnownMigrations()), IsOk());
  const auto log_size = std::filesystem::file_size(path_ + "-wal");
  ASSERT_GT(log_size, 0);
  auto reader = Database::Open(path_, Database::Mode::kReader);
  ASSERT_THAT(reader, IsOk());
  EXPECT_FALSE((*reader)->Execute("DELETE FROM topups").ok());
  EXPECT_THAT((*reader)->Execute("SELECT COUNT(*) FROM topups"), IsOk());
  static_cast<void>((*reader)->Checkpoint(CheckpointMode::kTruncate));
  // The last connection to close would usually write the log back and remove it.
  database_.reset();
  reader->reset();
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), log_size);
}

TEST(PackedTextTest, ReadsBackWhatWasWritten) {
  PackedWriter writer;
  const int64_t smallest = std::numeric_limits<int64_t>::min();
  writer.Text("").Text("5:five,").Text(std::string("a\0b", 3)).Number(smallest).Number(0);
  PackedReader reader(writer.packed());
  EXPECT_EQ(reader.Text(), "");
  EXPECT_EQ(reader.Text(), "5:five,");
  EXPECT_EQ(reader.Text(), absl::string_view("a\0b", 3));
  EXPECT_EQ(reader.Number(), smallest);
  EXPECT_EQ(reader.Number(), 0);
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_TRUE(reader.ok());
}

TEST(PackedTextTest, RefusesWhatWasNotWritten) {
  for (const char* text : {"5:four", "x:y", "3", ":a", "-1:a", "99999999999999999999:a"}) {
    PackedReader reader(text);
    EXPECT_EQ(reader.Text(), "") << text;
    EXPECT_FALSE(reader.ok()) << text;
    EXPECT_TRUE(reader.AtEnd()) << text;
  }
}

}  // namespace
}  // namespace topup::store::sqlite
