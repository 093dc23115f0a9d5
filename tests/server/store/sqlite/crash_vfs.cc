#include "tests/server/store/sqlite/crash_vfs.h"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace topup::store::sqlite {
namespace {

using Outcome = CrashDisk::Outcome;

int Code(Outcome outcome, int io_error) {
  switch (outcome) {
    case Outcome::kDone:
      return SQLITE_OK;
    case Outcome::kIoError:
      return io_error;
    case Outcome::kFull:
    case Outcome::kShort:
      // What SQLite's own layer makes of a write that was cut short.
      return SQLITE_FULL;
  }
  return SQLITE_INTERNAL;
}

struct Handle;

// What the connections to one file share while at least one is open.
struct Shared {
  int connections = 0;
  // The lock of the database file.
  int readers = 0;
  const Handle* reserved = nullptr;
  const Handle* pending = nullptr;
  // The index of the write-ahead log.
  int mappings = 0;
  std::vector<std::unique_ptr<char[]>> regions;
  std::array<int, SQLITE_SHM_NLOCK> log_readers{};
  std::array<const Handle*, SQLITE_SHM_NLOCK> log_writers{};
};

// One open file of one connection.
struct Handle {
  CrashDisk* disk = nullptr;
  std::mutex* mu = nullptr;  // guards `shared`
  Shared* shared = nullptr;
  std::shared_ptr<CrashDisk::File> file;
  std::string name;
  bool sync_directory = false;  // by the first sync: the name is new
  bool delete_on_close = false;
  int lock = SQLITE_LOCK_NONE;
  bool mapped = false;
  std::array<bool, SQLITE_SHM_NLOCK> reads_log{};
};

struct OpenFile {
  sqlite3_file base;
  Handle* handle;
};

Handle& HandleOf(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file)->handle; }

int Unlock(sqlite3_file* file, int level) {
  Handle& handle = HandleOf(file);
  std::lock_guard<std::mutex> lock(*handle.mu);
  if (handle.lock <= level) return SQLITE_OK;
  if (handle.shared->reserved == &handle) handle.shared->reserved = nullptr;
  if (handle.shared->pending == &handle) handle.shared->pending = nullptr;
  if (level == SQLITE_LOCK_NONE) --handle.shared->readers;
  handle.lock = level;
  return SQLITE_OK;
}

int Lock(sqlite3_file* file, int level) {
  Handle& handle = HandleOf(file);
  std::lock_guard<std::mutex> lock(*handle.mu);
  Shared& shared = *handle.shared;
  if (handle.lock >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (shared.pending != nullptr) return SQLITE_BUSY;
    ++shared.readers;
    handle.lock = level;
    return SQLITE_OK;
  }
  if (shared.reserved != nullptr && shared.reserved != &handle) return SQLITE_BUSY;
  shared.reserved = &handle;
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    shared.pending = &handle;
    if (shared.readers > 1) {
      handle.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
  }
  handle.lock = level;
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* file, int* result) {
  Handle& handle = HandleOf(file);
  std::lock_guard<std::mutex> lock(*handle.mu);
  *result = handle.shared->reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int ShmUnmap(sqlite3_file* file, int) {
  Handle& handle = HandleOf(file);
  std::lock_guard<std::mutex> lock(*handle.mu);
  if (!handle.mapped) return SQLITE_OK;
  Shared& shared = *handle.shared;
  for (int slot = 0; slot < SQLITE_SHM_NLOCK; ++slot) {
    if (std::exchange(handle.reads_log[slot], false)) --shared.log_readers[slot];
    if (shared.log_writers[slot] == &handle) shared.log_writers[slot] = nullptr;
  }
  handle.mapped = false;
  if (--shared.mappings == 0) shared.regions.clear();
  return SQLITE_OK;
}

int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  Handle& handle = HandleOf(file);
  std::lock_guard<std::mutex> lock(*handle.mu);
  Shared& shared = *handle.shared;
  if (!std::exchange(handle.mapped, true)) ++shared.mappings;
  *memory = nullptr;
  if (static_cast<size_t>(region) >= shared.regions.size()) {
    if (extend == 0) return SQLITE_OK;
    while (static_cast<size_t>(region) >= shared.regions.size()) {
      shared.regions.emplace_back(new char[static_cast<size_t>(size)]());
    }
  }
  *memory = shared.regions[static_cast<size_t>(region)].get();
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* file, int first, int count, int flags) {
  Handle& handle = HandleOf(file);
  std::lock_guard<std::mutex> lock(*handle.mu);
  Shared& shared = *handle.shared;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    for (int slot = first; slot < first + count; ++slot) {
      const Handle* writer = shared.log_writers[slot];
      if (writer != nullptr && writer != &handle) return SQLITE_BUSY;
      const int others = shared.log_readers[slot] - (handle.reads_log[slot] ? 1 : 0);
      if (exclusive && others > 0) return SQLITE_BUSY;
    }
  }
  for (int slot = first; slot < first + count; ++slot) {
    const bool lock_it = (flags & SQLITE_SHM_LOCK) != 0;
    if (exclusive) {
      shared.log_writers[slot] = lock_it ? &handle : nullptr;
    } else if (handle.reads_log[slot] != lock_it) {
      handle.reads_log[slot] = lock_it;
      shared.log_readers[slot] += lock_it ? 1 : -1;
    }
  }
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file* file) { std::lock_guard<std::mutex> lock(*HandleOf(file).mu); }

