/* Preloaded into a process: its N-th sync of a file of the store fails, as a bad disk's would.
 *
 * FAILING_SYNC_AT names N, counted from 1 over all files whose names hold FAILING_SYNC_FILE. One
 * sync fails; a kernel reports a failed write-back once, too. The program is told nothing else.
 *
 * What was not synced is lost: the file goes back to what it was at its last sync that was good, so
 * that whoever reads it later sees no byte that only the page cache had. What was there already is
 * overwritten with itself, so that readers of this process notice nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 8

typedef struct {
  char path[4096];
  char* bytes; /* at the last good sync; none before the first */
  off_t size;
} synced_t;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards everything below */
static synced_t files[FILES];
static long syncs;

static void give_up(const char* what) {
  perror(what);
  abort();
}

/* The one of that name, made where there is none. */
static synced_t* find(const char* path) {
  for (int i = 0; i < FILES; ++i) {
    if (files[i].path[0] == '\0') strcpy(files[i].path, path);
    if (strcmp(files[i].path, path) == 0) return &files[i];
  }
  give_up("failing_sync: more files than expected");
  return NULL;
}

static void keep(synced_t* file, int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) give_up("failing_sync: fstat");
  file->bytes = realloc(file->bytes, (size_t)status.st_size + 1);
  file->size = pread(descriptor, file->bytes, (size_t)status.st_size, 0);
  if (file->bytes == NULL || file->size < 0) give_up("failing_sync: keep");
}

static void put_back(const synced_t* file, int descriptor) {
  if (pwrite(descriptor, file->bytes, (size_t)file->size, 0) != file->size ||
      ftruncate(descriptor, file->size) != 0) {
    give_up("failing_sync: put back");
  }
}

/* False for what is not of the store. */
static int path_of(int descriptor, char* path, size_t room) {
  const char* file = getenv("FAILING_SYNC_FILE");
  if (file == NULL || getenv("FAILING_SYNC_AT") == NULL) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, room - 1);
  if (size <= 0) return 0;
  path[size] = '\0';
  return strstr(path, file) != NULL && strstr(path, ".mark") == NULL;
}

static int sync_or_fail(const char* name, int descriptor) {
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  char path[4096];
  if (!path_of(descriptor, path, sizeof path)) return next(descriptor);
  pthread_mutex_lock(&mutex);
  synced_t* file = find(path);
  const int fails = ++syncs == atol(getenv("FAILING_SYNC_AT"));
  if (fails) {
    put_back(file, descriptor);
  } else {
    keep(file, descriptor);
  }
  pthread_mutex_unlock(&mutex);
  if (!fails) return next(descriptor);
  errno = EIO;
  return -1;
}

int fsync(int descriptor) { return sync_or_fail("fsync", descriptor); }

int fdatasync(int descriptor) { return sync_or_fail("fdatasync", descriptor); }
