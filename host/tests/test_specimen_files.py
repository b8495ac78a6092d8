"""A microscope's image comes to the reader's scale without gaining or losing light, or is refused with a
reason."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from host.specimen import SpecimenError, from_file, load, parameters, prepare, simulate
from host.specimen.names import channel_of, order
from host.specimen.resample import resample, size_after, weights

NAMES = ["dapi", "ck", "cd45", "her2"]


@pytest.fixture(scope="module")
def field() -> NDArray[np.float32]:
    """One simulated field, [4, 244, 316], in grey levels."""
    planes: NDArray[np.float32] = simulate(parameters(3, fields=1)).fields[0]
    return planes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.tif"


def grey(height: int = 244, width: int = 316) -> NDArray[np.uint8]:
    """Four planes with different means and some contrast."""
    rng = np.random.default_rng(1)
    levels = np.array([20, 30, 40, 50])[:, None, None]
    return (levels + rng.integers(0, 40, (4, height, width))).astype(np.uint8)


def ome(path: Path, planes: NDArray[Any], names: list[str] | None = None, **metadata: Any) -> Path:
    if names is not None:
        metadata["Channel"] = {"Name": names}
    tifffile.imwrite(path, planes, ome=True, photometric="minisblack", metadata={"axes": "CYX", **metadata})
    return path


# --- the fixed scale
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planes", "bits", "expected"),
    [
        (np.uint8(128), None, 128.0),
        (np.uint16(128 * 257), None, 128.0),
        (np.uint16(2048), 12, 2048 * 255 / 4095),
        (np.uint16(512), 10, 512 * 255 / 1023),
        (np.int16(16384), None, 16384 * 255 / 32767),
        (np.uint32(1 << 31), None, (1 << 31) * 255 / (2**32 - 1)),
        (np.float32(0.5), None, 127.5),
        (np.float32(100.0), None, 100.0),
        (np.float64(30000.0), 16, 30000 * 255 / 65535),
    ],
    ids=[
        "8",
        "16",
        "12 in 16",
        "10 in 16",
        "int16",
        "uint32",
        "float to 1",
        "float grey levels",
        "float of 16 bits",
    ],
)
def test_every_depth_has_one_straight_line(
    path: Path, planes: Any, bits: int | None, expected: float
) -> None:
    image = np.zeros((4, 244, 316), dtype=planes.dtype)
    image[2, 100:120, 100:120] = planes
    tifffile.imwrite(path, image, photometric="minisblack")
    made = from_file(path, bits=bits)
    assert made.fields[0, 2, 110, 110] == pytest.approx(expected, rel=1e-6)
    assert made.fields[0, [0, 1, 3]].max() == 0.0
    assert made.spillover_included is True


def test_ome_significant_bits_are_used_and_the_option_wins(path: Path) -> None:
    image = np.zeros((4, 244, 316), dtype=np.uint16)
    image[:, 10:20, 10:20] = 1000
    ome(path, image, SignificantBits=12)
    assert from_file(path).fields.max() == pytest.approx(1000 * 255 / 4095)
    assert from_file(path, bits=10).fields.max() == pytest.approx(1000 * 255 / 1023)


@pytest.mark.parametrize("brightest", [255, 1023, 4095, 16383])
def test_a_shallow_image_in_a_deep_file_is_asked_about_and_never_guessed(path: Path, brightest: int) -> None:
    """Read as 16 bits, a 12-bit image would be sixteen times too dark: every 3+ would score 0."""
    image = np.zeros((4, 244, 316), dtype=np.uint16)
    image[:, 10:20, 10:20] = brightest
    tifffile.imwrite(path, image, photometric="minisblack")
    bits = brightest.bit_length()
    with pytest.raises(SpecimenError, match=f"--bits {bits} .* --bits 16"):
        from_file(path)
    assert from_file(path, bits=bits).fields.max() == pytest.approx(255.0)


def test_a_dark_image_is_no_question(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((4, 244, 316), np.uint16), photometric="minisblack")
    assert from_file(path).fields.max() == 0.0


def test_negative_light_is_none(path: Path) -> None:
    image = np.full((4, 244, 316), -3.0, np.float32)
    image[0] = 90.0
    tifffile.imwrite(path, image, photometric="minisblack")
    made = from_file(path)
    assert (made.fields[0, 0] == 90.0).all() and (made.fields[0, 1:] == 0.0).all()


# --- pixel size
# --------------------------------------------------------------------------------------------------


def test_the_readers_own_scale_changes_nothing(path: Path) -> None:
    image = grey()
    tifffile.imwrite(path, image, photometric="minisblack")
    made = from_file(path)
    assert np.array_equal(made.fields[0], image.astype(np.float32))


@pytest.mark.parametrize(("size", "unit"), [(0.5, "µm"), (500.0, "nm"), (0.0005, "mm"), (5000.0, "Å")])
def test_an_ome_image_at_half_a_micrometre_and_16_bits_comes_back(
    path: Path, field: NDArray[np.float32], size: float, unit: str
) -> None:
    fine = np.round(np.kron(field, np.ones((1, 2, 2))) * 257).astype(np.uint16)
    ome(
        path,
        fine,
        NAMES,
        PhysicalSizeX=size,
        PhysicalSizeXUnit=unit,
        PhysicalSizeY=size,
        PhysicalSizeYUnit=unit,
    )
    made = from_file(path)
    assert made.fields.shape == (1, 4, 244, 316)
    assert np.abs(made.fields[0] - field).max() < 0.01
    assert made.meta["parameters"]["um_per_pixel_x"] == pytest.approx(0.5)


def test_the_option_counts_when_the_file_is_silent_and_only_then(
    path: Path, field: NDArray[np.float32], caplog: pytest.LogCaptureFixture
) -> None:
    fine = np.kron(field, np.ones((1, 2, 2))).astype(np.float32)
    tifffile.imwrite(path, fine, photometric="minisblack")
    assert np.abs(from_file(path, um_per_pixel=0.5).fields[0] - field).max() < 0.01
    ome(path, fine, NAMES, PhysicalSizeX=0.5)
    with caplog.at_level(logging.WARNING):
        assert from_file(path, um_per_pixel=0.65).fields.shape == (1, 4, 244, 316)
    assert "0.65 is not used" in caplog.text


def test_oblong_pixels(path: Path) -> None:
    image = np.zeros((4, 488, 316), np.uint8)
    image[:, 200:280, 100:140] = 200
    ome(path, image, PhysicalSizeX=1.0, PhysicalSizeY=0.5)
    made = from_file(path).fields
    assert made.shape == (1, 4, 244, 316)
    assert (made[0, :, 100:140, 100:140] == 200).all()
    assert made.sum() == pytest.approx(4 * 40 * 40 * 200)


@given(st.integers(1, 90), st.floats(0.05, 3.0))
@settings(deadline=None)
def test_weights_are_a_mean(pixels: int, scale: float) -> None:
    matrix = weights(pixels, scale).toarray()
    assert matrix.shape == (size_after(pixels, scale), pixels)
    assert (matrix >= 0).all()
    assert np.allclose(matrix.sum(axis=1), 1.0)


@given(st.integers(8, 60), st.integers(8, 60), st.floats(0.1, 0.99), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_shrinking_conserves_flux(height: int, width: int, scale: float, seed: int) -> None:
    """Light times area, up to the last row and column, which are means over the part inside the image."""
    plane = np.random.default_rng(seed).uniform(0, 100, (height, width)).astype(np.float32)
    plane[-12:] = 0
    plane[:, -12:] = 0
    small = resample(plane, scale, scale)
    assert small.sum() / scale**2 == pytest.approx(plane.sum(), rel=1e-4, abs=1e-2)


def test_a_scale_of_no_whole_number_keeps_place_and_light() -> None:
    y, x = np.indices((400, 500))
    plane = (100 * np.exp(-((x - 260.3) ** 2 + (y - 140.8) ** 2) / (2 * 9.0**2))).astype(np.float32)
    for scale in (0.3225, 0.645, 1.3):
        new = resample(plane, scale, scale)
        v, u = np.indices(new.shape)
        assert new.sum() == pytest.approx(plane.sum() * scale**2, rel=2e-3)
        assert (new * u).sum() / new.sum() == pytest.approx((260.3 + 0.5) * scale - 0.5, abs=0.02)
        assert (new * v).sum() / new.sum() == pytest.approx((140.8 + 0.5) * scale - 0.5, abs=0.02)


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((300, 300), np.float32)
    stripes[:, ::2] = 100
    small = resample(stripes, 0.31, 0.31)[5:-5, 5:-5]
    assert small.min() > 35 and small.max() < 65


# --- fields
# ------------------------------------------------------------------------------------------------------


def test_a_large_image_is_cut_in_reading_order_and_filled_up_with_background(path: Path) -> None:
    image = np.zeros((4, 500, 700), np.uint8)
    image[:] = np.array([5, 6, 7, 8])[:, None, None]
    image[0, 250, 320] = 200  # row 1, column 1 of the grid: y 6, x 4
    image[3, 499, 699] = 90
    tifffile.imwrite(path, image, photometric="minisblack")
    made = from_file(path).fields
    assert made.shape == (9, 4, 244, 316)
    assert made[4, 0, 6, 4] == 200
    assert made[8, 3, 499 - 488, 699 - 632] == 90
    assert [made[8, n, -1, -1] for n in range(4)] == [5, 6, 7, 8]
    assert made[:, 0].sum() == image[0].sum() + (9 * 244 * 316 - 500 * 700) * 5


def test_a_small_image_is_one_field(path: Path) -> None:
    tifffile.imwrite(path, grey(50, 60), photometric="minisblack")
    assert from_file(path).fields.shape == (1, 4, 244, 316)


def test_more_fields_than_a_run_takes(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((4, 244, 316 * 17), np.uint8), photometric="minisblack")
    with pytest.raises(SpecimenError, match=r"17 fields .* at most 16: .*--fields 16"):
        from_file(path)
    made = from_file(path, fields=16)
    assert len(made.fields) == 16
    assert made.meta["parameters"]["fields_available"] == 17


def test_an_image_that_will_be_refused_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile.imwrite(path, np.zeros((4, 4000, 4000), np.uint8), photometric="minisblack", compression="zlib")

    def never(*_: object, **__: object) -> None:
        pytest.fail("pixels were read")

    monkeypatch.setattr(tifffile.TiffPageSeries, "asarray", never)
    with pytest.raises(SpecimenError, match="fields"):
        from_file(path)


# --- which page is which channel
# -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ["HER2", "CD45", "CK", "DAPI"],
        ["HER2-FITC", "CD45 (APC)", "Cytokeratin-PE", "Hoechst 33342"],
        ["fitc", "apc", "pe", "dapi"],
    ],
)
def test_named_channels_are_put_in_order(path: Path, names: list[str]) -> None:
    image = np.zeros((4, 244, 316), np.uint8)
    image[:] = np.array([40, 30, 20, 10])[:, None, None]
    made = from_file(ome(path, image, names))
    assert [made.fields[0, n, 0, 0] for n in range(4)] == [10, 20, 30, 40]


def test_unnamed_channels_are_in_page_order(path: Path) -> None:
    image = np.zeros((4, 244, 316), np.uint8)
    image[:] = np.array([10, 20, 30, 40])[:, None, None]
    for names in (None, ["Channel 1", "Channel 2", "Channel 3", "Channel 4"]):
        made = from_file(ome(path, image, names))
        assert [made.fields[0, n, 0, 0] for n in range(4)] == [10, 20, 30, 40]


def test_names() -> None:
    assert order(["DAPI", "x", "CD45", "y"]) == (0, 1, 2, 3)
    assert channel_of("C0: dapi") == "dapi"
    assert channel_of("ck and cd45") is None
    with pytest.raises(SpecimenError, match="two are the same"):
        order(["DAPI", "dapi", "ck", "her2"])
    with pytest.raises(SpecimenError, match="order open"):
        order(["HER2", "x", "CD45", "y"])


# --- layouts and compressions that microscopes write
# ------------------------------------------------------------


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "zstd"])
@pytest.mark.parametrize("layout", ["pages", "planar", "ome", "imagej", "big", "tiled", "series"])
def test_layouts(path: Path, layout: str, compression: str | None) -> None:
    image = grey(100, 90)
    how: dict[str, Any] = {"compression": compression, "photometric": "minisblack"}
    if layout == "planar":
        tifffile.imwrite(path, image, compression=compression, photometric="rgb", planarconfig="separate")
    elif layout == "ome":
        tifffile.imwrite(path, image[None, :, None], ome=True, metadata={"axes": "TCZYX"}, **how)
    elif layout == "imagej":
        tifffile.imwrite(path, image, imagej=compression is None, metadata={"axes": "CYX"}, **how)
    elif layout == "big":
        tifffile.imwrite(path, image, bigtiff=True, byteorder=">", metadata=None, **how)
    elif layout == "tiled":
        tifffile.imwrite(path, image, tile=(16, 16), **how)
    elif layout == "series":
        with tifffile.TiffWriter(path) as writer:
            for plane in image:
                writer.write(plane, contiguous=False, **how)
    else:
        tifffile.imwrite(path, image, **how)
    assert np.array_equal(from_file(path).fields[0, :, :100, :90], image)


def test_a_pyramid_is_read_at_full_size(path: Path) -> None:
    image = grey(200, 200)
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(image, subifds=1, photometric="minisblack", metadata={"axes": "CYX"})
        writer.write(image[:, ::2, ::2], subfiletype=1, photometric="minisblack")
    assert np.array_equal(from_file(path).fields[0, :, :200, :200], image)


# --- what is refused
# ----------------------------------------------------------------------------------------------


def written(planes: NDArray[Any], **how: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, planes, **{"photometric": "minisblack", **how})
    return buffer.getvalue()


def bad_images() -> dict[str, tuple[bytes, str]]:
    sound = grey(40, 50)
    nan = sound.astype(np.float32)
    nan[1, 3, 4] = np.nan
    infinite = sound.astype(np.float32)
    infinite[1, 3, 4] = np.inf
    pages = io.BytesIO()
    with tifffile.TiffWriter(pages) as writer:
        for n in (40, 40, 40, 41):
            writer.write(sound[0, :n, :n], contiguous=False, photometric="minisblack")
    return {
        "empty file": (b"", "is empty"),
        "text": (b"these are my notes", "not a TIFF"),
        "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(50), "not a TIFF"),
        "only a header": (b"II*\x00\x08\x00\x00\x00", "cut short"),
        "header that points nowhere": (b"II*\x00\xff\xff\xff\x7f" + bytes(50), "cut short"),
        "one channel": (written(sound[0]), "has 1 channel page, not four"),
        "three channels": (written(sound[:3]), "has 3 channel pages, not four"),
        "five channels": (written(np.concatenate((sound, sound[:1]))), "has 5 channel pages, not four"),
        "RGB": (written(np.moveaxis(sound[:3], 0, -1), photometric="rgb"), "colour picture"),
        "RGBA": (written(np.moveaxis(sound, 0, -1), photometric="rgb"), "colour picture"),
        "RGB in four pages": (
            written(np.stack([np.moveaxis(sound[:3], 0, -1)] * 4), photometric="rgb"),
            "colour",
        ),
        "focal planes": (
            written(np.stack([sound] * 3), ome=True, metadata={"axes": "ZCYX"}),
            "3 focal planes",
        ),
        "time": (written(np.stack([sound] * 2), ome=True, metadata={"axes": "TCYX"}), "2 time points"),
        "four dimensions": (written(np.stack([sound] * 2)), "not two-dimensional"),
        "pages of two sizes": (pages.getvalue(), "differ in size"),
        "NaN": (written(nan), "1 pixels that are not numbers"),
        "infinite": (written(infinite), "not numbers"),
        "complex": (written(sound.astype(np.complex64)), "complex64"),
        "bilevel": (written(sound > 40), "bool"),
        "float without a scale": (written(sound.astype(np.float32) * 1000), "--bits"),
        "pixel of 0 um": (written(sound, ome=True, metadata={"axes": "CYX", "PhysicalSizeX": 0.0}), "0 um"),
        "negative pixel": (
            written(sound, ome=True, metadata={"axes": "CYX", "PhysicalSizeX": -0.5}),
            "-0.5 um",
        ),
        "pixel of a metre": (
            written(
                sound, ome=True, metadata={"axes": "CYX", "PhysicalSizeX": 1.0, "PhysicalSizeXUnit": "m"}
            ),
            "PhysicalSizeX",
        ),
        "pixel of no number": (
            written(sound, ome=True, metadata={"axes": "CYX", "PhysicalSizeX": 0.5}).replace(
                b'X="0.5"', b'X="NaN"'
            ),
            "nan um",
        ),
        "too deep": (written(sound, ome=True, metadata={"axes": "CYX", "SignificantBits": 5}), "5 bits"),
        "same channel twice": (
            written(sound, ome=True, metadata={"axes": "CYX", "Channel": {"Name": ["ck"] * 4}}),
            "two are the same",
        ),
    }


@pytest.mark.parametrize("name", sorted(bad_images()))
def test_bad_images_are_one_sentence(
    path: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    data, says = bad_images()[name]
    path.write_bytes(data)
    with pytest.raises(SpecimenError) as refused:
        prepare(tmp_path / "s.npz", file=path)
    message = str(refused.value)
    assert says in message
    assert "\n" not in message and len(message) < 400
    assert list(tmp_path.iterdir()) == [path]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "option", [{"um_per_pixel": 0.0}, {"um_per_pixel": -1.0}, {"um_per_pixel": 1000.0}, {"bits": 0}]
)
def test_bad_options_are_one_sentence(path: Path, option: dict[str, Any]) -> None:
    tifffile.imwrite(path, grey(), photometric="minisblack")
    with pytest.raises(SpecimenError, match="--"):
        from_file(path, **option)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SpecimenError, match="check the name"):
        from_file(tmp_path / "none.tif")
    with pytest.raises(SpecimenError, match="cannot be read"):
        from_file(tmp_path)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"ome": True, "metadata": {"axes": "CYX"}},
        {"compression": "lzw"},
        {"compression": "zlib", "metadata": None},
    ],
    ids=["plain", "ome", "lzw", "zlib"],
)
def test_a_truncated_file_is_refused_or_has_every_pixel(path: Path, how: dict[str, Any]) -> None:
    """At every length: what is accepted shows the whole image, since a missing page would read as HER2 0."""
    image = grey(12, 14)
    data = written(image, **how)
    for length in range(0, len(data) - 1, 7):
        path.write_bytes(data[:length])
        try:
            made = from_file(path)
        except SpecimenError:
            continue
        assert np.array_equal(made.fields[0, :, :12, :14], image), length


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_damage_is_never_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = bytearray(written(grey(12, 14), ome=True, metadata={"axes": "CYX"}, compression="lzw"))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.tif"
    path.write_bytes(bytes(whole))
    try:
        from_file(path)
    except SpecimenError as why:
        assert "\n" not in str(why)


def test_prepare_writes_what_the_bench_reads(path: Path, tmp_path: Path) -> None:
    tifffile.imwrite(path, grey(), photometric="minisblack")
    made = load(prepare(tmp_path / "s.npz", file=path))
    assert made.meta["source"] == "file"
    assert made.meta["truth"] is None
    assert made.meta["file"] == "image.tif"