int Close(sqlite3_file* file) {
  ShmUnmap(file, 0);
  Unlock(file, SQLITE_LOCK_NONE);
  Handle& handle = HandleOf(file);
  if (handle.delete_on_close) handle.disk->Delete(handle.name, false);
  delete &handle;
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* buffer, int size, sqlite3_int64 offset) {
  Handle& handle = HandleOf(file);
  if (handle.disk->is_cut()) return SQLITE_IOERR_READ;
  const std::string bytes = handle.disk->Read(*handle.file, offset, size);
  std::memcpy(buffer, bytes.data(), bytes.size());
  if (bytes.size() == static_cast<size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(buffer) + bytes.size(), 0,
              static_cast<size_t>(size) - bytes.size());
  return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* buffer, int size, sqlite3_int64 offset) {
  Handle& handle = HandleOf(file);
  const absl::string_view bytes(static_cast<const char*>(buffer), static_cast<size_t>(size));
  return Code(handle.disk->Write(*handle.file, offset, bytes), SQLITE_IOERR_WRITE);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = HandleOf(file);
  return Code(handle.disk->Truncate(*handle.file, size), SQLITE_IOERR_TRUNCATE);
}

int Sync(sqlite3_file* file, int) {
  Handle& handle = HandleOf(file);
  const Outcome outcome = handle.disk->Sync(*handle.file, handle.sync_directory);
  if (outcome == Outcome::kDone) handle.sync_directory = false;
  return Code(outcome, SQLITE_IOERR_FSYNC);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  Handle& handle = HandleOf(file);
  if (handle.disk->is_cut()) return SQLITE_IOERR_FSTAT;
  *size = handle.disk->Size(*handle.file);
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
// As SQLite's own layer says on Linux.
int SectorSize(sqlite3_file*) { return 4096; }
int Characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         Characteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

std::string NextName() {
  static std::atomic<int> made{0};
  return "crash-" + std::to_string(++made);
}

}  // namespace

struct CrashVfs::Machine {
  CrashDisk* disk = nullptr;
  std::mutex mu;
  std::map<const CrashDisk::File*, Shared> shared;
  std::string name;
  sqlite3_vfs vfs{};

  static Machine& Of(sqlite3_vfs* vfs) { return *static_cast<Machine*>(vfs->pAppData); }
  static sqlite3_vfs* System() { return sqlite3_vfs_find(nullptr); }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                  int* flags_out) {
    Machine& machine = Of(vfs);
    file->pMethods = nullptr;
    auto handle = std::make_unique<Handle>();
    handle->disk = machine.disk;
    handle->name = name == nullptr ? NextName() : name;
    bool created = false;
    handle->file = machine.disk->Open(handle->name, (flags & SQLITE_OPEN_CREATE) != 0, &created);
    if (handle->file == nullptr) return SQLITE_CANTOPEN;
    // As SQLite's own layer does it: logs and journals, not the database.
    handle->sync_directory = created && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    handle->mu = &machine.mu;
    {
      std::lock_guard<std::mutex> lock(machine.mu);
      handle->shared = &machine.shared[handle->file.get()];
    }
    if (flags_out != nullptr) *flags_out = flags;
    reinterpret_cast<OpenFile*>(file)->handle = handle.release();
    file->pMethods = &kMethods;
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    CrashDisk& disk = *Of(vfs).disk;
    if (!disk.is_cut() && !disk.Exists(name)) return SQLITE_IOERR_DELETE_NOENT;
    return Code(disk.Delete(name, sync_directory != 0), SQLITE_IOERR_DELETE);
  }

  static int Access(sqlite3_vfs* vfs, const char* name, int, int* result) {
    *result = Of(vfs).disk->Exists(name) ? 1 : 0;
    return SQLITE_OK;
  }

  static int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }

  static int Randomness(sqlite3_vfs*, int size, char* out) {
    return System()->xRandomness(System(), size, out);
  }
  static int Sleep(sqlite3_vfs*, int microseconds) {
    return System()->xSleep(System(), microseconds);
  }
  static int CurrentTime(sqlite3_vfs*, double* now) {
    return System()->xCurrentTime(System(), now);
  }
  static int LastError(sqlite3_vfs*, int, char*) { return 0; }
};

CrashVfs::CrashVfs(CrashDisk& disk) : machine_(std::make_unique<Machine>()) {
  machine_->disk = &disk;
  machine_->name = NextName();
  sqlite3_vfs& vfs = machine_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 1024;
  vfs.zName = machine_->name.c_str();
  vfs.pAppData = machine_.get();
  vfs.xOpen = Machine::Open;
  vfs.xDelete = Machine::Delete;
  vfs.xAccess = Machine::Access;
  vfs.xFullPathname = Machine::FullPathname;
  vfs.xRandomness = Machine::Randomness;
  vfs.xSleep = Machine::Sleep;
  vfs.xCurrentTime = Machine::CurrentTime;
  vfs.xGetLastError = Machine::LastError;
  sqlite3_vfs_register(&vfs, 0);
}

CrashVfs::~CrashVfs() { sqlite3_vfs_unregister(&machine_->vfs); }

const std::string& CrashVfs::name() const { return machine_->name; }

}  // namespace topup::store::sqlite
