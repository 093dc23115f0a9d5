#include "server/main/file_watch.h"

#include <fstream>

#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace topup::server_main {
namespace {

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(FileWatchTest, TellsOfAReplacementOnceAndOnlyWhenItHasSettled) {
  const support::TempDir dir;
  const std::string path = dir.File("key");
  Write(path, "one");
  FileWatch watch(path);
  EXPECT_FALSE(watch.HasChanged());
  Write(path, "another");
  EXPECT_FALSE(watch.HasChanged()) << "it may still be being written";
  Write(path, "another one");
  EXPECT_FALSE(watch.HasChanged());
  EXPECT_TRUE(watch.HasChanged());
  EXPECT_FALSE(watch.HasChanged());
}

TEST(FileWatchTest, AFileThatIsGoneIsNoNewsAndItsReturnIs) {
  const support::TempDir dir;
  const std::string path = dir.File("key");
  FileWatch watch(path);
  EXPECT_FALSE(watch.HasChanged());
  Write(path, "one");
  EXPECT_FALSE(watch.HasChanged());
  EXPECT_TRUE(watch.HasChanged());
  std::filesystem::remove(path);
  EXPECT_FALSE(watch.HasChanged());
  EXPECT_FALSE(watch.HasChanged());
}

}  // namespace
}  // namespace topup::server_main
