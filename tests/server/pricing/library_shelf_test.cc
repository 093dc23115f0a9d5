// A library that is not what it claims must never be asked for a price, and whoever put it there
// must read which file, which step, what was expected and what was found.
#include "server/pricing/library_shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "server/base/error.h"
#include "server/pricing/library/library_file.h"
#include "server/pricing/library/library_format.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/server/pricing/plugin_paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::pricing {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class LibraryShelfTest : public testing::Test {
 protected:
  absl::Status Load(const std::string& path, const std::string& digest = "") {
    return shelf_.Load(path, digest).status();
  }

  // Copies the good library `name` to the test's own directory.
  std::string Copy(const std::string& name, const std::string& file) {
    const std::string copy = directory_.File(file);
    std::filesystem::copy_file(GoodLibrary(name), copy);
    chmod(copy.c_str(), 0644);
    return copy;
  }

  support::TempDir directory_;
  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  PricingOptions options_ = OptionsOfThisBuild();
  LibraryShelf shelf_{options_, log_.log()};
};

auto RefusedAt(const std::string& step, const std::string& expected, const std::string& found) {
  return AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("STRATEGY_LOAD_FAILED"),
               HasMetadata("step", step), HasMetadata("expected", HasSubstr(expected)),
               HasMetadata("found", HasSubstr(found)));
}

TEST_F(LibraryShelfTest, OpensAGoodLibraryAndReadsWhatItSaysOfItself) {
  const auto library = shelf_.Load(GoodLibrary("percentage_markup"), "");
  ASSERT_THAT(library, IsOk());
  EXPECT_EQ((*library)->description().id, "dz.topup.percentage_markup");
  EXPECT_EQ((*library)->description().display_name, "Percentage markup");
  EXPECT_EQ((*library)->digest().size(), 64u);
}

TEST_F(LibraryShelfTest, NamesTheFileButNoDirectoryInEveryRefusal) {
  const absl::Status refused = Load(BrokenLibrary("missing_entry"));
  EXPECT_THAT(refused, HasMetadata("file", "libmissing_entry.so"));
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("libmissing_entry.so"), Not(HasSubstr("/"))));
}

TEST_F(LibraryShelfTest, RefusesEachDefectAtItsStepWithBothValues) {
  EXPECT_THAT(Load(BrokenLibrary("not_there")), RefusedAt("file", "exists", "No such file"));
  EXPECT_THAT(Load(BrokenLibrary("not_a_library")), RefusedAt("format", "ELF", "another kind"));
  EXPECT_THAT(Load(BrokenLibrary("own_search_path")), RefusedAt("format", "RUNPATH", "itself"));
  EXPECT_THAT(Load(BrokenLibrary("needs_more")), RefusedAt("format", "only", "libresolv"));
  EXPECT_THAT(Load(BrokenLibrary("missing_entry")),
              RefusedAt("entry symbol", "topup_pricing_entry", "no such symbol"));
  EXPECT_THAT(Load(BrokenLibrary("entry_is_code")), RefusedAt("entry symbol", "data", "no data"));
  EXPECT_THAT(Load(BrokenLibrary("other_abi_version")), RefusedAt("ABI version", "1.x", "2.3"));
  EXPECT_THAT(Load(BrokenLibrary("wrong_entry_size")), RefusedAt("sizes", "48", "56"));
  EXPECT_THAT(Load(BrokenLibrary("wrong_descriptor_size")), RefusedAt("sizes", "48", "7"));
  EXPECT_THAT(Load(BrokenLibrary("missing_create")), RefusedAt("functions", "every", "null"));
  EXPECT_THAT(Load(BrokenLibrary("init_fails")), RefusedAt("init", "OK", "it will not start"));
  EXPECT_THAT(Load(BrokenLibrary("bad_id")), RefusedAt("descriptor", "a-z", "Not/An-Id"));
}

TEST_F(LibraryShelfTest, RefusesTheSameLibraryForTheSameReasonAgain) {
  const absl::Status first = Load(BrokenLibrary("init_fails"));
  EXPECT_EQ(Load(BrokenLibrary("init_fails")), first);
}

