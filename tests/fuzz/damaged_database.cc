#include "tests/fuzz/damaged_database.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/core/protocol.h"
#include "server/store/sqlite/sqlite_database.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/topup_builder.h"

namespace topup::fuzz {
namespace {

using store::sqlite::Database;
using store::sqlite::SqliteTopupStore;

// Runs `write`, which is given a callback for its result, and waits for that.
template <typename Result, typename Write>
Result Await(Write write) {
  std::promise<Result> result;
  write([&result](Result written) { result.set_value(std::move(written)); });
  return result.get_future().get();
}

void Update(SqliteTopupStore& store, store::UpdateRequest request) {
  const auto result = Await<absl::StatusOr<store::UpdateResult>>(
      [&](auto done) { store.Update(std::move(request), std::move(done)); });
  Promise(result.ok(), "the sound database takes its updates");
}

void Fill(SqliteTopupStore& store) {
  for (const char* name : {"0", "1", "2"}) {
    core::Topup topup = support::MakeQueuedTopup(name);
    topup.price.basis = {.config_digest = "digest",
                         .route = "(default)",
                         .chain = "default",
                         .time = support::TestTime(),
                         .cost_ppm = 992'500,
                         .caller_volume = core::CallerVolume{.count_today = 7}};
    const auto created = Await<absl::StatusOr<store::CreateResult>>(
        [&](auto done) { store.Create({.topup = topup}, std::move(done)); });
    Promise(created.ok(), "the sound database takes top-ups");
  }
  const core::Decision claim = core::Claim(*store.FindById("id-1"), {}, "main", "SANDBOX",
                                           {.now = support::TestTime(absl::Seconds(1))});
  Update(store, {.topup = claim.topup,
                 .visible = true,
                 .attempt = claim.attempt,
                 .check = core::Check{.topup_id = "id-1",
                                      .time = support::TestTime(absl::Seconds(9)),
                                      .http_status = 404,
                                      .error_code = "NOT_FOUND"},
                 .incidents = {{.id = "incident-1",
                                .topup_id = "id-1",
                                .kind = "FIELDS_MISMATCH",
                                .detail = "another plan",
                                .create_time = support::TestTime(absl::Seconds(9))}}});
  core::Topup settled = support::NextVersion(*store.FindById("id-2"));
  settled.status = core::TopupStatus::kFulfilled;
  settled.advice = core::RefundAdvice::kNone;
  settled.settle_time = support::TestTime(absl::Seconds(5));
  settled.suggested_offers = {{"an offer", "PREPAID_MOBILIS", 1000}};
  settled.progress.next_action = core::NextAction::kNone;
  Update(store, {.topup = settled, .visible = true});
  core::Catalogue catalogue;
  catalogue.read_time = support::TestTime();
  catalogue.plans = {{.code = "PREPAID_MOBILIS",
                      .display_name = "Mobilis",
                      .op = core::Operator::kMobilis,
                      .kind = core::PlanKind::kDynamic,
                      .min_amount_dzd = 40,
                      .max_amount_dzd = 3999,
                      .cost_ppm = 960000}};
  const auto saved = Await<absl::Status>(
      [&](auto done) { store.SaveCatalogue(std::move(catalogue), std::move(done)); });
  Promise(saved.ok(), "the sound database takes plans");
  for (const int64_t number : {1, 2}) {
    const auto activated = Await<absl::Status>([&](auto done) {
      store.AppendActivation({.number = number,
                              .previous = number - 1,
                              .time = support::TestTime(),
                              .config = "chains {}",
                              .config_digest = "digest",
                              .libraries = {{"cap.so", "digest"}}},
                             std::move(done));
    });
    Promise(activated.ok(), "the sound database takes activations");
  }
}

std::string MakeSound() {
  const std::string path = WorkFolder() + "/sound.db";
  {
    base::Metrics metrics;
    auto store = SqliteTopupStore::Open(path, {.reader_count = 1}, base::RealClock(), metrics);
    Promise(store.ok(), "the sound database can be made");
    Fill(**store);
  }
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// Each: PLACE (3 bytes), then SIZE (1 byte) and BYTES to put there; from SIZE 250 on, the file is
// cut at that place instead.
std::string Overwritten(FuzzInput& input) {
  std::string bytes = SoundDatabase();
  while (!input.AtEnd() && !bytes.empty()) {
    const size_t place = input.Number(3) % bytes.size();
    const uint8_t size = input.Byte();
    if (size >= 250) {
      bytes.resize(place);
      continue;
    }
    const std::string patch = input.Text(1 + size % 24);
    bytes.replace(place, std::min(patch.size(), bytes.size() - place), patch, 0,
                  std::min(patch.size(), bytes.size() - place));
  }
  return bytes;
}

constexpr const char* kTables[] = {"topups",         "topups",          "topups",
                                   "topup_events",   "attempts",        "checks",
                                   "incidents",      "event_log",       "settings",
                                   "catalogue",      "catalogue_plans", "applied_migrations",
                                   "topups",         "topups",          "pricing_activations",
                                   "pricing_configs"};

// An SQL expression for a value of some kind.
std::string TakeValue(FuzzInput& input) {
  constexpr int64_t kEdges[] = {0,
                                1,
                                -1,
                                5,
                                6,
                                9,
                                10,
                                std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int64_t>::min() + 1};
  const uint8_t kind = input.Byte();
  const auto hex = [](const std::string& text) {
    std::string digits;
    for (const char c : text) absl::StrAppend(&digits, absl::Hex(c & 0xff, absl::kZeroPad2));
    return absl::StrCat("x'", digits, "'");
  };
  switch (kind % 6) {
    case 0:
      return "NULL";
    case 1:
      return absl::StrCat(kEdges[kind / 6 % std::size(kEdges)]);
    case 2:
      return absl::StrCat(static_cast<int64_t>(input.Number(8)));
    case 3:
      return absl::StrCat(static_cast<int32_t>(input.Number(4)), ".5e", kind / 6 * 8);
    case 4:
      return hex(input.Text(kind / 6));
    default:
      return absl::StrCat("CAST(", hex(input.Text(kind / 6)), " AS TEXT)");
  }
}

std::vector<std::string> ColumnsOf(Database& database, const char* table) {
  std::vector<std::string> columns;
  auto query = database.Prepare(absl::StrCat("SELECT name FROM pragma_table_info('", table, "')"));
  while (query.Step().value_or(false)) columns.emplace_back(query.TextAt(0));
  return columns;
}

// Each: TABLE, COLUMN and ROW (1 byte each), and a value. What SQLite itself refuses (a second
// row of a unique key, a NULL) stays as it was.
void ChangeRows(FuzzInput& input, const std::string& path) {
  auto opened = Database::Open(path, Database::Mode::kWriter);
  if (!opened.ok()) return;
  Database& database = **opened;
  static_cast<void>(
      database.Execute("PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF; "
                       "PRAGMA synchronous=OFF"));
  for (int left = 6; left > 0 && !input.AtEnd(); --left) {
    const char* table = kTables[input.Byte() % std::size(kTables)];
    const std::vector<std::string> columns = ColumnsOf(database, table);
    if (columns.empty()) return;
    const std::string& column = columns[input.Byte() % columns.size()];
    const int row = input.Byte() % 4;
    const std::string value = TakeValue(input);
    const std::string key = columns[0];
    static_cast<void>(database.Execute(
        absl::StrCat("UPDATE OR IGNORE ", table, " SET ", column, " = ", value, " WHERE ", key,
                     " = (SELECT ", key, " FROM ", table, " LIMIT 1 OFFSET ", row, ")")));
  }
}

}  // namespace

const std::string& WorkFolder() {
  static const std::string& folder = *new std::string([] {
    const char* given = std::getenv("TEST_TMPDIR");
    std::string path = access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                       : given != nullptr            ? given
                                                     : "/tmp";
    path += "/topup_fuzz_XXXXXX";
    Promise(mkdtemp(path.data()) != nullptr, "there is a place for files");
    std::atexit([] {
      std::error_code ignored;
      std::filesystem::remove_all(WorkFolder(), ignored);
    });
    return path;
  }());
  return folder;
}

const std::string& SoundDatabase() {
  static const std::string& bytes = *new std::string(MakeSound());
  return bytes;
}

void WriteDamaged(FuzzInput input, const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((path + suffix).c_str());
  const bool rows = input.Byte() % 2 == 1;
  {
    std::ofstream file(path, std::ios::binary);
    file << (rows ? SoundDatabase() : Overwritten(input));
  }
  if (rows) ChangeRows(input, path);
}

}  // namespace topup::fuzz
