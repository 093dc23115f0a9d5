#include "server/store/sqlite/sqlite_rows.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/packed_lists.h"
#include "server/store/sqlite/row_reader.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {
namespace {

using core::Progress;
using core::RejectionReason;
using core::Topup;

constexpr size_t kIdSizeMax = 64;

// Each list is in the order of its Bind... and Read... below.
constexpr std::array kOriginColumns = {"id",          "ref",         "caller",       "purpose",
                                       "phone",       "operator",    "plan_code",    "plan_kind",
                                       "amount_dzd",  "face_value",  "cost",         "price",
                                       "profit",      "strategies",  "price_steps",  "labels",
                                       "create_time", "send_before", "provider_ref", "price_basis"};

constexpr std::array kVisibleColumns = {
    "status",           "advice",           "review_time",
    "refund_message",   "suggested_offers", "provider_topup_id",
    "provider_charge",  "provider_account", "provider_environment",
    "rejection_reason", "rejection_detail", "update_time",
    "settle_time",      "revision"};

constexpr std::array kProgressColumns = {"next_action",
                                         "next_action_time",
                                         "fence",
                                         "in_flight",
                                         "posts",
                                         "unsent",
                                         "doubtful",
                                         "duplicate_seen",
                                         "throttled",
                                         "provisional_rejection",
                                         "last_transmission_end",
                                         "valid_not_founds",
                                         "first_valid_not_found",
                                         "last_valid_not_found",
                                         "accept_time",
                                         "last_read_start",
                                         "refund_seen_time",
                                         "missing_since",
                                         "unknown_since",
                                         "unknown_since_provider",
                                         "schedule_step",
                                         "version"};

constexpr std::array kLinkColumns = {"sequence", "topup", "previous_event", "caller"};

// "t.id, t.ref, ...": the columns of `table`.
template <typename Columns>
std::string Named(absl::string_view table, const Columns& columns) {
  return absl::StrJoin(columns, ", ", [table](std::string* out, const char* column) {
    absl::StrAppend(out, table, ".", column);
  });
}

// "?, ?, ?".
std::string Parameters(size_t count) {
  std::string parameters = "?";
  for (size_t i = 1; i < count; ++i) parameters += ", ?";
  return parameters;
}

template <typename Columns>
std::string Assignments(const Columns& columns) {
  return absl::StrCat(absl::StrJoin(columns, " = ?, "), " = ?");
}

template <typename Enum>
int64_t Number(Enum value) {
  return static_cast<int64_t>(value);
}

void BindOrigin(Query& query, const Topup& topup) {
  query.Text(topup.id).Text(topup.ref).Text(topup.caller).Int(Number(topup.purpose));
  query.Text(topup.phone.National()).Int(Number(topup.op));
  query.Text(topup.plan_code).Int(Number(topup.plan_kind)).Int(topup.amount_dzd);
  query.Int(topup.price.face_value.centimes()).Int(topup.price.cost.centimes());
  query.Int(topup.price.price.centimes()).Int(topup.price.profit.centimes());
  query.Text(PackStrategies(topup.price)).Text(PackSteps(topup.price)).Text(PackLabels(topup));
  query.Int(EncodeTime(topup.create_time)).Int(EncodeTime(topup.send_before));
  query.Text(topup.provider_ref).Text(PackBasis(topup.price.basis));
}

void ReadOrigin(RowReader& row, Topup& topup) {
  topup.id = row.Text();
  topup.ref = row.Text();
  topup.caller = row.Text();
  topup.purpose = row.Value(core::Purpose::kSale, core::Purpose::kMenu);
  std::optional<core::PhoneNumber> phone = core::PhoneNumber::Parse(row.View());
  if (!phone.has_value()) row.Fail();
  topup.phone = std::move(phone).value_or(core::PhoneNumber());
  topup.op = row.Value(core::Operator::kUnknown, core::Operator::kPixx);
  topup.plan_code = row.Text();
  topup.plan_kind = row.Value(core::PlanKind::kUnknown, core::PlanKind::kMenu);
  topup.amount_dzd = row.IntFrom(0);
  topup.price.face_value = core::Money::Centimes(row.Int());
  topup.price.cost = core::Money::Centimes(row.Int());
  topup.price.price = core::Money::Centimes(row.Int());
  topup.price.profit = core::Money::Centimes(row.Int());
  if (!UnpackStrategies(row.View(), topup.price)) row.Fail();
  if (!UnpackSteps(row.View(), topup.price)) row.Fail();
  if (!UnpackLabels(row.View(), topup)) row.Fail();
  topup.create_time = row.Time();
  topup.send_before = row.Time();
  topup.provider_ref = row.Text();
  if (!UnpackBasis(row.View(), topup.price.basis)) row.Fail();
}

void BindVisible(Query& query, const Topup& topup) {
  query.Int(Number(topup.status)).Int(Number(topup.advice));
  BindOptionalTime(query, topup.review_time);
  query.Text(topup.refund_message).Text(PackOffers(topup)).Text(topup.provider_topup_id);
  if (topup.provider_charge.has_value()) {
    query.Int(topup.provider_charge->centimes());
  } else {
    query.Null();
  }
  query.Text(topup.provider_account).Text(topup.provider_environment);
  query.Int(Number(topup.rejection_reason)).Text(topup.rejection_detail);
  query.Int(EncodeTime(topup.update_time));
  BindOptionalTime(query, topup.settle_time);
  query.Int(topup.revision);
}

void ReadVisible(RowReader& row, Topup& topup) {
  topup.status = row.Value(core::TopupStatus::kQueued, core::TopupStatus::kCancelled);
  topup.advice = row.Value(core::RefundAdvice::kWait, core::RefundAdvice::kReview);
  topup.review_time = row.OptionalTime();
  topup.refund_message = row.Text();
  if (!UnpackOffers(row.View(), topup)) row.Fail();
  topup.provider_topup_id = row.Text();
  const std::optional<int64_t> charge = row.OptionalInt();
  if (charge.has_value()) topup.provider_charge = core::Money::Centimes(*charge);
  topup.provider_account = row.Text();
  topup.provider_environment = row.Text();
  topup.rejection_reason = row.Value(RejectionReason::kNone, RejectionReason::kResolvedByPerson);
  topup.rejection_detail = row.Text();
  topup.update_time = row.Time();
  topup.settle_time = row.OptionalTime();
  topup.revision = row.IntFrom(1);
}

void BindProgress(Query& query, const Topup& topup) {
  const Progress& progress = topup.progress;
  query.Int(Number(progress.next_action)).Int(EncodeTime(progress.next_action_time));
  query.Int(progress.fence).Int(progress.in_flight).Int(progress.posts).Int(progress.unsent);
  query.Int(progress.doubtful).Int(progress.duplicate_seen).Int(progress.throttled);
  query.Int(Number(progress.provisional_rejection));
  BindOptionalTime(query, progress.last_transmission_end);
  query.Int(progress.valid_not_founds);
  BindOptionalTime(query, progress.first_valid_not_found);
  BindOptionalTime(query, progress.last_valid_not_found);
  BindOptionalTime(query, progress.accept_time);
  BindOptionalTime(query, progress.last_read_start);
  BindOptionalTime(query, progress.refund_seen_time);
  BindOptionalTime(query, progress.missing_since);
  BindOptionalTime(query, progress.unknown_since);
  BindOptionalTime(query, progress.unknown_since_provider);
  query.Int(progress.schedule_step).Int(topup.version);
}

void ReadProgress(RowReader& row, Topup& topup) {
  Progress& progress = topup.progress;
  progress.next_action = row.Value(core::NextAction::kNone, core::NextAction::kResend);
  progress.next_action_time = row.Time();
  progress.fence = row.IntFrom(0);
  progress.in_flight = row.Bool();
  progress.posts = row.Count();
  progress.unsent = row.Count();
  progress.doubtful = row.Bool();
  progress.duplicate_seen = row.Bool();
  progress.throttled = row.Bool();
  progress.provisional_rejection =
      row.Value(RejectionReason::kNone, RejectionReason::kResolvedByPerson);
  progress.last_transmission_end = row.OptionalTime();
  progress.valid_not_founds = row.Count();
  progress.first_valid_not_found = row.OptionalTime();
  progress.last_valid_not_found = row.OptionalTime();
  progress.accept_time = row.OptionalTime();
  progress.last_read_start = row.OptionalTime();
  progress.refund_seen_time = row.OptionalTime();
  progress.missing_since = row.OptionalTime();
  progress.unknown_since = row.OptionalTime();
  progress.unknown_since_provider = row.OptionalTime();
  progress.schedule_step = row.Count();
  topup.version = row.IntFrom(1);
  // It would be forgotten.
  if (!core::IsSettled(topup.status) && progress.next_action == core::NextAction::kNone) row.Fail();
}

}  // namespace

