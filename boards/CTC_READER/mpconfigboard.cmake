# The reader's electronics around the RP2040 (crystal, 2 MB flash) are those of a Pico.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
# No picotool and no pioasm: uf2conv.py makes the UF2, PIO programs are assembled on the device.
set(PICO_NO_PICOTOOL 1)
# micropython-lib is not part of the sources; its require() must find an empty library.
set(MICROPY_LIB_DIR ${CMAKE_CURRENT_LIST_DIR}/../../firmware/port/no-micropython-lib)
set(MICROPY_FROZEN_MANIFEST ${CMAKE_CURRENT_LIST_DIR}/../../firmware/port/manifest.py)
# No path of the building machine in the image: two builds of one commit are bit-identical anywhere.
get_filename_component(CTC_REPOSITORY ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
get_filename_component(CTC_SOURCES ${PICO_SDK_PATH_OVERRIDE}/.. ABSOLUTE)
get_filename_component(CTC_SOURCES_REAL ${CTC_SOURCES} REALPATH)
foreach(PAIR IN ITEMS
    "${CTC_SOURCES_REAL}=sources"
    "${CTC_SOURCES}=sources"
    "${CTC_REPOSITORY}=ctc-reader"
    "${CMAKE_BINARY_DIR}=build")  # last: of several that fit, gcc takes the last
    add_compile_options("-ffile-prefix-map=${PAIR}")
    # gcc does not hand the map on to the assembler for the debug information of .S files.
    add_compile_options("$<$<COMPILE_LANGUAGE:ASM>:SHELL:-Wa,--debug-prefix-map=${PAIR}>")
endforeach()
