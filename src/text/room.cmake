# Every models/<language>.model is compiled in by embed.c: rebuild it when they change.
file(GLOB text_models CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/models/*.model)
set(text_model_list "")
foreach(model ${text_models})
  get_filename_component(language ${model} NAME_WE)
  string(APPEND text_model_list " X(${language})")
endforeach()
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/embed.c PROPERTIES
  COMPILE_DEFINITIONS "TW_TEXT_DIR=\"${CMAKE_CURRENT_LIST_DIR}\";TW_TEXT_MODELS=${text_model_list}"
  OBJECT_DEPENDS "${text_models}")
