# SPDX-License-Identifier: Apache-2.0
# Language standard, warnings, sanitizers and hardening that every target of ours is built with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(DUET_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=LIST; empty for none")
option(DUET_HARDEN "Hardening flags of a release (PIE, full RELRO, stack protector, control-flow protection)" OFF)

option(DUET_MUTANTS "Compile the seeded mutants in (for the simulator only; cannot be hardened or installed)" OFF)
if(DUET_MUTANTS)
  if(DUET_HARDEN)
    message(FATAL_ERROR "DUET_MUTANTS together with DUET_HARDEN: a product binary never holds mutants")
  endif()
  add_compile_definitions(DUET_MUTANTS)
  install(CODE "message(FATAL_ERROR \"a build with DUET_MUTANTS=ON is never installed\")")
endif()

add_library(duet_warnings INTERFACE)
target_compile_options(duet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Wswitch-enum
  -Werror -D_GLIBCXX_ASSERTIONS)

if(DUET_SANITIZE)
  add_compile_options(-fsanitize=${DUET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DUET_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 takes members of a std::variant for uninitialised once a sanitizer is on; other builds keep the warning.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()

if(DUET_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
    -fcf-protection -ftrivial-auto-var-init=zero)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
endif()
