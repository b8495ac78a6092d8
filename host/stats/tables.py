"""Read a table file: CSV with any of the usual separators, or Parquet. Nothing is guessed silently or
repaired.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from host.stats.errors import CohortError

MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "."})
"""Cells that mean "no value" (R, Excel, pandas, SAS). "None" is not among them: it can be a level."""

SEPARATORS = ",;\t"


def read_table(path: Path | str, *, encoding: str = "utf-8", decimal: str = ".") -> pd.DataFrame:
    """Read a file; the index has line numbers of the file (rows for Parquet), so that a message can point at
    one.

    Args:
        path: ``.parquet`` or ``.pq``; anything else is read as CSV.
        encoding: of a CSV file; every byte must fit.
        decimal: "." or ",", of a CSV file.

    Returns:
        Columns of text (CSV) or of the file's types (Parquet), missing values as None or NaN.

    Raises:
        CohortError: unreadable, empty, of mixed encodings, with rows of unequal length or with repeated
            column names.
    """
    where = Path(path)
    try:
        data = where.read_bytes()
    except FileNotFoundError:
        raise CohortError(f"There is no file {where}: check the name.") from None
    except OSError as why:
        raise CohortError(
            f"{where} cannot be read ({why.strerror}): check the name and the rights."
        ) from None
    if not data.strip():
        raise CohortError(f"{where} is empty: a cohort needs a header line and one line per patient.")
    if where.suffix.lower() in (".parquet", ".pq") or data.startswith(b"PAR1"):
        return _parquet(where, data)
    return _csv(where, _decode(where, data, encoding), decimal)


def _parquet(where: Path, data: bytes) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(data), engine="pyarrow")
    except Exception as why:  # pyarrow raises many classes, some of them its own
        raise CohortError(
            f"{where} is no sound Parquet file ({str(why).splitlines()[0]}): export it again."
        ) from None
    frame.columns = [str(name) for name in frame.columns]
    return _checked(where, frame.reset_index(drop=True).rename(index=lambda i: i + 1).rename_axis("row"))


def _decode(where: Path, data: bytes, encoding: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        text = data.decode(
            "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        )
    except LookupError:
        raise CohortError(f'There is no encoding "{encoding}": try utf-8 or cp1252.') from None
    except UnicodeDecodeError as why:
        line = data.count(b"\n", 0, why.start) + 1
        before = [i for i, row in enumerate(data[: why.start].split(b"\n"), 1) if not row.isascii()]
        if before:
            raise CohortError(
                f"{where} mixes encodings: line {before[0]} is {encoding} and line {line} is not; "
                "save the whole file as UTF-8."
            ) from None
        raise CohortError(
            f"{where} is not {encoding} (line {line}, byte 0x{data[why.start]:02X}): save it as UTF-8 or "
            "name its "
            "encoding, for example --encoding cp1252."
        ) from None
    if "\x00" in text:
        raise CohortError(f"{where} holds zero bytes: it is no text table; export it as CSV.")
    return text


def _csv(where: Path, text: str, decimal: str) -> pd.DataFrame:
    header = text.lstrip("\r\n").splitlines()[0]
    separator = max(SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, lines = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as why:
        raise CohortError(
            f"{where}, line {reader.line_num}, is no sound CSV ({why}): correct its quotes."
        ) from None
    names = [name.strip() for name in rows[0]]
    if "" in names:
        raise CohortError(
            f"Column {names.index('') + 1} of {where} has no name: give it one in the header line."
        )
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(names):
            raise CohortError(
                f"{where}, line {line}, has {len(row)} cells and the header has {len(names)}: correct the "
                "line."
            )
    columns = {}
    for i in range(len(names)):
        cells = [row[i].strip() for row in rows[1:]]
        if decimal == ",":
            cells = [_point(cell) for cell in cells]
        columns[i] = [None if cell in MISSING else cell for cell in cells]
    frame = pd.DataFrame(columns, index=pd.Index(lines[1:], name="line"), dtype=object)
    frame.columns = names
    return _checked(where, frame)


def _point(cell: str) -> str:
    """Return a number written with a decimal comma as one with a point; any other text unchanged."""
    swapped = cell.replace(",", ".")
    try:
        float(swapped)
    except ValueError:
        return cell
    return swapped


def _checked(where: Path, frame: pd.DataFrame) -> pd.DataFrame:
    names = list(frame.columns)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CohortError(f'{where} has two columns named "{twice[0]}": rename one.')
    if frame.empty:
        raise CohortError(f"{where} has a header and no patients.")
    return frame
