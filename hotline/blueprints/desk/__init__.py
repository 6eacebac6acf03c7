"""The desk: for analysts, reviewers and those who lead them."""
