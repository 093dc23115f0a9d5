/* Preloaded into a process: its N-th sync of a file of the store fails, as a bad disk's would.
 *
 * FAILING_SYNC_AT names N, counted from 1 over all files whose names hold FAILING_SYNC_FILE. One
 * sync fails; a kernel reports a failed write-back once, too. The program is told nothing else. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long syncs;

static int fails(int descriptor) {
  const char* at = getenv("FAILING_SYNC_AT");
  const char* file = getenv("FAILING_SYNC_FILE");
  if (at == NULL || file == NULL) return 0;
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return 0;
  path[size] = '\0';
  if (strstr(path, file) == NULL || strstr(path, ".mark") != NULL) return 0;
  return atomic_fetch_add(&syncs, 1) + 1 == atol(at);
}

static int sync_or_fail(const char* name, int descriptor) {
  if (fails(descriptor)) {
    errno = EIO;
    return -1;
  }
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return next(descriptor);
}

int fsync(int descriptor) { return sync_or_fail("fsync", descriptor); }

int fdatasync(int descriptor) { return sync_or_fail("fdatasync", descriptor); }
