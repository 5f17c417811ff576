"""Generated frames: what they show, and which are read."""

from itertools import product

import pytest
from PIL import ImageChops

from bench.frames.conditions import CONDITIONS
from bench.frames.phone import Phone, Reading, find_in_python
from bench.frames.rates import PYTHON, Cell, gain, rate, read_all, read_in_python, smallest
from bench.frames.scene import HEIGHT, WIDTH, Condition, frame, hand_over
from bench.frames.variants import OURS, VARIANTS, Variant

BY_NAME = {condition.name: condition for condition in CONDITIONS}


def cells(variant: Variant, names: str, sides: tuple[int, ...], samples: int = 4) -> list[Cell]:
    return [
        cell
        for name, side in product(names.split(), sides)
        for cell in read_all(read_in_python, (variant,), (PYTHON,), BY_NAME[name], side, samples)
    ]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_frame_is_the_same_every_time_and_another_for_another_sample(condition: Condition) -> None:
    _, picture = OURS.picture(1)
    once, again, other = (frame(picture, 150, condition, sample) for sample in (1, 1, 2))
    assert once.size == (WIDTH, HEIGHT)
    assert once.tobytes() == again.tobytes()
    assert once.tobytes() != other.tobytes()


def test_two_variants_stand_in_the_same_scene() -> None:
    side, sample = 150, 1
    frames = [frame(variant.picture(1)[1], side, BY_NAME["mixed"], sample) for variant in VARIANTS[:2]]
    box = ImageChops.difference(*frames).point(lambda level: 255 * (level > 40)).getbbox()
    assert box
    left, top, right, bottom = box
    assert max(right - left, bottom - top) < 1.5 * side


@pytest.mark.parametrize("condition", ["clean", "dim", "blur", "rotated", "tilted", "jpeg", "moire"])
def test_the_ticket_is_read_where_it_is_220_pixels_wide(condition: str) -> None:
    assert rate(cells(OURS, condition, (220,))) == 1


def test_a_clean_ticket_is_read_from_120_pixels_and_at_80_it_is_not_found() -> None:
    measured = cells(OURS, "clean", (80, 120, 180))
    assert [rate([cell]) for cell in measured] == [0, 1, 1]
    assert smallest(measured) == 120


def test_no_side_is_claimed_that_larger_ones_do_not_bear_out() -> None:
    read, missed = (True,) * 20, (True,) * 18 + (False,) * 2
    sides = [Cell("", "", "", side, reads, 0) for side, reads in ((100, read), (120, missed), (140, read))]
    assert smallest(sides) == 140
    assert smallest(sides[:2]) is None


def test_a_text_that_is_not_the_ticket_s_stops_the_measure() -> None:
    with pytest.raises(ValueError, match="was read as nothing of ours"):
        read_all(lambda picture, way: Reading("nothing of ours", 0), (OURS,), (PYTHON,), BY_NAME["clean"], 150, 1)


def test_the_door_reads_what_zxing_cpp_reads() -> None:
    pictures = [
        hand_over(frame(OURS.picture(sample)[1], 140, condition, sample)) for sample, condition in enumerate(CONDITIONS)
    ]
    with Phone() as phone:
        read = [phone.read(picture).text for picture in pictures]
    agreed = sum(text == find_in_python(picture) for text, picture in zip(read, pictures, strict=True))
    assert agreed >= len(pictures) - 1
    assert 0 < sum(text is not None for text in read) < len(pictures)


@pytest.mark.parametrize(("name", "side"), [("quiet zone of 4", 110), ("8-Q", 120), ("base64url, 8-M", 120)])
def test_smaller_modules_in_the_same_side_are_read_less_often(name: str, side: int) -> None:
    [other] = [variant for variant in VARIANTS if variant.name == name]
    condition = "clean rotated jpeg"
    lead, error = gain(cells(OURS, condition, (side,)), over=cells(other, condition, (side,)))
    assert lead > error
