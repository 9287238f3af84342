# The four ways in which this project makes targets. Each takes SOURCES and DEPS.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(FOSTERWATCH_SHARE_DIR ${CMAKE_BINARY_DIR}/share/fosterwatch)

find_program(CCACHE ccache)
if(CCACHE)
  # What ccache asks for where headers are precompiled.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
add_link_options(-fuse-ld=lld)
# From 18 on clang names some templates otherwise than g++ 12, which built Debian's libraries.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fclang-abi-compat=17>)
endif()

# What every target of our own gets. A warning of another compiler, or of another optimisation than
# ours, keeps nobody from building what they want to run.
option(FOSTERWATCH_WARNINGS_ARE_ERRORS "A warning ends the build" ON)
add_library(fosterwatch_options INTERFACE)
target_compile_options(fosterwatch_options INTERFACE
  -Wall -Wextra -Wpedantic $<$<BOOL:${FOSTERWATCH_WARNINGS_ARE_ERRORS}>:-Werror> -Wno-missing-field-initializers)
# Inside std::string g++ 12 sees overlaps and far offsets that cannot be (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(fosterwatch_options INTERFACE -Wno-array-bounds -Wno-restrict)
endif()
# librdkafka's macros are statements in expressions, which clang says of every use.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(fosterwatch_options INTERFACE
    -Wno-gnu-statement-expression-from-macro-expansion
    # What libstdc++'s own stable_sort uses, where its header is precompiled.
    -Wno-deprecated-declarations)
endif()
target_include_directories(fosterwatch_options INTERFACE ${CMAKE_SOURCE_DIR})
# A precompiled header fits only where its macros are the same, and -pthread defines one.
add_compile_options(-pthread)

# What clang-tidy reads beside the sources: generated and precompiled headers.
add_custom_target(clang_tidy_needs)

option(FOSTERWATCH_PRECOMPILE "Parse the most used headers from outside once" ON)
if(FOSTERWATCH_PRECOMPILE)
  foreach(kind common tests)
    add_library(precompiled_${kind} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled/nothing.cc)
    target_precompile_headers(precompiled_${kind} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled/${kind}.h)
    target_link_libraries(precompiled_${kind} PRIVATE
      fosterwatch_options absl::status protobuf::libprotobuf)
    add_dependencies(clang_tidy_needs precompiled_${kind})
  endforeach()
  target_link_libraries(precompiled_tests PRIVATE GTest::gmock)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(fosterwatch_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
endif()

# fosterwatch_precompiled(target common|tests)
function(fosterwatch_precompiled target kind)
  if(FOSTERWATCH_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM precompiled_${kind})
  endif()
endfunction()

# ThreadSanitizer is told of abseil's locks, which Debian builds without it.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
  add_library(absl_locks STATIC ${CMAKE_SOURCE_DIR}/tests/sanitizers/absl_locks.cc)
  target_link_libraries(absl_locks PUBLIC absl::synchronization absl::time)
  target_link_libraries(fosterwatch_options INTERFACE absl_locks)
  file(STRINGS ${CMAKE_SOURCE_DIR}/tests/sanitizers/absl_locks.txt locks)
  list(TRANSFORM locks PREPEND "LINKER:--wrap=")
  target_link_options(fosterwatch_options INTERFACE ${locks})
endif()

# fosterwatch_protos(name FILES <.proto relative to protos/>... DEPS ...)
# One static library an area; generated code is optimised lightly and has no debug information. What
# UndefinedBehaviorSanitizer would add to protoc's code, not ours, takes three times as long to compile.
function(fosterwatch_protos name)
  cmake_parse_arguments(ARG "" "" "FILES;DEPS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/generated)
  set(sources)
  foreach(file IN LISTS ARG_FILES)
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND protobuf::protoc -I${CMAKE_SOURCE_DIR}/protos --cpp_out=${out} ${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/protos/${file}
      VERBATIM)
    list(APPEND sources ${out}/${stem}.pb.cc)
  endforeach()
  add_library(${name} STATIC ${sources})
  add_library(fosterwatch::${name} ALIAS ${name})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_compile_options(${name} PRIVATE -O1 -g0 -w -fno-sanitize=undefined)
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  add_dependencies(clang_tidy_needs ${name})
endfunction()

# fosterwatch_library(name SOURCES ... DEPS ...)
function(fosterwatch_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  add_library(fosterwatch::${name} ALIAS ${name})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE fosterwatch_options)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  fosterwatch_precompiled(${name} common)
endfunction()

# fosterwatch_program(name SOURCES ... DEPS ...)
# What `cmake --install` installs; the target fosterwatch_programs builds them all, and no test.
add_custom_target(fosterwatch_programs)
function(fosterwatch_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} fosterwatch_options)
  fosterwatch_precompiled(${name} common)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
  add_dependencies(fosterwatch_programs ${name})
endfunction()

# fosterwatch_test(name LABEL unit|component|faults SOURCES ... DEPS ...)
# A component or faults test finds its servers through FOSTERWATCH_TEST_POSTGRES and
# FOSTERWATCH_TEST_KAFKA, which ./dev test sets.
add_custom_target(unit_tests)
function(fosterwatch_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} fosterwatch_options GTest::gmock GTest::gtest_main)
  fosterwatch_precompiled(${name} tests)
  add_test(NAME ${name} COMMAND ${name})
  if(ARG_LABEL STREQUAL "unit")
    add_dependencies(unit_tests ${name})
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "FOSTERWATCH_SHARE_DIR=${FOSTERWATCH_SHARE_DIR};FOSTERWATCH_BIN_DIR=${CMAKE_BINARY_DIR}/bin;FOSTERWATCH_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
endfunction()

# fosterwatch_share(destination <file>...): data files, copied beside the binaries and installed.
function(fosterwatch_share destination)
  foreach(file IN LISTS ARGN)
    get_filename_component(base ${file} NAME)
    configure_file(${file} ${FOSTERWATCH_SHARE_DIR}/${destination}/${base} COPYONLY)
    install(FILES ${file} DESTINATION share/fosterwatch/${destination})
  endforeach()
endfunction()
