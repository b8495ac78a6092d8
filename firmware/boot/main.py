import micropython

micropython.kbd_intr(-1)  # 0x03 is a byte of the link like any other

from reader.main import main  # noqa: E402

main()
