"""The public site without limits by network, to measure what these cost. Never to be served: `bench.limits` does."""

from hotline import create_app
from hotline.extensions import limiter
from hotline.vocabulary import Surface

app = create_app(Surface.PUBLIC)
limiter.enabled = False
