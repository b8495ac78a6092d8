"""The whole bench under hand-written scripts that run on the emulated reader, none of the reader's own
drivers.

They need the built firmware image (`make firmware`), which is used as a plain MicroPython here.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial

from host.bench import Bench, BenchError, benches
from host.tests.bench_repl import Repl

IMAGE = Path(__file__).resolve().parents[2] / "build" / "ctc-reader.uf2"
pytestmark = pytest.mark.skipif(not IMAGE.exists(), reason="build/ctc-reader.uf2 is missing: make firmware")

SERIAL = "c0ffee0123456789"

SENSOR = """
import machine, rp2, time, sys, ctc_core
from machine import ADC, I2C, PWM, Pin, SPI, UART
i2c = I2C(1, sda=Pin(10), scl=Pin(11), freq=400000)
def put(register, value): i2c.writeto(0x24, bytes((register >> 8, register & 255, value)))
def get(register):
    i2c.writeto(0x24, bytes((register >> 8, register & 255)))
    return i2c.readfrom(0x24, 1)[0]
@rp2.asm_pio(in_shiftdir=rp2.PIO.SHIFT_RIGHT, autopush=True, push_thresh=32, fifo_join=rp2.PIO.JOIN_RX)
def capture():
    wait(0, gpio, 9)
    wait(1, gpio, 9)
    wrap_target()
    wait(0, gpio, 8)
    wait(1, gpio, 8)
    in_(pins, 8)
    wrap()
for pin in range(10): Pin(pin, Pin.IN)
machine_ = rp2.StateMachine(4, capture, in_base=Pin(0))
dma = rp2.DMA()
frame = ctc_core.frame()
def arm():
    machine_.active(0); machine_.restart()
    while machine_.rx_fifo(): machine_.get()
    dma.config(read=machine_, write=frame, count=len(frame) // 4, trigger=True,
               ctrl=dma.pack_ctrl(size=2, inc_read=False, treq_sel=12))
    machine_.active(1)
def shoot(lines=100):
    put(0x202, lines >> 8); put(0x203, lines & 255); put(0x340, lines + 2 >> 8); put(0x341, lines + 2 & 255)
    put(0x104, 1)
    arm(); put(0x100, 3)
def finish():
    start = time.ticks_ms()
    while dma.active() and time.ticks_diff(time.ticks_ms(), start) < 300: time.sleep_ms(3)
    return dma.active()
put(0x103, 1); put(0x2100, 0); put(0x3010, 1); put(0x3020, 1); put(0x1003, 16)
leds = {pin: PWM(Pin(pin), freq=200000, duty_u16=0) for pin in (14, 15, 22, 23)}
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTC_BENCH_DIR", str(folder))
        with Bench("device", firmware=IMAGE, serial=SERIAL, idle_timeout=600) as bench:
            yield bench


@pytest.fixture(scope="module")
def repl(bench: Bench) -> Iterator[Repl]:
    repl = Repl(bench.port)
    repl.run(SENSOR)
    yield repl
    repl.close()


def pixels(repl: Repl, first: int, count: int, step: int = 1) -> np.ndarray:
    """Fetch columns first .. first + count - 1 of every step-th row of the frame buffer."""
    row = f"frame[324 * r + {first} : 324 * r + {first + count}]"
    script = f"import binascii\nfor r in range(0, 244, {step}): sys.stdout.write(binascii.hexlify({row}))"
    return np.frombuffer(bytes.fromhex(repl.run(script)), np.uint8).reshape(-1, count).astype(float)


def strip(repl: Repl) -> np.ndarray:
    """The reference strip, 244 x 8."""
    return pixels(repl, 316, 8)


def window(repl: Repl) -> np.ndarray:
    """Every 16th row of what the specimen lies in."""
    return pixels(repl, 0, 316, 16)


def test_identity_and_chance(bench: Bench, repl: Repl) -> None:
    assert repl.run("print(machine.unique_id().hex())") == SERIAL
    assert bench.entry.serial == SERIAL
    assert (bench.entry.vid, bench.entry.usb_pid, bench.entry.product) == (0x1209, 0x0001, "CTC reader")
    words = repl.run("import os\nfor i in range(4): print(os.urandom(4).hex())").split()
    assert len(set(words)) == 4


