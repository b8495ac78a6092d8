"""The link: SMP (the MCUmgr protocol) over USB CDC and UART. What is said on it: docs/architecture.md."""
