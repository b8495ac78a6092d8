"""Runs on the reader: how long the core takes for one field, in microseconds of device time."""

import json
import time

import ctc_core
import scenes

CHANNELS = ("dark", "dapi", "ck", "cd45", "her2")


def measure(canvas, scene) -> dict:
    """Return microseconds per call for one scene, by channel and for end()."""
    took = {}
    ctc_core.begin(0)
    for channel, name in enumerate(CHANNELS):
        scene(canvas, channel)
        start = time.ticks_us()
        ctc_core.analyse(channel)
        took[name] = time.ticks_diff(time.ticks_us(), start)
        print()  # a bench slows a reader down that says nothing for long
    start = time.ticks_us()
    took["objects"] = ctc_core.end()
    took["end"] = time.ticks_diff(time.ticks_us(), start)
    return took


def run(names) -> None:
    """Print one JSON line per scene: its name and what `measure` gives."""
    canvas = scenes.Canvas(ctc_core.frame())
    for name in names:
        print(json.dumps([name, measure(canvas, getattr(scenes, name))]))