def test_sleep_costs_next_to_no_work(bench: Bench, repl: Repl) -> None:
    before = bench.stats()["cpu_s"]
    slept = repl.run("t = time.ticks_ms(); time.sleep(30); print(time.ticks_diff(time.ticks_ms(), t))")
    assert int(slept) >= 30_000
    # Executing them instruction by instruction would take 30 s * 125 MHz / some 10 MHz.
    assert bench.stats()["cpu_s"] - before < 60


def test_sensor_answers_its_registers(repl: Repl) -> None:
    repl.run("put(0x103, 1)")
    assert repl.run("print(hex(get(0) << 8 | get(1)), get(0x2100))") == "0x1b0 1", (
        "auto-exposure on after reset"
    )
    repl.run("put(0, 9); put(0x2100, 0); put(0x3010, 1); put(0x3020, 1); put(0x1003, 16)")
    assert repl.run("print(get(0), get(0x2100), get(0x100))") == "1 0 0"


def test_frame_arrives_by_pio_and_dma_with_the_strip_in_its_last_columns(repl: Repl) -> None:
    assert (
        repl.run(
            "leds[14].duty_u16(32768); time.sleep_ms(1); shoot(400); print(finish()); leds[14].duty_u16(0)"
        )
        == "False"
    )
    picture = pixels(repl, 0, 324)
    assert picture[:, 316:].mean(axis=1) == pytest.approx(np.full(244, 16 + 140), abs=6.0), "every row"
    assert picture[:, 316:].mean() == pytest.approx(16 + 140, abs=1.0)
    assert picture[:, :316].mean() == pytest.approx(16 + 4, abs=0.2), "no specimen: only background"
    assert 0.3 < picture[:, :316].std() < 3.0, "noise"


def test_rolling_shutter_integrates_only_the_light_of_each_row(repl: Repl) -> None:
    # 400 rows of integration; light for the first 200 row times after row 0 was reset: row r sees 200 - r
    # of them.
    repl.run("leds[14].duty_u16(32768); shoot(400); time.sleep_us(12533); leds[14].duty_u16(0); finish()")
    seen = strip(repl).mean(axis=1) - 16
    rows = np.arange(244)
    # The script's own time shifts the edge by some rows, the slope and the end stay.
    shift = np.argmax(seen < 2) - 200
    assert abs(shift) < 15
    expected = 140 * np.clip(200 + shift - rows, 0, 400) / 400
    assert np.abs(seen - expected).max() < 5


def test_grouped_registers_wait_for_their_commit(repl: Repl) -> None:
    repl.run("leds[14].duty_u16(32768); shoot(200); finish()")
    bright = strip(repl).mean()
    repl.run("put(0x202, 0); put(0x203, 50); arm(); put(0x100, 3); finish(); leds[14].duty_u16(0)")
    assert bright == pytest.approx(16 + 70, abs=2)
    assert strip(repl).mean() == pytest.approx(16 + 17.5, abs=2), "starting from standby commits"


def test_a_dead_led_leaves_the_strip_dark(bench: Bench, repl: Repl) -> None:
    bench.fault(led="led_470", factor=0.0)
    try:
        repl.run("leds[15].duty_u16(32768); shoot(400); finish(); leds[15].duty_u16(0)")
        assert strip(repl).mean() == pytest.approx(16, abs=0.5)
    finally:
        bench.fault(led="led_470", factor=1.0)


