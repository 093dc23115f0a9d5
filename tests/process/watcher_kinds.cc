// The two kinds of watchers, each with its stream.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/process/watcher.h"

namespace topup::process {
namespace {

// Reads messages and hands them on until the watcher leaves. Deletes itself at its end.
template <typename Kind, typename Response>
class Stream : public grpc::ClientReadReactor<Response> {
 public:
  Stream(std::shared_ptr<Kind> watcher, std::shared_ptr<Connections> connections,
         std::shared_ptr<grpc::ClientContext> context)
      : watcher_(std::move(watcher)),
        connections_(std::move(connections)),
        context_(std::move(context)) {}

  void Begin() {
    this->StartRead(&response_);
    this->StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (watcher_->Take(response_)) {
      context_->TryCancel();
    } else {
      this->StartRead(&response_);
    }
  }

  void OnDone(const grpc::Status& status) override {
    // The call is over: what it was made of may go, and the watcher may start another one.
    const std::shared_ptr<Kind> watcher = std::move(watcher_);
    const grpc::Status ended = status;
    delete this;
    watcher->Ended(ended);
  }

 private:
  std::shared_ptr<Kind> watcher_;
  const std::shared_ptr<Connections> connections_;
  const std::shared_ptr<grpc::ClientContext> context_;
  Response response_;
};

class SingleWatcher final : public Watcher {
 public:
  SingleWatcher(WatcherSurroundings& surroundings, Plan plan)
      : Watcher(surroundings, std::move(plan)) {
    stay_max_ = 3;
  }

  // True where it leaves.
  bool Take(const v1::WatchTopupResponse& response) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Tell(response.topup(), 0);
    revision_ = std::max(revision_, response.topup().revision());
    return WantsToLeave();
  }

  bool IsWaiting(int64_t) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return follows_;
  }

 protected:
  std::function<void()> Open(const std::shared_ptr<Connections>& connections) override {
    if (!follows_ && !ChooseTopup()) return nullptr;
    request_.set_topup_id(part().topup_id);
    request_.set_after_revision(revision_);
    auto context = MakeContext();
    auto* const stream = new Stream<SingleWatcher, v1::WatchTopupResponse>(
        std::static_pointer_cast<SingleWatcher>(shared_from_this()), connections, context);
    connections->For(plan_.place).async()->WatchTopup(context.get(), &request_, stream);
    return [stream] { stream->Begin(); };
  }

  void OnEnd() override {
    part().ended = true;
    // Now and then it asks once more: whoever has seen the end is told nothing.
    if (!asked_again_ && dice_.Chance(250)) {
      asked_again_ = true;
      return;
    }
    follows_ = false;
  }

 private:
  bool ChooseTopup() {
    if (surroundings_.finishing) return false;
    const auto entry = surroundings_.recent.NewestAfter(plan_.caller.name, number_);
    if (!entry.has_value()) return false;
    number_ = entry->number;
    follows_ = true;
    asked_again_ = false;
    continues_ = false;
    WatchedPart& part = parts_.emplace_back();
    part.topup_id = entry->topup_id;
    // Either from what its sender was shown, or from the present.
    if (dice_.Chance(500)) part.after_revision = entry->revision;
    revision_ = part.after_revision.value_or(0);
    return true;
  }

  v1::WatchTopupRequest request_;  // of the open stream
  // By mutex_:
  bool follows_ = false;  // the last of parts_
  bool asked_again_ = false;
  int64_t number_ = 0;    // of the top-up, among those sent
  int64_t revision_ = 0;  // the last that it was told
};

class FeedWatcher final : public Watcher {
 public:
  FeedWatcher(WatcherSurroundings& surroundings, Plan plan)
      : Watcher(surroundings, std::move(plan)) {
    request_.mutable_heartbeat_interval()->set_seconds(1);
    request_.set_from_oldest(dice_.Chance(500));
    WatchedPart& part = parts_.emplace_back();
    if (!dice_.Chance(200)) return;
    for (int i = 0; i < v1::TopupStatus_ARRAYSIZE; ++i) {
      const auto status = static_cast<core::TopupStatus>(i);
      if (!core::IsSettled(status)) continue;
      part.statuses.push_back(status);
      request_.add_statuses(static_cast<v1::TopupStatus>(i));
    }
  }

  // True where it leaves.
  bool Take(const v1::WatchTopupsResponse& response) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::StatusOr<int64_t> sequence = surroundings_.tokens.Open(
        plan_.caller.name, response.resume_token(), api::MakeStatusSet(part().statuses));
    if (!sequence.ok()) {
      surroundings_.problems.Add(
          absl::StrCat("a token cannot be opened: ", sequence.status().ToString()));
      return true;
    }
    CheckFirst(response, *sequence);
    if (response.has_topup()) Tell(response.topup(), *sequence);
    part().through_sequence = *sequence;
    token_ = response.resume_token();
    return WantsToLeave();
  }

  bool IsWaiting(int64_t sequence) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return parts_.back().through_sequence < sequence;
  }

 protected:
  std::function<void()> Open(const std::shared_ptr<Connections>& connections) override {
    is_first_ = true;
    continues_ = !token_.empty();
    request_.set_resume_token(token_);
    auto context = MakeContext();
    auto* const stream = new Stream<FeedWatcher, v1::WatchTopupsResponse>(
        std::static_pointer_cast<FeedWatcher>(shared_from_this()), connections, context);
    connections->For(plan_.place).async()->WatchTopups(context.get(), &request_, stream);
    return [stream] { stream->Begin(); };
  }

  void OnEnd() override { surroundings_.problems.Add("a stream of all top-ups ended by itself"); }

 private:
  // A stream begins with the token of the place where it goes on, and no heartbeat goes back.
  void CheckFirst(const v1::WatchTopupsResponse& response, int64_t sequence) {
    if (is_first_) {
      is_first_ = false;
      if (!response.has_heartbeat()) {
        surroundings_.problems.Add("a stream began without a heartbeat");
      } else if (!part().after_sequence.has_value()) {
        part().after_sequence = part().through_sequence = sequence;
      } else if (sequence != part().through_sequence) {
        surroundings_.problems.Add(absl::StrCat("a stream went on at ", sequence, " instead of ",
                                                part().through_sequence));
      }
    } else if (sequence < part().through_sequence) {
      surroundings_.problems.Add(
          absl::StrCat("a token went back from ", part().through_sequence, " to ", sequence));
    }
  }

  v1::WatchTopupsRequest request_;  // of the open stream
  // By mutex_:
  std::string token_;
  bool is_first_ = true;
};

}  // namespace

std::shared_ptr<Watcher> MakeSingleWatcher(WatcherSurroundings& surroundings, Watcher::Plan plan) {
  return std::make_shared<SingleWatcher>(surroundings, std::move(plan));
}

std::shared_ptr<Watcher> MakeFeedWatcher(WatcherSurroundings& surroundings, Watcher::Plan plan) {
  return std::make_shared<FeedWatcher>(surroundings, std::move(plan));
}

}  // namespace topup::process
