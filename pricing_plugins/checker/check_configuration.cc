// What a library takes for a configuration: its schema and itself have to agree.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pricing_plugins/checker/checks.h"
#include "pricing_plugins/checker/example_config.h"
#include "server/pricing/schema/config_schema.h"

namespace topup::checker {
namespace {

std::string Join(const std::vector<pricing::JsonProblem>& problems) {
  return absl::StrJoin(problems, "; ", [](std::string* out, const pricing::JsonProblem& problem) {
    out->append(pricing::DescribeProblem(problem));
  });
}

std::string Cut(const std::string& text) {
  return text.size() <= 200 ? text : text.substr(0, 200) + "...";
}

// True for a schema whose outermost object names every key that there may be.
bool NamesEveryKey(const pricing::ConfigSchema& schema, const std::string& config) {
  for (const SpoiltConfig& nonsense : NonsenseConfigs(config)) {
    if (absl::StrContains(nonsense.what, "no_such_key")) {
      return !schema.Check(nonsense.config).empty();
    }
  }
  return false;
}

}  // namespace

void CheckSchema(const Context& context, Report& report) {
  const auto subject = Subject::Open(context.path, "");
  if (!subject.ok()) return report.Bad(std::string(subject.status().message()), "see load");
  const std::string& text = (*subject)->library().description().config_schema;
  std::vector<pricing::JsonProblem> problems;
  const auto schema = pricing::ConfigSchema::Parse(text, problems);
  if (schema == nullptr) {
    return report.Bad(
        absl::StrCat("config_schema is no schema that the service enforces: ", Cut(Join(problems))),
        "use the subset of JSON Schema that pricing_plugins/abi/README.md lists");
  }
  std::string config;
  if (context.given_config.has_value()) {
    config = *context.given_config;
    problems = schema->Check(config);
    if (!problems.empty()) {
      return report.Bad(
          absl::StrCat("it refuses the configuration that was given: ", Cut(Join(problems))),
          "correct the configuration or the schema");
    }
  } else {
    const auto made = MakeExampleConfig(text);
    if (!made.has_value()) {
      return report.Bad("no configuration could be made from it",
                        "name a file with --config, or give the schema \"examples\"");
    }
    config = *made;
  }
  report.Keep("config", config);
  const std::string found = absl::StrCat(
      "a schema; checked with ", context.given_config.has_value() ? "the given " : "", Cut(config));
  if (!NamesEveryKey(*schema, config)) {
    return report.Look(found + "; it takes keys that it does not name",
                       "give its objects \"additionalProperties\": false");
  }
  report.Good(found);
}

void CheckConfiguration(const Context& context, Report& report) {
  const auto subject = Subject::Open(context.path, context.config());
  if (!subject.ok()) return report.Bad(std::string(subject.status().message()), "see load");
  report.Doing("create was called");
  const auto instance = (*subject)->Make();
  const Reply& creation = instance->creation();
  if (creation.ok()) return report.Good("it does");
  if (!creation.breach.empty()) {
    return report.Bad(creation.breach, "see create in pricing_plugins/abi/entry.h");
  }
  report.Bad(absl::StrCat("it does not, though its schema does: ", creation.Summary()),
             context.given_config.has_value()
                 ? "let schema and create ask for the same"
                 : "let schema and create ask for the same, give the schema \"examples\", or name "
                   "a configuration with --config");
}

void CheckNonsense(const Context& context, Report& report) {
  const auto subject = Subject::Open(context.path, context.config());
  if (!subject.ok()) return report.Bad(std::string(subject.status().message()), "see load");
  std::vector<pricing::JsonProblem> problems;
  const auto schema =
      pricing::ConfigSchema::Parse((*subject)->library().description().config_schema, problems);
  std::vector<SpoiltConfig> configs = NonsenseConfigs(context.config());
  const size_t nonsense_count = configs.size();
  for (SpoiltConfig& spoilt : SpoilConfig(context.config())) configs.push_back(std::move(spoilt));
  size_t refused = 0;
  size_t with_other_code = 0;
  for (size_t i = 0; i < configs.size(); ++i) {
    const auto& [what, config] = configs[i];
    report.Doing(absl::StrCat("create was given ", what));
    const auto instance = (*subject)->Make(config);
    const Reply& reply = instance->creation();
    if (reply.ok()) {
      const bool is_refused_by_schema = schema != nullptr && !schema->Check(config).empty();
      if (i >= nonsense_count && !is_refused_by_schema) continue;
      report.Bad(absl::StrCat("create took ", what,
                              is_refused_by_schema ? ", which its schema refuses" : ""),
                 "refuse in create whatever is not understood: a key that was overlooked is a "
                 "wrong price");
      return;
    }
    if (const auto fault = FaultOfError(reply); fault.has_value()) {
      return report.Bad(absl::StrCat("create was given ", what, ", and ", *fault),
                        "answer INVALID_CONFIG and name key, value and remedy");
    }
    ++refused;
    with_other_code += reply.code == TOPUP_PRICING_INVALID_CONFIG ? 0 : 1;
  }
  const std::string found = absl::StrCat("it refused ", refused, " of ", configs.size(),
                                         " spoilt configurations, all that had to be");
  if (with_other_code == 0) return report.Good(found);
  report.Look(absl::StrCat(found, "; ", with_other_code, " with another code than INVALID_CONFIG"),
              "answer INVALID_CONFIG for configurations");
}

void CheckErrors(const Context& context, Report& report) {
  const auto subject = Subject::Open(context.path, context.config());
  if (!subject.ok()) return report.Bad(std::string(subject.status().message()), "see load");
  size_t refused = 0;
  // Texts of which a message can only hold a part, cut at every place within a character.
  for (const char* unit : {"x", "\xd8\xac", "\xe2\x82\xac", "\xf0\x9f\x92\xb6", "\\u0001",
                           "\\u0085", "\xff", "\xd8", "\\n", "\\\"", "%n%s"}) {
    for (size_t count = 480; count < 520; ++count) {
      std::string value;
      for (size_t i = 0; i < count; ++i) value += unit;
      for (const std::string& config :
           {absl::StrCat("{\"", value, "\": 1}"), absl::StrCat("{\"key\": \"", value, "\"}"),
            absl::StrCat(value, "{")}) {
        report.Doing("create was given a text that no message can hold");
        const auto instance = (*subject)->Make(config);
        if (instance->creation().ok()) continue;  // told by "nonsense"
        if (const auto fault = FaultOfError(instance->creation()); fault.has_value()) {
          return report.Bad(absl::StrCat(*fault, ", when it refused ", Cut(config)),
                            "write messages with a limit, cut them between characters, and leave "
                            "control characters out");
        }
        ++refused;
      }
    }
  }
  report.Good(absl::StrCat(refused, " refusals, each one line of UTF-8 that ends within ",
                           TOPUP_PRICING_ERROR_SIZE, " bytes"));
}

}  // namespace topup::checker