def test_the_lid_cuts_the_light_bounces_and_lets_the_room_in(bench: Bench, repl: Repl) -> None:
    repl.run("""
edges = []
lid = Pin(28, Pin.IN)
lid.irq(lambda pin: edges.append(1) if len(edges) < 40 else None)
""")
    repl.run("leds[14].duty_u16(65535)")
    bench.lid(is_open=True)
    assert bench.lights()["leds"]["led_365"] == 0.0
    repl.run("time.sleep_ms(10); shoot(100); finish()")
    assert window(repl).mean() > 30
    bench.lid(is_open=False)
    assert bench.lights()["leds"]["led_365"] == pytest.approx(1.0, abs=0.01)
    assert (
        repl.run("time.sleep_ms(10); leds[14].duty_u16(0); lid.irq(None); print(len(edges) > 4, lid.value())")
        == "True 0"
    )


def test_magnet_current_and_temperature_on_the_adc(bench: Bench, repl: Repl) -> None:
    script = """
a, b = PWM(Pin(24), freq=20000, duty_u16=0), PWM(Pin(25), freq=20000, duty_u16=0)
a.duty_u16(32768); time.sleep_ms(100)
print(round(ADC(26).read_u16() * 3300 / 65535 / 2), ADC(27).read_u16())
a.duty_u16(0); time.sleep_ms(100)
print(ADC(26).read_u16())
"""
    current, ntc, off = map(int, repl.run(script).split())
    assert current == pytest.approx(375, abs=2)
    assert ntc == pytest.approx(32768, rel=0.01), "25 Celsius: the NTC equals its pull-up"
    assert off < 100


def test_a_release_draws_the_next_field(bench: Bench, repl: Repl, tmp_path: Path) -> None:
    fields = np.zeros((2, 4, 244, 316), np.float32)
    fields[0, 0], fields[1, 0] = 50.0, 100.0
    np.savez(tmp_path / "two.npz", fields=fields, meta=json.dumps({"spillover_included": False}))
    assert bench.specimen(tmp_path / "two.npz") == 2
    cycle = """
a.duty_u16(40000); time.sleep_ms(400); a.duty_u16(0)
for i in range(8):
    (b, a)[i % 2].duty_u16(36000 - 4000 * i); time.sleep_ms(30); (b, a)[i % 2].duty_u16(0)
"""
    seen = []
    for _ in range(3):
        repl.run("leds[14].duty_u16(32768); shoot(400); finish(); leds[14].duty_u16(0)")
        seen.append(window(repl).mean() - 16)
        repl.run(cycle)
    bench.specimen(None)
    assert seen == pytest.approx([50, 100, 4], abs=0.5)


def test_clock_on_the_i2c_bus(bench: Bench, repl: Repl) -> None:
    bench.clock("2025-03-01T09:30:00")
    assert (
        repl.run("print(i2c.readfrom_mem(0x68, 1, 6).hex(), i2c.readfrom_mem(0x68, 15, 1)[0] >> 7)")
        == "300906010325 0"
    )


def test_flash_takes_its_time(bench: Bench, repl: Repl) -> None:
    script = """
flash = rp2.Flash()
def took(f):
    t = time.ticks_us(); f(); return time.ticks_diff(time.ticks_us(), t)
page = b"\\0" * 256
print(took(lambda: flash.ioctl(6, 300)), took(lambda: flash.writeblocks(300, page, 0)))
"""
    erase, program = map(int, repl.run(script).split())
    assert 45_000 <= erase < 47_000 and 400 <= program < 1_500
    bench.flash_times("maximum")
    erase, program = map(int, repl.run(script).split())
    assert 400_000 <= erase < 402_000 and 3_000 <= program < 4_500
    bench.flash_times("typical")


def test_the_glass_shows_what_was_sent(bench: Bench, repl: Repl) -> None:
    repl.run("""
spi, dc, cs = SPI(0, 31250000, sck=Pin(18), mosi=Pin(19)), Pin(16, Pin.OUT), Pin(17, Pin.OUT, value=1)
def send(command, data=b""):
    cs(0); dc(0); spi.write(bytes((command,))); dc(1)
    if data: spi.write(data)
    cs(1)
send(1); send(0x11); send(0x36, b"\\xa8"); send(0x3A, b"\\x05"); send(0x29)
send(0x2A, bytes((0, 10, 0, 11))); send(0x2B, bytes((0, 5, 0, 5))); send(0x2C, b"\\xf8\\x00\\x07\\xe0")
""")
    picture = bench.screen()
    pixels = np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)
    assert (picture.width, picture.height) == (160, 128)
    assert pixels[5, 10].tolist() == [255, 0, 0] and pixels[5, 11].tolist() == [0, 255, 0]
    assert not pixels[5, 12].any()


