# Numeric code: optimised also in debug builds; the same bits at any level and from both compilers.
if(NOT TW_COVERAGE)
  target_compile_options(tw_estimate PRIVATE -O2)
endif()
target_compile_options(tw_estimate PRIVATE $<$<COMPILE_LANGUAGE:C>:-ffp-contract=off>)
target_link_libraries(tw_estimate PRIVATE PkgConfig::NLOPT)
