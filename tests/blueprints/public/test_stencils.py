"""Pages drawn once."""

import gzip

import pytest

from hotline.blueprints.public.stencils import Stencil, Stock, gap


def test_gaps_are_filled_escaped_and_in_order():
    page = Stencil(f"<p>{gap('a')}</p><i>{gap('b')}</i>", "a", "b")

    assert page.plain("<1>", "ខ្មែរ").decode() == "<p>&lt;1&gt;</p><i>ខ្មែរ</i>"


@pytest.mark.parametrize("value", ["", "x", "a" * 60_000])
def test_the_compressed_page_is_one_good_gzip_member(value: str):
    page = Stencil(f"{'long text ' * 5000}{gap('a')}{'more ' * 5000}", "a")

    assert gzip.decompress(page.gzipped(value)) == page.plain(value)
    assert len(page.gzipped(value)) < len(value) + 500


def test_a_page_without_its_gap_is_refused():
    with pytest.raises(ValueError, match="no gap for token"):
        Stencil("<p></p>", "token")


def test_a_page_is_drawn_once_for_each_key():
    stock = Stock()
    drawn = []

    def draw() -> Stencil:
        drawn.append(1)
        return Stencil("x")

    assert stock.get("a", draw) is stock.get("a", draw)
    assert len(drawn) == 1
