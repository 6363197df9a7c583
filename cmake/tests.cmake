# Each src/<room>/test_<unit>.c is one program; each tests/{cli,e2e}/*.sh with a "# ctest" line is one test.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
add_library(tw_test_support STATIC tests/support/test.c tests/support/simdisk.c tests/support/ledger_world.c
  tests/support/leakscan.c tests/support/child.c)
# text_test.h makes a small model of what is private to text: its header is found by name alone.
target_include_directories(tw_test_support PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests/support
  ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src/text)
target_compile_definitions(tw_test_support PUBLIC _POSIX_C_SOURCE=200809L TW_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_compile_options(tw_test_support PRIVATE ${TW_C_FLAGS})
target_link_libraries(tw_test_support PUBLIC twinward_lib PkgConfig::CMOCKA)

add_executable(leakscan tests/support/leakscan_main.c)
target_compile_options(leakscan PRIVATE ${TW_C_FLAGS})
target_link_libraries(leakscan PRIVATE tw_test_support)

file(GLOB unit_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*/test_*.c ${CMAKE_SOURCE_DIR}/tests/conform/test_*.c
  ${CMAKE_SOURCE_DIR}/tests/sim/test_*.c)
foreach(test_c ${unit_tests})
  get_filename_component(test_dir ${test_c} DIRECTORY)
  get_filename_component(room ${test_dir} NAME)
  get_filename_component(unit ${test_c} NAME_WE)
  string(REGEX REPLACE "^test_" "" unit ${unit})
  set(name test_${room}_${unit})
  add_executable(${name} ${test_c})
  target_compile_options(${name} PRIVATE ${TW_C_FLAGS})
  target_link_libraries(${name} PRIVATE tw_test_support PkgConfig::SODIUM PkgConfig::CRYPTO)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS quick)
endforeach()

file(GLOB shell_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/cli/*.sh ${CMAKE_SOURCE_DIR}/tests/e2e/*.sh)
foreach(test_sh ${shell_tests})
  file(STRINGS ${test_sh} head LIMIT_COUNT 6 REGEX "^# ctest: ")
  if(head AND TARGET twinward)
    string(REGEX REPLACE "^# ctest: *" "" label "${head}")
    get_filename_component(test_dir ${test_sh} DIRECTORY)
    get_filename_component(kind ${test_dir} NAME)
    get_filename_component(unit ${test_sh} NAME_WE)
    add_test(NAME ${kind}_${unit} COMMAND bash ${test_sh} $<TARGET_FILE:twinward>)
    set_tests_properties(${kind}_${unit} PROPERTIES TIMEOUT 1200 LABELS ${label})
  endif()
endforeach()
