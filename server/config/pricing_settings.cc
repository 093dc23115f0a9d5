#include "server/config/pricing_settings.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/config/load_settings.h"
#include "server/config/settings.pb.h"

namespace topup::config {
namespace {

constexpr size_t kPercentDecimals = 4;  // so that it is whole parts per million
constexpr size_t kPercentDigits = 7;    // in front of the point; what is too much is refused later

// "5", "2.5", "-0.0625" as parts per million; nothing for anything else.
std::optional<core::PartsPerMillion> ParsePercent(absl::string_view text) {
  const bool is_negative = absl::ConsumePrefix(&text, "-");
  const size_t point = text.find('.');
  const absl::string_view whole = text.substr(0, point);
  absl::string_view decimals;
  if (point != absl::string_view::npos) {
    decimals = text.substr(point + 1);
    if (decimals.empty() || decimals.size() > kPercentDecimals) return std::nullopt;
  }
  if (whole.empty() || whole.size() > kPercentDigits) return std::nullopt;
  core::PartsPerMillion ppm = 0;
  for (const char digit : absl::StrCat(whole, decimals)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return std::nullopt;
    ppm = ppm * 10 + (digit - '0');
  }
  for (size_t i = decimals.size(); i < kPercentDecimals; ++i) ppm *= 10;
  return is_negative ? -ppm : ppm;
}

// Turns one message of the file after the other into values; what has no value is a problem.
class PricingReader {
 public:
  pricing::PricingConfiguration Read(const Pricing& file);

  void Refuse(std::string field, std::string description) {
    violations_.push_back({std::move(field), std::move(description)});
  }

  std::vector<base::FieldViolation> TakeViolations() { return std::exchange(violations_, {}); }

 private:
  pricing::RouteConfiguration ReadRoute(const Route& route, const std::string& field);
  pricing::GuardrailConfiguration ReadGuardrails(const Guardrails& guardrails,
                                                 const std::string& field);
  core::PartsPerMillion ReadPercent(const std::string& text, const std::string& field);
  core::Operator ReadOperator(const std::string& word, const std::string& field);
  core::PlanKind ReadKind(const std::string& word, const std::string& field);

