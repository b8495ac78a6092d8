"""What runs here."""

import build_info
import ctc_core

FIRMWARE: str = build_info.VERSION
GIT: str = build_info.GIT
BUILD: str = build_info.BUILD
DEVELOPMENT: bool = build_info.DEVELOPMENT
CORE: str = ctc_core.VERSION
