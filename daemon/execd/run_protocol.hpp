// SPDX-License-Identifier: Apache-2.0
// What duet-execd and duet-run agree on: arguments, descriptors and the files of a run's directory. Plain constants:
// duet-run uses no library.
#pragma once

namespace duet::run {

// duet-run TIMEOUT_MS STDOUT_LIMIT KEEP UMASK MEMORY TASKS EXEC CGROUP PATH ARGUMENT...
//   TIMEOUT_MS    SIGKILL to everything after that; counted on CLOCK_BOOTTIME
//   STDOUT_LIMIT  bytes of stdout that are kept, the first ones
//   KEEP          1: children that are left at the end of the agent go on (start); 0: they are killed
//   UMASK         octal
//   MEMORY        bytes of data (heap, anonymous mappings) that each process of the agent may have; 0: no limit
//   TASKS         processes of the agent at one time; more: SIGKILL to everything. 0: no limit
//   EXEC          "fd": execute the descriptor; "path": execute PATH, because the interpreter of a script needs one
//   CGROUP        directory in which the agent is put, or "-"
//   PATH ...      argv of the agent; the environment is duet-run's own
inline constexpr int argument_count = 10;  ///< with argv[0] and PATH

// Descriptors. 0 is the agent's stdin; 1 and 2 are the null device.
inline constexpr int agent_fd = 3;      ///< the agent's file
inline constexpr int directory_fd = 4;  ///< directory of the run
inline constexpr int lock_fd = 5;       ///< open file "lock", locked as long as duet-run lives

// Files in the directory of a run.
inline constexpr const char* pid_file = "pid";        ///< "PID START AGENT START\n", START = field 22 of /proc/PID/stat
inline constexpr const char* result_file = "result";  ///< see below; appears whole, by rename(2)
inline constexpr const char* lock_file = "lock";

// result = "duet-run 1 HOW CODE TOOK_MS ENDED_UNIX_MS SURVIVORS STDOUT_LENGTH STDERR_LENGTH\n", stdout, stderr.
//   HOW = exited (CODE = exit code), signalled (CODE = signal), timed_out, cancelled, not_executed (CODE = errno),
//         too_many (CODE = TASKS)
//   SURVIVORS = 1: something did not die within kill_patience_ms
inline constexpr const char* result_magic = "duet-run";
inline constexpr int result_version = 1;

inline constexpr int stderr_first = 32 * 1024;  ///< bytes kept of the beginning of stderr
inline constexpr int stderr_last = 32 * 1024;   ///< and of its end, where the exit reason is
inline constexpr int drain_ms =
    200;  ///< the pipes are abandoned that long after the agent's exit, however much comes (R27)
inline constexpr int count_pause_ms = 100;         ///< between two looks at the number of processes
inline constexpr int kill_patience_ms = 5 * 1000;  ///< a process in the D state may never die (R25)

}  // namespace duet::run
