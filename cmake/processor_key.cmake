# understudy_processor_key(variable flag): a short key of what the compiler makes of `flag`
# (-march=native) on this machine. A compiler cache looks at the flag's text alone: shared by machines
# of different processors it would hand out code for another one. The key is ccache's namespace
# (cmake/options.cmake). A definition of the preprocessor would not do: ccache finds the same preprocessed
# text, and with it the other processor's code (tests/system/compiler_cache_test.sh).
function(understudy_processor_key variable flag)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${flag} "-###" -E -x c++ /dev/null
                  OUTPUT_VARIABLE output ERROR_VARIABLE commands)
  # GCC: -march=znver3 -mavx2 -mno-avx512f --param l1-cache-size=32; clang: "-target-cpu" "znver3"
  # "-target-feature" "+avx2"
  string(REGEX MATCHALL "-m[a-z0-9][^ \"]*|cache-[a-z-]*=[0-9]+|target-cpu\" \"[^\"]+|\"[+][a-z][^\"]*"
         settings "${commands}")
  if(NOT settings)   # nvcc's wrapper does not say
    cmake_host_system_information(RESULT settings QUERY PROCESSOR_DESCRIPTION)
  endif()
  string(SHA256 key "${settings}")
  string(SUBSTRING ${key} 0 12 key)
  set(${variable} ${key} PARENT_SCOPE)
endfunction()

# As a script: cmake -DCMAKE_CXX_COMPILER=c++ -DFLAG=-march=x86-64-v3 -P processor_key.cmake
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  understudy_processor_key(key ${FLAG})
  message("${key}")
endif()
