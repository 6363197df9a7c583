# Limbs that a compiler packs into vector registers and takes out again cost half the speed.
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/crypto/sum.c PROPERTIES
  COMPILE_OPTIONS "-fno-tree-vectorize;-fno-tree-slp-vectorize")
