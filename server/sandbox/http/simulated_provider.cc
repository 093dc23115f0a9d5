#include "server/sandbox/http/simulated_provider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "server/base/status_macros.h"
#include "server/sandbox/http/fault_effects.h"

namespace topup::sandbox {
namespace {

constexpr absl::string_view kNoSuchTopup = "No such top-up for this account";

std::string MakeIdSalt(base::RandomSource& random) {
  std::string salt;
  for (const char byte : random.Bytes(5)) {
    absl::StrAppendFormat(&salt, "%02x", static_cast<unsigned char>(byte));
  }
  return salt;
}

// The status that left; 0 where no status line did.
int ShownStatus(const HttpReply& reply) {
  return reply.wire.cut_after.has_value() && *reply.wire.cut_after < 12 ? 0 : reply.status;
}

}  // namespace

// One request on its way through.
struct SimulatedProvider::Visit {
  const HttpRequest& request;
  Route route;
  ParsedSend send;
  RequestEntry entry;
  absl::Time now;
  absl::Duration elapsed;
  AnswerWriter writer;
  std::optional<Fault> fault;
  std::optional<TopupRecord> accepted;
  std::vector<TopupView> shown;
};

absl::StatusOr<std::unique_ptr<SimulatedProvider>> SimulatedProvider::Make(
    SimulatedProviderOptions options, FaultSettings settings, std::unique_ptr<Ledger> ledger,
    const base::Clock& clock, base::RandomSource& random) {
  std::unique_ptr<SimulatedProvider> provider(new SimulatedProvider(
      std::move(options), std::move(settings), std::move(ledger), clock, random));
  const std::lock_guard<std::mutex> lock(provider->mu_);
  ASSIGN_OR_RETURN(const std::vector<std::string> lines, provider->ledger_->Lines());
  RETURN_IF_ERROR(
      ReplayLedger(lines, provider->world_, provider->posts_of_ref_, provider->request_count_));
  if (lines.empty()) {
    const absl::Time now = clock.Now();
    const int64_t balance = provider->options_.balance_centimes;
    RETURN_IF_ERROR(provider->ledger_->Append({BalanceLine(balance, now)}));
    provider->world_.SetBalance(balance, now);
  }
  return provider;
}

SimulatedProvider::SimulatedProvider(SimulatedProviderOptions options, FaultSettings settings,
                                     std::unique_ptr<Ledger> ledger, const base::Clock& clock,
                                     base::RandomSource& random)
    : options_(std::move(options)),
      clock_(clock),
      rules_(std::move(settings.behaviour)),
      world_(MakeCatalogue(settings.catalogue), 0, options_.time_scale, MakeIdSalt(random)),
      faults_(random),
      gate_(options_.keys, options_.time_scale),
      ledger_(std::move(ledger)) {
  faults_.SetRules(std::move(settings.rules));
}

HttpReply SimulatedProvider::Handle(const HttpRequest& request) {
  Route route = FindRoute(request);
  ParsedSend send;
  if (route.endpoint == Endpoint::kSend) send = ParseSend(request.body);
  const SendRequest& fields = send.request;
  if (route.endpoint == Endpoint::kSend && options_.on_send) {
    const int posts = fields.ref ? PostsOfRef(*fields.ref) + 1 : 1;
    options_.on_send({fields.ref.value_or(""), fields.phone.value_or(""),
                      fields.plan_code.value_or(""), fields.amount_dzd, posts});
  }
  SeenDecision seen;
  HttpReply reply;
  {
    const std::lock_guard<std::mutex> lock(mu_);
    reply = Decide(request, route, send, seen);
  }
  if (options_.on_decided) options_.on_decided(seen);
  return reply;
}

HttpReply SimulatedProvider::Decide(const HttpRequest& request, const Route& route,
                                    const ParsedSend& send, SeenDecision& seen) {
  const SendRequest& fields = send.request;
  const absl::Time now = world_.Observe(clock_.Now());
  const int64_t sequence = ++request_count_;
  ++endpoint_counts_[static_cast<size_t>(route.endpoint)];
  Visit visit{
      request,
      route,
      send,
      RequestEntry(),
      now,
      clock_.Elapsed(),
      AnswerWriter(rules_, now, absl::StrCat("req_", absl::ToUnixSeconds(now), "_", sequence)),
      std::nullopt,
      std::nullopt,
      {}};
  visit.entry.sequence = sequence;
  visit.entry.time = now;
  visit.entry.endpoint = std::string(EndpointName(route.endpoint));
  visit.entry.method = request.method;
  visit.entry.path = Printable(request.path);
  visit.entry.ref = Printable(fields.ref.value_or(""));
  visit.entry.phone = Printable(fields.phone.value_or(""));
  visit.entry.plan_code = Printable(fields.plan_code.value_or(""));
  visit.entry.amount_dzd = fields.amount_dzd;
  if (!visit.entry.ref.empty()) visit.entry.posts_of_ref = ++posts_of_ref_[visit.entry.ref];

  HttpReply reply = Admit(visit);
  if (visit.fault) {
    ++fault_counts_[visit.fault->name];
    visit.entry.fault = visit.fault->name;
    visit.entry.after_acceptance = visit.fault->after_acceptance;
  }
  visit.entry.http_status = ShownStatus(reply);
  std::vector<std::string> lines = {RequestLine(visit.entry)};
  if (visit.accepted) lines.push_back(AcceptedLine(*visit.accepted));
  if (const absl::Status written = ledger_->Append(lines); !written.ok()) {
    // Nothing happens that the ledger does not know of.
    return visit.writer.Failed(500, "INTERNAL_ERROR", "The sandbox cannot write its ledger");
  }
  seen.accepted = visit.accepted.has_value();
  seen.held_back = reply.wire.delay;
  seen.shown = std::move(visit.shown);
  seen.entry = std::move(visit.entry);
  if (visit.accepted) world_.Accept(*std::move(visit.accepted));
  return reply;
}

HttpReply SimulatedProvider::Admit(Visit& visit) {
  if (down_) {
    HttpReply reply;
    reply.wire.cut_after = 0;
    reply.wire.end = WireAction::End::kReset;
    return reply;
  }
  const int ceiling = rules_.requests_per_minute.value_or(options_.requests_per_minute);
  if (const auto wait = gate_.CheckCeiling(ceiling, visit.elapsed)) {
    HttpReply reply = visit.writer.Failed(429, "RATE_LIMIT_EXCEEDED", "Too many requests");
    if (rules_.retry_after_shown) {
      const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(*wait, absl::Seconds(1)));
      reply.headers.emplace_back("Retry-After", absl::StrCat(seconds));
    }
    return reply;
  }
  const Endpoint endpoint = visit.route.endpoint;
  if (endpoint != Endpoint::kPing && endpoint != Endpoint::kOther) {
    if (const auto refusal = gate_.CheckKey(visit.request.api_key, visit.request.remote_address,
                                            endpoint == Endpoint::kSend, rules_, visit.elapsed)) {
      return visit.writer.Refused(*refusal);
    }
  }