std::string SelectTopups(absl::string_view tail) {
  return absl::StrCat("SELECT ", Named("t", kOriginColumns), ", ", Named("t", kVisibleColumns),
                      ", ", Named("t", kProgressColumns), " FROM topups t ", tail);
}

std::string SelectEvents(absl::string_view tail) {
  // CROSS JOIN keeps SQLite from going through all top-ups instead.
  return absl::StrCat("SELECT e.sequence, ", Named("t", kOriginColumns), ", ",
                      Named("e", kVisibleColumns),
                      " FROM topup_events e CROSS JOIN topups t ON t.number = e.topup ", tail);
}

// What the constraints of the tables say is looked at again: a damaged file does not keep them.
absl::StatusOr<Topup> ReadTopup(const Query& query) {
  Topup topup;
  RowReader row(query);
  ReadOrigin(row, topup);
  ReadVisible(row, topup);
  ReadProgress(row, topup);
  if (!row.ok()) return StoredDataError(absl::StrCat("top-up ", topup.id));
  return topup;
}

std::string ReadTopupId(const Query& query) {
  const absl::string_view id = query.TextAt(0);
  const bool plain =
      !id.empty() && id.size() <= kIdSizeMax && std::all_of(id.begin(), id.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
      });
  return plain && !core::PhoneNumber::Parse(id).has_value() ? std::string(id) : "?";
}

