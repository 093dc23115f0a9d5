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

  absl::StatusOr<PrivateFile> Read(mode_t mode, FilePrivacy privacy) {
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    return ReadPrivateFile(path_, privacy);
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("key");
};

TEST_F(PrivateFileTest, ASecretIsForItsOwnerAndItsGroup) {
  for (const mode_t mode : {0400, 0600, 0440, 0640}) {
    const auto read = Read(mode, FilePrivacy::kSecret);
    ASSERT_THAT(read.status(), IsOk()) << mode;
    EXPECT_EQ(read->content, "secret");
    EXPECT_EQ(read->doubt, "");
  }
}

TEST_F(PrivateFileTest, DoubtsASecretThatEverybodyMayRead) {
  const auto read = Read(0644, FilePrivacy::kSecret);
  ASSERT_THAT(read.status(), IsOk());
  EXPECT_EQ(read->content, "secret");
  EXPECT_THAT(read->doubt, AllOf(HasSubstr("mode 0644"), HasSubstr("everybody may read it"),
                                 HasSubstr("chmod g-w,o-rwx " + path_)));
  EXPECT_EQ(Read(0644, FilePrivacy::kOthersMayRead)->doubt, "");
}

TEST_F(PrivateFileTest, DoubtsWhatItsGroupMayChangeAndRefusesWhatEverybodyMay) {
  for (const FilePrivacy privacy : {FilePrivacy::kSecret, FilePrivacy::kOthersMayRead}) {
    EXPECT_THAT(Read(0660, privacy)->doubt,
                AllOf(HasSubstr("mode 0660"), HasSubstr("its group may change it")));
    const auto refused = Read(0602, privacy);
    EXPECT_THAT(refused.status(), StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_THAT(std::string(refused.status().message()),
                AllOf(HasSubstr("mode 0602"), HasSubstr("everybody may change it")));
  }
  EXPECT_THAT(Read(0664, FilePrivacy::kOthersMayRead)->doubt, HasSubstr("chmod go-w " + path_));
}

TEST_F(PrivateFileTest, DoubtsAFileOfAnybodyButRootAndOurselves) {
  EXPECT_THAT(DoubtAccess("/key", 0600, 42, 7, FilePrivacy::kSecret),
              AllOf(HasSubstr("file /key belongs to user id 42"), HasSubstr("to user id 7")));
  EXPECT_EQ(DoubtAccess("/key", 0600, 0, 7, FilePrivacy::kSecret), "");
  EXPECT_EQ(DoubtAccess("/key", 0600, 7, 7, FilePrivacy::kSecret), "");
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
