"""Pictures that a phone scans: the path draws every module where the standard has it."""

import re

import segno

from hotline.blueprints.desk import qr

SAID = "otpauth://totp/Desk:A-03?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Desk"


def test_the_path_is_black_where_the_code_is() -> None:
    picture = qr.draw(SAID)

    bars = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", picture.path)
    black = {(int(x) + at, int(y)) for x, y, length in bars for at in range(int(length))}
    rows = enumerate(segno.make(SAID, error="m", micro=False).matrix_iter(border=qr.MARGIN))
    assert black == {(x, y) for y, row in rows for x, module in enumerate(row) if module}
    assert "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in bars) == picture.path


def test_there_is_white_around_it() -> None:
    picture = qr.draw(SAID)

    columns = [int(x) for x in re.findall(r"M(\d+) ", picture.path)]
    assert min(columns) == qr.MARGIN
    assert picture.size == len(segno.make(SAID, error="m", micro=False).matrix) + 2 * qr.MARGIN
