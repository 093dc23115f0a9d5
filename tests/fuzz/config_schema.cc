// A schema is read or refused, and a configuration held against it, with a reason for every
// refusal. An input is a schema, a line break, and a configuration.
#include "server/pricing/schema/config_schema.h"

#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

void CheckProblems(const std::vector<pricing::JsonProblem>& problems) {
  for (const pricing::JsonProblem& problem : problems) {
    Promise(problem.path.empty() || problem.path.front() == '/', "a path is a JSON Pointer");
    Promise(!problem.description.empty(), "a problem is described");
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  const std::string text = TextOf(data, size);
  const size_t line_break = text.find('\n');
  std::vector<topup::pricing::JsonProblem> refused;
  const auto schema = topup::pricing::ConfigSchema::Parse(text.substr(0, line_break), refused);
  CheckProblems(refused);
  Promise((schema == nullptr) == !refused.empty(), "a schema is refused for a reason");
  if (schema == nullptr) return 0;
  const std::string config = line_break == std::string::npos ? "" : text.substr(line_break + 1);
  const std::vector<topup::pricing::JsonProblem> problems = schema->Check(config);
  CheckProblems(problems);
  Promise(problems.size() <= topup::pricing::ConfigSchema::kProblemMax, "there are not too many");
  Promise(schema->Check(config) == problems, "asked again, it says the same");
  return 0;
}
