"""Start the application, and what to do when it ends."""

import machine

from reader import crash, version, watchdog
from reader.app import App


def main() -> None:
    """Run the reader. Returns only in a development build, to the REPL."""
    app = None
    try:
        app = App()
        app.run()
        if version.DEVELOPMENT:
            return
    except Exception as error:
        if crash.handle(error, app):
            watchdog.stop()
            return
    machine.reset()
