// SPDX-License-Identifier: Apache-2.0
// A slow disk for one daemon: preloaded into it (LD_PRELOAD), each fsync and fdatasync takes as many milliseconds more
// as /run/slow-disk says. Without that file it does nothing. tests/e2e/test_70_slow_and_failing.py builds it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_disk(void) {
  char text[32] = "";
  FILE* file = fopen("/run/slow-disk", "re");
  if (file == NULL) return;
  if (fgets(text, sizeof text, file) != NULL) {
    // In pieces: the file's end ends the wait, too.
    for (long left = strtol(text, NULL, 10); left > 0 && access("/run/slow-disk", F_OK) == 0; left -= 10) usleep(10000);
  }
  fclose(file);
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_for_disk();
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_for_disk();
  return real(fd);
}