  std::vector<base::FieldViolation> violations_;
};

core::PartsPerMillion PricingReader::ReadPercent(const std::string& text,
                                                 const std::string& field) {
  const std::optional<core::PartsPerMillion> ppm = ParsePercent(text);
  if (!ppm.has_value()) {
    Refuse(field, absl::StrCat("is \"", text,
                               "\": give a number such as \"5\" or \"2.5\", with at "
                               "most ",
                               kPercentDecimals, " decimals"));
  }
  return ppm.value_or(0);
}

pricing::GuardrailConfiguration PricingReader::ReadGuardrails(const Guardrails& guardrails,
                                                              const std::string& field) {
  pricing::GuardrailConfiguration made;
  pricing::Guardrails& limits = made.limits;
  if (guardrails.has_min_profit_centimes()) {
    limits.min_profit = core::Money::Centimes(guardrails.min_profit_centimes());
  }
  if (guardrails.has_min_profit_percent()) {
    limits.min_profit_ppm =
        ReadPercent(guardrails.min_profit_percent(), field + ".min_profit_percent");
  }
  if (guardrails.has_max_profit_centimes()) {
    limits.max_profit = core::Money::Centimes(guardrails.max_profit_centimes());
  }
  if (guardrails.has_max_profit_percent()) {
    limits.max_profit_ppm =
        ReadPercent(guardrails.max_profit_percent(), field + ".max_profit_percent");
  }
  if (guardrails.has_max_change_percent()) {
    limits.max_change_ppm =
        ReadPercent(guardrails.max_change_percent(), field + ".max_change_percent");
  }
  limits.allow_below_cost = guardrails.allow_below_cost();
  if (guardrails.has_fallback_chain()) made.fallback_chain = guardrails.fallback_chain();
  return made;
}

core::Operator PricingReader::ReadOperator(const std::string& word, const std::string& field) {
  for (const core::Operator known : {core::Operator::kMobilis, core::Operator::kDjezzy,
                                     core::Operator::kOoredoo, core::Operator::kPixx}) {
    if (word == absl::AsciiStrToLower(core::OperatorName(known))) return known;
  }
  Refuse(field, absl::StrCat("is \"", word, "\": give mobilis, djezzy, ooredoo or pixx"));
  return core::Operator::kUnknown;
}

core::PlanKind PricingReader::ReadKind(const std::string& word, const std::string& field) {
  if (word == "dynamic") return core::PlanKind::kDynamic;
  if (word == "fixed") return core::PlanKind::kFixed;
  if (word == "menu") return core::PlanKind::kMenu;
  Refuse(field, absl::StrCat("is \"", word, "\": give dynamic, fixed or menu"));
  return core::PlanKind::kUnknown;
}

pricing::RouteConfiguration PricingReader::ReadRoute(const Route& route, const std::string& field) {
  pricing::RouteConfiguration made = {
      .name = route.name(),
      .conditions = {.callers = {route.caller().begin(), route.caller().end()},
                     .plan_codes = {route.plan_code().begin(), route.plan_code().end()}},
      .chain = route.chain(),
      .guardrails = ReadGuardrails(route.guardrails(), field + ".guardrails")};
  for (int i = 0; i < route.operator__size(); ++i) {
    made.conditions.plan_operators.push_back(
        ReadOperator(route.operator_(i), absl::StrCat(field, ".operator[", i, "]")));
  }
  for (int i = 0; i < route.plan_kind_size(); ++i) {
    made.conditions.plan_kinds.push_back(
        ReadKind(route.plan_kind(i), absl::StrCat(field, ".plan_kind[", i, "]")));
  }
  return made;
}

pricing::PricingConfiguration PricingReader::Read(const Pricing& file) {
  pricing::PricingConfiguration made = {
      .default_chain = file.default_chain(),
      .guardrails = ReadGuardrails(file.guardrails(), "guardrails")};
  for (const Chain& chain : file.chain()) {
    pricing::ChainConfiguration& made_chain = made.chains.emplace_back();
    made_chain.name = chain.name();
    for (const Strategy& strategy : chain.strategy()) {
      made_chain.strategies.push_back({.library = strategy.library(),
                                       .config = strategy.config(),
                                       .library_digest = strategy.library_digest()});
    }
  }
  if (made.default_chain.empty() && made.chains.size() == 1) {
    made.default_chain = made.chains.front().name;
  }
  for (int i = 0; i < file.route_size(); ++i) {
    made.routes.push_back(ReadRoute(file.route(i), absl::StrCat("route[", i, "]")));
  }
  return made;
}

}  // namespace

absl::StatusOr<pricing::PricingConfiguration> ParsePricing(const std::string& text) {
  Pricing file;
  PricingReader reader;
  ParseText(text, file, [&reader](int line, int column, const std::string& message) {
    reader.Refuse(absl::StrCat("line ", line, ", column ", column), message);
  });
  std::vector<base::FieldViolation> malformed = reader.TakeViolations();
  // Of half a text nothing more can be said.
  if (!malformed.empty()) return pricing::ConfigInvalid(std::move(malformed));
  pricing::PricingConfiguration configuration = reader.Read(file);
  const absl::Status checked = pricing::CheckPricingConfiguration(configuration);
  if (const auto details = base::GetErrorDetails(checked); details.has_value()) {
    for (const base::FieldViolation& violation : details->field_violations) {
      reader.Refuse(violation.field, violation.description);
    }
  }
  RETURN_IF_ERROR(pricing::ConfigInvalid(reader.TakeViolations()));
  return configuration;
}

std::string DefaultPricingText() {
  return R"(# Built in: five percent on the cost, for everything.
chain {
  name: "default"
  strategy { library: "libpercentage_markup.so" config: "{\"percent\": \"5\"}" }
}
)";
}

}  // namespace topup::config
