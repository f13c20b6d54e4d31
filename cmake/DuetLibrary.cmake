# SPDX-License-Identifier: Apache-2.0
# duet_library(), duet_program(), duet_test(): one folder, one library, one layer. A dependency that is not in a lower
# layer stops the configuration, so that the direction of the arrows in docs/ARCHITECTURE.md cannot rot.

# duet_library(NAME LAYER n SOURCES a.cpp ... [DEPENDS other duet libraries] [LINKS foreign targets])
# Makes the static library duet_NAME. Includes are written from the top of the tree: "core/base/result.hpp".
function(duet_library name)
  cmake_parse_arguments(ARG "" "LAYER" "SOURCES;DEPENDS;LINKS" ${ARGN})
  if(NOT DEFINED ARG_LAYER)
    message(FATAL_ERROR "duet_library(${name}): LAYER is missing")
  endif()
  if(ARG_SOURCES)
    set(scope PUBLIC)
    add_library(duet_${name} STATIC ${ARG_SOURCES})
  else()
    set(scope INTERFACE)
    add_library(duet_${name} INTERFACE)
  endif()
  set_property(GLOBAL PROPERTY DUET_LAYER_${name} ${ARG_LAYER})
  set_property(GLOBAL APPEND PROPERTY DUET_LIBRARIES ${name})
  target_include_directories(duet_${name} ${scope} "${PROJECT_SOURCE_DIR}")
  foreach(dependency IN LISTS ARG_DEPENDS)
    get_property(below GLOBAL PROPERTY DUET_LAYER_${dependency})
    if(NOT DEFINED below OR below STREQUAL "")
      message(FATAL_ERROR "duet_library(${name}): ${dependency} is not known; is its folder added before this one?")
    endif()
    if(NOT below LESS ARG_LAYER)
      message(FATAL_ERROR
        "duet_library(${name}): layer ${ARG_LAYER} may not use ${dependency} of layer ${below}; "
        "see docs/ARCHITECTURE.md")
    endif()
    target_link_libraries(duet_${name} ${scope} duet_${dependency})
  endforeach()
  target_link_libraries(duet_${name} ${scope} ${ARG_LINKS})
  if(ARG_SOURCES)
    target_link_libraries(duet_${name} PRIVATE duet_warnings)
  endif()
endfunction()

# duet_program(NAME DESTINATION dir SOURCES ... [DEPENDS ...] [LINKS ...]): an installed executable of layer 6.
function(duet_program name)
  cmake_parse_arguments(ARG "" "DESTINATION" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  list(TRANSFORM ARG_DEPENDS PREPEND duet_)
  target_link_libraries(${name} PRIVATE duet_warnings ${ARG_DEPENDS} ${ARG_LINKS})
  if(ARG_DESTINATION)
    install(TARGETS ${name} RUNTIME DESTINATION ${ARG_DESTINATION})
  endif()
endfunction()

# duet_test(NAME LABEL unit|integration|sim SOURCES ... [DEPENDS ...] [LINKS ...]): a Catch2 program; a ctest each case.
function(duet_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  list(TRANSFORM ARG_DEPENDS PREPEND duet_)
  target_link_libraries(${name} PRIVATE duet_warnings ${ARG_DEPENDS} ${ARG_LINKS} Catch2::Catch2WithMain)
  catch_discover_tests(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 120)
  if(NOT TARGET duet_${ARG_LABEL}_tests)  # builds all tests of one label: duet_unit_tests, ...
    add_custom_target(duet_${ARG_LABEL}_tests)
  endif()
  add_dependencies(duet_${ARG_LABEL}_tests ${name})
endfunction()
