# Numeric code: optimised also in debug builds, so that the cross-validation test stays quick; the same bits at any
# level.
if(NOT TW_COVERAGE)
  target_compile_options(tw_twin PRIVATE -O2)
endif()