  RequestTraits traits;
  traits.endpoint = endpoint;
  traits.ref = visit.entry.ref;
  traits.phone = visit.entry.phone;
  traits.posts_of_ref = visit.entry.posts_of_ref;
  if (const TopupRecord* record = FindTopup(visit)) {
    traits.ref = record->ref;
    traits.phone = record->phone;
  } else if (endpoint == Endpoint::kCheckRef) {
    traits.ref = visit.route.argument;
  }
  visit.fault = faults_.Choose(traits);

  const bool is_send = endpoint == Endpoint::kSend;
  if (!visit.fault) return Serve(visit);
  HttpReply reply;
  std::optional<HttpReply> replacement = Replacement(*visit.fault, visit.request, visit.writer);
  if (is_send ? visit.fault->after_acceptance : !replacement) {
    reply = Serve(visit);
  } else if (is_send && !replacement && NeedsMadeUpAcceptance(visit.fault->kind)) {
    reply = Serve(visit);
    visit.accepted.reset();
  } else if (is_send && !replacement) {
    reply = visit.writer.Failed(500, "INTERNAL_ERROR", "Unexpected error");
  }
  if (replacement) return *std::move(replacement);
  DamageReply(*visit.fault, reply);
  return reply;
}

HttpReply SimulatedProvider::Serve(Visit& visit) {
  switch (visit.route.endpoint) {
    case Endpoint::kPing:
      return visit.writer.Ping();
    case Endpoint::kValidate:
      return visit.writer.Validate(visit.request.api_key.value_or(""));
    case Endpoint::kBalance:
      return visit.writer.Balance(world_.BalanceCentimes(visit.now));
    case Endpoint::kPlans:
      return visit.writer.Plans(world_.catalogue());
    case Endpoint::kSend:
      return Send(visit);
    case Endpoint::kCheckId:
    case Endpoint::kCheckRef:
      return ReadOne(visit, FindTopup(visit));
    case Endpoint::kTransactions:
    case Endpoint::kList:
      return ReadPage(visit);
    case Endpoint::kOther:
      break;
  }
  return visit.writer.UnknownRoute(visit.request.method, Printable(visit.request.path));
}

