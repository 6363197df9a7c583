# fuzz/fuzz_<decoder>.c is one target. Two programs come of it:
#   replay_<decoder>  runs the kept corpus fuzz/corpus/<decoder>: an ordinary test, with any compiler
#   fuzz_<decoder>    with libFuzzer, when TW_FUZZ is on (clang; preset fuzz): ninja fuzzers
option(TW_FUZZ "Programs with libFuzzer (clang only)" OFF)
if(TW_FUZZ)
  include(CheckCSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -fsanitize=fuzzer,address,undefined)
  check_c_source_compiles("
    #include <stddef.h>
    #include <stdint.h>
    int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
    int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) { return n && p[0] > 255; }" TW_HAS_LIBFUZZER)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT TW_HAS_LIBFUZZER)
    message(FATAL_ERROR "TW_FUZZ needs libFuzzer: clang and its run-time library (scripts/bootstrap ci)")
  endif()
endif()

if(TW_TESTS OR TW_FUZZ)
  add_library(tw_fuzz_support STATIC EXCLUDE_FROM_ALL fuzz/support.c fuzz/documents.c fuzz/world.c fuzz/decoder.c
    tests/support/simdisk.c tests/support/ledger_world.c)
  # Some decoders are private to their room: their headers are found by name alone.
  target_include_directories(tw_fuzz_support PUBLIC ${CMAKE_SOURCE_DIR}/fuzz ${CMAKE_SOURCE_DIR}/tests/support
    ${CMAKE_SOURCE_DIR}/src/format ${CMAKE_SOURCE_DIR}/src/sources ${CMAKE_SOURCE_DIR}/src/engine
    ${CMAKE_SOURCE_DIR}/src/app ${CMAKE_SOURCE_DIR}/src/deid ${CMAKE_SOURCE_DIR}/src/text)
  target_compile_definitions(tw_fuzz_support PUBLIC _POSIX_C_SOURCE=200809L TW_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_compile_options(tw_fuzz_support PRIVATE ${TW_C_FLAGS})
  target_link_libraries(tw_fuzz_support PUBLIC twinward_lib PkgConfig::SODIUM PkgConfig::CRYPTO)

  add_library(tw_fuzz_replay STATIC EXCLUDE_FROM_ALL fuzz/replay_main.c)
  target_compile_options(tw_fuzz_replay PRIVATE ${TW_C_FLAGS})
  target_link_libraries(tw_fuzz_replay PRIVATE tw_fuzz_support)

  add_executable(seed_corpus EXCLUDE_FROM_ALL fuzz/seed_corpus.c fuzz/seed_objects.c fuzz/seed_sources.c
    fuzz/seed_fhir.c fuzz/seed_sbml.c)
  target_compile_options(seed_corpus PRIVATE ${TW_C_FLAGS})
  target_link_libraries(seed_corpus PRIVATE tw_fuzz_support)
endif()

set(TW_FUZZERS "")
file(GLOB fuzz_c CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/fuzz_*.c)
foreach(source ${fuzz_c})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "^fuzz_" "" decoder ${name})
  if(TW_TESTS)
    add_executable(replay_${decoder} ${source})
    target_compile_options(replay_${decoder} PRIVATE ${TW_C_FLAGS})
    target_link_libraries(replay_${decoder} PRIVATE tw_fuzz_replay tw_fuzz_support)
    add_test(NAME fuzz_${decoder} COMMAND replay_${decoder} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${decoder})
    set_tests_properties(fuzz_${decoder} PROPERTIES TIMEOUT 600 LABELS quick)
  endif()
  if(TW_FUZZ)
    add_executable(${name} EXCLUDE_FROM_ALL ${source})
    target_compile_options(${name} PRIVATE ${TW_C_FLAGS})
    target_link_libraries(${name} PRIVATE tw_fuzz_support -fsanitize=fuzzer)
    list(APPEND TW_FUZZERS ${name})
  endif()
endforeach()
if(TW_FUZZ)
  add_custom_target(fuzzers DEPENDS ${TW_FUZZERS})
endif()
