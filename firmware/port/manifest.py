# What is frozen into the base: the boot manager, the application, and what the build generates
# (board.py from board.toml, build_info.py). Nothing of MicroPython's own Python modules: the stock
# _boot.py formats a file system that it cannot mount.
freeze("$(BOARD_DIR)/../../firmware/boot")
module("rp2.py", base_path="$(PORT_DIR)/modules")
package("reader", base_path="$(BOARD_DIR)/../../firmware")
freeze("$(GENERATED_DIR)", ("board.py", "build_info.py"))