def test_uart_and_scanner(bench: Bench, repl: Repl) -> None:
    repl.run("link, scanner = UART(0, 115200, tx=Pin(12), rx=Pin(13)), UART(1, 9600, rx=Pin(21), tx=Pin(20))")
    with serial.Serial(bench.entry.uart, timeout=60) as line:
        line.write(b"ping")
        assert (
            repl.run("time.sleep_ms(20); d = link.read(); link.write(d + bytes(range(100))); print(d)")
            == "b'ping'"
        )
        assert line.read(104) == b"ping" + bytes(range(100))
    bench.scan("T-0042")
    assert repl.run("time.sleep_ms(50); print(scanner.read())") == "b'T-0042\\r'"


def test_trace_orders_light_and_sensor(bench: Bench, repl: Repl) -> None:
    bench.trace(on=True)
    repl.run("leds[14].duty_u16(32768); shoot(100); finish(); leds[14].duty_u16(0)")
    events = [(event["what"], event["value"]) for event in bench.trace(on=False)]
    assert [what for what, _ in events] == ["led_365", "row 0 reset", "frame", "frame", "led_365"]
    assert events[0][1] == pytest.approx(0.5, abs=0.01) and events[-1][1] == 0


def test_the_button_bounces_and_is_held_as_long_as_asked(bench: Bench, repl: Repl) -> None:
    repl.run("""
times = []
button = Pin(29, Pin.IN)
button.irq(lambda pin: times.append((time.ticks_us(), pin.value())) if len(times) < 60 else None)
""")
    bench.button(200)
    held, edges = map(
        float,
        repl.run("""
time.sleep_ms(300)
button.irq(None)
print(time.ticks_diff(times[-1][0], times[0][0]) / 1000, len(times))
""").split(),
    )
    assert 200 <= held <= 204 and edges >= 6


def test_reset_power_and_boot_drive(bench: Bench, repl: Repl) -> None:
    """The last that uses the module's REPL: it takes it away."""
    repl.start("import machine; machine.reset()")
    end = time.monotonic() + 120
    with pytest.raises((OSError, serial.SerialException)):  # the port is gone under whoever has it open
        while time.monotonic() < end:
            repl.poll()
    bench.wait_port()
    bench.power(on=False)
    assert bench.entry.port is None and not any(bench.screen().rgb)
    bench.power(on=True)
    repl = Repl(bench.wait_port())
    assert (
        repl.run("import machine, rp2; print(machine.reset_cause(), rp2.Flash().ioctl(4, 0) > 0)") == "1 True"
    )
    repl.start("import machine; machine.bootloader()")
    drive = bench.wait_boot()
    assert bench.entry.port is None and bench.entry.vid == 0x2E8A
    shutil.copy(IMAGE, drive)
    bench.wait_port()
    assert not drive.exists() and bench.entry.serial == SERIAL


def test_benches_live_side_by_side_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "registry"
    monkeypatch.setenv("CTC_BENCH_DIR", str(folder))
    with Bench("one", state=tmp_path / "state") as one, Bench("two", idle_timeout=10.0) as two:
        assert [entry.name for entry in benches()] == ["one", "two"]
        assert one.wait_boot() != two.wait_boot(), "blank flash: both wait in their boot drives"
        with pytest.raises(BenchError, match="already running"):
            Bench("one").start()
        with pytest.raises(BenchError, match="not on USB"):
            _ = one.port
        end = time.monotonic() + 120
        while len(benches()) == 2 and time.monotonic() < end:
            time.sleep(0.1)
        assert [entry.name for entry in benches()] == ["one"], "nobody used it: it ended by itself"
        one.down()
        assert not folder.exists() and (tmp_path / "state" / "flash.bin").stat().st_size == 2 << 20
