// A directory of a test's own, gone when the test is over.
#ifndef TOPUP_TESTS_SUPPORT_TEMP_DIR_H_
#define TOPUP_TESTS_SUPPORT_TEMP_DIR_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/string_view.h"

namespace topup::support {

// Made below the place that the test runner gives (TEST_TMPDIR), empty at first. Removed with
// everything in it; what cannot be removed is left to the runner.
class TempDir {
 public:
  TempDir() : path_((std::filesystem::path(testing::TempDir()) / "topup_XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) {
      ADD_FAILURE() << "cannot make a directory like " << path_;
    }
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  // The path of `name` in it; makes nothing.
  std::string File(absl::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_TEMP_DIR_H_
