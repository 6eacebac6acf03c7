"""Doors for what happens later: fetch by id, call one service, safe to run twice. `rows` names all that may run."""
