# SPDX-License-Identifier: Apache-2.0
"""What the compiled core asks the linker for. The text of a source can hide a call; the archive cannot."""
import re
import shutil
import subprocess
import tempfile
import pathlib

_C_FUNCTIONS = """
clock_gettime clock_nanosleep time gettimeofday localtime localtime_r gmtime mktime strftime timer_create timerfd_create
getrandom getentropy rand rand_r random srand srandom drand48 arc4random
socket connect bind listen accept accept4 send sendto sendmsg recv recvfrom recvmsg getaddrinfo gethostname
open open64 openat openat64 creat read pread pread64 write pwrite pwrite64 readv writev close unlink rename mkdir stat
fstat lstat
fsync fopen fopen64 fdopen freopen fread fgets getline opendir readdir mmap mmap64 ioctl fcntl fcntl64
poll ppoll select epoll_create1 epoll_wait eventfd pipe pipe2
fork vfork execve execvp execl posix_spawn clone system popen waitpid kill raise signal sigaction sigprocmask
pthread_create pthread_mutex_lock thrd_create sem_wait sleep usleep nanosleep alarm setitimer
getenv secure_getenv setenv putenv getpid gettid getuid geteuid gethostid sysconf uname syscall dlopen setlocale
""".split()
# Mangled beginnings: clocks, random_device, thread, file streams, standard streams, mutex users.
_CPP_PREFIXES = ("_ZNSt6chrono3_V2", "_ZNSt13random_device", "_ZNSt6thread", "_ZNSt13basic_filebuf",
                 "_ZNSt14basic_ifstream", "_ZNSt14basic_ofstream", "_ZSt4cout", "_ZSt4cerr", "_ZSt4clog", "_ZSt3cin",
                 "_ZNSt10filesystem",
                 "_ZNSt18condition_variable")
DENIED = frozenset(_C_FUNCTIONS)


def _undefined(archive):
    """(member, symbol) for each undefined symbol."""
    output = subprocess.run(["nm", "-u", str(archive)], check=True, capture_output=True, text=True).stdout
    member = ""
    for line in output.splitlines():
        if line.endswith(".o:"):
            member = line[:-1]
        match = re.match(r"\s+[Uw]\s+(\S+)", line)
        if match:
            yield member, match.group(1).split("@")[0]


def judge(archive, name):
    return [f"{name}({member}): needs {symbol}" for member, symbol in _undefined(archive)
            if symbol in DENIED or symbol.startswith(_CPP_PREFIXES)]


class Purity:
    # Sources that are compiled for the proof; the real run takes the archives of the build.
    BAD = [
        ({"core/base/CMakeLists.txt": "duet_library(base LAYER 0 SOURCES x.cpp)",
          "core/base/x.cpp": "#include <ctime>\nlong now() { return std::time(nullptr); }\n"}, "needs time"),
        ({"core/base/CMakeLists.txt": "duet_library(base LAYER 0 SOURCES x.cpp)",
          "core/base/x.cpp": "#include <chrono>\nauto now() { return std::chrono::steady_clock::now(); }\n"},
         "needs _ZNSt6chrono3_V2"),
        ({"core/base/CMakeLists.txt": "duet_library(base LAYER 0 SOURCES x.cpp)",
          "core/base/x.cpp": "#include <cstdlib>\nconst char* home() { return std::getenv(\"HOME\"); }\n"},
         "needs getenv"),
        ({"core/base/CMakeLists.txt": "duet_library(base LAYER 0 SOURCES x.cpp)",
          "core/base/x.cpp": "#include <unistd.h>\nlong f() { return write(1, \"\", 0); }\n"}, "needs write"),
    ]
    GOOD = [
        {"core/base/CMakeLists.txt": "duet_library(base LAYER 0 SOURCES x.cpp)",
         "core/base/x.cpp": "#include <string>\nstd::string twice(const std::string& s) { return s + s; }\n"},
    ]

    @staticmethod
    def find(tree):
        if tree.build is None:
            return Purity._compile_and_judge(tree)
        found = []
        for path in tree.select("CMakeLists.txt", under=("core",)):
            folder = path.rpartition("/")[0]
            if not tree.select(".cpp", under=("core",)) or not any(
                    f.startswith(folder + "/") and f.endswith(".cpp") for f in tree.files):
                continue
            archives = list((tree.build / folder).glob("*.a"))
            if not archives:
                found.append(f"{folder}: no archive below {tree.build}; build it first")
            for archive in archives:
                found += judge(archive, folder)
        return found

    @staticmethod
    def _compile_and_judge(tree):
        compiler = shutil.which("c++") or "c++"
        found = []
        with tempfile.TemporaryDirectory() as out:
            for path in tree.select(".cpp", under=("core",)):
                target = pathlib.Path(out) / (path.replace("/", "_") + ".o")
                source = str(tree.source / path)
                subprocess.run([compiler, "-std=c++20", "-O1", "-c", source, "-o", str(target)], check=True)
                found += judge(target, path)
        return found