// A machine that is short of something for a moment says nothing of the library.
TEST_F(LibraryShelfTest, OpensALibraryOnceThereIsMemoryForItsCopy) {
  const auto before = signal(SIGXFSZ, SIG_IGN);
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit nothing = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &nothing), 0);
  const absl::Status refused = Load(GoodLibrary("round_up"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  signal(SIGXFSZ, before);
  EXPECT_THAT(refused, RefusedAt("open", "memory for a copy", "too large"));
  EXPECT_THAT(Load(GoodLibrary("round_up")), IsOk());
}

TEST_F(LibraryShelfTest, OpensFilesOfTheSameBytesOnce) {
  options_.library_limit = 1;
  const auto first = shelf_.Load(Copy("round_up", "a.so"), "");
  const auto second = shelf_.Load(Copy("round_up", "b.so"), "");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(*first, *second);
  EXPECT_THAT(Load(GoodLibrary("cap")), RefusedAt("open", "at most 1", "one more"));
}

TEST_F(LibraryShelfTest, TakesOnlyTheFileWithTheDigestThatIsAskedFor) {
  const auto library = shelf_.Load(GoodLibrary("round_up"), "");
  ASSERT_THAT(library, IsOk());
  const std::string& digest = (*library)->digest();
  EXPECT_THAT(Load(GoodLibrary("round_up"), digest), IsOk());
  EXPECT_THAT(Load(GoodLibrary("cap"), digest), RefusedAt("file", digest, "digest "));
}

// Before anything of it has run, and whatever else would be wrong with it.
TEST_F(LibraryShelfTest, OpensNothingThatTheAllowListDoesNotName) {
  options_.library_limit = 0;  // opening would be refused
  shelf_.Allow(AllowList("allowed.sha256", {}));
  EXPECT_THAT(Load(GoodLibrary("round_up")), RefusedAt("allow list", "allowed.sha256", "digest "));
  EXPECT_THAT(Load(BrokenLibrary("not_a_library")), RefusedAt("allow list", "allowed.sha256", ""));
}

TEST_F(LibraryShelfTest, GivesOutWhatIsOpenOnlyAsLongAsItIsAllowed) {
  const auto library = shelf_.Load(GoodLibrary("round_up"), "");
  ASSERT_THAT(library, IsOk());
  shelf_.Allow(AllowList("allowed.sha256", {}));
  EXPECT_THAT(Load(GoodLibrary("round_up")), RefusedAt("allow list", "allowed.sha256", "digest "));
  shelf_.Allow(AllowList("allowed.sha256", {{(*library)->digest(), "any name"}}));
  EXPECT_EQ(*shelf_.Load(GoodLibrary("round_up"), ""), *library);
  EXPECT_THAT(Load(GoodLibrary("cap")), RefusedAt("allow list", "allowed.sha256", "digest "));
}

TEST_F(LibraryShelfTest, RefusesFilesThatOthersMayChange) {
  const std::string path = Copy("round_up", "libround_up.so");
  ASSERT_EQ(chmod(path.c_str(), 0664), 0);
  EXPECT_THAT(Load(path), RefusedAt("file", "not writable", "0664"));
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_THAT(Load(path), RefusedAt("file", "directory", "0777"));
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  EXPECT_THAT(Load(path), IsOk());
}

TEST_F(LibraryShelfTest, RefusesWhatIsNoFileOfAUsefulSize) {
  EXPECT_THAT(Load(directory_.path()), RefusedAt("file", "regular", "something else"));
  EXPECT_THAT(Load("pricing_plugins/libx.so"), RefusedAt("file", "absolute", "relative"));
  std::ofstream(directory_.File("empty.so")).close();
  chmod(directory_.File("empty.so").c_str(), 0644);
  EXPECT_THAT(Load(directory_.File("empty.so")), RefusedAt("file", "1 to", "0 bytes"));
  ASSERT_EQ(mkfifo(directory_.File("pipe.so").c_str(), 0600), 0);
  EXPECT_THAT(Load(directory_.File("pipe.so")), RefusedAt("file", "regular", "something else"));
}

TEST_F(LibraryShelfTest, LeavesALibraryAloneThatChangesOnDiskAfterwards) {
  const std::string path = Copy("round_up", "libround_up.so");
  const auto library = shelf_.Load(path, "");
  ASSERT_THAT(library, IsOk());
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file << std::string(std::filesystem::file_size(path), '\xcc');
  file.close();
  EXPECT_EQ(std::string((*library)->entry().descriptor->id), "dz.topup.round_up");
  EXPECT_EQ((*library)->entry().get_extension("x"), nullptr);  // runs code of it
  EXPECT_THAT(Load(path), RefusedAt("format", "ELF", "another kind"));
}

// Opening runs constructors; so whatever is damaged has to be seen in the bytes, and no damage may
// lead the reader out of them.
TEST_F(LibraryShelfTest, ReadsDamagedLibrariesToARefusalOrAnAnswer) {
  const auto whole = ReadLibraryFile(GoodLibrary("round_up"));
  ASSERT_THAT(whole, IsOk());
  EXPECT_THAT(CheckLibraryFormat(*whole), IsOk());
  for (const size_t size : {size_t{1}, size_t{63}, size_t{64}, size_t{200}, size_t{700}}) {
    LibraryFile cut = *whole;
    cut.bytes.resize(size);
    EXPECT_THAT(CheckLibraryFormat(cut), HasReason("STRATEGY_LOAD_FAILED")) << size;
  }
  // Every byte of the header and the segment table, made as large as it can be.
  for (size_t i = 0; i < 900; ++i) {
    LibraryFile damaged = *whole;
    damaged.bytes[i] = static_cast<char>(damaged.bytes[i] ^ 0xff);
    CheckLibraryFormat(damaged).IgnoreError();
  }
}

}  // namespace
}  // namespace topup::pricing