// Leaves the record to be accepted in the visit: it counts once the ledger has it.
HttpReply SimulatedProvider::Send(Visit& visit) {
  if (visit.send.refusal) return visit.writer.Refused(*visit.send.refusal);
  std::variant<TopupRecord, Refusal> result =
      world_.PrepareSend(visit.send.request, rules_, visit.now);
  if (const Refusal* refusal = std::get_if<Refusal>(&result)) return visit.writer.Refused(*refusal);
  TopupRecord& record = std::get<TopupRecord>(result);
  const int64_t new_balance = world_.BalanceCentimes(visit.now) - record.charge_centimes;
  if (visit.fault) DamageRecord(*visit.fault, record);
  TopupView view = ViewAt(record, visit.now);
  DamageShown(visit, view);
  visit.accepted = std::move(record);
  return visit.writer.Accepted(view, new_balance);
}

HttpReply SimulatedProvider::ReadOne(Visit& visit, const TopupRecord* record) {
  if (record == nullptr || !IsVisibleAt(*record, visit.now)) {
    if (visit.fault && visit.fault->kind == FaultKind::kReplyToAnother &&
        visit.route.endpoint == Endpoint::kCheckRef) {
      TopupView view;
      view.status_word = "PENDING";
      DamageShown(visit, view);
      return visit.writer.Topup(view);
    }
    return visit.writer.Failed(404, "NOT_FOUND", kNoSuchTopup);
  }
  TopupView view = ViewAt(*record, visit.now);
  DamageShown(visit, view);
  visit.shown = {view};
  return visit.writer.Topup(view);
}

HttpReply SimulatedProvider::ReadPage(Visit& visit) {
  std::variant<PageRequest, Refusal> parsed = ParsePage(visit.request);
  if (const Refusal* refusal = std::get_if<Refusal>(&parsed)) return visit.writer.Refused(*refusal);
  const PageRequest& shown = std::get<PageRequest>(parsed);
  PageRequest wanted = shown;
  if (wanted.from) *wanted.from -= rules_.clock_skew;
  if (wanted.to) *wanted.to -= rules_.clock_skew;
  if (visit.route.endpoint == Endpoint::kTransactions) {
    return visit.writer.Transactions(world_.ListTransactions(wanted, visit.now), shown);
  }
  Page<TopupView> page = world_.ListTopups(wanted, visit.now);
  for (TopupView& view : page.items) DamageShown(visit, view);
  visit.shown = page.items;
  return visit.writer.Topups(page, shown);
}

const TopupRecord* SimulatedProvider::FindTopup(const Visit& visit) const {
  if (visit.route.endpoint == Endpoint::kCheckId) return world_.FindById(visit.route.argument);
  if (visit.route.endpoint != Endpoint::kCheckRef) return nullptr;
  absl::string_view ref = visit.route.argument;
  if (rules_.read_by_prefixed_ref) {
    absl::ConsumePrefix(&ref, absl::StrCat("API-", kAccountPhone, "-"));
  }
  return world_.FindByRef(ref);
}

void SimulatedProvider::DamageShown(const Visit& visit, TopupView& view) {
  if (!visit.fault) return;
  const TopupRecord* const other = world_.NewestOtherThan(view.id);
  const TopupView other_view = other != nullptr ? ViewAt(*other, visit.now) : TopupView();
  DamageView(*visit.fault, other != nullptr ? &other_view : nullptr, view);
}

}  // namespace topup::sandbox
