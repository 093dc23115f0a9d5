#include "tests/server/core/protocol_model.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "tests/server/core/protocol_world.h"

namespace topup::core {
namespace {

struct Node {
  int from = -1;
  const char* step = "";
  bool ended = false;
  std::vector<int> before;  // states that lead here
};

std::vector<std::string> StepsTo(const std::vector<Node>& nodes, int node) {
  std::vector<std::string> steps;
  for (; nodes[node].from >= 0; node = nodes[node].from) steps.push_back(nodes[node].step);
  std::reverse(steps.begin(), steps.end());
  return steps;
}

// How many states have no way to an end.
int CountStuck(const std::vector<Node>& nodes) {
  std::vector<bool> can_end(nodes.size(), false);
  std::deque<int> open;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].ended) {
      can_end[i] = true;
      open.push_back(static_cast<int>(i));
    }
  }
  while (!open.empty()) {
    const int node = open.front();
    open.pop_front();
    for (const int before : nodes[node].before) {
      if (!can_end[before]) {
        can_end[before] = true;
        open.push_back(before);
      }
    }
  }
  return static_cast<int>(std::count(can_end.begin(), can_end.end(), false));
}

}  // namespace

std::vector<Variant> ModelVariants() {
  // Longer than a request can wait in the provider's queue.
  constexpr int kGrace = 2;
  return {
      {.name = "our rules, atomic uniqueness, no grace"},
      {.name = "our rules, grace", .atomic_uniqueness = false, .grace_ticks = kGrace},
      {.name = "no grace, uniqueness not atomic",
       .atomic_uniqueness = false,
       .wrong_how = kAcceptedTwice},
      {.name = "new ref for each POST",
       .grace_ticks = kGrace,
       .new_ref_for_each_post = true,
       .wrong_how = kAcceptedTwice},
      {.name = "intent not stored",
       .grace_ticks = kGrace,
       .intent_not_stored = true,
       .wrong_how = kAcceptedTwice},
      {.name = "release on not-found",
       .grace_ticks = kGrace,
       .release_on_first_not_found = true,
       .wrong_how = kReleasedThoughAccepted},
      {.name = "refusal after doubt believed",
       .grace_ticks = kGrace,
       .believe_refusal_after_doubt = true,
       .wrong_how = kReleasedThoughAccepted},
      {.name = "duplicate is failure",
       .grace_ticks = kGrace,
       .duplicate_is_failure = true,
       .wrong_how = kReleasedThoughAccepted},
      {.name = "grace from the first POST",
       .atomic_uniqueness = false,
       .grace_ticks = kGrace,
       .grace_from_first_post = true,
       .wrong_how = kAcceptedTwice},
      {.name = "take-over sends without asking",
       .atomic_uniqueness = false,
       .grace_ticks = kGrace,
       .take_over_sends_without_asking = true,
       .wrong_how = kAcceptedTwice},
  };
}

Exploration Explore(const Variant& variant) {
  Exploration result;
  std::vector<Node> nodes;
  absl::flat_hash_map<std::string, int> known;
  std::deque<std::pair<int, World>> open;
  const auto add = [&](int from, const char* step, World world) {
    const auto [place, is_new] = known.emplace(world.Key(), static_cast<int>(nodes.size()));
    if (is_new) {
      nodes.push_back({.from = from, .step = step, .ended = world.IsEnded(), .before = {}});
      open.emplace_back(place->second, std::move(world));
    }
    if (from >= 0) nodes[place->second].before.push_back(from);
  };
  add(-1, "", World::First(variant));
  while (!open.empty()) {
    const auto [node, world] = std::move(open.front());
    open.pop_front();
    result.violation = world.Violation();
    if (!result.violation.empty()) {
      result.steps = StepsTo(nodes, node);
      break;
    }
    ForEachStep(world, variant, [&add, from = node](const char* step, World next) {
      add(from, step, std::move(next));
    });
  }
  result.states = static_cast<int>(nodes.size());
  result.ended_states = static_cast<int>(
      std::count_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.ended; }));
  if (result.violation.empty()) result.stuck_states = CountStuck(nodes);
  return result;
}

}  // namespace topup::core
