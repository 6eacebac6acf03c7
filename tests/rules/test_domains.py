import pytest

from hotline.rules.domains import registrable


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.example", "b.example"),
        ("b.example", "b.example"),
        ("B.Example.", "b.example"),
        ("www.name.com.kh", "name.com.kh"),
        ("name.com.kh", "name.com.kh"),
        ("com.kh", "com.kh"),
        ("a.name.edu.kh", "name.edu.kh"),
        ("a.name.co.uk", "name.co.uk"),
        ("a.xn--j2e0cg3n2c.example", "xn--j2e0cg3n2c.example"),
        ("a.name.xn--55qx5d.cn", "name.xn--55qx5d.cn"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1"),
        ("abc.onion", "abc.onion"),
        ("www.abc.onion", "abc.onion"),
        ("localhost", "localhost"),
        ("", ""),
        ("a..example", "a..example"),
    ],
)
def test_registrable(host, expected):
    assert registrable(host) == expected


def test_registrable_does_not_take_a_platforms_customer_for_a_domain():
    assert registrable("someone.github.io") == "github.io"
