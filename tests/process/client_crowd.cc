#include "tests/process/client_crowd.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/process/topup_message.h"
#include "tests/sim/dice.h"

namespace topup::process {
namespace {

using sim::Call;

constexpr absl::Duration kCallLimit = absl::Seconds(30);
// Whoever has no answer after this has met a service that does not come back.
constexpr absl::Duration kPatience = absl::Minutes(5);
// Between repeats to one process.
constexpr absl::Duration kPause = absl::Milliseconds(50);

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const google::protobuf::Any& detail : details.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

absl::Status ToStatus(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

struct Product {
  const char* plan_code;
  char prefix;
  int64_t low;
  int64_t high;
};
constexpr Product kProducts[] = {{"PREPAID_MOBILIS", '6', 40, 3999},
                                 {"PREPAID_DJEZZY", '7', 100, 9999},
                                 {"PREPAID_OOREDOO", '5', 50, 5000},
                                 {"PIXX_500", '6', 500, 500}};

// What one client wants, under one ref.
struct Wish {
  const CallerName* caller = nullptr;
  std::string ref;
  std::string phone;
  std::string plan_code;
  std::optional<int64_t> amount_dzd;
  std::string quote_id;
};

}  // namespace

class ClientCrowd::Client {
 public:
  Client(ClientCrowd& crowd, size_t place)
      : crowd_(crowd), place_(place), dice_(crowd.options_.seed * 1000 + place) {}

  // From the thread of this client.
  void Run();

  std::vector<Call>& calls() { return calls_; }
  const std::vector<std::string>& numbers() const { return numbers_; }

 private:
  Wish MakeWish(int64_t number);
  void Serve(Wish wish);
  void Quote(Wish& wish);
  // True where it was answered OK.
  bool Send(const Wish& wish);
  void Cancel(const Wish& wish);
  void Get(const Wish& wish);
  void SendOther(const Wish& wish);

  // Does `call` until it is answered, each try a call of its own in the log. `ask` makes one try.
  template <typename Ask>
  bool UntilAnswered(Call::Kind kind, const Wish& wish, const Ask& ask);
  Call Begin(Call::Kind kind, const Wish& wish) const;
  void PrepareContext(const Wish& wish, grpc::ClientContext& context) const;

  ClientCrowd& crowd_;
  const size_t place_;
  sim::Dice dice_;
  std::vector<Call> calls_;
  std::vector<std::string> numbers_;
};

void ClientCrowd::Client::Run() {
  const CrowdOptions& options = crowd_.options_;
  const absl::Duration period = absl::Seconds(1) * options.clients / options.sends_per_second;
  absl::Duration due =
      crowd_.clock_.Elapsed() + period * static_cast<int64_t>(place_) / options.clients;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(crowd_.mutex_);
      const absl::Duration pause = due - crowd_.clock_.Elapsed();
      if (crowd_.stopping_.wait_for(lock, absl::ToChronoNanoseconds(pause),
                                    [this] { return crowd_.stopped_; })) {
        return;
      }
    }
    // Whoever is late does not hurry afterwards: the pace is a limit.
    due = std::max(due + period, crowd_.clock_.Elapsed());
    Serve(MakeWish(crowd_.next_number_++));
  }
}

Wish ClientCrowd::Client::MakeWish(int64_t number) {
  const Product& product = dice_.OneOf(kProducts);
  Wish wish;
  const std::vector<CallerName>& callers = crowd_.options_.callers;
  wish.caller = &callers[static_cast<size_t>(number) % callers.size()];
  wish.ref = absl::StrCat("order-", number);
  // Every number is wanted once, so that the ledger shows by itself what was sold twice.
  wish.phone = absl::StrFormat("0%c%08d", product.prefix, 30'000'000 + number);
  wish.plan_code = product.plan_code;
  wish.amount_dzd = dice_.Between(product.low, product.high);
  if (product.low == product.high && dice_.Chance(500)) wish.amount_dzd.reset();
  numbers_.push_back(wish.phone);
  return wish;
}

