#include "pricing_plugins/checker/subject.h"

#include <cstring>
#include <exception>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "pricing_plugins/checker/fenced.h"
#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/library_file.h"
#include "server/pricing/library/library_format.h"
#include "server/pricing/strategy_records.h"
#include "server/pricing/strategy_text.h"

namespace topup::checker {
namespace {

const pricing::PricingOptions& Options() {
  static const auto& options =
      *new pricing::PricingOptions{.program_name = "pricing_plugin_checker"};
  return options;
}

topup_pricing_error_t EmptyError() {
  topup_pricing_error_t error = {};
  pricing::Clear(error);
  return error;
}

topup_pricing_answer_t EmptyAnswer() {
  topup_pricing_answer_t answer;
  pricing::Clear(answer);
  return answer;
}

std::string MessageOf(const topup_pricing_error_t& error) {
  return std::string(error.message, strnlen(error.message, sizeof(error.message)));
}

// Runs `call`, which gives a code; an exception is a breach.
template <typename Call>
void Guard(Reply& reply, const Call& call) {
  try {
    reply.code = call();
  } catch (const std::exception& e) {
    reply.breach = absl::StrCat("it threw a C++ exception across the border: ", e.what());
  } catch (...) {
    reply.breach = "it threw a C++ exception across the border";
  }
}

void LookAtError(const Fenced<topup_pricing_error_t>& fenced, const topup_pricing_error_t& error,
                 Reply& reply) {
  reply.message = MessageOf(error);
  if (!reply.breach.empty()) return;
  if (const auto damage = fenced.Damage(); damage.has_value()) {
    reply.breach = absl::StrCat("it wrote beside the error record: ", *damage);
  } else if (error.struct_size != sizeof(error) || error.abi_version != TOPUP_PRICING_ABI_VERSION) {
    reply.breach = "it changed the header of the error record";
  }
}

}  // namespace

std::string Reply::Summary() const {
  if (!breach.empty()) return breach;
  if (code != TOPUP_PRICING_OK) return absl::StrCat("code ", code, ": ", message);
  std::string summary = absl::StrCat(answer.price_centimes, ":");
  for (uint32_t i = 0; i < answer.step_count && i < TOPUP_PRICING_STEP_MAX; ++i) {
    const topup_pricing_step_t& step = answer.steps[i];
    absl::StrAppend(
        &summary, " ",
        absl::string_view(step.description, strnlen(step.description, sizeof(step.description))),
        " = ", step.price_after_centimes, ";");
  }
  return summary;
}

std::optional<std::string> FaultOfError(const Reply& reply) {
  if (!reply.breach.empty()) return reply.breach;
  if (reply.code < TOPUP_PRICING_OK || reply.code > TOPUP_PRICING_FAILED) {
    return absl::StrCat("it answered with code ", reply.code, ", which the contract does not list");
  }
  if (reply.message.empty())
    return absl::StrCat("it failed with code ", reply.code, " and no word");
  if (reply.message.size() == TOPUP_PRICING_ERROR_SIZE) return "its message has no end";
  if (!pricing::ReadStrategyText(reply.message.c_str(), reply.message.size() + 1).has_value()) {
    return "its message is not one line of UTF-8";
  }
  return std::nullopt;
}

std::optional<std::string> FaultOf(const Reply& reply) {
  if (!reply.breach.empty()) return reply.breach;
  if (reply.code != TOPUP_PRICING_OK) return FaultOfError(reply);
  const topup_pricing_answer_t& answer = reply.answer;
  if (!pricing::IsAmount(answer.price_centimes)) {
    return absl::StrCat("its price of ", answer.price_centimes, " centimes is not within 0..",
                        TOPUP_PRICING_AMOUNT_MAX);
  }
  if (answer.currency != TOPUP_PRICING_CURRENCY_DZD) {
    return absl::StrCat("its price is in currency ", answer.currency);
  }
  if (answer.step_count < 1 || answer.step_count > TOPUP_PRICING_STEP_MAX) {
    return absl::StrCat("it has ", answer.step_count, " steps, not 1 to ", TOPUP_PRICING_STEP_MAX);
  }
  for (uint32_t i = 0; i < answer.step_count; ++i) {
    const topup_pricing_step_t& step = answer.steps[i];
    const auto text = pricing::ReadStrategyText(step.description, sizeof(step.description));
    if (!text.has_value() || text->empty()) {
      return absl::StrCat("the description of step ", i + 1, " is no text that ends");
    }
    if (!pricing::IsAmount(step.price_after_centimes)) {
      return absl::StrCat("the price after step ", i + 1, " is ", step.price_after_centimes);
    }
  }
  const int64_t last = answer.steps[answer.step_count - 1].price_after_centimes;
  if (last != answer.price_centimes) {
    return absl::StrCat("its last step ends at ", last, ", its price is ", answer.price_centimes);
  }
  return std::nullopt;
}

Instance::Instance(const topup_pricing_entry_t& entry, const topup_pricing_host_t* host,
                   const std::string& config) {
  Fenced<topup_pricing_error_t> error(EmptyError());
  Fenced<const topup_pricing_strategy_t*> strategy(nullptr);
  Guard(creation_, [&] {
    return entry.create(host, {config.c_str(), config.size()}, &strategy.value(), &error.value());
  });
  LookAtError(error, error.value(), creation_);
  if (!creation_.ok()) return;
  const topup_pricing_strategy_t* const made = strategy.value();
  if (made == nullptr) {
    creation_.breach = "create answered OK and made no strategy";
  } else if (made->struct_size != sizeof(*made) ||
             TOPUP_PRICING_ABI_MAJOR_OF(made->abi_version) != TOPUP_PRICING_ABI_MAJOR) {
    creation_.breach = absl::StrCat("the strategy's struct_size is ", made->struct_size, ", not ",
                                    sizeof(*made), ", or its ABI version another one");
  } else if (made->destroy == nullptr || made->price == nullptr || made->get_extension == nullptr) {
    creation_.breach = "a function of the strategy is a null pointer";
  } else {
    strategy_ = made;
  }
}

Instance::~Instance() {
  if (strategy_ != nullptr) strategy_->destroy(strategy_);
}

Reply Instance::Price(const RequestDraft& draft) const {
  Reply reply;
  const topup_pricing_request_t before = draft.Record();
  const RequestDraft texts_before = draft;
  Fenced<topup_pricing_request_t> request(before);
  Fenced<topup_pricing_answer_t> answer(EmptyAnswer());
  Fenced<topup_pricing_error_t> error(EmptyError());
  Guard(reply, [&] {
    return strategy_->price(strategy_, &request.value(), &answer.value(), &error.value());
  });
  reply.answer = answer.value();
  LookAtError(error, error.value(), reply);
  if (!reply.breach.empty()) return reply;
  if (const auto damage = answer.Damage(); damage.has_value()) {
    reply.breach = absl::StrCat("it wrote beside the answer: ", *damage);
  } else if (request.Damage().has_value() ||
             std::memcmp(&before, &request.value(), sizeof(before)) != 0 ||
             texts_before.plan_code != draft.plan_code || texts_before.caller != draft.caller) {
    reply.breach = "it changed the request";
  } else if (reply.answer.struct_size != sizeof(topup_pricing_answer_t) ||
             reply.answer.abi_version != TOPUP_PRICING_ABI_VERSION) {
    reply.breach = "it changed the header of the answer";
  }
  for (const topup_pricing_step_t& step : reply.answer.steps) {
    if (step.struct_size != sizeof(step) || step.abi_version != TOPUP_PRICING_ABI_VERSION) {
      if (reply.breach.empty()) reply.breach = "it changed the header of a step";
    }
  }
  return reply;
}

topup_pricing_code_t Instance::QuickPrice(const topup_pricing_request_t& request,
                                          topup_pricing_answer_t& answer) const {
  topup_pricing_error_t error = EmptyError();
  answer = EmptyAnswer();
  return strategy_->price(strategy_, &request, &answer, &error);
}

Subject::Subject(std::string config)
    : config_(std::move(config)),
      log_(base::RealClock(), [](absl::string_view /*line*/) {}),
      services_(Options(), "checked", log_) {}

absl::StatusOr<std::unique_ptr<Subject>> Subject::Open(const std::string& path,
                                                       const std::string& config) {
  ASSIGN_OR_RETURN(const pricing::LibraryFile file, pricing::ReadLibraryFile(AbsolutePath(path)));
  RETURN_IF_ERROR(pricing::CheckLibraryFormat(file));
  std::unique_ptr<Subject> subject(new Subject(config));
  ASSIGN_OR_RETURN(const pricing::LinkedLibrary linked, pricing::PluginLibrary::Link(file));
  ASSIGN_OR_RETURN(subject->library_,
                   pricing::PluginLibrary::Open(linked, file, Options(), subject->log_));
  return subject;
}

std::unique_ptr<Instance> Subject::Make(const std::string& config) const {
  return std::make_unique<Instance>(library_->entry(), host(), config);
}

std::string AbsolutePath(const std::string& path) {
  return std::filesystem::absolute(path).string();
}

}  // namespace topup::checker
