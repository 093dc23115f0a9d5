#include "server/store/sqlite/pricing_queries.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/base/status_macros.h"
#include "server/core/topup.h"
#include "server/store/sqlite/packed_lists.h"
#include "server/store/sqlite/packed_text.h"
#include "server/store/sqlite/row_reader.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

using core::TopupStatus;

constexpr char kSelectLatestActivation[] =
    "SELECT a.number, a.previous, a.cause, a.activated_by, a.time, c.text, a.config_digest, "
    "a.file_digest, a.libraries, a.compared_with FROM pricing_activations a LEFT JOIN "
    "pricing_configs c "
    "ON c.digest = a.config_digest ORDER BY a.number DESC LIMIT 1";
constexpr char kSelectActivation[] =
    "SELECT a.number, a.previous, a.cause, a.activated_by, a.time, c.text, a.config_digest, "
    "a.file_digest, a.libraries, a.compared_with FROM pricing_activations a LEFT JOIN "
    "pricing_configs c "
    "ON c.digest = a.config_digest WHERE a.number = ?";
constexpr int kActivationTextColumn = 5;

// Both walk along the ids, which are in the order of time to the millisecond; within that the time
// itself decides. What a page leaves out is left out here and not by SQLite: a page costs the same
// whatever it finds.
constexpr char kSelectPriced[] =
    "SELECT id, caller, operator, plan_code, plan_kind, amount_dzd, cost, price, price_basis, "
    "status, purpose FROM topups INDEXED BY topups_by_id "
    "WHERE id > ? AND id < ? AND create_time >= ? AND create_time < ? ORDER BY id LIMIT ?";
constexpr char kSelectDelivered[] =
    "SELECT caller, create_time, face_value FROM topups INDEXED BY topups_by_id "
    "WHERE id > ? AND create_time >= ? AND status = 6 AND purpose = 0";  // FULFILLED sales

// A thousand times what anybody prices.
constexpr int64_t kCentimesMax = int64_t{1} << 50;

// After every id.
constexpr char kAfterAllIds[] = "\x7f";

std::string PackLibraries(const PricingActivation& activation) {
  PackedWriter writer;
  for (const ActivatedLibrary& library : activation.libraries) {
    writer.Text(library.file).Text(library.digest);
  }
  return writer.packed();
}

bool UnpackLibraries(absl::string_view packed, PricingActivation& activation) {
  PackedReader reader(packed);
  while (!reader.AtEnd()) {
    ActivatedLibrary& library = activation.libraries.emplace_back();
    library.file = std::string(reader.Text());
    library.digest = std::string(reader.Text());
  }
  return reader.ok();
}

std::string PackComparedWith(const PricingActivation& activation) {
  PackedWriter writer;
  for (const ComparedConfig& config : activation.compared_with) {
    writer.Text(config.config_digest).Number(config.has_priced ? 1 : 0);
  }
  return writer.packed();
}

bool UnpackComparedWith(absl::string_view packed, PricingActivation& activation) {
  PackedReader reader(packed);
  while (!reader.AtEnd()) {
    ComparedConfig& config = activation.compared_with.emplace_back();
    config.config_digest = std::string(reader.Text());
    config.has_priced = reader.Number() != 0;
  }
  return reader.ok();
}

absl::StatusOr<std::optional<PricingActivation>> OnlyActivation(Query& query) {
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return std::optional<PricingActivation>();
  PricingActivation activation;
  RowReader row(query);
  activation.number = row.IntFrom(1);
  activation.previous = row.IntFrom(0);
  activation.cause =
      row.Value(PricingActivation::Cause::kFile, PricingActivation::Cause::kLibraries);
  activation.activated_by = row.Text();
  activation.time = row.Time();
  activation.config = row.Text();
  activation.config_digest = row.Text();
  activation.file_digest = row.Text();
  if (!UnpackLibraries(row.View(), activation)) row.Fail();
  if (!UnpackComparedWith(row.View(), activation)) row.Fail();
  if (!row.ok() || activation.previous >= activation.number ||
      query.IsNullAt(kActivationTextColumn)) {
    return StoredDataError(absl::StrCat("activation ", activation.number));
  }
  return std::optional<PricingActivation>(std::move(activation));
}

// A row of kSelectPriced; nothing where it is left out.
absl::StatusOr<std::optional<PricedTopup>> ReadPriced(const Query& query) {
  PricedTopup topup;
  RowReader row(query);
  topup.id = row.Text();
  topup.caller = row.Text();
  topup.op = row.Value(core::Operator::kUnknown, core::Operator::kPixx);
  topup.plan_code = row.Text();
  topup.plan_kind = row.Value(core::PlanKind::kUnknown, core::PlanKind::kMenu);
  topup.amount_dzd = row.IntFrom(0);
  // Whoever sums them up relies on it.
  const int64_t cost = row.IntFrom(0);
  const int64_t price = row.IntFrom(0);
  if (cost > kCentimesMax || price > kCentimesMax) row.Fail();
  topup.cost = core::Money::Centimes(cost);
  topup.price = core::Money::Centimes(price);
  if (!UnpackBasis(row.View(), topup.basis)) row.Fail();
  const TopupStatus status = row.Value(TopupStatus::kQueued, TopupStatus::kCancelled);
  const core::Purpose purpose = row.Value(core::Purpose::kSale, core::Purpose::kMenu);
  if (!row.ok()) return StoredDataError(absl::StrCat("top-up ", topup.id));
  if (purpose == core::Purpose::kMenu || status == TopupStatus::kRefunded ||
      status == TopupStatus::kRejected || status == TopupStatus::kCancelled) {
    return std::optional<PricedTopup>();
  }
  return std::optional<PricedTopup>(std::move(topup));
}

