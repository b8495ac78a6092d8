"""Show the rows in ``expected.txt`` as a person reads them: ``python native/vectors/show.py``."""

from __future__ import annotations

from pathlib import Path

from host import core

CHANNELS = ("dapi", "ck", "cd45", "her2")


def show(name: str, rows: bytes) -> None:
    for cell in core.cells(rows):
        where = f"{name:12} x {cell['x'] / 64:.1f} y {cell['y'] / 64:.1f} {cell['width']} x {cell['height']}"
        shape = f"area {cell['area']} body {cell['body']} perimeter {cell['perimeter']}"
        shape += f" eccentricity {cell['eccentricity'] / 65535:.2f} focus {cell['focus']}"
        nucleus = f"nucleus {cell['nucleus']}, {cell['inside']} inside, overlap {cell['overlap'].tolist()}"
        score = f"score {cell['score']} range {cell['range']:02x} flags {cell['flags']:02x}"
        score += f" gate {core.gate_name(int(cell['gate'])) or 'none'} HER2 {cell['her2']}"
        print(f"{where}: {shape}; {nucleus}; {score} +- {cell['her2_se'] / 64:.2f}")
        for channel, signal in zip(CHANNELS, cell["signal"], strict=True):
            mean, sd, background = (signal[key] / 64 for key in ("mean", "sd", "background"))
            print(
                f"    {channel:4} mean {mean:.1f} sd {sd:.1f} background {background:.1f}"
                f" max {signal['max']} median {signal['median']} saturated {signal['saturated']}"
            )


def main() -> None:
    for line in (Path(__file__).parent / "expected.txt").read_text().splitlines():
        name, rest = line.split(" ", 1)
        if rest.startswith("rows=") and len(rest.split(" ")[0].split(":")[1]) != 64:
            show(name, bytes.fromhex(rest.split(" ")[0].split(":")[1]))
        else:
            print(line)


if __name__ == "__main__":
    main()
