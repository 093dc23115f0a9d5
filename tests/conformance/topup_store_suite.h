// The store's contract as tests: every TopupStore has to pass them all.
//
// The tests are in the .cc files of this library. A test program that links it names its
// stores with INSTANTIATE_TEST_SUITE_P(..., TopupStoreSuite, ...).
#ifndef TOPUP_TESTS_CONFORMANCE_TOPUP_STORE_SUITE_H_
#define TOPUP_TESTS_CONFORMANCE_TOPUP_STORE_SUITE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/store/topup_store.h"
#include "tests/conformance/topup_store_await.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topup_builder.h"

namespace topup::conformance {

struct StoreUnderTest {
  std::string name;
  // Opens an empty store that may keep files in `directory`.
  std::function<std::unique_ptr<store::TopupStore>(const std::string& directory)> open;
  // Makes what an open store holds of a top-up unreadable, as a bad disk could: its number is none.
  std::function<void(store::TopupStore& store, const std::string& directory,
                     const std::string& topup_id)>
      damage;
};

class TopupStoreSuite : public testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override {
    store_ = GetParam().open(directory_.path());
    ASSERT_NE(store_, nullptr);
    store_->SetListener(&listener_);
  }

  absl::StatusOr<store::CreateResult> TryCreate(store::CreateRequest request) {
    return CreateAndWait(*store_, std::move(request));
  }

  // Creates what has to be new.
  core::Topup Create(core::Topup topup) {
    const auto result = TryCreate({topup, std::nullopt, 0});
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) {
      EXPECT_EQ(result->kind, store::CreateResult::Kind::kCreated);
    }
    return topup;
  }

  absl::Status TryUpdate(store::UpdateRequest request) {
    return UpdateAndWait(*store_, std::move(request));
  }

  // Makes `topup`, changed from its stored version, its next version.
  core::Topup Update(core::Topup topup, bool visible = true) {
    topup = support::NextVersion(std::move(topup), visible);
    store::UpdateRequest request;
    request.topup = topup;
    request.visible = visible;
    const absl::Status status = TryUpdate(std::move(request));
    EXPECT_TRUE(status.ok()) << status;
    return topup;
  }

  core::Topup UpdateStatus(core::Topup topup, core::TopupStatus status) {
    topup.status = status;
    return Update(std::move(topup));
  }

  void Damage(const std::string& topup_id) {
    GetParam().damage(*store_, directory_.path(), topup_id);
  }

  void Trim(absl::Time before) {
    const absl::Status status =
        Await<absl::Status>([&](auto done) { store_->TrimEvents(before, std::move(done)); });
    EXPECT_TRUE(status.ok()) << status;
  }

  // Whether it is new.
  bool AddIncident(const core::Incident& incident) {
    const auto added = Await<absl::StatusOr<bool>>(
        [&](auto done) { store_->AddIncident(incident, std::move(done)); });
    EXPECT_TRUE(added.ok()) << added.status();
    return added.ok() && *added;
  }

  absl::StatusOr<core::Incident> Close(const std::string& id, const std::string& closed_by,
                                       absl::Duration after) {
    return Await<absl::StatusOr<core::Incident>>([&](auto done) {
      store_->CloseIncident({id, closed_by, "paid back", support::TestTime(after)},
                            std::move(done));
    });
  }

  // Commits `incidents` with a change of `topup`; those of them that are new end up in `fresh_`.
  core::Topup UpdateWith(core::Topup topup, std::vector<core::Incident> incidents) {
    store::UpdateRequest request;
    request.topup = support::NextVersion(std::move(topup), false);
    request.incidents = std::move(incidents);
    const auto result = TryUpdateAndWait(*store_, request);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) fresh_ = result->new_incident_ids;
    return request.topup;
  }

  std::vector<std::string> DueIds(core::NextAction action, absl::Time now, int limit);

  support::TempDir directory_;
  RecordingListener listener_;
  std::vector<std::string> fresh_;
  std::unique_ptr<store::TopupStore> store_;
};

inline std::vector<std::string> Ids(const std::vector<core::Topup>& topups) {
  std::vector<std::string> ids;
  for (const core::Topup& topup : topups) ids.push_back(topup.id);
  return ids;
}

inline std::vector<std::string> TopupStoreSuite::DueIds(core::NextAction action, absl::Time now,
                                                        int limit) {
  const auto due = store_->ReadDue(action, now, limit);
  EXPECT_TRUE(due.ok()) << due.status();
  return due.ok() ? Ids(due->topups) : std::vector<std::string>();
}

inline std::vector<int64_t> Sequences(const std::vector<core::Event>& events) {
  std::vector<int64_t> sequences;
  for (const core::Event& event : events) sequences.push_back(event.sequence);
  return sequences;
}

}  // namespace topup::conformance

#endif  // TOPUP_TESTS_CONFORMANCE_TOPUP_STORE_SUITE_H_
