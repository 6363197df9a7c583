# The runtime that fmi.c takes in: rebuild it when it changes.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/fmi.c PROPERTIES
  COMPILE_DEFINITIONS "TW_FMI_DIR=\"${CMAKE_CURRENT_LIST_DIR}\""
  OBJECT_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/source/twin.c")
