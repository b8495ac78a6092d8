# The core as MicroPython's user C module `ctc_core`.
set(CTC_NATIVE ${CMAKE_CURRENT_LIST_DIR}/../..)
file(GLOB CTC_CORE_SOURCES CONFIGURE_DEPENDS ${CTC_NATIVE}/src/*.c)

add_library(usermod_ctc_core INTERFACE)
target_sources(usermod_ctc_core INTERFACE ${CTC_CORE_SOURCES} ${CMAKE_CURRENT_LIST_DIR}/modctc_core.c)
target_include_directories(usermod_ctc_core INTERFACE ${CTC_NATIVE}/include)

# Speed where every pixel is touched: -O2 against the port's -Os, and the loops themselves in RAM
# (pico-sdk's linker script copies .time_critical there at start).
set_source_files_properties(${CTC_CORE_SOURCES} PROPERTIES
    COMPILE_OPTIONS "-O2;-Wall;-Wextra;-Werror"
    COMPILE_DEFINITIONS "CTC_HOT_SECTION=.time_critical.ctc")

target_link_libraries(usermod INTERFACE usermod_ctc_core)