absl::StatusOr<core::Event> ReadEvent(const Query& query) {
  core::Event event;
  RowReader row(query);
  event.sequence = row.Int();
  ReadOrigin(row, event.topup);
  ReadVisible(row, event.topup);
  if (!row.ok()) return StoredDataError(absl::StrCat("event ", event.sequence));
  return event;
}

const std::string& InsertTopupSql() {
  static const std::string& sql = *new std::string(absl::StrCat(
      "INSERT INTO topups (", absl::StrJoin(kOriginColumns, ", "), ", ",
      absl::StrJoin(kVisibleColumns, ", "), ", ", absl::StrJoin(kProgressColumns, ", "),
      ", last_event, number) VALUES (",
      Parameters(kOriginColumns.size() + kVisibleColumns.size() + kProgressColumns.size() + 2),
      ")"));
  return sql;
}

void BindTopup(Query& query, const Topup& topup, int64_t last_event, int64_t number) {
  BindOrigin(query, topup);
  BindVisible(query, topup);
  BindProgress(query, topup);
  query.Int(last_event).Int(number);
}

const std::string& UpdateTopupSql() {
  static const std::string& sql = *new std::string(
      absl::StrCat("UPDATE topups SET ", Assignments(kVisibleColumns), ", ",
                   Assignments(kProgressColumns), ", last_event = ? WHERE number = ?"));
  return sql;
}

void BindTopupChange(Query& query, const Topup& topup, int64_t last_event, int64_t number) {
  BindVisible(query, topup);
  BindProgress(query, topup);
  query.Int(last_event).Int(number);
}

const std::string& InsertEventSql() {
  static const std::string& sql =
      *new std::string(absl::StrCat("INSERT INTO topup_events (", absl::StrJoin(kLinkColumns, ", "),
                                    ", ", absl::StrJoin(kVisibleColumns, ", "), ") VALUES (",
                                    Parameters(kLinkColumns.size() + kVisibleColumns.size()), ")"));
  return sql;
}

void BindEvent(Query& query, const EventLink& link, const Topup& topup) {
  query.Int(link.sequence).Int(link.topup_number).Int(link.previous_event).Text(topup.caller);
  BindVisible(query, topup);
}

}  // namespace topup::store::sqlite
