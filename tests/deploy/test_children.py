"""What forks of the supervisor share: memory that none of them needs to copy."""

import subprocess
import sys

GAPS = """
from deploy import children

libc = children._libc
libc.free.argtypes = (children.ctypes.c_void_p,)
taken = [libc.malloc(size) for size in (24, 200, 1000, 5000) for _ in range(2000)]
for address in taken[::2]:
    libc.free(address)
end = libc.sbrk(0)

children._close_gaps()

print(sum(libc.malloc(size) < end for size in (24, 200, 1000, 5000) for _ in range(500)))
"""


def test_no_gap_is_left_that_a_fork_would_write_into() -> None:
    done = subprocess.run([sys.executable, "-c", GAPS], capture_output=True, text=True, check=True)

    assert done.stdout == "0\n"
