// Every way in which one top-up can go: two workers that may die at any moment, replies that
// get lost, requests that wait in the provider's queue, reads that lag behind, a balance that
// runs out between two POSTs.
//
// The rules are the real functions of core/protocol.h; only the world around them is modelled.
// Time moves in ticks, and states that differ only in times too old to matter are one state, so
// that the space is finite and is explored to its end.
#ifndef TOPUP_TESTS_SERVER_CORE_PROTOCOL_MODEL_H_
#define TOPUP_TESTS_SERVER_CORE_PROTOCOL_MODEL_H_

#include <string>
#include <vector>

namespace topup::core {

// What the provider is like, and which rule is broken on purpose.
struct Variant {
  std::string name;
  // True: the provider looks for a ref's first copy and takes the second in one step. False: a
  // request that has passed the look may be taken some time later.
  bool atomic_uniqueness = true;
  int grace_ticks = 0;

  bool new_ref_for_each_post = false;
  bool intent_not_stored = false;
  bool release_on_first_not_found = false;
  bool believe_refusal_after_doubt = false;
  bool duplicate_is_failure = false;
  bool grace_from_first_post = false;
  bool take_over_sends_without_asking = false;

  // Empty: our rules, which are right. Else what is wrong with this variant, as in Exploration.
  std::string wrong_how;
  int workers = 2;
};

inline constexpr char kAcceptedTwice[] = "accepted twice";
inline constexpr char kReleasedThoughAccepted[] = "released though accepted";

// Our rules, in each kind of world that they are made for, and each well-known shortcut.
std::vector<Variant> ModelVariants();

struct Exploration {
  int states = 0;
  int ended_states = 0;  // accepted and known to be, or settled
  // Empty, "accepted twice", or "released though accepted".
  std::string violation;
  std::vector<std::string> steps;  // the shortest way to the violation
  // States from which no way leads to an end.
  int stuck_states = 0;
};

// Explores until nothing is new or the first violation is found. Single-threaded, deterministic.
Exploration Explore(const Variant& variant);

}  // namespace topup::core

#endif  // TOPUP_TESTS_SERVER_CORE_PROTOCOL_MODEL_H_