void ClientCrowd::Client::Serve(Wish wish) {
  // What is refused for good must never be sold.
  if (dice_.Chance(20)) wish.plan_code = "NO_SUCH_PLAN";
  if (dice_.Chance(250)) Quote(wish);
  if (!Send(wish)) return;
  ++crowd_.answered_;
  if (dice_.Chance(100)) Cancel(wish);
  if (dice_.Chance(100)) Get(wish);
  if (dice_.Chance(50)) Send(wish);
  if (dice_.Chance(20)) SendOther(wish);
}

template <typename Ask>
bool ClientCrowd::Client::UntilAnswered(Call::Kind kind, const Wish& wish, const Ask& ask) {
  const absl::Duration end = crowd_.clock_.Elapsed() + kPatience;
  int tried = 0;
  for (absl::Duration pause = kPatience; crowd_.clock_.Elapsed() < end; pause = kPause) {
    const auto connections = crowd_.service_.AwaitOtherThan(tried, pause);
    if (connections == nullptr) continue;
    tried = connections->generation;
    Call call = Begin(kind, wish);
    grpc::ClientContext context;
    PrepareContext(wish, context);
    const grpc::Status status = ask(connections->For(place_), context, call);
    call.end_step = crowd_.clock_.Step();
    call.result = sim::ResultOf(ToStatus(status));
    if (!status.ok()) {
      call.reason = ReasonOf(status);
      call.error_text = status.error_message();
    }
    if (call.topup.has_value()) crowd_.watch_.Shown(call.topup->id, call.topup->revision);
    const Call::Result result = call.result;
    calls_.push_back(std::move(call));
    if (result != Call::Result::kMaybe) {
      crowd_.service_.Answered(tried);
      return result == Call::Result::kOk;
    }
    ++crowd_.repeats_;
  }
  crowd_.problems_.Add(absl::StrCat(wish.caller->name, "/", wish.ref, " is never answered"));
  return false;
}

Call ClientCrowd::Client::Begin(Call::Kind kind, const Wish& wish) const {
  Call call;
  call.kind = kind;
  call.caller = wish.caller->name;
  call.ref = wish.ref;
  call.phone = wish.phone;
  call.plan_code = wish.plan_code;
  call.amount_dzd = wish.amount_dzd;
  call.quote_id = wish.quote_id;
  call.begin_step = crowd_.clock_.Step();
  return call;
}

void ClientCrowd::Client::PrepareContext(const Wish& wish, grpc::ClientContext& context) const {
  context.AddMetadata("authorization", "Bearer " + wish.caller->token);
  context.set_deadline(absl::ToChronoTime(crowd_.clock_.clock().Now() + kCallLimit));
}

void ClientCrowd::Client::Quote(Wish& wish) {
  v1::QuoteTopupRequest request;
  request.set_phone_number(wish.phone);
  request.set_plan_code(wish.plan_code);
  if (wish.amount_dzd.has_value()) request.set_amount_dzd(*wish.amount_dzd);
  std::string quote_id;
  const auto ask = [&](v1::TopupService::Stub& stub, grpc::ClientContext& context, Call& call) {
    v1::QuoteTopupResponse response;
    const grpc::Status status = stub.QuoteTopup(&context, request, &response);
    if (status.ok()) {
      call.quote_id = quote_id = response.quote().quote_id();
      call.quoted = ToPrice(response.quote().price());
    }
    return status;
  };
  if (UntilAnswered(Call::Kind::kQuote, wish, ask)) wish.quote_id = quote_id;
}

