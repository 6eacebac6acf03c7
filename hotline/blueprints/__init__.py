"""The doors people come through: read the request, call one service, draw."""
