// The danger: a key that every account of the machine can read, or a list of callers that another
// account can add itself to, and nobody is told.
#include "server/config/private_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::config {
namespace {

using support::IsOk;
using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class PrivateFileTest : public testing::Test {
 protected:
  PrivateFileTest() { std::ofstream(path_) << "secret"; }

  absl::StatusOr<std::string> Read(mode_t mode, FilePrivacy privacy) {
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    return ReadPrivateFile(path_, privacy);
  }

  std::string MessageOf(mode_t mode, FilePrivacy privacy) {
    const auto read = Read(mode, privacy);
    EXPECT_THAT(read.status(), StatusIs(absl::StatusCode::kPermissionDenied));
    return std::string(read.status().message());
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("key");
};

TEST_F(PrivateFileTest, ASecretIsForItsOwnerAndItsGroup) {
  for (const mode_t mode : {0400, 0600, 0440, 0640}) {
    const auto read = Read(mode, FilePrivacy::kSecret);
    ASSERT_THAT(read.status(), IsOk()) << mode;
    EXPECT_EQ(*read, "secret");
  }
  EXPECT_THAT(MessageOf(0644, FilePrivacy::kSecret),
              AllOf(HasSubstr("mode 0644"), HasSubstr("may read it"),
                    HasSubstr("chmod g-w,o-rwx " + path_)));
  EXPECT_THAT(MessageOf(0604, FilePrivacy::kSecret), HasSubstr("may read it"));
}

TEST_F(PrivateFileTest, WhatOthersMayChangeIsRefused) {
  for (const FilePrivacy privacy : {FilePrivacy::kSecret, FilePrivacy::kOthersMayRead}) {
    EXPECT_THAT(MessageOf(0660, privacy), AllOf(HasSubstr("mode 0660"), HasSubstr("may change")));
    EXPECT_THAT(MessageOf(0602, privacy), HasSubstr("may change"));
  }
  EXPECT_THAT(MessageOf(0664, FilePrivacy::kOthersMayRead), HasSubstr("chmod go-w " + path_));
  EXPECT_THAT(Read(0644, FilePrivacy::kOthersMayRead).status(), IsOk());
}

TEST_F(PrivateFileTest, ALinkIsAsGoodAsTheFileThatItLeadsTo) {
  const std::string link = directory_.File("link");
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_THAT(ReadPrivateFile(link, FilePrivacy::kSecret).status(), IsOk());
}

TEST_F(PrivateFileTest, WhatIsNotThereOrTooLargeIsNamed) {
  for (const std::string& path : {directory_.path(), directory_.File("missing")}) {
    EXPECT_THAT(std::string(ReadPrivateFile(path, FilePrivacy::kSecret).status().message()),
                HasSubstr(path + " cannot be read"));
  }
  std::ofstream(path_) << std::string((1 << 20) + 1, 'x');
  EXPECT_THAT(Read(0600, FilePrivacy::kSecret).status(), StatusIs(absl::StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace topup::config
