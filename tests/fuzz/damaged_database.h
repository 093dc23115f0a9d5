// A store's file as it should be, and what an input makes of it.
#ifndef TOPUP_TESTS_FUZZ_DAMAGED_DATABASE_H_
#define TOPUP_TESTS_FUZZ_DAMAGED_DATABASE_H_

#include <string>

#include "server/core/topup.h"
#include "tests/fuzz/fuzz_input.h"

namespace topup::fuzz {

// A folder of this process's own, on a disk in memory where there is one; removed at its end.
const std::string& WorkFolder();

// The bytes of a file that a store has written: three top-ups of "shop" (id-0 QUEUED, id-1
// SUBMITTING with an attempt and a check, id-2 FULFILLED), their events, an incident, plans.
const std::string& SoundDatabase();

// Damages a copy of the file, as `input` says, and writes it to `path`. The first byte chooses:
// even, bytes of the file are overwritten or it is cut; odd, the file stays a database of
// SQLite's, with values in its rows that no constraint would let in.
void WriteDamaged(FuzzInput input, const std::string& path);

}  // namespace topup::fuzz

#endif  // TOPUP_TESTS_FUZZ_DAMAGED_DATABASE_H_
