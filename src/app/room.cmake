# The model of the twins, taken in by twin_model.c: rebuild it when it changes.
set(twin_model ${CMAKE_SOURCE_DIR}/models/psa-ias)
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/twin_model.c PROPERTIES
  COMPILE_DEFINITIONS "TW_MODEL_DIR=\"${twin_model}\""
  OBJECT_DEPENDS "${twin_model}/population.tsv;${twin_model}/card.md")
