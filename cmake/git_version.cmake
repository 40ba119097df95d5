# Writes the commit (with -dirty where tracked files differ) as a C++ string literal; touches the file
# only when it changed.
execute_process(COMMAND git describe --always --dirty --abbrev=12 WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit unknown)
endif()
set(text "\"${commit}\"\n")
if(EXISTS ${TARGET})
  file(READ ${TARGET} old)
endif()
if(NOT "${text}" STREQUAL "${old}")
  file(WRITE ${TARGET} "${text}")
endif()
