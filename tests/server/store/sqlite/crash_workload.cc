#include "tests/server/store/sqlite/crash_workload.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/conformance/topup_store_await.h"
#include "tests/support/topup_builder.h"

namespace topup::store::sqlite {
namespace {

constexpr int kEverything = 100000;
constexpr char kCaller[] = "shop";

absl::Status WriteSetting(TopupStore& store, const std::string& name) {
  return conformance::Await<absl::StatusOr<std::string>>(
             [&](auto done) { store.KeepSetting(name, "", std::move(done)); })
      .status();
}

// Every other one has a text of its own, so that a text is there before and after it.
PricingActivation MakeActivation(int64_t number) {
  const int64_t text = number % 2 == 0 ? number : 0;
  return {.number = number,
          .previous = number - 1,
          .time = support::TestTime(absl::Seconds(number)),
          .config = std::string(static_cast<size_t>(100 + number), 'x'),
          .config_digest = absl::StrCat("digest ", text)};
}

// Empty where the activations are 1, 2, ... `last`, each with its text.
std::string CheckActivations(TopupStore& store, int64_t last) {
  for (int64_t number = 1; number <= last + 1; ++number) {
    const auto found = store.FindActivation(number);
    if (!found.ok()) return found.status().ToString();
    if (found->has_value() != (number <= last)) return absl::StrCat("activation ", number);
    if (!found->has_value()) break;
    PricingActivation expected = MakeActivation(number);
    // Of those that share a text the first one's is kept.
    if (number % 2 != 0) expected.config = MakeActivation(1).config;
    if (**found != expected) return absl::StrCat("another activation ", number);
  }
  return "";
}

// Empty where the sequences are 1, 2, ... `last`.
std::string CheckSequences(TopupStore& store, int64_t last) {
  const absl::StatusOr<int64_t> latest = store.LatestSequence();
  if (!latest.ok()) return latest.status().ToString();
  if (*latest != last) return absl::StrCat("latest sequence ", *latest, ", expected ", last);
  EventQuery query;
  query.caller = kCaller;
  query.limit = kEverything;
  const absl::StatusOr<EventPage> page = store.ReadEvents(query);
  if (!page.ok()) return page.status().ToString();
  int64_t expected = 0;
  for (const core::Event& event : page->events) {
    if (event.sequence != ++expected) return absl::StrCat("a hole before event ", event.sequence);
  }
  return expected == last ? "" : absl::StrCat(expected, " events, expected ", last);
}

std::string CheckRevisions(TopupStore& store, const core::Topup& topup) {
  const auto events = store.ReadRevisions(topup.id, 0, kEverything);
  if (!events.ok()) return events.status().ToString();
  int64_t revision = 0;
  for (const core::Event& event : *events) {
    if (event.topup.revision != ++revision) return absl::StrCat(topup.id, ": revisions with gaps");
  }
  if (revision != topup.revision) return absl::StrCat(topup.id, ": top-up without its event");
  if (!core::SameToCallers(events->back().topup, topup)) {
    return absl::StrCat(topup.id, ": its newest event says something else");
  }
  return "";
}

}  // namespace

absl::Status CrashWorkload::Run(TopupStore& store, int bursts) {
  std::promise<void> end;
  bursts_left_ = bursts;
  error_ = absl::OkStatus();
  finished_ = [&end] { end.set_value(); };
  store.KeepSetting("start", "", [this, &store](absl::StatusOr<std::string> kept) {
    error_ = kept.status();
    if (error_.ok()) {
      StartBurst(store);
    } else {
      finished_();
    }
  });
  end.get_future().wait();
  // Answered after what the commit thread does between batches; the second one leaves nothing
  // to do there.
  for (int i = 0; i < 2 && error_.ok(); ++i) error_ = WriteSetting(store, "end");
  return error_;
}

void CrashWorkload::StartBurst(TopupStore& store) {
  attempted_ = known_;
  burst_size_ = unanswered_ = 1 + static_cast<int>(random_() % 6);
  refused_ = 0;
  for (int i = 0; i < burst_size_; ++i) {
    if (random_() % 8 == 0) {
      Activate(store);
    } else if (attempted_.rows.empty() || random_() % 3 == 0) {
      Create(store);
    } else {
      auto row = attempted_.rows.begin();
      std::advance(row, static_cast<int>(random_() % attempted_.rows.size()));
      Update(store, row->second);
    }
  }
}

void CrashWorkload::Create(TopupStore& store) {
  Row row;
  row.topup = support::MakeQueuedTopup(absl::StrCat("n", created_++), kCaller);
  row.topup.labels["note"] = std::string(random_() % 900, 'x');
  row.topup.price.basis = {.config_digest = "digest", .route = "r", .chain = "c"};
  attempted_.rows[row.topup.id] = row;
  store.Create({row.topup, std::nullopt, 0},
               [done = Done(store)](absl::StatusOr<CreateResult> result) {
                 const bool exists = result.ok() && result->kind != CreateResult::Kind::kCreated;
                 done(exists ? absl::InternalError("it exists already") : result.status());
               });
}

void CrashWorkload::Update(TopupStore& store, Row& row) {
  const bool under_way =
      !row.attempts.empty() && row.attempts.back().evidence == core::Attempt::Evidence::kInFlight;
  const bool visible = random_() % 4 != 0;
  UpdateRequest request;
  row.topup = support::NextVersion(row.topup, visible);
  if (!visible) {
    request.check = core::Check{};
    request.check->topup_id = row.topup.id;
    request.check->time = row.topup.update_time;
    ++row.checks;
  } else if (under_way) {
    row.topup.status = core::TopupStatus::kPending;
    row.attempts.back().evidence = core::Attempt::Evidence::kAnswered;
    row.attempts.back().end_time = row.topup.update_time;
    request.attempt = row.attempts.back();
  } else {
    row.topup.status = core::TopupStatus::kSubmitting;
    row.topup.progress.fence += 1;
    core::Attempt attempt;
    attempt.topup_id = row.topup.id;
    attempt.fence = row.topup.progress.fence;
    attempt.start_time = row.topup.update_time;
    row.attempts.push_back(attempt);
    request.attempt = attempt;
  }
  request.visible = visible;
  request.topup = row.topup;
  store.Update(
      std::move(request),
      [done = Done(store)](const absl::StatusOr<UpdateResult>& result) { done(result.status()); });
}

void CrashWorkload::Activate(TopupStore& store) {
  store.AppendActivation(MakeActivation(++attempted_.activations), Done(store));
}

std::function<void(absl::Status)> CrashWorkload::Done(TopupStore& store) {
  return [this, &store](const absl::Status& status) { Answer(store, status); };
}

void CrashWorkload::Answer(TopupStore& store, const absl::Status& status) {
  if (!status.ok()) {
    ++refused_;
    error_ = status;
  }
  if (--unanswered_ > 0) return;
  if (refused_ != 0 && refused_ != burst_size_) {
    error_ = absl::InternalError("one commit was acknowledged in part");
  }
  if (error_.ok()) {
    known_ = attempted_;
    acknowledged_ += burst_size_;
    if (--bursts_left_ > 0) return StartBurst(store);
  }
  finished_();
}

namespace {

template <typename Row>
std::string CheckRow(TopupStore& store, const Row& row) {
  const std::string& id = row.topup.id;
  const absl::StatusOr<core::Topup> topup = store.FindById(id);
  if (!topup.ok()) return absl::StrCat(id, ": ", topup.status().ToString());
  if (!(*topup == row.topup)) return absl::StrCat(id, ": another state at ", topup->version);
  const auto attempts = store.Attempts(id);
  if (!attempts.ok() || *attempts != row.attempts) return absl::StrCat(id, ": other attempts");
  const auto checks = store.Checks(id);
  if (!checks.ok() || static_cast<int>(checks->size()) != row.checks) {
    return absl::StrCat(id, ": other checks");
  }
  return CheckRevisions(store, row.topup);
}

template <typename State>
std::string Difference(TopupStore& store, const State& state) {
  int64_t events = 0;
  for (const auto& [id, row] : state.rows) {
    const std::string problem = CheckRow(store, row);
    if (!problem.empty()) return problem;
    events += row.topup.revision;
  }
  ListFilter filter;
  filter.caller = kCaller;
  filter.limit = kEverything;
  const absl::StatusOr<ListResult> all = store.List(filter);
  if (!all.ok()) return all.status().ToString();
  if (all->topups.size() != state.rows.size()) {
    return absl::StrCat(all->topups.size(), " top-ups, expected ", state.rows.size());
  }
  const std::string activations = CheckActivations(store, state.activations);
  if (!activations.empty()) return activations;
  return CheckSequences(store, events);
}

}  // namespace

std::string CrashWorkload::CheckNothingElse(TopupStore& store) { return Difference(store, known_); }

std::string CrashWorkload::Check(TopupStore& store) {
  const std::string without = Difference(store, known_);
  if (without.empty()) return "";
  const std::string with = Difference(store, attempted_);
  if (!with.empty()) return absl::StrCat(without, "; with the last burst: ", with);
  known_ = attempted_;
  return "";
}

}  // namespace topup::store::sqlite
