# How everything here is compiled. `firstbyte_settings` carries the language and the warnings; every
# target of ours links it.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(FIRSTBYTE_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)
set(FIRSTBYTE_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

find_program(FIRSTBYTE_CCACHE ccache)
if(FIRSTBYTE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${FIRSTBYTE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FIRSTBYTE_CCACHE})
endif()

add_library(firstbyte_settings INTERFACE)
target_include_directories(firstbyte_settings INTERFACE ${PROJECT_SOURCE_DIR})
# GCC 12 takes the unused payload of a std::optional for a use of it, and a string put together by + for an
# overlapping copy; the sanitizers know better.
target_compile_options(firstbyte_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow=local -Wno-maybe-uninitialized -Wno-restrict)
# Packages' own CMake files name more libraries than are used, and each one costs every process memory.
target_link_options(firstbyte_settings INTERFACE -Wl,--as-needed)
target_compile_definitions(firstbyte_settings INTERFACE
  FIRSTBYTE_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
if(FIRSTBYTE_WARNINGS_AS_ERRORS)
  target_compile_options(firstbyte_settings INTERFACE -Werror)
endif()
if(FIRSTBYTE_SANITIZE)
  add_compile_options(-fsanitize=${FIRSTBYTE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FIRSTBYTE_SANITIZE})
  if(FIRSTBYTE_SANITIZE MATCHES "thread")
    # Fences are invisible to the thread sanitizer; asio has a build without them.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

# One folder = one stage = one target: firstbyte_stage(NAME SOURCES ... LINKS ...)
function(firstbyte_stage name)
  cmake_parse_arguments(STAGE "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${STAGE_SOURCES})
  target_link_libraries(${name} PUBLIC firstbyte_settings ${STAGE_LINKS} PRIVATE ${STAGE_PRIVATE_LINKS})
endfunction()