// Sorts after the ids of all that was recorded before `end_time`.
std::string IdsEnd(absl::Time end_time) {
  return end_time == absl::InfiniteFuture()
             ? kAfterAllIds
             : base::TimePrefixOfId(end_time + absl::Milliseconds(1));
}

absl::Status AddDelivered(DeliveredVolume& sum, int64_t face_value) {
  const std::optional<core::Money> volume =
      core::Money::Add(sum.volume, core::Money::Centimes(face_value));
  if (face_value < 0 || !volume.has_value()) {
    return StoredDataError(absl::StrCat("face values of ", sum.caller));
  }
  sum.volume = *volume;
  ++sum.count;
  return absl::OkStatus();
}

}  // namespace

absl::Status InsertActivation(Database& database, const PricingActivation& activation) {
  {
    Query newest = database.Prepare("SELECT COALESCE(MAX(number), 0) FROM pricing_activations");
    ASSIGN_OR_RETURN(const bool found, newest.Step());
    if (!found || newest.IntAt(0) < 0 || newest.IntAt(0) > kNumberMax) {
      return StoredDataError("the newest activation");
    }
    if (newest.IntAt(0) + 1 != activation.number) return ActivationOvertakenError();
  }
  RETURN_IF_ERROR(database
                      .Prepare("INSERT INTO pricing_configs (digest, text) VALUES (?, ?) "
                               "ON CONFLICT DO NOTHING")
                      .Text(activation.config_digest)
                      .Text(activation.config)
                      .Run());
  Query insert = database.Prepare(
      "INSERT INTO pricing_activations (number, previous, cause, activated_by, time, "
      "config_digest, file_digest, libraries, compared_with) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.Int(activation.number).Int(activation.previous);
  insert.Int(static_cast<int64_t>(activation.cause)).Text(activation.activated_by);
  insert.Int(EncodeTime(activation.time)).Text(activation.config_digest);
  insert.Text(activation.file_digest).Text(PackLibraries(activation));
  insert.Text(PackComparedWith(activation));
  return insert.Run();
}

absl::StatusOr<std::optional<PricingActivation>> ReadLatestActivation(Database& database) {
  Query query = database.Prepare(kSelectLatestActivation);
  return OnlyActivation(query);
}

absl::StatusOr<std::optional<PricingActivation>> ReadActivation(Database& database,
                                                                int64_t number) {
  Query query = database.Prepare(kSelectActivation);
  return OnlyActivation(query.Int(number));
}

absl::StatusOr<std::optional<std::string>> ReadPricingConfig(Database& database,
                                                             absl::string_view config_digest) {
  Query query = database.Prepare("SELECT text FROM pricing_configs WHERE digest = ?");
  ASSIGN_OR_RETURN(const bool found, query.Text(config_digest).Step());
  std::optional<std::string> text;
  if (found) text = std::string(query.TextAt(0));
  return text;
}

absl::StatusOr<PricedTopupPage> ReadPricedPage(Database& database, const PricedTopupQuery& query) {
  Query rows = database.Prepare(kSelectPriced);
  // One more than asked for shows whether there are more.
  rows.Text(std::max(base::TimePrefixOfId(query.start_time), query.after_id))
      .Text(IdsEnd(query.end_time))
      .Int(EncodeTime(query.start_time))
      .Int(EncodeTime(query.end_time))
      .Int(int64_t{query.limit} + 1);
  PricedTopupPage page;
  std::string last_id = query.after_id;
  for (int looked_at = 0;; ++looked_at) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return page;
    if (looked_at == query.limit) {
      page.last_id = std::move(last_id);
      return page;
    }
    // An index that is out of order would be read for ever.
    if (rows.TextAt(0) <= last_id) return StoredDataError("order of top-ups");
    last_id = std::string(rows.TextAt(0));
    ASSIGN_OR_RETURN(std::optional<PricedTopup> topup, ReadPriced(rows));
    if (topup.has_value()) page.topups.push_back(*std::move(topup));
  }
}

absl::StatusOr<std::vector<DeliveredVolume>> ReadDelivered(Database& database,
                                                           absl::Time start_time,
                                                           absl::Duration stretch) {
  if (start_time == absl::InfinitePast() || start_time == absl::InfiniteFuture() ||
      stretch == absl::InfiniteDuration() || stretch < absl::Microseconds(1)) {
    return absl::InvalidArgumentError("a sum needs a start and a stretch");
  }
  Query rows = database.Prepare(kSelectDelivered);
  rows.Text(base::TimePrefixOfId(start_time)).Int(EncodeTime(start_time));
  std::map<std::pair<std::string, absl::Time>, DeliveredVolume> sums;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) break;
    RowReader row(rows);
    std::string caller = row.Text();
    absl::Duration rest;
    const int64_t number = absl::IDivDuration(row.Time() - start_time, stretch, &rest);
    const absl::Time start = start_time + number * stretch;
    DeliveredVolume& sum = sums[{caller, start}];
    sum.caller = std::move(caller);
    sum.start_time = start;
    RETURN_IF_ERROR(AddDelivered(sum, row.Int()));
  }
  std::vector<DeliveredVolume> delivered;
  delivered.reserve(sums.size());
  for (auto& [key, sum] : sums) delivered.push_back(std::move(sum));
  return delivered;
}

}  // namespace topup::store::sqlite
