set(TW_C_FLAGS
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wpointer-arith -Wstrict-prototypes
  -Wmissing-prototypes -Wold-style-definition -Wundef -Wvla -Wformat=2 -Wswitch-enum -Wnull-dereference
  -Wdouble-promotion -Wimplicit-fallthrough -Wwrite-strings -Wdate-time
  -fno-strict-aliasing -fno-strict-overflow -fno-delete-null-pointer-checks -ffp-contract=off
  -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND TW_C_FLAGS -Wlogical-op -Wduplicated-cond -Wduplicated-branches)
  # Flow analysis of gcc reports false positives here when sanitizers instrument the code.
  if(TW_SANITIZE)
    list(APPEND TW_C_FLAGS -Wno-null-dereference -Wno-maybe-uninitialized)
  endif()
endif()
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  list(APPEND TW_C_FLAGS -Wcomma -Wunreachable-code)
endif()
set(TW_CXX_FLAGS -Wall -Wextra -Wshadow -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(TW_WERROR)
  list(APPEND TW_C_FLAGS -Werror)
  list(APPEND TW_CXX_FLAGS -Werror)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  list(APPEND TW_C_FLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
    list(APPEND TW_C_FLAGS -fcf-protection)
  endif()
endif()
if(TW_SANITIZE)
  set(TW_SAN -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  list(APPEND TW_C_FLAGS ${TW_SAN})
  list(APPEND TW_CXX_FLAGS ${TW_SAN})
  add_link_options(${TW_SAN})
endif()
if(TW_COVERAGE) # counters of threads: without atomic they lose counts, and gcov derives branches that were never taken
  list(APPEND TW_C_FLAGS --coverage -fprofile-update=atomic)
  list(APPEND TW_CXX_FLAGS --coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
add_link_options(-Wl,-z,relro,-z,now)
# CMake's Release says -DNDEBUG; nothing here depends on it, TW_ASSERT holds in every build.
