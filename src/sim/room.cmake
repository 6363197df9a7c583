# Numeric code: optimised also in debug builds; the same bits at any level and from both compilers.
if(NOT TW_COVERAGE)
  target_compile_options(tw_sim PRIVATE -O3)
endif()
target_compile_options(tw_sim PRIVATE $<$<COMPILE_LANGUAGE:C>:-ffp-contract=off> -fno-math-errno)