bool ClientCrowd::Client::Send(const Wish& wish) {
  v1::SendTopupRequest request;
  request.set_ref(wish.ref);
  request.set_phone_number(wish.phone);
  request.set_plan_code(wish.plan_code);
  if (wish.amount_dzd.has_value()) request.set_amount_dzd(*wish.amount_dzd);
  request.set_quote_id(wish.quote_id);
  (*request.mutable_labels())["order"] = wish.ref;
  const uint64_t chance = dice_.Below(1000);
  if (chance < 100) {
    request.set_wait_for(v1::WAIT_FOR_SUBMITTED);
  } else if (chance < 120) {
    request.set_wait_for(v1::WAIT_FOR_SETTLED);
  }
  const auto ask = [&](v1::TopupService::Stub& stub, grpc::ClientContext& context, Call& call) {
    v1::SendTopupResponse response;
    const grpc::Status status = stub.SendTopup(&context, request, &response);
    if (status.ok()) {
      call.topup = ToTopup(response.topup());
      call.replayed = response.replayed();
    }
    return status;
  };
  if (!UntilAnswered(Call::Kind::kSend, wish, ask)) return false;
  const core::Topup& topup = *calls_.back().topup;
  crowd_.recent_.Add(wish.caller->name, topup.id, topup.revision);
  return true;
}

void ClientCrowd::Client::Cancel(const Wish& wish) {
  v1::CancelTopupRequest request;
  request.set_ref(wish.ref);
  UntilAnswered(Call::Kind::kCancel, wish,
                [&](v1::TopupService::Stub& stub, grpc::ClientContext& context, Call& call) {
                  v1::CancelTopupResponse response;
                  const grpc::Status status = stub.CancelTopup(&context, request, &response);
                  if (status.ok()) call.topup = ToTopup(response.topup());
                  return status;
                });
}

void ClientCrowd::Client::Get(const Wish& wish) {
  v1::GetTopupRequest request;
  request.set_ref(wish.ref);
  UntilAnswered(Call::Kind::kGet, wish,
                [&](v1::TopupService::Stub& stub, grpc::ClientContext& context, Call& call) {
                  v1::GetTopupResponse response;
                  const grpc::Status status = stub.GetTopup(&context, request, &response);
                  if (status.ok()) call.topup = ToTopup(response.topup());
                  return status;
                });
}

// The same ref for something else: refused, and nothing is sold to that number.
void ClientCrowd::Client::SendOther(const Wish& wish) {
  Wish other = MakeWish(crowd_.next_number_++);
  other.caller = wish.caller;
  other.ref = wish.ref;
  if (Send(other)) {
    crowd_.problems_.Add(
        absl::StrCat(wish.caller->name, "/", wish.ref, " was taken for two sends"));
  }
}

ClientCrowd::ClientCrowd(CrowdOptions options, const StepClock& clock, ServiceSide& service,
                         CommitWatch& watch, RecentTopups& recent, Problems& problems)
    : options_(std::move(options)),
      clock_(clock),
      service_(service),
      watch_(watch),
      recent_(recent),
      problems_(problems) {}

ClientCrowd::~ClientCrowd() {
  StopSending();
  Join();
}

void ClientCrowd::Start() {
  for (int i = 0; i < options_.clients; ++i) {
    clients_.push_back(std::make_unique<Client>(*this, static_cast<size_t>(i)));
    threads_.emplace_back([client = clients_.back().get()] { client->Run(); });
  }
}

void ClientCrowd::StopSending() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  stopping_.notify_all();
}

void ClientCrowd::Join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ClientCrowd::WriteHistory(sim::History& history) {
  for (const std::unique_ptr<Client>& client : clients_) {
    for (Call& call : client->calls()) history.calls.push_back(std::move(call));
    client->calls().clear();
    history.secrets.insert(history.secrets.end(), client->numbers().begin(),
                           client->numbers().end());
  }
  std::sort(history.calls.begin(), history.calls.end(),
            [](const Call& a, const Call& b) { return a.begin_step < b.begin_step; });
  for (const CallerName& caller : options_.callers) history.secrets.push_back(caller.token);
}

}  // namespace topup::process
