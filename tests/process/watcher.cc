#include "tests/process/watcher.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/process/topup_message.h"

namespace topup::process {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(50);

// The server is away, going, or asks for patience.
bool IsForNow(const grpc::Status& status) {
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  return code == absl::StatusCode::kResourceExhausted ||
         sim::ResultOf(absl::Status(code, "")) == sim::Call::Result::kMaybe;
}

int64_t SequenceOf(const Watcher::Sequences& sequences, const std::string& id, int64_t revision) {
  const auto found = sequences.find({id, revision});
  return found == sequences.end() ? 0 : found->second;
}

}  // namespace

std::shared_ptr<const core::Topup> ToldTopups::Keep(core::Topup topup) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto& kept = kept_[{topup.id, topup.revision}];
  for (const auto& known : kept) {
    if (*known == topup) return known;
  }
  kept.push_back(std::make_shared<const core::Topup>(std::move(topup)));
  return kept.back();
}

Watcher::Watcher(WatcherSurroundings& surroundings, Plan plan)
    : surroundings_(surroundings), plan_(std::move(plan)), dice_(plan_.seed) {}

void Watcher::OpenLater(absl::Duration pause) {
  surroundings_.loop.PostAfter(pause, [self = shared_from_this()] { self->TryToOpen(); });
}

void Watcher::TryToOpen() {
  if (surroundings_.stopping) return;
  const std::shared_ptr<Connections> connections = surroundings_.service.Current();
  std::function<void()> start;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (connections != nullptr) start = Open(connections);
  }
  start == nullptr ? OpenLater(kPause) : start();
}

std::shared_ptr<grpc::ClientContext> Watcher::MakeContext() {
  context_ = std::make_shared<grpc::ClientContext>();
  context_->AddMetadata("authorization", "Bearer " + plan_.caller.token);
  messages_to_stay_ = static_cast<int>(dice_.Between(int64_t{1}, int64_t{stay_max_}));
  if (continues_) {
    ++reconnects_;
    ++surroundings_.reconnects;
  }
  const std::lock_guard<std::mutex> lock(surroundings_.mutex);
  ++surroundings_.open_streams;
  return context_;
}

bool Watcher::HasReconnected() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return reconnects_ >= plan_.reconnects;
}

bool Watcher::WantsToLeave() { return --messages_to_stay_ <= 0 && reconnects_ < plan_.reconnects; }

void Watcher::Leave() {
  std::shared_ptr<grpc::ClientContext> context;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    context = context_;
    if (context != nullptr && !parts_.empty()) part().open_at_end = true;
  }
  if (context != nullptr) context->TryCancel();
}

void Watcher::Tell(const v1::Topup& message, int64_t sequence) {
  const int64_t step = surroundings_.clock.Step();
  part().told.push_back({step, sequence, surroundings_.told.Keep(ToTopup(message))});
  if (sequence > 0) {
    surroundings_.watch.ShownSequence(sequence);
  } else {
    surroundings_.watch.Shown(message.topup_id(), message.revision());
  }
}

void Watcher::Ended(const grpc::Status& status) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    context_ = nullptr;
    continues_ = true;
    if (status.ok()) {
      OnEnd();
    } else if (!IsForNow(status)) {
      surroundings_.problems.Add(absl::StrCat("a watcher of ", plan_.caller.name, " got ",
                                              status.error_code(), ": ", status.error_message()));
    }
  }
  OpenLater(status.ok() || status.error_code() == grpc::StatusCode::CANCELLED ? absl::ZeroDuration()
                                                                              : kPause);
  const std::lock_guard<std::mutex> lock(surroundings_.mutex);
  --surroundings_.open_streams;
  surroundings_.stream_ended.notify_all();
}

void Watcher::WriteHistory(const Sequences& sequences, const Rows& rows,
                           sim::History& history) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const WatchedPart& part : parts_) {
    sim::WatcherSession session;
    session.caller = plan_.caller.name;
    session.topup_id = part.topup_id;
    session.statuses = part.statuses;
    session.open_at_end = part.open_at_end;
    for (const WatchedPart::Told& told : part.told) {
      sim::WatcherSession::Delivery delivery{told.step, {told.sequence, *told.topup}};
      core::Topup& topup = delivery.event.topup;
      if (told.sequence == 0) {
        delivery.event.sequence = SequenceOf(sequences, topup.id, topup.revision);
      }
      const auto row = rows.find(topup.id);
      if (row != rows.end()) Complete(*row->second, topup);
      session.deliveries.push_back(std::move(delivery));
    }
    if (part.topup_id.empty()) {
      if (!part.after_sequence.has_value()) continue;
      session.after_sequence = *part.after_sequence;
      session.through_sequence = part.through_sequence;
    } else {
      if (part.after_revision.has_value()) {
        session.after_sequence = SequenceOf(sequences, part.topup_id, *part.after_revision);
      } else if (!session.deliveries.empty()) {
        session.after_sequence = session.deliveries.front().event.sequence - 1;
      } else {
        continue;
      }
      session.through_sequence = part.ended ? std::numeric_limits<int64_t>::max()
                                 : session.deliveries.empty()
                                     ? session.after_sequence
                                     : session.deliveries.back().event.sequence;
    }
    history.watchers.push_back(std::move(session));
  }
}

}  // namespace topup::process
